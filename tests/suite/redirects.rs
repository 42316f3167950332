//! Redirects before any page: canonical hosts, old addresses, printed codes, untidy addresses – and never elsewhere.

use portal_tests::House;

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

#[tokio::test]
async fn an_old_address_is_not_kept_past_the_day_on_which_it_ends() {
    let towns = portal_tests::Towns::fixture();
    towns.write("ostrau/notices.yaml", "- {id: neu, title: Neu, from: 2026-11-01T12:20}\n");
    let house = House::open(towns).await;
    let answer = house.get("portal.ostrau.example", "/alt/hund").await.is(301);
    assert_eq!(answer.header("cache-control"), "max-age=1200");
    house.set_time("2026-11-01T12:20");
    let answer = house.get("portal.ostrau.example", "/alt/hund").await.is(301);
    assert_eq!(answer.header("cache-control"), "max-age=3600");
}

#[tokio::test]
async fn other_hosts_lead_to_the_canonical_one_and_never_elsewhere() {
    let house = House::with_fixture_towns().await;
    let other = "service.ostrau.example";
    for target in [
        "/",
        "/faq",
        "/en/faq?a=1&b=%C3%A4",
        "/suche?q=hund%20und%20katze",
        "/nicht/da",
        "//evil.example/",
        "/%2F/evil.example",
    ] {
        let answer = house.get(other, target).await.is(308);
        assert_eq!(answer.header("location"), format!("https://portal.ostrau.example{target}"));
    }
    // what is no path cannot become a part of the host
    let star = house.raw(b"OPTIONS * HTTP/1.1\r\nHost: service.ostrau.example\r\nConnection: close\r\n\r\n").await;
    assert!(!star.contains("example*"), "{star}");
    for host in ["ostrau.localhost", "OSTRAU.localhost:8080"] {
        house.get(host, "/faq").await.is(200).says("Stadt Ostrau");
    }
    house.get("westrau.localhost:8080", "/faq").await.is(200).says("Hansestadt Westrau");
}

#[tokio::test]
async fn old_addresses_and_printed_codes_lead_to_todays_pages() {
    let house = House::with_fixture_towns().await;
    house.get(OSTRAU, "/alt/hund").await.is(301).leads_to("/dienstleistungen/hund-anmelden");
    house.get(OSTRAU, "/alt/hund/").await.is(301).leads_to("/dienstleistungen/hund-anmelden");
    house
        .get(OSTRAU, "/alt/hund?von=brief&n=%C3%A4")
        .await
        .is(301)
        .leads_to("/dienstleistungen/hund-anmelden?von=brief&n=%C3%A4");
    house.get(OSTRAU, "/qr/7").await.is(301).leads_to("https://www.ostrau.example/termin");
    // another town's table is not this town's
    house.get(WESTRAU, "/alt/hund").await.is(404);
    house.get(WESTRAU, "/qr/7").await.is(404).is_silent_about("ostrau.example");
    house.get(OSTRAU, "/alt").await.is(404);
}

#[tokio::test]
async fn untidy_addresses_lead_to_the_tidy_ones() {
    let house = House::with_fixture_towns().await;
    let tidied = [
        ("/faq/", "/faq"),
        ("/faq///", "/faq"),
        ("/de", "/"),
        ("/de/", "/"),
        ("/de/faq", "/faq"),
        ("/de/faq/", "/faq"),
        ("/en", "/en/"),
        ("/ls", "/ls/"),
        ("/en/faq/", "/en/faq"),
        ("/en//", "/en/"),
        ("/faq/?a=1", "/faq?a=1"),
        ("/de/suche?q=hund", "/suche?q=hund"),
    ];
    for (untidy, tidy) in tidied {
        house.get(OSTRAU, untidy).await.is(308).leads_to(tidy);
    }
    // Südau speaks German only
    house.get("portal.suedau.example", "/en/faq").await.is(404);
    house.get("portal.suedau.example", "/de/faq").await.is(308).leads_to("/faq");
}

#[tokio::test]
async fn no_address_is_an_open_redirect() {
    let house = House::with_fixture_towns().await;
    let hostile = [
        "//evil.example",
        "//evil.example/",
        "///evil.example/",
        "/de//evil.example",
        "/de//evil.example/",
        "/de///evil.example/%2e%2e",
        "/en//evil.example/",
        "/de/%2Fevil.example/",
        "/%2F%2Fevil.example/",
        "/de/%5C%5Cevil.example",
        "/de/%5Cevil.example/",
        "/%09/evil.example/",
        "/de/https://evil.example/",
        "/faq/?next=//evil.example",
        "/.//evil.example/",
        "/de/..//evil.example",
        "/alt/hund//evil.example",
        "/de/@evil.example/",
        "/de/;//evil.example/",
    ];
    for host in [OSTRAU, "service.ostrau.example", "ostrau.localhost"] {
        for target in hostile {
            let answer = house.get(host, target).await;
            let location = answer.header("location");
            let inside = location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\");
            let canonical = location.starts_with("https://portal.ostrau.example/");
            assert!(location.is_empty() || inside || canonical, "{host} {target} → {location}");
            assert!(answer.status < 500, "{host} {target}: {}", answer.status);
        }
    }
}
