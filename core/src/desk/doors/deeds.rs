//! What a clerk does with a case.

use jiff::{Timestamp, ToSpan, civil::Date};
use poem::{Response, handler, http::StatusCode, web::Path};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    case::{ask_why, entry, found, page, purpose_of, regime_of, write},
    is_open, names,
};
use crate::{
    audit::{self, Actor},
    cases::{self, Case, Event, EventKind, Moved, State, Who},
    clock::local_zone,
    desk::{
        Access, access,
        pages::{
            case::{LETTER, NOTE, Write},
            reason::REASON,
        },
    },
    error::{Error, Result},
    files::{self, Arrived, Owner, Parcel},
    identity::{
        self,
        doors::{private, see_other},
    },
    mailbox::{
        self, Kind, Sender,
        decisions::{self, Fate, Told},
    },
    staff::{self, StaffVisit},
    store::Tx,
    tenant::schema::{LetterPurpose, Permission},
    web::{Form, Sent},
};

const LONGEST_LETTER: usize = 20_000;
const LONGEST_NOTE: usize = 5000;
/// A case whose form is gone, or that came on paper, is kept so long: ten years.
const KEPT: u16 = 3650;

#[handler]
pub async fn change(visit: StaffVisit, Path(number): Path<String>, parcel: Parcel) -> poem::Result<Response> {
    is_open(&visit)?;
    // nothing is taken from whoever has no business here
    let mut tx = visit.store().read().await.map_err(Error::from)?;
    let (case, timeline) = found(&mut tx, &number).await?;
    if access(&visit, &case, &timeline, visit.portal.clock.now()) == Access::Closed {
        return Err(Error::Forbidden.into());
    }
    drop(tx);
    let (sent, arrived) = parcel.open(&visit, &visit.portal.files).await?;
    Ok(changes(&visit, &number, &sent, &arrived).await?)
}

async fn changes(visit: &StaffVisit, number: &str, sent: &Sent, arrived: &[Arrived]) -> Result<Response> {
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    let (case, timeline) = found(&mut tx, number).await?;
    let deed = sent.value("do").unwrap_or_default();
    match access(visit, &case, &timeline, now) {
        Access::Closed => return Err(Error::Forbidden),
        Access::Reason => return reason(tx, visit, &case, sent).await,
        Access::Open => {}
    }
    // two notes are no conflict
    if deed == "note" {
        return note(tx, visit, &case, &timeline, sent).await;
    }
    if sent.value("revision").as_deref() != Some(case.revision.to_string().as_str()) {
        return conflict(&mut tx, visit, &case, &timeline, sent).await;
    }
    if let Some(purpose) = purpose_of(&deed) {
        return letter(tx, visit, &case, &timeline, purpose, sent, arrived).await;
    }
    let Some((new, event, details, done)) = changed(&mut tx, visit, &case, &deed, sent).await? else {
        return conflict(&mut tx, visit, &case, &timeline, sent).await;
    };
    match cases::change(&mut tx, &new, event, Who::Staff(visit.id), details.clone(), now).await? {
        Moved::Done => {}
        Moved::Meanwhile | Moved::TooLate => return conflict(&mut tx, visit, &case, &timeline, sent).await,
    }
    told(tx, visit, &case, "case.changed", json!({"deed": deed, "details": details})).await?;
    back(&case, done)
}

fn back(case: &Case, done: &str) -> Result<Response> {
    see_other(&format!("/verwaltung/vorgaenge/{}?fertig={done}", case.number))
}

/// The last thing before it has happened.
async fn told(mut tx: Tx, visit: &StaffVisit, case: &Case, deed: &'static str, details: Value) -> Result<()> {
    let entry = audit::Entry::new(Actor::Staff(visit.id), deed).about(case.id).with(details);
    audit::record(&mut tx, visit.portal.clock.now(), entry).await?;
    Ok(tx.commit().await?)
}

