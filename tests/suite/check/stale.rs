//! What was right once: words that are gone, days that have passed, texts nobody has read for a year, other languages.

use super::{findings, towns};

#[tokio::test]
async fn what_has_gone_by_is_told_where_it_stands() {
    let towns = towns();
    towns.write(
        "_land/retired.yaml",
        "- {id: altkonto, term: Altkonto.Land, instead: BundID, from: 2024-07-01, reason: abgeschaltet}\n",
    );
    towns.write("ostrau/services/a.yaml", STALE);
    let expected = [
        "past-date ostrau ostrau/services/a.yaml:4:31 names `15. März 2026`, which is over, as if it were still to come",
        "retired-term ostrau ostrau/services/a.yaml:3:27 says `Altkonto.Land`",
        "review-overdue ostrau ostrau/services/a.yaml:5:11 was looked through on 2025-10-01, more than 12 months ago",
    ];
    let found = findings(&towns).await;
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (line, expected) in found.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}\n{expected}");
    }
    // before its day nothing of it is wrong
    towns.change("_land/retired.yaml", "2024-07-01", "2027-07-01");
    towns.change("ostrau/services/a.yaml", "15. März 2026", "15. März 2027");
    towns.change("ostrau/services/a.yaml", "2025-10-01", "2026-10-01");
    assert_eq!(findings(&towns).await, [] as [&str; 0]);
}

const STALE: &str = "title: Steg
short: Ein Platz am Steg
who: \"Melden Sie sich mit Altkonto.Land an.\"
deadlines: Sie müssen bis zum 15. März 2026 schreiben.
reviewed: 2025-10-01
";

#[tokio::test]
async fn the_accessibility_statement_is_looked_through_every_year() {
    let towns = towns();
    towns.change(
        "ostrau/tenant.yaml",
        "status: preview",
        "status: preview\naccessibility: {created: 2025-01-01, reviewed: 2025-09-30}",
    );
    let found = findings(&towns).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("review-overdue ostrau ostrau/tenant.yaml:"), "{found:#?}");
}

#[tokio::test]
async fn what_a_language_lacks_is_told_where_the_german_stands() {
    let towns = towns();
    towns.change("ostrau/tenant.yaml", "locales: [de]", "locales: [de, en]");
    towns.write("ostrau/services/a.yaml", "title: {de: Steg, en: Jetty}\nshort: Ein Platz\n");
    let found = findings(&towns).await;
    let expected =
        "missing-translation ostrau ostrau/services/a.yaml:2:8 has no `en` text for the short text `Ein Platz`";
    assert!(found.iter().any(|line| line == expected), "{found:#?}");
    assert!(found.iter().all(|line| line.starts_with("missing-translation ostrau ")), "{found:#?}");
}

#[tokio::test]
async fn easy_language_that_is_not_easy_is_a_warning() {
    let towns = towns();
    let long = "Sie gehen in das Amt und dort ziehen Sie eine Nummer und dann warten Sie bis man Sie ruft.";
    towns.write(
        "ostrau/services/a.yaml",
        format!("title: {{de: Steg, ls: Steg}}\nshort:\n  de: Ein Platz\n  ls: {long}\n"),
    );
    let found = findings(&towns).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("readability ostrau ostrau/services/a.yaml:4:7 "), "{found:#?}");
}
