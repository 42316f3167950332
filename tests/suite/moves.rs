//! A change of provider: what lies in an account of the old one moves, with consent, into one of the new one – and nothing
//! moves for anybody else (promises P12, P13).

use std::collections::BTreeSet;

use portal::{audit, identity::sessions, moves, statements, store::Tx};
use portal_tests::{Answer, Browser, House, OSTRAU, Towns, WESTRAU, inhabitants::room};

statements! {
    ACCOUNTS = "select count(*) from accounts where tenant_id = $1";
    JOBS = "select count(*) from jobs where for_tenant = $1";
    LINKS = "select count(*) from move_requests where tenant_id = $1";
}

const FORM: &str = "
title: Hund anmelden
login: basis
steps: [{id: hund, title: Ihr Hund, fields: [{id: rufname, kind: text, label: Rufname}]}]
";
const PROVIDERS: &str = "providers:
  - {id: altkonto, kind: saml, name: Altkonto.Land, until: 2024-06-30, moves_to: bundid, levels: [basis, substantiell, hoch]}
  - {id: bundid, kind: saml-bundid, name: BundID, from: 2024-05-15}
";
/// What is said to everybody who asks for an old account.
const SENT: &str = "Wenn es zu dieser Adresse ein altes Konto gibt";
/// And to everybody whose link leads nowhere.
const REFUSED: &str = "Die Daten konnten wir nicht übernehmen";
const LINK: &str = "/meine-daten/altes-konto/";

async fn house() -> House {
    let towns = Towns::with_simulator();
    for town in ["ostrau", "westrau"] {
        towns.write(&format!("{town}/identity.yaml"), PROVIDERS);
        towns.offers(town, FORM);
    }
    let house = House::rehearse(towns, "2024-05-14T10:00").await;
    assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
    house
}

async fn logged_in(house: &House, host: &str, provider: &str, person: &str, level: &str) -> Browser {
    let browser = house.browser(host);
    browser.logs_in_at(provider, person, level).await.is(303);
    browser
}

/// The number of a case, beside which a draft and a message lie.
async fn fills(old: &Browser) -> String {
    let begin = async || {
        let draft = old.begins("antrag").await;
        old.post(&format!("/antraege/{draft}/hund"), &[("rufname", "Waldi")]).await.is(303);
        draft
    };
    let number = old.submits(&begin().await).await;
    begin().await;
    let about = format!("vorgang:{number}");
    let message = [("about", about.as_str()), ("subject", "Frage"), ("message", "Wie lange dauert es?")];
    old.post("/postkorb/neu", &message).await.is(303);
    number
}

/// Asks for the account with this address; the link, if a mail came.
async fn asks(house: &House, town: &str, browser: &Browser, email: &str) -> Option<String> {
    let before = house.links(town, LINK);
    browser.post("/meine-daten/altes-konto", &[("email", email)]).await.is(303);
    house.work_off().await;
    let links = house.links(town, LINK);
    let mut new = links.difference(&before);
    let link = new.next().cloned();
    assert_eq!(new.next(), None, "one mail at most");
    link
}

async fn count(house: &House, town: &str, sql: portal::store::Sql) -> i64 {
    let mut tx: Tx = room(&house.portal.store, town).read().await.unwrap();
    tx.query(sql).optional::<(i64,)>().await.unwrap().map_or(0, |(count,)| count)
}

async fn deeds(house: &House, town: &str) -> Vec<String> {
    let mut tx = room(&house.portal.store, town).read().await.unwrap();
    audit::verify(&mut tx).await.unwrap().unwrap_or_else(|broken| panic!("{broken}"));
    audit::show(&mut tx, None, 200).await.unwrap().into_iter().map(|shown| shown.deed).collect()
}

fn swept(told: u64, deleted: u64) -> moves::Swept {
    moves::Swept { told, deleted, failed: 0 }
}

async fn sweep(house: &House, town: &str) -> moves::Swept {
    let tenant = house.portal.tenants.get(town).unwrap();
    let swept = moves::sweep(&house.portal, &tenant, house.clock.now()).await.unwrap();
    house.work_off().await;
    swept
}

