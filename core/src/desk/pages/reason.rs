//! A case, or messages without one, of another department: why somebody wants to see it.

use serde::Serialize;

use super::{Clerk, NUMBER, head};
use crate::web::{Form, Head, Page, Visit, Wrong};

/// Posted with `do=reason`.
pub const REASON: [&str; 1] = ["reason"];

#[derive(Serialize)]
pub struct ReasonPage {
    pub clerk: Clerk,
    /// Of the case; messages have none.
    pub number: Option<String>,
    pub action: String,
    pub department: String,
    /// [`REASON`]
    pub form: Form,
}

impl Page for ReasonPage {
    const TEMPLATE: &'static str = "desk/reason.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = match &self.number {
            Some(number) => head(visit, format!("{} {number}", visit.text("cases.number")))
                .below(visit.text("desk.cases.title"), "/verwaltung/vorgaenge"),
            None => head(visit, visit.text("desk.messages.title"))
                .below(visit.text("desk.messages.title"), "/verwaltung/nachrichten"),
        };
        self.form.head(head, visit)
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let mut wrong = Form::blank(&REASON);
        wrong.complain("reason", Wrong::Missing);
        let page = |form| Self {
            clerk: Clerk::specimen(),
            number: Some(NUMBER.into()),
            action: format!("/verwaltung/vorgaenge/{NUMBER}"),
            department: "Steueramt".into(),
            form,
        };
        vec![page(Form::blank(&REASON)), page(wrong)]
    }
}
