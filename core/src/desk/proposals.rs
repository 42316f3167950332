//! Decisions that need four eyes: one clerk proposes, another one agrees or sends it back.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use crate::{
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx, stamp},
};

statements! {
    PROPOSE = "insert into proposals (tenant_id, case_id, staff_id, words, returned, proposed_at)
        values ($1, $2, $3, $4, null, $5)
        on conflict (tenant_id, case_id) do update set staff_id = excluded.staff_id, words = excluded.words,
            returned = null, proposed_at = excluded.proposed_at";
    SEND_BACK = "update proposals set returned = $3 where tenant_id = $1 and case_id = $2 and returned is null";
    SETTLE = "delete from proposals where tenant_id = $1 and case_id = $2";
    OF_CASE = "select staff_id, words, returned, proposed_at from proposals where tenant_id = $1 and case_id = $2";
}

/// What somebody would decide.
#[derive(Clone)]
pub struct Proposal {
    pub by: Uuid,
    pub words: String,
    /// Why it was sent back; until it is proposed again nobody can agree.
    pub returned: Option<String>,
    pub at: Timestamp,
}

pub async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Option<Proposal>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        staff_id: Uuid,
        words: Sealed,
        returned: Option<Sealed>,
        proposed_at: At,
    }
    let Some(row) = tx.query(OF_CASE).bind(case).optional::<Row>().await? else { return Ok(None) };
    let (sealer, id) = (tx.sealer().await?, case.to_string());
    let open = |column, sealed: &Sealed| -> Result<String> {
        Ok(String::from_utf8_lossy(&sealer.open(cell(&id, column), sealed)?).into_owned())
    };
    Ok(Some(Proposal {
        by: row.staff_id,
        words: open("words", &row.words)?,
        returned: row.returned.as_ref().map(|sealed| open("returned", sealed)).transpose()?,
        at: row.proposed_at.to_jiff(),
    }))
}

/// Proposes, in place of what was proposed before.
pub async fn propose(tx: &mut Tx, case: Uuid, by: Uuid, words: &str, now: Timestamp) -> Result<()> {
    let sealed = tx.sealer().await?.seal(cell(&case.to_string(), "words"), words.as_bytes());
    tx.query(PROPOSE).bind(case).bind(by).bind(sealed).bind(stamp(now)).run().await?;
    Ok(())
}

pub async fn send_back(tx: &mut Tx, case: Uuid, why: &str) -> Result<()> {
    let sealed = tx.sealer().await?.seal(cell(&case.to_string(), "returned"), why.as_bytes());
    tx.query(SEND_BACK).bind(case).bind(sealed).run().await?;
    Ok(())
}

/// It was agreed to, or is not needed any more.
pub async fn settle(tx: &mut Tx, case: Uuid) -> Result<()> {
    tx.query(SETTLE).bind(case).run().await?;
    Ok(())
}

fn cell<'a>(row: &'a str, column: &'static str) -> Cell<'a> {
    Cell { table: "proposals", row, column }
}
