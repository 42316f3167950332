//! Who the town is: its facts with what follows from them, its login of the day, and what texts may name of both.

use std::sync::Arc;

use super::Builder;
use crate::{
    clock::local_zone,
    tenant::{
        dated::{LocalMoment, date_node},
        facts::{Facts, uses_of},
        schema::{Login, Town},
    },
    yaml::{At, Data, Key, Node, Problem, merge},
};

impl Builder<'_> {
    pub(super) fn town(&mut self, login: Option<&Login>) -> Option<(Town, Facts)> {
        let raw = self.own.yaml("tenant.yaml").is_some().then(|| self.raw("tenant.yaml")).flatten();
        if let Some(raw) = &raw {
            self.refuse_dated_hosts(raw);
        }
        let Some(node) = raw.and_then(|raw| self.resolve(&raw)) else {
            if self.problems.is_empty() {
                self.tell(Problem::new(&self.home.clone(), "is missing").hint("it needs at least `name` and `hosts`"));
            }
            return None;
        };
        let node = merge(&node, &self.defaults(&node));
        // facts may name facts
        let login = login.map(|login| login_node(&self.home, login));
        let facts = |node: &Arc<Node>| {
            let roots = [Some(("town", node)), login.as_ref().map(|login| ("login", login))];
            Facts::of(&roots.into_iter().flatten().collect::<Vec<_>>())
        };
        let complete = facts(&node);
        let uses = uses_of(&node, &mut self.problems);
        complete.check(&uses, &mut self.told, &mut self.problems);
        let node = complete.fill_node(&node);
        let town = self.decoded(&node);
        let facts = facts(&node);
        self.keep("tenant.yaml", node);
        Some((town?, facts))
    }

    /// Who answers at a host is checked when towns are loaded, against all the others; a date could not be.
    fn refuse_dated_hosts(&mut self, raw: &Node) {
        for list in ["hosts", "preview_hosts"].into_iter().filter_map(|name| raw.get(name)) {
            let entries = std::iter::once(list).chain(list.items());
            if let Some(dated) = entries.into_iter().find(|entry| matches!(entry.data, Data::Map(_))) {
                let problem = Problem::new(&dated.at, "gives a host dates, which hosts cannot have");
                self.tell(problem.hint("list all names; the first is the canonical one"));
            }
        }
    }

    /// What follows from the name alone, so that a town of three lines already speaks in whole sentences.
    fn defaults(&self, node: &Node) -> Arc<Node> {
        let name = node.get("name").map(|name| name.data.to_string()).unwrap_or_default();
        let place = node.get("name").map_or(&self.home, |name| &name.at);
        let text = |text: String| Node::new(place.clone(), Data::Text(text.into()));
        let forms = map(
            place,
            [
                ("of", text(format!("der Stadt {name}"))),
                ("in", text(format!("in {name}"))),
                ("residents", text("Einwohnerinnen und Einwohner".into())),
                ("adjective", text(format!("{name}er"))),
            ],
        );
        let full_name = text(format!("Stadt {name}"));
        let administration = text(format!("Stadtverwaltung {name}"));
        map(place, [("full_name", full_name), ("administration", administration), ("forms", forms)])
    }
}

fn map<'a>(place: &At, entries: impl IntoIterator<Item = (&'a str, Arc<Node>)>) -> Arc<Node> {
    let entries = entries.into_iter().map(|(name, value)| (Key { at: place.clone(), name: name.into() }, value));
    Node::new(place.clone(), Data::Map(entries.collect()))
}

/// What texts can name of the login.
fn login_node(place: &At, login: &Login) -> Arc<Node> {
    let text = |value: &str| Node::new(place.clone(), Data::Text(value.into()));
    let day = |moment: Option<LocalMoment>| moment.map(|moment| date_node(place, moment.local_date()));
    let known = |pairs: Vec<(&'static str, Option<Arc<Node>>)>| {
        map(place, pairs.into_iter().filter_map(|(name, value)| Some((name, value?))))
    };
    let next = login.next.as_ref().map(|next| {
        known(vec![("name", Some(text(&next.name))), ("url", next.url.as_deref().map(text)), ("from", day(next.from))])
    });
    let old = login.old.as_ref().map(|old| {
        let gone = old.period().end().to_zoned(local_zone()).date();
        known(vec![("name", Some(text(&old.name))), ("until", day(old.until)), ("gone", Some(date_node(place, gone)))])
    });
    known(vec![
        ("name", Some(text(&login.provider.name))),
        ("url", login.provider.url.as_deref().map(text)),
        ("since", day(login.provider.from)),
        ("next", next),
        ("old", old),
    ])
}
