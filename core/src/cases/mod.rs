//! Cases: what became of an application, for the person who sent it and for whoever works on it.

pub mod pages;

use serde::Serialize;

/// Where a case stands. Texts know it as `cases.state.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A draft.
    Initiated,
    Submitted,
    Received,
    Processing,
    /// Something is wanted of the person.
    ActionRequired,
    Completed,
    Withdrawn,
}
