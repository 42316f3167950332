//! From a town's folder and its ground to one [`Tenant`]: resolve dates, read into types, check what names what.
//!
//! A build reads nothing but what it is given, so it can be repeated for any moment and done for many towns at once.

mod check;
mod destinations;
mod facts;
mod forms;
mod identity;
pub(super) mod own;
mod ready;
mod slips;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

pub use self::ready::{Approval, Gap, LayerText, Readiness, Topic};
use self::{check::is_id, own::Own};
use super::{
    Authority, Tenant, TenantId,
    common::{Common, Unshared},
    dated::{Moment, next_switch},
    facts::{Facts, uses_of},
    folder::Folder,
    layers::{Ground, lay_over},
    pages::{Pages, SharedPages},
    schema::{Offices, Phase, Picks, Service, State},
};
use crate::{
    clock::local_zone,
    locale::Locale,
    theme::{Assets, Shelf, Theme},
    yaml::{At, Node, Problem, decode_filled, without_removed},
};

static VERSION: AtomicU64 = AtomicU64::new(1);

/// What one version of a town is made of; kept to build it again for another date, whatever happens on disk meanwhile.
#[derive(Debug, Clone)]
pub struct Sources {
    pub folder: Arc<Folder>,
    pub ground: Arc<Ground>,
    pub shelf: Arc<Shelf>,
}

/// The files a town was built from, merged and filled in, by their paths: every value with its place.
pub type Origins = Vec<(String, Arc<Node>)>;

/// Builds the town for the moment `now`, or says everything that is wrong with it.
pub fn build(sources: &Sources, own: &Own, now: Timestamp) -> Result<Tenant, Vec<Problem>> {
    Builder::over(sources, own, now, false).tenant().map(|(tenant, _)| tenant)
}

/// The same, with the place of every value.
pub fn build_with_origins(sources: &Sources, own: &Own, now: Timestamp) -> Result<(Tenant, Origins), Vec<Problem>> {
    Builder::over(sources, own, now, true).tenant()
}

/// What a town lacks before it may go live, whatever its `status` says.
pub fn readiness(sources: &Sources, own: &Own, now: Timestamp) -> Result<Readiness, Vec<Problem>> {
    let mut builder = Builder::over(sources, own, now, false);
    let tenant = builder.whole();
    let errors: Vec<Problem> = builder.problems.iter().filter(|problem| !problem.warning).cloned().collect();
    match tenant {
        Some(tenant) if errors.is_empty() => Ok(builder.readiness(&tenant)),
        _ => Err(sorted(errors)),
    }
}

struct Builder<'a> {
    now: Timestamp,
    home: At,
    own: &'a Own,
    ground: &'a Arc<Ground>,
    shelf: &'a Shelf,
    folder: &'a Folder,
    switches: Vec<Timestamp>,
    problems: Vec<Problem>,
    phase: Option<Phase>,
    common: Arc<Common>,
    /// Optional facts whose absence was told.
    told: BTreeSet<String>,
    /// Files that differ from the layers', resolved, for the places of their values.
    kept: Vec<(String, Arc<Node>)>,
    /// All files, where somebody wants to see them.
    origins: Option<Origins>,
}

impl<'a> Builder<'a> {
    fn over(sources: &'a Sources, own: &'a Own, now: Timestamp, with_origins: bool) -> Self {
        let Sources { folder, ground, shelf } = sources;
        let mut problems = folder.problems.clone();
        problems.extend(ground.layers.iter().flat_map(|layer| layer.problems.iter().cloned()));
        problems.extend(own.problems.values().cloned());
        Self {
            now,
            home: At::start_of(&own.shown("tenant.yaml")),
            own,
            ground,
            shelf,
            folder,
            switches: Vec::new(),
            problems,
            phase: None,
            common: ground.at(now, None),
            told: BTreeSet::new(),
            kept: Vec::new(),
            origins: with_origins.then(Vec::new),
        }
    }

