//! What somebody applied for, as it was when they sent it: forms may change, this does not.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{identity::person::Method, tenant::schema::Level};

/// All that desk, copies and back offices need; none of them asks the form again. Sealed wherever it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Application {
    /// Id of the form; `None` if it came on paper or by telephone.
    pub form: Option<String>,
    /// Id of the service.
    pub service: String,
    /// Title of the form, in German.
    pub title: String,
    /// In German, which the town hall works in.
    pub sections: Vec<Section>,
    /// In the language it was filled in, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// How the person had proved who they are.
    pub identity: Option<Proof>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Original {
    pub locale: String,
    pub title: String,
    pub sections: Vec<Section>,
}

/// What an application is called: in German, and in the language it was filled in where that is another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Titles {
    pub german: String,
    /// Code of the language, and the title in it.
    pub original: Option<(String, String)>,
}

impl Titles {
    pub fn of(application: &Application) -> Self {
        let original = application.original.as_ref().map(|it| (it.locale.clone(), it.title.clone()));
        Self { german: application.title.clone(), original }
    }
}

/// A step of the form.
#[derive(Clone, Serialize, Deserialize)]
pub struct Section {
    pub id: String,
    pub title: String,
    pub fields: Vec<Field>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Field {
    pub id: String,
    pub label: String,
    /// The kind of the question: `date`, `iban`, …
    pub kind: String,
    /// For machines: dates as `2026-11-22`, money in cents, IBANs without blanks, `true` and `false`, ids of options.
    pub value: Value,
    /// For reading: `22. November 2026`.
    pub shown: String,
    pub source: FieldSource,
}

/// From where an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldSource {
    /// Read from the chip of an ID card.
    Chip,
    /// From the account of the login provider, and not changed.
    Account,
    Typed,
    /// By the form itself: a sum.
    Computed,
}

/// How sure the town hall can be of the person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proof {
    /// Name of the provider.
    pub provider: String,
    pub level: Level,
    pub method: Method,
}

/// What people apply for belongs into no log.
impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({} sections)", self.sections.len())
    }
}
