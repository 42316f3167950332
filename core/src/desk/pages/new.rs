//! `/verwaltung/vorgaenge/neu`: a case that came on paper, by telephone or in person.

use serde::Serialize;

use super::{Choice, Clerk, head};
use crate::web::{Form, Head, Page, Visit, Wrong};

pub const NEW: [&str; 6] = ["service", "department", "channel", "applicant", "birthdate", "text"];

#[derive(Serialize)]
pub struct NewPage {
    pub clerk: Clerk,
    /// [`NEW`]
    pub form: Form,
    pub services: Vec<Choice>,
    pub departments: Vec<Choice>,
    pub channels: Vec<Choice>,
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
        let page = |form| Self {
            clerk: Clerk::specimen(),
            form,
            services: Choice::specimens(["Hund anmelden", "Hund abmelden"]),
            departments: Choice::specimens(["Bürgerbüro", "Steueramt"]),
            channels: Choice::specimens(["Papier", "Telefon"]),
        };
        vec![page(Form::blank(&NEW)), page(wrong)]
    }
}
