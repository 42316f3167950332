//! `/vorgang-abfragen`: a case by its number and code, without an account.

use serde::Serialize;

use super::State;
use crate::web::{Form, Head, Page, Section, Visit, Wrong};

/// The fields of the form, which posts to its own address.
pub const ASKED: [&str; 2] = ["number", "code"];

#[derive(Serialize)]
pub struct LookupPage {
    pub form: Form,
    pub note: Option<LookupNote>,
    /// How a case stands that shows more only after a login.
    pub standing: Option<Standing>,
}

/// As much as number and code alone tell.
#[derive(Serialize)]
pub struct Standing {
    pub number: String,
    pub state: State,
    pub submitted: String,
    /// The login that shows the rest.
    pub login: String,
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

    fn samples(visit: &Visit) -> Vec<Self> {
        let mut missing = Form::blank(&ASKED);
        missing.complain("code", Wrong::Missing);
        let filled = || Form::read(&ASKED, [("number".into(), "ABC-2026-483921-7".into())]);
        let standing = Standing {
            number: "ABC-2026-483921-7".into(),
            state: State::Processing,
            submitted: visit.date(jiff::civil::date(2026, 11, 16)),
            login: visit.url("/anmelden"),
        };
        vec![
            Self { form: Form::blank(&ASKED), note: None, standing: None },
            Self { form: missing, note: None, standing: None },
            Self { form: filled(), note: Some(LookupNote::NoMatch), standing: None },
            Self { form: filled(), note: Some(LookupNote::Throttled), standing: None },
            Self { form: filled(), note: Some(LookupNote::Unavailable), standing: None },
            Self { form: Form::blank(&ASKED), note: None, standing: Some(standing) },
        ]
    }
}
