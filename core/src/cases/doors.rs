//! What answers at `/vorgaenge` and `/vorgang-abfragen`.

mod guest;

use std::collections::HashMap;

use poem::{
    Response, handler,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;
use serde_json::json;
use sha2::Digest as _;
use uuid::Uuid;

use super::{
    Case, CaseNumber, Event, EventKind, Listed, Moved, State, Titles, Who,
    pages::{
        CaseCard,
        case::{CasePage, Document, Done, Entry, Messages, WORDS, Wanted},
        list::CasesPage,
        lookup::{ASKED, LookupNote, LookupPage},
    },
};
use crate::{
    audit::{self, Actor},
    clock::local_zone,
    error::{Error, Result},
    files::{self, Arrived, File, NewFile, Owner, Parcel, Refusal},
    forms::{self, Sheet, access::Applicant, doors::view},
    identity::{
        CitizenVisit,
        doors::{private, see_other},
    },
    mailbox::{self, FILES, Kind, Sender, Thread},
    paper::{self, Letterhead, copy},
    store::Tx,
    tenant::Said,
    web::{Form, Once, Sent, Visit},
};

/// A withdrawn case of a form that is no longer offered is kept so long.
const KEPT_WITHDRAWN: u16 = 90;

const ON_A_PAGE: u32 = 50;

#[derive(Debug, Deserialize)]
pub struct Leaf {
    seite: Option<u32>,
}

#[handler]
pub async fn list(visit: CitizenVisit, Query(leaf): Query<Leaf>) -> Result<Response> {
    let (now, today) = (visit.portal.clock.now(), visit.portal.clock.local().date());
    let leaf = leaf.seite.unwrap_or(1).clamp(1, 10_000);
    let account = visit.session.account;
    let mut tx = visit.store().read().await?;
    let threads = mailbox::all_of_citizen(&mut tx, account).await?;
    let unread: HashMap<Uuid, u32> =
        threads.iter().filter_map(|thread| Some((thread.case?, thread.unread_citizen))).collect();
    let mut drafts = Vec::new();
    if leaf == 1 {
        for draft in forms::drafts::of_account(&mut tx, account, now).await? {
            if let Some(form) = visit.tenant.online_forms.get(&draft.form) {
                let sheet = Sheet::of(form, &draft.answers, today);
                drafts.push((draft.expires, view::draft(&visit, form, &draft, &sheet, now)));
            }
        }
    }
    drafts.sort_by_key(|(expires, _)| *expires);
    let mut cases = super::list_of_citizen(&mut tx, account, ON_A_PAGE + 1, (leaf - 1) * ON_A_PAGE).await?;
    let has_more = cases.len() > ON_A_PAGE as usize;
    cases.truncate(ON_A_PAGE as usize);
    let (done, running): (Vec<Listed>, Vec<Listed>) = cases.into_iter().partition(|case| case.state.is_over());
    let card = |case: &Listed| CaseCard {
        title: title(&visit, &case.titles),
        number: case.number.to_string(),
        url: visit.url(&format!("/vorgaenge/{}", case.number)),
        state: case.state,
        submitted: visit.day(case.submitted),
        changed: visit.day(case.closed.unwrap_or(case.submitted)),
        unread: unread.get(&case.id).copied().unwrap_or_default(),
    };
    let page = CasesPage {
        drafts: drafts.into_iter().map(|(_, draft)| draft).collect(),
        running: running.iter().map(card).collect(),
        done: done.iter().map(card).collect(),
        older: has_more.then(|| visit.url(&format!("/vorgaenge?seite={}", leaf + 1))),
    };
    private(&visit, &page)
}

/// In the language of the visit, if it was applied for in it.
pub fn title(visit: &Visit, titles: &Titles) -> Said {
    let original = titles.original.as_ref().filter(|(locale, _)| locale == visit.locale.code());
    let text = original.map_or(&titles.german, |(_, title)| title).clone();
    let lang = (original.is_none() && visit.locale.lang() != "de").then_some("de");
    Said { html: String::new(), text, lang }
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    fertig: Option<String>,
}

#[handler]
pub async fn show(visit: CitizenVisit, Path(number): Path<String>, Query(asked): Query<Asked>) -> Result<Response> {
    let done = match asked.fertig.as_deref() {
        Some("zurueckgezogen") => Some(Done::Withdrawn),
        Some("zu-spaet") => Some(Done::TooLate),
        Some("nachgereicht") => Some(Done::HandedIn),
        _ => None,
    };
    let mut tx = visit.store().read().await?;
    let case = own(&mut tx, &visit, &number).await?;
    if let Some(login) = visit.lacks(case.level)? {
        return Ok(login);
    }
    let thread = mailbox::of_case(&mut tx, case.id).await?;
    let page = page(&mut tx, &visit, &case, thread.as_ref(), done).await?;
    private(&visit, &page)
}

async fn own(tx: &mut Tx, visit: &CitizenVisit, number: &str) -> Result<Case> {
    let number = CaseNumber::parse(number).ok_or(Error::NotFound)?;
    super::of_citizen(tx, visit.session.account, &number).await?.ok_or(Error::NotFound)
}

/// The same page for an account and for a guest, who has the messages on it instead of a mailbox.
async fn page(
    tx: &mut Tx,
    visit: &Visit,
    case: &Case,
    thread: Option<&Thread>,
    done: Option<Done>,
) -> Result<CasePage> {
    let mut timeline: Vec<Event> = super::timeline(tx, case.id).await?;
    timeline.reverse();
    let here = visit.url(&format!("/vorgaenge/{}", case.number));
    let messages = match thread {
        Some(thread) => mailbox::messages(tx, thread.id).await?,
        None => Vec::new(),
    };
    let request = messages.iter().rfind(|message| message.kind == Kind::Request && message.sender != Sender::Citizen);
    let wanted = request.filter(|_| case.state == State::ActionRequired);
    let original = case.application.original.as_ref().filter(|original| original.locale == visit.locale.code());
    let sections = original.map_or(&case.application.sections, |original| &original.sections);
    let lang = (original.is_none() && visit.locale.lang() != "de").then_some("de");
    let has_account = case.account.is_some();
    Ok(CasePage {
        title: title(visit, &Titles::of(&case.application)),
        number: case.number.to_string(),
        action: here.clone(),
        state: case.state,
        submitted: visit.moment(case.submitted),
        answer_by: (!case.state.is_over()).then(|| visit.day(case.due)),
        wanted: wanted.map(|request| Wanted {
            text: request.body.clone(),
            until: timeline
                .iter()
                .find_map(|event| event.details["until"].as_str()?.parse().ok())
                .map(|day| visit.date(day)),
        }),
        timeline: timeline.iter().filter(|event| event.shown).map(|event| entry(visit, event)).collect(),
        sections: view::sections(sections, lang, |_| None),
        documents: documents(tx, visit, case, thread).await?,
        pdf: Some(format!("{here}/kopie.pdf")),
        json: format!("{here}/kopie.json"),
        guest: None,
        messages: (has_account && (thread.is_some() || case.state != State::Withdrawn)).then(|| Messages {
            url: match thread {
                Some(thread) => visit.url(&format!("/postkorb/{}", thread.id)),
                None => visit.url(&format!("/postkorb/neu?vorgang={}", case.number)),
            },
            count: messages.len(),
            unread: thread.map_or(0, |thread| thread.unread_citizen),
            decision: messages.iter().any(|message| message.kind == Kind::Decision),
        }),
        may_withdraw: has_account && !case.state.is_over() && !visit.portal.read_only,
        hand_in: (!case.state.is_over() && !visit.portal.read_only)
            .then(|| files::nothing_yet(&visit.portal.files, mailbox::MOST_FILES)),
        once: Once::fresh(),
        done,
    })
}

/// Files of both sides, the latest first. For a guest they have no addresses: buttons ask for them.
async fn documents(tx: &mut Tx, visit: &Visit, case: &Case, thread: Option<&Thread>) -> Result<Vec<Document>> {
    let mut all: Vec<(File, bool)> =
        files::of(tx, Owner::Case(case.id)).await?.into_iter().map(|file| (file, false)).collect();
    if let Some(thread) = thread {
        let from_town: HashMap<Uuid, bool> = mailbox::messages(tx, thread.id).await?.iter().map(from_town).collect();
        let is_from_town = |file: &File| match file.owner {
            Owner::Message(id) => from_town.get(&id).copied().unwrap_or_default(),
            Owner::Draft(_) | Owner::Case(_) => false,
        };
        let files = mailbox::files_seen_by_citizen(tx, thread).await?;
        all.extend(files.into_values().flatten().map(|file| {
            let from_town = is_from_town(&file);
            (file, from_town)
        }));
    }
    all.sort_by_key(|(file, _)| std::cmp::Reverse(file.at));
    let url = |file: &File| match (file.owner, thread) {
        (Owner::Message(_), Some(thread)) => visit.url(&format!("/postkorb/{}/dateien/{}", thread.id, file.id)),
        _ => visit.url(&format!("/vorgaenge/{}/dateien/{}", case.number, file.id)),
    };
    let document = |(file, from_town): &(File, bool)| {
        let mut view = files::views(visit, [file], url).remove(0);
        view.url = view.url.filter(|_| case.account.is_some());
        Document { file: view, at: visit.moment(file.at), from_town: *from_town }
    };
    Ok(all.iter().map(document).collect())
}

fn from_town(message: &mailbox::Message) -> (Uuid, bool) {
    (message.id, message.sender != Sender::Citizen)
}

/// `/vorgaenge/{nummer}/dateien/{datei}`: a file of one's own application.
#[handler]
pub async fn fetch_file(visit: CitizenVisit, Path((number, file)): Path<(String, Uuid)>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let case = own(&mut tx, &visit, &number).await?;
    if let Some(login) = visit.lacks(case.level)? {
        return Ok(login);
    }
    let file = files::by_id(&mut tx, file).await?.filter(|file| file.owner == Owner::Case(case.id));
    drop(tx);
    files::hand_over(&visit, file.as_ref()).await
}

fn entry(visit: &Visit, event: &Event) -> Entry {
    Entry { at: visit.moment(event.at), event: event.kind.word(), detail: None }
}

#[handler]
pub async fn change(visit: CitizenVisit, Path(number): Path<String>, parcel: Parcel) -> poem::Result<Response> {
    visit.takes_deeds()?;
    // nothing is taken from strangers
    own(&mut visit.store().read().await.map_err(Error::from)?, &visit, &number).await?;
    let (sent, arrived) = parcel.open(&visit, &visit.portal.files, &[FILES]).await?;
    let answer = match sent.value("do").as_deref() {
        Some("withdraw") => withdraw(&visit, &number).await,
        Some("hand_in") => hand_in(&visit, &number, &sent, &arrived).await,
        _ => Err(Error::BadRequest("this page knows `withdraw` and `hand_in`")),
    };
    files::clear_up(&visit, &arrived, &answer).await;
    Ok(answer?)
}

/// Documents that were missing: a message of few words, which the desk finds unread, with the files.
async fn hand_in(visit: &CitizenVisit, number: &str, sent: &Sent, arrived: &[Arrived]) -> Result<Response> {
    let account = visit.session.account;
    let mut tx = visit.store().write().await?;
    let case = own(&mut tx, visit, number).await?;
    if let Some(login) = visit.lacks(case.level)? {
        return Ok(login);
    }
    if case.state.is_over() {
        return see_other(&visit.url(&format!("/vorgaenge/{}?fertig=zu-spaet", case.number)));
    }
    let (kept, mut refused) = mailbox::accepted(arrived);
    if kept.is_empty() && refused.is_empty() {
        refused.push(("", Refusal::Missing));
    }
    if !refused.is_empty() {
        let thread = mailbox::of_case(&mut tx, case.id).await?;
        let mut page = page(&mut tx, visit, &case, thread.as_ref(), None).await?;
        page.hand_in = Some(mailbox::once_more(visit, &kept, &refused));
        let mut response = private(visit, &page)?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    }
    let done = format!("/vorgaenge/{}?fertig=nachgereicht", case.number);
    file_away(&mut tx, visit, &case, Some(account), &kept).await?;
    if mailbox::once(sent, &kept).keep(&mut tx, &done, visit.portal.clock.now()).await?.is_none() {
        tx.commit().await?;
    }
    see_other(&visit.url(&done))
}

/// What was handed in, by an account or by a guest, becomes a message of the case, which goes on.
async fn file_away(tx: &mut Tx, visit: &Visit, case: &Case, account: Option<Uuid>, kept: &[&NewFile]) -> Result<()> {
    let now = visit.portal.clock.now();
    let thread = mailbox::open_for_case(tx, case.id, account, &case.application.title, now).await?;
    let words = visit.text("cases.hand_in_words");
    let message = mailbox::write_to(tx, thread, Sender::Citizen, Kind::Message, &words, now).await?;
    mailbox::attach(tx, visit, message, kept).await?;
    if case.state == State::ActionRequired {
        let _moved = super::move_to(tx, case, State::Processing).await?;
    }
    super::note(tx, case.id, EventKind::DocumentAdded, Who::Citizen(account), json!(null), now).await?;
    let actor = account.map_or(Actor::System, Actor::Citizen);
    Ok(audit::record(tx, now, audit::Entry::new(actor, "case.handed_in").about(case.id).concerns(case.account)).await?)
}

async fn withdraw(visit: &CitizenVisit, number: &str) -> Result<Response> {
    let now = visit.portal.clock.now();
    let account = visit.session.account;
    let mut tx = visit.store().write().await?;
    let case = own(&mut tx, visit, number).await?;
    if let Some(login) = visit.lacks(case.level)? {
        return Ok(login);
    }
    let here = |done: &str| see_other(&visit.url(&format!("/vorgaenge/{}?fertig={done}", case.number)));
    let form = case.form.as_ref().and_then(|id| visit.tenant.online_forms.get(id));
    let days = form.map_or(KEPT_WITHDRAWN, |form| form.keep_days);
    match super::withdraw(&mut tx, &case, Who::Citizen(Some(account)), days, now).await? {
        Moved::Done => {
            let entry = audit::Entry::new(Actor::Citizen(account), "case.withdrawn").about(case.id);
            audit::record(&mut tx, now, entry).await?;
            tx.commit().await?;
            here("zurueckgezogen")
        }
        // whoever clicks twice has withdrawn it
        Moved::TooLate if case.state == State::Withdrawn => here("zurueckgezogen"),
        Moved::TooLate | Moved::Meanwhile => here("zu-spaet"),
    }
}

/// The copy for machines.
#[handler]
pub async fn copy_json(visit: CitizenVisit, Path(number): Path<String>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let case = own(&mut tx, &visit, &number).await?;
    if let Some(login) = visit.lacks(case.level)? {
        return Ok(login);
    }
    json_of(&visit, &case)
}

/// The copy to read and to keep.
#[handler]
pub async fn copy_pdf(visit: CitizenVisit, Path(number): Path<String>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let case = own(&mut tx, &visit, &number).await?;
    if let Some(login) = visit.lacks(case.level)? {
        return Ok(login);
    }
    pdf_of(&visit, &case).await
}

pub fn json_of(visit: &Visit, case: &Case) -> Result<Response> {
    Ok(files::saved(&format!("{}.json", case.number), "application/json", json_copy(visit, case)?))
}

pub async fn pdf_of(visit: &Visit, case: &Case) -> Result<Response> {
    let (document, letterhead) = pdf_document(visit, case)?;
    let bytes = paper::print(document, letterhead).await?;
    Ok(files::saved(&format!("{}.pdf", case.number), "application/pdf", bytes))
}

/// The copy to read, in the language of the visit where the application has it; work for a processor.
pub fn pdf_copy(visit: &Visit, case: &Case) -> Result<Vec<u8>> {
    let (document, letterhead) = pdf_document(visit, case)?;
    paper::write(&document, &letterhead)
}

fn pdf_document(visit: &Visit, case: &Case) -> Result<(paper::Document, Letterhead)> {
    let application = &case.application;
    let original = application.original.as_ref().filter(|original| original.locale == visit.locale.code());
    let sections = original.map_or(&application.sections, |original| &original.sections);
    let rows = |section: &super::Section| {
        section.fields.iter().map(|field| (field.label.clone(), field.shown.clone())).collect()
    };
    let proof = application.identity.as_ref().map(|proof| {
        let level = visit.text(&format!("login.stage.{}", proof.level.word()));
        format!("{} ({level})", proof.provider)
    });
    let digest = sha2::Sha256::digest(json_copy(visit, case)?);
    let copy = copy::Copy {
        title: title(visit, &Titles::of(&case.application)).text,
        lang: visit.locale.lang().to_owned(),
        number: case.number.to_string(),
        submitted: case.submitted.to_zoned(local_zone()),
        submitted_shown: visit.moment(case.submitted),
        sections: sections.iter().map(|it| copy::Section { title: it.title.clone(), rows: rows(it) }).collect(),
        proof,
        digest: Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()),
    };
    let document = copy::of(&copy, &|name| visit.text(name));
    let letterhead = Letterhead::of(&visit.tenant, &visit.locale);
    Ok((document, letterhead))
}

