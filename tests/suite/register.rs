//! Accounts of the portal's own: registered for, confirmed, forgotten, protected – and told to nobody who does not own them.

mod enumeration;

use portal_tests::{Browser, House, OSTRAU, OWN, Towns, WESTRAU};

const ANNA: &str = "anna@example.org";
const CONFIRM: &str = "/registrieren/bestaetigen/";
const NEW: &str = "fünf Dohlen zählen Erbsen";

async fn house() -> House {
    House::open(Towns::with_own_accounts()).await
}

async fn logs_in(house: &House, host: &str, name: &str, password: &str) -> (Browser, u16) {
    let browser = house.browser(host);
    let answer = browser.post("/anmelden/konto", &[("name", name), ("password", password)]).await;
    (browser, answer.status)
}

#[tokio::test]
async fn somebody_registers_looks_it_over_confirms_and_logs_in() {
    let house = house().await;
    let anna = house.browser(OSTRAU);
    anna.get("/anmelden").await.is(200).says("/registrieren");
    anna.get("/registrieren/pruefen").await.is(303).leads_to("/registrieren");
    anna.writes("anna", "anna@exmple.org").await.is(303).leads_to("/registrieren/pruefen");
    anna.get("/registrieren/pruefen").await.is(200).says("anna@exmple.org").says("Ida").is_silent_about(OWN);
    // a slip is put right before anything is sent
    anna.get("/registrieren").await.is(200).says("anna@exmple.org").is_silent_about(OWN);
    anna.writes("anna", ANNA).await.is(303);
    anna.get("/registrieren/pruefen").await.is(200).says(ANNA).is_silent_about("exmple");
    assert_eq!(house.work_off().await, 0, "nobody has asked for anything yet");
    anna.post("/registrieren/pruefen", &[]).await.is(303).leads_to("/registrieren/pruefen");
    // a second click finds it sent
    anna.post("/registrieren/pruefen", &[]).await.is(303);
    anna.get("/registrieren/pruefen").await.is(200).says("2. November 2026, 12:00").says(ANNA);
    let link = house.link_to("ostrau", ANNA, CONFIRM).await;
    assert_eq!(house.letters("ostrau").len(), 1);
    assert_eq!(logs_in(&house, OSTRAU, "anna", OWN).await.1, 200, "nothing counts before it is confirmed");

    // a program that looks through mails opens the link, and another browser confirms it
    let page = format!("{CONFIRM}{link}");
    let elsewhere = house.browser(OSTRAU);
    for _ in 0..3 {
        elsewhere.get(&page).await.is(200).says("anna");
    }
    house.browser(WESTRAU).get(&page).await.is(200).is_silent_about("anna@");
    house.browser(WESTRAU).post(&page, &[]).await.is(200).is_silent_about("anna@");
    elsewhere.post(&page, &[]).await.is(200).says("/anmelden/konto");
    elsewhere.post(&page, &[]).await.is(200).says("gilt nicht mehr");
    elsewhere.get(&page).await.is(200).says("gilt nicht mehr");

    let (anna, status) = logs_in(&house, OSTRAU, " Anna ", OWN).await;
    assert_eq!(status, 303);
    anna.get("/meine-daten").await.is(200).says("Ida").says(ANNA).says("Benutzername und Passwort");
    assert_eq!(logs_in(&house, WESTRAU, "anna", OWN).await.1, 200, "nobody in the next town");
    assert_eq!(logs_in(&house, OSTRAU, "anna", "falsch").await.1, 200);
    assert_eq!(house.database.number("select count(*) from registrations").await, 0);
}

#[tokio::test]
async fn whoever_logs_in_goes_on_where_they_were_and_more_than_basis_leads_elsewhere() {
    let house = house().await;
    house.owner(OSTRAU, "anna", ANNA).await;
    let anna = house.browser(OSTRAU);
    let fields = [("name", "anna"), ("password", OWN)];
    anna.get("/anmelden/konto?zurueck=/faq").await.is(200);
    anna.post("/anmelden/konto?zurueck=/faq", &fields).await.is(303).leads_to("/faq");
    let other = house.browser(OSTRAU);
    other.post("/anmelden/konto?zurueck=//evil.example", &fields).await.is(303).leads_to("/meine-daten");
    let higher = house.browser(OSTRAU);
    let at = "/anmelden/konto?niveau=hoch";
    higher.get(at).await.is(303).leads_to("/anmelden?niveau=hoch");
    higher.post(at, &fields).await.is(303).leads_to("/anmelden?niveau=hoch");
    higher.get("/meine-daten").await.is(303);
}

