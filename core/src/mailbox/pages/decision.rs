//! A decision as the person sees it: what it is, how it stands, and what can be done against it.

use serde::Serialize;

use crate::{tenant::Said, web::Visit};

/// Its buttons post `do=open` or, where the regime asks first, `do=consent` and `do=decline` with the message's id to the thread.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionView {
    /// Of the message, for the buttons.
    pub id: String,
    #[serde(flatten)]
    pub state: DecisionState,
    /// When it was put here.
    pub provided: String,
    /// `§ 122a der Abgabenordnung`
    pub basis: Option<Said>,
    /// What can be done against it, in the words of the service.
    pub remedy: Option<Said>,
    /// The decision as a letter; `None` as long as it was not opened.
    pub pdf: Option<String>,
}

/// Texts know it as `mailbox.decision.<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DecisionState {
    /// It lies here unopened. `asks`: opening it here needs the person's consent first. `counts`: it counts as announced
    /// on that day, opened or not. `until`: unopened it goes by post after that day.
    Provided { asks: bool, counts: Option<String>, until: Option<String> },
    /// Opened, and counts as announced from that day, where a law says so.
    Retrieved { at: String, counts: Option<String> },
    /// It counts as announced since that day.
    Announced { on: String },
    /// Not opened in time: it counts as not announced and goes by post.
    NotAnnounced { since: String },
    /// `None`: not yet on its way.
    ByPost { on: Option<String> },
}

impl DecisionView {
    pub(super) fn specimen(visit: &Visit, state: DecisionState) -> Self {
        let is_open = matches!(state, DecisionState::Retrieved { .. } | DecisionState::Announced { .. });
        let remedy = "Sie können innerhalb eines Monats klagen.";
        Self {
            id: "1".into(),
            state,
            provided: super::specimen_moment(visit, 16),
            basis: Some(visit.specimen("§ 122a der Abgabenordnung", "Section 122a of the Fiscal Code")),
            remedy: Some(visit.specimen(remedy, "You can bring an action within one month.")),
            pdf: is_open.then(|| visit.url("/postkorb/1/bescheide/1")),
        }
    }
}
