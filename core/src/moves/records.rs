//! Links to old accounts, and what has moved, as rows.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use super::Moved;
use crate::{
    crypto::{Cell, Sealed, digest, id},
    statements,
    store::{Result, Tx, stamp},
};

statements! {
    /// Only for a session that still runs.
    ASK = "insert into move_requests (tenant_id, token, session_id, old_account, expires_at)
        select $1, $2, id, $5, $6 from sessions where tenant_id = $1 and id = $3 and account_id = $4";
    TAKE = "delete from move_requests where tenant_id = $1 and token = $2 and session_id = $3
        returning old_account, expires_at";
    DROP_REQUESTS = "delete from move_requests where tenant_id = $1 and old_account = $2";

    HAS_MOVED = "select id from moves where tenant_id = $1 and old_account = $2 and undone_at is null";
    MOVE_CASES = "update cases set account_id = $3 where tenant_id = $1 and account_id = $2 returning id";
    MOVE_DRAFTS = "update drafts set account_id = $3 where tenant_id = $1 and account_id = $2 returning id";
    MOVE_THREADS = "update threads set account_id = $3 where tenant_id = $1 and account_id = $2 returning id";
    ADD = "insert into moves (tenant_id, id, old_account, new_account, moved, moved_at, undo_until, undone_at)
        values ($1, $2, $3, $4, $5, $6, $7, null) on conflict do nothing";

    UNDOABLE_UNTIL = "select undo_until from moves
        where tenant_id = $1 and (new_account = $2 or old_account = $2) and undone_at is null and undo_until > $3
        order by undo_until desc limit 1";
    MOVED_TO = "select new_account from moves where tenant_id = $1 and old_account = $2 and undone_at is null";
    MOVED_INTO = "select old_account from moves where tenant_id = $1 and new_account = $2 and undone_at is null";

    LIST = "select m.id, m.old_account, m.new_account, m.moved, o.provider as old_provider, n.provider as new_provider,
            o.profile as old_profile, m.moved_at, m.undo_until, m.undone_at
        from moves m join accounts o on o.tenant_id = m.tenant_id and o.id = m.old_account
            join accounts n on n.tenant_id = m.tenant_id and n.id = m.new_account
        where m.tenant_id = $1 order by m.moved_at desc, m.id limit $2";
    NUMBERS = "select id, number from cases where tenant_id = $1 and account_id = $2 order by submitted_at, id";
    UNDO = "update moves set undone_at = $3
        where tenant_id = $1 and id = $2 and undone_at is null and undo_until > $3
        returning old_account, new_account, moved";
    BACK_CASE = "update cases set account_id = $4 where tenant_id = $1 and id = $2 and account_id = $3";
    BACK_DRAFT = "update drafts set account_id = $4 where tenant_id = $1 and id = $2 and account_id = $3";
    BACK_THREAD = "update threads set account_id = $4 where tenant_id = $1 and id = $2 and account_id = $3";
    /// A draft that moved was sent since then.
    BACK_CASE_OF_DRAFT = "update cases set account_id = $4 where tenant_id = $1 and account_id = $3
        and id in (select case_id from drafts where tenant_id = $1 and id = $2) returning id";
    /// What was written about a case since then belongs to it.
    BACK_THREADS_OF_CASE = "update threads set account_id = $4
        where tenant_id = $1 and case_id = $2 and account_id = $3";
    /// Whoever was warned and has moved was told nothing since: after an undo the time begins anew.
    UNWARN = "update accounts set warned_at = null where tenant_id = $1 and id = $2";

    /// Whoever has moved, and left nothing behind, needs no warning.
    TO_WARN = "select id from accounts where tenant_id = $1 and provider = $2 and not guest and warned_at is null
        and (id not in (select old_account from moves where tenant_id = $1 and undone_at is null)
            or id in (select account_id from cases where tenant_id = $1
                union all select account_id from drafts where tenant_id = $1
                union all select account_id from threads where tenant_id = $1))
        order by id limit $3";
    WARN = "update accounts set warned_at = $3 where tenant_id = $1 and id = $2 and warned_at is null";
    LAST_WARNED = "select warned_at from accounts where tenant_id = $1 and provider = $2 and not guest
        and warned_at is not null
        and id not in (select old_account from moves where tenant_id = $1 and undone_at is null)
        order by warned_at desc limit 1";
    /// Warned long enough ago, or moved with everything that is theirs, and nobody can undo it any more. In a range of ids.
    TO_RETIRE = "select a.id from accounts a where a.tenant_id = $1 and a.provider = $2 and not a.guest
        and (a.warned_at <= $3
            or exists (select 1 from moves m where m.tenant_id = $1 and m.old_account = a.id and m.undone_at is null)
            and not exists (select 1 from cases c where c.tenant_id = $1 and c.account_id = a.id)
            and not exists (select 1 from drafts d where d.tenant_id = $1 and d.account_id = a.id)
            and not exists (select 1 from threads t where t.tenant_id = $1 and t.account_id = a.id))
        and not exists (select 1 from moves m where m.tenant_id = $1 and m.old_account = a.id and m.undo_until > $4)
        and a.id > $5 and a.id <= $6
        order by a.id limit $7";
    LAPSED = "delete from move_requests where tenant_id = $1 and expires_at <= $2";
    COUNT = "select count(*) from accounts where tenant_id = $1 and provider = $2 and not guest";
    COUNT_MOVED = "select count(*) from accounts where tenant_id = $1 and provider = $2
        and id in (select old_account from moves where tenant_id = $1 and undone_at is null)";
    COUNT_NOT_WARNED = "select count(*) from accounts where tenant_id = $1 and provider = $2 and not guest
        and warned_at is null and id not in (select old_account from moves where tenant_id = $1 and undone_at is null)";
    COUNT_WITH_OPEN_CASES = "select count(*) from accounts where tenant_id = $1 and provider = $2 and not guest
        and id in (select account_id from cases where tenant_id = $1 and account_id is not null and closed_at is null)";
}

