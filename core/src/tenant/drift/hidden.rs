//! Finds the values that hide another one, by laying the town's files beside the ground instead of over it.

use std::{ops::RangeInclusive, sync::Arc};

use serde_yaml::Value;

use super::history::History;
use crate::{
    locale::Locale,
    tenant::{
        folder::{File, Folder, Markdown, Parsed, markdown},
        layers::{Ground, as_mapping, lay_over},
    },
    yaml::{At, Data, Node, Problem, id_of, is_removed, read, without_removed},
};

/// A value of the town and the one of its layers that it hides.
pub(super) struct Hidden {
    /// `services/hundesteuer.yaml`
    pub file: String,
    /// Keys, and ids of entries; none for a page in Markdown.
    steps: Vec<Arc<str>>,
    pub at: At,
    /// Where the value stands in the town's file.
    pub lines: RangeInclusive<usize>,
    pub own: String,
    pub base_at: At,
    pub base: String,
}

impl Hidden {
    /// `services/hundesteuer.yaml#fees`
    pub fn value(&self) -> String {
        if self.steps.is_empty() { self.file.clone() } else { format!("{}#{}", self.file, self.steps.join(".")) }
    }

    /// What the layers of today said in this place at a commit; `None` where they said nothing.
    pub fn base_at(&self, history: &History, commit: &str, ground: &Ground) -> Result<Option<String>, Problem> {
        let layers = ground.layers.iter();
        let mut versions =
            layers.filter_map(|layer| Some((&*layer.shown, history.show(commit, &layer.name, &self.file)?)));
        if self.steps.is_empty() {
            let page = versions.next().map(|(layer, bytes)| markdown(layer, &bytes)).transpose()?;
            return Ok(page.map(|page| page_text(&page)));
        }
        let versions: Vec<_> = versions.collect();
        let mut whole = None;
        for (layer, bytes) in versions.iter().rev() {
            let node = read(layer, bytes)?;
            if !node.is_null() {
                whole = Some(lay_over(&self.file, &node, whole.as_ref()));
            }
        }
        let whole = whole.map(|node| without_removed(&node));
        Ok(whole
            .and_then(|node| self.steps.iter().try_fold(node, |node, step| child(node, step)))
            .map(|node| text_of(&node)))
    }
}

/// The entry of a mapping by its key, or of a list by its id. A plain text is what it was before it was translated.
fn child(node: Arc<Node>, step: &str) -> Option<Arc<Node>> {
    if node.text().is_some() && step == Locale::german().code() {
        return Some(node);
    }
    node.get(step).or_else(|| node.items().iter().find(|item| id_of(item) == Some(step))).cloned()
}

/// Everything of the town that hides something, in the order of its files.
pub(super) fn all(folder: &Folder, ground: &Ground) -> Result<Vec<Hidden>, Vec<Problem>> {
    let mut found = Vec::new();
    for (path, file) in folder.files() {
        let Ok(File::Text(text)) = file else { continue };
        match text.parse().map_err(|problem| vec![problem])? {
            Parsed::Yaml(own) => {
                if let Some(base) = ground.yaml(path) {
                    let base = base.as_ref().map_err(Vec::clone)?;
                    Search { file: path, steps: Vec::new(), found: &mut found }.compare(
                        &as_mapping(path, own),
                        base,
                        None,
                    );
                }
            }
            Parsed::Markdown(own) => {
                if let Some(base) = page_below(ground, path).transpose().map_err(|problem| vec![problem])? {
                    found.extend(page(path, &own, &base, &folder.shown));
                }
            }
        }
    }
    Ok(found)
}

fn page_below(ground: &Ground, path: &str) -> Option<Result<Arc<Markdown>, Problem>> {
    ground.layers.iter().find_map(|layer| match layer.file(path)? {
        Ok(File::Text(text)) => match text.parse() {
            Ok(Parsed::Markdown(page)) => Some(Ok(page)),
            Ok(Parsed::Yaml(_)) => None,
            Err(problem) => Some(Err(problem)),
        },
        _ => None,
    })
}

