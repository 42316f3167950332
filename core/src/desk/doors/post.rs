//! `/verwaltung/post`: what has to go by letter, and the letters.

use poem::{
    Response, handler,
    web::{Path, Query},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    case::{access_to, opened, refused},
    clerk,
    list::default_department,
    service_title,
};
use crate::{
    audit::{self, Actor},
    cases::{self, Case, EventKind, Moved, Who},
    desk::{
        Access, is_own,
        pages::post::{LetterLine, PostPage},
        records,
    },
    error::{Error, Result},
    identity::doors::{private, see_other},
    mailbox::{self, Conversation, Sender, decisions},
    paper,
    staff::{self, StaffVisit},
    store::Tx,
    tenant::schema::Permission,
    web::Sent,
};

#[derive(Debug, Deserialize)]
pub struct Asked {
    fertig: Option<usize>,
}

#[handler]
pub async fn show(visit: StaffVisit, Query(asked): Query<Asked>) -> Result<Response> {
    let reach = visit.reach(Permission::Cases)?;
    let mut tx = visit.store().read().await?;
    let waiting = records::to_post(&mut tx, default_department(&visit, reach)).await?;
    let mut letters = Vec::new();
    for line in waiting.into_iter().filter(|line| is_own(&visit, reach, line.department.as_deref())) {
        let Some(case) = cases::by_id(&mut tx, line.case).await? else { continue };
        letters.push(LetterLine {
            no_address: !mailbox::has_address(&case),
            url: format!("/verwaltung/vorgaenge/{}", line.number),
            pdf: format!("/verwaltung/vorgaenge/{}/briefe/{}", line.number, line.message),
            service: service_title(&visit, &line.service),
            since: visit.day(line.since),
            id: line.message.to_string(),
            decision: line.decision,
            unopened: line.unopened,
            lost: paper::unprintable(&case.applicant).into_iter().collect(),
            applicant: case.applicant,
            number: line.number,
        });
    }
    private(&visit, &PostPage { clerk: clerk(&visit), letters, done: asked.fertig })
}

/// The ticked letters are on their way.
#[handler]
pub async fn posted(visit: StaffVisit, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    let now = visit.portal.clock.now();
    let ticked = sent.pairs().filter(|(name, _)| name == "letter").map(|(_, id)| id);
    let mut tx = visit.store().write().await?;
    let (mut gone, mut persons) = (Vec::new(), Vec::new());
    for id in ticked {
        let letter = id.parse().map_err(|_| Error::BadRequest("`letter` is no id"))?;
        let id = mailbox::case_of(&mut tx, letter).await?.ok_or(Error::NotFound)?;
        let case = cases::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let timeline = cases::timeline(&mut tx, case.id).await?;
        if access_to(&mut tx, &visit, &case, &timeline).await? != Access::Own {
            // nothing of the list has happened
            drop(tx);
            return refused(visit.store().write().await?, &visit, &case).await;
        }
        // a letter that somebody else has posted meanwhile is as good as posted
        if mailbox::posted(&mut tx, letter, now).await? {
            let details = json!({"letter": letter});
            if cases::change(&mut tx, &case, EventKind::SentByPost, Who::Staff(visit.id), details, now).await?
                == Moved::Done
            {
                gone.push(case.number.to_string());
                persons.extend(case.account);
            }
        }
    }
    if !gone.is_empty() {
        let entry = audit::Entry::new(Actor::Staff(visit.id), "letters.posted").concerns(persons);
        audit::record(&mut tx, now, entry.with(json!({"cases": gone}))).await?;
        tx.commit().await?;
    }
    see_other(&format!("/verwaltung/post?fertig={}", gone.len()))
}

/// A letter, or a decision, on the town's paper. Marks nothing.
#[handler]
pub async fn letter_pdf(visit: StaffVisit, Path((number, letter)): Path<(String, Uuid)>) -> Result<Response> {
    visit.takes_deeds()?;
    let (mut tx, case, _) = opened(&visit, &number).await?;
    let thread = mailbox::of_case(&mut tx, case.id).await?.ok_or(Error::NotFound)?;
    let messages = mailbox::messages(&mut tx, thread.id).await?;
    let message = messages.iter().find(|it| it.id == letter).ok_or(Error::NotFound)?;
    let decisions = decisions::of_case(&mut tx, case.id).await?;
    let decision = decisions.iter().find(|it| it.message == letter);
    if decision.is_none() && message.post.is_none() {
        return Err(Error::NotFound);
    }
    let names = super::names(&staff::colleagues(&mut tx, &visit.tenant).await?);
    let writer = match message.sender {
        Sender::Staff(id) => names.get(&id).cloned(),
        Sender::Citizen | Sender::System => None,
    };
    let files = mailbox::files_of(&mut tx, thread.id).await?;
    told(tx, &visit, &case, "letter.printed").await?;
    mailbox::letter_pdf(&visit, &case, message, decision, &files, writer).await
}

/// The conversation about a case, to print.
#[handler]
pub async fn thread_pdf(visit: StaffVisit, Path(number): Path<String>) -> Result<Response> {
    visit.takes_deeds()?;
    let (mut tx, case, _) = opened(&visit, &number).await?;
    let thread = mailbox::of_case(&mut tx, case.id).await?.ok_or(Error::NotFound)?;
    let messages = mailbox::messages(&mut tx, thread.id).await?;
    let names = super::names(&staff::colleagues(&mut tx, &visit.tenant).await?);
    let decisions = decisions::of_case(&mut tx, case.id).await?;
    let files = mailbox::files_of(&mut tx, thread.id).await?;
    told(tx, &visit, &case, "thread.printed").await?;
    let from = |sender| match sender {
        Sender::Citizen => case.applicant.clone(),
        Sender::Staff(id) => names.get(&id).cloned().unwrap_or_else(|| visit.text("desk.somebody")),
        Sender::System => visit.text("desk.portal"),
    };
    let conversation = Conversation {
        subject: &thread.subject,
        number: Some(case.number.to_string()),
        messages: &messages,
        decisions: &decisions,
        files: &files,
    };
    mailbox::copy(&visit, &thread, conversation, from).await
}

async fn told(mut tx: Tx, visit: &StaffVisit, case: &Case, deed: &'static str) -> Result<()> {
    let entry = audit::Entry::new(Actor::Staff(visit.id), deed).about(case.id).concerns(case.account);
    audit::record(&mut tx, visit.portal.clock.now(), entry.with(json!({"number": case.number}))).await?;
    Ok(tx.commit().await?)
}
