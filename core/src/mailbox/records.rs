//! Threads, messages and decisions, as rows.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use super::{Kind, Message, Post, Sender, Thread};
use crate::{
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx, stamp},
};

statements! {
    ADD_THREAD = "insert into threads (tenant_id, id, account_id, case_id, department, subject, created_at, last_at,
            archived, unread_citizen, unread_staff)
        values ($1, $2, $3, $4, $5, $6, $7, $7, false, 0, 0) on conflict (tenant_id, case_id) do nothing";
    MOVE_THREAD = "update threads set department = $3 where tenant_id = $1 and id = $2 and case_id is null";
    THREAD = "select id, account_id, case_id, department, subject, last_at, archived, unread_citizen, unread_staff
        from threads where tenant_id = $1 and id = $2";
    OF_CASE = "select id, account_id, case_id, department, subject, last_at, archived, unread_citizen, unread_staff
        from threads where tenant_id = $1 and case_id = $2";
    OF_ACCOUNT = "select id, account_id, case_id, department, subject, last_at, archived, unread_citizen, unread_staff
        from threads where tenant_id = $1 and account_id = $2 order by last_at desc, id limit 1000";
    /// Messages without a case; everybody's department is nobody's.
    AT_THE_DESK = "select id, account_id, case_id, department, subject, last_at, archived, unread_citizen, unread_staff
        from threads where tenant_id = $1 and case_id is null and unread_staff > 0
            and (cast($2 as text) is null or department is null or department = $2)
        order by last_at limit 200";
    WITHOUT_CASE = "select id, account_id, case_id, department, subject, last_at, archived, unread_citizen, unread_staff
        from threads where tenant_id = $1 and case_id is null
            and (cast($2 as text) is null or department is null or department = $2)
        order by case when unread_staff > 0 then 0 else 1 end, last_at desc limit 200";
    ADD_MESSAGE = "insert into messages (tenant_id, id, thread_id, seq, sender, staff_id, kind, body, sent_at, read_at)
        select $1, $2, $3, coalesce(max(seq), 0) + 1, $4, $5, $6, $7, $8, null from messages
            where tenant_id = $1 and thread_id = $3";
    /// Before the message: whoever writes into the same thread waits here, so that numbers of messages never collide.
    TO_CITIZEN = "update threads set last_at = $3, archived = false, unread_citizen = unread_citizen + 1
        where tenant_id = $1 and id = $2";
    TO_STAFF = "update threads set last_at = $3, archived = false, unread_staff = unread_staff + 1
        where tenant_id = $1 and id = $2";
    MESSAGES = "select id, seq, sender, staff_id, kind, body, sent_at, read_at, by_post, posted_at from messages
        where tenant_id = $1 and thread_id = $2 order by seq";
    LAST_MESSAGE = "select id, seq, sender, staff_id, kind, body, sent_at, read_at, by_post, posted_at from messages
        where tenant_id = $1 and thread_id = $2 order by seq desc limit 1";
    LAST_OF_ACCOUNT = "select m.thread_id, m.sender, m.staff_id, m.kind from messages m
        join threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
        where t.tenant_id = $1 and t.account_id = $2 and m.seq = (select max(seq) from messages l
            where l.tenant_id = t.tenant_id and l.thread_id = t.id)";
    /// A decision that is closed stays unread.
    READ_BY_CITIZEN = "update messages set read_at = $4
        where tenant_id = $1 and thread_id = $2 and seq <= $3 and sender <> 'citizen' and read_at is null
            and not exists (select 1 from decisions d where d.tenant_id = $1 and d.message_id = messages.id
                and d.state in ('provided', 'not_announced'))";
    READ_BY_STAFF = "update messages set read_at = $4
        where tenant_id = $1 and thread_id = $2 and seq <= $3 and sender = 'citizen' and read_at is null";
    READ_ONE = "update messages set read_at = $4 where tenant_id = $1 and thread_id = $2 and id = $3 and read_at is null";
    COUNT_FOR_CITIZEN = "update threads set unread_citizen = (select count(*) from messages m
            where m.tenant_id = $1 and m.thread_id = threads.id and m.sender <> 'citizen' and m.read_at is null)
        where tenant_id = $1 and id = $2";
    COUNT_FOR_STAFF = "update threads set unread_staff = (select count(*) from messages m
            where m.tenant_id = $1 and m.thread_id = threads.id and m.sender = 'citizen' and m.read_at is null)
        where tenant_id = $1 and id = $2";
    /// Whoever was to read it reads nothing here any more. A decision has a fate of its own.
    UNREAD_BY_POST = "update messages set by_post = true
        where tenant_id = $1 and sender <> 'citizen' and kind <> 'decision' and read_at is null and not by_post
            and thread_id in (select id from threads where tenant_id = $1 and case_id = $2)";
    ARCHIVE = "update threads set archived = $4 where tenant_id = $1 and id = $2 and account_id = $3";
    BY_POST = "update messages set by_post = true where tenant_id = $1 and id = $2";
    POSTED = "update messages set posted_at = $3
        where tenant_id = $1 and id = $2 and by_post and posted_at is null";
    CASE_OF_MESSAGE = "select t.case_id from threads t join messages m on m.tenant_id = t.tenant_id and m.thread_id = t.id
        where t.tenant_id = $1 and m.id = $2";
    UNREAD = "select count(*) from threads where tenant_id = $1 and account_id = $2 and unread_citizen > 0";
}

