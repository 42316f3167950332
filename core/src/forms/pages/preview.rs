//! `/dienstleistungen/{slug}/antrag/vorschau`: all steps of a form at once, with what makes them come.

use serde::Serialize;

use super::{FormView, field::FieldView, samples};
use crate::{
    tenant::Said,
    web::{Head, Page, Visit},
};

/// Shows and takes nothing; only towns that are not live have it.
#[derive(Serialize)]
pub struct PreviewPage {
    pub form: FormView,
    pub text: Option<Said>,
    pub steps: Vec<StepPreview>,
    /// What is said after submission.
    pub next: Option<Said>,
}

#[derive(Serialize)]
pub struct StepPreview {
    pub id: String,
    pub title: Said,
    pub text: Option<Said>,
    /// The condition in words; `None`: it always comes.
    pub when: Option<String>,
    /// May be filled in so often.
    pub most: Option<u8>,
    pub fields: Vec<FieldPreview>,
}

#[derive(Serialize)]
pub struct FieldPreview {
    pub field: FieldView,
    pub when: Option<String>,
    pub needed_when: Option<String>,
    /// The form ends while it is shown.
    pub stop: bool,
}

impl Page for PreviewPage {
    const TEMPLATE: &'static str = "forms/preview.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(visit, &visit.text("form.preview.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let steps = samples::steps(visit).into_iter().take(1).map(|step| StepPreview {
            id: "hund".into(),
            title: step.title,
            text: step.text,
            when: Some(visit.specimen("„Anlass“: Zuzug", "„Reason“: Moved here").text),
            most: Some(3),
            fields: step
                .fields
                .into_iter()
                .map(|field| FieldPreview { field, when: None, needed_when: None, stop: false })
                .collect(),
        });
        vec![Self { form: samples::form(visit), text: None, steps: steps.collect(), next: None }]
    }
}
