//! Bad input: a clear word at the right place, nothing lost, everyone else served.

mod chance;
mod facts;
mod files;
mod folders;
mod logins;
mod queries;

use portal_tests::{House, Towns};

use crate::told::{errors, house_after};

const BROKEN: &str = "portal.ostrau.example";

/// After the change Ostrau is refused for exactly this reason and answers 503 without a name; the others serve.
#[track_caller]
fn refused(change: impl FnOnce(&Towns), told: &str) -> impl Future<Output = House> {
    let caller = std::panic::Location::caller();
    async move {
        let house = house_after(change).await;
        assert_eq!(errors(&house, "ostrau"), [told], "{caller}");
        names_no_town(&house, 503).await;
        house
    }
}

/// The same where nobody can read which hosts are the town's.
#[track_caller]
fn refused_with_its_hosts(change: impl FnOnce(&Towns), told: &str) -> impl Future<Output = House> {
    let caller = std::panic::Location::caller();
    async move {
        let house = house_after(change).await;
        assert_eq!(errors(&house, "ostrau"), [told], "{caller}");
        names_no_town(&house, 421).await;
        house
    }
}

async fn names_no_town(house: &House, status: u16) {
    for path in ["/", "/dienstleistungen/hund-anmelden", "/api/v1/services"] {
        let answer = house.get(BROKEN, path).await.is(status);
        assert!(!answer.header("content-security-policy").is_empty(), "errors are protected like every answer");
        assert_eq!(answer.header("retry-after").is_empty(), status != 503);
        let page = answer.text().to_lowercase();
        for name in ["ostrau", "westrau", "südau", "suedau", "yaml"] {
            assert!(!page.contains(name), "{name} stands in {page}");
        }
    }
    house.get("portal.westrau.example", "/dienstleistungen/hund-anmelden").await.is(200).says("120,00");
    house.get("portal.suedau.example", "/").await.is(200).says("Südau");
}
