//! All stocks that towns are built from: the latest, and one for each generation that some town is to run.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    folder::Folder,
    folders::{Scope, Seen, is_layer},
    generations::{Generations, Keeper, Loaded, Obstacle, Pin, Pins},
    registry::Served,
    stock::{NewThemes, Stock},
};
use crate::{
    theme::ThemeFiles,
    yaml::{At, Problem},
};

#[derive(Debug)]
pub(super) struct Stocks {
    latest: Stock,
    kept: BTreeMap<u32, Stock>,
    pins: Arc<Pins>,
    /// `use.yaml` as it was read last.
    written_pins: Vec<u8>,
    /// The pins are new, and what they name is not opened yet.
    repinned: bool,
    generations: Option<Generations>,
    keeper: Option<Keeper>,
    obstacle: Obstacle,
    /// Seen and not yet counted.
    uncounted: (BTreeSet<String>, Option<NewThemes>),
}

/// What a look at everything found.
#[derive(Debug, Default)]
pub(super) struct News {
    pub seen: Seen,
    /// The themes changed, or who runs which generation.
    pub everywhere: bool,
    /// The folder of towns could not be looked at, which nobody needs at the moment.
    pub is_blind: bool,
    pub warnings: Vec<Problem>,
}

impl Stocks {
    pub fn new(root: &Path, themes: ThemeFiles) -> Self {
        Self {
            latest: Stock::on_disk(root, themes),
            kept: BTreeMap::new(),
            pins: Arc::default(),
            written_pins: Vec::new(),
            repinned: false,
            generations: None,
            keeper: None,
            obstacle: Obstacle::default(),
            uncounted: Default::default(),
        }
    }

    /// Stocks whose states are kept; where that cannot be, the house goes on without.
    pub fn keeping(root: &Path, themes: ThemeFiles, generations: Generations, most: usize) -> Self {
        let obstacle = Obstacle::default();
        let keeper = Keeper::start(generations.clone(), most, obstacle.clone());
        obstacle.set(generations.folder(), keeper.as_ref().err());
        Self { generations: Some(generations), keeper: keeper.ok(), obstacle, ..Self::new(root, themes) }
    }

    pub fn root(&self) -> &Path {
        self.latest.folders.root()
    }

    /// The folder of tenants and, where there is one, the folder of themes.
    pub fn roots(&self) -> Vec<PathBuf> {
        let themes = self.latest.themes().folder().map(Path::to_owned);
        [Some(self.root().to_owned()), themes].into_iter().flatten().collect()
    }

    pub fn generations(&self) -> Option<&Generations> {
        self.generations.as_ref()
    }

    pub fn keeper(&self) -> Option<&Keeper> {
        self.keeper.as_ref()
    }

    /// The stock whose layers and themes a town is built upon.
    pub fn of(&self, town: &str) -> &Stock {
        match self.pins.of(town).number() {
            None => &self.latest,
            Some(number) => self.kept.get(&number).expect("every generation that is named is opened"),
        }
    }

    /// All layers as they lie on disk.
    pub fn layers(&self) -> Vec<Arc<Folder>> {
        let folders = &self.latest.folders;
        folders.layers().filter_map(|name| folders.get(name)).cloned().collect()
    }

    /// A town's own folder, or a layer as most towns have it.
    pub fn folder(&self, name: &str) -> Option<&Arc<Folder>> {
        match self.pins.of(name) {
            Pin::Layers(_) if !is_layer(name) => self.latest.folders.get(name),
            _ => self.of(name).folders.get(name),
        }
    }

    /// Every town, as it lies in the stock its folder is from.
    pub fn towns(&self) -> impl Iterator<Item = &Arc<Folder>> {
        let on_disk = self.latest.folders.towns().filter(|town| !matches!(self.pins.of(&town.name), Pin::Kept(_)));
        let kept = self.kept.iter().flat_map(move |(number, stock)| {
            stock.folders.towns().filter(move |town| self.pins.of(&town.name) == Pin::Kept(*number))
        });
        on_disk.chain(kept)
    }

    pub fn opened(&self) -> u64 {
        self.latest.folders.opened()
    }

    /// Looks at the disk and at who is to run what.
    pub fn look(&mut self, scope: &Scope, served: &Served, now: Timestamp) -> Result<News, Problem> {
        let mut news = News::default();
        self.read_pins(&mut news.warnings);
        match self.look_at_latest(scope, served) {
            Ok((seen, everywhere)) => (news.seen, news.everywhere) = (seen, everywhere),
            // who holds the whole house at a generation does so without the folder
            Err(problem) if !self.pins.need_latest() => {
                news.is_blind = true;
                news.warnings.push(problem);
            }
            Err(problem) => return Err(problem),
        }
        if self.repinned {
            self.open_kept(served);
            self.repinned = false;
            news.everywhere = true;
        }
        self.kept.values().chain([&self.latest]).for_each(|stock| stock.tidy(now));
        Ok(news)
    }

