//! What answers at `/postkorb`.

mod decision;
mod keep;

pub use keep::{copy_pdf, copy_zip, decision_pdf};

use std::collections::HashMap;

use poem::{
    IntoResponse, Response, handler,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    FILES, Kind, Message, Sender, Thread,
    pages::{
        CaseLink,
        compose::{ComposeNote, ComposePage, MESSAGE, Topic},
        inbox::{InboxPage, Notify, ThreadCard},
        thread::{ANSWER, Answer, MessageView, ThreadDone, ThreadPage},
    },
};
use crate::{
    audit::{self, Actor, Entry},
    cases::{self, Case, EventKind, State, Who},
    error::{Error, Result},
    files::{self, Arrived, File, Files, Parcel},
    identity::{
        self, CitizenVisit,
        doors::{private, see_other},
    },
    store::Tx,
    tenant::{Said, schema::Level},
    web::{Form, Once, Sent, Upload, Visit, Wrong},
};

const LONGEST_MESSAGE: usize = 5000;
const LONGEST_SUBJECT: usize = 200;
const ON_A_PAGE: usize = 30;

#[derive(Debug, Deserialize)]
pub struct Asked {
    q: Option<String>,
    archiv: Option<String>,
    seite: Option<usize>,
    mails: Option<String>,
}

#[handler]
pub async fn list(visit: CitizenVisit, Query(asked): Query<Asked>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let account = visit.session.account;
    let cases: HashMap<Uuid, Case> =
        cases::all_of_citizen(&mut tx, account).await?.into_iter().map(|case| (case.id, case)).collect();
    let archived = asked.archiv.is_some();
    let query = asked.q.as_deref().unwrap_or_default().trim().to_owned();
    let words = query.to_lowercase();
    let last = match words.is_empty() {
        true => super::last_of_citizen(&mut tx, account).await?,
        false => HashMap::new(),
    };
    let mut cards = Vec::new();
    for thread in super::all_of_citizen(&mut tx, account).await? {
        if thread.archived != archived && words.is_empty() {
            continue;
        }
        let case = cases.get(&thread.case.unwrap_or_default());
        if words.is_empty() {
            cards.push(card(&visit, &thread, case, last.get(&thread.id).copied(), false));
            continue;
        }
        // what does not open is not searched either
        let messages = match case.is_none_or(|case| visit.session.level() >= case.level) {
            true => super::seen_by_citizen(&mut tx, &thread).await?.0,
            false => Vec::new(),
        };
        let is_in = |text: &str| text.to_lowercase().contains(&words);
        let number = case.map(|case| case.number.to_string()).unwrap_or_default();
        if is_in(&thread.subject) || is_in(&number) || messages.iter().any(|message| is_in(&message.body)) {
            let decision = messages.iter().any(|message| message.kind == Kind::Decision);
            let last = messages.last().map(|last| (last.sender, last.kind));
            cards.push(card(&visit, &thread, case, last, decision));
        }
    }
    let page = asked.seite.unwrap_or(1).max(1);
    let from = (page - 1).saturating_mul(ON_A_PAGE);
    let has_more = cards.len() > from.saturating_add(ON_A_PAGE);
    let older = has_more.then(|| {
        let mut way = form_urlencoded::Serializer::new(String::new());
        way.append_pair("seite", &(page + 1).to_string());
        way.extend_pairs(Some(("q", query.as_str())).filter(|_| !query.is_empty()));
        way.extend_pairs(archived.then_some(("archiv", "1")));
        format!("{}?{}", visit.url("/postkorb"), way.finish())
    });
    let page = InboxPage {
        threads: cards.into_iter().skip(from).take(ON_A_PAGE).collect(),
        query,
        archived,
        switched: asked.mails.is_some(),
        unread: super::unread(&mut tx, account).await?,
        older,
        notify: match visit.session.profile.email() {
            Some(email) => Some(Notify { email: email.to_owned(), on: identity::is_notified(&mut tx, account).await? }),
            None => None,
        },
    };
    private(&visit, &page)
}

