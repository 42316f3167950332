//! `portal tenant rename-host`: another address, and the same town for everybody who knows it by the old one.
//!
//! Files are changed in their own bytes at the places of the values: comments, order and quotes stay as somebody wrote
//! them.

use std::{fs, path::Path, sync::Arc};

use super::{Refused, new::free_host};
use crate::{
    tenant::{Authority, Tenant, Tenants, entity_id_at, schema::ProviderKind},
    yaml::{self, At, Data, Node},
};

/// What a change of the address has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    pub old: Authority,
    pub new: Authority,
    /// Files that were written; none where the address was this one already.
    pub files: Vec<String>,
    /// Login providers that go on knowing the portal by its old name.
    pub known_by_old: Vec<String>,
}

/// Makes `new` the canonical host. The old one goes on redirecting where it is kept, and is let go otherwise.
pub fn rename_host(tenants: &Tenants, tenant: &Tenant, new: &str, keep_old: bool) -> Result<Renamed, Refused> {
    let root = tenants.roots().swap_remove(0);
    let folder = root.join(tenant.id.as_str());
    let host = free_host(new, tenants, Some(tenant.id.as_str()))?;
    let old = tenant.canonical_host().clone();
    let mut renamed = Renamed { old: old.clone(), new: host.clone(), files: Vec::new(), known_by_old: Vec::new() };
    if old == host {
        return Ok(renamed);
    }
    if tenant.preview_hosts.contains(&host) {
        return Err(Refused::new(format!("`{host}` is a preview host of `{}`", tenant.id))
            .hint("take it out of `preview_hosts` in its `tenant.yaml` first"));
    }
    let town = Document::open(&folder.join("tenant.yaml"))?;
    let town_text = with_first_host(&town, new, &host, keep_old)?;
    // what the provider knows comes first: with half the work done the town still has its old address
    let providers = known_by_host(tenants, tenant)?;
    if !providers.is_empty() {
        let path = folder.join("identity.yaml");
        let mut text = if path.exists() { Document::open(&path)?.text } else { NEW_IDENTITY.to_owned() };
        for id in providers {
            let document = Document::read(&path.display().to_string(), text)?;
            text = with_entity_id(&document, &id, &entity_id_at(&old));
            renamed.known_by_old.push(id);
        }
        save(&path, &text)?;
        renamed.files.push(path.display().to_string());
    }
    save(&town.path, &town_text)?;
    renamed.files.push(town.path.display().to_string());
    Ok(renamed)
}

const NEW_IDENTITY: &str = "# yaml-language-server: $schema=../.schema/identity.json\nproviders: []\n";

/// A file with the places of its values.
struct Document {
    path: std::path::PathBuf,
    text: String,
    node: Arc<Node>,
}

impl Document {
    fn open(path: &Path) -> Result<Self, Refused> {
        let shown = path.display().to_string();
        let text =
            fs::read_to_string(path).map_err(|error| Refused::new(format!("`{shown}` cannot be read: {error}")))?;
        Self::read(&shown, text)
    }

    fn read(shown: &str, text: String) -> Result<Self, Refused> {
        let node = yaml::read(shown, text.as_bytes())
            .map_err(|problem| Refused { message: problem.to_string(), hint: problem.hint })?;
        Ok(Self { path: shown.into(), text, node })
    }

    /// Where a place lies in the text.
    fn offset(&self, at: &At) -> usize {
        let mark = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let lines = self.text[mark..].split_inclusive('\n').take(at.line as usize - 1);
        let start = mark + lines.map(str::len).sum::<usize>();
        let column = self.text[start..].chars().take(at.column as usize - 1);
        start + column.map(char::len_utf8).sum::<usize>()
    }

    /// What stands before a place in its line.
    fn indent(&self, offset: usize) -> &str {
        let start = self.text[..offset].rfind('\n').map_or(0, |end| end + 1);
        &self.text[start..offset]
    }

    /// Whether the items of a list stand on lines of their own, each behind a dash.
    fn is_block(&self, item: usize) -> bool {
        self.indent(item).trim() == "-"
    }

    fn end_of_scalar(&self, node: &Node) -> usize {
        let start = self.offset(&node.at);
        let rest = &self.text[start..];
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => start + 1 + rest[1..].find(quote).map_or(rest.len() - 1, |end| end + 1),
            _ => start + node.text().map_or(0, str::len),
        }
    }

    fn replaced(&self, ranges: &[(std::ops::Range<usize>, &str)]) -> String {
        let mut ranges = ranges.to_vec();
        ranges.sort_by_key(|(range, _)| range.start);
        ranges.iter().rev().fold(self.text.clone(), |mut text, (range, new)| {
            text.replace_range(range.clone(), new);
            text
        })
    }
}

