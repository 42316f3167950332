//! What names what: ids that are named somewhere must exist somewhere, and nothing lies around unread.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::Builder;
use crate::{
    locale::Locale,
    tenant::{
        folder::{KNOWN_FILES, is_known},
        schema::{Category, InOrder, Offices, Responsible, Service, Situation, Staff, Start, Town},
    },
    theme::{Assets, Theme},
    yaml::{At, Problem},
};

impl Builder<'_> {
    pub(super) fn check_offices(&mut self, offices: &Offices, services: &[Arc<Service>]) {
        for service in services {
            if let Responsible::Office { id, .. } = &service.responsible
                && !offices.contains_key(id.as_str())
            {
                let at = self.place(&format!("services/{}.yaml", service.id), "responsible");
                let problem = Problem::new(&at, format!("names the office `{id}`, which does not exist"));
                self.tell(problem.nearest(id, offices.keys().map(|id| &**id)));
            }
            if let Responsible::Here(here) = &service.responsible
                && here.street.is_none()
                && let Some((id, _)) = offices.iter().find(|(_, office)| office.name == here.name)
            {
                let at = self.place(&format!("services/{}.yaml", service.id), "responsible");
                let problem = Problem::new(&at, "names an office by its name, so nothing else of it is shown");
                self.tell(problem.hint(format!("write its id: `{id}`")).warning());
            }
        }
    }

    /// Ids that are named somewhere must exist somewhere.
    pub(super) fn check_references(
        &mut self,
        categories: &InOrder<Category>,
        situations: &InOrder<Situation>,
        services: &[Arc<Service>],
        start: &Start,
    ) {
        let ground = self.ground.clone();
        let own: BTreeSet<String> = self.own.services().map(str::to_owned).collect();
        let is_service = |id: &str| own.contains(id) || ground.has_service(id);
        let services_known = || own.iter().map(String::as_str).chain(ground.services.iter().map(|id| &**id));
        let shared = |path: &str| self.own.yaml(path).is_none();
        let places_shared = shared("categories.yaml") && shared("situations.yaml");
        let common = self.common.clone();
        for service in services {
            let names_known = || {
                service.categories.iter().all(|id| categories.get(id).is_some())
                    && service.situations.iter().all(|id| situations.get(id).is_some())
                    && service.related.iter().all(|id| ground.has_service(id))
                    && service.forms.iter().all(|form| form.file.is_none())
            };
            let path = format!("services/{}.yaml", service.id);
            let shared = common.document(&path).filter(|_| places_shared && self.own.yaml(&path).is_none());
            if shared.is_some_and(|shared| *shared.sound.get_or_init(names_known)) {
                continue;
            }
            let document = || format!("services/{}.yaml", service.id);
            let is_category = |id: &str| categories.get(id).is_some();
            self.check_ids(document, "categories", &service.categories, "category", is_category, || categories.ids());
            let is_situation = |id: &str| situations.get(id).is_some();
            let situations = || situations.ids();
            self.check_ids(document, "situations", &service.situations, "life situation", is_situation, situations);
            self.check_ids(document, "related", &service.related, "service", is_service, services_known);
            self.check_files(service);
        }
        for (id, situation) in situations.iter() {
            let field = format!("{id}.services");
            let document = || "situations.yaml".to_owned();
            self.check_ids(document, &field, &situation.services, "service", is_service, services_known);
        }
        for (i, tile) in start.tiles.iter().enumerate() {
            let aims = [&tile.service, &tile.category, &tile.situation, &tile.url].into_iter().flatten().count();
            let at = |builder: &Self| builder.place_of_item("start.yaml", "tiles", i);
            if aims != 1 {
                let at = at(self);
                let message = format!("is a tile that leads to {aims} places");
                self.tell(
                    Problem::new(&at, message).hint("give exactly one of `service`, `category`, `situation`, `url`"),
                );
            }
            if let Some(id) = tile.service.as_ref().filter(|id| !services.iter().any(|service| service.id == **id)) {
                let problem = Problem::new(
                    &at(self),
                    format!("is a tile for the service `{id}`, which this town does not offer"),
                );
                self.tell(
                    problem
                        .nearest(id, services.iter().map(|service| service.id.as_str()))
                        .warning()
                        .rule("unknown-service"),
                );
            }
        }
    }

    /// Departments and roles have ids of their own, and roles name departments that exist.
    pub(super) fn check_staff(&mut self, staff: &Staff) {
        let departments: Vec<&str> = staff.departments.iter().map(|department| department.id.as_str()).collect();
        let roles: Vec<&str> = staff.roles.iter().map(|role| role.id.as_str()).collect();
        for (field, ids) in [("staff.departments", &departments), ("staff.roles", &roles)] {
            for (i, id) in ids.iter().enumerate().filter(|(i, id)| !is_id(id) || ids[..*i].contains(id)) {
                let at = self.place_of_item("tenant.yaml", field, i);
                let problem = Problem::new(&at, format!("has the id `{id}`, which is no id or not the only one"));
                self.tell(problem.hint("ids use `a`–`z`, `0`–`9` and `-`, each once"));
            }
        }
        for (i, role) in staff.roles.iter().enumerate() {
            for id in role.departments.iter().filter(|id| staff.department(id).is_none()) {
                let at = self.place_of_item("tenant.yaml", "staff.roles", i);
                let problem = Problem::new(&at, format!("names the department `{id}`, which does not exist"));
                self.tell(problem.nearest(id, departments.iter().copied()));
            }
        }
    }

    /// Files that a service offers lie in `assets/` of the town or a layer.
    fn check_files(&mut self, service: &Service) {
        for file in service.forms.iter().filter_map(|form| form.file.as_ref()) {
            let own = self.own.assets().map(|asset| asset.name.as_str());
            let shared = self.ground.paths("assets/").map(|path| &path["assets/".len()..]);
            let known: BTreeSet<&str> = own.chain(shared).collect();
            if !known.contains(file.as_str()) {
                let at = self.place(&format!("services/{}.yaml", service.id), "forms");
                let problem = Problem::new(&at, format!("names the file `{file}`, which is not in `assets/`"));
                let problem = problem.nearest(file, known).rule("broken-link");
                self.tell(problem);
            }
        }
    }

    /// A list of ids in a file: an unknown one is told, and does no harm.
    fn check_ids<'k, I: Iterator<Item = &'k str>>(
        &mut self,
        document: impl Fn() -> String,
        field: &str,
        ids: &[String],
        noun: &str,
        is_known: impl Fn(&str) -> bool,
        known: impl Fn() -> I,
    ) {
        for (i, id) in ids.iter().enumerate().filter(|(_, id)| !is_known(id)) {
            let document = document();
            let list = self.origin(&document, field);
            let item = list.and_then(|list| list.items().get(i).cloned());
            let at = item.map_or_else(|| self.place(&document, field), |item| item.at.clone());
            let problem = Problem::new(&at, format!("names the {noun} `{id}`, which does not exist"));
            let problem = problem.nearest(id, known()).warning();
            self.tell(if noun == "service" { problem.rule("unknown-service") } else { problem });
        }
    }

    pub(super) fn check_redirects(&mut self) {
        let Some(table) = self.node("redirects.yaml") else { return };
        for (key, value) in table.entries() {
            let target = value.data.to_string();
            // browsers read `\` as `/`, and two of them begin the name of another host
            let local = target.starts_with('/') && !target[1..].starts_with(['/', '\\']);
            if !key.name.starts_with('/') {
                self.tell(
                    Problem::new(&key.at, format!("redirects `{}`, which is no path", key.name))
                        .hint("old paths start with `/`"),
                );
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

    /// A town in its own colours may name its own word mark.
    pub(super) fn check_wordmark(&mut self, theme: &Theme, assets: &Assets) {
        if !assets.contains_key(&theme.tokens.wordmark) {
            let named = theme.origins.get("wordmark").map_or_else(|| self.home.clone(), |node| node.at.clone());
            let message = format!("names the word mark `{}`, which does not exist", theme.tokens.wordmark);
            self.tell(Problem::new(&named, message).nearest(&theme.tokens.wordmark, assets.keys().map(String::as_str)));
        }
    }

    pub(super) fn check_locales(&mut self, town: &Town, theme: &Theme) {
        let list = self.origin("tenant.yaml", "locales");
        for (i, locale) in town.locales.iter().enumerate().filter(|(_, locale)| !theme.texts.has(locale)) {
            let at = self.place_of_item("tenant.yaml", "locales", i);
            let problem =
                Problem::new(&at, format!("offers the language `{locale}`, for which the theme has no texts"));
            self.tell(problem.hint(format!("add `texts/{locale}.yaml` to the theme")));
        }
        if !town.locales.contains(&Locale::german()) {
            let at = list.map_or(self.home.clone(), |list| list.at.clone());
            self.tell(Problem::new(&at, "offers no German pages").hint("`locales: [de, …]`"));
        }
    }

    /// Names that nobody reads are mostly slips of the pen.
    pub(super) fn look_for_strays(&mut self) {
        for path in self.folder.paths().filter(|path| !is_known(path)) {
            let at = At::start_of(&self.own.shown(path));
            let known = KNOWN_FILES.iter().copied().chain(["services/", "forms/", "content/", "idp/", "assets/"]);
            let problem = Problem::new(&at, "is a file that nobody reads").nearest(path, known);
            self.problems.push(problem.warning().rule("unused-file"));
        }
    }

    pub(super) fn check_slugs(&mut self, services: &[Arc<Service>]) {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for service in services {
            let at = || self.place(&format!("services/{}.yaml", service.id), "slug");
            if !is_id(service.slug()) {
                let message = format!("has the slug `{}`, which cannot be an address", service.slug());
                let problem = Problem::new(&at(), message);
                self.tell(problem);
            } else if let Some(other) = seen.insert(service.slug(), &service.id) {
                let problem = Problem::new(&at(), format!("has the same address as the service `{other}`"));
                self.tell(problem);
            }
        }
    }
}

pub(super) fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 100 && text.bytes().all(allowed)
}
