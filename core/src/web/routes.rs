//! Which address leads where, and the app that walks a request from the gate to the finished answer.

use std::{borrow::Cow, sync::Arc};

use poem::{
    Endpoint, EndpointExt, IntoEndpoint, PathPattern, Request, Response, Route,
    endpoint::BoxEndpoint,
    http::{Method, StatusCode, header},
};
use poem_openapi::OpenApiService;

use super::{
    Portal, Rendered, Visit,
    cache::{self, Cached, SESSION_COOKIE},
    errors::{self, Failure},
    front_door::{Envelope, Leaflets},
    gate::{Early, early_answer, redirect, tenant_of},
    headers::{self, FormAction, Sandboxed},
    methods::{Methods, get, post},
    metrics::Handled,
    origin::OwnOrigin,
    send::{self, AN_HOUR},
    throttle::{Budget, throttled},
    visit::InLocale,
};
use crate::{
    api::{self, Api},
    body::Coding,
    cases::doors as cases,
    catalogue::{a_to_z, search, service, situations, start},
    content::{
        machines,
        message::{self, SENT},
        pages as content,
    },
    desk::doors as desk,
    error::Error,
    forms::doors as assistant,
    identity::{NotLookedUp, cookies, doors, sessions},
    keeping::doors as keeping,
    locale::Locale,
    mailbox::doors as mailbox,
    moves::doors as moves,
    staff::{self, password},
    tenant::Tenant,
    theme::short_hash,
};

/// Pages every town has, without those of single services and situations.
pub const PAGES: [&str; 11] = [
    "/",
    "/dienstleistungen",
    "/faq",
    "/kontakt",
    "/anmelden",
    "/online-ausweis",
    "/impressum",
    "/datenschutz",
    "/barrierefreiheit",
    "/leichte-sprache",
    "/gebaerdensprache",
];

/// Addresses behind a login: there for whoever may, and a closed door for whoever only looks.
pub const PRIVATE: [&str; 15] = [
    "/abmelden",
    "/meine-daten",
    "/meine-daten/",
    "/antraege/",
    "/vorgaenge",
    "/vorgaenge/",
    "/postkorb",
    "/postkorb/",
    "/verwaltung",
    "/verwaltung/",
    "/anmelden/",
    "/registrieren",
    "/registrieren/",
    "/passwort-vergessen",
    "/passwort-vergessen/",
];

/// Whether an address without its language leads behind a login, or to one.
pub fn is_private(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    PRIVATE.iter().any(|private| path == *private || private.ends_with('/') && path.starts_with(private))
}

/// Files of the theme and of the town; answered before the router.
const ASSETS: &str = "/assets/:hash/:name";

/// The whole web side as one endpoint that always answers.
pub struct App {
    portal: Arc<Portal>,
    routes: BoxEndpoint<'static>,
    templates: Vec<String>,
    open_to_others: Vec<String>,
}

impl App {
    pub fn new(portal: Arc<Portal>) -> Self {
        let Table { routes, mut templates, open_to_others } = routes(&portal);
        templates.push(ASSETS.to_owned());
        let routes = routes.map_to_response().data(portal.clone()).boxed();
        Self { portal, routes, templates, open_to_others }
    }

    /// Every address the portal answers, as templates; each stands for itself and, below its prefix, for every locale.
    pub fn templates(&self) -> &[String] {
        &self.templates
    }

    /// The few addresses to which other sites may send something that changes anything.
    pub fn open_to_others(&self) -> &[String] {
        &self.open_to_others
    }

    /// The pages of the cache, for the front door to hand out.
    pub fn leaflets(&self) -> Leaflets {
        let portal = self.portal.clone();
        Arc::new(move |envelope| cache::leaflet(&portal, envelope))
    }

