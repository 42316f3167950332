//! Pages from the cache are the right ones, in every form, never longer than they are true.

use std::io::Read;

use hyper::Method;
use portal_tests::{Answer, House, Towns};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

fn decoded(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    match answer.header("content-encoding") {
        "" => plain.extend_from_slice(&answer.bytes),
        "gzip" => drop(flate2::read::GzDecoder::new(&answer.bytes[..]).read_to_end(&mut plain).unwrap()),
        "br" => drop(brotli::Decompressor::new(&answer.bytes[..], 4096).read_to_end(&mut plain).unwrap()),
        other => panic!("unknown coding `{other}`"),
    }
    plain
}

fn asset(house: &House, name: &str) -> String {
    house.portal.tenants.get("ostrau").unwrap().asset(name).unwrap().address()
}

/// Pages, a file, and every kind of answer of the API.
fn tagged(house: &House) -> Vec<String> {
    let mut paths: Vec<String> =
        ["/", "/dienstleistungen?online=1", "/en/faq", "/dienstleistungen/hund-anmelden", "/impressum"]
            .map(str::to_owned)
            .to_vec();
    paths.push(asset(house, "portal.css"));
    paths.extend(
        ["/api/v1/services", "/api/v1/services/ausweis", "/api/v1/search?q=hund", "/api/v1/openapi.json"]
            .map(str::to_owned),
    );
    paths
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let house = House::with_fixture_towns().await;
    for path in tagged(&house) {
        let full = house.get(OSTRAU, &path).await.is(200);
        let etag = full.header("etag").to_owned();
        assert_ne!(full.header("cache-control"), "", "{path} says nothing about keeping it");
        assert!(etag.starts_with("W/\"") && etag.ends_with('"'), "{path} has the tag `{etag}`");
        for known in
            [etag.clone(), etag.trim_start_matches("W/").to_owned(), format!("\"other\", {etag}"), "*".to_owned()]
        {
            let answer = house.get_with(OSTRAU, &path, &[("if-none-match", &known)]).await.is(304);
            assert!(answer.bytes.is_empty());
            assert_eq!(answer.header("etag"), etag);
            assert_eq!(answer.header("cache-control"), full.header("cache-control"), "{path}");
            assert_eq!(answer.header("vary"), full.header("vary"), "{path}");
            assert_eq!((answer.header("content-type"), answer.header("content-encoding")), ("", ""), "{path}");
        }
        for unknown in ["W/\"000000000000\"", "\"\"", "nonsense", "W/"] {
            house.get_with(OSTRAU, &path, &[("if-none-match", unknown)]).await.is(200);
        }
    }
}

#[tokio::test]
async fn every_coding_carries_the_same_bytes() {
    let house = House::with_fixture_towns().await;
    let mut paths = tagged(&house);
    paths.extend(
        ["/suche?q=hund", "/sitemap.xml", "/robots.txt", "/nicht/da", "/api/v1/services/nichts"].map(str::to_owned),
    );
    for path in paths {
        // the error pages carry the number of their request
        let is_error = path.contains("nicht");
        let identity = house.get(OSTRAU, &path).await;
        assert_eq!(identity.header("content-encoding"), "");
        let accepted = [
            ("gzip", "gzip"),
            ("br", "br"),
            ("gzip, deflate, br, zstd", "br"),
            ("GZIP", "gzip"),
            ("br;q=0, gzip", "gzip"),
            ("br; q=0.0, gzip; q=0.000", ""),
            ("deflate", ""),
            ("identity", ""),
            ("", ""),
        ];
        for (accepts, coding) in accepted {
            let answer = house.get_with(OSTRAU, &path, &[("accept-encoding", accepts)]).await;
            assert_eq!(answer.status, identity.status);
            let expected = if identity.bytes.len() < 1024 { "" } else { coding };
            assert_eq!(answer.header("content-encoding"), expected, "{path} for `{accepts}`");
            assert_eq!(answer.header("content-type"), identity.header("content-type"));
            assert_eq!(answer.header("etag"), identity.header("etag"));
            let plain = decoded(&answer);
            assert!(is_error || plain == identity.bytes, "{path} for `{accepts}` differs from the plain answer");
            assert!(coding.is_empty() || answer.header("vary").contains("Accept-Encoding"), "{path} for `{accepts}`");
            assert!(
                expected.is_empty() || answer.bytes.len() < identity.bytes.len(),
                "{path} for `{accepts}` is not smaller"
            );
        }
    }
    for path in tagged(&house) {
        if house.get_with(OSTRAU, &path, &[("accept-encoding", "br")]).await.header("content-encoding") == "br" {
            let vary = house.get(OSTRAU, &path).await.header("vary").to_owned();
            assert!(
                vary.contains("Accept-Encoding"),
                "a proxy would give the plain {path} to everybody or nobody: `{vary}`"
            );
        }
    }
}

