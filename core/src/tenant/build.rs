//! From layered files to one [`Tenant`]: resolve dates, fill in variables, decode, check what names what.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    Authority, Derived, Entries, File, Tenant, TenantId, Text,
    dated::{LocalMoment, Moment, date_node, next_switch},
    folder::{Files, Snapshot},
    layers::{Chain, Layered},
    schema::{
        Category, Faq, Identity, Login, Notices, Office, Page, PageHead, Phase, Picks, Responsible, Service, Situation,
        Start, State, Town,
    },
    variables::Variables,
};
use crate::{
    clock::local_zone,
    locale::Locale,
    theme::Shelf,
    yaml::{At, Data, Key, Node, Problem, decode, merge, read},
};

/// Facts of a town that texts may name and a town may not have filled in yet.
const OPTIONAL_FACTS: [&str; 43] = [
    "town.represented_by", "town.address.street", "town.address.zip", "town.address.city", "town.phone", "town.fax",
    "town.email", "town.website", "town.vat_id", "town.iban", "town.help.email", "town.help.phone", "town.help.hours",
    "town.data_protection.name", "town.data_protection.street", "town.data_protection.zip", "town.data_protection.city",
    "town.data_protection.email", "town.data_protection.phone", "town.supervisor.name", "town.supervisor.street",
    "town.supervisor.zip", "town.supervisor.city", "town.supervisor.phone", "town.supervisor.email",
    "town.supervisor.url", "town.court.name", "town.court.street", "town.court.zip", "town.court.city",
    "town.court.phone", "town.court.email", "town.court.url", "town.accessibility.created",
    "town.accessibility.reviewed", "town.accessibility.email", "town.accessibility.phone", "login.name", "login.url",
    "login.since", "login.old.name", "login.next.name", "login.next.url",
];

