//! Which address leads where, and the app that walks a request from the gate to the finished answer.

use std::{borrow::Cow, sync::Arc};

use poem::{
    Body, Endpoint, EndpointExt, IntoEndpoint, PathPattern, Request, Response, Route,
    endpoint::BoxEndpoint,
    error::ParsePathError,
    get,
    http::{HeaderValue, Method, StatusCode, header},
};
use poem_openapi::OpenApiService;

use super::{
    Page, Portal, Visit,
    cache::{Cached, matches},
    errors::{self, ErrorPage},
    gate::{Early, early_answer, redirect, tenant_of},
    headers,
    metrics::Handled,
    visit::InLocale,
};
use crate::{
    body::{Coding, Encoded},
    catalogue::{api::CatalogueApi, pages as services, search, situations, start},
    content::{machines, pages as content},
    locale::Locale,
    tenant::Tenant,
};

/// Pages every town has, without those of single services and situations.
pub const PAGES: [&str; 11] = [
    "/", "/dienstleistungen", "/faq", "/kontakt", "/anmelden", "/online-ausweis", "/impressum", "/datenschutz",
    "/barrierefreiheit", "/leichte-sprache", "/gebaerdensprache",
];

/// The whole web side as one endpoint that always answers.
pub struct App {
    portal: Arc<Portal>,
    routes: BoxEndpoint<'static>,
}

impl App {
    pub fn new(portal: Arc<Portal>) -> Self {
        let routes = routes(&portal).data(portal.clone()).boxed();
        Self { portal, routes }
    }

    async fn answer(&self, mut request: Request) -> Response {
        let tenant = match tenant_of(&self.portal, &request) {
            Ok(tenant) => tenant,
            Err(response) => return *response,
        };
        request.set_data(tenant.clone());
        request.set_data(self.portal.clone());
        let (locale, path) = split_locale(&tenant, request.uri().path());
        if let Some(locale) = &locale {
            request.set_data(InLocale(locale.clone()));
        }
        let visit = Visit::of(&request);
        let coding = Coding::accepted(request.header(header::ACCEPT_ENCODING).unwrap_or_default());
        let known = request.headers().get(header::IF_NONE_MATCH).cloned();
        let (mut response, route) = match early_answer(&tenant, &request) {
            Err(Early::Status(status)) => (errors::answer(&visit, status), Cow::Borrowed("refused")),
            Err(Early::Redirect(status, target)) => (redirect(status, &target), Cow::Borrowed("redirect")),
            Ok(()) => match asset(&tenant, &request, coding) {
                Some(response) => (response, Cow::Borrowed("/assets/:hash/:name")),
                None => self.routed(request, &visit, path).await,
            },
        };
        finish(&mut response, coding, known).await;
        response.extensions_mut().insert(Handled { tenant: Some(tenant.id.as_str().into()), route });
        response
    }

    async fn routed(&self, mut request: Request, visit: &Visit, path: String) -> (Response, Cow<'static, str>) {
        // the routes are the same in every locale: they see the path without it
        *request.uri_mut() = with_path(request.uri(), &path);
        match self.routes.call(request).await {
            Ok(response) if is_plain_error(&response) => (errors::answer(visit, response.status()), route_of(&response)),
            Ok(response) => {
                let route = route_of(&response);
                (response, route)
            }
            Err(error) => {
                let status = if error.is::<ParsePathError>() { StatusCode::NOT_FOUND } else { error.status() };
                if status.is_server_error() {
                    tracing::error!(tenant = %visit.tenant.id, request = %visit.request_id, %error, "a page failed");
                }
                (errors::answer(visit, status), Cow::Borrowed("error"))
            }
        }
    }
}

