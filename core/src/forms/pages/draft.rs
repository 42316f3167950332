//! `/antraege/{id}`: a form that waits – go on, keep it longer, or let it go.

use serde::Serialize;

use super::{DraftView, FormView, samples};
use crate::web::{Head, Page, Visit};

/// Posts `do` to its own address: `extend` or `discard`.
#[derive(Serialize)]
pub struct DraftPage {
    pub form: FormView,
    pub draft: DraftView,
    pub action: String,
    /// The last day if it were extended now; `None`: that would change nothing.
    pub longer: Option<String>,
    /// Only this browser finds it again: nobody is logged in.
    pub guest: bool,
    /// Where somebody who logged in without an account logs in with one; the draft goes with them.
    pub upgrade: Option<String>,
    /// What was just done.
    pub done: Option<DraftDone>,
}

/// Texts know it as `form.draft.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftDone {
    Saved,
    Extended,
}

impl Page for DraftPage {
    const TEMPLATE: &'static str = "forms/draft.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(visit, &visit.text("form.draft.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let page = |soon| Self {
            form: samples::form(visit),
            draft: DraftView { soon, ..samples::draft(visit) },
            action: visit.url("/antraege/1"),
            longer: soon.then(|| visit.date(jiff::civil::date(2027, 1, 21))),
            guest: false,
            upgrade: None,
            done: None,
        };
        vec![
            Self { done: Some(DraftDone::Saved), ..page(false) },
            page(true),
            Self { upgrade: Some(visit.url("/anmelden")), ..page(false) },
            Self { done: Some(DraftDone::Extended), guest: true, ..page(false) },
        ]
    }
}
