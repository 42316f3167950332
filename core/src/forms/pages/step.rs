//! `/antraege/{id}/{schritt}`: one area of questions.

use serde::Serialize;

use super::{FormView, Progress, field::FieldView, samples};
use crate::{
    tenant::Said,
    web::{Head, Page, Visit},
};

/// The form posts to `action`: the fields and, as `do`, what is to happen – `next`, `save` (and go on later), `add`
/// (another one of what repeats), `drop` (this one), `again` (work out the total), `upload`, `remove:<id>` (a file).
/// It is sent as `multipart/form-data` where a field takes files.
#[derive(Serialize)]
pub struct StepPage {
    pub form: FormView,
    pub action: String,
    pub progress: Progress,
    pub title: Said,
    pub text: Option<Said>,
    pub fields: Vec<FieldView>,
    pub repeat: Option<Repeat>,
    /// The area before this one, or the page where the form begins.
    pub back: String,
    /// The last day on which the draft is there; `None` as long as nothing was kept.
    pub until: Option<String>,
    pub note: Option<StepNote>,
}

/// An area that is asked for several things.
#[derive(Debug, Clone, Serialize)]
pub struct Repeat {
    /// Sent along as `turn`: which of them the page shows, wherever it stands by then.
    pub turn: String,
    /// What it is: `Hund`.
    pub one: Said,
    /// Which of how many, counted from 1.
    pub number: usize,
    pub count: usize,
    /// The words on the button; `None`: there are as many as there may be.
    pub add: Option<Said>,
}

/// Texts know it as `form.note.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepNote {
    /// Nothing could be kept just now; what was typed stands in the fields.
    Unavailable,
    /// An answer makes a further question on the same page necessary.
    More,
    /// Somebody came back, after a login or another day.
    Resumed,
    /// The portal takes nothing at the moment; what was typed stands in the fields.
    Closed,
    /// There are as many as there may be; what was typed stands in the fields.
    Full,
    FileAdded,
    FileRemoved,
    /// What was typed before the login did not replace the answers that stand in the fields.
    Kept,
    /// The form does not go on: a note on the page says what to do instead.
    Stopped,
}

impl Page for StepPage {
    const TEMPLATE: &'static str = "forms/step.html";

    fn head(&self, visit: &Visit) -> Head {
        let title = match &self.repeat {
            Some(repeat) if repeat.count > 1 => format!("{} ({})", self.title.text, repeat.number),
            _ => self.title.text.clone(),
        };
        let head = self.form.head(visit, &title);
        if !self.fields.iter().any(FieldView::is_wrong) {
            return head;
        }
        Head { title: format!("{}: {}", visit.text("form.problem"), head.title), ..head }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        samples::steps(visit)
    }
}
