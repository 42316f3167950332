//! The tables: one text for both databases, only ever forward, made by one node at a time.

use std::{
    fs::{DirBuilder, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, Connection, PgConnection, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    postgres::PgConnectOptions,
    sqlite::SqlitePoolOptions,
};

use super::{NotAdmitted, Place, PlatformSql, Result, Sql, open};

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
pub async fn migrate(place: &Place, role: Option<&str>) -> Result<Migrated, NotAdmitted> {
    let from = match place {
        Place::Sqlite(path) => migrate_sqlite(path).await?,
        Place::Postgres(owner) => migrate_postgres(owner, role).await?,
    };
    Ok(Migrated { from, to: newest() })
}

async fn migrate_sqlite(path: &Path) -> Result<i64, NotAdmitted> {
    let io = |error: io::Error| NotAdmitted::File(format!("`{}`: {error}", path.display()));
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
    }
    // held until the file is closed, also by a crash
    let _lock = lock(&path.with_extension("lock")).await.map_err(io)?;
    // SQLite gives its other files the rights of this one
    File::options().create(true).append(true).mode(0o600).open(path).map_err(io)?;
    let options = SqlitePoolOptions::new().max_connections(1).connect_with(open::sqlite(path));
    let pool = options.await.map_err(NotAdmitted::of_file)?;
    let from = newest_of(&applied(sqlx::query_as(APPLIED).fetch_all(&pool).await).map_err(NotAdmitted::of_file)?);
    MIGRATIONS.run(&pool).await.map_err(|error| why_not(error, from, NotAdmitted::of_file))?;
    pool.close().await;
    Ok(from)
}

/// Asks again and again instead of waiting inside the system, so that whoever starts the portal can stop it meanwhile.
async fn lock(path: &Path) -> io::Result<File> {
    const PACE: Duration = Duration::from_millis(100);
    const UNTIL_TOLD: u32 = 20;
    let lock = File::options().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    for tries in 0.. {
        match lock.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if tries == UNTIL_TOLD => {
                let hint = "`fuser` names who holds it";
                tracing::warn!(lock = %path.display(), hint, "waiting: somebody else brings the tables up to date");
            }
            Err(TryLockError::WouldBlock) => {}
        }
        tokio::time::sleep(PACE).await;
    }
    Ok(lock)
}

async fn migrate_postgres(owner: &PgConnectOptions, role: Option<&str>) -> Result<i64, NotAdmitted> {
    let mut link = open::postgres_link(&open::postgres(owner)).await?;
    let from = newest_of(&applied(sqlx::query_as(APPLIED).fetch_all(&mut link).await)?);
    // takes a lock that other nodes wait for
    MIGRATIONS.run_direct(None, &mut link, false).await.map_err(|error| why_not(error, from, NotAdmitted::from))?;
    let mut tx = link.begin_with("begin; select pg_advisory_xact_lock(7046)").await?;
    sqlx::raw_sql(WALLS).execute(&mut *tx).await?;
    if let Some(role) = role.filter(|role| *role != owner.get_username()) {
        let role = role.replace('"', "\"\"");
        let grants = format!(
            "grant usage on schema public to \"{role}\"; \
             grant select, insert, update, delete on all tables in schema public to \"{role}\"; \
             revoke update, delete, truncate on audit from \"{role}\"; \
             revoke delete, truncate on audit_heads from \"{role}\"; \
             grant execute on function forget_trail(text) to \"{role}\""
        );
        sqlx::raw_sql(AssertSqlSafe(grants)).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    link.close().await?;
    Ok(from)
}

fn why_not(error: MigrateError, found: i64, of: impl Fn(sqlx::Error) -> NotAdmitted) -> NotAdmitted {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => of(error),
        MigrateError::VersionMissing(_) => NotAdmitted::Newer { found, known: newest() },
        MigrateError::Dirty(version) => NotAdmitted::Half(version),
        MigrateError::VersionMismatch(version) => NotAdmitted::Changed(version),
        other => NotAdmitted::Refused(other.to_string()),
    }
}

/// A table text that was applied: its number, whether to its end, and its hash.
type Applied = (i64, bool, Vec<u8>);

const APPLIED: &str = "select version, success, checksum from _sqlx_migrations order by version";

pub(super) async fn examine_sqlite(pool: &SqlitePool) -> Result<(), NotAdmitted> {
    fit(&applied(sqlx::query_as(APPLIED).fetch_all(pool).await).map_err(NotAdmitted::of_file)?)
}

pub(super) async fn examine_postgres(link: &mut PgConnection) -> Result<(), NotAdmitted> {
    fit(&applied(sqlx::query_as(APPLIED).fetch_all(link).await)?)
}

/// A database without the table of versions is an empty one.
fn applied(found: Result<Vec<Applied>, sqlx::Error>) -> Result<Vec<Applied>, sqlx::Error> {
    match found {
        Err(sqlx::Error::Database(said)) if matches!(said.code().as_deref(), Some("42P01" | "1")) => Ok(Vec::new()),
        found => found,
    }
}

fn newest_of(applied: &[Applied]) -> i64 {
    applied.iter().filter(|(_, whole, _)| *whole).map(|(version, ..)| *version).max().unwrap_or(0)
}

/// Every table text of this portal, whole and unchanged, and no other.
fn fit(applied: &[Applied]) -> Result<(), NotAdmitted> {
    let (found, needed) = (newest_of(applied), newest());
    if applied.iter().any(|(version, ..)| !MIGRATIONS.version_exists(*version)) {
        return Err(NotAdmitted::Newer { found, known: needed });
    }
    let mut before = 0;
    for text in MIGRATIONS.iter() {
        match applied.iter().find(|(version, ..)| *version == text.version) {
            None => return Err(NotAdmitted::Outdated { found: before, needed }),
            Some((version, false, _)) => return Err(NotAdmitted::Half(*version)),
            Some((version, _, hash)) if **hash != *text.checksum => return Err(NotAdmitted::Changed(*version)),
            Some((version, ..)) => before = *version,
        }
    }
    Ok(())
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
