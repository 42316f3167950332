//! Step 3: whose answer this is, to which question, and whether it is a yes.

use super::{Expected, instant};
use crate::names::{AKDB, SAML, SAMLP, STATUS};
use crate::xml::Element;
use crate::{IdentityProvider, Rejected, ServiceProvider, Signed, StatusCode};

/// Checks the response itself; returns its id.
pub(super) fn check(
    response: Element<'_>,
    sp: &ServiceProvider,
    idp: &IdentityProvider,
    expected: &Expected<'_>,
) -> Result<String, Rejected> {
    let id = response.required("ID")?;
    if response.attribute("Version") != Some("2.0") {
        return Err(Rejected::Shape("Version"));
    }
    instant::has_come(instant::required(response, "IssueInstant")?, expected.now, Signed::Response)?;
    if response.one_text(SAML, "Issuer")? != idp.entity_id {
        return Err(Rejected::Issuer(Signed::Response));
    }
    if response.attribute("Destination") != Some(&sp.acs) {
        return Err(Rejected::Destination);
    }
    if response.attribute("InResponseTo") != Some(expected.request_id) {
        return Err(Rejected::InResponseTo(Signed::Response));
    }
    success(response.one(SAMLP, "Status")?)?;
    Ok(id.to_owned())
}

fn success(status: Element<'_>) -> Result<(), Rejected> {
    let first = status.one(SAMLP, "StatusCode")?;
    let second = first.maybe(SAMLP, "StatusCode")?;
    let word =
        |code: Element<'_>| code.attribute("Value").and_then(|value| value.strip_prefix(STATUS)).map(str::to_owned);
    if word(first).as_deref() == Some("Success") {
        return Ok(());
    }
    let code = match word(second.unwrap_or(first)).as_deref() {
        Some("AuthnFailed") => return Err(Rejected::Cancelled),
        Some("NoAuthnContext") => StatusCode::NoAuthnContext,
        Some("RequestDenied") => StatusCode::RequestDenied,
        Some("NoPassive") => StatusCode::NoPassive,
        Some("UnknownPrincipal") => StatusCode::UnknownPrincipal,
        Some("RequestUnsupported") => StatusCode::RequestUnsupported,
        Some("Requester") => StatusCode::Requester,
        Some("Responder") => StatusCode::Responder,
        _ => StatusCode::Other,
    };
    Err(Rejected::Status { code, details: details(status).unwrap_or_default() })
}

/// The error codes of an akdb status detail, `{"version": …, "errors": [{"code": …, "message": …}]}`. Messages are left
/// out: they are the provider's prose, and the codes go into a log.
fn details(status: Element<'_>) -> Option<Vec<String>> {
    let detail = status.maybe(SAMLP, "StatusDetail").ok()??.maybe(AKDB, "StatusDetail").ok()??;
    let json: serde_json::Value = serde_json::from_str(&detail.text()?).ok()?;
    let codes = json.get("errors")?.as_array()?.iter().filter_map(|error| error.get("code")?.as_str());
    Some(codes.filter(|code| is_code(code)).take(8).map(str::to_owned).collect())
}

fn is_code(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
