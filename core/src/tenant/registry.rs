//! All towns of the process: found by host, loaded and reloaded all or nothing per town.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;

use super::{
    Authority, Origins, Readiness, Tenant, TenantId,
    build::Sources,
    folder::Folder,
    folders::Scope,
    generations::{Generations, Keeper, Obstacle},
    loader::Loader,
    stocks::Stocks,
};
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
    /// The generations that the changed towns run now, where generations are kept.
    pub runs: BTreeSet<u32>,
    /// Folders that changed without effect, because towns run a generation.
    pub held: Vec<String>,
    /// Towns that could not be loaded at the start and are served from an earlier generation.
    pub fallen: BTreeMap<String, u32>,
    /// How long it took to read and build everything.
    pub took: Duration,
}

/// The towns that are served, and how they are loaded. Cheap to share; readers never wait for a load.
#[derive(Debug)]
pub struct Tenants {
    served: ArcSwap<Served>,
    trouble: ArcSwap<Trouble>,
    loader: Mutex<Loader>,
    clock: Clock,
    generations: Option<Generations>,
    obstacle: Obstacle,
}

/// Who answers where. A new version of a town changes its slot and nothing else; the whole is swapped only when a host
/// comes or goes.
#[derive(Debug, Default, Clone)]
pub(super) struct Served {
    hosts: HashMap<Authority, Entry>,
    towns: BTreeMap<TenantId, Arc<Slot>>,
    /// Hosts of towns that could not be loaded at all.
    broken_hosts: BTreeSet<Authority>,
}

#[derive(Debug, Clone)]
enum Entry {
    Town(Arc<Slot>),
    Broken,
}

/// The place of a town, in which its versions follow each other.
#[derive(Debug)]
struct Slot(ArcSwap<Tenant>);

#[derive(Debug, Default, Clone)]
struct Trouble {
    broken: BTreeMap<String, Vec<Problem>>,
    /// Towns that could not be built for their date; not tried again until something is loaded.
    stuck: BTreeSet<TenantId>,
}

/// What a load has made.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub new: BTreeMap<TenantId, Arc<Tenant>>,
    pub removed: BTreeSet<TenantId>,
    pub broken: BTreeMap<String, Vec<Problem>>,
    pub broken_hosts: BTreeSet<Authority>,
}

/// How often and how soon the first load looks again at folders that change while they are read.
const PATIENCE: usize = 10;
const A_MOMENT: Duration = Duration::from_millis(200);

impl Served {
    pub(super) fn is_empty(&self) -> bool {
        self.towns.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &TenantId> {
        self.towns.keys()
    }

    pub(super) fn town(&self, id: &str) -> Option<Arc<Tenant>> {
        self.towns.get(id).map(|slot| slot.0.load_full())
    }

    pub(super) fn town_at(&self, host: &Authority) -> Option<Arc<Tenant>> {
        match self.hosts.get(host)? {
            Entry::Town(slot) => Some(slot.0.load_full()),
            Entry::Broken => None,
        }
    }

    /// Puts new versions into their slots; the next whole where hosts have come or gone.
    fn change(&self, change: Change) -> Option<Self> {
        let (same, other): (Vec<_>, Vec<_>) = change
            .new
            .into_values()
            .partition(|tenant| self.town(tenant.id.as_str()).is_some_and(has_hosts_of(tenant)));
        for tenant in same {
            self.towns[&tenant.id].0.store(tenant);
        }
        if other.is_empty() && change.removed.is_empty() && change.broken_hosts == self.broken_hosts {
            return None;
        }
        let mut next = self.clone();
        next.hosts.retain(|_, entry| matches!(entry, Entry::Town(_)));
        for id in change.removed.iter().chain(other.iter().map(|tenant| &tenant.id)) {
            if let Some(slot) = next.towns.remove(id) {
                slot.0.load().all_hosts().for_each(|host| _ = next.hosts.remove(host));
            }
        }
        for tenant in other {
            let slot = Arc::new(Slot(ArcSwap::new(tenant.clone())));
            next.hosts.extend(tenant.all_hosts().map(|host| (host.clone(), Entry::Town(slot.clone()))));
            next.towns.insert(tenant.id.clone(), slot);
        }
        // who serves a host goes on serving it, whoever else claims it
        change.broken_hosts.iter().for_each(|host| _ = next.hosts.entry(host.clone()).or_insert(Entry::Broken));
        next.broken_hosts = change.broken_hosts;
        Some(next)
    }
}

fn has_hosts_of(tenant: &Arc<Tenant>) -> impl Fn(Arc<Tenant>) -> bool + '_ {
    move |other| other.hosts == tenant.hosts && other.preview_hosts == tenant.preview_hosts
}

impl Tenants {
    /// Loads all towns of a folder. Broken towns are reported and do not keep the others from serving.
    pub fn load(root: &Path, themes: ThemeFiles, clock: Clock) -> Result<(Self, Report), Problem> {
        Self::load_over(Stocks::new(root, themes), clock)
    }

    /// The same for a house that keeps its last generations and lets towns run them; `most` of them stay.
    pub fn load_keeping(
        root: &Path,
        themes: ThemeFiles,
        clock: Clock,
        generations: Generations,
        most: usize,
    ) -> Result<(Self, Report), Problem> {
        Self::load_over(Stocks::keeping(root, themes, generations, most), clock)
    }

