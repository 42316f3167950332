//! `tenant.yaml`: who the town is.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Destination, Sender, Staff, partial::also_called};
use crate::{locale::Locale, tenant::Text};

/// The facts of a town. Each stands here once; texts name them by variables.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Town {
    /// The short name, as people say it: `Löhne`.
    pub name: String,
    /// As the town signs: `Stadt Löhne`.
    pub full_name: String,
    /// Host names; the first is the canonical one, the others redirect to it.
    pub hosts: Vec<String>,
    /// Hosts that are served without a redirect, for trying out.
    #[serde(default)]
    pub preview_hosts: Vec<String>,
    /// Layers below this town; the first wins over the later ones.
    #[serde(default)]
    #[schemars(with = "Option<super::OneOrMany>")]
    pub extends: Option<serde_yaml::Value>,
    /// Folder in `themes/`.
    #[serde(default)]
    pub theme: Option<String>,
    #[serde(default)]
    pub status: Status,
    #[serde(default = "german_only")]
    pub locales: Vec<Locale>,
    /// Shared services this town offers: a list of ids, or `all`.
    #[serde(default)]
    pub services: Picks,
    /// Grammatical forms of the name for shared texts.
    pub forms: Forms,
    pub administration: Text,
    #[serde(default)]
    pub represented_by: Option<Text>,
    #[serde(default)]
    pub address: Option<Address>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub fax: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub website: Option<String>,
    #[serde(default)]
    pub vat_id: Option<String>,
    #[serde(default)]
    pub iban: Option<String>,
    /// Help with the portal itself, not with a service.
    #[serde(default)]
    pub help: Option<Help>,
    /// Id of the office that activates the online function of the ID card.
    #[serde(default = "citizens_office")]
    pub online_id_office: String,
    #[serde(default)]
    pub data_protection: Option<Person>,
    /// The authority that supervises the town.
    #[serde(default)]
    pub supervisor: Option<Place>,
    /// The court that hears actions against decisions.
    #[serde(default)]
    pub court: Option<Place>,
    /// Named in the imprint and the privacy statement.
    #[serde(default)]
    pub it_providers: Vec<ItProvider>,
    #[serde(default)]
    pub accessibility: Option<Accessibility>,
    /// Ortsteile.
    #[serde(default)]
    pub districts: Vec<Link>,
    /// Companies of the town.
    #[serde(default)]
    pub companies: Vec<Link>,
    #[serde(default)]
    pub links: Vec<Link>,
    /// Facts of the town's own, for its texts: `{{ town.facts.… }}`.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub facts: Option<serde_yaml::Value>,
    /// Names of other towns this town means to mention, with the reason.
    #[serde(default)]
    pub mentions: Vec<Mention>,
    /// How its mails say from whom they come.
    #[serde(default)]
    pub mail: Option<Sender>,
    /// How its cases are called.
    #[serde(default)]
    pub cases: Cases,
    /// Departments and roles of the clerks.
    #[serde(default)]
    pub staff: Staff,
    /// Programs of the town hall that get applications from the portal.
    #[serde(default)]
    pub destinations: Vec<Destination>,
}

/// Cases (Vorgänge) of a town.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// What their numbers begin with: `LOE`. Absent: the first letters of the town's folder.
    #[serde(default)]
    #[schemars(regex(pattern = "^[A-Z]{2,4}$"))]
    pub prefix: Option<String>,
    /// Messages without a case are deleted so many days after the last one, once they were read.
    #[serde(default = "two_years")]
    pub keep_messages_days: u16,
}

impl Default for Cases {
    fn default() -> Self {
        Self { prefix: None, keep_messages_days: two_years() }
    }
}

fn two_years() -> u16 {
    730
}

fn citizens_office() -> String {
    "buergerbuero".into()
}

fn german_only() -> Vec<Locale> {
    vec![Locale::german()]
}

/// Where the town stands on its way into service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Live,
    /// Works fully, says so in a slim banner, asks search engines to stay away. A town goes live by saying so.
    #[default]
    Preview,
    /// Answers 503 on every page.
    Suspended,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Preview => "preview",
            Self::Suspended => "suspended",
        }
    }
}

/// Which of the layers' services a town offers beside its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picks {
    All,
    Ids(Vec<String>),
}

impl Default for Picks {
    fn default() -> Self {
        Self::Ids(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Picks {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Picks;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of service ids or the word `all`")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Picks, E> {
                if word == "all" {
                    Ok(Picks::All)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(word), &self))
                }
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Picks, A::Error> {
                let mut ids = Vec::new();
                while let Some(id) = items.next_element()? {
                    ids.push(id);
                }
                Ok(Picks::Ids(ids))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Picks {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Picks".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}}]})
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forms {
    /// Genitive with its article: `der Stadt Löhne`.
    pub of: Text,
    #[serde(rename = "in")]
    pub within: Text,
    pub residents: Text,
    pub adjective: Text,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    pub street: String,
    pub zip: String,
    pub city: String,
    #[serde(default)]
    pub example: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Help {
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub hours: Option<Text>,
    #[serde(default)]
    pub example: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: Text,
    #[serde(default)]
    pub street: Option<String>,
    #[serde(default)]
    pub zip: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub example: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub name: Text,
    #[serde(default)]
    pub street: Option<String>,
    #[serde(default)]
    pub zip: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub example: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItProvider {
    pub id: String,
    pub name: Text,
    /// What this company does for the portal.
    pub role: Text,
    #[serde(default)]
    pub street: Option<String>,
    #[serde(default)]
    pub zip: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub example: bool,
}

/// Dates and contact of the accessibility statement.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accessibility {
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub created: Option<Date>,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub reviewed: Option<Date>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub example: bool,
}

/// A district, a company or a further link.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = |schema: &mut schemars::Schema| also_called(schema, "name", "title"))]
pub struct Link {
    pub id: String,
    #[serde(alias = "title")]
    pub name: Text,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub text: Option<Text>,
    #[serde(default)]
    pub example: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mention {
    pub town: String,
    pub reason: String,
}
