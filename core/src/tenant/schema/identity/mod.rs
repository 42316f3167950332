//! `identity.yaml`: login providers and the three phases of changing one (promise P12).

mod moving;
mod provider;

use std::sync::Arc;

use jiff::{Timestamp, ToSpan, Zoned};
use schemars::JsonSchema;
use serde::Deserialize;

pub use moving::{Moving, Stage};
pub use provider::{
    CertificateFile, KeyFiles, LevelWords, Oidc, People, Provider, ProviderKind, Saml, SecondMailbox, StaffClaims,
};

/// Which accounts a town accepts, and from when to when.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    #[serde(default)]
    pub providers: Vec<Arc<Provider>>,
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
    pub provider: Arc<Provider>,
    pub phase: Option<Phase>,
    pub next: Option<Arc<Provider>>,
    pub old: Option<Arc<Provider>>,
}

impl Identity {
    /// The provider of the day is the account of citizens that started last among those that are valid; the others tell the
    /// phase. Where there is none, an account of the portal's own is the login.
    pub fn login_at(&self, now: &Zoned) -> Option<Login> {
        let moment = now.timestamp();
        let starts = |provider: &&Arc<Provider>| provider.period().start();
        let ends = |provider: &&Arc<Provider>| provider.period().end();
        let is_valid = |provider: &&Arc<Provider>| provider.period().contains(moment);
        let Some(provider) = self.accounts().filter(is_valid).max_by_key(starts) else {
            let own = self.providers.iter().filter(|provider| provider.is_own_account()).find(is_valid)?;
            return Some(Login { provider: own.clone(), phase: None, next: None, old: None });
        };
        let others = || self.accounts().filter(|other| other.id != provider.id);
        let next = others().filter(|other| starts(other) > moment).min_by_key(starts);
        let winding_down = others().filter(is_valid).max_by_key(starts);
        let a_year_ago = now.checked_sub(1.year()).map_or(Timestamp::MIN, |then| then.timestamp());
        let gone = others().filter(|other| ends(other) <= moment && ends(other) > a_year_ago).max_by_key(ends);
        let (phase, next, old) = match (next, winding_down, gone) {
            (Some(next), ..) => (Some(Phase::Announced), Some(next), None),
            (None, Some(old), _) => (Some(Phase::Switched), None, Some(old)),
            (None, None, Some(old)) => (Some(Phase::Retired), None, Some(old)),
            (None, None, None) => (None, None, None),
        };
        Some(Login { provider: provider.clone(), phase, next: next.cloned(), old: old.cloned() })
    }

    /// Everything one can log in with at a moment, for citizens and for clerks: also accounts that are winding down.
    pub fn valid_at(&self, moment: Timestamp) -> Vec<Arc<Provider>> {
        self.providers.iter().filter(|provider| provider.period().contains(moment)).cloned().collect()
    }

    /// All moments at which [`Identity::login_at`] or [`Identity::valid_at`] can change.
    pub fn switches(&self) -> Vec<Timestamp> {
        let year_after = |provider: &Arc<Provider>| {
            let end = provider.period().end().to_zoned(crate::clock::local_zone());
            end.checked_add(1.year()).ok().map(|end| end.timestamp())
        };
        let periods = self.providers.iter().map(|provider| provider.period());
        periods
            .flat_map(|period| [period.start(), period.end()])
            .chain(self.accounts().filter_map(year_after))
            .chain(moving::switches(self))
            .collect()
    }

    fn accounts(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.iter().filter(|provider| provider.is_account())
    }
}
