use portal_tests::{
    House, Towns,
    binary::{Process, run},
};
use serde_json::Value;

use super::{Told, fill_in, tenant, with_bad_musterau};

const READY: [&str; 2] = ["ready", "bad-musterau"];
const APPROVE_ALL: [&str; 6] = ["approve", "bad-musterau", "--all", "--by", "Hauptamt", "--on=2026-01-31"];

/// Says where the certificate is, so that only the town's own gaps are left.
async fn ready(towns: &Towns) -> Told {
    towns.write("portal.yaml", "trusted_proxies: [10.0.0.0/8]\n");
    let settings = format!("{}/portal.yaml", towns.path().display());
    tenant(towns, &["ready", "bad-musterau", "--config", &settings]).await
}

fn go_live(towns: &Towns) {
    towns.change("bad-musterau/tenant.yaml", "status: preview", "status: live");
}

#[tokio::test]
async fn the_gaps_are_named_with_their_files_and_with_what_to_write() {
    let towns = with_bad_musterau().await;
    towns.change("_land/tenant.yaml", "represented_by:", "# represented_by:");
    towns.change("_land/tenant.yaml", "data_protection:", "# data_protection:");
    towns.change("_land/tenant.yaml", "accessibility: {created: 2026-01-05, ", "accessibility: {");
    towns.change("_land/offices.yaml", "phone: \"+49 30 23125-900\"", "room: \"1\"");
    towns.change("_land/tenant.yaml", "court:", "facts:");
    towns.remove("_land/content/impressum.md");
    towns.change("_land/content/barrierefreiheit.md", "Ombudsstelle", "Stadt");
    let told = tenant(&towns, &READY).await.is(1);
    let told = told
        .says("bad-musterau/tenant.yaml:1:1  lacks `represented_by`\n    `represented_by: die Bürgermeisterin Vorname Nachname`\n")
        .says("lacks `address`")
        .says("`phone: \"+49 …\"`")
        .says("lacks `content/impressum.md`")
        .says("data_protection: {name: …, email: …")
        .says("lacks `accessibility.created`")
        .says("bad-musterau/content/barrierefreiheit.md:1:1  `content/barrierefreiheit.md` does not name the body to turn to")
        .says("facts that texts name\n").says("lacks `court`\n    `court: {name: …")
        .says("bad-musterau/offices.yaml:1:1  lacks an office of the town that people can reach");
    told.says("wait for approval: 3 services, 7 pages, 1 lists").says("`trusted_proxies:` where a proxy ends TLS");
    let json = tenant(&towns, &[&READY[..], &["--format", "json"]].concat()).await.is(1);
    let json: Value = serde_json::from_str(&json.said).unwrap();
    let gaps = json["gaps"].as_array().unwrap();
    let topics: Vec<&str> = gaps.iter().map(|gap| gap["topic"].as_str().unwrap()).collect();
    assert_eq!((topics[0], topics[topics.len() - 1]), ("imprint", "certificate"));
    assert!(gaps.iter().all(|gap| gap["file"].is_string() && gap["line"].is_u64() && gap["hint"].is_string()));
}

#[tokio::test]
async fn a_town_without_gaps_is_ready_and_goes_live() {
    let towns = with_bad_musterau().await;
    fill_in(&towns);
    tenant(&towns, &APPROVE_ALL).await.is(0).says("content/datenschutz.md\n").says("services/hund-anmelden.yaml\n");
    ready(&towns).await.is(0).says("bad-musterau is ready");
    go_live(&towns);
    ready(&towns).await.is(0);
    let house = House::open(towns).await;
    let start = house.get("portal.bad-musterau.de", "/").await.is(200);
    start.is_silent_about("class=\"preview\"").is_silent_about("noindex");
}

#[tokio::test]
async fn a_town_cannot_say_live_before_its_list_is_empty() {
    let towns = with_bad_musterau().await;
    go_live(&towns);
    let listed = tenant(&towns, &["list"]).await.is(1);
    let line = towns.read("bad-musterau/tenant.yaml").lines().position(|line| line.starts_with("status:")).unwrap() + 1;
    let listed =
        listed.complains(&format!("bad-musterau/tenant.yaml:{line}:9` says `live`, and the town is not ready for it"));
    listed.complains("imprint: lacks `address`; ").complains("; and 1 more – `portal tenant ready bad-musterau`");
    // what is missing is told all the same
    ready(&towns).await.is(1).says("lacks `address`");
    fill_in(&towns);
    tenant(&towns, &["list"])
        .await
        .is(1)
        .complains("`live`, and the town is not ready for it\nhint: texts of the layer: 12 not approved");
    // all but one is not all
    let texts = ["content/datenschutz.md", "services/ausweis.yaml"];
    tenant(&towns, &[&["approve", "bad-musterau", "--by", "Amt für Öffentlichkeit: \"Ö\""], &texts[..]].concat())
        .await
        .is(0);
    tenant(&towns, &["list"]).await.is(1).complains("texts of the layer: 10 not approved");
    tenant(&towns, &APPROVE_ALL).await.is(0).omits("datenschutz");
    tenant(&towns, &["list"]).await.is(0);
    // an example is not a fact
    towns.change("bad-musterau/tenant.yaml", "city: Bad Musterau}", "city: Bad Musterau, example: true}");
    tenant(&towns, &["list"]).await.is(1).complains("examples: `tenant.yaml` has a fact that is an example");
}

