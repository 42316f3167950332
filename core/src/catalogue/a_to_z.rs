//! All services from A to Z, narrowed down by letter, subject, or to what can be done online.

use std::collections::BTreeSet;

use poem::{handler, web::Query};
use serde::{Deserialize, Serialize};

use super::{Card, Filter, categories_in_use, letter_of};
use crate::{
    error::Result,
    locale::Locale,
    tenant::{Said, schema::Service},
    web::{Head, Page, Rendered, Section, Visit},
};

/// Parameters of the A–Z page. Whatever does not fit is as if it were absent: a list is never an error.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    buchstabe: String,
    #[serde(default)]
    kategorie: String,
    #[serde(default)]
    online: String,
}

/// The names of [`Asked`], for the page cache.
pub const ASKED: [&str; 3] = ["buchstabe", "kategorie", "online"];

#[handler]
pub fn list(visit: Visit, asked: Option<Query<Asked>>) -> Result<Rendered> {
    let filter = asked.map(|Query(asked)| asked.filter(&visit)).unwrap_or_default();
    visit.render(&ServicesPage::of(&visit, &filter))
}

impl Asked {
    fn filter(&self, visit: &Visit) -> Filter {
        let mut letters = self.buchstabe.chars();
        let letter = letters.next().map(|c| c.to_ascii_uppercase()).filter(|c| c.is_ascii_uppercase() || *c == '#');
        let known = visit.tenant.categories.get(&self.kategorie).is_some();
        Filter {
            letter: letter.filter(|_| letters.next().is_none()),
            category: known.then(|| self.kategorie.clone()),
            online: matches!(self.online.as_str(), "1" | "ja" | "true"),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct ServicesPage {
    letters: Vec<LetterLink>,
    categories: Vec<CategoryFilter>,
    online: OnlineFilter,
    groups: Vec<Group>,
    total: usize,
    filtered: bool,
    clear_url: String,
}

#[derive(Debug, Serialize)]
struct LetterLink {
    letter: String,
    /// Absent where no service begins with it.
    url: Option<String>,
    current: bool,
}

#[derive(Debug, Serialize)]
struct CategoryFilter {
    id: String,
    title: Said,
    icon: String,
    url: String,
    current: bool,
    count: usize,
}

#[derive(Debug, Serialize)]
struct OnlineFilter {
    current: bool,
    url: String,
}

#[derive(Debug, Serialize)]
struct Group {
    letter: String,
    services: Vec<Card>,
}

impl ServicesPage {
    fn of(visit: &Visit, filter: &Filter) -> Self {
        let tenant = &visit.tenant;
        let shown: Vec<&Service> =
            tenant.services.iter().map(|service| &**service).filter(|s| filter.admits(tenant, s)).collect();
        let without_letter = Filter { letter: None, ..filter.clone() };
        let taken: BTreeSet<char> = tenant
            .services
            .iter()
            .filter(|service| without_letter.admits(tenant, service))
            .map(|service| letter_of(tenant, service, &Locale::german()))
            .collect();
        let letters = ('A'..='Z').map(|letter| LetterLink {
            letter: letter.to_string(),
            url: taken.contains(&letter).then(|| list_url(visit, &Filter { letter: Some(letter), ..filter.clone() })),
            current: filter.letter == Some(letter),
        });
        let categories = categories_in_use(tenant).into_iter().map(|(id, category, count)| {
            let current = filter.category.as_deref() == Some(id);
            let chosen = Filter { category: (!current).then(|| id.to_owned()), letter: None, online: filter.online };
            CategoryFilter {
                id: id.to_owned(),
                title: visit.say(&category.title),
                icon: category.icon.clone().unwrap_or_else(|| "document".into()),
                url: list_url(visit, &chosen),
                current,
                count,
            }
        });
        Self {
            letters: letters.collect(),
            categories: categories.collect(),
            online: OnlineFilter {
                current: filter.online,
                url: list_url(visit, &Filter { online: !filter.online, letter: None, ..filter.clone() }),
            },
            total: shown.len(),
            groups: groups(shown, visit),
            filtered: !filter.is_empty(),
            clear_url: visit.url("/dienstleistungen"),
        }
    }
}

/// Under the letters of the visit's own language.
fn groups(mut services: Vec<&Service>, visit: &Visit) -> Vec<Group> {
    services.sort_by_cached_key(|service| {
        (letter_of(&visit.tenant, service, &visit.locale), visit.locale.order_of(&visit.words(&service.title)))
    });
    let mut groups: Vec<Group> = Vec::new();
    for service in services {
        let letter = letter_of(&visit.tenant, service, &visit.locale).to_string();
        if groups.last().is_none_or(|group| group.letter != letter) {
            groups.push(Group { letter, services: Vec::new() });
        }
        groups.last_mut().expect("a group was just pushed").services.push(Card::of(service, visit));
    }
    groups
}

fn list_url(visit: &Visit, filter: &Filter) -> String {
    let mut query = Vec::new();
    query.extend(filter.letter.map(|letter| format!("buchstabe={letter}")));
    query.extend(filter.category.as_ref().map(|category| format!("kategorie={category}")));
    query.extend(filter.online.then(|| "online=1".to_owned()));
    let path = visit.url("/dienstleistungen");
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

impl Page for ServicesPage {
    const TEMPLATE: &'static str = "services.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = Head::new(Section::Services, visit.text("services.title")).description(visit.text("meta.services"));
        if self.filtered { head.noindex() } else { head }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let nothing = Filter { letter: Some('#'), category: None, online: true };
        let online = Filter { online: true, ..Filter::default() };
        [Filter::default(), online, nothing].iter().map(|filter| Self::of(visit, filter)).collect()
    }
}