#[tokio::test]
async fn what_lay_in_the_old_account_is_found_again_after_the_switch_and_can_be_given_back() {
    let house = house().await;
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    let number = fills(&old).await;
    old.get("/meine-daten").await.is(200).is_silent_about("/meine-daten/altes-konto");
    old.get("/meine-daten/altes-konto").await.is(404);

    house.set_time("2024-05-20T10:00");
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    new.get("/meine-daten").await.is(200).says("Sie hatten ein Konto bei Altkonto.Land?").says("30. Juni 2024");
    new.get("/vorgaenge").await.is(200).is_silent_about(&number);
    new.get("/meine-daten/altes-konto").await.is(200).says("Altkonto.Land").is_silent_about(SENT);
    let link = asks(&house, "westrau", &new, " Erika@Example.org").await.expect("a mail with a link");
    new.get("/meine-daten/altes-konto?gesendet=1").await.is(200).says(SENT);
    // whoever only opens the link has done nothing
    new.get(&link).await.is(200).says("Daten jetzt übernehmen?");
    new.get("/vorgaenge").await.is(200).is_silent_about(&number);
    new.post(&link, &[]).await.is(200).says("Ihre Daten sind da");
    new.get("/vorgaenge").await.is(200).says(&number).says("/antraege/");
    new.get(&format!("/vorgaenge/{number}")).await.is(200);
    new.get("/postkorb").await.is(200).says("Frage");
    new.post(&link, &[]).await.is(403).says(REFUSED);
    house.work_off().await;
    let told = house.mails("westrau");
    let moved = told.iter().find(|mail| mail.contains("Subject: Ihre Daten wurden"));
    assert!(moved.is_some_and(|mail| mail.contains("To: erika@example.org")), "{told:#?}");
    // the old account lets nobody in who would begin something there
    let again = house.browser(WESTRAU);
    again.logs_in_at("altkonto", "erika", "basis").await.is(403).says("Dieses Konto ist umgezogen").says("/anmelden\"");
    again.get("/vorgaenge").await.is(303);
    assert_eq!(asks(&house, "westrau", &new, "erika@example.org").await, None, "it moves once");

    // the same person in another town has nothing
    let elsewhere = logged_in(&house, OSTRAU, "bundid", "erika", "basis").await;
    elsewhere.get("/vorgaenge").await.is(200).is_silent_about(&number);

    let clerk = house.clerk_of(WESTRAU, "petra", "Petra Amt", "administration", None).await;
    let page =
        clerk.get("/verwaltung/umzuege").await.is(200).says("Erika Mustermann").says("30. Juni 2024").says(&number);
    let id = page.field("move");
    clerk.post("/verwaltung/umzuege", &[("move", &id), ("reason", "")]).await.is(422);
    let other = house.clerk_of(OSTRAU, "otto", "Otto Amt", "administration", None).await;
    other.get("/verwaltung/umzuege").await.is(200).is_silent_about("Mustermann");
    other.post("/verwaltung/umzuege", &[("move", &id), ("reason", "fremd")]).await.is(404);
    clerk.post("/verwaltung/umzuege", &[("move", &id), ("reason", "Anruf: das war ich nicht")]).await.is(303);
    let done = clerk.get("/verwaltung/umzuege?erledigt=1").await.is(200);
    done.says("Rückgängig gemacht")
        .says("geboren am")
        .says("Die Übernahme ist rückgängig gemacht")
        .is_silent_about(&number);
    clerk.post("/verwaltung/umzuege", &[("move", &id), ("reason", "noch einmal")]).await.is(404);
    new.get("/vorgaenge").await.is(303);
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    new.get("/vorgaenge").await.is(200).is_silent_about(&number);
    let again = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    again.get("/vorgaenge").await.is(200).says(&number);
    again.get("/postkorb").await.is(200).says("Frage");
    let deeds = deeds(&house, "westrau").await;
    for (deed, times) in [("account.moved", 1), ("account.taken_over", 1), ("move.undone", 2)] {
        assert_eq!(deeds.iter().filter(|known| *known == deed).count(), times, "{deed}");
    }
}

/// Addresses of the conversations in somebody's Postkorb.
async fn threads(citizen: &Browser) -> BTreeSet<String> {
    citizen.get("/postkorb").await.is(200).threads().into_iter().collect()
}

