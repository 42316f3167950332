//! A conversation and a decision as PDF, to keep or to print.

use std::collections::HashMap;

use poem::{Response, http::header};
use uuid::Uuid;

use super::{
    Message, Sender, Thread,
    decisions::{Decision, Fate, day_of},
};
use crate::{
    cases::Case,
    clock::local_zone,
    error::Result,
    files::File,
    paper::{
        self, Document, Letterhead,
        letter::{self, Body, Letter},
        thread,
    },
    theme::markdown,
    web::Visit,
};

/// What is printed of a conversation: as much as whoever asks may see.
pub struct Conversation<'a> {
    pub subject: &'a str,
    /// Of the case.
    pub number: Option<String>,
    pub messages: &'a [Message],
    pub decisions: &'a [Decision],
    /// By their message.
    pub files: &'a HashMap<Uuid, Vec<File>>,
}

/// The messages of a thread on the town's paper. `from`: who has sent each.
pub async fn copy(
    visit: &Visit,
    about: &Thread,
    conversation: Conversation<'_>,
    from: impl Fn(Sender) -> String,
) -> Result<Response> {
    let name = conversation.number.clone().unwrap_or_else(|| about.id.to_string());
    let document = on_paper(visit, &conversation, from);
    pdf(&name, paper::print(document, Letterhead::of(&visit.tenant, &visit.locale)).await?)
}

/// The same as a document.
pub fn on_paper(visit: &Visit, conversation: &Conversation<'_>, from: impl Fn(Sender) -> String) -> Document {
    let now = visit.portal.clock.now();
    let closed = visit.text("paper.thread.closed");
    let printed = conversation.messages.iter().map(|message| {
        let decision = conversation.decisions.iter().find(|it| it.message == message.id);
        thread::Message {
            from: from(message.sender),
            at: visit.moment(message.sent),
            text: if message.body.is_empty() { closed.clone() } else { message.body.clone() },
            files: names(conversation.files, message.id),
            facts: decision.map(|decision| facts(visit, decision)).unwrap_or_default(),
            remedy: decision.and_then(remedy),
        }
    });
    let copy = thread::Thread {
        subject: conversation.subject.to_owned(),
        lang: visit.locale.lang().to_owned(),
        printed: now.to_zoned(local_zone()),
        printed_shown: visit.moment(now),
        number: conversation.number.clone(),
        messages: printed.collect(),
    };
    thread::of(&copy, &|name| visit.text(name))
}

/// How a decision stands and by which law.
fn facts(visit: &Visit, decision: &Decision) -> Vec<(String, String)> {
    let fact = |name: &str, value: String| (visit.text(&format!("mailbox.decision.{name}")), value);
    let day = |at| visit.date(day_of(at));
    let counts = if decision.fate == Fate::Announced { decision.announced } else { decision.next };
    let facts = [
        Some(fact("provided_at", visit.moment(decision.provided))),
        decision.retrieved.map(|at| fact("opened", visit.moment(at))),
        counts.map(|at| fact(if decision.fate == Fate::Announced { "counted" } else { "counts" }, day(at))),
        decision.posted.map(|at| fact("posted", day(at))),
        decision.told.basis.clone().map(|basis| fact("basis", basis)),
    ];
    facts.into_iter().flatten().collect()
}

fn remedy(decision: &Decision) -> Option<String> {
    decision.told.remedy.as_deref().map(markdown::to_plain)
}

fn names(files: &HashMap<Uuid, Vec<File>>, message: Uuid) -> Vec<String> {
    files.get(&message).into_iter().flatten().map(|file| file.details.name.clone()).collect()
}

/// A decision as a letter on the town's paper, for the person or for the post. `writer`: the clerk, where that is said.
pub async fn decision_pdf(
    visit: &Visit,
    case: &Case,
    decision: &Decision,
    message: &Message,
    files: &HashMap<Uuid, Vec<File>>,
    writer: Option<String>,
) -> Result<Response> {
    let fact = |name: &str, value: String| (visit.text(&format!("paper.letter.{name}")), value);
    let about = [
        Some(fact("number", case.number.to_string())),
        Some(fact("date", visit.date(day_of(decision.provided)))),
        writer.map(|writer| fact("clerk", writer)),
    ];
    let letter = Letter {
        subject: visit.text("paper.letter.subject").replace("{title}", &case.application.title),
        lang: "de".into(),
        written: decision.provided.to_zoned(local_zone()),
        number: Some(case.number.to_string()),
        to: addressee(case),
        about: about.into_iter().flatten().collect(),
        body: Body::Plain(message.body.clone()),
        signature: Vec::new(),
        enclosed: names(files, message.id),
        remedy: remedy(decision),
        small_print: Some(visit.text("paper.letter.unsigned")),
    };
    let document = letter::of(&letter, &|name| visit.text(name));
    let bytes = paper::print(document, Letterhead::of(&visit.tenant, &visit.locale)).await?;
    pdf(&format!("{}-bescheid", case.number), bytes)
}

fn pdf(name: &str, bytes: Vec<u8>) -> Result<Response> {
    let name = format!("attachment; filename=\"{name}.pdf\"");
    let response = Response::builder().content_type("application/pdf").header(header::CONTENT_DISPOSITION, name);
    Ok(response.header(header::CACHE_CONTROL, "no-store").body(bytes))
}

/// Whether a letter about the case can be addressed.
pub fn has_address(case: &Case) -> bool {
    addressee(case).len() > 1
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
