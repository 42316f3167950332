//! What the shipped towns say: complete, each in its own words, nothing of the neighbour, nothing of yesterday.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use portal::{clock::Clock, locale::Locale, tenant::coverage, yaml::Node};
use portal_tests::{House, Towns, portal_of};

use crate::told::{line, origins, tenant};

const TOWNS: [&str; 2] = ["herford", "loehne"];

/// Keys and catalogue names, one a line.
const LEIKA: &str = include_str!("leika.txt");

async fn house() -> House {
    House::open(Towns::shipped()).await
}

fn services_of(house: &House, town: &str) -> BTreeSet<String> {
    tenant(house, town).services.iter().map(|service| service.id.clone()).collect()
}

#[test]
fn the_shipped_towns_load_without_a_complaint_today_and_in_years_to_come() {
    let towns = Towns::shipped();
    for day in ["2024-05-01", "2024-06-01", "2024-08-01", "2026-11-01", "2026-11-22", "2027-06-01", "2031-01-01"] {
        let (portal, report) = portal_of(&towns, Clock::held_at(portal_tests::moment(day))).unwrap();
        let told: Vec<String> =
            report.broken.values().flatten().chain(&report.warnings).map(|problem| line(&towns, problem)).collect();
        assert!(told.is_empty(), "on {day}: {told:#?}");
        assert_eq!(portal.tenants.all().len(), TOWNS.len(), "on {day}");
    }
}

#[tokio::test]
async fn each_town_has_a_full_catalogue_of_its_own_choice() {
    let house = house().await;
    let [herford, loehne] = TOWNS.map(|town| services_of(&house, town));
    assert!(herford.len() >= 35 && loehne.len() >= 35, "{} and {}", herford.len(), loehne.len());
    assert!(herford.difference(&loehne).count() >= 3, "{:?}", herford.difference(&loehne));
    assert!(loehne.difference(&herford).count() >= 3, "{:?}", loehne.difference(&herford));
}

#[tokio::test]
async fn every_service_has_its_title_in_three_languages_and_a_date_that_has_come() {
    let house = house().await;
    // a machine whose clock lags behind the day of shipping does not make the content wrong
    let today = Clock::default().local().date().max(date(2026, 11, 22));
    for town in TOWNS {
        for service in &tenant(&house, town).services {
            let place = format!("{town}: {}", service.id);
            for code in ["de", "en", "ls"] {
                let title = service
                    .title
                    .own(&Locale::new(code).unwrap())
                    .unwrap_or_else(|| panic!("{place} has no title in {code}"));
                assert!(title.trim().chars().count() >= 3 && !title.contains("[town"), "{place}: {title:?}");
            }
            let updated = service.updated.unwrap_or_else(|| panic!("{place} does not say when it was changed"));
            for day in [Some(updated), service.published, service.reviewed].into_iter().flatten() {
                assert!(day <= today && day.year() >= 2024, "{place} is dated {day}");
            }
        }
    }
}

#[tokio::test]
async fn catalogue_keys_are_confirmed_ones_and_stand_at_one_service_each() {
    let lines = LEIKA.lines().filter(|line| !line.starts_with('#'));
    let confirmed: BTreeMap<&str, &str> = lines.map(|line| line.split_once(' ').expect("a key and its name")).collect();
    assert_eq!(confirmed.len(), 31);
    let house = house().await;
    for town in TOWNS {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for service in &tenant(&house, town).services {
            let Some(key) = service.leika.as_ref().map(|key| key.digits()) else { continue };
            assert!(key.len() == 14 && key.bytes().all(|b| b.is_ascii_digit()), "{}: {key}", service.id);
            assert!(confirmed.contains_key(key), "{town}: the key {key} of {} is not confirmed", service.id);
            let other = seen.insert(key.to_owned(), service.id.clone());
            assert_eq!(other, None, "{town}: {key} stands at {} as well", service.id);
        }
        assert!(seen.len() >= 20, "{town} has {} keys", seen.len());
    }
}

/// Names of laws and offices are what they are; everything else of a service is told once.
const NAMES: [&str; 5] = ["legal_basis", "responsible", "forms", "synonyms", "online.url"];

fn paragraphs(node: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    node.walk("", &mut |path, value| {
        if NAMES.iter().any(|name| path.starts_with(name)) || path.ends_with("url") {
            return;
        }
        for paragraph in value.text().unwrap_or_default().split("\n\n") {
            let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
            if words.chars().count() >= 60 {
                found.insert(words);
            }
        }
    });
    found
}

#[tokio::test]
async fn the_portal_speaks_three_languages_and_the_most_used_services_do_too() {
    let house = house().await;
    for town in TOWNS {
        for (one, services) in coverage::of(&tenant(&house, town)).iter().zip([15, 10]) {
            let place = format!("{town} {}", one.locale);
            assert!(one.services.there() >= services, "{place}: {} services", one.services.there());
            for whole in [&one.portal, &one.answers, &one.ways_in, &one.pages] {
                assert!(whole.all > 5 && whole.missing.is_empty(), "{place} lacks {:?}", whole.missing);
            }
        }
    }
}

#[tokio::test]
async fn what_a_town_does_not_say_in_a_language_is_counted_and_named() {
    let house = House::with_fixture_towns().await;
    let english = &coverage::of(&tenant(&house, "ostrau"))[0];
    assert_eq!(english.locale.code(), "en");
    assert_eq!(english.services.there() + english.services.missing.len(), english.services.all);
    assert!(english.services.missing.contains(&"marktstand".to_owned()), "{:?}", english.services.missing);
}

#[tokio::test]
async fn no_paragraph_stands_in_two_services() {
    let house = house().await;
    for town in TOWNS {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        let mut twice = Vec::new();
        let origins = origins(&house, town);
        let files = origins.iter().filter_map(|(name, node)| Some((name.strip_prefix("services/")?, node)));
        for (file, node) in files {
            for paragraph in paragraphs(node) {
                if let Some(other) = seen.insert(paragraph.clone(), file) {
                    twice.push(format!("{other}, {file}: {paragraph}"));
                }
            }
        }
        assert!(seen.len() > 300, "{town}: {} paragraphs", seen.len());
        assert!(twice.is_empty(), "{town}: {twice:#?}");
    }
}
