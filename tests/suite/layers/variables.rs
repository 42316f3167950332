//! Texts name facts instead of spelling them.

use portal_tests::House;

use super::add;
use crate::told::{errors, house_after, warnings};

#[tokio::test]
async fn a_shared_text_says_the_name_of_the_town_that_shows_it() {
    let house = House::with_fixture_towns().await;
    for (host, name, form) in [("ostrau", "Ostrau", "der Stadt Ostrau"), ("westrau", "Westrau", "der Stadt Westrau")] {
        let host = format!("portal.{host}.example");
        let page = house.get(&host, "/dienstleistungen/hund-anmelden").await.is(200);
        page.says(&format!("Wer in {name} einen Hund hält")).says(&format!("Hundesteuersatzung {form}"));
        house.get(&host, "/datenschutz").await.is(200).says(&format!("Seite datenschutz {form}."));
    }
}

#[tokio::test]
async fn a_variable_that_does_not_exist_is_refused_with_its_place_and_the_nearest_name() {
    let house = house_after(|towns| {
        add(towns, "ostrau/services/marktstand.yaml", "who: Alle aus {{ town.nmae }}.\n");
        towns.write("westrau/content/kontakt.md", "---\ntitle: Kontakt\n---\n\nRathaus {{ twon.name }}\n");
        add(towns, "suedau/tenant.yaml", "administration: Rathaus {{ town.name\n");
    })
    .await;
    let expected = "ostrau/services/marktstand.yaml:7:6 names the variable `town.nmae`, which does not exist (did you mean `town.name`?)";
    assert_eq!(errors(&house, "ostrau"), [expected]);
    let expected = "westrau/content/kontakt.md:5:9 names the variable `twon.name`, which does not exist (did you mean `town.name`?)";
    assert_eq!(errors(&house, "westrau"), [expected]);
    let expected = "suedau/tenant.yaml:6:17 opens a variable with `{{` and does not close it";
    assert_eq!(errors(&house, "suedau"), [expected]);
}

#[tokio::test]
async fn forms_of_a_name_follow_the_language_of_the_text() {
    let house = house_after(|towns| {
        add(towns, "ostrau/tenant.yaml", "forms:\n  in: {de: im Ostrauland, en: in Ostrau-shire, ls: in Ostrau}\n");
        towns.change(
            "ostrau/services/marktstand.yaml",
            "short: Einen Stand auf dem Ostrauer Markt bekommen.",
            "short: {de: 'Stand {{ town.forms.in }}', en: 'Stall {{ town.forms.in }}', ls: 'Platz {{ town.forms.in }}'}",
        );
        towns.write("ostrau/content/impressum.en.md", "---\ntitle: Imprint {{ town.forms.in }}\n---\nWe are {{ town.forms.in }}.\n");
    })
    .await;
    let host = "portal.ostrau.example";
    house.get(host, "/dienstleistungen/marktstand").await.is(200).says("Stand im Ostrauland");
    house.get(host, "/en/dienstleistungen/marktstand").await.is(200).says("Stall in Ostrau-shire");
    house.get(host, "/ls/dienstleistungen/marktstand").await.is(200).says("Platz in Ostrau");
    let imprint = house.get(host, "/en/impressum").await.is(200).says("We are in Ostrau-shire.");
    imprint.says("<h1>Imprint in Ostrau-shire</h1>");
}

#[tokio::test]
async fn a_date_in_a_text_is_said_in_the_language_of_the_text() {
    let house = house_after(|towns| {
        towns.write("ostrau/identity.yaml", "- {id: a, kind: bundid, name: Konto A, from: 2026-05-15}\n");
        let answer = "{de: 'Seit dem {{ login.since }}.', en: 'Since {{ login.since }}.'}";
        towns.write("ostrau/content/faq.yaml", format!("- {{id: seit, question: Seit wann?, answer: {answer}}}\n"));
    })
    .await;
    house.get("portal.ostrau.example", "/faq").await.is(200).says("Seit dem 15. Mai 2026.");
    house.get("portal.ostrau.example", "/en/faq").await.is(200).says("Since 15 May 2026.");
}

#[tokio::test]
async fn a_fact_the_town_has_not_filled_in_is_a_gap_to_see_and_a_warning() {
    let house = house_after(|towns| {
        add(towns, "_land/services/ausweis.yaml", "who: Rufen Sie an unter {{ town.phone }}.\n");
    })
    .await;
    let warning = "_land/services/ausweis.yaml:11:6 names `town.phone`, which this town has not filled in (add `phone` to its `tenant.yaml`)";
    let no_login = "_land/content/faq.yaml:12:13 names `login.name`, which this town has not filled in \
                    (`identity.yaml` names no provider for this day)";
    assert_eq!(warnings(&house, "suedau"), [warning, no_login]);
    assert_eq!(warnings(&house, "ostrau"), Vec::<String>::new());
    let path = "/dienstleistungen/ausweis";
    house.get("portal.suedau.example", path).await.is(200).says("Rufen Sie an unter [town.phone].");
    house.get("portal.ostrau.example", path).await.is(200).says("Rufen Sie an unter +49 30 23125-100.");
}
