//! Loading and reloading: looks at the folders, builds what changed, refuses what does not fit together.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date};
use rayon::prelude::*;

use super::{
    Authority, Origins, Report, Tenant, TenantId,
    build::{Readiness, Sources, build, build_with_origins, own::Own, readiness},
    folder::Folder,
    folders::{Scope, Seen, is_layer},
    generations::Loaded,
    hosts,
    registry::{Change, Served},
    schema::Status,
    stock::Stock,
    stocks::Stocks,
};
use crate::{
    clock::{Clock, local_zone},
    yaml::{At, Problem},
};

#[derive(Debug)]
pub(super) struct Loader {
    stocks: Stocks,
    /// Per town: what its last attempt was made of.
    tried: HashMap<String, Sources>,
    /// Per town: what its served version was made of.
    good: HashMap<TenantId, Sources>,
    /// Per town: what was wrong at the last attempt.
    failed: BTreeMap<String, Vec<Problem>>,
    /// A load was given up: the next one looks at everything.
    behind: bool,
    /// Something was loaded before.
    has_loaded: bool,
}

impl Loader {
    pub(super) fn new(stocks: Stocks) -> Self {
        Self {
            stocks,
            tried: HashMap::new(),
            good: HashMap::new(),
            failed: BTreeMap::new(),
            behind: false,
            has_loaded: false,
        }
    }

    pub(super) fn stocks(&self) -> &Stocks {
        &self.stocks
    }

    /// Reads what changed and builds what depends on it; what is served is the caller's to change.
    pub(super) fn load(&mut self, served: &Served, scope: &Scope, clock: &Clock) -> Result<(Change, Report), Problem> {
        let now = clock.now();
        // until it is through, what was seen may be lost
        let scope = if std::mem::replace(&mut self.behind, true) { &Scope::All } else { scope };
        let opened_before = self.stocks.opened();
        let mut news = self.stocks.look(scope, served, now)?;
        let loaded = self.stocks.count(&news);
        let everyone = Scope::All;
        let scope = if news.everywhere { &everyone } else { scope };
        let mut change = Change { removed: self.forget_removed(scope, served), ..Change::default() };
        let mut made: HashMap<TenantId, Sources> = HashMap::new();
        for (name, attempt) in self.attempts(&news.seen, scope, served, now) {
            match attempt {
                Attempt::Same => {}
                Attempt::Broken(sources, problems) => self.failed(&name, sources, problems),
                Attempt::Built(built) => {
                    let (sources, tenant) = *built;
                    // a rehearsal that has begun does not take a live town in (`--now`)
                    if clock.is_moved() && self.has_loaded && tenant.status() == Status::Live {
                        let problem = live_in_rehearsal(&sources, now);
                        self.failed(&name, Some(sources), vec![problem]);
                        continue;
                    }
                    self.failed.remove(&*name);
                    self.tried.insert(name.to_string(), sources.clone());
                    made.insert(tenant.id.clone(), sources);
                    change.new.insert(tenant.id.clone(), Arc::new(tenant));
                }
            }
        }
        self.refuse_shared_hosts(&mut change, served);
        let fallen = if self.has_loaded { BTreeMap::new() } else { self.fall_back(&mut change, &mut made, now) };
        self.refuse_shared_hosts(&mut change, served);
        change.removed.iter().for_each(|id| _ = self.good.remove(id));
        self.good.extend(made.into_iter().filter(|(id, _)| change.new.contains_key(id)));
        change.broken = self.failed.clone();
        change.broken_hosts = self.broken_hosts(&change, served);
        news.warnings.extend(change.new.values().flat_map(|tenant| tenant.warnings.iter().cloned()));
        let report = Report {
            changed: change.new.keys().map(ToString::to_string).collect(),
            removed: change.removed.iter().map(ToString::to_string).collect(),
            warnings: news.warnings,
            broken: self.failed.clone(),
            opened: self.stocks.opened() - opened_before,
            held: self.stocks.held(&news.seen.changed),
            waiting: news.seen.waiting,
            unsettled: news.seen.unsettled,
            runs: change
                .new
                .keys()
                .filter_map(|id| Some(*fallen.get(id.as_str()).or(self.stocks.number_of(id.as_str()).as_ref())?))
                .collect(),
            fallen,
            ..Report::default()
        };
        self.keep(loaded, &report, now);
        (self.behind, self.has_loaded) = (news.is_blind, true);
        Ok((change, report))
    }

    fn keep(&self, loaded: Loaded, report: &Report, now: Timestamp) {
        let Some(keeper) = self.stocks.keeper() else { return };
        keeper.keep(Loaded {
            at: now,
            new: report.changed.clone(),
            removed: report.removed.clone(),
            failed: report.broken.keys().cloned().collect(),
            fallen: report.fallen.clone(),
            ..loaded
        });
    }

