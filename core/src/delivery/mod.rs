//! Handing over to back offices: after its submission an application goes as a signed package to the destination that its
//! form names.
//!
//! Invariant: a package leaves once or more often, and always with the same id, by which the other side knows it again; it is
//! delivered only when that side has said so. What does not arrive is tried again for a day, then lies open at the desk.

mod folder;
mod package;
mod records;
mod sftp;
mod spelling;
mod webhook;
mod work;
mod xml;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use records::STATEMENTS;
pub use sftp::visit;
pub use spelling::spelled;
pub use work::{sweep, work};

use crate::{
    audit::{self, Actor, Entry},
    cases,
    jobs::{self, Order},
    store::{Result, Tx},
    tenant::{Tenant, schema::OnlineForm},
};

/// The kind of the jobs.
pub const KIND: &str = "delivery";

/// Whose job is gone without an outcome – it took its node with it each time, or somebody deleted it: longer than anything
/// waits between two attempts, and for the virus scanner.
pub const STRANDED: SignedDuration = SignedDuration::from_hours(48);
/// Why that is not tried any more.
pub const NOBODY_TOLD: &str = "nobody wrote down what became of the last attempts";

/// A package and how far it has come.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub id: Uuid,
    pub case: Uuid,
    /// Of the case.
    pub number: String,
    pub department: Option<String>,
    /// Id of the destination.
    pub destination: String,
    pub state: State,
    pub attempts: i64,
    /// Why the last attempt failed, without anything about a person.
    pub last_error: Option<String>,
    pub receipt: Option<Receipt>,
    pub created: Timestamp,
    /// When it was last tried.
    pub tried: Option<Timestamp>,
}

/// How far something has come that is handed over to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Waiting,
    Delivered,
    /// It is not tried any more by itself.
    Failed,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn of_word(word: &str) -> Self {
        match word {
            "delivered" => Self::Delivered,
            "failed" => Self::Failed,
            _ => Self::Waiting,
        }
    }
}

/// What the other side said when it took the package.
#[derive(Clone, Serialize, Deserialize)]
pub struct Receipt {
    /// SHA-256 of the package, in hexadecimal digits.
    pub sha256: String,
    /// Name of the file, or the status of the answer.
    pub at: String,
    /// The first 16 KiB of the answer, as text.
    #[serde(default)]
    pub said: String,
}

/// Another program's answer may name somebody.
impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receipt").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Asked {
    delivery: Uuid,
}

/// Orders the package of a case that was just submitted, in the same transaction; nothing where its form names no
/// destination, or the desk.
pub async fn order(tx: &mut Tx, tenant: &Tenant, form: &OnlineForm, case: Uuid, now: Timestamp) -> Result<()> {
    let Some(id) = &form.delivery else { return Ok(()) };
    let destination = tenant.town.destinations.iter().find(|destination| destination.id == *id);
    if destination.is_some_and(|destination| !destination.hands_over()) {
        return Ok(());
    }
    match records::add(tx, case, id, now).await? {
        Some(delivery) => enqueue(tx, delivery, now).await,
        None => Ok(()),
    }
}

async fn enqueue(tx: &mut Tx, delivery: Uuid, now: Timestamp) -> Result<()> {
    let order = Order { kind: KIND, payload: &Asked { delivery }, run_at: now, once: None };
    jobs::enqueue(tx, now, order).await.map(drop)
}

pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Delivery>> {
    records::get(tx, id).await
}

pub async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Vec<Delivery>> {
    records::of_case(tx, case).await
}

/// Packages that have not arrived, the oldest first: those that failed for good, and on demand those on their way.
pub async fn not_delivered(tx: &mut Tx, waiting: bool, most: i64) -> Result<Vec<Delivery>> {
    records::not_delivered(tx, waiting, most).await
}

/// Gives a package that failed for good all its attempts again; `false` if it did not fail.
pub async fn retry(tx: &mut Tx, delivery: Uuid, actor: Actor, now: Timestamp) -> Result<bool> {
    if !records::retry(tx, delivery, now).await? {
        return Ok(false);
    }
    enqueue(tx, delivery, now).await?;
    let case = match records::get(tx, delivery).await? {
        Some(delivery) => cases::by_id(tx, delivery.case).await?,
        None => None,
    };
    let account = case.and_then(|case| case.account);
    audit::record(tx, now, Entry::new(actor, "delivery.retried").about(delivery).concerns(account)).await?;
    Ok(true)
}
