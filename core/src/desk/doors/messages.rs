//! `/verwaltung/nachrichten[/{id}]`

use poem::{
    Response, handler,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{case::letter, clerk, department_name, is_open, list::default_department, names};
use crate::{
    audit::{self, Actor},
    desk::pages::{
        case::{LETTER, Letter},
        messages::{MessagesPage, ThreadLine, ThreadPage},
    },
    error::{Error, Result},
    files::{self, File},
    identity::{
        self,
        doors::{private, see_other},
    },
    mailbox::{self, Kind, Sender, Thread},
    staff::{self, Reach, StaffVisit},
    store::Tx,
    tenant::schema::Permission,
    web::{Form, Sent},
};

const LONGEST: usize = 20_000;

#[handler]
pub async fn list(visit: StaffVisit) -> Result<Response> {
    let reach = visit.reach(Permission::Messages)?;
    let department = match reach {
        Reach::All => None,
        Reach::Only(_) => default_department(&visit, reach),
    };
    let mut tx = visit.store().read().await?;
    let threads = mailbox::without_case(&mut tx, department).await?;
    let line = |thread: &Thread| ThreadLine {
        subject: thread.subject.clone(),
        url: format!("/verwaltung/nachrichten/{}", thread.id),
        at: visit.moment(thread.last),
        department: department_name(&visit, thread.department.as_deref()),
        unread: thread.unread_staff > 0,
    };
    let threads = threads.iter().filter(|thread| reach.covers(thread.department.as_deref())).map(line).collect();
    private(&visit, &MessagesPage { clerk: clerk(&visit), threads })
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    fertig: Option<String>,
}

#[handler]
pub async fn show(visit: StaffVisit, Path(id): Path<Uuid>, Query(asked): Query<Asked>) -> Result<Response> {
    is_open(&visit)?;
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    let thread = found(&mut tx, &visit, id).await?;
    mailbox::read_by_staff(&mut tx, id, now).await?;
    let page = page(&mut tx, &visit, &thread, Form::blank(&LETTER), asked.fertig.is_some()).await?;
    audit::record(&mut tx, now, audit::Entry::new(Actor::Staff(visit.id), "thread.read").about(id)).await?;
    tx.commit().await?;
    private(&visit, &page)
}

#[handler]
pub async fn answer(visit: StaffVisit, Path(id): Path<Uuid>, sent: Sent) -> Result<Response> {
    is_open(&visit)?;
    let now = visit.portal.clock.now();
    let mut form = Form::read(&LETTER, sent.pairs());
    form.needs("text");
    form.limits("text", LONGEST);
    let mut tx = visit.store().write().await?;
    let thread = found(&mut tx, &visit, id).await?;
    if form.is_wrong() {
        let mut response = private(&visit, &page(&mut tx, &visit, &thread, form, false).await?)?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    }
    mailbox::write_to(&mut tx, id, Sender::Staff(visit.id), Kind::Message, form.value("text"), now).await?;
    if let Some(account) = thread.account
        && let Some(profile) = identity::profile(&mut tx, account).await?
    {
        mailbox::notify(&mut tx, &visit, &profile, id, now).await?;
    }
    audit::record(&mut tx, now, audit::Entry::new(Actor::Staff(visit.id), "message.sent").about(id)).await?;
    tx.commit().await?;
    see_other(&format!("/verwaltung/nachrichten/{id}?fertig=gesendet"))
}

/// A thread without a case, for whoever answers messages of its department.
pub(super) async fn found(tx: &mut Tx, visit: &StaffVisit, id: Uuid) -> Result<Thread> {
    let reach = visit.reach(Permission::Messages)?;
    let thread = mailbox::by_id(tx, id).await?.filter(|thread| thread.case.is_none()).ok_or(Error::NotFound)?;
    if reach.covers(thread.department.as_deref()) { Ok(thread) } else { Err(Error::Forbidden) }
}

async fn page(tx: &mut Tx, visit: &StaffVisit, thread: &Thread, form: Form, done: bool) -> Result<ThreadPage> {
    let names = names(&staff::colleagues(tx, &visit.tenant).await?);
    let messages = mailbox::messages(tx, thread.id).await?;
    let attached = mailbox::files_of(tx, thread.id).await?;
    let url = |file: &File| format!("/verwaltung/nachrichten/{}/dateien/{}", thread.id, file.id);
    let from = match thread.account {
        Some(account) => identity::profile(tx, account).await?.and_then(|profile| profile.name()),
        None => None,
    };
    Ok(ThreadPage {
        clerk: clerk(visit),
        subject: thread.subject.clone(),
        action: format!("/verwaltung/nachrichten/{}", thread.id),
        from,
        department: department_name(visit, thread.department.as_deref()),
        messages: messages
            .iter()
            .map(|message| Letter {
                files: files::views(visit, attached.get(&message.id).map_or(&[][..], Vec::as_slice), url),
                ..letter(visit, &names, &[], message)
            })
            .collect(),
        form,
        done,
    })
}
