//! The portal's own words, one file per locale, laid over each other along the theme's chain.

use std::{collections::BTreeMap, sync::Arc};

use tera::{Kwargs, State, Value};

use super::{ThemeFiles, merged};
use crate::{
    locale::Locale,
    yaml::{Data, Node, Problem, merge},
};

/// Texts by locale, ready for templates. German fills what another locale lacks.
#[derive(Debug, Clone)]
pub struct Texts {
    by_locale: BTreeMap<Locale, (Value, Arc<Node>)>,
}

impl Texts {
    pub(super) fn load(chain: &[String], files: &ThemeFiles, paths: &[&str]) -> Result<Self, Vec<Problem>> {
        let locales = paths.iter().filter_map(|path| {
            let (folder, file) = path.split_once("/texts/")?;
            let code = file.strip_suffix(".yaml")?;
            chain.iter().any(|known| known == folder).then(|| Locale::new(code)).flatten()
        });
        let german = merged(chain, files, "texts/de.yaml")?;
        let mut by_locale = BTreeMap::new();
        for locale in locales {
            let Some(mut node) = merged(chain, files, &format!("texts/{locale}.yaml"))? else { continue };
            if let Some(german) = &german {
                node = merge(&node, german);
            }
            by_locale.insert(locale, (value_of(&node), node));
        }
        Ok(Self { by_locale })
    }

    pub fn has(&self, locale: &Locale) -> bool {
        self.by_locale.contains_key(locale)
    }

    /// All texts of a locale, for templates (`t.nav.search`).
    pub fn of(&self, locale: &Locale) -> Value {
        self.entry(locale).map(|(value, _)| value.clone()).unwrap_or_else(Value::none)
    }

    /// One text by its dotted name; an unknown name shows itself, so that a gap is seen.
    pub fn get<'a>(&'a self, locale: &Locale, name: &'a str) -> &'a str {
        self.entry(locale).and_then(|(_, node)| node.find(name)).and_then(Node::text).unwrap_or(name)
    }

    /// The texts with the place of each.
    pub fn origins(&self) -> impl Iterator<Item = (&Locale, &Arc<Node>)> {
        self.by_locale.iter().map(|(locale, (_, node))| (locale, node))
    }

    /// Every name there is, and whether the locale has words of its own for it. The desk speaks German only.
    pub fn names(&self, locale: &Locale) -> impl Iterator<Item = (String, bool)> {
        let own = format!("/{locale}.yaml");
        let mut names = Vec::new();
        if let Some((_, node)) = self.by_locale.get(locale) {
            node.walk("", &mut |name, text| names.push((name.to_owned(), text.at.file.ends_with(&own))));
        }
        names.into_iter().filter(|(name, _)| name.split('.').next() != Some("desk"))
    }

    fn entry(&self, locale: &Locale) -> Option<&(Value, Arc<Node>)> {
        self.by_locale.get(locale).or_else(|| self.by_locale.get(&Locale::german()))
    }
}

/// The filter `fill`: `{{ t.search.found | fill(n=3) }}` puts 3 in the place of `{n}`.
pub(super) fn fill(text: &str, values: Kwargs, _: &State) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

fn value_of(node: &Node) -> Value {
    match &node.data {
        Data::Null => Value::none(),
        Data::Bool(value) => Value::from(*value),
        Data::Number(value) => Value::from(value.to_string()),
        Data::Text(text) => Value::from(&**text),
        Data::List(items) => Value::from_serializable(&items.iter().map(|item| value_of(item)).collect::<Vec<_>>()),
        Data::Map(entries) => {
            let map: BTreeMap<&str, Value> = entries.iter().map(|(key, value)| (&*key.name, value_of(value))).collect();
            Value::from_serializable(&map)
        }
    }
}
