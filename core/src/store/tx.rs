//! A transaction of one town, and one of the platform.

use std::{sync::Arc, time::Instant};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{
    Arguments, AssertSqlSafe, Encode, FromRow, Postgres, SqlSafeStr, SqlStr, Sqlite, Transaction, Type,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use tokio::time::timeout;

use super::{
    Error, Inner, Mode, PlatformSql, Result, Sql,
    keys::Keys,
    open::{ANSWER, CONNECTIONS, Database, Link, PATIENCE},
};
use crate::crypto::Sealer;

/// What can be bound to a statement on both databases.
pub trait Param:
    for<'q> Encode<'q, Sqlite> + Type<Sqlite> + for<'q> Encode<'q, Postgres> + Type<Postgres> + Send + 'static
{
}

impl<T> Param for T where
    T: for<'q> Encode<'q, Sqlite> + Type<Sqlite> + for<'q> Encode<'q, Postgres> + Type<Postgres> + Send + 'static
{
}

/// A moment that is compared, to the second: SQLite compares moments as texts, which only texts of one length bear.
pub fn stamp(moment: Timestamp) -> jiff_sqlx::Timestamp {
    Timestamp::from_second(moment.as_second()).expect("a moment with fewer digits").to_sqlx()
}

/// What can be read from a row of both databases: `#[derive(sqlx::FromRow)]`.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

#[derive(Debug)]
pub(super) enum Work {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// One unit of work about one town. Dropped without [`Tx::commit`] nothing has happened.
#[derive(Debug)]
pub struct Tx {
    work: Work,
    tenant: Arc<str>,
    store: Arc<Inner>,
    mode: Mode,
    /// The town's key, once it has been asked for.
    sealer: Option<Arc<Sealer>>,
    queues_work: bool,
    is_waited_for: bool,
}

impl Tx {
    pub(super) async fn begin(store: &Arc<Inner>, tenant: &Arc<str>, mode: Mode) -> Result<Self> {
        // ids of towns are names of folders; whatever else somebody may let them become, they stay inside the quotes
        let id = tenant.replace('\'', "''");
        let wall = format!("; select set_config('app.tenant_id', '{id}', true)");
        let work = Work::begin(&store.database, mode, &wall).await?;
        let tenant = tenant.clone();
        let store = store.clone();
        Ok(Self { work, tenant, store, mode, sealer: None, queues_work: false, is_waited_for: false })
    }

    /// The town is bound already, as `$1`; everything else follows by [`Query::bind`], from `$2` on.
    pub fn query(&mut self, sql: Sql) -> Query<'_> {
        let tenant = self.tenant.to_string();
        Query::over(&mut self.work, sql.text, sql.params).bind(tenant)
    }

    /// Seals and opens for this town. A town that has no key yet gets one if this is a deed.
    pub async fn sealer(&mut self) -> Result<Arc<Sealer>> {
        if let Some(sealer) = &self.sealer {
            return Ok(sealer.clone());
        }
        let store = self.store.clone();
        let sealer = Keys::sealer(&store.keys, self).await?;
        Ok(self.sealer.insert(sealer).clone())
    }

    /// Whether it may change anything.
    pub(super) fn is_deed(&self) -> bool {
        matches!(self.mode, Mode::Write | Mode::Note)
    }

    pub(super) fn is_postgres(&self) -> bool {
        matches!(self.work, Work::Postgres(_))
    }

    /// The folder name of the town.
    pub fn tenant(&self) -> &Arc<str> {
        &self.tenant
    }

    /// Lets the workers of this node know at the commit that there is something to do.
    pub(crate) fn wake_workers(&mut self) {
        self.queues_work = true;
    }

    /// Other deeds of the same town wait from here on until this one is committed.
    pub(crate) fn is_waited_for(&mut self) {
        self.is_waited_for = true;
    }

    /// From here on it has happened, and stays.
    pub async fn commit(mut self) -> Result<()> {
        if self.is_waited_for {
            self.work.let_others_on().await?;
        }
        let committed = self.work.commit().await;
        // whatever the second commit says: the first one stands
        if self.is_waited_for {
            committed.map_err(Error::in_doubt)?
        } else {
            committed?
        };
        if self.queues_work {
            self.store.queued.notify_one();
        }
        Ok(())
    }
}

/// One unit of work about what belongs to no town.
#[derive(Debug)]
pub struct PlatformTx {
    work: Work,
}

impl PlatformTx {
    pub(super) async fn begin(store: &Arc<Inner>, mode: Mode) -> Result<Self> {
        Ok(Self { work: Work::begin(&store.database, mode, "").await? })
    }

    pub fn query(&mut self, sql: PlatformSql) -> Query<'_> {
        Query::over(&mut self.work, sql.text, sql.params)
    }

    /// Whether it talks to PostgreSQL, for the few statements that differ.
    pub fn is_postgres(&self) -> bool {
        matches!(self.work, Work::Postgres(_))
    }

    pub async fn commit(self) -> Result<()> {
        self.work.commit().await
    }
}