/// Files a town or layer may hold, for telling what nobody reads.
const KNOWN_FILES: [&str; 8] = [
    "tenant.yaml", "offices.yaml", "identity.yaml", "start.yaml", "categories.yaml", "situations.yaml", "notices.yaml",
    "redirects.yaml",
];

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
        let mut moment = Moment {
            now: self.now,
            phase: self.phase,
            switches: &mut self.switches,
            problems: self.layered.problems,
        };
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

    /// The login of the moment. Its dates are data, not conditions: the phases need all providers at once.
    fn login(&mut self) -> Option<Login> {
        let node = self.layered.yaml("identity.yaml")?;
        let identity: Identity = self.decoded(&node)?;
        for (provider, entry) in identity.providers.iter().zip(node.get("providers").map_or(&[][..], |list| list.items())) {
            if provider.period().start() >= provider.period().end() {
                self.tell(Problem::new(&entry.at, format!("lets `{}` end before it begins", provider.id)));
            }
        }
        self.origins.push(("identity.yaml".into(), node));
        self.switches.extend(identity.switches());
        let login = identity.login_at(&self.now.to_zoned(local_zone()));
        self.phase = login.as_ref().and_then(|login| login.phase);
        login
    }

    fn town(&mut self, login: Option<&Login>) -> Option<(Town, Variables)> {
        let has_file = self.layered.own_paths("tenant.yaml").contains("tenant.yaml");
        let Some(node) = has_file.then(|| self.resolved("tenant.yaml")).flatten() else {
            if self.layered.problems.is_empty() {
                self.tell(Problem::new(&self.home.clone(), "is missing").hint("it needs at least `name` and `hosts`"));
            }
            return None;
        };
        let node = merge(&node, &self.defaults(&node));
        let raw = Variables::new(root(&self.home, &node, login), &OPTIONAL_FACTS);
        let node = raw.fill(&node, self.layered.problems);
        self.origins.push(("tenant.yaml".into(), node.clone()));
        let town = self.decoded(&node)?;
        Some((town, Variables::new(root(&self.home, &node, login), &OPTIONAL_FACTS)))
    }

    /// What follows from the name alone, so that a town of three lines already speaks in whole sentences.
    fn defaults(&self, node: &Node) -> Arc<Node> {
        let name = node.get("name").map(|name| name.data.to_string()).unwrap_or_default();
        let say = |pattern: &str| serde_json::to_string(&pattern.replace('%', &name)).unwrap_or_default();
        let yaml = format!(
            "full_name: {}\nadministration: {}\nforms:\n  of: {}\n  in: {}\n  residents: {}\n  adjective: {}\n",
            say("Stadt %"),
            say("Stadtverwaltung %"),
            say("der Stadt %"),
            say("in %"),
            say("Einwohnerinnen und Einwohner"),
            say("%er"),
        );
        let place = node.get("name").map_or(&self.home, |name| &name.at);
        let defaults = read(&place.file, yaml.as_bytes()).unwrap_or_else(|_| Node::empty_map(place.clone()));
        relocated(&defaults, place)
    }

    fn hosts(&mut self, names: &[String], field: &str) -> Vec<Authority> {
        let list = self.origin("tenant.yaml", field);
        let mut hosts = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let at = list.as_ref().and_then(|list| list.items().get(i)).map_or(self.home.clone(), |node| node.at.clone());
            match Authority::parse(name) {
                Ok(host) if !name.contains(':') => hosts.push(host),
                _ => self.tell(Problem::new(&at, format!("has `{name}` among its hosts, which is no host name"))
                    .hint("host names stand without scheme, port and path: `portal.example.de`")),
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
    fn theme(&mut self) -> Option<Arc<crate::theme::Theme>> {
        let mut chain: Vec<String> = Vec::new();
        for folder in self.layered.chain.0.clone() {
            let Some(stamp) = self.layered.snapshot.get(&folder).and_then(|state| state.files.get("tenant.yaml")) else {
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
        let ids_of = |paths: BTreeSet<String>| -> BTreeSet<String> {
            paths.iter().filter_map(|path| Some(path.strip_prefix("services/")?.strip_suffix(".yaml")?.to_owned())).collect()
        };
        let known = ids_of(self.layered.paths("services/"));
        let mut ids = ids_of(self.layered.own_paths("services/"));
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
        services.sort_by_cached_key(|service| sort_key(service.title.get(&Locale::german())));
        self.check_slugs(&services);
        services
    }

    fn one_service(&mut self, id: &str, variables: &Variables) -> Option<Arc<Service>> {
        let path = format!("services/{id}.yaml");
        if !is_id(id) {
            let at = At::start_of(&self.layered.files.shown(&self.layered.chain.0[0].clone(), &path));
            self.tell(Problem::new(&at, format!("has the name `{id}`, which cannot be an address"))
                .hint("names of services use `a`–`z`, `0`–`9` and `-`"));
            return None;
        }
        let mut service: Service = self.document(&path, variables)?;
        service.id = id.to_owned();
        (service.state != State::Draft).then(|| Arc::new(service))
    }

    fn check_slugs(&mut self, services: &[Arc<Service>]) {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for service in services {
            let at = self.place(&format!("services/{}.yaml", service.id), "slug");
            if !is_id(service.slug()) {
                self.tell(Problem::new(&at, format!("has the slug `{}`, which cannot be an address", service.slug())));
            }
            if let Some(other) = seen.insert(service.slug(), &service.id) {
                self.tell(Problem::new(&at, format!("has the same address as the service `{other}`")));
            }
        }
    }

    /// The place of a value in a merged file, or of the file.
    fn place(&self, document: &str, path: &str) -> At {
        let node = self.origin(document, path).or_else(|| self.origins.iter().find(|(name, _)| name == document).map(|(_, node)| node.clone()));
        node.map_or_else(|| self.home.clone(), |node| node.at.clone())
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

    fn assets(&mut self, theme: &crate::theme::Assets) -> crate::theme::Assets {
        let mut assets = theme.clone();
        for path in self.layered.paths("assets/") {
            if let Some(File::Asset(asset)) = self.layered.first(&path) {
                assets.insert(asset.name.clone(), asset);
            }
        }
        assets
    }

    fn check_offices(&mut self, offices: &BTreeMap<String, Office>, services: &[Arc<Service>]) {
        for service in services {
            if let Responsible::Office { id, .. } = &service.responsible
                && !offices.contains_key(id)
            {
                let at = self.place(&format!("services/{}.yaml", service.id), "responsible");
                let problem = Problem::new(&at, format!("names the office `{id}`, which does not exist"));
                self.tell(problem.nearest(id, offices.keys().map(String::as_str)));
            }
        }
    }

    /// Ids that are named somewhere must exist somewhere.
    fn check_references(
        &mut self,
        categories: &[(String, Category)],
        situations: &[(String, Situation)],
        services: &[Arc<Service>],
        start: &Start,
    ) {
        let known_services: BTreeSet<String> = self.layered.paths("services/").iter()
            .filter_map(|path| Some(path.strip_prefix("services/")?.strip_suffix(".yaml")?.to_owned())).collect();
        let assets: BTreeSet<String> = self.layered.paths("assets/").iter().map(|path| path["assets/".len()..].to_owned()).collect();
        for service in services {
            let document = format!("services/{}.yaml", service.id);
            let category_ids = || categories.iter().map(|(id, _)| id.as_str());
            let situation_ids = || situations.iter().map(|(id, _)| id.as_str());
            self.check_ids(&document, "categories", &service.categories, "category", &category_ids().collect());
            self.check_ids(&document, "situations", &service.situations, "life situation", &situation_ids().collect());
            let known = known_services.iter().map(String::as_str).collect();
            self.check_ids(&document, "related", &service.related, "service", &known);
            for form in service.forms.iter() {
                if let Some(file) = form.file.as_ref().filter(|file| !assets.contains(*file)) {
                    let at = self.place(&document, "forms");
                    let problem = Problem::new(&at, format!("names the file `{file}`, which is not in `assets/`"));
                    self.tell(problem.nearest(file, assets.iter().map(String::as_str)));
                }
            }
        }
        for (id, situation) in situations {
            let known = known_services.iter().map(String::as_str).collect();
            self.check_ids("situations.yaml", &format!("{id}.services"), &situation.services, "service", &known);
        }
        for (i, tile) in start.tiles.iter().enumerate() {
            let aims = [&tile.service, &tile.category, &tile.situation, &tile.url].into_iter().flatten().count();
            let list = self.origin("start.yaml", "tiles");
            let at = list.and_then(|list| list.items().get(i).cloned()).map_or(self.home.clone(), |item| item.at.clone());
            if aims != 1 {
                let message = format!("is a tile that leads to {aims} places");
                self.tell(Problem::new(&at, message).hint("give exactly one of `service`, `category`, `situation`, `url`"));
            }
            if let Some(id) = tile.service.as_ref().filter(|id| !services.iter().any(|service| service.id == **id)) {
                let problem = Problem::new(&at, format!("is a tile for the service `{id}`, which this town does not offer"));
                self.tell(problem.nearest(id, services.iter().map(|service| service.id.as_str())).warning());
            }
        }
    }

    /// A list of ids in a file: an unknown one is told, and does no harm.
    fn check_ids(&mut self, document: &str, field: &str, ids: &[String], noun: &str, known: &BTreeSet<&str>) {
        for (i, id) in ids.iter().enumerate().filter(|(_, id)| !known.contains(id.as_str())) {
            let list = self.origin(document, field);
            let item = list.and_then(|list| list.items().get(i).cloned());
            let at = item.map_or_else(|| self.place(document, field), |item| item.at.clone());
            let problem = Problem::new(&at, format!("names the {noun} `{id}`, which does not exist"));
            self.tell(problem.nearest(id, known.iter().copied()).warning());
        }
    }

    fn check_redirects(&mut self) {
        let Some(table) = self.origins.iter().find(|(name, _)| name == "redirects.yaml").map(|(_, node)| node.clone()) else { return };
        for (key, value) in table.entries() {
            let target = value.data.to_string();
            // browsers read `\` as `/`, and two of them begin the name of another host
            let local = target.starts_with('/') && !target[1..].starts_with(['/', '\\']);
            if !key.name.starts_with('/') {
                self.tell(Problem::new(&key.at, format!("redirects `{}`, which is no path", key.name)).hint("old paths start with `/`"));
            }
            if !local && !target.starts_with("https://") {
                let problem = Problem::new(&value.at, format!("leads to `{target}`, which is no address"));
                self.tell(problem.hint("new addresses are a path (`/dienstleistungen`) or start with `https://`"));
            }
            if target == *key.name {
                self.tell(Problem::new(&value.at, "leads back to itself"));
            }
        }
    }

    fn check_locales(&mut self, town: &Town, theme: &crate::theme::Theme) {
        let list = self.origin("tenant.yaml", "locales");
        for (i, locale) in town.locales.iter().enumerate().filter(|(_, locale)| !theme.texts.has(locale)) {
            let at = list.as_ref().and_then(|list| list.items().get(i)).map_or(self.home.clone(), |item| item.at.clone());
            let problem = Problem::new(&at, format!("offers the language `{locale}`, for which the theme has no texts"));
            self.tell(problem.hint(format!("add `texts/{locale}.yaml` to the theme")));
        }
        if !town.locales.contains(&Locale::german()) {
            let at = list.map_or(self.home.clone(), |list| list.at.clone());
            self.tell(Problem::new(&at, "offers no German pages").hint("`locales: [de, …]`"));
        }
    }

    /// Names that nobody reads are mostly slips of the pen.
    fn look_for_strays(&mut self) {
        let id = self.layered.chain.0[0].clone();
        for folder in self.layered.chain.0.clone() {
            let Some(state) = self.layered.snapshot.get(&folder) else { continue };
            self.layered.problems.extend(state.problems.iter().cloned());
            let strays: Vec<String> = state.files.keys().filter(|path| folder == id && !is_known(path)).cloned().collect();
            for path in strays {
                let at = At::start_of(&self.layered.files.shown(&folder, &path));
                let known = KNOWN_FILES.into_iter().chain(["content/faq.yaml", "services/", "content/", "assets/"]);
                self.tell(Problem::new(&at, "is a file that nobody reads").nearest(&path, known).warning());
            }
        }
    }
}

fn is_known(path: &str) -> bool {
    KNOWN_FILES.contains(&path)
        || path == "content/faq.yaml"
        || path.starts_with("assets/")
        || (path.starts_with("services/") && path.ends_with(".yaml") && path.matches('/').count() == 1)
        || (path.starts_with("content/") && path.ends_with(".md") && path.matches('/').count() == 1)
        || path.eq_ignore_ascii_case("readme.md")
}

fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 100 && text.bytes().all(allowed)
}

/// Order of the German alphabet: umlauts beside their vowels (DIN 5007-1).
fn sort_key(title: &str) -> String {
    title.to_lowercase().replace('ä', "a").replace('ö', "o").replace('ü', "u").replace('ß', "ss")
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

fn relocated(node: &Node, place: &At) -> Arc<Node> {
    let data = match &node.data {
        Data::Map(entries) => {
            let moved = |(key, value): &(Key, Arc<Node>)| {
                (Key { at: place.clone(), name: key.name.clone() }, relocated(value, place))
            };
            Data::Map(entries.iter().map(moved).collect())
        }
        other => other.clone(),
    };
    Node::new(place.clone(), data)
}

/// What variables can name: `town` and `login`.
fn root(place: &At, town: &Arc<Node>, login: Option<&Login>) -> Arc<Node> {
    let key = |name: &str| Key { at: place.clone(), name: name.into() };
    let mut entries = vec![(key("town"), town.clone())];
    if let Some(login) = login {
        let text = |value: &str| Node::new(place.clone(), Data::Text(value.into()));
        let day = |moment: Option<LocalMoment>| moment.map(|moment| date_node(place, moment.local_date()));
        let map = |pairs: Vec<(&str, Option<Arc<Node>>)>| {
            let entries = pairs.into_iter().filter_map(|(name, value)| Some((key(name), value?)));
            Node::new(place.clone(), Data::Map(entries.collect()))
        };
        let next = login.next.as_ref().map(|next| {
            map(vec![("name", Some(text(&next.name))), ("url", next.url.as_deref().map(text)), ("from", day(next.from))])
        });
        let old = login.old.as_ref().map(|old| {
            let gone = old.period().end().to_zoned(local_zone()).date();
            map(vec![("name", Some(text(&old.name))), ("until", day(old.until)), ("gone", Some(date_node(place, gone)))])
        });
        let url = login.provider.url.as_deref().map(text);
        let fields = vec![
            ("name", Some(text(&login.provider.name))), ("url", url), ("since", day(login.provider.from)),
            ("next", next), ("old", old),
        ];
        entries.push((key("login"), map(fields)));
    }
    Node::new(place.clone(), Data::Map(entries))
}

impl<T> Entries<T> {
    /// Whether the town has said anything here.
    pub fn is_given(&self) -> bool {
        !self.is_empty()
    }
}
