//! `/vorgang-abfragen`: a case by its number and code, without an account.

use serde::Serialize;

use crate::web::{Form, Head, Page, Section, Visit, Wrong};

/// The fields of the form, which posts to its own address.
pub const ASKED: [&str; 2] = ["number", "code"];

#[derive(Serialize)]
pub struct LookupPage {
    pub form: Form,
    pub note: Option<LookupNote>,
}

/// Texts know it as `cases.lookup.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupNote {
    /// Number and code fit nothing: which of them is wrong is never told.
    NoMatch,
    /// Too many attempts.
    Throttled,
    Unavailable,
}

impl Page for LookupPage {
    const TEMPLATE: &'static str = "cases/lookup.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(Head::new(Section::Services, visit.text("cases.lookup.title")).noindex(), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut missing = Form::blank(&ASKED);
        missing.complain("code", Wrong::Missing);
        let filled = || Form::read(&ASKED, [("number".into(), "ABC-2026-483921-7".into())]);
        vec![
            Self { form: Form::blank(&ASKED), note: None },
            Self { form: missing, note: None },
            Self { form: filled(), note: Some(LookupNote::NoMatch) },
            Self { form: filled(), note: Some(LookupNote::Throttled) },
            Self { form: filled(), note: Some(LookupNote::Unavailable) },
        ]
    }
}
