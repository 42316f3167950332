//! What lies in a folder of tenants, seen without opening a file.

use std::{
    collections::BTreeSet,
    fs::{self, DirEntry, Metadata},
    path::Path,
    time::SystemTime,
};

use crate::yaml::{At, Problem};

const MAX_DEPTH: usize = 3;

/// What lies in a folder, without opening a file.
#[derive(Debug, Default, PartialEq)]
pub struct Listing {
    pub files: Vec<(Box<str>, Stamp)>,
    pub problems: Vec<Problem>,
}

impl Listing {
    pub fn of(folder: &Path) -> Self {
        let mut listing = Self::default();
        if leads_nowhere(folder) {
            listing.tell(folder, "is a link that leads nowhere");
        } else {
            listing.walk(folder, folder, "", 0);
        }
        listing.files.sort_by(|(a, _), (b, _)| a.cmp(b));
        listing
    }

    fn walk(&mut self, folder: &Path, home: &Path, prefix: &str, depth: usize) {
        match fs::read_dir(folder) {
            Ok(entries) => entries.flatten().for_each(|entry| self.note(&entry, home, prefix, depth)),
            Err(error) => self.tell(folder, format!("cannot be read: {error}")),
        }
    }

    fn note(&mut self, entry: &DirEntry, home: &Path, prefix: &str, depth: usize) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if is_ignored(&name) {
            return;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_symlink()) && !self.leads_inside(&path, home) {
            return;
        }
        let inside = format!("{prefix}{name}");
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() && depth < MAX_DEPTH => {
                self.walk(&path, home, &format!("{inside}/"), depth + 1);
            }
            Ok(metadata) if metadata.is_file() => self.files.push((inside.into(), Stamp::of(&metadata))),
            Ok(metadata) if metadata.is_dir() => {
                let at = At::start_of(&path.display().to_string());
                self.problems.push(Problem::new(&at, "lies too deep and is not read").warning());
            }
            Ok(_) => self.tell(&path, "is no ordinary file"),
            Err(error) => self.tell(&path, format!("cannot be read: {error}")),
        }
    }

    /// A link may lead anywhere in the folder it lies in, and nowhere else.
    fn leads_inside(&mut self, link: &Path, home: &Path) -> bool {
        let home = fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
        match fs::canonicalize(link) {
            Ok(target) if target.starts_with(&home) => true,
            Ok(_) => {
                let at = At::start_of(&link.display().to_string());
                let problem = Problem::new(&at, "is a link that leads out of the town's folder");
                self.problems.push(problem.hint("copy the file here; what towns share belongs into a layer"));
                false
            }
            Err(error) => {
                self.tell(link, format!("cannot be read: {error}"));
                false
            }
        }
    }

    fn tell(&mut self, path: &Path, message: impl Into<String>) {
        self.problems.push(Problem::new(&At::start_of(&path.display().to_string()), message));
    }
}

/// The files in the folders of towns and layers below `root`, as the portal reads them: `loehne/tenant.yaml`. Links that
/// lead out of their folder are not followed.
pub fn files_below(root: &Path) -> BTreeSet<String> {
    let folders = fs::read_dir(root).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    let named = folders.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    let files = named.filter(|(name, _)| !is_ignored(name)).flat_map(|(name, path)| {
        let files = Listing::of(&path).files.into_iter();
        files.map(move |(inside, _)| format!("{name}/{inside}"))
    });
    files.collect()
}

/// What tells two versions of a file apart without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub size: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    /// The stamp of no file: one that is looked at again.
    pub const NONE: Self = Self { size: u64::MAX, modified: None, inode: 0 };

    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Self { size: metadata.len(), modified: metadata.modified().ok(), inode }
    }
}

/// A link to something that is not there.
pub fn leads_nowhere(path: &Path) -> bool {
    path.is_symlink() && !path.exists()
}

pub fn is_ignored(name: &str) -> bool {
    let unfinished = ["~", ".part", ".partial", ".swp", ".tmp"];
    name.starts_with('.') || unfinished.iter().any(|ending| name.ends_with(ending))
}