    fn tenant(mut self) -> Result<(Tenant, Origins), Vec<Problem>> {
        let tenant = self.whole();
        if self.problems.iter().all(|problem| problem.warning) {
            self.problems.extend(tenant.as_ref().and_then(|tenant| self.not_ready(tenant)));
        }
        let (errors, mut warnings): (Vec<_>, Vec<_>) = self.problems.into_iter().partition(|problem| !problem.warning);
        match tenant {
            Some(mut tenant) if errors.is_empty() => {
                warnings.shrink_to_fit();
                tenant.warnings = warnings;
                Ok((tenant, self.origins.unwrap_or_default()))
            }
            _ => Err(sorted(errors)),
        }
    }

    fn whole(&mut self) -> Option<Tenant> {
        let id = self.folder.name.clone();
        if !is_id(&id) {
            let problem = Problem::new(&self.home, format!("lies in a folder called `{id}`"));
            self.tell(problem.hint("folders of towns are named with `a`–`z`, `0`–`9` and `-`"));
            return None;
        }
        self.look_for_strays();
        self.look_for_slips();
        self.check_approved();
        let identity = self.identity();
        let login = identity.login_at(&self.now.to_zoned(local_zone()));
        self.phase = login.as_ref().and_then(|login| login.phase);
        self.common = self.ground.at(self.now, self.phase);
        let (town, facts) = self.town(login.as_ref())?;
        self.check_identity(&identity, &town);
        self.check_staff(&town.staff);
        let hosts = self.hosts(&town.hosts, "hosts");
        let preview_hosts = self.hosts(&town.preview_hosts, "preview_hosts");
        let theme = self.theme();
        let offices = self.offices(&facts);
        let categories = self.document("categories.yaml", &facts).unwrap_or_default();
        let situations = self.document("situations.yaml", &facts).unwrap_or_default();
        let services = self.services(&town.services, &facts);
        let online_forms = self.online_forms(&services, &town.staff, &facts);
        self.check_destinations(&town.destinations, &online_forms);
        let start = self.document("start.yaml", &facts).unwrap_or_default();
        let notices = self.document("notices.yaml", &facts).unwrap_or_default();
        let faq = self.document("content/faq.yaml", &facts).unwrap_or_default();
        let expect = self.document("expect.yaml", &facts).unwrap_or_default();
        let redirects = self.document("redirects.yaml", &facts).unwrap_or_default();
        let retired = self.document("retired.yaml", &facts).unwrap_or_default();
        let regimes = self.document("regimes.yaml", &facts).unwrap_or_default();
        let letters = self.document("letters.yaml", &facts).unwrap_or_default();
        self.check_regimes(&services, &regimes);
        let pages = self.pages(&facts);
        // a file that cannot be read says nothing about who names its entries
        let offices_unread = self.own.problems.contains_key("offices.yaml")
            || (offices.is_none() && self.node("offices.yaml").is_some());
        let offices = offices.unwrap_or_default();
        if !offices_unread {
            self.check_offices(&offices, &services);
        }
        self.check_references(&categories, &situations, &services, &start);
        self.check_redirects();
        let theme = theme?;
        let assets = self.assets(&theme.assets);
        self.check_wordmark(&theme, &assets);
        self.check_locales(&town, &theme);
        if let Some(origins) = &mut self.origins {
            origins.iter_mut().for_each(|(_, node)| *node = facts.fill_node(node));
            origins.push(("theme".into(), theme.origins.clone()));
        }
        Some(Tenant {
            id: TenantId(id),
            version: VERSION.fetch_add(1, Ordering::Relaxed),
            hosts,
            preview_hosts,
            theme,
            offices,
            categories,
            situations,
            services,
            online_forms,
            known_services: self.ground.services.clone(),
            start,
            notices,
            faq,
            expect,
            pages,
            redirects,
            retired,
            regimes,
            letters,
            providers: identity.valid_at(self.now),
            moving: identity.moving_at(self.now),
            login,
            assets,
            next_switch: next_switch(&self.switches, self.now),
            warnings: Vec::new(),
            facts,
            town,
        })
    }

