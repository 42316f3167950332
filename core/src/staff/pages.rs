//! `/verwaltung`: calm pages for clerks, in the town's face and for no search engine.

use serde::Serialize;

use crate::{
    credentials::App,
    identity::{ProviderState, ProviderView},
    web::{Form, Head, Page, Section, Visit, Wrong},
};

/// Name and password; the code comes on the next page.
pub const SIGN_IN: [&str; 2] = ["name", "password"];
/// Six digits of the app.
pub const CODE: [&str; 1] = ["code"];

/// The password that was, the new one twice, and the code of the app; at the first login without the code.
pub const PASSWORD: [&str; 4] = ["password", "new", "again", "code"];

/// `/verwaltung/anmelden`
#[derive(Serialize)]
pub struct SignInPage {
    /// The town's own login for its staff (OIDC), if it has one.
    pub providers: Vec<ProviderView>,
    /// [`SIGN_IN`]; `None` where only the provider counts.
    pub form: Option<Form>,
    pub said: Option<SignInNote>,
}

/// Why somebody sees the login; texts know it as `staff.note.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInNote {
    SignedOut,
    /// The session ran out.
    Expired,
    /// The provider knows the person, the town has given them no role.
    NoRole,
    /// The provider's answer was not accepted.
    Refused,
    /// The provider does not answer.
    Away,
    /// The login was used before, or took too long.
    Gone,
    /// The town hall has switched the portal's own passwords off.
    Off,
}

/// The second step: the code of the app. Posts to the address of the page.
#[derive(Serialize)]
pub struct CodePage {
    /// [`CODE`]
    pub form: Form,
}

/// The first login: the app gets to know the account.
#[derive(Serialize)]
pub struct SetUpPage {
    #[serde(flatten)]
    pub app: App,
    /// [`CODE`]
    pub form: Form,
}

/// `/verwaltung/passwort`
#[derive(Serialize)]
pub struct PasswordPage {
    pub name: String,
    /// It was made for them, and nothing else is open until they have chosen their own.
    pub first: bool,
    /// [`PASSWORD`], at first without the code.
    pub form: Form,
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "staff/sign_in.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = head(visit, "staff.sign_in");
        match &self.form {
            Some(form) => form.head(head, visit),
            None => head,
        }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let provider = ProviderView {
            url: visit.url("/verwaltung/anmelden"),
            ..ProviderView::specimen(visit, "amt", "Rathaus-Konto")
        };
        let blank = || Form::blank(&SIGN_IN);
        let mut refused = blank();
        refused.complain("name", Wrong::NoMatch);
        let note = |said| Self { providers: vec![], form: Some(blank()), said: Some(said) };
        vec![
            Self {
                providers: vec![ProviderView { state: ProviderState::Off, ..provider.clone() }],
                form: None,
                said: Some(SignInNote::Off),
            },
            Self { providers: vec![provider], form: Some(blank()), said: None },
            Self { providers: vec![], form: Some(refused), said: None },
            note(SignInNote::SignedOut),
            note(SignInNote::Expired),
            note(SignInNote::NoRole),
            note(SignInNote::Refused),
            note(SignInNote::Away),
            note(SignInNote::Gone),
        ]
    }
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "staff/code.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(head(visit, "staff.code"), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&CODE);
        wrong.complain("code", Wrong::NoCode);
        vec![Self { form: wrong }]
    }
}

impl Page for SetUpPage {
    const TEMPLATE: &'static str = "staff/set_up.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(head(visit, "staff.set_up"), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        App::of(&[0x48; 20], "Muster", "e.mustermann")
            .map(|app| Self { app, form: Form::blank(&CODE) })
            .into_iter()
            .collect()
    }
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "staff/password.html";

    fn head(&self, visit: &Visit) -> Head {
        let title = if self.first { "staff.first_password" } else { "staff.change_password" };
        self.form.head(head(visit, title), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let complaints = [
            ("password", Wrong::NoPassword),
            ("new", Wrong::TooShort),
            ("new", Wrong::Guessable),
            ("again", Wrong::Different),
            ("code", Wrong::NoCode),
        ];
        let page = |first, names: &[&'static str], wrong: Option<(&str, Wrong)>| {
            let mut form = Form::blank(names);
            wrong.into_iter().for_each(|(field, wrong)| form.complain(field, wrong));
            Self { name: "Erika Mustermann".into(), first, form }
        };
        let wrong = complaints.map(|complaint| page(false, &PASSWORD, Some(complaint)));
        [page(true, &PASSWORD[..3], None), page(false, &PASSWORD, None)].into_iter().chain(wrong).collect()
    }
}

fn head(visit: &Visit, title: &str) -> Head {
    Head::new(Section::Staff, visit.text(title)).noindex()
}
