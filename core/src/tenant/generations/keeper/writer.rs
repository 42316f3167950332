//! The thread's side: writes copies, generations and who runs which, and sweeps what nobody needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    sync::Arc,
};

use super::{Loaded, Obstacle};
use crate::tenant::{
    folder::Folder,
    folders::is_layer,
    generations::{
        Contents, Generation, Generations, Pin, Pins, Run, Running, State, THEMES, copies, running::RUNNING,
        write_whole,
    },
};

pub struct Writer {
    generations: Generations,
    most: usize,
    /// What the newest generation holds.
    folders: BTreeMap<String, Option<Arc<str>>>,
    themes: Option<Arc<str>>,
    /// What has changed since the last one that was written, with contents that may have no copy yet.
    changed: BTreeSet<String>,
    unwritten: BTreeMap<String, Arc<Folder>>,
    unwritten_themes: Option<Contents>,
    /// Generations in which layers or themes changed.
    shared: BTreeSet<u32>,
    /// Town → the generation it runs.
    runs: BTreeMap<String, u32>,
    obstacle: Obstacle,
}

impl Writer {
    pub fn new(
        generations: Generations,
        most: usize,
        folders: BTreeMap<String, Option<Arc<str>>>,
        themes: Option<Arc<str>>,
        obstacle: Obstacle,
    ) -> Self {
        Self {
            generations,
            most,
            folders,
            themes,
            changed: BTreeSet::new(),
            unwritten: BTreeMap::new(),
            unwritten_themes: None,
            shared: BTreeSet::new(),
            runs: BTreeMap::new(),
            obstacle,
        }
    }

    /// Removes what an earlier process began and did not end.
    pub fn clean(&mut self) {
        let numbers = self.generations.numbers().into_iter();
        let kept = numbers.filter_map(|number| self.generations.get(number).ok());
        self.shared = kept.filter(changes_layers).map(|kept| kept.number).collect();
        self.outcome_of(|writer| writer.sweep_all());
    }

    pub fn loaded(&mut self, loaded: Loaded) {
        self.note(&loaded);
        self.outcome_of(|writer| {
            if !writer.changed.is_empty() {
                writer.write(&loaded)?;
                writer.changed.clear();
                writer.unwritten.clear();
                writer.unwritten_themes = None;
            }
            writer.write_running(&loaded)?;
            writer.sweep()
        });
    }

    fn note(&mut self, loaded: &Loaded) {
        for (name, folder) in &loaded.news {
            self.changed.insert(name.clone());
            match folder {
                Some(folder) => {
                    self.folders.insert(name.clone(), folder.hash().cloned());
                    self.unwritten.insert(name.clone(), folder.clone());
                }
                None => {
                    self.folders.remove(name);
                    self.unwritten.remove(name);
                }
            }
        }
        if let Some((hash, contents)) = &loaded.themes {
            self.changed.insert(THEMES.to_owned());
            self.themes = hash.clone();
            self.unwritten_themes = Some(contents.clone());
        }
        loaded.removed.iter().for_each(|town| _ = self.runs.remove(town));
        self.runs.extend(loaded.new.iter().map(|town| (town.clone(), loaded.number)));
        for (town, run) in &mut self.runs {
            if let Some(fallen) = loaded.fallen.get(town) {
                *run = *fallen;
            } else if !loaded.failed.contains(town) {
                *run = loaded.pins.of(town).number().unwrap_or(loaded.number);
            }
        }
    }

    fn write(&mut self, loaded: &Loaded) -> io::Result<()> {
        for (name, folder) in &self.unwritten {
            if let (Some(hash), Some(contents)) = (folder.hash(), folder.contents()) {
                copies::write(&self.generations.copy_of(name, hash), contents)?;
            }
        }
        if let (Some(hash), Some(contents)) = (&self.themes, &self.unwritten_themes) {
            let contents = contents.iter().map(|(path, bytes)| (&**path, &**bytes));
            copies::write(&self.generations.copy_of_themes(hash), contents)?;
        }
        copies::settle(self.generations.folder())?;
        let generation = Generation {
            number: loaded.number,
            at: loaded.at,
            changed: self.changed.clone(),
            broken: loaded.failed.iter().filter(|town| loaded.pins.of(town) == Pin::Latest).cloned().collect(),
            folders: self.folders.clone(),
            themes: self.themes.clone(),
        };
        let json = serde_json::to_vec(&generation).expect("a generation is JSON");
        self.shared.extend(changes_layers(&generation).then_some(generation.number));
        write_whole(&self.generations.manifest(loaded.number), &json)
    }

    fn write_running(&self, loaded: &Loaded) -> io::Result<()> {
        let state = |town: &String| if loaded.failed.contains(town) { State::LastGood } else { State::Serving };
        let own = |town: &String| match (state(town), loaded.pins.of(town)) {
            (State::Serving, Pin::Layers(_)) => Some(loaded.number),
            _ => None,
        };
        let run = |town, run: &u32| Run { generation: Some(*run), own: own(town), state: state(town) };
        let served = self.runs.iter().map(|(town, number)| (town, run(town, number)));
        let not_served = loaded.failed.iter().filter(|town| !self.runs.contains_key(*town));
        let not_served = not_served.map(|town| (town, Run { generation: None, own: None, state: State::Broken }));
        let running = Running {
            at: loaded.at,
            latest: loaded.number,
            pins: Pins::clone(&loaded.pins),
            towns: served.chain(not_served).map(|(town, run)| (town.clone(), run)).collect(),
        };
        let json = serde_json::to_vec(&running).expect("who runs what is JSON");
        write_whole(&self.generations.folder().join(RUNNING), &json)
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
    fn sweep(&self) -> io::Result<()> {
        let numbers = self.generations.numbers();
        if numbers.len() <= self.most {
            return Ok(());
        }
        let dropped = self.generations.locked(|| {
            // as they are written now: a command may have named a generation that the last load did not know of
            let pinned = self.generations.pins().map(|pins| pins.numbers()).unwrap_or_default();
            let run: BTreeSet<u32> = self.runs.values().copied().collect();
            let needed = &(&self.worth_keeping(&numbers) | &pinned) | &run;
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
        let needed = self.needed();
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

    /// Removes every copy that no generation names.
    fn sweep_all(&self) -> io::Result<()> {
        let needed = self.needed();
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

    /// Every copy that a kept generation names.
    fn needed(&self) -> BTreeSet<(String, Arc<str>)> {
        let mut needed = BTreeSet::new();
        for generation in self.generations.numbers().into_iter().filter_map(|number| self.generations.get(number).ok())
        {
            needed.extend(generation.themes.map(|hash| (THEMES.to_owned(), hash)));
            needed.extend(generation.folders.into_iter().filter_map(|(name, hash)| Some((name, hash?))));
        }
        needed
    }

    fn outcome_of(&mut self, deed: impl FnOnce(&mut Self) -> io::Result<()>) {
        let outcome = deed(self);
        self.obstacle.set(self.generations.folder(), outcome.as_ref().err());
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
