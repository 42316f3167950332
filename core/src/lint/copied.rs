//! Facts that two towns give as their own: mostly the folder of one was copied for the other.

use std::{collections::HashMap, sync::Arc};

use super::finding::Finding;
use crate::{tenant::Tenant, yaml::Node};

/// Facts of `tenant.yaml` that belong to one town alone.
const FACTS: [&str; 9] =
    ["name", "full_name", "phone", "fax", "email", "website", "iban", "address.street", "data_protection.email"];

/// Who gives which value for which of the [`FACTS`].
#[derive(Debug, Default)]
pub struct Copied(HashMap<(usize, String), Vec<Arc<str>>>);

impl Copied {
    pub fn of(tenants: &[Arc<Tenant>]) -> Self {
        let mut owners: HashMap<(usize, String), Vec<Arc<str>>> = HashMap::new();
        for tenant in tenants {
            for (fact, value) in facts_of(tenant) {
                owners.entry((fact, value)).or_default().push(tenant.id.as_str().into());
            }
        }
        owners.retain(|_, towns| towns.len() > 1);
        Self(owners)
    }

    /// What this town has in common with others, at the lines of its own file.
    pub fn in_town(&self, tenant: &Tenant, file: &Node) -> Vec<Finding> {
        let shared = facts_of(tenant).filter_map(|(fact, value)| {
            let owners = self.0.get(&(fact, value.clone()))?;
            let others: Vec<String> =
                owners.iter().filter(|id| ***id != *tenant.id.as_str()).take(3).map(|id| format!("`{id}`")).collect();
            let at = file.find(FACTS[fact])?.at.clone();
            let message =
                format!("gives `{value}` as its `{}`, which {} gives as well", FACTS[fact], others.join(", "));
            let finding = Finding::error("foreign-town", tenant.id.as_str(), at, message);
            Some(finding.hint("write this town's own, or delete the line; what towns share belongs into a layer"))
        });
        shared.collect()
    }
}

fn facts_of(tenant: &Tenant) -> impl Iterator<Item = (usize, String)> {
    let town = &tenant.town;
    let values = [
        Some(town.name.clone()),
        Some(town.full_name.clone()),
        town.phone.clone(),
        town.fax.clone(),
        town.email.clone(),
        town.website.clone(),
        town.iban.clone(),
        town.address.as_ref().map(|address| address.street.clone() + ", " + &address.zip),
        town.data_protection.as_ref().and_then(|person| person.email.clone()),
    ];
    values.into_iter().enumerate().filter_map(|(fact, value)| Some((fact, value?)))
}
