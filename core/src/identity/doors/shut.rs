//! Whether a provider's door is open now: complete, not switched off by the town hall, and answering.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    identity::{ProviderState, provider::Logins, records},
    tenant::schema::{Provider, ProviderKind},
    web::Visit,
};

/// How long a provider may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Ids of providers that the town hall has switched off. If the data room does not answer nobody logs in anyway, and
/// the page says so when somebody tries.
pub async fn switched_off(visit: &Visit) -> BTreeSet<String> {
    let asked = async {
        let mut tx = visit.store().read().await?;
        records::switched_off(&mut tx).await
    };
    asked.await.map(BTreeSet::from_iter).unwrap_or_default()
}

pub fn state_of(visit: &Visit, provider: &Provider, off: &BTreeSet<String>) -> ProviderState {
    if off.contains(&provider.id) {
        ProviderState::Off
    } else if visit.portal.logins.plays(&visit.tenant, provider) {
        ProviderState::Ready
    } else if !provider.is_complete() {
        ProviderState::Preparing
    } else if address_of(provider).is_some_and(|url| visit.portal.logins.is_known_to_be_away(url)) {
        ProviderState::Unreachable
    } else {
        ProviderState::Ready
    }
}

/// Whether the provider answers. What was found holds for half a minute.
pub async fn answers(visit: &Visit, provider: &Provider) -> bool {
    match address_of(provider) {
        Some(url) => visit.portal.logins.reaches(url, PATIENCE).await,
        None => true,
    }
}

/// Of an OpenID provider the login itself finds out whether it answers.
fn address_of(provider: &Provider) -> Option<&str> {
    match provider.kind {
        ProviderKind::Bundid | ProviderKind::Saml => provider.sso_url.as_deref(),
        ProviderKind::Oidc | ProviderKind::Local | ProviderKind::Simulator => None,
    }
}

impl Logins {
    fn is_known_to_be_away(&self, url: &str) -> bool {
        self.reached.get(url) == Some(false)
    }

    async fn reaches(&self, url: &str, patience: Duration) -> bool {
        if let Some(known) = self.reached.get(url) {
            return known;
        }
        let answer = self.asks.get(url).timeout(patience).send().await;
        // an error for a question without a request is an answer; a broken gateway is none
        let is_there = answer.is_ok_and(|answer| !answer.status().is_server_error());
        self.reached.insert(url.to_owned(), is_there);
        is_there
    }
}
