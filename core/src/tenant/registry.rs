//! All towns of the process: found by host, loaded and reloaded all or nothing per town.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use jiff::Timestamp;

use super::{
    Authority, Tenant,
    build::{Sources, build},
    folder::{Files, FolderState, Snapshot, look},
    layers::Chain,
};
use crate::{
    clock::{Clock, local_zone},
    theme::{Shelf, ThemeFiles},
    yaml::{At, Node, Problem},
};

/// What a host name leads to.
#[derive(Debug, Clone)]
pub enum Found {
    Tenant(Arc<Tenant>),
    /// The host belongs to a town whose files could not be loaded since the start.
    Broken,
    Unknown,
}

/// What a load changed.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Towns that are new or have a new version.
    pub changed: Vec<String>,
    pub removed: Vec<String>,
    /// Towns whose files cannot be loaded, with everything that is wrong. Those that served before go on serving.
    pub broken: BTreeMap<String, Vec<Problem>>,
    pub warnings: Vec<Problem>,
    /// Files opened by this load.
    pub opened: u64,
    /// Something changed while it was read; it is worth looking again.
    pub unsettled: bool,
}

/// The towns that are served, and how they are loaded. Cheap to share; readers never wait for a load.
#[derive(Debug)]
pub struct Tenants {
    state: ArcSwap<State>,
    loader: Mutex<Loader>,
    clock: Clock,
}

#[derive(Debug, Default)]
struct State {
    hosts: HashMap<Authority, Entry>,
    tenants: BTreeMap<String, Arc<Tenant>>,
    broken: BTreeMap<String, Vec<Problem>>,
}

#[derive(Debug, Clone)]
enum Entry {
    Tenant(Arc<Tenant>),
    Broken,
}

impl Tenants {
    /// Loads all towns of a folder. Broken towns are reported and do not keep the others from serving.
    pub fn load(root: &Path, themes: ThemeFiles, clock: Clock) -> Result<(Self, Report), Problem> {
        let loader = Loader::new(root, themes);
        let tenants = Self { state: ArcSwap::default(), loader: Mutex::new(loader), clock };
        let report = tenants.reload()?;
        Ok((tenants, report))
    }

    /// The town of a host. A town whose dates have passed a switch is built anew first.
    pub fn find(&self, host: &Authority) -> Found {
        let state = self.state.load();
        match state.hosts.get(host) {
            // a town that could not be built for the new date stays as it was until somebody mends it
            Some(Entry::Tenant(tenant)) if self.is_due(tenant) && !state.broken.contains_key(tenant.id.as_str()) => {
                Found::Tenant(self.turn(tenant))
            }
            Some(Entry::Tenant(tenant)) => Found::Tenant(tenant.clone()),
            Some(Entry::Broken) => Found::Broken,
            None => Found::Unknown,
        }
    }

    pub fn all(&self) -> Vec<Arc<Tenant>> {
        self.state.load().tenants.values().cloned().collect()
    }

    pub fn get(&self, id: &str) -> Option<Arc<Tenant>> {
        self.state.load().tenants.get(id).cloned()
    }

    /// Towns that could not be loaded at the last attempt.
    pub fn broken(&self) -> BTreeMap<String, Vec<Problem>> {
        self.state.load().broken.clone()
    }

    /// Reads what changed, builds what depends on it, swaps everything at once.
    pub fn reload(&self) -> Result<Report, Problem> {
        let mut loader = self.loader.lock().expect("a load does not panic");
        let (state, report) = loader.load(&self.state.load(), self.clock.now())?;
        self.state.store(Arc::new(state));
        Ok(report)
    }

    /// The folder of tenants and, where there is one, the folder of themes.
    pub fn folders(&self) -> Vec<PathBuf> {
        let loader = self.loader.lock().expect("a load does not panic");
        let themes = loader.themes.folder().map(Path::to_owned);
        [Some(loader.files.root().to_owned()), themes].into_iter().flatten().collect()
    }

    fn is_due(&self, tenant: &Tenant) -> bool {
        tenant.next_switch.is_some_and(|switch| switch <= self.clock.now())
    }

