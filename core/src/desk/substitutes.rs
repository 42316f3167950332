//! Who does a clerk's work while they are away.

use jiff::civil::Date;
use uuid::Uuid;

use crate::{
    statements,
    store::{Result, Tx},
};

statements! {
    NAME = "insert into substitutes (tenant_id, staff_id, substitute, starts_on, ends_on) values ($1, $2, $3, $4, $5)
        on conflict (tenant_id, staff_id) do update set substitute = excluded.substitute,
            starts_on = excluded.starts_on, ends_on = excluded.ends_on";
    END = "delete from substitutes where tenant_id = $1 and staff_id = $2";
    OF_CLERK = "select substitute, starts_on, ends_on from substitutes where tenant_id = $1 and staff_id = $2";
    STANDS_FOR = "select staff_id from substitutes
        where tenant_id = $1 and substitute = $2 and starts_on <= $3 and ends_on >= $3 order by staff_id";
}

/// Somebody does a clerk's work from one day to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Substitute {
    pub clerk: Uuid,
    pub from: Date,
    pub until: Date,
}

pub async fn of_clerk(tx: &mut Tx, clerk: Uuid) -> Result<Option<Substitute>> {
    let row: Option<(Uuid, String, String)> = tx.query(OF_CLERK).bind(clerk).optional().await?;
    Ok(row.and_then(|(clerk, from, until)| {
        Some(Substitute { clerk, from: from.parse().ok()?, until: until.parse().ok()? })
    }))
}

/// Whose work somebody does on a day.
pub async fn stands_for(tx: &mut Tx, clerk: Uuid, today: Date) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = tx.query(STANDS_FOR).bind(clerk).bind(today.to_string()).all().await?;
    Ok(rows.into_iter().map(|(clerk,)| clerk).collect())
}

/// Names a substitute, in place of the one before.
pub async fn name(tx: &mut Tx, clerk: Uuid, substitute: Substitute) -> Result<()> {
    let query = tx.query(NAME).bind(clerk).bind(substitute.clerk).bind(substitute.from.to_string());
    query.bind(substitute.until.to_string()).run().await?;
    Ok(())
}

pub async fn end(tx: &mut Tx, clerk: Uuid) -> Result<()> {
    tx.query(END).bind(clerk).run().await?;
    Ok(())
}
