//! What a clerk does with a case.

mod letter;

use jiff::{Timestamp, ToSpan, civil::Date};
use poem::{Response, handler, http::StatusCode, web::Path};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    case::{access_to, ask_why, entry, found, page, purpose_of, refused, takes_address, write},
    names,
};
use crate::{
    audit::{self, Actor},
    cases::{self, Case, Event, EventKind, Moved, State, Who},
    clock::local_zone,
    desk::{
        Access, has_mailbox,
        pages::{
            case::{ADDRESS, CAME, Came, LETTER, NOTE, Write},
            reason::REASON,
        },
    },
    error::{Error, Result},
    files::{self, Arrived, NewFile, Owner, Parcel},
    identity::doors::{private, see_other},
    mailbox::{self, FILES, decisions},
    paper,
    staff::{self, StaffVisit},
    store::Tx,
    tenant::schema::Permission,
    web::{Form, Once, Sent, Wrong},
};

const LONGEST_NOTE: usize = 5000;
const LONGEST_ADDRESS: usize = 300;
/// A case whose form is gone, or that came on paper, is kept so long: ten years.
const KEPT: u16 = 3650;

#[handler]
pub async fn change(visit: StaffVisit, Path(number): Path<String>, parcel: Parcel) -> poem::Result<Response> {
    visit.takes_deeds()?;
    // nothing is taken from whoever has no business here
    let mut tx = visit.store().read().await.map_err(Error::from)?;
    let (case, timeline) = found(&mut tx, &number).await?;
    if access_to(&mut tx, &visit, &case, &timeline).await? == Access::Closed {
        return Err(Error::Forbidden.into());
    }
    drop(tx);
    let (sent, arrived) = parcel.open(&visit, &visit.portal.files, &[FILES]).await?;
    let answer = changes(&visit, &number, &sent, &arrived).await;
    files::clear_up(&visit, &arrived, &answer).await;
    Ok(answer?)
}

async fn changes(visit: &StaffVisit, number: &str, sent: &Sent, arrived: &[Arrived]) -> Result<Response> {
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    let (case, timeline) = found(&mut tx, number).await?;
    let deed = sent.value("do").unwrap_or_default();
    let (kept, _) = mailbox::accepted(arrived);
    match access_to(&mut tx, visit, &case, &timeline).await? {
        Access::Closed => return refused(tx, visit, &case).await,
        Access::Reason => return reason(tx, visit, &case, sent).await,
        // a look is no work: whoever looks from elsewhere may leave a note
        Access::Look if deed != "note" => return refused(tx, visit, &case).await,
        Access::Own | Access::Look => {}
    }
    if let Some(earlier) = Once::of(sent).before(&mut tx).await? {
        return see_other(&earlier);
    }
    // two notes are no conflict
    if deed == "note" {
        return note(tx, visit, &case, &timeline, sent).await;
    }
    if sent.value("revision").as_deref() != Some(case.revision.to_string().as_str()) {
        return conflict(&mut tx, visit, &case, &timeline, sent, &kept).await;
    }
    if let Some(purpose) = purpose_of(&deed) {
        return letter::letter(tx, visit, &case, &timeline, purpose, sent, arrived).await;
    }
    if deed == "address" {
        return address(tx, visit, &case, &timeline, sent).await;
    }
    if deed == "came" {
        return came(tx, visit, &case, &timeline, sent, arrived).await;
    }
    if matches!(&*deed, "agree" | "send_back") {
        return letter::second_eyes(tx, visit, &case, &timeline, sent).await;
    }
    let Some((new, event, details, done)) = changed(&mut tx, visit, &case, &deed, sent).await? else {
        return conflict(&mut tx, visit, &case, &timeline, sent, &kept).await;
    };
    match cases::change(&mut tx, &new, event, Who::Staff(visit.id), details.clone(), now).await? {
        Moved::Done => {}
        Moved::Meanwhile | Moved::TooLate => return conflict(&mut tx, visit, &case, &timeline, sent, &kept).await,
    }
    told(tx, visit, &case, sent, "case.changed", json!({"deed": deed, "details": details}), done).await
}

/// The last thing before it has happened; the same form sent twice has happened once.
async fn told(
    mut tx: Tx,
    visit: &StaffVisit,
    case: &Case,
    sent: &Sent,
    deed: &'static str,
    details: Value,
    done: &str,
) -> Result<Response> {
    let now = visit.portal.clock.now();
    let target = format!("/verwaltung/vorgaenge/{}?fertig={done}", case.number);
    if let Some(earlier) = Once::of(sent).keep(&mut tx, &target, now).await? {
        return see_other(&earlier);
    }
    let entry = audit::Entry::new(Actor::Staff(visit.id), deed).about(case.id).concerns(case.account);
    audit::record(&mut tx, now, entry.with(details)).await?;
    tx.commit().await?;
    see_other(&target)
}

