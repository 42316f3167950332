//! `portal check`: what does not belong on a page is found, at the line that says it, and nothing else is.

mod forms;
mod leaks;
mod slips;
mod stale;

use std::process::Output;

use portal_tests::{Towns, binary::run};
use serde_json::Value;

/// Ostrau and Westrau, in German only, on their way into service: nothing is wrong with them.
fn towns() -> Towns {
    let towns = Towns::fixture();
    towns.remove("suedau");
    for town in ["ostrau", "westrau"] {
        let file = format!("{town}/tenant.yaml");
        towns.change(&file, "locales: [de, en, ls]", "locales: [de]").change(&file, "status: live", "status: preview");
    }
    towns
}

async fn check(towns: &Towns, further: &[&str]) -> Output {
    let folder = towns.path().display().to_string();
    let mut arguments = vec!["check", "--tenants", &folder, "--now", "2026-11-01"];
    let themes = towns.themes().map(|themes| themes.display().to_string());
    if let Some(themes) = &themes {
        arguments.extend(["--themes", themes]);
    }
    arguments.extend_from_slice(further);
    run(&arguments).await
}

/// Every finding as `rule tenant file:line:column message`, in the order of the files.
async fn findings(towns: &Towns) -> Vec<String> {
    let output = check(towns, &["--format", "json"]).await;
    let told: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let root = format!("{}/", towns.path().display());
    let mut lines: Vec<String> = told["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| {
            let [rule, tenant, file, message] =
                ["rule", "tenant", "file", "message"].map(|field| finding[field].as_str().expect("text"));
            let file =
                file.strip_prefix(&root).or_else(|| file.split_once(".themes/").map(|(_, rest)| rest)).unwrap_or(file);
            format!("{rule} {tenant} {file}:{}:{} {message}", finding["line"], finding["column"])
        })
        .collect();
    lines.sort();
    assert_eq!(output.status.code(), Some(i32::from(!lines.is_empty())));
    lines
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn towns_with_nothing_wrong_come_out_clean() {
    let output = check(&towns(), &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).starts_with("nothing to complain about: 2 towns, "), "{}", text(&output));
    let output = check(&towns(), &["--format", "json"]).await;
    assert_eq!(text(&output).trim(), r#"{"findings":[]}"#);
}

#[tokio::test]
async fn the_shipped_towns_come_out_clean() {
    let towns = Towns::shipped();
    let output = check(&towns, &["--format", "json"]).await;
    assert_eq!(text(&output).trim(), r#"{"findings":[]}"#);
}

#[tokio::test]
async fn what_is_broken_is_told_at_its_place() {
    let towns = towns().with_themes();
    towns.write("ostrau/services/steg.yaml", STEG);
    towns.write("ostrau/services/kahn.yaml", "title: Kahn\nshort: Ein Kahn\nleika: \"123\"\n");
    towns.change("westrau/tenant.yaml", "services: all", "services: all\ntheme: grau");
    towns.write_theme("grau/theme.yaml", "colors:\n  light:\n    text: \"#999999\"\n");
    let found = findings(&towns).await;
    // towns that do not load are told with what keeps them from it
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].starts_with("contrast westrau grau/theme.yaml:3:11 has too little contrast: `text` #999999"));
    let leika =
        "leika-key ostrau ostrau/services/kahn.yaml:3:8 is `123`, expected a LeiKa key: 14 digits that start with 99";
    assert_eq!(found[2], leika);
    towns.remove("ostrau/services/kahn.yaml").remove("westrau");
    towns.write("ostrau/assets/plan.pdf", "%PDF-1.4");
    towns.write("ostrau/content/steg.md", "Der Steg.\n");
    towns.write("ostrau/anlegen.yaml", "a: 1\n");
    towns.write("_land/content/gebaerdensprache.md", "---\ntitle: Gebärden\n---\n[Karte](/karte)\n");
    towns.remove("_land/content/leichte-sprache.md");
    let found = findings(&towns).await;
    let expected = [
        "broken-link ostrau _land/content/gebaerdensprache.md:4:9 leads to `/karte`, which is not there",
        "broken-link ostrau ostrau/services/steg.yaml:3:21 leads to `/faq#ankern`, but the page has no place `#ankern`",
        "missing-page ostrau ostrau/content/leichte-sprache.md:1:1 is missing: every town has the page `/leichte-sprache`",
        "missing-text ostrau ostrau/services/steg.yaml:4:12 shows `TODO`",
        "unknown-service ostrau ostrau/services/steg.yaml:5:11 names the service `boot`, which does not exist",
        "unused-file ostrau ostrau/anlegen.yaml:1:1 is a file that nobody reads",
        "unused-file ostrau ostrau/assets/plan.pdf:1:1 is a file that no page shows",
        "unused-file ostrau ostrau/content/steg.md:1:1 is a file that no page shows",
    ];
    assert_eq!(found, expected);
}

