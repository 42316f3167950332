//! Somebody at the door of one town: which town, which language, which page.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use poem::{FromRequest, Request, RequestBody};
use serde::Serialize;

use super::{Page, Portal, Rendered, front_door::RequestId};
use crate::{
    error::{Error, Result},
    locale::Locale,
    tenant::{
        Said, Tenant, TenantId, Text,
        dated::in_words,
        schema::{Link, Status},
    },
};

/// An anonymous visit. There is no way to make one without a tenant.
#[derive(Debug, Clone)]
pub struct Visit {
    pub tenant: Arc<Tenant>,
    pub locale: Locale,
    /// The path without the locale: `/dienstleistungen`.
    pub path: String,
    pub request_id: Arc<str>,
    pub portal: Arc<Portal>,
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
        Self { tenant, locale, path, request_id, portal }
    }

    /// A visit to `path` of a town without a request, for rendering pages outside the server.
    pub fn to(portal: Arc<Portal>, tenant: Arc<Tenant>, locale: Locale, path: &str) -> Self {
        Self { tenant, locale, path: path.to_owned(), request_id: "sample".into(), portal }
    }

    /// An address inside the portal in the visit's locale.
    pub fn url(&self, path: &str) -> String {
        match self.locale.base() {
            base if base.is_empty() => path.to_owned(),
            base => format!("{base}{path}"),
        }
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

    pub fn date(&self, date: Date) -> String {
        in_words(date, self.locale.code())
    }

    /// Renders the page in the town's face.
    pub fn render<P: Page>(&self, page: &P) -> Result<Rendered> {
        let mut context = tera::Context::from_serialize(page).map_err(Error::internal)?;
        let mut head = page.head(self);
        head.noindex |= self.tenant.status() != Status::Live;
        context.insert("page", &head);
        let frame = self.tenant.derived(Frames::of);
        let frame = frame.by_locale.get(&self.locale).ok_or_else(|| Error::internal("no frame for this locale"))?;
        for (name, value) in frame {
            context.insert_value(*name, value.clone());
        }
        context.insert("site", &self.site());
        Ok(Rendered { html: self.tenant.theme.render(P::TEMPLATE, &context)? })
    }

    /// The address of this page in another locale, absolute.
    fn address(&self, locale: &Locale) -> String {
        format!("{}{}{}", self.portal.public.of(self.tenant.canonical_host()), locale.base(), self.path)
    }

    fn site(&self) -> Site<'_> {
        let locales = self.tenant.locales().iter().map(|locale| OtherLocale {
            code: locale.code().to_owned(),
            lang: locale.lang().to_owned(),
            label: self.tenant.theme.texts.get(locale, "locale.label").to_owned(),
            url: Self { locale: locale.clone(), ..self.clone() }.url(&self.path),
            address: self.address(locale),
            current: *locale == self.locale,
        });
        Site {
            locale: self.locale.code(),
            lang: self.locale.lang(),
            dir: self.locale.dir(),
            base: self.locale.base(),
            path: &self.path,
            locales: locales.collect(),
            assets: self.tenant.assets.iter().map(|(name, asset)| (name.as_str(), asset.address())).collect(),
            canonical: self.address(&self.locale),
            preview: self.tenant.status() == Status::Preview,
            read_only: self.portal.read_only,
            theme: SiteTheme { name: &self.tenant.theme.tokens.name, wordmark: &self.tenant.theme.tokens.wordmark },
            year: self.portal.clock.local().year(),
        }
    }
}

#[derive(Serialize)]
struct Site<'a> {
    locale: &'a str,
    lang: &'a str,
    dir: &'a str,
    base: String,
    path: &'a str,
    locales: Vec<OtherLocale>,
    assets: BTreeMap<&'a str, String>,
    canonical: String,
    preview: bool,
    read_only: bool,
    theme: SiteTheme<'a>,
    year: i16,
}

#[derive(Serialize)]
struct SiteTheme<'a> {
    name: &'a str,
    wordmark: &'a str,
}

#[derive(Serialize)]
struct OtherLocale {
    code: String,
    lang: String,
    label: String,
    /// For people: a link inside the portal.
    url: String,
    /// For search engines: absolute.
    address: String,
    current: bool,
}

/// What is the same on every page of a town in one locale: worked out once per version of the town.
struct Frames {
    by_locale: BTreeMap<Locale, Vec<(&'static str, tera::Value)>>,
}

impl Frames {
    fn of(tenant: &Tenant) -> Self {
        let frame = |locale: &Locale| {
            vec![
                ("town", tera::Value::from_serializable(&Facts::of(tenant, locale))),
                ("login", tera::Value::from_serializable(&login(tenant, locale))),
                ("notices", tera::Value::from_serializable(&notices(tenant, locale))),
                ("t", tenant.theme.texts.of(locale)),
            ]
        };
        Self { by_locale: tenant.locales().iter().map(|locale| (locale.clone(), frame(locale))).collect() }
    }
}

#[derive(Serialize)]
struct Facts<'a> {
    id: &'a TenantId,
    name: &'a str,
    full_name: &'a str,
    forms: BTreeMap<&'static str, String>,
    administration: String,
    represented_by: Option<String>,
    address: serde_json::Value,
    phone: Option<&'a str>,
    phone_uri: Option<String>,
    email: Option<&'a str>,
    website: Option<&'a str>,
    help: serde_json::Value,
    districts: Vec<LinkView>,
    companies: Vec<LinkView>,
    links: Vec<LinkView>,
    it_providers: Vec<serde_json::Value>,
    supervisor: serde_json::Value,
    data_protection: serde_json::Value,
}

