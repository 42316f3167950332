//! What citizens wait for on the way from the form to the answer, over HTTP as their browsers ask:
//! `tests/postgres --durable run cargo run --release -p portal-tests --example journey_bench [deeds] [rounds]`
//!
//! Without `tests/postgres` it measures SQLite. Deeds are told as a share of what the disk gives a bare file in the same
//! round, an upload as a share of sealing and writing the same bytes by hand; the middle of the rounds is told.

use std::{
    fs::File,
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use portal_tests::{
    Browser, House, OSTRAU, Towns,
    measure::{asked, count_statements, disk, middle},
};
use tokio::task::JoinSet;

// the one of the real binary
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FORM: &str = "
title: Hund anmelden
login: basis
steps:
  - id: hund
    title: Ihr Hund
    fields:
      - {id: rufname, kind: text, label: Rufname}
      - {id: rasse, kind: text, label: Rasse}
      - {id: wo, kind: address, label: Wo lebt er?}
      - {id: seit, kind: date, label: Seit wann?}
      - {id: schein, kind: file, label: Schein, optional: true}
";
const ANSWERS: [(&str, &str); 6] = [
    ("rufname", "Waldi"),
    ("rasse", "Dackel"),
    ("wo.street", "Müllerweg 1"),
    ("wo.postal_code", "99999"),
    ("wo.city", "Ostrau"),
    ("seit", "1.10.2026"),
];
const SECOND: Duration = Duration::from_secs(1);
/// Of an upload.
const LARGE: usize = 19 << 20;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<usize>().expect("a number"));
    let (deeds, rounds) = (numbers.next().unwrap_or(192), numbers.next().unwrap_or(5));
    let towns = Towns::with_simulator();
    towns.offers("ostrau", FORM);
    let house = Arc::new(House::open(towns).await);
    println!("{}, {rounds} rounds", if house.database.is_postgres() { "PostgreSQL" } else { "SQLite" });
    for at_once in [1, 64] {
        let (mut limits, mut submitted, mut written) = (Vec::new(), Vec::new(), Vec::new());
        let (mut submission_shares, mut message_shares) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let reviewed = made_ready(&house, at_once, deeds, review).await;
            let people = made_ready(&house, at_once, deeds, log_in).await;
            let limit = disk(house.database.folder(), SECOND);
            let submissions = each_second(reviewed, submit).await;
            let messages = each_second(people, write).await;
            limits.push(limit);
            submitted.push(submissions);
            written.push(messages);
            submission_shares.push(submissions / limit);
            message_shares.push(messages / limit);
        }
        println!("{at_once} at once: the disk {:.0}/s", middle(&mut limits));
        tells("applications", &mut submitted, &mut submission_shares);
        tells("messages", &mut written, &mut message_shares);
    }
    upload(&house, rounds).await;
    pages(&house).await;
    statements(&house).await;
}

/// How often one deed asks the database, its beginning and end not counted. Last, since listening costs.
async fn statements(house: &Arc<House>) {
    count_statements();
    let reviewed = review(house.clone()).await;
    let person = log_in(house.clone()).await;
    let before = asked();
    submit(reviewed).await;
    println!("statements of an application: {}", asked() - before);
    let before = asked();
    write(person).await;
    println!("statements of a message: {}", asked() - before);
}

fn tells(what: &str, deeds: &mut [f64], shares: &mut [f64]) {
    let share = middle(shares);
    let (lowest, highest) = (shares[0], shares[shares.len() - 1]);
    println!("  {what}: {:.0}/s, share {share:.2} ({lowest:.2} to {highest:.2})", middle(deeds));
}

/// A browser, and what it is about to do.
struct Ready {
    browser: Browser,
    path: String,
    seen: String,
}

/// Deeds made ready, for so many hands.
async fn made_ready<R>(house: &Arc<House>, hands: usize, deeds: usize, work: fn(Arc<House>) -> R) -> Vec<Vec<Ready>>
where
    R: Future<Output = Ready> + Send + 'static,
{
    let mut all = JoinSet::new();
    for _ in 0..hands {
        let house = house.clone();
        all.spawn(async move {
            let mut ready = Vec::new();
            for _ in 0..deeds.div_ceil(hands) {
                ready.push(work(house.clone()).await);
            }
            ready
        });
    }
    all.join_all().await
}