/// Switches the mails on or off.
#[handler]
pub async fn set(visit: CitizenVisit, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    let on = match sent.value("notify").as_deref() {
        Some("on") => true,
        Some("off") => false,
        _ => return Err(Error::BadRequest("`notify` is `on` or `off`")),
    };
    let account = visit.session.account;
    let mut tx = visit.store().write().await?;
    identity::set_notified(&mut tx, account, on).await?;
    let deed = if on { "mails.on" } else { "mails.off" };
    audit::record(&mut tx, visit.portal.clock.now(), Entry::new(Actor::Citizen(account), deed)).await?;
    tx.commit().await?;
    see_other(&visit.url(&format!("/postkorb?mails={}#notify", if on { "an" } else { "aus" })))
}

fn card(
    visit: &Visit,
    thread: &Thread,
    case: Option<&Case>,
    last: Option<(Sender, Kind)>,
    decision: bool,
) -> ThreadCard {
    ThreadCard {
        url: visit.url(&format!("/postkorb/{}", thread.id)),
        subject: thread.subject.clone(),
        from: last.filter(|(sender, _)| *sender != Sender::Citizen).map(|_| office_of(visit, thread, case)),
        at: visit.moment(thread.last),
        unread: thread.unread_citizen > 0,
        case: case.map(|case| link(visit, case)),
        files: false,
        decision: decision || last.is_some_and(|(_, kind)| kind == Kind::Decision),
    }
}

/// Who writes for the town hall: the department, not the clerk.
fn office_of(visit: &Visit, thread: &Thread, case: Option<&Case>) -> String {
    let id = case.and_then(|case| case.department.as_ref()).or(thread.department.as_ref());
    let department = id.and_then(|id| visit.tenant.town.staff.department(id));
    department.map_or_else(|| visit.tenant.town.full_name.clone(), |department| department.name.clone())
}

fn link(visit: &Visit, case: &Case) -> CaseLink {
    let url = visit.url(&format!("/vorgaenge/{}", case.number));
    CaseLink { number: case.number.to_string(), title: plain(&case.application.title), url }
}

fn plain(text: &str) -> Said {
    Said { text: text.to_owned(), html: String::new(), lang: None }
}

#[derive(Debug, Deserialize)]
pub struct Done {
    fertig: Option<String>,
}

#[handler]
pub async fn show(visit: CitizenVisit, Path(id): Path<Uuid>, Query(done): Query<Done>) -> Result<Response> {
    let done = match done.fertig.as_deref() {
        Some("gesendet") => Some(ThreadDone::Sent),
        Some("abgelegt") => Some(ThreadDone::Archived),
        Some("geholt") => Some(ThreadDone::Restored),
        _ => None,
    };
    let mut tx = visit.store().read().await?;
    let thread = super::of_citizen(&mut tx, visit.session.account, id).await?.ok_or(Error::NotFound)?;
    let case = match opened(&mut tx, &visit, &thread).await? {
        Ok(case) => case,
        Err(login) => return Ok(login),
    };
    if thread.unread_citizen == 0 || visit.portal.read_only {
        let (page, _) = page(&visit, &mut tx, &thread, case.as_ref(), Form::blank(&ANSWER), false, done).await?;
        return private(&visit, &page);
    }
    drop(tx);
    // what is shown and what is marked as read are the same
    let mut tx = visit.store().write().await?;
    let (page, seen) = page(&visit, &mut tx, &thread, case.as_ref(), Form::blank(&ANSWER), false, done).await?;
    let now = visit.portal.clock.now();
    if super::read_by_citizen(&mut tx, id, &seen, now).await? {
        let entry = Entry::new(Actor::Citizen(visit.session.account), "thread.read").about(id);
        audit::record(&mut tx, now, entry).await?;
        tx.commit().await?;
    }
    private(&visit, &page)
}

/// The case that a thread is about. A thread opens to the login that its case was applied for with: the way to that login if
/// the person's own does not reach.
async fn opened(
    tx: &mut Tx,
    visit: &CitizenVisit,
    thread: &Thread,
) -> Result<std::result::Result<Option<Case>, Response>> {
    let Some(case) = thread.case else { return Ok(Ok(None)) };
    let case = cases::by_id(tx, case).await?;
    let login = visit.lacks(case.as_ref().map_or(Level::None, |case| case.level))?;
    Ok(login.map_or(Ok(case), Err))
}

