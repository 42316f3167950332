//! `/meine-daten/sitzungen`: where one is logged in, and how to end it.

use serde::Serialize;

use super::private;
use crate::{
    identity::person::Method,
    web::{Head, Page, Visit},
};

/// The form posts `end` to its own address: the id of a session, `others` or `all`.
#[derive(Serialize)]
pub struct SessionsPage {
    /// This one first, then those seen last.
    pub sessions: Vec<SessionView>,
    /// What was just done.
    pub ended: Option<Ended>,
    /// An account of the portal's own: its password is changed here.
    pub own: bool,
}

#[derive(Serialize)]
pub struct SessionView {
    /// Names the session in the form; no secret.
    pub id: String,
    /// `Firefox`, `Windows`; `None` where the browser did not say.
    pub browser: Option<String>,
    pub system: Option<String>,
    /// Ready to be read: `22. November 2026, 13:05`.
    pub since: String,
    pub seen: String,
    pub method: Method,
    /// The one that looks at this page.
    pub current: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    One,
    Others,
    /// It was gone already.
    Gone,
}

impl Page for SessionsPage {
    const TEMPLATE: &'static str = "sessions.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, "sessions.title").below(visit.text("data.title"), visit.url("/meine-daten"))
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let session = |id: &str, browser: Option<&str>, system: Option<&str>, current| SessionView {
            id: id.into(),
            browser: browser.map(str::to_owned),
            system: system.map(str::to_owned),
            since: "22. November 2026, 9:05".into(),
            seen: "22. November 2026, 10:00".into(),
            method: if current { Method::Eid } else { Method::Password },
            current,
        };
        let this = || session("1", Some("Firefox"), Some("Windows"), true);
        let others = [session("2", Some("Safari"), Some("iPhone"), false), session("3", None, None, false)];
        vec![
            Self { sessions: std::iter::once(this()).chain(others).collect(), ended: Some(Ended::One), own: true },
            Self { sessions: vec![this()], ended: Some(Ended::Others), own: false },
            Self { sessions: vec![this()], ended: Some(Ended::Gone), own: false },
        ]
    }
}
