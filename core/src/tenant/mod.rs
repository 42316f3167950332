//! Towns: read from layered YAML, checked, built whole, found by host name.
//!
//! Invariant: a [`TenantId`] is made only here, from the folder of a town that loaded. Whoever holds one was given it
//! by the host map; nothing else in the house can name a town into being.

mod authority;
mod build;
pub mod dated;
mod folder;
mod layers;
mod loader;
mod registry;
pub mod schema;
mod text;
mod variables;
mod watch;

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use jiff::Timestamp;

pub use authority::{Authority, Malformed};
pub(crate) use folder::File;
pub use registry::{Found, Report, Tenants};
pub use text::{Entries, Said, Text};
pub use watch::watch;

use crate::{
    locale::Locale,
    theme::{Asset, Assets, Theme},
    yaml::{Node, Problem},
};
use schema::{Category, Faq, Login, Notice, Office, Page, Service, Situation, Status, Tile, Town};

/// The name of a town inside the portal: its folder in `tenants/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(Arc<str>);

impl TenantId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One town as it is at one moment: read whole, checked whole, never changed afterwards.
#[derive(Debug)]
pub struct Tenant {
    pub id: TenantId,
    /// Counts every version of every tenant in this process; part of cache keys.
    pub generation: u64,
    pub town: Town,
    pub hosts: Vec<Authority>,
    pub preview_hosts: Vec<Authority>,
    pub locales: Vec<Locale>,
    pub theme: Arc<Theme>,
    pub offices: BTreeMap<String, Arc<Office>>,
    /// In the order of the file.
    pub categories: Vec<(String, Category)>,
    pub situations: Vec<(String, Situation)>,
    /// In the order of the alphabet.
    pub services: Vec<Arc<Service>>,
    pub tiles: Vec<Tile>,
    pub notices: Vec<Notice>,
    pub faq: Faq,
    /// Pages in Markdown by name: `impressum`, `datenschutz`, …
    pub pages: BTreeMap<String, Page>,
    /// Old path → new path or address.
    pub redirects: HashMap<String, String>,
    pub login: Option<Login>,
    /// Files of the theme and, over them, of the town.
    pub assets: Assets,
    /// The moment at which something dated changes and the town has to be built anew.
    pub next_switch: Option<Timestamp>,
    pub warnings: Vec<Problem>,
    /// The merged files with the place of every value.
    pub origins: Vec<(String, Arc<Node>)>,
    derived: Derived,
}

impl Tenant {
    /// The host that the others redirect to.
    pub fn canonical_host(&self) -> &Authority {
        &self.hosts[0]
    }

    pub fn status(&self) -> Status {
        self.town.status
    }

    pub fn has_locale(&self, code: &str) -> Option<&Locale> {
        self.locales.iter().find(|locale| locale.code() == code)
    }

    pub fn service(&self, id: &str) -> Option<&Arc<Service>> {
        self.services.iter().find(|service| service.id == id)
    }

    pub fn service_at(&self, slug: &str) -> Option<&Arc<Service>> {
        self.services.iter().find(|service| service.slug() == slug)
    }

    pub fn situation(&self, id: &str) -> Option<&Situation> {
        self.situations.iter().find(|(known, _)| known == id).map(|(_, situation)| situation)
    }

    pub fn asset(&self, name: &str) -> Option<&Arc<Asset>> {
        self.assets.get(name)
    }

    /// Something a room works out once per version of a town, for example its search index.
    pub fn derived<T: Any + Send + Sync>(&self, work_out: impl FnOnce(&Self) -> T) -> Arc<T> {
        let place = {
            let mut derived = self.derived.0.lock().unwrap_or_else(PoisonError::into_inner);
            derived.entry(TypeId::of::<T>()).or_default().clone()
        };
        // worked out outside the lock, and once: whoever wants something else does not wait
        let any = place.get_or_init(|| Arc::new(work_out(self))).clone();
        any.downcast().expect("the entry has the type it is kept under")
    }
}

#[derive(Default)]
struct Derived(Mutex<HashMap<TypeId, Arc<OnceLock<Anything>>>>);

type Anything = Arc<dyn Any + Send + Sync>;

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Derived")
    }
}
