//! The same by the command, with the real binary.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use portal_tests::{
    Towns,
    binary::{Process, run},
};
use serde_json::Value;
use tempfile::TempDir;

use super::{LAYER, SERVICE};

struct Operator {
    towns: Towns,
    data: TempDir,
}

impl Operator {
    fn new() -> Self {
        Self { towns: Towns::fixture(), data: TempDir::new().expect("a temporary folder") }
    }

    async fn serves(&self) -> Process {
        let (towns, data) = (self.towns.path().to_str().unwrap(), self.data.path().to_str().unwrap());
        Process::serve(&["--tenants", towns, "--data", data, "--log", "json"]).await
    }

    /// `portal generation …`: exit code, stdout, stderr.
    async fn says(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut all = vec!["generation"];
        all.extend_from_slice(arguments);
        all.extend(["--data", self.data.path().to_str().unwrap()]);
        let output = run(&all).await;
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (output.status.code().expect("it ends by itself"), text(output.stdout), text(output.stderr))
    }

    async fn listed(&self) -> Value {
        serde_json::from_str(&self.says(&["list", "--format", "json"]).await.1).expect("JSON")
    }

    /// Waits until the list says so: the server follows within seconds.
    async fn lists(&self, accept: impl Fn(&Value) -> bool) -> Value {
        let mut pace = tokio::time::interval(std::time::Duration::from_millis(50));
        for _ in 0..400 {
            pace.tick().await;
            let listed = self.listed().await;
            if accept(&listed) {
                return listed;
            }
        }
        panic!("{:#}", self.listed().await);
    }
}