async fn undoes(house: &House) {
    let petra = house.clerk_of(WESTRAU, "petra", "Petra Amt", "administration", None).await;
    let id = petra.get("/verwaltung/umzuege").await.is(200).field("move");
    petra.post("/verwaltung/umzuege", &[("move", &id), ("reason", "Anruf: das war ich nicht")]).await.is(303);
}

#[tokio::test]
async fn what_has_grown_since_goes_back_and_the_old_account_is_told_anew() {
    let house = house().await;
    // a draft lives for a month
    house.set_time("2024-06-10T10:00");
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    let first = fills(&old).await;
    house.set_time("2024-06-17T10:00");
    assert_eq!(sweep(&house, "westrau").await, swept(1, 0));
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.post(&link, &[]).await.is(200);
    // whoever has taken it over sends the draft that came along, and the town hall writes to them
    let list = new.get("/vorgaenge").await.is(200).text();
    let draft = list.split("/antraege/").nth(1).and_then(|rest| rest.get(..36)).expect("the draft came along");
    let second = new.submits(draft).await;
    let paul = house.clerk(WESTRAU, "paul", "Paul Amt").await;
    paul.does(&second, &[("do", "ask"), ("text", "Wie alt ist Waldi?")]).await.is(303);
    let known = threads(&new).await;
    assert_eq!(known.len(), 2);
    undoes(&house).await;
    paul.does(&second, &[("do", "decide"), ("text", "Wir geben statt.")]).await.is(303);
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    assert!(threads(&new).await.is_empty());
    assert_eq!(threads(&old).await.len(), 2);
    for thread in &known {
        new.get(thread).await.is(404);
        old.get(thread).await.is(200);
    }
    new.get("/vorgaenge").await.is(200).is_silent_about(&first).is_silent_about(&second);
    old.get("/vorgaenge").await.is(200).says(&first).says(&second);
    // two weeks from the first warning on are no two weeks for somebody whose account had moved
    house.set_time("2024-07-02T10:00");
    assert_eq!(sweep(&house, "westrau").await, swept(1, 0));
    house.set_time("2024-07-16T10:00");
    assert_eq!(sweep(&house, "westrau").await, swept(0, 1));
}

#[tokio::test]
async fn whoever_has_taken_an_account_over_cannot_delete_it_out_of_reach() {
    let house = house().await;
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    old.get("/meine-daten").await.is(200);
    house.set_time("2024-06-20T10:00");
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.post(&link, &[]).await.is(200);
    // nothing is open; still it waits for as long as the town hall can undo it
    let page = "/meine-daten/loeschen";
    new.get(page).await.is(200).says("4. Juli 2024").is_silent_about("Wir löschen es sofort.");
    new.post(page, &[("do", "leave"), ("confirm", "true")]).await.is(303).leads_to(page);
    house.set_time("2024-07-04T09:59:59");
    house.work_off().await;
    assert_eq!(count(&house, "westrau", ACCOUNTS).await, 2);
    house.set_time("2024-07-04T10:00");
    house.work_off().await;
    assert_eq!(count(&house, "westrau", ACCOUNTS).await, 0, "what was taken over goes along");
}

#[tokio::test]
async fn an_old_account_that_wanted_to_go_stays_as_long_as_its_move_can_be_undone() {
    let house = house().await;
    house.set_time("2024-06-20T09:00");
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    fills(&old).await;
    old.post("/meine-daten/loeschen", &[("do", "leave"), ("confirm", "true")]).await.is(303);
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.post(&link, &[]).await.is(200);
    house.set_time("2024-06-25T09:00");
    house.work_off().await;
    assert_eq!(count(&house, "westrau", ACCOUNTS).await, 2);
    undoes(&house).await;
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    assert_eq!(threads(&old).await.len(), 1);
}

#[tokio::test]
async fn only_who_may_look_after_accounts_sees_and_undoes_moves() {
    let house = house().await;
    let clerk = house.clerk(WESTRAU, "paul", "Paul Amt").await;
    clerk.get("/verwaltung/umzuege").await.is(403);
    clerk.post("/verwaltung/umzuege", &[("move", "x"), ("reason", "x")]).await.is(403);
}

