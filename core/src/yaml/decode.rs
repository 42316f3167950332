//! From nodes to the structs of the portal, with the place of whatever does not fit.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor, value::StrDeserializer,
};

use super::{At, Data, Key, Node, Problem, nearest_hint};

/// Turns a node into `T`; the problem names the innermost place that does not fit.
pub fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, Problem> {
    decode_filled(node, &str::to_owned)
}

/// The same; `fill` gets every plain string with a variable, such as an address. Texts keep theirs until they are said.
pub fn decode_filled<T: DeserializeOwned>(node: &Node, fill: &dyn Fn(&str) -> String) -> Result<T, Problem> {
    T::deserialize(Reading { node, fill }).map_err(|misfit| {
        let misfit = misfit.at(&node.at);
        let at = misfit.at.unwrap_or_else(|| node.at.clone());
        Problem { hint: misfit.hint, ..Problem::new(&at, misfit.message) }
    })
}

#[derive(Debug)]
pub struct Misfit {
    at: Option<At>,
    message: String,
    hint: Option<String>,
}

impl Misfit {
    fn says(message: String) -> Self {
        Self { at: None, message, hint: None }
    }

    /// In the words of somebody who writes YAML, not Rust.
    fn explained(mut self, node: &Node) -> Self {
        if self.at.is_some() {
            return self;
        }
        if let Some(text) = node.text()
            && self.message.starts_with("failed to parse")
        {
            let parts: Vec<&str> = text.split('.').collect();
            self.hint = match parts[..] {
                [day, month, year] if year.len() == 4 => Some(format!("write `{year}-{month:0>2}-{day:0>2}`")),
                _ => Some("dates are written `2026-11-30`".into()),
            };
            self.message = format!("is `{text}`, which is no date");
        }
        for (rust, words) in [("expected u64", "expected a whole number"), ("expected u32", "expected a whole number")]
        {
            if self.message.ends_with(rust) {
                self.message = self.message.replace(rust, words);
                self.hint.get_or_insert_with(|| "amounts are in cents: `280` for 2,80 Euro".into());
            }
        }
        if let Some((found, _)) = self.message.split_once(", expected struct ") {
            self.message = format!("{found}, expected a mapping: `{{name: value, …}}`");
        } else if let Some(found) = self.message.strip_suffix("expected a sequence") {
            self.message = format!("{found}expected a list: `[one, two]`");
        }
        self
    }

    /// The innermost place wins.
    fn at(mut self, at: &At) -> Self {
        self.at.get_or_insert_with(|| at.clone());
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::says(message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let hint = nearest_hint(field, expected.iter().copied());
        Self { at: None, message: format!("has the unknown field `{field}`"), hint }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let hint = nearest_hint(variant, expected.iter().copied());
        Self { at: None, message: format!("says `{variant}`, which is not one of the known values"), hint }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::says(format!("lacks the field `{field}`"))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::says(format!("is {found}, expected {expected}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::says(format!("is {found}, expected {expected}"))
    }
}

/// A node while it is read.
#[derive(Clone, Copy)]
struct Reading<'de, 'f> {
    node: &'de Node,
    fill: &'f dyn Fn(&str) -> String,
}

impl<'de> Deserializer<'de> for Reading<'de, '_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.data {
            Data::Null => visitor.visit_unit(),
            Data::Bool(value) => visitor.visit_bool(*value),
            Data::Number(value) => match (value.as_u64(), value.as_i64(), value.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., value) => visitor.visit_f64(value.unwrap_or_default()),
            },
            Data::Text(value) => visitor.visit_borrowed_str(value),
            Data::List(items) => visitor.visit_seq(Items { items: items.iter(), fill: self.fill }),
            Data::Map(entries) => visitor.visit_map(Entries { entries: entries.iter(), value: None, fill: self.fill }),
        }
        .map_err(|misfit| misfit.explained(self.node).at(&self.node.at))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.node.data {
            Data::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// People write `zip: 32584` and mean text.
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.data {
            Data::Number(value) => {
                visitor.visit_string(value.to_string()).map_err(|misfit: Misfit| misfit.at(&self.node.at))
            }
            Data::Text(text) if text.contains("{{") => {
                visitor.visit_string((self.fill)(text)).map_err(|misfit: Misfit| misfit.at(&self.node.at))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match &self.node.data {
            Data::Text(word) => visitor.visit_enum(Word(word)).map_err(|misfit| misfit.at(&self.node.at)),
            _ => Err(Misfit::says(format!("is a {}, expected one word", self.node.kind())).at(&self.node.at)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Items<'de, 'f> {
    items: std::slice::Iter<'de, std::sync::Arc<Node>>,
    fill: &'f dyn Fn(&str) -> String,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(item) = self.items.next() else { return Ok(None) };
        seed.deserialize(Reading { node: item, fill: self.fill }).map(Some).map_err(|misfit| misfit.at(&item.at))
    }
}

struct Entries<'de, 'f> {
    entries: std::slice::Iter<'de, (Key, std::sync::Arc<Node>)>,
    value: Option<&'de Node>,
    fill: &'f dyn Fn(&str) -> String,
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        let name: StrDeserializer<'_, Misfit> = (*key.name).into_deserializer();
        seed.deserialize(name).map(Some).map_err(|misfit| misfit.at(&key.at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let value = self.value.take().expect("serde asks for the value after its key");
        seed.deserialize(Reading { node: value, fill: self.fill }).map_err(|misfit| misfit.at(&value.at))
    }
}

struct Word<'de>(&'de str);

impl<'de> EnumAccess<'de> for Word<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let word: StrDeserializer<'_, Misfit> = self.0.into_deserializer();
        Ok((seed.deserialize(word)?, self))
    }
}

impl<'de> VariantAccess<'de> for Word<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Misfit> {
        Err(Misfit::says("is a plain word, expected a value with it".into()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::says("is a plain word, expected a list".into()))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::says("is a plain word, expected a mapping".into()))
    }
}