fn json_copy(visit: &Visit, case: &Case) -> Result<Vec<u8>> {
    let copy = json!({
        "number": case.number,
        "submitted": case.submitted.to_string(),
        "town": visit.tenant.town.full_name,
        "application": case.application,
    });
    serde_json::to_vec_pretty(&copy).map_err(Error::internal)
}

#[handler]
pub fn ask(visit: Visit) -> Result<Response> {
    private(&visit, &LookupPage { form: Form::blank(&ASKED), note: None, standing: None })
}

/// A guest's case: seen, copied, written about. Number and code travel in the body, so that they stand in no log and no
/// history.
#[handler]
pub async fn look_up(visit: Visit, applicant: Applicant, parcel: Parcel) -> poem::Result<Response> {
    let knows = |sent: Sent| {
        let (visit, applicant) = (&visit, &applicant);
        async move { guest::may_hand_in(visit, applicant, &sent).await }
    };
    let (sent, arrived) = parcel.open_if(&visit, &visit.portal.files, &[FILES], knows).await?;
    let answer = answer(&visit, &applicant, &sent, &arrived).await;
    files::clear_up(&visit, &arrived, &answer).await;
    Ok(answer?)
}

async fn answer(visit: &Visit, applicant: &Applicant, sent: &Sent, arrived: &[Arrived]) -> Result<Response> {
    let mut form = Form::read(&ASKED, sent.pairs());
    ASKED.iter().for_each(|name| form.needs(name));
    let refused = |form: Form, note: Option<LookupNote>| {
        let mut response = private(visit, &LookupPage { form, note, standing: None })?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        Ok(response)
    };
    if form.is_wrong() {
        return refused(form, None);
    }
    let Some(number) = CaseNumber::parse(form.value("number")) else {
        return refused(form, Some(LookupNote::NoMatch));
    };
    let mut tx = visit.store().read().await?;
    let Some(case) = super::of_guest(&mut tx, &number, form.value("code")).await? else {
        return refused(form, Some(LookupNote::NoMatch));
    };
    if !guest::opens(&mut tx, applicant, &case).await? {
        return guest::standing(visit, &case);
    }
    drop(tx);
    match sent.value("do").as_deref() {
        Some("pdf") => pdf_of(visit, &case).await,
        Some("json") => json_of(visit, &case),
        Some("fetch") => guest::fetch(visit, &case, sent).await,
        Some("hand_in") => guest::hand_in(visit, &case, form.value("code"), arrived).await,
        Some("take") => guest::take(visit, &case, applicant).await,
        Some("write") => guest::write(visit, &case, form.value("code"), sent).await,
        _ => guest::show(visit, &case, form.value("code"), Form::blank(&WORDS), None).await,
    }
}
