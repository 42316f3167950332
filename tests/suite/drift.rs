//! A layer changes, and a town that says something else hears of it.

use std::process::Command;

use portal_tests::{Towns, binary::run};

const SERVICE: &str = "services/hund-anmelden.yaml";
const SHORT: &str = "services/hund-anmelden.yaml#short";

/// Towns in a folder whose history git keeps.
struct Kept(Towns);

impl Kept {
    fn on(day: &str) -> Self {
        let kept = Self(towns());
        kept.git(&["init", "--quiet"], day);
        kept.commit(day);
        kept
    }

    fn commit(&self, day: &str) {
        self.git(&["add", "--all"], day);
        self.git(&["commit", "--quiet", "--message", "Stand"], day);
    }

    fn git(&self, arguments: &[&str], day: &str) {
        let moment = format!("{day}T12:00:00+01:00");
        let mut git = Command::new("git");
        git.arg("-C").arg(self.0.path()).args(["-c", "commit.gpgsign=false"]).args(arguments);
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "Stadt").env(format!("GIT_{who}_EMAIL"), "stadt@example.test");
            git.env(format!("GIT_{who}_DATE"), &moment);
        }
        assert!(git.status().unwrap().success(), "git {arguments:?}");
    }
}

/// Ostrau on two layers, with words of its own in four places.
fn towns() -> Towns {
    let towns = Towns::empty();
    towns.write("_land/tenant.yaml", "court: {name: Verwaltungsgericht Mittstadt}\n");
    towns.write(
        format!("_land/{SERVICE}").as_str(),
        "title: Hund anmelden\nshort: Innerhalb von zwei Wochen.\nfees: Frei\n",
    );
    towns.write("_land/start.yaml", "- {id: hund, title: Hund, service: hund-anmelden, text: Anmelden}\n");
    towns.write("_land/content/leichte-sprache.md", "Wir schreiben Leichte Sprache.\n");
    towns.write("_kreis/tenant.yaml", "extends: _land\n");
    towns.write(format!("_kreis/{SERVICE}").as_str(), "fees: 5 Euro\n");
    towns.write("ostrau/tenant.yaml", "name: Ostrau\nhosts: [portal.ostrau.example]\nextends: _kreis\nservices: all\n");
    towns.write(format!("ostrau/{SERVICE}").as_str(), "short: In Ostrau sofort.\nfees:\n  - 7 Euro\n");
    towns.write("ostrau/start.yaml", "- id: hund\n  text: Anmelden in Ostrau\n");
    towns.write("ostrau/content/leichte-sprache.md", "Ostrau schreibt Leichte Sprache.\n");
    towns
}

