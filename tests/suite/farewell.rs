//! Whoever leaves: what goes and what the law keeps, what is taken along, and who has seen it (promise P26).

mod export;

use std::io::Read;

use jiff::ToSpan;
use portal::{audit, keeping, statements};
use portal_tests::{
    Browser, House, OSTRAU, PDF, Towns, WESTRAU,
    inhabitants::{room, sealed},
    moment,
};
use serde_json::Value;
use zip::ZipArchive;

statements! {
    SEALED = "select profile from accounts where tenant_id = $1
        union all select token from sessions where tenant_id = $1
        union all select answers from drafts where tenant_id = $1 and answers is not null
        union all select details from files where tenant_id = $1 and case_id is null
        union all select body from messages where tenant_id = $1 and thread_id in
            (select id from threads where tenant_id = $1 and case_id is null)
        union all select subject from threads where tenant_id = $1 and case_id is null";
}

const FORM: &str = r"
title: Hund anmelden
login: basis
department: steueramt
keep_days: 90
steps:
  - id: hund
    title: Ihr Hund
    fields: [{id: rufname, kind: text, label: Rufname}, {id: schein, kind: file, label: Schein, optional: true}]
";
const PAGE: &str = "/meine-daten/loeschen";
const LEAVE: [(&str, &str); 2] = [("do", "leave"), ("confirm", "true")];

async fn house() -> House {
    let towns = Towns::with_simulator();
    for town in ["ostrau", "westrau"] {
        towns.offers(town, FORM);
    }
    House::open(towns).await
}

async fn begins(citizen: &Browser) -> String {
    let draft = citizen.begins("antrag").await;
    let step = format!("/antraege/{draft}/hund");
    citizen.post_files(&step, &[("rufname", "Waldi")], &[("schein", "Schein.pdf", PDF)]).await.is(303);
    draft
}

async fn submits(citizen: &Browser) -> String {
    let draft = begins(citizen).await;
    citizen.submits(&draft).await
}

async fn asks_freely(citizen: &Browser) {
    let words = [("about", "amt:steueramt"), ("subject", "Frei"), ("message", "Ohne Vorgang.")];
    citizen.post_files("/postkorb/neu", &words, &[("files", "Frei.pdf", PDF)]).await.is(303);
}

async fn accounts(house: &House, town: &str) -> i64 {
    house.database.number(&format!("select count(*) from accounts where tenant_id = '{town}'")).await
}

#[tokio::test]
async fn with_nothing_open_the_account_goes_at_once_and_leaves_nothing() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let other = house.citizen(WESTRAU, "erika", "basis").await;
    let number = submits(&erika).await;
    erika.post(&format!("/vorgaenge/{number}"), &[("do", "withdraw")]).await.is(303);
    begins(&erika).await;
    asks_freely(&erika).await;
    house.work_off().await;
    let traces = sealed(&house.portal.store, "ostrau", SEALED).await;
    assert!(traces.len() >= 6, "{}", traces.len());

    // it is told before, wants a tick, and a fresh login
    let page = erika.get(PAGE).await.is(200).says("Das löschen wir").says(&number).says("Aufgehoben bis zum");
    page.says("sofort").is_silent_about("in drei Tagen");
    erika.post(PAGE, &[("do", "leave")]).await.is(200).says("setzen Sie das Häkchen");
    house.set_time("2026-11-01T12:20");
    erika.get(PAGE).await.is(200).says("neu=1").is_silent_about("value=\"leave\"");
    erika.post(PAGE, &LEAVE).await.is(303).leads_to(PAGE);
    assert_eq!(accounts(&house, "ostrau").await, 1);
    let handle = erika.get("/anmelden/probe?neu=1&zurueck=/meine-daten/loeschen").await.is(200).field("handle");
    let anew = [("handle", handle.as_str()), ("person", "erika"), ("level", "basis")];
    erika.post("/anmelden/probe", &anew).await.is(303).leads_to(PAGE);

    let gone = erika.post(PAGE, &LEAVE).await.is(200).says("Ihr Konto ist gelöscht").says("Probe-Anmeldung");
    gone.is_silent_about("Mustermann").says("Ein Vorgang bleibt");
    erika.get("/meine-daten").await.is(303);
    assert_eq!((accounts(&house, "ostrau").await, accounts(&house, "westrau").await), (0, 1));
    let linked = "select (select count(*) from sessions where tenant_id = 'ostrau')
        + (select count(*) from drafts where tenant_id = 'ostrau')
        + (select count(*) from departures where tenant_id = 'ostrau')
        + (select count(*) from audit_persons where tenant_id = 'ostrau')
        + (select count(*) from threads where tenant_id = 'ostrau' and case_id is null)
        + (select count(*) from cases where tenant_id = 'ostrau' and account_id is not null)
        + (select count(*) from case_events where tenant_id = 'ostrau' and actor = 'citizen' and actor_id is not null)";
    assert_eq!(house.database.number(linked).await, 0);
    house.work_off().await;
    assert_eq!(house.objects(), 1, "the file of the withdrawn case");
    assert_eq!(house.database.number("select count(*) from jobs").await, 0, "the address has left with the mail");
    let mails = house.mails("ostrau");
    assert!(mails.len() == 1 && mails[0].contains("erika@example.org"), "{mails:?}");
    if !house.database.is_postgres() {
        assert_eq!(house.database.finds(&traces), None);
    }
    let mut tx = room(&house.portal.store, "ostrau").read().await.unwrap();
    assert_eq!(audit::show(&mut tx, None, 1).await.unwrap()[0].deed, "person.forgotten");
    audit::verify(&mut tx).await.unwrap().unwrap();
    drop(tx);
    other.get("/meine-daten").await.is(200).says("Mustermann");
    // who comes back is somebody new
    let back = house.citizen(OSTRAU, "erika", "basis").await;
    back.get(&format!("/vorgaenge/{number}")).await.is(404);
    back.get("/meine-daten/einsicht").await.is(200).is_silent_about("Antrag abgesendet");
}

