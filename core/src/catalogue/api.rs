//! The catalogue for machines: `/api/v1/…`, JSON, one town per host.

use std::sync::Arc;

use poem::{
    Request,
    http::{StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi, OpenApiService,
    param::{Path, Query},
    payload::Json,
    types::ToJSON,
};

use serde_json::{Value, json};

use super::search;
use crate::{
    error::Error,
    locale::Locale,
    tenant::{
        Tenant, Text,
        schema::{Level, Service},
    },
    theme::short_hash,
    web::{Budget, Visit, is_known, spend},
};

pub struct CatalogueApi;

/// `openapi.json`: what the macros tell, with the two things they leave out – fields that are there and null, and the
/// answer to parameters that do not fit.
pub fn description<T: OpenApi + 'static>(api: &OpenApiService<T, ()>) -> Value {
    let mut description: Value = serde_json::from_str(&api.spec()).expect("a description is JSON");
    for schema in objects_in(&mut description, "/components/schemas") {
        let required = schema.get("required").cloned().unwrap_or_default();
        let required: Vec<String> = serde_json::from_value(required).unwrap_or_default();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
        properties.filter(|(name, _)| !required.contains(name)).for_each(|(_, field)| field["nullable"] = json!(true));
    }
    let problem = json!({
        "description": "A parameter is missing or does not fit.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    for path in objects_in(&mut description, "/paths") {
        if path["get"]["parameters"].as_array().is_some_and(|parameters| !parameters.is_empty()) {
            path["get"]["responses"]["400"] = problem.clone();
        }
    }
    description
}

fn objects_in<'a>(description: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    let all = description.pointer_mut(pointer).and_then(Value::as_object_mut);
    all.into_iter().flatten().map(|(_, object)| object)
}

/// A service as it stands in the list.
#[derive(Debug, Object)]
struct ServiceItem {
    /// Stable name of the service in this town.
    id: String,
    /// Last part of its address.
    slug: String,
    title: String,
    /// Key of the national catalogue (LeiKa), 14 digits.
    leika: Option<String>,
    summary: String,
    /// Whether it can be done on the web, here or elsewhere.
    online: bool,
    /// Which login is enough.
    login: LoginLevel,
    /// Last change of content (ISO 8601).
    updated: Option<String>,
}

#[derive(Debug, Object)]
struct ServiceList {
    services: Vec<ServiceItem>,
}

/// One service with everything that is known about it. Texts are Markdown in German.
#[derive(Debug, Object)]
struct ServiceDetail {
    id: String,
    slug: String,
    url: String,
    title: String,
    leika: Option<String>,
    summary: String,
    online: bool,
    login: LoginLevel,
    updated: Option<String>,
    reviewed: Option<String>,
    who: Option<String>,
    documents: Vec<String>,
    fees: Vec<FeeItem>,
    deadlines: Vec<String>,
    duration: Option<String>,
    steps: Vec<String>,
    legal_basis: Vec<String>,
    /// Id of the responsible office.
    responsible: Option<String>,
    categories: Vec<String>,
    remedy: Option<String>,
    /// Some data of this service is invented.
    example: bool,
}

#[derive(Debug, Object)]
struct FeeItem {
    text: String,
    /// In cents.
    amount: Option<u64>,
    example: bool,
}

#[derive(Debug, Object)]
struct SearchResults {
    results: Vec<SearchResult>,
}

#[derive(Debug, Object)]
struct SearchResult {
    kind: ResultKind,
    id: String,
    slug: String,
    title: String,
    leika: Option<String>,
    url: String,
    /// Higher is better; comparable only within one answer.
    score: u32,
}

#[derive(Debug, Enum)]
#[oai(rename_all = "lowercase")]
enum ResultKind {
    Service,
    Faq,
}

#[derive(Debug, Enum)]
#[oai(rename_all = "lowercase")]
enum LoginLevel {
    None,
    Basis,
    Substantiell,
    Hoch,
}

impl From<Level> for LoginLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::None => Self::None,
            Level::Basis => Self::Basis,
            Level::Substantiell => Self::Substantiell,
            Level::Hoch => Self::Hoch,
        }
    }
}

/// A problem in the form of RFC 9457.
#[derive(Debug, Object)]
struct Problem {
    #[oai(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    request_id: String,
}

impl Problem {
    fn of(status: StatusCode, visit: &Visit) -> Self {
        Self {
            kind: "about:blank".into(),
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            request_id: visit.request_id.to_string(),
        }
    }
}

