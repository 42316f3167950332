//! Changing towns while they are served: all or nothing per town, and nobody notices.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use portal::{
    tenant::{Report, watch},
    yaml::Problem,
};
use portal_tests::{House, Towns};
use tokio::{sync::mpsc, task::JoinHandle};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";
const SERVICE: &str = "/dienstleistungen/hund-anmelden";

#[tokio::test]
async fn a_changed_layer_changes_all_its_towns_at_once() {
    let mut house = House::with_fixture_towns().await;
    house.get(OSTRAU, SERVICE).await.is(200).says("Innerhalb von zwei Wochen");
    house.towns.change("_land/services/hund-anmelden.yaml", "Innerhalb von zwei Wochen", "Innerhalb von vier Wochen");
    let report = house.reload();
    assert_eq!(report.changed, ["ostrau", "suedau", "westrau"]);
    house.get(OSTRAU, SERVICE).await.says("Innerhalb von vier Wochen");
    house.get(WESTRAU, SERVICE).await.says("Innerhalb von vier Wochen");
}

#[tokio::test]
async fn a_broken_town_keeps_its_last_good_version_and_the_others_change() {
    let mut house = House::with_fixture_towns().await;
    house.towns.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 99");
    house.towns.write("ostrau/services/marktstand.yaml", "title: Marktstand\nshrot: ein Tippfehler\n");
    house.towns.change("westrau/tenant.yaml", "Westrauer Kai 2", "Westrauer Kai 77");
    let report = house.reload().clone();
    assert_eq!(report.changed, ["westrau"]);
    let problem = &report.broken["ostrau"][0];
    assert!(problem.at.to_string().ends_with("ostrau/services/marktstand.yaml:2:1"), "{problem}");
    assert_eq!(problem.hint.as_deref(), Some("did you mean `short`?"));
    house.get(OSTRAU, "/kontakt").await.is(200).says("Ostrauer Markt 1").is_silent_about("Ostrauer Markt 99");
    house.get(OSTRAU, "/dienstleistungen/marktstand").await.is(200).says("Marktstand in Ostrau");
    house.get(WESTRAU, "/kontakt").await.is(200).says("Westrauer Kai 77");

    house.towns.write(
        "ostrau/services/marktstand.yaml",
        "title: Marktstand\nshort: repariert\nresponsible: steueramt\nonline: {kind: none}\n",
    );
    assert_eq!(house.reload().changed, ["ostrau"]);
    assert!(house.report.broken.is_empty());
    house.get(OSTRAU, "/dienstleistungen/marktstand").await.says("repariert");
    house.get(OSTRAU, "/kontakt").await.says("Ostrauer Markt 99");
}

#[tokio::test]
async fn a_new_town_is_served_and_a_removed_one_is_not() {
    let mut house = House::with_fixture_towns().await;
    house.get("portal.neustadt.example", "/").await.is(421);
    house.towns.write("neustadt/tenant.yaml", "name: Neustadt\nhosts: [portal.neustadt.example]\n");
    assert_eq!(house.reload().changed, ["neustadt"]);
    house.get("portal.neustadt.example", "/").await.is(200).says("Stadt Neustadt");
    house.towns.remove("neustadt");
    assert_eq!(house.reload().removed, ["neustadt"]);
    house.get("portal.neustadt.example", "/").await.is(421).is_silent_about("Neustadt");
}

#[tokio::test]
async fn a_town_whose_tenant_file_vanishes_goes_on_as_it_was() {
    let mut house = House::with_fixture_towns().await;
    house.towns.remove("ostrau/tenant.yaml");
    let report = house.reload();
    assert!(report.removed.is_empty() && report.broken.contains_key("ostrau"), "{report:#?}");
    house.get(OSTRAU, SERVICE).await.is(200);
}

