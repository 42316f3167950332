//! The contract of `/api/v1`: others build on these names.

mod persons;

use std::collections::BTreeSet;

use hyper::Method;
use portal_tests::{Answer, House, Towns};
use serde_json::{Value, json};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

#[track_caller]
fn has_exactly(object: &Value, names: &[&str]) {
    let found: BTreeSet<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(found, names.iter().copied().collect(), "{object}");
}

#[track_caller]
fn is_json(answer: Answer) -> Value {
    let answer = answer.is(200);
    assert_eq!(answer.header("content-type").split(';').next(), Some("application/json"));
    assert!(answer.header("etag").starts_with("W/\""));
    answer.json()
}

#[track_caller]
fn is_problem(answer: Answer, status: u16) {
    let answer = answer.is(status);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    has_exactly(&problem, &["type", "title", "status", "request_id"]);
    assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(status)));
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
    let id = problem["request_id"].as_str().expect("a number");
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "`{id}`");
}

fn is_text_or_null(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| !text.is_empty())
}

#[tokio::test]
async fn the_list_of_services_has_the_agreed_shape() {
    let house = House::with_fixture_towns().await;
    let list = is_json(house.get(OSTRAU, "/api/v1/services").await);
    has_exactly(&list, &["services"]);
    let ids: Vec<&str> = list["services"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["ausweis", "hund-anmelden", "marktstand"]);
    let dog = json!({
        "id": "hund-anmelden", "slug": "hund-anmelden", "title": "Hund anmelden", "leika": "99102013104000",
        "summary": "Wer in Ostrau einen Hund hält, meldet ihn zur Hundesteuer an.", "online": false, "login": "basis", "updated": "2026-06-01",
    });
    assert_eq!(list["services"][1], dog);
    // what is not known is null, not absent
    has_exactly(&list["services"][0], &["id", "slug", "title", "leika", "summary", "online", "login", "updated"]);
    assert_eq!((&list["services"][0]["leika"], &list["services"][0]["login"]), (&Value::Null, &json!("none")));

    let westrau = is_json(house.get(WESTRAU, "/api/v1/services").await);
    let plate = westrau["services"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == "kennzeichen")
        .expect("all shared services");
    assert_eq!(plate["online"], true);
}

#[tokio::test]
async fn every_shipped_service_keeps_the_shape_in_list_and_detail() {
    let house = House::open(Towns::shipped()).await;
    for host in ["serviceportal.herford.de", "serviceportal.loehne.de"] {
        let list = is_json(house.get(host, "/api/v1/services").await);
        let services = list["services"].as_array().unwrap();
        assert!(services.len() >= 35, "{} services at {host}", services.len());
        for item in services {
            has_exactly(item, &["id", "slug", "title", "leika", "summary", "online", "login", "updated"]);
            assert!(
                ["id", "slug", "title", "summary"]
                    .iter()
                    .all(|name| item[name].as_str().is_some_and(|text| !text.is_empty())),
                "{item}"
            );
            assert!(
                item["online"].is_boolean() && is_text_or_null(&item["leika"]) && is_text_or_null(&item["updated"]),
                "{item}"
            );
            assert!(["none", "basis", "substantiell", "hoch"].contains(&item["login"].as_str().unwrap()), "{item}");
            let detail = is_json(house.get(host, &format!("/api/v1/services/{}", item["id"].as_str().unwrap())).await);
            for name in ["id", "slug", "title", "leika", "summary", "online", "login", "updated"] {
                assert_eq!(detail[name], item[name], "`{name}` of {}", item["id"]);
            }
            assert_eq!(detail["url"], format!("https://{host}/dienstleistungen/{}", item["slug"].as_str().unwrap()));
        }
    }
}

#[tokio::test]
async fn one_service_tells_everything_about_itself_in_each_town() {
    let house = House::with_fixture_towns().await;
    let dog = is_json(house.get(OSTRAU, "/api/v1/services/hund-anmelden").await);
    has_exactly(
        &dog,
        &[
            "id",
            "slug",
            "url",
            "title",
            "leika",
            "summary",
            "online",
            "login",
            "updated",
            "reviewed",
            "who",
            "documents",
            "fees",
            "deadlines",
            "duration",
            "steps",
            "legal_basis",
            "responsible",
            "categories",
            "remedy",
            "example",
        ],
    );
    assert_eq!(dog["url"], "https://portal.ostrau.example/dienstleistungen/hund-anmelden");
    assert_eq!(dog["fees"], json!([{"text": "für den ersten Hund im Jahr", "amount": 9600, "example": false}]));
    assert_eq!(
        (&dog["responsible"], &dog["categories"], &dog["reviewed"]),
        (&json!("steueramt"), &json!(["tiere"]), &Value::Null)
    );
    assert_eq!(dog["remedy"], "Gegen den Bescheid können Sie beim Verwaltungsgericht Mittstadt klagen.");
    assert_eq!(dog["documents"].as_array().unwrap().len(), 2);

    let dog = is_json(house.get(WESTRAU, "/api/v1/services/hund-anmelden").await);
    assert_eq!((&dog["fees"][0]["amount"], &dog["responsible"]), (&json!(12000), &json!("buergerbuero")));
}

