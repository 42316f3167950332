//! The folder in which mails stay that nobody is to get.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Whole or not at all; a mail that was there already is replaced by itself.
pub(super) async fn put(path: PathBuf, mail: Vec<u8>) -> io::Result<()> {
    let put = move || {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&mail)?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(folder)?.sync_all()
    };
    tokio::task::spawn_blocking(put).await.map_err(io::Error::other)?
}