#[tokio::test]
async fn a_host_that_two_towns_claim_is_an_error_of_both() {
    let mut house = House::with_fixture_towns().await;
    house.towns.change("ostrau/tenant.yaml", "service.ostrau.example", "gemeinsam.example");
    house.towns.change("westrau/tenant.yaml", "bürger.westrau.example", "gemeinsam.example");
    let report = house.reload().clone();
    for (town, other, place) in [("ostrau", "westrau", "3:32"), ("westrau", "ostrau", "3:33")] {
        let problem = &report.broken[town][0];
        assert!(problem.at.to_string().ends_with(&format!("{town}/tenant.yaml:{place}")), "{problem}");
        assert!(problem.message.contains("gemeinsam.example") && problem.message.contains(other), "{problem}");
    }
    house.get("gemeinsam.example", "/").await.is(421);
    house.get(OSTRAU, "/").await.is(200);
    house.get("service.ostrau.example", "/").await.is(308);
    house.get(WESTRAU, "/").await.is(200);
}

#[tokio::test]
async fn a_newcomer_cannot_take_the_host_of_a_town_that_is_served() {
    let mut house = House::with_fixture_towns().await;
    house.towns.write("dieb/tenant.yaml", "name: Dieb\nhosts: [portal.ostrau.example, portal.dieb.example]\n");
    let report = house.reload().clone();
    assert!(report.broken.contains_key("dieb") && report.broken.contains_key("ostrau"), "{:#?}", report.broken);
    house.get(OSTRAU, "/").await.is(200).says("Stadt Ostrau");
    house.get("portal.dieb.example", "/").await.is(503).is_silent_about("Dieb");
    house.towns.remove("dieb");
    house.reload();
    assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
    house.get("portal.dieb.example", "/").await.is(421);
}

#[tokio::test]
async fn towns_that_share_a_host_at_the_start_answer_503_and_the_third_serves() {
    let towns = Towns::fixture();
    towns.change("westrau/tenant.yaml", "portal.westrau.example", "portal.ostrau.example");
    let house = House::open(towns).await;
    assert_eq!(house.report.broken.keys().collect::<Vec<_>>(), ["ostrau", "westrau"]);
    house.get(OSTRAU, "/").await.is(503).is_silent_about("Ostrau");
    house.get("portal.suedau.example", "/").await.is(200);
}

#[tokio::test]
async fn what_would_break_at_a_coming_date_is_told_when_it_is_written() {
    let mut house = House::with_fixture_towns().await;
    house.towns.write("ostrau/notices.yaml", "- {id: neu, title: 'Ab jetzt bei {{ town.nmae }}', from: 2027-01-01}\n");
    let report = house.reload().clone();
    let problem = &report.broken["ostrau"][0];
    assert!(problem.at.to_string().ends_with("ostrau/notices.yaml:1:20"), "{problem}");
    assert!(problem.message.contains("`town.nmae`") && problem.message.contains("from 2027-01-01 on"), "{problem}");
    assert_eq!(problem.hint.as_deref(), Some("did you mean `town.name`?"));
    house.set_time("2027-01-01T00:00");
    house.get(OSTRAU, "/").await.is(200).is_silent_about("Ab jetzt");
    house.towns.change("ostrau/notices.yaml", "nmae", "name");
    assert!(house.reload().broken.is_empty());
    house.get(OSTRAU, "/").await.is(200).says("Ab jetzt bei Ostrau");
}

#[tokio::test]
async fn a_mistake_that_waits_to_be_mended_does_not_stop_a_date() {
    let mut house = House::with_fixture_towns().await;
    house.towns.write("ostrau/notices.yaml", "- {id: neu, title: Neues Jahr, from: 2027-01-01}\n");
    assert!(house.reload().broken.is_empty());
    house.towns.change("ostrau/tenant.yaml", "name: Ostrau", "nmae: Ostrau");
    house.towns.remove("ostrau/notices.yaml");
    assert!(house.reload().broken.contains_key("ostrau"));
    house.get(OSTRAU, "/").await.is(200).is_silent_about("Neues Jahr");
    house.set_time("2027-01-01T00:00");
    house.get(OSTRAU, "/").await.is(200).says("Neues Jahr");
}

