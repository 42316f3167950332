//! Applications: filled in step by step, nothing typed is lost, sent once, and nobody else's business.

mod guests;
mod preview;
mod turns;
mod waiting;
mod ways_out;
mod whose;

use portal_tests::{Browser, House, OSTRAU, Towns, WESTRAU};

const FORM: &str = r"
title: {de: Hund anmelden, en: Register a dog}
login: basis
answer_days: 14
draft_days: 30
next: Die Marke kommt mit der Post.
steps:
  - id: halter
    title: Wer hält den Hund?
    fields:
      - {id: vorname, kind: name, label: Vorname, prefill: given_name}
      - {id: name, kind: name, label: Name, prefill: surname}
      - {id: geboren, kind: date, label: Geboren am, prefill: birthdate, latest: -18y}
      - {id: anschrift, kind: address, label: Anschrift, prefill: address}
      - {id: telefon, kind: phone, label: Telefon, optional: true}
  - id: hund
    title: Ihr Hund
    repeat: {most: 3, one: Hund, add: Noch einen Hund anmelden}
    fields:
      - {id: rufname, kind: text, label: Rufname}
      - {id: seit, kind: date, label: Bei Ihnen seit, latest: today}
      - {id: gross, kind: yes_no, label: Ist der Hund gross?}
      - {id: versichert, kind: choice, label: Versichert?, options: [{id: ja, label: Ja}, {id: folgt, label: Folgt}], if: {gross: true}}
  - id: zahlung
    title: Zahlung
    fields:
      - {id: weg, kind: choice, label: Wie zahlen Sie?, options: [{id: lastschrift, label: Lastschrift}, {id: selbst, label: Überweisung}]}
      - {id: iban, kind: iban, label: IBAN, if: {weg: lastschrift}, sensitive: true}
      - {id: marken, kind: number, label: Marken, min: 1, max: 5}
      - {id: kosten, kind: total, label: Kosten, sum: [{text: Erste, cents: 500}, {text: Weitere, cents: 250, times: marken, beyond: 1}]}
";

const GUESTS: &str = r"
title: Sperrmüll bestellen
login: none
steps:
  - id: abholung
    title: Abholung
    fields: [{id: name, kind: name, label: Name}, {id: wo, kind: address, label: Wo?}]
";

const SIGNED: &str = r"
title: Bescheinigung
login: hoch
steps:
  - {id: zweck, title: Zweck, fields: [{id: zweck, kind: text, label: Wozu?}, {id: name, kind: name, label: Name, prefill: surname}]}
";

fn towns() -> Towns {
    let towns = Towns::with_simulator();
    for town in ["ostrau", "westrau"] {
        towns.write(&format!("{town}/forms/hund.yaml"), FORM);
        towns.write(&format!("{town}/forms/sperrgut.yaml"), GUESTS);
        towns.write(&format!("{town}/forms/zeugnis.yaml"), SIGNED);
        let services =
            [("antrag", "Hund", "hund"), ("abholung", "Sperrgut", "sperrgut"), ("zeugnis", "Zeugnis", "zeugnis")];
        for (id, title, form) in services {
            let service = format!("title: {title}\nshort: Kurz.\nonline: {{kind: form, form: {form}}}\n");
            towns.write(&format!("{town}/services/{id}.yaml"), service);
        }
    }
    towns
}

async fn house() -> House {
    House::open(towns()).await
}

const KEEPER: [(&str, &str); 6] = [
    ("vorname", "Erika"),
    ("name", "Mustermann"),
    ("geboren", "12.8.83"),
    ("anschrift.street", "Musterweg 12 a"),
    ("anschrift.postal_code", "99999"),
    ("anschrift.city", "Musterstadt"),
];
const DOG: [(&str, &str); 3] = [("rufname", "Waldi"), ("seit", "3. Oktober 2026"), ("gross", "false")];
const PAYS: [(&str, &str); 3] = [("weg", "lastschrift"), ("iban", "DE02 1203 0000 0000 2020 51"), ("marken", "3")];

/// Everything but the last button.
async fn fills_in(browser: &Browser) -> String {
    let draft = browser.begins("antrag").await;
    for (step, fields) in [("halter", &KEEPER[..]), ("hund", &DOG), ("zahlung", &PAYS)] {
        browser.post(&format!("/antraege/{draft}/{step}"), fields).await.is(303);
    }
    draft
}

