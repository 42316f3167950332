//! Logging in, staying, being known again, leaving (promises P9 to P11, P14).

use portal::identity::LOGIN_COOKIE;
use portal_tests::{House, OSTRAU, Towns, WESTRAU};

const SESSION: &str = "__Host-session";

async fn house() -> House {
    House::open(Towns::with_simulator()).await
}

#[tokio::test]
async fn a_citizen_comes_back_to_the_service_and_is_greeted_on_every_page() {
    let house = house().await;
    let erika = house.browser(OSTRAU);
    let answer = erika.logs_in_from("erika", "basis", "/dienstleistungen/hund-anmelden").await.is(303);
    assert_eq!(answer.header("location"), "/dienstleistungen/hund-anmelden");
    let page = erika.get("/dienstleistungen/hund-anmelden").await.is(200).says("Erika Mustermann").says("Abmelden");
    assert_eq!(page.header("cache-control"), "no-store");
    house.get(OSTRAU, "/dienstleistungen/hund-anmelden").await.is(200).is_silent_about("Erika");
}

#[tokio::test]
async fn a_session_is_worth_nothing_in_another_town() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let cookie = format!("{SESSION}={}", erika.cookie(SESSION).expect("a session"));
    house.get_with(OSTRAU, "/meine-daten", &[("cookie", &cookie)]).await.is(200).says("Erika");
    let led = house.get_with(WESTRAU, "/meine-daten", &[("cookie", &cookie)]).await.is(303);
    assert_eq!(led.header("location"), "/anmelden?zurueck=%2Fmeine-daten&grund=abgelaufen");
    house.get_with(WESTRAU, "/", &[("cookie", &cookie)]).await.is(200).is_silent_about("Erika");
}

#[tokio::test]
async fn cookies_are_for_this_host_alone_and_change_with_every_login() {
    let house = house().await;
    let erika = house.browser(OSTRAU);
    let answer = erika.logs_in_from("erika", "basis", "/").await.is(303);
    let line = answer.header("set-cookie").to_owned();
    for part in ["__Host-session=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(line.contains(part), "{line}");
    }
    let first = erika.cookie(SESSION).unwrap();
    // a higher level is another session, and the old one is over
    erika.get("/anmelden/probe?niveau=hoch").await.is(200);
    let page = erika.get("/anmelden/probe?niveau=hoch").await;
    let handle = page.field("handle");
    erika.post("/anmelden/probe", &[("handle", &handle), ("person", "erika"), ("level", "hoch")]).await.is(303);
    assert_ne!(erika.cookie(SESSION).unwrap(), first);
    let old = format!("{SESSION}={first}");
    house.get_with(OSTRAU, "/meine-daten", &[("cookie", &old)]).await.is(303);
}

#[tokio::test]
async fn a_login_is_used_once_and_only_in_the_browser_where_it_began() {
    let house = house().await;
    let (erika, mallory) = (house.browser(OSTRAU), house.browser(OSTRAU));
    let handle = erika.get("/anmelden/probe").await.field("handle");
    let fields = [("handle", &*handle), ("person", "erika"), ("level", "basis")];
    mallory.post("/anmelden/probe", &fields).await.is(400).says("Cookie");
    erika.post("/anmelden/probe", &fields).await.is(400);
    assert_eq!(erika.cookie(SESSION), None);

    let handle = erika.get("/anmelden/probe").await.field("handle");
    let fields = [("handle", &*handle), ("person", "erika"), ("level", "basis")];
    erika.post("/anmelden/probe", &fields).await.is(303);
    erika.post("/anmelden/probe", &fields).await.is(400).says("noch einmal");
    assert!(erika.cookie(LOGIN_COOKIE).is_some());
}