#[tokio::test]
async fn what_nobody_confirms_is_deleted_after_a_day_also_when_the_clocks_change() {
    // 24 hours that end an hour earlier and an hour later by the clock on the wall, and plain ones
    for (begun, until, before, after) in [
        ("2026-10-24T12:00", "25. Oktober 2026, 11:00", "2026-10-25T10:59", "2026-10-25T11:00"),
        ("2027-03-27T12:00", "28. März 2027, 13:00", "2027-03-28T12:59", "2027-03-28T13:00"),
        ("2026-11-01T12:00", "2. November 2026, 12:00", "2026-11-02T11:59", "2026-11-02T12:00"),
    ] {
        let house = House::open_at(Towns::with_own_accounts(), begun).await;
        let kept = house.registers(WESTRAU, "bleibt", "bleibt@example.org").await;
        let anna = house.registers(OSTRAU, "anna", ANNA).await;
        anna.get("/registrieren/pruefen").await.is(200).says(until);
        let link = house.link_to("ostrau", ANNA, CONFIRM).await;
        let mail = house.letters("ostrau").remove(0);
        assert!(mail.contains(&until.replace('ä', "=C3=A4")), "{mail}");
        house.set_time(before);
        house.work_off().await;
        anna.get(&format!("{CONFIRM}{link}")).await.is(200).says("anna");
        assert_eq!(house.database.number("select count(*) from registrations").await, 2);
        let confirmed = house.link_to("westrau", "bleibt@example.org", CONFIRM).await;
        kept.post(&format!("{CONFIRM}{confirmed}"), &[]).await.is(200).says("/anmelden/konto");
        house.set_time(after);
        // before anything has been swept it counts no more
        anna.post(&format!("{CONFIRM}{link}"), &[]).await.is(200).says("gilt nicht mehr");
        anna.get("/registrieren/pruefen").await.is(303).leads_to("/registrieren");
        house.work_off().await;
        assert_eq!(house.database.number("select count(*) from registrations").await, 0, "name, password and all");
        assert_eq!(house.database.number("select count(*) from accounts").await, 1, "the one that was confirmed");
        assert_eq!(logs_in(&house, OSTRAU, "anna", OWN).await.1, 200);
        // the name is free again
        house.owner(OSTRAU, "anna", ANNA).await.get("/meine-daten").await.is(200);
    }
}

