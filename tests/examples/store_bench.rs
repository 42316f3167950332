//! What the data room costs by itself, without HTTP and pages, as a share of what its database and its disk can do:
//! `tests/postgres --durable run cargo run --release -p portal-tests --example store_bench [seconds] [rounds]`
//!
//! Without `tests/postgres` it measures SQLite. Shares are those of the same round; the middle of the rounds is told.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use portal::{
    audit::{self, Actor, Entry},
    crypto::{Cell, Sealed},
    identity::sessions,
    jobs::{self, Order},
    statements,
    store::TenantStore,
};
use portal_tests::{
    House, OSTRAU, TODAY, Towns,
    measure::{disk, middle},
    moment,
};
use sqlx::{PgPool, SqlitePool, postgres::PgPoolOptions, sqlite::SqlitePoolOptions};
use tokio::task::JoinSet;
use uuid::Uuid;

// the one of the real binary
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

statements! {
    HAND_IN = "insert into accounts (tenant_id, id, provider, subject, guest, profile, created_at, logged_in_at)
        values ($1, $2, 'bench', $3, false, $4, '2026-11-01T12:00:00Z', '2026-11-01T12:00:00Z')";
}

/// Of an application with some answers.
const BYTES: usize = 2000;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<u64>().expect("a number"));
    let (seconds, rounds) = (numbers.next().unwrap_or(2), numbers.next().unwrap_or(5));
    let bench = Arc::new(Bench::open(Duration::from_secs(seconds)).await);
    println!("{}, {rounds} rounds of {seconds} s each", bench.kind());
    bench.views(rounds).await;
    bench.deeds(rounds).await;
}

struct Bench {
    house: House,
    store: TenantStore,
    token: String,
    /// Connections like those of the data room, to be asked without it.
    bare: Bare,
    time: Duration,
}

enum Bare {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Clone, Copy)]
enum What {
    Select1,
    Recognise,
    HandIn,
}

impl Bench {
    async fn open(time: Duration) -> Self {
        let house = House::open(Towns::with_simulator()).await;
        let token = house.citizen(OSTRAU, "erika", "substantiell").await.cookie("__Host-session").expect("a session");
        let tenant = house.portal.tenants.get("ostrau").expect("a fixture town");
        let address = house.database.address();
        let bare = if house.database.is_postgres() {
            let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false);
            Bare::Postgres(pool.connect(&address).await.expect("it is open"))
        } else {
            let pool = SqlitePoolOptions::new().max_connections(4).test_before_acquire(false);
            Bare::Sqlite(pool.connect(&address).await.expect("it is open"))
        };
        Self { store: house.portal.store.for_tenant(&tenant), token, bare, time, house }
    }

    fn kind(&self) -> &'static str {
        if self.house.database.is_postgres() { "PostgreSQL" } else { "SQLite" }
    }

    async fn views(self: &Arc<Self>, rounds: u64) {
        for at_once in [1, 16] {
            let (mut shares, mut views, mut questions) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..rounds {
                let bare = self.each_second(at_once, What::Select1).await;
                let seen = self.each_second(at_once, What::Recognise).await;
                shares.push(seen / bare);
                views.push(seen);
                questions.push(bare);
            }
            println!(
                "{at_once:>2} at once: `select 1` {:.0}/s, whose session it is {:.0}/s, share {:.2} ({:.2} to {:.2})",
                middle(&mut questions),
                middle(&mut views),
                middle(&mut shares),
                shares[0],
                shares[shares.len() - 1],
            );
        }
    }

    async fn deeds(self: &Arc<Self>, rounds: u64) {
        for at_once in [1, 64] {
            let (mut shares, mut deeds, mut limits) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..rounds {
                let limit = disk(self.house.database.folder(), self.time);
                let done = self.each_second(at_once, What::HandIn).await;
                shares.push(done / limit);
                deeds.push(done);
                limits.push(limit);
            }
            println!(
                "{at_once:>2} at once: the disk {:.0}/s, deeds of one town {:.0}/s, share {:.2} ({:.2} to {:.2})",
                middle(&mut limits),
                middle(&mut deeds),
                middle(&mut shares),
                shares[0],
                shares[shares.len() - 1],
            );
        }
    }

    /// How often a second something can be done when so many do it at the same time.
    async fn each_second(self: &Arc<Self>, at_once: usize, what: What) -> f64 {
        let began = Instant::now();
        let hands: JoinSet<u64> = (0..at_once).map(|_| self.clone().goes_on(what, began)).collect();
        let times: u64 = hands.join_all().await.into_iter().sum();
        times as f64 / began.elapsed().as_secs_f64()
    }

    async fn goes_on(self: Arc<Self>, what: What, began: Instant) -> u64 {
        let mut times = 0;
        while began.elapsed() < self.time {
            match what {
                What::Select1 => self.select_1().await,
                What::Recognise => self.recognise().await,
                What::HandIn => self.hand_in().await,
            }
            times += 1;
        }
        times
    }

    async fn select_1(&self) {
        match &self.bare {
            Bare::Sqlite(pool) => sqlx::query("select 1").execute(pool).await.map(drop),
            Bare::Postgres(pool) => sqlx::query("select 1").execute(pool).await.map(drop),
        }
        .expect("it answers");
    }

    async fn recognise(&self) {
        let tenant = self.house.portal.tenants.get("ostrau").expect("a fixture town");
        let known =
            sessions::recognise(&self.store, &tenant, &portal::identity::Logins::default(), &self.token, moment(TODAY))
                .await
                .expect("it answers");
        assert!(known.is_some(), "the session goes on");
    }

    /// What an application will be: a sealed row, something left to do, a line in the trail.
    async fn hand_in(&self) {
        let (id, now) = (Uuid::now_v7(), moment(TODAY));
        let mut tx = self.store.write().await.expect("it can be written");
        let row = id.to_string();
        let cell = Cell { table: "accounts", row: &row, column: "profile" };
        let sealed: Sealed = tx.sealer().await.expect("the town has a key").seal(cell, &[b'x'; BYTES]);
        let query = tx.query(HAND_IN).bind(id).bind(id.into_bytes().to_vec()).bind(sealed);
        query.run().await.expect("a new row");
        let order = Order { kind: "mail", payload: &row, run_at: now, once: None };
        jobs::enqueue(&mut tx, now, order).await.expect("work is queued");
        let entry = Entry::new(Actor::Citizen(id), "case.submitted").about(id);
        audit::record(&mut tx, now, entry).await.expect("it is recorded");
        tx.commit().await.expect("it stays");
    }
}
