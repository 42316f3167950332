//! `regimes.yaml` and `letters.yaml`: when a decision counts as announced, and what clerks write again and again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tenant::Text;

/// When a decision (Bescheid) that is provided in the Postkorb counts as announced. Which law a service follows is its own
/// affair: `regime: <id>`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    pub name: Text,
    /// The law: `§ 122a AO`.
    pub basis: Text,
    /// From which moment the days are counted.
    pub counts_from: CountsFrom,
    /// So many days later the decision counts as announced.
    pub days: u8,
    #[serde(default)]
    pub weekend: Weekend,
    /// Not retrieved within so many days it does not count as announced, and goes by post.
    #[serde(default)]
    pub retrieve_within_days: Option<u8>,
    /// The person has to agree first that decisions come into the Postkorb.
    #[serde(default)]
    pub consent: bool,
    /// What both sides are told about it, Markdown.
    pub text: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountsFrom {
    /// It lies in the Postkorb, and the person was notified.
    Provided,
    /// The person opened it.
    Retrieved,
}

/// What becomes of a day that is a Saturday, a Sunday or a holiday.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekend {
    #[default]
    AsIs,
    NextWorkingDay,
}

/// A text that a clerk starts from. `{applicant}`, `{number}`, `{service}`, `{due}` and `{clerk}` are filled in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterTemplate {
    pub title: Text,
    #[serde(rename = "for")]
    pub purpose: LetterPurpose,
    pub text: Text,
    /// Only for these services; absent: for all.
    #[serde(default)]
    pub services: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterPurpose {
    Message,
    /// Something is missing.
    Request,
    Decision,
}
