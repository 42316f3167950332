//! What goes on while a partner is away (promises c1 and c3).

use std::time::{Duration, Instant};

use portal::store::{Error, PlatformSql, Store};
use portal_tests::{
    Browser, Database, Detour, House, Letterbox, OSTRAU, Postgres, Road, Towns,
    binary::{NOBODY_IS_TOO_FAST, Process},
};

const HOST: &str = "portal.suedau.example";
/// A page for everybody waits at most so long for a database that has just gone away.
const AT_FIRST: Duration = Duration::from_secs(6);
/// And so long as soon as that is known.
const THEN: Duration = Duration::from_secs(1);
const BACK: Duration = Duration::from_secs(5);

#[tokio::test]
async fn pages_are_served_while_the_database_is_away_and_deeds_wait() {
    let Some(server) = Postgres::start() else { return };
    let road = Detour::to(server.authority()).await;
    let database = Database::on_postgres(server.address()).await.by(road.addr);
    let towns = Towns::fixture();
    let portal = Process::node(&towns, &database, &[]).await;
    let nobody = Browser::at(portal.authority(), HOST);
    let erika = Browser::at(portal.authority(), HOST);
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    erika.get("/meine-daten").await.is(200).says("Mustermann");

    type Turn<'t> = Box<dyn Fn() + 't>;
    let outages: [(&str, Turn<'_>, Turn<'_>); 5] = [
        ("stands still", Box::new(|| server.pause()), Box::new(|| server.go_on())),
        ("is stopped", Box::new(|| server.stop()), Box::new(|| server.again())),
        ("crashes", Box::new(|| server.kill()), Box::new(|| server.again())),
        ("is unreachable", Box::new(|| road.is(Road::Broken)), Box::new(|| road.is(Road::Open))),
        ("is out of hearing", Box::new(|| road.is(Road::Blocked)), Box::new(|| road.is(Road::Open))),
    ];
    for (what, away, back) in outages {
        away();
        in_time(AT_FIRST, what, erika.get("/faq")).await.is(200);
        for path in ["/", "/dienstleistungen/ausweis", "/suche?q=ausweis", "/kontakt", "/anmelden", "/api/v1/services"]
        {
            in_time(THEN, what, nobody.get(path)).await.is(200);
        }
        portal.ops("/health/live").await.is(200);
        portal.ops("/health/ready").await.is(200).says("the data room does not answer");
        let start = Instant::now();
        let mut asked = 0;
        while start.elapsed() < Duration::from_secs(3) {
            in_time(AT_FIRST, what, erika.get("/dienstleistungen")).await.is(200);
            let deed =
                in_time(AT_FIRST, what, nobody.tries_to_log_in("kim", "basis", "/meine-daten")).await.unwrap().is(503);
            assert!(deed.header("retry-after").parse::<u32>().is_ok(), "{what}: {:?}", deed.headers);
            let words = [("message", "Die Rampe am Rathaus fehlt.")];
            let message = in_time(AT_FIRST, what, nobody.post("/barrierefreiheit", &words)).await.is(503);
            assert!(message.says("Die Rampe am Rathaus fehlt.").header("retry-after").parse::<u32>().is_ok(), "{what}");
            let own = in_time(AT_FIRST, what, erika.get("/meine-daten")).await.is(503);
            assert!(own.header("retry-after").parse::<u32>().is_ok(), "{what}: {:?}", own.headers);
            asked += 1;
        }
        back();
        let start = Instant::now();
        while erika.get("/meine-daten").await.status != 200 {
            assert!(start.elapsed() < BACK, "the database was {what} and is back, and the portal does not notice");
        }
        let kim = Browser::at(portal.authority(), HOST);
        while kim.logs_in_from("kim", "basis", "/meine-daten").await.status != 303 {
            assert!(start.elapsed() < BACK, "the database was {what} and is back, and nobody can log in");
        }
        println!("the database {what}: {asked} rounds of questions, back after {:?}", start.elapsed());
    }
    let (code, log) = portal.stop().await;
    assert_eq!(code, Some(0), "{log}");
}

#[tokio::test]
async fn the_portal_starts_without_its_database_and_lets_people_in_when_it_is_there() {
    let Some(server) = Postgres::start() else { return };
    let road = Detour::to(server.authority()).await;
    let database = Database::on_postgres(server.address()).await.by(road.addr);
    let towns = Towns::fixture();
    let owner = database.owners_address();
    for (closed, more) in
        [(Road::Broken, vec![]), (Road::Blocked, vec![]), (Road::Blocked, vec!["--migrate-as", &*owner])]
    {
        road.is(closed);
        let portal = Process::node(&towns, &database, &more).await;
        let erika = Browser::at(portal.authority(), HOST);
        erika.get("/faq").await.is(200);
        portal.ops("/health/ready").await.is(200).says("the data room is closed");
        erika.tries_to_log_in("erika", "basis", "/meine-daten").await.unwrap().is(503);
        road.is(Road::Open);
        let start = Instant::now();
        while erika.tries_to_log_in("erika", "basis", "/meine-daten").await.unwrap().status != 303 {
            assert!(start.elapsed() < 2 * BACK, "{closed:?}: the database is there, and the portal does not notice");
        }
        portal.kill().await;
    }
}

