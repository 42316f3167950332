//! Files that go out together, in one ZIP file.

use futures_util::TryStreamExt;

use super::{File, Files, FilesError};
use crate::{
    pack::{Entry, entry},
    tenant::TenantId,
};

/// A file among others.
#[derive(Clone)]
pub struct Packed {
    pub file: File,
    /// Its name in the ZIP file, which no other has: `files/1-Schein.pdf`.
    pub path: String,
    /// `None`: it is left out, because it waits for the scanner, or the scanner found something in it.
    pub content: Option<Vec<u8>>,
}

impl Packed {
    pub fn entry(self) -> Option<Entry> {
        self.content.map(|content| entry(self.path, content))
    }
}

/// Reads them whole, in their order. Fails where one that may go out cannot be read.
pub async fn gather(
    files: &Files,
    tenant: &TenantId,
    folder: &str,
    all: impl IntoIterator<Item = File>,
) -> Result<Vec<Packed>, FilesError> {
    let mut packed = Vec::new();
    for (at, file) in all.into_iter().enumerate() {
        let content = match file.state.goes_out() {
            true => Some(whole(files, tenant, &file).await?),
            false => None,
        };
        packed.push(Packed { path: name_in(folder, at, &file), file, content });
    }
    Ok(packed)
}

/// What a file is called in a folder of a ZIP file. `at`: its place there, counted from 0, so no other has its name.
pub fn name_in(folder: &str, at: usize, file: &File) -> String {
    format!("{folder}/{}-{}", at + 1, file.details.name)
}

async fn whole(files: &Files, tenant: &TenantId, file: &File) -> Result<Vec<u8>, FilesError> {
    let mut whole = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
    let mut pieces = files.read(tenant, file).await?;
    while let Some(piece) = pieces.try_next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}
