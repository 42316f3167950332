//! The faces of login: what citizens see from the first button to "logged out".
//!
//! Pages are plain data; whoever answers a request fills them. Times and dates come in ready to be read.

pub mod given_back;
pub mod handover;
pub mod link;
pub mod login;
pub mod logout;
pub mod my_data;
pub mod outcome;
pub mod own;
pub mod own_data;
pub mod sessions;
pub mod simulator;
pub mod step_up;

use serde::Serialize;

use crate::{
    tenant::{
        Said,
        schema::{Level, Provider, ProviderKind, Service},
    },
    web::{Head, Section, Visit},
};

/// A provider as a door that people can take.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderView {
    pub id: String,
    pub name: String,
    /// Invented persons instead of people: said wherever it is named.
    pub probe: bool,
    /// Name and password of this portal instead of an account elsewhere.
    pub local: bool,
    /// Where people make such an account, and come back to where they were.
    pub register_url: String,
    /// The address of its logo: the town's file `assets/<id>.svg`.
    pub logo: Option<String>,
    /// Where people create and manage the account.
    pub account_url: Option<String>,
    /// Where its button leads.
    pub url: String,
    pub state: ProviderState,
    /// Whether it can give the level that is asked for.
    pub enough: bool,
}

/// Whether a provider can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderState {
    Ready,
    /// Keys or agreements are still missing.
    Preparing,
    /// The town hall has switched it off for now.
    Off,
    /// It did not answer when it was last asked.
    Unreachable,
}

impl ProviderView {
    /// `query` goes to the button as it is: `zurueck=%2F…&niveau=hoch`, or nothing.
    pub fn of(visit: &Visit, provider: &Provider, state: ProviderState, wanted: Level, query: &str) -> Self {
        let logo = visit.tenant.asset(&format!("{}.svg", provider.id));
        let asked = |path: String| if query.is_empty() { path } else { format!("{path}?{query}") };
        Self {
            id: provider.id.clone(),
            name: provider.name.clone(),
            probe: visit.portal.logins.plays(&visit.tenant, provider),
            local: provider.kind == ProviderKind::Local,
            register_url: asked(visit.url("/registrieren")),
            logo: logo.map(|logo| logo.address()),
            account_url: provider.url.clone(),
            url: asked(visit.url(&format!("/anmelden/{}", provider.id))),
            state,
            enough: provider.levels().iter().any(|level| *level >= wanted),
        }
    }

    pub(crate) fn specimen(visit: &Visit, id: &str, name: &str) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            probe: false,
            local: false,
            register_url: visit.url("/registrieren"),
            logo: None,
            account_url: None,
            url: visit.url("/anmelden"),
            state: ProviderState::Ready,
            enough: true,
        }
    }
}

/// What somebody was about to do when the login came in between.
#[derive(Debug, Clone, Serialize)]
pub struct Wanted {
    /// Title of the service: `Hund anmelden`.
    pub service: Said,
    /// The lowest level that is enough.
    pub level: Level,
    /// The way back to it.
    pub url: String,
}

impl Wanted {
    pub fn of(visit: &Visit, service: &Service) -> Self {
        Self {
            service: visit.say(&service.title),
            level: service.login,
            url: visit.url(&format!("/dienstleistungen/{}", service.slug())),
        }
    }

    fn specimen(visit: &Visit) -> Option<Self> {
        visit.tenant.services.first().map(|service| Self { level: Level::Hoch, ..Self::of(visit, service) })
    }
}

/// The head of a page that is about one person: no search engine, no title that names them.
fn private(visit: &Visit, title: &str) -> Head {
    Head::new(Section::Login, visit.text(title)).noindex()
}
