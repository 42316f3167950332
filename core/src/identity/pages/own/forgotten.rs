//! `/passwort-vergessen`: where the link is asked for, and the page behind it.

use serde::Serialize;

use super::below;
use crate::web::{Form, Head, Page, Visit, Wrong};

pub const ADDRESS: [&str; 1] = ["email"];
/// The new password twice.
pub const NEW: [&str; 2] = ["new", "again"];

#[derive(Serialize)]
pub struct ForgottenPage {
    /// [`ADDRESS`]
    pub form: Form,
    /// Somebody has asked; nothing else is told, whoever they are.
    pub sent: bool,
}

#[derive(Serialize)]
pub struct NewPasswordPage {
    /// What the owner of the link logs in with; `None`: the link does not count any more.
    pub name: Option<String>,
    /// [`NEW`]
    pub form: Form,
}

impl Page for ForgottenPage {
    const TEMPLATE: &'static str = "own/forgotten.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(below(visit, "own.forgotten"), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&ADDRESS);
        wrong.complain("email", Wrong::NoEmail);
        let page = |form, sent| Self { form, sent };
        vec![page(Form::blank(&ADDRESS), false), page(wrong, false), page(Form::blank(&ADDRESS), true)]
    }
}

impl Page for NewPasswordPage {
    const TEMPLATE: &'static str = "own/new_password.html";

    fn head(&self, visit: &Visit) -> Head {
        let title = if self.name.is_some() { "own.new_password" } else { "own.gone" };
        let head = below(visit, title);
        if self.name.is_some() { self.form.head(head, visit) } else { head }
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&NEW);
        wrong.complain("new", Wrong::TooShort);
        wrong.complain("again", Wrong::Different);
        let page = |form, name: Option<&str>| Self { name: name.map(str::to_owned), form };
        vec![
            page(Form::blank(&NEW), Some("erika.mustermann")),
            page(wrong, Some("erika.mustermann")),
            page(Form::blank(&NEW), None),
        ]
    }
}
