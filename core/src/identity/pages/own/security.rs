//! `/meine-daten/sicherheit`: how an account of the portal's own is protected. Forms post `do` and their fields to the page.

use serde::Serialize;

use crate::{
    credentials,
    identity::pages::private,
    web::{Form, Head, Page, Visit, Wrong},
};

/// `do=password`: the password that was, the new one twice, and the code where an app is set up.
pub const PASSWORD: [&str; 4] = ["current", "new", "again", "current_code"];
/// `do=prepare`, `do=app` and `do=remove`: what is needed for each of them.
pub const PROOF: [&str; 2] = ["password", "code"];

#[derive(Serialize)]
pub struct SecurityPage {
    /// What the person logs in with.
    pub name: String,
    #[serde(flatten)]
    pub app: AppView,
    /// [`PASSWORD`]
    pub password: Form,
    /// [`PROOF`]
    pub form: Form,
    /// What was just done.
    pub done: Option<Done>,
}

#[derive(Serialize)]
#[serde(tag = "app", rename_all = "snake_case")]
pub enum AppView {
    None,
    /// The secret is drawn, its first code is still to come.
    Coming(credentials::App),
    Set,
}

/// Texts know it as `own.done.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    Password,
    Prepared,
    AppSet,
    AppRemoved,
}

impl Page for SecurityPage {
    const TEMPLATE: &'static str = "own/security.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = private(visit, "own.security").below(visit.text("data.title"), visit.url("/meine-daten"));
        self.form.head(self.password.head(head, visit), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let page = |app, done| Self {
            name: "erika.mustermann".into(),
            app,
            password: Form::blank(&PASSWORD),
            form: Form::blank(&PROOF),
            done,
        };
        let coming = || {
            let app = credentials::App::of(&[0x48; 20], "Stadt Muster", "erika.mustermann").ok()?;
            Some(page(AppView::Coming(app), None))
        };
        let mut wrong = page(AppView::Set, None);
        for (field, why) in [
            ("current", Wrong::NoPassword),
            ("new", Wrong::Guessable),
            ("again", Wrong::Different),
            ("current_code", Wrong::NoCode),
        ] {
            wrong.password.complain(field, why);
        }
        let mut no_code = coming();
        no_code.iter_mut().for_each(|page| page.form.complain("code", Wrong::NoCode));
        [
            page(AppView::None, None),
            page(AppView::None, Some(Done::Password)),
            page(AppView::Set, Some(Done::AppSet)),
            wrong,
        ]
        .into_iter()
        .chain(coming())
        .chain(no_code)
        .collect()
    }
}
