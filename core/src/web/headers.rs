//! Security headers: on every response, errors and files included.

use poem::http::{HeaderMap, HeaderName, HeaderValue, header};

/// No inline script or style, no foreign host, no framing. Without nonces: pages come from a cache.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// An address outside to which a form of one page leads: the provider of a login.
#[derive(Debug, Clone)]
pub struct FormAction(String);

impl FormAction {
    /// Only its scheme, host and port count.
    pub fn to(address: &str) -> Self {
        let end = address.find("://").map_or(0, |at| at + 3);
        let path = address[end..].find('/').map_or(address.len(), |at| end + at);
        Self(address[..path].to_owned())
    }
}

/// What one response needs beyond [`protect`].
pub fn allow_form(headers: &mut HeaderMap, FormAction(origin): &FormAction) {
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// A response with something in it that came from outside: whatever it is, it runs nothing and asks nobody.
#[derive(Debug, Clone, Copy)]
pub struct Sandboxed;

pub fn sandbox(headers: &mut HeaderMap) {
    const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
}

pub fn protect(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
