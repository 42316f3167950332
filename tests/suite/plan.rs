//! An operator sees what a change will change before it is made: which pages of which towns, and why.

use std::{path::Path, process::Command};

use portal_tests::{Towns, binary::run};
use serde_json::Value;

const HUND: &str = "_land/services/hund-anmelden.yaml";

/// What `portal plan` says about the way from one folder to another.
struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

async fn plan(from: &str, to: &Path, more: &[&str]) -> Told {
    let mut arguments = vec!["plan", "--from", from, "--to", to.to_str().unwrap()];
    arguments.extend_from_slice(more);
    let output = run(&arguments).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Told { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

async fn between(before: &Towns, after: &Towns, more: &[&str]) -> Told {
    plan(before.path().to_str().unwrap(), after.path(), more).await
}

impl Told {
    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        assert!(self.out.contains(text), "`{text}` is not in {}{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn is_silent_about(&self, text: &str) -> &Self {
        assert!(!self.out.contains(text), "`{text}` is in {}", self.out);
        self
    }

    #[track_caller]
    fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("it is JSON")
    }
}

fn town<'a>(plan: &'a Value, id: &str) -> &'a Value {
    plan["towns"].as_array().unwrap().iter().find(|town| town["id"] == id).expect("it is listed")
}

/// Two copies of the fixture; the second is changed.
fn changed(change: impl FnOnce(&Towns)) -> (Towns, Towns) {
    let (before, after) = (Towns::fixture(), Towns::fixture());
    change(&after);
    (before, after)
}

#[tokio::test]
async fn where_nothing_changes_nothing_is_told() {
    let (before, after) = changed(|_| {});
    let told = between(&before, &after, &[]).await;
    assert_eq!(told.ends_with(0).out, "nothing changes\n");
    // every town is looked at, and two looks at the same town find the same
    let (before, after) = changed(|towns| _ = towns.change(HUND, "title: {", "# as in 2025\ntitle: {"));
    let told = between(&before, &after, &[]).await;
    told.ends_with(0).says("nothing changes: `").says("hund-anmelden.yaml` differs, and no page shows it");
}

#[tokio::test]
async fn a_fee_of_a_layer_is_told_once_with_its_line_and_all_its_towns() {
    let (before, after) = (Towns::fixture(), Towns::fixture());
    for towns in [&before, &after] {
        towns.change("suedau/tenant.yaml", "services: [", "services: [hund-anmelden, ");
    }
    after.change(HUND, "amount: 9600", "amount: 9800");
    let told = between(&before, &after, &[]).await;
    told.ends_with(1).says(&format!("{}/{HUND}:9  ", after.path().display())).says("in 2 towns: ostrau, suedau");
    told.says("- 96,00 €").says("+ 98,00 €").says("/en/dienstleistungen/hund-anmelden");
    // this town has a fee of its own
    told.is_silent_about("westrau").says("and 1 that nothing touches");
    let plan = between(&before, &after, &["--format", "json"]).await.json();
    assert_eq!(plan["groups"].as_array().unwrap().len(), 1, "{plan}");
    assert_eq!(plan["groups"][0]["cause"]["line"], 9);
    let page = &town(&plan, "suedau")["pages"][0];
    assert_eq!((&page["address"], &page["change"]), (&"/dienstleistungen/hund-anmelden".into(), &"changed".into()));
    assert_eq!(town(&plan, "westrau")["state"], "unchanged");
}

#[tokio::test]
async fn towns_that_say_the_same_about_themselves_are_told_together() {
    let sentence = "Alle, die in {{ town.name }} einen Hund halten.";
    let (before, after) = changed(|towns| _ = towns.change(HUND, sentence, "Wer in {{ town.name }} einen Hund hält."));
    let plan = between(&before, &after, &["--format", "json"]).await.json();
    let groups = plan["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{plan}");
    assert_eq!(groups[0]["towns"], serde_json::json!(["ostrau", "westrau"]));
    assert_eq!(groups[0]["effects"].as_array().unwrap().len(), 1, "{plan}");
    let said = &town(&plan, "westrau")["pages"][0]["after"];
    assert_eq!(said, &serde_json::json!(["Wer in Westrau einen Hund hält."]));
}

