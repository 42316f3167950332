//! The tables: one text for both databases, only ever forward, made by one node at a time.

use std::{fs::File, os::unix::fs::OpenOptionsExt, path::Path};

use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, SqliteConnection, SqlitePool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::SqlitePoolOptions,
};

use super::{
    Error, Place, PlatformSql, Result, Sql,
    open::{self, PATIENCE},
};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");
/// PostgreSQL only: the fourth wall, for every table that has a `tenant_id`.
const WALLS: &str = include_str!("../../../migrations/postgres/walls.sql");

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// Number of the newest table text before; 0 in an empty database.
    pub from: i64,
    pub to: i64,
}

/// Number of the newest table text of this portal.
pub(super) fn newest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Brings the tables up to this version. On PostgreSQL as their owner; `role` is the one under which the portal will
/// ask, and gets the rights it needs. Nodes that start at once wait for each other.
pub async fn migrate(place: &Place, role: Option<&str>) -> Result<Migrated> {
    let from = match place {
        Place::Sqlite(path) => migrate_sqlite(path).await?,
        Place::Postgres(owner) => migrate_postgres(owner, role).await?,
    };
    Ok(Migrated { from, to: newest() })
}

async fn migrate_sqlite(path: &Path) -> Result<i64> {
    let io = |error: std::io::Error| Error::Unavailable(format!("`{}`: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let lock =
        File::options().create(true).truncate(false).write(true).open(path.with_extension("lock")).map_err(io)?;
    // SQLite gives its other files the rights of this one
    File::options().create(true).append(true).mode(0o600).open(path).map_err(io)?;
    // held until the file is closed, also by a crash
    let _lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
        .await
        .map_err(|error| Error::Unavailable(error.to_string()))?
        .map_err(io)?;
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(open::sqlite(path)).await?;
    let from = version_of_sqlite(&pool).await?;
    MIGRATIONS.run(&pool).await.map_err(|error| Error::Refused(error.to_string()))?;
    pool.close().await;
    Ok(from)
}

async fn migrate_postgres(owner: &PgConnectOptions, role: Option<&str>) -> Result<i64> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect_with(owner.clone()).await?;
    let from = version_of_postgres(&pool).await?;
    // takes a lock that other nodes wait for
    MIGRATIONS.run(&pool).await.map_err(|error| Error::Refused(error.to_string()))?;
    let mut tx = pool.begin_with("begin; select pg_advisory_xact_lock(7046)").await?;
    sqlx::raw_sql(WALLS).execute(&mut *tx).await?;
    if let Some(role) = role.filter(|role| *role != owner.get_username()) {
        let role = role.replace('"', "\"\"");
        let grants = format!(
            "grant usage on schema public to \"{role}\"; \
             grant select, insert, update, delete on all tables in schema public to \"{role}\""
        );
        sqlx::raw_sql(AssertSqlSafe(grants)).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    pool.close().await;
    Ok(from)
}

const VERSION: &str = "select coalesce(max(version), 0) from _sqlx_migrations where success";

pub(super) async fn version_of_sqlite(pool: &SqlitePool) -> Result<i64> {
    version(sqlx::query_as(VERSION).fetch_one(pool).await)
}

pub(super) async fn version_of_postgres(pool: &PgPool) -> Result<i64> {
    version(sqlx::query_as(VERSION).fetch_one(pool).await)
}

/// A database without the table of versions is an empty one.
fn version(found: Result<(i64,), sqlx::Error>) -> Result<i64> {
    match found {
        Ok((version,)) => Ok(version),
        Err(sqlx::Error::Database(said)) if matches!(said.code().as_deref(), Some("42P01" | "1")) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Prepares statements without running them; what fails, with the reason. For the test that asks both databases about
/// all of them.
pub async fn statements_fail(place: &Place, of_towns: &[Sql], of_platform: &[PlatformSql]) -> Result<Vec<String>> {
    let texts = of_towns.iter().map(|sql| sql.text).chain(of_platform.iter().map(|sql| sql.text));
    let mut failures = Vec::new();
    use sqlx::{ConnectOptions, Executor, SqlSafeStr};
    match place {
        Place::Sqlite(path) => {
            let mut connection: SqliteConnection = open::sqlite(path).connect().await?;
            for text in texts {
                if let Err(error) = connection.prepare(text.into_sql_str()).await {
                    failures.push(format!("{text}: {error}"));
                }
            }
        }
        Place::Postgres(options) => {
            let mut connection = PgConnection::connect_with(options).await?;
            for text in texts {
                if let Err(error) = connection.prepare(text.into_sql_str()).await {
                    failures.push(format!("{text}: {error}"));
                }
            }
        }
    }
    Ok(failures)
}