/// The case as it is to be, what to say of it, and what was done.
pub(super) type Change = (Case, EventKind, Value, &'static str);

/// The case as it is to be; `None` if its state does not allow it.
pub(super) async fn changed(
    tx: &mut Tx,
    visit: &StaffVisit,
    case: &Case,
    deed: &str,
    sent: &Sent,
) -> Result<Option<Change>> {
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
            let to = to.filter(|id| {
                colleagues.iter().any(|colleague| colleague.id == *id && colleague.takes(case.department.as_deref()))
            });
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
            let letter = sent.value("letter").and_then(|id| id.parse().ok());
            let letter = letter.ok_or(Error::BadRequest("`letter` is no id"))?;
            if mailbox::case_of(tx, letter).await? != Some(case.id) || !mailbox::posted(tx, letter, now).await? {
                return Ok(None);
            }
            (new, EventKind::SentByPost, json!({"letter": letter}), "posted")
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
    let entry = audit::Entry::new(Actor::Staff(visit.id), "case.read_elsewhere").about(case.id).concerns(case.account);
    audit::record(&mut tx, now, entry.with(details)).await?;
    tx.commit().await?;
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
    told(tx, visit, case, sent, "case.noted", Value::Null, "note").await
}

/// Letters go somewhere else from now on.
async fn address(mut tx: Tx, visit: &StaffVisit, case: &Case, timeline: &[Event], sent: &Sent) -> Result<Response> {
    let now = visit.portal.clock.now();
    if !takes_address(case, &decisions::of_case(&mut tx, case.id).await?) {
        return conflict(&mut tx, visit, case, timeline, sent, &[]).await;
    }
    let mut form = Form::read(&ADDRESS, sent.pairs());
    form.needs("address");
    form.limits("address", LONGEST_ADDRESS);
    if !paper::unprintable(form.value("address")).is_empty() {
        form.complain("address", Wrong::Unprintable);
    }
    if form.is_wrong() {
        let mut page = page(&mut tx, visit, case, timeline).await?;
        page.address = Some(form);
        return status(private(visit, &page)?, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let lines: Vec<&str> = form.value("address").lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let lines = lines.join("\n");
    // it stands in the case and in its timeline, sealed, and nowhere else
    let (new, details) = (Case { address: Some(lines.clone()), ..case.clone() }, json!({"to": lines}));
    if cases::change(&mut tx, &new, EventKind::AddressChanged, Who::Staff(visit.id), details, now).await? != Moved::Done
    {
        return conflict(&mut tx, visit, case, timeline, sent, &[]).await;
    }
    told(tx, visit, case, sent, "case.changed", json!({"deed": "address"}), "address").await
}

/// Somebody who reads nothing here has answered: on paper, on the telephone, in person.
async fn came(
    mut tx: Tx,
    visit: &StaffVisit,
    case: &Case,
    timeline: &[Event],
    sent: &Sent,
    arrived: &[Arrived],
) -> Result<Response> {
    let now = visit.portal.clock.now();
    let (kept, refused) = mailbox::accepted(arrived);
    if has_mailbox(case) || case.state.is_over() {
        return conflict(&mut tx, visit, case, timeline, sent, &kept).await;
    }
    let mut form = Form::read(&CAME, sent.pairs());
    if kept.is_empty() {
        form.needs("came");
    }
    form.limits("came", LONGEST_NOTE);
    if form.is_wrong() || !refused.is_empty() {
        let mut page = page(&mut tx, visit, case, timeline).await?;
        page.came = Some(Came { form, upload: mailbox::once_more(visit, &kept, &refused) });
        return status(private(visit, &page)?, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut new = case.clone();
    new.state = State::Processing;
    let details = json!({"text": form.value("came")});
    if cases::change(&mut tx, &new, EventKind::Answered, Who::Staff(visit.id), details, now).await? != Moved::Done {
        return conflict(&mut tx, visit, case, timeline, sent, &kept).await;
    }
    for file in kept {
        files::keep(&mut tx, &visit.portal.files, Owner::Case(case.id), file, now).await?;
    }
    told(tx, visit, case, sent, "case.changed", json!({"deed": "came"}), "came").await
}

/// Somebody else was faster: what they did, and one's own words still in the form; files have to be chosen again. Nothing is
/// changed.
async fn conflict(
    tx: &mut Tx,
    visit: &StaffVisit,
    case: &Case,
    timeline: &[Event],
    sent: &Sent,
    kept: &[&NewFile],
) -> Result<Response> {
    visit.must(Permission::Cases)?;
    if let Some(earlier) = Once::of(sent).before(tx).await? {
        return see_other(&earlier);
    }
    let mut page = page(tx, visit, case, timeline).await?;
    let names = names(&staff::colleagues(tx, &visit.tenant).await?);
    let seen = sent.value("seen").and_then(|seen| seen.parse().ok()).unwrap_or(0);
    page.conflict = Some(timeline.iter().skip(seen).map(|event| entry(visit, case, &names, event)).collect());
    let deed = sent.value("do").unwrap_or_default();
    if deed == "address" && page.address.is_some() {
        page.address = Some(Form::read(&ADDRESS, sent.pairs()));
    }
    if let Some(came) = page.came.as_mut().filter(|_| deed == "came") {
        came.form = Form::read(&CAME, sent.pairs());
        if !kept.is_empty() {
            came.upload = mailbox::once_more(visit, kept, &[]);
        }
    }
    if let Some(purpose) = purpose_of(&deed) {
        let empty = write(visit, case, purpose, Form::read(&LETTER, sent.pairs()));
        page.write = Some(match kept {
            [] => empty,
            _ => Write { upload: mailbox::once_more(visit, kept, &[]), ..empty },
        });
    }
    status(private(visit, &page)?, StatusCode::CONFLICT)
}

fn status(mut response: Response, status: StatusCode) -> Result<Response> {
    response.set_status(status);
    Ok(response)
}
