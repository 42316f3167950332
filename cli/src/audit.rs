//! `portal audit`: whether the trail of deeds is whole.

use std::process::ExitCode;

use clap::Subcommand;
use portal::{
    audit::{self, Broken, Verified},
    store::{self, PlatformStore},
};
use serde_json::json;

use crate::{
    args::{DataRoom, Format},
    print::{self, Failure, say},
    room,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Name the first entry of each town that was changed, removed or moved
    Verify {
        /// Folder names of towns [default: all that have data]
        #[arg(value_name = "TENANT")]
        ids: Vec<String>,
        #[command(flatten)]
        room: DataRoom,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

/// What the look at each town said.
type Looked = Vec<(String, Result<Verified, Broken>)>;

pub fn audit(command: Command) -> Result<ExitCode, Failure> {
    let Command::Verify { ids, room, format } = command;
    let room = room::open(&room.room, &room.data)?;
    let looked = room.runtime.block_on(verify(&room.store.platform(), ids))?;
    match format {
        Format::Json => say!("{}", json!({"tenants": looked.iter().map(as_json).collect::<Vec<_>>()})),
        Format::Text if looked.is_empty() => say!("no town has done anything yet"),
        Format::Text => print::table(&looked.iter().map(as_row).collect::<Vec<_>>()),
    }
    let is_whole = looked.iter().all(|(_, found)| found.is_ok());
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Towns that have data, also those whose folder is gone.
async fn verify(platform: &PlatformStore, ids: Vec<String>) -> Result<Looked, Failure> {
    let known = platform.tenants().await.map_err(lost)?;
    if let Some(id) = ids.iter().find(|id| !known.contains(id)) {
        return Err(Failure::could_not_run(format!("`{id}` has no data here")).hint(match known.as_slice() {
            [] => "no town has any".to_owned(),
            known => format!("there are {}", print::quoted(known)),
        }));
    }
    let mut looked = Looked::new();
    for id in if ids.is_empty() { known } else { ids } {
        let mut tx = platform.remains_of(&id).read().await.map_err(lost)?;
        let found = audit::verify(&mut tx).await.map_err(|error| lost_of(&id, error))?;
        looked.push((id, found));
    }
    Ok(looked)
}

fn lost(error: store::Error) -> Failure {
    Failure::could_not_run(error)
}

fn lost_of(id: &str, error: store::Error) -> Failure {
    Failure::could_not_run(format!("the chain of `{id}` cannot be read: {error}"))
        .hint("`--master-key` names the key under which the portal runs")
}

fn as_json((tenant, found): &(String, Result<Verified, Broken>)) -> serde_json::Value {
    let broken = found.as_ref().err().map(|broken| json!({"entry": broken.seq, "message": broken.to_string()}));
    json!({"tenant": tenant, "entries": found.ok().map(|whole| whole.entries), "broken": broken})
}

fn as_row((tenant, found): &(String, Result<Verified, Broken>)) -> Vec<String> {
    let (state, what) = match found {
        Ok(whole) => {
            ("whole", if whole.entries == 1 { "1 entry".into() } else { format!("{} entries", whole.entries) })
        }
        Err(broken) => ("broken", broken.to_string()),
    };
    vec![tenant.clone(), state.to_owned(), what]
}
