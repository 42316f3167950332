//! What stands in a backup: lines of JSON, compressed and sealed.

use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::{Compression, bufread::ZlibDecoder, write::ZlibEncoder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{BackupError, Hash, Object, Sum, Table, Tell};
use crate::{
    crypto::{FileError, MasterKeys, SealedReader, SealedWriter},
    store::whole::{Cells, Value},
};

/// Longer than any row that is allowed in; a line without an end does not fill the memory.
const LONGEST: u64 = 256 * 1024 * 1024;

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    Head(Head),
    /// What follows are rows of this table.
    Rows(Rows),
    Row(Vec<serde_json::Value>),
    /// What follows are pieces of this file, in Base64, as it lies in its store.
    File(Object),
    Piece(String),
    /// Nothing follows, and these are the rows there were.
    End(Vec<Total>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Head {
    pub made: Timestamp,
    pub portal: String,
    pub tables: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Rows {
    pub town: String,
    pub table: Table,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    pub town: String,
    pub table: String,
    pub rows: u64,
    hash: Hash,
}

impl Total {
    pub fn new(town: &str, table: &Table, sum: Sum) -> Self {
        Self { town: town.to_owned(), table: table.name.clone(), rows: sum.rows, hash: sum.hash.into() }
    }
}

impl Line {
    pub fn of(row: &Cells) -> Self {
        Self::Row(row.0.iter().map(Value::plain).collect())
    }
}

impl Rows {
    /// A line of values as a row of this table.
    pub fn row(&self, values: Vec<serde_json::Value>) -> Option<Cells> {
        let kinds = self.table.columns.iter().map(|(_, kind)| *kind);
        if values.len() != kinds.len() {
            return None;
        }
        kinds.zip(values).map(|(kind, value)| Value::of_plain(kind, value)).collect::<Option<_>>().map(Cells)
    }
}

pub struct Writer<W: Write> {
    to: ZlibEncoder<SealedWriter<W>>,
    steps: u64,
}

impl<W: Write> Writer<W> {
    pub fn begin(to: W, masters: &MasterKeys, head: &Head) -> Result<Self, BackupError> {
        let to = ZlibEncoder::new(SealedWriter::new(to, masters)?, Compression::fast());
        let mut writer = Self { to, steps: 0 };
        writer.write(&Line::Head(head.clone()))?;
        Ok(writer)
    }

    pub fn write(&mut self, line: &Line) -> Result<(), BackupError> {
        let mut text = serde_json::to_vec(line).expect("lines are JSON");
        text.push(b'\n');
        Ok(self.to.write_all(&text)?)
    }

    pub fn step(&mut self, tell: Tell<'_>, of: usize) {
        self.steps += 1;
        tell(self.steps, of as u64);
    }

    pub fn finish(mut self, totals: Vec<Total>) -> Result<W, BackupError> {
        self.write(&Line::End(totals))?;
        Ok(self.to.finish()?.finish()?)
    }
}

pub struct Reader<R: BufRead> {
    from: BufReader<ZlibDecoder<BufReader<SealedReader<R>>>>,
    pub head: Head,
}

impl<R: BufRead> Reader<R> {
    pub fn begin(from: R, masters: &MasterKeys) -> Result<Self, BackupError> {
        let from = BufReader::new(ZlibDecoder::new(BufReader::new(SealedReader::open(from, masters)?)));
        let mut from = from;
        match read(&mut from)? {
            Line::Head(head) => Ok(Self { from, head }),
            _ => Err(FileError::Damaged.into()),
        }
    }

    /// What follows; after [`Line::End`] the file has been read to its end, and nothing was missing.
    pub fn next(&mut self) -> Result<Line, BackupError> {
        let line = read(&mut self.from)?;
        if matches!(line, Line::End(_)) {
            let left = io::copy(&mut self.from, &mut io::sink()).map_err(damaged)?
                + io::copy(self.from.get_mut().get_mut(), &mut io::sink())?;
            if left > 0 {
                return Err(FileError::Damaged.into());
            }
        }
        Ok(line)
    }
}

fn read(from: &mut impl BufRead) -> Result<Line, BackupError> {
    let mut text = Vec::new();
    from.take(LONGEST).read_until(b'\n', &mut text).map_err(damaged)?;
    serde_json::from_slice(&text).map_err(|_| FileError::Damaged.into())
}

/// What was compressed and does not unpack was changed before it was sealed, or has an end too early.
fn damaged(error: io::Error) -> BackupError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => FileError::Damaged.into(),
        _ => error.into(),
    }
}