#[derive(ApiResponse)]
enum ListAnswer {
    /// All services of this town.
    #[oai(status = 200)]
    Ok(Json<ServiceList>, #[oai(header = "ETag")] String),
    /// Nothing has changed since.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
}

#[derive(ApiResponse)]
enum DetailAnswer {
    #[oai(status = 200)]
    Ok(Json<Box<ServiceDetail>>, #[oai(header = "ETag")] String),
    /// Nothing has changed since.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
    /// This town has no such service.
    #[oai(status = 404, content_type = "application/problem+json")]
    NotFound(Json<Problem>),
}

#[derive(ApiResponse)]
enum SearchAnswer {
    #[oai(status = 200)]
    Ok(Json<SearchResults>, #[oai(header = "ETag")] String),
    /// Nothing has changed since.
    #[oai(status = 304)]
    NotModified(#[oai(header = "ETag")] String),
    /// Too many searches came from one connection; `Retry-After` says when to come back.
    #[oai(status = 429, content_type = "application/problem+json")]
    TooMany(Json<Problem>, #[oai(header = "Retry-After")] u64),
}

#[OpenApi]
impl CatalogueApi {
    /// Lists all services of the town
    #[oai(path = "/services", method = "get")]
    async fn services(&self, request: &Request) -> ListAnswer {
        let tenant = tenant(request);
        let list = ServiceList { services: tenant.services.iter().map(|service| item(tenant, service)).collect() };
        match known_tag(request, &list) {
            (etag, true) => ListAnswer::NotModified(etag),
            (etag, false) => ListAnswer::Ok(Json(list), etag),
        }
    }

    /// Shows one service
    #[oai(path = "/services/:id", method = "get")]
    async fn service(&self, request: &Request, id: Path<String>) -> DetailAnswer {
        let visit = Visit::of(request);
        let Some(service) = visit.tenant.service(&id.0).or_else(|| visit.tenant.service_at(&id.0)) else {
            return DetailAnswer::NotFound(Json(Problem::of(StatusCode::NOT_FOUND, &visit)));
        };
        let detail = detail(service, &visit);
        match known_tag(request, &detail) {
            (etag, true) => DetailAnswer::NotModified(etag),
            (etag, false) => DetailAnswer::Ok(Json(Box::new(detail)), etag),
        }
    }

    /// Searches services and help
    #[oai(path = "/search", method = "get")]
    async fn search(
        &self,
        request: &Request,
        /// Words to look for
        #[oai(validator(max_length = 500))]
        q: Query<String>,
    ) -> SearchAnswer {
        let visit = Visit::of(request);
        if let Err(Error::Throttled { seconds }) = spend(Budget::Search, request) {
            return SearchAnswer::TooMany(Json(Problem::of(StatusCode::TOO_MANY_REQUESTS, &visit)), seconds);
        }
        let hits = search::search(&visit.tenant, &visit.locale, &search::tidy(&q.0));
        let results = SearchResults { results: hits.iter().map(|hit| result(hit, &visit)).collect() };
        match known_tag(request, &results) {
            (etag, true) => SearchAnswer::NotModified(etag),
            (etag, false) => SearchAnswer::Ok(Json(results), etag),
        }
    }
}

fn tenant(request: &Request) -> &Arc<Tenant> {
    request.data::<Arc<Tenant>>().expect("the gate ran")
}

/// The tag of an answer, and whether the client has it already.
fn known_tag(request: &Request, answer: &impl ToJSON) -> (String, bool) {
    let etag = format!("W/\"{}\"", short_hash(answer.to_json_string().as_bytes()));
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| is_known(known, &etag));
    (etag, known)
}

fn german(tenant: &Tenant, text: &Text) -> String {
    tenant.words(text, &Locale::german()).into_owned()
}

fn item(tenant: &Tenant, service: &Service) -> ServiceItem {
    let german = |text: &Text| german(tenant, text);
    ServiceItem {
        id: service.id.clone(),
        slug: service.slug().to_owned(),
        title: german(&service.title),
        leika: leika(service),
        summary: german(&service.short),
        online: service.is_online(),
        login: service.login.into(),
        updated: service.updated.map(|date| date.to_string()),
    }
}

fn leika(service: &Service) -> Option<String> {
    service.leika.as_ref().map(|key| key.digits().to_owned())
}

fn detail(service: &Service, visit: &Visit) -> ServiceDetail {
    let german = |text: &Text| german(&visit.tenant, text);
    let texts = |texts: &[Text]| texts.iter().map(german).collect();
    let responsible = match &service.responsible {
        crate::tenant::schema::Responsible::Office { id, .. } => Some(id.clone()),
        crate::tenant::schema::Responsible::Here(_) | crate::tenant::schema::Responsible::TownHall => None,
    };
    ServiceDetail {
        id: service.id.clone(),
        slug: service.slug().to_owned(),
        url: format!("{}/dienstleistungen/{}", visit.portal.public.of_town(&visit.tenant), service.slug()),
        title: german(&service.title),
        leika: leika(service),
        summary: german(&service.short),
        online: service.is_online(),
        login: service.login.into(),
        updated: service.updated.map(|date| date.to_string()),
        reviewed: service.reviewed.map(|date| date.to_string()),
        who: service.who.as_ref().map(german),
        documents: service.documents.iter().map(|document| german(&document.text)).collect(),
        fees: service
            .fees
            .iter()
            .map(|fee| FeeItem { text: german(&fee.text), amount: fee.amount, example: fee.example })
            .collect(),
        deadlines: texts(&service.deadlines),
        duration: service.duration.as_ref().map(german),
        steps: texts(&service.steps),
        legal_basis: service.legal_basis.iter().map(|law| german(&law.title)).collect(),
        responsible,
        categories: service.categories.clone(),
        remedy: service.remedy.as_ref().map(german),
        example: service.example,
    }
}

fn result(hit: &search::Hit, visit: &Visit) -> SearchResult {
    let german = |text: &Text| german(&visit.tenant, text);
    let service = visit.tenant.service(&hit.id).filter(|_| hit.kind == search::Kind::Service);
    let question = || {
        let mut entries = visit.tenant.faq.entries.iter().enumerate();
        entries
            .find(|(i, entry)| crate::content::faq_id(&visit.tenant, entry, *i) == hit.id)
            .map(|(_, entry)| german(&entry.question))
    };
    SearchResult {
        kind: match hit.kind {
            search::Kind::Service => ResultKind::Service,
            search::Kind::Faq => ResultKind::Faq,
        },
        id: hit.id.clone(),
        slug: hit.slug.clone(),
        title: service.map(|service| german(&service.title)).or_else(question).unwrap_or_default(),
        leika: service.and_then(|service| leika(service)),
        url: search::url_of(hit, visit),
        score: hit.score,
    }
}
