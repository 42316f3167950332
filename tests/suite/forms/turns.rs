//! Steps that come more than once, sums over them, and where answers come from.

use super::*;

/// The id of the turn a page shows.
async fn turn(browser: &Browser, page: &str) -> String {
    browser.get(page).await.is(200).field("turn")
}

async fn dogs(browser: &Browser, names: &[&str]) -> String {
    let draft = browser.begins("antrag").await;
    browser.post(&format!("/antraege/{draft}/halter"), &KEEPER).await.is(303);
    for (at, name) in names.iter().enumerate() {
        let page = format!("/antraege/{draft}/hund{}", if at == 0 { String::new() } else { format!("-{}", at + 1) });
        let dog = [("rufname", *name), DOG[1], DOG[2], ("do", if at + 1 < names.len() { "add" } else { "next" })];
        browser.post(&page, &dog).await.is(303);
    }
    draft
}

#[tokio::test]
async fn a_page_hits_the_turn_it_shows_wherever_that_stands_by_then() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = dogs(&erika, &["Ares", "Bello", "Cora"]).await;
    let at = |page: &str| format!("/antraege/{draft}/{page}");
    let (bello, cora) = (turn(&erika, &at("hund-2")).await, turn(&erika, &at("hund-3")).await);
    // one window removes the second dog while the other shows the third
    erika.post(&at("hund-2"), &[("turn", &bello), ("do", "drop")]).await.is(303);
    let renamed = [("turn", cora.as_str()), ("rufname", "Corinna"), DOG[1], DOG[2]];
    erika.post(&at("hund-3"), &renamed).await.is(303).leads_to(&at("zahlung"));
    erika.get(&at("hund")).await.is(200).says("Ares");
    erika.get(&at("hund-2")).await.is(200).says("Corinna");
    erika.get(&at("hund-3")).await.is(200).is_silent_about("Cora");
    // clicked twice, one is removed
    erika.post(&at("hund-2"), &[("turn", &bello), ("do", "drop")]).await.is(303);
    erika.get(&at("hund-2")).await.is(200).says("Corinna");
    // what was typed about one that is gone is not lost
    let back = [("turn", bello.as_str()), ("rufname", "Bello"), DOG[1], DOG[2]];
    erika.post(&at("hund-2"), &back).await.is(303);
    erika.get(&at("hund-2")).await.is(200).says("Corinna");
    erika.get(&at("hund-3")).await.is(200).says("Bello");
    let more = "00000000-0000-4000-8000-000000000000";
    let fourth = [("turn", more), ("form", "hund"), ("rufname", "Dora"), DOG[1], DOG[2]];
    erika.post(&at("hund-3"), &fourth).await.is(409).says("Dora").says("Mehr passen nicht");
    erika.get(&at("hund-3")).await.is(200).says("Bello");
}

#[tokio::test]
async fn whoever_does_not_see_the_answers_takes_none_away() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = dogs(&erika, &["Ares", "Bello"]).await;
    let at = |page: &str| format!("/antraege/{draft}/{page}");
    let blind = house.browser(OSTRAU);
    blind.takes("__Host-draft", &erika.cookie("__Host-draft").expect("a draft has a cookie"));
    blind.post(&at("hund-2"), &[("do", "drop")]).await.is(303);
    blind.post(&at("hund"), &[("rufname", ""), ("seit", "1.10.2026")]).await.is(303);
    blind.post(&format!("/antraege/{draft}"), &[("do", "discard")]).await.is(303);
    erika.get(&at("hund")).await.is(200).says("Ares").says(DOG[1].1).says("value=\"false\" checked");
    erika.get(&at("hund-2")).await.is(200).says("Bello");
}

const SUMS: &str = r"
title: Feste
login: none
steps:
  - id: fest
    title: Fest
    repeat: {most: 4, one: Fest, add: Noch eins}
    fields:
      - {id: tage, kind: number, label: Tage, min: 1, max: 9}
      - {id: musik, kind: yes_no, label: Musik?}
  - id: kosten
    title: Kosten
    fields:
      - {id: eilig, kind: yes_no, label: Eilig?, optional: true}
      - {id: kosten, kind: total, label: Kosten, sum: [{text: Tage, cents: 1000, times: tage}, {text: Musik, cents: 500, if: {musik: true}}]}
      - {id: zuschlag, kind: total, label: Zuschlag, sum: [{text: Zuschlag, cents: 700, if: {eilig: true}}]}
";