#[tokio::test]
async fn a_draft_nobody_sends_off_lasts_an_hour() {
    let house = house().await;
    let anna = house.browser(OSTRAU);
    anna.writes("anna", ANNA).await.is(303);
    house.set_time("2026-11-01T13:00");
    anna.get("/registrieren/pruefen").await.is(303).leads_to("/registrieren");
    anna.post("/registrieren/pruefen", &[]).await.is(303);
    anna.get("/registrieren/pruefen").await.is(303);
    assert_eq!(house.work_off().await, 0);
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_only_behind_the_link_and_another_one_is_chosen_there() {
    let house = house().await;
    house.owner(OSTRAU, "anna", ANNA).await;
    house.owner(WESTRAU, "ben", "ben@example.org").await;
    let ben = house.registers(OSTRAU, "ANNA", "ben@example.org").await;
    ben.get("/registrieren/pruefen").await.is(200).is_silent_about("schon jemand");
    let page = format!("{CONFIRM}{}", house.link_to("ostrau", "ben@example.org", CONFIRM).await);
    ben.get(&page).await.is(200).is_silent_about("schon jemand");
    ben.post(&page, &[]).await.is(200).says("schon jemand");
    ben.post(&page, &[("name", "a b")]).await.is(200).says("mindestens 3 Zeichen");
    ben.post(&page, &[("name", "Anna")]).await.is(200).says("schon jemand");
    ben.post(&page, &[("name", "ben")]).await.is(200).says("/anmelden/konto");
    assert_eq!(logs_in(&house, OSTRAU, "ben", OWN).await.1, 303);
    assert_eq!(logs_in(&house, OSTRAU, "anna", OWN).await.1, 303, "the other one as before");

    // a link is no list of names
    let guest = house.registers(OSTRAU, "anna", "gast@example.org").await;
    let page = format!("{CONFIRM}{}", house.link_to("ostrau", "gast@example.org", CONFIRM).await);
    for _ in 0..5 {
        guest.post(&page, &[("name", "anna")]).await.is(200).says("schon jemand");
    }
    guest.post(&page, &[("name", "anna")]).await.is(200).says("gilt nicht mehr");
    guest.post(&page, &[("name", "frei")]).await.is(200).says("gilt nicht mehr");
}

#[tokio::test]
async fn what_is_missing_or_weak_is_told_beside_its_field() {
    let house = house().await;
    let anna = house.browser(OSTRAU);
    anna.post("/registrieren", &[]).await.is(200).says("Hier fehlt noch etwas");
    let all = |email: &'static str, name: &'static str, password: &'static str, again: &'static str| {
        let person = [("given_name", "Ida"), ("surname", "Beispiel"), ("email", email), ("name", name)];
        person.into_iter().chain([("password", password), ("again", again)]).collect::<Vec<_>>()
    };
    for (fields, words) in [
        (all("anna", "anna", OWN, OWN), "So sieht keine E-Mail-Adresse aus"),
        (all(ANNA, "a b", OWN, OWN), "mindestens 3 Zeichen"),
        (all(ANNA, "anna", "kurz", "kurz"), "mindestens 12 Zeichen"),
        (all(ANNA, "anna", "passwort1234", "passwort1234"), "leicht zu erraten"),
        (all(ANNA, "anna", "anna@example.org", "anna@example.org"), "leicht zu erraten"),
        (all(ANNA, "anna", OWN, NEW), "nicht gleich"),
    ] {
        anna.post("/registrieren", &fields).await.is(200).says(words).is_silent_about(OWN);
    }
    assert_eq!(house.database.number("select count(*) from registrations").await, 0);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_once_and_every_login_ends() {
    let house = house().await;
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    let stranger = house.browser(OSTRAU);
    stranger
        .post("/passwort-vergessen", &[("email", "Anna@Example.org")])
        .await
        .is(200)
        .says("Wenn es zu dieser Adresse");
    let page = format!("/passwort-vergessen/{}", house.link_to("ostrau", ANNA, "/passwort-vergessen/").await);
    for _ in 0..2 {
        stranger.get(&page).await.is(200).says("anna");
    }
    house.browser(WESTRAU).get(&page).await.is(200).is_silent_about("anna");
    stranger.post(&page, &[("new", "kurz"), ("again", "kurz")]).await.is(200).says("mindestens 12 Zeichen");
    stranger.post(&page, &[("new", "annaanna1234"), ("again", "annaanna1234")]).await.is(200).says("leicht zu erraten");
    anna.get("/meine-daten").await.is(200);
    stranger.post(&page, &[("new", NEW), ("again", NEW)]).await.is(303).leads_to("/anmelden/konto?grund=passwort");
    stranger.get("/anmelden/konto?grund=passwort").await.is(200).says("neues Passwort gilt");
    anna.get("/meine-daten").await.is(303);
    stranger.post(&page, &[("new", OWN), ("again", OWN)]).await.is(200).says("gilt nicht mehr");
    assert_eq!(logs_in(&house, OSTRAU, "anna", OWN).await.1, 200);
    assert_eq!(logs_in(&house, OSTRAU, "anna", NEW).await.1, 303);
    house.work_off().await;
    let last = house.letters("ostrau").pop().expect("its owner is told");
    assert!(last.contains("ge=C3=A4ndert"), "{last}");

    // an hour
    house.set_time("2026-11-01T14:00");
    stranger.post("/passwort-vergessen", &[("email", ANNA)]).await.is(200);
    let page = format!("/passwort-vergessen/{}", house.link_to("ostrau", ANNA, "/passwort-vergessen/").await);
    house.set_time("2026-11-01T15:00");
    stranger.get(&page).await.is(200).says("gilt nicht mehr");
    stranger.post(&page, &[("new", OWN), ("again", OWN)]).await.is(200).says("gilt nicht mehr");
}

#[tokio::test]
async fn nobody_fills_the_letterbox_of_somebody_else() {
    let house = house().await;
    house.owner(OSTRAU, "anna", ANNA).await;
    let before = house.letters("ostrau").len();
    for minute in 10..17 {
        house.set_time(&format!("2026-11-01T12:{minute}"));
        let mallory = house.browser(OSTRAU);
        mallory.post("/passwort-vergessen", &[("email", ANNA)]).await.is(200);
        house.registers(OSTRAU, "mallory", ANNA).await;
        house.registers(OSTRAU, "mallory", "ben@example.org").await;
    }
    assert_eq!(house.letters("ostrau").len() - before, 15, "five of each kind");
}

#[tokio::test]
async fn a_second_proof_is_set_up_asked_for_and_taken_away_again() {
    let house = house().await;
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    let (phone, _) = logs_in(&house, OSTRAU, "anna", OWN).await;
    let page = "/meine-daten/sicherheit";
    anna.get("/meine-daten").await.is(200).says(page);
    anna.get(page).await.is(200).says("anna").is_silent_about("otpauth");
    anna.post(page, &[("do", "prepare"), ("password", "falsch")]).await.is(200).says("nicht Ihr bisheriges");
    let secret = anna.post(page, &[("do", "prepare"), ("password", OWN)]).await.is(200).secret();
    anna.post(page, &[("do", "app"), ("code", "000000")]).await.is(200).says("Dieser Code gilt nicht");
    assert_eq!(logs_in(&house, OSTRAU, "anna", OWN).await.1, 303, "it does not count yet");
    anna.post(page, &[("do", "app"), ("code", &house.code(&secret))]).await.is(200).says("App ist eingerichtet");
    phone.get("/meine-daten").await.is(303);

    let ask = async |browser: &Browser| {
        let name = [("name", "anna"), ("password", OWN)];
        browser.post("/anmelden/konto?zurueck=/faq", &name).await.is(200).field("handle")
    };
    house.set_time("2026-11-01T12:05");
    let browser = house.browser(OSTRAU);
    let handle = ask(&browser).await;
    browser.get("/meine-daten").await.is(303);
    let code = house.code(&secret);
    // bound to the browser in which the password was given
    house.browser(OSTRAU).post("/anmelden/konto", &[("handle", &handle), ("code", &code)]).await.is(400);
    let handle = ask(&browser).await;
    let again = browser.post("/anmelden/konto", &[("handle", &handle), ("code", "000000")]).await.is(200);
    browser
        .post("/anmelden/konto", &[("handle", &again.field("handle")), ("code", &code)])
        .await
        .is(303)
        .leads_to("/faq");
    browser.get("/meine-daten").await.is(200);

    // a code counts once, and five wrong ones let the account rest
    let mallory = house.browser(OSTRAU);
    let mut handle = ask(&mallory).await;
    for _ in 0..5 {
        let page = mallory.post("/anmelden/konto", &[("handle", &handle), ("code", &code)]).await.is(200);
        handle = page.field("handle");
    }
    mallory.post("/anmelden/konto", &[("handle", &handle), ("code", "000000")]).await.is(303);
    assert_eq!(logs_in(&house, OSTRAU, "anna", OWN).await.1, 200);
    mallory.get("/meine-daten").await.is(303);
    house.set_time("2026-11-01T12:21");

    // a new password by mail leaves the app where it is
    browser.post("/passwort-vergessen", &[("email", ANNA)]).await.is(200);
    let reset = format!("/passwort-vergessen/{}", house.link_to("ostrau", ANNA, "/passwort-vergessen/").await);
    browser.post(&reset, &[("new", NEW), ("again", NEW)]).await.is(303);
    let browser = house.browser(OSTRAU);
    let fields = [("name", "anna"), ("password", NEW)];
    let handle = browser.post("/anmelden/konto", &fields).await.is(200).field("handle");
    browser.post("/anmelden/konto", &[("handle", &handle), ("code", &house.code(&secret))]).await.is(303);
    house.set_time("2026-11-01T12:23");
    let code = house.code(&secret);
    browser
        .post(page, &[("do", "remove"), ("password", NEW), ("code", "000000")])
        .await
        .is(200)
        .says("Dieser Code gilt nicht");
    browser.post(page, &[("do", "remove"), ("password", NEW), ("code", &code)]).await.is(200).says("App ist entfernt");
    assert_eq!(logs_in(&house, OSTRAU, "anna", NEW).await.1, 303);
    let words = ["password.reset", "app.set_up", "app.removed", "account.registered", "account.rests"];
    for word in words {
        let count = format!("select count(*) from audit where deed = '{word}'");
        assert_eq!(house.database.number(&count).await, 1, "{word}");
    }
}

#[tokio::test]
async fn whoever_is_logged_in_changes_the_password_and_is_alone_afterwards() {
    let house = house().await;
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    let (phone, _) = logs_in(&house, OSTRAU, "anna", OWN).await;
    let page = "/meine-daten/sicherheit";
    let change =
        |old: &'static str, new: &'static str| [("do", "password"), ("current", old), ("new", new), ("again", new)];
    anna.post(page, &change(NEW, NEW)).await.is(200).says("nicht Ihr bisheriges");
    anna.post(page, &change(OWN, "annabeispiel1")).await.is(200).says("leicht zu erraten");
    anna.post(page, &change(OWN, NEW)).await.is(200).says("Passwort ist geändert");
    anna.get(page).await.is(200);
    phone.get("/meine-daten").await.is(303);
    assert_eq!(logs_in(&house, OSTRAU, "anna", OWN).await.1, 200);
    // whoever sits down at a foreign session may guess five times
    for _ in 0..5 {
        anna.post(page, &change(OWN, OWN)).await.is(200);
    }
    anna.post(page, &change(NEW, OWN)).await.is(200).says("nicht Ihr bisheriges");
    house.set_time("2026-11-01T12:16");
    anna.post(page, &change(NEW, OWN)).await.is(200).says("Passwort ist geändert");
    let specimen = house.citizen(OSTRAU, "erika", "basis").await;
    specimen.get("/meine-daten").await.is(200).is_silent_about(page);
    specimen.get(page).await.is(404);
    specimen.post(page, &change(OWN, NEW)).await.is(404);
}

#[tokio::test]
async fn where_it_is_not_offered_none_of_it_is_an_address() {
    let house = House::open(Towns::with_simulator()).await;
    let browser = house.browser(OSTRAU);
    let link = "A".repeat(43);
    for path in ["/registrieren", "/registrieren/pruefen", "/passwort-vergessen", "/anmelden/konto"] {
        browser.get(path).await.is(404);
        browser.post(path, &[("email", ANNA)]).await.is(404);
    }
    for path in [CONFIRM, "/passwort-vergessen/"].map(|path| format!("{path}{link}")) {
        browser.get(&path).await.is(404);
        browser.post(&path, &[]).await.is(404);
    }
    for path in ["/anmelden", "/faq", "/sitemap.xml", "/"] {
        browser.get(path).await.is(200).is_silent_about("registrieren").is_silent_about("passwort-vergessen");
    }
}

#[tokio::test]
async fn while_the_town_hall_has_switched_it_off_nobody_registers_or_logs_in() {
    let house = house().await;
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    let tenant = house.portal.tenants.get("ostrau").expect("it is loaded");
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    portal::identity::switch::off(&mut tx, "konto", "a test", house.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let browser = house.browser(OSTRAU);
    for path in ["/registrieren", "/passwort-vergessen", "/anmelden/konto"] {
        browser.get(path).await.is(303).leads_to("/anmelden");
    }
    browser.writes("ben", "ben@example.org").await.is(303).leads_to("/anmelden");
    browser.post("/anmelden/konto", &[("name", "anna"), ("password", OWN)]).await.is(303).leads_to("/anmelden");
    anna.get("/meine-daten").await.is(200);
    house.browser(WESTRAU).get("/registrieren").await.is(200);
}

#[tokio::test]
async fn two_who_want_one_name_at_once_get_one_each() {
    let house = house().await;
    let mut pages = Vec::new();
    for n in 0..4 {
        let email = format!("n{n}@example.org");
        house.registers(OSTRAU, "gleich", &email).await;
        pages.push(format!("{CONFIRM}{}", house.link_to("ostrau", &email, CONFIRM).await));
    }
    let browser = house.browser(OSTRAU);
    let made = futures_util::future::join_all(pages.iter().map(|page| browser.post(page, &[]))).await;
    assert_eq!(made.iter().filter(|answer| answer.text().contains("href=\"/anmelden/konto\"")).count(), 1);
    assert_eq!(house.database.number("select count(*) from accounts").await, 1);
    assert_eq!(house.database.number("select count(*) from local_logins").await, 1);
}
