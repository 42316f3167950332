//! `/postkorb/neu`: a message to the town hall.

use serde::Serialize;

use super::private;
use crate::web::{Form, Head, Page, Upload, Visit, Wrong};

/// The fields of the form; files come as `files`. `about` is the value of a [`Topic`].
pub const MESSAGE: [&str; 3] = ["about", "subject", "message"];

/// Posts to its own address, as `multipart/form-data`.
#[derive(Serialize)]
pub struct ComposePage {
    pub form: Form,
    /// The person's cases, and the offices of the town that take messages.
    pub cases: Vec<Topic>,
    pub offices: Vec<Topic>,
    pub upload: Upload,
    /// The token by which a second click is known.
    pub once: String,
    pub note: Option<ComposeNote>,
}

/// What a message can be about.
#[derive(Debug, Clone, Serialize)]
pub struct Topic {
    pub value: String,
    /// `Hund anmelden, LOE-2026-483921-7`
    pub label: String,
}

/// Texts know it as `mailbox.compose.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ComposeNote {
    /// It could not be taken just now; the words still stand in the form.
    Unavailable,
    /// Nothing is taken at the moment.
    Closed,
}

impl Page for ComposePage {
    const TEMPLATE: &'static str = "mailbox/compose.html";

    fn head(&self, visit: &Visit) -> Head {
        let title = visit.text("mailbox.compose.title");
        self.form.head(private(title).below(visit.text("mailbox.title"), visit.url("/postkorb")), visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let topic =
            |value: &str, german, english| Topic { value: value.into(), label: visit.specimen(german, english).text };
        let page = |form, note| Self {
            form,
            cases: vec![topic(
                "vorgang:ABC-2026-483921-7",
                "Hund anmelden, ABC-2026-483921-7",
                "Register a dog, ABC-2026-483921-7",
            )],
            offices: vec![topic("amt:steueramt", "Steueramt", "Steueramt"), topic("amt:rathaus", "Rathaus", "Rathaus")],
            upload: Upload::specimen(5),
            once: "1".into(),
            note,
        };
        let mut wrong =
            Form::read(&MESSAGE, [("about".into(), "amt:steueramt".into()), ("subject".into(), "?".into())]);
        wrong.complain("subject", Wrong::TooLong);
        wrong.needs("message");
        vec![
            page(Form::blank(&MESSAGE), None),
            page(wrong, Some(ComposeNote::Unavailable)),
            Self { cases: Vec::new(), ..page(Form::blank(&MESSAGE), Some(ComposeNote::Closed)) },
        ]
    }
}
