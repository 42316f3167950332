//! Which town is meant: exactly one authority, exactly matched (promise a5).

use hyper::Method;
use portal::web::front_door::Limits;
use portal_tests::{Answer, House, Towns};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

/// A page that belongs to no town: it has the headers of every answer and names nobody.
#[track_caller]
fn is_neutral(answer: Answer, status: u16) {
    let answer = answer.is(status);
    let text = answer.text().to_lowercase();
    assert!(text.contains("<h1>"), "a page for people: {text}");
    for name in ["ostrau", "westrau", "südau", "suedau", "xn--", "/assets/"] {
        assert!(!text.contains(name), "`{name}` stands in:\n{text}");
    }
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_ne!(answer.header("content-security-policy"), "");
}

#[tokio::test]
async fn an_unknown_host_gets_a_page_that_names_no_town() {
    let house = House::with_fixture_towns().await;
    let unknown = [
        "evil.example",
        "ostrau.example",
        "www.portal.ostrau.example",
        "portal.ostrau.example.evil.example",
        "localhost",
        "127.0.0.1",
        "127.0.0.1:8080",
        "[::1]",
        "[::1]:8080",
        "portal",
        "xportal.ostrau.example",
        "portal.ostrau.exampl",
    ];
    for host in unknown {
        for path in ["/", "/dienstleistungen", "/api/v1/services", "/assets/000000000000/portal.css", "/robots.txt"] {
            is_neutral(house.get(host, path).await, 421);
        }
    }
}

#[tokio::test]
async fn the_neutral_page_names_no_town_that_is_shipped_either() {
    let house = House::open(Towns::shipped()).await;
    let answer = house.get("evil.example", "/").await.is(421);
    let text = answer.text().to_lowercase();
    let towns = house.portal.tenants.all();
    assert_eq!(towns.len(), 2);
    for tenant in towns {
        let mut names = vec![tenant.town.name.clone(), tenant.town.full_name.clone(), tenant.id.to_string()];
        names.extend(tenant.hosts.iter().chain(&tenant.preview_hosts).map(ToString::to_string));
        for name in names {
            assert!(!text.contains(&name.to_lowercase()), "`{name}` stands in:\n{text}");
        }
    }
}

#[tokio::test]
async fn a_host_that_is_no_host_is_refused() {
    let house = House::with_fixture_towns().await;
    let malformed = [
        "",
        " ",
        ".",
        "..",
        "portal..ostrau.example",
        "portal.ostrau.example..",
        "portal.ostrau.example:x",
        "portal.ostrau.example:80:80",
        "portal.ostrau.example:99999",
        "portal.ostrau.example:-1",
        ":80",
        "a@portal.ostrau.example",
        "portal.ostrau.example/",
        "portal.ostrau.example?x",
        "portal.ostrau.example#x",
        "portal ostrau.example",
        "[::1",
        "[x]",
        "portal.ostrau.example,portal.westrau.example",
        "portal.ostrau.example\t",
        "*.ostrau.example",
        "xn--a.example",
        "%70ortal.ostrau.example",
    ];
    for host in malformed {
        let sent = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = house.raw(sent.as_bytes()).await;
        // spaces around a value belong to the line, not to the host
        let expected = if host.ends_with('\t') { "HTTP/1.1 200" } else { "HTTP/1.1 400" };
        assert!(answer.starts_with(expected), "`{host}`: {answer}");
    }
    let bytes = house.raw(b"GET / HTTP/1.1\r\nHost: b\xfcrger.westrau.example\r\nConnection: close\r\n\r\n").await;
    assert!(bytes.starts_with("HTTP/1.1 400"), "Latin-1: {bytes}");
}

#[tokio::test]
async fn a_missing_host_and_two_hosts_are_refused() {
    let house = House::with_fixture_towns().await;
    is_neutral(house.ask(Method::GET, "/", &[]).await, 400);
    is_neutral(house.ask(Method::GET, "/", &[("host", OSTRAU), ("host", WESTRAU)]).await, 400);
    is_neutral(house.ask(Method::GET, "/", &[("host", OSTRAU), ("host", OSTRAU)]).await, 400);
    is_neutral(house.ask(Method::GET, "/", &[("host", OSTRAU), ("host", "evil.example")]).await, 400);
    let answer = house.raw(b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.contains(" 400 "), "{answer}");
}

#[tokio::test]
async fn an_absolute_target_must_agree_with_the_host() {
    let house = House::with_fixture_towns().await;
    for target in [
        "http://portal.ostrau.example/faq",
        "http://PORTAL.ostrau.example:8080/faq",
        "https://portal.ostrau.example./faq",
    ] {
        house
            .ask(Method::GET, target, &[("host", OSTRAU)])
            .await
            .is(200)
            .says("Stadt Ostrau")
            .is_silent_about("Westrau");
    }
    for target in ["http://portal.westrau.example/faq", "http://evil.example/faq", "http://x@portal.ostrau.example/faq"]
    {
        is_neutral(house.ask(Method::GET, target, &[("host", OSTRAU)]).await, 400);
    }
    is_neutral(house.ask(Method::GET, "http://portal.ostrau.example/faq", &[]).await, 400);
}