#[tokio::test]
async fn a_dated_change_shows_from_its_day_on() {
    let fees = "fees:\n  - {text: Steuer, amount: 9600, until: 2026-12-31}\n  - {text: Steuer, amount: 9900, from: 2027-01-01}\n";
    let (before, after) = changed(|towns| {
        towns.change(HUND, "fees:\n  - {text: für den ersten Hund im Jahr, amount: 9600}\n", fees);
    });
    let on = async |day: &'static str| between(&before, &after, &["--at", day]).await;
    on("2026-12-31").await.ends_with(1).says("Steuer 96,00 €").is_silent_about("99,00");
    on("2027-01-01").await.ends_with(1).says("+ 99,00 €");
}

#[tokio::test]
async fn towns_come_and_go_and_move() {
    let (before, after) = changed(|towns| {
        towns.write("nordau/tenant.yaml", "name: Nordau\nhosts: [portal.nordau.example]\nextends: _land\n");
        towns.remove("suedau");
        towns.change("westrau/tenant.yaml", "portal.westrau.example", "service.westrau.example");
        towns.change("ostrau/tenant.yaml", "status: live", "status: suspended");
        towns.write("westrau/redirects.yaml", "/qr/1: /faq\n");
    });
    let told = between(&before, &after, &["--format", "json"]).await.ends_with(1).json();
    let states =
        ["nordau", "suedau", "westrau", "ostrau"].map(|id| town(&told, id)["state"].as_str().unwrap().to_owned());
    assert_eq!(states, ["new", "removed", "changed", "changed"]);
    assert_eq!(town(&told, "westrau")["hosts"][1][0], "service.westrau.example");
    assert_eq!(town(&told, "ostrau")["status"], serde_json::json!(["live", "suspended"]));
    let redirect = &town(&told, "westrau")["beside"][0];
    assert_eq!((&redirect["address"], &redirect["change"]), (&"/qr/1".into(), &"redirect".into()));
}

#[tokio::test]
async fn a_page_that_comes_or_goes_is_told_with_its_file() {
    let (before, after) = changed(|towns| {
        towns.write("ostrau/services/hafen.yaml", "title: Liegeplatz im Hafen\nshort: Einen Liegeplatz mieten.\n");
        towns.remove("ostrau/services/marktstand.yaml");
    });
    let told = between(&before, &after, &[]).await;
    told.ends_with(1).says("new: /dienstleistungen/hafen").says("gone: /dienstleistungen/marktstand");
    told.says("ostrau/services/hafen.yaml:1  ").says("ostrau/services/marktstand.yaml:1  ");
}

#[tokio::test]
async fn a_town_that_no_longer_loads_is_told_with_its_place() {
    let (before, after) = changed(|towns| _ = towns.write("ostrau/services/neu.yaml", "title: Neu\nshrot: falsch\n"));
    let told = between(&before, &after, &[]).await;
    told.ends_with(1).says("ostrau  broken");
    assert!(told.err.contains("ostrau/services/neu.yaml:2:1` has the unknown field `shrot`"), "{}", told.err);
    let (before, after) = changed(|_| {});
    for towns in [&before, &after] {
        towns.write("ostrau/services/neu.yaml", "title: Neu\nshrot: falsch\n");
    }
    between(&before, &after, &[]).await.ends_with(0).says("nothing changes");
}

#[tokio::test]
async fn a_colour_changes_looks_and_no_text() {
    let towns = Towns::fixture().with_themes();
    let themes = towns.themes().unwrap();
    let base = std::fs::read_to_string(portal_tests::root().join("themes/base/assets/portal.css")).unwrap();
    towns.write_theme("base/assets/portal.css", base + "\n/* warmer */\n");
    let told = between(&towns, &towns, &["--themes", themes.to_str().unwrap()]).await;
    told.ends_with(0).says("nothing changes");
    let none = Towns::empty();
    let more = ["--themes", themes.to_str().unwrap(), "--from-themes", none.path().to_str().unwrap()];
    let plan = between(&towns, &towns, &[&more[..], &["--format", "json"]].concat()).await.ends_with(1).json();
    for id in ["ostrau", "suedau", "westrau"] {
        assert_eq!(town(&plan, id)["pages"], serde_json::json!([]));
        assert_eq!(town(&plan, id)["beside"][0]["address"], "portal.css");
    }
    assert_eq!(plan["groups"].as_array().unwrap().len(), 1, "{plan}");
    between(&towns, &towns, &more).await.says("themes/base/assets/portal.css:").says("looks: portal.css");
}