fn page(path: &str, own: &Markdown, base: &Markdown, folder: &str) -> Option<Hidden> {
    let (own_text, base_text) = (page_text(own), page_text(base));
    (own_text != base_text).then(|| Hidden {
        file: path.to_owned(),
        steps: Vec::new(),
        at: At::start_of(&format!("{folder}/{path}")),
        lines: 1..=usize::MAX,
        own: own_text,
        base_at: At { line: 1, column: 1, ..base.body_at.clone() },
        base: base_text,
    })
}

struct Search<'a> {
    file: &'a str,
    steps: Vec<Arc<str>>,
    found: &'a mut Vec<Hidden>,
}

impl Search<'_> {
    /// The same ways as in [`crate::yaml::merge`]: what is merged is looked into, what replaces hides.
    fn compare(&mut self, own: &Node, base: &Node, key: Option<&At>) {
        match (&own.data, &base.data) {
            (Data::Map(_), Data::Map(_)) if !is_removed(own) => {
                for (key, value) in own.entries() {
                    // which layers lie below is the town's own affair
                    let is_affair = self.steps.is_empty() && self.file == "tenant.yaml" && &*key.name == "extends";
                    if let Some(below) = base.get(&key.name).filter(|_| !is_affair) {
                        self.step(&key.name, value, below, &key.at);
                    }
                }
            }
            (Data::List(_), Data::List(_))
                if own.items().iter().chain(base.items()).any(|item| id_of(item).is_some()) =>
            {
                for item in own.items() {
                    let Some(id) = id_of(item) else { continue };
                    if let Some(below) = base.items().iter().find(|other| id_of(other) == Some(id)) {
                        self.step(&id.into(), item, below, &item.at);
                    }
                }
            }
            _ => self.note(own, base, key.unwrap_or(&own.at)),
        }
    }

    fn step(&mut self, name: &Arc<str>, own: &Node, base: &Node, key: &At) {
        self.steps.push(name.clone());
        self.compare(own, base, Some(key));
        self.steps.pop();
    }

    fn note(&mut self, own: &Node, base: &Node, key: &At) {
        let (own_text, base_text) = (text_of(own), text_of(base));
        if own_text != base_text {
            self.found.push(Hidden {
                file: self.file.to_owned(),
                steps: self.steps.clone(),
                at: own.at.clone(),
                lines: key.line as usize..=last_line(own),
                own: own_text,
                base_at: base.at.clone(),
                base: base_text,
            });
        }
    }
}

/// A text as it is, everything else as YAML.
fn text_of(node: &Node) -> String {
    match node.text() {
        Some(text) => text.to_owned(),
        None => {
            let yaml = serde_yaml::to_string(&value_of(node)).expect("keys are texts, values came from YAML");
            yaml.trim_end().to_owned()
        }
    }
}

fn value_of(node: &Node) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(value) => Value::Bool(*value),
        Data::Number(value) => Value::Number(value.clone()),
        Data::Text(value) => Value::String(value.to_string()),
        Data::List(items) => Value::Sequence(items.iter().map(|item| value_of(item)).collect()),
        Data::Map(entries) => {
            Value::Mapping(entries.iter().map(|(key, value)| (key.name.to_string().into(), value_of(value))).collect())
        }
    }
}

fn page_text(page: &Markdown) -> String {
    if page.head.entries().is_empty() {
        return page.body.to_string();
    }
    format!("---\n{}\n---\n{}", text_of(&page.head), page.body)
}

/// Texts over several lines are taken to begin below their key.
fn last_line(node: &Node) -> usize {
    let below = node.entries().iter().map(|(_, value)| value).chain(node.items()).map(|node| last_line(node)).max();
    let lines = node.text().map_or(0, |text| text.matches('\n').count());
    below.unwrap_or(0).max(node.at.line as usize + lines)
}
