//! One's own cases and messages.

use poem::Request;
use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path},
    payload::Json,
    types::Any,
};
use serde_json::Value;

use super::{Done, Private, citizen, doing_citizen, private, words::Words};
use crate::{
    audit::{self, Actor, Entry},
    cases::{self, Case, CaseNumber, Section},
    error::Error,
    identity::CitizenVisit,
    mailbox::{self, Kind, Message, Sender, Thread},
    store::Tx,
    web::Once,
};

pub struct CitizensApi;

/// A case as it stands in the list.
#[derive(Debug, Object)]
struct CaseItem {
    /// What people read out: `LOE-2026-483921-7`.
    number: String,
    /// Id of the service.
    service: String,
    title: String,
    /// `submitted`, `received`, `processing`, `action_required`, `completed` or `withdrawn`.
    state: String,
    /// When it came in (ISO 8601, UTC).
    submitted: String,
    closed: Option<String>,
}

#[derive(Debug, Object)]
struct CaseList {
    /// The town's name, as it signs.
    town: String,
    cases: Vec<CaseItem>,
}

/// One case: what was applied for, and what became of it.
#[derive(Debug, Object)]
struct CaseDetail {
    number: String,
    service: String,
    title: String,
    state: String,
    submitted: String,
    closed: Option<String>,
    /// Until when the town hall means to answer.
    due: Option<String>,
    sections: Vec<SectionItem>,
    timeline: Vec<EventItem>,
    /// Id of the messages about it, if there are any.
    thread: Option<String>,
}

#[derive(Debug, Object)]
pub(super) struct SectionItem {
    id: String,
    title: String,
    fields: Vec<FieldItem>,
}

#[derive(Debug, Object)]
struct FieldItem {
    id: String,
    label: String,
    kind: String,
    /// For programs: dates as `2026-11-22`, money in cents, ids of options, an address as an object.
    value: Any<Value>,
    /// For reading, in German.
    shown: String,
}

/// Something that happened, the first first.
#[derive(Debug, Object)]
pub(super) struct EventItem {
    pub at: String,
    pub event: String,
}

/// Messages about one thing.
#[derive(Debug, Object)]
struct ThreadItem {
    id: String,
    subject: String,
    /// When the last message came.
    last: String,
    /// Messages that have not been opened in the Postkorb.
    unread: u32,
    archived: bool,
}

#[derive(Debug, Object)]
struct ThreadList {
    /// The town's name, as it signs.
    town: String,
    threads: Vec<ThreadItem>,
}

#[derive(Debug, Object)]
struct ThreadDetail {
    id: String,
    subject: String,
    archived: bool,
    messages: Vec<MessageItem>,
}

#[derive(Debug, Object)]
struct MessageItem {
    id: String,
    /// `citizen`, `town_hall` or `portal`.
    from: String,
    /// `message`, `request` or `decision`.
    kind: String,
    sent: String,
    read: Option<String>,
    /// Null for a decision: it is opened in the Postkorb, where opening has its legal effect.
    text: Option<String>,
}

#[derive(Debug, Object)]
struct NewMessage {
    /// Plain text.
    text: Words,
}

#[OpenApi]
impl CitizensApi {
    /// Lists one's own cases
    #[oai(path = "/cases", method = "get")]
    async fn cases(&self, request: &Request) -> poem::Result<Private<CaseList>> {
        let visit = citizen(request)?;
        let mut tx = visit.store().read().await.map_err(Error::from)?;
        let cases = cases::all_of_citizen(&mut tx, visit.session.account).await.map_err(Error::from)?;
        Ok(private(CaseList { town: visit.tenant.town.full_name.clone(), cases: cases.iter().map(item).collect() }))
    }

    /// Shows one of one's own cases
    #[oai(path = "/cases/:number", method = "get")]
    async fn case(&self, request: &Request, number: Path<String>) -> poem::Result<Private<CaseDetail>> {
        let visit = citizen(request)?;
        let mut tx = visit.store().read().await.map_err(Error::from)?;
        let number = CaseNumber::parse(&number).ok_or(Error::NotFound)?;
        let case = cases::of_citizen(&mut tx, visit.session.account, &number).await.map_err(Error::from)?;
        let case = case.ok_or(Error::NotFound)?;
        opens(&visit, &case)?;
        Ok(private(detail(&mut tx, &case).await?))
    }

    /// Lists one's own messages
    #[oai(path = "/threads", method = "get")]
    async fn threads(&self, request: &Request) -> poem::Result<Private<ThreadList>> {
        let visit = citizen(request)?;
        let mut tx = visit.store().read().await.map_err(Error::from)?;
        let threads = mailbox::all_of_citizen(&mut tx, visit.session.account).await?;
        let threads = threads.into_iter().map(|thread| ThreadItem {
            id: thread.id.to_string(),
            subject: thread.subject,
            last: thread.last.to_string(),
            unread: thread.unread_citizen,
            archived: thread.archived,
        });
        Ok(private(ThreadList { town: visit.tenant.town.full_name.clone(), threads: threads.collect() }))
    }

