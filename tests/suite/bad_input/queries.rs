//! Hostile addresses: a plain page or a clear refusal, never a failure, never a way out to another host.

use portal_tests::{Answer, House};

const HOST: &str = "portal.ostrau.example";

/// A `Location` may stay at the town and nowhere else.
fn stays_here(location: &str) -> bool {
    let path = location.strip_prefix("https://portal.ostrau.example").unwrap_or(location);
    path.starts_with('/') && (path != location || !path[1..].starts_with(['/', '\\']))
}

fn is_calm(answer: &Answer, target: &str) {
    assert!(answer.status < 500, "{target}: {}", answer.status);
    assert!((200..500).contains(&answer.status), "{target}: {}", answer.status);
    if (300..400).contains(&answer.status) {
        assert!(stays_here(answer.header("location")), "{target} leads to {}", answer.header("location"));
    }
    assert!(!answer.header("content-security-policy").is_empty(), "{target}");
}

/// The status line and headers of an answer to a target that a client library would not send.
async fn raw(house: &House, host: &str, target: &[u8]) -> (u16, String, String) {
    let mut request = b"GET ".to_vec();
    request.extend_from_slice(target);
    request.extend_from_slice(format!(" HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes());
    let answer = house.raw(&request).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status =
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let location = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
    (status, location.to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_query_of_ten_kilobytes_is_too_long_and_one_below_is_cut() {
    let house = House::with_fixture_towns().await;
    let answer = house.get(HOST, &format!("/suche?q={}", "a".repeat(10_000))).await.is(414);
    answer.says("</html>").says("Ostrau").is_silent_about("aaaaaaaaaa");
    let long = "hund+".repeat(1500);
    house.get(HOST, &format!("/suche?q={long}")).await.is(200).is_silent_about(&"hund ".repeat(60));
    house.get(HOST, &format!("/api/v1/search?q={long}")).await.is(400).says("\"status\":400");
    house.get(HOST, &format!("/{}", "a/".repeat(4000) + "a")).await.is(404);
}

#[tokio::test]
async fn markup_in_a_query_is_shown_as_text() {
    let house = House::with_fixture_towns().await;
    for (query, shown) in [
        ("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "&lt;script&gt;alert(1)"),
        ("%22%20onfocus%3Dalert(1)%20x%3D%22", "&quot; onfocus=alert(1)"),
        ("%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "&lt;img src=x onerror=alert(1)&gt;"),
        ("%7B%7B%20town.name%20%7D%7D", "{{ town.name }}"),
    ] {
        for base in ["", "/en", "/ls"] {
            let page = house.get(HOST, &format!("{base}/suche?q={query}")).await.is(200);
            let page = page.says(shown).is_silent_about("<script>alert").is_silent_about("<img src=x");
            page.is_silent_about("\" onfocus=");
        }
    }
    for path in ["/dienstleistungen?kategorie=%3Cscript%3Ealert(1)", "/%3Cscript%3Ealert(1)%3C/script%3E"] {
        let answer = house.get(HOST, path).await.is_silent_about("<script>alert");
        is_calm(&answer, path);
    }
}

#[tokio::test]
async fn control_characters_broken_codes_and_many_parameters_do_no_harm() {
    let house = House::with_fixture_towns().await;
    let many = (0..1500).map(|i| format!("a{i}=")).collect::<Vec<_>>().join("&");
    let same = "q=hund&".repeat(1000);
    let queries = [
        "q=%00",
        "q=%07%1b%5B31m",
        "q=%ff%fe",
        "q=%",
        "q=%zz",
        "q=%E2%80",
        "q=%F0%9F%98%80",
        "q=%E2%80%AEabc",
        "q=",
        "q",
        "=",
        "&&&",
        "q[]=a",
        "q=a&q=b",
        "q=%0d%0aSet-Cookie:%20a=b",
        "online=%00",
        "buchstabe=%C3%84",
        "buchstabe=AB",
        &many,
        &same,
    ];
    for query in queries {
        for path in [
            "/suche",
            "/dienstleistungen",
            "/",
            "/en/suche",
            "/api/v1/search",
            "/api/v1/services",
            "/alt/hund",
            "/faq/",
        ] {
            let target = format!("{path}?{query}");
            let answer = house.get(HOST, &target).await;
            is_calm(&answer, &target);
            assert!(answer.header("set-cookie").is_empty(), "{target}");
            assert!(!answer.text().contains('\0') && !answer.text().contains('\u{1b}'), "{target}");
        }
    }
}

#[tokio::test]
async fn paths_that_climb_or_hide_something_are_refused() {
    let house = House::with_fixture_towns().await;
    let paths = [
        "/../etc/passwd",
        "/..",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../tenant.yaml",
        "/assets/x/..%2f..%2ftenant.yaml",
        "/assets/x/%2e%2e/",
        "/%00",
        "/faq%00.html",
        "/dienstleistungen/%00",
        "/%0d%0aLocation:%20https://evil.example",
        "/%5cevil.example",
        "/..%5c..%5cwindows",
        "/%ff",
        "/dienstleistungen/%c3%28",
        "/%E2%80",
        "/%7f",
    ];
    for path in paths {
        let answer = house.get(HOST, path).await.is(400).says("</html>").says("Ostrau");
        is_calm(&answer, path);
        assert!(answer.header("location").is_empty(), "{path}");
    }
    for path in [
        "/tenant.yaml",
        "/ostrau/tenant.yaml",
        "/assets/x/tenant.yaml",
        "/.git/config",
        "/%2e",
        "/dienstleistungen/...",
    ] {
        let answer = house.get(HOST, path).await.is(404);
        answer.is_silent_about("hosts:");
    }
}

#[tokio::test]
async fn no_address_becomes_a_redirect_to_another_host() {
    let house = House::with_fixture_towns().await;
    let paths = [
        "//evil.example",
        "//evil.example/",
        "///evil.example/",
        "/%2fevil.example/",
        "/%2f%2fevil.example",
        "/de//evil.example",
        "/de//evil.example/",
        "/de/",
        "/de",
        "/en//evil.example/",
        "/en",
        "/ls//evil.example",
        "/faq//",
        "//de//evil.example/",
        "/evil.example/..",
        "/.//evil.example/",
        "/alt/hund?next=//evil.example",
        "/alt/hund/",
        "/de/%2fevil.example/",
        "/de/@evil.example/",
        "/@evil.example/",
        "/%09/evil.example/",
        "/de/%5cevil.example/",
        "/?url=https://evil.example",
        "/anmelden?return=//evil.example/",
    ];
    for host in [HOST, "service.ostrau.example", "ostrau.localhost"] {
        for path in paths {
            let answer = house.get(host, path).await;
            is_calm(&answer, path);
        }
    }
}

#[tokio::test]
async fn targets_that_no_browser_sends_are_refused_or_found_nowhere() {
    let house = House::with_fixture_towns().await;
    let targets: [&[u8]; 12] = [
        b"/\\evil.example",
        b"/\\/evil.example/",
        b"\\\\evil.example",
        b"/faq\x00",
        b"/suche?q=\x07",
        b"/suche?q=<b>",
        b"/suche?q=\xff\xfe",
        b"/\xff",
        b"/l\xc3\xb6hne",
        b"*",
        b"faq",
        b"https://evil.example/faq",
    ];
    for target in targets {
        for host in [HOST, "service.ostrau.example"] {
            let (status, location, body) = raw(&house, host, target).await;
            let shown = String::from_utf8_lossy(target);
            assert!((200..500).contains(&status), "{shown}: {status}");
            assert!(location.is_empty() || stays_here(&location), "{shown} leads to {location}");
            assert!(!body.contains("<b>"), "{shown}: {body}");
        }
    }
    house.get(HOST, "/").await.is(200);
}
