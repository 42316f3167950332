//! `staff:` in `tenant.yaml`: who works behind the portal, and what each may do.

use schemars::JsonSchema;
use serde::Deserialize;

/// Departments and roles of a town. A layer may ship roles; who has which, the login or `portal staff` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    #[serde(default)]
    pub departments: Vec<Department>,
    #[serde(default)]
    pub roles: Vec<Role>,
}

/// A part of the town hall whose cases belong together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub id: String,
    pub name: String,
    /// What people of this role may do.
    #[serde(default)]
    pub may: Vec<Permission>,
    /// Only for these departments; absent: for all.
    #[serde(default)]
    pub departments: Vec<String>,
}

/// What somebody may do at the desk. There are no others: what is not said here nobody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Enter the desk and see how much there is to do.
    Desk,
    /// Open applications of the department, ask back, decide.
    Cases,
    /// Read and write messages to citizens.
    Messages,
    /// Open applications and messages of every department that the role reaches without saying why: heads of the house.
    Oversight,
    /// See which accounts of citizens have moved to another provider, and undo it.
    Accounts,
    /// Let colleagues in, give them roles, take both away.
    Staff,
    /// Read who did what, the trail of all deeds.
    Audit,
}

impl Permission {
    pub fn word(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Cases => "cases",
            Self::Messages => "messages",
            Self::Oversight => "oversight",
            Self::Accounts => "accounts",
            Self::Staff => "staff",
            Self::Audit => "audit",
        }
    }
}

impl Staff {
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    pub fn department(&self, id: &str) -> Option<&Department> {
        self.departments.iter().find(|department| department.id == id)
    }
}
