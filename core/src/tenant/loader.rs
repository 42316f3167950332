//! Loading and reloading: looks at the folder, builds what changed, refuses what does not fit together.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Authority, File, Report, Tenant,
    build::{Sources, build},
    folder::{Files, FolderState, Snapshot, look},
    layers::Chain,
    registry::State,
    schema::Status,
};
use crate::{
    clock::{Clock, local_zone},
    theme::{Shelf, ThemeFiles},
    yaml::{At, Node, Problem},
};

#[derive(Debug)]
pub(super) struct Loader {
    files: Files,
    themes: ThemeFiles,
    shelf: Shelf,
    theme_stamp: String,
    snapshot: Snapshot,
    /// Per town: what its last attempt was made of.
    inputs: HashMap<String, Inputs>,
    /// Per town: what was wrong at the last attempt.
    failed: BTreeMap<String, Vec<Problem>>,
    /// Per town with dates: the files its served version was built from.
    good: HashMap<String, Good>,
}

/// What a town was built from, kept to build it again for another date whatever happens to its files meanwhile.
#[derive(Debug)]
struct Good {
    chain: Chain,
    snapshot: Snapshot,
    files: Files,
}

#[derive(Debug, Clone, PartialEq)]
struct Inputs {
    folders: Vec<(String, Option<FolderState>)>,
    themes: String,
}

