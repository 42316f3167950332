//! Security headers stand on every response, whoever wrote it and whatever went wrong (promise g).

use http::{HeaderMap, HeaderName, HeaderValue};
use hyper::Method;
use portal_tests::{Answer, House, Towns};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";
/// As a browser says of a form on one of our own pages.
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");

const EXPECTED: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"),
];

#[track_caller]
fn is_protected(answer: &Answer, what: &str) {
    for (name, value) in EXPECTED {
        let sent: Vec<_> = answer.headers.get_all(name).iter().collect();
        assert_eq!(sent, [value], "`{name}` of {what}");
    }
    for told in ["server", "x-powered-by", "set-cookie"] {
        assert_eq!(answer.header(told), "", "`{told}` of {what}");
    }
}

/// An answer out of the bytes of a connection.
fn read(raw: &str) -> Answer {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: `{raw}`"));
    let mut lines = head.lines();
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status line");
    let header = |line: &str| -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = line.split_once(": ")?;
        Some((name.parse().ok()?, value.parse().ok()?))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(header) {
        headers.append(name, value);
    }
    Answer { status, headers, bytes: body.to_owned().into() }
}

#[tokio::test]
async fn bytes_that_are_no_request_are_refused_with_a_protected_page() {
    let house = House::with_fixture_towns().await;
    let huge = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(2_000_000));
    for (bytes, status) in [
        ("GARBAGE\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: portal.ostrau.example\r\nContent-Length: x\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: portal.ostrau.example\r\nbad name: x\r\n\r\n", "400"),
        (&huge, "431"),
    ] {
        let answer = house.raw(bytes.as_bytes()).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        for (name, value) in EXPECTED {
            assert!(head.to_lowercase().contains(&format!("{name}: {value}").to_lowercase()), "{name} in {head}");
        }
        assert!(body.ends_with("</html>\n") && !body.contains("Ostrau"), "{body}");
    }
}

