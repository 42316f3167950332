//! Towns: read from layered YAML, checked, built whole, found by host name.
//!
//! Invariant: a [`TenantId`] is made only here, from the folder of a town that loaded. Whoever holds one was given it
//! by the host map; nothing else in the house can name a town into being.

mod authority;
mod build;
mod common;
pub mod coverage;
pub mod dated;
pub mod drift;
mod facts;
mod folder;
mod folders;
pub mod generations;
mod hosts;
mod layers;
mod listing;
mod loader;
mod pages;
mod registry;
pub mod said;
pub mod schema;
mod stock;
mod stocks;
mod text;
mod watch;

use std::{
    borrow::{Borrow, Cow},
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use jiff::Timestamp;

pub use authority::{Authority, Malformed};
pub use build::{Approval, Gap, LayerText, Origins, Readiness, Topic};
pub use folder::Folder;
pub use folders::is_layer;
pub use listing::files_below;
pub use registry::{Found, Report, Tenants};
pub use text::{Entries, Said, Text};
pub use watch::watch;

use crate::{
    locale::Locale,
    theme::{Asset, Assets, Theme, markdown},
    yaml::Problem,
};
use facts::Facts;
use pages::Pages;
use schema::{
    Category, Expect, Faq, InOrder, LetterTemplate, Login, Moving, Notices, Offices, OnlineForm, Provider, Regime,
    Retired, Service, Situation, Stage, Start, Status, Town,
};

/// The name of a town inside the portal: its folder in `tenants/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(Arc<str>);

impl TenantId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for TenantId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What follows from the host alone, as long as nobody has written anything else down.
pub fn entity_id_at(host: &Authority) -> String {
    format!("https://{host}/saml/metadata")
}

/// One town as it is at one moment: read whole, checked whole, never changed afterwards. What it has in common with
/// other towns of its layers is shared with them.
#[derive(Debug)]
pub struct Tenant {
    pub id: TenantId,
    /// Counts every version of every tenant in this process; part of cache keys.
    pub version: u64,
    pub town: Town,
    pub hosts: Vec<Authority>,
    pub preview_hosts: Vec<Authority>,
    pub theme: Arc<Theme>,
    pub offices: Arc<Offices>,
    pub categories: Arc<InOrder<Category>>,
    pub situations: Arc<InOrder<Situation>>,
    /// In the order of the alphabet.
    pub services: Vec<Arc<Service>>,
    /// Those its services name, by their ids.
    pub online_forms: BTreeMap<String, Arc<OnlineForm>>,
    /// Ids of all services its layers have, offered or not.
    known_services: Arc<BTreeSet<Arc<str>>>,
    pub start: Arc<Start>,
    pub notices: Arc<Notices>,
    pub faq: Arc<Faq>,
    pub expect: Arc<Expect>,
    /// Pages in Markdown by name: `impressum`, `datenschutz`, …
    pub pages: Arc<Pages>,
    /// Old path → new path or address.
    pub redirects: Arc<HashMap<String, String>>,
    /// Words that its texts should no longer use, as of this moment.
    pub retired: Arc<Retired>,
    /// When decisions count as announced, by the law that a service names.
    pub regimes: Arc<InOrder<Regime>>,
    /// What clerks write again and again.
    pub letters: Arc<InOrder<LetterTemplate>>,
    pub login: Option<Login>,
    /// Everything one can log in with today.
    providers: Vec<Arc<Provider>>,
    /// Providers that go, whose accounts others may take over or could.
    pub moving: Vec<Moving>,
    /// Files of the theme and, over them, of the town.
    pub assets: Arc<Assets>,
    /// The moment at which something dated changes and the town has to be built anew.
    pub next_switch: Option<Timestamp>,
    pub warnings: Vec<Problem>,
    facts: Facts,
}

impl Tenant {
    /// The host that the others redirect to.
    pub fn canonical_host(&self) -> &Authority {
        &self.hosts[0]
    }

    /// The name under which a login provider knows this town's portal.
    pub fn entity_id(&self, provider: &Provider) -> String {
        provider.entity_id.clone().unwrap_or_else(|| entity_id_at(self.canonical_host()))
    }

    /// Whose name stands above the login at BundID, which shows 50 characters.
    pub fn display_name(&self, provider: &Provider) -> String {
        let name = provider.display_name.as_ref().unwrap_or(&self.town.full_name);
        name.chars().take(50).collect()
    }

    /// All providers that are valid today, for citizens and for clerks, complete or not; accounts that are winding down and
    /// simulators among them.
    pub fn providers(&self) -> &[Arc<Provider>] {
        &self.providers
    }

    /// The provider of this id, if it is valid today.
    pub fn provider(&self, id: &str) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// The move that is open into accounts of a provider.
    pub fn moving_into(&self, provider: &str) -> Option<&Moving> {
        self.moving.iter().find(|moving| moving.to.id == provider && moving.stage != Stage::Over)
    }

    /// All names under which it is reached.
    pub fn all_hosts(&self) -> impl Iterator<Item = &Authority> {
        self.hosts.iter().chain(&self.preview_hosts)
    }

    pub fn status(&self) -> Status {
        self.town.status
    }

    /// The languages of its pages, in the order of the switch.
    pub fn locales(&self) -> &[Locale] {
        &self.town.locales
    }

    pub fn has_locale(&self, code: &str) -> Option<&Locale> {
        self.locales().iter().find(|locale| locale.code() == code)
    }

    /// The language of this code, where the town offers it; otherwise German.
    pub fn locale_or_german(&self, code: &str) -> Locale {
        self.has_locale(code).cloned().unwrap_or_else(Locale::german)
    }

    pub fn service(&self, id: &str) -> Option<&Arc<Service>> {
        self.services.iter().find(|service| service.id == id)
    }

    pub fn service_at(&self, slug: &str) -> Option<&Arc<Service>> {
        self.services.iter().find(|service| service.slug() == slug)
    }

    pub fn situation(&self, id: &str) -> Option<&Situation> {
        self.situations.get(id)
    }

    pub fn asset(&self, name: &str) -> Option<&Arc<Asset>> {
        self.assets.get(name)
    }

    /// A text in the words of a locale, otherwise in German, with what it says about the town; still Markdown.
    pub fn words<'a>(&self, text: &'a Text, locale: &Locale) -> Cow<'a, str> {
        text.filled(locale, &self.facts)
    }

    /// The same without what it says about the town.
    pub fn words_without_town<'a>(&'a self, text: &'a Text, locale: &Locale) -> Cow<'a, str> {
        text.filled_but(locale, &self.facts, "town.")
    }

    /// A text as it is written, with what it says about the town.
    pub fn fill<'a>(&self, text: &'a str, locale: &Locale) -> Cow<'a, str> {
        self.facts.fill(text, locale)
    }

    /// A line of text for a page.
    pub fn say(&self, text: &Text, locale: &Locale) -> Said {
        text.said(locale, &self.facts, |text| markdown::to_inline_html(&self.without_dead_ends(text)))
    }

    /// A passage of text for a page, with paragraphs and lists; its topmost heading is an `h<level>`.
    pub fn say_at_length(&self, text: &Text, locale: &Locale, level: usize) -> Said {
        text.said(locale, &self.facts, |text| markdown::to_html_below(&self.without_dead_ends(text), level))
    }

    /// `en/faq` in a town that speaks German only.
    fn is_in_a_language_not_offered(&self, path: &str) -> bool {
        let code = path.split(['/', '#', '?']).next().unwrap_or_default();
        let locale = Locale::new(code).filter(|locale| self.theme.texts.has(locale));
        locale.is_some_and(|locale| !locale.is_german() && self.has_locale(locale.code()).is_none())
    }

    /// Texts of a layer lead to services and languages that not every town offers: there the words stand without the link. A service
    /// that nobody has stays a link, for the check to find.
    fn without_dead_ends<'a>(&self, text: &'a str) -> Cow<'a, str> {
        const BEGINS: &str = "/dienstleistungen/";
        let mut rest = text;
        let mut kept = String::new();
        while let Some(at) = rest.find("](/") {
            let (before, link) = (&rest[..at], &rest[at + 2..]);
            let Some(end) = link.find(')') else { break };
            let slug = link[..end].find(BEGINS).map(|start| &link[start + BEGINS.len()..end]);
            let slug = slug.and_then(|slug| slug.split(['#', '?']).next());
            let is_not_offered = |slug: &str| self.known_services.contains(slug) && self.service_at(slug).is_none();
            let is_dead = slug.is_some_and(is_not_offered) || self.is_in_a_language_not_offered(&link[1..end]);
            match before.rfind('[').filter(|_| is_dead) {
                Some(open) => kept.extend([&before[..open], &before[open + 1..]]),
                None => kept.push_str(&rest[..at + 2 + end + 1]),
            }
            rest = &link[end + 1..];
        }
        if rest.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(kept + rest) }
    }
}
