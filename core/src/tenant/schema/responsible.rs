//! Whose service it is, in the short and the long forms in which people write it.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::{Hours, Office, OfficeKind, partial::also_called};
use crate::{
    locale::Locale,
    tenant::{Entries, Text, text::EntryVisitor},
};

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

impl Responsible {
    /// A remark on who is meant.
    pub fn note(&self) -> Option<&Text> {
        match self {
            Self::Office { note, .. } => note.as_ref(),
            Self::Here(office) => office.note.as_ref(),
            Self::TownHall => None,
        }
    }
}

/// Either the id of an office, or an office in place.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = |schema: &mut Schema| also_called(schema, "office", "body"))]
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
        let word = text.raw(&Locale::german()).to_owned();
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
            _ => {
                Err(serde::de::Error::custom("names nobody: give either `office` (an id of `offices.yaml`) or `name`"))
            }
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