impl Loader {
    pub(super) fn new(root: &Path, themes: ThemeFiles) -> Self {
        Self {
            files: Files::new(root),
            shelf: Shelf::new(themes.clone()),
            theme_stamp: themes.stamp(),
            themes,
            snapshot: Snapshot::new(),
            inputs: HashMap::new(),
            failed: BTreeMap::new(),
            good: HashMap::new(),
        }
    }

    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let themes = self.themes.folder().map(Path::to_owned);
        [Some(self.files.root().to_owned()), themes].into_iter().flatten().collect()
    }

    /// Reads what changed and builds what depends on it; what is served is the caller's to swap.
    pub(super) fn load(&mut self, old: &State, clock: &Clock) -> Result<(State, Report), Problem> {
        let now = clock.now();
        let opened_before = self.files.opened;
        let mut report = Report::default();
        self.refresh_themes();
        let snapshot = self.settled_snapshot(look(self.files.root())?, &mut report);
        if towns(&snapshot).next().is_none() && !old.tenants.is_empty() {
            let at = At::start_of(&self.files.root().display().to_string());
            return Err(Problem::new(&at, "holds no town any more").hint("put the folders back, or stop the portal"));
        }
        let mut candidates: BTreeMap<String, Arc<Tenant>> = BTreeMap::new();
        let mut goods: HashMap<String, Good> = HashMap::new();
        for id in towns(&snapshot) {
            let served = old.tenants.get(id);
            match self.attempt(id, served, &snapshot, now) {
                Attempt::Same => candidates.extend(served.map(|tenant| (id.clone(), tenant.clone()))),
                // a rehearsal that has begun does not take a live town in (`--now`)
                Attempt::Built(tenant)
                    if clock.is_moved() && !old.tenants.is_empty() && tenant.status() == Status::Live =>
                {
                    self.failed.insert(id.clone(), vec![live_in_rehearsal(&tenant)]);
                    candidates.extend(served.map(|tenant| (id.clone(), tenant.clone())));
                }
                Attempt::Built(tenant) => {
                    goods.extend(self.good_of(&tenant, &snapshot).map(|good| (id.clone(), good)));
                    candidates.insert(id.clone(), tenant);
                }
                Attempt::Broken => candidates.extend(served.map(|tenant| (id.clone(), tenant.clone()))),
            }
        }
        // a file that changed while it was read may have been read half: keep the old version and look again
        let after = look(self.files.root()).inspect_err(|_| self.inputs.clear())?;
        for id in towns(&snapshot) {
            let settled =
                |folder: &String| report.waiting.contains(folder) || after.get(folder) == snapshot.get(folder);
            let chain = self.inputs.get(id).map(|inputs| inputs.folders.iter().map(|(folder, _)| folder.clone()));
            if chain.is_some_and(|mut chain| chain.any(|folder| !settled(&folder))) {
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
        let broken_hosts = self.broken_hosts(&candidates);
        let state = State::new(candidates, self.failed.clone(), broken_hosts);
        report.changed = state
            .tenants
            .iter()
            .filter(|(id, tenant)| !is_same(old.tenants.get(*id), tenant))
            .map(|(id, _)| id.clone())
            .collect();
        report.removed = old.tenants.keys().filter(|id| !state.tenants.contains_key(*id)).cloned().collect();
        for id in report.changed.iter().chain(&report.removed) {
            match goods.remove(id) {
                Some(good) => self.good.insert(id.clone(), good),
                None => self.good.remove(id),
            };
        }
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
            report.waiting.push(id.clone());
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
        let outcome = unless_it_panics(id, || build(id, &chain, sources)).and_then(|tenant| {
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

    /// Builds a town anew for another moment from the files its served version was built from.
    pub(super) fn turn(&mut self, id: &str, now: Timestamp) -> Result<Tenant, Vec<Problem>> {
        let Some(good) = self.good.get_mut(id) else {
            let at = At::start_of(&self.files.shown(id, "tenant.yaml"));
            return Err(vec![Problem::new(&at, "has no files to build it from any more")]);
        };
        let sources = Sources { snapshot: &good.snapshot, files: &mut good.files, shelf: &self.shelf, now };
        unless_it_panics(id, || build(id, &good.chain, sources))
    }

    fn good_of(&mut self, tenant: &Tenant, snapshot: &Snapshot) -> Option<Good> {
        tenant.next_switch?;
        let chain = Chain::of(tenant.id.as_str(), snapshot, &mut self.files).ok()?;
        let folders = chain.0.iter().filter_map(|folder| Some((folder.clone(), snapshot.get(folder)?.clone())));
        let snapshot: Snapshot = folders.collect();
        let files = self.files.copy_for(&snapshot);
        Some(Good { chain, snapshot, files })
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
            let mut claimants = BTreeSet::new();
            for (host, ids) in &shared {
                for id in ids {
                    let others: Vec<String> =
                        ids.iter().filter(|other| *other != id).map(|id| format!("`{id}`")).collect();
                    let at = place_of_host(&candidates[id], host);
                    let message = format!("claims the host `{host}`, which {} claims as well", others.join(", "));
                    let problems = self.failed.entry(id.clone()).or_default();
                    problems.push(Problem::new(&at, message).hint("a host belongs to exactly one town"));
                    claimants.insert(id.clone());
                }
            }
            let mut somebody_fell = false;
            for id in claimants {
                let served = old.tenants.get(&id);
                // it was served like this before: the newcomer falls, this one stays
                if is_same(served, &candidates[&id]) {
                    continue;
                }
                somebody_fell = true;
                match served {
                    Some(served) => candidates.insert(id.clone(), served.clone()),
                    None => candidates.remove(&id),
                };
            }
            if !somebody_fell {
                return;
            }
        }
    }

    /// Hosts of towns that are not served at all, as far as their files still tell them.
    fn broken_hosts(&mut self, served: &BTreeMap<String, Arc<Tenant>>) -> Vec<Authority> {
        let mut hosts = Vec::new();
        for id in self.failed.keys().filter(|id| !served.contains_key(*id)) {
            let stamp = self.snapshot.get(id).and_then(|state| state.files.get("tenant.yaml")).copied();
            let file = stamp.map(|stamp| self.files.file(id, "tenant.yaml", stamp));
            if let Some(Ok(File::Yaml(node))) = file {
                hosts.extend(hosts_of(&node));
            }
        }
        hosts
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

/// A panic while one town is built is that town's problem.
fn unless_it_panics<T>(id: &str, build: impl FnOnce() -> Result<T, Vec<Problem>>) -> Result<T, Vec<Problem>> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(build)).unwrap_or_else(|_| {
        let problem = Problem::new(&At::start_of(id), "cannot be built: the portal itself made a mistake");
        Err(vec![problem.hint("the log has the place; please report it")])
    })
}

fn live_in_rehearsal(tenant: &Tenant) -> Problem {
    let at = place_of(tenant, "status").unwrap_or_else(|| At::start_of("tenant.yaml"));
    Problem::new(&at, "is live, and this portal rehearses another time (`--now`)")
        .hint("restart without `--now` to serve it")
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

fn place_of(tenant: &Tenant, path: &str) -> Option<At> {
    let (_, file) = tenant.origins.iter().find(|(name, _)| name == "tenant.yaml")?;
    file.find(path).map(|node| node.at.clone())
}

fn place_of_host(tenant: &Tenant, host: &Authority) -> At {
    let file = tenant.origins.iter().find(|(name, _)| name == "tenant.yaml").map(|(_, node)| node);
    let lists = ["hosts", "preview_hosts"].into_iter().filter_map(|name| file?.get(name));
    let mut items = lists.flat_map(|list| list.items());
    let item = items.find(|item| item.text().and_then(|name| Authority::parse(name).ok()).as_ref() == Some(host));
    item.map_or_else(|| At::start_of("tenant.yaml"), |item| item.at.clone())
}
