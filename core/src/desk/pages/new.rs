//! `/verwaltung/vorgaenge/neu`: a case that came on paper, by telephone or in person.

use serde::Serialize;

use super::{Choice, Clerk, head};
use crate::web::{Form, Head, Page, Upload, Visit, Wrong};

pub const NEW: [&str; 8] = ["service", "department", "channel", "arrived", "applicant", "birthdate", "address", "text"];

#[derive(Serialize)]
pub struct NewPage {
    pub clerk: Clerk,
    /// [`NEW`]
    pub form: Form,
    /// The token by which a second click is known.
    pub once: String,
    pub services: Vec<Choice>,
    pub departments: Vec<Choice>,
    pub channels: Vec<Choice>,
    /// What came along, scanned.
    pub upload: Upload,
}

impl Page for NewPage {
    const TEMPLATE: &'static str = "desk/new.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = head(visit, visit.text("desk.new.title"));
        self.form.head(head.below(visit.text("desk.cases.title"), "/verwaltung/vorgaenge"), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&NEW);
        ["service", "applicant", "text"].into_iter().for_each(|name| wrong.complain(name, Wrong::Missing));
        let refused = Some("„scan.docx“ ist ein Dokument aus einem Büroprogramm.".to_owned());
        let page = |form, wrong| Self {
            clerk: Clerk::specimen(),
            form,
            once: "1".into(),
            services: Choice::specimens(["Hund anmelden", "Hund abmelden"]),
            departments: Choice::specimens(["Bürgerbüro", "Steueramt"]),
            channels: Choice::specimens(["Papier", "Telefon"]),
            upload: Upload { wrong, ..Upload::specimen(10) },
        };
        vec![page(Form::blank(&NEW), None), page(wrong, refused)]
    }
}
