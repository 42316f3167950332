//! Dates in configuration move pages by the clock alone: no reload, no stale page (promise P12).

use portal_tests::{Answer, House, Towns};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";
const LOEHNE: &str = "serviceportal.loehne.de";
const HERFORD: &str = "serviceportal.herford.de";

/// What the citizens of a town see of a change of login at one moment.
struct Phase {
    time: &'static str,
    /// Whose name the button carries.
    button: &'static str,
    /// Stands on `/anmelden`.
    login: Option<&'static str>,
    /// Stands on `/faq`.
    help: Option<&'static str>,
}

const fn phase(
    time: &'static str,
    button: &'static str,
    login: Option<&'static str>,
    help: Option<&'static str>,
) -> Phase {
    Phase { time, button, login, help }
}

#[tokio::test]
async fn the_login_of_a_town_changes_by_the_clock_alone() {
    let announced =
        (Some("Ab dem 15. Mai 2024 melden Sie sich mit BundID an."), Some("Was ändert sich bei der Anmeldung?"));
    let switched = (
        Some("Die bisherigen Konten bei Altkonto.Land bestehen noch bis zum 30. Juni 2024."),
        Some("Was wird aus meinem alten Konto?"),
    );
    let retired = (Some("Altkonto.Land gibt es seit dem 1. Juli 2024 nicht mehr."), Some("Wo ist mein altes Konto?"));
    let phases = [
        phase("2024-05-14T23:59:59", "Altkonto.Land", announced.0, announced.1),
        phase("2024-05-15T00:00:00", "BundID", switched.0, switched.1),
        phase("2024-06-30T23:59:59", "BundID", switched.0, switched.1),
        phase("2024-07-01T00:00:00", "BundID", retired.0, retired.1),
        phase("2025-06-30T23:59:59", "BundID", retired.0, retired.1),
        phase("2025-07-01T00:00:00", "BundID", None, None),
    ];
    let house = House::open_at(Towns::fixture(), "2024-01-01").await;
    let sentences = |pick: fn(&Phase) -> Option<&'static str>| phases.iter().filter_map(pick).collect::<Vec<_>>();
    let (all_logins, all_helps) = (sentences(|phase| phase.login), sentences(|phase| phase.help));
    for now in &phases {
        house.set_time(now.time);
        // twice: the second answer comes from the cache
        for _ in 0..2 {
            let start = house.get(WESTRAU, "/").await.is(200).text();
            let login = house.get(WESTRAU, "/anmelden").await.is(200).text();
            let help = house.get(WESTRAU, "/faq").await.is(200).text();
            let other = if now.button == "BundID" { "Altkonto.Land" } else { "BundID" };
            assert!(start.contains(&format!("mit {}", now.button)), "button at {}", now.time);
            assert!(!start.contains(other), "{other} at {}", now.time);
            for sentence in &all_logins {
                assert_eq!(
                    login.contains(sentence),
                    now.login == Some(sentence),
                    "`{sentence}` on the login page at {}",
                    now.time
                );
            }
            for sentence in &all_helps {
                assert_eq!(
                    help.contains(sentence),
                    now.help == Some(sentence),
                    "`{sentence}` in the help at {}",
                    now.time
                );
            }
            let konto = format!("Das Konto legen Sie bei {} an.", now.button);
            assert!(help.contains(&konto), "`{konto}` at {}", now.time);
        }
    }
    // whoever kept a page from before is told of the new one, and Ostrau never changed
    let house = House::open_at(Towns::fixture(), "2024-05-14T23:59:59").await;
    let before = [house.get(WESTRAU, "/faq").await, house.get(OSTRAU, "/faq").await];
    house.set_time("2024-05-15");
    let etag = |answer: &Answer| answer.header("etag").to_owned();
    house.get_with(WESTRAU, "/faq", &[("if-none-match", &etag(&before[0]))]).await.is(200);
    house.get_with(OSTRAU, "/faq", &[("if-none-match", &etag(&before[1]))]).await.is(304);
}

