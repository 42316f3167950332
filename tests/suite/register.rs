//! Accounts of the portal's own: registered for, confirmed, forgotten, protected – and told to nobody who does not own them.

mod enumeration;

use portal::{jobs, mail::Post, statements, web::Portal};
use portal_tests::{Browser, House, OSTRAU, OWN, Towns, WESTRAU, inhabitants::room};

statements! {
    WAITING = "select details from registrations where tenant_id = $1";
}

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
    elsewhere.post(&page, &[("password", OWN)]).await.is(200).says("/anmelden/konto");
    elsewhere.post(&page, &[("password", OWN)]).await.is(200).says("gilt nicht mehr");
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
async fn whoever_registers_comes_back_to_where_they_were() {
    let house = house().await;
    let anna = house.browser(OSTRAU);
    let page = anna.get("/anmelden/konto?zurueck=/dienstleistungen%23alle").await.is(200);
    page.says("/registrieren?zurueck=%2Fdienstleistungen%23alle");
    anna.get("/anmelden?zurueck=/faq").await.is(200).says("/registrieren?zurueck=%2Ffaq");
    assert_eq!(anna.get("/registrieren?zurueck=/faq").await.is(200).field("zurueck"), "/faq");
    anna.get("/registrieren?zurueck=//evil.example").await.is(200).is_silent_about("evil");
    let fields = |back, again| {
        let person = [("given_name", "Ida"), ("surname", "Beispiel"), ("email", ANNA), ("name", "anna")];
        [&person[..], &[("password", OWN), ("again", again), ("zurueck", back)]].concat()
    };
    let page = anna.post("/registrieren", &fields("/faq", "anders")).await.is(200);
    assert_eq!(page.field("zurueck"), "/faq");
    anna.post("/registrieren", &fields("/faq", OWN)).await.is(303);
    assert_eq!(anna.get("/registrieren").await.is(200).field("zurueck"), "/faq");
    anna.post("/registrieren/pruefen", &[]).await.is(303);
    let link = house.link_to("ostrau", ANNA, CONFIRM).await;
    anna.post(&format!("{CONFIRM}{link}"), &[]).await.is(200).says("/anmelden/konto?zurueck=%2Ffaq");
}

