//! The trail as the operator reads it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    LAST, OF_PERSON,
    chain::{Link, details},
};
use crate::{
    crypto::Sealer,
    store::{Result, Tx},
};

/// An entry that was opened. Whether it is what was recorded, [`verify`](super::verify) says.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    pub seq: i64,
    pub at: Timestamp,
    /// `citizen`, `staff`, `operator`, `system`
    pub actor: String,
    pub actor_id: Option<Uuid>,
    pub deed: String,
    pub subject: Option<String>,
    /// `None`: what is sealed does not open.
    pub details: Option<Value>,
    /// The head of the chain before it, in hexadecimal digits.
    pub previous: String,
}

/// The last entries of the transaction's town, oldest first; `about` an id: only what was done to it, or by it.
pub async fn show(tx: &mut Tx, about: Option<&str>, last: u32) -> Result<Vec<Shown>> {
    let by = about.and_then(|id| id.parse::<Uuid>().ok());
    let links: Vec<Link> = tx.query(LAST).bind(about.map(str::to_owned)).bind(by).bind(i64::from(last)).all().await?;
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let sealer = tx.sealer().await?;
    Ok(links.into_iter().rev().map(|link| link.opened(&sealer)).collect())
}

/// What concerns an account, the latest first: `most` entries before the number `before`. Costs what it shows, however
/// long the trail is.
pub async fn of_person(tx: &mut Tx, account: Uuid, before: Option<i64>, most: u32) -> Result<Vec<Shown>> {
    let query = tx.query(OF_PERSON).bind(account).bind(before.unwrap_or(i64::MAX)).bind(i64::from(most));
    let links: Vec<Link> = query.all().await?;
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let sealer = tx.sealer().await?;
    Ok(links.into_iter().map(|link| link.opened(&sealer)).collect())
}

impl Link {
    fn opened(self, sealer: &Sealer) -> Shown {
        Shown {
            details: sealer.open_json(details(&self.seq.to_string()), &self.details).ok(),
            seq: self.seq,
            at: self.at.to_jiff(),
            actor: self.actor,
            actor_id: self.actor_id,
            deed: self.deed,
            subject: self.subject,
            previous: hex(&self.previous),
        }
    }
}

/// As heads are told.
pub(super) fn hex(mark: &[u8]) -> String {
    mark.iter().map(|byte| format!("{byte:02x}")).collect()
}
