//! Texts in several locales, and the short forms in which people write them.

use std::{
    borrow::Cow,
    collections::HashSet,
    fmt,
    marker::PhantomData,
    ops::Deref,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::facts::Facts;
use crate::{
    locale::Locale,
    theme::markdown,
    yaml::{Data, Node},
};

/// A text in German and any number of other locales. Written as a plain string, or as one string per locale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Vec<(Locale, Arc<str>)>);

impl Text {
    pub fn german(text: impl Into<Arc<str>>) -> Self {
        Self(vec![(Locale::german(), text.into())])
    }

    /// A plain value as a text, or a mapping from locales to plain values.
    pub(super) fn of_node(node: &Node) -> Option<Self> {
        let plain = |node: &Node| match &node.data {
            Data::Text(text) => Some(shared(text)),
            Data::Number(number) => Some(shared(&number.to_string())),
            _ => None,
        };
        if let Data::Map(_) = node.data {
            let mut text = Self::german(plain(node.get("de")?)?);
            let others = node.entries().iter().filter(|(key, _)| &*key.name != "de");
            for (key, value) in others {
                text.add(Locale::new(&key.name)?, plain(value)?);
            }
            return Some(text);
        }
        plain(node).map(Self::german)
    }

    /// The text in `locale` as it is written, with its variables, if there is one.
    pub fn own(&self, locale: &Locale) -> Option<&str> {
        self.0.iter().find(|(code, _)| code == locale).map(|(_, text)| &**text)
    }

    /// The text in `locale`, otherwise in German, as it is written.
    pub fn raw(&self, locale: &Locale) -> &str {
        self.own(locale).unwrap_or(&self.0[0].1)
    }

    /// Adds the text of another locale.
    pub fn add(&mut self, locale: Locale, text: impl Into<Arc<str>>) {
        self.0.push((locale, text.into()));
    }

    /// Every locale with its text as it is written.
    pub fn locales(&self) -> impl Iterator<Item = (&Locale, &str)> {
        self.0.iter().map(|(locale, text)| (locale, &**text))
    }

    /// The text in `locale`, otherwise in German, with what it says about the town.
    pub(super) fn filled(&self, locale: &Locale, facts: &Facts) -> Cow<'_, str> {
        match self.own(locale) {
            Some(own) => facts.fill(own, locale),
            None => facts.fill(&self.0[0].1, &self.0[0].0),
        }
    }

    /// The same, with nothing but a space for facts whose names begin with `prefix`.
    pub(super) fn filled_but(&self, locale: &Locale, facts: &Facts, prefix: &str) -> Cow<'_, str> {
        match self.own(locale) {
            Some(own) => facts.fill_but(own, locale, prefix),
            None => facts.fill_but(&self.0[0].1, &self.0[0].0, prefix),
        }
    }

    pub(super) fn said(&self, locale: &Locale, facts: &Facts, to_html: impl Fn(&str) -> String) -> Said {
        let text = self.filled(locale, facts);
        // Leichte Sprache is German for machines: a fallback needs no other `lang`
        let fell_back = self.own(locale).is_none() && locale.lang() != "de";
        Said { text: markdown::to_plain(&text), html: to_html(&text), lang: fell_back.then_some("de") }
    }
}

/// A content text as a page gets it.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    /// Cleaned Markdown; safe to print as it is.
    pub html: String,
    /// Set when the text fell back to German on a page of another language.
    pub lang: Option<&'static str>,
}

impl Said {
    /// Plain words where a page wants a text.
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        let mut html = Vec::with_capacity(text.len());
        tera::escape_html(&text, &mut html).expect("memory takes everything");
        Self { html: String::from_utf8_lossy(&html).into_owned(), text, lang: None }
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0[0].1.to_string()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

/// Hundreds of towns say the same sentences of one layer: each is kept once.
fn shared(text: &str) -> Arc<str> {
    static TEXTS: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);
    let mut kept = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.texts.get(text) {
        return known.clone();
    }
    if kept.texts.len() >= kept.tidy_at {
        // texts that only this set still holds belong to towns of yesterday
        kept.texts.retain(|text| Arc::strong_count(text) > 1);
        kept.tidy_at = (2 * kept.texts.len()).max(16 * 1024);
    }
    let text: Arc<str> = text.into();
    kept.texts.insert(text.clone());
    text
}

#[derive(Default)]
struct Kept {
    texts: HashSet<Arc<str>>,
    tidy_at: usize,
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or one text per language (`{de: …, en: …}`)")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text::german(shared(text)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Text, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Text, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Text, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        let mut texts: Vec<(Locale, Arc<str>)> = Vec::new();
        while let Some(code) = map.next_key::<String>()? {
            let Some(locale) = Locale::new(&code) else {
                return Err(A::Error::custom(format!("has `{code}` where a language code such as `en` belongs")));
            };
            let Words(text) = map.next_value()?;
            let place = if locale.is_german() { 0 } else { texts.len() };
            texts.insert(place, (locale, text));
        }
        match texts.first() {
            Some((locale, _)) if locale.is_german() => Ok(Text(texts)),
            _ => Err(A::Error::custom("lacks the German text `de`")),
        }
    }
}

/// The words of one locale as they are written: `String` would have its variables filled in.
struct Words(Arc<str>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordsVisitor;
        impl Visitor<'_> for WordsVisitor {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Words, E> {
                Ok(Words(shared(text)))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Words, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Words, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Words, E> {
                self.visit_str(&number.to_string())
            }
        }
        deserializer.deserialize_any(WordsVisitor)
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text: a plain string (German), or one string per language.",
            "anyOf": [
                {"type": ["string", "number"]},
                {"type": "object", "required": ["de"], "propertyNames": {"pattern": "^[a-z-]{2,8}$"},
                 "additionalProperties": {"type": "string"}}
            ]
        })
    }
}

/// One entry or a list of them; each written as fields, or just as its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries<T>(Vec<T>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for Entries<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de> + From<Text>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntriesVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Entries<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Entries", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (text, fields) = (generator.subschema_for::<Text>(), generator.subschema_for::<T>());
        json_schema!({"anyOf": [text, fields, {"type": "array", "items": {"anyOf": [text, fields]}}]})
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + From<Text>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of entries")
    }

    fn visit_unit<E: Error>(self) -> Result<Entries<T>, E> {
        Ok(Entries::default())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Entries<T>, E> {
        Ok(Entries(vec![Text::german(text).into()]))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Entries<T>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entries<T>, A::Error> {
        Ok(Entries(vec![EntryVisitor(PhantomData).visit_map(map)?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Entries<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = items.next_element_seed(EntryVisitor(PhantomData))? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// One entry: a text in any of its forms, or the fields of `T`.
pub(super) struct EntryVisitor<T>(pub PhantomData<T>);

impl<'de, T: Deserialize<'de> + From<Text>> DeserializeSeed<'de> for EntryVisitor<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de> + From<Text>> Visitor<'de> for EntryVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or the fields of an entry")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(Text::german(text).into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let first: Option<String> = map.next_key()?;
        let is_text = first.as_deref().is_some_and(|key| key.len() == 2 && key != "if");
        let whole = Replayed { first, rest: map };
        if is_text {
            TextVisitor.visit_map(whole).map(T::from)
        } else {
            T::deserialize(MapAccessDeserializer::new(whole))
        }
    }
}

/// A mapping whose first key was already looked at.
struct Replayed<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replayed<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
