//! Trying a change on some towns and taking it back: the house keeps its last states, and towns can run them.

mod command;

use std::{collections::BTreeSet, path::Path};

use portal::tenant::generations::{Generations, MOST, Pin, Refused, State, running};
use portal_tests::{House, Towns};
use tempfile::TempDir;

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";
const SUEDAU: &str = "portal.suedau.example";
const SERVICE: &str = "/dienstleistungen/hund-anmelden";
const LAYER: &str = "_land/services/hund-anmelden.yaml";

struct Kept {
    house: House,
    data: TempDir,
}

impl Kept {
    async fn house() -> Self {
        Self::house_of(Towns::fixture(), MOST).await
    }

    async fn house_of(towns: Towns, most: usize) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let house = House::open_keeping(towns, data.path(), most).await;
        house.portal.tenants.finish_keeping();
        Self { house, data }
    }

    fn generations(&self) -> Generations {
        Generations::in_data(self.data.path())
    }

    fn reload(&mut self) {
        self.house.reload();
        self.house.portal.tenants.finish_keeping();
    }

    fn change(&mut self, path: &str, old: &str, new: &str) {
        self.house.towns.change(path, old, new);
        self.reload();
    }

    /// Says what towns (all, where none is named) are to run, and lets the house hear of it.
    fn uses(&mut self, pin: Pin, towns: &[&str]) {
        self.generations().use_for(pin, &names(towns)).expect("it is kept");
        self.reload();
    }

    fn holds(&mut self) {
        self.generations().hold(false).expect("there is one");
        self.reload();
    }

    fn runs(&self, town: &str) -> (Option<u32>, State) {
        let run = running(self.data.path()).expect("the house runs").towns[town];
        (run.generation, run.state)
    }

    /// How many copies of folders lie there.
    fn copies(&self) -> usize {
        let folders = self.data.path().join("generations/folders");
        entries(&folders).iter().map(|folder| entries(folder).len()).sum()
    }
}

