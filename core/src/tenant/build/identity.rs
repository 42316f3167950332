//! Login providers: read, each field looked at by the kind of its provider, certificates put in.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_parser::parse_x509_certificate;

use super::{Builder, check::is_id};
use crate::{
    config::secret::{SecretRef, WRITTEN},
    tenant::schema::{CertificateFile, Identity, Level, People, Provider, ProviderKind, Status, Town},
    yaml::{At, Node, Problem},
};

const FILE: &str = "identity.yaml";
const LONGEST_NAME: usize = 50;

impl Builder<'_> {
    /// All providers with their dates, which are data here, not conditions: the phases need all of them at once.
    pub(super) fn identity(&mut self) -> Identity {
        self.refuse_private_keys();
        let Some(node) = self.raw(FILE) else { return Identity::default() };
        let told = self.problems.len();
        refuse_secrets(&node, &mut self.problems);
        if self.problems.len() > told {
            return Identity::default();
        }
        let Some(mut identity) = self.decoded::<Identity>(&node) else { return Identity::default() };
        let entries = node.get("providers").map_or(&[][..], |list| list.items());
        let mut own = 0;
        for (i, (provider, entry)) in identity.providers.iter_mut().zip(entries).enumerate() {
            let provider = Arc::make_mut(provider);
            look_at(provider, entry, &mut self.problems);
            if entries[..i].iter().any(|above| above.get("id").and_then(|id| id.text()) == Some(&provider.id)) {
                self.tell(Problem::new(&entry.at, format!("is the second provider with the id `{}`", provider.id)));
            }
            own += usize::from(provider.is_own_account());
            if own > 1 && provider.is_own_account() {
                let problem =
                    Problem::new(&entry.at, "is the second kind of accounts of the portal's own for citizens");
                self.tell(problem.hint("`/registrieren` is one address and makes one kind of accounts"));
            }
            for certificate in provider.certificates_mut() {
                if let Some(pem) = self.certificate(certificate, entry) {
                    certificate.pem = pem;
                }
            }
        }
        for (provider, entry) in identity.providers.iter().zip(entries) {
            look_where_it_moves(provider, &identity, entry, &mut self.problems);
        }
        self.keep(FILE, node);
        self.switches.extend(identity.switches());
        identity
    }

    /// What fits the providers only together with the town.
    pub(super) fn check_identity(&mut self, identity: &Identity, town: &Town) {
        let mut problems = Vec::new();
        for (i, provider) in identity.providers.iter().enumerate() {
            let at = self.place_of_item(FILE, "providers", i);
            // whatever its dates: a town that is live has no use for one
            if provider.kind == ProviderKind::Simulator && town.status == Status::Live {
                let message = format!("lets anybody log in as anybody by `{}`, and the town is live", provider.id);
                let hint = format!("take it out; one of a layer by `{{id: {}, remove: true}}`", provider.id);
                problems.push(Problem::new(&at, message).hint(hint).rule("simulator-on-live"));
            }
            let entry = self.origin(FILE, "providers").and_then(|list| list.items().get(i).cloned());
            let roles = provider.staff.iter().flat_map(|staff| staff.roles.values());
            for role in roles.filter(|role| town.staff.role(role).is_none()) {
                let at = entry.as_ref().and_then(|entry| place_of(entry, role)).unwrap_or_else(|| at.clone());
                let problem = Problem::new(&at, format!("gives the role `{role}`, which the town does not have"));
                problems.push(problem.nearest(role, town.staff.roles.iter().map(|role| role.id.as_str())));
            }
        }
        self.problems.extend(problems);
    }

    /// A certificate lies in the folder of the town, or of one of its layers.
    fn certificate(&mut self, file: &CertificateFile, entry: &Node) -> Option<Arc<str>> {
        let path = file.path.as_str();
        let at = place_of(entry, path).unwrap_or_else(|| entry.at.clone());
        let found = self.folder.certificate(path).or_else(|| self.ground.certificate(path));
        let Some(found) = found else {
            let own = self.folder.paths().filter(|path| path.starts_with("idp/"));
            let known: Vec<&str> = own.chain(self.ground.paths("idp/")).collect();
            let problem = Problem::new(&at, format!("names the certificate `{path}`, which is not there"));
            let problem = if known.is_empty() {
                problem.hint("certificates lie in `idp/` of the town or of a layer: `idp/bundid.pem`")
            } else {
                problem.nearest(path, known)
            };
            self.tell(problem);
            return None;
        };
        match found {
            Ok(pem) if is_one_certificate(&pem) => Some(pem),
            Ok(_) => {
                let message = format!("names `{path}`, which does not hold exactly one certificate in PEM form");
                self.tell(Problem::new(&at, message).hint("it begins with `-----BEGIN CERTIFICATE-----`"));
                None
            }
            Err(problem) => {
                self.tell(problem);
                None
            }
        }
    }

    /// Everybody who may change a town's files may read them, and generations keep copies.
    fn refuse_private_keys(&mut self) {
        for path in self.folder.paths().filter(|path| path.starts_with("idp/")) {
            if let Some(Ok(pem)) = self.folder.certificate(path)
                && pem.contains("PRIVATE KEY-----")
            {
                let problem = Problem::new(&At::start_of(&self.own.shown(path)), "holds a private key");
                self.problems.push(problem.hint(format!("keys lie elsewhere: `key: {WRITTEN}`")).rule("plain-secret"));
            }
        }
    }
}

