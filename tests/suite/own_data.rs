//! People change how they are reached: with the ID they have shown, and no mail goes astray (promise P23).

use portal::config::rates::Rates;
use portal_tests::{Browser, House, OSTRAU, Towns, WESTRAU};

const PAGE: &str = "/meine-daten/aendern";
const CONFIRM: &str = "/meine-daten/e-mail/";
const OBJECT: &str = "/meine-daten/einspruch/";

async fn house() -> House {
    House::open(Towns::with_simulator()).await
}

async fn changes(browser: &Browser, email: &str, phone: &str, language: &str, notify: bool) {
    let mut fields = vec![("email", email), ("phone", phone), ("language", language)];
    fields.extend(notify.then_some(("notify", "on")));
    browser.post(PAGE, &fields).await.is(303);
}

#[tokio::test]
async fn a_new_address_counts_when_it_is_confirmed_and_the_old_one_hears_of_it() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.get(PAGE).await.is(200).says("erika@example.org");
    changes(&erika, "neu@example.com", "05732 / 100-0", "de", true).await;
    erika
        .get("/meine-daten?neu=adresse")
        .await
        .is(200)
        .says("neu@example.com ist noch nicht bestätigt")
        .says("05732 / 100-0");
    erika.get("/postkorb").await.is(200).says("erika@example.org");
    house.work_off().await;
    assert_eq!(
        (house.mails_to("ostrau", "neu@example.com").len(), house.mails_to("ostrau", "erika@example.org").len()),
        (1, 1)
    );
    let link = house.links("ostrau", CONFIRM).first().cloned().expect("a link");
    // a scanner opens it, somebody else and another town know nothing of it
    erika.get(&link).await.is(200).says("Neue E-Mail-Adresse bestätigen");
    house.citizen(OSTRAU, "kim", "basis").await.post(&link, &[]).await.is(400).says("Dieser Link gilt nicht");
    house.citizen(WESTRAU, "erika", "basis").await.post(&link, &[]).await.is(400).says("Dieser Link gilt nicht");
    house.browser(OSTRAU).get(&link).await.is(303);
    erika.get("/postkorb").await.is(200).says("erika@example.org");
    erika.get("/meine-daten").await.is(200).is_silent_about("(bestätigt)");
    erika.post(&link, &[]).await.is(303).leads_to("/meine-daten?neu=bestaetigt");
    erika.get("/meine-daten").await.is(200).says("(bestätigt)");
    erika.get("/postkorb").await.is(200).says("neu@example.com");
    erika.post(&link, &[]).await.is(400).says("Dieser Link gilt nicht");
    // the next login brings the provider's address along, and the person's own stays
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.get("/meine-daten").await.is(200).says("neu@example.com").is_silent_about("erika@example.org");
    house.citizen(WESTRAU, "erika", "basis").await.get("/meine-daten").await.is(200).says("erika@example.org");
}

#[tokio::test]
async fn only_a_new_address_takes_from_the_mails_that_somebody_may_send() {
    let rates = Rates { mail: "1/10m".parse().unwrap(), ..Rates::OFF };
    let house = House::open_with_rates(Towns::with_simulator(), rates).await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    for phone in ["05732 1001", "05732 1002", "05732 1003"] {
        changes(&erika, "erika@example.org", phone, "de", true).await;
    }
    changes(&erika, "neu@example.com", "", "de", true).await;
    erika.post(PAGE, &[("email", "noch@example.com"), ("language", "de")]).await.is(429);
    changes(&erika, "erika@example.org", "05732 1004", "de", true).await;
}

#[tokio::test]
async fn a_link_to_a_new_address_works_for_a_day_and_the_last_wish_counts() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    changes(&erika, "eins@example.com", "", "de", true).await;
    house.work_off().await;
    let first = house.links("ostrau", CONFIRM).first().cloned().expect("a link");
    changes(&erika, "zwei@example.com", "", "de", true).await;
    house.work_off().await;
    erika.post(&first, &[]).await.is(400);
    let second = house.links("ostrau", CONFIRM).into_iter().find(|link| *link != first).expect("a link");
    house.set_time("2026-11-02T12:00");
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.post(&second, &[]).await.is(400);
    erika.get("/meine-daten").await.is(200).says("erika@example.org").is_silent_about("zwei@example.com");
}

#[tokio::test]
async fn the_old_address_takes_a_change_back_also_after_it_was_confirmed() {
    let house = house().await;
    let thief = house.citizen(OSTRAU, "erika", "basis").await;
    changes(&thief, "dieb@example.com", "", "de", true).await;
    house.work_off().await;
    let link = house.links("ostrau", CONFIRM).first().cloned().expect("a link");
    thief.post(&link, &[]).await.is(303);
    let object = house.links("ostrau", OBJECT).first().cloned().expect("a link to object");
    // without a login: whoever reads the mails may not get into the account any more
    let erika = house.browser(OSTRAU);
    erika.get(&object).await.is(200).says("Das war ich nicht");
    house.browser(WESTRAU).post(&object, &[]).await.is(400);
    thief.get("/meine-daten").await.is(200).says("dieb@example.com");
    erika.post(&object, &[]).await.is(200).says("Es bleibt bei Ihrer E-Mail-Adresse");
    thief.get("/meine-daten").await.is(303);
    erika.post(&object, &[]).await.is(400);
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.get("/meine-daten").await.is(200).says("erika@example.org").is_silent_about("dieb@example.com");
}

