//! A login that led nowhere: what happened, in words that help, and the way onward.

use serde::Serialize;

use super::private;
use crate::{
    tenant::schema::Level,
    web::{Head, Page, Visit},
};

#[derive(Serialize)]
pub struct OutcomePage {
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Name of the provider.
    pub provider: String,
    /// Where the login begins anew; `None` if that would not help now.
    pub again: Option<String>,
    /// Where the person came from.
    pub back: Option<String>,
}

/// Texts know them as `outcome.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The person gave up at the provider.
    Cancelled,
    /// The answer was not accepted. Why is for the log alone: every reason looks the same from outside.
    Refused,
    /// The provider gave less than what was asked for.
    TooLow { reached: Level, wanted: Level },
    /// The pending login is gone: too late, or used before.
    Expired,
    /// The browser came back without its cookie.
    NoCookie,
    /// The provider does not answer.
    Down,
    /// A step-up came back as somebody else.
    OtherAccount,
    /// The person has taken what was in this account over into one of the new provider.
    Moved,
}

impl Outcome {
    fn title(self) -> &'static str {
        match self {
            Self::Cancelled => "outcome.cancelled.title",
            Self::Refused => "outcome.refused.title",
            Self::TooLow { .. } => "outcome.too_low.title",
            Self::Expired => "outcome.expired.title",
            Self::NoCookie => "outcome.no_cookie.title",
            Self::Down => "outcome.down.title",
            Self::OtherAccount => "outcome.other_account.title",
            Self::Moved => "outcome.moved.title",
        }
    }
}

impl Page for OutcomePage {
    const TEMPLATE: &'static str = "outcome.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, self.outcome.title())
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let again = || Some(visit.url("/anmelden"));
        let page = |outcome| Self { outcome, provider: "BundID".into(), again: again(), back: None };
        vec![
            Self { back: Some(visit.url("/dienstleistungen")), ..page(Outcome::Cancelled) },
            page(Outcome::Refused),
            page(Outcome::TooLow { reached: Level::Basis, wanted: Level::Hoch }),
            page(Outcome::Expired),
            page(Outcome::NoCookie),
            Self { again: None, ..page(Outcome::Down) },
            page(Outcome::OtherAccount),
            page(Outcome::Moved),
        ]
    }
}
