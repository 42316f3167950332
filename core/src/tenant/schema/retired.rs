//! Words that were right once, for the check of texts.

use schemars::JsonSchema;
use serde::Deserialize;

/// `retired.yaml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    #[serde(default)]
    pub terms: Vec<RetiredTerm>,
}

/// A word that texts should no longer use. With `from`, the first day on which it is wrong.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetiredTerm {
    pub id: String,
    /// A space also stands for a hyphen or for nothing; endings and compounds are found as well.
    pub term: String,
    /// Other spellings and names.
    #[serde(default)]
    pub also: Vec<String>,
    /// Upper and lower case as written here, and no endings: for abbreviations.
    #[serde(default)]
    pub exact: bool,
    /// Only where one of these words, or one that begins so, stands in the same sentence or the next to it.
    #[serde(default)]
    pub near: Vec<String>,
    /// Phrases; a sentence with one of them is right.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// What to write today; absent where the sentence should go.
    #[serde(default)]
    pub instead: Option<String>,
    /// Since when and why, for the hint; a sentence without its full stop.
    pub reason: String,
}
