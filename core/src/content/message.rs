//! Forms that reach the town by mail: the contact form and the report of a barrier.

use serde::Serialize;

use crate::web::{Form, Head, Visit, Wrong};

/// Nobody sees this field; who fills it in is a machine.
pub const TRAP: &str = "homepage";
/// `/kontakt`: an answer goes to `email`, if there is one.
pub const CONTACT: [&str; 5] = ["name", "email", "subject", "message", TRAP];
/// `/barrierefreiheit`: `page` says where the barrier is.
pub const BARRIER: [&str; 5] = ["name", "email", "page", "message", TRAP];

/// Where a person stands with a message to the town.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Message {
    /// Being written, perhaps with complaints.
    Open { form: Form },
    /// On its way; `copy`: the sender gets one.
    Sent { copy: bool },
    /// Nothing is taken at the moment.
    Closed,
}

impl Message {
    pub fn open(visit: &Visit, names: &[&'static str]) -> Self {
        if visit.portal.read_only { Self::Closed } else { Self::Open { form: Form::blank(names) } }
    }

    /// A title that says at once that something has to be put right.
    pub(super) fn head(&self, head: Head, visit: &Visit) -> Head {
        match self {
            Self::Open { form } => form.head(head, visit),
            Self::Sent { .. } | Self::Closed => head,
        }
    }

    /// A form with everything wrong, for rendering pages outside the server.
    pub(super) fn filled(names: &[&'static str]) -> Self {
        let mut form =
            Form::read(names, [("email".into(), "erika@".into()), ("name".into(), "Erika Mustermann".into())]);
        form.is_email("email");
        form.complain("subject", Wrong::TooLong);
        form.needs("message");
        Self::Open { form }
    }
}
