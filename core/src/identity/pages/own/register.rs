//! `/registrieren`: what is asked, the page that shows it once more, and the page of the link.

use serde::Serialize;

use crate::{
    identity::{local::Details, pages::private},
    web::{Form, Head, Page, Visit, Wrong},
};

/// In the order of the page.
pub const REGISTER: [&str; 6] = ["given_name", "surname", "email", "name", "password", "again"];
/// Another name for one that is taken.
pub const NAME: [&str; 1] = ["name"];

#[derive(Serialize)]
pub struct RegisterPage {
    /// [`REGISTER`]
    pub form: Form,
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
    /// [`NAME`]; only after a name was taken.
    pub form: Option<Form>,
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
        vec![Self { form: Form::blank(&REGISTER) }, Self { form: wrong }]
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
        match &self.form {
            Some(form) => form.head(head, visit),
            None => head,
        }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let mut taken = Form::blank(&NAME);
        taken.complain("name", Wrong::Taken);
        let login = || visit.url("/anmelden");
        let page = |link| Self { link, form: None };
        vec![
            page(Link::Open { details: specimen() }),
            Self { link: Link::Open { details: specimen() }, form: Some(taken) },
            page(Link::Made { login: login() }),
            page(Link::Known { login: login() }),
            page(Link::Gone),
        ]
    }
}

fn below(visit: &Visit, title: &str) -> Head {
    private(visit, title).below(visit.text("login.title"), visit.url("/anmelden"))
}

fn specimen() -> Details {
    Details {
        name: "erika.mustermann".into(),
        email: "erika.mustermann@example.org".into(),
        given_name: "Erika".into(),
        surname: "Müller-Şahinoğlu-Ångström de la Peña y Gómez".into(),
    }
}
