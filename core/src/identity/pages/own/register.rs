//! `/registrieren`: what is asked, the page that shows it once more, and the page of the link.

use serde::Serialize;

use super::below;
use crate::{
    identity::local::Details,
    web::{Form, Head, Page, Visit, Wrong},
};

/// In the order of the page.
pub const REGISTER: [&str; 6] = ["given_name", "surname", "email", "name", "password", "again"];
/// Another name for one that is taken; the password, in another browser.
pub const CONFIRM: [&str; 2] = ["name", "password"];

#[derive(Serialize)]
pub struct RegisterPage {
    /// [`REGISTER`]
    pub form: Form,
    /// Where somebody came from; sent along as `zurueck`.
    pub back: Option<String>,
}

/// `/registrieren/pruefen`
#[derive(Serialize)]
pub struct CheckPage {
    pub details: Details,
    /// It was sent off; until when it waits, ready to be read.
    pub sent: Option<String>,
}

/// `/registrieren/bestaetigen/{link}`
#[derive(Serialize)]
pub struct ConfirmPage {
    pub link: Link,
    /// The name was taken: another one is asked for.
    pub renames: bool,
    /// The registration was not written in this browser: its password is asked for.
    pub proves: bool,
    /// [`CONFIRM`]
    pub form: Form,
}

impl ConfirmPage {
    /// A page that asks for nothing.
    pub fn of(link: Link) -> Self {
        Self { link, renames: false, proves: false, form: Form::blank(&CONFIRM) }
    }
}

/// What a link is good for.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Link {
    Open {
        details: Details,
    },
    /// The account is there; where its owner logs in.
    Made {
        login: String,
    },
    /// The address had one already.
    Known {
        login: String,
    },
    Gone,
}

impl Page for RegisterPage {
    const TEMPLATE: &'static str = "own/register.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(below(visit, "own.register"), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&REGISTER);
        for (name, why) in [
            ("given_name", Wrong::Missing),
            ("email", Wrong::NoEmail),
            ("name", Wrong::NoUserName),
            ("password", Wrong::Guessable),
            ("again", Wrong::Different),
        ] {
            wrong.complain(name, why);
        }
        let page = |form| Self { form, back: Some("/dienstleistungen".into()) };
        vec![page(Form::blank(&REGISTER)), page(wrong)]
    }
}

impl Page for CheckPage {
    const TEMPLATE: &'static str = "own/check.html";

    fn head(&self, visit: &Visit) -> Head {
        below(visit, if self.sent.is_some() { "own.sent" } else { "own.check" })
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let page = |sent: Option<&str>| Self { details: specimen(), sent: sent.map(str::to_owned) };
        vec![page(None), page(Some("23. November 2026, 10:00"))]
    }
}

impl Page for ConfirmPage {
    const TEMPLATE: &'static str = "own/confirm.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = below(
            visit,
            match self.link {
                Link::Open { .. } => "own.confirm",
                Link::Made { .. } => "own.made",
                Link::Known { .. } => "own.known",
                Link::Gone => "own.gone",
            },
        );
        self.form.head(head, visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let mut taken = Form::blank(&CONFIRM);
        taken.complain("name", Wrong::Taken);
        let mut wrong = Form::blank(&CONFIRM);
        wrong.complain("password", Wrong::NotChosen);
        let open = || ConfirmPage::of(Link::Open { details: specimen() });
        let login = || visit.url("/anmelden");
        vec![
            open(),
            Self { renames: true, form: taken, ..open() },
            Self { proves: true, ..open() },
            Self { proves: true, form: wrong, ..open() },
            Self::of(Link::Made { login: login() }),
            Self::of(Link::Known { login: login() }),
            Self::of(Link::Gone),
        ]
    }
}

fn specimen() -> Details {
    Details {
        name: "erika.mustermann".into(),
        email: "erika.mustermann@example.org".into(),
        given_name: "Erika".into(),
        surname: "Müller-Şahinoğlu-Ångström de la Peña y Gómez".into(),
    }
}
