//! Why a database is not used, and what the operator does about it.

use super::{
    Unfit,
    error::{in_words, passes},
};

#[derive(Debug, thiserror::Error)]
pub enum NotAdmitted {
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// PostgreSQL answers, and does not let this role in.
    #[error("the database refuses: {0}")]
    Refused(String),
    /// SQLite's file, or the folder around it.
    #[error("the file of the database cannot be used: {0}")]
    File(String),
    #[error("the tables are those of version {found}, this portal needs {needed}")]
    Outdated { found: i64, needed: i64 },
    #[error("the tables are those of version {found}, this portal knows none after {known}")]
    Newer { found: i64, known: i64 },
    #[error("the tables of version {0} are half made")]
    Half(i64),
    #[error("the tables of version {0} were made from another text than this portal's")]
    Changed(i64),
    /// Names of master keys.
    #[error("the keys of towns are under the master key {}, which this portal does not have", quoted(.0))]
    LacksKeys(Vec<String>),
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

impl NotAdmitted {
    /// Whether waiting may help; everything else needs the operator.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    /// What the operator does next.
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Unreachable(_) => "is it running, and does `--database` name it rightly?",
            Self::Refused(_) => {
                "does `--database` name a role that may log in, its password and a database of that server?"
            }
            Self::File(_) => "the folder given by `--data` must be the portal's own, with room to write",
            Self::Outdated { .. } => {
                "`portal migrate`; on PostgreSQL as the owner: `--database postgres://OWNER@…`, or `--migrate-as`"
            }
            Self::Newer { .. } => "a newer portal has been here: start that one, or restore the backup from before it",
            Self::Half(_) | Self::Changed(_) => "make the database anew and restore the last backup",
            Self::LacksKeys(_) => {
                "take the missing key from the safe or from another node and add its line to the file that \
                 `--master-key` names; `portal keys list` tells all of them"
            }
            Self::Unfit(unfit) => return unfit.hint(),
        };
        hint.to_owned()
    }

    /// What SQLite says about its file.
    pub(super) fn of_file(error: sqlx::Error) -> Self {
        match Self::from(error) {
            Self::Refused(why) => Self::File(why),
            other => other,
        }
    }
}

/// Nothing has been asked yet that a row could answer, so the database's own words name no person.
impl From<sqlx::Error> for NotAdmitted {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(said) => match said.code().as_deref() {
                Some(code) if passes(code) => Self::Unreachable(in_words(code)),
                _ => Self::Refused(said.message().to_owned()),
            },
            sqlx::Error::Configuration(_) => Self::Refused(error.to_string()),
            _ => Self::Unreachable(error.to_string()),
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
