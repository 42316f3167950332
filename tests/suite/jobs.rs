//! What is queued with a deed is done after it: once, again when it fails, and not at all if the deed never happened.

use std::{fs, path::Path, sync::Arc};

use jiff::SignedDuration;
use portal::{
    jobs::{self, Doing, Failed, Job, Order, Work, desk},
    web::Portal,
};
use portal_tests::{House, TODAY, Towns, moment};
use tempfile::TempDir;
use tokio::sync::oneshot;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the kinds of these tests are given: a file, and a word to leave there.
type Trace = (String, String);

fn kinds(kind: &str) -> Option<Work> {
    match kind {
        "note" => Some(|job| doing(async move { note(&job) })),
        "stumble" => Some(|job| {
            doing(async move {
                note(&job)?;
                Err(Failed::ForNow("the other side sleeps".into()))
            })
        }),
        "refuse" => Some(|_| doing(async { Err(Failed::ForGood("nobody lives there".into())) })),
        "panic" => Some(|_| doing(async { panic!("a mistake") })),
        // as a node that is killed in the middle of its first attempt
        "hang once" => Some(|job| {
            doing(async move {
                let is_first = !Path::new(&job.payload::<Trace>()?.0).exists();
                note(&job)?;
                if is_first { std::future::pending().await } else { Ok(()) }
            })
        }),
        _ => None,
    }
}

fn doing(work: impl Future<Output = Result<(), Failed>> + Send + 'static) -> Doing {
    Box::pin(work)
}

fn note(job: &Job) -> Result<(), Failed> {
    use std::io::Write;
    let (file, word): Trace = job.payload()?;
    let file = fs::OpenOptions::new().create(true).append(true).open(file);
    file.and_then(|mut file| writeln!(file, "{word} in {}", job.tenant.id))
        .map_err(|error| Failed::ForNow(error.to_string()))
}

/// A house with these kinds, and the file of their traces.
struct Workshop {
    house: House,
    folder: TempDir,
}

impl Workshop {
    async fn open() -> Self {
        let house = House::open_as(Towns::fixture(), |portal| portal.kinds = kinds).await;
        Self { house, folder: TempDir::new().unwrap() }
    }

    fn file(&self) -> String {
        self.folder.path().join("trace").display().to_string()
    }

