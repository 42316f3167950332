//! `offices.yaml`: who is responsible, where, and when somebody is there.

use std::{collections::BTreeMap, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::tenant::{Entries, Text};

/// Offices and outside bodies by id; those of a layer are the same ones in all its towns.
pub type Offices = BTreeMap<Arc<str>, Arc<Office>>;

/// An office of the town, or a body outside it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Office {
    pub name: Text,
    #[serde(default)]
    pub kind: OfficeKind,
    #[serde(default)]
    pub street: Option<String>,
    #[serde(default)]
    pub zip: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub room: Option<Text>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub hours: Entries<Hours>,
    /// What people with disabilities need to know about the way in.
    #[serde(default)]
    pub accessible: Option<Text>,
    /// Address for booking an appointment.
    #[serde(default)]
    pub appointment: Option<String>,
    #[serde(default)]
    pub note: Option<Text>,
    #[serde(default)]
    pub example: bool,
}

impl From<Text> for Office {
    fn from(name: Text) -> Self {
        Self {
            name,
            kind: OfficeKind::Office,
            street: None,
            zip: None,
            city: None,
            room: None,
            phone: None,
            email: None,
            url: None,
            hours: Entries::default(),
            accessible: None,
            appointment: None,
            note: None,
            example: false,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OfficeKind {
    /// The town's own.
    #[default]
    Office,
    /// Outside: Kreis, Land, Bund, a chamber.
    Body,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    pub days: Text,
    #[serde(default)]
    pub times: Option<Text>,
}

impl From<Text> for Hours {
    fn from(days: Text) -> Self {
        Self { days, times: None }
    }
}
