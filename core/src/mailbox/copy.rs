//! A conversation and a decision as PDF, to keep or to print.

use std::collections::HashMap;

use jiff::Timestamp;
use poem::Response;
use uuid::Uuid;

use super::{
    Message, Post, Sender, Thread,
    decisions::{Decision, Fate, day_of},
};
use crate::{
    cases::Case,
    clock::local_zone,
    error::Result,
    files::{self, File},
    paper::{
        self, Document, Letterhead,
        letter::{self, Body, Letter},
        thread,
    },
    theme::markdown,
    web::Visit,
};

const PDF: &str = "application/pdf";

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
    let bytes = paper::print(document, Letterhead::of(&visit.tenant, &visit.locale)).await?;
    Ok(files::saved(&format!("{name}.pdf"), PDF, bytes))
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
            facts: match (decision, message.post) {
                (Some(decision), _) => facts(visit, decision),
                (None, Some(Post::Sent(at))) => vec![posted(visit, at)],
                (None, _) => Vec::new(),
            },
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
        decision.posted.map(|at| posted(visit, at)),
        decision.told.basis.clone().map(|basis| fact("basis", basis)),
    ];
    facts.into_iter().flatten().collect()
}

fn posted(visit: &Visit, at: Timestamp) -> (String, String) {
    (visit.text("mailbox.decision.posted"), visit.date(day_of(at)))
}

fn remedy(decision: &Decision) -> Option<String> {
    decision.told.remedy.as_deref().map(markdown::to_plain)
}

fn names(files: &HashMap<Uuid, Vec<File>>, message: Uuid) -> Vec<String> {
    files.get(&message).into_iter().flatten().map(|file| file.details.name.clone()).collect()
}

/// A message of the town hall as a letter on its paper, for the person or for the post; `decision` where it is one.
/// `writer`: the clerk, where that is said.
pub async fn letter_pdf(
    visit: &Visit,
    case: &Case,
    message: &Message,
    decision: Option<&Decision>,
    files: &HashMap<Uuid, Vec<File>>,
    writer: Option<String>,
) -> Result<Response> {
    let fact = |name: &str, value: String| (visit.text(&format!("paper.letter.{name}")), value);
    let written = decision.map_or(message.sent, |decision| decision.provided);
    let title = &case.application.title;
    let about = [
        Some(fact("number", case.number.to_string())),
        Some(fact("date", visit.date(day_of(written)))),
        writer.map(|writer| fact("clerk", writer)),
    ];
    let letter = Letter {
        subject: match decision {
            Some(_) => visit.text("paper.letter.subject").replace("{title}", title),
            None => title.clone(),
        },
        lang: "de".into(),
        written: written.to_zoned(local_zone()),
        number: Some(case.number.to_string()),
        to: addressee(case),
        about: about.into_iter().flatten().collect(),
        body: Body::Plain(message.body.clone()),
        signature: Vec::new(),
        enclosed: names(files, message.id),
        remedy: decision.and_then(remedy),
        small_print: Some(visit.text("paper.letter.unsigned")),
    };
    let document = letter::of(&letter, &|name| visit.text(name));
    let bytes = paper::print(document, Letterhead::of(&visit.tenant, &visit.locale)).await?;
    let kind = if decision.is_some() { "bescheid" } else { "brief" };
    Ok(files::saved(&format!("{}-{kind}.pdf", case.number), PDF, bytes))
}

/// Whether a letter about the case can be addressed.
pub fn has_address(case: &Case) -> bool {
    !address_of(case).is_empty()
}

/// Name and address for the window.
fn addressee(case: &Case) -> Vec<String> {
    let mut to = vec![case.applicant.trim().to_owned()];
    to.retain(|name| !name.is_empty());
    to.extend(address_of(case));
    to
}

/// Where letters about the case go, without the name: as a clerk has written it down, or the first address of the
/// application.
pub fn address_of(case: &Case) -> Vec<String> {
    let mut fields = case.application.sections.iter().flat_map(|section| &section.fields);
    let lines: Vec<String> = if let Some(address) = &case.address {
        address.lines().map(str::to_owned).collect()
    } else if let Some(address) = fields.find(|field| field.kind == "address") {
        let part = |name: &str| address.value[name].as_str().unwrap_or_default().to_owned();
        let place = format!("{} {}", part("postal_code"), part("city"));
        match part("street").is_empty() {
            // taken down as it was said
            true => address.shown.lines().map(str::to_owned).collect(),
            false => vec![part("street"), part("extra"), place, part("country")],
        }
    } else {
        Vec::new()
    };
    lines.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}
