//! YAML that remembers where it stands.
//!
//! `serde_yaml` loads every file; `saphyr-parser` tells where each value stood. The two readings are laid over each
//! other once, at the door, into a [`Node`] tree whose every value and key carries its [`At`].
//! Invariant: there is no value without an origin, so every later complaint can name file, line and column.

mod decode;
mod merge;
mod read;

use std::{fmt, sync::Arc};

pub use decode::{decode, decode_filled};
pub(crate) use merge::{id as id_of, is_removed, share};
pub use merge::{merge, without_removed};
pub use read::{MAX_BYTES, read, read_from_line, utf8};

/// A place in a configuration file; lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// Path as the operator knows it, for example `tenants/herford/tenant.yaml`.
    pub file: Arc<str>,
    pub line: u32,
    pub column: u32,
}

impl At {
    pub fn start_of(file: &str) -> Self {
        Self { file: file.into(), line: 1, column: 1 }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One value of a file together with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub at: At,
    pub data: Data,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    Null,
    Bool(bool),
    Number(serde_yaml::Number),
    Text(Arc<str>),
    List(Vec<Arc<Node>>),
    Map(Vec<(Key, Arc<Node>)>),
}

/// A key of a mapping, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub at: At,
    pub name: Arc<str>,
}

impl Node {
    pub fn new(at: At, data: Data) -> Arc<Self> {
        Arc::new(Self { at, data })
    }

    pub fn empty_map(at: At) -> Arc<Self> {
        Self::new(at, Data::Map(Vec::new()))
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Node>> {
        self.entries().iter().find(|(key, _)| &*key.name == name).map(|(_, value)| value)
    }

    /// Follows a dotted path: `address.street`.
    pub fn find(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, name| node.get(name).map(|value| &**value))
    }

    pub fn entries(&self) -> &[(Key, Arc<Node>)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Arc<Node>] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        self.data == Data::Null
    }

    /// What the value is called in a message to an operator.
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "yes/no value",
            Data::Number(_) => "number",
            Data::Text(_) => "text",
            Data::List(_) => "list",
            Data::Map(_) => "mapping",
        }
    }

    /// Calls `see` with the dotted path of every plain value: `address.street`, `tiles.0.title`.
    pub fn walk(&self, path: &str, see: &mut impl FnMut(&str, &Node)) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match &self.data {
            Data::Map(entries) => entries.iter().for_each(|(key, value)| value.walk(&below(&key.name), see)),
            Data::List(items) => items.iter().enumerate().for_each(|(i, item)| item.walk(&below(&i.to_string()), see)),
            _ => see(path, self),
        }
    }
}

/// Plain values print as they would stand in a file.
impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::Null => f.write_str("null"),
            Data::Bool(value) => value.fmt(f),
            Data::Number(value) => value.fmt(f),
            Data::Text(value) => value.fmt(f),
            Data::List(items) => write!(f, "[{} entries]", items.len()),
            Data::Map(entries) => write!(f, "{{{} entries}}", entries.len()),
        }
    }
}

/// The rule of a problem that breaks no other: the files do not say what they should.
pub const UNREADABLE: &str = "configuration";

/// What is wrong with the configuration, and where: the message an operator reads at 3 a.m.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("`{at}` {message}")]
pub struct Problem {
    pub at: At,
    pub message: String,
    pub hint: Option<String>,
    /// A warning lets the tenant load; an error keeps its last good version.
    pub warning: bool,
    /// The rule it breaks, for `portal check`.
    pub rule: &'static str,
}

impl Problem {
    pub fn new(at: &At, message: impl Into<String>) -> Self {
        Self { at: at.clone(), message: message.into(), hint: None, warning: false, rule: UNREADABLE }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn rule(mut self, rule: &'static str) -> Self {
        self.rule = rule;
        self
    }

    pub fn warning(mut self) -> Self {
        self.warning = true;
        self
    }

    /// Adds ``did you mean `…`?`` with the nearest of `names`, or lists them when none is near.
    pub fn nearest<'a>(self, name: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest_hint(name, names) {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
}

fn nearest_hint<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let best = names.iter().map(|other| (strsim::jaro_winkler(name, other), other)).max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((score, other)) if score > 0.8 => Some(format!("did you mean `{other}`?")),
        Some(_) if names.len() <= 40 => Some(format!("known are {}", quoted(&names))),
        _ => None,
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
