//! What a change will change: every page of every town before and after, told once and with its cause.
//!
//! Invariant: both sides are read by the same program for the same moment, so what differs is in the files.

mod cause;
mod compare;
mod files;
mod group;
mod mask;
pub mod report;
pub mod revision;
mod side;
mod text;
mod words;

use std::collections::BTreeSet;

use rayon::prelude::*;

pub use cause::Cause;
pub use compare::{Change, Changed, Keyed};
pub use files::FileChange;
pub use group::{Effect, Group};
pub use side::{Side, Source};
pub use words::{Difference, Hunk, Piece, pieces};

use crate::yaml::Problem;

/// The difference between two folders of tenants.
#[derive(Debug)]
pub struct Plan {
    pub towns: Vec<Town>,
    pub files: Vec<FileChange>,
    /// What changes, each change once; what reaches furthest comes first.
    pub groups: Vec<Group>,
}

/// One town and what becomes of it.
#[derive(Debug)]
pub struct Town {
    pub id: String,
    pub name: String,
    pub state: State,
    /// Hosts before and after, where they are not the same.
    pub hosts: Option<(Vec<String>, Vec<String>)>,
    /// `preview`, `live` or `suspended` before and after.
    pub status: Option<(&'static str, &'static str)>,
    pub changes: Vec<Changed>,
    /// Why it does not load.
    pub problems: Vec<Problem>,
    /// Files of the plan that it is made of.
    files: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Same,
    Changed,
    New,
    Removed,
    /// It loads before and not after.
    Broken,
    /// It loads on neither side.
    StillBroken,
    /// It loads only after.
    Mended,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "unchanged",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Removed => "removed",
            Self::Broken => "broken",
            Self::StillBroken => "still broken",
            Self::Mended => "mended",
        }
    }
}

impl Town {
    pub fn is_touched(&self) -> bool {
        !matches!(self.state, State::Same | State::StillBroken)
    }

    pub fn count(&self, change: Change) -> usize {
        self.changes.iter().filter(|one| one.change == change).count()
    }
}

impl Plan {
    /// All towns that have a folder on one of the sides.
    pub fn ids(before: &Side, after: &Side) -> BTreeSet<String> {
        before.ids().chain(after.ids()).collect()
    }

    /// Looks at these towns on both sides; `step` is called for each.
    pub fn between(before: &Side, after: &Side, ids: &BTreeSet<String>, step: impl Fn() + Sync) -> Self {
        let files = files::changed(&before.source, &after.source);
        let look = |id: &String| {
            let town = Town::between(before, after, id, &files);
            step();
            town
        };
        let towns: Vec<Town> = ids.par_iter().map(look).collect();
        let groups = group::groups(&towns, &files);
        Self { towns, files, groups }
    }

    pub fn changes_something(&self) -> bool {
        self.towns.iter().any(Town::is_touched)
    }
}

impl Town {
    fn between(before: &Side, after: &Side, id: &str, files: &[FileChange]) -> Self {
        let (old, new) = (before.town(id), after.town(id));
        let name = new.as_ref().or(old.as_ref()).map_or_else(|| id.to_owned(), |tenant| tenant.town.full_name.clone());
        let mut town = Self {
            id: id.to_owned(),
            name,
            state: State::Same,
            hosts: None,
            status: None,
            changes: Vec::new(),
            problems: after.broken.get(id).or(before.broken.get(id)).cloned().unwrap_or_default(),
            files: Vec::new(),
        };
        let (was_broken, is_broken) = (before.broken.contains_key(id), after.broken.contains_key(id));
        town.state = match (&old, &new) {
            _ if is_broken => {
                if was_broken {
                    State::StillBroken
                } else {
                    State::Broken
                }
            }
            (None, Some(_)) if was_broken => State::Mended,
            (None, _) => State::New,
            (Some(_), None) => State::Removed,
            (Some(old), Some(new)) => {
                let folders: BTreeSet<String> =
                    [before.folders_of(old), after.folders_of(new)].concat().into_iter().collect();
                let themes = [&old.theme.chain[..], &new.theme.chain].concat();
                let is_made_of = |file: &FileChange| {
                    if file.is_theme { themes.contains(&file.folder) } else { folders.contains(&file.folder) }
                };
                town.files = (0..files.len()).filter(|i| is_made_of(&files[*i])).collect();
                // made of the same files for the same moment, it shows the same
                if !town.files.is_empty() {
                    town.changes = compare::compare((before, old), (after, new));
                }
                let hosts = [old, new].map(|tenant| tenant.all_hosts().map(ToString::to_string).collect::<Vec<_>>());
                let status = [old, new].map(|tenant| tenant.status().word());
                town.hosts = (hosts[0] != hosts[1]).then(|| hosts.into());
                town.status = (status[0] != status[1]).then(|| status.into());
                let is_same = town.changes.is_empty() && town.hosts.is_none() && town.status.is_none();
                if is_same { State::Same } else { State::Changed }
            }
        };
        town
    }
}