    /// Towns whose folder is gone; whatever was seen or missed before, what is served is held against what is there.
    fn forget_removed(&mut self, scope: &Scope, served: &Served) -> BTreeSet<TenantId> {
        let is_there = |name: &str| self.stocks.folder(name).is_some();
        match scope {
            Scope::All => self.tried.retain(|name, _| is_there(name)),
            Scope::Only(names) => {
                names.iter().filter(|name| !is_there(name)).for_each(|name| _ = self.tried.remove(name));
            }
        }
        self.failed.retain(|name, _| is_there(name));
        let is_gone = |id: &TenantId| !is_there(id.as_str());
        match scope {
            Scope::All => served.ids().filter(|id| is_gone(id)).cloned().collect(),
            Scope::Only(names) => {
                names.iter().filter_map(|name| Some(served.town(name)?.id.clone())).filter(is_gone).collect()
            }
        }
    }

    fn failed(&mut self, name: &str, sources: Option<Sources>, problems: Vec<Problem>) {
        match sources {
            Some(sources) => _ = self.tried.insert(name.to_owned(), sources),
            None => _ = self.tried.remove(name),
        }
        self.failed.insert(name.to_owned(), problems);
    }

    /// Tries every town that may have changed; many hands for many towns.
    fn attempts(&self, seen: &Seen, scope: &Scope, served: &Served, now: Timestamp) -> Vec<(Arc<str>, Attempt)> {
        let everywhere = matches!(scope, Scope::All) || seen.changed.iter().any(|name| is_layer(name));
        let towns: Vec<&Arc<Folder>> = if everywhere {
            self.stocks.towns().collect()
        } else {
            // a host conflict is not the town's own files' fault alone: try again as soon as anything changed
            let names: BTreeSet<&String> = seen.changed.iter().chain(self.failed.keys()).collect();
            names.into_iter().filter_map(|name| self.stocks.folder(name)).collect()
        };
        towns.into_par_iter().map(|folder| (folder.name.clone(), self.attempt(folder, served, now))).collect()
    }

    fn attempt(&self, folder: &Arc<Folder>, served: &Served, now: Timestamp) -> Attempt {
        let served = served.town(&folder.name);
        let due = served.as_ref().is_some_and(|tenant| tenant.next_switch.is_some_and(|switch| switch <= now));
        let stock = self.stocks.of(&folder.name);
        let unchanged = |tried: &Sources| Arc::ptr_eq(&tried.folder, folder) && stock.has(tried);
        let same = self.tried.get(&*folder.name).is_some_and(unchanged);
        if same && !due && served.is_some() && !self.failed.contains_key(&*folder.name) {
            return Attempt::Same;
        }
        attempt_from(stock, folder, now)
    }

    /// At the start there is no version before: a town that cannot be loaded is built from the newest generation that
    /// had a good one.
    fn fall_back(
        &self,
        change: &mut Change,
        made: &mut HashMap<TenantId, Sources>,
        now: Timestamp,
    ) -> BTreeMap<String, u32> {
        let mut fallen = BTreeMap::new();
        let mut falling: BTreeSet<String> = self.failed.keys().cloned().collect();
        let mut earlier = self.stocks.earlier(falling.clone());
        while !falling.is_empty() {
            let Some((number, stock)) = earlier.next() else { break };
            let towns: Vec<&Arc<Folder>> = falling.iter().filter_map(|name| stock.folders.get(name)).collect();
            let attempts: Vec<Attempt> =
                towns.into_par_iter().map(|folder| attempt_from(&stock, folder, now)).collect();
            for attempt in attempts {
                let Attempt::Built(built) = attempt else { continue };
                let (sources, tenant) = *built;
                falling.remove(tenant.id.as_str());
                fallen.insert(tenant.id.to_string(), number);
                made.insert(tenant.id.clone(), sources);
                change.new.insert(tenant.id.clone(), Arc::new(tenant));
            }
        }
        fallen
    }

    /// Builds a town anew for another moment from the files its served version was built from.
    pub(super) fn turn(&self, tenant: &Tenant, now: Timestamp) -> Result<Tenant, Vec<Problem>> {
        let sources = self.sources_of(tenant)?;
        unless_it_panics(&sources.folder, || build(sources, &Own::read(&sources.folder), now))
    }

    /// The files of the served version with the place of every value.
    pub(super) fn origins(&self, tenant: &Tenant, now: Timestamp) -> Result<Origins, Vec<Problem>> {
        let sources = self.sources_of(tenant)?;
        build_with_origins(sources, &Own::read(&sources.folder), now).map(|(_, origins)| origins)
    }

    /// The folders a town is made of, its own first; of one that does not load, only its own.
    pub(super) fn folders_of(&self, id: &str) -> Vec<Arc<Folder>> {
        let sources = self.good.get(id);
        match sources.or_else(|| self.tried.get(id)) {
            Some(sources) => [&sources.folder].into_iter().chain(&sources.ground.layers).cloned().collect(),
            None => self.stocks.folder(id).into_iter().cloned().collect(),
        }
    }

    pub(super) fn layers(&self) -> Vec<Arc<Folder>> {
        self.stocks.layers()
    }

    pub(super) fn folder(&self, name: &str) -> Option<Arc<Folder>> {
        self.stocks.folder(name).cloned()
    }

