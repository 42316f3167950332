//! Who writes to the town is heard: once, whole, by the right office, and only thanked for what is kept.

use portal::store::Store;
use portal_tests::{Browser, House, Towns};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";
const MESSAGE: [(&str, &str); 4] = [
    ("name", "Anna Musterfrau"),
    ("email", "anna@example.org"),
    ("subject", "Hund"),
    ("message", "Mein Hund heisst Waldi.\n\nWas nun?"),
];

fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let others = MESSAGE.into_iter().filter(|(known, _)| *known != name);
    others.chain([(name, value)]).collect()
}

#[tokio::test]
async fn a_message_reaches_the_town_hall() {
    let house = House::with_fixture_towns().await;
    let anna = Browser::at(house.addr, OSTRAU);
    anna.get("/kontakt").await.is(200).says("<textarea").is_silent_about("abgeschickt.");
    anna.post("/kontakt", &MESSAGE).await.is(303).leads_to("/kontakt?gesendet=1#nachricht");
    anna.get("/kontakt?gesendet=1").await.is(200).says("ist abgeschickt").is_silent_about("<textarea");
    assert!(house.mails("ostrau").is_empty(), "nobody waited for the mail server");
    assert_eq!(house.work_off().await, 1);
    let mails = house.mails("ostrau");
    assert_eq!(mails.len(), 1);
    for part in
        ["To: rathaus@ostrau.example", "Reply-To: anna@example.org", "Mein Hund heisst Waldi", "Anna Musterfrau"]
    {
        assert!(mails[0].contains(part), "{part}:\n{}", mails[0]);
    }
    assert!(house.mails("westrau").is_empty());
}

#[tokio::test]
async fn a_barrier_is_reported_to_who_cares_for_it() {
    let house = House::with_fixture_towns().await;
    let anna = Browser::at(house.addr, WESTRAU);
    let report = [("message", "Der Knopf hat keinen Namen"), ("page", "/faq"), ("email", ""), ("name", "")];
    anna.post("/en/barrierefreiheit", &report).await.is(303).leads_to("/en/barrierefreiheit?gesendet=1#nachricht");
    assert_eq!(house.work_off().await, 1);
    let mail = house.mails("westrau").remove(0);
    assert!(mail.contains("To: barrieren@land.example") && mail.contains("/faq"), "{mail}");
    assert!(!mail.contains("Reply-To"), "who names no address gets no answer: {mail}");
}

#[tokio::test]
async fn who_clicks_twice_is_heard_once_in_each_town() {
    let house = House::with_fixture_towns().await;
    let anna = Browser::at(house.addr, OSTRAU);
    let (first, second) = tokio::join!(anna.post("/kontakt", &MESSAGE), anna.post("/kontakt", &MESSAGE));
    first.is(303);
    second.is(303);
    assert_eq!(house.work_off().await, 1);
    anna.post("/kontakt", &MESSAGE).await.is(303);
    assert_eq!(house.work_off().await, 0, "also after it has left");
    anna.post("/kontakt", &with("message", "Etwas anderes")).await.is(303);
    Browser::at(house.addr, WESTRAU).post("/kontakt", &MESSAGE).await.is(303);
    assert_eq!(house.work_off().await, 2);
    house.set_time("2026-11-01T12:30");
    anna.post("/kontakt", &MESSAGE).await.is(303);
    assert_eq!(house.work_off().await, 1, "later it is meant as it is said");
}

#[tokio::test]
async fn what_is_wrong_is_told_and_what_was_written_stays() {
    let house = House::with_fixture_towns().await;
    let anna = Browser::at(house.addr, OSTRAU);
    let page = anna.post("/kontakt", &with("email", "anna@")).await.is(422);
    assert_eq!(page.header("cache-control"), "private, no-store");
    page.says("So sieht keine E-Mail-Adresse aus").says("value=\"anna@\"").says("Mein Hund heisst Waldi.");
    anna.post("/kontakt", &with("message", " \n ")).await.is(422).says("Hier fehlt noch etwas").says("Anna Musterfrau");
    let long = "x".repeat(5001);
    let fields = [("message", long.as_str())];
    anna.post("/kontakt", &fields).await.is(422).says("Das ist zu lang").says(&long);
    anna.post("/kontakt", &[("message", &"ü".repeat(5000))]).await.is(303);
    assert_eq!(house.work_off().await, 1);
    anna.get("/kontakt").await.is_silent_about("Waldi");
}

