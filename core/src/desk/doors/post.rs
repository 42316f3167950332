//! `/verwaltung/post`: what has to go by letter, and the letters.

use poem::{
    Response, handler,
    web::{Path, Query},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    case::{access_to, found, refused},
    clerk, day, is_open,
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
        let applicant = cases::applicant_of(&mut tx, line.case, &line.applicant).await?;
        let case = cases::by_id(&mut tx, line.case).await?;
        letters.push(LetterLine {
            no_address: case.is_some_and(|case| !mailbox::has_address(&case)),
            url: format!("/verwaltung/vorgaenge/{}", line.number),
            pdf: format!("/verwaltung/vorgaenge/{}/bescheid.pdf", line.number),
            service: service_title(&visit, &line.service),
            since: day(&visit, line.provided),
            unopened: line.unopened,
            lost: paper::unprintable(&applicant).into_iter().collect(),
            applicant,
            number: line.number,
        });
    }
    private(&visit, &PostPage { clerk: clerk(&visit), letters, done: asked.fertig })
}

/// The ticked letters are on their way.
#[handler]
pub async fn posted(visit: StaffVisit, sent: Sent) -> Result<Response> {
    is_open(&visit)?;
    let now = visit.portal.clock.now();
    let ticked = sent.pairs().filter(|(name, _)| name == "case").map(|(_, number)| number);
    let mut tx = visit.store().write().await?;
    let (mut gone, mut persons) = (Vec::new(), Vec::new());
    for number in ticked {
        let (case, timeline) = found(&mut tx, &number).await?;
        if access_to(&mut tx, &visit, &case, &timeline).await? != Access::Own {
            // nothing of the list has happened
            drop(tx);
            return refused(visit.store().write().await?, &visit, &case).await;
        }
        // a letter that somebody else has posted meanwhile is as good as posted
        if decisions::posted(&mut tx, case.id, now).await? {
            let null = serde_json::Value::Null;
            if cases::change(&mut tx, &case, EventKind::SentByPost, Who::Staff(visit.id), null, now).await?
                == Moved::Done
            {
                gone.push(case.number.to_string());
                persons.extend(case.account);
            }
        }
    }
    if !gone.is_empty() {
        let entry = audit::Entry::new(Actor::Staff(visit.id), "letters.posted").with(json!({"cases": gone}));
        let entry = entry.concerns(persons);
        audit::record(&mut tx, now, entry).await?;
        tx.commit().await?;
    }
    see_other(&format!("/verwaltung/post?fertig={}", gone.len()))
}

/// The decision that waits for the post, otherwise the last one, on the town's paper. Marks nothing.
#[handler]
pub async fn letter_pdf(visit: StaffVisit, Path(number): Path<String>) -> Result<Response> {
    is_open(&visit)?;
    let (mut tx, case) = opened(&visit, &number).await?;
    let all = decisions::of_case(&mut tx, case.id).await?;
    let decision = all.iter().find(|decision| decision.waits_for_post()).or(all.last()).ok_or(Error::NotFound)?;
    let thread = mailbox::of_case(&mut tx, case.id).await?.ok_or(Error::NotFound)?;
    let messages = mailbox::messages(&mut tx, thread.id).await?;
    let message = messages.iter().find(|it| it.id == decision.message).ok_or(Error::NotFound)?;
    let names = super::names(&staff::colleagues(&mut tx, &visit.tenant).await?);
    let writer = match message.sender {
        Sender::Staff(id) => names.get(&id).cloned(),
        Sender::Citizen | Sender::System => None,
    };
    let files = mailbox::files_of(&mut tx, thread.id).await?;
    told(tx, &visit, &case, "letter.printed").await?;
    mailbox::decision_pdf(&visit, &case, decision, message, &files, writer).await
}

/// The conversation about a case, to print.
#[handler]
pub async fn thread_pdf(visit: StaffVisit, Path(number): Path<String>) -> Result<Response> {
    is_open(&visit)?;
    let (mut tx, case) = opened(&visit, &number).await?;
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

/// A case that the clerk may open now, without being asked why.
async fn opened(visit: &StaffVisit, number: &str) -> Result<(Tx, Case)> {
    let mut tx = visit.store().write().await?;
    let (case, timeline) = found(&mut tx, number).await?;
    match access_to(&mut tx, visit, &case, &timeline).await? {
        Access::Own | Access::Look => Ok((tx, case)),
        Access::Reason | Access::Closed => refused(tx, visit, &case).await,
    }
}

async fn told(mut tx: Tx, visit: &StaffVisit, case: &Case, deed: &'static str) -> Result<()> {
    let entry = audit::Entry::new(Actor::Staff(visit.id), deed).about(case.id).concerns(case.account);
    audit::record(&mut tx, visit.portal.clock.now(), entry.with(json!({"number": case.number}))).await?;
    Ok(tx.commit().await?)
}