#[tokio::test]
async fn a_text_that_a_layer_changes_is_a_gap_again_and_takes_no_live_town_off_the_net() {
    let towns = with_bad_musterau().await;
    fill_in(&towns);
    tenant(&towns, &APPROVE_ALL).await.is(0);
    go_live(&towns);
    // a comment and another order of words in the file are no change of the text
    towns.change("_land/services/ausweis.yaml", "title:", "# Ein Kommentar.\ntitle:");
    ready(&towns).await.is(0);
    towns.change("_land/content/datenschutz.md", "Welche Daten", "Welche neuen Daten");
    let told = ready(&towns).await.is(1).says("`content/datenschutz.md` has changed since it was approved");
    told.omits("ausweis.yaml");
    tenant(&towns, &["list"]).await.is(0);
    tenant(&towns, &["approve", "bad-musterau", "content/datenschutz.md", "--by", "Hauptamt"]).await.is(0);
    ready(&towns).await.is(0);
    // words of the town's own need nobody's approval
    towns.change("_land/content/datenschutz.md", "Welche neuen Daten", "Welche alten Daten");
    towns.write("bad-musterau/content/datenschutz.md", "Diese Daten verarbeiten wir.\n");
    ready(&towns).await.is(0);
}

#[tokio::test]
async fn only_texts_that_a_town_shows_are_approved_and_only_by_somebody() {
    let towns = with_bad_musterau().await;
    let wrong = tenant(&towns, &["approve", "bad-musterau", "services/hund.yaml", "--by", "Hauptamt"]).await.is(2);
    wrong
        .complains("`services/hund.yaml` is no text of a layer that this town shows")
        .complains("`services/hund-anmelden.yaml`");
    tenant(&towns, &["approve", "bad-musterau", "--all", "--by", " "]).await.is(2).complains("`--by` names nobody");
    let wrong = tenant(&towns, &["approve", "bad-musterau", "--all", "--by", "A", "--on", "gestern"]).await.is(2);
    wrong.complains("`--on gestern` is no day");
    tenant(&towns, &["approve", "bad-musterau", "--by", "A"]).await.is(2);
    tenant(&towns, &["ready", "bad-musterua"]).await.is(2).complains("there is no tenant `bad-musterua`");
    assert!(!towns.path().join("bad-musterau/approved.yaml").exists());
    tenant(&towns, &APPROVE_ALL).await.is(0);
    tenant(&towns, &APPROVE_ALL).await.is(0).says("nothing to do");
    towns.change("bad-musterau/approved.yaml", "complete:", "compleet:");
    tenant(&towns, &["list"]).await.is(1).complains("approved.yaml:5:1` has the unknown field `compleet`");
}

#[tokio::test]
async fn a_missing_login_is_told_and_closes_no_town() {
    let towns = with_bad_musterau().await;
    fill_in(&towns);
    towns.remove("bad-musterau/identity.yaml");
    tenant(&towns, &APPROVE_ALL).await.is(0);
    go_live(&towns);
    ready(&towns).await.is(1).says("login\n").says("bad-musterau/identity.yaml:1:1  lacks `login`");
    tenant(&towns, &["list"]).await.is(0);
}

#[tokio::test]
async fn a_certificate_has_to_cover_the_hosts_and_a_host_has_to_be_a_real_one() {
    let towns = with_bad_musterau().await;
    fill_in(&towns);
    tenant(&towns, &APPROVE_ALL).await.is(0);
    let settings = format!("{}/portal.yaml", towns.path().display());
    for (name, gap) in [
        ("portal.bad-musterau.de", None),
        ("*.bad-musterau.de", None),
        ("portal.au.de", Some("does not cover `portal.bad-musterau.de`")),
    ] {
        let certificate = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        towns.write("cert.pem", certificate.cert.pem());
        towns.write(
            "portal.yaml",
            format!("tls: {{certificate: {0}/cert.pem, key: {0}/key.pem}}\n", towns.path().display()),
        );
        let told = tenant(&towns, &["ready", "bad-musterau", "--config", &settings]).await;
        match gap {
            None => drop(told.is(0)),
            Some(gap) => drop(told.is(1).says(gap)),
        }
    }
    towns.change("bad-musterau/tenant.yaml", "portal.bad-musterau.de", "portal.bad-musterau.example");
    ready(&towns).await.is(1).says("`portal.bad-musterau.example` is a name for trying out");
}

#[tokio::test]
async fn a_live_town_is_not_rehearsed_whatever_it_lacks() {
    let towns = with_bad_musterau().await;
    let folder = towns.path().to_str().unwrap();
    // one that is not ready is not live, and the others are rehearsed
    for town in ["ostrau", "westrau"] {
        towns.change(&format!("{town}/tenant.yaml"), "status: live", "status: preview");
    }
    go_live(&towns);
    let portal = Process::serve(&["--tenants", folder, "--now", "2027-05-01"]).await;
    portal.get("bad-musterau.localhost", "/").await.is(503);
    portal.get("ostrau.localhost", "/").await.is(200);
    drop(portal);
    fill_in(&towns);
    tenant(&towns, &APPROVE_ALL).await.is(0);
    let told = Told::of(&run(&["serve", "--tenants", folder, "--now", "2027-05-01"]).await).is(2);
    told.complains("is live").complains("status: preview");
}