#[tokio::test]
async fn every_kind_of_answer_is_protected() {
    let towns = Towns::fixture();
    towns.change("suedau/tenant.yaml", "status: preview", "status: suspended");
    let house = House::open(towns).await;
    let css = house.portal.tenants.get("ostrau").unwrap().asset("portal.css").unwrap().address();
    let answered = [
        (200, "/"),
        (200, &css),
        (200, "/assets/000000000000/icons.svg"),
        (200, "/api/v1/services"),
        (200, "/api/v1/openapi.json"),
        (200, "/robots.txt"),
        (200, "/suche?q=%3Cscript%3E"),
        (301, "/alt/hund"),
        (308, "/faq/"),
        (400, "/%00"),
        (400, "/api/v1/search"),
        (404, "/nicht/da"),
        (404, "/api/v1/services/nichts"),
        (404, "/api/v2"),
        (404, "/assets/x/nichts"),
    ];
    for (status, path) in answered {
        is_protected(&house.get(OSTRAU, path).await.is(status), path);
        is_protected(&house.ask(Method::HEAD, path, &[("host", OSTRAU)]).await.is(status), path);
        is_protected(&house.ask_h2(&format!("http://{OSTRAU}{path}"), &[]).await.is(status), path);
        is_protected(&house.get_with(OSTRAU, path, &[("accept-encoding", "br")]).await.is(status), path);
        is_protected(&house.get_with(OSTRAU, path, &[("cookie", "__Host-session=x")]).await.is(status), path);
    }
    let etag = house.get(OSTRAU, "/faq").await.header("etag").to_owned();
    is_protected(&house.get_with(OSTRAU, "/faq", &[("if-none-match", &etag)]).await.is(304), "304");
    is_protected(&house.get("service.ostrau.example", "/faq").await.is(308), "another host");
    is_protected(&house.get("evil.example", "/").await.is(421), "an unknown host");
    is_protected(&house.ask(Method::GET, "/", &[("host", OSTRAU), ("host", WESTRAU)]).await.is(400), "two hosts");
    is_protected(&house.get("portal.suedau.example", "/").await.is(503), "a suspended town");
    is_protected(&house.get("portal.suedau.example", "/api/v1/services").await.is(503), "its API");
    is_protected(&house.get(OSTRAU, &format!("/suche?q={}", "a".repeat(9000))).await.is(414), "a long address");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::TRACE] {
        for path in ["/faq", "/api/v1/services"] {
            let answer = house.ask(method.clone(), path, &[("host", OSTRAU), SAME_ORIGIN]).await.is(405);
            is_protected(&answer, &format!("{method} {path}"));
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_a_protected_page() {
    let house = House::with_fixture_towns().await;
    let body = format!("POST /faq HTTP/1.1\r\nHost: {OSTRAU}\r\nContent-Length: 1000000\r\n\r\n");
    is_protected(&read(&house.raw(body.as_bytes()).await).is(413).says("zu groß"), "a large body");

    let many: String = (0..80).map(|i| format!("X-{i}: y\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "a".repeat(40_000));
    for (what, headers) in [("many headers", many), ("long headers", long)] {
        let sent = format!("GET /faq HTTP/1.1\r\nHost: {OSTRAU}\r\n{headers}\r\n");
        is_protected(&read(&house.raw(sent.as_bytes()).await).is(431).says("zu groß"), what);
    }
    let many: Vec<(String, String)> = (0..80).map(|i| (format!("x-{i}"), "y".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    is_protected(&house.ask_h2(&format!("http://{OSTRAU}/faq"), &many).await.is(431), "many headers over HTTP/2");
}

#[tokio::test]
async fn a_page_that_fails_is_a_protected_500_in_the_towns_face_and_tells_no_secret() {
    let towns = Towns::fixture().with_themes();
    towns.write_theme(
        "base/templates/faq.html",
        "{% extends \"layout.html\" %}{% block content %}{{ geheim.gibt.es.nicht }}{% endblock content %}",
    );
    let house = House::open(towns).await;
    assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
    let answer =
        house.get(OSTRAU, "/faq").await.is(500).says("Stadt Ostrau").says("Da ist bei uns etwas schiefgegangen");
    assert_eq!(answer.header("cache-control"), "no-store");
    is_protected(&answer.is_silent_about("geheim").is_silent_about("faq.html"), "500");
    house.get(OSTRAU, "/kontakt").await.is(200);
    assert_eq!(house.portal.cache.entries(), 1, "the failure is not kept");
}

#[tokio::test]
async fn a_town_that_never_loaded_is_a_protected_503_that_names_nobody() {
    let towns = Towns::fixture();
    towns.write("westrau/start.yaml", "tiles: 7\n");
    let house = House::open(towns).await;
    let answer = house.get(WESTRAU, "/").await.is(503).is_silent_about("estrau").is_silent_about("strau");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    is_protected(&answer, "a broken town");
    house.get(OSTRAU, "/").await.is(200);
}

#[tokio::test]
async fn a_page_takes_no_post_and_says_what_it_takes() {
    let house = House::with_fixture_towns().await;
    for path in ["/", "/faq", "/en/faq", "/dienstleistungen/hund-anmelden", "/suche"] {
        let answer = house
            .ask(Method::POST, path, &[("host", OSTRAU), SAME_ORIGIN])
            .await
            .is(405)
            .says("Stadt Ostrau")
            .says("/dienstleistungen");
        assert_eq!((answer.header("allow"), answer.header("cache-control")), ("GET, HEAD", "no-store"), "{path}");
    }
    house
        .ask(Method::POST, "/faq", &[("host", OSTRAU), SAME_ORIGIN])
        .await
        .says("So lässt sich diese Seite nicht aufrufen");
    house.ask(Method::POST, "/nicht/da", &[("host", OSTRAU)]).await.is(404);
    for (method, path, takes) in [
        (Method::PUT, "/kontakt", "GET, HEAD, POST"),
        (Method::DELETE, "/en/kontakt", "GET, HEAD, POST"),
        (Method::PUT, "/anmelden/bundid", "GET, HEAD, POST"),
        (Method::GET, "/verwaltung/abmelden", "POST"),
        (Method::GET, "/saml/bundid/acs", "POST"),
        (Method::DELETE, "/saml/bundid/metadata", "GET, HEAD"),
    ] {
        let answer = house.ask(method, path, &[("host", OSTRAU), SAME_ORIGIN]).await.is(405);
        assert_eq!(answer.header("allow"), takes, "{path}");
    }
}

#[tokio::test]
async fn who_has_to_log_in_first_is_told_how() {
    let house = House::with_fixture_towns().await;
    for path in ["/meine-daten/sitzungen", "/verwaltung/abmelden"] {
        let answer = house.ask(Method::POST, path, &[("host", OSTRAU), SAME_ORIGIN]).await.is(401);
        assert_eq!(answer.header("www-authenticate"), "Cookie realm=\"portal\"", "{path}");
    }
}
