//! What can go wrong with a question to the data room, by what the caller does about it.

use sqlx::error::ErrorKind;

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
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// A sealed value does not open.
    #[error(transparent)]
    Sealed(#[from] crate::crypto::Unsealable),
    #[error("the database refuses: {0}")]
    Refused(String),
}

impl Error {
    /// Nobody answers, and nobody hangs up.
    pub(super) fn silent() -> Self {
        Self::Unavailable("no answer in time".into())
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(said) => match (said.kind(), said.code().as_deref()) {
                // the message of either database would name the value
                (ErrorKind::UniqueViolation, _) => Self::Conflict(said.constraint().unwrap_or("unique").to_owned()),
                (ErrorKind::ForeignKeyViolation, _) => Self::Dangling,
                (_, Some(code)) if passes(code) => Self::Unavailable(code.to_owned()),
                (_, code) => Self::Refused(format!("{} ({})", said.message(), code.unwrap_or("no code"))),
            },
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable(error.to_string())
            }
            sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => Self::Unavailable(error.to_string()),
            _ => Self::Refused(error.to_string()),
        }
    }
}

/// PostgreSQL: serialisation, deadlock, lock and statement timeouts, no room, shutting down, connection lost, read-only
/// standby. SQLite: busy, locked, disk full, input/output – also in their extended forms.
fn passes(code: &str) -> bool {
    const POSTGRES: [&str; 14] = [
        "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53000", "53100", "53200", "53300", "25006",
        "08006", "08003",
    ];
    let sqlite = code.parse::<i32>().is_ok_and(|code| code < 10_000 && matches!(code & 0xff, 5 | 6 | 10 | 13));
    POSTGRES.contains(&code) || sqlite
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(_) => {
                tracing::warn!(%error, "the data room does not answer");
                Self::Unavailable("the data room does not answer")
            }
            other => Self::internal(other),
        }
    }
}