    /// Builds one town for the present moment. While a load is under way the old version answers a moment longer.
    fn turn(&self, tenant: &Arc<Tenant>) -> Arc<Tenant> {
        let Ok(mut loader) = self.loader.try_lock() else { return tenant.clone() };
        let id = tenant.id.as_str();
        let current = self.get(id).unwrap_or_else(|| tenant.clone());
        if !self.is_due(&current) {
            return current;
        }
        let old = self.state.load();
        let turned = match loader.turn(id, self.clock.now()) {
            Ok(turned) => Arc::new(turned),
            Err(problems) => {
                for problem in &problems {
                    tracing::error!(tenant = id, at = %problem.at, "not built for its next date: {}", problem.message);
                }
                let mut broken = old.broken.clone();
                broken.insert(id.to_owned(), problems);
                self.state.store(Arc::new(State { hosts: old.hosts.clone(), tenants: old.tenants.clone(), broken }));
                return current;
            }
        };
        let mut tenants = old.tenants.clone();
        tenants.insert(id.to_owned(), turned.clone());
        let mut hosts = old.hosts.clone();
        for host in turned.hosts.iter().chain(&turned.preview_hosts) {
            hosts.insert(host.clone(), Entry::Tenant(turned.clone()));
        }
        self.state.store(Arc::new(State { hosts, tenants, broken: old.broken.clone() }));
        turned
    }
}

#[derive(Debug)]
struct Loader {
    files: Files,
    themes: ThemeFiles,
    shelf: Shelf,
    theme_stamp: String,
    snapshot: Snapshot,
    /// Per town: what its last attempt was made of.
    inputs: HashMap<String, Inputs>,
    /// Per town: what was wrong at the last attempt.
    failed: BTreeMap<String, Vec<Problem>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Inputs {
    folders: Vec<(String, Option<FolderState>)>,
    themes: String,
}

impl Loader {
    fn new(root: &Path, themes: ThemeFiles) -> Self {
        Self {
            files: Files::new(root),
            shelf: Shelf::new(themes.clone()),
            theme_stamp: themes.stamp(),
            themes,
            snapshot: Snapshot::new(),
            inputs: HashMap::new(),
            failed: BTreeMap::new(),
        }
    }

    fn load(&mut self, old: &State, now: Timestamp) -> Result<(State, Report), Problem> {
        let opened_before = self.files.opened;
        let mut report = Report::default();
        self.refresh_themes();
        let snapshot = self.settled_snapshot(look(self.files.root())?, &mut report);
        let mut candidates: BTreeMap<String, Arc<Tenant>> = BTreeMap::new();
        for id in towns(&snapshot) {
            let served = old.tenants.get(id);
            match self.attempt(id, served, &snapshot, now) {
                Attempt::Same => candidates.extend(served.map(|tenant| (id.clone(), tenant.clone()))),
                Attempt::Built(tenant) => {
                    candidates.insert(id.clone(), tenant);
                }
                Attempt::Broken => candidates.extend(served.map(|tenant| (id.clone(), tenant.clone()))),
            }
        }
        // a file that changed while it was read may have been read half: keep the old version and look again
        let after = look(self.files.root())?;
        for id in towns(&snapshot) {
            let touched = |folder: &String| after.get(folder) != snapshot.get(folder);
            let chain = self.inputs.get(id).map(|inputs| inputs.folders.iter().map(|(folder, _)| folder.clone()));
            if chain.is_some_and(|mut chain| chain.any(|folder| touched(&folder))) {
                report.unsettled = true;
                self.inputs.remove(id);
                self.failed.remove(id);
                match old.tenants.get(id) {
                    Some(served) => candidates.insert(id.clone(), served.clone()),
                    None => candidates.remove(id),
                };
            }
        }
        self.refuse_shared_hosts(&mut candidates, old);
        self.failed.retain(|id, _| snapshot.contains_key(id));
        self.inputs.retain(|id, _| snapshot.contains_key(id));
        self.files.keep_only(&snapshot);
        self.snapshot = snapshot;
        let state = self.state(candidates);
        report.changed = state
            .tenants
            .iter()
            .filter(|(id, tenant)| !is_same(old.tenants.get(*id), tenant))
            .map(|(id, _)| id.clone())
            .collect();
        report.removed = old.tenants.keys().filter(|id| !state.tenants.contains_key(*id)).cloned().collect();
        report.warnings = report.changed.iter().flat_map(|id| state.tenants[id].warnings.iter().cloned()).collect();
        report.broken = self.failed.clone();
        report.opened = self.files.opened - opened_before;
        Ok((state, report))
    }