    fn traces(&self) -> Vec<String> {
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    async fn ask(&self, town: &str, kind: &'static str, word: &str) {
        self.ask_once(town, kind, word, None).await;
    }

    /// Whether it counted.
    async fn ask_once(&self, town: &str, kind: &'static str, word: &str, key: Option<&[u8]>) -> bool {
        let tenant = self.house.portal.tenants.get(town).unwrap();
        let now = self.house.clock.now();
        let payload: Trace = (self.file(), word.to_owned());
        let mut tx = self.house.portal.store.for_tenant(&tenant).write().await.unwrap();
        let order = Order { kind, payload: &payload, run_at: now, once: key.map(|key| (key, DAY)) };
        let queued = jobs::enqueue(&mut tx, now, order).await.unwrap();
        tx.commit().await.unwrap();
        queued.is_some()
    }

    async fn counts(&self) -> (i64, i64, i64) {
        let counts = desk::count(&self.house.portal.store.platform()).await.unwrap();
        (counts.waiting, counts.running, counts.dead)
    }

    fn pass(&self, hours: i64) {
        self.house.clock.set(self.house.clock.now() + SignedDuration::from_hours(hours));
    }
}

#[tokio::test]
async fn a_job_is_done_in_its_town_when_its_deed_is_committed() {
    let shop = Workshop::open().await;
    let ostrau = shop.house.portal.tenants.get("ostrau").unwrap();
    let mut tx = shop.house.portal.store.for_tenant(&ostrau).write().await.unwrap();
    let payload: Trace = (shop.file(), "never".into());
    let now = shop.house.clock.now();
    jobs::enqueue(&mut tx, now, Order { kind: "note", payload: &payload, run_at: now, once: None }).await.unwrap();
    drop(tx);
    shop.ask("ostrau", "note", "bread").await;
    shop.ask("westrau", "note", "milk").await;
    assert_eq!(shop.counts().await, (2, 0, 0));
    assert_eq!(shop.house.work_off().await, 2);
    let mut traces = shop.traces();
    traces.sort();
    assert_eq!(traces, ["bread in ostrau", "milk in westrau"]);
    assert_eq!(shop.counts().await, (0, 0, 0), "what is done is gone");
}

#[tokio::test]
async fn a_job_waits_for_its_time() {
    let shop = Workshop::open().await;
    let ostrau = shop.house.portal.tenants.get("ostrau").unwrap();
    let mut tx = shop.house.portal.store.for_tenant(&ostrau).write().await.unwrap();
    let payload: Trace = (shop.file(), "later".into());
    let order = Order { kind: "note", payload: &payload, run_at: moment("2026-11-02T08:00"), once: None };
    jobs::enqueue(&mut tx, moment(TODAY), order).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(shop.house.work_off().await, 0);
    shop.house.set_time("2026-11-02T08:00");
    assert_eq!(shop.house.work_off().await, 1);
    assert_eq!(shop.traces(), ["later in ostrau"]);
}

#[tokio::test]
async fn what_fails_is_tried_again_with_pauses_and_in_the_end_shown_to_the_operator() {
    let shop = Workshop::open().await;
    let platform = shop.house.portal.store.platform();
    shop.ask("ostrau", "stumble", "try").await;
    assert_eq!(shop.house.work_off().await, 1);
    assert_eq!(shop.house.work_off().await, 0, "not at once");
    let listed = desk::list(&platform, true, 10).await.unwrap().remove(0);
    assert_eq!((listed.attempts, listed.last_error.as_deref()), (1, Some("the other side sleeps")));
    for attempt in 2..=jobs::ATTEMPTS {
        assert!(desk::list(&platform, false, 10).await.unwrap().is_empty(), "not dead before attempt {attempt}");
        shop.pass(8);
        assert_eq!(shop.house.work_off().await, 1);
    }
    assert_eq!(shop.traces().len(), 12);
    assert_eq!(shop.counts().await, (0, 0, 1));
    shop.pass(24);
    assert_eq!(shop.house.work_off().await, 0, "a dead job rests");
    let dead = desk::list(&platform, false, 10).await.unwrap().remove(0);
    assert_eq!((dead.tenant.as_str(), dead.kind.as_str(), dead.attempts), ("ostrau", "stumble", 12));
    assert!(desk::retry(&platform, dead.id, shop.house.clock.now()).await.unwrap());
    assert_eq!(shop.house.work_off().await, 1, "the operator gives it all its attempts again");
    assert_eq!(shop.counts().await, (1, 0, 0));
    assert!(desk::drop(&platform, dead.id).await.unwrap());
    assert_eq!(shop.counts().await, (0, 0, 0));
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again_and_a_panic_ends_nothing_but_its_job() {
    let shop = Workshop::open().await;
    shop.ask("ostrau", "refuse", "").await;
    shop.ask("ostrau", "panic", "").await;
    shop.ask("ostrau", "of another version", "").await;
    shop.ask("ostrau", "note", "still here").await;
    assert_eq!(shop.house.work_off().await, 4);
    assert_eq!(shop.traces(), ["still here in ostrau"]);
    assert_eq!(shop.counts().await, (2, 0, 1), "only what was refused is dead");
}

#[tokio::test]
async fn what_is_asked_for_twice_is_done_once_in_each_town() {
    let shop = Workshop::open().await;
    assert!(shop.ask_once("ostrau", "note", "first", Some(b"token")).await);
    assert!(!shop.ask_once("ostrau", "note", "second", Some(b"token")).await);
    assert!(shop.ask_once("westrau", "note", "theirs", Some(b"token")).await);
    assert_eq!(shop.house.work_off().await, 2);
    assert!(!shop.ask_once("ostrau", "note", "third", Some(b"token")).await, "also after it was done");
    assert_eq!(shop.house.work_off().await, 0);
    shop.pass(25);
    assert!(shop.ask_once("ostrau", "note", "tomorrow", Some(b"token")).await, "not for ever");
    assert_eq!(shop.house.work_off().await, 1);
    let mut traces = shop.traces();
    traces.sort();
    assert_eq!(traces, ["first in ostrau", "theirs in westrau", "tomorrow in ostrau"]);
}

#[tokio::test]
async fn two_nodes_do_each_job_once() {
    let shop = Workshop::open().await;
    for number in 0..40 {
        shop.ask(if number % 2 == 0 { "ostrau" } else { "westrau" }, "note", &number.to_string()).await;
    }
    let other = shop.house.another_node().await;
    let hands = [&shop.house.portal, &other, &shop.house.portal, &other].map(|node: &Arc<Portal>| {
        let node = node.clone();
        tokio::spawn(async move { jobs::run_due(&node).await.unwrap() })
    });
    let mut taken = 0;
    for hand in hands {
        taken += hand.await.unwrap();
    }
    let mut traces = shop.traces();
    traces.sort();
    traces.dedup();
    assert_eq!((taken, traces.len()), (40, 40));
    assert_eq!(shop.counts().await, (0, 0, 0));
}

#[tokio::test]
async fn another_node_does_what_a_killed_one_has_begun() {
    let shop = Workshop::open().await;
    shop.ask("ostrau", "hang once", "try").await;
    let killed = shop.house.another_node().await;
    let hand = tokio::spawn(async move { jobs::run_due(&killed).await });
    // it has begun when it has left its trace
    while shop.traces().is_empty() {
        tokio::task::yield_now().await;
    }
    hand.abort();
    assert_eq!(shop.house.work_off().await, 0, "its claim still holds");
    shop.house.clock.set(shop.house.clock.now() + SignedDuration::from_secs(90));
    if shop.house.database.is_postgres() {
        assert_eq!(
            shop.house.work_off().await,
            0,
            "a clock that is fast ends nobody else's claim: the server's counts"
        );
        let later = "update jobs set claimed_until = claimed_until - interval '90 seconds'";
        assert_eq!(shop.house.database.tamper(later).await, 1);
    }
    assert_eq!(shop.house.work_off().await, 1);
    assert_eq!(shop.traces().len(), 2);
    assert_eq!(shop.counts().await, (0, 0, 0));
}

#[tokio::test]
async fn a_job_of_a_town_that_is_not_there_waits_for_it() {
    let mut shop = Workshop::open().await;
    shop.ask("suedau", "note", "patience").await;
    let files = shop.house.towns.read("suedau/tenant.yaml");
    shop.house.towns.remove("suedau");
    shop.house.reload();
    assert_eq!(shop.house.work_off().await, 1, "it is looked at once and put back");
    assert_eq!((shop.counts().await, shop.traces().len()), ((1, 0, 0), 0));
    shop.house.towns.write("suedau/tenant.yaml", files);
    shop.house.reload();
    shop.pass(1);
    assert_eq!(shop.house.work_off().await, 1);
    assert_eq!(shop.traces(), ["patience in suedau"]);
}

#[tokio::test]
async fn the_worker_hears_of_a_commit_and_ends_what_it_has_begun() {
    let shop = Workshop::open().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(jobs::work(shop.house.portal.clone(), async { _ = stopped.await }));
    for word in ["one", "two", "three"] {
        shop.ask("ostrau", "note", word).await;
    }
    while shop.counts().await != (0, 0, 0) {
        tokio::task::yield_now().await;
    }
    drop(stop);
    worker.await.unwrap();
    assert_eq!(shop.traces().len(), 3);
    shop.ask("ostrau", "note", "too late").await;
    assert_eq!(shop.counts().await, (1, 0, 0));
}
