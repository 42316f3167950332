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
/// `do=address`: where links go from now on, and what is needed for it.
pub const ADDRESS: [&str; 3] = ["email", "proof", "proof_code"];

#[derive(Serialize)]
pub struct SecurityPage {
    /// What the person logs in with.
    pub name: String,
    /// Where links for a new password go.
    pub address: String,
    /// Another one that waits for its click.
    pub wish: Option<WishView>,
    #[serde(flatten)]
    pub app: AppView,
    /// [`PASSWORD`]
    pub password: Form,
    /// [`PROOF`]
    pub form: Form,
    /// [`ADDRESS`]
    pub mail: Form,
    /// What was just done.
    pub done: Option<Done>,
}

#[derive(Serialize)]
pub struct WishView {
    pub address: String,
    /// Ready to be read.
    pub until: String,
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
    AddressAsked,
    Address,
}

impl Page for SecurityPage {
    const TEMPLATE: &'static str = "own/security.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = private(visit, "own.security").below(visit.text("data.title"), visit.url("/meine-daten"));
        self.mail.head(self.form.head(self.password.head(head, visit), visit), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let page = |app, done| Self {
            name: "erika.mustermann".into(),
            address: "erika.mustermann@example.org".into(),
            wish: None,
            app,
            password: Form::blank(&PASSWORD),
            form: Form::blank(&PROOF),
            mail: Form::blank(&ADDRESS),
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
        let mut asked = page(AppView::Set, Some(Done::AddressAsked));
        asked.wish = Some(WishView { address: "neu@example.org".into(), until: "25. November 2026, 10:00".into() });
        let mut unproved = page(AppView::Set, None);
        unproved.mail = Form::read(&ADDRESS, [("email".into(), "erika@".into())]);
        unproved.mail.is_email("email");
        unproved.mail.complain("proof", Wrong::NoPassword);
        unproved.mail.complain("proof_code", Wrong::NoCode);
        let mut no_code = coming();
        no_code.iter_mut().for_each(|page| page.form.complain("code", Wrong::NoCode));
        [
            page(AppView::None, None),
            page(AppView::None, Some(Done::Password)),
            page(AppView::Set, Some(Done::AppSet)),
            wrong,
            asked,
            unproved,
        ]
        .into_iter()
        .chain(coming())
        .chain(no_code)
        .collect()
    }
}
