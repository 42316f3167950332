//! The layers of a chain at one moment: every file with its dates resolved and turned into its type once, for all towns
//! that leave it as it is.

use std::{
    any::Any,
    cell::Cell,
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    dated::{Moment, next_switch},
    facts::{Use, uses_of},
    layers::Ground,
    pages::SharedPages,
    schema::Phase,
};
use crate::yaml::{At, Data, Node, Problem, decode_filled};

/// The layers from one moment to the next at which something dated changes.
#[derive(Debug)]
pub struct Common {
    from: Timestamp,
    until: Option<Timestamp>,
    phase: Option<Phase>,
    documents: HashMap<String, Document>,
    pub pages: SharedPages,
}

/// A file of the layers.
#[derive(Debug, Default)]
pub struct Document {
    /// `None` where the whole file is outside its dates.
    pub node: Option<Arc<Node>>,
    pub switches: Vec<Timestamp>,
    pub problems: Vec<Problem>,
    pub uses: Vec<Use>,
    value: OnceLock<Shared>,
    /// Whether every id it names is one of the layers'; towns can only add to them.
    pub sound: OnceLock<bool>,
    examples: OnceLock<Vec<At>>,
}

type Shared = Result<Arc<dyn Any + Send + Sync>, Unshared>;

/// Why a town has to read the file for itself.
#[derive(Debug, Clone)]
pub enum Unshared {
    /// It names facts of the town in a value that is no text, such as an address.
    NamesFacts,
    Wrong(Problem),
}

impl Common {
    pub fn of(ground: &Ground, now: Timestamp, phase: Option<Phase>) -> Self {
        let documents: HashMap<_, _> =
            ground.documents().map(|(path, node)| (path.clone(), Document::of(node, now, phase))).collect();
        let pages = SharedPages::of(ground.markdown(), now, phase);
        let switches = documents.values().map(|document| &document.switches).chain([&pages.switches]);
        let until = switches.filter_map(|switches| next_switch(switches, now)).min();
        Self { from: now, until, phase, documents, pages }
    }

    pub fn holds(&self, now: Timestamp, phase: Option<Phase>) -> bool {
        self.phase == phase && self.from <= now && !self.is_over(now)
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    pub fn document(&self, path: &str) -> Option<&Document> {
        self.documents.get(path)
    }
}

impl Document {
    fn of(node: &Arc<Node>, now: Timestamp, phase: Option<Phase>) -> Self {
        let (mut switches, mut problems) = (Vec::new(), Vec::new());
        let node = Moment { now, phase, switches: &mut switches, problems: &mut problems }.resolve(node);
        let uses = node.as_ref().map(|node| uses_of(node, &mut problems)).unwrap_or_default();
        Self {
            node,
            switches,
            problems,
            uses,
            value: OnceLock::new(),
            sound: OnceLock::new(),
            examples: OnceLock::new(),
        }
    }

    /// Where it says that something is an example.
    pub fn examples(&self) -> &[At] {
        self.examples.get_or_init(|| self.node.as_deref().map(examples_in).unwrap_or_default())
    }

    /// The file as its type, the same one for every town.
    pub fn value<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        node: &Node,
        finish: impl Fn(&mut T),
    ) -> Result<Arc<T>, Unshared> {
        let shared = self.value.get_or_init(|| {
            let names_facts = Cell::new(false);
            let fill = |text: &str| {
                names_facts.set(true);
                text.to_owned()
            };
            match decode_filled::<T>(node, &fill) {
                _ if names_facts.get() => Err(Unshared::NamesFacts),
                Ok(mut value) => {
                    finish(&mut value);
                    Ok(Arc::new(value) as Arc<dyn Any + Send + Sync>)
                }
                Err(problem) => Err(Unshared::Wrong(problem)),
            }
        });
        shared.clone().map(|value| value.downcast().expect("a file is always read as the same type"))
    }
}

/// Every place below `node` that says `example: true`.
pub fn examples_in(node: &Node) -> Vec<At> {
    let mut places = Vec::new();
    node.walk("", &mut |path, value| {
        if path.rsplit('.').next() == Some("example") && value.data == Data::Bool(true) {
            places.push(value.at.clone());
        }
    });
    places
}