#[tokio::test]
async fn a_form_is_filled_in_from_the_account_asked_step_by_step_and_sent_once() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "hoch").await;
        erika.get("/dienstleistungen/antrag/antrag").await.is(200).says("Hund anmelden");
        let draft = erika.begins("antrag").await;
        let at = |step: &str| format!("/antraege/{draft}/{step}");
        erika.get(&at("halter")).await.is(200).says("value=\"Erika\"").says("Musterweg 12 a").says("readonly");
        // later pages wait for the first
        erika.get(&at("zahlung")).await.is(303).leads_to(&at("halter"));
        // what the chip says stands, whatever is sent
        let forged = [("vorname", "Mallory"), ("name", "Mustermann"), ("geboren", "1.1.2020")];
        erika.post(&at("halter"), &forged).await.is(303).leads_to(&at("hund"));
        let wrong = [("rufname", "Waldi"), ("seit", "31.2.2026"), ("gross", "false")];
        let page = erika.post(&at("hund"), &wrong).await.is(422).says("31.2.2026").says("Dieses Datum gibt es nicht");
        assert!(page.text().contains("href=\"#f-seit\""), "the list leads to the field");
        // a further question is no mistake
        let large = [("rufname", "Waldi"), ("seit", "3.10.26"), ("gross", "true")];
        erika.post(&at("hund"), &large).await.is(200).says("Versichert?").is_silent_about("Bitte wählen Sie");
        let whole = [("rufname", "Waldi"), ("seit", "3.10.26"), ("gross", "true"), ("versichert", "folgt")];
        let added = [&whole[..], &[("do", "add")]].concat();
        erika.post(&at("hund"), &added).await.is(303).leads_to(&at("hund-2"));
        erika.get(&at("hund-2")).await.is(200).is_silent_about("Waldi");
        let second = [("rufname", "Bello"), ("seit", "2026-10-04"), ("gross", "false")];
        erika.post(&at("hund-2"), &second).await.is(303).leads_to(&at("zahlung"));
        erika.post(&at("zahlung"), &PAYS).await.is(303).leads_to(&at("pruefen"));
        let review = erika.get(&at("pruefen")).await.is(200);
        for said in ["Erika", "12. August 1983", "Waldi", "Bello", "3. Oktober 2026", "10,00", "DE02 1203"] {
            assert!(review.text().contains(said), "{said} is missing in {}", review.text());
        }
        let seen = review.is_silent_about("Mallory").field("seen");
        erika.post(&at("pruefen"), &[("seen", &seen)]).await.is(422);
        let (here, confirmed) = (at("pruefen"), [("seen", seen.as_str()), ("confirm", "true")]);
        let (first, second) = tokio::join!(erika.post(&here, &confirmed), erika.post(&here, &confirmed));
        first.is(303);
        second.is(303);
        erika.post(&at("pruefen"), &[("seen", &seen), ("confirm", "true")]).await.is(303).leads_to(&at("gesendet"));
        let sent = erika.get(&at("gesendet")).await.is(200).says("Die Marke kommt mit der Post");
        let number = sent.case_number();
        let list = erika.get("/vorgaenge").await.is(200);
        assert_eq!(list.text().matches(&format!("href=\"/vorgaenge/{number}\"")).count(), 1, "one case in the list");
        let copy = erika.get(&format!("/vorgaenge/{number}/kopie.json")).await.is(200).json();
        assert_eq!(copy["number"], number.as_str());
        let pdf = erika.get(&at("kopie.pdf")).await.is(200);
        assert!(pdf.bytes.starts_with(b"%PDF-") && pdf.header("content-type") == "application/pdf");
        erika.get(&format!("/vorgaenge/{number}/kopie.pdf")).await.is(200);
        let fields = copy["application"]["sections"][0]["fields"].as_array().expect("fields").clone();
        assert_eq!((&fields[0]["value"], &fields[0]["source"]), (&"Erika".into(), &"chip".into()));
        assert_eq!(fields[2]["value"], "1983-08-12");
        erika.get(&at("halter")).await.is(200).says(&number);
    }
    assert_eq!(house.database.number("select count(*) from cases").await, 2, "one case in each town");
}

#[tokio::test]
async fn an_answer_survives_the_end_of_the_login_and_is_shown_to_nobody_until_the_next() {
    let house = house().await;
    let anna = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = anna.begins("antrag").await;
    anna.post(&format!("/antraege/{draft}/halter"), &KEEPER).await.is(303);
    // somebody sits down at the page after the session is over: the browser still knows its draft
    let page = format!("/antraege/{draft}/hund");
    let same_browser = house.browser(OSTRAU);
    same_browser.takes("__Host-draft", &anna.cookie("__Host-draft").expect("a draft has a cookie"));
    same_browser
        .get(&page)
        .await
        .is(303)
        .leads_to(&format!("/anmelden?zurueck=%2Fantraege%2F{draft}%2Fhund&niveau=basis"));
    let saved = same_browser.post(&page, &DOG).await.is(303);
    assert!(saved.header("location").starts_with("/anmelden?zurueck=%2Fantraege%2F"), "{}", saved.header("location"));
    anna.get(&page).await.is(200).says("Waldi");
    // somebody else in that browser
    let kim = house.citizen(OSTRAU, "kim", "basis").await;
    kim.takes("__Host-draft", &anna.cookie("__Host-draft").expect("a draft has a cookie"));
    kim.get(&page).await.is(404).is_silent_about("Waldi");
    kim.post(&page, &[("rufname", "Hasso")]).await.is(404);
    house.browser(OSTRAU).get(&page).await.is(404);
    anna.get(&page).await.is(200).says("Waldi");
}