#[tokio::test]
async fn hosts_have_no_dates() {
    let mut house = House::with_fixture_towns().await;
    let dated = "preview_hosts: [{value: [ostrau.localhost], until: 2026-12-31}, {value: [westrau.localhost], from: 2027-01-01}]";
    house.towns.change("ostrau/tenant.yaml", "preview_hosts: [ostrau.localhost]", dated);
    let problem = house.reload().broken["ostrau"][0].clone();
    assert!(problem.at.to_string().ends_with("ostrau/tenant.yaml:4:17"), "{problem}");
    assert!(problem.message.contains("dates"), "{problem}");
    house.set_time("2027-01-01T12:00");
    house.get("westrau.localhost", "/").await.is(200).says("Westrau").is_silent_about("Ostrau");
}

#[tokio::test]
async fn a_folder_without_any_town_changes_nothing() {
    let house = House::with_fixture_towns().await;
    for town in ["ostrau", "westrau", "suedau"] {
        house.towns.remove(town);
    }
    let problem = house.portal.tenants.reload().expect_err("an empty folder is a mistake");
    assert!(problem.message.contains("no town"), "{problem}");
    house.get(OSTRAU, "/").await.is(200);
}

#[tokio::test]
async fn a_town_that_went_with_all_the_others_is_gone_when_those_come_back() {
    let mut house = House::with_fixture_towns().await;
    let ostrau = house.towns.read("ostrau/tenant.yaml");
    for town in ["ostrau", "westrau", "suedau"] {
        house.towns.remove(town);
    }
    house.portal.tenants.reload().expect_err("an empty folder is a mistake");
    house.towns.write("ostrau/tenant.yaml", ostrau);
    assert_eq!(house.reload().removed, ["suedau", "westrau"]);
    house.get(OSTRAU, "/").await.is(200);
    house.get(WESTRAU, "/").await.is(421);
}

#[tokio::test]
async fn a_change_of_one_town_is_seen_without_looking_at_the_others() {
    let house = House::with_fixture_towns().await;
    for (town, place) in [("ostrau", "Ostrauer Markt 1"), ("westrau", "Westrauer Kai 2")] {
        house.towns.change(&format!("{town}/tenant.yaml"), place, "Neue Straße 7");
    }
    let report = house.portal.tenants.reload_only([String::from("ostrau")].into()).expect("the folder can be read");
    assert_eq!(report.changed, ["ostrau"]);
    house.get(OSTRAU, "/kontakt").await.says("Neue Straße 7");
    house.get(WESTRAU, "/kontakt").await.says("Westrauer Kai 2");
}

#[tokio::test]
async fn noise_in_one_town_does_not_hold_up_the_others() {
    let house = House::with_fixture_towns().await;
    let (watching, mut loads, _ask) = watched(&house).await;
    let swap_file = house.towns.path().join("westrau/.tenant.yaml.swp");
    let noise = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        loop {
            pace.tick().await;
            std::fs::write(&swap_file, "x").expect("a temporary folder");
        }
    });
    house.towns.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 99");
    let report = tokio::time::timeout(Duration::from_secs(8), loads.recv()).await.expect("no wait for quiet elsewhere");
    assert_eq!(report.unwrap().unwrap().changed, ["ostrau"]);
    noise.abort();
    watching.abort();
}

#[tokio::test]
async fn only_what_changed_is_read_again() {
    let mut house = House::with_fixture_towns().await;
    assert!(house.report.opened > 15, "{}", house.report.opened);
    assert_eq!(house.reload().opened, 0);
    house.towns.change("ostrau/services/marktstand.yaml", "Ostrauer Markt", "neuen Markt");
    let report = house.reload();
    assert_eq!((report.opened, report.changed.as_slice()), (1, &["ostrau".to_owned()][..]));
}

#[tokio::test]
async fn a_folder_marked_as_being_copied_stays_as_it_was() {
    let mut house = House::with_fixture_towns().await;
    house.towns.write("ostrau/.copying", "");
    house.towns.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 99");
    assert_eq!(house.reload().waiting, ["ostrau"]);
    assert!(!house.report.unsettled);
    house.get(OSTRAU, "/kontakt").await.says("Ostrauer Markt 1");
    house.towns.write("ostrau/tenant.yaml.part", "name: halb");
    house.towns.remove("ostrau/.copying");
    assert_eq!(house.reload().changed, ["ostrau"]);
    house.get(OSTRAU, "/kontakt").await.says("Ostrauer Markt 99");
}

