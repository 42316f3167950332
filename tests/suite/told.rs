//! What an operator is told, with places as they stand below the folder of towns.

use portal::{
    tenant::{Origins, Tenant},
    yaml::Problem,
};
use portal_tests::{House, Towns};
use std::sync::Arc;

/// The fixture towns after a change, already open.
pub async fn house_after(change: impl FnOnce(&Towns)) -> House {
    let towns = Towns::fixture();
    change(&towns);
    House::open(towns).await
}

pub fn tenant(house: &House, id: &str) -> Arc<Tenant> {
    house.portal.tenants.get(id).unwrap_or_else(|| panic!("{id} is not served: {:#?}", house.report.broken))
}

/// Everything that keeps a town from loading.
pub fn errors(house: &House, id: &str) -> Vec<String> {
    house.report.broken.get(id).into_iter().flatten().map(|problem| line(&house.towns, problem)).collect()
}

/// Everything that a town may be served with, and should not stay as it is.
pub fn warnings(house: &House, id: &str) -> Vec<String> {
    tenant(house, id).warnings.iter().map(|problem| line(&house.towns, problem)).collect()
}

/// `file:line:column message (hint)`.
pub fn line(towns: &Towns, problem: &Problem) -> String {
    let hint = problem.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    below(towns, &format!("{} {}{hint}", problem.at, problem.message))
}

/// The place of a value in a merged file: `file:line:column`.
pub fn place(house: &House, id: &str, document: &str, path: &str) -> String {
    let origins = origins(house, id);
    let (_, node) = origins.iter().find(|(name, _)| name == document).expect("the town has that file");
    let node = node.find(path).unwrap_or_else(|| panic!("{document} of {id} has no {path}"));
    below(&house.towns, &node.at.to_string())
}

/// The files a town is served from, merged and filled in.
pub fn origins(house: &House, id: &str) -> Origins {
    house.portal.tenants.origins(&tenant(house, id)).expect("a town that is served can be built again")
}

fn below(towns: &Towns, text: &str) -> String {
    let text = text.replace(&format!("{}/", towns.path().display()), "");
    match towns.themes() {
        Some(themes) => text.replace(&format!("{}/", themes.display()), "themes/"),
        None => text,
    }
}
