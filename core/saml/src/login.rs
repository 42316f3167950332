use std::fmt;

use jiff::Timestamp;

use crate::{Attribute, Level, attribute, names};

/// A login that is believed. The caller still refuses a second one with the same `assertion_id`, and a person who is not
/// the one whose session asked for a higher level.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// At least the level that was demanded.
    pub level: Level,
    pub name_id: String,
    /// The `Format` of the name, if the provider says one.
    pub name_id_format: Option<String>,
    /// When the person proved who they are.
    pub authn_instant: Timestamp,
    /// In the order of the assertion, no name twice.
    pub attributes: Vec<Attribute>,
    /// Unique for each login: remember it until `not_on_or_after`, per provider, and refuse it a second time.
    pub assertion_id: String,
    /// Only as trustworthy as the response's own signature, if it had one.
    pub response_id: String,
    /// From this moment the answer is refused by itself; the allowed skew is included.
    pub not_on_or_after: Timestamp,
}

impl Login {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The one value of an attribute; `None` also if it has several, or an empty one.
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.attribute(name)?.values.as_slice() {
            [value] if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// What an account is found by, within one town and provider: BundID's bPK2, else a name that the provider calls
    /// persistent. `None` is a guest.
    pub fn subject(&self) -> Option<&str> {
        let persistent = self.name_id_format.as_deref() == Some(names::PERSISTENT);
        self.value(attribute::BPK2).or(persistent.then_some(self.name_id.as_str()))
    }
}

// Names and values are personal: they must not reach a log by accident.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = &mut f.debug_struct("Login");
        login.field("level", &self.level).field("authn_instant", &self.authn_instant);
        login.field("attributes", &self.attributes).finish_non_exhaustive()
    }
}