#[tokio::test]
async fn a_query_that_changes_nothing_makes_no_entry() {
    let house = House::with_fixture_towns().await;
    house.get(OSTRAU, "/faq").await.is(200);
    assert_eq!(house.portal.cache.entries(), 1);
    for query in ["?utm_source=brief", "?q=hund&x=%00", "?", "?online=1"] {
        house.get(OSTRAU, &format!("/faq{query}")).await.is(200);
    }
    assert_eq!(house.portal.cache.entries(), 1);
    house.get(OSTRAU, "/dienstleistungen").await.is(200).says("Ausweis beantragen");
    house.get(OSTRAU, "/dienstleistungen?x=1").await.is(200);
    assert_eq!(house.portal.cache.entries(), 2);
    house.get(OSTRAU, "/dienstleistungen?kategorie=tiere").await.is(200).is_silent_about("Ausweis beantragen");
    house.get(OSTRAU, "/dienstleistungen?x=1&kategorie=tiere&y").await.is(200).is_silent_about("Ausweis beantragen");
    assert_eq!(house.portal.cache.entries(), 3);
    house.get(WESTRAU, "/dienstleistungen?kategorie=tiere").await.is(200).says("Westrau");
    assert_eq!(house.portal.cache.entries(), 4);
    // what is not a page of its own is not kept
    for path in ["/nicht/da", "/dienstleistungen/nichts", "/suche?q=hund", "/api/v1/services", "/robots.txt"] {
        house.get(OSTRAU, path).await;
    }
    assert_eq!(house.portal.cache.entries(), 4);
}

#[tokio::test]
async fn no_spelling_of_a_query_puts_another_page_in_its_place() {
    let all = ["/dienstleistungen", "/dienstleistungen?"];
    let animals = [
        "/dienstleistungen?kategorie=tiere",
        "/dienstleistungen?%6Bategorie=tiere",
        "/dienstleistungen?kategorie=%74iere",
    ];
    let repeated = [
        "/dienstleistungen?kategorie=tiere&kategorie=ausweis",
        "/dienstleistungen?kategorie=tiere&%6bategorie=",
        "/dienstleistungen?kategorie=tiere&kategorie",
    ];
    // whoever comes first, nobody after gets the wrong list
    for first in repeated.iter().chain(&animals).chain(&all) {
        let house = House::with_fixture_towns().await;
        house.get(OSTRAU, first).await.is(200);
        for path in all {
            house.get(OSTRAU, path).await.is(200).says("Ausweis beantragen").says("Hund anmelden");
        }
        for path in animals {
            let answer = house.get(OSTRAU, path).await.is(200).says("Hund anmelden");
            assert!(!answer.text().contains("Ausweis beantragen"), "{path} after {first} shows everything");
        }
    }
}

#[tokio::test]
async fn a_visit_with_a_session_neither_takes_nor_leaves_a_page() {
    let house = House::with_fixture_towns().await;
    for cookie in ["__Host-session=abc", "a=b; __Host-session=abc", "__Host-session="] {
        let answer = house.get_with(OSTRAU, "/faq", &[("cookie", cookie)]).await.is(200);
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert_eq!((answer.header("etag"), answer.header("cdn-cache-control")), ("", ""));
    }
    assert_eq!(house.portal.cache.entries(), 0);
    house.get_with(OSTRAU, "/faq", &[("cookie", "theme=dark; x__Host-session=1; y=__Host-session=2")]).await.is(200);
    assert_eq!(house.portal.cache.entries(), 1);
}

#[tokio::test]
async fn head_tells_what_get_would_send() {
    let house = House::with_fixture_towns().await;
    let mut paths = tagged(&house);
    paths.extend(
        ["/suche?q=hund", "/robots.txt", "/sitemap.xml", "/.well-known/security.txt", "/faq/", "/alt/hund"]
            .map(str::to_owned),
    );
    paths.extend(["/nicht/da", "/api/v1/services/nichts", "/api/v1/search"].map(str::to_owned));
    for path in paths {
        for accepts in ["identity", "br"] {
            let headers = [("host", OSTRAU), ("accept-encoding", accepts)];
            let get = house.ask(Method::GET, &path, &headers).await;
            let head = house.ask(Method::HEAD, &path, &headers).await;
            assert_eq!(head.status, get.status, "{path}");
            assert!(head.bytes.is_empty());
            assert_eq!(get.header("content-length"), get.bytes.len().to_string(), "GET {path}");
            let (mut of_get, mut of_head) = (get.headers.clone(), head.headers.clone());
            if get.status == 404 || get.status == 400 {
                // compressed, the number of the request makes it a few bytes longer or shorter
                assert_ne!(of_head.remove("content-length"), None, "{path}");
                of_get.remove("content-length");
            }
            of_get.remove("date");
            of_head.remove("date");
            assert_eq!(of_head, of_get, "{path} for `{accepts}`");
        }
    }
}

