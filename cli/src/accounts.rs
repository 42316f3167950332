//! `portal accounts`: what becomes of citizens' accounts when a provider goes.

use std::process::ExitCode;

use clap::Subcommand;
use portal::moves::{self, Retiring};
use serde_json::json;

use crate::{
    args::{Format, Town},
    print::{Failure, plural, say},
    serve::clock,
    staff::open,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say which accounts of a provider that goes will be told and deleted, and change nothing: the running portal does it
    Retiring {
        /// Folder name of the town
        tenant: String,
        #[command(flatten)]
        town: Town,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

pub fn accounts(command: Command) -> Result<ExitCode, Failure> {
    let Command::Retiring { tenant, town, format } = command;
    let now = clock(town.place.now.as_deref())?.now();
    let (tenant, room) = open(&tenant, town)?;
    let retiring = room.runtime.block_on(async {
        let mut tx = room.store.for_tenant(&tenant).read().await?;
        moves::retiring(&mut tx, &tenant, now).await
    });
    let retiring = retiring.map_err(Failure::could_not_run)?;
    match format {
        Format::Json => say!("{}", json!({"town": tenant.id.as_str(), "at": now.to_string(), "providers": retiring})),
        Format::Text if retiring.is_empty() => say!("no provider of `{}` goes", tenant.id),
        Format::Text => retiring.iter().for_each(tell),
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(of: &Retiring) {
    let accounts = |number: u64| plural(number as usize, "account");
    say!("{} → {}: {}, last day {}", of.from, of.to, of.stage, of.last_day);
    say!("  {}, {} taken over", accounts(of.accounts), of.moved);
    say!("  {} not told yet: a mail goes out in the last 14 days", accounts(of.not_told));
    say!("  {} would be deleted now", accounts(of.due));
    say!("  {} with open cases: these stay in the town hall, answers go by post", accounts(of.with_open_cases));
}
