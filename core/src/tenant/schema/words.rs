//! Search words and catalogue keys.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use crate::locale::Locale;

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
