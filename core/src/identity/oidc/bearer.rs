//! Whether an access token is to be believed: RFC 9068, section 4.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use openidconnect::{
    JsonWebKey as _,
    core::{CoreJsonWebKeyUse, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    Claims, Metadata, Refused,
    verify::{ALGORITHMS, SKEW},
};

#[derive(Deserialize)]
struct Head {
    alg: CoreJwsSigningAlgorithm,
    #[serde(default)]
    typ: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Times {
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
}

/// The claims of a token that this provider signed for this audience, and that counts now.
pub fn access_token(metadata: &Metadata, audience: &str, token: &str, now: Timestamp) -> Result<Claims, Refused> {
    let mut parts = token.split('.');
    let (Some(head), Some(claims), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refused::Malformed);
    };
    let said: Head = decoded(head)?;
    // an ID token is for the program that asked for it, and opens nothing
    let kind = said.typ.to_ascii_lowercase();
    if kind.strip_prefix("application/").unwrap_or(&kind) != "at+jwt" || said.crit.is_some() {
        return Err(Refused::Malformed);
    }
    if !ALGORITHMS.contains(&said.alg) {
        return Err(Refused::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Malformed)?;
    let signed = &token[..head.len() + 1 + claims.len()];
    let fits = |key: &&openidconnect::core::CoreJsonWebKey| {
        said.kid.as_deref().is_none_or(|kid| key.key_id().is_some_and(|known| **known == kid))
            && key.key_use().is_none_or(|is_for| *is_for == CoreJsonWebKeyUse::Signature)
    };
    let mut keys = metadata.jwks().keys().iter().filter(fits).peekable();
    if keys.peek().is_none() {
        return Err(Refused::UnknownKey);
    }
    if !keys.any(|key| key.verify_signature(&said.alg, signed.as_bytes(), &signature).is_ok()) {
        return Err(Refused::Signature);
    }
    let all: Map<String, Value> = decoded(claims)?;
    if all.get("iss").and_then(Value::as_str) != Some(metadata.issuer().as_str()) {
        return Err(Refused::Issuer);
    }
    let is_meant = match all.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one == audience),
        _ => false,
    };
    if !is_meant {
        return Err(Refused::Audience);
    }
    let times: Times = decoded(claims)?;
    let (now, skew) = (now.as_second(), SKEW.as_secs());
    if now >= times.exp.saturating_add(skew) {
        return Err(Refused::Expired);
    }
    if times.iat > now + skew || times.nbf.is_some_and(|from| from > now + skew) {
        return Err(Refused::IssuedAt);
    }
    Claims::of_access_token(&all)
}

fn decoded<T: DeserializeOwned>(part: &str) -> Result<T, Refused> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| Refused::Malformed)
}
