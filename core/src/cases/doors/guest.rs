//! What a guest sees of a case and says about it, with number and code in the place of an account.

use poem::{Response, http::StatusCode};
use serde_json::Value;

use super::{
    super::pages::{
        case::{Done, Guest, Letter, WORDS},
        lookup::{LookupPage, Standing},
    },
    ASKED, file_away, page,
};
use crate::{
    audit::{self, Actor, Entry},
    cases::{self, Case, CaseNumber, EventKind, Moved, State, Who, records},
    error::{Error, Result},
    files::{self, Arrived, Owner, Refusal},
    forms::access::Applicant,
    identity::{
        doors::{login_url, private, see_other},
        person::Field,
    },
    mailbox::{self, Kind, Message, Sender},
    store::Tx,
    tenant::schema::Level,
    web::{Form, Sent, Upload, Visit},
};

const LONGEST_MESSAGE: usize = 5000;

/// Number and code name a case. One that took a login opens to the same person's login of that level, and to no lower one.
pub(super) async fn opens(tx: &mut Tx, applicant: &Applicant, case: &Case) -> Result<bool> {
    if case.level == Level::None {
        return Ok(true);
    }
    let session = applicant.session.as_ref().filter(|session| session.level() >= case.level);
    let known = session.and_then(|it| Some((it.profile.name()?, it.profile.value(Field::Birthdate)?.parse().ok()?)));
    let Some((name, born)) = known else { return Ok(false) };
    let mark = cases::mark_of(tx, &name, born).await?;
    Ok(cases::is_of(tx, case.id, mark).await?)
}

/// How a case stands, for whoever has number and code and no login that opens it.
pub(super) fn standing(visit: &Visit, case: &Case) -> Result<Response> {
    let standing = Standing {
        number: case.number.to_string(),
        state: case.state,
        submitted: visit.moment(case.submitted),
        login: login_url(visit, &visit.url("/vorgang-abfragen"), case.level, false),
    };
    private(visit, &LookupPage { form: Form::blank(&ASKED), note: None, standing: Some(standing) })
}

pub(super) async fn show(visit: &Visit, case: &Case, code: &str, form: Form, done: Option<Done>) -> Result<Response> {
    shown(visit, case, code, form, done, None).await
}

/// With a complaint about files, if there is one.
async fn shown(
    visit: &Visit,
    case: &Case,
    code: &str,
    form: Form,
    done: Option<Done>,
    wrong: Option<Upload>,
) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let thread = mailbox::of_case(&mut tx, case.id).await?;
    let messages = match &thread {
        Some(thread) => mailbox::seen_by_citizen(&mut tx, thread).await?.0,
        None => Vec::new(),
    };
    let takes = case.state != State::Withdrawn && (!visit.portal.read_only || done == Some(Done::Closed));
    let is_wrong = form.is_wrong() || wrong.is_some();
    let guest = Guest {
        code: code.to_owned(),
        // what goes by post is read on paper
        letters: messages.iter().filter(|it| !it.body.is_empty()).map(|it| letter(visit, case, it)).collect(),
        form: takes.then_some(form),
        take: visit.person.as_ref().is_some_and(|person| !person.guest) && !visit.portal.read_only,
    };
    let page = page(&mut tx, visit, case, thread.as_ref(), done).await?;
    drop(tx);
    if let Some(thread) = thread.filter(|thread| thread.unread_citizen > 0 && !visit.portal.read_only) {
        let mut tx = visit.store().write().await?;
        mailbox::read_by_citizen(&mut tx, thread.id, &messages, visit.portal.clock.now()).await?;
        tx.commit().await?;
    }
    let hand_in = wrong.or(page.hand_in);
    let page = super::CasePage { guest: Some(guest), action: visit.url("/vorgang-abfragen"), hand_in, ..page };
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

/// Whether number and code, which stand before the files, open a case: nothing is taken from strangers.
pub(super) async fn may_hand_in(visit: &Visit, applicant: &Applicant, sent: &Sent) -> Result<bool> {
    visit.takes_deeds()?;
    let form = Form::read(&ASKED, sent.pairs());
    let Some(number) = CaseNumber::parse(form.value("number")) else { return Ok(false) };
    let mut tx = visit.store().read().await?;
    match cases::of_guest(&mut tx, &number, form.value("code")).await? {
        Some(case) => opens(&mut tx, applicant, &case).await,
        None => Ok(false),
    }
}