    /// What a town lacks before it may go live, also one that says `live` too early and is refused for it.
    pub(super) fn readiness(&self, name: &str, now: Timestamp) -> Option<Result<Readiness, Vec<Problem>>> {
        if let Some(sources) = self.tried.get(name) {
            return Some(readiness(sources, &Own::read(&sources.folder), now));
        }
        self.failed.get(name).map(|problems| Err(problems.clone()))
    }

    /// What the served version was built from.
    pub(super) fn sources_of(&self, tenant: &Tenant) -> Result<&Sources, Vec<Problem>> {
        self.good.get(&tenant.id).ok_or_else(|| {
            let place = self.stocks.root().join(tenant.id.as_str()).join("tenant.yaml");
            vec![Problem::new(&At::start_of(&place.display().to_string()), "has no files to build it from any more")]
        })
    }

    /// Two towns with one host are both wrong; each falls back to what it served before.
    fn refuse_shared_hosts(&mut self, change: &mut Change, served: &Served) {
        loop {
            let conflicts = hosts::conflicts(change, served);
            for (host, claimants) in &conflicts {
                for id in claimants {
                    let Some(folder) = self.stocks.folder(id.as_str()) else { continue };
                    let problem = hosts::complaint(host, folder, claimants);
                    self.failed.entry(id.to_string()).or_default().push(problem);
                }
            }
            // who was served like this before stays, the newcomers fall
            let falling: Vec<_> = conflicts.into_values().flatten().filter(|id| change.new.contains_key(id)).collect();
            if falling.is_empty() {
                return;
            }
            falling.iter().for_each(|id| _ = change.new.remove(id));
        }
    }

    /// Hosts of towns that are not served at all, as far as their files still tell them.
    fn broken_hosts(&self, change: &Change, served: &Served) -> BTreeSet<Authority> {
        let is_served = |name: &str| {
            change.new.contains_key(name) || (served.town(name).is_some() && !change.removed.contains(name))
        };
        let broken = self.failed.keys().filter(|name| !is_served(name));
        broken.filter_map(|name| self.stocks.folder(name)).flat_map(|folder| hosts::of(folder)).collect()
    }
}

fn attempt_from(stock: &Stock, folder: &Arc<Folder>, now: Timestamp) -> Attempt {
    let own = Own::read(folder);
    let sources = match stock.sources(folder, &own) {
        Ok(sources) => sources,
        Err(problems) => return Attempt::Broken(None, problems),
    };
    match unless_it_panics(folder, || built_and_rehearsed(&sources, &own, now)) {
        Ok(tenant) => Attempt::Built(Box::new((sources, tenant))),
        Err(problems) => Attempt::Broken(Some(sources), problems),
    }
}

/// How many coming dates are tried when a town is loaded.
const REHEARSED_SWITCHES: usize = 12;

/// Builds the town for its coming dates as well: what would fail at midnight is told when it is written.
fn built_and_rehearsed(sources: &Sources, own: &Own, now: Timestamp) -> Result<Tenant, Vec<Problem>> {
    let tenant = build(sources, own, now)?;
    let mut next = tenant.next_switch;
    for _ in 0..REHEARSED_SWITCHES {
        let Some(moment) = next else { break };
        let day = moment.to_zoned(local_zone()).date();
        next = build(sources, own, moment).map_err(|problems| from_day(problems, day))?.next_switch;
    }
    Ok(tenant)
}

fn from_day(problems: Vec<Problem>, day: Date) -> Vec<Problem> {
    let with_day = |problem: Problem| Problem { message: format!("{} (from {day} on)", problem.message), ..problem };
    problems.into_iter().map(with_day).collect()
}

enum Attempt {
    /// Nothing it is made of has changed.
    Same,
    Built(Box<(Sources, Tenant)>),
    Broken(Option<Sources>, Vec<Problem>),
}

/// A panic while one town is built is that town's problem.
fn unless_it_panics<T>(folder: &Folder, build: impl FnOnce() -> Result<T, Vec<Problem>>) -> Result<T, Vec<Problem>> {
    catch_unwind(AssertUnwindSafe(build)).unwrap_or_else(|_| {
        let problem = Problem::new(&At::start_of(&folder.shown), "cannot be built: the portal itself made a mistake");
        Err(vec![problem.hint("the log has the place; please report it")])
    })
}

fn live_in_rehearsal(sources: &Sources, now: Timestamp) -> Problem {
    let own = Own::read(&sources.folder);
    let origins = build_with_origins(sources, &own, now).map(|(_, origins)| origins).unwrap_or_default();
    let file = origins.iter().find(|(path, _)| path == "tenant.yaml").map(|(_, node)| node);
    let status = file.and_then(|file| file.get("status")).map(|status| status.at.clone());
    let at = status.unwrap_or_else(|| At::start_of(&format!("{}/tenant.yaml", sources.folder.shown)));
    Problem::new(&at, "is live, and this portal rehearses another time (`--now`)")
        .hint("restart without `--now` to serve it")
}