    /// Folders into which somebody is still copying stay as they were.
    fn settled_snapshot(&self, mut snapshot: Snapshot, report: &mut Report) -> Snapshot {
        let copying: Vec<String> =
            snapshot.iter().filter(|(_, state)| state.copying).map(|(id, _)| id.clone()).collect();
        for id in copying {
            report.unsettled = true;
            match self.snapshot.get(&id) {
                Some(before) => snapshot.insert(id, before.clone()),
                None => snapshot.remove(&id),
            };
        }
        snapshot
    }

    fn refresh_themes(&mut self) {
        let stamp = self.themes.stamp();
        if stamp != self.theme_stamp {
            self.shelf = Shelf::new(self.themes.clone());
            self.theme_stamp = stamp;
        }
    }

    fn attempt(&mut self, id: &str, served: Option<&Arc<Tenant>>, snapshot: &Snapshot, now: Timestamp) -> Attempt {
        let chain = match Chain::of(id, snapshot, &mut self.files) {
            Ok(chain) => chain,
            Err(problems) => {
                self.inputs.remove(id);
                self.failed.insert(id.to_owned(), problems);
                return Attempt::Broken;
            }
        };
        let folders = chain.0.iter().map(|folder| (folder.clone(), snapshot.get(folder).cloned())).collect();
        let inputs = Inputs { folders, themes: self.theme_stamp.clone() };
        let due = served.is_some_and(|tenant| tenant.next_switch.is_some_and(|switch| switch <= now));
        let same = self.inputs.get(id) == Some(&inputs);
        // a host conflict is not the town's own files' fault alone: try again as soon as anything changed
        if same && !due && served.is_some() && !self.failed.contains_key(id) {
            return Attempt::Same;
        }
        self.inputs.insert(id.to_owned(), inputs);
        let sources = Sources { snapshot, files: &mut self.files, shelf: &self.shelf, now };
        let outcome = build(id, &chain, sources).and_then(|tenant| {
            self.rehearse(id, &chain, tenant.next_switch, snapshot)?;
            Ok(tenant)
        });
        match outcome {
            Ok(tenant) => {
                self.failed.remove(id);
                Attempt::Built(Arc::new(tenant))
            }
            Err(problems) => {
                self.failed.insert(id.to_owned(), problems);
                Attempt::Broken
            }
        }
    }

    /// Builds the town for its coming dates as well: what would fail at midnight is told when it is written.
    fn rehearse(
        &mut self,
        id: &str,
        chain: &Chain,
        mut next: Option<Timestamp>,
        snapshot: &Snapshot,
    ) -> Result<(), Vec<Problem>> {
        for _ in 0..REHEARSED_SWITCHES {
            let Some(now) = next else { break };
            let sources = Sources { snapshot, files: &mut self.files, shelf: &self.shelf, now };
            let day = now.to_zoned(local_zone()).date();
            next = build(id, chain, sources).map_err(|problems| from_day(problems, day))?.next_switch;
        }
        Ok(())
    }

    /// Builds a town from the files as they were read last, for another moment.
    fn turn(&mut self, id: &str, now: Timestamp) -> Result<Tenant, Vec<Problem>> {
        let chain = Chain::of(id, &self.snapshot, &mut self.files)?;
        let sources = Sources { snapshot: &self.snapshot, files: &mut self.files, shelf: &self.shelf, now };
        build(id, &chain, sources).inspect_err(|problems| {
            self.failed.insert(id.to_owned(), problems.clone());
        })
    }

