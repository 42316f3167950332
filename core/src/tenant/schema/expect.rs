//! `expect.yaml`: what the town promises its people, checked on its finished pages by `portal check`.

use schemars::JsonSchema;
use serde::Deserialize;

/// Promises of a town. A layer may make some for all its towns.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    #[serde(default)]
    pub promises: Vec<Promise>,
}

/// One promise and how it shows. Every condition that is given has to hold, in German unless `locale` says otherwise.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    pub id: String,
    /// The promise in the town's own words; it is repeated when it is broken.
    pub promise: String,
    /// The page it is about: `/kontakt`, or `all` for every page that gives information.
    #[serde(default)]
    pub page: Option<String>,
    /// The service it is about, instead of `page`.
    #[serde(default)]
    pub service: Option<String>,
    #[serde(default)]
    pub locale: Option<String>,
    /// Words that stand on the page.
    #[serde(default)]
    pub says: Vec<String>,
    /// Words that do not.
    #[serde(default)]
    pub says_not: Vec<String>,
    /// Beginnings of addresses to which the page has a link.
    #[serde(default)]
    pub links_to: Vec<String>,
    /// Whether the service can be done online.
    #[serde(default)]
    pub online: Option<bool>,
    /// Whether the page can be read only after a login.
    #[serde(default)]
    pub login: Option<bool>,
}
