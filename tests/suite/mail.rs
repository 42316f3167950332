//! Mails leave after the deed, from the town that did it, once – and not at all from towns that only try things out.

use jiff::{SignedDuration, Timestamp};
use lettre::Address;
use portal::{
    config::mail::{Mail, Tls},
    jobs::{self, desk},
    mail::{self, Post, To, pages::Letter},
};
use portal_tests::{Database, House, Letterbox, Towns, binary};

fn over_smtp(letterbox: &Letterbox) -> Mail {
    let smtp = Some(format!("smtp://{}", letterbox.addr).parse().unwrap());
    Mail { smtp, tls: Some(Tls::None), ..Mail::default() }
}

async fn house_with(letterbox: &Letterbox) -> House {
    let settings = over_smtp(letterbox);
    let towns = Towns::fixture();
    towns.change(
        "ostrau/tenant.yaml",
        "status: live",
        "status: live\nmail: {sender: portal@ostrau.example, name: Rathaus Ostrau, reply_to: post@ostrau.example}",
    );
    House::open_as(towns, |portal| portal.post = Post::new(&settings, std::path::Path::new("nowhere"))).await
}

async fn queue(house: &House, town: &str, to: &str, reply_to: Option<&str>) {
    queue_until(house, town, (to, reply_to), None).await;
}

async fn queue_until(house: &House, town: &str, (to, reply_to): (&str, Option<&str>), until: Option<Timestamp>) {
    let tenant = house.portal.tenants.get(town).unwrap();
    let (html, text) = ("<p>Guten Tag</p>".into(), "Guten Tag".into());
    let letter = Letter { subject: "Grüße aus dem Rathaus".into(), html, text, until };
    let address = |text: &str| text.parse::<Address>().unwrap();
    let to = To { address: address(to), reply_to: reply_to.map(address) };
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    assert!(mail::send(&mut tx, house.clock.now(), letter, to, None).await.unwrap());
    tx.commit().await.unwrap();
}

async fn counts(house: &House) -> (i64, i64) {
    let counts = desk::count(&house.portal.store.platform()).await.unwrap();
    (counts.waiting, counts.dead)
}

#[tokio::test]
async fn a_mail_of_a_live_town_leaves_in_the_towns_name() {
    let letterbox = Letterbox::open().await;
    let house = house_with(&letterbox).await;
    queue(&house, "ostrau", "anna@example.org", None).await;
    queue(&house, "westrau", "bernd@example.org", Some("clerk@westrau.example")).await;
    assert!(letterbox.letters().is_empty(), "no mail leaves while somebody waits for an answer");
    let platform = house.portal.store.platform();
    let jobs = desk::list(&platform, true, 10).await.unwrap();
    assert_eq!(house.work_off().await, 2);
    let letter = |to: &str| letterbox.letters().into_iter().find(|letter| letter.to == [to]).unwrap().text;
    let ostrau = letter("anna@example.org");
    let says = |letter: &str, line: &str| assert!(letter.lines().any(|known| known == line), "{line}:\n{letter}");
    says(&ostrau, "From: \"Rathaus Ostrau\" <portal@ostrau.example>");
    says(&ostrau, "Reply-To: post@ostrau.example");
    says(&ostrau, "To: anna@example.org");
    says(&ostrau, "Auto-Submitted: auto-generated");
    says(&ostrau, "Date: Sun, 01 Nov 2026 11:00:00 +0000");
    let id = jobs.iter().find(|job| job.tenant == "ostrau").unwrap().id;
    says(&ostrau, &format!("Message-ID: <{id}@portal.ostrau.example>"));
    assert!(ostrau.contains("multipart/alternative"), "{ostrau}");
    assert!(ostrau.contains("text/plain") && ostrau.contains("text/html"), "{ostrau}");
    let westrau = letter("bernd@example.org");
    says(&westrau, "Reply-To: clerk@westrau.example");
    assert!(westrau.contains("portal@portal.westrau.example"), "a town that names no sender has its host's");
    assert!(!westrau.contains("ostrau.example>\n"), "{westrau}");
    assert_eq!(counts(&house).await, (0, 0));
}

#[tokio::test]
async fn mails_of_a_town_that_is_not_live_stay_in_the_house() {
    let letterbox = Letterbox::open().await;
    let settings = over_smtp(&letterbox);
    let folder = tempfile::TempDir::new().unwrap();
    let house = House::open_as(Towns::fixture(), |portal| portal.post = Post::new(&settings, folder.path())).await;
    queue(&house, "suedau", "anna@example.org", None).await;
    assert_eq!(house.work_off().await, 1);
    assert!(letterbox.letters().is_empty());
    assert_eq!(std::fs::read_dir(folder.path().join("mail/suedau")).unwrap().count(), 1);
}

#[tokio::test]
async fn a_mail_waits_for_a_server_that_puts_it_off_and_is_told_when_it_is_refused() {
    let letterbox = Letterbox::open().await;
    let house = house_with(&letterbox).await;
    letterbox.answer(Some("451 4.7.1 anna@example.org is greylisted\r\n"));
    queue(&house, "ostrau", "anna@example.org", None).await;
    assert_eq!(house.work_off().await, 1);
    assert_eq!(counts(&house).await, (1, 0));
    letterbox.answer(None);
    house.set_time("2026-11-01T12:01");
    assert_eq!(house.work_off().await, 1);
    assert_eq!((letterbox.letters().len(), counts(&house).await), (1, (0, 0)));

    letterbox.answer(Some("550 5.1.1 nobody@example.org is unknown\r\n"));
    queue(&house, "ostrau", "nobody@example.org", None).await;
    assert_eq!(house.work_off().await, 1);
    assert_eq!(counts(&house).await, (0, 1), "what is refused is not tried again");
    let dead = desk::list(&house.portal.store.platform(), false, 10).await.unwrap().remove(0);
    assert_eq!(dead.last_error.as_deref(), Some("the mail server refuses it with 550"), "and names nobody");
}