/// Whatever stands where only a reference may stand is taken for a secret, and nowhere repeated.
fn refuse_secrets(node: &Node, problems: &mut Vec<Problem>) {
    for (key, value) in node.entries() {
        let is_secret = matches!(&*key.name, "client_secret" | "key");
        if is_secret && value.text().and_then(SecretRef::parse).is_none() {
            let problem = Problem::new(&value.at, format!("is no reference to a secret, as `{}` needs one", key.name));
            problems.push(problem.hint(format!("secrets lie elsewhere: {WRITTEN}")).rule("plain-secret"));
        }
        refuse_secrets(value, problems);
    }
    node.items().iter().for_each(|item| refuse_secrets(item, problems));
}

fn look_at(provider: &Provider, entry: &Node, problems: &mut Vec<Problem>) {
    let (id, kind) = (&provider.id, provider.kind.word());
    let place = |field: &str| entry.get(field).map_or(&entry.at, |value| &value.at);
    let mut tell = |problem: Problem| problems.push(problem);
    if !is_id(id) {
        let problem = Problem::new(place("id"), format!("has the id `{id}`, which cannot be part of an address"));
        tell(problem.hint("ids use `a`–`z`, `0`–`9` and `-`"));
    }
    if is_taken(provider) {
        let message = format!("has the id `{id}`, which the portal keeps for itself");
        tell(
            Problem::new(place("id"), message)
                .hint("`local` names clerks' accounts of the portal's own, `code` is an address"),
        );
    }
    if provider.period().start() >= provider.period().end() {
        tell(Problem::new(&entry.at, format!("lets `{id}` end before it begins")));
    }
    if !provider.kind.is_for(provider.people()) {
        let people = provider.people().word();
        let hint = "`saml-bundid` and `saml` are for citizens, `simulator` too, `oidc` and `local` are for both";
        tell(Problem::new(place("for"), format!("is for {people}, which `{kind}` cannot be")).hint(hint));
    }
    for (key, _) in entry.entries() {
        if let Some(fits) = provider.misfit(&key.name) {
            let problem = Problem::new(&key.at, format!("has the field `{}`, which `{kind}` does not know", key.name));
            tell(problem.hint(format!("it belongs to {fits}")));
        }
    }
    if provider.mailbox.as_ref().is_some_and(|mailbox| !mailbox.folder.is_absolute()) {
        let problem = Problem::new(place("mailbox"), "names a folder that is no absolute path");
        tell(problem.hint("copies must not depend on where the portal started"));
    }
    if provider.levels.contains(&Level::None) {
        let problem = Problem::new(place("levels"), "names `none` among the levels, which is no login");
        tell(problem.hint("`basis`, `substantiell`, `hoch`"));
    }
    if provider.kind == ProviderKind::Local && provider.levels.iter().any(|level| *level > Level::Basis) {
        let problem = Problem::new(place("levels"), "promises more than `basis`, and nobody vouches for its accounts");
        tell(problem.hint("what asks for more leads to another provider"));
    }
    if provider.is_own_account() && provider.url.is_some() {
        let problem = Problem::new(place("url"), "leads elsewhere for accounts that are the portal's own");
        tell(problem.hint("take it out: people register at `/registrieren`"));
    }
    if let Some(length) = provider.display_name.as_ref().map(|name| name.chars().count())
        && length > LONGEST_NAME
    {
        let message = format!("has {length} characters, of which {LONGEST_NAME} are shown");
        tell(Problem::new(place("display_name"), message).hint("say it shorter"));
    }
    for (field, address) in [("sso_url", &provider.sso_url), ("issuer", &provider.issuer)] {
        if let Some(address) = address.as_ref().filter(|address| !is_safe(address)) {
            let message = format!("leads people to `{address}`, where nobody vouches for the other side");
            tell(Problem::new(place(field), message).hint("the address begins with `https://`"));
        }
    }
    if let Some(entity_id) = provider.entity_id.as_ref().filter(|_| provider.kind == ProviderKind::Bundid)
        && !is_entity_id(entity_id)
    {
        let hint = "an address of the town with `https://` and without a port; it can never change";
        tell(Problem::new(place("entity_id"), format!("is `{entity_id}`, which BundID does not take")).hint(hint));
    }
}

