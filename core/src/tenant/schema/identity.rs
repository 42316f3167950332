//! `identity.yaml`: login providers and the three phases of changing one (promise P12).

use jiff::{Timestamp, ToSpan, Zoned};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Level;
use crate::tenant::dated::{LocalMoment, Period};

/// Which accounts a town accepts, and from when to when.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    #[serde(default)]
    pub providers: Vec<Provider>,
}

/// An account outside the portal. Keys and endpoints come with the login itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub id: String,
    pub kind: ProviderKind,
    pub name: String,
    /// Where people create and manage the account.
    #[serde(default)]
    pub url: Option<String>,
    /// The name under which the provider knows this portal (SAML `entityID`). It is agreed once and never changes; absent,
    /// it follows from the first host: `https://portal.example.de/saml/metadata`.
    #[serde(default)]
    pub entity_id: Option<String>,
    /// From this day on the login button leads here.
    #[serde(default)]
    pub from: Option<LocalMoment>,
    /// Last day on which its accounts exist.
    #[serde(default)]
    pub until: Option<LocalMoment>,
    /// Assurance levels it can give.
    #[serde(default)]
    pub levels: Vec<Level>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    Bundid,
    Saml,
    Oidc,
    Local,
    Simulator,
}

impl ProviderKind {
    /// Whether the provider knows the portal by an `entityID`.
    pub fn knows_by_entity_id(self) -> bool {
        matches!(self, Self::Bundid | Self::Saml)
    }
}

/// Where a town stands between two providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The next provider is known and not yet in use.
    Announced,
    /// The next provider is in use, accounts of the old one still exist.
    Switched,
    /// The accounts of the old provider are gone; remembered for a year.
    Retired,
}

impl Phase {
    pub const ALL: [&'static str; 3] = ["announced", "switched", "retired"];

    pub fn word(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Switched => "switched",
            Self::Retired => "retired",
        }
    }
}

/// The login of one moment.
#[derive(Debug, Clone)]
pub struct Login {
    pub provider: Provider,
    pub phase: Option<Phase>,
    pub next: Option<Provider>,
    pub old: Option<Provider>,
}

impl Provider {
    pub fn period(&self) -> Period {
        Period { from: self.from, until: self.until }
    }

    fn starts(&self) -> Timestamp {
        self.period().start()
    }
}

impl Identity {
    /// The provider of the day is the one that started last among those that are valid; the others tell the phase.
    pub fn login_at(&self, now: &Zoned) -> Option<Login> {
        let moment = now.timestamp();
        let valid = |provider: &&Provider| provider.period().contains(moment);
        let provider = self.providers.iter().filter(valid).max_by_key(|provider| provider.starts())?;
        let others = || self.providers.iter().filter(|other| other.id != provider.id);
        let next = others().filter(|other| other.starts() > moment).min_by_key(|other| other.starts());
        let winding_down = others().filter(valid).max_by_key(|other| other.starts());
        let a_year_ago = now.checked_sub(1.year()).map_or(Timestamp::MIN, |then| then.timestamp());
        let gone = others()
            .filter(|other| other.period().end() <= moment && other.period().end() > a_year_ago)
            .max_by_key(|other| other.period().end());
        let (phase, next, old) = match (next, winding_down, gone) {
            (Some(next), ..) => (Some(Phase::Announced), Some(next), None),
            (None, Some(old), _) => (Some(Phase::Switched), None, Some(old)),
            (None, None, Some(old)) => (Some(Phase::Retired), None, Some(old)),
            (None, None, None) => (None, None, None),
        };
        Some(Login { provider: provider.clone(), phase, next: next.cloned(), old: old.cloned() })
    }

    /// All moments at which [`Identity::login_at`] can change.
    pub fn switches(&self) -> Vec<Timestamp> {
        let mut switches = Vec::new();
        for provider in &self.providers {
            let period = provider.period();
            switches.extend([period.start(), period.end()]);
            let year_after = period.end().to_zoned(crate::clock::local_zone()).checked_add(1.year());
            switches.extend(year_after.map(|end| end.timestamp()));
        }
        switches
    }
}