#[tokio::test]
async fn a_login_waits_for_a_quarter_of_an_hour() {
    let house = house().await;
    let erika = house.browser(OSTRAU);
    let handle = erika.get("/anmelden/probe").await.field("handle");
    house.set_time("2026-11-01T12:15");
    let fields = [("handle", &*handle), ("person", "erika"), ("level", "basis")];
    erika.post("/anmelden/probe", &fields).await.is(400).says("noch einmal");
}

#[tokio::test]
async fn less_than_what_was_asked_for_lets_nobody_in() {
    let house = house().await;
    let erika = house.browser(OSTRAU);
    let handle = erika.get("/anmelden/probe?niveau=hoch").await.field("handle");
    let fields = [("handle", &*handle), ("person", "erika"), ("level", "substantiell")];
    erika.post("/anmelden/probe", &fields).await.is(403);
    assert_eq!(erika.cookie(SESSION), None);
}

#[tokio::test]
async fn a_level_decays_and_does_not_come_back_by_itself() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let level = async || {
        let page = erika.get("/anmelden/probe?niveau=hoch&zurueck=/faq").await;
        page.status
    };
    assert_eq!(level().await, 303, "hoch is hoch");
    house.set_time("2026-11-01T12:06");
    assert_eq!(level().await, 200, "six minutes of silence");
    house.set_time("2026-11-01T12:07");
    assert_eq!(level().await, 200, "a sign of life does not bring it back");
    erika.get("/meine-daten").await.is(200).says("Erika");
    house.set_time("2026-11-01T13:08");
    erika.get("/meine-daten").await.is(303);
    assert_eq!(erika.cookie(SESSION), None, "the cookie of a session that is over is taken away");
}

#[tokio::test]
async fn a_step_up_comes_back_as_the_same_person() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let handle = erika.get("/anmelden/probe?niveau=hoch").await.field("handle");
    let fields = [("handle", &*handle), ("person", "kim"), ("level", "hoch")];
    erika.post("/anmelden/probe", &fields).await.is(403);
    erika.get("/meine-daten").await.is(200).says("Erika");
}

#[tokio::test]
async fn logins_are_listed_and_ended_one_by_one_or_all() {
    let house = house().await;
    let desk = house.citizen(OSTRAU, "erika", "basis").await;
    let phone = house.citizen(OSTRAU, "erika", "basis").await;
    let other = house.citizen(OSTRAU, "kim", "basis").await;
    desk.get("/meine-daten/sitzungen").await.is(200);
    desk.post("/meine-daten/sitzungen", &[("end", "others")]).await.is(200);
    phone.get("/meine-daten").await.is(303);
    desk.get("/meine-daten").await.is(200);
    other.get("/meine-daten").await.is(200).says("Kim");
    let phone = house.citizen(OSTRAU, "erika", "basis").await;
    phone.post("/meine-daten/sitzungen", &[("end", "all")]).await.is(200);
    for browser in [&desk, &phone] {
        browser.get("/meine-daten").await.is(303);
    }
    other.get("/meine-daten").await.is(200);
}

#[tokio::test]
async fn logging_out_is_over_at_once() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let cookie = format!("{SESSION}={}", erika.cookie(SESSION).unwrap());
    erika.get("/abmelden").await.is(200);
    erika.post("/abmelden", &[]).await.is(200).is_silent_about("Erika Mustermann");
    assert_eq!(erika.cookie(SESSION), None);
    house.get_with(OSTRAU, "/meine-daten", &[("cookie", &cookie)]).await.is(303);
}

#[tokio::test]
async fn a_guest_is_nobody_the_next_time() {
    let house = house().await;
    let first = house.citizen(OSTRAU, "gast", "basis").await;
    first.get("/meine-daten").await.is(200).says("Jona");
    let second = house.citizen(OSTRAU, "gast", "basis").await;
    second.post("/meine-daten/sitzungen", &[("end", "all")]).await.is(200);
    first.get("/meine-daten").await.is(200);
}

