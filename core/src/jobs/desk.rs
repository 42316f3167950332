//! What the operator sees of the queue and may decide about it.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::stamp;
use crate::{
    platform_statements,
    store::{PlatformStore, Result},
};

platform_statements! {
    LIST = "select id, for_tenant, kind, state, attempts, run_at, created_at, last_error from jobs
        where state = 'dead' or $1 order by created_at, id limit $2";
    COUNT = "select state, count(*) as jobs from jobs group by state";
    RETRY = "update jobs set state = 'waiting', attempts = 0, run_at = $2 where id = $1 and state = 'dead'
        and (expires_at is null or expires_at > $2)";
    DROP = "delete from jobs where id = $1 and state <> 'running'";
}

/// A job as it may be shown: without what it is about.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    pub id: Uuid,
    pub tenant: String,
    pub kind: String,
    pub state: String,
    pub attempts: i64,
    pub run_at: Timestamp,
    pub created_at: Timestamp,
    pub last_error: Option<String>,
}

/// How many jobs there are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub waiting: i64,
    pub running: i64,
    pub dead: i64,
}

/// The dead ones, oldest first, or all; `most` of them.
pub async fn list(platform: &PlatformStore, all: bool, most: i64) -> Result<Vec<Listed>> {
    let rows = platform.read().await?.query(LIST).bind(all).bind(most).all::<Row>().await?;
    Ok(rows.into_iter().map(Listed::from).collect())
}

pub async fn count(platform: &PlatformStore) -> Result<Counts> {
    let mut counts = Counts::default();
    for (state, jobs) in platform.read().await?.query(COUNT).all::<(String, i64)>().await? {
        match state.as_str() {
            "waiting" => counts.waiting = jobs,
            "running" => counts.running = jobs,
            _ => counts.dead = jobs,
        }
    }
    Ok(counts)
}

/// Gives a dead job all its attempts again; `false` if there is none of that id.
pub async fn retry(platform: &PlatformStore, id: Uuid, now: Timestamp) -> Result<bool> {
    let mut tx = platform.write().await?;
    let found = tx.query(RETRY).bind(id).bind(stamp(now)).run().await?;
    tx.commit().await?;
    Ok(found > 0)
}

/// Gives a job up; `false` if there is none of that id, or somebody works on it.
pub async fn drop(platform: &PlatformStore, id: Uuid) -> Result<bool> {
    let mut tx = platform.write().await?;
    let found = tx.query(DROP).bind(id).run().await?;
    tx.commit().await?;
    Ok(found > 0)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    for_tenant: String,
    kind: String,
    state: String,
    attempts: i64,
    run_at: jiff_sqlx::Timestamp,
    created_at: jiff_sqlx::Timestamp,
    last_error: Option<String>,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            tenant: row.for_tenant,
            kind: row.kind,
            state: row.state,
            attempts: row.attempts,
            run_at: row.run_at.to_jiff(),
            created_at: row.created_at.to_jiff(),
            last_error: row.last_error,
        }
    }
}
