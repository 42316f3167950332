//! Löhne's change of provider as a town is shown it: the three commands of the handbook, with the real binary and the towns
//! that are shipped.

use std::time::Duration;

use portal_tests::{
    Browser,
    binary::{Process, command, run},
    links_in, mails_in,
};
use serde_json::Value;
use tempfile::TempDir;

const HOST: &str = "loehne.localhost";
const LINK: &str = "/meine-daten/altes-konto/";

/// As `docs/handbuch-stadt.md` says it, on ports that are free.
async fn day(data: &TempDir, now: &str) -> Process {
    let folder = data.path().to_str().expect("a path in UTF-8");
    let free = ["--listen", "127.0.0.1:0", "--ops", "127.0.0.1:0"];
    let words = ["serve", "--specimens", "--data", folder, "--now", now].into_iter().chain(free);
    Process::start(command(&words.collect::<Vec<_>>())).await
}

/// Mails stay in the folder of a town that is not live.
async fn mail(data: &TempDir, accept: impl Fn(&[String]) -> bool) -> Vec<String> {
    let waited = async {
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        loop {
            pace.tick().await;
            let mails = mails_in(&data.path().join("mail/loehne"));
            if accept(&mails) {
                return mails;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waited).await.expect("a mail comes")
}

async fn retiring(data: &TempDir, now: &str) -> Value {
    let folder = data.path().to_str().expect("a path in UTF-8");
    let said = run(&["accounts", "retiring", "loehne", "--data", folder, "--now", now, "--format", "json"]).await;
    assert!(said.status.success(), "{said:?}");
    serde_json::from_slice::<Value>(&said.stdout).expect("JSON")["providers"][0].clone()
}

#[tokio::test]
async fn loehnes_switch_is_rehearsed_with_three_commands() {
    let data = TempDir::new().expect("a temporary folder");

    // 14 May 2024: the old account is in use, the new one is announced
    let portal = day(&data, "2024-05-14").await;
    portal.get(HOST, "/anmelden").await.is(200).says("Ab dem 15. Mai 2024");
    for person in ["erika", "ali"] {
        let browser = Browser::at(portal.authority(), HOST);
        browser.logs_in_at("servicekonto-nrw", person, "hoch").await.is(303);
        browser.get("/meine-daten").await.is(200).says("Mustermann");
        let page = browser.get("/postkorb/neu").await.is(200).text();
        let (_, rest) = page.split_once("value=\"amt:").expect("offices to write to");
        let about = format!("amt:{}", rest.split('"').next().unwrap_or_default());
        let message = [("about", about.as_str()), ("subject", "Frage zum Hund"), ("message", "Wie lange dauert es?")];
        browser.post("/postkorb/neu", &message).await.is(303);
        browser.get("/postkorb").await.is(200).says("Frage zum Hund");
    }
    portal.stop().await;

    // 17 June: the new one is in use, and whoever has not moved is told that the old one ends
    let portal = day(&data, "2024-06-17").await;
    portal.get(HOST, "/anmelden").await.is(200).says("bestehen noch bis zum 30. Juni 2024");
    let ends = |mails: &[String]| mails.iter().filter(|mail| mail.contains("Subject: Ihr altes Konto wird")).count();
    mail(&data, |mails| ends(mails) == 2).await;
    let erika = Browser::at(portal.authority(), HOST);
    erika.logs_in_at("bundid", "erika", "hoch").await.is(303);
    erika.get("/postkorb").await.is(200).is_silent_about("Frage zum Hund");
    erika.get("/meine-daten").await.is(200).says("Sie hatten ein Konto bei Servicekonto.NRW?");
    erika.post("/meine-daten/altes-konto", &[("email", "erika@example.org")]).await.is(303);
    let mails = mail(&data, |mails| !links_in(mails, LINK).is_empty()).await;
    let link = links_in(&mails, LINK).pop_first().expect("a link");
    // a link of a rehearsal leads into the rehearsal: the town's own portal is somebody else's site, and would get the token
    let port = portal.authority().rsplit(':').next().expect("a port");
    let here = format!("http://{HOST}:{port}");
    assert_eq!(links_in(&mails, &format!("{here}{LINK}")).pop_first(), Some(format!("{here}{link}")));
    assert!(mails.iter().all(|mail| !mail.contains("://serviceportal.loehne.de")), "{mails:?}");
    erika.get(&link).await.is(200).says("Daten jetzt übernehmen?");
    erika.post(&link, &[]).await.is(200).says("Ihre Daten sind da");
    erika.get("/postkorb").await.is(200).says("Frage zum Hund");
    portal.stop().await;
    let before = retiring(&data, "2024-06-30T23:00").await;
    assert_eq!(before["will_go"], 1);
    assert_eq!((&before["stage"], &before["accounts"], &before["moved"]), (&"closing".into(), &2.into(), &1.into()));
    assert_eq!(retiring(&data, "2024-07-02").await["due"], 2);

    // 2 July: the old accounts are gone
    let portal = day(&data, "2024-07-02").await;
    portal.get(HOST, "/anmelden").await.is(200).says("Servicekonto.NRW gibt es seit dem 1. Juli 2024 nicht mehr");
    let gone = async {
        let mut pace = tokio::time::interval(Duration::from_millis(200));
        while retiring(&data, "2024-07-02").await["accounts"] != 0 {
            pace.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("they are deleted");
    let erika = Browser::at(portal.authority(), HOST);
    erika.logs_in_at("bundid", "erika", "hoch").await.is(303);
    erika.get("/postkorb").await.is(200).says("Frage zum Hund");
    erika.get("/meine-daten").await.is(200).is_silent_about("Sie hatten ein Konto bei");
    portal.stop().await;
}

#[tokio::test]
async fn behind_a_proxy_the_links_of_a_rehearsal_are_the_proxys() {
    let data = TempDir::new().expect("a temporary folder");
    let settings = data.path().join("portal.yaml");
    std::fs::write(&settings, "public: {scheme: https, port: 8443}\n").expect("a folder that takes files");
    let (settings, folder) =
        (settings.to_str().expect("a path in UTF-8"), data.path().to_str().expect("a path in UTF-8"));
    let free = ["--listen", "127.0.0.1:0", "--ops", "127.0.0.1:0"];
    let words = ["serve", "--config", settings, "--data", folder, "--now", "2024-06-17"].into_iter().chain(free);
    let portal = Process::start(command(&words.collect::<Vec<_>>())).await;
    portal.get(HOST, "/anmelden").await.is(200).says("\"https://loehne.localhost:8443/anmelden\"");
    portal.stop().await;
}

#[tokio::test]
async fn specimens_come_in_a_rehearsal_only() {
    let told = run(&["serve", "--specimens", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("--now"), "{told:?}");
}
