//! The second outlet: copies for the mailbox that a login provider keeps. What counts lies here.

use std::{fs, path::Path};

use serde_json::Value;

use super::*;

/// Both towns have a mailbox at their provider, in one folder.
fn towns_with_mailbox(folder: &Path) -> Towns {
    let towns = towns();
    for town in ["ostrau", "westrau"] {
        let mailbox = format!("name: Probe-Anmeldung, mailbox: {{folder: \"{}\"}}}}", folder.display());
        towns.change(&format!("{town}/identity.yaml"), "name: Probe-Anmeldung}", &mailbox);
    }
    towns
}

fn copies_in(folder: &Path) -> Vec<Value> {
    let files = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut copies: Vec<Value> = files.map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect();
    copies.sort_by_key(|copy| copy["at"].as_str().map(str::to_owned));
    copies
}

#[tokio::test]
async fn a_message_is_copied_and_of_a_decision_only_that_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(towns_with_mailbox(folder.path())).await;
    for (host, town) in [(OSTRAU, "ostrau"), (WESTRAU, "westrau")] {
        house.set_time("2026-11-01T12:00");
        let erika = house.citizen(host, "erika", "hoch").await;
        let number = sends(&erika, "Waldi").await;
        let petra = house.petra(host).await;
        petra.does(&number, &[("do", "message"), ("text", "Wir haben eine Frage.")]).await.is(303);
        petra.get(&at(&number)).await.is(200).says("Eine Kopie geht noch an das Postfach bei Probe-Anmeldung");
        house.set_time("2026-11-01T12:05");
        petra.does(&number, &[("do", "decide"), ("text", "Wir geben statt.")]).await.is(303);
        house.work_off().await;
        petra.get(&at(&number)).await.is(200).says("Eine Kopie liegt auch im Postfach bei Probe-Anmeldung");

        let copies = copies_in(&folder.path().join(town));
        let texts: Vec<_> = copies.iter().map(|copy| copy["text"].as_str().unwrap()).collect();
        let [question, decision] = texts[..] else { panic!("{texts:?}") };
        assert_eq!(question, "Wir haben eine Frage.");
        assert!(decision.contains("Bescheid") && !decision.contains("Wir geben statt."), "{decision}");
        let url = copies[0]["url"].as_str().unwrap();
        let thread = &url[url.find("/postkorb/").expect("the address of the thread")..];
        erika.get(thread).await.is(200).says("Wir haben eine Frage.");
    }
    assert_eq!(house.work_off().await, 0, "once");
}

#[tokio::test]
async fn a_mailbox_that_is_away_hides_nothing_and_the_clerk_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("file");
    fs::write(&nowhere, "no folder").unwrap();
    let house = House::open(towns_with_mailbox(&nowhere)).await;
    let mut numbers = Vec::new();
    for host in [OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "hoch").await;
        let number = sends(&erika, "Waldi").await;
        let petra = house.petra(host).await;
        petra.does(&number, &[("do", "message"), ("text", "Wir haben eine Frage.")]).await.is(303);
        house.work_off().await;
        let thread = erika.get("/postkorb").await.is(200).threads().remove(0);
        erika.get(&thread).await.is(200).says("Wir haben eine Frage.");
        numbers.push((host, number));
    }
    for hour in 0..60 {
        house.set_time(&format!("2026-11-{:02}T{:02}:30", 1 + (13 + hour) / 24, (13 + hour) % 24));
        house.work_off().await;
    }
    let failed = "select count(*) from message_copies where state = 'failed' and last_error is not null";
    assert_eq!(house.database.number(failed).await, 2);
    for (host, number) in numbers {
        let paul = house.clerk_of(host, "paul", "Paul Klarname", "sachbearbeitung", Some("steueramt")).await;
        let page = paul.get(&at(&number)).await.is(200);
        page.says("Das Postfach bei Probe-Anmeldung hat die Kopie nicht angenommen").says("Wir haben eine Frage.");
        let erika = house.citizen(host, "erika", "hoch").await;
        let thread = erika.get("/postkorb").await.is(200).threads().remove(0);
        erika.get(&thread).await.is(200).says("Wir haben eine Frage.");
    }
}

#[tokio::test]
async fn without_such_a_mailbox_nothing_is_copied() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    petra.does(&number, &[("do", "message"), ("text", "Wir haben eine Frage.")]).await.is(303);
    assert_eq!(house.database.number("select count(*) from message_copies").await, 0);
    petra.get(&at(&number)).await.is(200).is_silent_about("Eine Kopie");
}

#[tokio::test]
async fn a_copy_whose_job_is_gone_is_not_on_its_way_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(towns_with_mailbox(folder.path())).await;
    for (host, town) in [(OSTRAU, "ostrau"), (WESTRAU, "westrau")] {
        let erika = house.citizen(host, "erika", "hoch").await;
        let number = sends(&erika, "Waldi").await;
        let petra = house.petra(host).await;
        petra.does(&number, &[("do", "message"), ("text", "Wir haben eine Frage.")]).await.is(303);
        house.database.tamper("delete from jobs where kind = 'second-mailbox'").await;
        let store = house.portal.store.platform().remains_of(town);
        let sweeps = async |hours: i64| {
            let later = house.portal.clock.now() + jiff::SignedDuration::from_hours(hours);
            portal::mailbox::outlet::sweep(&store, town, later).await.expect("an open room")
        };
        assert_eq!((sweeps(47).await, sweeps(49).await, sweeps(50).await), (0, 1, 0));
        petra.get(&at(&number)).await.is(200).says("Das Postfach bei Probe-Anmeldung hat die Kopie nicht angenommen");
    }
}
