//! `/vorgaenge/{nummer}`: one case, from what was sent to what came of it.

use serde::Serialize;

use super::{NUMBER, State, private};
use crate::{
    forms::SectionView,
    tenant::Said,
    web::{FileView, Form, Head, Page, Upload, Visit, Wrong},
};

/// Posts `do` to its own address: `withdraw`, `hand_in` (with `files`, as `multipart/form-data`).
#[derive(Serialize)]
pub struct CasePage {
    /// Of the form.
    pub title: Said,
    pub number: String,
    pub action: String,
    pub state: State,
    /// When it arrived.
    pub submitted: String,
    /// Until when the town hall means to answer; `None` where that was not said or is over.
    pub answer_by: Option<String>,
    /// What is wanted of the person, until when; `None` if nothing.
    pub wanted: Option<Wanted>,
    /// The latest first.
    pub timeline: Vec<Entry>,
    /// What was sent.
    pub sections: Vec<SectionView>,
    /// Files of both sides, the latest first.
    pub documents: Vec<Document>,
    /// The copy of the application; a guest asks for it with number and code.
    pub pdf: Option<String>,
    pub json: String,
    /// For somebody without an account.
    pub guest: Option<Guest>,
    /// Its messages in the mailbox; `None` for somebody without an account.
    pub messages: Option<Messages>,
    /// May still be withdrawn.
    pub may_withdraw: bool,
    /// Documents can be handed in.
    pub hand_in: Option<Upload>,
    /// Goes along when documents are handed in: a second click is one deed.
    pub once: String,
    /// What was just done.
    pub done: Option<Done>,
}

/// The field of a guest's message.
pub const WORDS: [&str; 1] = ["message"];

/// What a guest has in place of an account. Buttons post `number` and `code` to the page that asks for both, with what is
/// wanted as `do`: `pdf`, `json`, `fetch` (with `file`), `hand_in` (with `files` behind them), `write` (with `message`), `take`.
#[derive(Serialize)]
pub struct Guest {
    pub code: String,
    /// The messages of the case, the first one first.
    pub letters: Vec<Letter>,
    /// `None`: nothing more is taken.
    pub form: Option<Form>,
    /// Whoever looks is logged in and may take the case into the account.
    pub take: bool,
}

/// A message of a guest's case.
#[derive(Debug, Clone, Serialize)]
pub struct Letter {
    /// An office of the town; `None`: the person.
    pub from: Option<String>,
    pub at: String,
    /// Plain, with its line breaks.
    pub body: String,
    /// It is a decision, which comes by post.
    pub by_post: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Wanted {
    /// In the clerk's words.
    pub text: String,
    pub until: Option<String>,
}

/// Something that happened, as far as the person is told.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    pub at: String,
    /// Texts know it as `cases.event.<name>`: `submitted`, `received`, `claimed`, `asked`, …
    pub event: &'static str,
    /// What goes with it: the name of a file, of an office, a date.
    pub detail: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Document {
    pub file: FileView,
    pub at: String,
    /// Whether it came from the town hall.
    pub from_town: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Messages {
    /// The thread of the case, or the page where one is begun.
    pub url: String,
    pub count: usize,
    pub unread: u32,
    /// A decision lies there.
    pub decision: bool,
}

/// Texts know it as `cases.done.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    Withdrawn,
    HandedIn,
    /// A guest's message has arrived.
    Sent,
    /// The portal takes nothing at the moment; what was written stands in the form.
    Closed,
    /// It could not be taken just now.
    Unavailable,
    /// It went on meanwhile and cannot be withdrawn any more.
    TooLate,
}

impl Page for CasePage {
    const TEMPLATE: &'static str = "cases/case.html";