async fn each_second<R>(ready: Vec<Vec<Ready>>, deed: fn(Ready) -> R) -> f64
where
    R: Future<Output = ()> + Send + 'static,
{
    let deeds: usize = ready.iter().map(Vec::len).sum();
    let began = Instant::now();
    let mut hands = JoinSet::new();
    for each in ready {
        hands.spawn(async move {
            for one in each {
                deed(one).await;
            }
        });
    }
    hands.join_all().await;
    deeds as f64 / began.elapsed().as_secs_f64()
}

async fn log_in(house: Arc<House>) -> Ready {
    let browser = house.citizen(OSTRAU, "erika", "basis").await;
    Ready { browser, path: "/postkorb/neu".into(), seen: String::new() }
}

async fn begin(house: &House) -> (Browser, String) {
    let browser = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = browser.begins("antrag").await;
    (browser, draft)
}

async fn review(house: Arc<House>) -> Ready {
    let (browser, draft) = begin(&house).await;
    browser.post(&format!("/antraege/{draft}/hund"), &ANSWERS).await.is(303);
    let path = format!("/antraege/{draft}/pruefen");
    let seen = browser.get(&path).await.is(200).field("seen");
    Ready { browser, path, seen }
}

async fn submit(ready: Ready) {
    ready.browser.post(&ready.path, &[("seen", &ready.seen), ("confirm", "true")]).await.is(303);
}

async fn write(ready: Ready) {
    let words = [("about", "amt:steueramt"), ("subject", "Frage"), ("message", "Guten Tag, wann ist geöffnet?")];
    ready.browser.post(&ready.path, &words).await.is(303);
}

/// A large document, beside sealing and writing the same bytes by hand.
async fn upload(house: &House, rounds: usize) {
    let mut document = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n".to_vec();
    document.resize(LARGE, b' ');
    document.extend_from_slice(b"\n%%EOF\n");
    let (mut shares, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let began = Instant::now();
        by_hand(house, &document);
        let bare = began.elapsed();
        let (browser, draft) = begin(house).await;
        let step = format!("/antraege/{draft}/hund");
        let began = Instant::now();
        browser.post_files(&step, &ANSWERS, &[("schein", "Schein.pdf", &document)]).await.is(303);
        let took = began.elapsed();
        rates.push(LARGE as f64 / 1e6 / took.as_secs_f64());
        shares.push(bare.as_secs_f64() / took.as_secs_f64());
    }
    println!("uploads of {} MiB", LARGE >> 20);
    tells("MB", &mut rates, &mut shares);
}

fn by_hand(house: &House, document: &[u8]) {
    const CHUNK: usize = 64 << 10;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("a key of this length"));
    let path = house.database.folder().join("by-hand");
    let mut file = File::create(&path).expect("a folder of our own");
    for (n, chunk) in document.chunks(CHUNK).enumerate() {
        let mut nonce = [0; NONCE_LEN];
        nonce[..8].copy_from_slice(&n.to_be_bytes());
        let mut sealed = chunk.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed).expect("it can be sealed");
        file.write_all(&sealed).expect("there is room");
    }
    file.sync_all().expect("there is a disk");
    std::fs::remove_file(path).expect("it is ours");
}

/// How long a citizen with one application and one conversation waits for each page.
async fn pages(house: &Arc<House>) {
    const TIMES: usize = 100;
    let kim = house.citizen(OSTRAU, "kim", "basis").await;
    let draft = kim.begins("antrag").await;
    let step = format!("/antraege/{draft}/hund");
    kim.post(&step, &ANSWERS).await.is(303);
    let review = format!("/antraege/{draft}/pruefen");
    let words = [("about", "amt:steueramt"), ("subject", "Frage"), ("message", "Guten Tag.")];
    let thread = kim.post("/postkorb/neu", &words).await.is(303).header("location").to_owned();
    println!("pages, the middle of {TIMES}, connecting included");
    for path in ["/", &*step, &*review, "/postkorb", "/postkorb/neu", &*thread] {
        wait(&kim, path, TIMES).await;
    }
    let sent = kim.sends(&draft).await.is(303).header("location").to_owned();
    let number = kim.get("/vorgaenge").await.is(200).case_number();
    for path in [&*sent, "/vorgaenge", &*format!("/vorgaenge/{number}"), "/meine-daten"] {
        wait(&kim, path, TIMES).await;
    }
}

async fn wait(browser: &Browser, path: &str, times: usize) {
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let asked = Instant::now();
        browser.get(path).await.is(200);
        took.push(asked.elapsed());
    }
    took.sort();
    println!("  {:.2} ms {path}", took[times / 2].as_secs_f64() * 1e3);
}