#[tokio::test]
async fn a_revision_of_git_is_one_side() {
    let home = Towns::empty();
    for (path, text) in fixture_files() {
        home.write(&format!("orte/{path}"), text);
    }
    home.write("themes/westrau/theme.yaml", "colors: {}\n").remove("themes/westrau/theme.yaml");
    git(home.path(), &["init", "--quiet"]);
    git(home.path(), &["add", "."]);
    git(home.path(), &["commit", "--quiet", "--message", "Stand"]);
    git(home.path(), &["tag", "stand"]);
    let orte = home.path().join("orte");
    plan("stand", &orte, &[]).await.ends_with(0).says("nothing changes");
    home.change(&format!("orte/{HUND}"), "amount: 9600", "amount: 9800");
    home.remove("orte/suedau");
    let told = plan("HEAD", &orte, &[]).await;
    told.ends_with(1).says("orte/_land/services/hund-anmelden.yaml:9  ").says("+ 98,00 €").says("suedau  removed");
    told.is_silent_about("portal-plan-").says("HEAD:orte/suedau/tenant.yaml");
    // a folder of that name goes first
    home.write("stand/ostrau/tenant.yaml", "name: Ostrau\nhosts: [portal.ostrau.example]\n");
    let stand = home.path().join("stand");
    plan(stand.to_str().unwrap(), &stand, &[]).await.ends_with(0);
    refuses(plan("gibt-es-nicht", &orte, &[]).await, "neither a folder nor a revision", "a branch, a tag or a commit");
    refuses(plan("--exec=x", &orte, &[]).await, "", "");
    git(home.path(), &["add", "."]);
    refuses(plan("stand", &stand, &[]).await, "revision `stand` has no folder `stand`", "git log");
}

#[tokio::test]
async fn what_cannot_be_planned_says_why() {
    let towns = Towns::fixture();
    let nowhere = Path::new("/gibt/es/nicht");
    refuses(plan("tests/towns", nowhere, &[]).await, "`/gibt/es/nicht` is no folder", "--to");
    refuses(plan("HEAD", towns.path(), &[]).await, "lies in no git repository", "name a folder with `--from`");
    refuses(between(&towns, &towns, &["--at", "gestern"]).await, "`--at gestern` is no moment", "2024-05-15");
    refuses(between(&towns, &towns, &["ostrav"]).await, "there is no tenant `ostrav` on either side", "tenant list");
    refuses(between(&towns, &towns, &["--html", "/gibt/es/nicht/r.html"]).await, "cannot be written", "--html");
}

#[tokio::test]
async fn the_report_is_one_file_that_a_town_can_read() {
    let (before, after) = changed(|towns| {
        towns.change(HUND, "amount: 9600", "amount: 9800");
        towns.change(HUND, "leika:", "remedy: \"Kosten: 1 < 2 <script>alert(1)</script>\"\n# leika:");
        towns.change(HUND, "remedy: Gegen", "# remedy: Gegen");
    });
    let file = after.path().join("report.html");
    let told = between(&before, &after, &["ostrau", "--html", file.to_str().unwrap()]).await;
    told.ends_with(1).is_silent_about("westrau");
    let report = std::fs::read_to_string(file).expect("it is written");
    for text in
        ["<html lang=\"de\">", "Was sich ändert", "Stadt Ostrau", "<del>96,00</del>", "<ins>98,00</ins>", "Auslöser"]
    {
        assert!(report.contains(text), "`{text}` is missing");
    }
    assert!(report.contains("1 &lt; 2 &lt;script&gt;alert(1)"), "the line of the file is shown as it is");
    for foreign in ["<script", "http-equiv", "<link", "src=", "url(", "Westrau"] {
        assert!(!report.contains(foreign), "`{foreign}` is in the report");
    }
}

#[track_caller]
fn refuses(told: Told, message: &str, hint: &str) {
    assert_eq!(told.code, Some(2), "{}{}", told.out, told.err);
    assert!(told.err.starts_with("error: ") && told.err.contains(message) && told.err.contains(hint), "{}", told.err);
    assert!(told.out.is_empty(), "{}", told.out);
}

fn fixture_files() -> Vec<(String, String)> {
    let towns = Towns::fixture();
    let (mut open, mut files) = (vec![towns.path().to_owned()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let inside = path.strip_prefix(towns.path()).unwrap().to_str().unwrap().to_owned();
                files.push((inside.clone(), towns.read(&inside)));
            }
        }
    }
    files
}

fn git(folder: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=Anna", "-c", "user.email=anna@ostrau.example", "-c", "commit.gpgsign=false"];
    let done = Command::new("git").arg("-C").arg(folder).args(who).args(arguments).status().expect("git runs");
    assert!(done.success(), "git {arguments:?}");
}
