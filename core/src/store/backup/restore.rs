//! Taking a backup back.

use std::io::{BufRead, Seek};

use object_store::ObjectStore;

use super::{
    BackupError, Contents, Held, Sum, Tell,
    lines::{Line, Reader, Rows, Total},
    objects::{self, Inflow},
};
use crate::{
    crypto::{FileError, MasterKeys},
    store::{
        Mode, PlatformStore, migrate,
        whole::{Table, Whole},
    },
};

/// Reads a backup to its end, and verifies and counts all of it.
///
/// # Errors
/// If it is cut off, was changed, or was made under another master key.
pub fn inspect(from: impl BufRead, masters: &MasterKeys) -> Result<Contents, BackupError> {
    let (reader, totals, held) = verify(from, masters)?;
    Ok(Contents::of(reader.head, &totals, held))
}

fn verify<R: BufRead>(from: R, masters: &MasterKeys) -> Result<(Reader<R>, Vec<Total>, Held), BackupError> {
    let mut reader = Reader::begin(from, masters)?;
    let (mut sums, mut section, mut held) = (Vec::new(), None::<(Rows, Sum)>, Held::default());
    loop {
        match reader.next()? {
            Line::Rows(rows) => sums.extend(section.replace((rows, Sum::default())).map(total)),
            Line::Row(values) => {
                let (rows, sum) = section.as_mut().ok_or(FileError::Damaged)?;
                sum.add(&rows.row(values).ok_or(FileError::Damaged)?);
            }
            Line::File(_) => held.files += 1,
            Line::Piece(text) => held.bytes += objects::piece(&text)?.len() as u64,
            Line::End(totals) => {
                sums.extend(section.take().map(total));
                return if sums == totals { Ok((reader, totals, held)) } else { Err(FileError::Damaged.into()) };
            }
            Line::Head(_) => return Err(FileError::Damaged.into()),
        }
    }
}

fn total((rows, sum): (Rows, Sum)) -> Total {
    Total::new(&rows.town, &rows.table, sum)
}

impl PlatformStore {
    /// Takes back all towns into an empty database, or one where it has no rows: all of it, or nothing. Files go into
    /// `objects` before their rows are there; without one they are left out.
    pub async fn restore<R: BufRead + Seek>(
        &self,
        only: Option<&str>,
        mut from: R,
        objects: Option<&dyn ObjectStore>,
        tell: Tell<'_>,
    ) -> Result<Contents, BackupError> {
        let masters = self.masters().ok_or(BackupError::NoKey)?;
        let (reader, mut totals, _) = verify(&mut from, masters)?;
        let head = reader.head;
        if head.tables != migrate::newest() {
            return Err(BackupError::OtherTables { found: head.tables, here: migrate::newest() });
        }
        totals.retain(|total| only.is_none_or(|town| total.town == town));
        if let (Some(town), true) = (only, totals.is_empty()) {
            return Err(BackupError::NoTown(town.to_owned()));
        }
        let mut whole = Whole::begin(&self.0.0.database, Mode::Write).await?;
        let tables = whole.tables().await?;
        refuse_rows(&mut whole, &tables, only, &totals).await?;
        from.rewind()?;
        let all: u64 = totals.iter().map(|total| total.rows).sum();
        let mut inflow = Inflow::into(objects);
        let read_in = insert(&mut whole, Reader::begin(from, masters)?, only, &mut inflow, (all, tell)).await?;
        for (rows, total) in read_in.iter().zip(&totals) {
            whole.enter(&rows.town).await?;
            let found = Total::new(&rows.town, &rows.table, whole.sum(&rows.table, &rows.town).await?);
            if found != *total {
                return Err(BackupError::NotTheSame { town: found.town, table: found.table });
            }
        }
        whole.commit().await?;
        Ok(Contents::of(head, &totals, inflow.held))
    }
}

/// A restored row never meets one that was there before.
async fn refuse_rows(
    whole: &mut Whole,
    tables: &[Table],
    only: Option<&str>,
    totals: &[Total],
) -> Result<(), BackupError> {
    let saved: Vec<String> = totals.iter().map(|total| total.town.clone()).collect();
    let towns = match only {
        Some(town) => [town.to_owned()].into(),
        None => whole.towns(tables, &saved).await?,
    };
    let mut with_rows = Vec::new();
    for town in towns {
        whole.enter(&town).await?;
        for table in tables {
            if whole.count(table, &town).await? > 0 {
                with_rows.push(format!("`{town}`"));
                break;
            }
        }
    }
    if with_rows.is_empty() { Ok(()) } else { Err(BackupError::NotEmpty(with_rows.join(", "))) }
}

/// Gives back which tables got rows, in the order of the file.
async fn insert<R: BufRead>(
    whole: &mut Whole,
    mut reader: Reader<R>,
    only: Option<&str>,
    inflow: &mut Inflow<'_>,
    (all, tell): (u64, Tell<'_>),
) -> Result<Vec<Rows>, BackupError> {
    let (mut sections, mut wanted, mut done) = (Vec::<Rows>::new(), false, 0);
    loop {
        match reader.next()? {
            Line::Rows(rows) => {
                wanted = only.is_none_or(|town| rows.town == town);
                if wanted {
                    whole.enter(&rows.town).await?;
                    sections.push(rows);
                }
            }
            Line::Row(values) if wanted => {
                let rows = sections.last().ok_or(FileError::Damaged)?;
                whole.insert(&rows.table, rows.row(values).ok_or(FileError::Damaged)?).await?;
                done += 1;
                tell(done, all);
            }
            Line::Row(_) => {}
            Line::File(object) => {
                wanted = only.is_none_or(|town| object.town == town);
                if wanted {
                    inflow.begin(&object).await?;
                }
            }
            Line::Piece(text) if wanted => inflow.take(&text).await?,
            Line::Piece(_) => {}
            Line::End(_) => {
                inflow.end().await?;
                return Ok(sections);
            }
            Line::Head(_) => return Err(FileError::Damaged.into()),
        }
    }
}
