//! `/verwaltung/nachrichten[/{id}]`: what people write without a case.

use serde::Serialize;

use super::{
    Choice, Clerk,
    case::{LETTER, Letter},
    head,
};
use crate::web::{Form, Head, Page, Upload, Visit, Wrong};

#[derive(Serialize)]
pub struct MessagesPage {
    pub clerk: Clerk,
    /// Unread ones first.
    pub threads: Vec<ThreadLine>,
    /// One was just given to another department.
    pub done: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct ThreadLine {
    /// `None`: another department's.
    pub subject: Option<String>,
    /// Name of the account, as far as it is known and the clerk's business.
    pub from: Option<String>,
    pub url: String,
    pub at: String,
    pub department: Option<String>,
    pub unread: bool,
}

/// Posts to its own address, with the field of [`LETTER`] and `files`, or `do=department` with `department`.
#[derive(Serialize)]
pub struct ThreadPage {
    pub clerk: Clerk,
    pub subject: String,
    pub action: String,
    /// Name of the account, as far as it is known.
    pub from: Option<String>,
    pub department: Option<String>,
    pub messages: Vec<Letter>,
    /// The conversation to print.
    pub copy: String,
    /// The token by which a second click is known.
    pub once: String,
    pub upload: Upload,
    /// The others.
    pub departments: Vec<Choice>,
    /// [`LETTER`]
    pub form: Form,
    /// It was just answered.
    pub done: bool,
}

impl Page for MessagesPage {
    const TEMPLATE: &'static str = "desk/messages.html";

    fn head(&self, visit: &Visit) -> Head {
        head(visit, visit.text("desk.messages.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let line = |subject: &str, unread: bool| ThreadLine {
            from: unread.then(|| "Erika Mustermann".to_owned()),
            subject: unread.then(|| subject.to_owned()),
            url: "/verwaltung/nachrichten/1".into(),
            at: format!("{}, 10:05", visit.date(jiff::civil::date(2026, 11, 20))),
            department: unread.then(|| "Steueramt".into()),
            unread,
        };
        vec![
            Self {
                clerk: Clerk::specimen(),
                threads: vec![line("Frage zur Hundesteuer", true), line("Danke", false)],
                done: true,
            },
            Self { clerk: Clerk::specimen(), threads: Vec::new(), done: false },
        ]
    }
}

impl Page for ThreadPage {
    const TEMPLATE: &'static str = "desk/thread.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = head(visit, &self.subject).below(visit.text("desk.messages.title"), "/verwaltung/nachrichten");
        self.form.head(head, visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let at = format!("{}, 10:05", visit.date(jiff::civil::date(2026, 11, 20)));
        let letter = |from: Option<&str>, body: &str| Letter {
            from: from.map(str::to_owned),
            at: at.clone(),
            body: body.into(),
            read: from.map(|_| at.clone()),
            asks: false,
            files: Vec::new(),
            decision: None,
            post: None,
            elsewhere: None,
        };
        let mut wrong = Form::blank(&LETTER);
        wrong.complain("text", Wrong::Missing);
        let page = |form, done| Self {
            clerk: Clerk::specimen(),
            subject: "Frage zur Hundesteuer".into(),
            action: "/verwaltung/nachrichten/1".into(),
            from: Some("Erika Mustermann".into()),
            department: Some("Steueramt".into()),
            messages: vec![letter(None, "Muss ich umziehende Hunde abmelden?"), letter(Some("Kim Muster"), "Ja.")],
            upload: Upload::specimen(5),
            departments: Choice::specimens(["Bürgerbüro", "Steueramt"]),
            copy: "/verwaltung/nachrichten/1/kopie.pdf".into(),
            once: "1".into(),
            form,
            done,
        };
        vec![page(Form::blank(&LETTER), true), page(wrong, false)]
    }
}
