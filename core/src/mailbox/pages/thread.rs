//! `/postkorb/{id}`: one thread, from the first message to the last.

use serde::Serialize;

use super::{
    CaseLink,
    decision::{DecisionState, DecisionView},
    private, specimen_moment,
};
use crate::web::{FileView, Form, Head, Page, Upload, Visit, Wrong};

/// The field of the answer; files come as `files`.
pub const ANSWER: [&str; 1] = ["message"];

/// Posts to `action`: an answer (`do=answer`, as `multipart/form-data`), `do=archive`, `do=restore`, and what the buttons
/// of a decision send.
#[derive(Serialize)]
pub struct ThreadPage {
    pub subject: String,
    pub case: Option<CaseLink>,
    pub action: String,
    /// The first one first.
    pub messages: Vec<MessageView>,
    pub answer: Answer,
    pub archived: bool,
    /// To be saved: the messages to read, and everything with its files.
    pub pdf: Option<String>,
    pub zip: Option<String>,
    /// What was just done.
    pub done: Option<ThreadDone>,
}

#[derive(Debug, Clone, Serialize)]
pub struct MessageView {
    /// Its place on the page is `nachricht-<id>`.
    pub id: String,
    /// An office of the town; `None`: the person.
    pub from: Option<String>,
    pub at: String,
    /// Plain, with its line breaks.
    pub body: String,
    pub files: Vec<FileView>,
    pub decision: Option<DecisionView>,
    /// Not seen before.
    pub unread: bool,
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Answer {
    /// `unavailable`: it could not be taken just now; the words still stand in the form.
    /// `once`: the token by which a second click is known.
    Open { form: Form, once: String, upload: Upload, unavailable: bool },
    /// The case is over, or nothing is taken at the moment.
    Closed,
}

/// Texts know it as `mailbox.done.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadDone {
    Sent,
    Archived,
    Restored,
}

impl Page for ThreadPage {
    const TEMPLATE: &'static str = "mailbox/thread.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = private(&self.subject).below(visit.text("mailbox.title"), visit.url("/postkorb"));
        match &self.answer {
            Answer::Open { form, .. } => form.head(head, visit),
            Answer::Closed => head,
        }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let day = |day| visit.date(jiff::civil::date(2026, 11, day));
        let blank = || Form::blank(&ANSWER);
        let open =
            |form, unavailable| Answer::Open { form, once: "1".into(), upload: Upload::specimen(5), unavailable };
        let mut missing = blank();
        missing.complain("message", Wrong::Missing);
        let asks = DecisionState::Provided { asks: true, counts: None, until: Some(day(26)) };
        let counts = DecisionState::Provided { asks: false, counts: Some(day(20)), until: None };
        let retrieved = DecisionState::Retrieved { at: specimen_moment(visit, 17), counts: Some(day(18)) };
        let page = |answer, decision| Self::specimen(visit, answer, decision);
        vec![
            page(open(blank(), false), None),
            Self { done: Some(ThreadDone::Sent), ..page(open(blank(), false), Some(asks)) },
            page(open(missing, true), Some(counts)),
            page(Answer::Closed, Some(retrieved)),
            Self {
                archived: true,
                done: Some(ThreadDone::Archived),
                ..page(Answer::Closed, Some(DecisionState::Announced { on: day(20) }))
            },
            page(Answer::Closed, Some(DecisionState::NotAnnounced { since: day(27) })),
            Self {
                case: None,
                done: Some(ThreadDone::Restored),
                ..page(Answer::Closed, Some(DecisionState::ByPost { on: Some(day(27)) }))
            },
        ]
    }
}

impl ThreadPage {
    fn specimen(visit: &Visit, answer: Answer, decision: Option<DecisionState>) -> Self {
        let message = |id: &str, from: Option<&str>, day, german, english| MessageView {
            id: id.into(),
            from: from.map(str::to_owned),
            at: specimen_moment(visit, day),
            body: visit.specimen(german, english).text,
            files: Vec::new(),
            decision: None,
            unread: false,
        };
        let town = Some("Steueramt");
        let asked = message(
            "1",
            town,
            14,
            "Guten Tag,\n\nbitte schicken Sie uns noch den Versicherungsschein Ihres Hundes.\n\nViele Grüße\nIhr Steueramt",
            "Hello,\n\nplease send us your dog's certificate of insurance.\n\nKind regards\nYour tax office",
        );
        let sent = message("2", None, 15, "Hier ist er. Viele Grüße!", "Here it is. Kind regards!");
        let sent = MessageView { files: FileView::specimens(), ..sent };
        let mut messages = vec![asked, sent];
        if let Some(state) = decision {
            let decision = Some(DecisionView::specimen(visit, state));
            let message = message("3", town, 16, "Ihr Bescheid ist da.", "Your decision has arrived.");
            messages.push(MessageView { decision, unread: true, ..message });
        }
        Self {
            subject: visit.specimen("Bitte noch ein Dokument", "One more document, please").text,
            case: Some(CaseLink::specimen(visit)),
            action: visit.url("/postkorb/1"),
            messages,
            answer,
            archived: false,
            pdf: Some(visit.url("/postkorb/1?als=pdf")),
            zip: Some(visit.url("/postkorb/1?als=zip")),
            done: None,
        }
    }
}