#[derive(sqlx::FromRow)]
struct ThreadRow {
    id: Uuid,
    account_id: Option<Uuid>,
    case_id: Option<Uuid>,
    department: Option<String>,
    subject: Sealed,
    last_at: At,
    archived: bool,
    unread_citizen: i64,
    unread_staff: i64,
}

impl ThreadRow {
    async fn opened(self, tx: &mut Tx) -> Result<Thread> {
        let subject = tx.sealer().await?.open(subject_of(&self.id.to_string()), &self.subject)?;
        Ok(Thread {
            subject: String::from_utf8_lossy(&subject).into_owned(),
            id: self.id,
            account: self.account_id,
            case: self.case_id,
            department: self.department,
            last: self.last_at.to_jiff(),
            archived: self.archived,
            unread_citizen: u32::try_from(self.unread_citizen).unwrap_or_default(),
            unread_staff: u32::try_from(self.unread_staff).unwrap_or_default(),
        })
    }
}

pub(super) struct NewThread<'a> {
    pub account: Option<Uuid>,
    pub case: Option<Uuid>,
    pub department: Option<String>,
    pub subject: &'a str,
}

pub(super) async fn add_thread(tx: &mut Tx, new: NewThread<'_>, now: Timestamp) -> Result<Uuid> {
    let id = crate::crypto::id();
    let subject = tx.sealer().await?.seal(subject_of(&id.to_string()), new.subject.as_bytes());
    let query = tx.query(ADD_THREAD).bind(id).bind(new.account).bind(new.case).bind(new.department).bind(subject);
    if query.bind(stamp(now)).run().await? == 0
        && let Some(case) = new.case
        && let Some(begun) = of_case(tx, case).await?
    {
        // somebody was faster
        return Ok(begun.id);
    }
    Ok(id)
}

pub(super) async fn thread(tx: &mut Tx, id: Uuid) -> Result<Option<Thread>> {
    let row: Option<ThreadRow> = tx.query(THREAD).bind(id).optional().await?;
    opened(tx, row).await
}

pub(super) async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Option<Thread>> {
    let row: Option<ThreadRow> = tx.query(OF_CASE).bind(case).optional().await?;
    opened(tx, row).await
}

