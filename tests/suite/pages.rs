//! Every page of every town, in every locale.

use std::{collections::HashSet, sync::Arc};

use portal::{
    clock::Clock,
    locale::Locale,
    mail,
    web::{Visit, all_samples},
};
use portal_tests::{House, TODAY, Towns, moment, portal_of};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

#[tokio::test]
async fn every_page_with_every_sample_renders_in_every_town() {
    for towns in [Towns::fixture(), Towns::shipped()] {
        let (portal, report) = portal_of(&towns, Clock::held_at(moment(TODAY))).unwrap();
        assert!(report.broken.is_empty(), "{:#?}", report.broken);
        for tenant in portal.tenants.all() {
            for locale in tenant.locales().to_vec() {
                let visit = Visit::to(portal.clone(), Arc::clone(&tenant), locale.clone(), "/dienstleistungen");
                let samples = all_samples(&visit);
                assert!(samples.len() > 30, "{} pages of {}", samples.len(), tenant.id);
                for (template, html) in samples {
                    let html = html.unwrap_or_else(|error| panic!("{} {locale} {template}: {error}", tenant.id));
                    assert!(
                        html.contains("</html>") && html.contains(&tenant.town.name),
                        "{template} of {}",
                        tenant.id
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn every_mail_renders_in_every_town_and_fetches_nothing() {
    for towns in [Towns::fixture(), Towns::shipped()] {
        let (portal, _) = portal_of(&towns, Clock::held_at(moment(TODAY))).unwrap();
        for tenant in portal.tenants.all() {
            for locale in tenant.locales().to_vec() {
                let visit = Visit::to(portal.clone(), Arc::clone(&tenant), locale.clone(), "/");
                let mails = mail::pages::all_samples(&visit);
                assert!(mails.len() > 5);
                for (template, letter) in mails {
                    let letter = letter.unwrap_or_else(|error| panic!("{} {locale} {template}: {error}", tenant.id));
                    let name = &tenant.town.full_name;
                    assert!(
                        letter.html.contains("</html>") && letter.html.contains(name),
                        "{template} of {}",
                        tenant.id
                    );
                    assert!(letter.text.contains(name) && !letter.text.contains("&amp;"), "{}", letter.text);
                    assert!(!letter.subject.contains(['{', '\n']) && !letter.subject.starts_with("mail."));
                    for fetched in ["src=", "url(", "<link", "<script", "@import"] {
                        assert!(!letter.html.contains(fetched), "{template} has `{fetched}`");
                    }
                    // what people write is text, whatever it looks like
                    assert!(!letter.html.contains("<zum>"), "{template}");
                }
            }
        }
    }
}

#[tokio::test]
async fn only_pages_with_a_form_or_behind_a_login_load_the_second_style_sheet() {
    let house = House::with_fixture_towns().await;
    for path in ["/", "/dienstleistungen", "/dienstleistungen/hund-anmelden", "/faq", "/suche?q=hund", "/impressum"] {
        house.get(OSTRAU, path).await.is(200).is_silent_about("account.css").is_silent_about("forms.css");
    }
    for path in ["/anmelden", "/kontakt", "/barrierefreiheit"] {
        house.get(OSTRAU, path).await.is(200).says("account.css").is_silent_about("forms.css");
    }
}

#[tokio::test]
async fn a_complaint_leads_to_its_field_and_every_word_about_a_field_is_read_with_it() {
    let (portal, _) = portal_of(&Towns::fixture(), Clock::held_at(moment(TODAY))).unwrap();
    let tenant = portal.tenants.get("ostrau").unwrap();
    let visit = Visit::to(portal.clone(), tenant, Locale::german(), "/");
    let mut seen = 0;
    for (template, html) in all_samples(&visit) {
        let html = html.unwrap();
        let ids: HashSet<&str> = values(&html, " id=\"").collect();
        assert_eq!(ids.len(), values(&html, " id=\"").count(), "{template} has an id twice");
        let leads = values(&html, " href=\"#").chain(values(&html, " for=\""));
        let read = values(&html, " aria-describedby=\"").chain(values(&html, " aria-labelledby=\""));
        for named in leads.chain(read.flat_map(str::split_whitespace)) {
            assert!(ids.contains(named), "{template} has no `{named}`");
            seen += 1;
        }
        // whoever presses Enter goes on: the first button of a step is not one that removes something
        if template == "forms/step.html" {
            let form = between(&html, "class=\"form ask\"", "</form>");
            assert_eq!(values(form, " name=\"do\" value=\"").next(), Some("next"));
        }
    }
    assert!(seen > 300, "{seen}");
}

/// What follows `before`, up to the quote, each time.
fn values<'a>(html: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(before).skip(1).filter_map(|rest| rest.split('"').next())
}

#[tokio::test]
async fn the_contact_form_says_what_becomes_of_a_message() {
    let house = House::with_fixture_towns().await;
    for (path, remedy) in [("/kontakt", true), ("/barrierefreiheit", false)] {
        let page = house.get(OSTRAU, path).await.is(200);
        let page = page.says(&format!("method=\"post\" action=\"{path}#nachricht\"")).says("name=\"message\"");
        let page = page.says("nicht verschlüsselt").says("href=\"/datenschutz\"");
        assert_eq!(page.text().contains("kein Rechtsbehelf"), remedy, "{path}");
    }
}

#[tokio::test]
async fn a_login_that_is_not_ready_says_so_and_leads_nowhere() {
    let house = House::with_fixture_towns().await;
    let page = house.get(OSTRAU, "/anmelden").await.is(200).says("<h3>BundID</h3>").says("richten wir gerade ein");
    page.says("href=\"/dienstleistungen\"").is_silent_about("href=\"/anmelden/bundid\"");
}

#[tokio::test]
async fn a_citizen_reads_how_to_register_a_dog_in_two_towns() {
    let house = House::with_fixture_towns().await;
    let ostrau = house.get("portal.ostrau.example", "/dienstleistungen/hund-anmelden").await.is(200);
    let ostrau = ostrau.says("Hund anmelden").says("96,00").says("Steueramt").says("klagen").says("Ostrauer Markt 1");
    ostrau.is_silent_about("Westrau");
    let westrau = house.get("portal.westrau.example", "/dienstleistungen/hund-anmelden").await.is(200);
    westrau.says("120,00").says("Bürgerbüro").is_silent_about("Ostrau").is_silent_about("96,00");
}

/// The part of a page between two pieces of its source.
#[track_caller]
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("`{from}` is missing in:\n{page}"));
    let rest = &page[start..];
    &rest[..rest.find(to).unwrap_or_else(|| panic!("`{to}` is missing after `{from}` in:\n{rest}"))]
}

#[track_caller]
fn in_order(page: &str, pieces: &[&str]) {
    let mut rest = page;
    for piece in pieces {
        let at = rest.find(piece).unwrap_or_else(|| panic!("`{piece}` is missing or too early in:\n{page}"));
        rest = &rest[at + piece.len()..];
    }
}

#[tokio::test]
async fn the_start_page_leads_to_everything() {
    let house = House::with_fixture_towns().await;
    let page = house.get(OSTRAU, "/").await.is(200).says("role=\"search\" action=\"/suche\"");
    let page = page
        .says("<a href=\"/dienstleistungen/hund-anmelden\"><span>Mein Hund</span>")
        .says("href=\"/lebenslagen/umzug\"");
    page.says("href=\"/dienstleistungen?kategorie=tiere\"")
        .says("href=\"https://www.ostrau.example\"")
        .is_silent_about("Wunschkennzeichen");
    // no tiles are no empty heading
    house.get(WESTRAU, "/").await.is(200).is_silent_about("id=\"tiles\"").says("href=\"/lebenslagen/umzug\"");
    house
        .get(OSTRAU, "/en/")
        .await
        .says("action=\"/en/suche\"")
        .says("href=\"/en/lebenslagen/umzug\"")
        .says("Moving house");
}

#[tokio::test]
async fn the_newest_services_come_first_and_follow_the_catalogue() {
    let mut house = House::with_fixture_towns().await;
    let newest = |page: String| between(&page, "<ul class=\"newest\">", "</ul>").to_owned();
    let ostrau = newest(house.get(OSTRAU, "/").await.text());
    in_order(
        &ostrau,
        &["/dienstleistungen/marktstand", "/dienstleistungen/hund-anmelden", "/dienstleistungen/ausweis"],
    );
    in_order(&newest(house.get(WESTRAU, "/").await.text()), &["/hund-anmelden", "/ausweis", "/kennzeichen"]);

    let new =
        "title: Hallenbad\nshort: Schwimmen.\nresponsible: buergerbuero\nonline: {kind: none}\npublished: 2026-10-30\n";
    house.towns.write("ostrau/services/hallenbad.yaml", new);
    house.reload();
    in_order(&newest(house.get(OSTRAU, "/").await.text()), &["Hallenbad", "Marktstand", "Hund anmelden", "Ausweis"]);
}

#[tokio::test]
async fn the_towns_that_are_shipped_link_their_districts_companies_and_websites() {
    let house = House::open(Towns::shipped()).await;
    for tenant in house.portal.tenants.all() {
        let page = house.get(tenant.canonical_host().as_str(), "/").await.is(200).text();
        let town = &tenant.town;
        assert!(town.districts.len() > 3 && !town.companies.is_empty(), "{}", tenant.id);
        for link in town.districts.iter().chain(&town.companies).chain(&town.links) {
            let name = link.name.raw(&Locale::german());
            assert!(
                page.contains(&format!("{name}</a>")) || page.contains(&format!(">{name}<")),
                "{name} of {}",
                tenant.id
            );
        }
        assert!(page.contains(&format!("href=\"{}\"", town.website.as_ref().unwrap())));
        assert!(page.matches("class=\"tile\"").count() >= 4, "tiles of {}", tenant.id);
    }
    let loehne = house.get("serviceportal.loehne.de", "/").await;
    loehne.says("Gohfeld").says("Stadtwerke Löhne").is_silent_about("Wirtschaftsbetriebe");
}

#[tokio::test]
async fn services_are_listed_from_a_to_z_and_narrowed_down() {
    let house = House::with_fixture_towns().await;
    let page = house.get(WESTRAU, "/dienstleistungen").await.is(200).text();
    in_order(
        &page,
        &[
            "id=\"results\"",
            "<strong>3</strong> Dienstleistungen",
            ">A</h2>",
            "Ausweis beantragen",
            ">H</h2>",
            "Hund anmelden",
            ">W</h2>",
            "Wunschkennzeichen",
        ],
    );
    let letters = between(&page, "<ul class=\"letters\">", "</ul>");
    assert_eq!(letters.matches("<li").count(), 26);
    let linked: Vec<&str> = letters.split("buchstabe=").skip(1).map(|rest| &rest[..1]).collect();
    assert_eq!(linked, ["A", "H", "W"]);

    let dog = "/dienstleistungen/hund-anmelden\"";
    let (id, plate) = ("/dienstleistungen/ausweis\"", "/dienstleistungen/kennzeichen\"");
    for (query, shown) in [
        ("", vec![id, dog, plate]),
        ("?buchstabe=H", vec![dog]),
        ("?buchstabe=h", vec![dog]),
        ("?kategorie=ausweis", vec![id]),
        ("?online=1", vec![plate]),
        ("?online=1&kategorie=tiere", vec![]),
        ("?buchstabe=Q", vec![]),
        ("?online=0", vec![id, dog, plate]),
        ("?kategorie=gibtsnicht", vec![id, dog, plate]),
        ("?buchstabe=HUND", vec![id, dog, plate]),
        ("?buchstabe=&kategorie=&online=", vec![id, dog, plate]),
    ] {
        let page = house.get(WESTRAU, &format!("/dienstleistungen{query}")).await.is(200).text();
        let list = between(&page, "id=\"results\"", "id=\"growing\"");
        for service in [id, dog, plate] {
            assert_eq!(list.contains(service), shown.contains(&service), "{service} for `{query}`");
        }
        assert_eq!(list.contains("Dazu passt im Moment nichts"), shown.is_empty(), "`{query}`");
        // a part of the list is nothing for search engines
        let narrowed = shown.len() < 3;
        assert_eq!(page.contains("content=\"noindex\""), narrowed, "`{query}`");
        assert_eq!(list.contains("Auswahl aufheben"), narrowed, "`{query}`");
    }
    let page = house.get(WESTRAU, "/dienstleistungen?kategorie=tiere").await;
    page.says("<details class=\"drop drop-chosen\">").says("aria-current=\"true\"");
}

#[tokio::test]
async fn a_title_that_begins_with_the_town_stands_under_its_letter() {
    let towns = Towns::fixture();
    towns.write(
        "ostrau/services/zugabe.yaml",
        "title: \"{{ town.forms.adjective }} Zugabe\"\nshort: Was es sonst noch gibt.\n",
    );
    let house = House::open(towns).await;
    house.get(OSTRAU, "/dienstleistungen?buchstabe=O").await.is(200).says("Ostrauer Zugabe");
    house.get(OSTRAU, "/dienstleistungen?buchstabe=T").await.is(200).is_silent_about("Ostrauer Zugabe");
    let all = house.get(OSTRAU, "/dienstleistungen").await.text();
    in_order(&all, &["Marktstand in Ostrau", "Ostrauer Zugabe"]);
}

#[tokio::test]
async fn a_service_page_gives_the_short_answer_first() {
    let house = House::with_fixture_towns().await;
    let order = [
        "<h1",
        "id=\"answer\"",
        "class=\"action\"",
        "id=\"wer\"",
        "id=\"unterlagen\"",
        "id=\"kosten\"",
        "id=\"fristen\"",
        "id=\"ablauf\"",
        "id=\"zustaendig\"",
        "id=\"recht\"",
        "id=\"rechtsbehelf\"",
        "id=\"verwandt\"",
        "Zuletzt geändert am 1. Juni 2026",
    ];
    for (host, cost, office) in [(OSTRAU, "96,00\u{a0}€", "Steueramt"), (WESTRAU, "120,00\u{a0}€", "Bürgerbüro")]
    {
        let page = house.get(host, "/dienstleistungen/hund-anmelden").await.is(200).text();
        in_order(&page, &order);
        let answer = between(&page, "id=\"answer\"", "</section>");
        in_order(answer, &["Die Hundemarke kommt nach zwei Wochen mit der Post.", "2 Dinge", cost, office]);
        assert!(
            page.contains("LeiKa-Schlüssel 99102013104000") && page.contains("Verwaltungsgericht Mittstadt klagen")
        );
        assert!(page.contains("(nur für bestimmte Hunde)"));
    }
    // what a service does not say has no heading
    let page = house.get(OSTRAU, "/dienstleistungen/marktstand").await.is(200).text();
    for absent in ["id=\"wer\"", "id=\"unterlagen\"", "id=\"kosten\"", "id=\"fristen\"", "id=\"rechtsbehelf\"", "LeiKa"]
    {
        assert!(!page.contains(absent), "{absent}");
    }
    house.get(OSTRAU, "/dienstleistungen/kennzeichen").await.is(404);
}

#[tokio::test]
async fn a_service_that_is_not_online_says_what_to_do_instead() {
    let house = House::with_fixture_towns().await;
    let not_yet = "Das geht noch nicht online.";
    house.get(OSTRAU, "/dienstleistungen/hund-anmelden").await.says(not_yet).says("Rufen Sie das Steueramt an.");
    house
        .get(OSTRAU, "/dienstleistungen/marktstand")
        .await
        .says(not_yet)
        .says("Bitte wenden Sie sich an die zuständige Stelle.");
    let id = house.get(OSTRAU, "/dienstleistungen/ausweis").await.is_silent_about(not_yet).says("Termin vereinbaren");
    id.says("href=\"https://termine.example/\"")
        .says("Vor Ort mit Termin")
        .says("Bitte mit Termin.")
        .says("46,00\u{a0}€, je nach Fall anders");
    let plate = house.get(WESTRAU, "/dienstleistungen/kennzeichen").await.is(200).is_silent_about(not_yet);
    let plate = plate.says("href=\"https://kreis.example/kennzeichen\"").says("Der Online-Dienst gehört zu „Kreis“.");
    plate
        .says("Diese Stelle gehört nicht zur Stadtverwaltung Westrau.")
        .says("Kreisweg 1")
        .says("Sie brauchen keine Anmeldung.");
}

#[tokio::test]
async fn the_short_answer_names_the_usual_cost() {
    let towns = Towns::fixture();
    let cases = [
        ("[{text: a, amount: 4600}, {text: Foto, amount: 600}]", "46,00\u{a0}€, je nach Fall anders"),
        ("[{text: a, amount: 8400}, {text: b, amount: 9600}]", "ab 84,00\u{a0}€"),
        ("[{text: a, amount: 1300}]", "13,00\u{a0}€"),
        ("[{text: a, amount: 0}]", "kostenfrei"),
        ("[{text: a, amount: 0}, {text: b, amount: 3000}]", "meist kostenfrei"),
        ("nach Aufwand", "nach Aufwand"),
        ("[{text: nach Aufwand}, {text: b, amount: 3000}]", "je nach Fall"),
    ];
    for (i, (fees, _)) in cases.iter().enumerate() {
        let service = format!("title: Dienst {i}\nshort: Kurz\nfees: {fees}\n");
        towns.write(&format!("ostrau/services/kosten-{i}.yaml"), service);
    }
    let house = House::open(towns).await;
    for (i, (_, cost)) in cases.iter().enumerate() {
        let page = house.get(OSTRAU, &format!("/dienstleistungen/kosten-{i}")).await.is(200);
        page.says(&format!("<a href=\"#kosten\">{cost}</a>"));
    }
}

#[tokio::test]
async fn umlauts_stand_beside_their_vowels() {
    let towns = Towns::fixture();
    for (id, title) in [("a", "Fundsachen"), ("b", "Führerschein"), ("c", "Fahrrad"), ("d", "Öl"), ("e", "Ordnung")] {
        towns.write(&format!("ostrau/services/{id}.yaml"), format!("title: {title}\nshort: Kurz\n"));
    }
    let page = House::open(towns).await.get(OSTRAU, "/dienstleistungen").await.is(200).text();
    let places: Vec<_> = ["Fahrrad", "Führerschein", "Fundsachen", "Öl", "Ordnung"]
        .iter()
        .map(|title| page.find(&format!(">{title}<")))
        .collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn a_contact_is_no_legal_remedy_and_the_page_says_so() {
    let house = House::with_fixture_towns().await;
    let page = house
        .get(OSTRAU, "/kontakt")
        .await
        .is(200)
        .says("Eine Nachricht ist kein Rechtsbehelf")
        .says("Ostrauer Markt 1");
    let page = page.says("tel:+493023125100").says("mailto:rathaus@ostrau.example").says("8–12 Uhr");
    in_order(&page.text(), &["Bürgerbüro", "Steueramt", "Straßenverkehrsamt des Kreises"]);
    house.get(WESTRAU, "/kontakt").await.says("Westrauer Kai 2").is_silent_about("Ostrau");
    house.get(OSTRAU, "/en/kontakt").await.says("A message is not a legal remedy").says("Citizens&#39; office");
    house.get(OSTRAU, "/barrierefreiheit").await.is(200).says("Seite barrierefreiheit der Stadt Ostrau");
}