impl Work {
    pub async fn begin(database: &Database, mode: Mode, wall: &str) -> Result<Self> {
        let link = database.link()?;
        let asked = Instant::now();
        let begun = timeout(PATIENCE, Self::begin_over(link, mode, wall)).await.unwrap_or(Err(Error::silent()));
        database.heard(asked, &begun);
        begun
    }

    async fn begin_over(link: &Link, mode: Mode, wall: &str) -> Result<Self> {
        Ok(match (link, mode) {
            (Link::Absent, _) => return Err(Error::Unavailable("there is none".into())),
            (Link::Sqlite { read, .. }, Mode::Read | Mode::Snapshot) => Self::Sqlite(read.begin().await?),
            // at once: a reader that becomes a writer is refused whatever the timeout says
            (Link::Sqlite { write, .. }, Mode::Write) => {
                Self::Sqlite(write.begin_with("pragma synchronous = full; begin immediate").await?)
            }
            (Link::Sqlite { write, .. }, Mode::Note) => {
                Self::Sqlite(write.begin_with("pragma synchronous = normal; begin immediate").await?)
            }
            (Link::Postgres(pool), mode) => {
                let begin = match mode {
                    Mode::Read => "begin read only",
                    Mode::Snapshot => "begin isolation level repeatable read read only",
                    // a note waits all the same: it holds nobody up, and its wait keeps the deeds on which it builds
                    Mode::Write | Mode::Note => "begin",
                };
                let mut stale = CONNECTIONS;
                loop {
                    // one round trip for both
                    match pool.begin_with(AssertSqlSafe(format!("{begin}{wall}"))).await {
                        // a connection from before the server was started again: nothing has happened on it
                        Err(error) if stale > 0 && has_hung_up(&error) => stale -= 1,
                        begun => break Self::Postgres(begun?),
                    }
                }
            }
        })
    }

    /// PostgreSQL only: commits, lets go of what others wait for, and leaves a transaction open whose own commit waits
    /// for the disk. So one wait serves all deeds that were committed meanwhile, and nobody is told before it is over;
    /// what somebody builds on a deed that is not on the disk yet comes to the disk after it, or not at all.
    async fn let_others_on(&mut self) -> Result<()> {
        const LET_ON: &str = "set local synchronous_commit = off; commit; \
                              begin; select pg_logical_emit_message(true, 'portal', '')";
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(work) => in_time(sqlx::raw_sql(LET_ON).execute(&mut **work)).await.map(drop),
        }
        .map_err(Error::at_commit)
    }

    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(work) => in_time(work.commit()).await,
            Self::Postgres(work) => in_time(work.commit()).await,
        }
        .map_err(Error::at_commit)
    }
}

fn has_hung_up(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(said) => matches!(said.code().as_deref(), Some("57P01" | "57P02")),
        _ => false,
    }
}

