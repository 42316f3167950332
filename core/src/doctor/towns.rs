//! Towns, themes and what the files of towns are edited with.

use std::fs;

use super::{Finding, House, count, error, note, ok, shown, some, warning};
use crate::tenant::schema;

pub(super) fn towns(house: &House) -> Vec<Finding> {
    let report = match &house.loaded {
        Ok(report) => report,
        Err(problem) => return vec![Finding::from(problem)],
    };
    let folder = shown(&house.settings.tenants);
    let mut found = vec![match (house.towns.len(), report.broken.len()) {
        (0, 0) => error("holds no town, so nobody is served").at(folder).hint("`portal tenant new` writes one"),
        (all, 0) => ok(format!("holds {}, {} of them live", count(all, "town"), house.live().count())).at(folder),
        (good, broken) => {
            let names: Vec<&String> = report.broken.keys().collect();
            error(format!("holds {} that cannot be loaded: {}; {good} can", count(broken, "town"), some(&names)))
                .at(folder)
        }
    }];
    found.extend(report.broken.values().flatten().map(Finding::from));
    if !report.waiting.is_empty() {
        let message = format!("{} wait for the end of a copy", some(&report.waiting));
        found.push(warning(message).hint("delete the file `.copying` when it is complete"));
    }
    if !report.warnings.is_empty() {
        let message = format!("{} about what towns say", count(report.warnings.len(), "warning"));
        found.push(warning(message).hint("`portal tenant list` tells them"));
    }
    found
}

pub(super) fn themes(house: &House) -> Vec<Finding> {
    vec![match &house.settings.themes {
        None => ok("only the built-in ones"),
        Some(folder) => match fs::read_dir(folder) {
            Ok(_) => ok("its files win over the built-in ones").at(shown(folder)),
            Err(cause) => error(format!("cannot be read: {cause}")).at(shown(folder)),
        },
    }]
}

/// Editors complain by the schemas of the day on which they were written.
pub(super) fn schemas(house: &House) -> Vec<Finding> {
    let folder = house.settings.tenants.join(".schema");
    if !folder.is_dir() {
        return Vec::new();
    }
    let is_outdated = |kind: &&str| {
        let Ok(text) = fs::read(folder.join(format!("{kind}.json"))) else { return true };
        let written = serde_json::from_slice::<serde_json::Value>(&text).ok();
        written != schema::json_schema(kind).map(|schema| schema.to_value())
    };
    let outdated: Vec<&str> = schema::KINDS.iter().copied().filter(|kind| is_outdated(kind)).collect();
    vec![if outdated.is_empty() {
        ok("the schemas for editors are those of this version").at(shown(&folder))
    } else {
        let hint = format!("`portal schema --write {}`", folder.display());
        warning(format!("the schemas of {} are not those of this version", some(&outdated)))
            .at(shown(&folder))
            .hint(hint)
    }]
}

pub(super) fn rehearsal(house: &House) -> Vec<Finding> {
    if !house.settings.clock.is_moved() {
        return Vec::new();
    }
    let live: Vec<_> = house.live().map(|town| &town.id).collect();
    vec![if live.is_empty() {
        note(format!("the portal would live at {}", house.settings.clock.local().strftime("%F %R"))).at("now")
    } else {
        error(format!("is for rehearsals, and live are {}", some(&live)))
            .at("now")
            .hint("rehearse with a copy of the folder that says `status: preview`")
    }]
}

pub(super) fn contact(house: &House) -> Vec<Finding> {
    vec![match &house.settings.security_contact {
        Some(contact) => ok(format!("security problems go to `{contact}`")),
        None => warning("is not set, so `security.txt` names the help address of each town")
            .at("security_contact")
            .hint("an address that somebody reads who can act, in `portal.yaml`"),
    }]
}