#[tokio::test]
async fn a_changed_theme_on_disk_changes_the_towns_that_use_it() {
    let towns = Towns::fixture().with_themes();
    towns.write_theme("ostrau/texts/de.yaml", "portal:\n  name: Bürgerdienste\n");
    towns.change("ostrau/tenant.yaml", "extends: _land", "extends: _land\ntheme: ostrau");
    let mut house = House::open(towns).await;
    house.get(OSTRAU, "/").await.is(200).says("Bürgerdienste");
    house.towns.write_theme("ostrau/texts/de.yaml", "portal:\n  name: Rathaus online\n");
    house.reload();
    house.get(OSTRAU, "/").await.is(200).says("Rathaus online").is_silent_about("Bürgerdienste");
    house.get(WESTRAU, "/").await.is_silent_about("Rathaus online");
}

type Loads = mpsc::UnboundedReceiver<Result<Report, Problem>>;

/// A watch that is awake (the first answer to SIGHUP shows it), what it tells, and the bell that keeps it open.
async fn watched(house: &House) -> (JoinHandle<()>, Loads, mpsc::Sender<()>) {
    let (loaded, mut loads) = mpsc::unbounded_channel();
    let (ask, asked) = mpsc::channel(1);
    let watching = tokio::spawn(watch(house.portal.tenants.clone(), asked, move |outcome| {
        let _ = loaded.send(outcome);
    }));
    ask.send(()).await.expect("the watch listens");
    loads.recv().await.expect("the watch answers").expect("the fixture towns load");
    (watching, loads, ask)
}

/// Copies a whole town file by file while the watch looks on, and asks for its pages all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_town_that_is_still_being_copied_is_never_half_there_and_no_request_fails() {
    let house = Arc::new(House::with_fixture_towns().await);
    let (watching, mut loads, _ask) = watched(&house).await;

    let done = Arc::new(AtomicBool::new(false));
    let requests = Arc::new(AtomicUsize::new(0));
    let citizens: Vec<_> =
        (0..2).map(|_| tokio::spawn(ask_all_the_time(house.clone(), done.clone(), requests.clone()))).collect();
    copy_slowly(house.towns.path()).await;
    let report = loads.recv().await.unwrap().unwrap();
    assert_eq!(report.changed, ["neustadt"], "{:#?}", report.broken);
    house.get("portal.neustadt.example", "/dienstleistungen/dienst-39").await.is(200);
    done.store(true, Ordering::SeqCst);
    for citizen in citizens {
        citizen.await.unwrap();
    }
    assert!(requests.load(Ordering::SeqCst) > 50);
    watching.abort();
}

/// Either the town is not there at all, or with its last service.
async fn ask_all_the_time(house: Arc<House>, done: Arc<AtomicBool>, requests: Arc<AtomicUsize>) {
    while !done.load(Ordering::SeqCst) {
        let start = house.get("portal.neustadt.example", "/dienstleistungen").await;
        if start.status != 421 {
            start.is(200).says("Dienst 39");
        }
        house.get(OSTRAU, SERVICE).await.is(200).says("Hund anmelden");
        requests.fetch_add(2, Ordering::SeqCst);
    }
}

async fn copy_slowly(towns: &Path) {
    let folder = towns.join("neustadt/services");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        towns.join("neustadt/tenant.yaml"),
        "name: Neustadt\nhosts: [portal.neustadt.example]\nextends: _land\n",
    )
    .unwrap();
    let mut pace = tokio::time::interval(Duration::from_millis(40));
    for i in 10..40 {
        pace.tick().await;
        let text =
            format!("title: Dienst {i}\nshort: Kurz gesagt {i}\nresponsible: buergerbuero\nonline: {{kind: none}}\n");
        std::fs::write(folder.join(format!("dienst-{i}.yaml")), text).unwrap();
    }
}
