//! `/verwaltung/vorgaenge/{nummer}`: the case as it is shown.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan};
use poem::{
    Response, handler,
    web::{Path, Query},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{clerk, department_name, departments, line, names, service_title};
use crate::{
    audit::{self, Actor},
    cases::{self, Case, CaseNumber, Event, EventKind, State, Who},
    clock::local_zone,
    desk::{
        Access, access, fill, has_mailbox,
        pages::{
            Choice,
            case::{
                ADDRESS, CAME, Came, CasePage, Day, Decided, Elsewhere, Entry, LETTER, Letter, NOTE, Posted, Proposed,
                Template, Write,
            },
            reason::{REASON, ReasonPage},
        },
        proposals, records, substitutes,
    },
    error::{Error, Result},
    files::{self, File, Owner},
    forms::doors::view,
    identity::doors::private,
    mailbox::{
        self, Kind, Message, Post, Sender,
        decisions::{self, Decision},
    },
    staff::{self, Reach, StaffVisit},
    store::Tx,
    tenant::schema::{LetterPurpose, Service},
    web::{Form, Once, Upload, Visit},
};

/// Somebody who is asked for something gets so many days.
pub(super) const TO_ANSWER: i32 = 14;
const EARLIER: i64 = 20;

#[derive(Debug, Deserialize)]
pub struct Asked {
    vorlage: Option<String>,
    art: Option<String>,
    fertig: Option<String>,
}

#[handler]
pub async fn show(visit: StaffVisit, Path(number): Path<String>, Query(asked): Query<Asked>) -> Result<Response> {
    visit.takes_deeds()?;
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    let (mut case, mut timeline) = found(&mut tx, &number).await?;
    let access = access_to(&mut tx, &visit, &case, &timeline).await?;
    match access {
        Access::Closed => return refused(tx, &visit, &case).await,
        Access::Reason => return ask_why(&visit, &case, Form::blank(&REASON)),
        Access::Own | Access::Look => {}
    }
    // whoever only looks takes nothing off the department's list
    if access == Access::Own && case.state == State::Submitted {
        case.state = State::Received;
        let _moved = cases::change(&mut tx, &case, EventKind::Received, Who::Staff(visit.id), Value::Null, now).await?;
        (case, timeline) = found(&mut tx, &number).await?;
    }
    let mut page = page(&mut tx, &visit, &case, &timeline).await?;
    if access == Access::Own
        && let Some(thread) = mailbox::of_case(&mut tx, case.id).await?.filter(|thread| thread.unread_staff > 0)
    {
        let seen = mailbox::messages(&mut tx, thread.id).await?;
        mailbox::read_by_staff(&mut tx, thread.id, &seen, now).await?;
    }
    page.write = write_of(&visit, &case, &asked, page.proposal.as_ref()).filter(|_| page.works);
    page.done = DONE.into_iter().find(|done| asked.fertig.as_deref() == Some(done));
    let entry = audit::Entry::new(Actor::Staff(visit.id), "case.read").about(case.id).concerns(case.account);
    audit::record(&mut tx, now, entry.with(json!({"number": case.number}))).await?;
    tx.commit().await?;
    private(&visit, &page)
}

/// What was just done; texts know it as `desk.done.<name>`.
pub(super) const DONE: [&str; 21] = [
    "claimed",
    "released",
    "handed_over",
    "department",
    "note",
    "message",
    "asked",
    "message_by_post",
    "asked_by_post",
    "came",
    "decided",
    "follow_up",
    "due",
    "address",
    "closed",
    "reopened",
    "hold",
    "posted",
    "entered",
    "proposed",
    "sent_back",
];

pub(super) async fn found(tx: &mut Tx, number: &str) -> Result<(Case, Vec<Event>)> {
    let number = CaseNumber::parse(number).ok_or(Error::NotFound)?;
    let case = cases::by_number(tx, &number).await?.ok_or(Error::NotFound)?;
    let timeline = cases::timeline(tx, case.id).await?;
    Ok((case, timeline))
}

/// Whether letters go by post about it: nobody reads the Postkorb, or a decision was not opened there in time.
pub(super) fn takes_address(case: &Case, fates: &[Decision]) -> bool {
    case.account.is_none() || fates.iter().any(Decision::waits_for_post)
}

/// What stands between the clerk and the case today.
pub(super) async fn access_to(tx: &mut Tx, visit: &StaffVisit, case: &Case, timeline: &[Event]) -> Result<Access> {
    let stands_for = substitutes::stands_for(tx, visit.id, visit.portal.clock.local().date()).await?;
    Ok(access(visit, case, timeline, &stands_for, visit.portal.clock.now()))
}

/// A case that the clerk may open now, without being asked why.
pub(crate) async fn opened(visit: &StaffVisit, number: &str) -> Result<(Tx, Case, Vec<Event>)> {
    let mut tx = visit.store().write().await?;
    let (case, timeline) = found(&mut tx, number).await?;
    match access_to(&mut tx, visit, &case, &timeline).await? {
        Access::Own | Access::Look => Ok((tx, case, timeline)),
        Access::Reason | Access::Closed => refused(tx, visit, &case).await,
    }
}

/// A closed door is closed, and somebody tried it.
pub(super) async fn refused<T>(mut tx: Tx, visit: &StaffVisit, case: &Case) -> Result<T> {
    let entry = audit::Entry::new(Actor::Staff(visit.id), "case.refused").about(case.id);
    audit::record(&mut tx, visit.portal.clock.now(), entry.with(json!({"number": case.number}))).await?;
    tx.commit().await?;
    Err(Error::Forbidden)
}

pub(super) fn ask_why(visit: &StaffVisit, case: &Case, form: Form) -> Result<Response> {
    let page = ReasonPage {
        clerk: clerk(visit),
        number: Some(case.number.to_string()),
        action: format!("/verwaltung/vorgaenge/{}", case.number),
        department: department_name(visit, case.department.as_deref()).unwrap_or_default(),
        form,
    };
    private(visit, &page)
}

/// The page with nothing being written and nothing wrong.
pub(super) async fn page(tx: &mut Tx, visit: &StaffVisit, case: &Case, timeline: &[Event]) -> Result<CasePage> {
    let now = visit.portal.clock.now();
    let colleagues = staff::colleagues(tx, &visit.tenant).await?;
    let names = names(&colleagues);
    let (messages, attached, copies) = match mailbox::of_case(tx, case.id).await? {
        Some(thread) => (
            mailbox::messages(tx, thread.id).await?,
            mailbox::files_of(tx, thread.id).await?,
            mailbox::outlet::of_thread(tx, &visit.tenant, thread.id).await?,
        ),
        None => Default::default(),
    };
    let fates = decisions::of_case(tx, case.id).await?;
    let documents = files::of(tx, Owner::Case(case.id)).await?;
    let url = |file: &File| format!("/verwaltung/vorgaenge/{}/dateien/{}", case.number, file.id);
    let proposal = proposals::of_case(tx, case.id).await?.map(|proposal| Proposed {
        by: names.get(&proposal.by).cloned().unwrap_or_else(|| visit.text("desk.somebody")),
        at: visit.moment(proposal.at),
        mine: proposal.by == visit.id,
        text: proposal.words,
        returned: proposal.returned,
    });
    let earlier = records::of_same_person(tx, case.id, case.account, EARLIER).await?;
    let colleague = |colleague: &staff::Colleague| Choice {
        value: colleague.id.to_string(),
        label: match department_name(visit, colleague.department.as_deref()) {
            Some(department) => format!("{}, {department}", colleague.name),
            None => colleague.name.clone(),
        },
        chosen: false,
    };
    let entries = |is_note: bool| {
        let of_kind = timeline.iter().rev().filter(move |event| (event.kind == EventKind::Note) == is_note);
        of_kind.map(|event| entry(visit, case, &names, event)).collect()
    };
    let action = format!("/verwaltung/vorgaenge/{}", case.number);
    Ok(CasePage {
        clerk: clerk(visit),
        title: case.application.title.clone(),
        number: case.number.to_string(),
        revision: case.revision,
        seen: timeline.len(),
        state: case.state,
        works: access_to(tx, visit, case, timeline).await? == Access::Own,
        open: !case.state.is_over(),
        channel: case.channel,
        applicant: case.applicant.clone(),
        proof: case.application.identity.as_ref().map(|proof| {
            let level = serde_json::to_value(proof.level).unwrap_or_default();
            format!("{}, {}", proof.provider, visit.text(&format!("desk.level.{}", level.as_str().unwrap_or("none"))))
        }),
        department: department_name(visit, case.department.as_deref()),
        assignee: case.assignee.map(|id| names.get(&id).cloned().unwrap_or_else(|| visit.text("desk.somebody"))),
        mine: case.assignee == Some(visit.id),
        submitted: visit.moment(case.submitted),
        due: day_of(visit, case.due),
        late: case.due < now && !case.state.is_over(),
        follow_up: case.follow_up.map(|at| day_of(visit, at)),
        keep_until: case.keep_until.map(|at| visit.day(at)),
        hold: case.hold,
        once: Once::fresh(),
        four_eyes: has_four_eyes(visit, case),
        proposal: proposal.filter(|_| !case.state.is_over()),
        copy: (!messages.is_empty()).then(|| format!("{action}/nachrichten.pdf")),
        sections: view::sections(&case.application.sections, None, |_| None),
        documents: files::views(visit, &documents, url),
        messages: messages
            .iter()
            .map(|message| Letter {
                files: files::views(visit, attached.get(&message.id).map_or(&[][..], Vec::as_slice), url),
                elsewhere: copies.get(&message.id).cloned().map(Elsewhere::from),
                post: post_of(&fates, message).map(|on| Posted {
                    id: message.id.to_string(),
                    pdf: format!("{action}/briefe/{}", message.id),
                    on: on.map(|at| visit.day(at)),
                }),
                ..letter(visit, &names, &fates, message)
            })
            .collect(),
        timeline: entries(false),
        notes: entries(true),
        earlier: earlier.iter().map(|listed| line(visit, &names, listed)).collect(),
        has_mailbox: has_mailbox(case),
        address: takes_address(case, &fates)
            .then(|| Form::read(&ADDRESS, [("address".into(), mailbox::address_of(case).join("\n").into())])),
        came: (!has_mailbox(case) && !case.state.is_over()).then(|| Came {
            form: Form::blank(&CAME),
            upload: files::nothing_yet(&visit.portal.files, mailbox::MOST_FILES),
        }),
        letters: letters(visit, case, &action),
        write: None,
        note: Form::blank(&NOTE),
        colleagues: colleagues
            .iter()
            .filter(|it| it.takes(case.department.as_deref()) && Some(it.id) != case.assignee)
            .map(colleague)
            .collect(),
        departments: departments(visit, &Reach::All, case.department.as_deref()),
        conflict: None,
        done: None,
        action,
    })
}

fn day_of(visit: &Visit, moment: Timestamp) -> Day {
    let date = moment.to_zoned(local_zone()).date();
    Day { shown: visit.date(date), iso: date.to_string() }
}

pub(super) fn letter(visit: &Visit, names: &HashMap<Uuid, String>, fates: &[Decision], message: &Message) -> Letter {
    let decision = fates.iter().find(|decision| decision.message == message.id).map(|decision| {
        let last = [decision.posted, decision.announced, decision.retrieved].into_iter().flatten().next();
        Decided {
            fate: decision.fate,
            at: visit.moment(last.unwrap_or(decision.provided)),
            next: decision.next.map(|at| visit.day(at)),
            basis: decision.told.basis.clone(),
            remedy: decision.told.remedy.clone(),
        }
    });
    Letter {
        from: match message.sender {
            Sender::Citizen => None,
            Sender::Staff(id) => Some(names.get(&id).cloned().unwrap_or_else(|| visit.text("desk.somebody"))),
            Sender::System => Some(visit.text("desk.portal")),
        },
        at: visit.moment(message.sent),
        body: message.body.clone(),
        read: message.read.map(|at| visit.moment(at)),
        asks: message.kind == Kind::Request,
        files: Vec::new(),
        decision,
        post: None,
        elsewhere: None,
    }
}

/// Set for what goes by post, or went: when it was marked as sent.
fn post_of(fates: &[Decision], message: &Message) -> Option<Option<Timestamp>> {
    match (fates.iter().find(|decision| decision.message == message.id), message.post) {
        (Some(decision), _) => (decision.waits_for_post() || decision.posted.is_some()).then_some(decision.posted),
        (None, Some(Post::Sent(at))) => Some(Some(at)),
        (None, Some(Post::Waits)) => Some(None),
        (None, None) => None,
    }
}

pub(super) fn entry(visit: &Visit, case: &Case, names: &HashMap<Uuid, String>, event: &Event) -> Entry {
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_else(|| visit.text("desk.somebody"));
    let said = |key: &str| event.details[key].as_str().map(str::to_owned);
    let date = |key: &str| said(key).and_then(|text| text.parse().ok()).map(|date| visit.date(date));
    let held = event.details["hold"].as_bool();
    let detail = match event.kind {
        EventKind::Note => said("text"),
        EventKind::HandedOver => said("to").and_then(|id| id.parse().ok()).map(name),
        EventKind::DepartmentChanged => department_name(visit, event.details["to"].as_str()),
        EventKind::FollowUp | EventKind::DueChanged => date("on"),
        EventKind::ReadElsewhere => said("reason"),
        EventKind::AddressChanged => said("to").map(|lines| lines.replace('\n', ", ")),
        EventKind::SentBack => said("why"),
        EventKind::Answered => said("text").filter(|text| !text.is_empty()),
        EventKind::Decided => said("proposed_by").and_then(|id| id.parse().ok()).map(name),
        _ => None,
    };
    Entry {
        at: visit.moment(event.at),
        event: match (event.kind, held) {
            (EventKind::Submitted, _) if case.channel != cases::Channel::Online => "entered",
            (EventKind::Note, Some(true)) => "held",
            (EventKind::Note, Some(false)) => "unheld",
            (EventKind::Decided, _) if detail.is_some() => "agreed",
            (EventKind::HandedOver, _) if detail.is_none() => "released",
            (EventKind::FollowUp, _) if detail.is_none() => "no_follow_up",
            (kind, _) => kind.word(),
        },
        who: match event.who {
            Who::Staff(id) => Some(name(id)),
            Who::Citizen(_) => Some(case.applicant.clone()),
            Who::System => None,
        },
        detail,
        shown: event.shown,
    }
}

fn letters(visit: &Visit, case: &Case, action: &str) -> Vec<Template> {
    let fits = visit
        .tenant
        .letters
        .iter()
        .filter(|(_, letter)| letter.services.is_empty() || letter.services.contains(&case.service));
    let template = |(id, letter): (&str, &crate::tenant::schema::LetterTemplate)| Template {
        title: visit.words(&letter.title).into_owned(),
        purpose: letter.purpose,
        url: format!("{action}?vorlage={id}#schreiben"),
    };
    fits.map(template).collect()
}

/// What the address asks to be written: a letter of the town's, or an empty sheet.
fn write_of(visit: &StaffVisit, case: &Case, asked: &Asked, proposal: Option<&Proposed>) -> Option<Write> {
    if let Some(letter) = asked.vorlage.as_deref().and_then(|id| visit.tenant.letters.get(id)) {
        let text = filled(visit, case, letter.purpose, &visit.words(&letter.text));
        return Some(write(visit, case, letter.purpose, Form::read(&LETTER, [("text".into(), text.into())])));
    }
    let purpose = purpose_of(asked.art.as_deref()?)?;
    // a proposal that came back is gone on with
    let before = proposal.filter(|it| purpose == LetterPurpose::Decision && it.returned.is_some());
    let text = before.map(|it| ("text".into(), it.text.clone().into()));
    Some(write(visit, case, purpose, Form::read(&LETTER, text)))
}

/// A second clerk has to agree to a decision about this case.
pub(super) fn has_four_eyes(visit: &Visit, case: &Case) -> bool {
    let of_service = || visit.tenant.service(&case.service).and_then(|service| service.online.form.as_ref());
    let form = case.form.as_ref().or_else(of_service).and_then(|id| visit.tenant.online_forms.get(id));
    form.is_some_and(|form| form.four_eyes)
}

/// As buttons and addresses name it.
pub(super) fn purpose_of(word: &str) -> Option<LetterPurpose> {
    match word {
        "message" => Some(LetterPurpose::Message),
        "ask" => Some(LetterPurpose::Request),
        "decide" => Some(LetterPurpose::Decision),
        _ => None,
    }
}

pub(super) fn write(visit: &StaffVisit, case: &Case, purpose: LetterPurpose, form: Form) -> Write {
    let decides = purpose == LetterPurpose::Decision;
    let service = visit.tenant.service(&case.service).filter(|_| decides);
    let regime = service.and_then(|service| regime_of(visit, service)).filter(|_| case.account.is_some());
    Write {
        purpose,
        form,
        // a proposal is words alone: it is a decision only when somebody else agrees
        upload: match decides && has_four_eyes(visit, case) {
            true => Upload::default(),
            false => files::nothing_yet(&visit.portal.files, mailbox::MOST_FILES),
        },
        regime: regime.map(|(_, regime)| visit.say_at_length(&regime.text)),
        basis: regime.map(|(_, regime)| visit.words(&regime.basis).into_owned()),
        remedy: service.and_then(|service| service.remedy.as_ref()).map(|remedy| visit.say_at_length(remedy)),
    }
}

pub(super) fn regime_of<'a>(
    visit: &'a Visit,
    service: &'a Service,
) -> Option<(&'a str, &'a crate::tenant::schema::Regime)> {
    let id = service.regime.as_deref()?;
    Some((id, visit.tenant.regimes.get(id)?))
}

fn filled(visit: &StaffVisit, case: &Case, purpose: LetterPurpose, template: &str) -> String {
    let today = visit.portal.clock.local().date();
    let due = match purpose {
        LetterPurpose::Request => visit.date(today.saturating_add(TO_ANSWER.days())),
        LetterPurpose::Message | LetterPurpose::Decision => visit.day(case.due),
    };
    let service = service_title(visit, &case.service);
    let values = [
        ("applicant", case.applicant.as_str()),
        ("number", case.number.as_str()),
        ("service", &service),
        ("due", &due),
        ("clerk", &visit.name),
    ];
    fill(template, &values)
}