/// The case as it is to be, what to say of it, and what was done.
type Change = (Case, EventKind, Value, &'static str);

/// The case as it is to be; `None` if its state does not allow it.
async fn changed(tx: &mut Tx, visit: &StaffVisit, case: &Case, deed: &str, sent: &Sent) -> Result<Option<Change>> {
    let now = visit.portal.clock.now();
    let is_over = case.state.is_over();
    let mut new = case.clone();
    let planned: Change = match deed {
        "claim" if !is_over => {
            new.assignee = Some(visit.id);
            new.state = working(case.state);
            (new, EventKind::Claimed, Value::Null, "claimed")
        }
        "release" => {
            new.assignee = None;
            (new, EventKind::HandedOver, Value::Null, "released")
        }
        "hand_over" if !is_over => {
            let to = sent.value("to").and_then(|id| id.parse::<Uuid>().ok());
            let colleagues = staff::colleagues(tx, &visit.tenant).await?;
            let to = to.filter(|id| colleagues.iter().any(|colleague| colleague.id == *id && colleague.works));
            new.assignee = Some(to.ok_or(Error::BadRequest("`to` names nobody who works on cases"))?);
            new.state = working(case.state);
            (new, EventKind::HandedOver, json!({"to": to}), "handed_over")
        }
        "department" if !is_over => {
            let to = sent.value("department").filter(|id| visit.tenant.town.staff.department(id).is_some());
            let to = to.ok_or(Error::BadRequest("`department` names none of the town"))?.into_owned();
            let details = json!({"from": case.department, "to": to});
            (new.department, new.assignee) = (Some(to), None);
            (new, EventKind::DepartmentChanged, details, "department")
        }
        "follow_up" => {
            let on = day_of(sent)?;
            new.follow_up = on.map(beginning).transpose()?;
            (new, EventKind::FollowUp, json!({"on": on.map(|on| on.to_string())}), "follow_up")
        }
        "due" if !is_over => {
            let on = day_of(sent)?.ok_or(Error::BadRequest("`on` is no day"))?;
            new.due = beginning(on)?;
            (new, EventKind::DueChanged, json!({"on": on.to_string()}), "due")
        }
        "close" if !is_over => {
            close(visit, &mut new, now);
            (new, EventKind::Completed, Value::Null, "closed")
        }
        "reopen" if case.state == State::Completed => {
            (new.state, new.closed, new.keep_until) = (State::Processing, None, None);
            (new, EventKind::Reopened, Value::Null, "reopened")
        }
        "hold" => {
            new.hold = !case.hold;
            let details = json!({"hold": new.hold});
            (new, EventKind::Note, details, "hold")
        }
        "posted" => {
            if !decisions::posted(tx, case.id, now).await? {
                return Ok(None);
            }
            (new, EventKind::SentByPost, Value::Null, "posted")
        }
        "claim" | "hand_over" | "department" | "due" | "close" | "reopen" => return Ok(None),
        _ => return Err(Error::BadRequest("this page does not know what to do")),
    };
    Ok(Some(planned))
}

/// Somebody works on it; what waits for the person goes on waiting.
fn working(state: State) -> State {
    if state == State::ActionRequired { state } else { State::Processing }
}

fn close(visit: &StaffVisit, case: &mut Case, now: Timestamp) {
    let form = case.form.as_ref().and_then(|id| visit.tenant.online_forms.get(id));
    let days = form.map_or(KEPT, |form| form.keep_days);
    case.state = State::Completed;
    case.closed = Some(now);
    case.keep_until = now.checked_add((i64::from(days) * 24).hours()).ok();
    case.follow_up = None;
}

/// What `on` says; nothing is no day.
fn day_of(sent: &Sent) -> Result<Option<Date>> {
    match sent.value("on").as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| Error::BadRequest("`on` is no day")),
    }
}

fn beginning(day: Date) -> Result<Timestamp> {
    let is_near = (2000..=2200).contains(&day.year());
    let start = day.to_zoned(local_zone()).ok().filter(|_| is_near);
    start.map(|start| start.timestamp()).ok_or(Error::BadRequest("`on` is too far away"))
}