/// The page, and the messages that stand on it.
async fn page(
    visit: &Visit,
    tx: &mut Tx,
    thread: &Thread,
    case: Option<&Case>,
    form: Form,
    unavailable: bool,
    done: Option<ThreadDone>,
) -> Result<(ThreadPage, Vec<Message>)> {
    let office = office_of(visit, thread, case);
    let (seen, decisions) = super::seen_by_citizen(tx, thread).await?;
    let mut attached = super::files_of_seen(tx, thread, &seen, &decisions).await?;
    let url = |file: &File| visit.url(&format!("/postkorb/{}/dateien/{}", thread.id, file.id));
    let messages = seen.iter().map(|message| MessageView {
        id: message.id.to_string(),
        from: (message.sender != Sender::Citizen).then(|| office.clone()),
        at: visit.moment(message.sent),
        unread: message.sender != Sender::Citizen && message.read.is_none(),
        body: message.body.clone(),
        files: files::views(visit, &attached.remove(&message.id).unwrap_or_default(), url),
        decision: decisions.iter().find(|it| it.message == message.id).map(|it| decision::view(visit, thread, it)),
    });
    let is_open = (!visit.portal.read_only || unavailable) && takes_answers(case);
    let action = visit.url(&format!("/postkorb/{}", thread.id));
    let page = ThreadPage {
        subject: thread.subject.clone(),
        case: case.map(|case| link(visit, case)),
        messages: messages.collect(),
        answer: match is_open {
            true => Answer::Open { form, once: Once::fresh(), upload: upload(visit), unavailable },
            false => Answer::Closed,
        },
        archived: thread.archived,
        pdf: Some(format!("{action}/kopie.pdf")),
        zip: Some(format!("{action}/kopie.zip")),
        done,
        action,
    };
    Ok((page, seen))
}

/// What was taken back is over for both sides.
pub(crate) fn takes_answers(case: Option<&Case>) -> bool {
    case.is_none_or(|case| case.state != State::Withdrawn)
}

/// `/postkorb/{thread}/dateien/{datei}`: a file of a message, from either side.
#[handler]
pub async fn fetch_file(visit: CitizenVisit, Path((id, file)): Path<(Uuid, Uuid)>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let thread = super::of_citizen(&mut tx, visit.session.account, id).await?.ok_or(Error::NotFound)?;
    if let Err(login) = opened(&mut tx, &visit, &thread).await? {
        return Ok(login);
    }
    let files = super::files_seen_by_citizen(&mut tx, &thread).await?;
    drop(tx);
    files::hand_over(&visit, files.values().flatten().find(|known| known.id == file)).await
}

fn upload(visit: &Visit) -> Upload {
    files::nothing_yet(&visit.portal.files, super::MOST_FILES)
}

