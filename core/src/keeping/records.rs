//! What is over, and what is a person's, as rows. Everything below a case or a thread goes with it (`on delete
//! cascade`); the objects of its files lie outside, and go with a job.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use super::Expired;
use crate::{
    files, statements,
    store::{Result, Tx, stamp},
};

statements! {
    EXPIRED = "select id, account_id, number, service, keep_until from cases
        where tenant_id = $1 and keep_until < $2 and closed_at is not null and not hold order by keep_until, id limit $3";
    EXPIRED_OF = "select id, account_id, number, service, keep_until from cases
        where tenant_id = $1 and account_id = $2 and keep_until < $3 and closed_at is not null and not hold";
    /// Once more whether it may go: a hold may have been put on it a moment ago.
    DELETE_CASE = "delete from cases
        where tenant_id = $1 and id = $2 and keep_until < $3 and closed_at is not null and not hold";
    /// Of the application, of its messages, and what was uploaded and not sent.
    FILES_OF_CASE = "select id from files where tenant_id = $1 and case_id = $2
        union all select f.id from files f join drafts d on d.tenant_id = f.tenant_id and d.id = f.draft_id
            where f.tenant_id = $1 and d.case_id = $2
        union all select f.id from files f join messages m on m.tenant_id = f.tenant_id and m.id = f.message_id
            join threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
            where f.tenant_id = $1 and t.case_id = $2";
    DELETE_ITS_DRAFT = "delete from drafts where tenant_id = $1 and case_id = $2";
    /// The town hall has read them; whether the person has is up to the person.
    SILENT = "select count(*) from threads
        where tenant_id = $1 and case_id is null and unread_staff = 0 and last_at < $2";
    DELETE_SILENT = "delete from threads where tenant_id = $1 and id in (select id from threads
        where tenant_id = $1 and case_id is null and unread_staff = 0 and last_at < $2 order by last_at, id limit $3)
        returning account_id";
    /// Of the same threads.
    FILES_OF_SILENT = "select f.id from files f join messages m on m.tenant_id = f.tenant_id and m.id = f.message_id
        where f.tenant_id = $1 and m.thread_id in (select id from threads
            where tenant_id = $1 and case_id is null and unread_staff = 0 and last_at < $2
            order by last_at, id limit $3)";

    ACCOUNT_OF = "select account_id from cases where tenant_id = $1 and number = $2";
    CASES_OF = "select id from cases where tenant_id = $1 and account_id = $2 order by id";
    OPEN_OF = "select count(*) from cases where tenant_id = $1 and account_id = $2 and closed_at is null";
    CUT_OFF_EVENTS = "update case_events set actor_id = null
        where tenant_id = $1 and actor = 'citizen' and actor_id = $2";
    CUT_OFF_THREADS = "update threads set account_id = null
        where tenant_id = $1 and account_id = $2 and case_id is not null";
    CUT_OFF_CASES = "update cases set account_id = null, left_at = $3, revision = revision + 1
        where tenant_id = $1 and account_id = $2";
    DELETE_LOGINS = "delete from pending_logins where tenant_id = $1 and session_id in
        (select id from sessions where tenant_id = $1 and account_id = $2)";
    DELETE_SESSIONS = "delete from sessions where tenant_id = $1 and account_id = $2";
    FILES_OF_DRAFTS = "select f.id from files f join drafts d on d.tenant_id = f.tenant_id and d.id = f.draft_id
        where f.tenant_id = $1 and d.account_id = $2";
    DELETE_DRAFTS = "delete from drafts where tenant_id = $1 and account_id = $2";
    FILES_OF_THREADS = "select f.id from files f join messages m on m.tenant_id = f.tenant_id and m.id = f.message_id
        join threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
        where f.tenant_id = $1 and t.account_id = $2 and t.case_id is null";
    DELETE_THREADS = "delete from threads where tenant_id = $1 and account_id = $2 and case_id is null";
    /// Drafts, conversations without a case, their messages, files of both.
    OWN = "select (select count(*) from drafts where tenant_id = $1 and account_id = $2 and case_id is null),
        (select count(*) from threads where tenant_id = $1 and account_id = $2 and case_id is null),
        (select count(*) from messages m join threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
            where m.tenant_id = $1 and t.account_id = $2 and t.case_id is null),
        (select count(*) from files f join drafts d on d.tenant_id = f.tenant_id and d.id = f.draft_id
            where f.tenant_id = $1 and d.account_id = $2),
        (select count(*) from files f join messages m on m.tenant_id = f.tenant_id and m.id = f.message_id
            join threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
            where f.tenant_id = $1 and t.account_id = $2 and t.case_id is null)";
    ASK_TO_LEAVE = "insert into departures (tenant_id, account_id, asked_at, due_at) values ($1, $2, $3, $4)
        on conflict (tenant_id, account_id) do nothing";
    DEPARTURE = "select due_at from departures where tenant_id = $1 and account_id = $2";
    OVERDUE = "select account_id from departures where tenant_id = $1 and due_at < $2 order by due_at limit $3";
    PUT_OFF = "update departures set due_at = $3 where tenant_id = $1 and account_id = $2";
    STAY = "delete from departures where tenant_id = $1 and account_id = $2";
    DELETE_ACCOUNT = "delete from accounts where tenant_id = $1 and id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Option<Uuid>,
    number: String,
    service: String,
    keep_until: At,
}

