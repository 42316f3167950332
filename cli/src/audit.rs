//! `portal audit`: what stands in the trail of deeds, and whether it is whole.

use std::process::ExitCode;

use clap::Subcommand;
use portal::{
    audit::{self, Broken, Shown, Verified},
    store::{self, PlatformStore},
};
use serde_json::{Value, json};

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
    /// Read the trail of a town; what is sealed in it is opened
    Show {
        /// Folder name of the town
        id: String,
        /// So many entries at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        last: u32,
        /// Only what was done to this account, case or provider, or by this person
        #[arg(long, value_name = "ID")]
        about: Option<String>,
        #[command(flatten)]
        room: DataRoom,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

/// What the look at each town said.
type Looked = Vec<(String, Result<Verified, Broken>)>;

pub fn audit(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Verify { ids, room, format } => look(ids, &room, format),
        Command::Show { id, last, about, room, format } => show(&id, last, about.as_deref(), &room, format),
    }
}

fn show(id: &str, last: u32, about: Option<&str>, room: &DataRoom, format: Format) -> Result<ExitCode, Failure> {
    let room = room::open(&room.room, &room.data)?;
    let platform = room.store.platform();
    let shown = room.runtime.block_on(async {
        known(&platform, &[id.to_owned()]).await?;
        let mut tx = platform.remains_of(id).read().await.map_err(lost)?;
        audit::show(&mut tx, about, last).await.map_err(|error| lost_of(id, error))
    })?;
    match format {
        Format::Json => say!("{}", json!({"tenant": id, "entries": shown})),
        Format::Text => print::table(&shown.iter().map(as_line).collect::<Vec<_>>()),
    }
    Ok(ExitCode::SUCCESS)
}

fn as_line(entry: &Shown) -> Vec<String> {
    let actor = entry.actor_id.map_or_else(|| entry.actor.clone(), |id| format!("{} {id}", entry.actor));
    let details = match &entry.details {
        None => "cannot be opened".to_owned(),
        Some(Value::Null) => String::new(),
        Some(details) => details.to_string(),
    };
    let (subject, at) = (entry.subject.clone().unwrap_or_default(), entry.at.strftime("%FT%TZ").to_string());
    vec![entry.seq.to_string(), at, actor, entry.deed.clone(), subject, details]
}

fn look(ids: Vec<String>, room: &DataRoom, format: Format) -> Result<ExitCode, Failure> {
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
    let known = known(platform, &ids).await?;
    let mut looked = Looked::new();
    for id in if ids.is_empty() { known } else { ids } {
        let mut tx = platform.remains_of(&id).read().await.map_err(lost)?;
        let found = audit::verify(&mut tx).await.map_err(|error| lost_of(&id, error))?;
        looked.push((id, found));
    }
    Ok(looked)
}

/// Towns that have data, among them these.
async fn known(platform: &PlatformStore, ids: &[String]) -> Result<Vec<String>, Failure> {
    let known = platform.towns().await.map_err(Failure::could_not_run)?;
    if let Some(id) = ids.iter().find(|id| !known.contains(id)) {
        return Err(Failure::could_not_run(format!("`{id}` has no data here")).hint(match known.as_slice() {
            [] => "no town has any".to_owned(),
            known => format!("there are {}", print::quoted(known)),
        }));
    }
    Ok(known)
}

fn lost(error: store::Error) -> Failure {
    Failure::could_not_run(error)
}

fn lost_of(id: &str, error: store::Error) -> Failure {
    Failure::could_not_run(format!("the chain of `{id}` cannot be read: {error}"))
        .hint("`--master-key` names the key under which the portal runs")
}

fn as_json((tenant, found): &(String, Result<Verified, Broken>)) -> Value {
    let broken = found.as_ref().err().map(|broken| json!({"entry": broken.seq, "message": broken.to_string()}));
    let whole = found.as_ref().ok();
    json!({
        "tenant": tenant, "entries": whole.map(|whole| whole.entries), "head": whole.map(|whole| &whole.head), "broken": broken
    })
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