impl Serialize for TenantId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[derive(Serialize)]
struct LinkView {
    id: String,
    name: String,
    title: Said,
    url: Option<String>,
    text: Option<Said>,
    example: bool,
}

impl LinkView {
    fn of(link: &Link, tenant: &Tenant, locale: &Locale) -> Self {
        Self {
            id: link.id.clone(),
            name: tenant.words(&link.name, locale).into_owned(),
            title: tenant.say(&link.name, locale),
            url: link.url.clone(),
            text: link.text.as_ref().map(|text| tenant.say(text, locale)),
            example: link.example,
        }
    }
}

impl<'a> Facts<'a> {
    fn of(tenant: &'a Tenant, locale: &Locale) -> Self {
        let town = &tenant.town;
        let links = |links: &[Link]| links.iter().map(|link| LinkView::of(link, tenant, locale)).collect();
        let get = |text: &Text| tenant.words(text, locale).into_owned();
        let help = town.help.as_ref();
        let providers = town.it_providers.iter().map(|provider| {
            serde_json::json!({
                "name": get(&provider.name), "role": get(&provider.role), "street": provider.street,
                "zip": provider.zip, "city": provider.city, "url": provider.url, "example": provider.example,
            })
        });
        Self {
            id: &tenant.id,
            name: &town.name,
            full_name: &town.full_name,
            forms: BTreeMap::from([
                ("of", get(&town.forms.of)),
                ("in", get(&town.forms.within)),
                ("residents", get(&town.forms.residents)),
                ("adjective", get(&town.forms.adjective)),
            ]),
            administration: get(&town.administration),
            represented_by: town.represented_by.as_ref().map(get),
            address: serde_json::json!({
                "street": town.address.as_ref().map(|address| &address.street),
                "zip": town.address.as_ref().map(|address| &address.zip),
                "city": town.address.as_ref().map(|address| &address.city),
            }),
            phone: town.phone.as_deref(),
            phone_uri: town.phone.as_deref().map(phone_uri),
            email: town.email.as_deref(),
            website: town.website.as_deref(),
            help: serde_json::json!({
                "email": help.and_then(|help| help.email.as_ref()).or(town.email.as_ref()),
                "phone": help.and_then(|help| help.phone.as_ref()).or(town.phone.as_ref()),
                "phone_uri": help.and_then(|help| help.phone.as_deref()).or(town.phone.as_deref()).map(phone_uri),
                "hours": help.and_then(|help| help.hours.as_ref()).map(get),
                "example": help.is_some_and(|help| help.example),
            }),
            districts: links(&town.districts),
            companies: links(&town.companies),
            links: links(&town.links),
            it_providers: providers.collect(),
            data_protection: town.data_protection.as_ref().map_or(serde_json::Value::Null, |person| {
                serde_json::json!({
                    "name": get(&person.name), "email": person.email, "phone": person.phone,
                    "phone_uri": person.phone.as_deref().map(phone_uri), "example": person.example,
                })
            }),
            supervisor: town.supervisor.as_ref().map_or(serde_json::Value::Null, |place| {
                serde_json::json!({
                    "name": get(&place.name), "street": place.street, "zip": place.zip, "city": place.city,
                    "url": place.url,
                })
            }),
        }
    }
}

/// `+49 5732 100-0` as an address for phones: `tel:+4957321000`.
pub fn phone_uri(phone: &str) -> String {
    let digits: String = phone.replace("(0)", "").chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    format!("tel:{digits}")
}

fn login(tenant: &Tenant, locale: &Locale) -> serde_json::Value {
    let Some(login) = &tenant.login else { return serde_json::Value::Null };
    let day = |date: Date| in_words(date, locale.code());
    let gone = |end: jiff::Timestamp| day(end.to_zoned(crate::clock::local_zone()).date());
    serde_json::json!({
        "name": login.provider.name,
        "url": login.provider.url,
        "phase": login.phase.map(crate::tenant::schema::Phase::word),
        "since": login.provider.from.map(|from| day(from.local_date())),
        "next": login.next.as_ref().map(|next| serde_json::json!({
            "name": next.name, "url": next.url, "from": next.from.map(|from| day(from.local_date())),
        })),
        "old": login.old.as_ref().map(|old| serde_json::json!({
            "name": old.name,
            "until": old.until.map(|until| day(until.local_date())),
            "gone": old.until.map(|until| gone(until.end())),
        })),
    })
}

fn notices(tenant: &Tenant, locale: &Locale) -> Vec<serde_json::Value> {
    let view = |notice: &crate::tenant::schema::Notice| {
        serde_json::json!({
            "id": notice.id,
            "level": notice.level.word(),
            "title": tenant.say(&notice.title, locale),
            "text": notice.text.as_ref().map(|text| tenant.say_at_length(text, locale, 3)),
        })
    };
    tenant.notices.notices.iter().map(view).collect()
}