#[tokio::test]
async fn a_mail_server_that_is_slow_or_away_keeps_nobody_waiting_and_gets_its_letters_later() {
    let (database, towns, letterbox) = (Database::fresh().await, Towns::fixture(), Letterbox::open().await);
    let road = Detour::to(&letterbox.addr.to_string()).await;
    towns.write("portal.yaml", format!("{NOBODY_IS_TOO_FAST}mail: {{smtp: \"smtp://{}\", tls: none}}\n", road.addr));
    let portal = Process::node(&towns, &database, &[]).await;
    let visitor = Browser::at(portal.authority(), "portal.ostrau.example");
    let has = async |count: usize| {
        let start = Instant::now();
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        while letterbox.letters().len() < count {
            pace.tick().await;
            assert!(start.elapsed() < Duration::from_secs(60), "letter {count} does not arrive");
        }
    };
    for (count, way) in [Road::Slow(Duration::from_millis(300)), Road::Broken].into_iter().enumerate() {
        road.is(way);
        let words = format!("Die Rampe {count} fehlt.");
        in_time(THEN, "takes mails", visitor.post("/kontakt", &[("message", &words)])).await.is(303);
        for path in ["/", "/kontakt", "/suche?q=hund", "/anmelden"] {
            in_time(THEN, "takes mails", visitor.get(path)).await.is(200);
        }
        if way == Road::Broken {
            while database.number("select count(*) from jobs where last_error is not null").await == 0 {
                tokio::task::yield_now().await;
            }
            assert_eq!(letterbox.letters().len(), count);
            road.is(Road::Open);
            // the pause before the next attempt is over
            database.tamper("update jobs set run_at = '2000-01-01T00:00:00+00:00'").await;
        }
        has(count + 1).await;
        // the portal has heard that it was taken
        while database.number("select count(*) from jobs").await > 0 {
            tokio::task::yield_now().await;
        }
        let letter = &letterbox.letters()[count];
        assert_eq!(letter.to, ["rathaus@ostrau.example"]);
        assert!(letter.text.replace("=\n", "").contains(&words), "{}", letter.text);
    }
    assert_eq!(letterbox.letters().len(), 2);
}

async fn in_time<T>(limit: Duration, what: &str, asked: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let answer = asked.await;
    assert!(start.elapsed() < limit, "while the database {what} an answer takes {:?}", start.elapsed());
    answer
}

/// A statement waits 16 seconds for its answer, and whoever begins something then 5 more.
const AT_MOST: Duration = Duration::from_secs(25);

#[tokio::test]
async fn a_question_to_a_database_that_is_away_ends_in_time() {
    let Some(server) = Postgres::start() else { return };
    let database = Database::on_postgres(server.address()).await;
    let store = database.open().await;
    for (away, back) in [
        (Postgres::pause as fn(&Postgres), Postgres::go_on as fn(&Postgres)),
        (Postgres::stop, Postgres::again),
        (Postgres::kill, Postgres::again),
    ] {
        ask(&store).await.expect("it is there");
        let mut begun = store.platform().read().await.expect("it is there");
        away(&server);
        let start = Instant::now();
        let in_between = begun.query(ONE).optional::<(i32,)>().await;
        assert!(matches!(in_between, Err(Error::Unavailable(_))), "{in_between:?}");
        assert!(matches!(ask(&store).await, Err(Error::Unavailable(_))));
        assert!(start.elapsed() < AT_MOST, "{:?}", start.elapsed());
        back(&server);
        let start = Instant::now();
        while ask(&store).await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(5), "it does not find back");
        }
    }
}

const ONE: PlatformSql = PlatformSql::new("select 1");

async fn ask(store: &Store) -> Result<Option<(i32,)>, Error> {
    store.platform().read().await?.query(ONE).optional().await
}

#[tokio::test]
async fn who_hears_nothing_of_a_commit_is_told_that_nobody_knows() {
    let Some(server) = Postgres::start() else { return };
    let road = Detour::to(server.authority()).await;
    let database = Database::on_postgres(server.address()).await.by(road.addr);
    let store = database.open().await;
    let house = House::open_as(Towns::with_simulator(), |portal| portal.store = store.clone()).await;
    let back = async || {
        road.is(Road::Open);
        let start = Instant::now();
        while ask(&store).await.is_err() {
            assert!(start.elapsed() < BACK, "the database is there, and the portal does not notice");
        }
    };
    for (count, (way, before, during, page)) in [
        ("", "noch nicht abgeschickt", "nicht, ob Ihre Nachricht angekommen ist", "nicht, ob das gespeichert ist"),
        (
            "/en",
            "has not been sent yet",
            "not know whether your message has arrived",
            "not know whether this was saved",
        ),
        ("/ls", "noch nicht abgeschickt", "nicht: Ist Ihre Nachricht angekommen?", "nicht: Hat es geklappt?"),
    ]
    .into_iter()
    .enumerate()
    {
        let anna = house.browser(OSTRAU);
        let (contact, login) = (format!("{way}/kontakt"), format!("{way}/anmelden/probe"));
        let message = format!("Die Rampe {count} fehlt.");
        let words = [("message", message.as_str())];
        road.is(Road::Broken);
        anna.post(&contact, &words).await.is(503).says(before).is_silent_about(during);
        back().await;
        road.is(Road::BrokenAtCommit);
        anna.post(&contact, &words).await.is(503).says(during).says(&message).is_silent_about(before);
        back().await;
        // it had arrived, and arrives once
        assert_eq!(database.number("select count(*) from jobs").await, count as i64 + 1);
        anna.post(&contact, &words).await.is(303);
        assert_eq!(database.number("select count(*) from jobs").await, count as i64 + 1);

        road.is(Road::BrokenAtCommit);
        // who only opens a page has nothing to look for
        anna.get(&login).await.is(503).is_silent_about(page).header("retry-after");
        back().await;
        let handle = anna.get(&login).await.is(200).field("handle");
        road.is(Road::BrokenAtCommit);
        let person = [("handle", handle.as_str()), ("person", "erika"), ("level", "basis")];
        let answer = anna.post(&login, &person).await.is(503).says(page);
        assert!(!answer.headers.contains_key("retry-after"), "nobody tries blindly again");
        back().await;
    }
}
