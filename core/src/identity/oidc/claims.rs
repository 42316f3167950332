//! What a provider told of a person, once the token has been verified.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Refused,
    dialect::{IdClaims, Userinfo},
};

/// A person as the provider knows them. Does not print.
#[derive(Clone, PartialEq)]
pub struct Claims {
    /// The person at this issuer, for ever; not an e-mail address, and no secret.
    pub subject: String,
    /// The level as the provider names it.
    pub acr: Option<String>,
    /// How the person identified: `pwd`, `otp`, `hwk` … (RFC 8176).
    pub methods: Vec<String>,
    pub identified_at: Option<Timestamp>,
    attributes: Map<String, Value>,
}

impl Claims {
    pub(super) fn of_id_token(claims: &IdClaims) -> Result<Self, Refused> {
        let methods = claims.auth_method_refs().into_iter().flatten();
        Ok(Self {
            subject: claims.subject().to_string(),
            acr: claims.auth_context_ref().map(|acr| acr.to_string()),
            methods: methods.map(|method| method.to_string()).collect(),
            identified_at: claims.auth_time().and_then(|time| Timestamp::from_second(time.timestamp()).ok()),
            attributes: attributes_of(claims)?,
        })
    }

    pub(super) fn of_access_token(claims: &Map<String, Value>) -> Result<Self, Refused> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        Ok(Self {
            subject: text("sub").ok_or(Refused::Malformed)?.to_owned(),
            acr: text("acr").map(str::to_owned),
            methods: Vec::new(),
            identified_at: None,
            attributes: attributes_of(claims)?,
        })
    }

    /// Adds what the ID token did not say.
    pub(super) fn complete_from(&mut self, userinfo: &Userinfo) -> Result<(), Refused> {
        for (name, value) in attributes_of(userinfo)? {
            self.attributes.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// Everything the provider told, by the names of OpenID Connect Core 5.1, without what belongs to the protocol.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.attributes
    }

    /// An attribute that is a text and not empty: `given_name`, `family_name`, `birthdate` …
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The address for letters by mail, if the provider has made sure that it belongs to the person.
    pub fn email(&self) -> Option<&str> {
        self.text(EMAIL)
    }
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claims").finish_non_exhaustive()
    }
}

const EMAIL: &str = "email";
const EMAIL_VERIFIED: &str = "email_verified";

/// What says something of the token and nothing of the person.
const PROTOCOL: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "jti",
    "typ",
    "sid",
    "session_state",
    "nonce",
    "acr",
    "amr",
    "auth_time",
    "at_hash",
    "c_hash",
];

fn attributes_of(claims: &impl Serialize) -> Result<Map<String, Value>, Refused> {
    let Ok(Value::Object(mut attributes)) = serde_json::to_value(claims) else { return Err(Refused::Malformed) };
    attributes.retain(|name, value| !value.is_null() && !PROTOCOL.contains(&name.as_str()));
    // an address that anybody could have typed is none, and may not be paired with another document's promise
    if attributes.remove(EMAIL_VERIFIED) != Some(Value::Bool(true)) {
        attributes.remove(EMAIL);
    }
    Ok(attributes)
}
