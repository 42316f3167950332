//! The white-label check: walks every page of every town in every language and tells what does not belong there.
//!
//! A page is what counts, because that is what people read; each complaint names the line of the file that caused it.
//! What no page shows today – a sentence for next month – is read in the files themselves.
//! Invariant: the check asks towns the way visitors do and changes nothing.

mod cause;
mod copied;
pub mod finding;
pub mod foreign;
mod gaps;
mod links;
mod page;
mod promises;
mod sentences;
pub mod words;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use rayon::prelude::*;

use self::{
    cause::Causes,
    copied::Copied,
    finding::Finding,
    foreign::{Atlas, TownFacts},
    links::Links,
    page::{Content, Pages, Pieces},
    promises::Promises,
    sentences::{Sentences, Silent},
    words::Retired,
};
use crate::{
    tenant::{Report, Tenant, is_layer, said::Files, schema::Status},
    theme::ThemeFiles,
    walk::{Kind, Seen, Walk},
};

/// What a check needs to know of the whole house before it looks at single towns.
pub struct Check<'a> {
    walk: &'a Walk,
    report: &'a Report,
    themes: &'a ThemeFiles,
    atlas: Atlas,
    copied: Copied,
    files: Mutex<HashMap<Arc<str>, Arc<Files>>>,
    /// Lists of words that are gone, compiled once for all towns that have the same one.
    retired: Mutex<HashMap<usize, Arc<Retired>>>,
}

/// What one hand remembers from town to town.
#[derive(Default)]
struct Known {
    pieces: Pieces,
    silent: Silent,
}

/// What was looked at and what was found.
#[derive(Debug, Default)]
pub struct Outcome {
    pub towns: usize,
    /// Pages, states of pages and files for machines, in all languages.
    pub pages: usize,
    pub findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    pub fn of(walk: &'a Walk, report: &'a Report, themes: &'a ThemeFiles) -> Self {
        let tenants = walk.tenants().all();
        let shared = shared_contacts(walk);
        let own_facts = |tenant: &Arc<Tenant>| TownFacts::of(tenant).without(&shared);
        let facts: Vec<TownFacts> = tenants.iter().map(own_facts).collect();
        let copied = Copied::of(&tenants);
        Self {
            walk,
            report,
            themes,
            atlas: Atlas::of(&facts),
            copied,
            files: Mutex::default(),
            retired: Mutex::default(),
        }
    }

    /// Checks these towns, or all if none is named; `step` is called after each.
    pub fn run(&self, ids: &[String], step: impl Fn() + Sync) -> Outcome {
        let is_asked = |id: &str| ids.is_empty() || ids.iter().any(|asked| asked == id);
        let towns: Vec<Arc<Tenant>> =
            self.walk.tenants().all().into_iter().filter(|tenant| is_asked(tenant.id.as_str())).collect();
        let mut outcomes: Vec<(usize, Vec<Finding>)> = towns
            .par_iter()
            .map_init(Known::default, |known, tenant| {
                let outcome = self.town(tenant, known);
                step();
                outcome
            })
            .collect();
        let layers: BTreeSet<Arc<str>> =
            towns.iter().flat_map(|tenant| self.chain(tenant).into_iter().skip(1)).collect();
        let in_layers: Vec<Vec<Finding>> = layers.into_par_iter().map(|name| self.layer(&name)).collect();
        outcomes.extend(in_layers.into_iter().map(|findings| (0, findings)));
        let broken = self.report.broken.iter().filter(|(id, _)| is_asked(id));
        let broken: Vec<Finding> =
            broken.flat_map(|(id, problems)| problems.iter().map(|problem| Finding::of_problem(id, problem))).collect();
        let broken_towns: BTreeSet<&str> = broken.iter().map(|finding| finding.tenant.as_str()).collect();
        let known: BTreeSet<&str> = towns.iter().map(|tenant| tenant.id.as_str()).collect();
        let count = known.union(&broken_towns).count();
        let pages = outcomes.iter().map(|(pages, _)| pages).sum();
        let findings = broken.into_iter().chain(outcomes.into_iter().flat_map(|(_, findings)| findings)).collect();
        Outcome { towns: count, pages, findings: told_once(findings) }
    }