#[tokio::test]
async fn a_proxy_keeps_a_page_for_a_minute_and_never_past_a_dated_switch() {
    let house = House::with_fixture_towns().await;
    let answer = house.get(OSTRAU, "/").await.is(200);
    assert_eq!(
        (answer.header("cache-control"), answer.header("cdn-cache-control")),
        ("no-cache, s-maxage=60", "max-age=60")
    );

    // in Westrau the login changes at midnight, in Ostrau nothing does
    let house = House::open_at(Towns::fixture(), "2024-05-14T23:58:00").await;
    for (time, seconds) in
        [("23:58:00", 60), ("23:59:00", 60), ("23:59:01", 59), ("23:59:30", 30), ("23:59:59", 1), ("23:59:59.5", 0)]
    {
        house.set_time(&format!("2024-05-14T{time}"));
        for (host, seconds) in [(WESTRAU, seconds), (OSTRAU, 60)] {
            let answer = house.get(host, "/faq").await.is(200);
            assert_eq!(answer.header("cache-control"), format!("no-cache, s-maxage={seconds}"), "{host} at {time}");
            assert_eq!(answer.header("cdn-cache-control"), format!("max-age={seconds}"), "{host} at {time}");
        }
    }
    house.set_time("2024-05-15T00:00:00");
    assert_eq!(house.get(WESTRAU, "/faq").await.header("cache-control"), "no-cache, s-maxage=60");
}

#[tokio::test]
async fn a_file_is_kept_for_ever_under_its_hash_and_asked_for_under_another() {
    let house = House::with_fixture_towns().await;
    for name in ["portal.css", "portal.js", "icons.svg", "favicon.svg"] {
        let path = asset(&house, name);
        let now = house.get(OSTRAU, &path).await.is(200);
        assert_eq!(now.header("cache-control"), "public, max-age=31536000, immutable");
        let yesterday = house.get(OSTRAU, &format!("/assets/000000000000/{name}")).await.is(200);
        assert_eq!(yesterday.header("cache-control"), "no-cache");
        assert_eq!(yesterday.bytes, now.bytes);
    }
    for path in [
        "/assets/000000000000/nichts.css",
        "/assets/portal.css",
        "/assets/",
        "/assets/x/../portal.css",
        "/assets/x/%2e%2e%2fportal.css",
    ] {
        let status = house.get(OSTRAU, path).await.status;
        assert!([400, 404, 308].contains(&status), "{path}: {status}");
    }
}

#[tokio::test]
async fn the_cache_holds_no_more_bytes_than_it_may() {
    const ROOM: u64 = 256 * 1024;
    let house = House::open_with_cache(Towns::fixture(), ROOM).await;
    let mut largest = 0;
    for i in 0..80 {
        house
            .get(OSTRAU, &format!("/dienstleistungen?kategorie=gibt-es-nicht-{i}"))
            .await
            .is(200)
            .says("Hund anmelden");
        largest = largest.max(house.portal.cache.bytes());
    }
    assert!(largest <= ROOM, "{largest} bytes");
    assert!(largest > ROOM / 2, "{largest} bytes: the room is hardly used");
    assert!((2..80).contains(&house.portal.cache.entries()), "{} entries", house.portal.cache.entries());
}

#[tokio::test]
async fn a_new_version_of_a_town_is_never_answered_with_the_old_page() {
    let mut house = House::with_fixture_towns().await;
    let old = house.get(OSTRAU, "/dienstleistungen/hund-anmelden").await.is(200).says("96,00");
    let other = house.get(WESTRAU, "/dienstleistungen/hund-anmelden").await.is(200);
    house.towns.change("ostrau/tenant.yaml", "name: Ostrau", "name: Neu-Ostrau");
    assert_eq!(house.reload().changed, ["ostrau"]);
    let etag = old.header("etag");
    let new = house.get_with(OSTRAU, "/dienstleistungen/hund-anmelden", &[("if-none-match", etag)]).await.is(200);
    assert_ne!(new.says("Neu-Ostrau").header("etag"), etag);
    house
        .get_with(WESTRAU, "/dienstleistungen/hund-anmelden", &[("if-none-match", other.header("etag"))])
        .await
        .is(304);
}