#[tokio::test]
async fn an_address_that_takes_no_mail_is_kept_no_longer_than_the_mail_counts_and_words_to_the_town_until_they_arrive()
{
    let letterbox = Letterbox::open().await;
    let house = house_with(&letterbox).await;
    letterbox.answer(Some("550 5.1.1 nobody@example.org is unknown\r\n"));
    let until = house.clock.now() + SignedDuration::from_hours(7 * 24);
    queue_until(&house, "ostrau", ("nobody@example.org", None), Some(until)).await;
    queue(&house, "ostrau", "rathaus@example.org", Some("nobody@example.org")).await;
    assert_eq!((house.work_off().await, counts(&house).await), (2, (0, 2)));
    let platform = house.portal.store.platform();
    house.set_time("2026-11-08T11:59");
    assert_eq!((jobs::tidy(&platform, house.clock.now()).await.unwrap(), counts(&house).await), (vec![], (0, 2)));
    house.set_time("2026-11-08T12:00");
    let dropped = vec![("ostrau".to_owned(), "mail".to_owned())];
    assert_eq!((jobs::tidy(&platform, house.clock.now()).await.unwrap(), counts(&house).await), (dropped, (0, 1)));
    house.set_time("2027-11-08T12:00");
    assert_eq!((jobs::tidy(&platform, house.clock.now()).await.unwrap(), counts(&house).await), (vec![], (0, 1)));
    let dead = desk::list(&platform, false, 10).await.unwrap().remove(0);
    assert!(desk::retry(&platform, dead.id, house.clock.now()).await.unwrap());
    letterbox.answer(None);
    assert_eq!((house.work_off().await, letterbox.letters().len()), (1, 1));
}

#[tokio::test]
async fn a_mail_server_that_is_away_loses_nothing() {
    let letterbox = Letterbox::open().await;
    let house = house_with(&letterbox).await;
    drop(letterbox);
    queue(&house, "ostrau", "anna@example.org", None).await;
    assert_eq!(house.work_off().await, 1);
    assert_eq!(counts(&house).await, (1, 0));
}

#[tokio::test]
async fn the_command_shows_the_conversation() {
    let letterbox = Letterbox::open().await;
    let towns = Towns::fixture();
    let config = towns.path().with_extension("yaml");
    std::fs::write(&config, format!("mail: {{smtp: \"smtp://{}\", tls: none}}\n", letterbox.addr)).unwrap();
    let (config, folder) = (config.display().to_string(), towns.path().display().to_string());
    let test = ["mail", "test", "ostrau", "--tenants", &folder, "--config", &config];
    let sent = binary::run(&test).await;
    let told = String::from_utf8_lossy(&sent.stdout).into_owned();
    assert_eq!(sent.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&sent.stderr));
    for step in
        ["EHLO", "< letterbox.example", "> RCPT TO:<rathaus@ostrau.example>", "< 250 taken", "has taken the mail"]
    {
        assert!(told.contains(step), "{step}:\n{told}");
    }
    assert_eq!(letterbox.letters().len(), 1);

    let nobody = binary::run(&["mail", "test", "nirgendwo", "--tenants", &folder, "--config", &config]).await;
    assert_eq!(nobody.status.code(), Some(2));
    letterbox.answer(Some("550 5.7.1 we do not relay\r\n"));
    let refused = binary::run(&test).await;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("we do not relay") && told.contains("hint"), "{told}");
    drop(letterbox);
    assert_eq!(binary::run(&test).await.status.code(), Some(1));
    std::fs::remove_file(&config).unwrap();
}

#[tokio::test]
async fn no_mail_goes_over_the_network_in_the_clear() {
    let towns = Towns::fixture();
    let config = towns.path().with_extension("yaml");
    std::fs::write(&config, "mail:\n  smtp: smtp://mail.example.org\n  tls: none\n").unwrap();
    let (path, folder) = (config.display().to_string(), towns.path().display().to_string());
    let refused = binary::run(&["mail", "test", "ostrau", "--tenants", &folder, "--config", &path]).await;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains(".yaml:3:8") && told.contains("without encryption"), "{told}");
    let letterbox = Letterbox::open().await;
    std::fs::write(&config, format!("mail: {{smtp: \"smtp://{}\"}}\n", letterbox.addr)).unwrap();
    let refused = binary::run(&["mail", "test", "ostrau", "--tenants", &folder, "--config", &path]).await;
    assert_eq!(refused.status.code(), Some(1), "a server that offers no encryption gets nothing");
    assert!(letterbox.letters().is_empty());
    std::fs::remove_file(&config).unwrap();
}

#[tokio::test]
async fn what_a_kill_left_half_written_is_taken_out_at_the_next_start_and_nothing_else() {
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    let folder = database.folder().join("mail/ostrau");
    std::fs::create_dir_all(folder.join(".unfinished-folder")).unwrap();
    for name in [".unfinished-Xy12Zz", ".tmp-of-somebody", "whole.eml"] {
        std::fs::write(folder.join(name), "Subject: Guten Tag").unwrap();
    }
    let portal = binary::Process::node(&towns, &database, &["--log", "json"]).await;
    let (_, log) = portal.stop().await;
    assert!(log.contains("half-written mails") && log.contains("\"mails\":1"), "{log}");
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(!left.contains(&".unfinished-Xy12Zz".into()), "{left:?}");
}
