//! The connections: PostgreSQL's pool, or SQLite's one writer and several readers.

use std::{
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use tokio::time::timeout;

use super::{Error, NotAdmitted, Place, Result, migrate, role};
use crate::crypto::MasterKeys;

/// How long a request waits for a connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How long a statement may take. PostgreSQL breaks it off itself a second before.
pub(super) const ANSWER: Duration = Duration::from_secs(16);
/// How long nobody asks a database again that did not answer.
const AWAY: Duration = Duration::from_secs(1);
/// A connection that rested longer is asked whether it still lives.
const RESTED: Duration = Duration::from_secs(2);
pub(super) const CONNECTIONS: u32 = 16;
const READERS: u32 = 4;
/// Names of master keys that towns need.
const UNDER: &str = "select distinct master_key from tenant_keys";

#[derive(Debug)]
pub(super) struct Database {
    pub link: Link,
    admitted: AtomicBool,
    pulse: Mutex<Pulse>,
}

/// What is known of a database that may be away.
#[derive(Debug)]
struct Pulse {
    /// When it last answered.
    answered: Instant,
    /// When somebody last waited in vain, if nobody was answered meanwhile or since.
    missed: Option<Instant>,
}

#[derive(Debug, Clone)]
pub(super) enum Link {
    Absent,
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

impl Database {
    pub fn absent() -> Self {
        Self::over(Link::Absent)
    }

    pub async fn open(place: &Place) -> Result<Self> {
        let link = match place {
            Place::Sqlite(path) => {
                // the writer comes first: it makes the file
                let write = sqlite_pool(1).connect_with(sqlite(path)).await?;
                Link::Sqlite { read: sqlite_pool(READERS).connect_lazy_with(sqlite(path).read_only(true)), write }
            }
            Place::Postgres(options) => Link::Postgres(postgres_pool(options)),
        };
        Ok(Self::over(link))
    }

    fn over(link: Link) -> Self {
        let pulse = Mutex::new(Pulse { answered: Instant::now(), missed: None });
        Self { link, admitted: AtomicBool::new(false), pulse }
    }

    /// `masters`: what the keys of towns have to be under.
    pub async fn admit(&self, masters: Option<&MasterKeys>) -> Result<(), NotAdmitted> {
        let under: Vec<String> = match &self.link {
            Link::Absent => return Err(NotAdmitted::Unreachable("there is none".into())),
            Link::Sqlite { write, .. } => {
                migrate::examine_sqlite(write).await?;
                sqlx::query_scalar(UNDER).fetch_all(write).await?
            }
            Link::Postgres(pool) => {
                let mut link = postgres_link(&pool.connect_options()).await?;
                role::examine(&mut link).await?;
                migrate::examine_postgres(&mut link).await?;
                role::examine_walls(&mut link).await?;
                sqlx::query_scalar(UNDER).fetch_all(&mut link).await?
            }
        };
        let missing = masters.map(|masters| masters.lack(under)).unwrap_or_default();
        if !missing.is_empty() {
            return Err(NotAdmitted::LacksKeys(missing));
        }
        self.admitted.store(true, Ordering::Release);
        Ok(())
    }

    /// Refuses at once while the database is known to be away: one question a second finds out whether it is back, and
    /// nobody else waits for it.
    pub fn link(&self) -> Result<&Link> {
        if !self.admitted.load(Ordering::Acquire) {
            return Err(Error::Unavailable("it has not been admitted yet".into()));
        }
        let mut pulse = self.pulse();
        if let Some(missed) = &mut pulse.missed {
            if missed.elapsed() < AWAY {
                return Err(Error::Unavailable("it did not answer a moment ago".into()));
            }
            *missed = Instant::now();
        }
        Ok(&self.link)
    }

    pub fn obstacle(&self) -> Option<&'static str> {
        if !self.admitted.load(Ordering::Acquire) {
            return Some("the data room is closed, the log says why");
        }
        self.pulse().missed.map(|_| "the data room does not answer")
    }

    /// What came of a question that was asked at that moment. That nobody is answered is something else than that one
    /// waits too long among many.
    pub fn heard<T>(&self, asked: Instant, outcome: &Result<T>) {
        let mut pulse = self.pulse();
        match outcome {
            Ok(_) => *pulse = Pulse { answered: Instant::now(), missed: None },
            Err(Error::Unavailable(_)) if pulse.answered <= asked => pulse.missed = Some(Instant::now()),
            Err(_) => {}
        }
    }

    fn pulse(&self) -> MutexGuard<'_, Pulse> {
        self.pulse.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection of its own: it says why it does not come about, which a pool does not.
pub(super) async fn postgres_link(options: &PgConnectOptions) -> Result<PgConnection, NotAdmitted> {
    let link = timeout(PATIENCE, PgConnection::connect_with(options)).await;
    Ok(link.map_err(|_| NotAdmitted::Unreachable("no answer in time".into()))??)
}

/// Whether there are keys of towns in a file of SQLite.
pub(super) async fn holds_keys(path: &Path) -> Result<bool, NotAdmitted> {
    let mut link = sqlite(path).create_if_missing(false).connect().await.map_err(NotAdmitted::of_file)?;
    match sqlx::query_scalar::<_, String>(UNDER).fetch_all(&mut link).await {
        Ok(under) => Ok(!under.is_empty()),
        // no such table: nothing is in it yet
        Err(sqlx::Error::Database(said)) if said.code().as_deref() == Some("1") => Ok(false),
        Err(error) => Err(NotAdmitted::of_file(error)),
    }
}

pub(super) fn sqlite(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // an acknowledged commit survives a power cut
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
}

fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
    // after an error of the disk SQLite has taken the work back itself, and the connection does not know: it would refuse
    // to begin anything for ever
    pool.before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// Of all schemas `public`: another one that is called like the role would come first.
pub(super) fn postgres(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().application_name("portal").options([("search_path", "public")])
}

fn postgres_pool(options: &PgConnectOptions) -> PgPool {
    let limits = [("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "30s"), ("lock_timeout", "5s")];
    let options = postgres(options).options(limits);
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).test_before_acquire(false);
    let pool = pool.before_acquire(|connection, rested| {
        Box::pin(async move { Ok(rested.idle_for < RESTED || connection.ping().await.is_ok()) })
    });
    pool.connect_lazy_with(options)
}
