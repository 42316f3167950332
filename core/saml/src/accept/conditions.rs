//! Steps 7 and 8: for whom and when an assertion holds, and how the person logged in.

use jiff::Timestamp;

use super::{Expected, instant};
use crate::names::SAML;
use crate::xml::Element;
use crate::{Rejected, ServiceProvider, Signed};

/// Returns until when the conditions hold.
pub(super) fn check(
    conditions: Element<'_>,
    sp: &ServiceProvider,
    expected: &Expected<'_>,
) -> Result<Timestamp, Rejected> {
    // A condition nobody understands is one nobody has met.
    if conditions.children().any(|condition| !KNOWN.iter().any(|name| condition.is(SAML, name))) {
        return Err(Rejected::Shape("Conditions"));
    }
    if let Some(begins) = instant::maybe(conditions, "NotBefore")? {
        instant::has_come(begins, expected.now, Signed::Assertion)?;
    }
    let ends = instant::required(conditions, "NotOnOrAfter")?;
    instant::lies_ahead(ends, expected.now)?;
    // Every restriction has to name us, and there has to be one.
    let mut restrictions = conditions.named(SAML, "AudienceRestriction").peekable();
    let names_us = |restriction: Element<'_>| {
        let mut audiences = restriction.named(SAML, "Audience").filter_map(Element::text);
        audiences.any(|audience| audience.trim() == sp.entity_id)
    };
    if restrictions.peek().is_none() || !restrictions.all(names_us) {
        return Err(Rejected::Audience);
    }
    Ok(ends)
}

const KNOWN: [&str; 3] = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];

pub(super) struct Authn {
    pub context: String,
    pub instant: Timestamp,
}

/// Reads the one statement about the login itself.
pub(super) fn authn(assertion: Element<'_>, expected: &Expected<'_>) -> Result<Authn, Rejected> {
    let statement = assertion.one(SAML, "AuthnStatement")?;
    let authenticated = instant::required(statement, "AuthnInstant")?;
    instant::has_come(authenticated, expected.now, Signed::Assertion)?;
    if expected.asked_at.is_some_and(|asked_at| instant::is_before(authenticated, asked_at)) {
        return Err(Rejected::OldLogin);
    }
    if let Some(ends) = instant::maybe(statement, "SessionNotOnOrAfter")? {
        instant::lies_ahead(ends, expected.now)?;
    }
    let context = statement.one(SAML, "AuthnContext")?.one_text(SAML, "AuthnContextClassRef")?;
    Ok(Authn { context, instant: authenticated })
}
