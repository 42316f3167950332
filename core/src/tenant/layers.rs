//! What lies below a town: the layers it extends, laid over each other once for all towns of the same chain.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use jiff::Timestamp;

use super::{
    common::Common,
    folder::{File, Folder, Markdown},
    folders::Folders,
    schema::{Phase, lone_list},
};
use crate::{
    theme::{Asset, short_hash},
    yaml::{At, Data, Key, Node, Problem, merge, without_removed},
};

/// The layers of a chain, merged file by file, dates still open.
#[derive(Debug, Default)]
pub struct Ground {
    /// What the town extends, as it says it.
    names: Vec<String>,
    /// All layers, the topmost first.
    pub layers: Vec<Arc<Folder>>,
    /// Merged YAML by path; a file that does not read is an error of the towns that need it.
    yaml: BTreeMap<String, Merged>,
    /// Ids of the services in `services/`.
    pub services: Arc<BTreeSet<Arc<str>>>,
    digests: OnceLock<BTreeMap<String, SharedText>>,
    moments: Mutex<Vec<Arc<Common>>>,
}

/// A file of the layers as far as it has to be approved.
#[derive(Debug)]
pub struct SharedText {
    pub at: At,
    pub digest: String,
}

impl SharedText {
    fn of(at: &At, node: &Node, body: &str) -> Self {
        let mut words = String::new();
        node.walk("", &mut |path, value| words.extend([path, "=", &value.data.to_string(), "\0"]));
        Self { at: at.clone(), digest: short_hash((words + body).as_bytes()) }
    }
}

type Merged = Result<Arc<Node>, Vec<Problem>>;

impl Ground {
    fn of(names: &[String], layers: Vec<Arc<Folder>>) -> Self {
        let mut paths: Vec<&str> = layers.iter().flat_map(|layer| layer.paths()).collect();
        paths.retain(|path| path.ends_with(".yaml") && !path.starts_with("assets/"));
        paths.sort_unstable();
        paths.dedup();
        let yaml: BTreeMap<_, _> =
            paths.into_iter().filter_map(|path| Some((path.to_owned(), merged(path, &layers)?))).collect();
        let services = yaml.keys().filter_map(|path| service_id(path)).map(Arc::from).collect::<BTreeSet<_>>().into();
        Self { names: names.to_vec(), layers, yaml, services, digests: OnceLock::new(), moments: Mutex::default() }
    }

    pub fn yaml(&self, path: &str) -> Option<&Merged> {
        self.yaml.get(path)
    }

    /// Every file that reads, by path.
    pub fn documents(&self) -> impl Iterator<Item = (&String, &Arc<Node>)> {
        self.yaml.iter().filter_map(|(path, node)| Some((path, node.as_ref().ok()?)))
    }

    pub fn has_service(&self, id: &str) -> bool {
        self.services.contains(id)
    }

    pub fn paths<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.layers.iter().flat_map(|layer| layer.paths()).filter(move |path| path.starts_with(prefix))
    }

    pub fn asset(&self, path: &str) -> Option<Arc<Asset>> {
        match self.layers.iter().find_map(|layer| layer.file(path))? {
            Ok(File::Asset(asset)) => Some(asset.clone()),
            _ => None,
        }
    }

    pub fn certificate(&self, path: &str) -> Option<Result<Arc<str>, Problem>> {
        self.layers.iter().find_map(|layer| layer.certificate(path))
    }

    /// Pages in Markdown by path, the topmost layer's.
    pub fn markdown(&self) -> BTreeMap<&str, Result<Arc<Markdown>, Problem>> {
        let page = |path| Some((path, self.layers.iter().find_map(|layer| layer.markdown(path))?));
        self.paths("content/").filter_map(page).collect()
    }

    /// Every file of words, with the digest by which a town notices that the layer has changed it. Dates stay open in it:
    /// a date that passes is no change.
    pub fn texts(&self) -> &BTreeMap<String, SharedText> {
        self.digests.get_or_init(|| {
            let yaml = self.documents().map(|(path, node)| (path.clone(), SharedText::of(&node.at, node, "")));
            let pages = self.markdown().into_iter().filter_map(|(path, page)| {
                let page = page.ok()?;
                Some((path.to_owned(), SharedText::of(&page.head.at, &page.head, &page.body)))
            });
            yaml.chain(pages).collect()
        })
    }

    /// The layers as they are at one moment in one phase: worked out once for all towns.
    pub fn at(self: &Arc<Self>, now: Timestamp, phase: Option<Phase>) -> Arc<Common> {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = moments.iter().find(|common| common.holds(now, phase)) {
            return known.clone();
        }
        let common = Arc::new(Common::of(self, now, phase));
        moments.push(common.clone());
        common
    }

    /// Forgets moments that have passed.
    fn tidy(&self, now: Timestamp) {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner).retain(|common| !common.is_over(now));
    }

    fn is_current(&self, folders: &Folders) -> bool {
        self.layers.iter().all(|layer| folders.get(&layer.name).is_some_and(|folder| Arc::ptr_eq(folder, layer)))
    }
}

