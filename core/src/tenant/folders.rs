//! All folders of one state of the house: those on disk, looked at again and again, or those of a kept generation.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rayon::prelude::*;

use super::{
    folder::{Folder, Look},
    listing::is_ignored,
};
use crate::yaml::{At, Problem};

/// Which folders are looked at.
#[derive(Debug, Clone)]
pub enum Scope {
    All,
    /// Only these: somebody saw them change.
    Only(BTreeSet<String>),
}

/// What a look at the disk found.
#[derive(Debug, Default)]
pub struct Seen {
    /// Folders that are new, changed or gone.
    pub changed: BTreeSet<String>,
    /// Folders into which somebody is still copying; they stay as they were.
    pub waiting: Vec<String>,
    /// Something changed while it was read: it stays as it was, and it is worth looking again.
    pub unsettled: bool,
}

/// All folders by name.
#[derive(Debug)]
pub struct Folders {
    root: PathBuf,
    known: BTreeMap<String, Arc<Folder>>,
    /// How many files were really opened, for the promise that only what changed is read again.
    opened: AtomicU64,
}

impl Folders {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), known: BTreeMap::new(), opened: AtomicU64::new(0) }
    }

    /// Folders at rest, for which nobody looks on disk again.
    pub fn kept(known: BTreeMap<String, Arc<Folder>>) -> Self {
        Self { known, ..Self::new(Path::new("")) }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Folder>> {
        self.known.get(name)
    }

    pub fn towns(&self) -> impl Iterator<Item = &Arc<Folder>> {
        self.known.values().filter(|folder| !is_layer(&folder.name))
    }

    pub fn layers(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str).filter(|name| is_layer(name))
    }

    /// Reads what has changed.
    pub fn look(&mut self, scope: &Scope) -> Result<Seen, Problem> {
        let names = match scope {
            Scope::All => self.all_names()?,
            Scope::Only(names) => names.iter().filter(|name| !is_ignored(name)).cloned().collect(),
        };
        let looks: Vec<Look> = names.par_iter().map(|name| self.look_at(name)).collect();
        let mut seen = Seen::default();
        for (name, look) in names.into_iter().zip(looks) {
            match look {
                Look::Same => {}
                Look::Copying => seen.waiting.push(name),
                Look::Unsettled => seen.unsettled = true,
                Look::New(folder) => {
                    if is_layer(&name) {
                        folder.parse_ahead();
                    }
                    self.known.insert(name.clone(), Arc::new(folder));
                    seen.changed.insert(name);
                }
                Look::Gone => {
                    if self.known.remove(&name).is_some() {
                        seen.changed.insert(name);
                    }
                }
            }
        }
        Ok(seen)
    }

    /// Names on disk and names known: what is known and no longer there is found gone.
    fn all_names(&self) -> Result<BTreeSet<String>, Problem> {
        let unreadable = |error: std::io::Error| {
            Problem::new(&At::start_of(&self.root.display().to_string()), format!("cannot be read: {error}"))
                .hint("`--tenants` names the folder with one folder per town")
        };
        let mut names: BTreeSet<String> = self.known.keys().cloned().collect();
        for entry in fs::read_dir(&self.root).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
            names.extend((!is_ignored(&name)).then_some(name));
        }
        Ok(names)
    }

    fn look_at(&self, name: &str) -> Look {
        Folder::look(name, &self.root.join(name), self.get(name).map(|known| &**known), &self.opened)
    }
}

pub fn is_layer(name: &str) -> bool {
    name.starts_with('_')
}
