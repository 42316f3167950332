//! What is kept goes at its time, whole and in its own town; a person gets everything, and is forgotten (promise j).

use std::{fs, io::Read, process::Output};

use portal::{audit, keeping, statements};
use portal_tests::{
    Browser, House, OSTRAU, PDF, Towns, WESTRAU,
    binary::run,
    inhabitants::{room, sealed},
};
use serde_json::Value;
use zip::ZipArchive;

statements! {
    SEALED = "select application from cases where tenant_id = $1 union all select details from case_events
        where tenant_id = $1 and details is not null union all select body from messages where tenant_id = $1
        union all select subject from threads where tenant_id = $1";
    OF_PEOPLE = "select profile from accounts where tenant_id = $1 union all select token from sessions where tenant_id = $1
        union all select answers from drafts where tenant_id = $1 and answers is not null
        union all select body from messages where tenant_id = $1 and thread_id in
            (select id from threads where tenant_id = $1 and case_id is null)";
}

const FORM: &str = r"
title: Hund anmelden
login: basis
keep_days: 90
steps:
  - id: hund
    title: Ihr Hund
    fields: [{id: rufname, kind: text, label: Rufname}, {id: schein, kind: file, label: Schein, optional: true}]
";

async fn house() -> House {
    let towns = Towns::with_simulator();
    for town in ["ostrau", "westrau"] {
        towns.offers(town, FORM);
    }
    House::open(towns).await
}

/// The number of a new case with a file, in which a message with another one was written.
async fn submits(erika: &Browser) -> String {
    let draft = erika.begins("antrag").await;
    uploads(erika, &draft).await;
    let number = erika.submits(&draft).await;
    let message =
        [("about", format!("vorgang:{number}")), ("subject", "Frage".into()), ("message", "Wie lange?".into())];
    let message: Vec<(&str, &str)> = message.iter().map(|(name, value)| (*name, value.as_str())).collect();
    erika.post_files("/postkorb/neu", &message, &[("files", "Foto.pdf", PDF)]).await.is(303);
    number
}

async fn uploads(erika: &Browser, draft: &str) {
    let step = format!("/antraege/{draft}/hund");
    erika.post_files(&step, &[("rufname", "Waldi")], &[("schein", "Schein.pdf", PDF)]).await.is(303);
}

async fn ask(house: &House, words: &[&str]) -> Output {
    let (data, place) = (house.database.folder().display().to_string(), house.database.arguments());
    let mut all = words.to_vec();
    all.extend(["--data", &data, "--tenants", house.towns.path().to_str().unwrap()]);
    all.extend(place.iter().map(String::as_str));
    run(&all).await
}

async fn sweeps(house: &House, town: &str) -> keeping::Swept {
    let tenant = house.portal.tenants.get(town).unwrap();
    let swept = keeping::sweep(&house.portal.store.for_tenant(&tenant), &tenant, house.clock.now()).await.unwrap();
    house.portal.store.platform().sweep().await.unwrap();
    swept
}

#[tokio::test]
async fn a_case_goes_whole_when_its_time_is_over_and_never_before_or_on_hold() {
    let house = house().await;
    let database = &house.database;
    let mut numbers = Vec::new();
    for host in [OSTRAU, OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "basis").await;
        let number = submits(&erika).await;
        erika.post(&format!("/vorgaenge/{number}"), &[("do", "withdraw")]).await.is(303);
        numbers.push(number);
    }
    // a third one of Ostrau that nobody has closed
    submits(&house.citizen(OSTRAU, "kim", "basis").await).await;
    database.tamper(&format!("update cases set hold = true where number = '{}'", numbers[0])).await;
    let traces = sealed(&house.portal.store, "ostrau", SEALED).await;
    assert_eq!(sweeps(&house, "ostrau").await, keeping::Swept::default());
    house.set_time("2027-01-29T12:00");
    assert_eq!(sweeps(&house, "ostrau").await, keeping::Swept::default(), "the last day belongs to it");
    house.set_time("2027-01-31T12:00");
    house.work_off().await;
    assert_eq!(house.objects(), 8);
    assert_eq!(sweeps(&house, "ostrau").await, keeping::Swept { cases: 1, threads: 0 });
    assert_eq!(sweeps(&house, "ostrau").await, keeping::Swept::default());
    house.work_off().await;
    assert_eq!(house.objects(), 6, "files go with the case and its messages");
    for (table, left) in [("cases", 3), ("threads", 3), ("messages", 3)] {
        assert_eq!(database.number(&format!("select count(*) from {table}")).await, left, "{table}");
    }
    let orphans = "select count(*) from case_events where case_id not in (select id from cases)";
    assert_eq!(database.number(orphans).await, 0);
    let drafts = "select count(*) from drafts where case_id not in (select id from cases)";
    assert_eq!(database.number(drafts).await, 0);
    let left = sealed(&house.portal.store, "ostrau", SEALED).await;
    let gone: Vec<Vec<u8>> = traces.into_iter().filter(|trace| !left.contains(trace)).collect();
    assert_eq!(gone.len(), 3, "what was applied for, a subject and a message");
    if !database.is_postgres() {
        assert!(database.finds(&left).is_some(), "the search finds what is there");
        assert_eq!(database.finds(&gone), None);
    }
    let mut tx = room(&house.portal.store, "ostrau").read().await.unwrap();
    let last = audit::show(&mut tx, None, 1).await.unwrap().remove(0);
    assert_eq!(last.deed, "case.expired");
    assert!(last.details.unwrap()["number_mark"].as_str().is_some_and(|mark| mark.len() == 64));
    audit::verify(&mut tx).await.unwrap().unwrap();
}