#[tokio::test]
async fn with_a_case_open_it_takes_three_days_of_the_calendar_and_can_be_taken_back() {
    let house = house().await;
    // clocks are put back in the night before Sunday, the 25th
    house.set_time("2026-10-23T18:00");
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    submits(&erika).await;
    erika.get(PAGE).await.is(200).says("Konto in drei Tagen löschen");
    erika.post(PAGE, &LEAVE).await.is(303).leads_to(PAGE);
    erika.post(PAGE, &LEAVE).await.is(303);
    let page = erika.get(PAGE).await.is(200).says("26. Oktober 2026, 18:00 Uhr gelöscht").says("Konto behalten");
    page.is_silent_about("value=\"leave\"");
    house.work_off().await;
    let told = house.mails("ostrau");
    assert_eq!(told.len(), 1, "one mail, however often it is asked for");
    // every page of the next login says so
    house.citizen(OSTRAU, "erika", "basis").await.get("/faq").await.is(200).says("Ihr Konto wird bald gelöscht.");
    erika.post(PAGE, &[("do", "stay")]).await.is(200).says("Ihr Konto bleibt bestehen.");
    erika.get("/faq").await.is(200).is_silent_about("wird bald gelöscht");
    house.set_time("2026-10-26T18:01");
    house.work_off().await;
    assert_eq!(accounts(&house, "ostrau").await, 1, "it was taken back");

    house.set_time("2026-10-23T18:00");
    let again = house.citizen(OSTRAU, "erika", "basis").await;
    again.post(PAGE, &LEAVE).await.is(303);
    house.set_time("2026-10-26T17:59");
    house.work_off().await;
    assert_eq!(accounts(&house, "ostrau").await, 1, "an hour longer than 72, and not over yet");
    house.set_time("2026-10-26T18:00");
    house.work_off().await;
    assert_eq!(accounts(&house, "ostrau").await, 0);
    house.set_time("2026-10-26T18:05");
    house.work_off().await;
    assert_eq!((house.mails("ostrau").len(), house.database.number("select count(*) from jobs").await), (3, 0));
    let hours = moment("2026-10-26T18:00").since(moment("2026-10-23T18:00")).unwrap();
    assert_eq!(hours.compare(73.hours()).unwrap(), std::cmp::Ordering::Equal);
}

