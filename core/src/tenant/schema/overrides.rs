//! Which texts of its layers a town has read and still says otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An entry of `overrides.yaml`; `portal tenant drift --accept` writes them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// File and value: `services/hundesteuer.yaml#fees`, `start.yaml#tiles.ausweis.title`, `content/impressum.md`.
    pub value: String,
    /// What the layers said when the town decided, as the beginning of its SHA-256.
    pub digest: String,
    /// The day of the decision.
    #[schemars(with = "String")]
    pub on: jiff::civil::Date,
}
