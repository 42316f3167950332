//! How an answer leaves: files with their hash, codings, versions that are known already, and how long it may be kept.

use jiff::Timestamp;
use poem::{
    Body, Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};

use super::{
    cache::{matches, seconds_to_keep},
    neutral,
};
use crate::{
    body::{Coding, Encoded},
    tenant::Tenant,
};

/// For what changes seldom; shortened where a dated switch comes sooner.
pub const AN_HOUR: &str = "max-age=3600";

/// Files under the address that carries their hash; a page of yesterday still finds today's file.
pub fn asset(tenant: &Tenant, request: &Request, coding: Coding) -> Option<Response> {
    let (hash, name) = request.uri().path().strip_prefix("/assets/")?.split_once('/')?;
    let asset = tenant.asset(name)?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some(neutral::refusal(StatusCode::METHOD_NOT_ALLOWED));
    }
    let caching = if hash == asset.hash { "public, max-age=31536000, immutable" } else { "no-cache" };
    let etag = format!("W/\"{}\"", asset.hash);
    let (coding, bytes) = asset.body.choose(coding);
    let mut response = Response::builder()
        .header(header::CACHE_CONTROL, caching)
        .header(header::ETAG, &etag)
        .header(header::VARY, "Accept-Encoding")
        .content_type(asset.content_type);
    if let Some(token) = coding.token() {
        response = response.header(header::CONTENT_ENCODING, token);
    }
    // a drawing opened by itself may bring its own looks, and nothing else
    if asset.content_type == "application/octet-stream" {
        response = response.header(header::CONTENT_DISPOSITION, "attachment");
    }
    Some(response.body(Body::from_bytes(bytes.clone())))
}

/// What says nothing about it is not kept by anybody, nothing is kept past a dated switch, what was not prepared by the
/// cache is compressed here, and a known version is not sent again.
pub async fn finish(
    response: &mut Response,
    tenant: &Tenant,
    now: Timestamp,
    coding: Coding,
    known: Option<HeaderValue>,
) {
    let compressible = response.content_type().is_some_and(|kind| {
        ["text/", "application/json", "application/xml", "application/problem+json"]
            .iter()
            .any(|known| kind.starts_with(known))
    });
    let prepared =
        response.headers().contains_key(header::CONTENT_ENCODING) || response.headers().contains_key(header::VARY);
    let headers = response.headers_mut();
    if headers.get(header::CACHE_CONTROL).is_some_and(|value| value == AN_HOUR) {
        let seconds = seconds_to_keep(tenant, now, 3600);
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_str(&format!("max-age={seconds}")).expect("a number is plain ASCII"),
        );
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    headers.entry(header::VARY).or_insert(HeaderValue::from_static("Cookie, Accept-Encoding"));
    if let (Some(known), Some(etag)) = (&known, response.headers().get(header::ETAG))
        && response.status() == StatusCode::OK
        && matches(known, etag)
    {
        response.set_status(StatusCode::NOT_MODIFIED);
        response.set_body(Body::empty());
        for name in [header::CONTENT_ENCODING, header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            response.headers_mut().remove(name);
        }
        return;
    }
    if prepared || !compressible || coding == Coding::Identity {
        return;
    }
    let Ok(bytes) = response.take_body().into_bytes().await else { return };
    let encoded = Encoded::for_one(bytes, coding);
    let (coding, bytes) = encoded.choose(coding);
    if let Some(token) = coding.token() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    response.set_body(Body::from_bytes(bytes.clone()));
}