fn names(towns: &[&str]) -> BTreeSet<String> {
    towns.iter().map(|town| (*town).to_owned()).collect()
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_layer_is_tried_by_one_town_and_taken_back() {
    let mut kept = Kept::house().await;
    kept.holds();
    assert_eq!(kept.house.report.changed, [""; 0], "holding changes nothing");
    kept.change(LAYER, "zwei Wochen", "vier Wochen");
    assert_eq!((kept.house.report.held.as_slice(), &kept.house.report.changed), (&["_land".to_owned()][..], &vec![]));
    kept.house.get(OSTRAU, SERVICE).await.says("zwei Wochen");

    kept.uses(Pin::Latest, &["ostrau"]);
    assert_eq!((&*kept.house.report.changed, kept.house.report.opened), (&["ostrau".to_owned()][..], 0));
    kept.house.get(OSTRAU, SERVICE).await.says("vier Wochen");
    kept.house.get(WESTRAU, SERVICE).await.says("zwei Wochen");
    assert_eq!((kept.runs("ostrau"), kept.runs("westrau")), ((Some(2), State::Serving), (Some(1), State::Serving)));

    kept.uses(Pin::Kept(1), &[]);
    kept.house.get(OSTRAU, SERVICE).await.says("zwei Wochen");
    kept.uses(Pin::Latest, &[]);
    for host in [OSTRAU, WESTRAU] {
        kept.house.get(host, SERVICE).await.says("vier Wochen");
    }
}

#[tokio::test]
async fn a_change_of_one_town_keeps_one_more_folder() {
    let mut kept = Kept::house().await;
    assert_eq!(kept.copies(), 4);
    kept.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 2");
    assert_eq!(kept.copies(), 5);
    let newest = kept.generations().newest().unwrap();
    assert_eq!((newest.number, newest.changed), (2, names(&["ostrau"])));
    kept.house.towns.write("ostrau/liesmich.txt", "Das liest das Portal nicht.");
    kept.reload();
    kept.change("ostrau/tenant.yaml", "Ostrauer Markt 2", "Ostrauer Markt 1");
    assert_eq!((kept.generations().numbers(), kept.copies()), (vec![1, 2, 3], 5));
}

#[tokio::test]
async fn a_town_goes_back_with_its_own_files_its_layer_and_its_theme() {
    let towns = Towns::fixture().with_themes();
    towns.write_theme("gelb/texts/de.yaml", "portal:\n  name: Bürgerdienste\n");
    towns.change("_land/tenant.yaml", "court:", "theme: gelb\ncourt:");
    let mut kept = Kept::house_of(towns, MOST).await;
    kept.house.get(OSTRAU, "/").await.is(200).says("Bürgerdienste");
    kept.house.towns.write_theme("gelb/texts/de.yaml", "portal:\n  name: Rathaus online\n");
    kept.house.towns.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 2");
    kept.change(LAYER, "zwei Wochen", "vier Wochen");
    assert_eq!(kept.generations().newest().unwrap().changed, names(&["_land", "ostrau", "themes/"]));
    kept.house.get(OSTRAU, "/").await.says("Rathaus online");

    kept.uses(Pin::Kept(1), &["ostrau"]);
    kept.house.get(OSTRAU, "/").await.says("Bürgerdienste").is_silent_about("Rathaus online");
    kept.house.get(OSTRAU, "/kontakt").await.says("Ostrauer Markt 1");
    kept.house.get(OSTRAU, SERVICE).await.says("zwei Wochen");
    kept.house.get(WESTRAU, "/").await.says("Rathaus online");
}

#[tokio::test]
async fn the_last_ones_stay_and_those_that_somebody_runs() {
    let mut kept = Kept::house_of(Towns::fixture(), 2).await;
    kept.change("suedau/tenant.yaml", "Südau", "Süderau");
    kept.uses(Pin::Kept(2), &["westrau"]);
    for i in 1..=4 {
        kept.change("ostrau/tenant.yaml", &format!("Ostrauer Markt {i}"), &format!("Ostrauer Markt {}", i + 1));
    }
    // the first is the last that changed a layer
    assert_eq!(kept.generations().numbers(), [1, 2, 5, 6]);
    // four folders, a further content of one, two of another
    assert_eq!(kept.copies(), 7);
    kept.uses(Pin::Latest, &[]);
    assert_eq!(kept.generations().numbers(), [1, 5, 6]);
    kept.house.get(WESTRAU, "/").await.is(200);
}

#[tokio::test]
async fn what_a_layer_was_before_its_change_outlives_the_changes_of_towns() {
    let mut kept = Kept::house_of(Towns::fixture(), 2).await;
    kept.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 2");
    kept.change(LAYER, "zwei Wochen", "vier Wochen");
    kept.change(LAYER, "vier Wochen", "fünf Wochen");
    for i in 2..=5 {
        kept.change("ostrau/tenant.yaml", &format!("Ostrauer Markt {i}"), &format!("Ostrauer Markt {}", i + 1));
    }
    assert_eq!(kept.generations().numbers(), [2, 3, 4, 7, 8]);
}

#[tokio::test]
async fn layers_alone_go_back_and_towns_go_on_with_what_is_theirs() {
    let mut kept = Kept::house().await;
    kept.change(LAYER, "zwei Wochen", "vier Wochen");
    kept.uses(Pin::Layers(1), &[]);
    kept.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 2");
    assert_eq!(kept.house.report.changed, ["ostrau"]);
    kept.house.get(OSTRAU, SERVICE).await.says("zwei Wochen");
    kept.house.get(OSTRAU, "/kontakt").await.says("Ostrauer Markt 2");
    let run = running(kept.data.path()).expect("the house runs").towns["ostrau"];
    assert_eq!((run.generation, run.own, run.state), (Some(1), Some(3), State::Serving));

    kept.house
        .towns
        .write("neustadt/tenant.yaml", "name: Neustadt\nhosts: [portal.neustadt.example]\nextends: _land\n");
    kept.change(LAYER, "vier Wochen", "fünf Wochen");
    assert_eq!(
        (&*kept.house.report.changed, &*kept.house.report.held),
        (&["neustadt".to_owned()][..], &["_land".to_owned()][..])
    );
    kept.uses(Pin::Latest, &["westrau"]);
    kept.house.get(WESTRAU, SERVICE).await.says("fünf Wochen");
    kept.house.get(OSTRAU, SERVICE).await.says("zwei Wochen");
    kept.generations().hold(true).expect("there is one");
    kept.reload();
    kept.house.get(WESTRAU, SERVICE).await.says("fünf Wochen");
    kept.change(LAYER, "fünf Wochen", "sechs Wochen");
    kept.house.get(WESTRAU, SERVICE).await.says("fünf Wochen");
    kept.house.towns.remove("ostrau");
    kept.reload();
    kept.house.get(OSTRAU, "/").await.is(421);
}

#[tokio::test]
async fn what_is_to_be_run_while_the_folder_of_towns_is_away_is_run_when_it_is_back() {
    let mut kept = Kept::house().await;
    kept.change(LAYER, "zwei Wochen", "vier Wochen");
    let away = kept.house.towns.path().with_extension("away");
    std::fs::rename(kept.house.towns.path(), &away).unwrap();
    kept.generations().use_for(Pin::Kept(1), &names(&["ostrau"])).unwrap();
    assert!(kept.house.portal.tenants.reload().is_err());
    std::fs::rename(&away, kept.house.towns.path()).unwrap();
    kept.reload();
    kept.house.get(OSTRAU, SERVICE).await.says("zwei Wochen");
}

#[tokio::test]
async fn a_broken_layer_says_who_is_broken_and_what_those_run_meanwhile() {
    let mut kept = Kept::house().await;
    kept.change(LAYER, "short:", "shrot:");
    let newest = kept.generations().newest().unwrap();
    assert_eq!((newest.number, newest.broken), (2, names(&["ostrau", "westrau"])));
    assert_eq!(kept.runs("ostrau"), (Some(1), State::LastGood));
    kept.house.get(OSTRAU, SERVICE).await.is(200);
    kept.uses(Pin::Kept(1), &[]);
    assert!(kept.house.report.broken.is_empty(), "{:#?}", kept.house.report.broken);
    assert_eq!(kept.runs("ostrau"), (Some(1), State::Serving));
}

#[tokio::test]
async fn a_copy_that_somebody_touched_is_not_used() {
    let mut kept = Kept::house().await;
    let generations = kept.generations();
    let layer = &entries(&generations.folder().join("folders/_land"))[0];
    let copy = layer.join("services/hund-anmelden.yaml");
    kept.change(LAYER, "zwei Wochen", "vier Wochen");
    std::fs::write(&copy, std::fs::read_to_string(&copy).unwrap() + "\n").unwrap();

    let refused = generations.use_for(Pin::Kept(1), &names(&[])).unwrap_err();
    let Refused::Damaged(problem) = &refused else { panic!("{refused}") };
    assert!(problem.at.file.ends_with(layer.file_name().unwrap().to_str().unwrap()), "{problem}");
    assert!(problem.message.contains("is not what generation 1 kept"), "{problem}");

    // who names it by hand does not get it either
    std::fs::write(generations.folder().join("use.yaml"), "default: 1\n").unwrap();
    kept.reload();
    let broken = &kept.house.report.broken;
    assert!(broken["ostrau"].iter().all(|problem| problem.message.contains("is not what generation 1")), "{broken:#?}");
    kept.house.get(OSTRAU, SERVICE).await.is(200).says("vier Wochen");
    assert_eq!(kept.runs("ostrau"), (Some(2), State::LastGood));
}

#[tokio::test]
async fn dates_go_on_in_a_generation() {
    let mut kept = Kept::house().await;
    kept.house.towns.write("ostrau/notices.yaml", "- {id: neu, title: Neues Jahr, from: 2027-01-01}\n");
    kept.reload();
    kept.holds();
    kept.house.towns.remove("ostrau/notices.yaml");
    kept.reload();
    kept.house.get(OSTRAU, "/").await.is_silent_about("Neues Jahr");
    kept.house.set_time("2027-01-01T00:00");
    kept.house.get(OSTRAU, "/").await.says("Neues Jahr");
    kept.uses(Pin::Latest, &[]);
    kept.house.get(OSTRAU, "/").await.is_silent_about("Neues Jahr");
}

#[tokio::test]
async fn a_town_that_was_removed_is_there_where_its_generation_is_run() {
    let mut kept = Kept::house().await;
    kept.holds();
    kept.house.towns.remove("suedau");
    kept.house.towns.write("neustadt/tenant.yaml", "name: Neustadt\nhosts: [portal.neustadt.example]\n");
    kept.reload();
    assert_eq!(kept.house.report.held, ["neustadt", "suedau"]);
    kept.house.get(SUEDAU, "/").await.is(200);
    kept.house.get("portal.neustadt.example", "/").await.is(421);
    kept.uses(Pin::Latest, &["neustadt"]);
    kept.house.get("portal.neustadt.example", "/").await.is(200);

    kept.uses(Pin::Latest, &[]);
    assert_eq!(kept.house.report.removed, ["suedau"]);
    kept.house.get(SUEDAU, "/").await.is(421);
    kept.uses(Pin::Kept(1), &["suedau"]);
    kept.house.get(SUEDAU, "/").await.is(200);
    kept.house.get("portal.neustadt.example", "/").await.is(200);
    kept.uses(Pin::Kept(1), &[]);
    kept.house.get("portal.neustadt.example", "/").await.is(421);
}

#[tokio::test]
async fn a_house_that_is_held_goes_on_without_the_folder_of_towns() {
    let mut kept = Kept::house().await;
    kept.holds();
    for folder in ["ostrau", "westrau", "suedau", "_land"] {
        kept.house.towns.remove(folder);
    }
    kept.reload();
    assert!(kept.house.report.warnings[0].message.contains("no town"), "{:#?}", kept.house.report.warnings);
    kept.house.get(OSTRAU, SERVICE).await.is(200);
    kept.house.towns.write("ostrau/tenant.yaml", "name: Ostrau\nhosts: [portal.ostrau.example]\n");
    kept.reload();
    let newest = kept.generations().newest().unwrap();
    assert_eq!((newest.number, newest.folders.into_keys().collect()), (2, names(&["ostrau"])));
    kept.house.get(OSTRAU, SERVICE).await.is(200);
}

#[tokio::test]
async fn a_town_of_a_generation_cannot_take_the_host_of_another() {
    let mut kept = Kept::house().await;
    kept.house.towns.change("ostrau/tenant.yaml", ", service.ostrau.example", "");
    kept.change("westrau/tenant.yaml", "bürger.westrau.example", "service.ostrau.example");
    kept.house.get("service.ostrau.example", "/").await.is(308).leads_to("https://portal.westrau.example/");
    kept.uses(Pin::Kept(1), &["ostrau"]);
    assert!(kept.house.report.broken["ostrau"][0].message.contains("service.ostrau.example"));
    kept.house.get("service.ostrau.example", "/").await.is(308).leads_to("https://portal.westrau.example/");
    kept.house.get(OSTRAU, "/").await.is(200);
    assert_eq!(kept.runs("ostrau"), (Some(2), State::LastGood));
    kept.uses(Pin::Kept(1), &[]);
    kept.house.get("service.ostrau.example", "/").await.is(308).leads_to("https://portal.ostrau.example/");
}

#[tokio::test]
async fn a_slip_in_the_file_of_uses_changes_nothing() {
    let mut kept = Kept::house().await;
    kept.holds();
    kept.change(LAYER, "zwei Wochen", "vier Wochen");
    std::fs::write(kept.generations().folder().join("use.yaml"), "default: lastest\n").unwrap();
    kept.reload();
    let warning = &kept.house.report.warnings[0];
    assert!(warning.at.to_string().ends_with("use.yaml:1:10"), "{warning}");
    kept.house.get(OSTRAU, SERVICE).await.says("zwei Wochen");
}

#[tokio::test]
async fn nothing_is_swept_beside_a_generation_that_cannot_be_read() {
    let mut kept = Kept::house_of(Towns::fixture(), 1).await;
    kept.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 2");
    std::fs::write(kept.generations().folder().join("00001.json"), "{").unwrap();
    kept.change("ostrau/tenant.yaml", "Ostrauer Markt 2", "Ostrauer Markt 3");
    kept.change("ostrau/tenant.yaml", "Ostrauer Markt 3", "Ostrauer Markt 4");
    assert_eq!(kept.copies(), 7);
    let obstacle = kept.house.portal.tenants.obstacle().expect("it is told");
    assert!(obstacle.contains("00001.json"), "{obstacle}");
    assert_eq!(kept.generations().overview().problems.len(), 1);
}
