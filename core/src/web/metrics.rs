//! The names of everything that is measured, in one place.
//!
//! Invariant: labels are bounded. A tenant is one the house knows (or empty), a route is a template, a method one of
//! the nine of RFC 9110 and 5789 – nothing a visitor types becomes a label.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use metrics::Counter;
use metrics::{Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use poem::http::Method;

use crate::tenant::TenantId;

pub const REQUESTS: &str = "portal_requests_total";
pub const REQUEST_SECONDS: &str = "portal_request_seconds";
pub const CONNECTIONS: &str = "portal_connections";
pub const CONNECTIONS_REFUSED: &str = "portal_connections_refused_total";
pub const RELOADS: &str = "portal_reloads_total";
pub const CACHE_ENTRIES: &str = "portal_cache_entries";
pub const CACHE_BYTES: &str = "portal_cache_bytes";
pub const CACHE_HITS: &str = "portal_cache_hits_total";
pub const CACHE_MISSES: &str = "portal_cache_misses_total";
pub const THROTTLED: &str = "portal_throttled_total";
pub const TENANTS: &str = "portal_tenants";
pub const JOBS: &str = "portal_jobs";
pub const PASSWORDS: &str = "portal_passwords_hashed_total";
pub const REGISTRATIONS: &str = "portal_registrations_total";
pub const DATA_ROOM: &str = "portal_data_room";

/// What the app knows about a request and the front door does not. The app puts it into the extensions of its
/// response; the front door counts and logs with it. Without it both are empty: an unknown host has no tenant.
#[derive(Debug, Default)]
pub struct Handled {
    pub tenant: Option<Arc<str>>,
    /// The template (`/dienstleistungen/:slug`), never the path that was asked for.
    pub route: Cow<'static, str>,
    figures: Figures,
}

/// The figures of an answer that is given again and again; looking one up costs more than counting.
#[derive(Debug, Default)]
struct Figures {
    sent: OnceLock<Counter>,
    known: OnceLock<Counter>,
    seconds: OnceLock<Histogram>,
}

impl Handled {
    pub fn new(tenant: Option<Arc<str>>, route: impl Into<Cow<'static, str>>) -> Self {
        Self { tenant, route: route.into(), figures: Figures::default() }
    }
}

/// Installs the recorder of this process and returns what `/metrics` is rendered from; later calls return the same.
pub fn install() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.into()), SECONDS)
                .expect("there is at least one bucket")
                .build_recorder();
            let handle = recorder.handle();
            // Somebody who embeds the house may have a recorder already; then ours stays empty.
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed, `/metrics` stays empty");
            }
            describe();
            handle
        })
        .clone()
}

pub fn request_answered(handled: &Handled, method: &'static str, status: u16, took: Duration) {
    let Handled { tenant, route, figures } = handled;
    let tenant = || tenant.as_deref().unwrap_or_default().to_owned();
    let answered = || counter!(REQUESTS, "tenant" => tenant(), "route" => route.to_string(), "method" => method, "status" => status.to_string());
    let took_so_long = || histogram!(REQUEST_SECONDS, "tenant" => tenant(), "route" => route.to_string());
    match (method, status) {
        ("GET", 200) => figures.sent.get_or_init(answered).increment(1),
        ("GET", 304) => figures.known.get_or_init(answered).increment(1),
        _ => answered().increment(1),
    }
    figures.seconds.get_or_init(took_so_long).record(took);
}

pub fn connection_opened() {
    gauge!(CONNECTIONS).increment(1.0);
}

pub fn connection_closed() {
    gauge!(CONNECTIONS).decrement(1.0);
}

pub fn connection_refused() {
    counter!(CONNECTIONS_REFUSED).increment(1);
}

/// A reload of tenants: `ok`, `kept` (a broken one keeps its last good version).
pub fn reloaded(result: &'static str) {
    counter!(RELOADS, "result" => result).increment(1);
}

pub fn cache_holds(entries: u64, bytes: u64) {
    gauge!(CACHE_ENTRIES).set(entries as f64);
    gauge!(CACHE_BYTES).set(bytes as f64);
}

/// For somebody who counts often.
pub fn cache_hits() -> Counter {
    counter!(CACHE_HITS)
}

pub fn cache_missed() {
    counter!(CACHE_MISSES).increment(1);
}

/// A request over one of the budgets of `limits.rates`.
pub fn throttled(tenant: &TenantId, budget: &'static str) {
    counter!(THROTTLED, "tenant" => tenant.to_string(), "budget" => budget).increment(1);
}

pub fn tenants(state: &'static str, count: usize) {
    gauge!(TENANTS, "state" => state).set(count as f64);
}

/// Jobs in each state, over all nodes.
pub fn jobs(state: &'static str, count: i64) {
    gauge!(JOBS, "state" => state).set(count as f64);
}

/// A password was hashed, to be kept or to be compared: some hundredths of a second of one core.
pub fn password_hashed() {
    counter!(PASSWORDS).increment(1);
}

/// Somebody registers for an account of the portal's own: `asked`, `confirmed`, `lapsed`.
pub fn registration(tenant: &str, step: &'static str, how_many: u64) {
    counter!(REGISTRATIONS, "tenant" => tenant.to_owned(), "step" => step).increment(how_many);
}

/// Whether the data room answered when it was last asked.
pub fn data_room(answers: bool) {
    gauge!(DATA_ROOM).set(f64::from(u8::from(answers)));
}

/// A method as a label; whatever a visitor invents is one word.
pub fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => "other",
    }
}

const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

fn describe() {
    describe_counter!(REQUESTS, "requests by town, route template, method and status (499: the visitor left)");
    describe_histogram!(REQUEST_SECONDS, "seconds from the request's head to the last byte of the answer");
    describe_gauge!(CONNECTIONS, "connections open at the front door");
    describe_counter!(CONNECTIONS_REFUSED, "connections closed at once because the house was full");
    describe_counter!(RELOADS, "reloads of tenants by result");
    describe_gauge!(CACHE_ENTRIES, "pages in the cache");
    describe_gauge!(CACHE_BYTES, "bytes in the cache");
    describe_counter!(CACHE_HITS, "pages answered from the cache");
    describe_counter!(CACHE_MISSES, "pages rendered because the cache did not have them");
    describe_counter!(THROTTLED, "requests refused because one connection asked too much, by town and budget");
    describe_gauge!(TENANTS, "towns by state");
    describe_counter!(PASSWORDS, "passwords hashed, to be kept or to be compared");
    describe_counter!(REGISTRATIONS, "registrations for accounts of the portal's own, by town and step");
    describe_gauge!(DATA_ROOM, "1 while the data room answers, 0 while only public pages are served");
    describe_gauge!(JOBS, "jobs by state, over all nodes (dead: failed for good, somebody has to look)");
}