/// A file of the case or of a letter that the guest may read.
pub(super) async fn fetch(visit: &Visit, case: &Case, sent: &Sent) -> Result<Response> {
    let id = sent.value("file").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    let mut tx = visit.store().read().await?;
    let file = match files::by_id(&mut tx, id).await? {
        Some(file) if file.owner == Owner::Case(case.id) => Some(file),
        Some(file) => match mailbox::of_case(&mut tx, case.id).await? {
            Some(thread) => {
                let seen = mailbox::files_seen_by_citizen(&mut tx, &thread).await?;
                seen.into_values().flatten().find(|it| it.id == file.id)
            }
            None => None,
        },
        None => None,
    };
    drop(tx);
    files::hand_over(visit, file.as_ref()).await
}

/// Documents that were missing. Whoever sends the page again has handed them in once.
pub(super) async fn hand_in(visit: &Visit, case: &Case, code: &str, arrived: &[Arrived]) -> Result<Response> {
    let blank = || Form::blank(&WORDS);
    if visit.portal.read_only {
        return show(visit, case, code, blank(), Some(Done::Closed)).await;
    }
    let (mut kept, mut refused) = mailbox::accepted(arrived);
    if kept.is_empty() && refused.is_empty() {
        refused.push(("", Refusal::Missing));
    }
    if !refused.is_empty() {
        let wrong = mailbox::once_more(visit, &kept, &refused);
        return shown(visit, case, code, blank(), None, Some(wrong)).await;
    }
    let mut tx = visit.store().write().await?;
    cases::hold(&mut tx, case.id).await?;
    let Some(current) = cases::by_id(&mut tx, case.id).await?.filter(|case| !case.state.is_over()) else {
        drop(tx);
        return show(visit, case, code, blank(), Some(Done::TooLate)).await;
    };
    let there = hashes(&mut tx, &current).await?;
    kept.retain(|file| !there.contains(&file.details.sha256));
    if !kept.is_empty() {
        file_away(&mut tx, visit, &current, None, &kept).await?;
        tx.commit().await?;
    } else {
        drop(tx);
    }
    let mut tx = visit.store().read().await?;
    let changed = cases::by_id(&mut tx, case.id).await?;
    drop(tx);
    show(visit, changed.as_ref().unwrap_or(case), code, blank(), Some(Done::HandedIn)).await
}

async fn hashes(tx: &mut Tx, case: &Case) -> Result<Vec<String>> {
    let Some(thread) = mailbox::of_case(tx, case.id).await? else { return Ok(Vec::new()) };
    let files = files::of_thread(tx, thread.id).await?;
    Ok(files.into_iter().filter(|file| file.state != files::State::Infected).map(|file| file.details.sha256).collect())
}

/// Whoever knows number and code, and has an account, takes the case into it: it is found there from now on, and no longer
/// by the code.
pub(super) async fn take(visit: &Visit, case: &Case, applicant: &Applicant) -> Result<Response> {
    let account = applicant.account().ok_or(Error::LoginNeeded)?;
    visit.takes_deeds()?;
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    cases::hold(&mut tx, case.id).await?;
    if records::take_over(&mut tx, case.id, account).await? {
        let entry = Entry::new(Actor::Citizen(account), "case.taken_over").about(case.id);
        audit::record(&mut tx, now, entry).await?;
        tx.commit().await?;
    }
    see_other(&visit.url(&format!("/vorgaenge/{}", case.number)))
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
        let entry = Entry::new(Actor::System, "message.sent").about(thread).concerns(case.account);
        audit::record(&mut tx, now, entry).await?;
        tx.commit().await?;
    } else {
        drop(tx);
    }
    let mut tx = visit.store().read().await?;
    let changed = cases::by_id(&mut tx, case.id).await?;
    drop(tx);
    show(visit, changed.as_ref().unwrap_or(case), code, Form::blank(&WORDS), Some(Done::Sent)).await
}
