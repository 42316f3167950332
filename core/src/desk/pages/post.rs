//! `/verwaltung/post`: what has to go by letter.

use serde::Serialize;

use super::{Clerk, NUMBER, head};
use crate::web::{Head, Page, Visit};

/// Posts the ticked ones as `letter` to its own address: they are on their way.
#[derive(Serialize)]
pub struct PostPage {
    pub clerk: Clerk,
    /// The oldest first.
    pub letters: Vec<LetterLine>,
    /// So many were just marked as sent.
    pub done: Option<usize>,
}

#[derive(Debug, Clone, Serialize)]
pub struct LetterLine {
    /// Names it where it is ticked.
    pub id: String,
    /// Otherwise it is a message, or a question.
    pub decision: bool,
    pub number: String,
    pub url: String,
    pub pdf: String,
    pub service: String,
    pub applicant: String,
    /// Since when it waits.
    pub since: String,
    /// It lay in the Postkorb and was not opened in time.
    pub unopened: bool,
    /// Nobody can put it into an envelope with a window.
    pub no_address: bool,
    /// Letters of the name that cannot be printed.
    pub lost: String,
}

impl Page for PostPage {
    const TEMPLATE: &'static str = "desk/post.html";

    fn head(&self, visit: &Visit) -> Head {
        head(visit, visit.text("desk.post.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let line = |unopened: bool| LetterLine {
            id: "1".into(),
            decision: unopened,
            number: NUMBER.into(),
            url: format!("/verwaltung/vorgaenge/{NUMBER}"),
            pdf: format!("/verwaltung/vorgaenge/{NUMBER}/briefe/1"),
            service: "Hund anmelden".into(),
            applicant: "Erika Mustermann".into(),
            since: visit.date(jiff::civil::date(2026, 11, 20)),
            unopened,
            no_address: !unopened,
            lost: if unopened { "字".into() } else { String::new() },
        };
        vec![
            Self { clerk: Clerk::specimen(), letters: vec![line(false), line(true)], done: None },
            Self { clerk: Clerk::specimen(), letters: vec![line(false)], done: Some(0) },
            Self { clerk: Clerk::specimen(), letters: Vec::new(), done: Some(2) },
        ]
    }
}
