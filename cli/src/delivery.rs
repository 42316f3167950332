//! `portal delivery`: packages that have not arrived at a back office.

use std::process::ExitCode;

use clap::Subcommand;
use portal::{
    audit::Actor,
    clock::{Clock, local_zone},
    delivery::{self, Delivery},
    store,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    args::{DataRoom, Format},
    print::{self, Failure, say},
    room,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List packages that no back office took
    List {
        /// Also those on their way
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        room: DataRoom,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Try a package again that was not taken
    Retry {
        /// Folder name of the town
        tenant: String,
        id: Uuid,
        #[command(flatten)]
        room: DataRoom,
    },
}

/// More than anybody reads, of one town.
const MOST: i64 = 1000;

pub fn delivery(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List { all, room, format } => {
            let room = room::open(&room.room, &room.data)?;
            let listed = room.runtime.block_on(list(&room.store, all)).map_err(Failure::could_not_run)?;
            match format {
                Format::Json => say!("{}", json!({"deliveries": listed.iter().map(as_json).collect::<Vec<_>>()})),
                Format::Text => tell(&listed),
            }
            let failed = listed.iter().any(|(_, delivery)| delivery.state == delivery::State::Failed);
            Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
        }
        Command::Retry { tenant, id, room } => {
            let room = room::open(&room.room, &room.data)?;
            match room.runtime.block_on(retry(&room.store, &tenant, id)).map_err(Failure::could_not_run)? {
                true => {
                    print::done(&format!("`{id}` is tried again within seconds"));
                    Ok(ExitCode::SUCCESS)
                }
                false => {
                    let none = Failure::could_not_run(format!("no package `{id}` of `{tenant}` has failed"));
                    Err(Failure { code: 1, ..none.hint("`portal delivery list` names them") })
                }
            }
        }
    }
}

async fn list(store: &store::Store, all: bool) -> store::Result<Vec<(String, Delivery)>> {
    let platform = store.platform();
    let mut listed = Vec::new();
    for town in platform.tenants().await? {
        let mut tx = platform.remains_of(&town).read().await?;
        let found = delivery::not_delivered(&mut tx, all, MOST).await?;
        listed.extend(found.into_iter().map(|delivery| (town.clone(), delivery)));
    }
    Ok(listed)
}

async fn retry(store: &store::Store, town: &str, id: Uuid) -> store::Result<bool> {
    let platform = store.platform();
    // asking for the key of a town that is none would make one
    if !platform.tenants().await?.iter().any(|known| known == town) {
        return Ok(false);
    }
    let mut tx = platform.remains_of(town).write().await?;
    let retried = delivery::retry(&mut tx, id, Actor::Operator, Clock::default().now()).await?;
    tx.commit().await?;
    Ok(retried)
}

fn as_json((town, delivery): &(String, Delivery)) -> serde_json::Value {
    json!({
        "id": delivery.id,
        "town": town,
        "number": delivery.number,
        "destination": delivery.destination,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "ordered": delivery.created.to_string(),
        "tried": delivery.tried.map(|at| at.to_string()),
        "last_error": delivery.last_error,
    })
}

fn tell(listed: &[(String, Delivery)]) {
    if listed.is_empty() {
        say!("every package has arrived");
        return;
    }
    let head = ["package", "town", "case", "destination", "state", "attempts", "tried", "last error"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(listed.iter().map(|(town, delivery)| {
        let tried = delivery.tried.map(|at| at.to_zoned(local_zone()).strftime("%Y-%m-%d %H:%M").to_string());
        vec![
            delivery.id.to_string(),
            town.clone(),
            delivery.number.clone(),
            delivery.destination.clone(),
            delivery.state.word().to_owned(),
            delivery.attempts.to_string(),
            tried.unwrap_or_else(|| "–".into()),
            delivery.last_error.clone().unwrap_or_else(|| "–".into()),
        ]
    }));
    print::table(&rows);
}
