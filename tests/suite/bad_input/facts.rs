//! Well-formed files that say what cannot be.

use portal_tests::Towns;

use super::refused;
use crate::told::{errors, house_after};

const STALL: &str = "ostrau/services/marktstand.yaml";
const TOWN: &str = "ostrau/tenant.yaml";

#[tokio::test]
async fn an_office_a_theme_or_a_language_that_is_not_there() {
    let told = "ostrau/services/marktstand.yaml:3:14 names the office `buergerburo`, which does not exist (did you mean `buergerbuero`?)";
    refused(
        |towns| {
            towns.change(STALL, "buergerbuero", "buergerburo");
        },
        told,
    )
    .await;
    let told = "ostrau/tenant.yaml:6:8 names theme `herfort`, which does not exist (did you mean `herford`?)";
    refused(
        |towns| {
            towns.change(TOWN, "status: live", "theme: herfort\nstatus: live");
        },
        told,
    )
    .await;
    let told = "ostrau/tenant.yaml:7:18 offers the language `xx`, for which the theme has no texts (add `texts/xx.yaml` to the theme)";
    refused(
        |towns| {
            towns.change(TOWN, "[de, en, ls]", "[de, en,xx]");
        },
        told,
    )
    .await;
    let told = "ostrau/tenant.yaml:7:10 offers no German pages (`locales: [de, …]`)";
    refused(
        |towns| {
            towns.change(TOWN, "[de, en, ls]", "[en, ls]");
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn a_tile_with_two_aims_or_none() {
    let hint = "(give exactly one of `service`, `category`, `situation`, `url`)";
    let told = format!("ostrau/start.yaml:2:5 is a tile that leads to 2 places {hint}");
    refused(
        |towns| {
            towns.change("ostrau/start.yaml", "icon: paw", "icon: paw, category: tiere");
        },
        &told,
    )
    .await;
    let told = format!("ostrau/start.yaml:2:5 is a tile that leads to 0 places {hint}");
    refused(
        |towns| {
            towns.change("ostrau/start.yaml", ", service: hund-anmelden", "");
        },
        &told,
    )
    .await;
}

#[tokio::test]
async fn dates_that_are_none_and_ends_before_beginnings() {
    let notice = |dates: &str| format!("- {{id: a, title: b, {dates}}}\n");
    let write = |dates: &'static str| {
        move |towns: &Towns| {
            towns.write("ostrau/notices.yaml", notice(dates));
        }
    };
    let expected = "expected a date such as `2026-05-15` or `2026-05-15T18:00`";
    for (dates, date) in
        [("from: 2026-02-30", "2026-02-30"), ("from: morgen", "morgen"), ("from: 30.06.2026", "30.06.2026")]
    {
        refused(write(dates), &format!("ostrau/notices.yaml:1:27 is `{date}`, {expected}")).await;
    }
    let told = "ostrau/notices.yaml:1:3 ends before it begins (`until` is the last day, `from` the first)";
    refused(write("from: 2027-01-02, until: 2027-01-01"), told).await;
    refused(write("from: 2020-01-02, until: 2020-01-01"), told).await;
    let house = house_after(|towns| {
        towns.change(STALL, "updated: 2026-07-01", "updated: gestern");
    })
    .await;
    let [told] = &errors(&house, "ostrau")[..] else { panic!("one complaint") };
    assert!(told.starts_with("ostrau/services/marktstand.yaml:6:10 "), "{told}");
}

#[tokio::test]
async fn a_login_that_ends_before_it_begins() {
    let told = "ostrau/identity.yaml:2:5 lets `bundid` end before it begins";
    let dates = "name: BundID, from: 2027-02-01, until: 2027-01-31";
    refused(
        |towns| {
            towns.change("ostrau/identity.yaml", "name: BundID", dates);
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn a_key_that_is_no_leika_key() {
    let told = "ostrau/services/marktstand.yaml:7:8 is `123`, expected a LeiKa key: 14 digits that start with 99";
    refused(
        |towns| {
            towns.write(STALL, towns.read(STALL) + "leika: 123\n");
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let house = house_after(|towns| {
        towns.change(STALL, "kind: none", "kind: lnik");
        towns.change("ostrau/start.yaml", "icon: paw", "icon: paw, category: tiere");
        towns.write("ostrau/offices.yaml", "buergerbuero: {nmae: x}\n");
    })
    .await;
    let places: Vec<String> =
        errors(&house, "ostrau").iter().map(|told| told.split(' ').next().unwrap().into()).collect();
    assert_eq!(places[..2], ["ostrau/offices.yaml:1:16", "ostrau/services/marktstand.yaml:4:16"], "{places:?}");
    assert!(places.contains(&"ostrau/start.yaml:2:5".into()), "{places:?}");
}
