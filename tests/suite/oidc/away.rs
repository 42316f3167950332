//! A provider that does not answer as it should keeps nobody waiting but those who want to log in there, and them not
//! for long (promise c3). And a provider whose answer comes twice lets in once.

use std::time::{Duration, Instant};

use portal::identity::Logins;
use portal_tests::{Browser, OidcPeer, Road, WESTRAU};
use tokio::task::JoinSet;

use super::town::{CALLBACKS, Land};

/// Where people log in without this provider.
/// Logins with a provider begin where they end: at the canonical host.
const OSTRAU: &str = "portal.ostrau.example";
const SUEDAU: &str = "portal.suedau.example";
/// More than there are connections to the database.
const MANY: usize = 50;
/// How long the provider may take for one answer; all that a step of a login asks takes twice as long at most.
const PATIENCE: Duration = Duration::from_secs(4);
/// Until the page is there that says so; tests run beside others.
const AT_MOST: Duration = Duration::from_secs(12);
/// Everybody else is answered as ever: before the first of those who wait gives up.
const AS_EVER: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_hangs_trickles_or_hangs_up_holds_up_those_alone_who_log_in_there() {
    let bad = [
        (Road::Blocked, true),
        (Road::Trickling(Duration::from_millis(500)), true),
        (Road::Torn, false),
        (Road::Broken, false),
    ];
    for (bad, waits) in bad {
        let (peer, road) = OidcPeer::behind_a_road(&CALLBACKS).await;
        let land = Land::with_provider(peer, |portal| portal.logins = Logins::with_patience(PATIENCE)).await;
        let erika = land.house.citizen(SUEDAU, "erika", "basis").await;
        let people: Vec<Browser> = (0..MANY).map(|_| land.house.browser(OSTRAU)).collect();

        // nothing is known of the provider yet
        road.is(bad);
        let begin = vec!["/anmelden/rathaus?zurueck=/faq".to_owned(); MANY];
        let people = all_are_told(&land, people, begin, &erika, waits, bad).await;
        assert_eq!(
            land.house.database.number("select count(*) from pending_logins").await,
            0,
            "{bad:?}: begun in vain"
        );

        // it goes away while people are there
        road.is(Road::Open);
        let mut back = Vec::new();
        for browser in &people {
            back.push(land.set_out(browser, "zurueck=/faq", "anna").await);
        }
        road.is(bad);
        let people = all_are_told(&land, people, back, &erika, waits, bad).await;
        assert_eq!(land.house.database.number("select count(*) from pending_logins").await, 0, "{bad:?}: left over");
        assert_eq!(land.house.database.number("select count(*) from sessions where tenant_id = 'ostrau'").await, 0);

        road.is(Road::Open);
        land.log_in(&people[0], "zurueck=/faq", "anna").await.is(303).leads_to("/faq");
        people[0].get("/meine-daten").await.is(200).says("Musterfrau");
    }
}

/// Everybody asks at once and is told that the provider is away, while others are served as ever.
async fn all_are_told(
    land: &Land,
    people: Vec<Browser>,
    paths: Vec<String>,
    erika: &Browser,
    waits: bool,
    bad: Road,
) -> Vec<Browser> {
    let mut waiting = JoinSet::new();
    for (browser, path) in people.into_iter().zip(paths) {
        waiting.spawn(async move {
            let start = Instant::now();
            let answer = browser.get(&path).await;
            (browser, answer, start.elapsed())
        });
    }
    let others = Instant::now();
    for (host, path) in
        [(OSTRAU, "/"), (OSTRAU, "/anmelden"), (WESTRAU, "/dienstleistungen"), (SUEDAU, "/suche?q=hund")]
    {
        as_ever(path, land.house.get(host, path)).await.is(200);
    }
    as_ever("own data", erika.get("/meine-daten")).await.is(200);
    let kim = land.house.browser(SUEDAU);
    as_ever("another login", kim.logs_in_from("kim", "basis", "/meine-daten")).await.is(303);
    let others = others.elapsed();
    let mut done = Vec::new();
    while let Some(early) = waiting.try_join_next() {
        done.push(early.expect("nobody panics"));
    }
    // a connection from before may have been cut
    assert!(!waits || done.len() < MANY / 2, "{bad:?}: nobody waited longer than all others, who took {others:?}");
    done.extend(waiting.join_all().await);
    let (mut longest, mut people) = (Duration::ZERO, Vec::new());
    for (browser, answer, took) in done {
        let page = answer.is(503).says("Rathaus-Konto").says("/faq");
        assert!(page.header("retry-after").parse::<u32>().is_ok(), "{bad:?}: {:?}", page.headers);
        longest = longest.max(took);
        people.push(browser);
    }
    println!("{bad:?}: {MANY} were told within {longest:?}; all others needed {others:?} meanwhile");
    assert!(longest < AT_MOST, "{bad:?}: somebody waited for {longest:?}");
    people
}

async fn as_ever<T>(what: &str, asked: impl Future<Output = T>) -> T {
    tokio::time::timeout(AS_EVER, asked).await.unwrap_or_else(|_| panic!("{what} waits with those who wait"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_twice_lets_in_once_and_says_so_the_second_time() {
    let land = Land::with_provider(OidcPeer::start(&CALLBACKS).await, |_| {}).await;
    for round in 1..=5 {
        let anna = land.house.browser(OSTRAU);
        let back = land.set_out(&anna, "zurueck=/faq", "anna").await;
        let (one, other) = tokio::join!(anna.get(&back), anna.get(&back));
        let (first, second) = if one.status == 303 { (one, other) } else { (other, one) };
        first.is(303).leads_to("/faq");
        second.is(400).says("schon benutzt").says("/anmelden");
        anna.get("/meine-daten").await.is(200).says("Musterfrau");
        assert_eq!(land.house.database.number("select count(*) from sessions").await, round, "one session a login");
    }
    assert_eq!(land.house.database.number("select count(*) from pending_logins").await, 0);
}
