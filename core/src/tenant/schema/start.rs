//! What leads into the catalogue: tiles, categories, life situations, and notices above every page.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::tenant::Text;

/// `start.yaml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    #[serde(default)]
    pub tiles: Vec<Tile>,
}

/// A tile of the start page leads to exactly one of service, category, situation or address.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    #[serde(default)]
    pub id: Option<String>,
    pub title: Text,
    #[serde(default)]
    pub text: Option<Text>,
    #[serde(default)]
    pub icon: Option<String>,
    #[serde(default)]
    pub service: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub situation: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
}

/// `categories.yaml`: a subject area of the catalogue.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub title: Text,
    #[serde(default)]
    pub icon: Option<String>,
    #[serde(default)]
    pub text: Option<Text>,
}

/// `situations.yaml`: a life situation with its services.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    pub title: Text,
    #[serde(default)]
    pub short: Option<Text>,
    #[serde(default)]
    pub icon: Option<String>,
    #[serde(default)]
    pub text: Option<Text>,
    #[serde(default)]
    pub services: Vec<String>,
}

/// `notices.yaml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    #[serde(default)]
    pub notices: Vec<Notice>,
}

/// Something everybody should know for a while.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub id: String,
    #[serde(default)]
    pub level: Level,
    pub title: Text,
    #[serde(default)]
    pub text: Option<Text>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    #[default]
    Info,
    Warning,
    Disruption,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Disruption => "disruption",
        }
    }
}