    /// Two towns with one host are both wrong; each falls back to what it served before.
    fn refuse_shared_hosts(&mut self, candidates: &mut BTreeMap<String, Arc<Tenant>>, old: &State) {
        loop {
            let mut owners: HashMap<&Authority, BTreeSet<&String>> = HashMap::new();
            for (id, tenant) in candidates.iter() {
                for host in tenant.hosts.iter().chain(&tenant.preview_hosts) {
                    owners.entry(host).or_default().insert(id);
                }
            }
            let mut shared: Vec<(Authority, Vec<String>)> = owners
                .into_iter()
                .filter(|(_, ids)| ids.len() > 1)
                .map(|(host, ids)| (host.clone(), ids.into_iter().cloned().collect()))
                .collect();
            if shared.is_empty() {
                return;
            }
            shared.sort();
            let mut fallen = BTreeSet::new();
            for (host, ids) in &shared {
                for id in ids {
                    let others: Vec<String> =
                        ids.iter().filter(|other| *other != id).map(|id| format!("`{id}`")).collect();
                    let at = place_of_host(&candidates[id], host);
                    let message = format!("claims the host `{host}`, which {} claims as well", others.join(", "));
                    let problems = self.failed.entry(id.clone()).or_default();
                    problems.push(Problem::new(&at, message).hint("a host belongs to exactly one town"));
                    fallen.insert(id.clone());
                }
            }
            for id in fallen {
                match old.tenants.get(&id).filter(|served| !Arc::ptr_eq(served, &candidates[&id])) {
                    Some(served) => candidates.insert(id.clone(), served.clone()),
                    // it was served like this before: the newcomer falls, this one stays
                    None if old.tenants.contains_key(&id) => continue,
                    None => candidates.remove(&id),
                };
            }
        }
    }

    fn state(&mut self, tenants: BTreeMap<String, Arc<Tenant>>) -> State {
        let mut hosts = HashMap::new();
        for id in self.failed.keys().filter(|id| !tenants.contains_key(*id)) {
            let stamp = self.snapshot.get(id).and_then(|state| state.files.get("tenant.yaml")).copied();
            let Some(Ok(super::File::Yaml(node))) = stamp.map(|stamp| self.files.file(id, "tenant.yaml", stamp)) else {
                continue;
            };
            hosts.extend(hosts_of(&node).map(|host| (host, Entry::Broken)));
        }
        for tenant in tenants.values() {
            for host in tenant.hosts.iter().chain(&tenant.preview_hosts) {
                hosts.insert(host.clone(), Entry::Tenant(tenant.clone()));
            }
        }
        State { hosts, tenants, broken: self.failed.clone() }
    }
}

/// How many coming dates are tried when a town is loaded.
const REHEARSED_SWITCHES: usize = 12;

fn from_day(problems: Vec<Problem>, day: jiff::civil::Date) -> Vec<Problem> {
    let with_day = |problem: Problem| Problem { message: format!("{} (from {day} on)", problem.message), ..problem };
    problems.into_iter().map(with_day).collect()
}

enum Attempt {
    /// Nothing it is made of has changed.
    Same,
    Built(Arc<Tenant>),
    Broken,
}

fn is_same(old: Option<&Arc<Tenant>>, new: &Arc<Tenant>) -> bool {
    old.is_some_and(|old| Arc::ptr_eq(old, new))
}

fn towns(snapshot: &Snapshot) -> impl Iterator<Item = &String> {
    snapshot.keys().filter(|id| !id.starts_with('_'))
}

fn hosts_of(node: &Node) -> impl Iterator<Item = Authority> {
    let lists = ["hosts", "preview_hosts"].into_iter().filter_map(|name| node.get(name));
    let names = lists.flat_map(|list| list.items()).filter_map(|item| item.text());
    names.filter_map(|name| Authority::parse(name).ok())
}

fn place_of_host(tenant: &Tenant, host: &Authority) -> At {
    let file = tenant.origins.iter().find(|(name, _)| name == "tenant.yaml").map(|(_, node)| node);
    let lists = ["hosts", "preview_hosts"].into_iter().filter_map(|name| file?.get(name));
    let mut items = lists.flat_map(|list| list.items());
    let item = items.find(|item| item.text().and_then(|name| Authority::parse(name).ok()).as_ref() == Some(host));
    item.map_or_else(|| At::start_of("tenant.yaml"), |item| item.at.clone())
}
