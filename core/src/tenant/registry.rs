//! All towns of the process: found by host, loaded and reloaded all or nothing per town.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;

use super::{Authority, Origins, Tenant, TenantId, folder::Scope, loader::Loader};
use crate::{clock::Clock, theme::ThemeFiles, yaml::Problem};

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
    /// Folders that wait for the end of a copy (`.copying`) and stay as they were.
    pub waiting: Vec<String>,
    /// Something changed while it was read; it is worth looking again.
    pub unsettled: bool,
    /// How long it took to read and build everything.
    pub took: Duration,
}

/// The towns that are served, and how they are loaded. Cheap to share; readers never wait for a load.
#[derive(Debug)]
pub struct Tenants {
    state: ArcSwap<State>,
    loader: Mutex<Loader>,
    clock: Clock,
}

#[derive(Debug, Default, Clone)]
pub(super) struct State {
    hosts: HashMap<Authority, Entry>,
    pub(super) tenants: BTreeMap<TenantId, Arc<Tenant>>,
    broken: BTreeMap<String, Vec<Problem>>,
    /// Towns that could not be built for their date; not tried again until something is loaded.
    stuck: BTreeSet<TenantId>,
}

#[derive(Debug, Clone)]
pub(super) enum Entry {
    Tenant(Arc<Tenant>),
    Broken,
}

/// How often and how soon the first load looks again at folders that change while they are read.
const PATIENCE: usize = 10;
const A_MOMENT: Duration = Duration::from_millis(200);

impl State {
    pub(super) fn entry(&self, host: &Authority) -> Option<&Entry> {
        self.hosts.get(host)
    }

    /// The same with other towns; hosts of towns that could not be loaded at all are known as broken.
    pub(super) fn with(
        &self,
        tenants: BTreeMap<TenantId, Arc<Tenant>>,
        changed: &BTreeSet<TenantId>,
        broken: BTreeMap<String, Vec<Problem>>,
        broken_hosts: impl IntoIterator<Item = Authority>,
    ) -> Self {
        let mut hosts = self.hosts.clone();
        let gone = |id: &TenantId| changed.contains(id) || !tenants.contains_key(id);
        let left = self.tenants.values().filter(|tenant| gone(&tenant.id));
        left.flat_map(|tenant| tenant.all_hosts()).for_each(|host| _ = hosts.remove(host));
        if !self.broken.is_empty() {
            hosts.retain(|_, entry| matches!(entry, Entry::Tenant(_)));
        }

        for tenant in changed.iter().filter_map(|id| tenants.get(id)) {
            hosts.extend(tenant.all_hosts().map(|host| (host.clone(), Entry::Tenant(tenant.clone()))));
        }
        // who serves a host goes on serving it, whoever else claims it
        broken_hosts.into_iter().for_each(|host| _ = hosts.entry(host).or_insert(Entry::Broken));
        Self { hosts, tenants, broken, stuck: BTreeSet::new() }
    }

    /// The same with a new version of one town. Hosts have no dates: they are those that were checked when it was
    /// loaded.
    fn with_turned(&self, turned: &Arc<Tenant>) -> Self {
        let mut state = self.clone();
        let hosts = turned.all_hosts().map(|host| (host.clone(), Entry::Tenant(turned.clone())));
        state.hosts.extend(hosts);
        state.tenants.insert(turned.id.clone(), turned.clone());
        state
    }
}

impl Tenants {
    /// Loads all towns of a folder. Broken towns are reported and do not keep the others from serving.
    pub fn load(root: &Path, themes: ThemeFiles, clock: Clock) -> Result<(Self, Report), Problem> {
        let loader = Loader::new(root, themes);
        let tenants = Self { state: ArcSwap::default(), loader: Mutex::new(loader), clock };
        let mut report = tenants.reload()?;
        // whoever is writing at this very moment is waited for: there is no version before to fall back to
        for _ in 0..PATIENCE {
            if !report.unsettled {
                break;
            }
            std::thread::sleep(A_MOMENT);
            report = tenants.reload()?;
        }
        Ok((tenants, report))
    }

    /// The town of a host. A town whose dates have passed a switch is built anew first.
    pub fn find(&self, host: &Authority) -> Found {
        let state = self.state.load();
        match state.entry(host) {
            Some(Entry::Tenant(tenant)) if self.is_due(tenant) && !state.stuck.contains(&tenant.id) => {
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

    pub fn count(&self) -> usize {
        self.state.load().tenants.len()
    }

    /// Towns that could not be loaded at the last attempt.
    pub fn broken(&self) -> BTreeMap<String, Vec<Problem>> {
        self.state.load().broken.clone()
    }

    /// The files of a town as it is served, with the place of every value.
    pub fn origins(&self, tenant: &Tenant) -> Result<Origins, Vec<Problem>> {
        self.loader().origins(tenant, self.clock.now())
    }

    /// Looks at every folder, builds what depends on what changed, swaps everything at once.
    pub fn reload(&self) -> Result<Report, Problem> {
        self.load_scope(&Scope::All)
    }

    /// The same for folders that somebody saw change: nothing else is looked at.
    pub fn reload_only(&self, folders: BTreeSet<String>) -> Result<Report, Problem> {
        self.load_scope(&Scope::Only(folders))
    }

    fn load_scope(&self, scope: &Scope) -> Result<Report, Problem> {
        let mut loader = self.loader();
        let begin = Instant::now();
        let (state, report) = loader.load(&self.state.load(), scope, &self.clock)?;
        self.state.store(Arc::new(state));
        Ok(Report { took: begin.elapsed(), ..report })
    }

    /// The folder of tenants and, where there is one, the folder of themes.
    pub fn roots(&self) -> Vec<PathBuf> {
        self.loader().roots()
    }

    /// A load that panicked has changed nothing that is served: the next one may try again.
    fn loader(&self) -> MutexGuard<'_, Loader> {
        self.loader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self, tenant: &Tenant) -> bool {
        tenant.next_switch.is_some_and(|switch| switch <= self.clock.now())
    }

    /// Builds one town for the present moment. While a load is under way the old version answers a moment longer.
    fn turn(&self, tenant: &Arc<Tenant>) -> Arc<Tenant> {
        let loader = match self.loader.try_lock() {
            Ok(loader) => loader,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return tenant.clone(),
        };
        let id = &tenant.id;
        let current = self.get(id.as_str()).unwrap_or_else(|| tenant.clone());
        if !self.is_due(&current) {
            return current;
        }
        let old = self.state.load();
        match loader.turn(&current, self.clock.now()) {
            Ok(turned) => {
                let turned = Arc::new(turned);
                tracing::info!(tenant = %id, "has changed with its date");
                self.state.store(Arc::new(old.with_turned(&turned)));
                turned
            }
            Err(problems) => {
                for problem in &problems {
                    tracing::error!(tenant = %id, at = %problem.at, "has missed its date: {}", problem.message);
                }
                let mut state = State::clone(&old);
                state.broken.insert(id.to_string(), problems);
                state.stuck.insert(id.clone());
                self.state.store(Arc::new(state));
                current
            }
        }
    }
}
