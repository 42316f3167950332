//! Copies of folders, one for each content a folder ever had, found by its hash.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

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

/// Writes a copy, whole or not at all; one that is there already is the same, or is damaged and written anew.
pub fn write<'a>(target: &Path, contents: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> io::Result<()> {
    if target.is_dir() {
        let named = target.file_name().map(|name| name.to_string_lossy().into_owned());
        if hash_at(target).as_deref() == named.as_deref() {
            return Ok(());
        }
        fs::remove_dir_all(target)?;
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

/// Copies up to which each waits for the disk by itself.
const FEW: usize = 100;

/// Brings copies to the disk before a generation names them: a few one by one, so that nobody else's files are waited
/// for, and thousands by one call, where each would wait for its turn.
pub fn settle(home: &Path, copies: &[PathBuf]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if copies.len() > FEW {
        return Ok(rustix::fs::syncfs(fs::File::open(home)?)?);
    }
    let sync = |path: &Path| fs::File::open(path)?.sync_all();
    for copy in copies {
        for (inside, _) in Listing::of(copy).files {
            let file = copy.join(&*inside);
            file.ancestors().take_while(|path| path.starts_with(copy)).try_for_each(sync)?;
        }
        copy.ancestors().skip(1).take_while(|path| path.starts_with(home)).try_for_each(sync)?;
    }
    Ok(())
}