fn with_first_host(town: &Document, spelled: &str, host: &Authority, keep_old: bool) -> Result<String, Refused> {
    let hosts = town.node.get("hosts").map(|hosts| hosts.items()).unwrap_or_default();
    let Some(first) = hosts.first() else {
        return Err(Refused::new(format!("`{}` has no list of hosts", town.path.display()))
            .hint("`hosts: [portal.example.de]`"));
    };
    let range = |node: &Node| town.offset(&node.at)..town.end_of_scalar(node);
    let known =
        hosts.iter().find(|item| item.text().and_then(|name| Authority::parse(name).ok()).as_ref() == Some(host));
    let old_text = &town.text[range(first)];
    Ok(match known {
        Some(known) if keep_old => {
            let new_text = &town.text[range(known)];
            town.replaced(&[(range(first), new_text), (range(known), old_text)])
        }
        Some(known) => {
            let new_text = &town.text[range(known)];
            town.replaced(&[(range(first), new_text), (without(town, range(known)), "")])
        }
        None if keep_old => {
            let start = range(first).start;
            let new = if town.is_block(start) {
                format!("{spelled}\n{}", town.indent(start))
            } else {
                format!("{spelled}, ")
            };
            town.replaced(&[(start..start, &new)])
        }
        None => town.replaced(&[(range(first), spelled)]),
    })
}

/// What goes with an item that is not the first: its line, or the comma before it.
fn without(town: &Document, item: std::ops::Range<usize>) -> std::ops::Range<usize> {
    if town.is_block(item.start) {
        let start = item.start - town.indent(item.start).len();
        let end = town.text[item.end..].find('\n').map_or(town.text.len(), |end| item.end + end + 1);
        return start..end;
    }
    let comma = town.text[..item.start].rfind(',').unwrap_or(item.start);
    comma..item.end
}

/// Login providers that know the portal by a name that so far only followed from its host.
fn known_by_host(tenants: &Tenants, tenant: &Tenant) -> Result<Vec<String>, Refused> {
    let origins = tenants.origins(tenant).map_err(|problems| {
        let first = problems.into_iter().next();
        Refused { message: first.map_or_else(String::new, |problem| problem.to_string()), hint: None }
    })?;
    let identity = origins.into_iter().find(|(path, _)| path == "identity.yaml").map(|(_, node)| node);
    let providers =
        identity.as_ref().and_then(|node| node.get("providers")).map(|list| list.items()).unwrap_or_default();
    let of_host = providers.iter().filter(|provider| {
        let kind = provider.get("kind").and_then(|kind| yaml::decode::<ProviderKind>(kind).ok());
        kind.is_some_and(ProviderKind::knows_by_entity_id) && provider.get("entity_id").is_none()
    });
    Ok(of_host.filter_map(|provider| Some(provider.get("id")?.text()?.to_owned())).collect())
}

/// The file with the entity id written down, in the town's own entry for the provider or in a new one over the layer's.
fn with_entity_id(identity: &Document, provider: &str, entity_id: &str) -> String {
    let list =
        if matches!(identity.node.data, Data::List(_)) { Some(&identity.node) } else { identity.node.get("providers") };
    let entries = list.map(|list| list.items()).unwrap_or_default();
    let own = entries.iter().find(|entry| entry.get("id").and_then(|id| id.text()) == Some(provider));
    if let Some(entry) = own {
        let keys = entry.entries();
        let key = identity.offset(&keys[1.min(keys.len() - 1)].0.at);
        let is_flow = identity.text[identity.offset(&entry.at)..].starts_with('{');
        let next = if is_flow { ", ".to_owned() } else { format!("\n{}", " ".repeat(entry.at.column as usize - 1)) };
        return identity.replaced(&[(key..key, &format!("entity_id: \"{entity_id}\"{next}"))]);
    }
    let entry = format!("{{id: {provider}, entity_id: \"{entity_id}\"}}");
    if let Some(first) = entries.first() {
        let start = identity.offset(&first.at);
        let next = if identity.is_block(start) { format!("\n{}", identity.indent(start)) } else { ", ".to_owned() };
        return identity.replaced(&[(start..start, &format!("{entry}{next}"))]);
    }
    match list {
        // an empty list in brackets
        Some(list) if identity.text[identity.offset(&list.at)..].starts_with('[') => {
            let inside = identity.offset(&list.at) + 1;
            identity.replaced(&[(inside..inside, &entry)])
        }
        _ => format!("{}\nproviders: [{entry}]\n", identity.text.trim_end()),
    }
}

/// Whole or not at all, and never seen half: names like this one are not read.
pub(super) fn save(path: &Path, text: &str) -> Result<(), Refused> {
    // a link stays one
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let unfinished = path.with_extension("yaml.tmp");
    let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, path));
    written.map_err(|error| Refused::new(format!("`{}` cannot be written: {error}", path.display())))
}
