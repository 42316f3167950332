//! The thread's side: writes copies, generations and who runs which, and sweeps what nobody needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

use super::{Loaded, Obstacle, sweep::Broom};
use crate::tenant::{
    folder::Folder,
    generations::{
        Contents, Generation, Generations, Pin, Pins, Run, Running, State, THEMES, copies, running::RUNNING,
        write_whole,
    },
};

pub struct Writer {
    generations: Generations,
    broom: Broom,
    /// What the newest generation holds.
    folders: BTreeMap<String, Option<Arc<str>>>,
    themes: Option<Arc<str>>,
    /// What has changed since the last one that was written, with contents that may have no copy yet.
    changed: BTreeSet<String>,
    unwritten: BTreeMap<String, Arc<Folder>>,
    unwritten_themes: Option<Contents>,
    /// Town → the generation it runs.
    runs: BTreeMap<String, u32>,
    obstacle: Obstacle,
}

impl Writer {
    pub fn new(
        generations: Generations,
        broom: Broom,
        folders: BTreeMap<String, Option<Arc<str>>>,
        themes: Option<Arc<str>>,
        obstacle: Obstacle,
    ) -> Self {
        Self {
            generations,
            broom,
            folders,
            themes,
            changed: BTreeSet::new(),
            unwritten: BTreeMap::new(),
            unwritten_themes: None,
            runs: BTreeMap::new(),
            obstacle,
        }
    }

    /// Removes what an earlier process began and did not end.
    pub fn clean(&mut self) {
        self.outcome_of(|writer| writer.broom.clean());
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
            writer.broom.sweep(&writer.runs.values().copied().collect())
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
        let mut written = Vec::new();
        for (name, folder) in &self.unwritten {
            if let (Some(hash), Some(contents)) = (folder.hash(), folder.contents()) {
                let copy = self.generations.copy_of(name, hash);
                copies::write(&copy, contents)?;
                written.push(copy);
            }
        }
        if let (Some(hash), Some(contents)) = (&self.themes, &self.unwritten_themes) {
            let contents = contents.iter().map(|(path, bytes)| (&**path, &**bytes));
            let copy = self.generations.copy_of_themes(hash);
            copies::write(&copy, contents)?;
            written.push(copy);
        }
        copies::settle(self.generations.folder(), &written)?;
        let generation = Generation {
            number: loaded.number,
            at: loaded.at,
            changed: self.changed.clone(),
            broken: loaded.failed.iter().filter(|town| loaded.pins.of(town) == Pin::Latest).cloned().collect(),
            folders: self.folders.clone(),
            themes: self.themes.clone(),
        };
        let json = serde_json::to_vec(&generation).expect("a generation is JSON");
        self.broom.note(&generation);
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

    fn outcome_of(&mut self, deed: impl FnOnce(&mut Self) -> io::Result<()>) {
        let outcome = deed(self);
        self.obstacle.set(self.generations.folder(), outcome.as_ref().err());
    }
}