/// Without what every page draws anew.
fn essence(answer: &Answer) -> (u16, String, String) {
    let headers = ["location", "cache-control", "content-type"].map(|name| {
        answer.headers.get(name).map(|value| value.to_str().unwrap_or_default().to_owned()).unwrap_or_default()
    });
    (answer.status, headers.join(" "), answer.text())
}

#[tokio::test]
async fn nobody_learns_whether_an_address_has_an_account() {
    let house = house().await;
    logged_in(&house, WESTRAU, "altkonto", "erika", "hoch").await;
    house.set_time("2024-05-20T10:00");
    let kim = logged_in(&house, WESTRAU, "bundid", "kim", "basis").await;
    let mut answers = Vec::new();
    for email in ["erika@example.org", "nobody@example.org"] {
        let before = count(&house, "westrau", JOBS).await;
        let asked = kim.post("/meine-daten/altes-konto", &[("email", email)]).await.is(303);
        assert_eq!(count(&house, "westrau", JOBS).await, before + 1, "the work of the answer is the same");
        let page = kim.get(asked.header("location")).await.is(200).says(SENT);
        answers.push((essence(&asked), essence(&page)));
    }
    assert!(answers[0] == answers[1], "{answers:#?}");
    house.work_off().await;
    assert_eq!(house.links("westrau", LINK).len(), 1, "only the address that has one hears of it");
    // and the page of a link is the same for a link that was never sent
    let link = house.links("westrau", LINK).first().cloned().unwrap();
    let never = format!("{LINK}{}", "A".repeat(43));
    let (one, other) = (kim.get(&link).await.is(200), kim.get(&never).await.is(200));
    assert_eq!(one.text().replace(&link, LINK), other.text().replace(&never, LINK));
    let (one, other) = (kim.post(&link, &[]).await.is(403), kim.post(&never, &[]).await.is(403));
    assert_eq!(one.text().replace(&link, LINK), other.text().replace(&never, LINK));
}

#[tokio::test]
async fn whoever_got_hold_of_an_address_is_not_the_person_of_the_account() {
    let house = house().await;
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    let number = fills(&old).await;
    house.set_time("2024-05-20T10:00");
    // Kim and Ali read the mails of the address by now: other names, and of Kim no date of birth is known
    for person in ["kim", "ali"] {
        let browser = logged_in(&house, WESTRAU, "bundid", person, "hoch").await;
        let link = asks(&house, "westrau", &browser, "erika@example.org").await.expect("a mail with a link");
        browser.post(&link, &[]).await.is(403).says(REFUSED);
        browser.get("/vorgaenge").await.is(200).is_silent_about(&number);
        // the link is used up
        browser.post(&link, &[]).await.is(403).says(REFUSED);
    }
    assert!(!deeds(&house, "westrau").await.contains(&"account.moved".to_owned()));
}

#[tokio::test]
async fn a_link_is_worth_nothing_in_another_session_another_town_or_an_hour_later() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let old = logged_in(&house, host, "altkonto", "erika", "basis").await;
        fills(&old).await;
    }
    house.set_time("2024-05-20T10:00");
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    // the same account in another browser, the same person in another town, nobody at all
    let phone = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    phone.post(&link, &[]).await.is(403).says(REFUSED);
    let elsewhere = logged_in(&house, OSTRAU, "bundid", "erika", "basis").await;
    elsewhere.post(&link, &[]).await.is(403).says(REFUSED);
    let refused = house.browser(WESTRAU).post(&link, &[]).await;
    assert_ne!(refused.status, 200);
    // a sign of life keeps the session, not the link
    house.set_time("2024-05-20T10:40");
    new.get("/meine-daten").await.is(200);
    house.set_time("2024-05-20T11:00");
    new.post(&link, &[]).await.is(403).says(REFUSED);
    let (store, now) = (room(&house.portal.store, "westrau"), house.clock.now());
    assert_eq!(count(&house, "westrau", LINKS).await, 0, "it was used up");
    assert!(asks(&house, "westrau", &new, "erika@example.org").await.is_some());
    assert_eq!(count(&house, "westrau", LINKS).await, 1);
    sessions::sweep(&store, now + jiff::SignedDuration::from_mins(59)).await.unwrap();
    assert_eq!(count(&house, "westrau", LINKS).await, 1);
    sessions::sweep(&store, now + jiff::SignedDuration::from_mins(60)).await.unwrap();
    assert_eq!(count(&house, "westrau", LINKS).await, 0, "what nobody used goes as well");
    // a step-up is another session: the link of before is none any more
    house.set_time("2024-05-20T11:01");
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.logs_in_at("bundid", "erika", "substantiell").await.is(303);
    new.post(&link, &[]).await.is(403).says(REFUSED);
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.post(&link, &[]).await.is(200);
}