pub(super) struct Request<'a> {
    pub link: &'a str,
    pub session: Uuid,
    pub account: Uuid,
    pub old: Uuid,
    pub expires: Timestamp,
}

/// `false` if the session is over.
pub(super) async fn ask(tx: &mut Tx, request: Request<'_>) -> Result<bool> {
    let query = tx.query(ASK).bind(digest(request.link)).bind(request.session).bind(request.account);
    Ok(query.bind(request.old).bind(stamp(request.expires)).run().await? > 0)
}

/// Whoever takes it is the only one; the old account, and until when the link works.
pub(super) async fn take(tx: &mut Tx, link: &str, session: Uuid) -> Result<Option<(Uuid, Timestamp)>> {
    let found: Option<(Uuid, At)> = tx.query(TAKE).bind(digest(link)).bind(session).optional().await?;
    Ok(found.map(|(old, expires)| (old, expires.to_jiff())))
}

pub(super) async fn drop_requests(tx: &mut Tx, old: Uuid) -> Result<()> {
    tx.query(DROP_REQUESTS).bind(old).run().await?;
    Ok(())
}

/// Whether what was in an account belongs to another one now.
pub async fn has_moved(tx: &mut Tx, account: Uuid) -> Result<bool> {
    Ok(tx.query(HAS_MOVED).bind(account).optional::<(Uuid,)>().await?.is_some())
}

