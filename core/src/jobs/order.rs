//! Asking for work.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::{after, payload, stamp};
use crate::{
    crypto, statements,
    store::{Result, Tx},
};

statements! {
    ADD = "insert into jobs (for_tenant, id, kind, payload, state, attempts, run_at, created_at, concerns)
        values ($1, $2, $3, $4, 'waiting', 0, $5, $6, $7)";
    FORGET = "delete from jobs where for_tenant = $1 and concerns = $2";
    EXPIRE = "update jobs set expires_at = $3 where for_tenant = $1 and id = $2";
    REMEMBER = "insert into job_keys (for_tenant, key, until) values ($1, $2, $3)
        on conflict (for_tenant, key) do update set until = excluded.until where job_keys.until <= $4";
}

/// What is to be done, when, and by what it is known as the same.
#[derive(Debug)]
pub struct Order<'a, P> {
    /// One of the kinds the house knows how to do.
    pub kind: &'static str,
    /// Sealed at once.
    pub payload: &'a P,
    /// Not before.
    pub run_at: Timestamp,
    /// Of two orders with the same key only the first counts, for so long, also when it has been done. A random text or a
    /// mark, never what people wrote.
    pub once: Option<(&'a [u8], SignedDuration)>,
}

/// Queues work for the transaction's town; it begins when the transaction is committed. `None`: it was asked for
/// before.
pub async fn enqueue<P: Serialize>(tx: &mut Tx, now: Timestamp, order: Order<'_, P>) -> Result<Option<Uuid>> {
    add(tx, now, order, None).await
}

/// The same for work that is done for one person only, and goes with the account ([`forget_person`]).
pub async fn enqueue_for<P: Serialize>(
    tx: &mut Tx,
    now: Timestamp,
    order: Order<'_, P>,
    account: Uuid,
) -> Result<Option<Uuid>> {
    add(tx, now, order, Some(account)).await
}

/// From then on a job is good for nothing and is dropped, whether it waits or has failed for good.
pub async fn expire(tx: &mut Tx, job: Uuid, at: Timestamp) -> Result<()> {
    tx.query(EXPIRE).bind(job).bind(stamp(at)).run().await?;
    Ok(())
}

/// Takes one of a few that come back after `period`, over all nodes; `false`: there is none. For what may annoy somebody,
/// such as mails to one address. `what`: ids or marks, never what people wrote.
pub async fn allow(tx: &mut Tx, what: [&[u8]; 2], times: u8, period: SignedDuration, now: Timestamp) -> Result<bool> {
    for n in 0..times {
        let key = tx.sealer().await?.mark("one of a few", &[what[0], what[1], &[n]]);
        if remember(tx, key, period, now).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `false`: it is remembered since before.
async fn remember(tx: &mut Tx, key: Vec<u8>, time: SignedDuration, now: Timestamp) -> Result<bool> {
    Ok(tx.query(REMEMBER).bind(key).bind(after(now, time.as_secs())).bind(stamp(now)).run().await? > 0)
}

/// Takes away what is queued for a person, whoever works on it; tells how many jobs it was.
pub async fn forget_person(tx: &mut Tx, account: Uuid) -> Result<u64> {
    let mark = mark_of(tx, account).await?;
    tx.query(FORGET).bind(mark).run().await
}

async fn add<P: Serialize>(
    tx: &mut Tx,
    now: Timestamp,
    order: Order<'_, P>,
    account: Option<Uuid>,
) -> Result<Option<Uuid>> {
    if let Some((key, time)) = order.once
        && !remember(tx, key.to_owned(), time, now).await?
    {
        return Ok(None);
    }
    let id = crypto::id();
    let sealed = tx.sealer().await?.seal_json(payload(&id.to_string()), order.payload);
    let concerns = match account {
        Some(account) => Some(mark_of(tx, account).await?),
        None => None,
    };
    let query = tx.query(ADD).bind(id).bind(order.kind).bind(sealed).bind(stamp(order.run_at)).bind(stamp(now));
    query.bind(concerns).run().await?;
    tx.wake_workers();
    Ok(Some(id))
}

async fn mark_of(tx: &mut Tx, account: Uuid) -> Result<Vec<u8>> {
    Ok(tx.sealer().await?.mark("person of a job", &[account.as_bytes()]))
}
