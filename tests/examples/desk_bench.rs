//! What the work list costs with many cases, over HTTP as a clerk's browser asks for it:
//! `cargo run --release -p portal-tests --example desk_bench [cases] [times]`, `tests/postgres run …` for PostgreSQL.

use std::time::{Duration, Instant};

use portal::{
    crypto::{self, Cell},
    statements,
    store::stamp,
};
use portal_tests::{House, OSTRAU, Towns, moment};

// the one of the real binary
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

statements! {
    CASE = "insert into cases (tenant_id, id, number, service, form, department, account_id, person, state, channel,
            level, title, application, applicant, assignee, due_at, follow_up_at, revision, submitted_at, closed_at, keep_until, hold)
        values ($1, $2, $3, 'ausweis', null, $4, null, null, 'received', 'online',
            'basis', $5, $5, $5, null,
            $6, null, 1, '2026-11-01T12:00:00Z', null, null, false)";
}

const DEPARTMENTS: [&str; 2] = ["steueramt", "buergerbuero"];
/// In one transaction.
const AT_ONCE: usize = 5000;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<usize>().expect("a number"));
    let (cases, times) = (numbers.next().unwrap_or(100_000), numbers.next().unwrap_or(50));
    let house = House::open(Towns::with_simulator()).await;
    let clerk = house.petra(OSTRAU).await;
    fill(&house, cases).await;
    if house.database.is_postgres() {
        // what it does by itself within a minute of so many new rows
        house.database.tamper("analyze cases").await;
    }
    println!("{cases} open cases, {} of them the department's, {times} times each", cases / 2);
    for path in [
        "/verwaltung/vorgaenge",
        "/verwaltung/vorgaenge?amt=alle",
        "/verwaltung/vorgaenge?faellig=bald",
        "/verwaltung/vorgaenge?seite=100",
        "/verwaltung/vorgaenge?stand=erledigt",
        "/verwaltung",
        "/verwaltung/post",
    ] {
        let mut took = Vec::with_capacity(times);
        for _ in 0..times {
            let asked = Instant::now();
            clerk.get(path).await.is(200);
            took.push(asked.elapsed());
        }
        took.sort();
        println!("{path}: {:?} in the middle, {:?} at most", took[times / 2], took[times - 1]);
    }
    let mut took: Vec<Duration> = Vec::new();
    for _ in 0..times {
        let asked = Instant::now();
        clerk.post("/verwaltung/vorgaenge", &[("text", "Nirgendwer")]).await.is(200);
        took.push(asked.elapsed());
    }
    took.sort();
    println!("a name looked for: {:?} in the middle, {:?} at most", took[times / 2], took[times - 1]);
}

async fn fill(house: &House, cases: usize) {
    let store = house.portal.store.platform().remains_of("ostrau");
    for from in (0..cases).step_by(AT_ONCE) {
        let mut tx = store.write().await.expect("a data room");
        let sealer = tx.sealer().await.expect("a key");
        for n in from..cases.min(from + AT_ONCE) {
            let id = crypto::id();
            let cell = Cell { table: "cases", row: &id.to_string(), column: "applicant" };
            let due = moment(&format!("20{}-{:02}-{:02}T12:00", 27 + n % 20, 1 + n % 12, 1 + n % 28));
            let query = tx.query(CASE).bind(id).bind(format!("OST-{n}")).bind(DEPARTMENTS[n % 2].to_owned());
            query.bind(sealer.seal(cell, b"Erika Mustermann")).bind(stamp(due)).run().await.expect("a row");
        }
        tx.commit().await.expect("a data room");
    }
}
