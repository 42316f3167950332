//! A page that a link in a mail leads to: it asks, and only its button does something.

use serde::Serialize;

use super::private;
use crate::web::{Head, Page, Visit};

/// The form posts nothing to its own address. Texts know it as `link.<kind>.<state>`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct LinkPage {
    pub kind: LinkKind,
    pub state: LinkState,
    /// The town has accounts of the portal's own, whose password is changed here.
    pub own: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A new address for mails.
    Confirm,
    /// "That was not me", from the address before.
    Object,
    /// What lies in an old account is taken over.
    Move,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    Ask,
    Done,
    /// Used, too old, somebody else's or never there: all look the same.
    Gone,
    /// The new address belongs to another account; told to whoever reads its mails.
    Taken,
}

impl LinkPage {
    pub fn of(kind: LinkKind, state: LinkState) -> Self {
        Self { kind, state, own: false }
    }

    fn title(self) -> &'static str {
        match (self.kind, self.state) {
            (LinkKind::Confirm, LinkState::Gone) => "link.confirm.gone.title",
            (LinkKind::Confirm, LinkState::Taken) => "link.confirm.taken.title",
            (LinkKind::Confirm, _) => "link.confirm.ask.title",
            (LinkKind::Object, LinkState::Ask) => "link.object.ask.title",
            (LinkKind::Object, LinkState::Done) => "link.object.done.title",
            (LinkKind::Object, _) => "link.object.gone.title",
            (LinkKind::Move, LinkState::Ask) => "link.move.ask.title",
            (LinkKind::Move, LinkState::Done) => "link.move.done.title",
            (LinkKind::Move, _) => "link.move.gone.title",
        }
    }
}

impl Page for LinkPage {
    const TEMPLATE: &'static str = "link.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, self.title()).below(visit.text("data.title"), visit.url("/meine-daten"))
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let page = Self::of;
        vec![
            page(LinkKind::Confirm, LinkState::Ask),
            page(LinkKind::Confirm, LinkState::Gone),
            page(LinkKind::Confirm, LinkState::Taken),
            page(LinkKind::Object, LinkState::Ask),
            page(LinkKind::Object, LinkState::Done),
            Self { own: true, ..page(LinkKind::Object, LinkState::Done) },
            page(LinkKind::Object, LinkState::Gone),
            page(LinkKind::Move, LinkState::Ask),
            page(LinkKind::Move, LinkState::Done),
            page(LinkKind::Move, LinkState::Gone),
        ]
    }
}
