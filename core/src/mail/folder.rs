//! The folder in which mails stay that nobody is to get.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// What a name begins with while its mail is being written.
const UNFINISHED: &str = ".unfinished-";

/// Whole or not at all; a mail that was there already is replaced by itself.
pub(crate) async fn put(path: PathBuf, mail: Vec<u8>) -> io::Result<()> {
    let put = move || {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
        file.write_all(&mail)?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(folder)?.sync_all()
    };
    tokio::task::spawn_blocking(put).await.map_err(io::Error::other)?
}

/// Takes away what a kill has left half written in the folders of the towns; the job writes it again. Tells how many.
pub(super) fn tidy(folder: &Path) -> io::Result<usize> {
    let towns = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        towns => towns?,
    };
    let mut taken = 0;
    for town in towns {
        let town = town?;
        if !town.file_type()?.is_dir() {
            continue;
        }
        for mail in fs::read_dir(town.path())? {
            let mail = mail?;
            if mail.file_name().to_string_lossy().starts_with(UNFINISHED) && mail.file_type()?.is_file() {
                fs::remove_file(mail.path())?;
                taken += 1;
            }
        }
    }
    Ok(taken)
}
