//! What towns are built from at one moment: folders, the grounds laid from them, themes. Either what lies on disk now or
//! what a generation kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    build::{Sources, own::Own},
    folder::Folder,
    folders::{Folders, Scope, Seen, is_layer},
    generations::{Contents, Generations, hash_of},
    layers::{Ground, Grounds, extended},
};
use crate::{
    theme::{Shelf, ThemeFiles},
    yaml::Problem,
};

#[derive(Debug)]
pub(super) struct Stock {
    pub folders: Folders,
    grounds: Grounds,
    themes: ThemeFiles,
    /// How the themes on disk looked last; those of a generation stay as they are.
    theme_stamp: Option<String>,
    themes_hash: Option<Arc<str>>,
    shelf: Arc<Shelf>,
    /// Why nothing can be built from it.
    refused: Option<Problem>,
}

/// New contents of the folder of themes, and their hash; nothing of both where there is no such folder.
pub(super) type NewThemes = (Option<Arc<str>>, Contents);

impl Stock {
    /// What lies on disk, not looked at so far.
    pub fn on_disk(root: &Path, themes: ThemeFiles) -> Self {
        Self {
            folders: Folders::new(root),
            grounds: Grounds::default(),
            shelf: Arc::new(Shelf::new(themes.clone())),
            theme_stamp: None,
            themes_hash: None,
            themes,
            refused: None,
        }
    }

    /// What a generation kept for the towns that want it. What it has in common with stocks `near` is theirs: a town
    /// that is the same in both is not built anew.
    pub fn kept(number: u32, towns: &BTreeSet<String>, generations: &Generations, near: &[&Self]) -> Self {
        let unreadable = |problem: Problem| {
            let known = towns.iter().map(|town| (town.clone(), Folder::unreadable(town, problem.clone()).into()));
            let folders = Folders::kept(known.collect());
            Self { folders, refused: Some(problem), ..Self::on_disk(Path::new(""), ThemeFiles::embedded()) }
        };
        let generation = match generations.get(number) {
            Ok(generation) => generation,
            Err(problem) => return unreadable(problem),
        };
        let layers = generation.folders.keys().filter(|name| is_layer(name));
        let names: BTreeSet<&String> = layers.chain(towns).collect();
        let folder = |name: &String| {
            let hash = generation.folders.get(name)?.as_ref()?;
            let known = near.iter().filter_map(|stock| stock.folders.get(name));
            known.into_iter().find(|folder| folder.hash() == Some(hash)).cloned()
        };
        let folders = names.into_par_iter().map(|name| {
            let folder = folder(name).unwrap_or_else(|| {
                let folder = generations.folder_of(&generation, name);
                if is_layer(name) {
                    folder.parse_ahead();
                }
                folder.into()
            });
            (name.clone(), folder)
        });
        let folders = Folders::kept(folders.collect::<BTreeMap<_, _>>());
        // a shelf reads a theme when it is first asked for; by then the files on disk may be others
        let at_rest = |stock: &&&Self| stock.themes_hash.is_none() || stock.theme_stamp.is_none();
        let same_themes = near.iter().filter(at_rest).find(|stock| stock.themes_hash == generation.themes);
        let (themes, shelf) = match same_themes {
            Some(stock) => (stock.themes.clone(), stock.shelf.clone()),
            None => match generations.themes_of(&generation) {
                Ok(themes) => (themes.clone(), Arc::new(Shelf::new(themes))),
                Err(problem) => return unreadable(problem),
            },
        };
        let grounds = Grounds::of_near(near.iter().map(|stock| &stock.grounds), &folders);
        Self { folders, grounds, themes, theme_stamp: None, themes_hash: generation.themes, shelf, refused: None }
    }

    pub fn themes(&self) -> &ThemeFiles {
        &self.themes
    }

    /// Looks at the disk for what has changed.
    pub fn look(&mut self, scope: &Scope) -> Result<(Seen, Option<NewThemes>), Problem> {
        let themes = self.look_at_themes();
        Ok((self.folders.look(scope)?, themes))
    }

    fn look_at_themes(&mut self) -> Option<NewThemes> {
        let stamp = self.themes.stamp();
        if self.theme_stamp.as_ref() == Some(&stamp) {
            return None;
        }
        if self.theme_stamp.is_some() {
            self.shelf = Arc::new(Shelf::new(self.themes.clone()));
        }
        self.theme_stamp = Some(stamp);
        let contents = self.themes.own();
        self.themes_hash = self.themes.folder().map(|_| hash_of(contents.iter().map(|(path, bytes)| (path, bytes))));
        Some((self.themes_hash.clone(), contents))
    }

    /// Forgets grounds that are no longer as their layers, and moments that have passed.
    pub fn tidy(&self, now: Timestamp) {
        self.grounds.refresh(&self.folders, now);
    }

    /// What a town is made of over the layers of this stock.
    pub fn sources(&self, folder: &Arc<Folder>, own: &Own) -> Result<Sources, Vec<Problem>> {
        let ground = self.ground_of(folder, own)?;
        Ok(Sources { folder: folder.clone(), ground, shelf: self.shelf.clone() })
    }

    /// Whether layers and themes are still those that a town was made of.
    pub fn has(&self, sources: &Sources) -> bool {
        Arc::ptr_eq(&self.shelf, &sources.shelf) && self.grounds.has(&sources.ground)
    }

    fn ground_of(&self, folder: &Folder, own: &Own) -> Result<Arc<Ground>, Vec<Problem>> {
        if let Some(problems) = self.refused.clone().map(|problem| vec![problem]).or_else(|| folder.unread()) {
            return Err(problems);
        }
        if let Some(problem) = own.problems.get("tenant.yaml") {
            return Err(vec![problem.clone()]);
        }
        let mut problems = Vec::new();
        let extends = own.yaml("tenant.yaml").map(|node| extended(node, &mut problems)).unwrap_or_default();
        if !problems.is_empty() {
            return Err(problems);
        }
        let ground = self.grounds.of(&extends, &self.folders)?;
        let unread: Vec<Problem> = ground.layers.iter().filter_map(|layer| layer.unread()).flatten().collect();
        if unread.is_empty() { Ok(ground) } else { Err(unread) }
    }
}
