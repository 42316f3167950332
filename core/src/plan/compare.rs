//! One town before and after: what its visitors notice.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::{
    mask::Mask,
    side::Side,
    text,
    words::{Difference, hunks},
};
use crate::{
    locale::Locale,
    tenant::{Tenant, schema::Status},
    walk::{Kind, Seen},
};

/// What is different about a page, or about what stands beside the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// It says something else.
    Text,
    Added,
    Removed,
    /// It says the same in other HTML.
    Markup,
    /// A style sheet, a script or a picture.
    Looks,
    /// An old address leads somewhere else.
    Redirect,
}

impl Change {
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Markup => "markup",
            Self::Looks => "looks",
            Self::Redirect => "redirect",
        }
    }

    /// Whether it is about a page, not about something beside the pages.
    pub fn is_of_page(self) -> bool {
        !matches!(self, Self::Looks | Self::Redirect)
    }
}

/// Something of a town that is not as it was.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The address of a page, the template of a state without one, the name of a file, an old address.
    pub address: String,
    pub locale: Locale,
    pub change: Change,
    pub differences: Vec<Keyed>,
}

/// A difference, and what it has in common with the same difference of another town.
#[derive(Debug, Clone)]
pub struct Keyed {
    pub difference: Difference,
    pub(super) key: u64,
}

/// Everything that visitors of a town notice.
pub fn compare(before: (&Side, &Arc<Tenant>), after: (&Side, &Arc<Tenant>)) -> Vec<Changed> {
    let is_suspended = |tenant: &Tenant| tenant.status() == Status::Suspended;
    let mut changed = Vec::new();
    // what a suspended town does not show is not gone
    if is_suspended(before.1) == is_suspended(after.1) {
        pages(before, after, &mut changed);
    }
    looks(before.1, after.1, &mut changed);
    redirects(before.1, after.1, &mut changed);
    without_repeating_states(changed)
}

fn pages(before: (&Side, &Arc<Tenant>), after: (&Side, &Arc<Tenant>), changed: &mut Vec<Changed>) {
    let masks = (Mask::of(before.1), Mask::of(after.1));
    let mut old = sights(before);
    for (address, seen) in sights(after) {
        let (was, locale) = (old.remove(&address), seen.locale.clone());
        let (change, differences) = match was {
            None => (Change::Added, vec![whole(Difference { before: vec![], after: passages(&seen) }, &address)]),
            Some(was) => match difference(&was, &seen, &masks) {
                None => continue,
                Some(differences) if differences.is_empty() => {
                    (Change::Markup, vec![whole(Difference::default(), "markup")])
                }
                Some(differences) => (Change::Text, differences),
            },
        };
        changed.push(Changed { address, locale, change, differences });
    }
    changed.extend(old.into_iter().map(|(address, seen)| {
        let gone = whole(Difference { before: passages(&seen), after: vec![] }, &address);
        Changed { address, locale: seen.locale, change: Change::Removed, differences: vec![gone] }
    }));
}

/// Everything a town shows, by its address.
fn sights((side, tenant): (&Side, &Arc<Tenant>)) -> BTreeMap<String, Seen> {
    let mut sights = BTreeMap::new();
    side.walk.see(tenant, |seen| {
        let has_address = seen.name.starts_with('/');
        let name = if has_address { seen.name.clone() } else { format!("{} {}", seen.name, seen.locale) };
        sights.insert(name, seen);
    });
    sights
}

fn passages(seen: &Seen) -> Vec<String> {
    match seen.kind {
        Kind::Page | Kind::State => text::passages(&text::without_hashes(&seen.body)),
        Kind::File | Kind::Failure => text::lines(&seen.body),
    }
}

/// Where two versions of a page differ: nothing if they do not, an empty list if they say the same.
fn difference(before: &Seen, after: &Seen, masks: &(Mask, Mask)) -> Option<Vec<Keyed>> {
    if before.body == after.body || text::without_hashes(&before.body) == text::without_hashes(&after.body) {
        return None;
    }
    if after.kind == Kind::File && masks.0.masked(&before.body) == masks.1.masked(&after.body) {
        return None;
    }
    let found = hunks(&passages(before), &passages(after)).into_iter().map(|hunk| {
        // links within a language lead to the same place in every language
        let (base, german) = (format!("(→ {}/", after.locale.base()), "(→ /");
        let masked = |mask: &Mask, side: &[String]| {
            side.iter().map(|line| mask.masked(line).replace(&base, german)).collect::<Vec<_>>()
        };
        let Difference { before, after } = &hunk.difference;
        let key = key_of(&(masked(&masks.0, before), masked(&masks.1, after)));
        Keyed { difference: hunk.difference, key }
    });
    Some(found.collect())
}

fn looks(before: &Tenant, after: &Tenant, changed: &mut Vec<Changed>) {
    let names: BTreeSet<&String> = before.assets.keys().chain(after.assets.keys()).collect();
    for name in names {
        let told = |tenant: &Tenant| {
            let asset = tenant.assets.get(name)?;
            Some(format!("{name} ({} B, {})", asset.body.identity.len(), asset.hash))
        };
        push_beside(changed, name, Change::Looks, told(before), told(after));
    }
}

fn redirects(before: &Tenant, after: &Tenant, changed: &mut Vec<Changed>) {
    let paths: BTreeSet<&String> = before.redirects.keys().chain(after.redirects.keys()).collect();
    for path in paths {
        let told = |tenant: &Tenant| tenant.redirects.get(path).map(|to| format!("{path} → {to}"));
        push_beside(changed, path, Change::Redirect, told(before), told(after));
    }
}

fn push_beside(into: &mut Vec<Changed>, name: &str, change: Change, before: Option<String>, after: Option<String>) {
    if before == after {
        return;
    }
    let (before, after) = (before.into_iter().collect(), after.into_iter().collect());
    let difference = Difference { before, after };
    let differences = vec![Keyed { key: key_of(&difference), difference }];
    into.push(Changed { address: name.to_owned(), locale: Locale::german(), change, differences });
}

/// A page that came or went is the same in every town, whatever the town says on it.
fn whole(difference: Difference, key: &str) -> Keyed {
    Keyed { difference, key: key_of(&key) }
}

fn key_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// States without an address are told only for what no page tells.
fn without_repeating_states(changed: Vec<Changed>) -> Vec<Changed> {
    let has_address = |one: &Changed| one.address.starts_with('/') || !one.change.is_of_page();
    let (mut pages, states): (Vec<_>, Vec<_>) = changed.into_iter().partition(has_address);
    let told: BTreeSet<u64> = pages.iter().flat_map(|page| &page.differences).map(|one| one.key).collect();
    for mut state in states {
        state.differences.retain(|one| !told.contains(&one.key));
        if matches!(state.change, Change::Text | Change::Markup) && !state.differences.is_empty() {
            pages.push(state);
        }
    }
    pages
}
