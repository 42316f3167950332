//! The town's face around a page: errors, languages, the banner of a town that tries things out.

use portal_tests::House;

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

#[tokio::test]
async fn an_error_page_wears_the_towns_face_and_leads_onward() {
    let house = House::with_fixture_towns().await;
    let mut numbers = Vec::new();
    for (host, town) in [(OSTRAU, "Stadt Ostrau"), (WESTRAU, "Hansestadt Westrau")] {
        let number = sent_number();
        let sent = [("x-request-id", number.as_str())];
        for path in ["/nicht/da", "/dienstleistungen/nichts", "/lebenslagen/nichts", "/favicon.ico", "/%E4"] {
            let status = if path == "/%E4" { 400 } else { 404 };
            let page = house.get_with(host, path, &sent).await.is(status).says(town).says("content=\"noindex\"");
            assert_eq!(page.header("cache-control"), "no-store");
            let page = page
                .says("href=\"/\"")
                .says("href=\"/dienstleistungen\"")
                .says("href=\"/kontakt\"")
                .says("role=\"search\"");
            let text = page.text();
            let number = text
                .split_once("<code>")
                .and_then(|(_, rest)| rest.split_once("</code>"))
                .expect("a number")
                .0
                .to_owned();
            assert!(number.len() == 32 && number.bytes().all(|b| b.is_ascii_hexdigit()), "`{number}`");
            numbers.push(number);
        }
    }
    numbers.push(sent_number());
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 11, "every request has a number of its own, and none is the visitor's");
    house.get(OSTRAU, "/nicht/da").await.says("Diese Seite gibt es nicht");
    house
        .get(OSTRAU, "/en/nicht/da")
        .await
        .is(404)
        .says("<html lang=\"en\"")
        .says("This page does not exist")
        .says("href=\"/en/dienstleistungen\"");
    house.get("portal.suedau.example", "/en/nicht/da").await.is(404).says("<html lang=\"de\"");
}

fn sent_number() -> String {
    "f".repeat(32)
}

#[tokio::test]
async fn every_language_says_which_one_it_is_and_what_fell_back() {
    let house = House::with_fixture_towns().await;
    let dog = "/dienstleistungen/hund-anmelden";
    let german = house.get(OSTRAU, dog).await.says("<html lang=\"de\" dir=\"ltr\">").says(">Hund anmelden</h1>");
    german
        .says(&format!("href=\"/en{dog}\""))
        .says(&format!("href=\"/ls{dog}\""))
        .is_silent_about("class=\"fallback\"");
    let english = house
        .get(OSTRAU, &format!("/en{dog}"))
        .await
        .says("<html lang=\"en\" dir=\"ltr\">")
        .says("itemprop=\"name\">Register a dog</h1>");
    let english = english
        .says("itemprop=\"description\" lang=\"de\">Wer in Ostrau")
        .says("class=\"fallback\"")
        .says("only available in German so far");
    let english = english.says(
        "rel=\"alternate\" hreflang=\"en\" href=\"https://portal.ostrau.example/en/dienstleistungen/hund-anmelden\"",
    );
    english
        .says("rel=\"canonical\" href=\"https://portal.ostrau.example/en/dienstleistungen/hund-anmelden\"")
        .says("€96.00");
    // easy language is German for machines: what is missing in it is told, and marked as no other language
    let easy = house
        .get(OSTRAU, &format!("/ls{dog}"))
        .await
        .says("<html lang=\"de\" dir=\"ltr\">")
        .says("Einen Hund anmelden</h1>")
        .says(" easy\"");
    let easy = easy.says("hreflang=\"de-simple\"").says("noch nicht in Leichter Sprache");
    easy.is_silent_about("itemprop=\"description\" lang");

    house.get(OSTRAU, "/en/impressum").await.says("<h1>Imprint</h1>").says("Published by Stadt Ostrau");
    house
        .get(OSTRAU, "/en/datenschutz")
        .await
        .says("<h1 lang=\"de\">Datenschutz</h1>")
        .says("class=\"prose\" lang=\"de\"");
    house.get(OSTRAU, "/en/faq").await.says("lang=\"de\">Was ist das Serviceportal?");
    // Südau has one language and offers no other
    let suedau = house.get("portal.suedau.example", "/").await.is(200);
    suedau.is_silent_about("hreflang=\"en\"").is_silent_about("href=\"/en/");
}

#[tokio::test]
async fn a_town_that_tries_things_out_says_so_and_stays_out_of_search_engines() {
    let house = House::with_fixture_towns().await;
    for path in ["/", "/faq", "/dienstleistungen/ausweis", "/nicht/da"] {
        let preview = house.get("portal.suedau.example", path).await;
        preview
            .says("class=\"preview\"")
            .says("<strong>Vorschau</strong>")
            .says("name=\"robots\" content=\"noindex\"")
            .is_silent_about("rel=\"canonical\"");
    }
    let live = house.get(OSTRAU, "/").await.is_silent_about("class=\"preview\"").is_silent_about("noindex");
    live.says("rel=\"canonical\" href=\"https://portal.ostrau.example/\"");
    // the preview host of a live town shows the same page and names the real address
    house.get("ostrau.localhost", "/").await.says("rel=\"canonical\" href=\"https://portal.ostrau.example/\"");
}

#[tokio::test]
async fn a_shared_link_names_the_other_languages_and_a_picture_under_the_towns_own_address() {
    let house = House::with_fixture_towns().await;
    let german = house.get(OSTRAU, "/").await.says("<meta property=\"og:locale\" content=\"de_DE\">");
    let german = german.says("<meta property=\"og:locale:alternate\" content=\"en_GB\">");
    let german = german.says("<meta property=\"og:image\" content=\"https://portal.ostrau.example/assets/");
    assert_eq!(german.text().matches("og:locale:alternate").count(), 1, "Leichte Sprache is German as well");
    german.says("<meta name=\"theme-color\" content=\"#");
    house.get(OSTRAU, "/en/").await.says("<meta property=\"og:locale:alternate\" content=\"de_DE\">");
}
