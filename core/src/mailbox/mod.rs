//! The Postkorb: messages between a person and the town hall, about a case or freely, and decisions among them.
//!
//! Invariant: subject and words are sealed with the town's key – at rest, not from end to end: the town hall reads them. No
//! mail carries them. A thread is its account's alone; without an account it is reached through its case.

mod calendar;
mod copy;
pub mod decisions;
pub mod doors;
pub mod outlet;
pub mod pages;
mod records;
mod scanned;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub use copy::{Conversation, address_of, copy, has_address, letter_pdf, on_paper};
use decisions::Decision;
pub(crate) use decisions::STATEMENTS as OF_DECISIONS;
pub(crate) use outlet::STATEMENTS as OF_COPIES;
pub(crate) use records::STATEMENTS;
pub use scanned::scan;

use crate::{
    error::Result,
    files::{self, Arrived, File, NewFile, Owner, Refusal},
    identity,
    mail::{
        self,
        pages::{NewsMail, write},
    },
    store::Tx,
    web::{Once, Sent, Upload, Visit},
};

/// What belongs together.
#[derive(Debug, Clone)]
pub struct Thread {
    pub id: Uuid,
    pub account: Option<Uuid>,
    pub case: Option<Uuid>,
    /// Which department it went to; a thread of a case goes with the case.
    pub department: Option<String>,
    pub subject: String,
    pub last: Timestamp,
    /// Put away by the person.
    pub archived: bool,
    /// Messages that the other side has not opened.
    pub unread_citizen: u32,
    pub unread_staff: u32,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub id: Uuid,
    /// Its number in the thread.
    pub seq: i64,
    pub sender: Sender,
    pub kind: Kind,
    pub body: String,
    pub sent: Timestamp,
    /// When the other side opened it.
    pub read: Option<Timestamp>,
    /// Set where it goes as a letter, because nobody reads it here. A decision has a fate instead.
    pub post: Option<Post>,
}

/// How a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    /// Nobody has marked it as sent.
    Waits,
    Sent(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    Citizen,
    Staff(Uuid),
    System,
}

impl Sender {
    fn columns(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Citizen => ("citizen", None),
            Self::Staff(id) => ("staff", Some(id)),
            Self::System => ("system", None),
        }
    }

    fn of_columns(sender: &str, staff: Option<Uuid>) -> Self {
        match (sender, staff) {
            ("citizen", _) => Self::Citizen,
            ("staff", Some(id)) => Self::Staff(id),
            _ => Self::System,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Message,
    /// Something is wanted of the person.
    Request,
    Decision,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Request => "request",
            Self::Decision => "decision",
        }
    }

    fn of_word(word: &str) -> Self {
        match word {
            "request" => Self::Request,
            "decision" => Self::Decision,
            _ => Self::Message,
        }
    }
}

/// The thread of a case; a case that nobody has written about has none yet.
pub async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Option<Thread>> {
    Ok(records::of_case(tx, case).await?)
}

/// The thread of a case, begun if need be.
pub async fn open_for_case(
    tx: &mut Tx,
    case: Uuid,
    account: Option<Uuid>,
    subject: &str,
    now: Timestamp,
) -> Result<Uuid> {
    if let Some(thread) = records::of_case(tx, case).await? {
        return Ok(thread.id);
    }
    let new = records::NewThread { account, case: Some(case), department: None, subject };
    Ok(records::add_thread(tx, new, now).await?)
}

/// A thread about nothing that has a case.
pub async fn open_freely(
    tx: &mut Tx,
    account: Uuid,
    department: Option<String>,
    subject: &str,
    now: Timestamp,
) -> Result<Uuid> {
    // somebody may be deleting the account
    if !identity::hold(tx, account).await? {
        return Err(crate::store::Error::Dangling.into());
    }
    let new = records::NewThread { account: Some(account), case: None, department, subject };
    Ok(records::add_thread(tx, new, now).await?)
}

/// One's own thread; somebody else's is as good as none.
pub async fn of_citizen(tx: &mut Tx, account: Uuid, thread: Uuid) -> Result<Option<Thread>> {
    Ok(records::thread(tx, thread).await?.filter(|thread| thread.account == Some(account)))
}

pub async fn by_id(tx: &mut Tx, thread: Uuid) -> Result<Option<Thread>> {
    Ok(records::thread(tx, thread).await?)
}

