//! `/meine-daten/aendern`: how somebody wants to be reached.

use serde::Serialize;

use super::private;
use crate::web::{Form, Head, Page, Visit, Wrong};

pub const OWN_DATA: [&str; 4] = ["email", "phone", "language", "notify"];

/// Posts [`OWN_DATA`] to its own address.
#[derive(Serialize)]
pub struct OwnDataPage {
    pub form: Form,
    /// Languages of the town; fewer than two: there is nothing to choose.
    pub languages: Vec<Language>,
    pub notify: bool,
    /// Why an ID is asked for: one was shown before.
    pub has_shown_id: bool,
    /// An account of the portal's own: name and address come from nowhere else.
    pub own: bool,
}

#[derive(Serialize)]
pub struct Language {
    pub code: String,
    pub chosen: bool,
}

impl OwnDataPage {
    pub fn of(visit: &Visit, form: Form, has_shown_id: bool, own: bool) -> Self {
        let language = |code: &str| Language { code: code.to_owned(), chosen: form.value("language") == code };
        Self {
            languages: visit.tenant.locales().iter().map(|locale| language(locale.code())).collect(),
            notify: form.value("notify") == "on",
            has_shown_id,
            own,
            form,
        }
    }
}

impl Page for OwnDataPage {
    const TEMPLATE: &'static str = "own_data.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = private(visit, "own_data.title").below(visit.text("data.title"), visit.url("/meine-daten"));
        self.form.head(head, visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let known = |email: &str, phone: &str| {
            let known = [("email", email), ("phone", phone), ("language", "de"), ("notify", "on")];
            Form::read(&OWN_DATA, known.map(|(name, value)| (name.into(), value.to_owned().into())))
        };
        let mut wrong = known("erika@", "keine");
        wrong.is_email("email");
        wrong.complain("phone", Wrong::NoPhone);
        vec![
            Self::of(visit, Form::blank(&OWN_DATA), false, false),
            Self::of(visit, known("erika.mustermann@example.org", "0171 3920012"), true, false),
            Self::of(visit, wrong, false, true),
        ]
    }
}
