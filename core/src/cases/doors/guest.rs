//! What a guest sees of a case and says about it, with number and code in the place of an account.

use poem::{Response, http::StatusCode};
use serde_json::Value;

use super::{
    super::pages::case::{Done, Guest, Letter, WORDS},
    page,
};
use crate::{
    audit::{self, Actor, Entry},
    cases::{self, Case, EventKind, Moved, State, Who},
    error::Result,
    identity::doors::private,
    mailbox::{self, Kind, Message, Sender},
    web::{Form, Sent, Visit},
};

const LONGEST_MESSAGE: usize = 5000;

pub(super) async fn show(visit: &Visit, case: &Case, code: &str, form: Form, done: Option<Done>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let thread = mailbox::of_case(&mut tx, case.id).await?;
    let messages = match &thread {
        Some(thread) => mailbox::seen_by_citizen(&mut tx, thread).await?.0,
        None => Vec::new(),
    };
    let takes = case.state != State::Withdrawn && (!visit.portal.read_only || done == Some(Done::Closed));
    let is_wrong = form.is_wrong();
    let guest = Guest {
        code: code.to_owned(),
        // what goes by post is read on paper
        letters: messages.iter().filter(|it| !it.body.is_empty()).map(|it| letter(visit, case, it)).collect(),
        form: takes.then_some(form),
    };
    let page = page(&mut tx, visit, case, thread.as_ref(), done).await?;
    drop(tx);
    if let Some(thread) = thread.filter(|thread| thread.unread_citizen > 0 && !visit.portal.read_only) {
        let mut tx = visit.store().write().await?;
        mailbox::read_by_citizen(&mut tx, thread.id, &messages, visit.portal.clock.now()).await?;
        tx.commit().await?;
    }
    let page = super::CasePage { guest: Some(guest), action: visit.url("/vorgang-abfragen"), ..page };
    let mut response = private(visit, &page)?;
    match done {
        Some(Done::Closed) => response.set_status(StatusCode::SERVICE_UNAVAILABLE),
        _ if is_wrong => response.set_status(StatusCode::UNPROCESSABLE_ENTITY),
        _ => {}
    }
    Ok(response)
}

fn letter(visit: &Visit, case: &Case, message: &Message) -> Letter {
    let department = case.department.as_ref().and_then(|id| visit.tenant.town.staff.department(id));
    let office = || department.map_or_else(|| visit.tenant.town.full_name.clone(), |office| office.name.clone());
    Letter {
        from: (message.sender != Sender::Citizen).then(office),
        at: visit.moment(message.sent),
        body: message.body.clone(),
        by_post: message.kind == Kind::Decision && message.body.is_empty(),
    }
}

/// The guest's words; a case that waited for them goes on. Whoever sends the page again has said it once.
pub(super) async fn write(visit: &Visit, case: &Case, code: &str, sent: &Sent) -> Result<Response> {
    let mut form = Form::read(&WORDS, sent.pairs());
    form.needs("message");
    form.limits("message", LONGEST_MESSAGE);
    if visit.portal.read_only {
        return show(visit, case, code, form, Some(Done::Closed)).await;
    }
    if form.is_wrong() || case.state == State::Withdrawn {
        return show(visit, case, code, form, None).await;
    }
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    cases::hold(&mut tx, case.id).await?;
    let thread = mailbox::open_for_case(&mut tx, case.id, None, &case.application.title, now).await?;
    let last = mailbox::last_message(&mut tx, thread).await?;
    let is_again = last.is_some_and(|last| last.sender == Sender::Citizen && last.body == form.value("message"));
    if !is_again {
        mailbox::write_to(&mut tx, thread, Sender::Citizen, Kind::Message, form.value("message"), now).await?;
        if case.state == State::ActionRequired {
            let _moved: Moved = cases::move_to(&mut tx, case, State::Processing).await?;
            cases::note(&mut tx, case.id, EventKind::Answered, Who::Citizen(None), Value::Null, now).await?;
        }
        audit::record(&mut tx, now, Entry::new(Actor::System, "message.sent").about(thread)).await?;
        tx.commit().await?;
    } else {
        drop(tx);
    }
    let mut tx = visit.store().read().await?;
    let changed = cases::by_id(&mut tx, case.id).await?;
    drop(tx);
    show(visit, changed.as_ref().unwrap_or(case), code, Form::blank(&WORDS), Some(Done::Sent)).await
}