/// Messages without a case go to another department.
pub async fn hand_over(tx: &mut Tx, thread: Uuid, department: &str) -> Result<()> {
    Ok(records::move_thread(tx, thread, department.to_owned()).await?)
}

/// All of an account, the latest first.
pub async fn all_of_citizen(tx: &mut Tx, account: Uuid) -> Result<Vec<Thread>> {
    Ok(records::of_account(tx, account).await?)
}

/// Messages without a case that nobody at the desk has read, the oldest first.
pub async fn at_the_desk(tx: &mut Tx, department: Option<String>) -> Result<Vec<Thread>> {
    Ok(records::at_the_desk(tx, department).await?)
}

/// Messages without a case, unread ones first, then the latest; what has no department is everybody's. `None`: of all.
pub async fn without_case(tx: &mut Tx, department: Option<String>) -> Result<Vec<Thread>> {
    Ok(records::without_case(tx, department).await?)
}

pub async fn messages(tx: &mut Tx, thread: Uuid) -> Result<Vec<Message>> {
    Ok(records::messages(tx, thread).await?)
}

/// The messages of a thread as its person may see them, and the decisions among them: what a decision says stays empty
/// until it is opened.
pub async fn seen_by_citizen(tx: &mut Tx, thread: &Thread) -> Result<(Vec<Message>, Vec<Decision>)> {
    let mut messages = records::messages(tx, thread.id).await?;
    let decisions = match thread.case {
        Some(case) => decisions::of_case(tx, case).await?,
        None => Vec::new(),
    };
    for message in messages.iter_mut().filter(|message| message.kind == Kind::Decision) {
        if !decisions.iter().any(|decision| decision.message == message.id && decision.is_open()) {
            message.body.clear();
        }
    }
    Ok((messages, decisions))
}

pub async fn last_message(tx: &mut Tx, thread: Uuid) -> Result<Option<Message>> {
    Ok(records::last_message(tx, thread).await?)
}

/// Who wrote last into each thread of an account, and what kind of message it was.
pub async fn last_of_citizen(tx: &mut Tx, account: Uuid) -> Result<HashMap<Uuid, (Sender, Kind)>> {
    Ok(records::last_of_account(tx, account).await?)
}

/// Adds a message; the other side finds it unread.
pub async fn write_to(
    tx: &mut Tx,
    thread: Uuid,
    sender: Sender,
    kind: Kind,
    body: &str,
    now: Timestamp,
) -> Result<Uuid> {
    Ok(records::add_message(tx, thread, sender, kind, body, now).await?)
}

/// This message goes by post: its person reads nothing here.
pub async fn send_by_post(tx: &mut Tx, message: Uuid) -> Result<()> {
    Ok(records::by_post(tx, message).await?)
}

/// The letter, or the decision, is on its way; `false` if it did not wait for the post.
pub async fn posted(tx: &mut Tx, message: Uuid, now: Timestamp) -> Result<bool> {
    Ok(decisions::posted(tx, message, now).await? || records::posted(tx, message, now).await?)
}

/// The case that a message is about; `None`: it is about none, or there is no such message.
pub async fn case_of(tx: &mut Tx, message: Uuid) -> Result<Option<Uuid>> {
    Ok(records::case_of_message(tx, message).await?)
}

/// The person has these messages open: what the town hall wrote up to the last of them is read, but for decisions that are
/// closed. Says whether anything was unread before.
pub async fn read_by_citizen(tx: &mut Tx, thread: Uuid, seen: &[Message], now: Timestamp) -> Result<bool> {
    Ok(records::read_by_citizen(tx, thread, last_of(seen), now).await? > 0)
}

/// The person has opened this one, a decision.
pub(crate) async fn read_one(tx: &mut Tx, thread: Uuid, message: Uuid, now: Timestamp) -> Result<()> {
    Ok(records::read_one(tx, thread, message, now).await?)
}

pub async fn read_by_staff(tx: &mut Tx, thread: Uuid, seen: &[Message], now: Timestamp) -> Result<()> {
    Ok(records::read_by_staff(tx, thread, last_of(seen), now).await?)
}

fn last_of(messages: &[Message]) -> i64 {
    messages.last().map_or(0, |message| message.seq)
}

/// What the town hall has written about a case and nobody has read goes as a letter; says how many those are.
pub(crate) async fn unread_by_post(tx: &mut Tx, case: Uuid) -> crate::store::Result<u64> {
    records::unread_by_post(tx, case).await
}

