//! `/verwaltung/post`: what has to go by letter, and the letters.

use poem::{Response, handler, http::header, web::Path};
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
    clock::local_zone,
    desk::{
        Access, is_own,
        pages::post::{LetterLine, PostPage},
        records,
    },
    error::{Error, Result},
    identity::doors::{private, see_other},
    mailbox::{
        self, Sender,
        decisions::{self, Decision},
    },
    paper::{
        self, Letterhead,
        letter::{self, Body},
    },
    staff::{self, StaffVisit},
    store::Tx,
    tenant::schema::Permission,
    web::{Sent, Visit},
};

#[handler]
pub async fn show(visit: StaffVisit) -> Result<Response> {
    let reach = visit.reach(Permission::Cases)?;
    let mut tx = visit.store().read().await?;
    let waiting = records::to_post(&mut tx, default_department(&visit, reach)).await?;
    let mut letters = Vec::new();
    for line in waiting.into_iter().filter(|line| is_own(&visit, reach, line.department.as_deref())) {
        let applicant = cases::applicant_of(&mut tx, line.case, &line.applicant).await?;
        letters.push(LetterLine {
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
    private(&visit, &PostPage { clerk: clerk(&visit), letters })
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
    see_other("/verwaltung/post")
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
    told(tx, &visit, &case, "letter.printed").await?;
    let letter = on_paper(&visit, &case, decision, &message.body, writer);
    let document = letter::of(&letter, &|name| visit.text(name));
    let bytes = paper::print(document, Letterhead::of(&visit.tenant, &visit.locale)).await?;
    let name = format!("attachment; filename=\"{}-bescheid.pdf\"", case.number);
    let response = Response::builder().content_type("application/pdf").header(header::CONTENT_DISPOSITION, name);
    Ok(response.header(header::CACHE_CONTROL, "no-store").body(bytes))
}

/// The conversation about a case, to print.
#[handler]
pub async fn thread_pdf(visit: StaffVisit, Path(number): Path<String>) -> Result<Response> {
    is_open(&visit)?;
    let (mut tx, case) = opened(&visit, &number).await?;
    let thread = mailbox::of_case(&mut tx, case.id).await?.ok_or(Error::NotFound)?;
    let messages = mailbox::messages(&mut tx, thread.id).await?;
    let names = super::names(&staff::colleagues(&mut tx, &visit.tenant).await?);
    told(tx, &visit, &case, "thread.printed").await?;
    let from = |sender| match sender {
        Sender::Citizen => case.applicant.clone(),
        Sender::Staff(id) => names.get(&id).cloned().unwrap_or_else(|| visit.text("desk.somebody")),
        Sender::System => visit.text("desk.portal"),
    };
    mailbox::copy(&visit, &thread, Some(case.number.to_string()), &messages, from).await
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

fn on_paper(visit: &Visit, case: &Case, decision: &Decision, words: &str, writer: Option<String>) -> letter::Letter {
    let fact = |name: &str, value: String| (visit.text(&format!("desk.letter.{name}")), value);
    let about = [
        Some(fact("number", case.number.to_string())),
        Some(fact("date", day(visit, decision.provided))),
        writer.map(|writer| fact("clerk", writer)),
    ];
    letter::Letter {
        subject: case.application.title.clone(),
        lang: "de".into(),
        written: decision.provided.to_zoned(local_zone()),
        number: Some(case.number.to_string()),
        to: addressee(case),
        about: about.into_iter().flatten().collect(),
        body: Body::Plain(words.to_owned()),
        signature: Vec::new(),
        remedy: decision.told.remedy.as_deref().map(crate::theme::markdown::to_plain),
        small_print: Some(visit.text("desk.letter.unsigned")),
    }
}

/// Name and address for the window: the first address of the application.
fn addressee(case: &Case) -> Vec<String> {
    let fields = case.application.sections.iter().flat_map(|section| &section.fields);
    let mut to = vec![case.applicant.clone()];
    if let Some(address) = fields.clone().find(|field| field.kind == "address") {
        let part = |name: &str| address.value[name].as_str().unwrap_or_default().to_owned();
        let place = format!("{} {}", part("postal_code"), part("city"));
        match part("street").is_empty() {
            // taken down as it was said
            true => to.extend(address.shown.lines().map(str::to_owned)),
            false => to.extend([part("street"), part("extra"), place, part("country")]),
        }
    }
    to.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}
