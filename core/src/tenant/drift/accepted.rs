//! `overrides.yaml`: read with the town, written by the command only.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::{
    tenant::{
        folder::{File, Folder, Parsed},
        schema::Accepted,
    },
    yaml::{Problem, decode},
};

pub(super) const FILE: &str = "overrides.yaml";

const HEAD: &str = "# Gelesen und so gewollt: Stellen, an denen wir etwas anderes sagen als unsere Schichten.
# `portal tenant drift` meldet eine Stelle wieder, sobald sich der Text der Schicht ändert. `--accept` schreibt diese Datei.
";

/// What a town has decided, by value.
pub(super) struct Records(BTreeMap<String, Accepted>);

impl Records {
    pub fn of(folder: &Folder) -> Result<Self, Problem> {
        let text = match folder.file(FILE) {
            Some(Ok(File::Text(text))) => text.parse()?,
            Some(Err(problem)) => return Err(problem.clone()),
            _ => return Ok(Self(BTreeMap::new())),
        };
        let records: Vec<Accepted> = match text {
            Parsed::Yaml(node) if !node.is_null() => decode(&node)?,
            _ => Vec::new(),
        };
        Ok(Self(records.into_iter().map(|record| (record.value.clone(), record)).collect()))
    }

    pub fn get(&self, value: &str) -> Option<&Accepted> {
        self.0.get(value)
    }
}

/// Writes the records of a town, whole or not at all.
pub fn write(town: &Path, records: &[Accepted]) -> io::Result<()> {
    let yaml = serde_yaml::to_string(records).map_err(io::Error::other)?;
    // names with a leading dot are not read
    let unfinished = town.join(format!(".{FILE}.tmp"));
    fs::write(&unfinished, format!("{HEAD}{yaml}"))?;
    fs::rename(unfinished, town.join(FILE))
}
