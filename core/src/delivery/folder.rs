//! A folder from which another program fetches.

use std::{
    fs::{File, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{Receipt, package::Package};
use crate::jobs::Failed;

/// What a name begins with while its package is being written; fetching programs pass it by.
const UNFINISHED: &str = ".unfinished-";

/// Whole or not at all. A package that lies there already is replaced by itself.
pub(super) async fn put(folder: PathBuf, package: Package) -> Result<Receipt, Failed> {
    let receipt = Receipt { sha256: package.sha256.clone(), at: package.name.clone(), said: String::new() };
    let put = tokio::task::spawn_blocking(move || write(&folder, &package)).await;
    let put = put.unwrap_or_else(|error| Err(io::Error::other(error)));
    put.map(|()| receipt).map_err(|error| Failed::ForNow(format!("the folder: {}", error.kind())))
}

fn write(folder: &Path, package: &Package) -> io::Result<()> {
    // the folder is not made here: one that is not mounted would be filled behind its back
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(&package.bytes)?;
    // whoever fetches is mostly somebody else in the same group
    file.as_file().set_permissions(Permissions::from_mode(0o640))?;
    file.as_file().sync_all()?;
    file.persist(folder.join(&package.name))?;
    File::open(folder)?.sync_all()
}