    fn load_over(stocks: Stocks, clock: Clock) -> Result<(Self, Report), Problem> {
        let tenants = Self {
            served: ArcSwap::default(),
            trouble: ArcSwap::default(),
            clock,
            generations: stocks.generations().cloned(),
            obstacle: stocks.obstacle(),
            loader: Mutex::new(Loader::new(stocks)),
        };
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
        let served = self.served.load();
        match served.hosts.get(host) {
            None => Found::Unknown,
            Some(Entry::Broken) => Found::Broken,
            Some(Entry::Town(slot)) => {
                let tenant = slot.0.load_full();
                let is_due = self.is_due(&tenant) && !self.trouble.load().stuck.contains(&tenant.id);
                Found::Tenant(if is_due { self.turn(slot) } else { tenant })
            }
        }
    }

    /// The configured host that is spelled exactly like this.
    pub fn spelled(&self, text: &str) -> Option<Authority> {
        self.served.load().hosts.get_key_value(text).map(|(host, _)| host.clone())
    }

    pub fn all(&self) -> Vec<Arc<Tenant>> {
        self.served.load().towns.values().map(|slot| slot.0.load_full()).collect()
    }

    pub fn get(&self, id: &str) -> Option<Arc<Tenant>> {
        self.served.load().town(id)
    }

    pub fn count(&self) -> usize {
        self.served.load().towns.len()
    }

    /// Towns that could not be loaded at the last attempt.
    pub fn broken(&self) -> BTreeMap<String, Vec<Problem>> {
        self.trouble.load().broken.clone()
    }

    /// The files of a town as it is served, with the place of every value.
    pub fn origins(&self, tenant: &Tenant) -> Result<Origins, Vec<Problem>> {
        self.loader().origins(tenant, self.clock.now())
    }

    /// The folders a town is made of, its own first, then its layers.
    pub fn folders_of(&self, id: &str) -> Vec<Arc<Folder>> {
        self.loader().folders_of(id)
    }

    /// All layers as they were read last.
    pub fn layers(&self) -> Vec<Arc<Folder>> {
        self.loader().layers()
    }

    /// The folder of a town or a layer as it was read last.
    pub fn folder(&self, name: &str) -> Option<Arc<Folder>> {
        self.loader().folder(name)
    }

    /// The files of a town as it is served, its own and those of its layers apart.
    pub(super) fn sources(&self, tenant: &Tenant) -> Result<Sources, Vec<Problem>> {
        self.loader().sources_of(tenant).cloned()
    }

    /// What a town lacks before it may go live; `None` where there is no such town, and why it cannot be built otherwise.
    pub fn readiness(&self, id: &str) -> Option<Result<Readiness, Vec<Problem>>> {
        self.loader().readiness(id, self.clock.now())
    }

    /// Looks at every folder, builds what depends on what changed, then lets everything be seen.
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
        let served = self.served.load_full();
        let (change, report) = loader.load(&served, scope, &self.clock)?;
        self.trouble.store(Arc::new(Trouble { broken: change.broken.clone(), stuck: BTreeSet::new() }));
        if let Some(next) = served.change(change) {
            self.served.store(Arc::new(next));
        }
        Ok(Report { took: begin.elapsed(), ..report })
    }

    /// The folder of tenants and, where there is one, the folder of themes.
    pub fn roots(&self) -> Vec<PathBuf> {
        self.loader().stocks().roots()
    }

    /// Where generations are kept, if they are.
    pub fn generations(&self) -> Option<&Generations> {
        self.generations.as_ref()
    }

    /// Why generations are not kept at the moment.
    pub fn obstacle(&self) -> Option<String> {
        self.obstacle.get()
    }

    /// Waits until everything about generations is written.
    pub fn finish_keeping(&self) {
        let done = self.loader().stocks().keeper().map(Keeper::finish);
        done.unwrap_or_default();
    }

    /// A load that panicked has changed nothing that is served: the next one may try again.
    fn loader(&self) -> MutexGuard<'_, Loader> {
        self.loader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self, tenant: &Tenant) -> bool {
        tenant.next_switch.is_some_and(|switch| switch <= self.clock.now())
    }

    /// Builds one town for the present moment. While a load is under way the old version answers a moment longer.
    fn turn(&self, slot: &Arc<Slot>) -> Arc<Tenant> {
        let loader = match self.loader.try_lock() {
            Ok(loader) => loader,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return slot.0.load_full(),
        };
        let current = slot.0.load_full();
        let is_served = self.served.load().towns.get(&current.id).is_some_and(|served| Arc::ptr_eq(served, slot));
        if !self.is_due(&current) || !is_served {
            return current;
        }
        let id = &current.id;
        match loader.turn(&current, self.clock.now()) {
            Ok(turned) => {
                let turned = Arc::new(turned);
                tracing::info!(tenant = %id, "has changed with its date");
                slot.0.store(turned.clone());
                turned
            }
            Err(problems) => {
                for problem in &problems {
                    tracing::error!(tenant = %id, at = %problem.at, "has missed its date: {}", problem.message);
                }
                let mut trouble = Trouble::clone(&self.trouble.load());
                trouble.broken.insert(id.to_string(), problems);
                trouble.stuck.insert(id.clone());
                self.trouble.store(Arc::new(trouble));
                current
            }
        }
    }
}