    /// Shows the messages about one thing; reading them here marks nothing as read
    #[oai(path = "/threads/:id", method = "get")]
    async fn thread(&self, request: &Request, id: Path<String>) -> poem::Result<Private<ThreadDetail>> {
        let visit = citizen(request)?;
        let mut tx = visit.store().read().await.map_err(Error::from)?;
        let thread = own_thread(&mut tx, &visit, &id).await?;
        let (messages, _) = mailbox::seen_by_citizen(&mut tx, &thread).await?;
        Ok(private(ThreadDetail {
            id: thread.id.to_string(),
            subject: thread.subject,
            archived: thread.archived,
            messages: messages.into_iter().map(message).collect(),
        }))
    }

    /// Writes to the town hall; sent again with the same key within a day it is the same message
    #[oai(path = "/threads/:id/messages", method = "post")]
    async fn write(
        &self,
        request: &Request,
        id: Path<String>,
        #[oai(name = "Idempotency-Key", validator(pattern = "^[A-Za-z0-9-]{1,60}$"))] key: Header<Option<String>>,
        new: Json<NewMessage>,
    ) -> poem::Result<Private<Done>> {
        let visit = doing_citizen(request)?;
        let (now, account) = (visit.portal.clock.now(), visit.session.account);
        let mut tx = visit.store().write().await.map_err(Error::from)?;
        let thread = own_thread(&mut tx, &visit, &id).await?;
        let case = mailbox::doors::held(&mut tx, thread.case).await?;
        if !mailbox::doors::takes_answers(case.as_ref()) {
            return Err(Error::Forbidden.into());
        }
        let message = mailbox::doors::say(&mut tx, &visit, thread.id, case.as_ref(), new.text.as_str()).await?;
        let once = Once::of_key(account, &thread.id.to_string(), key.as_deref());
        if let Some(earlier) = once.keep(&mut tx, &message.to_string(), now).await.map_err(Error::from)? {
            return Ok(private(Done { id: earlier }));
        }
        let entry = Entry::new(Actor::Citizen(account), "message.sent").about(thread.id);
        audit::record(&mut tx, now, entry).await.map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        Ok(private(Done { id: message.to_string() }))
    }
}

async fn own_thread(tx: &mut Tx, visit: &CitizenVisit, id: &str) -> Result<Thread, Error> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let thread = mailbox::of_citizen(tx, visit.session.account, id).await?.ok_or(Error::NotFound)?;
    if let Some(case) = thread.case
        && let Some(case) = cases::by_id(tx, case).await?
    {
        opens(visit, &case)?;
    }
    Ok(thread)
}

/// A case opens to the level that its form demanded, as on its page.
fn opens(visit: &CitizenVisit, case: &Case) -> Result<(), Error> {
    if visit.session.level() < case.level { Err(Error::Forbidden) } else { Ok(()) }
}

fn item(case: &Case) -> CaseItem {
    CaseItem {
        number: case.number.to_string(),
        service: case.service.clone(),
        title: case.application.title.clone(),
        state: case.state.word().into(),
        submitted: case.submitted.to_string(),
        closed: case.closed.map(|at| at.to_string()),
    }
}

async fn detail(tx: &mut Tx, case: &Case) -> Result<CaseDetail, Error> {
    let timeline = cases::timeline(tx, case.id).await?;
    let shown = timeline.iter().filter(|event| event.shown);
    Ok(CaseDetail {
        number: case.number.to_string(),
        service: case.service.clone(),
        title: case.application.title.clone(),
        state: case.state.word().into(),
        submitted: case.submitted.to_string(),
        closed: case.closed.map(|at| at.to_string()),
        due: (!case.state.is_over()).then(|| case.due.to_string()),
        sections: case.application.sections.iter().map(section).collect(),
        timeline: shown.map(|event| EventItem { at: event.at.to_string(), event: event.kind.word().into() }).collect(),
        thread: mailbox::of_case(tx, case.id).await?.map(|thread| thread.id.to_string()),
    })
}

pub(super) fn section(section: &Section) -> SectionItem {
    let fields = section.fields.iter().map(|field| FieldItem {
        id: field.id.clone(),
        label: field.label.clone(),
        kind: field.kind.clone(),
        value: Any(field.value.clone()),
        shown: field.shown.clone(),
    });
    SectionItem { id: section.id.clone(), title: section.title.clone(), fields: fields.collect() }
}

/// Who wrote a message; clerks have no names here.
pub(super) fn from_word(sender: Sender) -> &'static str {
    match sender {
        Sender::Citizen => "citizen",
        Sender::Staff(_) => "town_hall",
        Sender::System => "portal",
    }
}

fn message(message: Message) -> MessageItem {
    let (kind, is_decision) = match message.kind {
        Kind::Message => ("message", false),
        Kind::Request => ("request", false),
        Kind::Decision => ("decision", true),
    };
    MessageItem {
        id: message.id.to_string(),
        from: from_word(message.sender).into(),
        kind: kind.into(),
        sent: message.sent.to_string(),
        read: message.read.map(|at| at.to_string()),
        text: (!is_decision).then_some(message.body),
    }
}
