//! From layered files to one [`Tenant`]: resolve dates, fill in variables, decode, check what names what.

mod check;
mod facts;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use self::check::is_id;
use super::{
    Authority, Derived, File, Tenant, TenantId, Text,
    dated::{Moment, next_switch},
    folder::{Files, Snapshot},
    layers::{Chain, Layered},
    schema::{Category, Faq, Notices, Office, Page, PageHead, Phase, Picks, Service, Situation, Start, State},
    variables::Variables,
};
use crate::{
    locale::Locale,
    theme::{Assets, Shelf, Theme},
    yaml::{At, Node, Problem, decode},
};

static GENERATION: AtomicU64 = AtomicU64::new(1);

/// Everything a build reads from.
pub struct Sources<'a> {
    pub snapshot: &'a Snapshot,
    pub files: &'a mut Files,
    pub shelf: &'a Shelf,
    pub now: Timestamp,
}

/// Builds the town of that folder for the moment `now`, or says everything that is wrong with it.
pub fn build(id: &str, chain: &Chain, sources: Sources<'_>) -> Result<Tenant, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut builder = Builder {
        now: sources.now,
        home: At::start_of(&sources.files.shown(id, "tenant.yaml")),
        shelf: sources.shelf,
        switches: Vec::new(),
        origins: Vec::new(),
        phase: None,
        layered: Layered { chain, snapshot: sources.snapshot, files: sources.files, problems: &mut problems },
    };
    let tenant = builder.tenant(id);
    let (errors, warnings): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| !problem.warning);
    match tenant {
        Some(mut tenant) if errors.is_empty() => {
            tenant.warnings = warnings;
            Ok(tenant)
        }
        _ => Err(sorted(errors)),
    }
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    problems
}

struct Builder<'a> {
    now: Timestamp,
    home: At,
    shelf: &'a Shelf,
    switches: Vec<Timestamp>,
    origins: Vec<(String, Arc<Node>)>,
    phase: Option<Phase>,
    layered: Layered<'a>,
}

