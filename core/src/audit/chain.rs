//! An entry as it lies in the database, and the marks that chain them.

use uuid::Uuid;

use crate::crypto::{Cell, Sealed, Sealer};

/// The place of the sealed column of an entry.
pub(super) fn details(row: &str) -> Cell<'_> {
    Cell { table: "audit", row, column: "details" }
}

#[derive(sqlx::FromRow)]
pub(super) struct Link {
    pub seq: i64,
    pub at: jiff_sqlx::Timestamp,
    pub actor: String,
    pub actor_id: Option<Uuid>,
    pub deed: String,
    pub subject: Option<String>,
    pub details: Sealed,
    /// The head before this entry.
    pub previous: Vec<u8>,
    pub mark: Vec<u8>,
}

impl Link {
    /// The mark of this entry at the place `seq`.
    pub fn made_mark(&self, sealer: &Sealer, seq: i64) -> Vec<u8> {
        let at = self.at.to_jiff().as_microsecond();
        let subject = self.subject.as_deref().map_or(&[][..], str::as_bytes);
        sealer.mark(
            "audit",
            &[
                &seq.to_be_bytes(),
                &at.to_be_bytes(),
                self.actor.as_bytes(),
                self.actor_id.as_ref().map_or(&[][..], |id| id.as_bytes()),
                self.deed.as_bytes(),
                &[u8::from(self.subject.is_some())],
                subject,
                self.details.as_bytes(),
                &self.previous,
            ],
        )
    }
}

/// What the head says when `mark` is that of the last entry, number `seq`. It is no column of any entry, so whoever
/// cuts entries off cannot write it.
pub(super) fn head_mark(sealer: &Sealer, seq: i64, mark: &[u8]) -> Vec<u8> {
    sealer.mark("audit head", &[&seq.to_be_bytes(), mark])
}
