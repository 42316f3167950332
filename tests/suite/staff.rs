//! Clerks: a password and the code of an app, roles from the town's file, and what is told of them.

mod town;

use portal::{config::rates::Rates, identity::switch, staff, tenant::Tenant};
use portal_tests::{Answer, Browser, CODE, DOOR, House, OSTRAU, OWN, PASSWORD, Towns, WESTRAU};
use std::sync::Arc;

async fn house() -> House {
    House::open(Towns::with_simulator()).await
}

fn tenant(house: &House, id: &str) -> Arc<Tenant> {
    house.portal.tenants.get(id).expect("it is loaded")
}

async fn account(house: &House, login: &str) -> String {
    house.account(OSTRAU, login, "Petra Klarname", "sachbearbeitung").await
}

#[tokio::test]
async fn a_clerk_sets_an_app_up_at_the_first_login_and_gives_its_code_from_then_on() {
    let house = house().await;
    let password = account(&house, "p.klarname").await;
    let clerk = house.browser(OSTRAU);
    clerk.get("/verwaltung").await.is(303).leads_to(DOOR);
    clerk.gives_password("p.klarname", &password).await.is(303).leads_to(CODE);
    clerk.get("/verwaltung").await.is(303).leads_to(DOOR);
    let secret = clerk.get(CODE).await.is(200).secret();
    clerk.post(CODE, &[("code", "000000")]).await.is(200).is_silent_about("Petra Klarname");
    let right = house.code(&secret);
    clerk.post(CODE, &[("code", &right)]).await.is(303).leads_to("/verwaltung");
    clerk.get("/verwaltung").await.is(303).leads_to(PASSWORD);
    clerk.get(PASSWORD).await.is(200).says("Petra Klarname").is_silent_about("Code aus der App");
    clerk.chooses(&password, OWN).await.is(303).leads_to("/verwaltung?passwort=neu");
    clerk.get("/verwaltung?passwort=neu").await.is(200).says("Petra Klarname").says("Passwort ist geändert");
    clerk.post("/verwaltung/abmelden", &[]).await.is(303);
    clerk.get("/verwaltung").await.is(303);

    // the same code does not count twice, the next one does
    clerk.gives_password("P.Klarname", &password).await.is(200);
    clerk.gives_password("P.Klarname", OWN).await.is(303);
    clerk.get(CODE).await.is(200).is_silent_about("otpauth");
    clerk.post(CODE, &[("code", &right)]).await.is(200);
    house.set_time("2026-11-01T12:01");
    clerk.post(CODE, &[("code", &house.code(&secret))]).await.is(303).leads_to("/verwaltung");
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same_and_who_guesses_has_to_wait_alone() {
    let house = House::open_with_rates(Towns::with_simulator(), Rates::OFF).await;
    let password = account(&house, "p.klarname").await;
    let mallory = house.browser(OSTRAU).coming_from("192.0.2.7");
    let unknown = mallory.gives_password("niemand", "falsch").await.is(200).text();
    let guesses = (0..7).map(|_| mallory.gives_password("p.klarname", "falsch"));
    let mut answers: Vec<Answer> = futures_util::future::join_all(guesses).await;
    answers.sort_by_key(|answer| answer.status);
    let checked: Vec<Answer> = answers.extract_if(.., |answer| answer.status == 200).collect();
    assert_eq!((checked.len(), answers.len()), (5, 2), "all at once is no way to try more");
    for page in checked {
        assert_eq!(page.text().replace("p.klarname", "niemand").len(), unknown.len());
    }
    for page in answers {
        page.is(429).says("Das ging etwas zu schnell");
    }
    for _ in 0..4 {
        mallory.gives_password("niemand", "falsch").await.is(200);
    }
    mallory.gives_password("niemand", "falsch").await.is(429);
    // whoever has the password is not in Mallory's network
    let clerk = house.browser(OSTRAU).coming_from("192.0.2.8");
    for _ in 0..7 {
        clerk.gives_password("p.klarname", &password).await.is(303).leads_to(CODE);
    }
}

#[tokio::test]
async fn an_account_of_the_same_name_at_the_door_of_citizens_buys_no_guesses() {
    let house = House::open_with_rates(Towns::with_own_accounts(), Rates::OFF).await;
    account(&house, "p.klarname").await;
    house.owner(OSTRAU, "p.klarname", "mallory@example.org").await;
    let mallory = || house.browser(OSTRAU).coming_from("192.0.2.7");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        for _ in 0..4 {
            statuses.push(mallory().gives_password("p.klarname", "falsch").await.status);
        }
        mallory().post("/anmelden/konto", &[("name", "p.klarname"), ("password", OWN)]).await.is(303);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 5, "{statuses:?}");
    assert_eq!(statuses.last(), Some(&429));
}