impl Endpoint for App {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let is_head = request.method() == Method::HEAD;
        let mut response = self.answer(request).await;
        headers::protect(&mut response);
        if is_head {
            let length = response.headers().get(header::CONTENT_LENGTH).cloned();
            response.set_body(Body::empty());
            if let Some(length) = length {
                response.headers_mut().insert(header::CONTENT_LENGTH, length);
            }
        }
        Ok(response)
    }
}

/// The template of the route that answered, told by the routes themselves.
#[derive(Debug, Clone)]
struct Answered(Arc<str>);

fn route_of(response: &Response) -> Cow<'static, str> {
    response.data::<Answered>().map_or(Cow::Borrowed("error"), |answered| Cow::Owned(answered.0.to_string()))
}

fn routes(portal: &Arc<Portal>) -> impl Endpoint<Output = Response> + use<> {
    let api = OpenApiService::new(CatalogueApi, "Service portal", "1.0.0")
        .description("The catalogue of services of one town. The host name decides which town answers.")
        .server("/api/v1");
    let specification = api.spec();
    let openapi = poem::endpoint::make_sync(move |_| {
        Response::builder().content_type("application/json").header("cache-control", "max-age=3600").body(specification.clone())
    });
    let page = |endpoint| cached(portal, endpoint, &[]);
    let mut routes = Route::new()
        .at("/", told(page(get(start::show).boxed())))
        .at("/dienstleistungen", told(cached(portal, get(services::list).boxed(), &services::ASKED)))
        .at("/dienstleistungen/:slug", told(page(get(services::show).boxed())))
        .at("/lebenslagen/:id", told(page(get(situations::show).boxed())))
        .at("/suche", told(get(search::show)))
        .at("/faq", told(page(get(content::show_faq).boxed())))
        .at("/kontakt", told(page(get(content::show_contact).boxed())))
        .at("/anmelden", told(page(get(content::show_login).boxed())))
        .at("/online-ausweis", told(page(get(content::show_online_id).boxed())))
        .at("/barrierefreiheit", told(page(get(content::show_accessibility).boxed())))
        .at("/api", told(page(get(content::show_api).boxed())))
        .at("/robots.txt", told(get(machines::robots)))
        .at("/sitemap.xml", told(get(machines::sitemap)))
        .at("/.well-known/security.txt", told(get(machines::security)))
        .at("/api/v1/openapi.json", told(get(openapi)))
        .nest("/api/v1", told(api));
    for name in content::CONTENT_PAGES {
        routes = routes.at(format!("/{name}"), told(page(get(content::show_content).boxed())));
    }
    routes.map_to_response()
}

fn cached<E: Endpoint + 'static>(portal: &Arc<Portal>, inner: E, query: &'static [&'static str]) -> Cached<E> {
    Cached { inner, portal: portal.clone(), query }
}

/// Lets a response say which route it came from.
fn told<E: IntoEndpoint>(endpoint: E) -> impl Endpoint<Output = Response>
where
    E::Endpoint: 'static,
{
    endpoint.into_endpoint().map_to_response().around(|endpoint, request: Request| async move {
        let pattern = request.data::<PathPattern>().map(|pattern| pattern.0.clone());
        let mut response = endpoint.call(request).await?;
        if let Some(pattern) = pattern {
            response.extensions_mut().insert(Answered(pattern));
        }
        Ok(response)
    })
}

/// Errors that a library answered by itself carry no words of ours; the API's own carry theirs.
fn is_plain_error(response: &Response) -> bool {
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let is_ours = response.content_type().is_some_and(|kind| kind.starts_with("application/problem+json"));
    is_error && !is_ours
}

/// `/en/faq` is `/faq` in English, where the town offers English.
fn split_locale(tenant: &Tenant, path: &str) -> (Option<Locale>, String) {
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let first = parts.next().unwrap_or_default();
    match tenant.has_locale(first).filter(|locale| !locale.is_german()) {
        Some(locale) => (Some(locale.clone()), format!("/{}", parts.next().unwrap_or_default())),
        None => (None, path.to_owned()),
    }
}

