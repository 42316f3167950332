//! Saying who is to run what: checked against what is kept, written whole, one command after the other.

use std::{collections::BTreeSet, fs, io};

use rayon::prelude::*;

use super::{Generation, Generations, Pin, Pins, USE, copies, damaged, write_whole};
use crate::{tenant::folders::is_layer, yaml::Problem};

/// Why a generation is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("no generation is kept in `{0}`")]
    Empty(String),
    #[error("there is no generation {number}")]
    Unknown { number: u32, kept: Vec<u32> },
    #[error("generation {number} has no town `{town}`")]
    NoTown { number: u32, town: String, towns: Vec<String> },
    #[error(transparent)]
    Damaged(Problem),
    #[error("`{path}` cannot be written: {source}")]
    Unwritten { path: String, source: io::Error },
}

impl Generations {
    /// All towns, or only those named, are to run this. For all, what was said about single towns is forgotten.
    pub fn use_for(&self, pin: Pin, towns: &BTreeSet<String>) -> Result<Pins, Refused> {
        self.change(|pins| {
            match pin {
                Pin::Latest if towns.is_empty() => {}
                Pin::Latest => has_towns(&self.newest_or_refuse()?, towns)?,
                Pin::Kept(number) => {
                    let generation = self.kept(number)?;
                    has_towns(&generation, towns)?;
                    self.verify(&generation, |name| towns.is_empty() || towns.contains(name))?;
                }
                Pin::Layers(number) => {
                    has_towns(&self.newest_or_refuse()?, towns)?;
                    self.verify(&self.kept(number)?, |_| false)?;
                }
            }
            if towns.is_empty() {
                return Ok(Pins { default: pin, ..Pins::default() });
            }
            let mut pins = pins;
            pins.towns.extend(towns.iter().map(|town| (town.clone(), pin)));
            pins.towns.retain(|_, pin| *pin != pins.default);
            Ok(pins)
        })
    }

    /// Everybody who runs the files on disk is to run the newest generation instead, or its layers, whatever happens to
    /// the files.
    pub fn hold(&self, layers_only: bool) -> Result<Pins, Refused> {
        self.change(|pins| {
            let newest = self.newest_or_refuse()?;
            self.verify(&newest, |_| !layers_only)?;
            let newest = if layers_only { Pin::Layers(newest.number) } else { Pin::Kept(newest.number) };
            let held = |pin: Pin| if pin == Pin::Latest { newest } else { pin };
            let default = held(pins.default);
            let towns = pins.towns.into_iter().map(|(town, pin)| (town, held(pin)));
            Ok(Pins { default, towns: towns.filter(|(_, pin)| *pin != default).collect() })
        })
    }

    /// One command after the other, and none while the server sweeps.
    pub(super) fn locked<T>(&self, deed: impl FnOnce() -> T) -> io::Result<T> {
        let path = self.folder().join(".use.lock");
        // reading is enough to lock: it may be another user's
        let lock = fs::File::open(&path).or_else(|_| fs::File::create(&path))?;
        lock.lock()?;
        let done = deed();
        lock.unlock()?;
        Ok(done)
    }

    fn change(&self, next: impl FnOnce(Pins) -> Result<Pins, Refused>) -> Result<Pins, Refused> {
        if !self.folder().is_dir() {
            return Err(self.empty());
        }
        let unwritten = |source| Refused::Unwritten { path: self.shown(USE), source };
        let changed = self.locked(|| {
            // one that does not read is written anew, from what was followed last
            let last = |_| self.running().map(|running| running.pins).unwrap_or_default();
            let pins = next(self.pins().unwrap_or_else(last))?;
            write_whole(&self.folder().join(USE), pins.to_yaml().as_bytes()).map_err(unwritten)?;
            Ok(pins)
        });
        changed.map_err(unwritten)?
    }

    /// Whether layers, themes and the folders of these towns are still what was kept.
    fn verify(&self, generation: &Generation, is_needed: impl Fn(&str) -> bool) -> Result<(), Refused> {
        let folders = generation.folders.iter().filter(|(name, _)| is_layer(name) || is_needed(name));
        let mut copies: Vec<_> =
            folders.filter_map(|(name, hash)| Some((self.copy_of(name, hash.as_ref()?), hash.as_ref()?))).collect();
        copies.extend(generation.themes.iter().map(|hash| (self.copy_of_themes(hash), hash)));
        match copies.par_iter().find_first(|(path, hash)| copies::hash_at(path).as_ref() != Some(*hash)) {
            Some((path, _)) => Err(Refused::Damaged(damaged(path, generation.number))),
            None => Ok(()),
        }
    }

    fn kept(&self, number: u32) -> Result<Generation, Refused> {
        let kept = self.numbers();
        match kept.is_empty() {
            true => Err(self.empty()),
            false if !kept.contains(&number) => Err(Refused::Unknown { number, kept }),
            false => self.get(number).map_err(Refused::Damaged),
        }
    }

    fn newest_or_refuse(&self) -> Result<Generation, Refused> {
        self.newest().ok_or_else(|| self.empty())
    }

    fn empty(&self) -> Refused {
        Refused::Empty(self.folder().display().to_string())
    }
}

fn has_towns(generation: &Generation, towns: &BTreeSet<String>) -> Result<(), Refused> {
    let known: Vec<&String> = generation.folders.keys().filter(|name| !is_layer(name)).collect();
    match towns.iter().find(|town| !known.contains(town)) {
        Some(town) => Err(Refused::NoTown {
            number: generation.number,
            town: town.clone(),
            towns: known.into_iter().cloned().collect(),
        }),
        None => Ok(()),
    }
}
