//! A backup: one moment of all towns, or of one, with the files its rows lead to, in one sealed file that either database
//! takes back.
//!
//! Invariant: nothing is written into a database before the whole file has been read, verified and counted, and nothing
//! stays there unless every row was read back as it was saved. Files are written after the rows were read and before they
//! are back: no row leads to nothing.

mod lines;
mod objects;
mod restore;

pub use objects::place_of;
pub use restore::inspect;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use jiff::Timestamp;
use object_store::{Error as StoreError, ObjectStore};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Error, Mode, PlatformStore, migrate,
    whole::{Cells, Sum, Table, Unknown, Value, Whole},
};
use crate::crypto::FileError;
use lines::{Head, Line, Rows, Total, Writer};
use objects::Object;

/// What stands in a backup, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    pub made: Timestamp,
    /// Version of the portal that made it.
    pub portal: String,
    /// Version of its tables.
    pub tables: i64,
    /// Rows by town and table; none that is empty.
    pub towns: BTreeMap<String, BTreeMap<String, u64>>,
    pub held: Held,
}

/// Files of citizens and clerks in a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    pub files: u64,
    /// As they lie in their store.
    pub bytes: u64,
    /// Rows that lead to nothing; told only while the backup is made.
    pub missing: Vec<Uuid>,
}

impl Contents {
    pub fn rows(&self) -> u64 {
        self.towns.values().flat_map(BTreeMap::values).sum()
    }

    fn of(head: Head, totals: &[Total], held: Held) -> Self {
        let mut towns = BTreeMap::<String, BTreeMap<String, u64>>::new();
        for total in totals {
            towns.entry(total.town.clone()).or_default().insert(total.table.clone(), total.rows);
        }
        Self { made: head.made, portal: head.portal, tables: head.tables, towns, held }
    }
}

/// Why there is no backup, or it is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] Error),
    #[error(transparent)]
    Unknown(#[from] Unknown),
    #[error(transparent)]
    Sealed(#[from] FileError),
    #[error("the file cannot be read or written: {0}")]
    File(io::Error),
    #[error("the store of files cannot be used: {0}")]
    Objects(#[from] StoreError),
    #[error("there is no master key")]
    NoKey,
    #[error("there is nothing of `{0}`")]
    NoTown(String),
    #[error("its tables are those of version {found}, this database has version {here}")]
    OtherTables { found: i64, here: i64 },
    #[error("the database is not empty: it holds rows of {0}")]
    NotEmpty(String),
    #[error("{rows} rows of `{table}` stay; nothing was deleted")]
    Left { table: String, rows: u64 },
    #[error("`{table}` of `{town}` does not come back from the database as it was saved; nothing was restored")]
    NotTheSame { town: String, table: String },
}

impl BackupError {
    /// What the operator does next.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Sealed(FileError::OtherKey(_)) => {
                "take the master key from the safe: a backup opens only with the key under which it was made"
            }
            Self::Sealed(FileError::Damaged) => {
                "nothing was restored; take another copy of the file, or the one before"
            }
            Self::Sealed(FileError::Foreign) => "`portal backup` writes such a file",
            Self::NoTown(_) => {
                "towns are named by their folders; `portal restore FILE --dry-run` tells what a backup holds"
            }
            Self::OtherTables { .. } => {
                "restore with the version of the portal that made it, then `portal migrate` with this one"
            }
            Self::NotEmpty(_) => {
                "restore into a database that was just made; a single town, with `--tenant`, where it has no rows"
            }
            _ => return None,
        })
    }
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<FileError>()) {
            Some(sealed) => Self::Sealed(sealed.clone()),
            None => Self::File(error),
        }
    }
}

/// Hears how many of how many steps are done.
pub type Tell<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

impl PlatformStore {
    /// Writes one moment of all towns, or of one, while others go on working. `known` names towns that the platform may
    /// not know of, because they have no key: those that have a folder. With `objects`, from which nobody takes anything
    /// meanwhile, the files of all rows are in it.
    pub async fn backup<W: Write>(
        &self,
        only: Option<&str>,
        known: &[String],
        now: Timestamp,
        to: W,
        objects: Option<&dyn ObjectStore>,
        tell: Tell<'_>,
    ) -> Result<(Contents, W), BackupError> {
        let mut whole = Whole::begin(&self.0.0.database, Mode::Snapshot).await?;
        let tables = whole.tables().await?;
        let towns = match only {
            Some(town) => [town.to_owned()].into(),
            None => whole.towns(&tables, known).await?,
        };
        let masters = self.masters().ok_or(BackupError::NoKey)?;
        let head = Head { made: now, portal: env!("CARGO_PKG_VERSION").to_owned(), tables: migrate::newest() };
        let mut writer = Writer::begin(to, masters, &head)?;
        let (mut totals, mut files) = (Vec::new(), Vec::new());
        let steps = towns.len() * tables.len();
        for (town, table) in towns.iter().flat_map(|town| tables.iter().map(move |table| (town, table))) {
            whole.enter(town).await?;
            let sum = write_rows(&mut whole, &mut writer, (town, table), &mut files).await?;
            totals.extend((sum.rows > 0).then(|| Total::new(town, table, sum)));
            writer.step(tell, steps);
        }
        match only {
            Some(town) if totals.is_empty() => return Err(BackupError::NoTown(town.to_owned())),
            _ => {}
        }
        // other nodes may go on cleaning up what is no longer looked at
        drop(whole);
        let held = match objects {
            Some(store) => objects::write(&mut writer, store, files).await?,
            None => Held::default(),
        };
        let contents = Contents::of(head, &totals, held);
        Ok((contents, writer.finish(totals)?))
    }
}

async fn write_rows<W: Write>(
    whole: &mut Whole,
    writer: &mut Writer<W>,
    (town, table): (&str, &Table),
    files: &mut Vec<Object>,
) -> Result<Sum, BackupError> {
    let mut sum = Sum::default();
    let leads = table.columns.iter().position(|(name, _)| (table.name.as_str(), name.as_str()) == objects::TABLE);
    whole
        .each(table, town, |row| {
            if sum.rows == 0 {
                writer.write(&Line::Rows(Rows { town: town.to_owned(), table: table.clone() }))?;
            }
            sum.add(&row);
            files.extend(id_in(&row, leads).map(|id| Object { town: town.to_owned(), id }));
            writer.write(&Line::of(&row))
        })
        .await?;
    Ok(sum)
}

fn id_in(row: &Cells, at: Option<usize>) -> Option<Uuid> {
    match row.0.get(at?) {
        Some(Value::Uuid(id)) => *id,
        _ => None,
    }
}

/// A sum as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Hash(String);

impl From<[u8; 32]> for Hash {
    fn from(hash: [u8; 32]) -> Self {
        Self(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
