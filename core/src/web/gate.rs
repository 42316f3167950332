//! Which town is meant: exactly one authority, looked up exactly. Everything else is refused before any town is touched.

use std::sync::Arc;

use poem::{
    Response,
    http::{HeaderValue, StatusCode, Uri, Version, header, uri::PathAndQuery},
};

use super::{
    Portal,
    front_door::{Envelope, Peer},
    neutral,
    send::AN_HOUR,
};
use crate::tenant::{Authority, Found, Tenant, schema::Status};

/// A request path longer than this is no address of ours.
const MAX_TARGET: usize = 8 * 1024;

/// The tenant of a request, or the answer that ends it here.
pub fn tenant_of(portal: &Portal, envelope: &Envelope<'_>) -> Result<Arc<Tenant>, Box<Response>> {
    let host = authority_of(portal, envelope).ok_or_else(|| Box::new(neutral::page(StatusCode::BAD_REQUEST)))?;
    // `*` is no address of a page, and behind a host it would become a part of the host
    if !envelope.uri.path().starts_with('/') {
        return Err(Box::new(neutral::page(StatusCode::BAD_REQUEST)));
    }
    match portal.tenants.find(&host) {
        Found::Unknown => Err(Box::new(neutral::page(StatusCode::MISDIRECTED_REQUEST))),
        Found::Broken => Err(Box::new(neutral::page(StatusCode::SERVICE_UNAVAILABLE))),
        Found::Tenant(tenant) => match canonical_redirect(portal, &tenant, &host, envelope.uri) {
            Some(redirect) => Err(Box::new(redirect)),
            None => Ok(tenant),
        },
    }
}

/// Exactly one authority. HTTP/1.1 has it in `Host` (and perhaps in an absolute target, which must agree), HTTP/2 in
/// `:authority` (and perhaps in `Host`, which must agree). A trusted proxy may name the host the citizen asked for.
fn authority_of(portal: &Portal, envelope: &Envelope<'_>) -> Option<Authority> {
    let mut host_headers = envelope.headers.get_all(header::HOST).iter();
    let host = host_headers.next().map(|value| parsed(portal, value));
    if host_headers.next().is_some() {
        return None;
    }
    // a user part in the target would be ignored by some and believed by others
    let target = envelope.uri.authority().map(|authority| Authority::parse(authority.as_str()).ok());
    let direct = match (host, target) {
        (Some(host), Some(target)) => host.filter(|host| Some(host) == target.as_ref()),
        (Some(host), None) => host,
        (None, Some(target)) if envelope.version == Version::HTTP_2 => target,
        (None, _) => None,
    }?;
    match envelope.peer {
        Some(peer) if peer.forwarded_conflict => None,
        Some(Peer { forwarded_host: Some(forwarded), .. }) => Authority::parse(forwarded).ok(),
        _ => Some(direct),
    }
}

fn parsed(portal: &Portal, value: &HeaderValue) -> Option<Authority> {
    // bytes above ASCII are read as UTF-8: `löhne` is the same host as its A-label
    let text = std::str::from_utf8(value.as_bytes()).ok()?;
    // most hosts come as they are configured, which is what parsing them leads to
    portal.tenants.spelled(text).or_else(|| Authority::parse(text).ok())
}

/// Hosts beside the canonical one lead there, with path and query; preview hosts are served as they are.
fn canonical_redirect(portal: &Portal, tenant: &Tenant, host: &Authority, uri: &Uri) -> Option<Response> {
    if host == tenant.canonical_host() || tenant.preview_hosts.contains(host) {
        return None;
    }
    // `GET *` has no path: it must not become a part of the host name
    let path = uri.path_and_query().map(PathAndQuery::as_str).filter(|path| path.starts_with('/')).unwrap_or("/");
    Some(redirect(StatusCode::PERMANENT_REDIRECT, &format!("{}{path}", portal.public.of_town(tenant))))
}

/// Whether a request of a town came to its canonical host, and not to a preview.
pub fn is_at_home(portal: &Portal, tenant: &Tenant, envelope: &Envelope<'_>) -> bool {
    authority_of(portal, envelope).is_some_and(|host| host == *tenant.canonical_host())
}

/// What ends a request of a known town before it is routed.
///
/// Nothing but the version of the town, the path and the length of the target may decide here: a page that lies in the
/// cache has been through this, and is handed out by its path without being asked again.
pub fn early_answer(tenant: &Tenant, uri: &Uri) -> Result<(), Early> {
    if is_too_long(uri) {
        return Err(Early::Status(StatusCode::URI_TOO_LONG));
    }
    let path = uri.path();
    let Ok(decoded) = percent_encoding::percent_decode_str(path).decode_utf8() else {
        return Err(Early::Status(StatusCode::BAD_REQUEST));
    };
    if decoded.contains(|c: char| c.is_control() || c == '\\') || decoded.split('/').any(|part| part == "..") {
        return Err(Early::Status(StatusCode::BAD_REQUEST));
    }
    if tenant.status() == Status::Suspended && !path.starts_with("/assets/") {
        return Err(Early::Status(StatusCode::SERVICE_UNAVAILABLE));
    }
    if let Some(target) = redirect_target(tenant, &decoded, uri.query()) {
        return Err(Early::Redirect(StatusCode::MOVED_PERMANENTLY, target));
    }
    match tidy_path(tenant, path) {
        Some(tidy) => Err(Early::Redirect(StatusCode::PERMANENT_REDIRECT, with_query(&tidy, uri.query()))),
        None => Ok(()),
    }
}

pub fn is_too_long(uri: &Uri) -> bool {
    uri.path_and_query().map_or(0, |target| target.as_str().len()) > MAX_TARGET
}

pub enum Early {
    Status(StatusCode),
    Redirect(StatusCode, String),
}

/// The town's own table of old addresses and printed codes.
fn redirect_target(tenant: &Tenant, path: &str, query: Option<&str>) -> Option<String> {
    if tenant.redirects.is_empty() {
        return None;
    }
    let trimmed = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let target = tenant.redirects.get(path).or_else(|| tenant.redirects.get(trimmed))?;
    Some(if target.contains('?') { target.clone() } else { with_query(target, query) })
}

/// `/faq/` is `/faq`, `/en` is `/en/`, and German pages stand without `/de`.
fn tidy_path(tenant: &Tenant, path: &str) -> Option<String> {
    // `//host` must never become a redirect to another host
    if path.starts_with("//") {
        return None;
    }
    let rest = path.strip_prefix("/de").filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
    let bare = rest.trim_matches('/');
    let is_locale = tenant.has_locale(bare).is_some();
    let tidy = if is_locale { format!("/{bare}/") } else { format!("/{bare}") };
    (tidy != path).then_some(tidy)
}

fn with_query(target: &str, query: Option<&str>) -> String {
    match query.filter(|query| !query.is_empty()) {
        Some(query) => format!("{target}?{query}"),
        None => target.to_owned(),
    }
}

pub fn redirect(status: StatusCode, target: &str) -> Response {
    let encoded = percent_encoding::utf8_percent_encode(target, &UNSAFE_IN_LOCATION).to_string();
    match HeaderValue::from_str(&encoded) {
        Ok(location) => Response::builder()
            .status(status)
            .header(header::LOCATION, location)
            .header(header::CACHE_CONTROL, AN_HOUR)
            .finish(),
        Err(_) => neutral::page(StatusCode::BAD_REQUEST),
    }
}

/// Only what may not stand in a header: the rest of an address is kept as it came.
const UNSAFE_IN_LOCATION: percent_encoding::AsciiSet = percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
