//! What a clerk writes to the person: words, a question, the decision.

use jiff::ToSpan;
use poem::{Response, http::StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{LONGEST_NOTE, close, conflict, status, told, working};
use crate::{
    audit::{self, Actor},
    cases::{self, Case, Event, EventKind, Moved, State, Who},
    desk::{
        doors::case::{TO_ANSWER, has_four_eyes, page, regime_of, write},
        has_gap, has_mailbox,
        pages::case::{LETTER, Write},
        proposals,
    },
    error::{Error, Result},
    files::{self, Arrived, NewFile, Owner},
    identity::doors::private,
    mailbox::{
        self, Kind, Sender,
        decisions::{self, Fate, Told},
    },
    paper,
    staff::StaffVisit,
    store::Tx,
    tenant::schema::LetterPurpose,
    web::{Form, Sent, Wrong},
};

const LONGEST: usize = 20_000;

/// Writes to the person: words, a question, the decision – or, where four eyes are asked for, the proposal of one.
pub(super) async fn letter(
    mut tx: Tx,
    visit: &StaffVisit,
    case: &Case,
    timeline: &[Event],
    purpose: LetterPurpose,
    sent: &Sent,
    arrived: &[Arrived],
) -> Result<Response> {
    let mut form = Form::read(&LETTER, sent.pairs());
    form.needs("text");
    form.limits("text", LONGEST);
    if has_gap(form.value("text")) {
        form.complain("text", Wrong::Gap);
    }
    let is_printed = purpose == LetterPurpose::Decision || !has_mailbox(case);
    if is_printed && !paper::unprintable(form.value("text")).is_empty() {
        form.complain("text", Wrong::Unprintable);
    }
    let (kept, refused) = mailbox::accepted(arrived);
    if form.is_wrong() || !refused.is_empty() {
        let mut page = page(&mut tx, visit, case, timeline).await?;
        page.write =
            Some(Write { upload: mailbox::once_more(visit, &kept, &refused), ..write(visit, case, purpose, form) });
        return status(private(visit, &page)?, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let is_late = case.state.is_over() && purpose != LetterPurpose::Message;
    if is_late {
        return conflict(&mut tx, visit, case, timeline, sent, &kept).await;
    }
    if purpose == LetterPurpose::Decision && has_four_eyes(visit, case) {
        return propose(tx, visit, case, timeline, form.value("text"), sent).await;
    }
    let words = Words { text: form.value("text"), files: &kept, proposed: None };
    publish(tx, visit, case, timeline, purpose, words, sent).await
}

/// Decides only as far as one clerk can.
async fn propose(
    mut tx: Tx,
    visit: &StaffVisit,
    case: &Case,
    timeline: &[Event],
    words: &str,
    sent: &Sent,
) -> Result<Response> {
    let now = visit.portal.clock.now();
    let mut new = case.clone();
    new.state = working(case.state);
    new.assignee = case.assignee.or(Some(visit.id));
    let moved = cases::change(&mut tx, &new, EventKind::Proposed, Who::Staff(visit.id), Value::Null, now).await?;
    if moved != Moved::Done {
        return conflict(&mut tx, visit, case, timeline, sent, &[]).await;
    }
    proposals::propose(&mut tx, case.id, visit.id, words, now).await?;
    told(tx, visit, case, sent, "decision.proposed", Value::Null, "proposed").await
}

/// The second clerk agrees, which decides, or sends the proposal back; whoever proposed it takes it back.
pub(super) async fn second_eyes(
    mut tx: Tx,
    visit: &StaffVisit,
    case: &Case,
    timeline: &[Event],
    sent: &Sent,
) -> Result<Response> {
    let now = visit.portal.clock.now();
    let proposal = proposals::of_case(&mut tx, case.id).await?.filter(|it| it.returned.is_none());
    let Some(proposal) = proposal.filter(|_| !case.state.is_over()) else {
        return conflict(&mut tx, visit, case, timeline, sent, &[]).await;
    };
    let is_own = proposal.by == visit.id;
    if sent.value("do").as_deref() == Some("agree") {
        if is_own {
            let entry = audit::Entry::new(Actor::Staff(visit.id), "decision.refused").about(case.id);
            audit::record(&mut tx, now, entry).await?;
            tx.commit().await?;
            return Err(Error::Forbidden);
        }
        proposals::settle(&mut tx, case.id).await?;
        let words = Words { text: &proposal.words, files: &[], proposed: Some(proposal.by) };
        return publish(tx, visit, case, timeline, LetterPurpose::Decision, words, sent).await;
    }
    let why = sent.value("why").unwrap_or_default().trim().to_owned();
    if why.is_empty() && !is_own || why.chars().count() > LONGEST_NOTE {
        return Err(Error::BadRequest("`why` says nothing, or too much"));
    }
    let details = json!({"why": why});
    if cases::change(&mut tx, case, EventKind::SentBack, Who::Staff(visit.id), details, now).await? != Moved::Done {
        return conflict(&mut tx, visit, case, timeline, sent, &[]).await;
    }
    proposals::send_back(&mut tx, case.id, &why).await?;
    told(tx, visit, case, sent, "decision.sent_back", Value::Null, "sent_back").await
}

/// What is sent.
struct Words<'a> {
    text: &'a str,
    files: &'a [&'a NewFile],
    /// Who wrote a decision that the clerk agreed to.
    proposed: Option<Uuid>,
}

/// The words are the town hall's.
async fn publish(
    mut tx: Tx,
    visit: &StaffVisit,
    case: &Case,
    timeline: &[Event],
    purpose: LetterPurpose,
    words: Words<'_>,
    sent: &Sent,
) -> Result<Response> {
    let now = visit.portal.clock.now();
    let who = Who::Staff(visit.id);
    let mut new = case.clone();
    let until = visit.portal.clock.local().date().saturating_add(TO_ANSWER.days());
    let by_post = !has_mailbox(case) && purpose != LetterPurpose::Decision;
    let (kind, event, deed, done) = match purpose {
        LetterPurpose::Message if by_post => (Kind::Message, None, "case.written", "message_by_post"),
        LetterPurpose::Message => (Kind::Message, None, "case.written", "message"),
        LetterPurpose::Request => {
            new.state = State::ActionRequired;
            let details = json!({"until": until.to_string()});
            let done = if by_post { "asked_by_post" } else { "asked" };
            (Kind::Request, Some((EventKind::Asked, details)), "case.asked", done)
        }
        LetterPurpose::Decision => {
            close(visit, &mut new, now);
            let details = words.proposed.map_or(Value::Null, |by| json!({"proposed_by": by}));
            (Kind::Decision, Some((EventKind::Decided, details)), "case.decided", "decided")
        }
    };
    if new.assignee.is_none() {
        new.assignee = Some(visit.id);
    }
    let moved = match event {
        Some((event, details)) => cases::change(&mut tx, &new, event, who, details, now).await?,
        None => cases::hold_as_seen(&mut tx, case).await?,
    };
    if moved != Moved::Done {
        return conflict(&mut tx, visit, case, timeline, sent, words.files).await;
    }
    let thread = mailbox::open_for_case(&mut tx, case.id, case.account, &case.application.title, now).await?;
    let message = mailbox::write_to(&mut tx, thread, Sender::Staff(visit.id), kind, words.text, now).await?;
    for file in words.files {
        files::keep(&mut tx, &visit.portal.files, Owner::Message(message), file, now).await?;
    }
    if by_post {
        mailbox::send_by_post(&mut tx, message).await?;
    }
    if purpose == LetterPurpose::Decision {
        decide(&mut tx, visit, case, message).await?;
    }
    // that the person was told is part of the proof of a decision
    let notified = match case.account {
        Some(account) => mailbox::notify(&mut tx, visit, account, (thread, message), now).await?,
        None => false,
    };
    let details = json!({"message": message, "proposed_by": words.proposed, "notified": notified, "by_post": by_post});
    told(tx, visit, case, sent, deed, details, done).await
}

/// The fate of the decision begins, by the law of its service; to somebody without an account it goes by post.
async fn decide(tx: &mut Tx, visit: &StaffVisit, case: &Case, message: Uuid) -> Result<()> {
    let service = visit.tenant.service(&case.service);
    let regime = service.and_then(|service| regime_of(visit, service)).filter(|_| case.account.is_some());
    let told = Told {
        remedy: service.and_then(|service| service.remedy.as_ref()).map(|remedy| visit.words(remedy).into_owned()),
        basis: regime.map(|(_, regime)| visit.words(&regime.basis).into_owned()),
        rule: regime.map(|(_, regime)| regime.into()),
    };
    let fate = if case.account.is_some() { Fate::Provided } else { Fate::ByPost };
    let now = visit.portal.clock.now();
    decisions::provide(tx, message, case.id, regime.map(|(id, _)| id), fate, &told, now).await?;
    Ok(cases::note(tx, case.id, EventKind::Completed, Who::Staff(visit.id), Value::Null, now).await?)
}