fn merged(path: &str, layers: &[Arc<Folder>]) -> Option<Merged> {
    let mut whole: Option<Arc<Node>> = None;
    let mut problems = Vec::new();
    for file in layers.iter().rev().filter_map(|layer| layer.yaml(path)) {
        match file {
            Ok(node) if node.is_null() => {}
            Ok(node) => whole = Some(lay_over(path, &node, whole.as_ref())),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { whole.map(|node| Ok(without_removed(&node))) } else { Some(Err(problems)) }
}

/// A file over those of the same name below it.
pub fn lay_over(path: &str, node: &Arc<Node>, below: Option<&Arc<Node>>) -> Arc<Node> {
    let node = as_mapping(path, node.clone());
    below.map_or_else(|| node.clone(), |below| merge(&node, below))
}

/// The id of a service by the path of its file.
pub fn service_id(path: &str) -> Option<&str> {
    path.strip_prefix("services/")?.strip_suffix(".yaml")
}

/// A file whose content is one list may leave the name of the list out.
pub fn as_mapping(path: &str, node: Arc<Node>) -> Arc<Node> {
    let kind = path.strip_prefix("content/").unwrap_or(path).strip_suffix(".yaml");
    let Some(name) = kind.and_then(lone_list) else { return node };
    match &node.data {
        Data::List(_) => {
            let key = Key { at: node.at.clone(), name: name.into() };
            Node::new(node.at.clone(), Data::Map(vec![(key, node.clone())]))
        }
        _ => node,
    }
}

/// All chains in use, each merged once.
#[derive(Debug, Default)]
pub struct Grounds(Mutex<HashMap<Vec<String>, Known>>);

type Known = Result<Arc<Ground>, Vec<Problem>>;

impl Grounds {
    /// Those of other stocks that are the same over these folders.
    pub fn of_near<'a>(near: impl Iterator<Item = &'a Self>, folders: &Folders) -> Self {
        let mut known: HashMap<Vec<String>, Known> = HashMap::new();
        for grounds in near {
            let grounds = grounds.0.lock().unwrap_or_else(PoisonError::into_inner);
            let same = grounds.iter().filter(|(_, ground)| ground.as_ref().is_ok_and(|it| it.is_current(folders)));
            known.extend(same.map(|(names, ground)| (names.clone(), ground.clone())));
        }
        Self(Mutex::new(known))
    }

    /// The ground of a town that extends these layers, named at these places.
    pub fn of(&self, extends: &[(String, At)], folders: &Folders) -> Known {
        let mut chain = Chain { folders, layers: Vec::new(), path: Vec::new(), problems: Vec::new() };
        let unknown: Vec<Problem> = extends
            .iter()
            .filter(|(name, _)| folders.get(name).is_none())
            .map(|(name, at)| chain.unknown(name, at))
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let names: Vec<String> = extends.iter().map(|(name, _)| name.clone()).collect();
        let mut grounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        grounds
            .entry(names)
            .or_insert_with_key(|names| {
                extends.iter().rev().for_each(|(name, at)| chain.follow(name, at));
                chain.layers.reverse();
                let layers = std::mem::take(&mut chain.layers);
                if chain.problems.is_empty() { Ok(Arc::new(Ground::of(names, layers))) } else { Err(chain.problems) }
            })
            .clone()
    }

    /// Whether towns on this ground need not be built anew for its sake.
    pub fn has(&self, ground: &Arc<Ground>) -> bool {
        let grounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        grounds.get(&ground.names).is_some_and(|known| known.as_ref().is_ok_and(|known| Arc::ptr_eq(known, ground)))
    }

    /// Forgets what is no longer as it lies on disk, and moments that have passed.
    pub fn refresh(&self, folders: &Folders, now: Timestamp) {
        let mut grounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        grounds.retain(|_, ground| ground.as_ref().is_ok_and(|ground| ground.is_current(folders)));
        grounds.values().flatten().for_each(|ground| ground.tidy(now));
    }
}

/// Follows `extends` from layer to layer; a layer that several others extend comes once, below all of them.
struct Chain<'a> {
    folders: &'a Folders,
    /// Lowest first: a layer comes after everything it extends.
    layers: Vec<Arc<Folder>>,
    path: Vec<String>,
    problems: Vec<Problem>,
}

impl Chain<'_> {
    fn follow(&mut self, name: &str, named_at: &At) {
        if self.path.iter().any(|above| above == name) {
            self.problems.push(Problem::new(named_at, format!("extends `{name}`, which extends it in turn")));
            return;
        }
        if self.layers.iter().any(|known| &*known.name == name) {
            return;
        }
        let Some(folder) = self.folders.get(name) else {
            self.problems.push(self.unknown(name, named_at));
            return;
        };
        match folder.yaml("tenant.yaml") {
            Some(Ok(node)) => {
                self.path.push(name.to_owned());
                for (below, at) in extended(&node, &mut self.problems).into_iter().rev() {
                    self.follow(&below, &at);
                }
                self.path.pop();
            }
            Some(Err(problem)) => self.problems.push(problem),
            None => {}
        }
        self.layers.push(folder.clone());
    }

    fn unknown(&self, name: &str, at: &At) -> Problem {
        Problem::new(at, format!("extends `{name}`, which does not exist"))
            .hint("layers are folders that start with `_`")
            .nearest(name, self.folders.layers())
    }
}

/// The layers that a `tenant.yaml` extends, the first above the later ones.
pub fn extended(node: &Node, problems: &mut Vec<Problem>) -> Vec<(String, At)> {
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
