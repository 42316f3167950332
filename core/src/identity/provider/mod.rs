//! The providers by which citizens log in: what each needs to begin, and what its answer says of a person.

pub mod oidc;
pub mod saml;
pub mod simulator;

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;

use super::oidc::Client;
use crate::tenant::{
    Tenant, TenantId,
    schema::{People, Provider, ProviderKind, Status},
};

/// What lasts between logins: the connection to OpenID providers, keys that were read, who answered lately.
pub struct Logins {
    pub oidc: Client,
    parties: Cache<(TenantId, u64, String), Arc<saml::Parties>>,
    pub(super) reached: Cache<String, bool>,
    /// Asks whether a provider is there.
    pub(super) asks: reqwest::Client,
    /// A rehearsal: providers that lack their keys let specimens in.
    pub specimens: bool,
}

impl Logins {
    /// Whether a provider lets specimens in: a simulator, or in a rehearsal a provider that could log nobody in. Never on a
    /// town that is live.
    pub fn plays(&self, tenant: &Tenant, provider: &Provider) -> bool {
        let stands_in = self.specimens && provider.is_for(People::Citizens) && !provider.is_complete();
        provider.kind == ProviderKind::Simulator || stands_in && tenant.status() != Status::Live
    }
}

impl std::fmt::Debug for Logins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}

impl Default for Logins {
    fn default() -> Self {
        Self::with_patience(Client::PATIENCE)
    }
}

impl Logins {
    /// `specimens`: providers that lack their keys let invented people in.
    pub fn rehearsing(specimens: bool) -> Self {
        Self { specimens, ..Self::default() }
    }

    /// `patience`: how long a provider may take to answer.
    pub fn with_patience(patience: Duration) -> Self {
        Self {
            asks: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("an HTTP client needs nothing from outside"),
            oidc: Client::with_patience(patience).expect("an HTTP client needs nothing from outside"),
            parties: Cache::builder().max_capacity(1000).build(),
            specimens: false,
            reached: Cache::builder().max_capacity(1000).time_to_live(Duration::from_secs(30)).build(),
        }
    }
}
