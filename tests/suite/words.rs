//! What the check says about words that are gone, days that have passed, and sentences that are hard to read.

use jiff::civil::{Date, date};
use portal::{
    lint::words::{Hit, Retired, hard_to_read, past_dates},
    locale::Locale,
};
use portal_tests::{House, Towns};

use crate::told::tenant;

const TODAY: Date = date(2026, 11, 22);

const RETIRED: &str = concat!(
    include_str!("../words/retired.tsv"),
    include_str!("../words/retired-2.tsv"),
    include_str!("../words/retired-3.tsv"),
    include_str!("../words/retired-4.tsv"),
    include_str!("../words/retired-5.tsv")
);
const PAST: &str = concat!(
    include_str!("../words/past.tsv"),
    include_str!("../words/past-2.tsv"),
    include_str!("../words/past-3.tsv"),
    include_str!("../words/past-4.tsv"),
    include_str!("../words/past-5.tsv")
);

/// Sentences of a table that are judged otherwise than it says: verdict, sentence, why.
fn misjudged(table: &str, look: impl Fn(&str, &str) -> Vec<Hit>) -> Vec<String> {
    let wrong = table.lines().filter_map(|line| {
        let [verdict, sentence, why] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Some(format!("is no row: {line}"));
        };
        let hits = look(verdict, sentence);
        let is_right = hits.is_empty() == verdict.starts_with("must-not")
            && hits.iter().all(|hit| sentence[hit.range.clone()] == hit.said);
        (!is_right).then(|| format!("{verdict}: {sentence} ({why}): {hits:?}"))
    });
    wrong.collect()
}

/// The terms of a shipped town on a day.
async fn retired_on(day: &str) -> Retired {
    let house = House::open_at(Towns::shipped(), day).await;
    Retired::of(&tenant(&house, "loehne").retired.terms)
}

#[tokio::test]
async fn retired_words_are_found_unless_the_text_says_that_they_are_over() {
    let retired = retired_on("2026-11-22T12:00").await;
    let wrong = misjudged(RETIRED, |_, sentence| retired.look(sentence, TODAY));
    assert_eq!(wrong, [""; 0]);
}

#[tokio::test]
async fn a_word_is_retired_from_its_day_on() {
    let sentence = "Melden Sie sich mit Servicekonto.NRW an.";
    assert_eq!(retired_on("2024-06-30T12:00").await.look(sentence, date(2024, 6, 30)), []);
    let hits = retired_on("2024-07-01T12:00").await.look(sentence, date(2024, 7, 1));
    let [hit] = &hits[..] else { panic!("one hit: {hits:?}") };
    assert_eq!(
        (&sentence[hit.range.clone()], &*hit.message),
        ("Servicekonto.NRW", "says `Servicekonto.NRW`, which is no longer right")
    );
    let hint = "write `BundID` – The Land switched its account for citizens off at the end of June 2024";
    assert_eq!(hit.hint.as_deref(), Some(hint));
}

#[tokio::test]
async fn a_town_adds_terms_to_those_of_its_layers_and_takes_some_away() {
    let towns = Towns::shipped();
    let own = "- {id: npa, remove: true}\n- {id: gasse, term: Alte Gasse, reason: The street has another name}\n";
    towns.write("loehne/retired.yaml", own);
    let house = House::open_at(towns, "2026-11-22T12:00").await;
    let said = |town: &str| {
        let retired = Retired::of(&tenant(&house, town).retired.terms);
        let hits = retired.look("Alte Gasse 5: nPA, giropay, krz", TODAY);
        hits.into_iter().map(|hit| hit.said).collect::<Vec<_>>()
    };
    assert_eq!(said("loehne"), ["Alte Gasse", "giropay", "krz"]);
    assert_eq!(said("herford"), ["nPA", "giropay", "krz"]);
}

#[test]
fn days_that_have_passed_are_found_unless_they_are_history() {
    let look = |verdict: &str, sentence: &str| {
        let (_, locale) = verdict.rsplit_once(' ').expect("a verdict and a language");
        past_dates(sentence, TODAY, &Locale::new(locale).expect("a language"))
    };
    assert_eq!(misjudged(PAST, look), [""; 0]);
}

#[test]
fn a_day_that_has_passed_comes_with_the_block_that_ends_by_itself() {
    let german = Locale::german();
    let hits = past_dates("Kommen Sie gern. Anmeldung bis 15.03.2025", TODAY, &german);
    let [hit] = &hits[..] else { panic!("one hit: {hits:?}") };
    assert_eq!(
        (hit.range.clone(), &*hit.message),
        (31..41, "names `15.03.2025`, which is over, as if it were still to come")
    );
    let block =
        r#"take the sentence out, or let it end by itself: `- {value: "Anmeldung bis 15.03.2025", until: 2025-03-15}`"#;
    assert_eq!(hit.hint.as_deref(), Some(block));
    assert_eq!(past_dates("Anmeldung bis 15.03.2025", date(2025, 3, 15), &german), [], "the last day is not over");
}

#[test]
fn hard_sentences_and_words_of_leichte_sprache_are_named() {
    let cases = [
        ("Bringen Sie Ihren Personalausweis mit.", Some("Personalausweis")),
        ("Bringen Sie Ihren Personal-Ausweis mit.", None),
        ("Das ist die Wahl-Benachrichtigung.", None),
        ("Sie müssen zum Amt gehen und dort den Antrag stellen und ein Foto und Geld mitbringen.", Some("Sie müssen")),
        (
            "Bringen Sie mit:\n\n- Ihren alten Ausweis\n- ein neues Foto\n- Geld für die Karte\n- den Brief vom Amt",
            None,
        ),
        ("Bringen Sie z. B. Ihren Pass mit.", Some("z. B.")),
        ("Das steht im Teil III vom Gesetz.", Some("III")),
        ("Sie haben zwei Wochen Zeit.", Some("zwei")),
        ("Sie haben 2 Wochen Zeit.", None),
        ("Das ist der Ausweis des Kindes.", Some("des Kindes")),
        ("Sie könnten auch anrufen.", Some("könnten")),
        ("Der Antrag wird vom Amt geprüft.", Some("wird vom Amt geprüft")),
        ("Das Amt prüft den Antrag.", None),
        ("Ein Papier, das zeigt, dass Sie verwandt sind.", Some("Ein Papier")),
        (
            "Haben Sie Fragen? Dann schreiben Sie an [info@stadtverwaltung.example](mailto:info@stadtverwaltung.example).",
            None,
        ),
        ("Gehen Sie zu {{ town.administration }}.", None),
    ];
    for (text, hard) in cases {
        let hits = hard_to_read(text);
        assert_eq!(hits.is_empty(), hard.is_none(), "{text}: {hits:?}");
        assert!(
            hits.iter().all(|hit| hit.said.starts_with(hard.unwrap_or_default()) && hit.hint.is_some()),
            "{hits:?}"
        );
    }
}