#[tokio::test]
async fn one_name_in_several_spellings_is_one_town() {
    let house = House::with_fixture_towns().await;
    for host in [
        "portal.ostrau.example:8080",
        "portal.ostrau.example:",
        "PORTAL.Ostrau.EXAMPLE",
        "portal.ostrau.example.",
        "Portal.ostrau.example.:443",
    ] {
        house.get(host, "/faq").await.is(200).says("Stadt Ostrau").is_silent_about("Westrau");
    }
    // as UTF-8, as A-label, as letters with combining dots
    for host in [
        "bürger.westrau.example",
        "BÜRGER.westrau.example",
        "xn--brger-kva.westrau.example",
        "XN--BRGER-KVA.westrau.example.",
        "bu\u{308}rger.westrau.example",
    ] {
        house.get(host, "/faq").await.is(308).leads_to("https://portal.westrau.example/faq");
    }
}

#[tokio::test]
async fn a_name_that_only_looks_alike_is_unknown() {
    let house = House::with_fixture_towns().await;
    // Cyrillic `о`, Cyrillic `а`, Greek `ο`, no dots, `ue`, a zero
    for host in [
        "p\u{43e}rtal.ostrau.example",
        "portal.ostr\u{430}u.example",
        "p\u{3bf}rtal.ostrau.example",
        "burger.westrau.example",
        "buerger.westrau.example",
        "p0rtal.ostrau.example",
    ] {
        is_neutral(house.get(host, "/").await, 421);
    }
}

#[tokio::test]
async fn a_forwarded_host_counts_only_from_a_trusted_proxy() {
    let house = House::with_fixture_towns().await;
    for name in ["x-forwarded-host", "x-host", "x-original-host", "forwarded"] {
        let value = if name == "forwarded" { format!("host={WESTRAU}") } else { WESTRAU.to_owned() };
        let answer = house.get_with(OSTRAU, "/faq", &[(name, &value)]).await;
        answer.is(200).says("Stadt Ostrau").is_silent_about("Westrau");
    }
    house.get_with(OSTRAU, "/faq", &[("x-forwarded-host", "a"), ("x-forwarded-host", "b")]).await.is(200);

    let behind = House::open_with(
        Towns::fixture(),
        Limits { proxies: ["127.0.0.0/8".parse().unwrap()].into(), ..Limits::default() },
    )
    .await;
    behind
        .get_with(OSTRAU, "/faq", &[("x-forwarded-host", WESTRAU)])
        .await
        .is(200)
        .says("Hansestadt Westrau")
        .is_silent_about("Ostrau");
    behind
        .get_with("10.0.0.7:8080", "/faq", &[("x-forwarded-host", "Portal.Ostrau.example:443")])
        .await
        .is(200)
        .says("Stadt Ostrau");
    behind.get(OSTRAU, "/faq").await.is(200).says("Stadt Ostrau");
    is_neutral(behind.get_with(OSTRAU, "/faq", &[("x-forwarded-host", "evil.example")]).await, 421);
    is_neutral(behind.get_with(OSTRAU, "/faq", &[("x-forwarded-host", "a b")]).await, 400);
    is_neutral(behind.get_with(OSTRAU, "/faq", &[("x-forwarded-host", "")]).await, 400);
    is_neutral(behind.get_with(OSTRAU, "/faq", &[("x-forwarded-host", &format!("{WESTRAU}, {OSTRAU}"))]).await, 400);
    is_neutral(
        behind.get_with(OSTRAU, "/faq", &[("x-forwarded-host", WESTRAU), ("x-forwarded-host", WESTRAU)]).await,
        400,
    );
}

#[tokio::test]
async fn http2_names_its_town_in_the_authority() {
    let house = House::with_fixture_towns().await;
    house.ask_h2("http://portal.ostrau.example/faq", &[]).await.is(200).says("Stadt Ostrau").is_silent_about("Westrau");
    house.ask_h2("http://PORTAL.westrau.example:80/faq", &[]).await.is(200).says("Hansestadt Westrau");
    house
        .ask_h2("http://portal.ostrau.example/faq", &[("host", "PORTAL.ostrau.example.")])
        .await
        .is(200)
        .says("Stadt Ostrau");
    is_neutral(house.ask_h2("http://evil.example/", &[]).await, 421);
    is_neutral(house.ask_h2("http://portal.ostrau.example/faq", &[("host", WESTRAU)]).await, 400);
    is_neutral(house.ask_h2("http://portal.ostrau.example/faq", &[("host", OSTRAU), ("host", OSTRAU)]).await, 400);
}

#[tokio::test]
async fn a_suspended_town_says_so_with_its_looks_and_the_others_serve() {
    let towns = Towns::fixture();
    towns.change("ostrau/tenant.yaml", "status: live", "status: suspended");
    let house = House::open(towns).await;
    for path in ["/", "/faq", "/en/", "/nicht/da", "/alt/hund", "/faq/", "/robots.txt"] {
        let answer = house.get(OSTRAU, path).await.is(503).says("Stadt Ostrau").says("/assets/");
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    house.get(OSTRAU, "/en/").await.says("lang=\"en\"");
    let api = house.get(OSTRAU, "/api/v1/services").await.is(503);
    assert_eq!(api.header("content-type"), "application/problem+json");
    assert_eq!(api.json()["status"], 503);
    let page = house.get(OSTRAU, "/").await.text();
    let sheets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(sheets.len() > 2);
    for sheet in sheets {
        house.get(OSTRAU, sheet.split('#').next().unwrap()).await.is(200);
    }
    house.get(WESTRAU, "/").await.is(200).says("Hansestadt Westrau");
}
