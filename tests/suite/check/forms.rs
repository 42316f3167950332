//! Forms: what nobody could answer or get to is told at its line before anybody tries.

use super::{findings, towns};

/// What is found in a form whose second step reads so.
async fn found_in(second: &str) -> Vec<String> {
    let towns = towns();
    let first = "title: Hund\nsteps:\n  - id: eins\n    title: Eins\n    fields:\n\
        \x20     - {id: gross, kind: yes_no, label: Gross?}\n\
        \x20     - {id: art, kind: choice, label: Art, options: [{id: a, label: A}, {id: b, label: B}], if: {gross: true}}\n\
        \x20     - {id: anzahl, kind: number, label: Anzahl}\n";
    towns.write("ostrau/forms/hund.yaml", format!("{first}{second}"));
    towns.write("ostrau/services/hund.yaml", "title: Hund\nshort: Hund\nonline: {kind: form, form: hund}\n");
    findings(&towns).await
}

fn step(condition: &str, field: &str) -> String {
    format!(
        "  - id: zwei\n    title: Zwei\n    if: {condition}\n    fields:\n      - {{id: {field}, kind: text, label: Mehr}}\n"
    )
}

#[tokio::test]
async fn a_step_that_nobody_reaches_is_an_error() {
    let never = "wants answers to";
    for (condition, question) in [
        ("{gross: true, all: [{gross: false}]}", "gross"),
        ("{all: [{art: a}, {art: b}]}", "art"),
        // the kind is asked for large ones only
        ("{gross: false, art: a}", "gross"),
        ("{anzahl: {at_least: 5, at_most: 2}}", "anzahl"),
    ] {
        let found = found_in(&step(condition, "mehr")).await;
        let told =
            format!("configuration ostrau ostrau/forms/hund.yaml:11:9 {never} `{question}` that never come together");
        assert!(found.contains(&told), "{condition}: {found:#?}");
    }
    let found = found_in(&step("{art: c}", "mehr")).await;
    assert!(found.iter().any(|line| line.contains("hund.yaml:11:9 holds `art` against `c`")), "{found:#?}");
    let found = found_in(&step("{any: [{gross: false}, {art: [a, b]}]}", "mehr")).await;
    assert!(!found.iter().any(|line| line.contains("hund.yaml")), "{found:#?}");
}

#[tokio::test]
async fn a_question_cannot_be_called_what_pages_need_for_themselves() {
    for id in ["do", "form", "turn", "seen", "revision"] {
        let found = found_in(&step("{gross: true}", id)).await;
        let told =
            format!("ostrau/forms/hund.yaml:13:14 has a question with the id `{id}`, which pages need for themselves");
        assert!(found.iter().any(|line| line.ends_with(&told)), "{id}: {found:#?}");
    }
}
