//! How long a page takes that nobody kept: from the visit to finished HTML, without network, cache and compression.
//! `cargo run --release -p portal-tests --example render_bench [rounds]`

use std::{fs, hint::black_box, time::Instant};

use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, Route, get};
use portal::{
    catalogue::{a_to_z, service, start},
    clock::Clock,
};
use portal_tests::{TODAY, Towns, moment, portal_of};

// the one of the real binary
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let rounds = std::env::args().nth(1).map_or(20_000, |rounds| rounds.parse().expect("a number of rounds"));
    let (portal, _) = portal_of(&Towns::shipped(), Clock::held_at(moment(TODAY))).expect("the shipped towns load");
    let tenant = portal.tenants.get("herford").expect("a shipped town");
    let slug = tenant.service("personalausweis-beantragen").expect("Herford offers it").slug().to_owned();
    let pages = Route::new()
        .at("/", get(start::show))
        .at("/dienstleistungen", get(a_to_z::list))
        .at("/dienstleistungen/:slug", get(service::show))
        .data(tenant)
        .data(portal)
        .map_to_response()
        .into_endpoint();
    for path in ["/", &format!("/dienstleistungen/{slug}"), "/dienstleistungen"] {
        let bytes = length(ask(&pages, path).await).await;
        let mut micros = Vec::with_capacity(rounds);
        let before = cpu_micros();
        for _ in 0..rounds {
            let start = Instant::now();
            black_box(ask(&pages, path).await);
            micros.push(start.elapsed().as_secs_f64() * 1e6);
        }
        let cpu = (cpu_micros() - before) / rounds as f64;
        micros.sort_by(f64::total_cmp);
        let at = |share: f64| micros[((rounds - 1) as f64 * share) as usize];
        println!("{path}: p50 {:.1} µs, p99 {:.1} µs, CPU {cpu:.1} µs each, {bytes} bytes", at(0.5), at(0.99));
    }
}

async fn ask(pages: &impl Endpoint<Output = Response>, path: &str) -> Response {
    let request = Request::builder().uri_str(path).finish();
    pages.call(request).await.expect("the page is there")
}

async fn length(page: Response) -> usize {
    page.into_body().into_bytes().await.map_or(0, |bytes| bytes.len())
}

/// What this thread has had of a processor so far, as Linux counts it.
fn cpu_micros() -> f64 {
    let counted = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
    let nanos: f64 = counted.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("it comes first");
    nanos / 1e3
}