impl Builder<'_> {
    fn tenant(&mut self, id: &str) -> Option<Tenant> {
        if !is_id(id) {
            let problem = Problem::new(&self.home, format!("lies in a folder called `{id}`"));
            self.tell(problem.hint("folders of towns are named with `a`–`z`, `0`–`9` and `-`"));
            return None;
        }
        self.look_for_strays();
        let login = self.login();
        let (town, variables) = self.town(login.as_ref())?;
        let vars = &variables;
        let hosts = self.hosts(&town.hosts, "hosts");
        let preview_hosts = self.hosts(&town.preview_hosts, "preview_hosts");
        let theme = self.theme();
        let offices: Option<BTreeMap<String, Office>> = self.document("offices.yaml", vars);
        let categories: Vec<(String, Category)> = self.in_order("categories.yaml", vars);
        let situations: Vec<(String, Situation)> = self.in_order("situations.yaml", vars);
        let services = self.services(&town.services, vars);
        let start: Start = self.document("start.yaml", vars).unwrap_or_default();
        let notices: Notices = self.document("notices.yaml", vars).unwrap_or_default();
        let faq: Faq = self.document("content/faq.yaml", vars).unwrap_or_default();
        let redirects: HashMap<String, String> = self.document("redirects.yaml", vars).unwrap_or_default();
        let pages = self.pages(vars);
        // a file that cannot be read says nothing about who names its entries
        let offices_unread = offices.is_none() && self.origins.iter().any(|(name, _)| name == "offices.yaml");
        let offices = offices.unwrap_or_default();
        if !offices_unread {
            self.check_offices(&offices, &services);
        }
        self.check_references(&categories, &situations, &services, &start);
        self.check_redirects();
        let theme = theme?;
        let assets = self.assets(&theme.assets);
        self.check_locales(&town, &theme);
        self.origins.push(("theme".into(), theme.origins.clone()));
        Some(Tenant {
            id: TenantId(id.into()),
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
            hosts,
            preview_hosts,
            locales: town.locales.clone(),
            theme,
            offices: offices.into_iter().map(|(id, office)| (id, Arc::new(office))).collect(),
            categories,
            situations,
            services,
            tiles: start.tiles,
            notices: notices.notices,
            faq,
            pages,
            redirects,
            login,
            assets,
            next_switch: next_switch(&self.switches, self.now),
            warnings: Vec::new(),
            origins: std::mem::take(&mut self.origins),
            town,
            derived: Derived::default(),
        })
    }

    fn tell(&mut self, problem: Problem) {
        self.layered.problems.push(problem);
    }

    /// The merged file with its dates resolved.
    fn resolved(&mut self, path: &str) -> Option<Arc<Node>> {
        let node = self.layered.yaml(path)?;
        self.resolve(&node)
    }

    fn resolve(&mut self, node: &Arc<Node>) -> Option<Arc<Node>> {
        let mut moment =
            Moment { now: self.now, phase: self.phase, switches: &mut self.switches, problems: self.layered.problems };
        moment.resolve(node)
    }

    /// The merged file, resolved and filled in; its origins are kept.
    fn filled(&mut self, path: &str, variables: &Variables) -> Option<Arc<Node>> {
        let node = self.resolved(path)?;
        let node = variables.fill(&node, self.layered.problems);
        self.origins.push((path.to_owned(), node.clone()));
        Some(node)
    }

    fn document<T: DeserializeOwned>(&mut self, path: &str, variables: &Variables) -> Option<T> {
        let node = self.filled(path, variables)?;
        self.decoded(&node)
    }

    fn decoded<T: DeserializeOwned>(&mut self, node: &Node) -> Option<T> {
        decode(node).map_err(|problem| self.tell(problem)).ok()
    }

    /// A mapping id → entry, in the order of the file.
    fn in_order<T: DeserializeOwned>(&mut self, path: &str, variables: &Variables) -> Vec<(String, T)> {
        let Some(node) = self.filled(path, variables) else { return Vec::new() };
        let entries = node.entries().iter();
        entries.filter_map(|(key, value)| Some((key.name.to_string(), self.decoded(value)?))).collect()
    }

    fn hosts(&mut self, names: &[String], field: &str) -> Vec<Authority> {
        let list = self.origin("tenant.yaml", field);
        let mut hosts = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let at =
                list.as_ref().and_then(|list| list.items().get(i)).map_or(self.home.clone(), |node| node.at.clone());
            match Authority::parse(name) {
                Ok(host) if !name.contains(':') => hosts.push(host),
                _ => self.tell(
                    Problem::new(&at, format!("has `{name}` among its hosts, which is no host name"))
                        .hint("host names stand without scheme, port and path: `portal.example.de`"),
                ),
            }
        }
        if field == "hosts" && names.is_empty() {
            let at = list.map_or(self.home.clone(), |node| node.at.clone());
            self.tell(Problem::new(&at, "names no host").hint("`hosts: [portal.example.de]`"));
        }
        hosts
    }

    fn origin(&self, document: &str, path: &str) -> Option<Arc<Node>> {
        let (_, node) = self.origins.iter().find(|(name, _)| name == document)?;
        path.split('.').try_fold(node.clone(), |node, name| node.get(name).cloned())
    }

    /// The theme named by the town, over those named by its layers.
    fn theme(&mut self) -> Option<Arc<Theme>> {
        let mut chain: Vec<String> = Vec::new();
        for folder in self.layered.chain.0.clone() {
            let Some(stamp) = self.layered.snapshot.get(&folder).and_then(|state| state.files.get("tenant.yaml"))
            else {
                continue;
            };
            let Ok(File::Yaml(node)) = self.layered.files.file(&folder, "tenant.yaml", *stamp) else { continue };
            let Some(theme) = node.get("theme") else { continue };
            let Some(theme) = self.resolve(theme) else { continue };
            let name = theme.data.to_string();
            if !self.shelf.has(&name) {
                let problem = Problem::new(&theme.at, format!("names theme `{name}`, which does not exist"));
                self.tell(problem.nearest(&name, self.shelf.names()));
            } else if !chain.contains(&name) {
                chain.push(name);
            }
        }
        self.shelf.theme(&chain).map_err(|problems| self.layered.problems.extend(problems)).ok()
    }

    /// The town's own services and those it picked from its layers.
    fn services(&mut self, picks: &Picks, variables: &Variables) -> Vec<Arc<Service>> {
        let known = service_ids(&self.layered.paths("services/"));
        let mut ids = service_ids(&self.layered.own_paths("services/"));
        match picks {
            Picks::All => ids.extend(known),
            Picks::Ids(picked) => {
                let list = self.origin("tenant.yaml", "services");
                for (i, id) in picked.iter().enumerate() {
                    if known.contains(id) {
                        ids.insert(id.clone());
                    } else {
                        let item = list.as_ref().and_then(|list| list.items().get(i).cloned());
                        let at = item.map_or(self.home.clone(), |item| item.at.clone());
                        let problem = Problem::new(&at, format!("picks the service `{id}`, which no layer has"));
                        self.tell(problem.nearest(id, known.iter().map(String::as_str)));
                    }
                }
            }
        }
        let mut services: Vec<Arc<Service>> = ids.iter().filter_map(|id| self.one_service(id, variables)).collect();
        let german = Locale::german();
        services.sort_by_cached_key(|service| german.order_of(service.title.get(&german)));
        self.check_slugs(&services);
        services
    }

    fn one_service(&mut self, id: &str, variables: &Variables) -> Option<Arc<Service>> {
        let path = format!("services/{id}.yaml");
        if !is_id(id) {
            let at = At::start_of(&self.layered.files.shown(&self.layered.chain.0[0].clone(), &path));
            self.tell(
                Problem::new(&at, format!("has the name `{id}`, which cannot be an address"))
                    .hint("names of services use `a`–`z`, `0`–`9` and `-`"),
            );
            return None;
        }
        let mut service: Service = self.document(&path, variables)?;
        service.id = id.to_owned();
        (service.state != State::Draft).then(|| Arc::new(service))
    }

    /// The place of a value in a merged file, or of the file.
    fn place(&self, document: &str, path: &str) -> At {
        let node = self
            .origin(document, path)
            .or_else(|| self.origins.iter().find(|(name, _)| name == document).map(|(_, node)| node.clone()));
        node.map_or_else(|| self.home.clone(), |node| node.at.clone())
    }

    /// The place of the `i`-th entry of a list, or of the town's file.
    fn place_of_item(&self, document: &str, field: &str, i: usize) -> At {
        let list = self.origin(document, field);
        let item = list.and_then(|list| list.items().get(i).cloned());
        item.map_or_else(|| self.home.clone(), |item| item.at.clone())
    }

    fn pages(&mut self, variables: &Variables) -> BTreeMap<String, Page> {
        let mut pages: BTreeMap<String, BTreeMap<Locale, (String, String)>> = BTreeMap::new();
        for path in self.layered.paths("content/") {
            let Some(stem) = path.strip_prefix("content/").and_then(|path| path.strip_suffix(".md")) else { continue };
            let (name, code) = stem.split_once('.').unwrap_or((stem, "de"));
            let Some(locale) = Locale::new(code) else { continue };
            let Some(File::Markdown { head, body, body_at }) = self.layered.first(&path) else { continue };
            self.origins.push((path.clone(), head.clone()));
            let Some(head) = self.resolve(&head) else { continue };
            let head = variables.fill_in(&head, locale.code(), self.layered.problems);
            let Some(read) = self.decoded::<PageHead>(&head) else { continue };
            let body = variables.fill_body(&body, &body_at, locale.code(), self.layered.problems);
            let title = read.title.unwrap_or_else(|| name.to_owned());
            pages.entry(name.to_owned()).or_default().insert(locale, (title, body));
        }
        pages.into_iter().filter_map(|(name, by_locale)| Some((name, page(by_locale)?))).collect()
    }

    fn assets(&mut self, theme: &Assets) -> Assets {
        let mut assets = theme.clone();
        for path in self.layered.paths("assets/") {
            if let Some(File::Asset(asset)) = self.layered.first(&path) {
                assets.insert(asset.name.clone(), asset);
            }
        }
        assets
    }
}

/// Ids of services by the paths of their files.
fn service_ids(paths: &BTreeSet<String>) -> BTreeSet<String> {
    let id = |path: &String| Some(path.strip_prefix("services/")?.strip_suffix(".yaml")?.to_owned());
    paths.iter().filter_map(id).collect()
}

fn page(mut by_locale: BTreeMap<Locale, (String, String)>) -> Option<Page> {
    let (title, body) = by_locale.remove(&Locale::german())?;
    let mut page = Page { title: Text::german(title), body: Text::german(body) };
    for (locale, (title, body)) in by_locale {
        page.title.add(locale.clone(), title);
        page.body.add(locale, body);
    }
    Some(page)
}