#[tokio::test]
async fn a_second_change_takes_nothing_away_from_the_first_address() {
    let house = house().await;
    let thief = house.citizen(OSTRAU, "erika", "basis").await;
    let mut objections = Vec::new();
    for (moment, address) in [("2026-11-01T12:01", "dieb@example.com"), ("2026-11-01T12:02", "hehler@example.com")] {
        house.set_time(moment);
        let before = [CONFIRM, OBJECT].map(|way| house.links("ostrau", way));
        changes(&thief, address, "", "de", true).await;
        house.work_off().await;
        let after = [CONFIRM, OBJECT].map(|way| house.links("ostrau", way));
        let new = |way: usize| after[way].difference(&before[way]).next().cloned().expect("a link");
        thief.post(&new(0), &[]).await.is(303);
        objections.push(new(1));
    }
    let anybody = house.browser(OSTRAU);
    anybody.post(&objections[1], &[]).await.is(200);
    anybody.post(&objections[0], &[]).await.is(200).says("Es bleibt bei Ihrer E-Mail-Adresse");
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let page = erika.get("/meine-daten").await.is(200).says("erika@example.org");
    page.is_silent_about("dieb@example.com").is_silent_about("hehler@example.com");
}

#[tokio::test]
async fn whoever_has_shown_an_id_once_shows_it_again() {
    let house = house().await;
    house.citizen(OSTRAU, "erika", "hoch").await;
    let fields = [("email", "neu@example.com"), ("phone", ""), ("notify", "on")];
    for level in ["basis", "substantiell"] {
        let erika = house.citizen(OSTRAU, "erika", level).await;
        for answer in [erika.get(PAGE).await, erika.post(PAGE, &fields).await] {
            answer.is(303).leads_to("/anmelden?zurueck=%2Fmeine-daten%2Faendern&niveau=hoch");
        }
    }
    assert_eq!(house.work_off().await, 0, "no mail was sent");
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    erika.get(PAGE).await.is(200).says("Deshalb braucht eine Änderung wieder den Ausweis");
    erika.post(PAGE, &fields).await.is(303).leads_to("/meine-daten?neu=adresse");
    // in the other town nobody has
    house.citizen(WESTRAU, "erika", "basis").await.get(PAGE).await.is(200);
    // and a guest has nothing that could be changed
    house.citizen(OSTRAU, "gast", "basis").await.get(PAGE).await.is(303).leads_to("/meine-daten");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_kept() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let page = erika.post(PAGE, &[("email", "erika@"), ("phone", "keine")]).await.is(422);
    page.says("So sieht keine E-Mail-Adresse aus").says("So sieht keine Telefonnummer aus").says("erika@");
    erika.get("/meine-daten").await.is(200).says("erika@example.org").is_silent_about("keine<");
    assert_eq!(house.work_off().await, 0);
}

#[tokio::test]
async fn the_language_somebody_chose_is_that_of_mails_and_of_the_way_in() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    changes(&erika, "erika@example.org", "", "en", true).await;
    let answer = house.browser(OSTRAU).logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    assert_eq!(answer.header("location"), "/en/meine-daten");
    let answer = house.browser(OSTRAU).logs_in_from("erika", "basis", "/faq").await.is(303);
    assert_eq!(answer.header("location"), "/faq", "whoever came from somewhere goes back there");
    changes(&erika, "neu@example.com", "", "en", true).await;
    house.work_off().await;
    let mails = house.mails_to("ostrau", "erika@example.org");
    assert!(mails[0].contains("Subject: Your e-mail address"), "{mails:#?}");
    house.citizen(WESTRAU, "erika", "basis").await.get("/meine-daten").await.is(200);
}

#[tokio::test]
async fn mails_can_be_switched_off_and_an_empty_field_means_the_address_of_the_account() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    changes(&erika, "neu@example.com", "", "de", false).await;
    erika.get(PAGE).await.is(200).is_silent_about("checked");
    house.work_off().await;
    let link = house.links("ostrau", CONFIRM).first().cloned().expect("a link");
    erika.post(&link, &[]).await.is(303);
    erika.get("/meine-daten").await.is(200).says("neu@example.com");
    changes(&erika, "", "", "de", true).await;
    erika.get("/meine-daten").await.is(200).says("erika@example.org");
    erika.get(PAGE).await.is(200).says("checked");
}

#[tokio::test]
async fn an_address_that_is_taken_out_hears_of_it_and_can_take_it_back() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    changes(&erika, "neu@example.com", "", "de", true).await;
    house.work_off().await;
    let link = house.links("ostrau", CONFIRM).first().cloned().expect("a link");
    erika.post(&link, &[]).await.is(303);
    let before = house.links("ostrau", OBJECT);
    // somebody sits down at her session: the confirmed address goes, and the next one objects to nobody who could
    changes(&erika, "", "", "de", true).await;
    changes(&erika, "mallory@example.com", "", "de", true).await;
    changes(&erika, "", "", "de", true).await;
    house.work_off().await;
    let told = house.mails_to("ostrau", "neu@example.com");
    assert_eq!(told.len(), 2, "to confirm, and to object: {told:#?}");
    for wish in house.links("ostrau", CONFIRM) {
        erika.post(&wish, &[]).await.is(400);
    }
    let objections = portal_tests::links_in(&told, OBJECT);
    let objection = objections.difference(&before).next().expect("a link to object");
    house.browser(WESTRAU).post(objection, &[]).await.is(400);
    house.browser(OSTRAU).post(objection, &[]).await.is(200).says("Es bleibt bei Ihrer E-Mail-Adresse");
    erika.get("/meine-daten").await.is(303);
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.get("/meine-daten").await.is(200).says("neu@example.com");
}