#[tokio::test]
async fn a_node_that_is_killed_leaves_the_deletion_to_the_next_one_which_does_it_once() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    submits(&erika).await;
    erika.post(PAGE, &LEAVE).await.is(303);
    house.work_off().await;
    // it had begun, and nothing was committed
    house.set_time("2026-11-04T12:00");
    let claimed = "update jobs set state = 'running', attempts = 1, claimed_by = id,
        claimed_until = '2026-11-04T11:00:00.000000Z' where kind = 'departure'";
    house.database.tamper(claimed).await;
    house.work_off().await;
    assert_eq!(accounts(&house, "ostrau").await, 0);
    house.set_time("2026-11-05T12:00");
    house.work_off().await;
    assert_eq!(house.mails("ostrau").len(), 2, "one when it was asked for, one at the end");
}

#[tokio::test]
async fn what_lies_unopened_goes_by_post_and_no_mail_leaves_any_more() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let (decided, open, asked) = (submits(&erika).await, submits(&erika).await, submits(&erika).await);
    let petra = house.petra(OSTRAU).await;
    petra.does(&decided, &[("do", "decide"), ("text", "Wir geben statt.")]).await.is(303);
    petra.does(&asked, &[("do", "ask"), ("text", "Bitte den Impfpass.")]).await.is(303);
    petra.get("/verwaltung/post").await.is(200).is_silent_about(&decided).is_silent_about(&asked);
    erika.get(PAGE).await.is(200).says("Einen Bescheid, den Sie bis dahin nicht öffnen");
    // the news are still queued: nobody has worked anything off
    assert!(house.database.number("select count(*) from jobs where kind = 'mail'").await > 0);
    erika.post(PAGE, &LEAVE).await.is(303);
    house.set_time("2026-11-04T12:00");
    house.database.tamper("update jobs set run_at = '2030-01-01T00:00:00.000000Z' where kind = 'mail'").await;
    house.work_off().await;
    house.set_time("2030-01-02T12:00");
    house.work_off().await;
    let mails = house.mails("ostrau");
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("Subject: Ihr Konto"), "{}", mails[0]);
    house.set_time("2026-11-04T12:30");
    let petra = house.clerk_of(OSTRAU, "pia", "Pia Amt", "sachbearbeitung", Some("steueramt")).await;
    petra.get("/verwaltung/post").await.is(200).says(&decided).says(&asked);
    let case = petra.get(&format!("/verwaltung/vorgaenge/{open}")).await.is(200);
    case.says("Hat das Konto gelöscht. Alles Weitere geht mit der Post.");
    petra.does(&open, &[("do", "ask"), ("text", "Bitte noch etwas.")]).await.is(303);
    petra.get("/verwaltung/post").await.is(200).says(&decided).says(&open);
    petra.does(&open, &[("do", "decide"), ("text", "Wir lehnen ab.")]).await.is(303);
    petra.get("/verwaltung/post").await.is(200).says(&decided).says(&open);
}

#[tokio::test]
async fn everything_is_taken_along_at_the_level_it_asks_for() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = submits(&erika).await;
    asks_freely(&erika).await;
    let kim = house.citizen(OSTRAU, "kim", "basis").await;
    let foreign = submits(&kim).await;
    house.petra(OSTRAU).await.get(&format!("/verwaltung/vorgaenge/{number}")).await.is(200);
    let low = house.citizen(OSTRAU, "erika", "basis").await;
    low.get("/meine-daten/export").await.is(200).says("stärker ausgewiesen");
    low.post("/meine-daten/export", &[]).await.is(303).leads_to("/meine-daten/export");

    erika.get("/meine-daten/export").await.is(200).says("ZIP-Datei herunterladen");
    let taken = erika.post("/meine-daten/export", &[]).await.is(200);
    assert_eq!((taken.header("content-type"), taken.header("cache-control")), ("application/zip", "no-store"));
    let mut zip = ZipArchive::new(std::io::Cursor::new(&taken.bytes)).unwrap();
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let data: Value = serde_json::from_slice(&read("daten.json")).unwrap();
    assert_eq!(data["cases"][0]["number"], number.as_str());
    assert!(!data.to_string().contains(&foreign), "another person's cases are nobody's here");
    let files = data["files"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|file| read(file["path"].as_str().unwrap()) == PDF));
    let text = String::from_utf8(read("uebersicht.html")).unwrap();
    for said in ["<html lang=\"de\"", "Mustermann", "Waldi", "Ohne Vorgang.", &number, "Steueramt: Vorgang gelesen"] {
        assert!(text.contains(said), "{said} is missing in {text}");
    }
    assert!(!text.contains("Petra"), "an office has no name of a clerk");
    let taken = erika.post("/en/meine-daten/export", &[]).await.is(200);
    let mut zip = ZipArchive::new(std::io::Cursor::new(&taken.bytes)).unwrap();
    let mut text = String::new();
    zip.by_name("uebersicht.html").unwrap().read_to_string(&mut text).unwrap();
    for said in
        ["<html lang=\"en\"", "Your data in the service portal", "Family name", "Waldi", "Who has seen your data"]
    {
        assert!(text.contains(said), "{said} is missing in {text}");
    }
    assert!(!text.contains("export.file"), "a text is missing in {text}");
    erika.get("/meine-daten/einsicht").await.is(200).says("Alle Daten zum Mitnehmen ausgegeben");
}

