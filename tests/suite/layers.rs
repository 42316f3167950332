//! A town lies on its layers: where each fact stands, how files are laid over each other, what texts may name.

mod dates;
mod places;
mod reader;
mod variables;

use portal_tests::Towns;

use crate::told::{errors, house_after, tenant};

fn service_ids(house: &portal_tests::House, id: &str) -> Vec<String> {
    tenant(house, id).services.iter().map(|service| service.id.clone()).collect()
}

/// Adds lines to a file of the fixture.
fn add(towns: &Towns, path: &str, lines: &str) {
    let text = towns.read(path);
    towns.write(path, text + lines);
}

#[tokio::test]
async fn mappings_are_merged_as_deep_as_they_go_and_plain_values_replaced() {
    let house = house_after(|towns| {
        add(
            towns,
            "_land/tenant.yaml",
            "help: {email: hilfe@land.example, phone: '1', hours: Mo}\nwebsite: https://land.example\n",
        );
        add(towns, "ostrau/tenant.yaml", "help: {phone: '2'}\n");
    })
    .await;
    let town = &tenant(&house, "ostrau").town;
    let help = town.help.as_ref().expect("the layer has one");
    assert_eq!((help.email.as_deref(), help.phone.as_deref()), (Some("hilfe@land.example"), Some("2")));
    assert_eq!(town.website.as_deref(), Some("https://www.ostrau.example"));
    let westrau = tenant(&house, "westrau");
    assert_eq!(westrau.town.website.as_deref(), Some("https://land.example"));
    let page = house.get("portal.westrau.example", "/dienstleistungen/hund-anmelden").await.is(200);
    // fees and office are the town's, the rest of the service is the layer's
    page.says("120,00")
        .says("Nachweis der Haftpflichtversicherung")
        .is_silent_about("96,00")
        .is_silent_about("Steueramt</");
}

#[tokio::test]
async fn a_list_without_ids_replaces_the_one_below() {
    let house = house_after(|towns| {
        add(towns, "westrau/services/hund-anmelden.yaml", "documents: [Nur der Hund]\n");
    })
    .await;
    let path = "/dienstleistungen/hund-anmelden";
    let westrau = house.get("portal.westrau.example", path).await.is(200).says("Nur der Hund");
    westrau.is_silent_about("Personalausweis oder Reisepass").is_silent_about("Haftpflichtversicherung");
    house.get("portal.ostrau.example", path).await.says("Haftpflichtversicherung").is_silent_about("Nur der Hund");
}

#[tokio::test]
async fn a_list_with_ids_is_merged_by_id_and_keeps_its_order() {
    let house = house_after(|towns| {
        towns.write(
            "ostrau/content/faq.yaml",
            "- {id: konto, question: Wo ist mein Konto?}\n- {id: markt, question: Wann ist Markt?, answer: Samstags.}\n",
        );
    })
    .await;
    let faq =
        |id: &str| tenant(&house, id).faq.entries.iter().map(|entry| entry.id.clone().unwrap()).collect::<Vec<_>>();
    assert_eq!(faq("ostrau"), ["was-ist-das", "konto", "markt"]);
    assert_eq!(faq("suedau"), ["was-ist-das", "konto"]);
    let page = house.get("portal.ostrau.example", "/faq").await.is(200);
    let page = page.says("Wo ist mein Konto?").says("Das Konto legen Sie bei BundID an.").says("Samstags.");
    page.is_silent_about("Wie lege ich ein Konto an?");
}

#[tokio::test]
async fn null_takes_a_value_away_and_remove_takes_an_entry_away() {
    let house = house_after(|towns| {
        add(towns, "westrau/services/hund-anmelden.yaml", "remedy: null\ndeadlines:\nonline: {instead: null}\n");
        towns.write("westrau/content/faq.yaml", "entries: [{id: konto, remove: true}]\n");
        towns.write("westrau/offices.yaml", "steueramt: null\n");
    })
    .await;
    let page = house.get("portal.westrau.example", "/dienstleistungen/hund-anmelden").await.is(200);
    let page = page.is_silent_about("klagen").is_silent_about("Innerhalb von zwei Wochen");
    page.is_silent_about("Rufen Sie das Steueramt an").says("Hund anmelden");
    house.get("portal.westrau.example", "/kontakt").await.is(200).says("Bürgerbüro").is_silent_about("Steueramt");
    house.get("portal.ostrau.example", "/kontakt").await.is(200).says("Steueramt");
    house.get("portal.westrau.example", "/faq").await.is(200).is_silent_about("Wie lege ich ein Konto an?");
    house.get("portal.ostrau.example", "/faq").await.says("Wie lege ich ein Konto an?");
}

