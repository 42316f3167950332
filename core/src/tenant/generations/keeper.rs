//! Keeps generations: counts them while the house loads, and writes them in a thread of its own, where nobody waits.

mod sweep;
mod writer;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Sender, channel},
    },
};

use jiff::Timestamp;
use rayon::prelude::*;

use super::{Contents, Generation, Generations, Pins};
use crate::tenant::{folder::Folder, folders::Folders};
use sweep::Broom;
use writer::Writer;

/// Why nothing is kept at the moment.
#[derive(Debug, Clone, Default)]
pub struct Obstacle(Arc<Mutex<Option<String>>>);

/// The loader's side: knows what the newest generation holds.
#[derive(Debug)]
pub struct Keeper {
    number: u32,
    folders: BTreeMap<String, Option<Arc<str>>>,
    themes: Option<Arc<str>>,
    /// Something was counted before; until then the newest generation is one of an earlier process.
    has_counted: bool,
    jobs: Sender<Job>,
    // held as long as the process keeps generations here; closing the file lets go
    _lock: fs::File,
}

/// What a load means for generations.
#[derive(Debug, Default)]
pub struct Loaded {
    pub at: Timestamp,
    pub number: u32,
    /// Folders with new contents, or gone.
    pub news: Vec<(String, Option<Arc<Folder>>)>,
    pub themes: Option<(Option<Arc<str>>, Contents)>,
    /// Towns with a new version, and those that are gone.
    pub new: Vec<String>,
    pub removed: Vec<String>,
    /// Towns that could not be loaded.
    pub failed: BTreeSet<String>,
    /// Towns that are served from an earlier generation instead.
    pub fallen: BTreeMap<String, u32>,
    pub pins: Arc<Pins>,
}

#[derive(Debug)]
enum Job {
    Loaded(Box<Loaded>),
    /// Answered when everything before has been written.
    Finish(Sender<()>),
}

impl Keeper {
    /// Begins to keep; only one process may, for each folder.
    pub fn start(generations: Generations, most: usize, obstacle: Obstacle) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(generations.folder())?;
        let lock = fs::File::create(generations.folder().join(".lock"))?;
        lock.try_lock().map_err(|refused| match refused {
            fs::TryLockError::WouldBlock => io::Error::other("another portal keeps its generations there"),
            fs::TryLockError::Error(error) => error,
        })?;
        let newest = generations.newest();
        let number = generations.numbers().last().copied().unwrap_or(0);
        let (folders, themes) = newest.map(|Generation { folders, themes, .. }| (folders, themes)).unwrap_or_default();
        let (jobs, to_do) = channel();
        let at_first = (folders.clone(), themes.clone());
        std::thread::Builder::new().name("generations".into()).spawn(move || {
            let broom = Broom::new(generations.clone(), most.max(1));
            let mut writer = Writer::new(generations, broom, at_first.0, at_first.1, obstacle);
            writer.clean();
            for job in to_do {
                match job {
                    Job::Loaded(loaded) => writer.loaded(*loaded),
                    Job::Finish(done) => _ = done.send(()),
                }
            }
        })?;
        Ok(Self { number, folders, themes, has_counted: false, jobs, _lock: lock })
    }

    /// The number of the newest generation.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Counts one on if anything is other than in the newest generation, and says what.
    pub fn count(
        &mut self,
        changed: &BTreeSet<String>,
        waiting: &[String],
        folders: &Folders,
        themes: Option<&(Option<Arc<str>>, Contents)>,
    ) -> Loaded {
        let gone: Vec<String> = if std::mem::replace(&mut self.has_counted, true) {
            Vec::new()
        } else {
            let is_gone = |name: &&String| folders.get(name).is_none() && !waiting.contains(name);
            self.folders.keys().filter(is_gone).cloned().collect()
        };
        // many hands for many folders; one folder would only wait for a hand
        if changed.len() > 1 {
            changed.par_iter().for_each(|name| _ = folders.get(name).map(|folder| folder.hash()));
        }
        let mut news = Vec::new();
        for name in changed.iter().chain(&gone) {
            let folder = folders.get(name);
            let hash = folder.map(|folder| folder.hash().cloned());
            if self.folders.get(name) == hash.as_ref() {
                continue;
            }
            match hash {
                Some(hash) => self.folders.insert(name.clone(), hash),
                None => self.folders.remove(name),
            };
            news.push((name.clone(), folder.cloned()));
        }
        let themes = themes.filter(|(hash, _)| *hash != self.themes).cloned();
        if let Some((hash, _)) = &themes {
            self.themes = hash.clone();
        }
        self.number += (!news.is_empty() || themes.is_some()) as u32;
        Loaded { number: self.number, news, themes, ..Loaded::default() }
    }

    /// Hands over what a load has made.
    pub fn keep(&self, loaded: Loaded) {
        // a writer that has died has told why, and nothing depends on it
        let _ = self.jobs.send(Job::Loaded(Box::new(loaded)));
    }

    /// Waits until everything so far is written.
    pub fn finish(&self) {
        let (done, is_done) = channel();
        if self.jobs.send(Job::Finish(done)).is_ok() {
            let _ = is_done.recv();
        }
    }
}

impl Obstacle {
    pub fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Nothing that goes wrong here stops the house: it is told once, and stands in its health.
    pub fn set(&self, folder: &Path, error: Option<&io::Error>) {
        let error = error.map(|error| format!("keeping generations in `{}` fails: {error}", folder.display()));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = error.as_ref().filter(|_| *known != error) {
            tracing::warn!(hint = "`--data` names the folder for what is kept", "{error}");
        }
        *known = error;
    }
}