#[tokio::test]
async fn an_account_that_was_used_with_more_needs_more_than_a_password() {
    let house = house().await;
    logged_in(&house, WESTRAU, "altkonto", "erika", "hoch").await;
    house.set_time("2024-05-20T10:00");
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.post(&link, &[]).await.is(403).says(REFUSED);
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "substantiell").await;
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.post(&link, &[]).await.is(200);
}

#[tokio::test]
async fn two_accounts_with_one_address_move_nowhere() {
    let house = house().await;
    logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    let ali = logged_in(&house, WESTRAU, "altkonto", "ali", "basis").await;
    ali.post("/meine-daten/aendern", &[("email", "ERIKA@example.org"), ("notify", "on")]).await.is(303);
    house.work_off().await;
    let confirm = house.links("westrau", "/meine-daten/e-mail/").first().cloned().expect("a link to confirm");
    ali.post(&confirm, &[]).await.is(303);
    house.set_time("2024-05-20T10:00");
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "hoch").await;
    assert_eq!(asks(&house, "westrau", &new, "erika@example.org").await, None);
    assert_eq!(asks(&house, "westrau", &new, "ali@example.org").await, None, "it is not Ali's address any more");
}

#[tokio::test]
async fn guests_and_other_providers_take_nothing_over_and_outside_the_window_nobody_does() {
    let house = house().await;
    logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    house.set_time("2024-06-30T23:30");
    for (provider, person) in [("altkonto", "erika"), ("bundid", "gast")] {
        let browser = logged_in(&house, WESTRAU, provider, person, "basis").await;
        browser.get("/meine-daten").await.is(200).is_silent_about("/meine-daten/altes-konto");
        browser.post("/meine-daten/altes-konto", &[("email", "erika@example.org")]).await.is(404);
    }
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    house.set_time("2024-06-30T23:59:59");
    new.post("/meine-daten/altes-konto", &[("email", "ERIKA@EXAMPLE.ORG")]).await.is(303);
    house.set_time("2024-07-01T00:00");
    new.post(&link, &[]).await.is(403).says(REFUSED);
    assert_eq!(house.work_off().await, 1, "what was asked for in time is looked for too late");
    assert_eq!(house.links("westrau", LINK).len(), 1);
    new.get("/meine-daten").await.is(200).is_silent_about("/meine-daten/altes-konto");
    new.get("/meine-daten/altes-konto").await.is(404);
}

