//! The catalogue: services from A to Z, by subject, by life situation, newest first, and by search.
//!
//! Everything here reads one `Arc<Tenant>` in memory and answers without a database.
//! Invariant: nothing in here can reach another town, because it is only ever given one.

pub mod a_to_z;
pub mod api;
mod cards;
pub mod search;
pub mod service;
pub mod situations;
pub mod start;

use std::{cmp::Reverse, sync::Arc};

pub use cards::{Card, OfficeView, euros};

use crate::{
    locale::Locale,
    tenant::{
        Tenant,
        schema::{Category, Service},
    },
};

/// How many services the start page shows as the newest.
const NEWEST: usize = 6;

/// What a citizen has narrowed the list down to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub letter: Option<char>,
    pub category: Option<String>,
    pub online: bool,
}

impl Filter {
    pub fn admits(&self, tenant: &Tenant, service: &Service) -> bool {
        self.letter.is_none_or(|letter| letter_of(tenant, service, &Locale::german()) == letter)
            && self.category.as_ref().is_none_or(|category| service.categories.contains(category))
            && (!self.online || service.is_online())
    }

    pub fn is_empty(&self) -> bool {
        self.letter.is_none() && self.category.is_none() && !self.online
    }
}

/// The newest services first; those without a date are not new.
pub fn newest(tenant: &Tenant) -> Vec<&Arc<Service>> {
    let mut dated: Vec<_> = tenant.services.iter().filter(|service| service.newest_on().is_some()).collect();
    dated.sort_by_key(|service| Reverse(service.newest_on()));
    dated.truncate(NEWEST);
    dated
}

/// Categories that have services, with their number.
pub fn categories_in_use(tenant: &Tenant) -> Vec<(&str, &Category, usize)> {
    let count =
        |id: &str| tenant.services.iter().filter(|service| service.categories.iter().any(|known| known == id)).count();
    let counted = tenant.categories.iter().map(|(id, category)| (id, category, count(id)));
    counted.filter(|(_, _, count)| *count > 0).collect()
}

/// The services of a life situation: those it lists, then those that say they belong to it.
pub fn of_situation<'a>(tenant: &'a Tenant, id: &str) -> Vec<&'a Arc<Service>> {
    let listed = tenant.situation(id).map_or(&[][..], |situation| &situation.services);
    let mut services: Vec<_> = listed.iter().filter_map(|service| tenant.service(service)).collect();
    for service in tenant.services.iter().filter(|service| service.situations.iter().any(|known| known == id)) {
        if !services.iter().any(|known| known.id == service.id) {
            services.push(service);
        }
    }
    services
}

/// Whether a life situation has any services here.
pub fn has_situation(tenant: &Tenant, id: &str) -> bool {
    let listed = tenant.situation(id).map_or(&[][..], |situation| &situation.services);
    listed.iter().any(|service| tenant.service(service).is_some())
        || tenant.services.iter().any(|service| service.situations.iter().any(|known| known == id))
}

/// The letter under which a title stands: umlauts with their vowels, everything else under `#`.
pub fn letter_of(tenant: &Tenant, service: &Service, locale: &Locale) -> char {
    let first = tenant.words(&service.title, locale).chars().find(|c| c.is_alphanumeric()).unwrap_or('#');
    match first.to_uppercase().next().unwrap_or('#') {
        'Ä' => 'A',
        'Ö' => 'O',
        'Ü' => 'U',
        letter if letter.is_ascii_uppercase() => letter,
        _ => '#',
    }
}
