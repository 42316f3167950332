//! Dated values: inclusive on both ends, in the town's own time, to the second.

use jiff::Timestamp;
use portal_tests::{House, moment};

use super::add;
use crate::told::{errors, house_after, tenant};

/// Moments in UTC, in order, and whether the entry is there.
async fn notice_at(house: &House, moments: &[(&str, bool)]) {
    for (now, there) in moments {
        house.set_time(now);
        let page = house.get("portal.ostrau.example", "/").await.is(200).text();
        assert_eq!(page.contains("Der Markt fällt aus"), *there, "at {now}");
    }
}

async fn house_with_notice(from: &str, until: &str) -> House {
    house_after(|towns| {
        let notice = format!("- {{id: markt, title: Der Markt fällt aus, from: {from}, until: {until}}}\n");
        towns.write("ostrau/notices.yaml", notice);
    })
    .await
}

#[tokio::test]
async fn a_day_lasts_from_midnight_to_midnight_when_the_clocks_go_forward() {
    let house = house_with_notice("2027-03-28", "2027-03-28").await;
    let there = [
        ("2027-03-27T22:59:59Z", false),
        ("2027-03-27T23:00:00Z", true),
        ("2027-03-28T21:59:59Z", true),
        ("2027-03-28T22:00:00Z", false),
    ];
    notice_at(&house, &there).await;
}

#[tokio::test]
async fn a_day_lasts_from_midnight_to_midnight_when_the_clocks_go_back() {
    let house = house_with_notice("2027-10-31", "2027-10-31").await;
    let there = [
        ("2027-10-30T21:59:59Z", false),
        ("2027-10-30T22:00:00Z", true),
        ("2027-10-31T22:59:59Z", true),
        ("2027-10-31T23:00:00Z", false),
    ];
    notice_at(&house, &there).await;
}

#[tokio::test]
async fn an_hour_is_meant_as_the_town_reads_it_and_its_second_still_belongs() {
    let house = house_with_notice("2026-12-01T08:00", "2026-12-01T18:30").await;
    let there = [
        ("2026-12-01T06:59:59Z", false),
        ("2026-12-01T07:00:00Z", true),
        ("2026-12-01T17:30:00Z", true),
        ("2026-12-01T17:30:01Z", false),
    ];
    notice_at(&house, &there).await;
}

#[tokio::test]
async fn a_dated_value_of_a_layer_changes_in_its_towns_at_once() {
    let house = house_after(|towns| {
        let court = "- {value: Verwaltungsgericht Mittstadt, until: 2026-12-31}\n    - {value: Verwaltungsgericht Neustadt, from: 2027-01-01}";
        towns.change("_land/tenant.yaml", "Verwaltungsgericht Mittstadt", &format!("\n    {court}"));
    })
    .await;
    let path = "/dienstleistungen/hund-anmelden";
    let towns = ["portal.ostrau.example", "portal.westrau.example"];
    for (now, court) in [("2026-12-31T22:59:59Z", "Mittstadt"), ("2026-12-31T23:00:00Z", "Neustadt")] {
        house.set_time(now);
        for host in towns {
            house.get(host, path).await.is(200).says(&format!("Verwaltungsgericht {court} klagen"));
        }
    }
}

#[tokio::test]
async fn a_dated_page_of_a_layer_changes_in_its_towns_at_once() {
    let house = house_after(|towns| {
        let title = "- {value: Datenschutz im alten Jahr, until: 2026-12-31}\n  - {value: Datenschutz im neuen Jahr, from: 2027-01-01}";
        towns.write("_land/content/datenschutz.md", format!("---\ntitle:\n  {title}\n---\nWir schützen Ihre Daten.\n"));
    })
    .await;
    for (now, year) in [("2026-12-31T22:59:59Z", "alten"), ("2026-12-31T23:00:00Z", "neuen")] {
        house.set_time(now);
        for host in ["portal.ostrau.example", "portal.westrau.example"] {
            house.get(host, "/datenschutz").await.is(200).says(&format!("Datenschutz im {year} Jahr"));
        }
    }
}

#[tokio::test]
async fn values_that_overlap_are_refused_even_when_the_day_is_far() {
    let house = house_after(|towns| {
        let phone = "phone:\n  - {value: '1', until: 2030-01-01}\n  - {value: '2', from: 2030-01-01}\n";
        towns.change("ostrau/tenant.yaml", "phone: \"+49 30 23125-100\"\n", phone);
    })
    .await;
    let expected = "ostrau/tenant.yaml:12:5 overlaps with a value above it \
                    (dates are inclusive on both ends: end one day before the next begins)";
    assert_eq!(errors(&house, "ostrau"), [expected]);
}

#[tokio::test]
async fn a_town_knows_the_next_moment_at_which_it_changes() {
    let at = |text: &str| Some(text.parse::<Timestamp>().expect("a moment"));
    let house = house_with_notice("2027-03-28", "2027-10-31").await;
    assert_eq!(tenant(&house, "ostrau").next_switch, at("2027-03-27T23:00:00Z"));
    assert_eq!(tenant(&house, "suedau").next_switch, None);
    house.set_time("2027-03-28");
    house.get("portal.ostrau.example", "/").await.is(200);
    assert_eq!(tenant(&house, "ostrau").next_switch, at("2027-10-31T23:00:00Z"));
    house.set_time("2027-11-01");
    house.get("portal.ostrau.example", "/").await.is(200);
    assert_eq!(tenant(&house, "ostrau").next_switch, None);
    assert!(moment("2027-11-01") >= at("2027-10-31T23:00:00Z").unwrap());
}

#[tokio::test]
async fn what_is_said_for_a_phase_is_there_only_in_that_phase() {
    let house = house_after(|towns| {
        let providers = "- {id: alt, kind: saml, name: Altkonto, until: 2027-06-30}\n\
                         - {id: neu, kind: bundid, name: Neukonto, from: 2027-05-15}\n";
        towns.write("ostrau/identity.yaml", providers);
        add(towns, "_land/tenant.yaml", "help:\n  email: hilfe@land.example\n");
        towns.write("ostrau/notices.yaml", "- {id: neu, title: Bald neu, when: announced}\n");
    })
    .await;
    let phases = [
        ("2027-05-14T21:59:59Z", "Ab dem 15. Mai 2027 melden Sie sich mit Neukonto an", true),
        ("2027-05-14T22:00:00Z", "Ihr Konto bei Altkonto besteht bis zum 30. Juni 2027", false),
        ("2027-06-30T22:00:00Z", "Altkonto gibt es seit dem 1. Juli 2027 nicht mehr", false),
        ("2028-06-30T22:00:00Z", "", false),
    ];
    for (now, said, notice) in phases {
        house.set_time(now);
        let page = house.get("portal.ostrau.example", "/faq").await.is(200).text();
        for (_, other, _) in phases.iter().filter(|(_, other, _)| !other.is_empty()) {
            assert_eq!(page.contains(other), *other == said, "at {now}: {other}");
        }
        assert_eq!(page.contains("Bald neu"), notice, "at {now}");
    }
}

#[tokio::test]
async fn a_phase_that_does_not_exist_is_named_with_the_one_that_was_meant() {
    let house = house_after(|towns| {
        towns.write("ostrau/notices.yaml", "- {id: neu, title: Bald neu, when: anounced}\n");
    })
    .await;
    let expected = "ostrau/notices.yaml:1:36 says `when: anounced`, which is no phase (did you mean `announced`?)";
    assert_eq!(errors(&house, "ostrau"), [expected]);
}
