//! Why somebody has looked into messages of another department that belong to no case; those of a case have its timeline.

use jiff::Timestamp;
use uuid::Uuid;

use super::REASON_LASTS;
use crate::{
    crypto::{self, Cell},
    statements,
    store::{Result, Tx, stamp},
};

statements! {
    SAY = "insert into looks (tenant_id, id, thread_id, staff_id, reason, looked_at) values ($1, $2, $3, $4, $5, $6)";
    HAS_SAID = "select count(*) from looks where tenant_id = $1 and thread_id = $2 and staff_id = $3 and looked_at > $4";
}

pub async fn say(tx: &mut Tx, thread: Uuid, clerk: Uuid, why: &str, now: Timestamp) -> Result<()> {
    let id = crypto::id();
    let cell = Cell { table: "looks", row: &id.to_string(), column: "reason" };
    let sealed = tx.sealer().await?.seal(cell, why.as_bytes());
    tx.query(SAY).bind(id).bind(thread).bind(clerk).bind(sealed).bind(stamp(now)).run().await?;
    Ok(())
}

/// Whether the clerk has said why within a working day.
pub async fn has_said(tx: &mut Tx, thread: Uuid, clerk: Uuid, now: Timestamp) -> Result<bool> {
    let query = tx.query(HAS_SAID).bind(thread).bind(clerk).bind(stamp(now - REASON_LASTS));
    Ok(query.optional::<(i64,)>().await?.is_some_and(|(count,)| count > 0))
}
