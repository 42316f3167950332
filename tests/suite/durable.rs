//! What the portal has confirmed stays, and has happened once (promises b1, b2 and c2).
//!
//! A login is a deed: its answer gives the person a cookie, and from then on the person counts on it. A message to the
//! town is another: whoever was thanked for it counts on its being read, once.
//!
//! The long form: `KILLS=1000 cargo test -p portal-tests --test suite durable::killed -- --nocapture`; for PostgreSQL
//! behind `tests/postgres --durable run`.

mod accounts;

use std::{
    fs,
    hash::{BuildHasher, RandomState},
    path::Path,
};

use portal::store::PlatformSql;
use portal_tests::{
    Browser, Database, Fault, Towns,
    binary::{Process, command, serving, within},
    letters_in,
};
use tempfile::TempDir;
use tokio::{
    sync::mpsc::{Sender, channel},
    task::JoinSet,
};

const HOST: &str = "portal.suedau.example";
const AT_ONCE: usize = 4;

#[tokio::test]
async fn killed_at_any_moment_the_portal_has_lost_nothing_and_done_nothing_twice() {
    let kills = std::env::var("KILLS").map_or(10, |kills| kills.parse().expect("KILLS is a number"));
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    let mut journal = Journal::default();
    for kill in 1..=kills {
        let portal = Process::node(&towns, &database, &[]).await;
        let (tell, mut told) = channel(AT_ONCE);
        let mut people: JoinSet<usize> = (0..AT_ONCE).map(|_| do_and_do(portal.authority(), tell.clone())).collect();
        drop(tell);
        for _ in 0..=chance(12) {
            journal.write(told.recv().await.expect("people are let in"));
        }
        portal.signal("KILL");
        while let Some(confirmed) = told.recv().await {
            journal.write(confirmed);
        }
        while let Some(broken_off) = people.join_next().await {
            journal.open += broken_off.expect("people do not panic");
        }
        if kill % 10 == 0 {
            let Journal { promised, messages, open } = &journal;
            println!("{kill} kills: {} logins, {} messages, {open} broken off", promised.len(), messages.len());
        }
    }
    let portal = Process::node(&towns, &database, &[]).await;
    journal.is_kept_by(&portal).await;
    // the minute is over after which a job is free again whose node was killed
    database.tamper("update jobs set claimed_until = '2000-01-01T00:00:00+00:00' where state = 'running'").await;
    while database.number("select count(*) from jobs").await > 0 {
        tokio::task::yield_now().await;
    }
    let mails = letters_in(&database.folder().join("mail/suedau"));
    let Journal { promised, messages, open } = &journal;
    for message in messages {
        let copies = mails.iter().filter(|mail| mail.contains(message)).count();
        assert_eq!(copies, 1, "{message} of {} mails", mails.len());
    }
    let kept = database.number("select count(*) from sessions").await as usize;
    println!(
        "{kills} kills, {} logins and {} messages confirmed, {open} broken off, {kept} and {} kept",
        promised.len(),
        messages.len(),
        mails.len()
    );
    assert!(!messages.is_empty() && (messages.len()..=messages.len() + open).contains(&mails.len()));
    assert!(kills > 0 && promised.len() >= kills, "nothing was tried");
    assert!((promised.len()..=promised.len() + open).contains(&kept), "something happened twice");
    assert_eq!(database.number("select count(*) from accounts").await, 1, "all of them are one person's");
}

/// SQLite's file beside the database in which whatever was confirmed stands first.
const LOG: &str = "portal.db-wal";

#[tokio::test]
async fn what_the_disk_did_not_take_is_never_confirmed() {
    if !Fault::can_be_made() {
        return;
    }
    let (database, towns) = (Database::on_sqlite().await, Towns::fixture());
    let log = database.folder().join(LOG);
    let mut journal = Journal::default();
    let (mut refused, mut confirmed) = (0, 0);
    let faults: [(&[&str], &str, bool); 5] = [
        (&["fdatasync", "fsync"], "EIO", true),
        (&["pwrite64"], "EIO", true),
        (&["pwrite64"], "ENOSPC", true),
        (&["fdatasync", "fsync"], "EIO:when=5+5", false),
        (&["pwrite64"], "ENOSPC:when=150+50", false),
    ];
    for (calls, error, always) in faults {
        let portal = Process::node(&towns, &database, &[]).await;
        let before = Browser::at(portal.authority(), HOST);
        before.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
        let fault = Fault::in_process(portal.id(), calls, error, &[&log]).await;
        for _ in 0..12 {
            let browser = Browser::at(portal.authority(), HOST);
            match browser.tries_to_log_in("erika", "basis", "/meine-daten").await.unwrap().status {
                303 => {
                    confirmed += 1;
                    assert!(!always, "{calls:?} {error}: confirmed, and nothing was written");
                    journal.promised.push(browser);
                }
                503 => refused += 1,
                other => panic!("{calls:?} {error}: {other}"),
            }
            before.get("/meine-daten").await.is(200);
        }
        fault.mend().await;
        let after = Browser::at(portal.authority(), HOST);
        after.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
        journal.promised.extend([before, after]);
        portal.kill().await;
        let portal = Process::node(&towns, &database, &[]).await;
        journal.is_kept_by(&portal).await;
    }
    assert_eq!(database.number(TORN).await, 0);
    println!("{refused} logins refused by the disk, {confirmed} confirmed between its errors, all kept");
    assert!(refused > 0 && confirmed > 0, "nothing was tried");
}