#[tokio::test]
async fn messages_without_a_case_go_two_years_after_the_last_once_the_town_hall_has_read_them() {
    let house = house().await;
    for person in ["erika", "kim"] {
        let browser = house.citizen(OSTRAU, person, "basis").await;
        let words = [("about", "amt:steueramt"), ("subject", "Frage"), ("message", "Guten Tag.")];
        browser.post_files("/postkorb/neu", &words, &[("files", "Foto.pdf", PDF)]).await.is(303);
    }
    let all = "select count(*) from threads where case_id is null";
    assert_eq!(house.database.number(all).await, 2);
    house
        .database
        .tamper("update threads set unread_staff = 0 where id = (select id from threads order by id limit 1)")
        .await;
    house.set_time("2028-10-30T12:00");
    assert_eq!(sweeps(&house, "ostrau").await, keeping::Swept::default());
    house.set_time("2028-11-02T12:00");
    assert_eq!(sweeps(&house, "ostrau").await, keeping::Swept { cases: 0, threads: 1 });
    assert_eq!(house.database.number("select count(*) from messages").await, 1, "nobody has read the other one");
    house.work_off().await;
    assert_eq!(house.objects(), 1);
}

#[tokio::test]
async fn files_of_drafts_whose_time_is_over_go_with_them() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "basis").await;
        uploads(&erika, &erika.begins("antrag").await).await;
    }
    assert_eq!(house.objects(), 2);
    house.set_time("2028-11-01T12:00");
    portal::forms::drafts::sweep(&room(&house.portal.store, "ostrau"), house.clock.now()).await.unwrap();
    house.work_off().await;
    assert_eq!((house.objects(), house.database.number("select count(*) from files").await), (1, 1));
}

