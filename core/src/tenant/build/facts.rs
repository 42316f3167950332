//! Who the town is: its facts with what follows from them, its login of the day, and what texts may name of both.

use std::sync::Arc;

use super::Builder;
use crate::{
    clock::local_zone,
    tenant::{
        dated::{LocalMoment, date_node},
        schema::{Identity, Login, Town},
        variables::Variables,
    },
    yaml::{At, Data, Key, Node, Problem, merge, read},
};

/// Facts of a town that texts may name and a town may not have filled in yet.
const OPTIONAL_FACTS: [&str; 43] = [
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

impl Builder<'_> {
    /// The login of the moment. Its dates are data, not conditions: the phases need all providers at once.
    pub(super) fn login(&mut self) -> Option<Login> {
        let node = self.layered.yaml("identity.yaml")?;
        let identity: Identity = self.decoded(&node)?;
        for (provider, entry) in
            identity.providers.iter().zip(node.get("providers").map_or(&[][..], |list| list.items()))
        {
            if provider.period().start() >= provider.period().end() {
                self.tell(Problem::new(&entry.at, format!("lets `{}` end before it begins", provider.id)));
            }
        }
        self.origins.push(("identity.yaml".into(), node));
        self.switches.extend(identity.switches());
        let login = identity.login_at(&self.now.to_zoned(local_zone()));
        self.phase = login.as_ref().and_then(|login| login.phase);
        login
    }

    pub(super) fn town(&mut self, login: Option<&Login>) -> Option<(Town, Variables)> {
        let has_file = self.layered.own_paths("tenant.yaml").contains("tenant.yaml");
        let raw = has_file.then(|| self.layered.yaml("tenant.yaml")).flatten();
        if let Some(raw) = &raw {
            self.refuse_dated_hosts(raw);
        }
        let Some(node) = raw.and_then(|raw| self.resolve(&raw)) else {
            if self.layered.problems.is_empty() {
                self.tell(Problem::new(&self.home.clone(), "is missing").hint("it needs at least `name` and `hosts`"));
            }
            return None;
        };
        let node = merge(&node, &self.defaults(&node));
        let raw = Variables::new(root(&self.home, &node, login), &OPTIONAL_FACTS);
        let node = raw.fill(&node, self.layered.problems);
        self.origins.push(("tenant.yaml".into(), node.clone()));
        let town = self.decoded(&node)?;
        Some((town, Variables::new(root(&self.home, &node, login), &OPTIONAL_FACTS)))
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
        let say = |pattern: &str| serde_json::to_string(&pattern.replace('%', &name)).unwrap_or_default();
        let yaml = format!(
            "full_name: {}\nadministration: {}\nforms:\n  of: {}\n  in: {}\n  residents: {}\n  adjective: {}\n",
            say("Stadt %"),
            say("Stadtverwaltung %"),
            say("der Stadt %"),
            say("in %"),
            say("Einwohnerinnen und Einwohner"),
            say("%er"),
        );
        let place = node.get("name").map_or(&self.home, |name| &name.at);
        let defaults = read(&place.file, yaml.as_bytes()).unwrap_or_else(|_| Node::empty_map(place.clone()));
        relocated(&defaults, place)
    }
}

fn relocated(node: &Node, place: &At) -> Arc<Node> {
    let data = match &node.data {
        Data::Map(entries) => {
            let moved = |(key, value): &(Key, Arc<Node>)| {
                (Key { at: place.clone(), name: key.name.clone() }, relocated(value, place))
            };
            Data::Map(entries.iter().map(moved).collect())
        }
        other => other.clone(),
    };
    Node::new(place.clone(), data)
}

/// What variables can name: `town` and `login`.
fn root(place: &At, town: &Arc<Node>, login: Option<&Login>) -> Arc<Node> {
    let key = |name: &str| Key { at: place.clone(), name: name.into() };
    let mut entries = vec![(key("town"), town.clone())];
    if let Some(login) = login {
        let text = |value: &str| Node::new(place.clone(), Data::Text(value.into()));
        let day = |moment: Option<LocalMoment>| moment.map(|moment| date_node(place, moment.local_date()));
        let map = |pairs: Vec<(&str, Option<Arc<Node>>)>| {
            let entries = pairs.into_iter().filter_map(|(name, value)| Some((key(name), value?)));
            Node::new(place.clone(), Data::Map(entries.collect()))
        };
        let next = login.next.as_ref().map(|next| {
            map(vec![
                ("name", Some(text(&next.name))),
                ("url", next.url.as_deref().map(text)),
                ("from", day(next.from)),
            ])
        });
        let old = login.old.as_ref().map(|old| {
            let gone = old.period().end().to_zoned(local_zone()).date();
            map(vec![
                ("name", Some(text(&old.name))),
                ("until", day(old.until)),
                ("gone", Some(date_node(place, gone))),
            ])
        });
        let url = login.provider.url.as_deref().map(text);
        let fields = vec![
            ("name", Some(text(&login.provider.name))),
            ("url", url),
            ("since", day(login.provider.from)),
            ("next", next),
            ("old", old),
        ];
        entries.push((key("login"), map(fields)));
    }
    Node::new(place.clone(), Data::Map(entries))
}
