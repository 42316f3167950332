//! Somebody at the door of one town: which town, which language, which page.

use std::{borrow::Cow, sync::Arc};

use jiff::{Timestamp, civil::Date};
use poem::{FromRequest, Request, RequestBody};
use serde::Serialize;

use super::{Page, Person, Portal, Rendered, frame::Frame, front_door::RequestId};
use crate::{
    clock::local_zone,
    error::{Error, Result},
    identity::sessions::Session,
    locale::Locale,
    store::TenantStore,
    tenant::{Said, Tenant, Text, dated::in_words, schema::Status},
};

/// A visit. There is no way to make one without a tenant.
#[derive(Debug, Clone)]
pub struct Visit {
    pub tenant: Arc<Tenant>,
    pub locale: Locale,
    /// The path without the locale: `/dienstleistungen`.
    pub path: String,
    pub request_id: Arc<str>,
    pub portal: Arc<Portal>,
    /// Who is logged in, for the header. It decides nothing: whoever needs to know asks the session.
    pub person: Option<Arc<Person>>,
}

/// The locale of a request, put there by the routes of that locale.
#[derive(Debug, Clone)]
pub struct InLocale(pub Locale);

impl<'a> FromRequest<'a> for Visit {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request))
    }
}

impl Visit {
    pub fn of(request: &Request) -> Self {
        let tenant = request.data::<Arc<Tenant>>().expect("the gate ran").clone();
        let portal = request.data::<Arc<Portal>>().expect("the app has a portal").clone();
        let locale = request.data::<InLocale>().map_or_else(Locale::german, |locale| locale.0.clone());
        let path = request.original_uri().path();
        let path = path.strip_prefix(&locale.base()).filter(|rest| !rest.is_empty()).unwrap_or("/").to_owned();
        let request_id = request.data::<RequestId>().map_or_else(|| "".into(), |id| id.to_string().into());
        let person = request.data::<Arc<Session>>().map(|session| Arc::new(session.person(&tenant)));
        Self { tenant, locale, path, request_id, portal, person }
    }

    /// A visit to `path` of a town without a request, for rendering pages outside the server.
    pub fn to(portal: Arc<Portal>, tenant: Arc<Tenant>, locale: Locale, path: &str) -> Self {
        Self { tenant, locale, path: path.to_owned(), request_id: "sample".into(), portal, person: None }
    }

    /// The data of the visit's town.
    pub fn store(&self) -> TenantStore {
        self.portal.store.for_tenant(&self.tenant)
    }

    /// Refuses a deed while the portal is for reading only. A clerk who looks at a case does one: it is written down.
    pub fn takes_deeds(&self) -> Result<()> {
        if self.portal.read_only { Err(Error::Unavailable("the portal is for reading only")) } else { Ok(()) }
    }

    /// `https://portal.example.de`, as the settings have it.
    pub fn origin(&self) -> String {
        self.portal.public.of_town(&self.tenant)
    }

    /// An address inside the portal in the visit's locale.
    pub fn url(&self, path: &str) -> String {
        match self.locale.base() {
            base if base.is_empty() => path.to_owned(),
            base => format!("{base}{path}"),
        }
    }

    /// The same with its host, for whoever reads it elsewhere.
    pub fn whole_url(&self, path: &str) -> String {
        format!("{}{}", self.origin(), self.url(path))
    }

    pub fn text(&self, name: &str) -> String {
        self.tenant.theme.texts.get(&self.locale, name).to_owned()
    }

    pub fn say(&self, text: &Text) -> Said {
        self.tenant.say(text, &self.locale)
    }

    /// A text as it is, without markup.
    pub fn words<'a>(&'a self, text: &'a Text) -> Cow<'a, str> {
        self.tenant.words(text, &self.locale)
    }

    /// A passage inside a section of a page.
    pub fn say_at_length(&self, text: &Text) -> Said {
        self.tenant.say_at_length(text, &self.locale, 3)
    }

    /// Words that stand in for a town's or a person's, for rendering pages outside the server.
    pub fn specimen(&self, german: &str, english: &str) -> Said {
        let text = if self.locale.lang() == "de" { german } else { english };
        Said { text: text.to_owned(), html: text.to_owned(), lang: None }
    }

    pub fn date(&self, date: Date) -> String {
        in_words(date, self.locale.code())
    }

    /// The day in the town's zone: `15. Mai 2024`.
    pub fn day(&self, moment: Timestamp) -> String {
        self.date(moment.to_zoned(local_zone()).date())
    }

    /// Date and time in the town's zone: `15. Mai 2024, 08:30`.
    pub fn moment(&self, moment: Timestamp) -> String {
        let local = moment.to_zoned(local_zone());
        format!("{}, {}", self.date(local.date()), local.strftime("%H:%M"))
    }

    /// Renders the page in the town's face.
    pub fn render<P: Page>(&self, page: &P) -> Result<Rendered> {
        let mut context = self.surround(page)?;
        let mut head = page.head(self);
        head.noindex |= self.tenant.status() != Status::Live;
        context.insert("page", &head);
        Ok(Rendered { html: self.tenant.theme.render(P::TEMPLATE, &context)? })
    }

    /// The fields of a page or a mail with what is the same around all of them.
    pub fn surround(&self, fields: &impl Serialize) -> Result<tera::Context> {
        let mut context = tera::Context::from_serialize(fields).map_err(Error::internal)?;
        let frame = self.portal.frames.of(self);
        context.extend(frame.context.clone());
        context.insert_value("site", self.site(&frame));
        context.insert("person", &self.person);
        Ok(context)
    }

    /// What the frame knows of the portal, and where in it this page is.
    fn site(&self, frame: &Frame) -> tera::Value {
        let locales: Vec<tera::Value> = frame.locales.iter().map(|locale| locale.at(self)).collect();
        let mut site = frame.site.clone();
        site.insert("path".into(), self.path.as_str().into());
        site.insert("locales".into(), locales.into());
        site.insert("canonical".into(), format!("{}{}{}", frame.origin, self.locale.base(), self.path).into());
        site.insert("year".into(), self.portal.clock.local().year().into());
        site.into()
    }
}