pub async fn archive(tx: &mut Tx, thread: Uuid, account: Uuid, archived: bool) -> Result<()> {
    Ok(records::archive(tx, thread, account, archived).await?)
}

/// Threads of an account with something unread.
pub async fn unread(tx: &mut Tx, account: Uuid) -> Result<u32> {
    Ok(records::unread(tx, account).await?)
}

/// Of one message.
pub const MOST_FILES: usize = 5;
/// The field in which files come with a message.
pub(crate) const FILES: &str = "files";

/// Files that came with a message, and those that were not taken.
pub fn accepted(arrived: &[Arrived]) -> (Vec<&NewFile>, Vec<(&str, Refusal)>) {
    let (kept, mut refused) = files::sorted(arrived, FILES);
    if kept.len() > MOST_FILES {
        refused.push(("", Refusal::TooMany));
    }
    (kept, refused)
}

/// The form as it was sent, its files included.
pub fn once(sent: &Sent, kept: &[&NewFile]) -> Once {
    Once::of(sent).with(kept.iter().map(|file| file.details.sha256.as_str()))
}

/// The place for files after something was wrong: browsers do not send a file twice by themselves.
pub fn once_more(visit: &Visit, kept: &[&NewFile], refused: &[(&str, Refusal)]) -> Upload {
    files::once_more(visit, kept, refused, MOST_FILES)
}

/// Files that came with a message get their rows.
pub async fn attach(tx: &mut Tx, visit: &Visit, message: Uuid, kept: &[&NewFile]) -> Result<()> {
    for file in kept {
        files::keep(tx, &visit.portal.files, Owner::Message(message), file, visit.portal.clock.now()).await?;
    }
    Ok(())
}

/// Files of messages, by their message.
pub async fn files_of(tx: &mut Tx, thread: Uuid) -> Result<HashMap<Uuid, Vec<File>>> {
    let mut found: HashMap<Uuid, Vec<File>> = HashMap::new();
    for file in files::of_thread(tx, thread).await? {
        if let Owner::Message(message) = file.owner {
            found.entry(message).or_default().push(file);
        }
    }
    Ok(found)
}

/// The same as far as the person may have them: those of a decision come with its words, when it is opened.
pub async fn files_seen_by_citizen(tx: &mut Tx, thread: &Thread) -> Result<HashMap<Uuid, Vec<File>>> {
    let (messages, decisions) = seen_by_citizen(tx, thread).await?;
    files_of_seen(tx, thread, &messages, &decisions).await
}

/// The same for whoever has them already.
pub async fn files_of_seen(
    tx: &mut Tx,
    thread: &Thread,
    messages: &[Message],
    decisions: &[Decision],
) -> Result<HashMap<Uuid, Vec<File>>> {
    let is_shut = |message: &Message| {
        let opened = decisions.iter().any(|decision| decision.message == message.id && decision.is_open());
        message.kind == Kind::Decision && !opened
    };
    let mut found = files_of(tx, thread.id).await?;
    messages.iter().filter(|message| is_shut(message)).for_each(|message| _ = found.remove(&message.id));
    Ok(found)
}

/// Whoever gets several messages within this time gets one mail.
const SAME_NEWS: SignedDuration = SignedDuration::from_hours(1);

/// Orders the copy of a message for the person's other mailbox, and tells them by mail that something new lies in their
/// Postkorb – not what –, unless they want no mails. Says whether they are told by mail.
pub async fn notify(
    tx: &mut Tx,
    visit: &Visit,
    account: Uuid,
    (thread, message): (Uuid, Uuid),
    now: Timestamp,
) -> Result<bool> {
    outlet::order(tx, &visit.tenant, account, message, now).await?;
    if !identity::is_notified(tx, account).await? {
        return Ok(false);
    }
    let Some(profile) = identity::profile(tx, account).await? else { return Ok(false) };
    let Some(address) = profile.address() else { return Ok(false) };
    let plain = Visit { locale: profile.locale(&visit.tenant), person: None, ..visit.clone() };
    let url = plain.whole_url("/postkorb");
    let letter = write(&NewsMail { url }, &plain)?;
    let same = tx.sealer().await?.mark("news", &[thread.as_bytes()]);
    let once = Some((&same[..], SAME_NEWS));
    mail::send_to_person(tx, now, account, letter, address, once).await?;
    Ok(true)
}
