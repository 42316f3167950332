//! Sweeping: lets go of generations that nobody needs, and of copies that only they named.

use std::{collections::BTreeSet, fs, io, path::Path, sync::Arc};

use crate::tenant::{
    folders::is_layer,
    generations::{Generation, Generations, THEMES},
};

/// Knows what is worth keeping.
pub struct Broom {
    generations: Generations,
    most: usize,
    /// Generations in which layers or themes changed.
    shared: BTreeSet<u32>,
}

impl Broom {
    pub fn new(generations: Generations, most: usize) -> Self {
        let kept = generations.numbers().into_iter().filter_map(|number| generations.get(number).ok());
        let shared = kept.filter(changes_layers).map(|kept| kept.number).collect();
        Self { generations, most, shared }
    }

    /// Hears of a new one.
    pub fn note(&mut self, generation: &Generation) {
        self.shared.extend(changes_layers(generation).then_some(generation.number));
    }

    /// The last ones, and for each of the last changes of a layer the generation before: towns that change every minute
    /// must not push out what such a change would be taken back to.
    fn worth_keeping(&self, numbers: &[u32]) -> BTreeSet<u32> {
        let mut worth: BTreeSet<u32> = numbers.iter().rev().take(self.most).copied().collect();
        for number in self.shared.iter().rev().take(self.most) {
            worth.insert(*number);
            worth.extend(numbers.iter().rev().find(|before| *before < number));
        }
        worth
    }

    /// Lets go of generations that are neither worth keeping nor run by anybody, and of copies only they needed.
    pub fn sweep(&self, run: &BTreeSet<u32>) -> io::Result<()> {
        let numbers = self.generations.numbers();
        if numbers.len() <= self.most {
            return Ok(());
        }
        let dropped = self.generations.locked(|| {
            // as they are written now: a command may have named a generation that the last load did not know of
            let pinned = self.generations.pins().map(|pins| pins.numbers()).unwrap_or_default();
            let needed = &(&self.worth_keeping(&numbers) | &pinned) | run;
            let not_needed = numbers.iter().filter(|number| !needed.contains(number));
            let dropped: Vec<Generation> = not_needed.filter_map(|number| self.generations.get(*number).ok()).collect();
            for generation in &dropped {
                fs::remove_file(self.generations.manifest(generation.number))?;
            }
            Ok::<_, io::Error>(dropped)
        })??;
        if dropped.is_empty() {
            return Ok(());
        }
        let needed = self.needed()?;
        for generation in dropped {
            for (name, hash) in generation.folders {
                if let Some(hash) = hash.filter(|hash| !needed.contains(&(name.clone(), hash.clone()))) {
                    remove(&self.generations.copy_of(&name, &hash))?;
                }
            }
            if let Some(hash) = generation.themes.filter(|hash| !needed.contains(&(THEMES.to_owned(), hash.clone()))) {
                remove(&self.generations.copy_of_themes(&hash))?;
            }
        }
        Ok(())
    }

    /// Removes every copy that no generation names: what an earlier process began and did not end.
    pub fn clean(&self) -> io::Result<()> {
        let needed = self.needed()?;
        let is_needed = |name: &str, hash: &str| needed.contains(&(name.to_owned(), hash.into()));
        for name in names_in(&self.generations.folder().join("folders")) {
            let home = self.generations.folder().join("folders").join(&name);
            for hash in names_in(&home).into_iter().filter(|hash| !is_needed(&name, hash)) {
                remove(&home.join(hash))?;
            }
        }
        let home = self.generations.folder().join("themes");
        for hash in names_in(&home).into_iter().filter(|hash| !is_needed(THEMES, hash)) {
            remove(&home.join(hash))?;
        }
        Ok(())
    }

    /// Every copy that a kept generation names. One that cannot be read may need any, so nothing is swept beside it.
    fn needed(&self) -> io::Result<BTreeSet<(String, Arc<str>)>> {
        let mut needed = BTreeSet::new();
        for number in self.generations.numbers() {
            let generation = self.generations.get(number).map_err(io::Error::other)?;
            needed.extend(generation.themes.map(|hash| (THEMES.to_owned(), hash)));
            needed.extend(generation.folders.into_iter().filter_map(|(name, hash)| Some((name, hash?))));
        }
        Ok(needed)
    }
}

fn changes_layers(generation: &Generation) -> bool {
    generation.changed.iter().any(|name| is_layer(name) || name == THEMES)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Removes a copy and, if it was the last of its folder, the place for such copies.
fn remove(copy: &Path) -> io::Result<()> {
    match fs::remove_dir_all(copy) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // it stays where other copies lie in it
    let _ = copy.parent().map(fs::remove_dir);
    Ok(())
}
