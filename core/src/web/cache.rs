//! Anonymous pages, rendered and compressed once per version of a town.
//!
//! Invariant: a key cannot be built without a [`TenantId`], so no town ever answers with another town's page. The
//! version in the key makes every reload and every dated switch start afresh.

use std::{
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use equivalent::Equivalent;
use jiff::Timestamp;
use moka::sync::Cache;
use poem::{
    Body, Endpoint, IntoResponse, PathPattern, Request, Response, ResponseParts,
    http::{self, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};
use tokio::sync::Mutex;

use super::{
    Portal, Rendered,
    front_door::{Envelope, Leaflet},
    gate, headers,
    metrics::{self, Counter, Handled},
};
use crate::{
    body::{Coding, Encoded, exact},
    tenant::{Tenant, TenantId},
    theme::short_hash,
};

/// Every visit with this cookie is somebody's, and never answered from the cache.
pub const SESSION_COOKIE: &str = "__Host-session";
/// Pages nobody asks for, those of older versions among them, leave after this.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);
const DEFAULT_BYTES: u64 = 64 * 1024 * 1024;

/// What is kept costs about this much beside its bytes.
const OVERHEAD: usize = 512;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    version: u64,
    path: String,
    /// Only the parameters the page declares, in its order.
    query: String,
}

/// A [`Key`] that borrows what it is made of; hashed field by field like one.
#[derive(Hash)]
struct Wanted<'a> {
    tenant: &'a TenantId,
    version: u64,
    path: &'a str,
    query: &'a str,
}

impl Equivalent<Key> for Wanted<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        (self.version, self.path, self.query, self.tenant) == (key.version, &*key.path, &*key.query, &key.tenant)
    }
}

/// A page ready to send.
#[derive(Debug)]
struct Ready {
    etag: HeaderValue,
    body: Encoded,
    handled: Arc<Handled>,
}

/// Pages by tenant, version, path and the query that matters; bounded by bytes.
pub struct PageCache {
    pages: Cache<Key, Arc<Ready>>,
    keeps: bool,
    heads: Heads,
    hits: Counter,
    /// A page that everybody wants and nobody has is made once; the hash of its key says who waits for whom.
    makers: [Mutex<()>; 32],
    hasher: RandomState,
}

impl PageCache {
    /// Without room (0 bytes) every page is made for the request that asks for it, which is how making one is measured.
    pub fn with_bytes(bytes: Option<u64>) -> Self {
        let weigh =
            |key: &Key, page: &Arc<Ready>| (page.body.len() + key.path.len() + key.query.len() + OVERHEAD) as u32;
        let bytes = bytes.unwrap_or(DEFAULT_BYTES);
        let pages = Cache::builder().time_to_idle(FORGOTTEN_AFTER).max_capacity(bytes).weigher(weigh).build();
        Self {
            pages,
            keeps: bytes > 0,
            heads: Heads::new(),
            hits: metrics::cache_hits(),
            makers: Default::default(),
            hasher: RandomState::new(),
        }
    }

    /// Counted after what waits to be thrown out is thrown out.
    pub fn entries(&self) -> u64 {
        self.pages.run_pending_tasks();
        self.pages.entry_count()
    }

    pub fn bytes(&self) -> u64 {
        self.pages.run_pending_tasks();
        self.pages.weighted_size()
    }

    fn get<Q: Equivalent<Key> + Hash>(&self, key: &Q) -> Option<Arc<Ready>> {
        let page = self.pages.get(key)?;
        self.hits.increment(1);
        Some(page)
    }

    fn keep(&self, key: Key, page: Arc<Ready>) {
        self.pages.insert(key, page);
        metrics::cache_holds(self.entries(), self.bytes());
    }

    fn maker_of(&self, key: &Key) -> &Mutex<()> {
        &self.makers[self.hasher.hash_one(key) as usize % self.makers.len()]
    }
}

/// Hands a page out by the envelope of a request alone. A kept page tells that the long way through the app leads to
/// it: for this version of the town nothing but the path and the query it is kept under decides about that.
pub fn leaflet(portal: &Portal, envelope: &Envelope<'_>) -> Option<Leaflet> {
    let is_head = match *envelope.method {
        Method::GET => false,
        Method::HEAD => true,
        _ => return None,
    };
    if has_session(envelope.headers) || gate::is_too_long(envelope.uri) {
        return None;
    }
    let tenant = gate::tenant_of(portal, envelope).ok()?;
    let (path, query) = (envelope.uri.path(), envelope.uri.query().unwrap_or_default());
    let wanted = Wanted { tenant: &tenant.id, version: tenant.version, path, query };
    let page = portal.cache.get(&wanted)?;
    let mut answer = Asked::by(envelope.headers).answer(portal, &tenant, &page);
    if is_head {
        let length = std::mem::take(answer.body_mut()).len();
        if answer.status() != StatusCode::NOT_MODIFIED {
            answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
    }
    Some(Leaflet { answer, handled: page.handled.clone() })
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
        if has_session(request.headers()) {
            let mut response = self.inner.call(request).await?.into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            return Ok(response);
        }
        let (portal, asked) = (&*self.portal, Asked::by(request.headers()));
        let query = relevant_query(request.uri().query().unwrap_or_default(), self.query);
        set_query(&mut request, &query);
        let path = request.original_uri().path().to_owned();
        let key = Key { tenant: tenant.id.clone(), version: tenant.version, path, query };
        if let Some(page) = portal.cache.get(&key) {
            return Ok(sent(asked.answer(portal, &tenant, &page)));
        }
        let _only_maker = match portal.cache.keeps {
            true => Some(portal.cache.maker_of(&key).lock().await),
            false => None,
        };
        if let Some(page) = portal.cache.get(&key) {
            return Ok(sent(asked.answer(portal, &tenant, &page)));
        }
        metrics::cache_missed();
        let pattern = request.data::<PathPattern>().map_or_else(String::new, |pattern| pattern.0.to_string());
        let mut response = self.inner.call(request).await?.into_response();
        let Some(Rendered { html }) = response.extensions_mut().remove() else { return Ok(response) };
        let html = exact(html.into_bytes());
        let body = match portal.cache.keeps {
            true => Encoded::compressed(html),
            false => Encoded::for_one(html, asked.coding),
        };
        let handled = Arc::new(Handled::new(Some(tenant.id.as_str().into()), pattern));
        let page = Arc::new(Ready::new(body, handled));
        if portal.cache.keeps {
            portal.cache.keep(key, page.clone());
        }
        Ok(sent(asked.answer(portal, &tenant, &page)))
    }
}

