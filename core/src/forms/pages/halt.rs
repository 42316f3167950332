//! A form that does not go on here: why, and the way onward.

use serde::Serialize;

use super::{FormView, samples};
use crate::web::{Head, Page, Visit};

#[derive(Serialize)]
pub struct HaltPage {
    pub form: FormView,
    #[serde(flatten)]
    pub halt: Halt,
    /// Where the form begins anew; `None` if that would not help now.
    pub again: Option<String>,
}

/// Texts know them as `form.halt.<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "halt", rename_all = "snake_case")]
pub enum Halt {
    /// Nobody touched the draft for too long, or it never was.
    Gone,
    /// A guest began it in this browser, and the account that is logged in now does not know the same person.
    Another,
    /// The person has just let it go.
    Discarded,
    /// It was sent before, under this number.
    Sent { number: String, url: String },
    /// The portal takes nothing at the moment; drafts are kept.
    Closed,
    /// There is a disturbance; drafts are kept.
    Unavailable,
}

impl Halt {
    fn title(&self) -> &'static str {
        match self {
            Self::Gone => "form.halt.gone.title",
            Self::Another => "form.halt.another.title",
            Self::Discarded => "form.halt.discarded.title",
            Self::Sent { .. } => "form.halt.sent.title",
            Self::Closed => "form.halt.closed.title",
            Self::Unavailable => "form.halt.unavailable.title",
        }
    }
}

impl Page for HaltPage {
    const TEMPLATE: &'static str = "forms/halt.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(visit, &visit.text(self.halt.title()))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let page = |halt, again: bool| Self {
            form: samples::form(visit),
            halt,
            again: again.then(|| visit.url("/dienstleistungen")),
        };
        let url = visit.url(&format!("/vorgaenge/{}", samples::NUMBER));
        vec![
            page(Halt::Gone, true),
            page(Halt::Another, true),
            page(Halt::Discarded, true),
            page(Halt::Sent { number: samples::NUMBER.into(), url }, true),
            page(Halt::Closed, false),
            page(Halt::Unavailable, false),
        ]
    }
}
