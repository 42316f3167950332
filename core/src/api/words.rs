//! What somebody says to somebody, as JSON.

use std::{borrow::Cow, iter};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

/// Plain text of 1 to 5,000 characters that is more than blanks; blanks around it are taken away.
///
/// A string of JSON and nothing else: [`String`] would take `false` and keep it as the word.
#[derive(Debug)]
pub struct Words(String);

const LONGEST: usize = 5000;

impl Words {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Type for Words {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;

    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "words".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            min_length: Some(1),
            max_length: Some(LONGEST),
            pattern: Some(r"\S".into()),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(iter::once(self))
    }
}

impl ParseFromJSON for Words {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let Some(Value::String(text)) = value else { return Err(ParseError::expected_type(value.unwrap_or_default())) };
        match text.trim() {
            "" => Err(ParseError::custom("there are no words")),
            words if text.chars().count() <= LONGEST => Ok(Self(words.into())),
            _ => Err(ParseError::custom(format!("longer than {LONGEST} characters"))),
        }
    }
}

impl ToJSON for Words {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.clone()))
    }
}