#[tokio::test]
async fn a_sum_counts_every_turn_and_says_nothing_before_a_choice() {
    let towns = towns();
    towns.write("ostrau/forms/hund.yaml", SUMS);
    let house = House::open(towns).await;
    let guest = house.browser(OSTRAU);
    let draft = guest.begins("antrag").await;
    let at = |page: &str| format!("/antraege/{draft}/{page}");
    let feast = |days, music, deed| [("tage", days), ("musik", music), ("do", deed)];
    guest.post(&at("fest"), &feast("2", "true", "add")).await.is(303);
    guest.post(&at("fest-2"), &feast("3", "false", "add")).await.is(303);
    guest.post(&at("fest-3"), &feast("1", "true", "next")).await.is(303);
    guest.get(&at("kosten")).await.is(200).says("60,00").says("10,00").says("70,00").is_silent_about("0,00\u{a0}€</strong></li>\n</ul>\n</section>\n<p><button class=\"button button-plain\" type=\"submit\" name=\"do\" value=\"again\">Zuschlag");
    guest.get(&at("kosten")).await.is(200).says("Wählen Sie zuerst aus");
    guest.get(&format!("/en{}", at("kosten"))).await.is(200).says("€70.00");
    guest.post(&at("kosten"), &[("eilig", "true"), ("do", "again")]).await.is(200).says("7,00");
}

#[tokio::test]
async fn answers_say_truly_where_they_come_from() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = fills_in(&erika).await;
    let sources = async |browser: &Browser, draft: &str| {
        browser.sends(draft).await.is(303);
        let copy = browser.get(&format!("/antraege/{draft}/kopie.json")).await.is(200).json();
        let fields = copy["application"]["sections"][0]["fields"].as_array().expect("fields").clone();
        fields.iter().map(|field| field["source"].as_str().expect("a source").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(sources(&erika, &draft).await[..4], ["chip", "chip", "chip", "chip"]);

    // the same account, logged in with less: nobody looked at the chip now
    let low = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = low.begins("antrag").await;
    low.get(&format!("/antraege/{draft}/halter")).await.is(200).says("value=\"Erika\"").is_silent_about("readonly");
    let extra = [&[("vorname", "Ernie")], &KEEPER[1..], &[("anschrift.extra", "bei Kaiser")]].concat();
    for (step, fields) in [("halter", &extra[..]), ("hund", &DOG), ("zahlung", &PAYS)] {
        low.post(&format!("/antraege/{draft}/{step}"), fields).await.is(303);
    }
    assert_eq!(sources(&low, &draft).await[..4], ["typed", "account", "account", "typed"]);
}

#[tokio::test]
async fn chip_data_that_do_not_answer_the_question_can_be_typed() {
    let towns = towns();
    // a question that takes no more letters than the chip has
    towns.change(
        "ostrau/forms/hund.yaml",
        "{id: name, kind: name, label: Name, prefill: surname}",
        "{id: name, kind: text, longest: 5, label: Name, prefill: surname}",
    );
    let house = House::open(towns).await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = erika.begins("antrag").await;
    let page = format!("/antraege/{draft}/halter");
    let fields = [("name", "Muma"), ("anschrift.street", "x")];
    erika.post(&page, &fields).await.is(303);
    erika.get(&page).await.is(200).says("value=\"Muma\"").says("value=\"Erika\"");
}

#[tokio::test]
async fn a_note_can_end_a_form_and_days_out_of_time_are_refused() {
    let towns = towns();
    let note = "      - {id: halt, kind: note, stop: true, text: Gehen Sie bitte ins Rathaus., if: {gross: true}}\n";
    let seit = "      - {id: seit, kind: date, label: Bei Ihnen seit, latest: today}\n";
    let free = "      - {id: seit, kind: date, label: Bei Ihnen seit}\n";
    towns.change("ostrau/forms/hund.yaml", seit, free);
    let before = "  - id: zahlung\n";
    towns.change("ostrau/forms/hund.yaml", before, &format!("{note}{before}"));
    let house = House::open(towns).await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = erika.begins("antrag").await;
    let at = |page: &str| format!("/antraege/{draft}/{page}");
    erika.post(&at("halter"), &KEEPER).await.is(303);
    for (day, said) in [("1.1.1066", "1. Januar 1800"), ("1.1.3000", "31. Dezember 2200")] {
        erika.post(&at("hund"), &[("rufname", "Waldi"), ("seit", day), ("gross", "false")]).await.is(422).says(said);
    }
    let large = [("rufname", "Waldi"), DOG[1], ("gross", "true"), ("versichert", "ja")];
    erika.post(&at("hund"), &large).await.is(200).says("Gehen Sie bitte ins Rathaus").says("Online geht es hier nicht");
    erika.get(&at("zahlung")).await.is(303).leads_to(&at("hund"));
    erika.post(&at("pruefen"), &[("confirm", "true")]).await.is(422);
    erika.post(&at("hund"), &DOG).await.is(303).leads_to(&at("zahlung"));
}
