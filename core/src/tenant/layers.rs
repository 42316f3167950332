//! Which folders make a town, and its files laid over those of its layers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    File,
    folder::{Files, Snapshot},
};
use crate::yaml::{At, Data, Node, Problem, merge, without_removed};

/// A town and its layers, the town first.
#[derive(Debug, Clone)]
pub struct Chain(pub Vec<String>);

impl Chain {
    /// Follows `extends` from the town down; a layer that several others extend comes once, below all of them.
    pub fn of(id: &str, snapshot: &Snapshot, files: &mut Files) -> Result<Self, Vec<Problem>> {
        let mut chain = Vec::new();
        let mut problems = Vec::new();
        follow(id, None, &mut Vec::new(), &mut chain, &mut problems, snapshot, files);
        chain.reverse();
        if problems.is_empty() { Ok(Self(chain)) } else { Err(problems) }
    }
}

/// Writes down what lies lowest first: a layer comes after everything it extends.
fn follow(
    id: &str,
    named_at: Option<&At>,
    path: &mut Vec<String>,
    chain: &mut Vec<String>,
    problems: &mut Vec<Problem>,
    snapshot: &Snapshot,
    files: &mut Files,
) {
    if path.iter().any(|above| above == id) {
        let at = named_at.cloned().unwrap_or_else(|| At::start_of(id));
        problems.push(Problem::new(&at, format!("extends `{id}`, which extends it in turn")));
        return;
    }
    if chain.iter().any(|known| known == id) {
        return;
    }
    let Some(state) = snapshot.get(id) else {
        let at = named_at.cloned().unwrap_or_else(|| At::start_of(id));
        let layers = snapshot.keys().map(String::as_str).filter(|name| name.starts_with('_'));
        let problem = Problem::new(&at, format!("extends `{id}`, which does not exist"));
        problems.push(problem.hint("layers are folders that start with `_`").nearest(id, layers));
        return;
    };
    match state.files.get("tenant.yaml").map(|stamp| files.file(id, "tenant.yaml", *stamp)) {
        Some(Ok(File::Yaml(node))) => {
            path.push(id.to_owned());
            for (layer, at) in extended(&node, problems).into_iter().rev() {
                follow(&layer, Some(&at), path, chain, problems, snapshot, files);
            }
            path.pop();
        }
        Some(Ok(_)) | None => {}
        Some(Err(problem)) => problems.push(problem),
    }
    chain.push(id.to_owned());
}

fn extended(node: &Node, problems: &mut Vec<Problem>) -> Vec<(String, At)> {
    let Some(extends) = node.get("extends") else { return Vec::new() };
    let names: Vec<&Arc<Node>> = match &extends.data {
        Data::List(items) => items.iter().collect(),
        Data::Null => Vec::new(),
        _ => vec![extends],
    };
    let mut layers = Vec::new();
    for name in names {
        match name.text() {
            Some(text) if text.starts_with('_') => layers.push((text.to_owned(), name.at.clone())),
            _ => problems.push(
                Problem::new(&name.at, format!("extends `{}`, which is no layer", name.data))
                    .hint("layers are folders that start with `_`"),
            ),
        }
    }
    layers
}

/// Reads the files of a chain; what does not read is collected.
pub struct Layered<'a> {
    pub chain: &'a Chain,
    pub snapshot: &'a Snapshot,
    pub files: &'a mut Files,
    pub problems: &'a mut Vec<Problem>,
}

impl Layered<'_> {
    /// The YAML file of that name, the town's over its layers'. `extends` and hosts are each folder's own.
    pub fn yaml(&mut self, path: &str) -> Option<Arc<Node>> {
        let mut whole: Option<Arc<Node>> = None;
        for folder in self.chain.0.iter().rev() {
            let Some(stamp) = self.snapshot.get(folder).and_then(|state| state.files.get(path)) else { continue };
            match self.files.file(folder, path, *stamp) {
                Ok(File::Yaml(node)) if !node.is_null() => {
                    let node = as_mapping(path, node);
                    whole = Some(whole.map_or_else(|| node.clone(), |below| merge(&node, &below)));
                }
                Ok(_) => {}
                Err(problem) => self.problems.push(problem),
            }
        }
        whole.map(|node| without_removed(&node))
    }

    /// A file of the first folder that has it.
    pub fn first(&mut self, path: &str) -> Option<File> {
        for folder in &self.chain.0 {
            let Some(stamp) = self.snapshot.get(folder).and_then(|state| state.files.get(path)) else { continue };
            match self.files.file(folder, path, *stamp) {
                Ok(file) => return Some(file),
                Err(problem) => self.problems.push(problem),
            }
        }
        None
    }

    /// Paths below `prefix` in the town or any layer.
    pub fn paths(&self, prefix: &str) -> BTreeSet<String> {
        let states = self.chain.0.iter().filter_map(|folder| self.snapshot.get(folder));
        let paths = states.flat_map(|state| state.files.keys());
        paths.filter(|path| path.starts_with(prefix)).cloned().collect()
    }

    /// Paths below `prefix` in the town's own folder.
    pub fn own_paths(&self, prefix: &str) -> BTreeSet<String> {
        let own = self.snapshot.get(&self.chain.0[0]).map(|state| &state.files);
        own.into_iter().flat_map(BTreeMap::keys).filter(|path| path.starts_with(prefix)).cloned().collect()
    }
}

/// A file whose content is one list may leave the name of the list out.
fn as_mapping(path: &str, node: Arc<Node>) -> Arc<Node> {
    let name = match path {
        "content/faq.yaml" => "entries",
        "identity.yaml" => "providers",
        "notices.yaml" => "notices",
        "start.yaml" => "tiles",
        _ => return node,
    };
    match &node.data {
        Data::List(_) => {
            let key = crate::yaml::Key { at: node.at.clone(), name: name.into() };
            Node::new(node.at.clone(), Data::Map(vec![(key, node.clone())]))
        }
        _ => node,
    }
}
