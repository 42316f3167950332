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
    Connection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Error, NotAdmitted, Place, Result, migrate, role};

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

    pub async fn admit(&self) -> Result<(), NotAdmitted> {
        let unreachable = |error: Error| NotAdmitted::Unreachable(error.to_string());
        let found = match &self.link {
            Link::Absent => return Err(NotAdmitted::Unreachable("there is none".into())),
            Link::Sqlite { write, .. } => migrate::version_of_sqlite(write).await.map_err(unreachable)?,
            Link::Postgres(pool) => {
                let found = migrate::version_of_postgres(pool).await.map_err(unreachable)?;
                role::examine(pool).await?;
                found
            }
        };
        let needed = migrate::newest();
        if found < needed {
            return Err(NotAdmitted::Outdated { found, needed });
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

fn postgres_pool(options: &PgConnectOptions) -> PgPool {
    let limits = [("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "30s"), ("lock_timeout", "5s")];
    let options = options.clone().application_name("portal").options(limits);
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).test_before_acquire(false);
    let pool = pool.before_acquire(|connection, rested| {
        Box::pin(async move { Ok(rested.idle_for < RESTED || connection.ping().await.is_ok()) })
    });
    pool.connect_lazy_with(options)
}
