//! Clerks: a password and the code of an app, roles from the town's file, and what is told of them.

use portal::{
    identity::switch,
    staff::{self, Member},
    tenant::Tenant,
};
use portal_tests::{Answer, Browser, House, OSTRAU, Towns, WESTRAU};
use std::sync::Arc;
use totp_rs::{Builder, Secret};

const DOOR: &str = "/verwaltung/anmelden";
const CODE: &str = "/verwaltung/anmelden/code";

async fn house() -> House {
    House::open(Towns::with_simulator()).await
}

fn tenant(house: &House, id: &str) -> Arc<Tenant> {
    house.portal.tenants.get(id).expect("it is loaded")
}

/// An account in a town; its first password.
async fn account(house: &House, town: &str, login: &str, role: &str) -> String {
    let tenant = tenant(house, town);
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    let new = Member {
        login: login.into(),
        name: "Petra Klarname".into(),
        roles: vec![role.into()],
        department: None,
        disabled: false,
        provider: String::new(),
    };
    let Ok(added) = staff::add(&mut tx, &tenant, new, house.clock.now()).await.unwrap() else { panic!("not added") };
    tx.commit().await.unwrap();
    added.password.to_string()
}

async fn gives_password(clerk: &Browser, login: &str, password: &str) -> Answer {
    clerk.post(DOOR, &[("name", login), ("password", password)]).await
}

/// The code of an app that was set up with the secret of the page, at the house's time.
fn code(house: &House, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).expect("base32");
    let app =
        Builder::new().with_secret(secret).with_account_name("x").with_issuer(None::<&str>).build().expect("an app");
    app.generate(house.clock.now().as_second().unsigned_abs()).to_string()
}

fn secret_of(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("secret=").expect("the page shows an otpauth address");
    rest.split(['&', '"']).next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_clerk_sets_an_app_up_at_the_first_login_and_gives_its_code_from_then_on() {
    let house = house().await;
    let password = account(&house, "ostrau", "p.klarname", "sachbearbeitung").await;
    let clerk = house.browser(OSTRAU);
    clerk.get("/verwaltung").await.is(303).leads_to(DOOR);
    gives_password(&clerk, "p.klarname", &password).await.is(303).leads_to(CODE);
    clerk.get("/verwaltung").await.is(303).leads_to(DOOR);
    let secret = secret_of(&clerk.get(CODE).await.is(200));
    clerk.post(CODE, &[("code", "000000")]).await.is(200).is_silent_about("Petra Klarname");
    let right = code(&house, &secret);
    clerk.post(CODE, &[("code", &right)]).await.is(303).leads_to("/verwaltung");
    clerk.get("/verwaltung").await.is(200).says("Petra Klarname");
    clerk.post("/verwaltung/abmelden", &[]).await.is(303);
    clerk.get("/verwaltung").await.is(303);

    // the same code does not count twice, the next one does
    gives_password(&clerk, "P.Klarname", &password).await.is(303);
    clerk.get(CODE).await.is(200).is_silent_about("otpauth");
    clerk.post(CODE, &[("code", &right)]).await.is(200);
    house.set_time("2026-11-01T12:01");
    clerk.post(CODE, &[("code", &code(&house, &secret))]).await.is(303).leads_to("/verwaltung");
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same_and_five_of_them_let_the_account_rest() {
    let house = house().await;
    let password = account(&house, "ostrau", "p.klarname", "sachbearbeitung").await;
    let clerk = house.browser(OSTRAU);
    let unknown = gives_password(&clerk, "niemand", "falsch").await.is(200).text();
    for _ in 0..5 {
        let known = gives_password(&clerk, "p.klarname", "falsch").await.is(200).text();
        assert_eq!(known.replace("p.klarname", "niemand").len(), unknown.len());
    }
    gives_password(&clerk, "p.klarname", &password).await.is(200);
    house.set_time("2026-11-01T12:16");
    gives_password(&clerk, "p.klarname", &password).await.is(303);
}

#[tokio::test]
async fn a_clerk_of_one_town_is_nobody_in_another_and_no_citizen() {
    let house = house().await;
    let password = account(&house, "ostrau", "p.klarname", "sachbearbeitung").await;
    gives_password(&house.browser(WESTRAU), "p.klarname", &password).await.is(200);
    let clerk = signed_in(&house, "p.klarname", &password).await;
    let cookie = format!("__Host-staff={0}; __Host-session={0}", clerk.cookie("__Host-staff").expect("a session"));
    house.get_with(WESTRAU, "/verwaltung", &[("cookie", &cookie)]).await.is(303);
    house.get_with(OSTRAU, "/meine-daten", &[("cookie", &cookie)]).await.is(303);
    let citizen = house.citizen(OSTRAU, "erika", "hoch").await;
    citizen.get("/verwaltung").await.is(303);
}

async fn signed_in(house: &House, login: &str, password: &str) -> Browser {
    let clerk = house.browser(OSTRAU);
    gives_password(&clerk, login, password).await.is(303);
    let secret = secret_of(&clerk.get(CODE).await.is(200));
    clerk.post(CODE, &[("code", &code(house, &secret))]).await.is(303);
    clerk
}

#[tokio::test]
async fn a_shut_account_is_out_at_once_and_a_day_ends() {
    let house = house().await;
    let password = account(&house, "ostrau", "p.klarname", "sachbearbeitung").await;
    let clerk = signed_in(&house, "p.klarname", &password).await;
    let tenant = tenant(&house, "ostrau");
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    staff::disable(&mut tx, "p.klarname", true, house.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    clerk.get("/verwaltung").await.is(303);
    gives_password(&clerk, "p.klarname", &password).await.is(200);

    let password = account(&house, "ostrau", "zweite", "sachbearbeitung").await;
    let clerk = signed_in(&house, "zweite", &password).await;
    house.set_time("2026-11-01T12:59");
    clerk.get("/verwaltung").await.is(200);
    house.set_time("2026-11-01T14:00");
    clerk.get("/verwaltung").await.is(303);
}

#[tokio::test]
async fn a_provider_that_is_switched_off_lets_nobody_in_and_the_rest_goes_on() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let tenant = tenant(&house, "ostrau");
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    switch::off(&mut tx, "probe", "a test", house.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    house.browser(OSTRAU).get("/anmelden/probe").await.is(303).leads_to("/anmelden");
    house.get(OSTRAU, "/anmelden").await.is(200);
    erika.get("/meine-daten").await.is(200);
    house.browser(WESTRAU).get("/anmelden/probe").await.is(200);
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    assert!(switch::on(&mut tx, "probe", house.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    house.browser(OSTRAU).get("/anmelden/probe").await.is(200);
}

#[tokio::test]
async fn sessions_of_clerks_are_swept_also_where_nobody_logs_in() {
    let database = portal_tests::Database::fresh().await;
    let store = database.open().await;
    portal_tests::inhabitants::move_in(&store, "ostrau", 2).await;
    let town = store.platform().remains_of("ostrau");
    let began = portal_tests::moment(portal_tests::TODAY);
    for (hours, left) in [(9, 2), (13, 0)] {
        staff::sweep(&town, began + jiff::SignedDuration::from_hours(hours)).await.unwrap();
        assert_eq!(database.number("select count(*) from staff_sessions").await, left, "after {hours} hours");
    }
    if !database.is_postgres() {
        for (index, column) in [("sessions_by_age", "authenticated_at"), ("staff_sessions_by_age", "created_at")] {
            let asked = format!("select count(*) from pragma_index_info('{index}') where name = '{column}'");
            assert_eq!(database.number(&asked).await, 1, "{index}");
        }
    }
}
