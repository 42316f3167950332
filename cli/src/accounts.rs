//! `portal accounts`: what becomes of citizens' accounts when a provider goes, and help for whoever has lost their telephone.

use std::process::ExitCode;

use clap::Subcommand;
use jiff::Timestamp;
use portal::{
    identity::local::{self, Removed},
    moves::{self, Retiring},
    store,
};
use serde_json::json;

use crate::{
    args::{Format, Town},
    print::{self, Failure, plural, say},
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
    /// Take the app for codes out of an account of the portal's own, for somebody whose telephone is gone; logins end at once
    RemoveApp {
        /// Folder name of the town
        tenant: String,
        /// What the person logs in with
        name: String,
        /// Who has seen which ID; it stands in the trail
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        town: Town,
    },
}

pub fn accounts(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Retiring { tenant, town, format } => retiring(&tenant, town, format),
        Command::RemoveApp { tenant, name, reason, town } => remove_app(&tenant, &name, &reason, town),
    }
}

fn remove_app(tenant: &str, name: &str, reason: &str, town: Town) -> Result<ExitCode, Failure> {
    if reason.trim().is_empty() {
        return Err(
            Failure::could_not_run("`--reason` is empty").hint("say who has seen which ID: it stands in the trail")
        );
    }
    let now: Timestamp = clock(town.place.now.as_deref())?.now();
    let (tenant, room) = open(tenant, town)?;
    let Some(provider) = local::provider_of(&tenant) else {
        let none = Failure::could_not_run(format!("`{}` has no accounts of the portal's own today", tenant.id));
        return Err(none.hint("apps of other accounts are their providers' business"));
    };
    let removed = room.runtime.block_on(async {
        let mut tx = room.store.for_tenant(&tenant).write().await?;
        let removed = local::remove_lost_app(&mut tx, provider, name, reason.trim(), now).await?;
        if removed == Removed::Done {
            tx.commit().await?;
        }
        Ok::<_, store::Error>(removed)
    });
    let refused = |message: String, hint: &str| Err(Failure { code: 1, ..Failure::could_not_run(message).hint(hint) });
    match removed.map_err(Failure::could_not_run)? {
        Removed::Done => {
            print::done("the app is removed, all logins have ended, a mail tells the person");
            Ok(ExitCode::SUCCESS)
        }
        Removed::NoAccount => refused(
            format!("nobody logs in to `{}` with this name", tenant.id),
            "the person finds it in a mail of `/passwort-vergessen`",
        ),
        Removed::NoApp => {
            refused("this account asks for no code".into(), "a forgotten password is set anew at `/passwort-vergessen`")
        }
    }
}

fn retiring(tenant: &str, town: Town, format: Format) -> Result<ExitCode, Failure> {
    let now = clock(town.place.now.as_deref())?.now();
    let (tenant, room) = open(tenant, town)?;
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
    say!("  {} would be deleted now, {} after the end unless somebody takes them over", accounts(of.due), of.will_go);
    say!("  {} with open cases: these stay in the town hall, answers go by post", accounts(of.with_open_cases));
}
