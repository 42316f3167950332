//! Files that people hand over: judged by their content while they come in, sealed in chunks, scanned for viruses, handed
//! out to be saved and never to be shown.
//!
//! Invariant: an object in the store opens only with the key in its row, and the row is the only way to it. What nobody
//! has scanned is never called clean, and what a scanner found something in nobody gets any more.

#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod gather;
mod hand_over;
mod judge;
mod parcel;
mod pdf;
mod place;
mod records;
pub mod scanner;
mod sweep;
mod verify;
mod view;

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use poem::http::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use gather::{Packed, gather, name_in};
pub use hand_over::{hand_over, saved};
pub use judge::{Judge, Kind, Refusal};
pub use parcel::{Arrived, Parcel, clear_up, sorted};
pub use place::{FILES_FOLDER, Files, FilesError, NewFile, Still};
pub(crate) use records::STATEMENTS;
pub use sweep::{Swept, count, sweep};
pub use verify::{Verified, verify};
pub use view::{complaint, kind_name, nothing_yet, once_more, size, upload, views};

use crate::{
    crypto::FileKey,
    jobs::{self, Order},
    store::{Result, Tx},
    web::front_door::{Room, RoomFor},
};

/// What a file belongs to, and goes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Draft(Uuid),
    Case(Uuid),
    Message(Uuid),
}

/// Requests that may bring files get room and time for them; whether files are taken from whoever asks their doors say.
pub fn room(largest: u64) -> RoomFor {
    const PLACES: [&str; 4] = ["antraege", "vorgaenge", "postkorb", "verwaltung"];
    // what is too large is read to its end, so that what else was typed comes back with a complaint
    let room = Room { bytes: largest.saturating_mul(20), total: Duration::from_secs(900) };
    Arc::new(move |method, path| {
        // `/postkorb/neu`, `/en/postkorb/neu`
        let mut parts = path.split('/').skip(1).skip_while(|part| part.len() == 2);
        let is_place = match parts.next() {
            // a guest's number and code stand in the body
            Some("vorgang-abfragen") => true,
            Some(part) => PLACES.contains(&part) && parts.next().is_some(),
            None => false,
        };
        (method == Method::POST && is_place).then_some(room)
    })
}

/// A file that lies in the store.
#[derive(Debug, Clone)]
pub struct File {
    pub id: Uuid,
    pub owner: Owner,
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    pub state: State,
    pub at: Timestamp,
    pub details: Details,
}

/// What is known of a file and is nobody else's business.
#[derive(Clone, Serialize, Deserialize)]
pub struct Details {
    /// As it came, without a path and with an ending that fits its content.
    pub name: String,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
    pub key: FileKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// For the scanner.
    Waiting,
    Clean,
    Infected,
    /// There was no scanner when it came.
    Unscanned,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Clean => "clean",
            Self::Infected => "infected",
            Self::Unscanned => "unscanned",
        }
    }

    /// Whether it is packed with others: found clean, or it came when there was no scanner.
    pub fn goes_out(self) -> bool {
        match self {
            Self::Clean | Self::Unscanned => true,
            Self::Waiting | Self::Infected => false,
        }
    }

    fn of_word(word: &str) -> Self {
        match word {
            "clean" => Self::Clean,
            "infected" => Self::Infected,
            "unscanned" => Self::Unscanned,
            _ => Self::Waiting,
        }
    }
}

/// The kind of job that scans one file.
pub const SCAN: &str = "scan-file";
/// The kind of job that takes objects out of the store whose rows are gone.
pub const REMOVE: &str = "remove-files";

#[derive(Debug, Serialize, Deserialize)]
struct Scan {
    file: Uuid,
}

#[derive(Debug, Serialize, Deserialize)]
struct Remove {
    files: Vec<Uuid>,
}

/// A file that came in gets its row, in the transaction of the deed it belongs to. Without this it is gone after a day.
pub async fn keep(tx: &mut Tx, files: &Files, owner: Owner, new: &NewFile, now: Timestamp) -> Result<()> {
    let state = if files.scanner().is_some() { State::Waiting } else { State::Unscanned };
    records::add(tx, owner, new, state, now).await?;
    if state == State::Waiting {
        ask_for_a_scan(tx, new.id, now).await?;
    }
    Ok(())
}

/// While a job is at it nothing is ordered; a scanner that is away for longer than the attempts of one gets another.
async fn ask_for_a_scan(tx: &mut Tx, file: Uuid, now: Timestamp) -> Result<bool> {
    let once = Some((&file.as_bytes()[..], jobs::LASTS));
    Ok(jobs::enqueue(tx, now, Order { kind: SCAN, payload: &Scan { file }, run_at: now, once }).await?.is_some())
}

/// All files of an owner, the first one first.
pub async fn of(tx: &mut Tx, owner: Owner) -> Result<Vec<File>> {
    records::of(tx, owner).await
}

/// Those of a draft in which the scanner found something.
pub async fn infected(tx: &mut Tx, draft: Uuid) -> Result<Vec<Uuid>> {
    records::infected(tx, draft).await
}

/// Those of all messages of a thread.
pub async fn of_thread(tx: &mut Tx, thread: Uuid) -> Result<Vec<File>> {
    records::of_thread(tx, thread).await
}

pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<File>> {
    records::get(tx, id).await
}

/// At submission: files of a draft that are part of the application become the case's. The others go with the draft.
pub async fn move_to_case(tx: &mut Tx, draft: Uuid, case: Uuid, ids: &[Uuid]) -> Result<()> {
    for id in ids {
        records::move_to_case(tx, *id, draft, case).await?;
    }
    Ok(())
}

/// Deletes a file of an owner; its object goes with a job. Whatever is not the owner's stays.
pub async fn remove(tx: &mut Tx, owner: Owner, id: Uuid, now: Timestamp) -> Result<()> {
    if records::get(tx, id).await?.is_some_and(|file| file.owner == owner) {
        records::delete(tx, id).await?;
        take_away(tx, vec![id], now).await?;
    }
    Ok(())
}

/// Deletes all files of an owner, before the owner is deleted: with the rows go their keys at once, and the objects with
/// a job. (Where only the rows went, the hourly sweep finds the objects after a day.)
pub async fn forget(tx: &mut Tx, owner: Owner, now: Timestamp) -> Result<()> {
    let ids: Vec<Uuid> = records::of(tx, owner).await?.into_iter().map(|file| file.id).collect();
    for id in &ids {
        records::delete(tx, *id).await?;
    }
    take_away(tx, ids, now).await
}

/// Takes the objects of rows that go, or have gone with their owners in this transaction, out of the store with a job.
pub async fn take_away(tx: &mut Tx, files: Vec<Uuid>, now: Timestamp) -> Result<()> {
    if !files.is_empty() {
        jobs::enqueue(tx, now, Order { kind: REMOVE, payload: &Remove { files }, run_at: now, once: None }).await?;
    }
    Ok(())
}

/// The job [`REMOVE`].
pub fn remove_objects(job: jobs::Job) -> jobs::Doing {
    Box::pin(async move {
        let Remove { files } = job.payload()?;
        for id in files {
            let removed = job.portal.files.remove(&job.tenant.id, id).await;
            removed.map_err(|error| jobs::Failed::ForNow(error.to_string()))?;
        }
        Ok(())
    })
}

/// Names of files belong into no log.
impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Details(..)")
    }
}
