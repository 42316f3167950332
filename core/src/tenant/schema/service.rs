//! `services/<id>.yaml`: one service of the catalogue.

use std::fmt;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::{Hours, Office, OfficeKind};
use crate::{
    locale::Locale,
    tenant::{Entries, Text, text::EntryVisitor},
};

/// What a citizen wants to get done, with everything that has to be known about it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The file name without its ending; set by the loader.
    #[serde(skip)]
    pub id: String,
    pub title: Text,
    /// Last part of the address where it differs from the id.
    #[serde(default)]
    pub slug: Option<String>,
    /// Everyday words people search with.
    #[serde(default)]
    pub synonyms: Words,
    /// One sentence, plain text.
    pub short: Text,
    #[serde(default)]
    pub who: Option<Text>,
    #[serde(default)]
    pub documents: Entries<Document>,
    #[serde(default)]
    pub fees: Entries<Fee>,
    #[serde(default)]
    pub deadlines: Entries<Text>,
    #[serde(default)]
    pub duration: Option<Text>,
    /// What to do, in order.
    #[serde(default)]
    pub steps: Entries<Text>,
    #[serde(default)]
    pub legal_basis: Entries<LegalBasis>,
    /// Whose service it is: an office of the town or an outside body. Without it people are sent to the town hall.
    #[serde(default)]
    pub responsible: Responsible,
    #[serde(default)]
    pub online: Online,
    /// Which login is enough for the online service.
    #[serde(default)]
    pub login: Level,
    /// 14-digit key of the national catalogue (LeiKa); only confirmed ones.
    #[serde(default)]
    pub leika: Option<LeikaKey>,
    #[serde(default)]
    pub categories: Vec<String>,
    #[serde(default)]
    pub situations: Vec<String>,
    #[serde(default)]
    pub forms: Entries<FormFile>,
    #[serde(default)]
    pub related: Vec<String>,
    /// Legal remedy as the law of this service says it; there is no default.
    #[serde(default)]
    pub remedy: Option<Text>,
    /// First day in the catalogue; orders the newest services.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub published: Option<Date>,
    /// Last change of content.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub updated: Option<Date>,
    /// Last professional review.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub reviewed: Option<Date>,
    #[serde(default)]
    pub state: State,
    /// Some data of this service is invented.
    #[serde(default)]
    pub example: bool,
}

impl Service {
    pub fn slug(&self) -> &str {
        self.slug.as_deref().unwrap_or(&self.id)
    }

    /// Whether the citizen can do it on the web, here or elsewhere.
    pub fn is_online(&self) -> bool {
        matches!(self.online.kind, OnlineKind::Form | OnlineKind::Link)
    }

    /// The day that orders the newest services.
    pub fn newest_on(&self) -> Option<Date> {
        self.published.or(self.updated)
    }
}

/// State of the editors' work; drafts are not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Draft,
    Review,
    #[default]
    Published,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub text: Text,
    #[serde(default)]
    pub note: Option<Text>,
    /// When it is needed: `nur für Kinder`.
    #[serde(default, rename = "if")]
    pub only_if: Option<Text>,
    #[serde(default)]
    pub example: bool,
}

impl From<Text> for Document {
    fn from(text: Text) -> Self {
        Self { text, note: None, only_if: None, example: false }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub text: Text,
    /// In cents; 0 is free of charge, absent where the text says it all.
    #[serde(default)]
    pub amount: Option<u64>,
    #[serde(default)]
    pub note: Option<Text>,
    #[serde(default)]
    pub example: bool,
}

impl From<Text> for Fee {
    fn from(text: Text) -> Self {
        Self { text, amount: None, note: None, example: false }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    pub title: Text,
    #[serde(default)]
    pub url: Option<String>,
}

impl From<Text> for LegalBasis {
    fn from(title: Text) -> Self {
        Self { title, url: None }
    }
}

/// A form to print or to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormFile {
    pub title: Text,
    /// A file in `assets/`.
    #[serde(default)]
    pub file: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
}

impl From<Text> for FormFile {
    fn from(title: Text) -> Self {
        Self { title, file: None, url: None }
    }
}

/// How the service is done.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Online {
    pub kind: OnlineKind,
    /// Id of the form assistant (`kind: form`).
    #[serde(default)]
    pub form: Option<String>,
    /// Address of the other portal (`kind: link`) or of the booking page (`kind: appointment`).
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub label: Option<Text>,
    /// Whose portal the link leads to.
    #[serde(default)]
    pub provider: Option<Text>,
    /// What to do as long as it cannot be done online.
    #[serde(default)]
    pub instead: Option<Text>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnlineKind {
    Form,
    Link,
    Appointment,
    #[default]
    None,
}

impl OnlineKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Link => "link",
            Self::Appointment => "appointment",
            Self::None => "none",
        }
    }
}

