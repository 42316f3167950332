//! `/antraege/{id}/pruefen`: everything once more, before it is sent for good (§ 9a OZG).

use serde::Serialize;

use super::{FormView, Progress, SectionView, field::Total, samples};
use crate::{
    tenant::Said,
    web::{Head, Page, Visit},
};

/// The form posts `seen` and, from the box that has to be ticked, `confirm=true` to its own address.
#[derive(Serialize)]
pub struct ReviewPage {
    pub form: FormView,
    pub action: String,
    pub progress: Progress,
    pub sections: Vec<SectionView>,
    /// What has to be answered before it can be sent.
    pub missing: Vec<Missing>,
    pub total: Option<Total>,
    /// The login stands in for the signature.
    pub signs: bool,
    /// Which state of the answers this page shows.
    pub seen: String,
    pub back: String,
    pub until: Option<String>,
    pub note: Option<ReviewNote>,
    /// Where a guest logs in with an account, and comes back here.
    pub upgrade: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Missing {
    pub section: Said,
    pub label: Said,
    /// The field itself: `/antraege/…/hund#f-rufname`.
    pub url: String,
}

/// Texts know it as `form.note.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewNote {
    /// The box was not ticked.
    Unconfirmed,
    /// The answers were changed in another window after this page was shown; it shows them as they are now.
    Changed,
    /// It could not be sent just now; nothing is lost.
    Unavailable,
}

impl Page for ReviewPage {
    const TEMPLATE: &'static str = "forms/review.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = self.form.head(visit, &visit.text("form.review.title"));
        if self.note != Some(ReviewNote::Unconfirmed) {
            return head;
        }
        Head { title: format!("{}: {}", visit.text("form.problem"), head.title), ..head }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let page = || Self {
            form: samples::form(visit),
            action: visit.url("/antraege/1/pruefen"),
            progress: samples::progress(visit, 4),
            sections: samples::sections(visit, true),
            missing: Vec::new(),
            total: Some(samples::total(visit)),
            signs: true,
            seen: "1".into(),
            back: visit.url("/antraege/1/zahlung"),
            until: Some(samples::until(visit)),
            note: None,
            upgrade: None,
        };
        let missing = Missing {
            section: visit.specimen("Ihr Hund", "Your dog"),
            label: visit.specimen("Rufname", "Name of the dog"),
            url: visit.url("/antraege/1/hund#f-rufname"),
        };
        let noted = |note| Self { note: Some(note), signs: false, ..page() };
        vec![
            page(),
            Self { missing: vec![missing], total: None, upgrade: Some(visit.url("/anmelden")), ..page() },
            noted(ReviewNote::Unconfirmed),
            noted(ReviewNote::Changed),
            noted(ReviewNote::Unavailable),
        ]
    }
}
