//! `{{ town.name }}`: facts that stand once and are named everywhere.
//!
//! Texts keep their variables until they are said, so that thousands of towns share the sentences of one layer; that
//! every variable has a value is checked when a town is built.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use super::Text;
use crate::{
    locale::Locale,
    yaml::{At, Data, Node, Problem, share},
};

/// What the texts of one town may name: values of `tenant.yaml` and `login`, by their dotted names.
#[derive(Debug, Default)]
pub struct Facts(Box<[(Box<str>, Text)]>);

impl Facts {
    /// All plain values below `town` and `login` that are complete.
    pub fn of(roots: &[(&str, &Arc<Node>)]) -> Self {
        let mut facts = Vec::new();
        for (name, node) in roots {
            collect(name, node, &mut facts);
        }
        facts.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self(facts.into())
    }

    fn get(&self, name: &str) -> Option<&Text> {
        let i = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        Some(&self.0[i].1)
    }

    /// The text with every variable said in `locale`. One without a value shows as `[town.phone]`: a gap that is seen
    /// in a preview is better than a sentence that silently lacks its address.
    pub fn fill<'a>(&self, text: &'a str, locale: &Locale) -> Cow<'a, str> {
        self.fill_with(text, |name, filled| match self.get(name) {
            Some(value) => filled.push_str(value.raw(locale)),
            None => filled.extend(["[", name, "]"]),
        })
    }

    /// The same with a space for every fact whose name begins with `prefix`, and for what has no value.
    pub fn fill_but<'a>(&self, text: &'a str, locale: &Locale, prefix: &str) -> Cow<'a, str> {
        self.fill_with(text, |name, filled| match self.get(name).filter(|_| !name.starts_with(prefix)) {
            Some(value) => filled.push_str(value.raw(locale)),
            None => filled.push(' '),
        })
    }

    fn fill_with<'a>(&self, text: &'a str, say: impl Fn(&str, &mut String)) -> Cow<'a, str> {
        if !text.contains("{{") {
            return Cow::Borrowed(text);
        }
        let mut filled = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((name, behind)) = after.split_once("}}") else { return filled.into() };
            say(name.trim(), &mut filled);
            rest = behind;
        }
        filled.push_str(rest);
        filled.into()
    }

    /// Fills in every text below `node`, for showing values and for the facts themselves.
    pub fn fill_node(&self, node: &Arc<Node>) -> Arc<Node> {
        self.fill_below(node, &Locale::german())
    }

    fn fill_below(&self, node: &Arc<Node>, locale: &Locale) -> Arc<Node> {
        match &node.data {
            Data::Text(text) if text.contains("{{") => {
                Node::new(node.at.clone(), Data::Text(self.fill(text, locale).into()))
            }
            Data::List(items) => {
                share(node, Data::List(items.iter().map(|item| self.fill_below(item, locale)).collect()))
            }
            Data::Map(entries) => {
                let is_text = entries.iter().any(|(key, _)| &*key.name == "de");
                let filled = entries.iter().map(|(key, value)| {
                    let own = is_text.then(|| Locale::new(&key.name)).flatten();
                    (key.clone(), self.fill_below(value, own.as_ref().unwrap_or(locale)))
                });
                share(node, Data::Map(filled.collect()))
            }
            _ => node.clone(),
        }
    }

    /// Complains about variables that have no value. `told` remembers optional facts: the first place is enough, and
    /// shared texts have many.
    pub fn check(&self, uses: &[Use], told: &mut BTreeSet<String>, problems: &mut Vec<Problem>) {
        for Use { name, at } in uses.iter().filter(|variable| self.get(&variable.name).is_none()) {
            if !OPTIONAL.contains(&&**name) {
                let problem = Problem::new(at, format!("names the variable `{name}`, which does not exist"));
                problems.push(problem.nearest(name, self.0.iter().map(|(name, _)| &**name)));
            } else if told.insert(name.to_string()) {
                let hint = match name.strip_prefix("town.") {
                    Some(fact) => format!("add `{fact}` to its `tenant.yaml`"),
                    None => "`identity.yaml` names no provider for this day".to_owned(),
                };
                let message = format!("names `{name}`, which this town has not filled in");
                problems.push(Problem::new(at, message).hint(hint).warning().rule("missing-text"));
            }
        }
    }
}

fn collect(name: &str, node: &Node, facts: &mut Vec<(Box<str>, Text)>) {
    if let Some(text) = Text::of_node(node) {
        if text.locales().all(|(_, text)| !text.contains("{{")) {
            facts.push((name.into(), text));
        }
        return;
    }
    for (key, value) in node.entries() {
        collect(&format!("{name}.{}", key.name), value, facts);
    }
}

/// A variable that some text names, and where.
#[derive(Debug, Clone)]
pub struct Use {
    name: Box<str>,
    at: At,
}

/// Every variable below `node`, each at its first place.
pub fn uses_of(node: &Node, problems: &mut Vec<Problem>) -> Vec<Use> {
    let mut uses = Vec::new();
    node.walk("", &mut |_, value| {
        if let Some(text) = value.text().filter(|text| text.contains("{{")) {
            uses.extend(uses_in(text, |_| value.at.clone(), problems));
        }
    });
    uses.sort_by(|a, b| (&a.name, &a.at).cmp(&(&b.name, &b.at)));
    uses.dedup_by(|later, first| later.name == first.name);
    uses
}

/// Every variable in the body of a page, which stands in its file as it is: each has its own line and column.
pub fn uses_of_body(text: &str, at: &At, problems: &mut Vec<Problem>) -> Vec<Use> {
    let place = |before: &str| match before.rsplit_once('\n') {
        Some((above, line)) => At {
            file: at.file.clone(),
            line: at.line + above.matches('\n').count() as u32 + 1,
            column: line.chars().count() as u32 + 1,
        },
        None => At { column: at.column + before.chars().count() as u32, ..at.clone() },
    };
    uses_in(text, place, problems)
}

/// `place` says where a variable stands that comes after so much text.
fn uses_in(text: &str, place: impl Fn(&str) -> At, problems: &mut Vec<Problem>) -> Vec<Use> {
    let mut uses = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let at = place(&text[..text.len() - after.len() - 2]);
        let Some((name, behind)) = after.split_once("}}") else {
            problems.push(Problem::new(&at, "opens a variable with `{{` and does not close it"));
            break;
        };
        uses.push(Use { name: name.trim().into(), at });
        rest = behind;
    }
    uses
}

/// Facts that texts may name and a town may not have filled in yet.
const OPTIONAL: [&str; 43] = [
    "town.represented_by",
    "town.address.street",
    "town.address.zip",
    "town.address.city",
    "town.phone",
    "town.fax",
    "town.email",
    "town.website",
    "town.vat_id",
    "town.iban",
    "town.help.email",
    "town.help.phone",
    "town.help.hours",
    "town.data_protection.name",
    "town.data_protection.street",
    "town.data_protection.zip",
    "town.data_protection.city",
    "town.data_protection.email",
    "town.data_protection.phone",
    "town.supervisor.name",
    "town.supervisor.street",
    "town.supervisor.zip",
    "town.supervisor.city",
    "town.supervisor.phone",
    "town.supervisor.email",
    "town.supervisor.url",
    "town.court.name",
    "town.court.street",
    "town.court.zip",
    "town.court.city",
    "town.court.phone",
    "town.court.email",
    "town.court.url",
    "town.accessibility.created",
    "town.accessibility.reviewed",
    "town.accessibility.email",
    "town.accessibility.phone",
    "login.name",
    "login.url",
    "login.since",
    "login.old.name",
    "login.next.name",
    "login.next.url",
];
