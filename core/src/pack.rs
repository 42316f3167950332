//! Several files as one: ZIP, for whoever takes them away.

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

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
