//! A town as its visitors get it, without a server: every page in every language, through the real gate and routes.
//!
//! What looks at whole towns – the white-label check, the plan of a change – asks here, so that a page that is new in
//! the routes is looked at by both. Invariant: nothing is kept between two pages; each is made for whoever asks.

use std::sync::Arc;

use futures_util::FutureExt;
use poem::{
    Body, Endpoint, Request, RequestParts,
    http::{self, StatusCode, header, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};

use crate::{
    clock::Clock,
    config::PublicOrigin,
    config::rates::Rates,
    content::pages::has_page,
    files::Files,
    identity::Logins,
    jobs,
    locale::Locale,
    mail,
    store::Store,
    tenant::{Tenant, Tenants, schema::Status},
    web::{App, Frames, PAGES, PageCache, Portal, SESSION_COOKIE, Throttle, Visit, samples_but},
};

/// A house without doors.
pub struct Walk {
    portal: Arc<Portal>,
    app: App,
}

/// Something that a town puts in front of people.
#[derive(Debug, Clone)]
pub struct Seen {
    pub locale: Locale,
    /// Where it is: `/en/faq`; for what has no address of its own, the template that made it: `error.html (2)`.
    pub name: String,
    pub kind: Kind,
    pub body: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page with an address.
    Page,
    /// A state of a page that no address alone leads to: an empty list, a failure.
    State,
    /// A file for machines: XML or plain text.
    File,
    /// It should have been a page and is none: the body says why.
    Failure,
}

/// What an address answers.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: String,
}

type Sight = fn(&Walk, &Arc<Tenant>, &Locale, &mut dyn FnMut(Seen));

/// All that a town shows. Whoever adds a kind of thing that people read – mails, documents – adds it here.
const SIGHTS: [Sight; 4] = [pages, states, mails, files];

impl Walk {
    pub fn through(tenants: Tenants, clock: Clock) -> Self {
        let portal = Arc::new(Portal {
            tenants: Arc::new(tenants),
            clock,
            cache: PageCache::with_bytes(Some(0)),
            frames: Frames::default(),
            throttle: Throttle::new(Rates::OFF),
            public: PublicOrigin::default(),
            security_contact: None,
            store: Store::absent(),
            kinds: jobs::kinds,
            post: mail::Post::in_folder("mail".into()),
            files: Files::absent(),
            logins: Logins::default(),
            read_only: false,
        });
        Self { app: App::new(portal.clone()), portal }
    }

    pub fn tenants(&self) -> &Tenants {
        &self.portal.tenants
    }

    /// What every page is rendered over.
    pub fn portal(&self) -> &Arc<Portal> {
        &self.portal
    }

    pub fn clock(&self) -> &Clock {
        &self.portal.clock
    }

    /// Everything a town shows, language by language.
    pub fn see(&self, tenant: &Arc<Tenant>, mut seen: impl FnMut(Seen)) {
        for locale in tenant.locales() {
            for sight in SIGHTS {
                sight(self, tenant, locale, &mut seen);
            }
        }
    }

    /// What an address of a town answers to somebody who asks for it.
    pub fn ask(&self, tenant: &Tenant, address: &str) -> Option<Answer> {
        let request = http::Request::builder()
            .uri(address)
            .header(header::HOST, tenant.canonical_host().as_str())
            // with a session nothing is taken from the cache, and so nothing is compressed for it
            .header(header::COOKIE, format!("{SESSION_COOKIE}=-"));
        let (parts, ()) = request.body(()).ok()?.into_parts();
        // not built by poem's own builder, which leaves the address as it came from outside empty
        let parts: RequestParts = (parts, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTPS).into();
        let request = Request::from_parts(parts, Body::empty());
        // a public page waits for nothing: what is not there at once would be a page that asks somebody else
        let mut response = self.app.call(request).now_or_never()?.ok()?;
        let location =
            response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = response.take_body().into_bytes().now_or_never()?.ok()?;
        // nearly all are pages, taken as they are; of a picture it counts that it is there
        let body = String::from_utf8(body.into())
            .unwrap_or_else(|picture| String::from_utf8_lossy(picture.as_bytes()).into_owned());
        Some(Answer { status: response.status(), location, body })
    }
}

/// The addresses of a town's pages, without the language before them.
pub fn addresses(tenant: &Tenant) -> Vec<String> {
    let fixed = PAGES.iter().filter(|path| has_page(tenant, path)).map(|path| (*path).to_owned());
    let situations = tenant.situations.iter().map(|(id, _)| format!("/lebenslagen/{id}"));
    let services = tenant.services.iter().map(|service| format!("/dienstleistungen/{}", service.slug()));
    fixed.chain(["/suche".to_owned(), "/api".to_owned()]).chain(situations).chain(services).collect()
}

fn pages(walk: &Walk, tenant: &Arc<Tenant>, locale: &Locale, see: &mut dyn FnMut(Seen)) {
    if tenant.status() == Status::Suspended {
        return;
    }
    for path in addresses(tenant) {
        let name = format!("{}{path}", locale.base());
        let answer = walk.ask(tenant, &name);
        let (kind, body) = match answer {
            Some(Answer { status: StatusCode::OK, body, .. }) => (Kind::Page, body),
            Some(Answer { status, .. }) => (Kind::Failure, format!("answers {}", status.as_u16())),
            None => (Kind::Failure, "does not answer".into()),
        };
        see(Seen { locale: locale.clone(), name, kind, body });
    }
}

fn states(walk: &Walk, tenant: &Arc<Tenant>, locale: &Locale, see: &mut dyn FnMut(Seen)) {
    let visit = Visit::to(walk.portal.clone(), tenant.clone(), locale.clone(), "/");
    let left_out: &[&str] = if tenant.status() == Status::Suspended { &[] } else { &HAVE_ADDRESSES };
    for (i, (template, html)) in samples_but(&visit, left_out).into_iter().enumerate() {
        let (kind, body) = match html {
            Ok(html) => (Kind::State, html),
            Err(error) => (Kind::Failure, error.to_string()),
        };
        see(Seen { locale: locale.clone(), name: format!("{template} ({})", i + 1), kind, body });
    }
}

fn mails(walk: &Walk, tenant: &Arc<Tenant>, locale: &Locale, see: &mut dyn FnMut(Seen)) {
    let visit = Visit::to(walk.portal.clone(), tenant.clone(), locale.clone(), "/");
    for (i, (template, letter)) in mail::pages::all_samples(&visit).into_iter().enumerate() {
        let (kind, body) = match letter {
            Ok(letter) => (Kind::State, letter.html),
            Err(error) => (Kind::Failure, error.to_string()),
        };
        see(Seen { locale: locale.clone(), name: format!("mail/{template}.html ({})", i + 1), kind, body });
    }
}

/// Templates whose samples are what their addresses show already.
const HAVE_ADDRESSES: [&str; 3] = ["service.html", "situation.html", "content.html"];

fn files(walk: &Walk, tenant: &Arc<Tenant>, locale: &Locale, see: &mut dyn FnMut(Seen)) {
    if tenant.status() == Status::Suspended || !locale.is_german() {
        return;
    }
    for name in ["/robots.txt", "/sitemap.xml", "/opensearch.xml", "/.well-known/security.txt"] {
        let Some(Answer { status: StatusCode::OK, body, .. }) = walk.ask(tenant, name) else { continue };
        see(Seen { locale: locale.clone(), name: name.into(), kind: Kind::File, body });
    }
}
