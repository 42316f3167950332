//! Generations: states of all folders that the house keeps, so that towns can run an earlier one and go back to it.
//!
//! Invariant: a generation is written once and never changed. What each of its folders held is told by a hash, and a
//! copy that does not match is not used.

mod copies;
mod keeper;
mod overview;
mod pins;
mod running;
mod using;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(super) use copies::{Contents, hash_of};
pub(super) use keeper::{Keeper, Loaded, Obstacle};
pub use overview::{Overview, Row};
pub use pins::{Pin, Pins};
pub use running::{Run, Running, State, running};
pub use using::Refused;

use super::{folder::Folder, folders::is_layer};
use crate::{
    theme::ThemeFiles,
    yaml::{At, Problem},
};

/// How many are kept unless the operator says otherwise.
pub const MOST: usize = 20;
/// What the folder of themes is called among the folders that changed.
pub const THEMES: &str = "themes/";

/// Name of the file that says who runs what, in the folder of the generations.
pub(super) const USE: &str = "use.yaml";

/// One state of all folders: what each of them held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    pub number: u32,
    pub at: Timestamp,
    /// Folders that were other than in the generation before.
    pub changed: BTreeSet<String>,
    /// Towns that could not be loaded.
    pub broken: BTreeSet<String>,
    /// Folder → hash of its contents; nothing where it could not be read.
    pub folders: BTreeMap<String, Option<Arc<str>>>,
    /// Hash of the folder of themes, where there is one.
    pub themes: Option<Arc<str>>,
}

/// The folder in which they are kept: `generations` in the data folder.
#[derive(Debug, Clone)]
pub struct Generations {
    folder: PathBuf,
}

impl Generations {
    pub fn in_data(data: &Path) -> Self {
        Self { folder: data.join("generations") }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The numbers of all that are kept, the oldest first.
    pub fn numbers(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let number = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".json")?.parse().ok();
        let mut numbers: Vec<u32> = entries.flatten().filter_map(number).collect();
        numbers.sort_unstable();
        numbers
    }

    pub fn get(&self, number: u32) -> Result<Generation, Problem> {
        let path = self.manifest(number);
        let unreadable = |error: String| {
            Problem::new(&At::start_of(&path.display().to_string()), format!("cannot be read: {error}")).hint(
                "`portal generation list` names what is kept, `portal generation use latest` goes back to the files",
            )
        };
        let bytes = fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))
    }

    /// The newest one that can be read.
    pub fn newest(&self) -> Option<Generation> {
        self.numbers().into_iter().rev().find_map(|number| self.get(number).ok())
    }

    /// Who runs what, as the operator wants it.
    pub fn pins(&self) -> Result<Pins, Problem> {
        Pins::parse(&self.shown(USE), &self.written_pins())
    }

    /// The same as it is written, to see whether it has changed.
    pub(super) fn written_pins(&self) -> Vec<u8> {
        fs::read(self.folder.join(USE)).unwrap_or_default()
    }

    /// What one of its folders held then; where it holds something else by now, or nothing, a folder that says so.
    pub(super) fn folder_of(&self, generation: &Generation, name: &str) -> Folder {
        let number = generation.number;
        let Some(Some(hash)) = generation.folders.get(name) else {
            let at = At::start_of(&self.manifest(number).display().to_string());
            let what = if is_layer(name) { "layer" } else { "town" };
            let problem = Problem::new(&at, format!("has no {what} `{name}` that could be read"));
            return Folder::unreadable(name, problem.hint("`portal generation use` gives it another generation"));
        };
        let path = self.copy_of(name, hash);
        let folder = Folder::at_rest(name, &path);
        if folder.hash() == Some(hash) { folder } else { Folder::unreadable(name, damaged(&path, number)) }
    }

    /// The themes of that time; without a folder of themes those of the binary.
    pub(super) fn themes_of(&self, generation: &Generation) -> Result<ThemeFiles, Problem> {
        let Some(hash) = &generation.themes else { return Ok(ThemeFiles::embedded()) };
        let path = self.copy_of_themes(hash);
        if copies::hash_at(&path).as_ref() == Some(hash) {
            Ok(ThemeFiles::overridden_by(path))
        } else {
            Err(damaged(&path, generation.number))
        }
    }

    fn manifest(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number:05}.json"))
    }

    fn copy_of(&self, name: &str, hash: &str) -> PathBuf {
        self.folder.join("folders").join(name).join(hash)
    }

    fn copy_of_themes(&self, hash: &str) -> PathBuf {
        self.folder.join("themes").join(hash)
    }

    fn shown(&self, file: &str) -> String {
        self.folder.join(file).display().to_string()
    }
}

fn damaged(path: &Path, number: u32) -> Problem {
    let at = At::start_of(&path.display().to_string());
    Problem::new(&at, format!("is not what generation {number} kept"))
        .hint("`portal generation list` names what else is kept, `portal generation use latest` goes back to the files")
}

/// Writes a file whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().expect("files of generations lie in their folder");
    let name = path.file_name().expect("files of generations have a name").to_string_lossy();
    let unfinished = folder.join(format!(".{name}.tmp"));
    let mut file = fs::File::create(&unfinished)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    fs::File::open(folder)?.sync_all()
}
