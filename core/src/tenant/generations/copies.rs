//! Copies of folders, one for each content a folder ever had, found by its hash.

use std::{fs, io, path::Path, sync::Arc};

use sha2::{Digest, Sha256};

use crate::tenant::listing::Listing;

/// Files by path, in the order of their paths.
pub type Contents = Vec<(String, Vec<u8>)>;

/// What tells the contents of a folder from all others; of a cryptographic hash, half is plenty.
pub fn hash_of(contents: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>) -> Arc<str> {
    let mut hash = Sha256::new();
    for (path, bytes) in contents {
        for part in [path.as_ref().as_bytes(), bytes.as_ref()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// The hash of what lies at `path`.
pub fn hash_at(path: &Path) -> Option<Arc<str>> {
    let listing = Listing::of(path);
    let files = listing.files.iter().map(|(inside, _)| Some((&**inside, fs::read(path.join(&**inside)).ok()?)));
    let files: Option<Vec<_>> = files.collect();
    files.filter(|_| listing.problems.is_empty()).map(hash_of)
}

/// Writes a copy, whole or not at all; one that is there already is the same.
pub fn write<'a>(target: &Path, contents: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> io::Result<()> {
    if target.is_dir() {
        return Ok(());
    }
    let unfinished = target.with_extension("tmp");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    fs::create_dir_all(&unfinished)?;
    for (path, bytes) in contents {
        let file = unfinished.join(path);
        fs::create_dir_all(file.parent().expect("a file lies in its folder"))?;
        fs::write(file, bytes)?;
    }
    fs::rename(unfinished, target)
}

/// Brings everything written so far to the disk: one call, where thousands of small files would each wait for theirs.
pub fn settle(folder: &Path) -> io::Result<()> {
    let folder = fs::File::open(folder)?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(folder)?;
    #[cfg(not(target_os = "linux"))]
    folder.sync_all()?;
    Ok(())
}
