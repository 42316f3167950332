//! Packages on their way, as rows.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use super::{Delivery, Receipt, State};
use crate::{
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx, stamp},
};

statements! {
    ADD = "insert into deliveries (tenant_id, id, case_id, destination, state, attempts, last_error, receipt, created_at,
            tried_at)
        values ($1, $2, $3, $4, 'waiting', 0, null, null, $5, null)
        on conflict (tenant_id, case_id, destination) do nothing";
    GET = "select d.id, d.case_id, c.number, c.department, d.destination, d.state, d.attempts, d.last_error, d.receipt,
            d.created_at, d.tried_at
        from deliveries d join cases c on c.tenant_id = d.tenant_id and c.id = d.case_id
        where d.tenant_id = $1 and d.id = $2";
    OF_CASE = "select d.id, d.case_id, c.number, c.department, d.destination, d.state, d.attempts, d.last_error, d.receipt,
            d.created_at, d.tried_at
        from deliveries d join cases c on c.tenant_id = d.tenant_id and c.id = d.case_id
        where d.tenant_id = $1 and d.case_id = $2 order by d.created_at";
    /// The oldest first: whoever waits longest is looked at first.
    NOT_DELIVERED = "select d.id, d.case_id, c.number, c.department, d.destination, d.state, d.attempts, d.last_error,
            d.receipt, d.created_at, d.tried_at
        from deliveries d join cases c on c.tenant_id = d.tenant_id and c.id = d.case_id
        where d.tenant_id = $1 and (d.state = 'failed' or (d.state = 'waiting' and $2)) order by d.created_at, d.id limit $3";
    DELIVERED = "update deliveries set state = 'delivered', attempts = attempts + 1, last_error = null, receipt = $3,
        tried_at = $4 where tenant_id = $1 and id = $2 and state = 'waiting'";
    TRIED = "update deliveries set state = $3, attempts = attempts + 1, last_error = $4, tried_at = $5
        where tenant_id = $1 and id = $2 and state = 'waiting'";
    RETRY = "update deliveries set state = 'waiting', attempts = 0, tried_at = $3
        where tenant_id = $1 and id = $2 and state = 'failed'";
    STRANDED = "select d.id, d.case_id, c.number, c.department, d.destination, d.state, d.attempts, d.last_error, d.receipt,
            d.created_at, d.tried_at
        from deliveries d join cases c on c.tenant_id = d.tenant_id and c.id = d.case_id
        where d.tenant_id = $1 and d.state = 'waiting' and coalesce(d.tried_at, d.created_at) < $2
        order by d.created_at limit 1000";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    case_id: Uuid,
    number: String,
    department: Option<String>,
    destination: String,
    state: String,
    attempts: i64,
    last_error: Option<String>,
    receipt: Option<Sealed>,
    created_at: At,
    tried_at: Option<At>,
}

/// `None` if the case has been ordered there before.
pub(super) async fn add(tx: &mut Tx, case: Uuid, destination: &str, now: Timestamp) -> Result<Option<Uuid>> {
    let id = crate::crypto::id();
    let added = tx.query(ADD).bind(id).bind(case).bind(destination.to_owned()).bind(stamp(now)).run().await?;
    Ok((added > 0).then_some(id))
}

pub(super) async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<Delivery>> {
    match tx.query(GET).bind(id).optional::<Row>().await? {
        Some(row) => row.opened(tx).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Vec<Delivery>> {
    let rows = tx.query(OF_CASE).bind(case).all::<Row>().await?;
    all_opened(tx, rows).await
}

pub(super) async fn not_delivered(tx: &mut Tx, waiting: bool, most: i64) -> Result<Vec<Delivery>> {
    let rows = tx.query(NOT_DELIVERED).bind(waiting).bind(most).all::<Row>().await?;
    all_opened(tx, rows).await
}

async fn all_opened(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<Delivery>> {
    let mut deliveries = Vec::with_capacity(rows.len());
    for row in rows {
        deliveries.push(row.opened(tx).await?);
    }
    Ok(deliveries)
}

/// `false` if another attempt was faster.
pub(super) async fn delivered(tx: &mut Tx, id: Uuid, receipt: &Receipt, now: Timestamp) -> Result<bool> {
    let sealed = tx.sealer().await?.seal_json(receipt_of(&id.to_string()), receipt);
    Ok(tx.query(DELIVERED).bind(id).bind(sealed).bind(stamp(now)).run().await? > 0)
}

/// `false` if another attempt has ended it.
pub(super) async fn tried(tx: &mut Tx, id: Uuid, is_over: bool, why: &str, now: Timestamp) -> Result<bool> {
    let state = if is_over { State::Failed } else { State::Waiting };
    let query = tx.query(TRIED).bind(id).bind(state.word().to_owned()).bind(why.to_owned());
    Ok(query.bind(stamp(now)).run().await? > 0)
}

/// Those that nobody has tried since.
pub(super) async fn stranded(tx: &mut Tx, since: Timestamp) -> Result<Vec<Delivery>> {
    let rows = tx.query(STRANDED).bind(stamp(since)).all::<Row>().await?;
    all_opened(tx, rows).await
}

pub(super) async fn retry(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<bool> {
    Ok(tx.query(RETRY).bind(id).bind(stamp(now)).run().await? > 0)
}

impl Row {
    async fn opened(self, tx: &mut Tx) -> Result<Delivery> {
        let receipt = match &self.receipt {
            Some(sealed) => Some(tx.sealer().await?.open_json(receipt_of(&self.id.to_string()), sealed)?),
            None => None,
        };
        Ok(Delivery {
            id: self.id,
            case: self.case_id,
            number: self.number,
            department: self.department,
            destination: self.destination,
            state: State::of_word(&self.state),
            attempts: self.attempts,
            last_error: self.last_error,
            receipt,
            created: self.created_at.to_jiff(),
            tried: self.tried_at.map(|at| at.to_jiff()),
        })
    }
}

fn receipt_of(row: &str) -> Cell<'_> {
    Cell { table: "deliveries", row, column: "receipt" }
}