#[tokio::test]
async fn the_api_and_the_search_follow_the_clock_too() {
    let house = House::open_at(Towns::fixture(), "2024-05-14T23:59:59").await;
    let found = |answer: Answer| {
        answer.json()["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| hit["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let asked = "/api/v1/search?q=Anmeldung%20%C3%A4ndert";
    assert!(found(house.get(WESTRAU, asked).await).contains(&"wechsel-kommt".to_owned()));
    house.set_time("2024-05-15");
    assert!(!found(house.get(WESTRAU, asked).await).contains(&"wechsel-kommt".to_owned()));
    assert!(found(house.get(WESTRAU, "/api/v1/search?q=altes%20Konto").await).contains(&"wechsel-ist".to_owned()));
}

#[tokio::test]
async fn loehne_moves_from_servicekonto_to_bundid_by_two_dates() {
    let house = House::open_at(Towns::shipped(), "2024-05-14T23:59:59").await;
    assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
    let old = "Servicekonto.NRW";
    house.get(LOEHNE, "/").await.is(200).says("mit Servicekonto.NRW").says("Neue Anmeldung ab 15. Mai 2024");
    house.get(LOEHNE, "/anmelden").await.is(200).says("Ab dem 15. Mai 2024 melden Sie sich mit BundID an.");
    let help_before = house.get(LOEHNE, "/faq").await.is(200).text();

    for time in ["2024-05-15T00:00:00", "2024-06-30T23:59:59"] {
        house.set_time(time);
        let start = house.get(LOEHNE, "/").await.is(200).says("mit BundID").is_silent_about("mit Servicekonto.NRW");
        start.says("Konten bei Servicekonto.NRW enden am 30. Juni 2024").is_silent_about("Neue Anmeldung ab");
        house
            .get(LOEHNE, "/anmelden")
            .await
            .says("Die bisherigen Konten bei Servicekonto.NRW bestehen noch bis zum 30. Juni 2024.");
        assert_ne!(house.get(LOEHNE, "/faq").await.is(200).says(old).text(), help_before);
    }

    house.set_time("2024-07-01T00:00:00");
    house.get(LOEHNE, "/").await.is(200).says("mit BundID").is_silent_about(old);
    house.get(LOEHNE, "/anmelden").await.says("Servicekonto.NRW gibt es seit dem 1. Juli 2024 nicht mehr.");

    for time in ["2025-07-01T00:00:00", "2026-11-22"] {
        house.set_time(time);
        for path in ["/", "/anmelden", "/faq", "/en/faq", "/ls/anmelden"] {
            house.get(LOEHNE, path).await.is(200).is_silent_about(old);
        }
    }
}

#[tokio::test]
async fn the_neighbour_does_not_notice_that_loehne_moves() {
    let house = House::open_at(Towns::shipped(), "2024-05-14T23:59:59").await;
    let before = house.get(HERFORD, "/faq").await.is(200);
    house.set_time("2024-05-15");
    house.get_with(HERFORD, "/faq", &[("if-none-match", before.header("etag"))]).await.is(304);
}

#[tokio::test]
async fn a_notice_of_a_layer_reaches_all_its_towns_at_once_and_leaves_by_the_clock() {
    const NOTICE: &str = "BundID ist gestört";
    let towns = Towns::fixture();
    towns.write(
        "_land/notices.yaml",
        "notices:\n  - id: stoerung\n    level: disruption\n    title: BundID ist gestört\n    text: Bitte **später** wieder.\n\
         \x20   from: 2026-11-02T18:00\n    until: 2026-11-03\n",
    );
    towns.write(
        "ostrau/notices.yaml",
        "notices:\n  - {id: markt, title: Der Markt fällt aus, from: 2026-11-03, until: 2026-11-03}\n",
    );
    let house = House::open(towns).await;
    let all = [OSTRAU, WESTRAU, "portal.suedau.example"];
    for (time, layer, own) in [
        ("2026-11-02T17:59:59", false, false),
        ("2026-11-02T18:00:00", true, false),
        ("2026-11-02T23:59:59", true, false),
        ("2026-11-03T00:00:00", true, true),
        ("2026-11-03T23:59:59", true, true),
        ("2026-11-04T00:00:00", false, false),
    ] {
        house.set_time(time);
        for host in all {
            for path in ["/", "/faq", "/dienstleistungen/ausweis", "/suche?q=ausweis", "/nicht/da"] {
                let text = house.get(host, path).await.text();
                assert_eq!(text.contains(NOTICE), layer, "{host}{path} at {time}");
                assert_eq!(text.contains("Der Markt fällt aus"), own && host == OSTRAU, "{host}{path} at {time}");
            }
        }
        if layer {
            house.get(OSTRAU, "/").await.says("Störung:").says("<strong>später</strong>");
        }
    }
}

#[tokio::test]
async fn a_notice_written_now_is_there_after_the_next_reload_in_every_town() {
    let mut house = House::with_fixture_towns().await;
    house.get(OSTRAU, "/").await.is(200);
    house.towns.write("_land/notices.yaml", "notices: [{id: n, title: Ganz neu, until: 2026-11-30}]\n");
    assert_eq!(house.reload().changed, ["ostrau", "suedau", "westrau"]);
    for host in [OSTRAU, WESTRAU, "portal.suedau.example"] {
        house.get(host, "/").await.says("Ganz neu");
    }
}