#[tokio::test]
async fn a_person_reads_who_has_seen_their_data_and_nobody_elses() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let kim = house.citizen(OSTRAU, "kim", "basis").await;
    let (number, others) = (submits(&erika).await, submits(&kim).await);
    asks_freely(&erika).await;
    let petra = house.petra(OSTRAU).await;
    let page = petra.get(&format!("/verwaltung/vorgaenge/{number}")).await.is(200).text();
    let (_, file) = page.split_once(&format!("{number}/dateien/")).unwrap();
    petra.get(&format!("/verwaltung/vorgaenge/{number}/dateien/{}?trotzdem=1", &file[..36])).await.is(200);
    petra.does(&number, &[("do", "ask"), ("text", "Bitte den Schein.")]).await.is(303);
    let seen = erika.get("/meine-daten/einsicht").await.is(200).says("<strong>Steueramt:</strong> Vorgang gelesen");
    let seen = seen
        .says("<strong>Steueramt:</strong> Datei geöffnet")
        .says("Um Angaben oder Unterlagen gebeten")
        .says(&number);
    seen.says("<strong>Sie:</strong> Antrag abgesendet").is_silent_about("Klarname").is_silent_about(&others);
    let kims = kim.get("/meine-daten/einsicht").await.is(200).says("<strong>Sie:</strong> Antrag abgesendet");
    kims.is_silent_about("Vorgang gelesen").is_silent_about(&number);
    // page by page, the latest first
    for _ in 0..60 {
        petra.get(&format!("/verwaltung/vorgaenge/{number}")).await.is(200);
    }
    let first = erika.get("/meine-daten/einsicht").await.is(200).is_silent_about("Antrag abgesendet").text();
    let (_, older) = first.split_once("/meine-daten/einsicht?vor=").unwrap();
    let older = older.split('"').next().unwrap();
    let older = erika.get(&format!("/meine-daten/einsicht?vor={older}")).await.is(200).says("Antrag abgesendet");
    older.says("Zu den neuesten Einträgen");
    // a guest is told that there is nothing
    let guest = house.citizen(OSTRAU, "gast", "basis").await;
    for page in ["einsicht", "export", "loeschen"] {
        guest.get(&format!("/meine-daten/{page}")).await.is(200).says("Sie sind als Gast hier");
    }
    guest.post(PAGE, &LEAVE).await.is(303);
}

#[tokio::test]
async fn a_guest_is_told_what_is_missing_and_goes_on_with_an_account() {
    let house = house().await;
    let guest = house.citizen(OSTRAU, "gast", "basis").await;
    guest.get("/dienstleistungen/antrag/antrag").await.is(200).says("einen Postkorb haben Sie nicht").says("neu=1");
    let draft = begins(&guest).await;
    guest.get(&format!("/antraege/{draft}")).await.is(200).says("Mit einem Konto anmelden");
    // somebody else who logs in there finds nothing
    let mark = guest.cookie("__Host-draft").unwrap();
    let kim = house.citizen(OSTRAU, "kim", "basis").await;
    kim.takes("__Host-draft", &mark);
    kim.get(&format!("/antraege/{draft}")).await.is(404).says("ohne Konto begonnen").is_silent_about("Waldi");
    // the same person does, and keeps it
    let back = format!("/anmelden/probe?neu=1&zurueck=/antraege/{draft}");
    let handle = guest.get(&back).await.is(200).field("handle");
    let jona = [("handle", handle.as_str()), ("person", "jona"), ("level", "basis")];
    guest.post("/anmelden/probe", &jona).await.is(303);
    let page = guest.get(&format!("/antraege/{draft}")).await.is(303);
    guest.get(page.header("location")).await.is(200).is_silent_about("Mit einem Konto anmelden");
    guest.get("/vorgaenge").await.is(200).says(&draft);
    guest.get(&format!("/antraege/{draft}/hund")).await.is(200).says("Waldi");
    house.citizen(OSTRAU, "jona", "basis").await.get(&format!("/antraege/{draft}/hund")).await.is(200).says("Waldi");
}