#[tokio::test]
async fn of_several_layers_the_first_wins_and_what_they_share_lies_below_them() {
    let house = house_after(|towns| {
        towns.write("_ost/tenant.yaml", "extends: _land\nphone: '111'\n");
        towns.write("_kueste/tenant.yaml", "extends: _land\nphone: '222'\ncourt: {name: Seegericht}\n");
        towns.change("suedau/tenant.yaml", "extends: _land", "extends: [_ost, _kueste]");
    })
    .await;
    let suedau = tenant(&house, "suedau");
    assert_eq!(suedau.town.phone.as_deref(), Some("111"));
    // both layers lie on `_land`, so what either says goes before it
    let court = suedau.town.court.as_ref().expect("every layer names one");
    assert_eq!(court.name.raw(&portal::locale::Locale::german()), "Seegericht");
    assert_eq!(service_ids(&house, "suedau"), ["ausweis"]);
}

#[tokio::test]
async fn forty_layers_that_all_share_one_another_are_followed_once_each() {
    let house = house_after(|towns| {
        for i in 0..40 {
            let below = if i == 39 { "_land".into() } else { format!("[_l{}, _r{}]", i + 1, i + 1) };
            towns.write(&format!("_l{i}/tenant.yaml"), format!("extends: {below}\nphone: 'l{i}'\n"));
            towns.write(&format!("_r{i}/tenant.yaml"), format!("extends: {below}\nfax: 'r{i}'\n"));
        }
        towns.change("suedau/tenant.yaml", "extends: _land", "extends: [_l0, _r0]");
    })
    .await;
    let suedau = tenant(&house, "suedau");
    assert_eq!((suedau.town.phone.as_deref(), suedau.town.fax.as_deref()), (Some("l0"), Some("r0")));
}

#[tokio::test]
async fn layers_that_extend_each_other_are_refused_where_the_circle_closes() {
    let house = house_after(|towns| {
        towns.write("_a/tenant.yaml", "extends: _b\n");
        towns.write("_b/tenant.yaml", "# down\nextends: [_land, _a]\n");
        towns.change("suedau/tenant.yaml", "extends: _land", "extends: _a");
    })
    .await;
    assert_eq!(errors(&house, "suedau"), ["_b/tenant.yaml:2:18 extends `_a`, which extends it in turn"]);
    house.get("portal.suedau.example", "/").await.is(503);
    house.get("portal.ostrau.example", "/").await.is(200);
}

#[tokio::test]
async fn a_layer_that_is_not_there_is_named_with_the_one_that_was_meant() {
    let house = house_after(|towns| {
        towns.change("suedau/tenant.yaml", "extends: _land", "extends: _lnad");
        towns.change("westrau/tenant.yaml", "extends: _land", "extends: ostrau");
    })
    .await;
    let expected = "suedau/tenant.yaml:3:10 extends `_lnad`, which does not exist (did you mean `_land`?)";
    assert_eq!(errors(&house, "suedau"), [expected]);
    let expected =
        "westrau/tenant.yaml:5:10 extends `ostrau`, which is no layer (layers are folders that start with `_`)";
    assert_eq!(errors(&house, "westrau"), [expected]);
    house.get("portal.ostrau.example", "/").await.is(200);
}

#[tokio::test]
async fn a_town_offers_what_it_picks_and_all_it_has_itself() {
    let house = portal_tests::House::with_fixture_towns().await;
    assert_eq!(service_ids(&house, "suedau"), ["ausweis"]);
    assert_eq!(service_ids(&house, "ostrau"), ["ausweis", "hund-anmelden", "marktstand"]);
    assert_eq!(service_ids(&house, "westrau"), ["ausweis", "hund-anmelden", "kennzeichen"], "`all`");
    house.get("portal.suedau.example", "/dienstleistungen/hund-anmelden").await.is(404);
    house.get("portal.westrau.example", "/dienstleistungen/marktstand").await.is(404);
    house.get("portal.westrau.example", "/dienstleistungen/kennzeichen").await.is(200);
}

#[tokio::test]
async fn a_pick_that_no_layer_has_is_named_with_the_one_that_was_meant() {
    let house = house_after(|towns| {
        towns.change("suedau/tenant.yaml", "[ausweis]", "[ausweis, hund-anmeldne]");
        towns.change("westrau/tenant.yaml", "services: all", "services: alles");
    })
    .await;
    let expected =
        "suedau/tenant.yaml:5:21 picks the service `hund-anmeldne`, which no layer has (did you mean `hund-anmelden`?)";
    assert_eq!(errors(&house, "suedau"), [expected]);
    let expected = "westrau/tenant.yaml:8:11 is string \"alles\", expected a list of service ids or the word `all`";
    assert_eq!(errors(&house, "westrau"), [expected]);
}
