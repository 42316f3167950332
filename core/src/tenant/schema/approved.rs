//! `approved.yaml`: which texts of its layers a town has read and takes as its own.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

/// Written by `portal tenant approve`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// The day since which every text was approved at least once. What a layer changes later is told, and takes no town
    /// that is live off the net.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub complete: Option<Date>,
    #[serde(default)]
    pub texts: Vec<Approval>,
}

/// One text as it read when somebody approved it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Path below the town or layer: `content/datenschutz.md`.
    pub text: String,
    /// Of the layers' text; another one means that it has changed since.
    pub digest: String,
    /// Office or person.
    pub by: String,
    #[schemars(with = "String")]
    pub on: Date,
}
