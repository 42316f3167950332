//! The strict profile, step by step. Each step trusts only what the ones before it have shown, and none looks back.

mod answer;
mod assertion;
mod attributes;
mod conditions;
mod decryption;
mod envelope;
#[cfg(fuzzing)]
pub mod fuzzing;
mod instant;

use jiff::Timestamp;

use crate::{IdentityProvider, Level, Login, Rejected, ServiceProvider, xml};

/// What the request has led us to expect.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The id of the one request this may answer.
    pub request_id: &'a str,
    /// The level that was asked for.
    pub level: Level,
    /// For a request with `force_authn`: when it was made. A login from before is refused.
    pub asked_at: Option<Timestamp>,
    pub now: Timestamp,
}

/// Reads the `SAMLResponse` field of a posted form and believes it, or says why not.
///
/// The caller has found the provider by the path and the request by its own handle, consumes the request whatever comes
/// out here, and refuses a `Login::assertion_id` it has seen before.
pub fn accept(
    sp: &ServiceProvider,
    idp: &IdentityProvider,
    expected: &Expected<'_>,
    message: &str,
) -> Result<Login, Rejected> {
    // (1) A small, plain message: one response, no assertion in the clear, at most one encrypted.
    let text = envelope::open(message)?;
    // (2) If the response is signed, one of the pinned keys signed all of it; from here on only what it signed is read.
    let text = envelope::verified(text, idp)?;
    let document = xml::parse(&text)?;
    let response = xml::root(&document)?;
    // (3) It answers this request, comes from this provider, is meant for this address and tells of success.
    let response_id = answer::check(response, sp, idp, expected)?;
    // (4) Allowed algorithms, before a key is touched.
    let sealed = decryption::Sealed::read(response)?;
    // (5) Decrypted, with one uniform failure.
    let plain = sealed.open(&sp.decryption)?;
    // (6) One assertion, all of it signed by a pinned key; from here on only these bytes are read.
    let text = assertion::verified(&plain, idp)?;
    let document = xml::parse(&text)?;
    let assertion = xml::root(&document)?;
    // (7) It is for this service, this address and this request, (8) and for this minute.
    let subject = assertion::check(assertion, sp, idp, expected)?;
    let authn = conditions::authn(assertion, expected)?;
    let attributes = attributes::read(assertion)?;
    // (9) It gives the level that was demanded.
    let level = idp.level_of(&authn.context).ok_or(Rejected::UnknownLevel)?;
    if level < expected.level {
        return Err(Rejected::LevelTooLow { delivered: level, demanded: expected.level });
    }
    Ok(Login {
        level,
        name_id: subject.name_id,
        name_id_format: subject.format,
        authn_instant: authn.instant,
        attributes,
        assertion_id: assertion.required("ID")?.to_owned(),
        response_id,
        not_on_or_after: instant::with_skew(subject.not_on_or_after),
    })
}
