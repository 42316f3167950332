//! Suggestions while somebody types.

use poem::{
    handler,
    web::{Json, Query},
};
use serde::Serialize;

use super::{Hit, Kind, answer_of, page::Asked, search, tidy, url_of};
use crate::web::Visit;

const MOST: usize = 7;

#[derive(Debug, Serialize)]
struct Suggestions {
    query: String,
    suggestions: Vec<Suggestion>,
}

#[derive(Debug, Serialize)]
struct Suggestion {
    title: String,
    url: String,
    kind: Kind,
    /// Set when the title fell back to German.
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<&'static str>,
}

/// `/suche/vorschlaege?q=`
#[handler]
pub fn suggest(visit: Visit, asked: Option<Query<Asked>>) -> Json<Suggestions> {
    let query = tidy(&asked.map(|Query(asked)| asked.q).unwrap_or_default());
    let hits = search(&visit.tenant, &visit.locale, &query);
    let suggestions = hits.iter().filter_map(|hit| Suggestion::of(hit, &visit)).take(MOST).collect();
    Json(Suggestions { query, suggestions })
}

impl Suggestion {
    fn of(hit: &Hit, visit: &Visit) -> Option<Self> {
        let title = match hit.kind {
            Kind::Service => visit.say(&visit.tenant.service(&hit.id)?.title),
            Kind::Faq => visit.say(&answer_of(hit, visit)?.question),
        };
        Some(Self { title: title.text, url: url_of(hit, visit), kind: hit.kind, lang: title.lang })
    }
}