#[tokio::test]
async fn old_accounts_are_told_once_and_deleted_after_the_window_with_what_is_theirs() {
    let house = house().await;
    let erika = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    let number = fills(&erika).await;
    logged_in(&house, WESTRAU, "altkonto", "ali", "basis").await;
    logged_in(&house, OSTRAU, "altkonto", "erika", "basis").await;
    let ends = |house: &House| {
        let mails = house.mails("westrau").into_iter();
        mails.filter(|mail| mail.contains("Subject: Ihr altes Konto wird")).count()
    };
    house.set_time("2024-06-16T23:59:59");
    assert_eq!(sweep(&house, "westrau").await, moves::Swept::default());
    house.set_time("2024-06-17T00:00");
    assert_eq!(sweep(&house, "westrau").await, swept(2, 0));
    assert_eq!((ends(&house), sweep(&house, "westrau").await), (2, moves::Swept::default()));
    // Ali takes over what is his on the last day: his old account waits until nobody can undo that any more
    house.set_time("2024-06-30T12:00");
    let ali = logged_in(&house, WESTRAU, "bundid", "ali", "basis").await;
    let link = asks(&house, "westrau", &ali, "ali@example.org").await.expect("a mail with a link");
    ali.post(&link, &[]).await.is(200);
    house.set_time("2024-06-30T23:59:59");
    assert_eq!(sweep(&house, "westrau").await, moves::Swept::default());
    house.set_time("2024-07-01T00:00");
    house.get(WESTRAU, "/anmelden").await.is(200).says("Altkonto.Land gibt es seit");
    let tenant = house.portal.tenants.get("westrau").unwrap();
    let mut tx = house.portal.store.for_tenant(&tenant).read().await.unwrap();
    let retiring = moves::retiring(&mut tx, &tenant, house.clock.now()).await.unwrap();
    drop(tx);
    let [of] = retiring.as_slice() else { panic!("one provider goes: {retiring:#?}") };
    assert_eq!((of.stage, of.accounts, of.moved, of.not_told, of.due, of.with_open_cases), ("over", 2, 1, 0, 1, 1));
    assert_eq!(of.will_go, 1, "Erika has not moved");
    assert_eq!(sweep(&house, "westrau").await, swept(0, 1));
    assert_eq!(sweep(&house, "westrau").await, moves::Swept::default());
    // the case is the town's file and goes on, cut off from the account
    let clerk = house.clerk(WESTRAU, "paul", "Paul Amt").await;
    clerk.get(&format!("/verwaltung/vorgaenge/{number}")).await.is(200);
    assert!(deeds(&house, "westrau").await.contains(&"person.forgotten".to_owned()));
    house.set_time("2024-07-14T12:00");
    assert_eq!(sweep(&house, "westrau").await, swept(0, 1));
    assert_eq!(count(&house, "westrau", ACCOUNTS).await, 1, "Ali's new account");
    assert_eq!(count(&house, "ostrau", ACCOUNTS).await, 1, "nobody has swept the other town");
}

#[tokio::test]
async fn nobody_is_deleted_who_was_not_told_two_weeks_before() {
    let house = house().await;
    logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    // the portal was away for half a year, and the clock has gone back by an hour in between
    house.set_time("2024-10-20T08:00");
    assert_eq!(sweep(&house, "westrau").await, swept(1, 0));
    house.set_time("2024-11-03T07:59:59");
    assert_eq!(sweep(&house, "westrau").await, moves::Swept::default());
    house.set_time("2024-11-03T08:00");
    assert_eq!(sweep(&house, "westrau").await, swept(0, 1));
}

#[tokio::test]
async fn whoever_was_told_late_can_take_over_until_the_day_in_the_mail() {
    let house = house().await;
    for person in ["erika", "ali"] {
        logged_in(&house, WESTRAU, "altkonto", person, "basis").await;
    }
    house.set_time("2024-10-20T08:00");
    let erika = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    erika.get("/meine-daten/altes-konto").await.is(404);
    assert_eq!(sweep(&house, "westrau").await, swept(2, 0));
    house.set_time("2024-11-02T23:00");
    let erika = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    erika.get("/meine-daten").await.is(200).says("bis zum 2. November 2024");
    erika.get("/meine-daten/altes-konto").await.is(200).says("2. November 2024");
    let link = asks(&house, "westrau", &erika, "erika@example.org").await.expect("a mail with a link");
    erika.post(&link, &[]).await.is(200);
    // Ali was promised the same, and no longer
    house.set_time("2024-11-03T08:00");
    let ali = logged_in(&house, WESTRAU, "bundid", "ali", "basis").await;
    ali.get("/meine-daten").await.is(200).is_silent_about("/meine-daten/altes-konto");
    ali.get("/meine-daten/altes-konto").await.is(404);
}

#[tokio::test]
async fn outside_a_rehearsal_a_provider_without_keys_lets_nobody_in() {
    let towns = Towns::with_simulator();
    towns.write("westrau/identity.yaml", PROVIDERS);
    let house = House::open_at(towns, "2024-05-20").await;
    house.browser(WESTRAU).get("/anmelden/bundid").await.is(303).leads_to("/anmelden");
    let towns = Towns::fixture();
    towns.write("westrau/identity.yaml", PROVIDERS);
    let live = House::rehearse(towns, "2024-05-20").await;
    live.browser("portal.westrau.example").get("/anmelden/bundid").await.is(303).leads_to("/anmelden");
}

/// How often somebody reads that a clerk has opened the case.
async fn looks(citizen: &Browser) -> usize {
    citizen.get("/meine-daten/einsicht").await.is(200).text().matches("Vorgang gelesen").count()
}

