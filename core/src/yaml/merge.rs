//! Laying one file over another: town over layer, town theme over base.

use std::sync::Arc;

use super::{Data, Key, Node};

/// `top` over `base`: mappings key by key, lists with ids by id, everything else replaces; `null` removes.
/// Every value keeps the place it came from.
pub fn merge(top: &Arc<Node>, base: &Arc<Node>) -> Arc<Node> {
    match (&top.data, &base.data) {
        (Data::Map(above), Data::Map(below)) => Node::new(top.at.clone(), Data::Map(merge_maps(above, below))),
        (Data::List(above), Data::List(below)) if have_ids(above) || have_ids(below) => {
            Node::new(top.at.clone(), Data::List(merge_lists(above, below)))
        }
        _ => top.clone(),
    }
}

/// Drops what a `null` or `remove: true` has taken away; the last step after all layers are merged.
pub fn without_removed(node: &Arc<Node>) -> Arc<Node> {
    match &node.data {
        Data::Map(entries) => {
            let kept = entries.iter().filter(|(_, value)| !value.is_null());
            let kept = kept.map(|(key, value)| (key.clone(), without_removed(value))).collect();
            share(node, Data::Map(kept))
        }
        Data::List(items) => {
            let kept = items.iter().filter(|item| !is_removed(item)).map(without_removed).collect();
            share(node, Data::List(kept))
        }
        _ => node.clone(),
    }
}

/// Keeps the old node where nothing changed: thousands of towns share one layer.
pub(crate) fn share(node: &Arc<Node>, data: Data) -> Arc<Node> {
    let same = match (&node.data, &data) {
        (Data::Map(old), Data::Map(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|((_, old), (_, new))| Arc::ptr_eq(old, new))
        }
        (Data::List(old), Data::List(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| Arc::ptr_eq(old, new))
        }
        _ => false,
    };
    if same { node.clone() } else { Node::new(node.at.clone(), data) }
}

fn merge_maps(above: &[(Key, Arc<Node>)], below: &[(Key, Arc<Node>)]) -> Vec<(Key, Arc<Node>)> {
    let find = |entries: &[(Key, Arc<Node>)], name: &str| entries.iter().position(|(key, _)| &*key.name == name);
    let mut merged: Vec<_> = below
        .iter()
        .map(|(key, value)| match find(above, &key.name) {
            Some(i) => (above[i].0.clone(), merge(&above[i].1, value)),
            None => (key.clone(), value.clone()),
        })
        .collect();
    merged.extend(above.iter().filter(|(key, _)| find(below, &key.name).is_none()).cloned());
    merged
}

fn merge_lists(above: &[Arc<Node>], below: &[Arc<Node>]) -> Vec<Arc<Node>> {
    let same_id = |item: &Arc<Node>, other: &Arc<Node>| id(item).is_some() && id(item) == id(other);
    let mut merged: Vec<_> = below
        .iter()
        .map(|item| match above.iter().find(|other| same_id(item, other)) {
            Some(other) => merge(other, item),
            None => item.clone(),
        })
        .collect();
    merged.extend(above.iter().filter(|item| !below.iter().any(|other| same_id(item, other))).cloned());
    merged
}

/// By what an entry of a list is known.
pub(crate) fn id(item: &Node) -> Option<&str> {
    item.get("id").and_then(|id| id.text())
}

fn have_ids(items: &[Arc<Node>]) -> bool {
    items.iter().any(|item| id(item).is_some())
}

pub(crate) fn is_removed(item: &Node) -> bool {
    item.get("remove").is_some_and(|value| value.data == Data::Bool(true))
}
