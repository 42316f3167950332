//! Destinations of packages: each looked at by its kind, and those that forms name must exist.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Url;

use super::{Builder, check::is_id};
use crate::{
    config::secret::SecretRef,
    tenant::schema::{Destination, Misfit, OnlineForm},
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
            let Destination { id, .. } = destination;
            if !is_id(id) || destinations[..i].iter().any(|above| above.id == *id) {
                let at = self.destination(i, "id");
                let problem = Problem::new(&at, format!("has the id `{id}`, which is no id or not the only one"));
                self.tell(problem.hint("ids use `a`–`z`, `0`–`9` and `-`, each once"));
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
            self.check_server(i, destination);
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

    /// What goes to `ssh` and `sftp` word by word has to be what it looks like.
    fn check_server(&mut self, i: usize, destination: &Destination) {
        let Destination { host, user, folder, login_key, .. } = destination;
        let mut wrong = Vec::new();
        if host.as_ref().is_some_and(|host| !is_word(host, ".-:")) {
            wrong.push(("host", "is no name or address of a server", "`host: sftp.example.de`"));
        }
        if user.as_ref().is_some_and(|user| !is_word(user, "._-@")) {
            wrong.push(("user", "is no name of a user", "letters, digits, `.`, `_`, `-`, `@`"));
        }
        let breaks_out = |c: char| c.is_control() || c == '"' || c == '\\';
        if folder.as_ref().is_some_and(|folder| folder.is_empty() || folder.contains(breaks_out)) {
            wrong.push((
                "folder",
                "is no folder that `sftp` can be told",
                "without quotes and backslashes; `.` is where a login begins",
            ));
        }
        if matches!(login_key, Some(SecretRef::Env(_))) {
            wrong.push(("login_key", "lies in no file, and `ssh` reads the key itself", "`login_key: file:…`"));
        }
        if !destination.host_keys.iter().all(|key| is_host_key(key)) {
            let hint = "`ssh-ed25519 AAAA…`, one line of `ssh-keyscan` without the name in front";
            wrong.push(("host_keys", "holds what is no public key of a server", hint));
        }
        for (field, message, hint) in wrong {
            let problem = Problem::new(&self.destination(i, field), message);
            self.tell(problem.hint(hint));
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
        "host" => "`host: sftp.example.de`",
        "user" => "`user: portal`; who logs in there",
        "folder" => "`folder: eingang`; `.` is where a login begins",
        "login_key" => "`login_key: file:…`; `ssh-keygen -t ed25519 -N ''` makes one",
        "host_keys" => {
            "`host_keys: [ssh-ed25519 AAAA…]`; `ssh-keyscan` shows them, the server's operator vouches for them"
        }
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

/// Letters, digits and these, and no option.
fn is_word(text: &str, further: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || further.contains(c);
    !text.is_empty() && text.len() <= 253 && !text.starts_with('-') && text.chars().all(fits)
}

/// `ssh-ed25519 AAAA…`: the kind, and a key that says it is of this kind.
fn is_host_key(line: &str) -> bool {
    let mut parts = line.split(' ');
    let (Some(kind), Some(key)) = (parts.next(), parts.next()) else { return false };
    let Ok(key) = STANDARD.decode(key) else { return false };
    let named = u32::try_from(kind.len()).map(|length| [&length.to_be_bytes()[..], kind.as_bytes()].concat());
    is_word(kind, "-@.") && !line.contains(char::is_control) && named.is_ok_and(|named| key.starts_with(&named))
}