/// Accounts move from citizens to citizens, and not for ever.
fn look_where_it_moves(provider: &Provider, all: &Identity, entry: &Node, problems: &mut Vec<Problem>) {
    let place = |field: &str| entry.get(field).map_or(&entry.at, |value| &value.at);
    let Some(to) = &provider.moves_to else {
        if provider.moves_until.is_some() {
            let problem = Problem::new(place("moves_until"), "says until when accounts move, and not where to");
            problems.push(problem.hint("`moves_to` names the provider that takes the place of this one"));
        }
        return;
    };
    let citizens = |provider: &&Arc<Provider>| provider.is_for(People::Citizens);
    let others = || all.providers.iter().filter(citizens).filter(|other| other.id != provider.id);
    if !provider.is_for(People::Citizens) || !others().any(|other| other.id == *to) {
        let problem =
            Problem::new(place("moves_to"), format!("lets accounts move to `{to}`, where citizens have none"));
        problems.push(problem.nearest(to, others().map(|other| other.id.as_str())));
    }
    if provider.moves_end().is_none() {
        let problem = Problem::new(place("moves_to"), "lets accounts move for ever");
        problems.push(problem.hint("`until` or `moves_until` names the last day"));
    }
}

/// Accounts of a provider `local` are those of clerks in the portal itself, and `/verwaltung/anmelden/code` is another page.
fn is_taken(provider: &Provider) -> bool {
    let is_clerks = provider.kind == ProviderKind::Local && provider.is_for(People::Staff);
    provider.id == "code" || provider.id == "local" && !is_clerks
}

/// Where a text stands below a node.
fn place_of(node: &Node, text: &str) -> Option<At> {
    let mut found = None;
    node.walk("", &mut |_, value| {
        if value.text() == Some(text) {
            found.get_or_insert_with(|| value.at.clone());
        }
    });
    found
}

fn is_one_certificate(pem: &str) -> bool {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    matches!(&all[..], [Ok(only)] if parse_x509_certificate(only).is_ok())
}

/// With TLS, or on this machine, where demonstrations and tests have their provider.
fn is_safe(address: &str) -> bool {
    let is_here =
        |host: &str| address.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    address.starts_with("https://") || is_here("http://127.0.0.1") || is_here("http://localhost")
}

fn is_entity_id(text: &str) -> bool {
    let host = text.strip_prefix("https://").and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| host.contains('.') && !host.contains([':', '@', ' ']))
}