#[tokio::test]
async fn what_people_write_is_text_wherever_it_is_shown() {
    let house = House::with_fixture_towns().await;
    let anna = Browser::at(house.addr, OSTRAU);
    let script = "</textarea><script>alert(1)</script>";
    anna.post("/kontakt", &with("message", script)).await.is(303);
    anna.post("/kontakt", &[("message", script), ("email", "\"><b>")]).await.is(422).is_silent_about("<script>alert");
    assert_eq!(house.work_off().await, 1);
    let mail = house.mails("ostrau").remove(0);
    let html = mail.split_once("text/html").unwrap().1;
    assert!(!html.contains("<script>"), "{html}");
    for (field, value) in [("email", "a@b.example\r\nBcc: all@example.org"), ("subject", "x\r\nBcc: all@example.org")] {
        anna.post("/kontakt", &with(field, value)).await;
    }
    house.work_off().await;
    for mail in house.mails("ostrau") {
        let head = mail.split_once("\r\n\r\n").unwrap().0;
        assert!(!head.contains("Bcc"), "{head}");
    }
}

#[tokio::test]
async fn a_machine_is_thanked_and_not_heard() {
    let house = House::with_fixture_towns().await;
    Browser::at(house.addr, OSTRAU).post("/kontakt", &with("homepage", "https://spam.example")).await.is(303);
    assert_eq!(house.work_off().await, 0);
}

#[tokio::test]
async fn nobody_is_thanked_for_what_cannot_be_kept() {
    let read_only = House::open_as(Towns::fixture(), |portal| portal.read_only = true).await;
    let without_database = House::open_as(Towns::fixture(), |portal| portal.store = Store::absent()).await;
    for house in [&read_only, &without_database] {
        let anna = Browser::at(house.addr, OSTRAU);
        let answer = anna.post("/kontakt", &MESSAGE).await.is(503);
        assert_eq!(answer.header("retry-after"), "120");
        answer.says("noch nicht abgeschickt").says("Mein Hund heisst Waldi.").says("anna@example.org");
        anna.get("/kontakt").await.is(200);
    }
    Browser::at(read_only.addr, OSTRAU).get("/kontakt").await.is_silent_about("<textarea");
    Browser::at(without_database.addr, OSTRAU).get("/kontakt").await.says("<textarea");
}

#[tokio::test]
async fn the_page_is_still_one_for_everybody() {
    let house = House::with_fixture_towns().await;
    let anna = Browser::at(house.addr, OSTRAU);
    let before = anna.get("/kontakt").await.is(200);
    assert!(before.header("cache-control").contains("s-maxage"), "{}", before.header("cache-control"));
    anna.post("/kontakt", &with("email", "anna@")).await.is(422);
    anna.post("/kontakt", &MESSAGE).await.is(303);
    assert_eq!(anna.get("/kontakt").await.text(), before.text());
    anna.get("/kontakt?gesendet=nein").await.says("<textarea");
}

#[tokio::test]
async fn a_town_that_names_nobody_has_no_form() {
    let house = House::with_fixture_towns().await;
    let host = house.portal.tenants.get("suedau").unwrap().canonical_host().to_string();
    let nobody = Browser::at(house.addr, &host);
    nobody.get("/kontakt").await.is(200).is_silent_about("<textarea");
    nobody.post("/kontakt", &MESSAGE).await.is(404);
}

#[tokio::test]
async fn no_word_lies_readable_in_the_database() {
    let house = House::with_fixture_towns().await;
    if house.database.is_postgres() {
        return; // the proofs look into its dump
    }
    Browser::at(house.addr, OSTRAU).post("/kontakt", &MESSAGE).await.is(303);
    let mut seen = 0;
    for file in std::fs::read_dir(house.database.folder()).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_dir() {
            continue; // what people hand over; nobody has yet
        }
        let bytes = std::fs::read(file.path()).unwrap();
        seen += bytes.len();
        for word in ["Waldi", "Musterfrau", "anna@example.org", "rathaus@ostrau.example"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
        }
    }
    assert!(seen > 4096, "there is a database");
}
