//! Files as rows.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use super::{File, Kind, NewFile, Owner, State};
use crate::{
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx, stamp},
};

statements! {
    /// After the last of its owner. Ids are random: one of them is never of two kinds of owners.
    ADD = "insert into files (tenant_id, id, draft_id, case_id, message_id, details, kind, size, state, created_at, place)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce(max(place), 0) + 1 from files
            where tenant_id = $1 and (draft_id = $3 or case_id = $4 or message_id = $5)";
    GET = "select id, draft_id, case_id, message_id, details, kind, size, state, created_at from files
        where tenant_id = $1 and id = $2";
    OF_DRAFT = "select id, draft_id, case_id, message_id, details, kind, size, state, created_at from files
        where tenant_id = $1 and draft_id = $2 order by place, created_at, id";
    OF_CASE = "select id, draft_id, case_id, message_id, details, kind, size, state, created_at from files
        where tenant_id = $1 and case_id = $2 order by place, created_at, id";
    OF_MESSAGE = "select id, draft_id, case_id, message_id, details, kind, size, state, created_at from files
        where tenant_id = $1 and message_id = $2 order by place, created_at, id";
    OF_THREAD = "select f.id, f.draft_id, f.case_id, f.message_id, f.details, f.kind, f.size, f.state, f.created_at
        from files f join messages m on m.tenant_id = f.tenant_id and m.id = f.message_id
        where f.tenant_id = $1 and m.thread_id = $2 order by m.seq, f.place, f.created_at, f.id";
    MOVE = "update files set draft_id = null, case_id = $4 where tenant_id = $1 and id = $2 and draft_id = $3";
    DELETE = "delete from files where tenant_id = $1 and id = $2";
    JUDGED = "update files set state = $3 where tenant_id = $1 and id = $2 and state in ('waiting', 'unscanned')";
    UNJUDGED = "select id from files where tenant_id = $1 and state in ('waiting', 'unscanned')
        order by created_at limit 1000";
    WAIT = "update files set state = 'waiting' where tenant_id = $1 and id = $2 and state = 'unscanned'";
    INFECTED = "select id from files where tenant_id = $1 and draft_id = $2 and state = 'infected'";
    ALL = "select id from files where tenant_id = $1";
    COUNT = "select count(*) from files where tenant_id = $1 and state = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    draft_id: Option<Uuid>,
    case_id: Option<Uuid>,
    message_id: Option<Uuid>,
    details: Sealed,
    kind: String,
    size: i64,
    state: String,
    created_at: At,
}

impl Row {
    async fn opened(self, tx: &mut Tx) -> Result<File> {
        let details = tx.sealer().await?.open_json(cell(&self.id.to_string()), &self.details)?;
        let owner = match (self.draft_id, self.case_id, self.message_id) {
            (_, Some(case), _) => Owner::Case(case),
            (_, _, Some(message)) => Owner::Message(message),
            (draft, ..) => Owner::Draft(draft.unwrap_or_default()),
        };
        Ok(File {
            id: self.id,
            owner,
            kind: Kind::of_word(&self.kind),
            size: u64::try_from(self.size).unwrap_or_default(),
            state: State::of_word(&self.state),
            at: self.created_at.to_jiff(),
            details,
        })
    }
}

pub(super) async fn add(tx: &mut Tx, owner: Owner, new: &NewFile, state: State, now: Timestamp) -> Result<()> {
    let details = tx.sealer().await?.seal_json(cell(&new.id.to_string()), &new.details);
    let (draft, case, message) = match owner {
        Owner::Draft(id) => (Some(id), None, None),
        Owner::Case(id) => (None, Some(id), None),
        Owner::Message(id) => (None, None, Some(id)),
    };
    let query = tx.query(ADD).bind(new.id).bind(draft).bind(case).bind(message).bind(details);
    let query = query.bind(new.kind.word().to_owned()).bind(i64::try_from(new.size).unwrap_or(i64::MAX));
    query.bind(state.word().to_owned()).bind(stamp(now)).run().await?;
    Ok(())
}

pub(super) async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<File>> {
    match tx.query(GET).bind(id).optional::<Row>().await? {
        Some(row) => row.opened(tx).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn of(tx: &mut Tx, owner: Owner) -> Result<Vec<File>> {
    let rows: Vec<Row> = match owner {
        Owner::Draft(id) => tx.query(OF_DRAFT).bind(id).all().await?,
        Owner::Case(id) => tx.query(OF_CASE).bind(id).all().await?,
        Owner::Message(id) => tx.query(OF_MESSAGE).bind(id).all().await?,
    };
    opened(tx, rows).await
}

pub(super) async fn of_thread(tx: &mut Tx, thread: Uuid) -> Result<Vec<File>> {
    let rows: Vec<Row> = tx.query(OF_THREAD).bind(thread).all().await?;
    opened(tx, rows).await
}

async fn opened(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<File>> {
    let mut files = Vec::with_capacity(rows.len());
    for row in rows {
        files.push(row.opened(tx).await?);
    }
    Ok(files)
}

pub(super) async fn move_to_case(tx: &mut Tx, id: Uuid, draft: Uuid, case: Uuid) -> Result<()> {
    tx.query(MOVE).bind(id).bind(draft).bind(case).run().await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.query(DELETE).bind(id).run().await?;
    Ok(())
}

/// `false` if it has been judged already.
pub(super) async fn judged(tx: &mut Tx, id: Uuid, state: State) -> Result<bool> {
    Ok(tx.query(JUDGED).bind(id).bind(state.word().to_owned()).run().await? > 0)
}

/// What waits for the scanner, or came while there was none; the oldest of it.
pub(super) async fn unjudged(tx: &mut Tx) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = tx.query(UNJUDGED).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn infected(tx: &mut Tx, draft: Uuid) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = tx.query(INFECTED).bind(draft).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn wait(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.query(WAIT).bind(id).run().await?;
    Ok(())
}

pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = tx.query(ALL).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn count(tx: &mut Tx, state: State) -> Result<i64> {
    let row: Option<(i64,)> = tx.query(COUNT).bind(state.word().to_owned()).optional().await?;
    Ok(row.unwrap_or_default().0)
}

fn cell(row: &str) -> Cell<'_> {
    Cell { table: "files", row, column: "details" }
}
