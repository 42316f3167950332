//! `/anmelden/{provider}`: name and password, then the code of an app. Both post to the address of the page.

use serde::Serialize;

use super::below;
use crate::web::{Form, Head, Page, Visit, Wrong};

pub const SIGN_IN: [&str; 2] = ["name", "password"];
/// Six digits of the app.
pub const CODE: [&str; 1] = ["code"];

#[derive(Serialize)]
pub struct OwnSignInPage {
    /// [`SIGN_IN`]
    pub form: Form,
    pub said: Option<Note>,
    /// Where people make an account, and come back to where they were.
    pub register_url: String,
}

/// Why somebody sees the login; texts know it as `own.note.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A login took too long, or had too many wrong codes.
    Expired,
    /// The password was set anew.
    NewPassword,
}

/// The second step, where an app is set up.
#[derive(Serialize)]
pub struct OwnCodePage {
    /// The login that waits for the code.
    pub handle: String,
    /// [`CODE`]
    pub form: Form,
}

impl Page for OwnSignInPage {
    const TEMPLATE: &'static str = "own/sign_in.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(below(visit, "own.sign_in"), visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&SIGN_IN);
        wrong.complain("name", Wrong::NoMatch);
        let page = |form, said| Self { form, said, register_url: visit.url("/registrieren") };
        vec![
            page(Form::blank(&SIGN_IN), None),
            page(wrong, None),
            page(Form::blank(&SIGN_IN), Some(Note::Expired)),
            page(Form::blank(&SIGN_IN), Some(Note::NewPassword)),
        ]
    }
}

impl Page for OwnCodePage {
    const TEMPLATE: &'static str = "own/code.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(below(visit, "own.code"), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&CODE);
        wrong.complain("code", Wrong::NoCode);
        [Form::blank(&CODE), wrong].map(|form| Self { handle: "0123456789abcdef".into(), form }).into()
    }
}