async fn drift(towns: &Towns, further: &[&str]) -> (Option<i32>, String, String) {
    let mut arguments = vec!["tenant", "drift", "ostrau", "--tenants", towns.path().to_str().unwrap()];
    arguments.extend(further);
    let output = run(&arguments).await;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn a_town_hears_which_texts_changed_below_its_own() {
    let kept = Kept::on("2026-03-01");
    let (code, told, _) = drift(&kept.0, &[]).await;
    assert!(code == Some(0) && told == "4 overrides: 0 drifted, 0 of unknown age\n", "{told}");

    kept.0.change(&format!("_land/{SERVICE}"), "zwei Wochen", "14 Tagen");
    kept.0.change(&format!("_kreis/{SERVICE}"), "5 Euro", "6 Euro");
    kept.0.change("_land/start.yaml", "text: Anmelden", "text: Hund melden");
    kept.0.change("_land/content/leichte-sprache.md", "Wir schreiben", "Wir sprechen");
    kept.commit("2026-04-01");
    let (code, told, _) = drift(&kept.0, &[]).await;
    assert_eq!(code, Some(1), "{told}");
    for line in [
        "ostrau/services/hund-anmelden.yaml:1:8` hides `",
        "_land/services/hund-anmelden.yaml:2:8`, which has changed since 2026-03-01, when yours was written (commit `",
        "layer: Innerhalb von [-zwei Wochen-]{+14 Tagen+}.",
        "yours: In Ostrau sofort.",
        "_kreis/services/hund-anmelden.yaml:1:7`",
        "layer: [-5-]{+6+} Euro",
        "ostrau/start.yaml:2:9`",
        "layer: [-Anmelden-]{+Hund melden+}",
        "ostrau/content/leichte-sprache.md:1:1`",
        "layer: Wir [-schreiben-]{+sprechen+} Leichte Sprache.",
        "hint: take the text of the layer by deleting yours, or keep yours: `portal tenant drift ostrau --accept \
         'services/hund-anmelden.yaml#short'`",
        "4 overrides: 4 drifted, 0 of unknown age",
    ] {
        assert!(told.contains(line), "`{line}` is not in:\n{told}");
    }
}

#[tokio::test]
async fn what_a_town_wrote_after_the_change_has_not_drifted() {
    let kept = Kept::on("2026-03-01");
    kept.0.change(&format!("_land/{SERVICE}"), "zwei Wochen", "14 Tagen");
    kept.commit("2026-04-01");
    kept.0.change(&format!("ostrau/{SERVICE}"), "sofort", "gleich");
    let (code, told, _) = drift(&kept.0, &[]).await;
    assert_eq!(code, Some(0), "not committed yet: {told}");
    kept.commit("2026-05-01");
    assert_eq!(drift(&kept.0, &[]).await.0, Some(0));
    // the neighbouring line is older than the change
    kept.0.change(&format!("_kreis/{SERVICE}"), "5 Euro", "6 Euro");
    let (code, told, _) = drift(&kept.0, &[]).await;
    assert!(code == Some(1) && told.contains("4 overrides: 1 drifted") && told.contains("2026-03-01"), "{told}");
    kept.commit("2026-06-01");
    // of several lines the youngest counts
    kept.0.change(&format!("ostrau/{SERVICE}"), "- 7 Euro", "- 8 Euro");
    kept.commit("2026-07-01");
    assert_eq!(drift(&kept.0, &[]).await.0, Some(0));
}

#[tokio::test]
async fn a_history_that_begins_late_is_no_witness() {
    let kept = Kept::on("2026-03-01");
    let copy = Towns::empty();
    let origin = format!("file://{}", kept.0.path().display());
    kept.git(&["clone", "--quiet", "--depth", "1", &origin, copy.path().to_str().unwrap()], "2026-03-02");
    let (code, told, _) = drift(&copy, &[]).await;
    assert!(code == Some(0) && told.contains("4 overrides: 0 drifted, 4 of unknown age"), "{told}");
}

#[tokio::test]
async fn a_text_that_was_only_translated_has_not_drifted() {
    let kept = Kept::on("2026-03-01");
    kept.0.change(&format!("ostrau/{SERVICE}"), "short: In", "short:\n  de: In");
    kept.commit("2026-03-02");
    kept.0.change(
        &format!("_land/{SERVICE}"),
        "Innerhalb von zwei Wochen.",
        "{de: Innerhalb von zwei Wochen., en: Within.}",
    );
    let (code, told, _) = drift(&kept.0, &[]).await;
    assert_eq!(code, Some(0), "{told}");
}

#[tokio::test]
async fn a_decision_is_recorded_and_holds_until_the_layer_changes_again() {
    let kept = Kept::on("2026-03-01");
    kept.0.change(&format!("_land/{SERVICE}"), "zwei Wochen", "14 Tagen");
    kept.0.change("_land/start.yaml", "text: Anmelden", "text: Hund melden");
    kept.commit("2026-04-01");
    let (code, told, _) = drift(&kept.0, &["--now", "2026-04-02", "--accept", SHORT]).await;
    assert!(code == Some(0) && told == "1 overrides accepted\n", "{told}");
    let records = kept.0.read("ostrau/overrides.yaml");
    assert!(records.contains(&format!("value: {SHORT}")) && records.contains("on: 2026-04-02"), "{records}");
    let (code, told, _) = drift(&kept.0, &[]).await;
    assert!(code == Some(1) && told.contains("4 overrides: 1 drifted") && !told.contains("14 Tagen"), "{told}");

    kept.0.change(&format!("_land/{SERVICE}"), "14 Tagen", "drei Wochen");
    let (code, told, _) = drift(&kept.0, &[]).await;
    assert!(code == Some(1) && told.contains("4 overrides: 2 drifted"), "{told}");
    assert!(told.contains("which has changed since 2026-04-02, when yours was accepted"), "{told}");
    assert!(told.contains("layer: Innerhalb von [-14 Tagen-]{+drei Wochen+}."), "{told}");
    let (code, _, _) = drift(&kept.0, &["--now", "2026-04-03", "--accept"]).await;
    assert!(code == Some(0) && kept.0.read("ostrau/overrides.yaml").matches("on: 2026-04-03").count() == 4);
    assert_eq!(drift(&kept.0, &[]).await.0, Some(0));
    assert!(run(&["tenant", "list", "--tenants", kept.0.path().to_str().unwrap()]).await.stderr.is_empty());
}

#[tokio::test]
async fn without_history_a_record_is_the_only_witness() {
    let towns = towns();
    towns.change(&format!("_land/{SERVICE}"), "zwei Wochen", "14 Tagen");
    let (code, told, _) = drift(&towns, &[]).await;
    assert!(code == Some(0) && told.contains("4 overrides: 0 drifted, 4 of unknown age"), "{told}");
    assert!(told.contains("nobody recorded since when"), "{told}");
    drift(&towns, &["--accept"]).await;
    towns.change(&format!("_land/{SERVICE}"), "14 Tagen", "drei Wochen");
    let (code, told, _) = drift(&towns, &["--format", "json"]).await;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let finding = &told["findings"][0];
    assert!(code == Some(1) && finding["value"] == SHORT && finding["then"].is_null(), "{told}");
    assert_eq!(finding["now"], "Innerhalb von drei Wochen.");
    assert!(finding["file"].as_str().unwrap().ends_with(&format!("ostrau/{SERVICE}")) && finding["line"] == 1);
    assert_eq!(told["other"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_judged_is_said() {
    let towns = towns();
    let (code, _, told) = drift(&towns, &["--accept", "services/katze.yaml#short"]).await;
    assert!(code == Some(2) && told.contains("`services/katze.yaml#short` hides nothing"), "{told}");
    towns.write("ostrau/overrides.yaml", format!("- {{value: {SHORT}, digset: 00, on: 2026-01-01}}\n"));
    let (code, _, told) = drift(&towns, &[]).await;
    assert!(code == Some(2) && told.contains("overrides.yaml:1:") && told.contains("did you mean `digest`?"), "{told}");
}