#[tokio::test]
async fn the_search_tells_kind_place_and_score() {
    let house = House::with_fixture_towns().await;
    let found = is_json(house.get(OSTRAU, "/api/v1/search?q=hund").await);
    has_exactly(&found, &["results"]);
    let first = &found["results"][0];
    has_exactly(first, &["kind", "id", "slug", "title", "leika", "url", "score"]);
    assert_eq!(
        (&first["kind"], &first["id"], &first["leika"]),
        (&json!("service"), &json!("hund-anmelden"), &json!("99102013104000"))
    );
    assert_eq!(first["url"], "/dienstleistungen/hund-anmelden");

    let found = is_json(house.get(OSTRAU, "/api/v1/search?q=konto%20anlegen").await);
    let faq = found["results"].as_array().unwrap().iter().find(|hit| hit["kind"] == "faq").expect("the help knows it");
    assert_eq!((&faq["id"], &faq["url"], &faq["leika"]), (&json!("konto"), &json!("/faq#konto"), &Value::Null));
    assert_eq!(faq["title"], "Wie lege ich ein Konto an?");
    let scores: Vec<u64> =
        found["results"].as_array().unwrap().iter().map(|hit| hit["score"].as_u64().expect("a number")).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");

    for nothing in ["xyzzy", "", "%20", "ich"] {
        assert_eq!(
            is_json(house.get(OSTRAU, &format!("/api/v1/search?q={nothing}")).await),
            json!({"results": []}),
            "`{nothing}`"
        );
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_as_a_problem() {
    let house = House::with_fixture_towns().await;
    for path in [
        "/api/v1/services/nichts",
        "/api/v1/services/kennzeichen",
        "/api/v1/nichts",
        "/api/v2/services",
        "/api/v1/services/a/b",
        "/api/nichts",
    ] {
        is_problem(house.get(OSTRAU, path).await, 404);
    }
    for path in [
        "/api/v1/search",
        "/api/v1/search?Q=hund",
        &format!("/api/v1/search?q={}", "a".repeat(501)),
        "/api/v1/services/%00",
        "/api/v1/services/%ff",
    ] {
        is_problem(house.get(OSTRAU, path).await, 400);
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in ["/api/v1/services", "/api/v1/services/ausweis", "/api/v1/search?q=hund", "/api/v1/openapi.json"] {
            let answer = house.ask(method.clone(), path, &[("host", OSTRAU), ("sec-fetch-site", "none")]).await;
            assert_eq!(answer.header("allow"), "GET, HEAD", "{method} {path}");
            is_problem(answer, 405);
        }
    }
}

#[tokio::test]
async fn the_description_lists_what_there_is() {
    let house = House::with_fixture_towns().await;
    let description = is_json(house.get(OSTRAU, "/api/v1/openapi.json").await);
    assert!(description["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    assert_eq!(description["servers"][0]["url"], "/api/v1");
    let own = ["/cases", "/cases/{number}", "/threads", "/threads/{id}", "/threads/{id}/messages"];
    let desk = ["/desk/cases", "/desk/cases/{number}", "/desk/cases/{number}/notes", "/desk/statistics"];
    has_exactly(&description["paths"], &[&["/services", "/services/{id}", "/search"][..], &own, &desk].concat());
    for (path, operations) in description["paths"].as_object().unwrap() {
        let method = if path.ends_with("/messages") || path.ends_with("/notes") { "post" } else { "get" };
        has_exactly(operations, &[method]);
        let get = &operations[method];
        assert!(get["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{path}");
        assert!(
            get["responses"]["200"]["content"]
                .as_object()
                .unwrap()
                .keys()
                .all(|kind| kind.starts_with("application/json")),
            "{path}"
        );
    }
    assert_eq!(description["paths"]["/search"]["get"]["parameters"][0]["required"], true);
    // the description names no town: it is the same for all
    assert_eq!(description, is_json(house.get(WESTRAU, "/api/v1/openapi.json").await));
    let page = house.get(OSTRAU, "/api").await.is(200).says("/api/v1/openapi.json");
    page.says("/api/v1/services").says("/api/v1/search");
}
