//! Cases and messages for programs: the same as on the pages, for the same people.

use portal_tests::{Browser, House, OSTRAU, Towns, WESTRAU};
use serde_json::{Value, json};

use super::is_problem;

const FORM: &str = r"
title: Hund anmelden
login: basis
steps:
  - id: hund
    title: Ihr Hund
    fields: [{id: rufname, kind: text, label: Rufname}, {id: wo, kind: address, label: Wo?}]
";
const ANSWERS: [(&str, &str); 4] =
    [("rufname", "Waldi"), ("wo.street", "Weg 1"), ("wo.postal_code", "99999"), ("wo.city", "Ostrau")];

async fn house() -> House {
    let towns = Towns::with_simulator();
    for town in ["ostrau", "westrau"] {
        towns.offers(town, FORM);
    }
    House::open(towns).await
}

async fn submits(erika: &Browser) {
    let draft = erika.begins("antrag").await;
    erika.post(&format!("/antraege/{draft}/hund"), &ANSWERS).await.is(303);
    erika.sends(&draft).await.is(303);
}

#[tokio::test]
async fn a_program_reads_cases_and_messages_of_whoever_is_logged_in_and_of_nobody_else() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    submits(&erika).await;
    let list = erika.get("/api/v1/cases").await.is(200);
    assert_eq!(list.header("cache-control"), "no-store");
    let list = list.json();
    let number = list["cases"][0]["number"].as_str().expect("a number").to_owned();
    let path = format!("/api/v1/cases/{number}");
    let case = erika.get(&path).await.is(200).json();
    assert_eq!((&case["state"], &case["title"]), (&"submitted".into(), &"Hund anmelden".into()));
    assert_eq!(case["sections"][0]["fields"][0]["value"], "Waldi");
    assert_eq!(case["sections"][0]["fields"][1]["value"]["street"], "Weg 1");
    assert_eq!((&case["timeline"][0]["event"], &case["thread"]), (&"submitted".into(), &Value::Null));

    let message = [("about", format!("vorgang:{number}")), ("subject", "Frage".into()), ("message", "Eins.".into())];
    let message: Vec<(&str, &str)> = message.iter().map(|(name, value)| (*name, value.as_str())).collect();
    erika.post("/postkorb/neu", &message).await.is(303);
    let threads = erika.get("/api/v1/threads").await.is(200).json();
    let thread = format!("/api/v1/threads/{}", threads["threads"][0]["id"].as_str().expect("an id"));
    let own = [("sec-fetch-site", "same-origin")];
    let sent = erika.post_json(&format!("{thread}/messages"), &json!({"text": " Zwei. "}), &own).await.is(200).json();
    let messages = erika.get(&thread).await.is(200).json()["messages"].clone();
    assert_eq!((&messages[0]["text"], &messages[1]["text"]), (&"Frage\n\nEins.".into(), &"Zwei.".into()));
    assert_eq!(messages[1]["id"], sent["id"]);
    assert_eq!(messages[1]["from"], "citizen");

    let kim = house.citizen(OSTRAU, "kim", "basis").await;
    let elsewhere = house.citizen(WESTRAU, "erika", "basis").await;
    for other in [&kim, &elsewhere] {
        assert_eq!(other.get("/api/v1/cases").await.is(200).json()["cases"], json!([]));
        for path in [&path, &thread] {
            is_problem(other.get(path).await, 404);
        }
        is_problem(other.post_json(&format!("{thread}/messages"), &json!({"text": "x"}), &own).await, 404);
    }
    let nobody = house.browser(OSTRAU);
    for path in ["/api/v1/cases", "/api/v1/threads", path.as_str(), thread.as_str()] {
        is_problem(nobody.get(path).await, 401);
    }
}

#[tokio::test]
async fn a_deed_takes_our_own_origin_and_a_body_that_fits() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.post("/postkorb/neu", &[("about", "amt:steueramt"), ("subject", "S"), ("message", "Eins.")]).await.is(303);
    let threads = erika.get("/api/v1/threads").await.is(200).json();
    let path = format!("/api/v1/threads/{}/messages", threads["threads"][0]["id"].as_str().expect("an id"));
    let words = json!({"text": "Zwei."});
    is_problem(erika.post_json(&path, &words, &[]).await, 403);
    is_problem(erika.post_json(&path, &words, &[("origin", "https://boese.example")]).await, 403);
    is_problem(erika.post_json(&path, &words, &[("sec-fetch-site", "cross-site")]).await, 403);
    let own = [("sec-fetch-site", "same-origin")];
    for wrong in [
        json!({}),
        json!({"text": ""}),
        json!({"text": "   "}),
        json!({"text": false}),
        json!({"text": 7}),
        json!([]),
        json!({"text": "x".repeat(5001)}),
    ] {
        is_problem(erika.post_json(&path, &wrong, &own).await, 400);
    }
    is_problem(erika.post(&path, &[("text", "Zwei.")]).await, 415);
    assert_eq!(house.database.number("select count(*) from messages").await, 1);
    erika.post_json(&path, &words, &own).await.is(200);
    for key in ["", "{}", &"4".repeat(61)] {
        let keyed = [("sec-fetch-site", "same-origin"), ("idempotency-key", key)];
        is_problem(erika.post_json(&path, &words, &keyed).await, 400);
    }
    // with a key it happens once, of one person at one place
    let keyed = [("sec-fetch-site", "same-origin"), ("idempotency-key", "4711")];
    let first = erika.post_json(&path, &json!({"text": "Drei."}), &keyed).await.is(200).json();
    assert_eq!(erika.post_json(&path, &json!({"text": "Drei."}), &keyed).await.is(200).json(), first);
    assert_eq!(house.database.number("select count(*) from messages").await, 3);
}
