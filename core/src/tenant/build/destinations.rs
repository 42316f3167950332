//! Destinations of packages: each looked at by its kind, and those that forms name must exist.

use std::{collections::BTreeMap, sync::Arc};

use reqwest::Url;

use super::{Builder, check::is_id};
use crate::{
    tenant::schema::{Destination, DestinationKind, Misfit, OnlineForm},
    yaml::{At, Problem},
};

const LIST: &str = "destinations";

impl Builder<'_> {
    pub(super) fn check_destinations(
        &mut self,
        destinations: &[Destination],
        forms: &BTreeMap<String, Arc<OnlineForm>>,
    ) {
        for (i, destination) in destinations.iter().enumerate() {
            let Destination { id, kind, .. } = destination;
            if !is_id(id) || destinations[..i].iter().any(|above| above.id == *id) {
                let at = self.destination(i, "id");
                let problem = Problem::new(&at, format!("has the id `{id}`, which is no id or not the only one"));
                self.tell(problem.hint("ids use `a`–`z`, `0`–`9` and `-`, each once"));
            }
            if *kind == DestinationKind::Sftp {
                let at = self.destination(i, "kind");
                let problem = Problem::new(&at, "is a kind that this version of the portal cannot reach");
                self.tell(problem.hint("`kind: folder`, and let the system's own `sftp` carry the packages on"));
                continue;
            }
            for misfit in destination.misfits() {
                let problem = match misfit {
                    Misfit::Lacks(field) => {
                        let problem =
                            Problem::new(&self.destination(i, "kind"), format!("takes `{field}`, which is missing"));
                        problem.hint(hint_of(field))
                    }
                    Misfit::Superfluous(field) => {
                        let problem =
                            Problem::new(&self.destination(i, field), "does not fit this kind of destination");
                        problem.hint("take it out, or change `kind`")
                    }
                };
                self.tell(problem);
            }
            if destination.path.as_ref().is_some_and(|path| !path.is_absolute()) {
                let at = self.destination(i, "path");
                self.tell(
                    Problem::new(&at, "is no absolute path")
                        .hint("packages must not depend on where the portal started"),
                );
            }
            if destination.url.as_ref().is_some_and(|url| !is_safe(url)) {
                let at = self.destination(i, "url");
                let problem = Problem::new(&at, "is no address to which packages may be sent");
                self.tell(problem.hint("`https://…` without a user; `http://` only for a program on this machine"));
            }
        }
        let known: Vec<&str> = destinations.iter().map(|destination| destination.id.as_str()).collect();
        for form in forms.values() {
            let Some(id) = form.delivery.as_ref().filter(|id| !known.contains(&id.as_str())) else { continue };
            let at = self.place(&format!("forms/{}.yaml", form.id), "delivery");
            let problem =
                Problem::new(&at, format!("hands over to the destination `{id}`, which the town does not have"));
            self.tell(problem.nearest(id, known.iter().copied()).rule("unknown-destination"));
        }
    }

    /// The place of a field of the `i`-th destination, or of the whole entry.
    fn destination(&self, i: usize, field: &str) -> At {
        let entry = self.origin("tenant.yaml", LIST).and_then(|list| list.items().get(i).cloned());
        let field = entry.as_ref().and_then(|entry| entry.get(field).cloned());
        field.or(entry).map_or_else(|| self.place("tenant.yaml", LIST), |node| node.at.clone())
    }
}

fn hint_of(field: &str) -> &'static str {
    match field {
        "path" => "`path: /srv/packages/…`",
        "url" => "`url: https://…`",
        "secret" => "`secret: file:…` or `env:…`; both sides know it",
        _ => "`key: file:…` or `env:…`; `openssl genpkey -algorithm ed25519` makes one",
    }
}

/// Encrypted, except between two programs on one machine, and without a password in it.
fn is_safe(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let at_home = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let encrypted = url.scheme() == "https" || (url.scheme() == "http" && at_home);
    encrypted && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}
