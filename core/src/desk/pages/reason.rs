//! `/verwaltung/vorgaenge/{nummer}` of another department: why somebody wants to see it.

use serde::Serialize;

use super::{Clerk, NUMBER, head};
use crate::web::{Form, Head, Page, Visit, Wrong};

/// Posted with `do=reason`.
pub const REASON: [&str; 1] = ["reason"];

#[derive(Serialize)]
pub struct ReasonPage {
    pub clerk: Clerk,
    pub number: String,
    pub action: String,
    pub department: String,
    /// [`REASON`]
    pub form: Form,
}

impl Page for ReasonPage {
    const TEMPLATE: &'static str = "desk/reason.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = head(visit, format!("{} {}", visit.text("cases.number"), self.number));
        self.form.head(head.below(visit.text("desk.cases.title"), "/verwaltung/vorgaenge"), visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&REASON);
        wrong.complain("reason", Wrong::Missing);
        let page = |form| Self {
            clerk: Clerk::specimen(),
            number: NUMBER.into(),
            action: format!("/verwaltung/vorgaenge/{NUMBER}"),
            department: "Steueramt".into(),
            form,
        };
        vec![page(Form::blank(&REASON)), page(wrong)]
    }
}