#[tokio::test]
async fn a_person_gets_everything_and_is_forgotten_without_a_trace() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = submits(&erika).await;
    let free = [("about", "amt:steueramt"), ("subject", "Frei"), ("message", "Ohne Vorgang.")];
    erika.post_files("/postkorb/neu", &free, &[("files", "Frei.pdf", PDF)]).await.is(303);
    uploads(&erika, &erika.begins("antrag").await).await;
    let other = house.citizen(WESTRAU, "erika", "hoch").await;
    let elsewhere = submits(&other).await;

    let place = tempfile::tempdir().unwrap();
    let zip = place.path().join("erika.zip").display().to_string();
    let given = ask(&house, &["person", "export", "ostrau", &number, "--to", &zip]).await;
    assert!(given.status.success(), "{given:?}");
    let mut zip = ZipArchive::new(fs::File::open(&zip).unwrap()).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let data: Value = serde_json::from_str(&read("daten.json")).unwrap();
    assert_eq!((&data["cases"][0]["number"], data["cases"].as_array().unwrap().len()), (&number.clone().into(), 1));
    assert_eq!((data["threads"].as_array().unwrap().len(), data["drafts"].as_array().unwrap().len()), (2, 1));
    assert!(!data.to_string().contains(&elsewhere), "another town's cases are nobody's here");
    let files = data["files"].as_array().unwrap();
    let mut names: Vec<&str> = files.iter().map(|file| file["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Foto.pdf", "Frei.pdf", "Schein.pdf", "Schein.pdf"]);
    assert!(files.iter().all(|file| read(file["path"].as_str().unwrap()).as_bytes() == PDF));
    let text = read("uebersicht.html");
    for said in ["Mustermann", "Waldi", "Ohne Vorgang.", "Wie lange?", &number, "Rufname", "Familienname"] {
        assert!(text.contains(said), "{said} is missing in {text}");
    }

    house.work_off().await;
    assert_eq!(house.objects(), 6);
    let traces = sealed(&house.portal.store, "ostrau", OF_PEOPLE).await;
    assert!(traces.len() >= 4, "{}", traces.len());
    let looked = ask(&house, &["person", "forget", "ostrau", &number, "--dry-run"]).await;
    assert!(looked.status.success() && String::from_utf8_lossy(&looked.stdout).contains("Vorschau"), "{looked:?}");
    let hesitated = ask(&house, &["person", "forget", "ostrau", &number]).await;
    assert_eq!(hesitated.status.code(), Some(2));
    erika.get(&format!("/vorgaenge/{number}")).await.is(200);
    let done = ask(&house, &["person", "forget", "ostrau", &number, "--yes", "--format", "json"]).await;
    let receipt: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    let counts = serde_json::json!({"sessions": 1, "logins": 0, "drafts": 2, "threads": 1, "cases_deleted": 0,
        "cases_kept": 1, "cases_open": 1, "letters": 0});
    assert_eq!((&receipt["counts"], &receipt["deleted"]), (&counts, &true.into()));

    erika.get(&format!("/vorgaenge/{number}")).await.is(303);
    for table in ["accounts", "sessions"] {
        let left = house.database.number(&format!("select count(*) from {table} where tenant_id = 'ostrau'")).await;
        assert_eq!(left, 0, "{table}");
    }
    let linked = "select (select count(*) from cases where tenant_id = 'ostrau' and account_id is not null)
        + (select count(*) from threads where tenant_id = 'ostrau' and account_id is not null)
        + (select count(*) from drafts where tenant_id = 'ostrau')
        + (select count(*) from case_events where tenant_id = 'ostrau' and actor_id is not null)";
    assert_eq!(house.database.number(linked).await, 0);
    assert_eq!(
        house.database.number("select count(*) from cases where tenant_id = 'ostrau'").await,
        1,
        "the town's file"
    );
    if !house.database.is_postgres() {
        assert_eq!(house.database.finds(&traces), None);
    }
    other.get(&format!("/vorgaenge/{elsewhere}")).await.is(200);
    let again = ask(&house, &["person", "forget", "ostrau", &number, "--yes"]).await;
    assert_eq!(again.status.code(), Some(1), "there is nobody any more");
    // the command looks at the real clock, which is past ours or before it
    house.set_time("2100-01-01T12:00");
    house.work_off().await;
    assert_eq!(house.objects(), 4, "those of the cases stay with the town");
    house.set_time("2026-11-01T12:00");
    // who comes back is somebody new
    let anew = house.citizen(OSTRAU, "erika", "basis").await;
    anew.get(&format!("/vorgaenge/{number}")).await.is(404);
}

#[tokio::test]
async fn a_clerk_takes_the_file_of_a_case_and_the_operator_sees_what_will_go() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let number = submits(&erika).await;
    let petra = house.clerk(OSTRAU, "petra", "Petra Amt").await;
    petra.post(&format!("/verwaltung/vorgaenge/{number}"), &[("do", "note"), ("note", "Nur für uns.")]).await.is(303);
    let taken = petra.get(&format!("/verwaltung/vorgaenge/{number}/akte.zip")).await.is(200);
    assert_eq!(taken.header("content-type"), "application/zip");
    let mut zip = ZipArchive::new(std::io::Cursor::new(&taken.bytes)).unwrap();
    let mut names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["akte.json", "antrag.pdf", "dateien/1-Schein.pdf", "dateien/2-Foto.pdf", "nachrichten.pdf"]);
    let mut content = Vec::new();
    zip.by_name("dateien/2-Foto.pdf").unwrap().read_to_end(&mut content).unwrap();
    assert_eq!(content, PDF);
    let file: Value = serde_json::from_reader(zip.by_name("akte.json").unwrap()).unwrap();
    assert!(file.to_string().contains("Nur für uns.") && file.to_string().contains("Petra Amt"), "{file}");
    assert!(file["messages"][0]["text"].as_str().is_some_and(|text| text.ends_with("Wie lange?")), "{file}");
    assert_eq!(
        (&file["files"][1]["message"], &file["files"][0]["scan"]),
        (&file["messages"][0]["id"], &"unscanned".into())
    );
    let mut tx = room(&house.portal.store, "ostrau").read().await.unwrap();
    assert_eq!(audit::show(&mut tx, None, 1).await.unwrap()[0].deed, "case.exported");
    drop(tx);
    let karl = house.clerk(WESTRAU, "karl", "Karl Amt").await;
    karl.get(&format!("/verwaltung/vorgaenge/{number}/akte.zip")).await.is(404);

    erika.post(&format!("/vorgaenge/{number}"), &[("do", "withdraw")]).await.is(303);
    let soon = ask(&house, &["retention", "ostrau", "--dry-run", "--until", "2027-06-01", "--format", "json"]).await;
    let soon: Value = serde_json::from_slice(&soon.stdout).unwrap_or_else(|_| panic!("{soon:?}"));
    assert_eq!((&soon["cases"][0]["number"], soon["threads"].as_i64()), (&number.into(), Some(0)));
    assert_eq!(house.database.number("select count(*) from cases").await, 1, "it only looked");
}