    fn town(&self, tenant: &Arc<Tenant>, known: &mut Known) -> (usize, Vec<Finding>) {
        let id = tenant.id.as_str();
        let chain: Vec<Arc<Files>> = self.chain(tenant).iter().filter_map(|name| self.files_of(name)).collect();
        let causes = Causes::of(tenant, chain, self.themes);
        let mut findings: Vec<Finding> =
            tenant.warnings.iter().map(|problem| Finding::of_problem(id, problem)).collect();
        let mut sentences =
            Sentences::of(tenant, &self.atlas, self.retired_of(tenant), self.walk.clock().local().date());
        let mut links = Links::of(tenant);
        let mut promises = Promises::of(tenant, &causes);
        let (mut pages, mut reader) = (0, Pages::with(&mut known.pieces));
        self.walk.see(tenant, |seen| {
            pages += 1;
            if seen.kind == Kind::Failure {
                findings.push(failure(&seen, &causes));
                return;
            }
            let content = match seen.kind {
                Kind::File => Content::of_plain(&seen.body),
                _ => reader.read(&seen.body),
            };
            findings.extend(sentences.on_page(&seen, &content, &causes, &mut known.silent));
            if seen.kind != Kind::File {
                promises.look(&seen, &content);
                links.note(&seen, &content);
            }
        });
        // what a page shows as a gap is told with the page; what no page shows, as it was told while loading
        let gaps_shown = findings.iter().any(|finding| finding.rule == "missing-text" && finding.page.is_some());
        findings.retain(|finding| !gaps_shown || finding.rule != "missing-text" || finding.page.is_some());
        findings.extend(sentences.in_files(&causes));
        findings.extend(causes.own_file("tenant.yaml").iter().flat_map(|file| self.copied.in_town(tenant, file)));
        // a town that is suspended shows no page that could keep a promise or be led to
        if tenant.status() != Status::Suspended {
            findings.extend(promises.broken());
            findings.extend(links.broken(self.walk, &causes));
        }
        findings.extend(gaps::of(tenant, &links, &causes, self.walk.clock().local().date()));
        (pages, findings)
    }

    /// What is written in a layer and speaks as a town, whether or not a town shows it today.
    fn layer(&self, name: &Arc<str>) -> Vec<Finding> {
        self.files_of(name).map(|files| sentences::in_layer(&files, &self.atlas)).unwrap_or_default()
    }

    fn retired_of(&self, tenant: &Tenant) -> Arc<Retired> {
        let mut known = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        // towns keep their lists for as long as the check lasts, so an address stands for one list
        let list = Arc::as_ptr(&tenant.retired) as usize;
        known.entry(list).or_insert_with(|| Arc::new(Retired::of(&tenant.retired.terms))).clone()
    }

    fn chain(&self, tenant: &Tenant) -> Vec<Arc<str>> {
        self.walk.tenants().folders_of(tenant.id.as_str()).iter().map(|folder| folder.name.clone()).collect()
    }

    /// The texts of a folder, read once for all towns.
    fn files_of(&self, name: &Arc<str>) -> Option<Arc<Files>> {
        let known = self.files.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.or_else(|| {
            let folder = self.walk.tenants().folder(name)?;
            let files = Arc::new(Files::of(&folder));
            if is_layer(name) {
                self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), files.clone());
            }
            Some(files)
        })
    }
}

/// Phone numbers, addresses and the like that layers give to their towns: they are nobody's own.
fn shared_contacts(walk: &Walk) -> HashSet<String> {
    const CONTACTS: [&str; 7] = ["phone", "fax", "email", "url", "website", "iban", "street"];
    let layers = walk.tenants().layers();
    let texts = layers.iter().flat_map(|folder| Files::of(folder).texts);
    let contacts = texts.filter(|text| CONTACTS.contains(&text.key.rsplit('.').next().unwrap_or_default()));
    contacts.map(|text| text.text.to_string()).collect()
}

fn failure(seen: &Seen, causes: &Causes) -> Finding {
    let message = format!("has no page `{}`: it {}", seen.name, seen.body);
    Finding::error("missing-page", causes.tenant(), causes.home(), message).on(&seen.name)
}

/// The same complaint about the same line is told once, with the first page it shows on; where a town tells it, its
/// layer need not.
fn told_once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut first: BTreeMap<(String, String, u32, u32, &'static str, String), Finding> = BTreeMap::new();
    for finding in findings {
        let place = (finding.at.file.to_string(), finding.at.line, finding.at.column);
        let key = (finding.tenant.clone(), place.0, place.1, place.2, finding.rule, finding.message.clone());
        match first.entry(key) {
            std::collections::btree_map::Entry::Vacant(entry) => _ = entry.insert(finding),
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                known.page = known.page.take().or(finding.page);
            }
        }
    }
    let by_towns: BTreeSet<_> =
        first.values().filter(|finding| !is_layer(&finding.tenant)).map(|f| (f.rule, f.at.clone())).collect();
    let needed =
        |finding: &Finding| !is_layer(&finding.tenant) || !by_towns.contains(&(finding.rule, finding.at.clone()));
    first.into_values().filter(needed).collect()
}
