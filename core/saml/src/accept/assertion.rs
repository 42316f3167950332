//! Steps 6 and 7: one signed assertion, and that it is for us.

use jiff::Timestamp;

use super::{Expected, conditions, instant};
use crate::names::{BEARER, SAML};
use crate::xml::{self, Element};
use crate::{IdentityProvider, Rejected, ServiceProvider, Signed, signature};

/// The assertion as its provider signed it.
pub(super) fn verified(plain: &str, idp: &IdentityProvider) -> Result<String, Rejected> {
    // What is not XML was not meant for this key, or is somebody's experiment.
    let document = xml::parse(plain).map_err(|_| Rejected::Decryption)?;
    let assertion = xml::root(&document).map_err(|_| Rejected::Decryption)?;
    if !assertion.is(SAML, "Assertion") || assertion.count(SAML, "Assertion") != 1 {
        return Err(Rejected::Shape("Assertion"));
    }
    signature::signed_bytes(assertion, &idp.certificates, Signed::Assertion)
}

pub(super) struct Subject {
    pub name_id: String,
    pub format: Option<String>,
    /// The earliest moment at which any part of the assertion ends.
    pub not_on_or_after: Timestamp,
}

pub(super) fn check(
    assertion: Element<'_>,
    sp: &ServiceProvider,
    idp: &IdentityProvider,
    expected: &Expected<'_>,
) -> Result<Subject, Rejected> {
    if assertion.children().any(|part| !PARTS.iter().any(|name| part.is(SAML, name))) {
        return Err(Rejected::Shape("Assertion"));
    }
    if assertion.attribute("Version") != Some("2.0") {
        return Err(Rejected::Shape("Version"));
    }
    instant::has_come(instant::required(assertion, "IssueInstant")?, expected.now, Signed::Assertion)?;
    if assertion.one_text(SAML, "Issuer")? != idp.entity_id {
        return Err(Rejected::Issuer(Signed::Assertion));
    }
    let subject = assertion.one(SAML, "Subject")?;
    let confirmed = confirmation(subject, sp, expected)?;
    let conditions = conditions::check(assertion.one(SAML, "Conditions")?, sp, expected)?;
    let name = subject.one(SAML, "NameID")?;
    Ok(Subject {
        name_id: name.text().ok_or(Rejected::Shape("NameID"))?,
        format: name.attribute("Format").map(str::to_owned),
        not_on_or_after: confirmed.min(conditions),
    })
}

// `Advice` and decisions about access have no place in a login.
const PARTS: [&str; 5] = ["Issuer", "Subject", "Conditions", "AuthnStatement", "AttributeStatement"];

/// That the bearer is the one who asked; returns until when this holds.
fn confirmation(subject: Element<'_>, sp: &ServiceProvider, expected: &Expected<'_>) -> Result<Timestamp, Rejected> {
    let confirmation = subject.one(SAML, "SubjectConfirmation")?;
    if confirmation.attribute("Method") != Some(BEARER) {
        return Err(Rejected::Shape("SubjectConfirmation"));
    }
    let data = confirmation.one(SAML, "SubjectConfirmationData")?;
    if data.attribute("Recipient") != Some(&sp.acs) {
        return Err(Rejected::Recipient);
    }
    if data.attribute("InResponseTo") != Some(expected.request_id) {
        return Err(Rejected::InResponseTo(Signed::Assertion));
    }
    // Forbidden for a bearer by the profile (saml-profiles-2.0, 4.1.4.2).
    if data.attribute("NotBefore").is_some() {
        return Err(Rejected::Shape("NotBefore"));
    }
    let ends = instant::required(data, "NotOnOrAfter")?;
    instant::lies_ahead(ends, expected.now)?;
    Ok(ends)
}
