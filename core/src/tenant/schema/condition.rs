//! `if: {halter: andere}`: when a step, a question or a line of a sum comes.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// Holds if all of it holds. A question that is not asked or not answered fits nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(pub Vec<Clause>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Condition),
    Answer { question: String, test: Test },
}

/// What an answer is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// `yes_no`
    Is(bool),
    /// `choice`: one of these is chosen.
    OneOf(Vec<String>),
    Within(Range),
}

/// Numbers as they are, money in cents; dates by how long ago they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    #[serde(default)]
    pub at_least: Option<i64>,
    #[serde(default)]
    pub at_most: Option<i64>,
    #[serde(default)]
    pub older_than_days: Option<u32>,
    #[serde(default)]
    pub younger_than_years: Option<u16>,
    #[serde(default)]
    pub older_than_years: Option<u16>,
}

impl Range {
    /// Nothing lies within both.
    pub fn excludes(&self, other: &Self) -> bool {
        let apart = |one: &Self, other: &Self| {
            one.at_least.zip(other.at_most).is_some_and(|(least, most)| least > most)
                || one.older_than_years.zip(other.younger_than_years).is_some_and(|(older, younger)| older >= younger)
        };
        apart(self, other) || apart(other, self)
    }

    /// Whether it is about numbers; otherwise it is about dates.
    pub fn counts(&self) -> bool {
        self.at_least.is_some() || self.at_most.is_some()
    }
}

impl Condition {
    /// The questions it names, with what their answers are held against.
    pub fn tests(&self) -> Vec<(&str, &Test)> {
        let mut tests = Vec::new();
        self.gather(&mut tests);
        tests
    }

    /// What has to hold at the same time: all that stands outside of `any` and `not`.
    pub fn held_together(&self) -> Vec<(&str, &Test)> {
        let held = self.0.iter().flat_map(|clause| match clause {
            Clause::All(all) => all.iter().flat_map(Self::held_together).collect(),
            Clause::Answer { question, test } => vec![(question.as_str(), test)],
            Clause::Any(_) | Clause::Not(_) => Vec::new(),
        });
        held.collect()
    }

    fn gather<'a>(&'a self, tests: &mut Vec<(&'a str, &'a Test)>) {
        for clause in &self.0 {
            match clause {
                Clause::All(all) | Clause::Any(all) => all.iter().for_each(|inner| inner.gather(tests)),
                Clause::Not(inner) => inner.gather(tests),
                Clause::Answer { question, test } => tests.push((question, test)),
            }
        }
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Conditions)
    }
}

struct Conditions;

impl<'de> Visitor<'de> for Conditions {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition such as `{halter: andere}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        let mut clauses = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            clauses.push(match key.as_str() {
                "all" => Clause::All(map.next_value()?),
                "any" => Clause::Any(map.next_value()?),
                "not" => Clause::Not(map.next_value()?),
                _ => Clause::Answer { question: key, test: map.next_value()? },
            });
        }
        if clauses.is_empty() {
            return Err(A::Error::custom("is a condition that says nothing"));
        }
        Ok(Condition(clauses))
    }
}

impl<'de> Deserialize<'de> for Test {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tests)
    }
}

struct Tests;

impl<'de> Visitor<'de> for Tests {
    type Value = Test;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an option, a list of options, `true`, `false` or `{at_least: 2}`")
    }

    fn visit_bool<E: Error>(self, is: bool) -> Result<Test, E> {
        Ok(Test::Is(is))
    }

    fn visit_str<E: Error>(self, option: &str) -> Result<Test, E> {
        Ok(Test::OneOf(vec![option.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Test, A::Error> {
        let mut options = Vec::new();
        while let Some(option) = list.next_element()? {
            options.push(option);
        }
        Ok(Test::OneOf(options))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Test, A::Error> {
        let range = Range::deserialize(MapAccessDeserializer::new(map))?;
        let dates =
            range.older_than_days.is_some() || range.younger_than_years.is_some() || range.older_than_years.is_some();
        if range.counts() == dates {
            return Err(A::Error::custom(
                "needs `at_least` or `at_most`, or for a date `older_than_days` and the like",
            ));
        }
        Ok(Test::Within(range))
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (condition, range) = (generator.subschema_for::<Self>(), generator.subschema_for::<Range>());
        let conditions = json_schema!({"type": "array", "items": condition, "minItems": 1});
        json_schema!({
            "description": "Answers that have to be given: `{halter: andere}`, `{anzahl: {at_least: 2}}`, `{any: […]}`",
            "type": "object",
            "minProperties": 1,
            "properties": {"all": conditions, "any": conditions, "not": condition},
            "additionalProperties": {"anyOf": [
                {"type": "boolean"}, {"type": "string"}, {"type": "array", "items": {"type": "string"}}, range,
            ]},
        })
    }
}