const TORN: &str = "select count(*) from pragma_integrity_check where integrity_check <> 'ok'";

#[tokio::test]
async fn on_a_full_disk_everything_can_be_read_and_nothing_is_torn() {
    let (towns, data) = (Towns::fixture(), TempDir::new().unwrap());
    let folder = data.path().to_str().unwrap();
    let script = format!("mount -t tmpfs -o size=4m none {folder} && exec \"$@\"");
    let disk = ["unshare", "--mount", "--map-root-user", "sh", "-c", &script, "sh"];
    if !std::process::Command::new(disk[0]).args(&disk[1..]).arg("true").status().is_ok_and(|tried| tried.success()) {
        eprintln!("left out: no disks of one's own here");
        return;
    }
    let portal = Process::start(within(&disk, &serving(&towns, &["--data", folder]))).await;
    // the disk is seen by the portal alone
    let disk =
        Path::new("/proc").join(portal.id().to_string()).join("root").join(data.path().strip_prefix("/").unwrap());
    let mut journal = Journal::default();
    let erika = Browser::at(portal.authority(), HOST);
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    let filler = disk.join("filler");
    let full = fs::write(&filler, vec![1; 8 << 20]);
    assert!(full.is_err(), "the disk is larger than it was made");
    let mut refused = 0;
    for _ in 0..40 {
        let browser = Browser::at(portal.authority(), HOST);
        match browser.tries_to_log_in("erika", "basis", "/meine-daten").await.unwrap().status {
            // there may be room within the files
            303 => journal.promised.push(browser),
            503 | 507 => refused += 1,
            other => panic!("{other}"),
        }
        erika.get("/meine-daten").await.is(200);
        erika.get("/dienstleistungen/ausweis").await.is(200);
    }
    assert!(refused > 0, "the disk never was full");
    fs::remove_file(&filler).unwrap();
    let after = Browser::at(portal.authority(), HOST);
    after.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    journal.promised.extend([erika, after]);
    // what a crash at this moment would leave
    portal.signal("STOP");
    let left = TempDir::new().unwrap();
    for name in ["portal.db", LOG, "master.key"] {
        fs::copy(disk.join(name), left.path().join(name)).unwrap();
    }
    drop(portal);
    let portal = Process::start(command(&serving(&towns, &["--data", left.path().to_str().unwrap()]))).await;
    println!("{refused} logins refused by a full disk, {} confirmed", journal.promised.len());
    journal.is_kept_by(&portal).await;
    assert_eq!(Database::at(&left.path().join("portal.db")).number(TORN).await, 0);
}

#[tokio::test]
async fn who_writes_waits_for_the_disk_also_after_somebody_who_only_noted() {
    const SYNCHRONOUS: PlatformSql = PlatformSql::new("pragma synchronous");
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;
    let database = Database::on_sqlite().await;
    let platform = database.open().await.platform();
    for _ in 0..2 {
        let mut tx = platform.write().await.unwrap();
        let (mode,): (i64,) = tx.query(SYNCHRONOUS).optional().await.unwrap().unwrap();
        assert_eq!(mode, FULL);
        tx.commit().await.unwrap();
        let mut tx = platform.note().await.unwrap();
        let (mode,): (i64,) = tx.query(SYNCHRONOUS).optional().await.unwrap().unwrap();
        assert_eq!(mode, NORMAL);
    }
}

/// What was confirmed to people, and how often they got no answer.
#[derive(Default)]
struct Journal {
    promised: Vec<Browser>,
    messages: Vec<String>,
    open: usize,
}

enum Confirmed {
    Login(Browser),
    Message(String),
}

impl Journal {
    fn write(&mut self, confirmed: Confirmed) {
        match confirmed {
            Confirmed::Login(browser) => self.promised.push(browser),
            Confirmed::Message(words) => self.messages.push(words),
        }
    }

    async fn is_kept_by(&mut self, portal: &Process) {
        for browser in &mut self.promised {
            browser.authority = portal.authority().to_owned();
            browser.get("/meine-daten").await.is(200).says("Mustermann");
        }
    }
}

/// One deed after the other until no answer comes; says of how many nobody knows whether they happened: the last one, and
/// those that a busy machine refused.
fn do_and_do(authority: &str, tell: Sender<Confirmed>) -> impl Future<Output = usize> + use<> {
    let authority = authority.to_owned();
    async move {
        let mut open = 1;
        for count in 0.. {
            let browser = Browser::at(&authority, HOST);
            let words = format!("Zettel{:x}", RandomState::new().hash_one(()));
            let answer = match count % 2 {
                0 => browser.tries_to_log_in("erika", "basis", "/meine-daten").await,
                _ => browser.try_post("/barrierefreiheit", &[("message", &words)]).await,
            };
            let Ok(answer) = answer else { break };
            if answer.status == 503 {
                open += 1;
                continue;
            }
            assert_eq!(answer.status, 303, "{}", answer.text());
            let confirmed = if count % 2 == 0 { Confirmed::Login(browser) } else { Confirmed::Message(words) };
            tell.send(confirmed).await.unwrap_or_else(|_| panic!("somebody writes it down"));
        }
        open
    }
}

/// Some number below this one.
fn chance(below: u64) -> u64 {
    RandomState::new().hash_one(()) % below
}