#[tokio::test]
async fn who_has_the_password_and_guesses_codes_lets_the_account_rest() {
    let house = house().await;
    let password = account(&house, "p.klarname").await;
    let mallory = house.browser(OSTRAU);
    mallory.gives_password("p.klarname", &password).await.is(303);
    for _ in 0..5 {
        mallory.post(CODE, &[("code", "000000")]).await.is(200);
    }
    mallory.post(CODE, &[("code", "000000")]).await.is(303);
    mallory.gives_password("p.klarname", &password).await.is(200);
    house.set_time("2026-11-01T12:16");
    mallory.gives_password("p.klarname", &password).await.is(303);
}

#[tokio::test]
async fn a_town_hall_behind_one_address_can_begin_its_day() {
    let rates = Rates { login: "3/10m".parse().unwrap(), staff: "6/10m".parse().unwrap(), ..Rates::OFF };
    let house = House::open_with_rates(Towns::with_simulator(), rates).await;
    let at = |address: &str| house.browser(OSTRAU).coming_from(address);
    for _ in 0..10 {
        at("192.0.2.7").get(DOOR).await.is(200);
        at("192.0.2.7").get(CODE).await.is(303);
    }
    let mut clerks = Vec::new();
    for login in ["anna", "ben", "carla", "david", "emma"] {
        clerks.push((login, account(&house, login).await));
    }
    for (login, password) in &clerks {
        at("192.0.2.7").gives_password(login, password).await.is(303).leads_to(CODE);
    }
    at("192.0.2.7").gives_password("fritz", "falsch").await.is(200);
    at("192.0.2.7").gives_password("gerda", "falsch").await.is(429);
    at("192.0.2.7").get(DOOR).await.is(200);
}

#[tokio::test]
async fn a_clerk_of_one_town_is_nobody_in_another_and_no_citizen() {
    let house = house().await;
    let password = account(&house, "p.klarname").await;
    house.browser(WESTRAU).gives_password("p.klarname", &password).await.is(200);
    let clerk = signed_in(&house, "p.klarname", &password).await;
    let cookie = format!("__Host-staff={0}; __Host-session={0}", clerk.cookie("__Host-staff").expect("a session"));
    house.get_with(WESTRAU, "/verwaltung", &[("cookie", &cookie)]).await.is(303);
    house.get_with(OSTRAU, "/meine-daten", &[("cookie", &cookie)]).await.is(303);
    let citizen = house.citizen(OSTRAU, "erika", "hoch").await;
    citizen.get("/verwaltung").await.is(303);
}

async fn signed_in(house: &House, login: &str, password: &str) -> Browser {
    let clerk = house.browser(OSTRAU);
    clerk.gives_password(login, password).await.is(303);
    house.sets_an_app_up(&clerk).await.is(303);
    clerk.chooses(password, OWN).await.is(303);
    clerk
}

