//! The help page and the pages written in Markdown.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::tenant::Text;

/// `content/faq.yaml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Faq {
    /// Order of the help page.
    #[serde(default)]
    pub topics: Vec<Topic>,
    #[serde(default)]
    pub entries: Vec<FaqEntry>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    pub id: String,
    pub title: Text,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaqEntry {
    /// Part of the address (`/faq#id`); made from the question where it is absent.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub topic: Option<String>,
    pub question: Text,
    pub answer: Text,
    /// Words for the search.
    #[serde(default)]
    pub keywords: Vec<String>,
    #[serde(default)]
    pub example: bool,
}

/// The head of a Markdown page.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageHead {
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub example: bool,
}

/// `content/<name>.md` with its other locales.
#[derive(Debug, Clone)]
pub struct Page {
    pub title: Text,
    pub body: Text,
}