#[tokio::test]
async fn no_way_leads_out_of_the_portal() {
    let house = house().await;
    let erika = house.browser(OSTRAU);
    for evil in ["https://evil.example/", "//evil.example", "/%5Cevil.example", "/anmelden/probe"] {
        let way: String = form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        let answer = erika.logs_in_from("erika", "basis", &way).await.is(303);
        assert_eq!(answer.header("location"), "/meine-daten", "{evil}");
        erika.post("/abmelden", &[]).await.is(200);
    }
}

#[tokio::test]
async fn chip_data_are_refreshed_at_each_login_and_the_page_says_so() {
    let house = house().await;
    let ali = house.citizen(OSTRAU, "ali", "hoch").await;
    ali.get("/meine-daten").await.is(200).says("Musterweg 1").is_silent_about("übernommen");
    house.set_time("2026-11-01T12:05");
    let ali = house.citizen(OSTRAU, "ali", "hoch").await;
    ali.get("/meine-daten").await.is(200).says("Musterweg 6").says("übernommen");
}

#[tokio::test]
async fn whoever_has_to_log_in_anew_is_told_why() {
    let house = house().await;
    house.browser(OSTRAU).get("/meine-daten").await.is(303).leads_to("/anmelden?zurueck=%2Fmeine-daten");
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    house.set_time("2026-11-01T13:08");
    let way = "/anmelden?zurueck=%2Fmeine-daten&grund=abgelaufen";
    erika.get("/meine-daten").await.is(303).leads_to(way);
    erika.get(way).await.is(200).says("Ihre Anmeldung ist abgelaufen").says("/anmelden/probe?zurueck=%2Fmeine-daten");
    house.get(OSTRAU, "/anmelden").await.is(200).is_silent_about("Ihre Anmeldung ist abgelaufen");
}

#[tokio::test]
async fn who_is_logged_in_sees_no_doors_but_the_step_up() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.get("/anmelden").await.is(200).is_silent_about("/anmelden/probe").says("/meine-daten");
    let page = erika.get("/anmelden?niveau=hoch&zurueck=%2Fantraege%2Fx").await.is(200);
    let page = page.says("Noch ein Schritt").says("/anmelden/probe?zurueck=%2Fantraege%2Fx&amp;niveau=hoch");
    page.is_silent_about("höhere Stufe ist aus");
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    house.set_time("2026-11-01T12:06");
    erika.get("/anmelden?niveau=hoch").await.is(200).says("höhere Stufe ist aus");
}

#[tokio::test]
async fn a_login_that_was_too_low_is_tried_again_at_the_same_level() {
    let house = house().await;
    let erika = house.browser(OSTRAU);
    let handle = erika.get("/anmelden/probe?niveau=hoch&zurueck=/faq").await.field("handle");
    let fields = [("handle", &*handle), ("person", "erika"), ("level", "basis")];
    erika.post("/anmelden/probe", &fields).await.is(403).says("/anmelden/probe?zurueck=%2Ffaq&amp;niveau=hoch");
}

#[tokio::test]
async fn a_session_ends_with_the_provider_it_came_by() {
    let mut house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    erika.get("/meine-daten").await.is(200);
    let file = "ostrau/identity.yaml";
    house.towns.change(file, "id: probe", "id: versuch");
    house.reload();
    erika.get("/meine-daten").await.is(303);
}

#[tokio::test]
async fn a_step_up_after_a_logout_in_another_tab_is_a_login() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let handle = erika.get("/anmelden/probe?niveau=hoch&zurueck=/faq").await.field("handle");
    erika.post("/abmelden", &[]).await.is(200);
    let fields = [("handle", &*handle), ("person", "erika"), ("level", "hoch")];
    erika.post("/anmelden/probe", &fields).await.is(303).leads_to("/faq");
}

#[tokio::test]
async fn a_provider_that_names_no_levels_gives_what_its_kind_gives() {
    let house = house().await;
    house.get(OSTRAU, "/anmelden?niveau=hoch").await.is(200).is_silent_about("reicht dieses Konto nicht aus");
}