/// Until when a clerk can take away again what an account has taken over; `None`: there is nothing of that kind.
pub async fn undoable_until(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<Option<Timestamp>> {
    let found: Option<(At,)> = tx.query(UNDOABLE_UNTIL).bind(account).bind(stamp(now)).optional().await?;
    Ok(found.map(|(until,)| until.to_jiff()))
}

/// The account to which belongs now what was in this one.
pub async fn moved_to(tx: &mut Tx, account: Uuid) -> Result<Option<Uuid>> {
    Ok(tx.query(MOVED_TO).bind(account).optional::<(Uuid,)>().await?.map(|(id,)| id))
}

/// The accounts that an account has taken over.
pub async fn moved_into(tx: &mut Tx, account: Uuid) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = tx.query(MOVED_INTO).bind(account).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Everything that hangs on an account hangs on another one from here on.
pub(super) async fn hand_over(tx: &mut Tx, old: Uuid, new: Uuid) -> Result<Moved> {
    let ids = |rows: Vec<(Uuid,)>| rows.into_iter().map(|(id,)| id).collect();
    Ok(Moved {
        cases: ids(tx.query(MOVE_CASES).bind(old).bind(new).all().await?),
        drafts: ids(tx.query(MOVE_DRAFTS).bind(old).bind(new).all().await?),
        threads: ids(tx.query(MOVE_THREADS).bind(old).bind(new).all().await?),
        ..Moved::default()
    })
}

/// `None`: somebody was faster.
pub(super) async fn add(
    tx: &mut Tx,
    old: Uuid,
    new: Uuid,
    moved: &Moved,
    now: Timestamp,
    undo_until: Timestamp,
) -> Result<Option<Uuid>> {
    let row = id();
    let sealed = tx.sealer().await?.seal_json(moved_of(&row.to_string()), moved);
    let query = tx.query(ADD).bind(row).bind(old).bind(new).bind(sealed);
    Ok((query.bind(stamp(now)).bind(stamp(undo_until)).run().await? > 0).then_some(row))
}

#[derive(sqlx::FromRow)]
pub(super) struct MoveRow {
    pub id: Uuid,
    pub old_account: Uuid,
    pub new_account: Uuid,
    pub moved: Sealed,
    pub old_provider: String,
    pub new_provider: String,
    pub old_profile: Sealed,
    pub moved_at: At,
    pub undo_until: At,
    pub undone_at: Option<At>,
}

pub(super) async fn list(tx: &mut Tx, most: i64) -> Result<Vec<MoveRow>> {
    tx.query(LIST).bind(most).all().await
}

/// The numbers of the cases that went and are still where they went to.
pub(super) async fn numbers(tx: &mut Tx, row: &MoveRow) -> Result<Vec<String>> {
    let moved: Moved = tx.sealer().await?.open_json(moved_of(&row.id.to_string()), &row.moved)?;
    let there: Vec<(Uuid, String)> = tx.query(NUMBERS).bind(row.new_account).all().await?;
    Ok(there.into_iter().filter(|(id, _)| moved.cases.contains(id)).map(|(_, number)| number).collect())
}

/// The old account, the new one and what went; `None`: there is none of this id that could be undone now.
pub(super) async fn undo(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<Option<(Uuid, Uuid, Moved)>> {
    let found: Option<(Uuid, Uuid, Sealed)> = tx.query(UNDO).bind(id).bind(stamp(now)).optional().await?;
    let Some((old, new, sealed)) = found else { return Ok(None) };
    let moved = tx.sealer().await?.open_json(moved_of(&id.to_string()), &sealed)?;
    Ok(Some((old, new, moved)))
}

/// What is still there, and still the new account's, is the old one's again, with what has grown on it since.
pub(super) async fn give_back(tx: &mut Tx, old: Uuid, new: Uuid, moved: &Moved) -> Result<()> {
    let all = [(BACK_CASE, &moved.cases), (BACK_DRAFT, &moved.drafts), (BACK_THREAD, &moved.threads)];
    for (sql, ids) in all {
        for id in ids {
            tx.query(sql).bind(*id).bind(new).bind(old).run().await?;
        }
    }
    let mut cases = moved.cases.clone();
    for draft in &moved.drafts {
        let sent: Vec<(Uuid,)> = tx.query(BACK_CASE_OF_DRAFT).bind(*draft).bind(new).bind(old).all().await?;
        cases.extend(sent.into_iter().map(|(id,)| id));
    }
    for case in cases {
        tx.query(BACK_THREADS_OF_CASE).bind(case).bind(new).bind(old).run().await?;
    }
    tx.query(UNWARN).bind(old).run().await?;
    Ok(())
}

pub(super) async fn to_warn(tx: &mut Tx, provider: &str, most: i64) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = tx.query(TO_WARN).bind(provider.to_owned()).bind(most).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// `false`: another node was faster.
pub(super) async fn warn(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<bool> {
    Ok(tx.query(WARN).bind(account).bind(stamp(now)).run().await? > 0)
}

/// When somebody who has not moved yet was last told that their account ends.
pub(super) async fn last_warned(tx: &mut Tx, provider: &str) -> Result<Option<Timestamp>> {
    let found: Option<(At,)> = tx.query(LAST_WARNED).bind(provider.to_owned()).optional().await?;
    Ok(found.map(|(at,)| at.to_jiff()))
}

/// Accounts that may go now, those after the first id up to the second; `warned`: told at this moment or before.
pub(super) async fn to_retire(
    tx: &mut Tx,
    provider: &str,
    (warned, now): (Timestamp, Timestamp),
    (after, last): (Uuid, Uuid),
    most: i64,
) -> Result<Vec<Uuid>> {
    let query = tx.query(TO_RETIRE).bind(provider.to_owned()).bind(stamp(warned)).bind(stamp(now));
    let query = query.bind(after).bind(last).bind(most);
    Ok(query.all::<(Uuid,)>().await?.into_iter().map(|(id,)| id).collect())
}

/// Links that are too old go.
pub async fn lapse(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.query(LAPSED).bind(stamp(now)).run().await
}

/// Accounts of a provider: all, those that have moved, those nobody has told yet, those with cases that are not over.
pub(super) async fn counts(tx: &mut Tx, provider: &str) -> Result<[u64; 4]> {
    let mut counts = [0; 4];
    for (count, sql) in counts.iter_mut().zip([COUNT, COUNT_MOVED, COUNT_NOT_WARNED, COUNT_WITH_OPEN_CASES]) {
        let found: Option<(i64,)> = tx.query(sql).bind(provider.to_owned()).optional().await?;
        *count = found.map_or(0, |(count,)| count.unsigned_abs());
    }
    Ok(counts)
}

fn moved_of(row: &str) -> Cell<'_> {
    Cell { table: "moves", row, column: "moved" }
}
