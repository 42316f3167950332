//! Who answers where: every host belongs to exactly one town.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    Authority, TenantId,
    build::own::Own,
    folder::Folder,
    registry::{Change, Served},
};
use crate::yaml::{At, Node, Problem};

/// Hosts that more than one town claims, with all that claim them. Only new versions can have brought a conflict.
pub(super) fn conflicts(change: &Change, served: &Served) -> BTreeMap<Authority, BTreeSet<TenantId>> {
    let stays = |id: &TenantId| !change.new.contains_key(id) && !change.removed.contains(id);
    let mut claims: HashMap<&Authority, BTreeSet<TenantId>> = HashMap::new();
    for tenant in change.new.values() {
        for host in tenant.all_hosts() {
            let claimants = claims.entry(host).or_default();
            claimants.insert(tenant.id.clone());
            claimants.extend(served.town_at(host).map(|other| other.id.clone()).filter(stays));
        }
    }
    let shared = claims.into_iter().filter(|(_, claimants)| claimants.len() > 1);
    shared.map(|(host, claimants)| (host.clone(), claimants)).collect()
}

/// What is told to one of several towns that claim a host.
pub(super) fn complaint(host: &Authority, folder: &Folder, claimants: &BTreeSet<TenantId>) -> Problem {
    let others = claimants.iter().filter(|other| other.as_str() != &*folder.name);
    let others: Vec<String> = others.map(|id| format!("`{id}`")).collect();
    let message = format!("claims the host `{host}`, which {} claims as well", others.join(", "));
    Problem::new(&place_of(host, folder), message).hint("a host belongs to exactly one town").rule("duplicate-host")
}

/// The hosts that the files of a town name, as far as they can be read.
pub(super) fn of(folder: &Folder) -> Vec<Authority> {
    let Some(node) = tenant_yaml(folder) else { return Vec::new() };
    entries(&node).filter_map(|item| Authority::parse(item.text()?).ok()).collect()
}

fn place_of(host: &Authority, folder: &Folder) -> At {
    let node = tenant_yaml(folder);
    let mut items = node.iter().flat_map(|node| entries(node));
    let item = items.find(|item| item.text().and_then(|name| Authority::parse(name).ok()).as_ref() == Some(host));
    item.map_or_else(|| At::start_of(&format!("{}/tenant.yaml", folder.shown)), |item| item.at.clone())
}

fn entries(node: &Node) -> impl Iterator<Item = &Arc<Node>> {
    let lists = ["hosts", "preview_hosts"].into_iter().filter_map(|name| node.get(name));
    lists.flat_map(|list| list.items())
}

fn tenant_yaml(folder: &Folder) -> Option<Arc<Node>> {
    Own::read(folder).yaml("tenant.yaml").cloned()
}