#[handler]
pub async fn change(visit: CitizenVisit, Path(id): Path<Uuid>, parcel: Parcel) -> poem::Result<Response> {
    if visit.portal.read_only {
        let (sent, _) = parcel.open(&visit, &Files::absent(), &[]).await?;
        return Ok(given_back(&visit, id, Form::read(&ANSWER, sent.pairs())).await?);
    }
    // nothing is taken from strangers
    let mut tx = visit.store().read().await.map_err(Error::from)?;
    super::of_citizen(&mut tx, visit.session.account, id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let (sent, arrived) = parcel.open(&visit, &visit.portal.files, &[FILES]).await?;
    let answer = answer(&visit, id, &sent, &arrived).await;
    files::clear_up(&visit, &arrived, &answer).await;
    Ok(answer?)
}

async fn answer(visit: &CitizenVisit, id: Uuid, sent: &Sent, arrived: &[Arrived]) -> Result<Response> {
    let now = visit.portal.clock.now();
    let account = visit.session.account;
    let here = |done: &str| see_other(&visit.url(&format!("/postkorb/{id}?fertig={done}")));
    let mut tx = visit.store().write().await?;
    let thread = super::of_citizen(&mut tx, account, id).await?.ok_or(Error::NotFound)?;
    match sent.value("do").as_deref() {
        Some("archive") => {
            super::archive(&mut tx, id, account, true).await?;
            tx.commit().await?;
            here("abgelegt")
        }
        Some("restore") => {
            super::archive(&mut tx, id, account, false).await?;
            tx.commit().await?;
            here("geholt")
        }
        Some("open" | "consent" | "decline") => match opened(&mut tx, visit, &thread).await? {
            Err(login) => Ok(login),
            Ok(_) => decision::open(tx, visit, &thread, sent).await,
        },
        _ => {
            let mut form = Form::read(&ANSWER, sent.pairs());
            form.needs("message");
            form.limits("message", LONGEST_MESSAGE);
            let case = held(&mut tx, thread.case).await?;
            if !takes_answers(case.as_ref()) {
                return see_other(&visit.url(&format!("/postkorb/{id}")));
            }
            let (kept, refused) = super::accepted(arrived);
            if form.is_wrong() || !refused.is_empty() {
                let case = match opened(&mut tx, visit, &thread).await? {
                    Ok(case) => case,
                    Err(login) => return Ok(login),
                };
                let (mut page, _) = page(visit, &mut tx, &thread, case.as_ref(), form, false, None).await?;
                if let Answer::Open { upload, .. } = &mut page.answer {
                    *upload = super::once_more(visit, &kept, &refused);
                }
                let mut response = private(visit, &page)?.into_response();
                response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
                return Ok(response);
            }
            let message = say(&mut tx, visit, id, case.as_ref(), form.value("message")).await?;
            super::attach(&mut tx, visit, message, &kept).await?;
            if let Some(earlier) = super::once(sent, &kept).keep(&mut tx, &format!("/postkorb/{id}"), now).await? {
                return see_other(&visit.url(&format!("{earlier}?fertig=gesendet")));
            }
            audit::record(&mut tx, now, Entry::new(Actor::Citizen(account), "message.sent").about(id)).await?;
            tx.commit().await?;
            here("gesendet")
        }
    }
}

/// Nothing is taken at the moment: the words stand in the form again.
async fn given_back(visit: &CitizenVisit, id: Uuid, form: Form) -> Result<Response> {
    if form.value("message").is_empty() {
        visit.takes_deeds()?;
    }
    let mut tx = visit.store().read().await?;
    let thread = super::of_citizen(&mut tx, visit.session.account, id).await?.ok_or(Error::NotFound)?;
    let case = match opened(&mut tx, visit, &thread).await? {
        Ok(case) => case,
        Err(login) => return Ok(login),
    };
    let (page, _) = page(visit, &mut tx, &thread, case.as_ref(), form, true, None).await?;
    let mut response = private(visit, &page)?;
    response.set_status(StatusCode::SERVICE_UNAVAILABLE);
    Ok(response)
}

/// The case as it stands once everybody else who writes about it is done.
pub(crate) async fn held(tx: &mut Tx, case: Option<Uuid>) -> Result<Option<Case>> {
    let Some(case) = case else { return Ok(None) };
    cases::hold(tx, case).await?;
    Ok(cases::by_id(tx, case).await?)
}

/// The person's words; a case that waited for them goes on.
pub(crate) async fn say(
    tx: &mut Tx,
    visit: &CitizenVisit,
    thread: Uuid,
    case: Option<&Case>,
    words: &str,
) -> Result<Uuid> {
    let now = visit.portal.clock.now();
    let message = super::write_to(tx, thread, Sender::Citizen, Kind::Message, words, now).await?;
    let Some(case) = case.filter(|case| case.state == State::ActionRequired) else { return Ok(message) };
    let _moved = cases::move_to(tx, case, State::Processing).await?;
    let who = Who::Citizen(Some(visit.session.account));
    cases::note(tx, case.id, EventKind::Answered, who, serde_json::Value::Null, now).await?;
    Ok(message)
}

#[derive(Debug, Deserialize)]
pub struct About {
    vorgang: Option<String>,
}

#[handler]
pub async fn compose(visit: CitizenVisit, Query(about): Query<About>) -> Result<Response> {
    let about = about.vorgang.map(|number| format!("vorgang:{number}")).unwrap_or_default();
    let form = Form::read(&MESSAGE, [("about".into(), about.into())]);
    let mut tx = visit.store().read().await?;
    let note = visit.portal.read_only.then_some(ComposeNote::Closed);
    private(&visit, &compose_page(&visit, &mut tx, form, note).await?)
}

async fn compose_page(visit: &CitizenVisit, tx: &mut Tx, form: Form, note: Option<ComposeNote>) -> Result<ComposePage> {
    let cases = cases::all_of_citizen(tx, visit.session.account).await?;
    let cases = cases.into_iter().filter(|case| case.state != State::Withdrawn).map(|case| Topic {
        value: format!("vorgang:{}", case.number),
        label: format!("{}, {}", case.application.title, case.number),
    });
    let departments = visit.tenant.town.staff.departments.iter();
    let offices = departments.map(|it| Topic { value: format!("amt:{}", it.id), label: it.name.clone() });
    Ok(ComposePage {
        form,
        cases: cases.collect(),
        offices: offices.collect(),
        upload: upload(visit),
        once: Once::fresh(),
        note,
    })
}

#[handler]
pub async fn send(visit: CitizenVisit, parcel: Parcel) -> poem::Result<Response> {
    if visit.portal.read_only {
        let (sent, _) = parcel.open(&visit, &Files::absent(), &[]).await?;
        let form = Form::read(&MESSAGE, sent.pairs());
        let mut tx = visit.store().read().await.map_err(Error::from)?;
        let page = compose_page(&visit, &mut tx, form, Some(ComposeNote::Closed)).await?;
        let mut response = private(&visit, &page)?;
        response.set_status(StatusCode::SERVICE_UNAVAILABLE);
        return Ok(response);
    }
    let (sent, arrived) = parcel.open(&visit, &visit.portal.files, &[FILES]).await?;
    let answer = write(&visit, &sent, &arrived).await;
    files::clear_up(&visit, &arrived, &answer).await;
    Ok(answer?)
}

async fn write(visit: &CitizenVisit, sent: &Sent, arrived: &[Arrived]) -> Result<Response> {
    let now = visit.portal.clock.now();
    let account = visit.session.account;
    let mut form = Form::read(&MESSAGE, sent.pairs());
    form.limits("subject", LONGEST_SUBJECT);
    form.needs("message");
    form.limits("message", LONGEST_MESSAGE);
    let mut tx = visit.store().write().await?;
    let about = form.value("about").to_owned();
    let case = match about.strip_prefix("vorgang:").and_then(cases::CaseNumber::parse) {
        Some(number) => cases::of_citizen(&mut tx, account, &number).await?,
        None => None,
    };
    let case = held(&mut tx, case.map(|case| case.id)).await?.filter(|case| takes_answers(Some(case)));
    let department = about.strip_prefix("amt:").filter(|id| visit.tenant.town.staff.department(id).is_some());
    if case.is_none() && department.is_none() {
        form.complain("about", Wrong::Missing);
    }
    if case.is_none() {
        form.needs("subject");
    }
    let (kept, refused) = super::accepted(arrived);
    if form.is_wrong() || !refused.is_empty() {
        let mut page = compose_page(visit, &mut tx, form, None).await?;
        page.upload = super::once_more(visit, &kept, &refused);
        let mut response = private(visit, &page)?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    }
    let (subject, message) = (form.value("subject"), form.value("message"));
    // a thread of a case is called after it; what somebody calls their message stands above it
    let (thread, words) = match &case {
        Some(case) => {
            let thread = super::open_for_case(&mut tx, case.id, Some(account), &case.application.title, now).await?;
            let head = if subject.is_empty() { String::new() } else { format!("{subject}\n\n") };
            (thread, format!("{head}{message}"))
        }
        None => {
            let thread = super::open_freely(&mut tx, account, department.map(str::to_owned), subject, now).await?;
            (thread, message.to_owned())
        }
    };
    let message = say(&mut tx, visit, thread, case.as_ref(), &words).await?;
    super::attach(&mut tx, visit, message, &kept).await?;
    if let Some(earlier) = super::once(sent, &kept).keep(&mut tx, &format!("/postkorb/{thread}"), now).await? {
        return see_other(&visit.url(&format!("{earlier}?fertig=gesendet")));
    }
    audit::record(&mut tx, now, Entry::new(Actor::Citizen(account), "message.sent").about(thread)).await?;
    tx.commit().await?;
    see_other(&visit.url(&format!("/postkorb/{thread}?fertig=gesendet")))
}
