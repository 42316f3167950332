//! Judged queries: what people type, and what a clerk of the town would answer.

use std::{fs, path::PathBuf, sync::Arc};

use portal::{
    catalogue::search::{Hit, Kind, search},
    locale::Locale,
    tenant::Tenant,
};

/// One set of `tests/search`: a query and the ids it means, separated by a tab; `-` means nothing the town has.
pub struct Judged {
    pub name: String,
    pub queries: Vec<(String, Vec<String>)>,
}

impl Judged {
    /// All sets, in the order of their names.
    pub fn all() -> Vec<Self> {
        let folder = crate::root().join("tests/search");
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .expect("the folder of judged queries")
            .map(|entry| entry.expect("a readable entry").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "tsv"))
            .collect();
        files.sort();
        files.iter().map(Self::read).collect()
    }

    fn read(path: &PathBuf) -> Self {
        let text = fs::read_to_string(path).expect("a set of judged queries");
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        Self {
            name: path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned(),
            queries: lines
                .map(|(query, ids)| (query.to_owned(), ids.split(',').map(|id| id.trim().to_owned()).collect()))
                .collect(),
        }
    }

    /// Asks a town everything it has an answer to.
    pub fn ask(&self, tenant: &Arc<Tenant>) -> Figures {
        let mut figures = Figures::default();
        for (query, ids) in &self.queries {
            let hits = search(tenant, &Locale::german(), query);
            let found: Vec<String> = hits.iter().map(judged_id).collect();
            if ids[0] == "-" {
                figures.nothing += 1;
                figures.noisy.extend((!found.is_empty()).then(|| format!("{query} → {}", shown(&hits))));
                continue;
            }
            let offered: Vec<_> = ids.iter().filter(|id| offers(tenant, id)).collect();
            if offered.is_empty() {
                continue;
            }
            figures.asked += 1;
            let place = found.iter().position(|id| offered.contains(&id));
            figures.reciprocal += place.map_or(0.0, |place| 1.0 / (place + 1) as f64);
            match place {
                Some(0..3) => figures.in_three += 1,
                _ => figures.missed.push(format!("{query} ({}) → {}", ids.join(","), shown(&hits))),
            }
        }
        figures
    }
}

fn judged_id(hit: &Hit) -> String {
    match hit.kind {
        Kind::Service => hit.id.clone(),
        Kind::Faq => format!("faq:{}", hit.id),
    }
}

fn offers(tenant: &Tenant, id: &str) -> bool {
    match id.strip_prefix("faq:") {
        Some(id) => tenant.faq.entries.iter().any(|entry| entry.id.as_deref() == Some(id)),
        None => tenant.service(id).is_some(),
    }
}

fn shown(hits: &[Hit]) -> String {
    let first = hits.iter().take(5).map(|hit| format!("{} {}", judged_id(hit), hit.score));
    first.collect::<Vec<_>>().join(", ")
}

/// How well a set was answered.
#[derive(Debug, Default)]
pub struct Figures {
    /// Queries that mean something this town has.
    pub asked: usize,
    pub in_three: usize,
    reciprocal: f64,
    /// Queries that mean nothing we have.
    pub nothing: usize,
    pub missed: Vec<String>,
    pub noisy: Vec<String>,
}

impl Figures {
    pub fn success_at_3(&self) -> f64 {
        self.in_three as f64 / self.asked.max(1) as f64
    }

    pub fn mean_reciprocal_rank(&self) -> f64 {
        self.reciprocal / self.asked.max(1) as f64
    }

    /// The part of the queries about nothing that found nothing.
    pub fn quiet(&self) -> f64 {
        1.0 - self.noisy.len() as f64 / self.nothing.max(1) as f64
    }
}
