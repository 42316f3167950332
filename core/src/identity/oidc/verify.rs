//! Whether an ID token is to be believed: OpenID Connect Core 3.1.3.7, step by step.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use openidconnect::{ClientId, IdTokenVerifier, Nonce, core::CoreJwsSigningAlgorithm};

use super::{
    Expected, Metadata, Provider, Refused,
    dialect::{IdClaims, IdToken},
};

/// Never `none`, and nothing keyed with the client's secret: whoever learned that could then sign as the provider.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

/// By how much two clocks may differ.
pub(super) const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// The claims of a token that passed every check, the demanded level and freshness included.
pub fn id_token<'a>(
    provider: &Provider,
    metadata: &Metadata,
    token: &'a IdToken,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<&'a IdClaims, Refused> {
    let client = ClientId::new(provider.client_id.clone());
    // of a public client: such a verifier knows no secret that a signature could be made with
    let verifier = IdTokenVerifier::new_public_client(client, metadata.issuer().clone(), metadata.jwks().clone())
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || SystemTime::from(now.saturating_sub(SKEW).expect("a fixed span has no calendar")).into());
    let claims = token.claims(&verifier, &Nonce::new(expected.nonce.to_owned()))?;

    // the library leaves the authorised party to us
    if claims.authorized_party().is_some_and(|party| **party != provider.client_id) {
        return Err(Refused::Audience);
    }
    let not_before = expected.begun_at.as_second() - SKEW.as_secs();
    let issued = claims.issue_time().timestamp();
    if issued < not_before || issued > now.as_second() + SKEW.as_secs() {
        return Err(Refused::IssuedAt);
    }
    if expected.demand.fresh && claims.auth_time().is_none_or(|time| time.timestamp() < not_before) {
        return Err(Refused::NotFresh);
    }
    let accepted = &expected.demand.acr_values;
    let is_enough = |acr: &str| accepted.iter().any(|value| value == acr);
    if !accepted.is_empty() && !claims.auth_context_ref().is_some_and(|acr| is_enough(acr)) {
        return Err(Refused::LevelTooLow);
    }
    Ok(claims)
}