#[tokio::test]
async fn who_has_seen_it_is_told_in_the_new_account_also_when_the_old_one_is_gone() {
    let house = house().await;
    house.set_time("2024-06-10T10:00");
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    let case = format!("/verwaltung/vorgaenge/{}", fills(&old).await);
    let paul = house.clerk(WESTRAU, "paul", "Paul Amt").await;
    paul.get(&case).await.is(200);
    house.set_time("2024-06-17T10:00");
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    assert_eq!(looks(&new).await, 0);
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.post(&link, &[]).await.is(200);
    let paul = house.clerk(WESTRAU, "pia", "Pia Amt").await;
    paul.get(&case).await.is(200);
    assert_eq!(looks(&new).await, 2);
    house.set_time("2024-07-10T10:00");
    assert_eq!(sweep(&house, "westrau").await, swept(0, 1));
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let kim = logged_in(&house, WESTRAU, "bundid", "kim", "basis").await;
    assert_eq!((looks(&new).await, looks(&kim).await), (2, 0));
    let left = "select count(*) from audit_persons where account_id not in (select id from accounts)";
    assert_eq!(house.database.number(left).await, 0);
}

#[tokio::test]
async fn what_happens_while_a_move_can_be_undone_both_accounts_are_told() {
    let house = house().await;
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    let case = format!("/verwaltung/vorgaenge/{}", fills(&old).await);
    house.set_time("2024-06-17T10:00");
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let link = asks(&house, "westrau", &new, "erika@example.org").await.expect("a mail with a link");
    new.post(&link, &[]).await.is(200);
    let paul = house.clerk(WESTRAU, "paul", "Paul Amt").await;
    paul.get(&case).await.is(200);
    undoes(&house).await;
    let old = logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    assert_eq!(looks(&old).await, 1, "somebody else had the case, and it was read");
    paul.get(&case).await.is(200);
    let new = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    assert_eq!((looks(&old).await, looks(&new).await), (2, 1));
}

#[tokio::test]
async fn an_account_that_cannot_be_deleted_keeps_no_other() {
    let house = house().await;
    house.set_time("2024-06-20T10:00");
    let paul = house.clerk(WESTRAU, "paul", "Paul Amt").await;
    for person in ["erika", "ali"] {
        let citizen = logged_in(&house, WESTRAU, "altkonto", person, "basis").await;
        let number = fills(&citizen).await;
        paul.does(&number, &[("do", "decide"), ("text", "Wir geben statt.")]).await.is(303);
    }
    assert_eq!(sweep(&house, "westrau").await, swept(2, 0));
    house.set_time("2024-07-05T10:00");
    let broken = "update decisions set details = (select body from messages limit 1)
        where message_id = (select message_id from decisions order by message_id limit 1)";
    house.database.tamper(broken).await;
    for deleted in [1, 0] {
        assert_eq!(sweep(&house, "westrau").await, moves::Swept { told: 0, deleted, failed: 1 });
    }
    assert_eq!(count(&house, "westrau", ACCOUNTS).await, 1);
}

#[tokio::test]
async fn an_account_asks_and_an_address_is_written_to_five_times_a_day() {
    let house = house().await;
    logged_in(&house, WESTRAU, "altkonto", "erika", "basis").await;
    house.set_time("2024-05-20T10:00");
    let erika = logged_in(&house, WESTRAU, "bundid", "erika", "basis").await;
    let kim = logged_in(&house, WESTRAU, "bundid", "kim", "basis").await;
    for minute in 10..15 {
        house.set_time(&format!("2024-05-20T10:{minute}"));
        assert!(asks(&house, "westrau", &erika, "erika@example.org").await.is_some());
    }
    house.set_time("2024-05-20T10:15");
    for email in ["erika@example.org", "nobody@example.org"] {
        erika.post("/meine-daten/altes-konto", &[("email", email)]).await.is(429);
    }
    assert_eq!(asks(&house, "westrau", &kim, "erika@example.org").await, None, "she gets no sixth mail");
    house.set_time("2024-05-21T10:15");
    let kim = logged_in(&house, WESTRAU, "bundid", "kim", "basis").await;
    assert!(asks(&house, "westrau", &kim, "erika@example.org").await.is_some());
}