#[tokio::test]
async fn a_guests_case_is_taken_into_an_account_with_number_and_code() {
    let house = house().await;
    let guest = house.citizen(OSTRAU, "gast", "basis").await;
    let draft = begins(&guest).await;
    guest.sends(&draft).await.is(303);
    let (number, code) = guest.get(&format!("/antraege/{draft}/gesendet")).await.is(200).number_and_code();
    let known = [("number", number.as_str()), ("code", code.as_str())];
    let take = [&known[..], &[("do", "take")]].concat();
    guest.post("/vorgang-abfragen", &known).await.is(200).is_silent_about("value=\"take\"");
    guest.post("/vorgang-abfragen", &take).await.is(401);
    let jona = house.citizen(OSTRAU, "jona", "basis").await;
    jona.get(&format!("/vorgaenge/{number}")).await.is(404);
    let wrong = [("number", number.as_str()), ("code", "2222-2222-2222"), ("do", "take")];
    jona.post("/vorgang-abfragen", &wrong).await.is(422);
    house.citizen(WESTRAU, "jona", "basis").await.post("/vorgang-abfragen", &take).await.is(422);
    jona.post("/vorgang-abfragen", &known).await.is(200).says("value=\"take\"");
    jona.post("/vorgang-abfragen", &take).await.is(303).leads_to(&format!("/vorgaenge/{number}"));
    jona.get(&format!("/vorgaenge/{number}")).await.is(200).says("Waldi");
    guest.post("/vorgang-abfragen", &known).await.is(422);
}

#[tokio::test]
async fn what_is_taken_along_opens_no_decision() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let number = submits(&erika).await;
    let petra = house.petra(OSTRAU).await;
    let decides = [("do", "decide"), ("text", "Wir geben statt.")];
    petra.does_with(&number, &decides, &[("files", "Bescheid-Anlage.pdf", PDF)]).await.is(303);
    let provided = "select count(*) from decisions where state = 'provided'";
    assert_eq!(house.database.number(provided).await, 1);
    let taken = erika.post("/meine-daten/export", &[]).await.is(200);
    let mut zip = ZipArchive::new(std::io::Cursor::new(&taken.bytes)).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    for name in ["daten.json", "uebersicht.html"] {
        let text = read(name);
        assert!(text.contains(&number) && text.contains("Schein.pdf"), "{text}");
        assert!(!text.contains("Bescheid-Anlage") && !text.contains("Wir geben statt."), "{text}");
    }
    assert!(zip.file_names().all(|name| !name.unwrap().contains("Bescheid-Anlage")));
    assert_eq!(house.database.number(provided).await, 1, "nobody has opened it");
}

#[tokio::test]
async fn a_wish_to_leave_outlives_its_job() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    submits(&erika).await;
    erika.post(PAGE, &LEAVE).await.is(303);
    house.database.tamper("delete from jobs where kind = 'departure'").await;
    let takes_up = async || {
        let mut tx = room(&house.portal.store, "ostrau").write().await.unwrap();
        let wishes = keeping::take_up(&mut tx, house.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        wishes
    };
    house.set_time("2026-11-05T12:00");
    assert_eq!(takes_up().await, 0, "a job may still be at it");
    house.set_time("2026-11-07T12:00");
    assert_eq!((takes_up().await, takes_up().await), (1, 0));
    house.work_off().await;
    assert_eq!(accounts(&house, "ostrau").await, 0);
}
