//! The causes: files of the tenants and themes that are not the same on both sides.

use std::{borrow::Cow, collections::BTreeSet, fs, path::Path};

use rayon::prelude::*;

use super::{
    side::Source,
    words::{Hunk, hunks},
};
use crate::tenant::files_below;

/// A file that is not the same on both sides.
#[derive(Debug, Clone)]
pub struct FileChange {
    /// As the operator knows it: after the change, or before it if it is gone.
    pub shown: String,
    /// The town, layer or theme it belongs to.
    pub folder: String,
    pub is_theme: bool,
    /// Sizes in bytes; without one the file is not there.
    pub before: Option<usize>,
    pub after: Option<usize>,
    /// Where its lines differ; empty for pictures and the like.
    pub hunks: Vec<Hunk>,
}

/// Files of both sides that differ, tenants first.
pub fn changed(before: &Source, after: &Source) -> Vec<FileChange> {
    let mut changed = changed_in(&files_below(&before.tenants), &files_below(&after.tenants), |path| {
        let read = |source: &Source| fs::read(source.tenants.join(path)).ok().map(Cow::Owned);
        (read(before), read(after), shown(before, &before.tenants, path), shown(after, &after.tenants, path), false)
    });
    if before.themes != after.themes {
        let (themes_before, themes_after) = (before.theme_files(), after.theme_files());
        let told = |source: &Source, shown: String| source.shown(Path::new(&shown));
        changed.extend(changed_in(&themes_before.list(), &themes_after.list(), |path| {
            let places = (told(before, themes_before.shown(path)), told(after, themes_after.shown(path)));
            (themes_before.read(path), themes_after.read(path), places.0, places.1, true)
        }));
    }
    changed
}

type Bytes = Option<Cow<'static, [u8]>>;

fn changed_in(
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
    read: impl Fn(&str) -> (Bytes, Bytes, String, String, bool) + Sync,
) -> Vec<FileChange> {
    let paths: Vec<&String> = before.union(after).collect();
    let change = |path: &&String| {
        let (before, after, shown_before, shown_after, is_theme) = read(path);
        if before == after {
            return None;
        }
        Some(FileChange {
            shown: if after.is_some() { shown_after } else { shown_before },
            folder: path.split('/').next().unwrap_or_default().to_owned(),
            is_theme,
            hunks: differing_lines(before.as_deref(), after.as_deref()),
            before: before.map(|bytes| bytes.len()),
            after: after.map(|bytes| bytes.len()),
        })
    };
    paths.par_iter().filter_map(change).collect()
}

fn differing_lines(before: Option<&[u8]>, after: Option<&[u8]>) -> Vec<Hunk> {
    let lines = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        text.map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
    };
    let sides = (lines(before.unwrap_or_default()), lines(after.unwrap_or_default()));
    let (Some(before), Some(after)) = sides else { return Vec::new() };
    hunks(&before, &after)
}

fn shown(source: &Source, root: &Path, path: &str) -> String {
    source.shown(&root.join(path))
}
