//! Work that is done after the deed that asked for it: queued in the deed's own transaction, claimed by one node at a
//! time, tried again when it fails, shown to the operator when it fails for good.
//!
//! Invariant: a job exists if and only if its deed was committed, and is deleted only when it is done, has expired or the
//! operator says so. It runs once at a time over all nodes: whoever has claimed it says every few seconds that it still works on
//! it. A node that is killed in the middle leaves it to another, so what a job does has to bear being done twice.
//! For the same reason claims and outcomes are notes of the data room: a power cut may take the last of them away.

mod claim;
pub mod desk;
mod kinds;
mod order;
mod run;
mod worker;

pub use claim::tidy;
pub use kinds::{Doing, Failed, Job, Kinds, Work, kinds};
pub use order::{Order, allow, enqueue, enqueue_for, expire, forget_person};
pub use run::run_due;
pub use worker::work;

pub(crate) use claim::PLATFORM_STATEMENTS as OF_CLAIMS;
pub(crate) use desk::PLATFORM_STATEMENTS as OF_THE_DESK;
pub(crate) use order::STATEMENTS;

use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::{crypto::Cell, store::stamp};

/// Attempts before a job is dead: with their pauses a little more than a day.
pub const ATTEMPTS: i64 = 12;
/// The longest that all its attempts and their pauses take.
pub const LASTS: SignedDuration = SignedDuration::from_hours(34);

/// The place of the sealed column of a job.
fn payload(id: &str) -> Cell<'_> {
    Cell { table: "jobs", row: id, column: "payload" }
}

fn after(moment: Timestamp, seconds: i64) -> jiff_sqlx::Timestamp {
    stamp(moment.checked_add(seconds.seconds()).unwrap_or(Timestamp::MAX))
}
