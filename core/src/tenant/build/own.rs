//! The files of the town itself, parsed for the time of one build.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    tenant::{
        folder::{File, Folder, Markdown, Parsed},
        layers::{parsed, service_id},
    },
    theme::Asset,
    yaml::{Node, Problem},
};

pub(super) struct Own {
    /// The folder as operators know it.
    place: String,
    yaml: BTreeMap<String, Arc<Node>>,
    pages: BTreeMap<String, Arc<Markdown>>,
    assets: Vec<Arc<Asset>>,
}

impl Own {
    pub(super) fn read(folder: &Folder, problems: &mut Vec<Problem>) -> Self {
        let mut own =
            Self { place: folder.shown.clone(), yaml: BTreeMap::new(), pages: BTreeMap::new(), assets: Vec::new() };
        for (path, file) in folder.files() {
            match (file, parsed(file)) {
                (Ok(File::Asset(asset)), _) => own.assets.push(asset.clone()),
                (_, Ok(Some(Parsed::Yaml(node)))) if !node.is_null() => {
                    own.yaml.insert(path.to_owned(), node);
                }
                (_, Ok(Some(Parsed::Markdown(page)))) if path.starts_with("content/") => {
                    own.pages.insert(path.to_owned(), page);
                }
                (_, Err(problem)) => problems.push(problem),
                _ => {}
            }
        }
        own
    }

    /// The path as it is told to an operator.
    pub(super) fn shown(&self, path: &str) -> String {
        format!("{}/{path}", self.place)
    }

    pub(super) fn yaml(&self, path: &str) -> Option<&Arc<Node>> {
        self.yaml.get(path)
    }

    /// Ids of the services in the town's own folder.
    pub(super) fn services(&self) -> impl Iterator<Item = &str> {
        self.yaml.keys().filter_map(|path| service_id(path))
    }

    pub(super) fn has_pages(&self) -> bool {
        !self.pages.is_empty()
    }

    pub(super) fn pages(&self) -> impl Iterator<Item = (&str, &Arc<Markdown>)> {
        self.pages.iter().map(|(path, page)| (path.as_str(), page))
    }

    pub(super) fn has_assets(&self) -> bool {
        !self.assets.is_empty()
    }

    pub(super) fn assets(&self) -> impl Iterator<Item = &Arc<Asset>> {
        self.assets.iter()
    }
}