fn sent(answer: http::Response<Bytes>) -> Response {
    let (http::response::Parts { status, version, headers, extensions, .. }, bytes) = answer.into_parts();
    Response::from_parts(ResponseParts { status, version, headers, extensions }, Body::from_bytes(bytes))
}

fn has_session(headers: &HeaderMap) -> bool {
    // as bytes: another cookie may hold anything
    let cookies = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|b| *b == b';'));
    let mut names = cookies.filter_map(|cookie| cookie.split(|b| *b == b'=').next());
    names.any(|name| name.trim_ascii() == SESSION_COOKIE.as_bytes())
}

impl Ready {
    fn new(body: Encoded, handled: Arc<Handled>) -> Self {
        let etag = format!("W/\"{}\"", short_hash(&body.identity));
        Self { etag: HeaderValue::from_str(&etag).expect("a hash is plain ASCII"), body, handled }
    }
}

/// What a request says about the form of its answer.
struct Asked {
    coding: Coding,
    known: Option<HeaderValue>,
}

impl Asked {
    fn by(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        Self {
            coding: Coding::accepted(accepted.unwrap_or_default()),
            known: headers.get(header::IF_NONE_MATCH).cloned(),
        }
    }

    fn answer(&self, portal: &Portal, tenant: &Tenant, page: &Ready) -> http::Response<Bytes> {
        let (coding, bytes) = page.body.choose(self.coding);
        let is_known = self.known.as_ref().is_some_and(|known| matches(known, &page.etag));
        let (status, bytes, head) = match is_known {
            true => (StatusCode::NOT_MODIFIED, Bytes::new(), &portal.cache.heads.known),
            false => (StatusCode::OK, bytes.clone(), portal.cache.heads.of(coding)),
        };
        let mut answer = http::Response::new(bytes);
        *answer.status_mut() = status;
        *answer.headers_mut() = head.clone();
        answer.headers_mut().insert(header::ETAG, page.etag.clone());
        if tenant.next_switch.is_some() {
            let seconds = seconds_to_keep(tenant, portal.clock.now(), SHARED_SECONDS);
            if seconds < SHARED_SECONDS {
                keep_for(seconds, answer.headers_mut());
            }
        }
        answer
    }
}

/// The headers of every page, finished but for the tag: cloning them costs less than putting them together.
struct Heads {
    known: HeaderMap,
    identity: HeaderMap,
    gzip: HeaderMap,
    brotli: HeaderMap,
}

impl Heads {
    fn new() -> Self {
        let mut known = HeaderMap::new();
        known.insert(header::ETAG, HeaderValue::from_static(""));
        known.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Encoding"));
        keep_for(SHARED_SECONDS, &mut known);
        headers::protect(&mut known);
        let coded = |coding: Coding| {
            let mut head = known.clone();
            head.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            if let Some(token) = coding.token() {
                head.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
            }
            head
        };
        let [identity, gzip, brotli] = [Coding::Identity, Coding::Gzip, Coding::Brotli].map(coded);
        Self { known, identity, gzip, brotli }
    }

    fn of(&self, coding: Coding) -> &HeaderMap {
        match coding {
            Coding::Identity => &self.identity,
            Coding::Gzip => &self.gzip,
            Coding::Brotli => &self.brotli,
        }
    }
}

/// Weak comparison of a list of tags (RFC 9110, 13.1.2).
pub fn matches(known: &HeaderValue, etag: &HeaderValue) -> bool {
    fn bare(tag: &str) -> &str {
        tag.trim().trim_start_matches("W/")
    }
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.trim() == "*" || known.split(',').any(|tag| bare(tag) == bare(etag))
}

/// Whether a client's list of tags has this one.
pub fn is_known(known: &HeaderValue, etag: &str) -> bool {
    HeaderValue::from_str(etag).is_ok_and(|etag| matches(known, &etag))
}

/// For how long something may be kept that changes with the town's dates.
pub fn seconds_to_keep(tenant: &Tenant, now: Timestamp, at_most: i64) -> i64 {
    let until_switch = tenant.next_switch.map_or(at_most, |switch| switch.duration_since(now).as_secs());
    until_switch.clamp(0, at_most)
}

const SHARED_SECONDS: i64 = 60;

/// Browsers ask every time (and mostly hear 304); shared caches may keep a page for a short while, but never past the
/// moment at which something dated changes on it.
fn keep_for(seconds: i64, headers: &mut HeaderMap) {
    let value = |text: String| HeaderValue::from_str(&text).expect("a number is plain ASCII");
    headers.insert(header::CACHE_CONTROL, value(format!("no-cache, s-maxage={seconds}")));
    headers.insert(HeaderName::from_static("cdn-cache-control"), value(format!("max-age={seconds}")));
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
