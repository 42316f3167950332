//! What names what: ids that are named somewhere must exist somewhere, and nothing lies around unread.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Builder, service_ids};
use crate::{
    locale::Locale,
    tenant::schema::{Category, Office, Responsible, Service, Situation, Start, Town},
    theme::Theme,
    yaml::{At, Problem},
};

/// Files a town or layer may hold, for telling what nobody reads.
const KNOWN_FILES: [&str; 8] = [
    "tenant.yaml",
    "offices.yaml",
    "identity.yaml",
    "start.yaml",
    "categories.yaml",
    "situations.yaml",
    "notices.yaml",
    "redirects.yaml",
];

impl Builder<'_> {
    pub(super) fn check_offices(&mut self, offices: &BTreeMap<String, Office>, services: &[Arc<Service>]) {
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
    pub(super) fn check_references(
        &mut self,
        categories: &[(String, Category)],
        situations: &[(String, Situation)],
        services: &[Arc<Service>],
        start: &Start,
    ) {
        let known_services = service_ids(&self.layered.paths("services/"));
        let assets: BTreeSet<String> =
            self.layered.paths("assets/").iter().map(|path| path["assets/".len()..].to_owned()).collect();
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
            let at = self.place_of_item("start.yaml", "tiles", i);
            if aims != 1 {
                let message = format!("is a tile that leads to {aims} places");
                self.tell(
                    Problem::new(&at, message).hint("give exactly one of `service`, `category`, `situation`, `url`"),
                );
            }
            if let Some(id) = tile.service.as_ref().filter(|id| !services.iter().any(|service| service.id == **id)) {
                let problem =
                    Problem::new(&at, format!("is a tile for the service `{id}`, which this town does not offer"));
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

    pub(super) fn check_redirects(&mut self) {
        let Some(table) = self.origins.iter().find(|(name, _)| name == "redirects.yaml").map(|(_, node)| node.clone())
        else {
            return;
        };
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
        let id = self.layered.chain.0[0].clone();
        for folder in self.layered.chain.0.clone() {
            let Some(state) = self.layered.snapshot.get(&folder) else { continue };
            self.layered.problems.extend(state.problems.iter().cloned());
            let strays: Vec<String> =
                state.files.keys().filter(|path| folder == id && !is_known(path)).cloned().collect();
            for path in strays {
                let at = At::start_of(&self.layered.files.shown(&folder, &path));
                let known = KNOWN_FILES.into_iter().chain(["content/faq.yaml", "services/", "content/", "assets/"]);
                self.tell(Problem::new(&at, "is a file that nobody reads").nearest(&path, known).warning());
            }
        }
    }

    pub(super) fn check_slugs(&mut self, services: &[Arc<Service>]) {
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
}

fn is_known(path: &str) -> bool {
    KNOWN_FILES.contains(&path)
        || path == "content/faq.yaml"
        || path.starts_with("assets/")
        || (path.starts_with("services/") && path.ends_with(".yaml") && path.matches('/').count() == 1)
        || (path.starts_with("content/") && path.ends_with(".md") && path.matches('/').count() == 1)
        || path.eq_ignore_ascii_case("readme.md")
}

pub(super) fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 100 && text.bytes().all(allowed)
}
