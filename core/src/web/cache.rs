//! Anonymous pages, rendered and compressed once per version of a town.
//!
//! Invariant: a key cannot be built without a [`TenantId`], so no town ever answers with another town's page. The
//! generation in the key makes every reload and every dated switch start afresh.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use moka::sync::Cache;
use poem::{
    Body, Endpoint, IntoResponse, Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};

use super::{Portal, Rendered, metrics};
use crate::{
    body::{Coding, Encoded},
    tenant::{Tenant, TenantId},
    theme::short_hash,
};

/// Every visit with this cookie is somebody's, and never answered from the cache.
pub const SESSION_COOKIE: &str = "__Host-session";
/// Pages nobody asks for, those of older versions among them, leave after this.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);
const DEFAULT_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    generation: u64,
    path: String,
    /// Only the parameters the page declares, in its order.
    query: String,
}

/// A page ready to send.
#[derive(Debug)]
struct Ready {
    etag: HeaderValue,
    body: Encoded,
}

/// Pages by tenant, generation, path and the query that matters; bounded by bytes.
pub struct PageCache(Cache<Key, Arc<Ready>>);

impl PageCache {
    pub fn with_bytes(bytes: Option<u64>) -> Self {
        let weigh = |key: &Key, page: &Arc<Ready>| (page.body.len() + key.path.len() + key.query.len() + 256) as u32;
        Self(
            Cache::builder()
                .time_to_idle(FORGOTTEN_AFTER)
                .max_capacity(bytes.unwrap_or(DEFAULT_BYTES))
                .weigher(weigh)
                .build(),
        )
    }

    /// Counted after what waits to be thrown out is thrown out.
    pub fn entries(&self) -> u64 {
        self.0.run_pending_tasks();
        self.0.entry_count()
    }

    pub fn bytes(&self) -> u64 {
        self.0.run_pending_tasks();
        self.0.weighted_size()
    }
}

impl fmt::Debug for PageCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageCache({} entries, {} bytes)", self.entries(), self.bytes())
    }
}

/// An endpoint whose pages are the same for everybody; `query` names the parameters that change them.
pub struct Cached<E> {
    pub inner: E,
    pub portal: Arc<Portal>,
    pub query: &'static [&'static str],
}

impl<E: Endpoint> Endpoint for Cached<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let tenant = request.data::<Arc<Tenant>>().expect("the gate ran").clone();
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        if !is_read {
            return Ok(self.inner.call(request).await?.into_response());
        }
        if has_session(&request) {
            let mut response = self.inner.call(request).await?.into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            return Ok(response);
        }
        let asked = Asked::by(&request);
        let freshness = freshness(&tenant, self.portal.clock.now());
        let query = relevant_query(request.uri().query().unwrap_or_default(), self.query);
        set_query(&mut request, &query);
        let path = request.original_uri().path().to_owned();
        let key = Key { tenant: tenant.id.clone(), generation: tenant.generation, path, query };
        if let Some(page) = self.portal.cache.0.get(&key) {
            metrics::cache_hit();
            return Ok(asked.answer(&page, &freshness));
        }
        metrics::cache_missed();
        let mut response = self.inner.call(request).await?.into_response();
        let Some(rendered) = response.extensions_mut().remove::<Rendered>() else { return Ok(response) };
        let page = Arc::new(Ready::new(rendered.html));
        self.portal.cache.0.insert(key, page.clone());
        metrics::cache_holds(self.portal.cache.entries(), self.portal.cache.bytes());
        Ok(asked.answer(&page, &freshness))
    }
}

fn has_session(request: &Request) -> bool {
    let headers = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut names = headers.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.split('=').next());
    names.any(|name| name.trim() == SESSION_COOKIE)
}

impl Ready {
    fn new(html: String) -> Self {
        let etag = format!("W/\"{}\"", short_hash(html.as_bytes()));
        let etag = HeaderValue::from_str(&etag).expect("a hash is plain ASCII");
        Self { etag, body: Encoded::compressed(html.into()) }
    }
}

/// What a request says about the form of its answer.
struct Asked {
    coding: Coding,
    known: Option<HeaderValue>,
}

impl Asked {
    fn by(request: &Request) -> Self {
        Self {
            coding: Coding::accepted(request.header(header::ACCEPT_ENCODING).unwrap_or_default()),
            known: request.headers().get(header::IF_NONE_MATCH).cloned(),
        }
    }

    fn answer(&self, page: &Ready, freshness: &Freshness) -> Response {
        let (coding, bytes) = page.body.choose(self.coding);
        let is_known = self.known.as_ref().is_some_and(|known| matches(known, &page.etag));
        let mut response = Response::builder()
            .header(header::ETAG, page.etag.clone())
            .header(header::CACHE_CONTROL, freshness.browsers.clone())
            .header("cdn-cache-control", freshness.shared.clone())
            .header(header::VARY, "Cookie, Accept-Encoding");
        if is_known {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        if let Some(token) = coding.token() {
            response = response.header(header::CONTENT_ENCODING, token);
        }
        response.content_type("text/html; charset=utf-8").body(Body::from_bytes(bytes.clone()))
    }
}

/// Weak comparison of a list of tags (RFC 9110, 13.1.2).
pub fn matches(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.trim() == "*" || known.split(',').any(|tag| bare(tag) == bare(etag))
}

/// Whether a client's list of tags has this one.
pub fn is_known(known: &HeaderValue, etag: &str) -> bool {
    HeaderValue::from_str(etag).is_ok_and(|etag| matches(known, &etag))
}

/// Browsers ask every time (and mostly hear 304); shared caches may keep a page for a short while, but never past the
/// moment at which something dated changes on it.
struct Freshness {
    browsers: String,
    shared: String,
}

/// For how long something may be kept that changes with the town's dates.
pub fn seconds_to_keep(tenant: &Tenant, now: Timestamp, at_most: i64) -> i64 {
    let until_switch = tenant.next_switch.map_or(at_most, |switch| switch.duration_since(now).as_secs());
    until_switch.clamp(0, at_most)
}

const SHARED_SECONDS: i64 = 60;

fn freshness(tenant: &Tenant, now: Timestamp) -> Freshness {
    let seconds = seconds_to_keep(tenant, now, SHARED_SECONDS);
    Freshness { browsers: format!("no-cache, s-maxage={seconds}"), shared: format!("max-age={seconds}") }
}

/// The first value of each parameter that matters, in the order of the page.
fn relevant_query(query: &str, names: &[&str]) -> String {
    let given: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let mut relevant = form_urlencoded::Serializer::new(String::new());
    for name in names {
        relevant.extend_pairs(given.iter().find(|(key, _)| key == name));
    }
    relevant.finish()
}

/// The page sees exactly the query under which it is kept: with repeated or percent-encoded names it would otherwise
/// read another one than the key, and everybody after would get the wrong list.
fn set_query(request: &mut Request, query: &str) {
    let path = request.uri().path();
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    *request.uri_mut() = target.parse().expect("a path that came in and an encoded query are an address");
}
