//! `{{ town.name }}`: facts that stand once and are named everywhere.

use std::{cell::RefCell, collections::BTreeSet, sync::Arc};

use crate::yaml::{At, Data, Node, Problem, share};

/// What texts may name: `town` (the resolved `tenant.yaml`) and `login`.
pub struct Variables {
    root: Arc<Node>,
    /// Dotted names that a town may have but this one has not filled in.
    optional: &'static [&'static str],
    /// Those of them that were told already: the first place is enough, and shared texts have many.
    told: RefCell<BTreeSet<String>>,
}

impl Variables {
    pub fn new(root: Arc<Node>, optional: &'static [&'static str]) -> Self {
        Self { root, optional, told: RefCell::default() }
    }

    /// Fills in every text below `node`.
    pub fn fill(&self, node: &Arc<Node>, problems: &mut Vec<Problem>) -> Arc<Node> {
        self.fill_in(node, "de", problems)
    }

    /// The same for texts that are in `locale` unless they say otherwise.
    pub fn fill_in(&self, node: &Arc<Node>, locale: &str, problems: &mut Vec<Problem>) -> Arc<Node> {
        match &node.data {
            Data::Text(text) if text.contains("{{") => Node::new(
                node.at.clone(),
                Data::Text(self.fill_text(text, |_| node.at.clone(), locale, problems).into()),
            ),
            Data::List(items) => {
                share(node, Data::List(items.iter().map(|item| self.fill_in(item, locale, problems)).collect()))
            }
            Data::Map(entries) => {
                let is_text = entries.iter().any(|(key, _)| &*key.name == "de");
                let filled = entries.iter().map(|(key, value)| {
                    let locale = if is_text { &*key.name } else { locale };
                    (key.clone(), self.fill_in(value, locale, problems))
                });
                share(node, Data::Map(filled.collect()))
            }
            _ => node.clone(),
        }
    }

    /// Fills in the body of a page, which stands in its file as it is: every variable has its own line and column.
    pub fn fill_body(&self, text: &str, at: &At, locale: &str, problems: &mut Vec<Problem>) -> String {
        let place = |before: &str| match before.rsplit_once('\n') {
            Some((above, line)) => At {
                file: at.file.clone(),
                line: at.line + above.matches('\n').count() as u32 + 1,
                column: line.chars().count() as u32 + 1,
            },
            None => At { column: at.column + before.chars().count() as u32, ..at.clone() },
        };
        self.fill_text(text, place, locale, problems)
    }

    /// `place` says where a variable stands that comes after so much text.
    fn fill_text(&self, text: &str, place: impl Fn(&str) -> At, locale: &str, problems: &mut Vec<Problem>) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let at = place(&text[..text.len() - after.len() - 2]);
            let Some((name, behind)) = after.split_once("}}") else {
                problems.push(Problem::new(&at, "opens a variable with `{{` and does not close it"));
                return filled;
            };
            filled.push_str(&self.value(name.trim(), &at, locale, problems));
            rest = behind;
        }
        filled + rest
    }

    fn value(&self, name: &str, at: &At, locale: &str, problems: &mut Vec<Problem>) -> String {
        if let Some(text) = self.root.find(name).and_then(|node| plain(node, locale)) {
            return text;
        }
        let problem = Problem::new(at, format!("names the variable `{name}`, which does not exist"));
        if self.optional.contains(&name) {
            let hint = match name.strip_prefix("town.") {
                Some(fact) => format!("add `{fact}` to its `tenant.yaml`"),
                None => "`identity.yaml` names no provider for this day".to_owned(),
            };
            if self.told.borrow_mut().insert(name.to_owned()) {
                let message = format!("names `{name}`, which this town has not filled in");
                problems.push(Problem::new(at, message).hint(hint).warning());
            }
        } else {
            let mut names = Vec::new();
            self.root.walk("", &mut |path, _| names.push(path.trim_end_matches(".de").to_owned()));
            problems.push(problem.nearest(name, names.iter().map(String::as_str)));
        }
        // a gap that is seen in a preview is better than a sentence that silently lacks its address
        format!("[{name}]")
    }
}

/// A plain value as text; of a text in several locales the one that fits.
fn plain(node: &Node, locale: &str) -> Option<String> {
    match &node.data {
        Data::Text(text) if text.contains("{{") => None,
        Data::Text(_) | Data::Number(_) => Some(node.data.to_string()),
        Data::Map(_) => node.get(locale).or_else(|| node.get("de")).and_then(|text| plain(text, locale)),
        _ => None,
    }
}