/// A server that stands still keeps its connections open, and says nothing for ever.
async fn in_time<T>(asked: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    timeout(ANSWER, asked).await.map_err(|_| Error::silent())?.map_err(Error::from)
}

#[derive(Debug)]
enum Values {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

/// A statement that collects its parameters.
#[must_use]
#[derive(Debug)]
pub struct Query<'t> {
    work: &'t mut Work,
    text: SqlStr,
    params: usize,
    values: Values,
    bound: usize,
}

impl<'t> Query<'t> {
    pub(super) fn over(work: &'t mut Work, text: impl SqlSafeStr, params: usize) -> Self {
        let values = match work {
            Work::Sqlite(_) => Values::Sqlite(SqliteArguments::default()),
            Work::Postgres(_) => Values::Postgres(PgArguments::default()),
        };
        Self { work, text: text.into_sql_str(), params, values, bound: 0 }
    }

    pub fn bind<T: Param>(mut self, value: T) -> Self {
        match &mut self.values {
            Values::Sqlite(values) => values.add(value),
            Values::Postgres(values) => values.add(value),
        }
        .expect("our own values can be encoded");
        self.bound += 1;
        self
    }

    /// How many rows it changed.
    pub async fn run(self) -> Result<u64> {
        self.counted();
        Ok(match (self.work, self.values) {
            (Work::Sqlite(work), Values::Sqlite(values)) => {
                in_time(sqlx::query_with(self.text, values).execute(&mut **work)).await?.rows_affected()
            }
            (Work::Postgres(work), Values::Postgres(values)) => {
                in_time(sqlx::query_with(self.text, values).execute(&mut **work)).await?.rows_affected()
            }
            _ => unreachable!("values are made for the database of the work"),
        })
    }

    pub async fn all<T: Record>(self) -> Result<Vec<T>> {
        self.counted();
        Ok(match (self.work, self.values) {
            (Work::Sqlite(work), Values::Sqlite(values)) => {
                in_time(sqlx::query_as_with(self.text, values).fetch_all(&mut **work)).await?
            }
            (Work::Postgres(work), Values::Postgres(values)) => {
                in_time(sqlx::query_as_with(self.text, values).fetch_all(&mut **work)).await?
            }
            _ => unreachable!("values are made for the database of the work"),
        })
    }

    pub async fn optional<T: Record>(self) -> Result<Option<T>> {
        self.counted();
        Ok(match (self.work, self.values) {
            (Work::Sqlite(work), Values::Sqlite(values)) => {
                in_time(sqlx::query_as_with(self.text, values).fetch_optional(&mut **work)).await?
            }
            (Work::Postgres(work), Values::Postgres(values)) => {
                in_time(sqlx::query_as_with(self.text, values).fetch_optional(&mut **work)).await?
            }
            _ => unreachable!("values are made for the database of the work"),
        })
    }

    /// One row after the other, however many there are.
    pub(super) async fn each<T: Record, E: From<Error>>(
        self,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.counted();
        match (self.work, self.values) {
            (Work::Sqlite(work), Values::Sqlite(values)) => {
                let mut rows = sqlx::query_as_with::<_, T, _>(self.text, values).fetch(&mut **work);
                while let Some(row) = rows.try_next().await.map_err(Error::from)? {
                    take(row)?;
                }
            }
            (Work::Postgres(work), Values::Postgres(values)) => {
                let mut rows = sqlx::query_as_with::<_, T, _>(self.text, values).fetch(&mut **work);
                while let Some(row) = rows.try_next().await.map_err(Error::from)? {
                    take(row)?;
                }
            }
            _ => unreachable!("values are made for the database of the work"),
        }
        Ok(())
    }

    /// SQLite takes a missing parameter for NULL without a word.
    fn counted(&self) {
        assert_eq!(self.bound, self.params, "parameters bound to `{}`", self.text.as_str());
    }
}