/// Why somebody of another department opens the case.
async fn reason(mut tx: Tx, visit: &StaffVisit, case: &Case, sent: &Sent) -> Result<Response> {
    let now = visit.portal.clock.now();
    let mut form = Form::read(&REASON, sent.pairs());
    form.needs("reason");
    form.limits("reason", LONGEST_NOTE);
    if form.is_wrong() {
        return status(ask_why(visit, case, form)?, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let details = json!({"reason": form.value("reason")});
    cases::note(&mut tx, case.id, EventKind::ReadElsewhere, Who::Staff(visit.id), details.clone(), now).await?;
    told(tx, visit, case, "case.read_elsewhere", details).await?;
    see_other(&format!("/verwaltung/vorgaenge/{}", case.number))
}

async fn note(mut tx: Tx, visit: &StaffVisit, case: &Case, timeline: &[Event], sent: &Sent) -> Result<Response> {
    let now = visit.portal.clock.now();
    let mut form = Form::read(&NOTE, sent.pairs());
    form.needs("note");
    form.limits("note", LONGEST_NOTE);
    if form.is_wrong() {
        let mut page = page(&mut tx, visit, case, timeline).await?;
        page.note = form;
        return status(private(visit, &page)?, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let details = json!({"text": form.value("note")});
    cases::note(&mut tx, case.id, EventKind::Note, Who::Staff(visit.id), details, now).await?;
    told(tx, visit, case, "case.noted", Value::Null).await?;
    back(case, "note")
}

/// Writes to the person: words, a question, the decision.
async fn letter(
    mut tx: Tx,
    visit: &StaffVisit,
    case: &Case,
    timeline: &[Event],
    purpose: LetterPurpose,
    sent: &Sent,
    arrived: &[Arrived],
) -> Result<Response> {
    let now = visit.portal.clock.now();
    let who = Who::Staff(visit.id);
    let mut form = Form::read(&LETTER, sent.pairs());
    form.needs("text");
    form.limits("text", LONGEST_LETTER);
    let (kept, refused) = mailbox::accepted(arrived);
    if form.is_wrong() || !refused.is_empty() {
        let mut page = page(&mut tx, visit, case, timeline).await?;
        page.write =
            Some(Write { upload: mailbox::once_more(visit, &kept, &refused), ..write(visit, case, purpose, form) });
        return status(private(visit, &page)?, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let is_late = case.state.is_over() && purpose != LetterPurpose::Message;
    if is_late {
        return conflict(&mut tx, visit, case, timeline, sent).await;
    }
    if case.account.is_none() && purpose != LetterPurpose::Decision {
        return Err(Error::BadRequest("this person has no mailbox"));
    }
    let mut new = case.clone();
    let (kind, event, deed, done) = match purpose {
        LetterPurpose::Message => (Kind::Message, None, "case.written", "message"),
        LetterPurpose::Request => {
            new.state = State::ActionRequired;
            (Kind::Request, Some(EventKind::Asked), "case.asked", "asked")
        }
        LetterPurpose::Decision => {
            close(visit, &mut new, now);
            (Kind::Decision, Some(EventKind::Decided), "case.decided", "decided")
        }
    };
    if new.assignee.is_none() {
        new.assignee = Some(visit.id);
    }
    if let Some(event) = event
        && cases::change(&mut tx, &new, event, who, Value::Null, now).await? != Moved::Done
    {
        return conflict(&mut tx, visit, case, timeline, sent).await;
    }
    let thread = mailbox::open_for_case(&mut tx, case.id, case.account, &case.application.title, now).await?;
    let message = mailbox::write_to(&mut tx, thread, Sender::Staff(visit.id), kind, form.value("text"), now).await?;
    for file in kept {
        files::keep(&mut tx, &visit.portal.files, Owner::Message(message), file, now).await?;
    }
    if purpose == LetterPurpose::Decision {
        decide(&mut tx, visit, case, message).await?;
    }
    if let Some(account) = case.account
        && let Some(profile) = identity::profile(&mut tx, account).await?
    {
        mailbox::notify(&mut tx, visit, &profile, thread, now).await?;
    }
    told(tx, visit, case, deed, json!({"message": message})).await?;
    back(case, done)
}

/// The fate of the decision begins, by the law of its service; to somebody without an account it goes by post.
async fn decide(tx: &mut Tx, visit: &StaffVisit, case: &Case, message: Uuid) -> Result<()> {
    let service = visit.tenant.service(&case.service);
    let regime = service.and_then(|service| regime_of(visit, service)).filter(|_| case.account.is_some());
    let told = Told {
        remedy: service.and_then(|service| service.remedy.as_ref()).map(|remedy| visit.words(remedy).into_owned()),
        basis: regime.map(|(_, regime)| visit.words(&regime.basis).into_owned()),
    };
    let fate = if case.account.is_some() { Fate::Provided } else { Fate::ByPost };
    let now = visit.portal.clock.now();
    decisions::provide(tx, message, case.id, regime, fate, &told, now).await?;
    Ok(cases::note(tx, case.id, EventKind::Completed, Who::Staff(visit.id), Value::Null, now).await?)
}

/// Somebody else was faster: what they did, and one's own words still in the form. Nothing is changed.
async fn conflict(tx: &mut Tx, visit: &StaffVisit, case: &Case, timeline: &[Event], sent: &Sent) -> Result<Response> {
    visit.must(Permission::Cases)?;
    let mut page = page(tx, visit, case, timeline).await?;
    let names = names(&staff::colleagues(tx, &visit.tenant).await?);
    let seen = sent.value("seen").and_then(|seen| seen.parse().ok()).unwrap_or(0);
    page.conflict = Some(timeline.iter().skip(seen).map(|event| entry(visit, case, &names, event)).collect());
    if let Some(purpose) = sent.value("do").and_then(|deed| purpose_of(&deed)) {
        page.write = Some(write(visit, case, purpose, Form::read(&LETTER, sent.pairs())));
    }
    status(private(visit, &page)?, StatusCode::CONFLICT)
}

fn status(mut response: Response, status: StatusCode) -> Result<Response> {
    response.set_status(status);
    Ok(response)
}
