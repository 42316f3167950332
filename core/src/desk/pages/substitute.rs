//! `/verwaltung/vertretung`: who does a clerk's work while they are away.

use serde::Serialize;

use super::{Choice, Clerk, head};
use crate::web::{Form, Head, Page, Visit, Wrong};

pub const SUBSTITUTE: [&str; 3] = ["to", "from", "until"];

/// Posts [`SUBSTITUTE`], or `do=end`, to its own address.
#[derive(Serialize)]
pub struct SubstitutePage {
    pub clerk: Clerk,
    /// Who stands in for the clerk, now or soon.
    pub current: Option<Named>,
    /// For whom the clerk stands in today.
    pub stands_for: Vec<String>,
    pub colleagues: Vec<Choice>,
    /// [`SUBSTITUTE`]
    pub form: Form,
}

#[derive(Debug, Clone, Serialize)]
pub struct Named {
    pub name: String,
    pub from: String,
    pub until: String,
}

impl Page for SubstitutePage {
    const TEMPLATE: &'static str = "desk/substitute.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(head(visit, visit.text("desk.substitute.title")), visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let day = |day| visit.date(jiff::civil::date(2026, 12, day));
        let mut wrong = Form::blank(&SUBSTITUTE);
        wrong.complain("from", Wrong::NoDate);
        let page = |form| Self {
            clerk: Clerk::specimen(),
            current: None,
            stands_for: Vec::new(),
            colleagues: Choice::specimens(["Kim Muster", "Petra Beispiel"]),
            form,
        };
        vec![
            Self {
                current: Some(Named { name: "Kim Muster".into(), from: day(1), until: day(24) }),
                stands_for: vec!["Petra Beispiel".into()],
                ..page(Form::blank(&SUBSTITUTE))
            },
            page(wrong),
        ]
    }
}
