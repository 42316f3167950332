//! What changes something is taken from the town's own pages only. Every address is asked: none can have forgotten it.

use hyper::Method;
use portal::web::App;
use portal_tests::House;

const OSTRAU: &str = "portal.ostrau.example";
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Of the refusal and of the page that takes no such request: who passes gets the second.
async fn status(house: &House, method: Method, path: &str, headers: &[(&str, &str)]) -> u16 {
    let mut all = vec![("host", OSTRAU)];
    all.extend_from_slice(headers);
    house.ask(method, path, &all).await.status
}

#[tokio::test]
async fn only_our_own_pages_may_send() {
    let house = House::with_fixture_towns().await;
    for (headers, expected) in [
        (vec![SAME], 405),
        (vec![("sec-fetch-site", "none")], 405),
        (vec![("origin", "https://portal.ostrau.example")], 405),
        // what browsers say of the request counts more than what it says of its page
        (vec![SAME, ("origin", "null")], 405),
        (vec![("sec-fetch-site", "cross-site"), ("origin", "https://portal.ostrau.example")], 403),
        (vec![("sec-fetch-site", "same-site")], 403),
        (vec![("sec-fetch-site", "")], 403),
        (vec![SAME, SAME], 403),
        (vec![SAME, ("sec-fetch-site", "cross-site")], 403),
        (vec![], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", "https://portal.westrau.example")], 403),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "https://portal.ostrau.example.evil.example")], 403),
        (vec![("origin", "https://portal.ostrau.example:8443")], 403),
        (vec![("origin", "https://portal.ostrau.example"), ("origin", "https://evil.example")], 403),
        (vec![("referer", "https://portal.ostrau.example/kontakt")], 403),
        (vec![("authorization", "Bearer x")], 403),
        (vec![("authorization", "Basic eDp4")], 403),
    ] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(status(&house, method.clone(), "/faq", &headers).await, expected, "{method} {headers:?}");
        }
        assert_eq!(status(&house, Method::GET, "/faq", &headers).await, 200, "everybody may read: {headers:?}");
    }
}

#[tokio::test]
async fn a_token_stands_for_our_own_pages_only_where_tokens_count() {
    let house = House::with_fixture_towns().await;
    for (path, token, is_refused) in [
        ("/api/v1/desk/cases/1/notes", "Bearer x", false),
        ("/api/v1/desk/cases/1/notes", "bearer x", false),
        ("/api/v1/desk/cases/1/notes", "Basic eDp4", true),
        ("/api/v1/desk/cases/1/notes", "Bearer", true),
        ("/api/v1/cases", "Bearer x", true),
        ("/kontakt", "Bearer x", true),
        ("/meine-daten/loeschen", "Bearer x", true),
    ] {
        let found = status(&house, Method::POST, path, &[("authorization", token)]).await;
        assert_eq!(found == 403, is_refused, "{path} {token}: {found}");
    }
}

#[tokio::test]
async fn a_preview_knows_itself_by_the_address_that_was_asked() {
    let house = House::with_fixture_towns().await;
    for (origin, expected) in [
        ("http://ostrau.localhost:8080", 405),
        ("https://portal.ostrau.example", 405),
        ("http://ostrau.localhost", 403),
        ("http://westrau.localhost:8080", 403),
    ] {
        let headers = [("host", "ostrau.localhost:8080"), ("origin", origin)];
        assert_eq!(house.ask(Method::POST, "/faq", &headers).await.status, expected, "{origin}");
    }
}

#[tokio::test]
async fn no_address_forgets_to_ask() {
    let house = House::with_fixture_towns().await;
    let app = App::new(house.portal.clone());
    // the answers of SAML providers are signed, and belong to a login of this browser or to none
    assert_eq!(app.open_to_others(), ["/saml/:provider/acs"]);
    let mut asked = 0;
    for template in app.templates().iter().filter(|template| !app.open_to_others().contains(template)) {
        // the API knows no cookie, files are answered before the router
        if template.starts_with("/api/v1/") || template.starts_with("/assets/") {
            continue;
        }
        let path: Vec<_> = template.split('/').map(|part| if part.starts_with(':') { "x" } else { part }).collect();
        assert_eq!(status(&house, Method::POST, &path.join("/"), &[]).await, 403, "{template}");
        asked += 1;
    }
    assert!(asked > 15, "{asked} addresses were asked");
}

#[tokio::test]
async fn the_refusal_says_what_to_do() {
    let house = House::with_fixture_towns().await;
    let page = house.ask(Method::POST, "/kontakt", &[("host", OSTRAU), ("origin", "https://evil.example")]).await;
    let page = page.is(403).says("Das kam nicht von unserer Seite").says("Stadt Ostrau").says("/kontakt");
    page.is_silent_about("evil");
    house.ask(Method::POST, "/en/kontakt", &[("host", OSTRAU)]).await.is(403).says("This did not come from our site");
}