fn numbers(listed: &Value) -> Vec<u64> {
    let generations = listed["generations"].as_array().expect("a list");
    generations.iter().map(|kept| kept["number"].as_u64().expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_is_taken_back_by_one_command_and_no_request_fails() {
    let operator = Operator::new();
    let portal = Arc::new(operator.serves().await);
    let (done, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let citizen = tokio::spawn(ask_all_the_time(portal.clone(), done.clone(), asked.clone()));
    operator.lists(|listed| numbers(listed) == [1]).await;

    assert_eq!(operator.says(&["hold"]).await, (0, "all towns are to run generation 1\n".into(), String::new()));
    operator.lists(|listed| listed["running"]["use"]["default"] == 1).await;
    operator.towns.change(LAYER, "zwei Wochen", "vier Wochen");
    operator.lists(|listed| numbers(listed) == [2, 1]).await;
    let (code, told, _) = operator.says(&["use", "latest", "--towns", "ostrau"]).await;
    assert_eq!((code, &*told), (0, "`ostrau` is to run the files on disk, all other towns are to run generation 1\n"));
    portal.get_until("ostrau.localhost", SERVICE, |page| page.text().contains("vier Wochen")).await;
    portal.get("westrau.localhost", SERVICE).await.says("zwei Wochen");
    let listed = operator.lists(|listed| listed["generations"][0]["towns"] == serde_json::json!(["ostrau"])).await;
    assert_eq!(listed["generations"][1]["towns"], serde_json::json!(["suedau", "westrau"]));
    assert_eq!(serde_json::from_str::<Value>(&portal.ops("/generations").await.is(200).text()).unwrap(), listed);

    operator.says(&["use", "1"]).await;
    portal.get_until("ostrau.localhost", SERVICE, |page| page.text().contains("zwei Wochen")).await;
    done.store(true, Ordering::SeqCst);
    citizen.await.unwrap();
    assert!(asked.load(Ordering::SeqCst) > 50);
    let portal = Arc::into_inner(portal).expect("the citizen has gone");
    let (_, log) = portal.stop().await;
    let loads: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let loads: Vec<_> = loads.iter().filter(|line| line["message"] == "tenants loaded").collect();
    let ran: Vec<_> = loads.iter().map(|line| (line["changed"].as_str().unwrap(), &line["generation"])).collect();
    let expected = [("ostrau, suedau, westrau", "1"), ("ostrau", "2"), ("ostrau", "1")];
    assert!(ran.iter().zip(&expected).all(|((a, b), (c, d))| a == c && *b == d) && ran.len() == 3, "{ran:?}");
}

async fn ask_all_the_time(portal: Arc<Process>, done: Arc<AtomicBool>, asked: Arc<AtomicUsize>) {
    while !done.load(Ordering::SeqCst) {
        for host in ["ostrau.localhost", "westrau.localhost"] {
            portal.get(host, SERVICE).await.is(200).says("Hund anmelden");
            asked.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[tokio::test]
async fn a_restart_goes_on_with_what_was_run() {
    let operator = Operator::new();
    let portal = operator.serves().await;
    operator.lists(|listed| numbers(listed) == [1]).await;
    operator.says(&["hold"]).await;
    operator.lists(|listed| listed["running"]["use"]["default"] == 1).await;
    operator.towns.change(LAYER, "zwei Wochen", "vier Wochen");
    operator.lists(|listed| numbers(listed) == [2, 1]).await;
    assert_eq!(portal.stop().await.0, Some(0));

    let portal = operator.serves().await;
    portal.get("ostrau.localhost", SERVICE).await.says("zwei Wochen");
    assert_eq!(numbers(&operator.listed().await), [2, 1]);
    operator.says(&["use", "latest"]).await;
    portal.get_until("ostrau.localhost", SERVICE, |page| page.text().contains("vier Wochen")).await;
}

#[tokio::test]
async fn a_town_that_is_broken_at_the_start_is_served_as_it_was_kept() {
    let operator = Operator::new();
    operator.serves().await.stop().await;
    operator.towns.change("ostrau/tenant.yaml", "name: Ostrau", "nmae: Ostrau");
    operator.towns.write("neustadt/tenant.yaml", "name: Neustadt\nhosts: [neustadt.localhost]\nhsots: []\n");

    let portal = operator.serves().await;
    portal.get("ostrau.localhost", SERVICE).await.is(200).says("Hund anmelden");
    portal.get("neustadt.localhost", "/").await.is(503);
    portal.ops("/health/ready").await.is(200).says("tenant `ostrau` is broken");
    let (kept, none) = (
        serde_json::json!({"generation": 1, "state": "last_good"}),
        serde_json::json!({"generation": null, "state": "broken"}),
    );
    // the list and who runs what are written one after the other
    let is_told = |listed: &Value| {
        let towns = &listed["running"]["towns"];
        numbers(listed) == [2, 1] && towns["ostrau"] == kept && towns["neustadt"] == none
    };
    operator.lists(is_told).await;
    assert!(operator.says(&["list"]).await.1.contains("`ostrau` cannot be loaded and runs its last good generation 1"));
    operator.towns.change("ostrau/tenant.yaml", "nmae: Ostrau", "name: Ostrau");
    operator.lists(|listed| listed["running"]["towns"]["ostrau"]["generation"] == 3).await;
    let (_, log) = portal.stop().await;
    assert!(log.contains("is served as it was kept"), "{log}");
}

#[tokio::test]
async fn two_commands_at_once_are_both_done() {
    let operator = Operator::new();
    let portal = operator.serves().await;
    operator.lists(|listed| numbers(listed) == [1]).await;
    let one = ["ostrau", "westrau", "suedau"].map(|town| ["use", "1", "--towns", town]);
    let (a, b, c) = tokio::join!(operator.says(&one[0]), operator.says(&one[1]), operator.says(&one[2]));
    assert_eq!((a.0, b.0, c.0), (0, 0, 0), "{a:?} {b:?} {c:?}");
    let used = &operator.listed().await["use"];
    assert_eq!(*used, serde_json::json!({"default": "latest", "towns": {"ostrau": 1, "suedau": 1, "westrau": 1}}));
    drop(portal);
}

#[tokio::test]
async fn what_is_not_kept_is_refused_with_what_is() {
    let operator = Operator::new();
    let (code, _, told) = operator.says(&["use", "1"]).await;
    assert!(code == 2 && told.contains("no generation is kept in") && told.contains("--data"), "{told}");
    let portal = operator.serves().await;
    operator.lists(|listed| numbers(listed) == [1]).await;
    for (arguments, message, hint) in [
        (vec!["use", "7"], "there is no generation 7", "kept are 1"),
        (vec!["use", "1", "--towns", "ostrua"], "generation 1 has no town `ostrua`", "`ostrau`, `suedau`, `westrau`"),
        (vec!["use", "newest"], "newest", "`latest` or the number of a generation"),
    ] {
        let (code, out, told) = operator.says(&arguments).await;
        assert!(code == 2 && out.is_empty(), "{arguments:?}: {out}");
        assert!(told.starts_with("error: ") && told.contains(message) && told.contains(hint), "{arguments:?}: {told}");
    }
    drop(portal);
}

#[tokio::test]
async fn a_folder_that_cannot_keep_is_told_and_the_house_serves() {
    let operator = Operator::new();
    let file = operator.data.path().join("generations");
    std::fs::write(&file, "no folder").unwrap();
    let portal = operator.serves().await;
    portal.get("ostrau.localhost", SERVICE).await.is(200);
    portal.ops("/health/ready").await.is(200).says("keeping generations in");
    let (_, log) = portal.stop().await;
    assert!(log.contains("keeping generations in"), "{log}");
}

#[tokio::test]
async fn only_one_portal_keeps_its_generations_in_a_folder() {
    let operator = Operator::new();
    let first = operator.serves().await;
    let second = operator.serves().await;
    second.get("ostrau.localhost", SERVICE).await.is(200);
    second.ops("/health/ready").await.is(200).says("another portal keeps its generations there");
    first.ops("/health/ready").await.is(200).is_silent_about("generations");
}

#[tokio::test]
async fn a_rehearsal_keeps_nothing() {
    let operator = Operator::new();
    for town in ["ostrau", "westrau"] {
        operator.towns.change(&format!("{town}/tenant.yaml"), "status: live", "status: preview");
    }
    let (towns, data) = (operator.towns.path().to_str().unwrap(), operator.data.path());
    let portal = Process::serve(&["--tenants", towns, "--data", data.to_str().unwrap(), "--now", "2027-05-01"]).await;
    portal.ops("/generations").await.is(404);
    assert!(!Path::exists(&data.join("generations")));
}
