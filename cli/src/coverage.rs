//! `portal tenant coverage`: how much a town says in its languages beside German.

use std::{process::ExitCode, sync::Arc};

use portal::tenant::{
    Tenant,
    coverage::{self, Coverage, Share},
};
use serde_json::json;

use crate::{
    args::{Folders, Format},
    print::{self, Failure, say},
    show::{known, load},
};

pub fn show(ids: &[String], with_missing: bool, folders: &Folders) -> Result<ExitCode, Failure> {
    let (tenants, report) = load(folders)?;
    report.broken.values().flatten().for_each(print::problem);
    let towns: Vec<Arc<Tenant>> = match ids {
        [] => tenants.all(),
        ids => ids.iter().map(|id| known(&tenants, id)).collect::<Result<_, _>>()?,
    };
    let counted: Vec<(Arc<Tenant>, Vec<Coverage>)> =
        towns.into_iter().map(|town| (town.clone(), coverage::of(&town))).collect();
    match folders.format {
        Format::Json => {
            let rows = counted.iter().flat_map(|(town, all)| all.iter().map(|one| as_json(town, one)));
            say!("{}", json!({ "coverage": rows.collect::<Vec<_>>() }));
        }
        Format::Text => {
            let head = ["town", "language"].into_iter().chain(SHARES.iter().map(|(name, _)| *name));
            let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
            for (town, one) in counted.iter().flat_map(|(town, all)| all.iter().map(move |one| (town, one))) {
                let shares = SHARES
                    .iter()
                    .map(|(_, share)| share(one))
                    .map(|share| format!("{} of {}", share.there(), share.all));
                rows.push([town.id.to_string(), one.locale.to_string()].into_iter().chain(shares).collect());
            }
            print::table(&rows);
            if with_missing {
                counted.iter().for_each(|(town, all)| all.iter().for_each(|one| name_missing(town, one)));
            }
        }
    }
    Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

type ShareOf = fn(&Coverage) -> &Share;

const SHARES: [(&str, ShareOf); 5] = [
    ("portal texts", |one| &one.portal),
    ("services", |one| &one.services),
    ("help", |one| &one.answers),
    ("topics and tiles", |one| &one.ways_in),
    ("pages", |one| &one.pages),
];

fn name_missing(town: &Tenant, one: &Coverage) {
    for (name, share) in SHARES {
        let missing = &share(one).missing;
        if !missing.is_empty() {
            say!("\n{} {}, {name} that lack something:\n  {}", town.id, one.locale, missing.join(", "));
        }
    }
}

fn as_json(town: &Tenant, one: &Coverage) -> serde_json::Value {
    let share = |share: &Share| json!({"there": share.there(), "all": share.all, "missing": share.missing});
    json!({
        "tenant": town.id.as_str(), "locale": one.locale.code(), "portal": share(&one.portal),
        "services": share(&one.services), "help": share(&one.answers), "ways_in": share(&one.ways_in),
        "pages": share(&one.pages),
    })
}
