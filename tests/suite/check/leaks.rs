//! A fact of one town in a text of the other, wherever texts stand.

use super::{check, findings, text, towns};

/// Every place where a town can write something, and the line and column at which Westrau shows in it.
const PLACES: [(&str, &str, &str); 9] = [
    ("services/a.yaml", "title: Steg\nshort: Rufen Sie die Stadt Westrau an\n", "2:22"),
    (
        "services/b.yaml",
        "title: Kahn\nshort: Kahn\nwho: |\n  Alle dürfen.\n\n  Schreiben Sie an rathaus@westrau.example\n",
        "6:20",
    ),
    ("services/c.yaml", "title: Boot\nshort: Boot\nfees:\n  - {text: Gebühr der Stadt Westrau}\n", "4:23"),
    ("services/d.yaml", "title: Floß\nshort: Floß\nsynonyms: [Bürgerbüro Westrau]\n", "3:12"),
    ("content/impressum.md", "---\ntitle: Impressum\n---\nHerausgeber\n\nIhre Hansestadt Westrau\n", "6:1"),
    ("notices.yaml", "- {id: neu, title: Neues, text: Die Hansestadt Westrau teilt mit, from: 2027-05-01}\n", "1:37"),
    ("start.yaml", "- {title: Besuchen Sie uns am Westrauer Kai 2, url: /kontakt}\n", "1:31"),
    ("redirects.yaml", "/alt: https://portal.westrau.example/neu\n", "1:15"),
    ("offices.yaml", "hafen:\n  name: Hafenamt der Stadt Westrau\n", "2:9"),
];

#[tokio::test]
async fn a_fact_of_another_town_is_found_wherever_it_stands() {
    let towns = towns();
    for (path, content, _) in PLACES {
        towns.write(&format!("ostrau/{path}"), content);
    }
    towns.write("ostrau/assets/Satzung_Stadt_Westrau.pdf", "%PDF-1.4");
    let found = findings(&towns).await;
    for (path, _, place) in PLACES {
        let expected = format!("foreign-town ostrau ostrau/{path}:{place} says ");
        assert!(found.iter().any(|line| line.starts_with(&expected)), "{expected} is not in {found:#?}");
    }
    let expected = "foreign-town ostrau ostrau/assets/Satzung_Stadt_Westrau.pdf:1:1 ";
    assert!(found.iter().any(|line| line.starts_with(expected)), "{found:#?}");
    assert!(found.iter().all(|line| line.contains(" ostrau ")), "{found:#?}");
}

#[tokio::test]
async fn what_only_a_finished_page_says_is_found_in_theme_texts_and_templates() {
    let towns = towns().with_themes();
    towns.change("ostrau/tenant.yaml", "status: preview", "status: preview\ntheme: ost");
    towns.write_theme("ost/texts/de.yaml", "nav:\n  contact: Kontakt zur Stadt Westrau\n");
    towns.write_theme(
        "ost/templates/api.html",
        "<!doctype html>\n<title>API</title>\n<p><img src=\"/x\" alt=\"Rathaus Westrau\"></p>\n",
    );
    let found = findings(&towns).await;
    let of =
        |file: &str| found.iter().filter(|line| line.starts_with("foreign-town ostrau") && line.contains(file)).count();
    assert_eq!(of("ost/texts/de.yaml:2:24"), 1, "{found:#?}");
    assert_eq!(of("ost/templates/api.html:3:23"), 1, "{found:#?}");
}

#[tokio::test]
async fn neighbours_may_be_mentioned_but_do_not_speak() {
    let towns = towns();
    towns.write(
        "ostrau/services/a.yaml",
        "title: Ausflug\nshort: Mit der Bahn fahren Sie in Richtung Westrau zum Kreis Westrau.\n",
    );
    assert_eq!(findings(&towns).await, [] as [&str; 0]);
    let mentions = "status: preview\nmentions: [{town: westrau, reason: Nachbarstadt}]";
    towns.change("ostrau/tenant.yaml", "status: preview", mentions);
    towns.write("ostrau/services/a.yaml", "title: Ausflug\nshort: Wir, die Stadt Westrau, laden ein.\n");
    assert_eq!(findings(&towns).await.len(), 1, "a declared neighbour does not speak either");
}

#[tokio::test]
async fn a_leak_in_a_text_for_next_month_is_told_today() {
    let towns = towns();
    towns.write("_land/notices.yaml", "- {id: spaeter, title: Die Stadt Bielefeld lädt ein, from: 2027-01-01}\n");
    let found = findings(&towns).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("foreign-town _land _land/notices.yaml:1:28 says `Stadt Bielefeld`"), "{found:#?}");
}

#[tokio::test]
async fn the_message_says_whose_it_is_and_what_to_do() {
    let towns = towns();
    towns.write("ostrau/services/a.yaml", "title: Steg\nshort: Ihre Stadt Westrau\n");
    let told = text(&check(&towns, &["ostrau"]).await);
    assert!(
        told.contains("says `Ihre Stadt Westrau`, the name of Westrau")
            || told.contains("says `Stadt Westrau`, the name of Westrau"),
        "{told}"
    );
    assert!(told.contains("hint: ") && told.contains("{{ town.name }}"), "{told}");
}