    fn head(&self, visit: &Visit) -> Head {
        let title = format!("{} – {}", self.title.text, self.number);
        match self.guest {
            Some(_) => private(title).below(visit.text("cases.lookup.title"), visit.url("/vorgang-abfragen")),
            None => private(title).below(visit.text("cases.title"), visit.url("/vorgaenge")),
        }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let submitted = Self::specimen(visit);
        let mut wrong = Form::blank(&WORDS);
        wrong.complain("message", Wrong::Missing);
        let timeline = vec![submitted.timeline[submitted.timeline.len() - 1].clone()];
        vec![
            Self::specimen(visit),
            Self {
                state: State::Submitted,
                wanted: None,
                timeline,
                documents: Vec::new(),
                messages: None,
                guest: Some(Self::guest(visit, Form::blank(&WORDS))),
                done: Some(Done::Sent),
                ..submitted
            },
            Self {
                messages: None,
                hand_in: None,
                may_withdraw: false,
                guest: Some(Self::guest(visit, wrong)),
                done: Some(Done::Closed),
                ..Self::specimen(visit)
            },
            Self {
                state: State::Completed,
                wanted: None,
                answer_by: None,
                hand_in: None,
                may_withdraw: false,
                done: Some(Done::TooLate),
                sections: Vec::new(),
                ..Self::specimen(visit)
            },
            Self {
                state: State::Withdrawn,
                wanted: None,
                answer_by: None,
                hand_in: None,
                may_withdraw: false,
                done: Some(Done::Withdrawn),
                ..Self::specimen(visit)
            },
        ]
    }
}

impl CasePage {
    fn guest(visit: &Visit, form: Form) -> Guest {
        let letter = |from: Option<&str>, german, english| Letter {
            from: from.map(str::to_owned),
            at: format!("{}, 10:05", visit.date(jiff::civil::date(2026, 11, 17))),
            body: visit.specimen(german, english).text,
            by_post: false,
        };
        let letters = vec![
            letter(None, "Wann kommt die Marke?", "When will the tag arrive?"),
            letter(Some("Steueramt"), "In einer Woche.\n\nViele Grüße", "In a week.\n\nKind regards"),
            Letter { by_post: true, ..letter(Some("Steueramt"), "", "") },
        ];
        Guest { code: "7KQM-R4TX-W9AB".into(), letters, form: Some(form), take: true }
    }

    fn specimen(visit: &Visit) -> Self {
        let day = |day| visit.date(jiff::civil::date(2026, 11, day));
        let entry = |day_of_month, event, detail: Option<&str>| Entry {
            at: format!("{}, 10:05", day(day_of_month)),
            event,
            detail: detail.map(str::to_owned),
        };
        let timeline = vec![
            entry(20, "asked", None),
            entry(19, "document_added", Some("IMG_20261122_101533.jpg")),
            entry(18, "claimed", None),
            entry(17, "department_changed", Some("Steueramt")),
            entry(16, "received", None),
            entry(16, "submitted", None),
        ];
        let documents = FileView::specimens().into_iter().enumerate();
        let wanted = visit.specimen(
            "Bitte schicken Sie uns den Versicherungsschein.",
            "Please send us the certificate of insurance.",
        );
        Self {
            title: visit.specimen("Hund anmelden", "Register a dog"),
            number: NUMBER.into(),
            action: visit.url(&format!("/vorgaenge/{NUMBER}")),
            state: State::ActionRequired,
            submitted: format!("{}, 10:05", day(16)),
            answer_by: Some(day(30)),
            wanted: Some(Wanted { text: wanted.text, until: Some(day(29)) }),
            timeline,
            sections: SectionView::specimens(visit),
            documents: documents.map(|(at, file)| Document { file, at: day(20), from_town: at == 1 }).collect(),
            pdf: Some(visit.url("/antraege/1/kopie.pdf")),
            json: visit.url("/antraege/1/kopie.json"),
            guest: None,
            messages: Some(Messages { url: visit.url("/postkorb/1"), count: 3, unread: 1, decision: false }),
            may_withdraw: true,
            once: "1".into(),
            hand_in: Some(Upload::specimen(5)),
            done: None,
        }
    }
}