async fn opened(tx: &mut Tx, row: Option<ThreadRow>) -> Result<Option<Thread>> {
    match row {
        Some(row) => row.opened(tx).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<Thread>> {
    let rows: Vec<ThreadRow> = tx.query(OF_ACCOUNT).bind(account).all().await?;
    all_opened(tx, rows).await
}

pub(super) async fn move_thread(tx: &mut Tx, id: Uuid, department: String) -> Result<()> {
    tx.query(MOVE_THREAD).bind(id).bind(department).run().await?;
    Ok(())
}

pub(super) async fn at_the_desk(tx: &mut Tx, department: Option<String>) -> Result<Vec<Thread>> {
    let rows: Vec<ThreadRow> = tx.query(AT_THE_DESK).bind(department).all().await?;
    all_opened(tx, rows).await
}

pub(super) async fn without_case(tx: &mut Tx, department: Option<String>) -> Result<Vec<Thread>> {
    let rows: Vec<ThreadRow> = tx.query(WITHOUT_CASE).bind(department).all().await?;
    all_opened(tx, rows).await
}

async fn all_opened(tx: &mut Tx, rows: Vec<ThreadRow>) -> Result<Vec<Thread>> {
    let mut threads = Vec::with_capacity(rows.len());
    for row in rows {
        threads.push(row.opened(tx).await?);
    }
    Ok(threads)
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: Uuid,
    seq: i64,
    sender: String,
    staff_id: Option<Uuid>,
    kind: String,
    body: Sealed,
    sent_at: At,
    read_at: Option<At>,
    by_post: bool,
    posted_at: Option<At>,
}

impl MessageRow {
    async fn opened(self, tx: &mut Tx) -> Result<Message> {
        let body = tx.sealer().await?.open(body_of(&self.id.to_string()), &self.body)?;
        Ok(Message {
            body: String::from_utf8_lossy(&body).into_owned(),
            id: self.id,
            seq: self.seq,
            sender: Sender::of_columns(&self.sender, self.staff_id),
            kind: Kind::of_word(&self.kind),
            sent: self.sent_at.to_jiff(),
            read: self.read_at.map(|at| at.to_jiff()),
            post: self.by_post.then(|| self.posted_at.map_or(Post::Waits, |at| Post::Sent(at.to_jiff()))),
        })
    }
}

pub(super) async fn add_message(
    tx: &mut Tx,
    thread: Uuid,
    sender: Sender,
    kind: Kind,
    body: &str,
    now: Timestamp,
) -> Result<Uuid> {
    let id = crate::crypto::id();
    let body = tx.sealer().await?.seal(body_of(&id.to_string()), body.as_bytes());
    let (who, staff) = sender.columns();
    let counts = if sender == Sender::Citizen { TO_STAFF } else { TO_CITIZEN };
    tx.query(counts).bind(thread).bind(stamp(now)).run().await?;
    let query = tx.query(ADD_MESSAGE).bind(id).bind(thread).bind(who.to_owned()).bind(staff);
    query.bind(kind.word().to_owned()).bind(body).bind(stamp(now)).run().await?;
    Ok(id)
}

pub(super) async fn messages(tx: &mut Tx, thread: Uuid) -> Result<Vec<Message>> {
    let rows: Vec<MessageRow> = tx.query(MESSAGES).bind(thread).all().await?;
    let mut messages = Vec::with_capacity(rows.len());
    for row in rows {
        messages.push(row.opened(tx).await?);
    }
    Ok(messages)
}

pub(super) async fn last_message(tx: &mut Tx, thread: Uuid) -> Result<Option<Message>> {
    match tx.query(LAST_MESSAGE).bind(thread).optional::<MessageRow>().await? {
        Some(row) => row.opened(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Who wrote last into each thread, and what kind of message it was.
pub(super) async fn last_of_account(tx: &mut Tx, account: Uuid) -> Result<HashMap<Uuid, (Sender, Kind)>> {
    type Row = (Uuid, String, Option<Uuid>, String);
    let rows: Vec<Row> = tx.query(LAST_OF_ACCOUNT).bind(account).all().await?;
    let last = rows
        .into_iter()
        .map(|(thread, sender, staff, kind)| (thread, (Sender::of_columns(&sender, staff), Kind::of_word(&kind))));
    Ok(last.collect())
}

/// What the town hall wrote up to `seq` is read; a decision only when it is open. Says how many that were.
pub(super) async fn read_by_citizen(tx: &mut Tx, thread: Uuid, seq: i64, now: Timestamp) -> Result<u64> {
    let read = tx.query(READ_BY_CITIZEN).bind(thread).bind(seq).bind(stamp(now)).run().await?;
    if read > 0 {
        tx.query(COUNT_FOR_CITIZEN).bind(thread).run().await?;
    }
    Ok(read)
}

pub(super) async fn read_one(tx: &mut Tx, thread: Uuid, message: Uuid, now: Timestamp) -> Result<()> {
    tx.query(READ_ONE).bind(thread).bind(message).bind(stamp(now)).run().await?;
    tx.query(COUNT_FOR_CITIZEN).bind(thread).run().await?;
    Ok(())
}

pub(super) async fn read_by_staff(tx: &mut Tx, thread: Uuid, seq: i64, now: Timestamp) -> Result<()> {
    tx.query(READ_BY_STAFF).bind(thread).bind(seq).bind(stamp(now)).run().await?;
    tx.query(COUNT_FOR_STAFF).bind(thread).run().await?;
    Ok(())
}

pub(super) async fn unread_by_post(tx: &mut Tx, case: Uuid) -> Result<u64> {
    tx.query(UNREAD_BY_POST).bind(case).run().await
}

pub(super) async fn archive(tx: &mut Tx, thread: Uuid, account: Uuid, archived: bool) -> Result<()> {
    tx.query(ARCHIVE).bind(thread).bind(account).bind(archived).run().await?;
    Ok(())
}

pub(super) async fn unread(tx: &mut Tx, account: Uuid) -> Result<u32> {
    let counted: Option<(i64,)> = tx.query(UNREAD).bind(account).optional().await?;
    Ok(counted.and_then(|(count,)| u32::try_from(count).ok()).unwrap_or_default())
}

pub(super) async fn by_post(tx: &mut Tx, message: Uuid) -> Result<()> {
    tx.query(BY_POST).bind(message).run().await?;
    Ok(())
}

/// `false` if it does not wait.
pub(super) async fn posted(tx: &mut Tx, message: Uuid, now: Timestamp) -> Result<bool> {
    Ok(tx.query(POSTED).bind(message).bind(stamp(now)).run().await? > 0)
}

/// The case that a message is about.
pub(super) async fn case_of_message(tx: &mut Tx, message: Uuid) -> Result<Option<Uuid>> {
    let row: Option<(Option<Uuid>,)> = tx.query(CASE_OF_MESSAGE).bind(message).optional().await?;
    Ok(row.and_then(|(case,)| case))
}

fn subject_of(row: &str) -> Cell<'_> {
    Cell { table: "threads", row, column: "subject" }
}

fn body_of(row: &str) -> Cell<'_> {
    Cell { table: "messages", row, column: "body" }
}