#[tokio::test]
async fn a_shut_account_is_out_at_once_and_a_day_ends() {
    let house = house().await;
    let password = account(&house, "p.klarname").await;
    let clerk = signed_in(&house, "p.klarname", &password).await;
    let tenant = tenant(&house, "ostrau");
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    staff::disable(&mut tx, "p.klarname", None, true, house.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    clerk.get("/verwaltung").await.is(303);
    clerk.gives_password("p.klarname", &password).await.is(200);

    let password = account(&house, "zweite").await;
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
    let kim = house.browser(OSTRAU);
    let begun = kim.get("/anmelden/probe").await.is(200).field("handle");
    let tenant = tenant(&house, "ostrau");
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    switch::off(&mut tx, "probe", "a test", house.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    house.browser(OSTRAU).get("/anmelden/probe").await.is(303).leads_to("/anmelden");
    // somebody was on the way already
    let fields = [("handle", &*begun), ("person", "kim"), ("level", "basis")];
    kim.post("/anmelden/probe", &fields).await.is(303).leads_to("/anmelden");
    kim.get("/meine-daten").await.is(303);
    house.get(OSTRAU, "/anmelden").await.is(200);
    erika.get("/meine-daten").await.is(200);
    house.browser(WESTRAU).get("/anmelden/probe").await.is(200);
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    assert!(switch::on(&mut tx, "probe", house.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    house.browser(OSTRAU).get("/anmelden/probe").await.is(200);

    // nobody trusts it any more: whoever came by it has to come again
    let neighbour = house.citizen(WESTRAU, "erika", "basis").await;
    let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
    assert_eq!(switch::end_sessions(&mut tx, "probe", house.clock.now()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    erika.get("/meine-daten").await.is(303);
    neighbour.get("/meine-daten").await.is(200);
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

#[tokio::test]
async fn a_password_that_was_made_for_somebody_opens_nothing_but_the_choice_of_another() {
    let house = house().await;
    let password = account(&house, "p.klarname").await;
    let clerk = house.browser(OSTRAU);
    clerk.get(PASSWORD).await.is(303).leads_to(DOOR);
    clerk.gives_password("p.klarname", &password).await.is(303);
    clerk.get(PASSWORD).await.is(303).leads_to(DOOR);
    let secret = clerk.get(CODE).await.is(200).secret();
    clerk.post(CODE, &[("code", &house.code(&secret))]).await.is(303);
    clerk.get("/verwaltung").await.is(303).leads_to(PASSWORD);
    for (new, why) in [
        ("otter-7", "zu kurz"),
        ("passwort1234", "leicht zu erraten"),
        ("p.klarname-ostrau", "leicht zu erraten"),
        (password.as_str(), "leicht zu erraten"),
    ] {
        clerk.chooses(&password, new).await.is(200).says(why).is_silent_about(new);
    }
    clerk.chooses("geraten", OWN).await.is(200).says("nicht Ihr bisheriges Passwort").is_silent_about(OWN);
    let differ = [("password", password.as_str()), ("new", OWN), ("again", "vier Otter gähnen laut")];
    clerk.post(PASSWORD, &differ).await.is(200).says("nicht gleich");
    clerk.get("/verwaltung").await.is(303).leads_to(PASSWORD);
    clerk.chooses(&password, OWN).await.is(303);
    clerk.get("/verwaltung").await.is(200).says(PASSWORD);
}

#[tokio::test]
async fn who_changes_their_password_is_out_everywhere_else() {
    let house = house().await;
    let password = account(&house, "p.klarname").await;
    let office = house.browser(OSTRAU);
    office.gives_password("p.klarname", &password).await.is(303);
    let secret = office.get(CODE).await.is(200).secret();
    office.post(CODE, &[("code", &house.code(&secret))]).await.is(303);
    office.chooses(&password, OWN).await.is(303);
    house.set_time("2026-11-01T12:01");
    let home = house.browser(OSTRAU);
    home.gives_password("p.klarname", OWN).await.is(303);
    home.post(CODE, &[("code", &house.code(&secret))]).await.is(303);
    home.get("/verwaltung").await.is(200);

    let new = "Kamel strickt nachts Mützen";
    let before = home.cookie("__Host-staff");
    let with = async |code: &str| {
        home.post(PASSWORD, &[("password", OWN), ("new", new), ("again", new), ("code", code)]).await
    };
    home.get(PASSWORD).await.is(200).says("Code aus der App");
    home.chooses(OWN, new).await.is(200).says("Hier fehlt noch etwas");
    let used = house.code(&secret);
    with(&used).await.is(200).says("Dieser Code gilt nicht");
    office.get("/verwaltung").await.is(200);
    house.set_time("2026-11-01T12:02");
    with(&house.code(&secret)).await.is(303).leads_to("/verwaltung?passwort=neu");
    assert_ne!(home.cookie("__Host-staff"), before);
    home.get("/verwaltung").await.is(200);
    office.get("/verwaltung").await.is(303).leads_to(DOOR);
    office.gives_password("p.klarname", OWN).await.is(200);
    office.gives_password("p.klarname", new).await.is(303);
    let told = "select count(*) from audit where deed = 'staff.password_changed' and actor = 'staff'";
    assert_eq!(house.database.number(told).await, 2);
}

#[tokio::test]
async fn who_guesses_at_an_open_desk_lets_the_account_rest() {
    let house = house().await;
    let password = account(&house, "p.klarname").await;
    let clerk = signed_in(&house, "p.klarname", &password).await;
    let new = "Kamel strickt nachts Mützen";
    for guess in ["eins", "zwei", "drei", "vier", "fünf", OWN] {
        let fields = [("password", guess), ("new", new), ("again", new), ("code", "000000")];
        clerk.post(PASSWORD, &fields).await.is(200).says("nicht Ihr bisheriges Passwort");
    }
    house.browser(OSTRAU).gives_password("p.klarname", OWN).await.is(200);
}