/// Assurance levels of a login, lowest first (BSI TR-03107).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    #[default]
    None,
    Basis,
    Substantiell,
    Hoch,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basis => "basis",
            Self::Substantiell => "substantiell",
            Self::Hoch => "hoch",
        }
    }
}

/// Whose service it is.
#[derive(Debug, Clone, Default)]
pub enum Responsible {
    /// Nobody has said it yet.
    #[default]
    TownHall,
    /// An id of `offices.yaml`, and a remark on who is meant.
    Office { id: String, note: Option<Text> },
    /// An office that only this service names.
    Here(Box<Office>),
}

/// Either the id of an office, or an office in place.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ResponsibleFields {
    #[serde(default, alias = "body")]
    office: Option<String>,
    #[serde(default)]
    note: Option<Text>,
    #[serde(default)]
    name: Option<Text>,
    #[serde(default)]
    kind: OfficeKind,
    #[serde(default)]
    street: Option<String>,
    #[serde(default)]
    zip: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    hours: Entries<Hours>,
    #[serde(default)]
    example: bool,
}

impl From<Text> for ResponsibleFields {
    /// A plain word is an id, anything else a name.
    fn from(text: Text) -> Self {
        let word = text.get(&Locale::german()).to_owned();
        let is_id = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        Self {
            office: is_id.then_some(word),
            name: (!is_id).then_some(text),
            note: None,
            kind: OfficeKind::Office,
            street: None,
            zip: None,
            city: None,
            phone: None,
            email: None,
            url: None,
            hours: Entries::default(),
            example: false,
        }
    }
}

impl<'de> Deserialize<'de> for Responsible {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = deserializer.deserialize_any(EntryVisitor(std::marker::PhantomData::<ResponsibleFields>))?;
        match (written.office, written.name) {
            (Some(id), None) => Ok(Self::Office { id, note: written.note }),
            (None, Some(name)) => Ok(Self::Here(Box::new(Office {
                kind: written.kind,
                street: written.street,
                zip: written.zip,
                city: written.city,
                phone: written.phone,
                email: written.email,
                url: written.url,
                hours: written.hours,
                note: written.note,
                example: written.example,
                ..Office::from(name)
            }))),
            _ => Err(serde::de::Error::custom("names nobody: give either `office` (an id of `offices.yaml`) or `name`")),
        }
    }
}

impl JsonSchema for Responsible {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Responsible".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fields = generator.subschema_for::<ResponsibleFields>();
        json_schema!({"description": "An id of `offices.yaml`, or its id with a note.", "anyOf": [{"type": "string"}, fields]})
    }
}

/// Synonyms: a list (German), or a list per language.
#[derive(Debug, Clone, Default)]
pub struct Words(Vec<(Locale, Vec<String>)>);

impl Words {
    /// Words of a locale and the German ones.
    pub fn of<'a>(&'a self, locale: &'a Locale) -> impl Iterator<Item = &'a str> {
        let wanted = self.0.iter().filter(move |(code, _)| code == locale || code.is_german());
        wanted.flat_map(|(_, words)| words.iter().map(String::as_str))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of words, or one list per language")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Words, E> {
                Ok(Words::default())
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Words, E> {
                Ok(Words(vec![(Locale::german(), vec![word.to_owned()])]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = items.next_element()? {
                    words.push(word);
                }
                Ok(Words(vec![(Locale::german(), words)]))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Words, A::Error> {
                let mut all = Vec::new();
                while let Some((locale, words)) = map.next_entry()? {
                    all.push((locale, words));
                }
                Ok(Words(all))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Words {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Words".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let list = json_schema!({"type": "array", "items": {"type": "string"}});
        json_schema!({"anyOf": [list, {"type": "object", "additionalProperties": list}]})
    }
}

/// A key such as `99102013104000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeikaKey(String);

impl LeikaKey {
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for LeikaKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        let looks_right = digits.len() == 14 && digits.starts_with("99") && digits.bytes().all(|b| b.is_ascii_digit());
        if looks_right {
            Ok(Self(digits))
        } else {
            Err(serde::de::Error::custom(format!("is `{digits}`, expected a LeiKa key: 14 digits that start with 99")))
        }
    }
}

impl JsonSchema for LeikaKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LeikaKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^99[0-9]{12}$"})
    }
}
