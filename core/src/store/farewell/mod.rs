//! A town leaves: what it has is handed over, its rows and its key are deleted together, and what is left on disk is
//! swept.

mod handover;

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::{BackupError, Mode, PlatformStore, Result, open::Link, whole::Whole};

pub use handover::HandedOver;

/// What a town has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// Rows by table; none that is empty.
    pub rows: BTreeMap<String, u64>,
    /// The id of its key.
    pub key: Option<Uuid>,
}

/// What is left on disk of deleted rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Swept {
    /// Nothing: overwritten, and the write-ahead log is empty.
    Clean,
    /// Overwritten, but the write-ahead log could not be emptied while others read for long.
    LogInUse,
    /// PostgreSQL frees the place of deleted rows by itself.
    Later,
}

impl PlatformStore {
    pub async fn remains(&self, town: &str) -> Result<Remains, BackupError> {
        remains(&mut Whole::begin(&self.0.0.database, Mode::Snapshot).await?, town).await
    }

    /// Deletes every row of a town and its key, all or nothing; tells what it was.
    pub async fn delete_town(&self, town: &str) -> Result<(Remains, Swept), BackupError> {
        let mut whole = Whole::begin(&self.0.0.database, Mode::Write).await?;
        // deeds that hold the key end first, and none begins under it
        whole.hold_key(town).await?;
        let had = remains(&mut whole, town).await?;
        let tables = whole.tables().await?;
        whole.delete_all(&tables, town).await?;
        let left = remains(&mut whole, town).await?;
        if let Some((table, rows)) = left.rows.into_iter().next() {
            return Err(BackupError::Left { table, rows });
        }
        whole.commit().await?;
        self.0.0.keys.forget(town);
        Ok((had, self.sweep().await?))
    }

    /// On SQLite deleted rows are overwritten where they stood, and free pages hold zeros, so nothing has to be vacuumed;
    /// older copies of pages lie in the write-ahead log until it is emptied.
    pub async fn sweep(&self) -> Result<Swept> {
        let Link::Sqlite { write, .. } = self.0.0.database.link()? else { return Ok(Swept::Later) };
        let (busy, ..): (i64, i64, i64) = sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(write).await?;
        Ok(if busy == 0 { Swept::Clean } else { Swept::LogInUse })
    }
}

async fn remains(whole: &mut Whole, town: &str) -> Result<Remains, BackupError> {
    let tables = whole.tables().await?;
    whole.enter(town).await?;
    let mut rows = BTreeMap::new();
    for table in tables {
        let count = whole.count(&table, town).await?;
        rows.extend((count > 0).then_some((table.name, count)));
    }
    Ok(Remains { rows, key: whole.key_of(town).await? })
}
