//! The connections: PostgreSQL's pool, or SQLite's one writer and several readers.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
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
/// A connection that rested longer is asked whether it still lives.
const RESTED: Duration = Duration::from_secs(2);
const CONNECTIONS: u32 = 16;
const READERS: u32 = 4;

#[derive(Debug)]
pub(super) struct Database {
    pub link: Link,
    admitted: AtomicBool,
}

#[derive(Debug, Clone)]
pub(super) enum Link {
    Absent,
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

impl Database {
    pub fn absent() -> Self {
        Self { link: Link::Absent, admitted: AtomicBool::new(false) }
    }

    pub async fn open(place: &Place) -> Result<Self> {
        let link = match place {
            Place::Sqlite(path) => {
                // the writer comes first: it makes the file
                let write = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
                let read = SqlitePoolOptions::new().max_connections(READERS).acquire_timeout(PATIENCE);
                let write = write.connect_with(sqlite(path)).await?;
                Link::Sqlite { read: read.connect_lazy_with(sqlite(path).read_only(true)), write }
            }
            Place::Postgres(options) => Link::Postgres(postgres_pool(options)),
        };
        Ok(Self { link, admitted: AtomicBool::new(false) })
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

    pub fn link(&self) -> Result<&Link> {
        if self.admitted.load(Ordering::Acquire) {
            Ok(&self.link)
        } else {
            Err(Error::Unavailable("it has not been admitted yet".into()))
        }
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

fn postgres_pool(options: &PgConnectOptions) -> PgPool {
    let limits = [("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "30s"), ("lock_timeout", "5s")];
    let options = options.clone().application_name("portal").options(limits);
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).test_before_acquire(false);
    let pool = pool.before_acquire(|connection, rested| {
        Box::pin(async move { Ok(rested.idle_for < RESTED || connection.ping().await.is_ok()) })
    });
    pool.connect_lazy_with(options)
}