    fn tell(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The file of the town over those of its layers, dates still open.
    fn raw(&mut self, path: &str) -> Option<Arc<Node>> {
        let below = match self.ground.yaml(path) {
            Some(Ok(node)) => Some(node),
            Some(Err(problems)) => {
                self.problems.extend(problems.iter().cloned());
                None
            }
            None => None,
        };
        match self.own.yaml(path) {
            Some(own) => Some(without_removed(&lay_over(path, own, below))),
            None => below.cloned(),
        }
    }

    fn resolve(&mut self, node: &Arc<Node>) -> Option<Arc<Node>> {
        let (switches, problems) = (&mut self.switches, &mut self.problems);
        Moment { now: self.now, phase: self.phase, switches, problems }.resolve(node)
    }

    /// A file as its type: the layers' where the town leaves it as it is, otherwise its own.
    fn document<T: DeserializeOwned + Send + Sync + 'static>(&mut self, path: &str, facts: &Facts) -> Option<Arc<T>> {
        self.document_with(path, facts, |_| ())
    }

    fn document_with<T: DeserializeOwned + Send + Sync + 'static>(
        &mut self,
        path: &str,
        facts: &Facts,
        finish: impl Fn(&mut T),
    ) -> Option<Arc<T>> {
        let common = self.common.clone();
        let shared = common.document(path).filter(|_| self.own.yaml(path).is_none());
        let node = match shared {
            Some(shared) => {
                self.switches.extend(&shared.switches);
                self.problems.extend(shared.problems.iter().cloned());
                facts.check(&shared.uses, &mut self.told, &mut self.problems);
                let node = shared.node.clone()?;
                self.trace(path, &node);
                match shared.value(&node, &finish) {
                    Ok(value) => return Some(value),
                    Err(Unshared::Wrong(problem)) => {
                        self.tell(problem);
                        return None;
                    }
                    Err(Unshared::NamesFacts) => node,
                }
            }
            None => {
                let node = self.raw(path).and_then(|node| self.resolve(&node))?;
                let uses = uses_of(&node, &mut self.problems);
                facts.check(&uses, &mut self.told, &mut self.problems);
                self.keep(path, node.clone());
                node
            }
        };
        let fill = |text: &str| facts.fill(text, &Locale::german()).into_owned();
        match decode_filled(&node, &fill) {
            Ok(mut value) => {
                finish(&mut value);
                Some(Arc::new(value))
            }
            Err(problem) => {
                self.tell(problem);
                None
            }
        }
    }

    /// Offices one by one: a town mostly adds some, and has the others in common with its neighbours.
    fn offices(&mut self, facts: &Facts) -> Option<Arc<Offices>> {
        const PATH: &str = "offices.yaml";
        let common = self.common.clone();
        let shared = common.document(PATH).and_then(|shared| Some((shared.node.as_ref()?, shared)));
        let (Some((below, shared)), true) = (shared, self.own.yaml(PATH).is_some()) else {
            return self.document(PATH, facts);
        };
        let shared_offices: Arc<Offices> = shared.value(below, |_: &mut Offices| ()).unwrap_or_default();
        let node = self.raw(PATH).and_then(|node| self.resolve(&node))?;
        let uses = uses_of(&node, &mut self.problems);
        facts.check(&uses, &mut self.told, &mut self.problems);
        self.keep(PATH, node.clone());
        let fill = |text: &str| facts.fill(text, &Locale::german()).into_owned();
        let mut offices = Offices::new();
        let mut all_read = true;
        for (key, office) in node.entries() {
            let same = below.get(&key.name).is_some_and(|below| Arc::ptr_eq(below, office));
            let known = shared_offices.get(&key.name).filter(|_| same).cloned();
            match known.map_or_else(|| decode_filled(office, &fill).map(Arc::new), Ok) {
                Ok(office) => _ = offices.insert(key.name.clone(), office),
                Err(problem) => {
                    all_read = false;
                    self.tell(problem);
                }
            }
        }
        all_read.then(|| Arc::new(offices))
    }

    fn decoded<T: DeserializeOwned>(&mut self, node: &Node) -> Option<T> {
        decode_filled(node, &str::to_owned).map_err(|problem| self.tell(problem)).ok()
    }

    fn keep(&mut self, path: &str, node: Arc<Node>) {
        self.trace(path, &node);
        self.kept.push((path.to_owned(), node));
    }

    fn trace(&mut self, path: &str, node: &Arc<Node>) {
        if let Some(origins) = &mut self.origins {
            origins.push((path.to_owned(), node.clone()));
        }
    }

    /// A file as it is at this moment, with its places.
    fn node(&self, path: &str) -> Option<Arc<Node>> {
        let kept = self.kept.iter().find(|(known, _)| known == path).map(|(_, node)| node);
        kept.or_else(|| self.common.document(path)?.node.as_ref()).cloned()
    }

    fn hosts(&mut self, names: &[String], field: &str) -> Vec<Authority> {
        let mut hosts = Vec::with_capacity(names.len());
        for (i, name) in names.iter().enumerate() {
            match Authority::parse(name) {
                Ok(host) if !name.contains(':') => hosts.push(host),
                _ => {
                    let at = self.place_of_item("tenant.yaml", field, i);
                    self.tell(
                        Problem::new(&at, format!("has `{name}` among its hosts, which is no host name"))
                            .hint("host names stand without scheme, port and path: `portal.example.de`"),
                    );
                }
            }
        }
        if field == "hosts" && names.is_empty() {
            let at = self.origin("tenant.yaml", field).map_or(self.home.clone(), |node| node.at.clone());
            self.tell(Problem::new(&at, "names no host").hint("`hosts: [portal.example.de]`"));
        }
        hosts
    }

    fn origin(&self, document: &str, path: &str) -> Option<Arc<Node>> {
        path.split('.').try_fold(self.node(document)?, |node, name| node.get(name).cloned())
    }

    /// The place of a value in a merged file, or of the file.
    fn place(&self, document: &str, path: &str) -> At {
        let node = self.origin(document, path).or_else(|| self.node(document));
        node.map_or_else(|| self.home.clone(), |node| node.at.clone())
    }

    /// The place of the `i`-th entry of a list, or of the town's file.
    fn place_of_item(&self, document: &str, field: &str, i: usize) -> At {
        let list = self.origin(document, field);
        let item = list.and_then(|list| list.items().get(i).cloned());
        item.map_or_else(|| self.home.clone(), |item| item.at.clone())
    }

    /// The theme named by the town, over those named by its layers.
    fn theme(&mut self) -> Option<Arc<Theme>> {
        let own = self.own.yaml("tenant.yaml").cloned();
        let layers = self.ground.layers.iter().filter_map(|layer| layer.yaml("tenant.yaml")?.ok());
        let files: Vec<Arc<Node>> = own.into_iter().chain(layers).collect();
        let mut chain: Vec<String> = Vec::new();
        for named in files.iter().filter_map(|file| file.get("theme")) {
            let Some(theme) = self.resolve(named) else { continue };
            let name = theme.data.to_string();
            if !self.shelf.has(&name) {
                let problem = Problem::new(&theme.at, format!("names theme `{name}`, which does not exist"));
                self.tell(problem.nearest(&name, self.shelf.names()));
            } else if !chain.contains(&name) {
                chain.push(name);
            }
        }
        let theme = self.shelf.theme(&chain);
        let own = self.raw("theme.yaml").and_then(|own| self.resolve(&own));
        let worn = match (theme, own) {
            (Ok(theme), Some(own)) => self.shelf.worn(&theme, &own),
            (theme, _) => theme,
        };
        worn.map_err(|problems| self.problems.extend(problems)).ok()
    }

    /// The town's own services and those it picked from its layers, in the order of the alphabet.
    fn services(&mut self, picks: &Picks, facts: &Facts) -> Vec<Arc<Service>> {
        let ground = self.ground.clone();
        let mut ids: BTreeSet<Arc<str>> = self.own.services().map(Arc::from).collect();
        match picks {
            Picks::All => ids.extend(ground.services.iter().cloned()),
            Picks::Ids(picked) => {
                for (i, id) in picked.iter().enumerate() {
                    if ground.has_service(id) || ids.contains(&**id) {
                        ids.insert(id.as_str().into());
                    } else {
                        let at = self.place_of_item("tenant.yaml", "services", i);
                        let problem = Problem::new(&at, format!("picks the service `{id}`, which no layer has"));
                        let problem = problem.rule("unknown-service");
                        self.tell(problem.nearest(id, ids.iter().chain(&*ground.services).map(|id| &**id)));
                    }
                }
            }
        }
        let mut services: Vec<Arc<Service>> = Vec::with_capacity(ids.len());
        services.extend(ids.iter().filter_map(|id| self.one_service(id, facts)));
        if services.iter().any(|service| service.order.contains("{{")) {
            let german = Locale::german();
            let title = |service: &Arc<Service>| german.order_of(&facts.fill(service.title.raw(&german), &german));
            services.sort_by_cached_key(title);
        } else {
            services.sort_by(|a, b| a.order.cmp(&b.order));
        }
        self.check_slugs(&services);
        services
    }

    fn one_service(&mut self, id: &str, facts: &Facts) -> Option<Arc<Service>> {
        let path = format!("services/{id}.yaml");
        if !is_id(id) {
            let at = At::start_of(&self.own.shown(&path));
            self.tell(
                Problem::new(&at, format!("has the name `{id}`, which cannot be an address"))
                    .hint("names of services use `a`–`z`, `0`–`9` and `-`"),
            );
            return None;
        }
        let service: Option<Arc<Service>> = self.document_with(&path, facts, |service: &mut Service| service.named(id));
        let Some(service) = service else {
            self.name_the_key(&path);
            return None;
        };
        (service.state != State::Draft).then_some(service)
    }

    /// A key of the catalogue that is none is a mistake of its own kind.
    fn name_the_key(&mut self, path: &str) {
        let Some(key) = self.origin(path, "leika") else { return };
        self.problems.iter_mut().filter(|problem| problem.at == key.at).for_each(|problem| problem.rule = "leika-key");
    }

    fn pages(&mut self, facts: &Facts) -> Arc<Pages> {
        let common = self.common.clone();
        let own = self.own.has_pages().then(|| {
            let mut files = self.ground.markdown();
            files.extend(self.own.pages().map(|(path, page)| (path, Ok(page.clone()))));
            SharedPages::of(files, self.now, self.phase)
        });
        let all = own.as_ref().unwrap_or(&common.pages);
        self.switches.extend(&all.switches);
        self.problems.extend(all.problems.iter().cloned());
        facts.check(&all.uses, &mut self.told, &mut self.problems);
        all.heads.iter().for_each(|(path, head)| self.trace(path, head));
        all.pages.clone()
    }

    /// The theme's files, over them the layers', over them the town's.
    fn assets(&mut self, theme: &Arc<Assets>) -> Arc<Assets> {
        let below: Vec<&str> = self.ground.paths("assets/").collect();
        if below.is_empty() && !self.own.has_assets() {
            return theme.clone();
        }
        let mut assets = Assets::clone(theme);
        let shared = below.into_iter().filter_map(|path| self.ground.asset(path));
        assets.extend(shared.chain(self.own.assets().cloned()).map(|asset| (asset.name.clone(), asset)));
        Arc::new(assets)
    }
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    problems
}
