//! What can go wrong with a question to the data room, by what the caller does about it.

use sqlx::error::{DatabaseError, ErrorKind};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is such a row already.
    #[error("there is such a row already ({0})")]
    Conflict(String),
    /// It refers to a row that is not there.
    #[error("it refers to a row that is not there")]
    Dangling,
    /// The database is away or busy; nothing has happened, and it may work in a moment.
    #[error("the database does not answer: {}", in_words(.0))]
    Unavailable(String),
    /// A sealed value does not open.
    #[error(transparent)]
    Sealed(#[from] crate::crypto::Unsealable),
    /// It broke off at the commit: what was done may have happened and may not.
    #[error("nobody knows whether the database has kept it: {0}")]
    Unsure(String),
    #[error("the database refuses: {0}")]
    Refused(String),
}

impl Error {
    /// Nobody answers, and nobody hangs up.
    pub(super) fn silent() -> Self {
        Self::Unavailable("no answer in time".into())
    }

    /// Something failed after a commit that stands.
    pub(super) fn in_doubt(self) -> Self {
        Self::Unsure(self.to_string())
    }

    /// The same failure at a commit. Whoever hears no answer does not know what the database did; one that refuses has
    /// kept nothing, unless it was told to go or could not write.
    pub(super) fn at_commit(self) -> Self {
        match self {
            Self::Unavailable(why) if !keeps_nothing(&why) => Self::Unsure(why),
            error => error,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(said) => match (said.kind(), said.code().as_deref()) {
                (ErrorKind::UniqueViolation, _) => Self::Conflict(said.constraint().unwrap_or("unique").to_owned()),
                (ErrorKind::ForeignKeyViolation, _) => Self::Dangling,
                (_, Some(code)) if passes(code) => Self::Unavailable(code.to_owned()),
                (_, code) => Self::Refused(refusal(&**said, code)),
            },
            // it may be busy, or nobody is there: the pool does not say
            sqlx::Error::PoolTimedOut => Self::Unavailable("no connection in time".into()),
            sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable(error.to_string())
            }
            sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => Self::Unavailable(error.to_string()),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Refused(format!("column {index} is not what it should be"))
            }
            sqlx::Error::RowNotFound => Self::Refused("there is no such row".into()),
            // whatever else it is may quote a value
            _ => Self::Refused("a statement and its answer do not fit".into()),
        }
    }
}

/// What was refused, without the database's own words: they may quote a value of the row.
fn refusal(said: &dyn DatabaseError, code: Option<&str>) -> String {
    let place = [("table", said.table()), ("constraint", said.constraint())];
    let place = place.into_iter().filter_map(|(what, name)| Some(format!(", {what} `{}`", name?)));
    format!("code {}{}", code.unwrap_or("unknown"), place.collect::<String>())
}

/// Codes after which nothing of a transaction is left: serialisation, deadlock, locks, no room; SQLite: busy, locked, full.
fn keeps_nothing(code: &str) -> bool {
    let postgres = ["40001", "40P01", "55P03", "53000", "53100", "53200", "53300", "25006"].contains(&code);
    postgres || code.parse::<i32>().is_ok_and(|code| code < 10_000 && matches!(code & 0xff, 5 | 6 | 13))
}

/// PostgreSQL: serialisation, deadlock, lock and statement timeouts, no room, shutting down, connection lost, read-only
/// standby. SQLite: busy, locked, disk full, input/output – also in their extended forms.
pub(super) fn passes(code: &str) -> bool {
    const POSTGRES: [&str; 14] = [
        "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53000", "53100", "53200", "53300", "25006",
        "08006", "08003",
    ];
    let sqlite = code.parse::<i32>().is_ok_and(|code| code < 10_000 && matches!(code & 0xff, 5 | 6 | 10 | 13));
    POSTGRES.contains(&code) || sqlite
}

/// What a code says to people; whatever is no code says it itself.
pub(super) fn in_words(why: &str) -> String {
    let words = match why {
        "53100" => "the disk is full",
        "53200" => "it has no memory left",
        "53300" => "it has too many connections",
        "57014" => "it took too long",
        "57P01" | "57P02" | "57P03" => "it is starting or stopping",
        "25006" => "it is for reading only",
        "08003" | "08006" => "the connection was lost",
        "40001" | "40P01" | "55P03" => "others are in the way",
        _ => match why.parse::<i32>().map(|code| code & 0xff) {
            Ok(13) => "the disk is full",
            Ok(10) => "the disk fails",
            Ok(5 | 6) => "others are in the way",
            _ => return why.to_owned(),
        },
    };
    format!("{words} ({why})")
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(_) => {
                tracing::warn!(%error, "the data room does not answer");
                Self::Unavailable("the data room does not answer")
            }
            Error::Unsure(_) => {
                tracing::error!(%error, "the data room broke off at a commit");
                Self::Unsure
            }
            other => Self::internal(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_was_refused_has_kept_nothing_and_one_without_an_answer_nobody_knows_of() {
        // PostgreSQL: serialisation, disk full · SQLite: busy, full
        for code in ["40001", "53100", "5", "517", "13"] {
            assert!(matches!(Error::Unavailable(code.into()).at_commit(), Error::Unavailable(_)), "{code}");
        }
        // PostgreSQL: told to go, connection lost · SQLite: input/output, also while syncing
        for code in ["57P01", "57014", "08006", "10", "1034", "no answer in time"] {
            assert!(matches!(Error::Unavailable(code.into()).at_commit(), Error::Unsure(_)), "{code}");
        }
        assert!(matches!(Error::Dangling.at_commit(), Error::Dangling));
    }

    #[test]
    fn a_code_that_people_look_up_is_said_in_words() {
        for (code, words) in
            [("13", "disk is full"), ("53100", "disk is full"), ("1034", "disk fails"), ("5", "in the way")]
        {
            let told = Error::Unavailable(code.into()).to_string();
            assert!(told.contains(words) && told.contains(code), "{told}");
        }
        assert_eq!(Error::silent().to_string(), "the database does not answer: no answer in time");
    }
}