#[tokio::test]
async fn a_guest_gets_a_code_and_finds_the_case_again() {
    let house = house().await;
    let guest = house.browser(OSTRAU);
    guest.get("/dienstleistungen/abholung/antrag").await.is(200).says("Sperrmüll bestellen");
    let draft = guest.begins("abholung").await;
    let where_to = [("name", "Jo"), ("wo.street", "Weg 1"), ("wo.postal_code", "99999"), ("wo.city", "Ostrau")];
    let page = format!("/antraege/{draft}/abholung");
    let half = [("name", "Jo"), ("wo.street", "Weg 1")];
    guest.post(&page, &half).await.is(422).says("f-wo.postal_code");
    guest.post(&page, &where_to).await.is(303);
    guest.sends(&draft).await.is(303);
    let (number, code) = guest.get(&format!("/antraege/{draft}/gesendet")).await.is(200).number_and_code();
    let look_up = async |number: &str, code: &str| {
        house.browser(OSTRAU).post("/vorgang-abfragen", &[("number", number), ("code", code)]).await
    };
    look_up(&number.to_lowercase(), &code.replace('-', " ").to_lowercase()).await.is(200).says("Weg 1");
    let wrong = look_up(&number, "2222-2222-2222").await.is(422).is_silent_about("Weg 1").text();
    let missing = look_up("OST-2026-000000-1", "2222-2222-2222").await.is(422);
    drop((wrong, missing));
    house.browser(OSTRAU).get(&format!("/antraege/{draft}/gesendet")).await.is(404);
    house.browser(WESTRAU).post("/vorgang-abfragen", &[("number", &number), ("code", &code)]).await.is(422);
}

#[tokio::test]
async fn a_draft_says_how_long_it_is_kept_is_extended_and_let_go() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = erika.begins("antrag").await;
    let saved = [&KEEPER[..], &[("do", "save")]].concat();
    let page = format!("/antraege/{draft}");
    erika.post(&format!("{page}/halter"), &saved).await.is(303).leads_to(&format!("{page}?gespeichert=1"));
    erika.get(&page).await.is(200).says("1. Dezember 2026");
    erika.get("/vorgaenge").await.is(200).says(&format!("{page}/hund"));
    erika.get("/dienstleistungen/antrag/antrag").await.is(200).says(&format!("{page}/hund"));
    house.set_time("2026-11-20T12:00");
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.post(&page, &[("do", "extend")]).await.is(303);
    erika.get(&page).await.is(200).says("20. Dezember 2026");
    erika.post(&page, &[("do", "discard")]).await.is(200);
    erika.get(&page).await.is(404);

    let draft = erika.begins("antrag").await;
    house.set_time("2026-12-21T12:00");
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.get(&format!("/antraege/{draft}/halter")).await.is(404);
}

#[tokio::test]
async fn a_case_is_withdrawn_once_and_messages_go_to_the_town_hall() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = fills_in(&erika).await;
    let number = erika.submits(&draft).await;
    let about = format!("vorgang:{number}");
    erika
        .post("/postkorb/neu", &[("about", &about), ("subject", "Frage"), ("message", "")])
        .await
        .is(422)
        .says("Frage");
    let message = [("about", about.as_str()), ("subject", "Frage"), ("message", "Wie lange dauert es?")];
    let sent = erika.post("/postkorb/neu", &message).await.is(303);
    let thread = sent.header("location").split('?').next().expect("an address").to_owned();
    erika.get(&thread).await.is(200).says("Wie lange dauert es?").says(&number);
    erika.post(&thread, &[("message", "Noch etwas.")]).await.is(303);
    erika.get("/postkorb?q=dauert").await.is(200).says(&thread);
    erika.get("/postkorb?q=nirgends").await.is(200).is_silent_about(&thread);
    erika.post(&thread, &[("do", "archive")]).await.is(303);
    erika.get("/postkorb").await.is(200).is_silent_about(&thread);
    erika.get("/postkorb?archiv=1").await.is(200).says(&thread);
    let case = format!("/vorgaenge/{number}");
    let (first, second) =
        tokio::join!(erika.post(&case, &[("do", "withdraw")]), erika.post(&case, &[("do", "withdraw")]));
    first.is(303);
    second.is(303);
    erika.get(&case).await.is(200).says("urückgezogen");
    let told = "select count(*) from case_events where kind = 'withdrawn'";
    assert_eq!(house.database.number(told).await, 1);
}

#[tokio::test]
async fn somebody_elses_application_is_nobodys() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = fills_in(&erika).await;
    let number = erika.submits(&draft).await;
    let kim = house.citizen(OSTRAU, "kim", "basis").await;
    for path in
        [format!("/vorgaenge/{number}"), format!("/antraege/{draft}/gesendet"), format!("/antraege/{draft}/kopie.json")]
    {
        kim.get(&path).await.is(404).is_silent_about("Waldi");
    }
    kim.post(&format!("/vorgaenge/{number}"), &[("do", "withdraw")]).await.is(404);
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("Waldi");
}
