//! All towns of the process: found by host, loaded and reloaded all or nothing per town.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
};

use arc_swap::ArcSwap;

use super::{Authority, Tenant, loader::Loader};
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
    pub(super) tenants: BTreeMap<String, Arc<Tenant>>,
    broken: BTreeMap<String, Vec<Problem>>,
    /// Towns that could not be built for their date; not tried again until something is loaded.
    stuck: BTreeSet<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Entry {
    Tenant(Arc<Tenant>),
    Broken,
}

impl State {
    /// Towns by host; hosts of towns that could not be loaded at all are known as broken.
    pub(super) fn new(
        tenants: BTreeMap<String, Arc<Tenant>>,
        broken: BTreeMap<String, Vec<Problem>>,
        broken_hosts: impl IntoIterator<Item = Authority>,
    ) -> Self {
        let mut hosts: HashMap<_, _> = broken_hosts.into_iter().map(|host| (host, Entry::Broken)).collect();
        for tenant in tenants.values() {
            for host in tenant.hosts.iter().chain(&tenant.preview_hosts) {
                hosts.insert(host.clone(), Entry::Tenant(tenant.clone()));
            }
        }
        Self { hosts, tenants, broken, stuck: BTreeSet::new() }
    }
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
            Some(Entry::Tenant(tenant)) if self.is_due(tenant) && !state.stuck.contains(tenant.id.as_str()) => {
                Found::Tenant(self.turn(tenant))
            }
            Some(Entry::Tenant(tenant)) => Found::Tenant(tenant.clone()),
            Some(Entry::Broken) => Found::Broken,
            None => Found::Unknown,
        }
    }

    /// The configured host that is spelled exactly like this.
    pub fn spelled(&self, text: &str) -> Option<Authority> {
        self.state.load().hosts.get_key_value(text).map(|(host, _)| host.clone())
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
        let mut loader = self.loader();
        let (state, report) = loader.load(&self.state.load(), &self.clock)?;
        self.state.store(Arc::new(state));
        Ok(report)
    }

    /// The folder of tenants and, where there is one, the folder of themes.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.loader().folders()
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
        let mut loader = match self.loader.try_lock() {
            Ok(loader) => loader,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return tenant.clone(),
        };
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
                    tracing::error!(tenant = id, at = %problem.at, "has missed its date: {}", problem.message);
                }
                let mut state = State::clone(&old);
                state.broken.insert(id.to_owned(), problems);
                state.stuck.insert(id.to_owned());
                self.state.store(Arc::new(state));
                return current;
            }
        };
        tracing::info!(tenant = id, "has changed with its date");
        let mut state = State::clone(&old);
        state.tenants.insert(id.to_owned(), turned.clone());
        // hosts have no dates: they are those that were checked when the town was loaded
        for host in turned.hosts.iter().chain(&turned.preview_hosts) {
            state.hosts.insert(host.clone(), Entry::Tenant(turned.clone()));
        }
        self.state.store(Arc::new(state));
        turned
    }
}
