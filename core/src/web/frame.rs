//! What is the same on every page of a town in one locale.
//!
//! Invariant: what a frame holds depends on the version of the town, the locale and the settings of the house alone –
//! never on a request, a path or the time.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use moka::sync::Cache;
use serde::Serialize;

use super::Visit;
use crate::{
    locale::Locale,
    tenant::{
        Said, Tenant, TenantId, Text,
        dated::in_words,
        schema::{Link, Status},
    },
};

/// How many frames are kept: a house has more towns than are visited at once.
const KEPT: u64 = 256;

/// Frames by version of a town and locale, each worked out once while it is asked for.
#[derive(Debug)]
pub struct Frames(Cache<(TenantId, u64, Locale), Arc<Frame>>);

impl Default for Frames {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Frames {
    pub(super) fn of(&self, visit: &Visit) -> Arc<Frame> {
        let key = (visit.tenant.id.clone(), visit.tenant.version, visit.locale.clone());
        self.0.get_with(key, || Arc::new(Frame::of(visit)))
    }
}

#[derive(Debug)]
pub(super) struct Frame {
    pub context: tera::Context,
    /// `site`, as far as it knows no page.
    pub site: tera::Map,
    pub locales: Vec<OtherLocale>,
    /// `https://portal.example.de`
    pub origin: String,
}

impl Frame {
    fn of(visit: &Visit) -> Self {
        let Visit { tenant, locale, portal, .. } = visit;
        let origin = portal.public.of_town(tenant);
        let mut context = tera::Context::new();
        context.insert("town", &Facts::of(tenant, locale));
        context.insert("login", &login(tenant, locale));
        context.insert("notices", &notices(tenant, locale));
        context.insert_value("t", tenant.theme.texts.of(locale));
        let tokens = &tenant.theme.tokens;
        let site = Site {
            locale: locale.code(),
            lang: locale.lang(),
            dir: locale.dir(),
            base: locale.base(),
            origin: &origin,
            assets: tenant.assets.iter().map(|(name, asset)| (name.as_str(), asset.address())).collect(),
            preview: tenant.status() == Status::Preview,
            read_only: portal.read_only,
            theme: SiteTheme {
                name: &tokens.name,
                wordmark: &tokens.wordmark,
                header: Schemes { light: &tokens.colors.light.header, dark: &tokens.colors.dark.header },
            },
        };
        let site = tera::Value::from_serializable(&site).into_map().expect("a struct is a map");
        let locales = tenant.locales().iter().map(|other| OtherLocale::of(other, visit, &origin)).collect();
        Self { context, site, locales, origin }
    }
}

#[derive(Serialize)]
struct Site<'a> {
    locale: &'a str,
    lang: &'a str,
    dir: &'a str,
    base: String,
    origin: &'a str,
    assets: BTreeMap<&'a str, String>,
    preview: bool,
    read_only: bool,
    theme: SiteTheme<'a>,
}

#[derive(Serialize)]
struct SiteTheme<'a> {
    name: &'a str,
    wordmark: &'a str,
    /// The colours of the header, for the browser around it.
    header: Schemes<'a>,
}

#[derive(Serialize)]
struct Schemes<'a> {
    light: &'a str,
    dark: &'a str,
}

/// An edition of the pages in the switch of languages: `code`, `lang`, `label`, `territory`, whether it is `current`,
/// and where a page has its counterpart: `url` for people, `address` for search engines.
#[derive(Debug)]
pub(super) struct OtherLocale {
    values: tera::Map,
    base: String,
    /// The base with the origin before it.
    address: String,
}

impl OtherLocale {
    fn of(locale: &Locale, visit: &Visit, origin: &str) -> Self {
        let text = |name| tera::Value::from(visit.tenant.theme.texts.get(locale, name));
        let values = [
            ("code", locale.code().into()),
            ("lang", locale.lang().into()),
            ("label", text("locale.label")),
            ("territory", text("locale.territory")),
            ("current", (*locale == visit.locale).into()),
        ];
        Self {
            values: values.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            base: locale.base(),
            address: format!("{origin}{}", locale.base()),
        }
    }

    /// This edition of the page of a visit.
    pub fn at(&self, visit: &Visit) -> tera::Value {
        let mut values = self.values.clone();
        values.insert("url".into(), format!("{}{}", self.base, visit.path).into());
        values.insert("address".into(), format!("{}{}", self.address, visit.path).into());
        values.into()
    }
}

#[derive(Serialize)]
struct Facts<'a> {
    id: &'a TenantId,
    name: &'a str,
    full_name: &'a str,
    has_situations: bool,
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
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
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
            has_situations: tenant.situations.iter().next().is_some(),
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
        "moving": tenant.moving_into(&login.provider.id).is_some(),
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
