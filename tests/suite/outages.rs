//! What goes on while a partner is away (promises c1 and c3).

use std::time::{Duration, Instant};

use portal::store::{Error, PlatformSql, Store};
use portal_tests::{Browser, Database, Detour, Postgres, Road, Towns, binary::Process};

const HOST: &str = "suedau.localhost";
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
    let portal = serve(&towns, &database, &[]).await;
    let nobody = Browser::at(portal.authority(), HOST);
    let erika = Browser::at(portal.authority(), HOST);
    erika.logs_in("probe", "erika", "basis").await.is(303);
    erika.get("/meine-daten").await.is(200).says("Mustermann");

    let outages: [(&str, Box<dyn Fn()>, Box<dyn Fn()>); 5] = [
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
        let start = Instant::now();
        let mut asked = 0;
        while start.elapsed() < Duration::from_secs(3) {
            in_time(AT_FIRST, what, erika.get("/dienstleistungen")).await.is(200);
            let deed = in_time(AT_FIRST, what, nobody.logs_in("probe", "kim", "basis")).await.is(503);
            assert!(deed.header("retry-after").parse::<u32>().is_ok(), "{what}: {:?}", deed.headers);
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
        kim.logs_in("probe", "kim", "basis").await.is(303);
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
        let portal = serve(&towns, &database, &more).await;
        let erika = Browser::at(portal.authority(), HOST);
        erika.get("/faq").await.is(200);
        erika.logs_in("probe", "erika", "basis").await.is(503);
        road.is(Road::Open);
        let start = Instant::now();
        while erika.logs_in("probe", "erika", "basis").await.status != 303 {
            assert!(start.elapsed() < 2 * BACK, "{closed:?}: the database is there, and the portal does not notice");
        }
        portal.kill().await;
    }
}

async fn serve(towns: &Towns, database: &Database, more: &[&str]) -> Process {
    let room = database.arguments();
    let mut arguments = vec!["--tenants", towns.path().to_str().unwrap()];
    arguments.extend(room.iter().map(String::as_str));
    arguments.extend_from_slice(more);
    Process::serve(&arguments).await
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
