//! Everything that belongs to a town, table by table, without knowing a table by its name: for backup, deletion and
//! handing over.
//!
//! Invariant: a table that is neither a town's (`tenant_id`), nor the platform's about a town (`for_tenant`), nor named in
//! [`LEFT_OUT`] makes every one of these fail. Nothing is forgotten in silence.

mod catalogue;
mod row;

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;
use uuid::Uuid;

pub use catalogue::{LEFT_OUT, Table, Unknown};
pub(super) use row::{Cells, Kind, Value};

use super::{
    Error, Mode, Result,
    open::Database,
    tx::{Query, Work},
};

/// Tables to which the portal's role on PostgreSQL only adds.
const TRAIL: [&str; 2] = ["audit", "audit_heads"];

/// Rows of one table of one town, counted and told apart by what they hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub rows: u64,
    /// SHA-256 of each row, added without a carry: databases sort differently, and no row is there twice.
    pub hash: [u8; 32],
}

impl Sum {
    pub fn add(&mut self, row: &Cells) {
        self.rows += 1;
        for (sum, byte) in self.hash.iter_mut().zip(row.hash()) {
            *sum ^= byte;
        }
    }
}

/// A transaction that may look at every town, one after the other.
pub(super) struct Whole {
    work: Work,
}

impl Whole {
    pub async fn begin(database: &Database, mode: Mode) -> Result<Self> {
        // the limits are those of a page; all rows take longer
        let patience = "; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0";
        Ok(Self { work: Work::begin(database, mode, patience).await? })
    }

    pub async fn commit(self) -> Result<()> {
        self.work.commit().await
    }

    fn is_postgres(&self) -> bool {
        matches!(self.work, Work::Postgres(_))
    }

    /// Every table that holds something of towns; one comes after those it refers to.
    pub async fn tables(&mut self) -> Result<Vec<Table>, Unknown> {
        let (columns, references) = if self.is_postgres() { catalogue::OF_POSTGRES } else { catalogue::OF_SQLITE };
        let columns = self.ask(columns.to_owned(), 0).all().await?;
        let references = self.ask(references.to_owned(), 0).all().await?;
        catalogue::tables(columns, references)
    }

    /// Towns of which there are rows. PostgreSQL shows no table of towns to somebody who does not name one: there these
    /// are the towns the platform knows, and the `known` ones.
    pub async fn towns(&mut self, tables: &[Table], known: &[String]) -> Result<BTreeSet<String>> {
        let mut towns: BTreeSet<String> = known.iter().cloned().collect();
        let is_postgres = self.is_postgres();
        for table in tables.iter().filter(|table| !table.is_towns || !is_postgres) {
            let found = self.ask(table.all_towns(), 0);
            found
                .each(|(town,): (String,)| {
                    towns.insert(town);
                    Ok::<_, Error>(())
                })
                .await?;
        }
        Ok(towns)
    }

    /// On PostgreSQL this town's rows are seen from now on, and no other's.
    pub async fn enter(&mut self, town: &str) -> Result<()> {
        if self.is_postgres() {
            let entered = self.ask("select set_config('app.tenant_id', $1, true)".to_owned(), 1).bind(town.to_owned());
            entered.optional::<(String,)>().await?;
        }
        Ok(())
    }

    /// The rows of the entered town.
    pub async fn each<E: From<Error>>(
        &mut self,
        table: &Table,
        town: &str,
        take: impl FnMut(Cells) -> Result<(), E>,
    ) -> Result<(), E> {
        self.ask(table.select(), 1).bind(town.to_owned()).each(take).await
    }

    /// What the entered town has in a table.
    pub async fn sum(&mut self, table: &Table, town: &str) -> Result<Sum> {
        let mut sum = Sum::default();
        self.each(table, town, |row| {
            sum.add(&row);
            Ok::<_, Error>(())
        })
        .await?;
        Ok(sum)
    }

    pub async fn insert(&mut self, table: &Table, row: Cells) -> Result<()> {
        let insert = self.ask(table.insert(), row.0.len());
        row.0.into_iter().fold(insert, Value::bind_to).run().await?;
        Ok(())
    }

    pub async fn count(&mut self, table: &Table, town: &str) -> Result<u64> {
        let mut rows = 0;
        let counted = self.ask(table.count(), 1).bind(town.to_owned());
        counted
            .each(|(found,): (i64,)| {
                rows = found.unsigned_abs();
                Ok::<_, Error>(())
            })
            .await?;
        Ok(rows)
    }

    /// The id of a town's key.
    pub async fn key_of(&mut self, town: &str) -> Result<Option<Uuid>> {
        let key = self.ask("select id from tenant_keys where for_tenant = $1".to_owned(), 1).bind(town.to_owned());
        Ok(key.optional::<(Uuid,)>().await?.map(|(id,)| id))
    }

    /// PostgreSQL only: whoever seals for the town waits until this is over. SQLite has one writer anyway.
    pub async fn hold_key(&mut self, town: &str) -> Result<()> {
        if self.is_postgres() {
            let held = "select id from tenant_keys where for_tenant = $1 for update".to_owned();
            self.ask(held, 1).bind(town.to_owned()).optional::<(Uuid,)>().await?;
        }
        Ok(())
    }

    /// Takes away what the entered town has in all of these tables. On PostgreSQL the trail goes by the one way that there
    /// is, after the key.
    pub async fn delete_all(&mut self, tables: &[Table], town: &str) -> Result<()> {
        let is_postgres = self.is_postgres();
        // who refers goes before what is referred to
        for table in tables.iter().rev().filter(|table| !is_postgres || !TRAIL.contains(&&*table.name)) {
            self.delete(table, town).await?;
        }
        if is_postgres {
            let forget = self.ask("select true from forget_trail($1)".to_owned(), 1).bind(town.to_owned());
            forget.each(|_: (bool,)| Ok::<_, Error>(())).await?;
        }
        Ok(())
    }

    async fn delete(&mut self, table: &Table, town: &str) -> Result<()> {
        self.ask(table.delete(), 1).bind(town.to_owned()).each(|_: (i64,)| Ok(())).await
    }

    /// What may take as long as there are rows is asked by [`Query::each`], which has no deadline but the database's own.
    /// Names of tables and columns come from the database's own catalogue and stand in quotes; values are bound.
    fn ask(&mut self, sql: String, params: usize) -> Query<'_> {
        Query::over(&mut self.work, AssertSqlSafe(sql), params)
    }
}
