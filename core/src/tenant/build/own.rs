//! The files of the town itself, parsed for the time of one build.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    tenant::{
        folder::{File, Folder, Markdown, Parsed},
        layers::service_id,
    },
    theme::Asset,
    yaml::{Node, Problem},
};

/// The files of one town by path; what does not read is told where the file is needed.
pub struct Own {
    /// The folder as operators know it.
    place: String,
    pub problems: BTreeMap<String, Problem>,
    yaml: BTreeMap<String, Arc<Node>>,
    pages: BTreeMap<String, Arc<Markdown>>,
    assets: Vec<Arc<Asset>>,
}

impl Own {
    pub fn read(folder: &Folder) -> Self {
        let mut own = Self {
            place: folder.shown.clone(),
            problems: BTreeMap::new(),
            yaml: BTreeMap::new(),
            pages: BTreeMap::new(),
            assets: Vec::new(),
        };
        for (path, file) in folder.files() {
            let parsed = match file {
                Ok(File::Text(text)) => text.parse(),
                Ok(File::Asset(asset)) => {
                    own.assets.push(asset.clone());
                    continue;
                }
                Ok(File::Certificate(_) | File::Stray) => continue,
                Err(problem) => Err(problem.clone()),
            };
            match parsed {
                Ok(Parsed::Yaml(node)) if node.is_null() => {}
                Ok(Parsed::Yaml(node)) => _ = own.yaml.insert(path.to_owned(), node),
                Ok(Parsed::Markdown(page)) => _ = own.pages.insert(path.to_owned(), page),
                Err(problem) => _ = own.problems.insert(path.to_owned(), problem),
            }
        }
        own
    }

    /// The path as it is told to an operator.
    pub fn shown(&self, path: &str) -> String {
        format!("{}/{path}", self.place)
    }

    /// Every YAML file that reads, by its path.
    pub fn all_yaml(&self) -> impl Iterator<Item = (&str, &Arc<Node>)> {
        self.yaml.iter().map(|(path, node)| (path.as_str(), node))
    }

    pub fn yaml(&self, path: &str) -> Option<&Arc<Node>> {
        self.yaml.get(path)
    }

    /// Ids of the services in the town's own folder.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.yaml.keys().filter_map(|path| service_id(path))
    }

    pub fn has_pages(&self) -> bool {
        !self.pages.is_empty()
    }

    pub fn pages(&self) -> impl Iterator<Item = (&str, &Arc<Markdown>)> {
        self.pages.iter().map(|(path, page)| (path.as_str(), page))
    }

    pub fn has_assets(&self) -> bool {
        !self.assets.is_empty()
    }

    pub fn assets(&self) -> impl Iterator<Item = &Arc<Asset>> {
        self.assets.iter()
    }
}