impl From<Row> for Expired {
    fn from(row: Row) -> Self {
        let Row { id, account_id, number, service, keep_until } = row;
        Self { id, account: account_id, number, service, keep_until: keep_until.to_jiff() }
    }
}

pub(super) async fn expired(tx: &mut Tx, now: Timestamp, most: i64) -> Result<Vec<Expired>> {
    let rows: Vec<Row> = tx.query(EXPIRED).bind(stamp(now)).bind(most).all().await?;
    Ok(rows.into_iter().map(Expired::from).collect())
}

pub(super) async fn expired_of(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<Vec<Expired>> {
    let rows: Vec<Row> = tx.query(EXPIRED_OF).bind(account).bind(stamp(now)).all().await?;
    Ok(rows.into_iter().map(Expired::from).collect())
}

/// `false` if it must not go.
pub(super) async fn delete_case(tx: &mut Tx, case: Uuid, now: Timestamp) -> Result<bool> {
    let files = ids(tx.query(FILES_OF_CASE).bind(case).all().await?);
    let is_gone = tx.query(DELETE_CASE).bind(case).bind(stamp(now)).run().await? > 0;
    if is_gone {
        tx.query(DELETE_ITS_DRAFT).bind(case).run().await?;
        files::take_away(tx, files, now).await?;
    }
    Ok(is_gone)
}

pub(super) async fn count_silent(tx: &mut Tx, since: Timestamp) -> Result<u64> {
    let count: Option<(i64,)> = tx.query(SILENT).bind(stamp(since)).optional().await?;
    Ok(count.map_or(0, |(count,)| count.unsigned_abs()))
}

fn ids(rows: Vec<(Uuid,)>) -> Vec<Uuid> {
    rows.into_iter().map(|(id,)| id).collect()
}

/// Whose they were.
pub(super) async fn delete_silent(
    tx: &mut Tx,
    since: Timestamp,
    most: i64,
    now: Timestamp,
) -> Result<Vec<Option<Uuid>>> {
    let files = ids(tx.query(FILES_OF_SILENT).bind(stamp(since)).bind(most).all().await?);
    files::take_away(tx, files, now).await?;
    let gone: Vec<(Option<Uuid>,)> = tx.query(DELETE_SILENT).bind(stamp(since)).bind(most).all().await?;
    Ok(gone.into_iter().map(|(account,)| account).collect())
}

pub(super) async fn account_of(tx: &mut Tx, number: &str) -> Result<Option<Uuid>> {
    let found: Option<(Option<Uuid>,)> = tx.query(ACCOUNT_OF).bind(number.to_owned()).optional().await?;
    Ok(found.and_then(|(account,)| account))
}

/// Cases, their threads and their timelines no longer say whose account it was; how many cases, and how many are open.
pub(super) async fn cut_off(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<(u64, u64)> {
    let open = open_of(tx, account).await?;
    tx.query(CUT_OFF_EVENTS).bind(account).run().await?;
    tx.query(CUT_OFF_THREADS).bind(account).run().await?;
    let kept = tx.query(CUT_OFF_CASES).bind(account).bind(stamp(now)).run().await?;
    Ok((kept, open))
}

/// Cases that are not over.
pub(super) async fn open_of(tx: &mut Tx, account: Uuid) -> Result<u64> {
    let open: Option<(i64,)> = tx.query(OPEN_OF).bind(account).optional().await?;
    Ok(open.map_or(0, |(count,)| count.unsigned_abs()))
}

pub(super) async fn cases_of(tx: &mut Tx, account: Uuid) -> Result<Vec<Uuid>> {
    Ok(ids(tx.query(CASES_OF).bind(account).all().await?))
}

/// What is the person's own and goes with the account, in numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Own {
    pub drafts: i64,
    /// Conversations without a case.
    pub threads: i64,
    pub messages: i64,
    pub files: i64,
}

pub(super) async fn own_of(tx: &mut Tx, account: Uuid) -> Result<Own> {
    let counted: Option<(i64, i64, i64, i64, i64)> = tx.query(OWN).bind(account).optional().await?;
    let (drafts, threads, messages, of_drafts, of_messages) = counted.unwrap_or_default();
    Ok(Own { drafts, threads, messages, files: of_drafts + of_messages })
}

/// `false`: it was asked for before.
pub(super) async fn ask_to_leave(tx: &mut Tx, account: Uuid, due: Timestamp, now: Timestamp) -> Result<bool> {
    Ok(tx.query(ASK_TO_LEAVE).bind(account).bind(stamp(now)).bind(stamp(due)).run().await? > 0)
}

/// When an account goes, because its person wants that.
pub async fn departure_of(tx: &mut Tx, account: Uuid) -> Result<Option<Timestamp>> {
    let found: Option<(At,)> = tx.query(DEPARTURE).bind(account).optional().await?;
    Ok(found.map(|(due,)| due.to_jiff()))
}

pub(super) async fn overdue(tx: &mut Tx, since: Timestamp, most: i64) -> Result<Vec<Uuid>> {
    Ok(ids(tx.query(OVERDUE).bind(stamp(since)).bind(most).all().await?))
}

pub(super) async fn put_off(tx: &mut Tx, account: Uuid, due: Timestamp) -> Result<()> {
    tx.query(PUT_OFF).bind(account).bind(stamp(due)).run().await?;
    Ok(())
}

pub(super) async fn stay(tx: &mut Tx, account: Uuid) -> Result<bool> {
    Ok(tx.query(STAY).bind(account).run().await? > 0)
}

pub(super) async fn delete_logins(tx: &mut Tx, account: Uuid) -> Result<u64> {
    tx.query(DELETE_LOGINS).bind(account).run().await
}

pub(super) async fn delete_sessions(tx: &mut Tx, account: Uuid) -> Result<u64> {
    tx.query(DELETE_SESSIONS).bind(account).run().await
}

pub(super) async fn delete_drafts(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<u64> {
    let files = ids(tx.query(FILES_OF_DRAFTS).bind(account).all().await?);
    files::take_away(tx, files, now).await?;
    tx.query(DELETE_DRAFTS).bind(account).run().await
}

pub(super) async fn delete_threads(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<u64> {
    let files = ids(tx.query(FILES_OF_THREADS).bind(account).all().await?);
    files::take_away(tx, files, now).await?;
    tx.query(DELETE_THREADS).bind(account).run().await
}

pub(super) async fn delete_account(tx: &mut Tx, account: Uuid) -> Result<u64> {
    tx.query(DELETE_ACCOUNT).bind(account).run().await
}