    async fn answer(&self, mut request: Request) -> Response {
        let tenant = match tenant_of(&self.portal, &Envelope::of(&request)) {
            Ok(tenant) => tenant,
            Err(response) => return *response,
        };
        request.set_data(tenant.clone());
        request.set_data(self.portal.clone());
        let (locale, path) = split_locale(&tenant, request.uri().path());
        if let Some(locale) = &locale {
            request.set_data(InLocale(locale.clone()));
        }
        let coding = Coding::accepted(request.header(header::ACCEPT_ENCODING).unwrap_or_default());
        let known = request.headers().get(header::IF_NONE_MATCH).cloned();
        // files are the same for everybody: nobody is looked up for them
        let asset = send::asset(&tenant, &request, coding);
        let stale = asset.is_none() && self.recognise(&tenant, &mut request).await;
        let visit = Visit::of(&request);
        let (mut response, route) = match (early_answer(&tenant, request.uri()), asset) {
            (Err(Early::Status(status)), _) => (errors::answer(&visit, status.into()), Cow::Borrowed("refused")),
            (Err(Early::Redirect(status, target)), _) => (redirect(status, &target), Cow::Borrowed("redirect")),
            (Ok(()), Some(response)) => (response, Cow::Borrowed(ASSETS)),
            (Ok(()), None) => self.routed(request, &visit, path).await,
        };
        if visit.person.is_some() {
            response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        } else if stale && !response.headers().contains_key(header::SET_COOKIE) {
            cookies::clear_session(&mut response, SESSION_COOKIE);
        }
        send::finish(&mut response, &tenant, self.portal.clock.now(), coding, known).await;
        response.extensions_mut().insert(Arc::new(Handled::new(Some(tenant.id.as_str().into()), route)));
        response
    }

    /// Whose session the request brings. Pages answer without a data room: whoever cannot be recognised is nobody for
    /// them. `true` if the cookie is one of a session that is over.
    async fn recognise(&self, tenant: &Arc<Tenant>, request: &mut Request) -> bool {
        let Some(token) = cookies::session(request) else { return false };
        let store = self.portal.store.for_tenant(tenant);
        match sessions::recognise(&store, tenant, &self.portal.logins, token, self.portal.clock.now()).await {
            Ok(Some(session)) => {
                request.set_data(Arc::new(session));
                false
            }
            Ok(None) => true,
            Err(error) => {
                tracing::warn!(tenant = %tenant.id, %error, "a session could not be looked up");
                request.set_data(NotLookedUp);
                false
            }
        }
    }

    async fn routed(&self, mut request: Request, visit: &Visit, path: String) -> (Response, Cow<'static, str>) {
        let method = request.method().clone();
        // the routes are the same in every locale: they see the path without it
        *request.uri_mut() = with_path(request.uri(), &path);
        match self.routes.call(request).await {
            Ok(response) if is_plain_error(&response) => {
                (errors::answer(visit, response.status().into()), route_of(&response))
            }
            Ok(response) => {
                let route = route_of(&response);
                (response, route)
            }
            // whoever has to log in first is led there
            Err(error) if error.is_from_response() => {
                let route = error.data::<Answered>().map_or("error".into(), |answered| answered.0.to_string());
                (error.into_response(), Cow::Owned(route))
            }
            Err(error) => {
                let failure = Failure::of(&error, &method);
                let answered = error.data::<Answered>();
                let route = answered.map_or(Cow::Borrowed("error"), |answered| Cow::Owned(answered.0.to_string()));
                if failure.status.is_server_error() {
                    tracing::error!(tenant = %visit.tenant.id, request = %visit.request_id, %route, %error, "a page failed");
                }
                (errors::answer(visit, failure), route)
            }
        }
    }
}