#[tokio::test]
async fn a_guest_is_not_sent_to_an_account_that_knows_no_day_of_birth() {
    let house = house().await;
    let guest = house.citizen(OSTRAU, "gast", "basis").await;
    let page = guest.get("/anmelden?zurueck=/dienstleistungen&neu=1").await.is(200);
    page.says("/anmelden/probe?").is_silent_about("/anmelden/konto").is_silent_about("/registrieren");
    house.browser(OSTRAU).get("/anmelden?zurueck=/dienstleistungen&neu=1").await.is(200).says("/anmelden/konto?");
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
async fn nobody_confirms_what_somebody_else_has_registered() {
    let house = house().await;
    let mallory = house.registers(OSTRAU, "anna", ANNA).await;
    let page = format!("{CONFIRM}{}", house.link_to("ostrau", ANNA, CONFIRM).await);
    let anna = house.browser(OSTRAU);
    anna.get(&page).await.is(200).says("in einem anderen Browser").says("current-password");
    anna.post(&page, &[]).await.is(200).says("Hier fehlt noch etwas");
    anna.post(&page, &[("password", NEW)]).await.is(200).says("bei der Registrierung gewählt").is_silent_about(NEW);
    assert_eq!(logs_in(&house, OSTRAU, "anna", OWN).await.1, 200, "Mallory does not get in");
    // what she registers herself, in the same browser or with her password, is hers
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    anna.get("/meine-daten").await.is(200).says(ANNA);
    mallory.post(&page, &[]).await.is(200).says("gilt nicht mehr");
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
    anna.post(page, &[("do", "prepare"), ("password", OWN)]).await.is(200).says("otpauth");
    anna.post(page, &[("do", "stop")]).await.is(200).says("App einrichten").is_silent_about("otpauth");
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
async fn another_spelling_of_a_name_brings_no_new_guesses() {
    let house = house().await;
    house.owner(OSTRAU, "anna", ANNA).await;
    for name in ["anna", "ANNA", " Anna ", "ａｎｎａ", "𝐚𝐧𝐧𝐚"] {
        assert_eq!(logs_in(&house, OSTRAU, name, "falsch").await.1, 200, "{name}");
    }
    for name in ["𝔄𝔫𝔫𝔞", "anna"] {
        assert_eq!(logs_in(&house, OSTRAU, name, "falsch").await.1, 429, "{name}");
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
    let made = futures_util::future::join_all(pages.iter().map(|page| browser.post(page, &[("password", OWN)]))).await;
    assert_eq!(made.iter().filter(|answer| answer.text().contains("href=\"/anmelden/konto\"")).count(), 1);
    assert_eq!(house.database.number("select count(*) from accounts").await, 1);
    assert_eq!(house.database.number("select count(*) from local_logins").await, 1);
}

const SAFETY: &str = "/meine-daten/sicherheit";
const NEW_ADDRESS: &str = "/meine-daten/e-mail/";
const OBJECTION: &str = "/meine-daten/einspruch/";

/// Asks for another address; the page that follows.
async fn wants(anna: &Browser, email: &str, password: &str, code: &str) -> portal_tests::Answer {
    let fields = [("do", "address"), ("email", email), ("proof", password), ("proof_code", code)];
    anna.post(SAFETY, &fields).await.is(200)
}

/// Whether a link for a new password goes to an address.
async fn resets(house: &House, town: &str, address: &str) -> bool {
    let to = format!("To: {address}");
    let count = |house: &House| {
        let mails = house.letters(town).into_iter();
        mails.filter(|mail| mail.contains(&to) && mail.contains("/passwort-vergessen/")).count()
    };
    let before = count(house);
    house.browser(OSTRAU).post("/passwort-vergessen", &[("email", address)]).await.is(200);
    house.work_off().await;
    count(house) > before
}

#[tokio::test]
async fn links_for_a_new_password_go_to_another_address_once_it_is_confirmed() {
    let house = house().await;
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    house.owner(OSTRAU, "ben", "ben@example.org").await;
    anna.get(SAFETY).await.is(200).says(ANNA).says("schicken wir den Link");
    wants(&anna, "neu@", OWN, "").await.says("So sieht keine E-Mail-Adresse aus").is_silent_about(OWN);
    wants(&anna, "neu@example.org", NEW, "").await.says("nicht Ihr bisheriges").is_silent_about(NEW);
    assert_eq!(house.work_off().await, 0, "nobody has heard of it");
    wants(&anna, "neu@example.org", OWN, "").await.says("einen Link an die neue Adresse").says("noch nicht bestätigt");
    let link = format!("{NEW_ADDRESS}{}", house.link_to("ostrau", "neu@example.org", NEW_ADDRESS).await);
    house.link_to("ostrau", ANNA, OBJECTION).await;
    assert!(resets(&house, "ostrau", ANNA).await);
    assert!(!resets(&house, "ostrau", "neu@example.org").await, "nothing counts before it is confirmed");
    anna.get(&link).await.is(200);
    house.citizen(OSTRAU, "erika", "basis").await.post(&link, &[]).await.is(400);
    anna.post(&link, &[]).await.is(303).leads_to("/meine-daten/sicherheit?neu=adresse");
    anna.get("/meine-daten/sicherheit?neu=adresse").await.is(200).says("gehen ab jetzt").says("neu@example.org");
    anna.get("/meine-daten").await.is(200).says("neu@example.org").is_silent_about(ANNA);
    anna.post(&link, &[]).await.is(400);
    house.set_time("2026-11-01T12:02");
    assert!(!resets(&house, "ostrau", ANNA).await);
    assert!(resets(&house, "ostrau", "neu@example.org").await);
    // what went to the old address before counts no more
    let old = format!("/passwort-vergessen/{}", house.link_to("ostrau", ANNA, "/passwort-vergessen/").await);
    house.browser(OSTRAU).get(&old).await.is(200).says("gilt nicht mehr");
    // where mails go is another matter, and stays one
    let (phone, _) = logs_in(&house, OSTRAU, "anna", OWN).await;
    phone.get("/meine-daten/aendern").await.is(200).says("neu@example.org");
    // an address has one account: that is told behind its own link only
    wants(&anna, "ben@example.org", OWN, "").await.says("einen Link an die neue Adresse");
    let link = format!("{NEW_ADDRESS}{}", house.link_to("ostrau", "ben@example.org", NEW_ADDRESS).await);
    anna.post(&link, &[]).await.is(400).says("gehört schon zu einem anderen Konto");
}

#[tokio::test]
async fn the_address_before_takes_the_change_back_and_nobody_else_gets_it_meanwhile() {
    let house = house().await;
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    let (thief, _) = logs_in(&house, OSTRAU, "anna", OWN).await;
    let secret = anna.post(SAFETY, &[("do", "prepare"), ("password", OWN)]).await.is(200).secret();
    anna.post(SAFETY, &[("do", "app"), ("code", &house.code(&secret))]).await.is(200);
    thief.get("/meine-daten").await.is(303);
    // whoever sits at her session and knows the password needs the code as well
    wants(&anna, "dieb@example.org", OWN, "000000").await.says("Dieser Code gilt nicht");
    house.set_time("2026-11-01T12:02");
    wants(&anna, "dieb@example.org", OWN, &house.code(&secret)).await.says("einen Link an die neue Adresse");
    let link = format!("{NEW_ADDRESS}{}", house.link_to("ostrau", "dieb@example.org", NEW_ADDRESS).await);
    anna.post(&link, &[]).await.is(303);
    // her address is not free for somebody else
    house.registers(OSTRAU, "neuling", ANNA).await;
    let told = house.letters("ostrau").pop().expect("a mail to her");
    assert!(told.contains("To: anna@example.org") && !told.contains(CONFIRM), "{told}");
    let objection = format!("{OBJECTION}{}", house.link_to("ostrau", ANNA, OBJECTION).await);
    house.browser(WESTRAU).post(&objection, &[]).await.is(400);
    house.browser(OSTRAU).post(&objection, &[]).await.is(200).says("Es bleibt bei Ihrer");
    anna.get("/meine-daten").await.is(303);
    assert!(resets(&house, "ostrau", ANNA).await);
    assert!(!resets(&house, "ostrau", "dieb@example.org").await);
    let taken_back = "select count(*) from audit where deed = 'address.objected'";
    assert_eq!(house.database.number(taken_back).await, 1);
}

#[tokio::test]
async fn five_new_addresses_a_day_are_enough() {
    let house = house().await;
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    for n in 0..5 {
        wants(&anna, &format!("n{n}@example.org"), OWN, "").await.says("einen Link an die neue Adresse");
    }
    let sixth = [("do", "address"), ("email", "n5@example.org"), ("proof", OWN)];
    anna.post(SAFETY, &sixth).await.is(429);
    anna.post("/meine-daten/aendern", &[("email", "n5@example.org"), ("language", "de")]).await.is(429);
    assert!(!house.letters("ostrau").iter().any(|mail| mail.contains("n5@example.org")));
    house.set_time("2026-11-02T12:01");
    let (anna, _) = logs_in(&house, OSTRAU, "anna", OWN).await;
    anna.post(SAFETY, &sixth).await.is(200).says("einen Link an die neue Adresse");
}

#[tokio::test]
async fn a_mail_whose_link_has_lapsed_does_not_leave_and_keeps_no_address() {
    // no mail gets out of this house
    let closed = |portal: &mut Portal| portal.post = Post::in_folder("/proc/nowhere".into());
    let house = House::open_as(Towns::with_own_accounts(), closed).await;
    for (host, name) in [(OSTRAU, "anna"), (WESTRAU, "ben")] {
        house.registers(host, name, ANNA).await;
    }
    let mails = async || house.database.number("select count(*) from jobs where kind = 'mail'").await;
    let tried =
        async || house.database.number("select cast(sum(attempts) as bigint) from jobs where kind = 'mail'").await;
    assert_eq!((mails().await, tried().await), (2, 2));
    house.database.tamper("update jobs set state = 'dead' where kind = 'mail' and for_tenant = 'westrau'").await;
    house.set_time("2026-11-02T11:59");
    house.work_off().await;
    assert_eq!(tried().await, 3, "the one of Ostrau is tried until the end");
    let platform = house.portal.store.platform();
    assert_eq!(jobs::tidy(&platform, house.clock.now()).await.unwrap().len(), 0);
    house.set_time("2026-11-02T12:00");
    house.work_off().await;
    assert_eq!((mails().await, tried().await), (2, 3), "and no longer");
    assert_eq!(jobs::tidy(&platform, house.clock.now()).await.unwrap().len(), 2);
    assert_eq!(house.database.number("select count(*) from jobs").await, 0);
}

/// What the operator's command says and how it ends.
async fn removes_app(house: &House, name: &str, reason: &str) -> std::process::Output {
    let (data, place) = (house.database.folder().display().to_string(), house.database.arguments());
    let mut all = vec!["accounts", "remove-app", "ostrau", name, "--reason", reason];
    all.extend(["--data", &data, "--tenants", house.towns.path().to_str().unwrap(), "--now", "2026-11-01T12:00"]);
    all.extend(place.iter().map(String::as_str));
    portal_tests::binary::run(&all).await
}

#[tokio::test]
async fn whoever_has_lost_the_telephone_gets_in_again_after_showing_an_id() {
    let house = house().await;
    let anna = house.owner(OSTRAU, "anna", ANNA).await;
    let secret = anna.post(SAFETY, &[("do", "prepare"), ("password", OWN)]).await.is(200).secret();
    anna.post(SAFETY, &[("do", "app"), ("code", &house.code(&secret))]).await.is(200);
    let asked = house.browser(OSTRAU);
    let fields = [("name", "anna"), ("password", OWN)];
    asked.post("/anmelden/konto", &fields).await.is(200).says("Handy verloren oder gewechselt?");
    let before = house.letters("ostrau").len();
    assert_eq!(removes_app(&house, "niemand", "Ausweis gesehen").await.status.code(), Some(1));
    assert_eq!(removes_app(&house, "anna", " ").await.status.code(), Some(2));
    asked.post("/anmelden/konto", &fields).await.is(200).says("Handy verloren");
    let done = removes_app(&house, "Anna", "Bürgerbüro: Ausweis gesehen").await;
    assert!(done.status.success(), "{done:?}");
    assert_eq!(removes_app(&house, "anna", "noch einmal").await.status.code(), Some(1));
    // whoever has the telephone is logged out, and the owner hears of it
    anna.get("/meine-daten").await.is(303);
    house.work_off().await;
    let letters = house.letters("ostrau");
    assert!(
        letters.len() == before + 2 && letters.iter().any(|mail| mail.contains("Code-App Ihres Kontos wurde entfernt")),
        "{letters:#?}"
    );
    let (anna, status) = logs_in(&house, OSTRAU, "anna", OWN).await;
    assert_eq!(status, 303);
    anna.get("/meine-daten/einsicht").await.is(200).says("Code-App entfernt");
    let tenant = house.portal.tenants.get("ostrau").unwrap();
    let mut tx = house.portal.store.for_tenant(&tenant).read().await.unwrap();
    let trail = portal::audit::show(&mut tx, None, 50).await.unwrap();
    let entry = trail.iter().find(|entry| entry.deed == "app.removed").expect("it stands in the trail");
    assert_eq!(entry.details.as_ref().unwrap()["reason"], "Bürgerbüro: Ausweis gesehen");
}

#[tokio::test]
async fn links_of_one_address_that_are_used_at_once_make_one_account() {
    let house = house().await;
    let mut pages = Vec::new();
    for name in ["eins", "zwei", "drei"] {
        house.registers(OSTRAU, name, ANNA).await;
        pages.push(format!("{CONFIRM}{}", house.link_to("ostrau", ANNA, CONFIRM).await));
    }
    let browser = house.browser(OSTRAU);
    let all = pages.iter().map(|page| browser.post(page, &[("password", OWN)]));
    let answers = futures_util::future::join_all(all).await;
    let made = answers.into_iter().filter(|answer| answer.text().contains("ist fertig")).count();
    assert_eq!(made, 1);
    for (table, left) in [("accounts", 1), ("local_logins", 1), ("registrations", 0)] {
        assert_eq!(house.database.number(&format!("select count(*) from {table}")).await, left, "{table}");
    }
}

/// Whether something that is sealed stands in a file of the database.
fn stands(house: &House, sealed: &[u8]) -> bool {
    let files = std::fs::read_dir(house.database.folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut texts = files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap());
    texts.any(|bytes| memchr::memmem::find(&bytes, sealed).is_some())
}

#[tokio::test]
async fn what_nobody_confirms_stands_in_no_file_of_the_database_any_more() {
    let house = house().await;
    if house.database.is_postgres() {
        return;
    }
    house.registers(OSTRAU, "anna", ANNA).await;
    let mut tx = room(&house.portal.store, "ostrau").read().await.unwrap();
    let (sealed,): (Vec<u8>,) = tx.query(WAITING).optional().await.unwrap().expect("it waits for its click");
    drop(tx);
    assert!(stands(&house, &sealed), "the search finds what is there");
    house.set_time("2026-11-02T12:00");
    house.work_off().await;
    assert!(!stands(&house, &sealed));
}
