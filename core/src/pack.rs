//! Several files as one: ZIP, for whoever takes them away.

use std::io::{self, Cursor, Write};

use zip::{
    ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use crate::error::{Error, Result};

/// A file on its way into a ZIP file.
pub struct Entry {
    /// With `/` between folders.
    pub name: String,
    pub bytes: Vec<u8>,
}

pub fn entry(name: impl Into<String>, bytes: Vec<u8>) -> Entry {
    Entry { name: name.into(), bytes }
}

/// Entries have no dates of their own, so the same files give the same bytes.
pub fn zipped(entries: impl IntoIterator<Item = Entry>) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        zip.start_file(&entry.name, SimpleFileOptions::default().unix_permissions(0o640)).map_err(Error::internal)?;
        zip.write_all(&entry.bytes).map_err(Error::internal)?;
    }
    Ok(zip.finish().map_err(Error::internal)?.into_inner())
}

/// A ZIP file that is written from its beginning to its end, to somebody who takes it away meanwhile.
pub struct Pack<W: Write>(ZipWriter<StreamWriter<W>>);

impl<W: Write> Pack<W> {
    pub fn to(out: W) -> Self {
        Self(ZipWriter::new_stream(out))
    }

    /// What is written from here on belongs to the file of this name.
    pub fn begin(&mut self, name: &str) -> io::Result<()> {
        // how large a file is stands behind it, so nobody knows before whether it is very large
        let options = SimpleFileOptions::default().unix_permissions(0o640).large_file(true);
        Ok(self.0.start_file(name, options)?)
    }

    pub fn finish(self) -> io::Result<()> {
        self.0.finish()?.into_inner().flush()
    }
}

impl<W: Write> Write for Pack<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
