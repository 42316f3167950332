//! `portal jobs`: what waits, what failed for good, and what is to become of it.

use std::process::ExitCode;

use clap::Subcommand;
use portal::{
    clock::{Clock, local_zone},
    jobs::desk::{self, Counts, Listed},
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
    /// List jobs that failed for good
    List {
        /// Also those that wait or run
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        room: DataRoom,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Try a job again that failed for good
    Retry {
        id: Uuid,
        #[command(flatten)]
        room: DataRoom,
    },
    /// Give a job up
    Drop {
        id: Uuid,
        #[command(flatten)]
        room: DataRoom,
    },
}

/// More than anybody reads.
const MOST: i64 = 1000;

pub fn jobs(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List { all, room, format } => {
            let room = room::open(&room.room, &room.data)?;
            let counts = room.runtime.block_on(desk::count(&room.store.platform())).map_err(lost)?;
            let listed = room.runtime.block_on(desk::list(&room.store.platform(), all, MOST)).map_err(lost)?;
            match format {
                Format::Json => say!("{}", json!({"counts": counts, "jobs": listed})),
                Format::Text => tell(&counts, &listed),
            }
            Ok(if counts.dead == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
        Command::Retry { id, room } => {
            let room = room::open(&room.room, &room.data)?;
            let platform = room.store.platform();
            let retried = desk::retry(&platform, id, Clock::default().now());
            match room.runtime.block_on(retried).map_err(lost)? {
                true => Ok(said(&format!("`{id}` is tried again within seconds"))),
                false => Err(missing(&format!("no job `{id}` has failed for good"))),
            }
        }
        Command::Drop { id, room } => {
            let room = room::open(&room.room, &room.data)?;
            match room.runtime.block_on(desk::drop(&room.store.platform(), id)).map_err(lost)? {
                true => Ok(said(&format!("`{id}` is gone and was not done"))),
                false => Err(missing(&format!("there is no job `{id}`, or it is being done right now"))),
            }
        }
    }
}

fn tell(counts: &Counts, listed: &[Listed]) {
    say!("{} waiting, {} running, {} dead", counts.waiting, counts.running, counts.dead);
    if listed.is_empty() {
        return;
    }
    let mut rows = vec![["job", "town", "kind", "state", "attempts", "next", "last error"].map(str::to_owned).to_vec()];
    rows.extend(listed.iter().map(|job| {
        let next = job.run_at.to_zoned(local_zone()).strftime("%Y-%m-%d %H:%M").to_string();
        vec![
            job.id.to_string(),
            job.tenant.clone(),
            job.kind.clone(),
            job.state.clone(),
            job.attempts.to_string(),
            if job.state == "dead" { "–".into() } else { next },
            job.last_error.clone().unwrap_or_else(|| "–".into()),
        ]
    }));
    print::table(&rows);
}

fn said(message: &str) -> ExitCode {
    print::done(message);
    ExitCode::SUCCESS
}

fn missing(message: &str) -> Failure {
    Failure { code: 1, ..Failure::could_not_run(message).hint("`portal jobs list --all` names them") }
}

fn lost(error: store::Error) -> Failure {
    Failure::could_not_run(error)
}
