//! Mistakes that YAML takes without a word, and copies that give two towns the same facts.

use super::{check, findings, towns};
use portal_tests::Towns;

#[tokio::test]
async fn what_yaml_takes_and_nobody_means_is_told() {
    let towns = towns();
    towns.write("ostrau/services/a.yaml", "title: Steg\nshort: Steg\nfees:\n  - {text: Gebühr, amount: 2,80}\n");
    let found = findings(&towns).await;
    assert_eq!(found[0], "configuration ostrau ostrau/services/a.yaml:4:30 has the field `80`, which says nothing");
    towns.write("ostrau/services/a.yaml", "title: Steg\nshort: Steg\nreviewed: 01.11.2026\n");
    let found = findings(&towns).await;
    assert_eq!(found[0], "configuration ostrau ostrau/services/a.yaml:3:11 is `01.11.2026`, which is no date");
    towns.remove("ostrau/services/a.yaml");
    towns.change("ostrau/tenant.yaml", "https://www.ostrau.example", "www.ostrau.example");
    let found = findings(&towns).await;
    let told =
        "broken-link ostrau ostrau/tenant.yaml:12:10 says `www.ostrau.example` as its `website`, which is no address";
    assert!(found.iter().any(|line| line == told), "{found:#?}");
}

#[tokio::test]
async fn two_towns_that_give_one_fact_are_both_told_at_their_lines() {
    let towns = towns();
    towns.change("westrau/tenant.yaml", "rathaus@westrau.example", "rathaus@ostrau.example");
    let found = findings(&towns).await;
    let expected = [
        "foreign-town ostrau ostrau/tenant.yaml:11:8 gives `rathaus@ostrau.example` as its `email`, which `westrau` gives as well",
        "foreign-town westrau westrau/tenant.yaml:10:8 gives `rathaus@ostrau.example` as its `email`, which `ostrau` gives as well",
    ];
    for expected in expected {
        assert!(found.iter().any(|line| line == expected), "{expected} is not in {found:#?}");
    }
}

#[tokio::test]
async fn the_same_sentence_is_told_at_every_line_that_says_it_and_not_at_a_search_word() {
    let towns = towns();
    let term = "- {id: altkonto, term: Altkonto.Land, instead: BundID, from: 2024-07-01, reason: abgeschaltet}\n";
    towns.write("_land/retired.yaml", term);
    towns.change("_land/content/faq.yaml", "keywords: [registrieren]", "keywords: [registrieren, Altkonto.Land]");
    for name in ["a", "b"] {
        let service = format!("title: Steg {name}\nshort: Steg\nwho: Melden Sie sich mit Altkonto.Land an.\n");
        towns.write(&format!("ostrau/services/{name}.yaml"), service);
    }
    let found = findings(&towns).await;
    let of = |name: &str| found.iter().filter(|line| line.contains(&format!("services/{name}.yaml:3:26 says"))).count();
    assert_eq!((found.len(), of("a"), of("b")), (2, 1, 1), "{found:#?}");
}

#[tokio::test]
async fn links_are_followed_from_the_page_they_stand_on() {
    let towns = towns();
    let links = "[eins](faq) [zwei](../kontakt) [drei](../nix) [vier](//portal.ostrau.example/nixda)";
    towns.write("ostrau/services/a.yaml", format!("title: Steg\nshort: Steg\nwho: \"{links}\"\n"));
    let found = findings(&towns).await;
    let expected = [
        ":14 leads to `/dienstleistungen/faq`, which is not there",
        ":45 leads to `/nix`, which is not there",
        ":60 leads to `/nixda`, which is not there",
    ];
    let expected = expected.map(|link| format!("broken-link ostrau ostrau/services/a.yaml:3{link}"));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_layer_leads_to_what_a_town_offers_and_a_slip_is_still_found() {
    let towns = towns();
    let answer = "Siehe [Kennzeichen](/dienstleistungen/kennzeichen), [English](/en/faq) und [Tippfehler](/dienstleistungen/kenzeichen).";
    towns.change("_land/content/faq.yaml", "Hier erledigen Sie", &format!("{answer} Hier erledigen Sie"));
    let found = findings(&towns).await;
    assert!(found.iter().all(|line| line.contains("`/dienstleistungen/kenzeichen`")), "{found:#?}");
    assert_eq!(found.len(), 2, "both towns show the slip; only one of them offers the service: {found:#?}");
}

#[tokio::test]
async fn a_town_that_is_suspended_is_not_told_that_it_shows_nothing() {
    let towns = towns();
    towns.change("ostrau/tenant.yaml", "status: preview", "status: suspended");
    towns.write("ostrau/expect.yaml", "- {id: a, promise: Es gibt eine Startseite, page: /, says: [Ostrau]}\n");
    assert_eq!(findings(&towns).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_folder_without_towns_is_a_wrong_folder() {
    let output = check(&Towns::empty(), &[]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("holds no town"));
}
