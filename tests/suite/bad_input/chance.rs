//! What no person would think of.

use std::sync::Arc;

use portal::{
    clock::Clock,
    tenant::{Authority, Found, Tenants},
    theme::ThemeFiles,
};
use portal_tests::{House, TODAY, Towns, moment};
use proptest::{
    collection,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestRunner},
};

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn a_host_is_read_the_same_the_second_time(text in prop_oneof![
        any::<String>(),
        "[a-zA-ZäöüßÄÖÜé0-9._:@/%\\[\\]-]{0,40}",
        "([a-zA-ZäÖß0-9-]{1,12}\\.){1,4}[a-zA-Z]{2,6}\\.?(:[0-9]{0,6})?",
        "\\[[0-9a-fA-F:.]{0,30}\\](:[0-9]{0,5})?",
    ]) {
        let Ok(host) = Authority::parse(&text) else { return Ok(()) };
        prop_assert_eq!(Authority::parse(host.as_str()), Ok(host.clone()), "{:?}", text);
        let name = host.as_str();
        prop_assert!(!name.is_empty() && name.is_ascii() && name.len() <= 253 && !name.ends_with('.'), "{}", name);
        prop_assert_eq!(name.to_ascii_lowercase(), name);
        prop_assert_eq!(Authority::parse(&name.to_ascii_uppercase()), Ok(host.clone()));
        prop_assert_eq!(Authority::parse(&format!("{name}:8443")), Ok(host.clone()));
        if !name.starts_with('[') {
            prop_assert!(!name.contains([':', '/', '@', '%', ' ', '\\']), "{}", name);
            if name.len() < 253 {
                prop_assert_eq!(Authority::parse(&format!("{name}.")), Ok(host));
            }
        }
    }
}

/// What happens to a file: bytes go, come, change, or the end is cut off.
#[derive(Debug, Clone)]
enum Mishap {
    Gone(Index, usize),
    Put(Index, Vec<u8>),
    Swapped(Index, u8),
    Cut(Index),
    Twice(Index, usize),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let bits = select(vec![
        "{{ town.x }}",
        "{{",
        "}}",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\t",
        "&a ",
        "*a",
        "!!binary ",
        "null",
        "[",
        "]",
        "{",
        "}",
        "'",
        "\"",
        "|",
        "from: 2026-01-01\n",
        "until: 2020-01-01\n",
        "remove: true\n",
        "id: a\n",
        "---\n",
        "9999999999999999999999",
        "-1",
        "1e999",
        ".nan",
        "\u{feff}",
    ]);
    prop_oneof![
        (any::<Index>(), 1..40_usize).prop_map(|(at, n)| Mishap::Gone(at, n)),
        (any::<Index>(), bits).prop_map(|(at, bit)| Mishap::Put(at, bit.as_bytes().to_vec())),
        (any::<Index>(), collection::vec(any::<u8>(), 1..6)).prop_map(|(at, bytes)| Mishap::Put(at, bytes)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mishap::Swapped(at, byte)),
        any::<Index>().prop_map(Mishap::Cut),
        (any::<Index>(), 1..80_usize).prop_map(|(at, n)| Mishap::Twice(at, n)),
    ]
}

impl Mishap {
    fn befall(&self, bytes: &mut Vec<u8>) {
        let spot = |index: &Index, length: usize| index.index(length.max(1)).min(length);
        let length = bytes.len();
        match self {
            Self::Gone(at, n) => drop(bytes.drain(spot(at, length)..(spot(at, length) + n).min(length))),
            Self::Put(at, new) => drop(bytes.splice(spot(at, length)..spot(at, length), new.iter().copied())),
            Self::Swapped(at, byte) => bytes.get_mut(spot(at, length)).into_iter().for_each(|old| *old = *byte),
            Self::Cut(at) => bytes.truncate(spot(at, length)),
            Self::Twice(at, n) => {
                let from = spot(at, length);
                let part = bytes[from..(from + n).min(length)].to_vec();
                bytes.splice(from..from, part);
            }
        }
    }
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries =
        std::fs::read_dir(folder).expect("a folder of the fixture").map(|entry| entry.expect("readable").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn whatever_happens_to_a_file_its_town_is_whole_or_told_broken_and_the_neighbour_serves() {
    let towns = Towns::fixture();
    let mut files = files_below(towns.path());
    files.sort();
    let (tenants, report) = Tenants::load(towns.path(), ThemeFiles::embedded(), Clock::held_at(moment(TODAY))).unwrap();
    assert!(report.broken.is_empty());
    let neighbour = Authority::parse("portal.westrau.example").unwrap();
    let case = (any::<Index>(), collection::vec(mishap(), 1..4));
    let outcome = TestRunner::new(config(400)).run(&case, |(file, mishaps)| {
        let path = file.get(&files);
        let good = std::fs::read(path).expect("a file of the fixture");
        let mut bad = good.clone();
        mishaps.iter().for_each(|mishap| mishap.befall(&mut bad));
        std::fs::write(path, &bad).expect("it can be written");
        let report = tenants.reload().expect("the folder can be read");
        for problem in report.broken.values().flatten().chain(&report.warnings) {
            prop_assert!(problem.at.line >= 1 && problem.at.column >= 1 && !problem.message.is_empty(), "{}", problem);
        }
        prop_assert_eq!(tenants.all().len(), 3, "who served goes on serving: {:?}", report.broken);
        if path.starts_with(towns.path().join("ostrau")) {
            prop_assert!(
                !report.broken.contains_key("westrau") || bad != good && claims_a_host(&bad),
                "{:?}",
                report.broken
            );
            prop_assert!(matches!(tenants.find(&neighbour), Found::Tenant(tenant) if tenant.id.as_str() == "westrau"));
        }
        std::fs::write(path, &good).expect("it can be written");
        let report = tenants.reload().expect("the folder can be read");
        prop_assert!(report.broken.is_empty(), "restored, and still broken: {:?}", report.broken);
        Ok(())
    });
    outcome.unwrap();
}

fn claims_a_host(tenant_yaml: &[u8]) -> bool {
    String::from_utf8_lossy(tenant_yaml).contains("westrau")
}

#[test]
fn no_address_makes_a_town_stumble() {
    let runtime = Arc::new(tokio::runtime::Runtime::new().expect("a runtime"));
    let house = runtime.block_on(House::with_fixture_towns());
    let path = "(/(en|ls|de|faq|suche|dienstleistungen|api|v1|assets|[a-z%./]{0,8}|%[0-9a-f]{2}|[!-~]{0,6})){0,5}/?";
    let query = "(\\?([a-z]{0,12}=?(%[0-9a-fA-F]{0,2}|[!-~]{0,4}){0,4}&?){0,5})?";
    let outcome = TestRunner::new(config(400)).run(&(path, query), |(path, query)| {
        let target = format!("/{}{query}", path.trim_start_matches('/')).replace('#', "");
        let Ok(_) = target.parse::<http::Uri>() else { return Ok(()) };
        let answer = runtime.block_on(house.get("portal.ostrau.example", &target));
        prop_assert!((200..500).contains(&answer.status), "{}: {}", target, answer.status);
        let location = answer.header("location");
        prop_assert!(!location.starts_with("//") && !location.contains("evil"), "{} leads to {}", target, location);
        Ok(())
    });
    outcome.unwrap();
}
