//! Providers that speak OpenID Connect: a town's entry as settings, and what claims say of a person.

use serde_json::Value;

use crate::{
    config::secret::Unreadable,
    identity::{
        oidc::{Claims, Demand, Provider as Settings},
        person::{Delivered, Detail, Field, Method, Source},
    },
    tenant::schema::{Level, LevelWords, Provider},
};

const FIELDS: [(&str, Field); 8] = [
    ("given_name", Field::GivenName),
    ("family_name", Field::Surname),
    ("birthdate", Field::Birthdate),
    ("gender", Field::Gender),
    ("email", Field::Email),
    ("phone_number", Field::Phone),
    ("birth_family_name", Field::BirthName),
    ("place_of_birth", Field::PlaceOfBirth),
];

const OF_ADDRESS: [(&str, Field); 4] = [
    ("street_address", Field::Street),
    ("postal_code", Field::PostalCode),
    ("locality", Field::City),
    ("country", Field::Country),
];

/// `None` where the entry is not complete.
pub fn settings(provider: &Provider, redirect_uri: &str) -> Option<Result<Settings, Unreadable>> {
    let oidc = provider.oidc()?;
    let usual = || ["profile", "email"].map(str::to_owned).to_vec();
    Some(oidc.client_secret.read().map(|secret| Settings {
        issuer: oidc.issuer.to_owned(),
        client_id: oidc.client_id.to_owned(),
        client_secret: secret,
        redirect_uri: redirect_uri.to_owned(),
        scopes: if oidc.scopes.is_empty() { usual() } else { oidc.scopes.to_vec() },
    }))
}

/// What is asked for to reach a level: every word for it or a higher one.
pub fn demand(words: &LevelWords, level: Level, fresh: bool, locale: &str) -> Demand {
    let enough = [Level::Basis, Level::Substantiell, Level::Hoch].into_iter().filter(|given| *given >= level);
    let acr_values = enough.filter_map(|level| words.of(level).map(str::to_owned)).collect();
    Demand { acr_values, fresh, locale: Some(locale.to_owned()) }
}

/// What claims say of a person. A level nobody has agreed on is the lowest.
pub fn delivered(claims: &Claims, words: &LevelWords) -> Delivered {
    let level = claims.acr.as_deref().and_then(|acr| words.level_of(acr)).unwrap_or(Level::Basis);
    let detail = |field, value: &str| Detail { field, value: value.to_owned(), trust: level, source: Source::Provider };
    let of_person = FIELDS.iter().filter_map(|(claim, field)| claims.text(claim).map(|value| detail(*field, value)));
    let address = claims.attributes().get("address").and_then(Value::as_object);
    let of_address = OF_ADDRESS.iter().filter_map(|(part, field)| {
        let value = address?.get(*part)?.as_str()?.trim();
        (!value.is_empty()).then(|| detail(*field, value))
    });
    let is_password = claims.methods.iter().any(|method| method == "pwd");
    Delivered {
        subject: Some(claims.subject.clone()),
        level,
        method: if is_password { Method::Password } else { Method::Untold },
        specimen: false,
        details: of_person.chain(of_address).collect(),
    }
}