impl Endpoint for App {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let is_head = request.method() == Method::HEAD;
        // asked as GET, so that HEAD tells exactly what GET would send
        if is_head {
            request.set_method(Method::GET);
        }
        let mut response = self.answer(request).await;
        headers::protect(response.headers_mut());
        if let Some(action) = response.data::<FormAction>().cloned() {
            headers::allow_form(response.headers_mut(), &action);
        }
        if response.data::<Sandboxed>().is_some() {
            headers::sandbox(response.headers_mut());
        }
        if is_head && response.status() != StatusCode::NOT_MODIFIED {
            let body = response.take_body();
            // a file says how long it is, and need not be read for it
            if !response.headers().contains_key(header::CONTENT_LENGTH) {
                let length = body.into_bytes().await.map_or(0, |bytes| bytes.len());
                response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
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

/// The router and the lists of what it knows, grown together so that none can know more than the other.
struct Table {
    routes: Route,
    templates: Vec<String>,
    open_to_others: Vec<String>,
}

impl Table {
    /// Changes are taken from our own pages only.
    fn at<E: IntoEndpoint + 'static>(mut self, template: &str, endpoint: E) -> Self
    where
        E::Endpoint: 'static,
    {
        self.templates.push(template.to_owned());
        self.routes = self.routes.at(template, told(OwnOrigin(endpoint.into_endpoint())));
        self
    }

    /// Other sites may send here, as a login provider does with its answer: the endpoint makes sure itself who asks.
    fn open_at<E: IntoEndpoint + 'static>(mut self, template: &str, endpoint: E) -> Self
    where
        E::Endpoint: 'static,
    {
        self.templates.push(template.to_owned());
        self.open_to_others.push(template.to_owned());
        self.routes = self.routes.at(template, told(endpoint));
        self
    }

    /// The operations of an API are told by its own description. What changes something is taken from
    /// our own pages only, as everywhere.
    fn nest_api(mut self, prefix: &str, api: OpenApiService<Api, ()>) -> Self {
        let description = api::description(&api);
        let paths = description["paths"].as_object().into_iter().flatten();
        self.templates.extend(paths.map(|(path, _)| format!("{prefix}{path}")));
        let endpoint = api.into_endpoint().around(move |endpoint, request| {
            let only_takes = api::only_takes(&description, request.uri().path());
            async move {
                let refused = |error: poem::Error| match error.status() {
                    StatusCode::METHOD_NOT_ALLOWED if only_takes => Error::MethodNotAllowed { allowed: "POST" }.into(),
                    _ => error,
                };
                endpoint.call(request).await.map_err(refused)
            }
        });
        self.routes = self.routes.nest(prefix, told(OwnOrigin(endpoint)));
        self
    }
}

fn routes(portal: &Arc<Portal>) -> Table {
    let api = api::service();
    let specification = api::description(&api).to_string();
    let etag = format!("W/\"{}\"", short_hash(specification.as_bytes()));
    let openapi = poem::endpoint::make_sync(move |_| {
        let response = Response::builder().content_type("application/json").header(header::ETAG, &etag);
        response.header(header::CACHE_CONTROL, AN_HOUR).body(specification.clone())
    });
    let page = |endpoint: Methods| cached(portal, endpoint, &[]);
    let contact = get(content::show_contact).post(throttled(Budget::Mail, message::to_the_town));
    let accessibility = get(content::show_accessibility).post(throttled(Budget::Mail, message::about_a_barrier));
    let mut table = Table { routes: Route::new(), templates: Vec::new(), open_to_others: Vec::new() }
        .at("/", page(get(start::show)))
        .at("/dienstleistungen", cached(portal, get(a_to_z::list), &a_to_z::ASKED))
        .at("/dienstleistungen/:slug", page(get(service::show)))
        .at(
            "/dienstleistungen/:slug/antrag",
            get(assistant::show_beginning).post(throttled(Budget::Forms, assistant::set_out)),
        )
        .at("/dienstleistungen/:slug/antrag/vorschau", get(assistant::show_preview))
        .at("/antraege/:id", get(assistant::show_draft).post(assistant::change_draft))
        .at("/antraege/:id/pruefen", get(assistant::show_review).post(throttled(Budget::Forms, assistant::submit)))
        .at("/antraege/:id/gesendet", get(assistant::show_sent))
        .at("/antraege/:id/kopie.json", get(assistant::copy_json))
        .at("/antraege/:id/kopie.pdf", get(assistant::copy_pdf))
        .at("/antraege/:id/dateien/:datei", get(assistant::fetch_file))
        .at("/antraege/:id/:schritt", get(assistant::show_step).post(throttled(Budget::Answers, assistant::save_step)))
        .at("/vorgaenge", get(cases::list))
        .at("/vorgaenge/:nummer", get(cases::show).post(cases::change))
        .at("/vorgaenge/:nummer/kopie.json", get(cases::copy_json))
        .at("/vorgaenge/:nummer/kopie.pdf", get(cases::copy_pdf))
        .at("/vorgaenge/:nummer/dateien/:datei", get(cases::fetch_file))
        .at("/vorgang-abfragen", throttled(Budget::Login, get(cases::ask).post(cases::look_up)))
        .at("/postkorb", get(mailbox::list).post(mailbox::set))
        .at("/postkorb/neu", get(mailbox::compose).post(throttled(Budget::Messages, mailbox::send)))
        .at("/postkorb/:id", get(mailbox::show).post(throttled(Budget::Messages, mailbox::change)))
        .at("/postkorb/:id/kopie.pdf", get(mailbox::copy_pdf))
        .at("/postkorb/:id/kopie.zip", get(mailbox::copy_zip))
        .at("/postkorb/:id/bescheide/:nachricht", get(mailbox::decision_pdf))
        .at("/postkorb/:id/dateien/:datei", get(mailbox::fetch_file))
        .at("/lebenslagen/:id", page(get(situations::show)))
        .at("/suche", throttled(Budget::Search, get(search::show)))
        .at("/suche/vorschlaege", throttled(Budget::Search, get(search::suggest)))
        .at("/faq", page(get(content::show_faq)))
        .at("/kontakt", cached(portal, contact, &[SENT]))
        .at("/anmelden", get(doors::login::show))
        .at("/anmelden/:provider", throttled(Budget::Login, get(doors::login::begin).post(doors::login::choose)))
        .at(
            "/registrieren",
            get(doors::own::register::show).post(throttled(Budget::Login, doors::own::register::write)),
        )
        .at(
            "/registrieren/pruefen",
            get(doors::own::register::check).post(throttled(Budget::Mail, doors::own::register::ask)),
        )
        .at(
            "/registrieren/bestaetigen/:link",
            throttled(Budget::Login, get(doors::own::register::look_at).post(doors::own::register::confirm)),
        )
        .at(
            "/passwort-vergessen",
            get(doors::own::forgotten::show).post(throttled(Budget::Mail, doors::own::forgotten::ask)),
        )
        .at(
            "/passwort-vergessen/:link",
            throttled(Budget::Login, get(doors::own::forgotten::look_at).post(doors::own::forgotten::set)),
        )
        .at("/saml/:provider/metadata", get(doors::saml::metadata))
        .open_at("/saml/:provider/acs", throttled(Budget::Login, post(doors::saml::acs_answers)))
        .at("/oidc/:provider/callback", get(doors::oidc::returns))
        .at("/abmelden", get(doors::logout::ask).post(doors::logout::leave))
        .at("/verwaltung", get(desk::overview::show))
        .at("/verwaltung/vorgaenge", get(desk::list::show).post(desk::list::change))
        .at("/verwaltung/vertretung", get(desk::substitute::show).post(desk::substitute::change))
        .at("/verwaltung/vorgaenge/neu", get(desk::new::show).post(desk::new::enter))
        .at("/verwaltung/vorgaenge/:nummer", get(desk::case::show).post(desk::deeds::change))
        .at("/verwaltung/vorgaenge/:nummer/akte.zip", get(desk::case_file::take))
        .at("/verwaltung/uebergaben", get(desk::deliveries::show).post(desk::deliveries::retry))
        .at("/verwaltung/vorgaenge/:nummer/dateien/:datei", get(desk::file::fetch))
        .at("/verwaltung/vorgaenge/:nummer/briefe/:brief", get(desk::post::letter_pdf))
        .at("/verwaltung/vorgaenge/:nummer/nachrichten.pdf", get(desk::post::thread_pdf))
        .at("/verwaltung/post", get(desk::post::show).post(desk::post::posted))
        .at("/verwaltung/nachrichten", get(desk::messages::list))
        .at("/verwaltung/nachrichten/:id", get(desk::messages::show).post(desk::messages::answer))
        .at("/verwaltung/nachrichten/:id/kopie.pdf", get(desk::messages::copy_pdf))
        .at("/verwaltung/nachrichten/:id/dateien/:datei", get(desk::file::fetch_of_thread))
        .at("/verwaltung/statistik", get(desk::statistics::show))
        .at("/verwaltung/statistik.csv", get(desk::statistics::csv))
        .at("/verwaltung/anmelden", get(staff::show).post(throttled(Budget::Staff, staff::enter)))
        .at("/verwaltung/anmelden/code", get(staff::code).post(throttled(Budget::Staff, staff::set_up)))
        .at("/verwaltung/anmelden/:provider", throttled(Budget::Staff, get(staff::choose)))
        .at("/verwaltung/abmelden", post(staff::leave))
        .at("/verwaltung/passwort", get(password::show).post(throttled(Budget::Staff, password::change)))
        .at("/meine-daten", get(doors::my_data::show))
        .at("/meine-daten/sitzungen", get(doors::my_data::list).post(doors::my_data::end))
        .at("/meine-daten/einsicht", get(keeping::show_seen))
        .at("/meine-daten/export", get(keeping::offer).post(throttled(Budget::Exports, keeping::hand_out)))
        .at("/meine-daten/loeschen", get(keeping::ask).post(keeping::change))
        .at(
            "/meine-daten/sicherheit",
            get(doors::own::security::show).post(throttled(Budget::Login, doors::own::security::change)),
        )
        .at("/meine-daten/aendern", get(doors::own_data::show).post(throttled(Budget::Forms, doors::own_data::change)))
        .at(
            "/meine-daten/e-mail/:link",
            get(doors::own_data::ask_to_confirm).post(throttled(Budget::Login, doors::own_data::confirm)),
        )
        .at(
            "/meine-daten/einspruch/:link",
            get(doors::own_data::ask_to_object).post(throttled(Budget::Login, doors::own_data::take_back)),
        )
        .at("/meine-daten/altes-konto", get(moves::ask).post(throttled(Budget::Mail, moves::look)))
        .at("/meine-daten/altes-konto/:link", get(moves::consider).post(throttled(Budget::Login, moves::take_over)))
        .at("/verwaltung/umzuege", get(moves::list).post(moves::undo))
        .at("/online-ausweis", page(get(content::show_online_id)))
        .at("/barrierefreiheit", cached(portal, accessibility, &[SENT]))
        .at("/api", page(get(content::show_api)))
        .at("/robots.txt", get(machines::robots))
        .at("/sitemap.xml", get(machines::sitemap))
        .at("/opensearch.xml", get(machines::opensearch))
        .at("/.well-known/security.txt", get(machines::security))
        .at("/api/v1/openapi.json", get(openapi))
        .nest_api("/api/v1", api);
    for name in content::CONTENT_PAGES {
        table = table.at(&format!("/{name}"), page(get(content::show_content)));
    }
    table
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
        match (endpoint.call(request).await, pattern) {
            (Ok(mut response), Some(pattern)) => {
                response.extensions_mut().insert(Answered(pattern));
                Ok(response)
            }
            (Err(mut error), Some(pattern)) => {
                error.set_data(Answered(pattern));
                Err(error)
            }
            (outcome, None) => outcome,
        }
    })
}

/// Errors that a library answered by itself carry no words of ours; pages and the API's own carry theirs.
fn is_plain_error(response: &Response) -> bool {
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let is_problem = response.content_type().is_some_and(|kind| kind.starts_with("application/problem+json"));
    let is_page = response.data::<Rendered>().is_some();
    is_error && !is_problem && !is_page && response.data::<Rendered>().is_none()
}

/// `/en/faq` is `/faq` in English, where the town offers English.
fn split_locale(tenant: &Tenant, path: &str) -> (Option<Locale>, String) {
    let mut parts = path.strip_prefix('/').unwrap_or(path).splitn(2, '/');
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