fn with_path(uri: &poem::http::Uri, path: &str) -> poem::http::Uri {
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    target.parse().unwrap_or_else(|_| uri.clone())
}

/// Files under the address that carries their hash; a page of yesterday still finds today's file.
fn asset(tenant: &Tenant, request: &Request, coding: Coding) -> Option<Response> {
    let (hash, name) = request.uri().path().strip_prefix("/assets/")?.split_once('/')?;
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let asset = tenant.asset(name).filter(|_| is_read)?;
    let caching = if hash == asset.hash { "public, max-age=31536000, immutable" } else { "no-cache" };
    let etag = format!("W/\"{}\"", asset.hash);
    let (coding, bytes) = asset.body.choose(coding);
    let mut response = Response::builder()
        .header(header::CACHE_CONTROL, caching)
        .header(header::ETAG, &etag)
        .header(header::VARY, "Accept-Encoding")
        .content_type(asset.content_type);
    if let Some(token) = coding.token() {
        response = response.header(header::CONTENT_ENCODING, token);
    }
    // a drawing opened by itself may bring its own looks, and nothing else
    if asset.content_type == "application/octet-stream" {
        response = response.header(header::CONTENT_DISPOSITION, "attachment");
    }
    Some(response.body(Body::from_bytes(bytes.clone())))
}

/// What was not prepared by the cache is compressed here, and a known version is not sent again.
async fn finish(response: &mut Response, coding: Coding, known: Option<HeaderValue>) {
    if let (Some(known), Some(etag)) = (&known, response.headers().get(header::ETAG))
        && response.status() == StatusCode::OK
        && matches(known, etag)
    {
        response.set_status(StatusCode::NOT_MODIFIED);
        response.set_body(Body::empty());
        for name in [header::CONTENT_ENCODING, header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            response.headers_mut().remove(name);
        }
        return;
    }
    let compressible = response.content_type().is_some_and(|kind| {
        ["text/", "application/json", "application/xml", "application/problem+json"].iter().any(|known| kind.starts_with(known))
    });
    let prepared = response.headers().contains_key(header::CONTENT_ENCODING) || response.headers().contains_key(header::VARY);
    if prepared || !compressible || coding == Coding::Identity {
        return;
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Encoding"));
    let Ok(bytes) = response.take_body().into_bytes().await else { return };
    let encoded = Encoded::for_one(bytes, coding);
    let (coding, bytes) = encoded.choose(coding);
    if let Some(token) = coding.token() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    response.set_body(Body::from_bytes(bytes.clone()));
}

/// Renders every sample of every page of a town in one locale: `(template, html or what failed)`.
pub fn all_samples(visit: &Visit) -> Vec<(&'static str, crate::error::Result<String>)> {
    fn of<P: Page>(visit: &Visit, rendered: &mut Vec<(&'static str, crate::error::Result<String>)>) {
        let samples = P::samples(visit).into_iter();
        rendered.extend(samples.map(|page| (P::TEMPLATE, visit.render(&page).map(|page| page.html))));
    }
    let mut rendered = Vec::new();
    of::<start::StartPage>(visit, &mut rendered);
    of::<services::ServicesPage>(visit, &mut rendered);
    of::<services::ServicePage>(visit, &mut rendered);
    of::<situations::SituationPage>(visit, &mut rendered);
    of::<search::SearchPage>(visit, &mut rendered);
    of::<content::FaqPage>(visit, &mut rendered);
    of::<content::ContactPage>(visit, &mut rendered);
    of::<content::LoginPage>(visit, &mut rendered);
    of::<content::OnlineIdPage>(visit, &mut rendered);
    of::<content::ContentPage>(visit, &mut rendered);
    of::<content::AccessibilityPage>(visit, &mut rendered);
    of::<content::ApiPage>(visit, &mut rendered);
    of::<ErrorPage>(visit, &mut rendered);
    rendered
}