    /// What changed on disk, and whether the themes did.
    fn look_at_latest(&mut self, scope: &Scope, served: &Served) -> Result<(Seen, bool), Problem> {
        let (seen, themes) = self.latest.look(scope)?;
        let themes_changed = themes.is_some();
        self.uncounted.0.extend(seen.changed.iter().cloned());
        self.uncounted.1 = themes.or(self.uncounted.1.take());
        if self.latest.folders.towns().next().is_none() && !served.is_empty() {
            let at = At::start_of(&self.root().display().to_string());
            return Err(Problem::new(&at, "holds no town any more").hint("put the folders back, or stop the portal"));
        }
        Ok((seen, themes_changed))
    }

    fn read_pins(&mut self, warnings: &mut Vec<Problem>) {
        let Some(generations) = &self.generations else { return };
        let written = generations.written_pins();
        if written == self.written_pins {
            return;
        }
        self.repinned = true;
        self.written_pins = written;
        match generations.pins() {
            Ok(pins) => {
                tracing::info!("{}", pins.to_string());
                self.pins = Arc::new(pins);
            }
            Err(problem) => {
                // at the start: what the process before followed
                if self.kept.is_empty() {
                    self.pins = Arc::new(generations.running().map(|running| running.pins).unwrap_or_default());
                }
                warnings.push(problem);
            }
        }
    }

    fn open_kept(&mut self, served: &Served) {
        let Some(generations) = &self.generations else { return };
        let before = std::mem::take(&mut self.kept);
        let near: Vec<&Stock> = before.values().chain([&self.latest]).collect();
        let open = |number| {
            let pin = Pin::Kept(number);
            let mut towns: BTreeSet<String> =
                self.pins.towns.iter().filter(|(_, named)| **named == pin).map(|(town, _)| town.clone()).collect();
            if self.pins.default == pin {
                // without the list of its towns, those of today are told that it cannot be read
                let all: Vec<String> = match generations.get(number) {
                    Ok(generation) => generation.folders.into_keys().filter(|name| !is_layer(name)).collect(),
                    Err(_) => {
                        let known = near.iter().flat_map(|stock| stock.folders.towns());
                        let known = known.map(|folder| folder.name.to_string());
                        known.chain(served.ids().map(ToString::to_string)).collect()
                    }
                };
                towns.extend(all.into_iter().filter(|town| self.pins.of(town) == pin));
            }
            (number, Stock::kept(number, &towns, generations, &near))
        };
        self.kept = self.pins.numbers().into_iter().map(open).collect();
    }

    /// Counts what was seen as the next generation, if it is other than the newest.
    pub fn count(&mut self, news: &News) -> Loaded {
        let loaded = match &mut self.keeper {
            // while somebody is writing, the first look may have missed half of the folders
            Some(keeper) if !news.seen.unsettled && !news.is_blind => {
                let (changed, themes) = std::mem::take(&mut self.uncounted);
                keeper.count(&changed, &news.seen.waiting, &self.latest.folders, themes.as_ref())
            }
            Some(keeper) => Loaded { number: keeper.number(), ..Loaded::default() },
            None => Loaded::default(),
        };
        Loaded { pins: self.pins.clone(), ..loaded }
    }

    /// Earlier states of towns, the newest first, for those that have no version now.
    pub fn earlier(&self, towns: BTreeSet<String>) -> impl Iterator<Item = (u32, Stock)> {
        let numbers = self.generations.iter().flat_map(|generations| generations.numbers()).rev();
        numbers.filter_map(move |number| {
            let generations = self.generations.as_ref()?;
            let near: Vec<&Stock> = self.kept.values().chain([&self.latest]).collect();
            Some((number, Stock::kept(number, &towns, generations, &near)))
        })
    }

    pub fn obstacle(&self) -> Obstacle {
        self.obstacle.clone()
    }

    /// Folders whose change on disk nobody sees, because towns run a generation.
    pub fn held(&self, changed: &BTreeSet<String>) -> Vec<String> {
        let layers_held = !self.pins.need_latest_layers();
        let is_held = |name: &&String| {
            if is_layer(name) { layers_held } else { matches!(self.pins.of(name), Pin::Kept(_)) }
        };
        changed.iter().filter(is_held).cloned().collect()
    }

    /// The generation a town runs that could be loaded.
    pub fn number_of(&self, town: &str) -> Option<u32> {
        self.pins.of(town).number().or(self.keeper.as_ref().map(Keeper::number))
    }
}
