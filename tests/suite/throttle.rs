//! Budgets: one connection cannot ask more of a town than a person would, and harms nobody else by trying.

use std::time::Duration;

use portal::config::rates::{Rate, Rates};
use portal_tests::{Answer, House, Towns};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

async fn house(rate: &str) -> House {
    let search: Rate = rate.parse().unwrap();
    House::open_with_rates(Towns::fixture(), Rates { search, ..Rates::OFF }).await
}

async fn asks(house: &House, from: &str, host: &str, path: &str) -> Answer {
    house.get_with(host, path, &[("x-forwarded-for", from)]).await
}

#[tokio::test]
async fn a_flood_is_stopped_and_told_when_to_come_back() {
    let house = house("3/10m").await;
    for path in ["/suche?q=hund", "/suche/vorschlaege?q=hu", "/api/v1/search?q=hund"] {
        asks(&house, "192.0.2.7", OSTRAU, path).await.is(200);
    }
    let page = asks(&house, "192.0.2.7", OSTRAU, "/suche?q=hund").await.is(429);
    let page = page.says("Das ging etwas zu schnell").says("Stadt Ostrau").says("/dienstleistungen");
    // the next of three comes after a third of the ten minutes
    assert!(
        (190..=200).contains(&page.header("retry-after").parse::<u32>().unwrap()),
        "{}",
        page.header("retry-after")
    );
    assert_eq!(page.header("cache-control"), "no-store");
    asks(&house, "192.0.2.7", OSTRAU, "/en/suche?q=dog").await.is(429).says("That was a little too fast");
    asks(&house, "192.0.2.7", OSTRAU, "/suche/vorschlaege?q=hu").await.is(429);
    let problem = asks(&house, "192.0.2.7", OSTRAU, "/api/v1/search?q=hund").await.is(429);
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert!(!problem.header("retry-after").is_empty());
    assert_eq!(problem.json()["status"], 429);
    // pages cost nothing
    asks(&house, "192.0.2.7", OSTRAU, "/dienstleistungen").await.is(200);
    asks(&house, "192.0.2.7", OSTRAU, "/api/v1/services").await.is(200);
}

#[tokio::test]
async fn a_flood_harms_neither_another_town_nor_another_connection() {
    let house = house("3/10m").await;
    let flooded = async |from: &str| {
        let mut refused = 0;
        for _ in 0..10 {
            refused += u32::from(asks(&house, from, OSTRAU, "/suche?q=hund").await.status == 429);
        }
        refused
    };
    assert_eq!(flooded("192.0.2.7").await, 7);
    asks(&house, "192.0.2.7", WESTRAU, "/suche?q=hund").await.is(200).says("Hansestadt Westrau");
    asks(&house, "192.0.2.8", OSTRAU, "/suche?q=hund").await.is(200);
    asks(&house, "2001:db8:1:2::1", OSTRAU, "/suche?q=hund").await.is(200);
    // a household has a whole /64 of addresses and one budget
    assert_eq!(flooded("2001:db8:1:3::1").await, 7);
    asks(&house, "2001:db8:1:3:ffff:ffff:ffff:ffff", OSTRAU, "/suche?q=hund").await.is(429);
    asks(&house, "2001:db8:1:4::1", OSTRAU, "/suche?q=hund").await.is(200);
}

#[tokio::test]
async fn who_waits_may_ask_again() {
    let house = house("2/400ms").await;
    while asks(&house, "192.0.2.7", OSTRAU, "/suche").await.status == 200 {}
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let again = async {
        while asks(&house, "192.0.2.7", OSTRAU, "/suche").await.status == 429 {
            pace.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again).await.expect("the budget fills up again");
}
