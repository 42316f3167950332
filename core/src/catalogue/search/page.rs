//! The page of what was found, and what helps when nothing was.

use poem::{handler, web::Query};
use serde::{Deserialize, Serialize};

use super::{Hit, Kind, search_as_meant, tidy, url_of};
use crate::{
    catalogue::Card,
    error::Result,
    tenant::Said,
    web::{Head, Page, Rendered, Section, Visit},
};

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub q: String,
}

#[handler]
pub fn show(visit: Visit, asked: Option<Query<Asked>>) -> Result<Rendered> {
    let query = asked.map(|Query(asked)| asked.q).unwrap_or_default();
    visit.render(&SearchPage::of(&visit, &query))
}

#[derive(Debug, Serialize)]
pub struct SearchPage {
    query: String,
    /// The query as it was probably meant, and where that leads.
    meant: Option<Meant>,
    results: Vec<ResultView>,
    popular: Vec<Card>,
}

#[derive(Debug, Serialize)]
struct Meant {
    query: String,
    url: String,
}

#[derive(Debug, Serialize)]
struct ResultView {
    kind: Kind,
    title: Said,
    url: String,
    snippet: Said,
}

impl SearchPage {
    fn of(visit: &Visit, query: &str) -> Self {
        let query = tidy(query);
        let (hits, meant) = search_as_meant(&visit.tenant, &visit.locale, &query);
        let results: Vec<_> = hits.iter().filter_map(|hit| ResultView::of(hit, visit)).collect();
        let meant = meant.filter(|_| !results.is_empty()).map(|meant| {
            let asked: String = form_urlencoded::byte_serialize(meant.as_bytes()).collect();
            Meant { url: visit.url(&format!("/suche?q={asked}")), query: meant }
        });
        let popular = visit.tenant.start.tiles.iter().filter_map(|tile| tile.service.as_ref());
        let popular = popular.filter_map(|id| visit.tenant.service(id)).map(|service| Card::of(service, visit));
        Self { meant, results, popular: popular.collect(), query }
    }
}

impl ResultView {
    fn of(hit: &Hit, visit: &Visit) -> Option<Self> {
        let url = url_of(hit, visit);
        Some(match hit.kind {
            Kind::Service => {
                let service = visit.tenant.service(&hit.id)?;
                Self { kind: hit.kind, title: visit.say(&service.title), url, snippet: visit.say(&service.short) }
            }
            Kind::Faq => {
                let entry = super::answer_of(hit, visit)?;
                let answer = visit.say(&entry.answer);
                let snippet = Said { text: shortened(&answer.text), html: String::new(), lang: answer.lang };
                Self { kind: hit.kind, title: visit.say(&entry.question), url, snippet }
            }
        })
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(180) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = text[..end].rfind(' ').unwrap_or(end);
            format!("{} …", &text[..cut])
        }
    }
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "search.html";

    fn head(&self, visit: &Visit) -> Head {
        let title = if self.query.is_empty() {
            visit.text("search.title")
        } else {
            format!("{}: {}", visit.text("search.title"), self.query)
        };
        Head::new(Section::Search, title).noindex()
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        ["hund", "hnud", "<script>alert(1)</script>", "", "xyzzy"].iter().map(|query| Self::of(visit, query)).collect()
    }
}
