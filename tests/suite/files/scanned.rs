//! The virus scanner: what waits for it no clerk gets, what it finds something in nobody gets.

use portal::{
    config::files::ScannerAt,
    files::{self, scanner::Scanner},
};
use portal_tests::{Clamd, House, OSTRAU, WESTRAU};

use super::{files_on, has_sent, pdf, refused::EICAR, towns};

async fn house_with(scanner: ScannerAt) -> House {
    let scanner = Scanner::at(scanner);
    House::open_as(towns(), |portal| portal.files = portal.files.scanned_by(scanner)).await
}

fn infected() -> Vec<u8> {
    [&pdf(100_000)[..], EICAR.as_bytes()].concat()
}

#[tokio::test]
async fn nobody_gets_a_file_in_which_something_was_found_and_the_person_is_asked_for_another() {
    let clamd = Clamd::start().await;
    let house = house_with(clamd.at()).await;
    for host in [OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "hoch").await;
        let petra = house.petra(host).await;
        for (content, clean) in [(pdf(100_000), true), (infected(), false)] {
            let number = has_sent(&erika, "Schein.pdf", &content).await;
            let (case, desk) = (format!("/vorgaenge/{number}"), format!("/verwaltung/vorgaenge/{number}"));
            // submission did not wait; a clerk's download does
            let link = files_on(&petra.get(&desk).await.is(200).says("Wird noch auf Viren geprüft"))[0].clone();
            petra.get(&link).await.is(409).says("Die Datei wird noch geprüft");
            erika.get(&case).await.is(200).says("Sie müssen nicht darauf warten");
            house.work_off().await;
            if clean {
                assert!(petra.get(&link).await.is(200).bytes == content);
                erika.get(&case).await.is(200).is_silent_about("Sie müssen nicht darauf warten");
                continue;
            }
            petra.get(&format!("{link}?trotzdem=1")).await.is(409).says("Diese Datei ist gesperrt");
            let page = erika.get(&case).await.is(200).says("Enthielt einen Virus").says("standing-action_required");
            assert!(files_on(&page).is_empty());
            page.says("schicken Sie uns die Unterlage noch einmal");
            let id = link.rsplit('/').next().expect("an id");
            erika.get(&format!("{case}/dateien/{id}")).await.is(404);
        }
    }
}

#[tokio::test]
async fn while_the_scanner_is_away_files_wait_for_it() {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let house = house_with(ScannerAt::Tcp(nowhere)).await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let petra = house.petra(OSTRAU).await;
    let number = has_sent(&erika, "Schein.pdf", &pdf(1000)).await;
    house.work_off().await;
    let page = petra.get(&format!("/verwaltung/vorgaenge/{number}")).await.is(200).says("Wird noch auf Viren geprüft");
    petra.get(&files_on(&page)[0]).await.is(409);
    // for longer than the attempts of a job last
    let store = house.portal.store.platform().remains_of("ostrau");
    let jobs = async |state: &str| {
        house
            .database
            .number(&format!("select count(*) from jobs where kind = 'scan-file' and state = '{state}'"))
            .await
    };
    house.database.tamper("update jobs set state = 'dead'").await;
    let sweeps = async |hours: i64| {
        let later = house.portal.clock.now() + jiff::SignedDuration::from_hours(hours);
        files::sweep(&house.portal.files, &store, "ostrau", later).await.expect("an open room").waiting
    };
    assert_eq!((sweeps(20).await, jobs("waiting").await), (0, 0), "its job may still run");
    assert_eq!(
        (sweeps(35).await, sweeps(36).await, jobs("waiting").await),
        (1, 0, 1),
        "one new job, and not one an hour"
    );
}

#[tokio::test]
async fn a_scanner_says_how_large_files_may_be() {
    let clamd = Clamd::start().await;
    let scanner = Scanner::at(clamd.at());
    assert!(scanner.takes(100 << 20).await.unwrap());
    assert!(!scanner.takes(300 << 20).await.unwrap());
}

#[tokio::test]
async fn a_draft_with_an_infected_file_is_not_sent() {
    let clamd = Clamd::start().await;
    let house = house_with(clamd.at()).await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = erika.begins("antrag").await;
    let (step, review) = (format!("/antraege/{draft}/hund"), format!("/antraege/{draft}/pruefen"));
    erika.post_files(&step, &[("rufname", "Waldi")], &[("schein", "Schein.pdf", &infected())]).await.is(303);
    let seen = erika.get(&review).await.is(200).field("seen");
    house.work_off().await;
    erika.post(&review, &[("seen", &seen), ("confirm", "true")]).await.is(422);
    erika.get(&review).await.is(200).says("etwas Schädliches gefunden");
    let page = erika.post(&step, &[("rufname", "Waldi")]).await.is(422).says("entfernen Sie die Datei");
    let id = page.text().split("remove:").nth(1).expect("a button")[..36].to_owned();
    erika.post(&step, &[("rufname", "Waldi"), ("do", &format!("remove:{id}"))]).await.is(200);
    erika.post_files(&step, &[("rufname", "Waldi")], &[("schein", "Neu.pdf", &pdf(1000))]).await.is(303);
    erika.submits(&draft).await;
}