const STEG: &str = "title: Steg mieten
short: Ein Platz am Steg
who: \"Siehe [Hilfe](/faq#ankern).\"
deadlines: TODO
related: [boot]
";

#[tokio::test]
async fn two_towns_with_one_host_are_both_told() {
    let towns = towns();
    towns.change("ostrau/tenant.yaml", "service.ostrau.example", "portal.westrau.example");
    let expected = [
        "duplicate-host ostrau ostrau/tenant.yaml:3:32 claims the host `portal.westrau.example`, which `westrau` claims as well",
        "duplicate-host westrau westrau/tenant.yaml:3:9 claims the host `portal.westrau.example`, which `ostrau` claims as well",
    ];
    assert_eq!(findings(&towns).await, expected);
}

#[tokio::test]
async fn a_page_that_cannot_be_shown_is_told() {
    let towns = towns().with_themes();
    towns.change("ostrau/tenant.yaml", "status: preview", "status: preview\ntheme: ost");
    towns.write_theme("ost/templates/faq.html", "{{ nobody.knows.this }}");
    let found = findings(&towns).await;
    assert!(found.iter().any(|line| line.starts_with("missing-page ostrau") && line.contains("`/faq`")), "{found:#?}");
}

#[tokio::test]
async fn what_a_town_promises_is_looked_up_on_its_pages() {
    let towns = towns();
    towns.write("ostrau/expect.yaml", PROMISES);
    let expected = [
        "broken-promise ostrau ostrau/expect.yaml:2:12 promises “Man kann den Hund online anmelden”, but it cannot be done online",
        "broken-promise ostrau ostrau/expect.yaml:6:12 promises “Die Startseite führt zu den Stadtwerken”, but nothing on it leads to `https://stadtwerke.ostrau.example`",
        "broken-promise ostrau ostrau/expect.yaml:14:12 promises “Es gibt ein Freibad”, but there is no `/dienstleistungen/freibad`",
    ];
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(findings(&towns).await, expected);
    towns.change("ostrau/expect.yaml", "online: true", "online: false");
    assert_eq!(findings(&towns).await.len(), 2, "a promise that is kept is not told");
}

const PROMISES: &str = "- id: hund
  promise: Man kann den Hund online anmelden
  service: hund-anmelden
  online: true
- id: werke
  promise: Die Startseite führt zu den Stadtwerken
  page: /
  links_to: [https://stadtwerke.ostrau.example]
- id: offen
  promise: Niemand braucht für Auskünfte eine Anmeldung
  page: all
  login: false
- id: bad
  promise: Es gibt ein Freibad
  service: freibad
";

#[tokio::test]
async fn forges_get_what_they_can_show_beside_a_line() {
    let towns = towns();
    towns.write("ostrau/services/steg.yaml", "title: Steg\nshort: Ihre Stadt Westrau hilft\n");
    let output = check(&towns, &["--format", "sarif"]).await;
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["version"], "2.1.0");
    let result = &told["runs"][0]["results"][0];
    let rules = told["runs"][0]["tool"]["driver"]["rules"].as_array().expect("a list");
    assert_eq!(rules[result["ruleIndex"].as_u64().expect("a number") as usize]["id"], "foreign-town");
    let place = &result["locations"][0]["physicalLocation"];
    assert!(place["artifactLocation"]["uri"].as_str().expect("text").ends_with("/ostrau/services/steg.yaml"));
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&2.into(), &8.into()));
}

#[tokio::test]
async fn a_sentence_of_a_layer_is_told_once_with_all_its_towns() {
    let towns = towns();
    towns.change("_land/content/faq.yaml", "Hier erledigen Sie", "Ihre Stadt Espelkamp dankt. Hier erledigen Sie");
    let found = findings(&towns).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found
            .iter()
            .all(|line| line.contains("_land/content/faq.yaml:7:13") || line.contains("_land/content/faq.yaml:8:13")),
        "{found:#?}"
    );
    let told = text(&check(&towns, &[]).await);
    assert!(told.contains("of `ostrau`, `westrau`, first on `/faq`"), "{told}");
    assert!(
        told.ends_with("1 error and 0 warnings in 2 towns, 100 pages\n") || told.contains("1 error and 0 warnings"),
        "{told}"
    );
    let told = text(&check(&towns, &["westrau"]).await);
    assert!(told.contains("of `westrau`, first on `/faq`") && !told.contains("ostrau`"), "{told}");
}

#[tokio::test]
async fn a_check_that_cannot_run_says_why() {
    let output = run(&["check", "--tenants", "nowhere-at-all"]).await;
    assert_eq!(output.status.code(), Some(2));
    let output = check(&towns(), &["nordau"]).await;
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("there is no tenant `nordau`") && told.contains("`ostrau`, `westrau`"), "{told}");
}
