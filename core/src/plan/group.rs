//! The same change of many towns and pages, told once: the cause, and under it what it does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Town,
    cause::{Cause, Causes},
    compare::Change,
    files::FileChange,
    words::Difference,
};

/// A cause and its effects.
#[derive(Debug)]
pub struct Group {
    /// The place in the files, if it can be told.
    pub cause: Option<Cause>,
    pub effects: Vec<Effect>,
    /// Indexes in the towns of the plan.
    pub towns: BTreeSet<usize>,
}

/// One difference and where it shows.
#[derive(Debug)]
pub struct Effect {
    pub change: Change,
    /// In the words of the first town.
    pub difference: Difference,
    /// Address → indexes of towns.
    pub pages: BTreeMap<String, BTreeSet<usize>>,
}

impl Group {
    /// How many pages of how many towns, counted once each.
    pub fn pages(&self) -> usize {
        let all: BTreeSet<(&String, &usize)> = self
            .effects
            .iter()
            .flat_map(|effect| &effect.pages)
            .flat_map(|(page, towns)| towns.iter().map(move |town| (page, town)))
            .collect();
        all.len()
    }
}

impl Effect {
    pub fn towns(&self) -> BTreeSet<usize> {
        self.pages.values().flatten().copied().collect()
    }
}

type Effects = BTreeMap<(Change, u64), Effect>;

/// All changes of these towns; what reaches furthest comes first.
pub fn groups(towns: &[Town], files: &[FileChange]) -> Vec<Group> {
    let causes = Causes::of(files);
    let mut effects: HashMap<(&[usize], Change, u64), Effect> = HashMap::new();
    for (i, town) in towns.iter().enumerate() {
        for changed in &town.changes {
            for one in &changed.differences {
                let effect = effects.entry((&town.files, changed.change, one.key)).or_insert_with(|| Effect {
                    change: changed.change,
                    difference: one.difference.clone(),
                    pages: BTreeMap::new(),
                });
                effect.pages.entry(changed.address.clone()).or_default().insert(i);
            }
        }
    }
    // towns of different layers may share a cause
    let mut found: BTreeMap<(Option<Cause>, u64), Effects> = BTreeMap::new();
    for ((among, change, key), effect) in effects {
        let address = effect.pages.keys().next().map(String::as_str).unwrap_or_default();
        let cause = causes.find(among, change, address, &effect.difference);
        let alone = if cause.is_some() { 0 } else { key };
        match found.entry((cause, alone)).or_default().entry((change, key)) {
            std::collections::btree_map::Entry::Vacant(place) => _ = place.insert(effect),
            std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().take(effect),
        }
    }
    let mut groups: Vec<Group> = found.into_iter().map(|((cause, _), effects)| group(cause, effects)).collect();
    groups.sort_by_key(|group| std::cmp::Reverse((group.towns.len(), group.pages())));
    groups
}

fn group(cause: Option<Cause>, effects: Effects) -> Group {
    let mut effects: Vec<Effect> = effects.into_values().collect();
    effects.sort_by_cached_key(|effect| {
        let shows: usize = effect.pages.values().map(BTreeSet::len).sum();
        (effect.change, std::cmp::Reverse(shows), effect.difference.clone())
    });
    Group { cause, towns: effects.iter().flat_map(Effect::towns).collect(), effects }
}

impl Effect {
    fn take(&mut self, other: Self) {
        let first = |effect: &Self| effect.towns().first().copied();
        if first(&other) < first(self) {
            self.difference = other.difference;
        }
        other.pages.into_iter().for_each(|(page, towns)| self.pages.entry(page).or_default().extend(towns));
    }
}
