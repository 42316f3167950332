//! Where the data lies.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// A file of SQLite, or a database of PostgreSQL.
#[derive(Clone)]
pub enum Place {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl Place {
    /// The embedded default in the folder of everything that is kept.
    pub fn in_data(data: &Path) -> Self {
        Self::Sqlite(data.join("portal.db"))
    }

    pub fn is_embedded(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// What lies between the portal and it.
    pub fn road(&self) -> Road {
        let Self::Postgres(options) = self else { return Road::None };
        let host = options.get_host();
        let is_here = options.get_socket().is_some()
            || host.starts_with('/')
            || host == "localhost"
            || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        match options.get_ssl_mode() {
            _ if is_here => Road::None,
            PgSslMode::VerifyFull => Road::Guarded,
            PgSslMode::Require | PgSslMode::VerifyCa => Road::Unchecked,
            PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => Road::Open,
        }
    }
}

/// The way to the database, by who could listen on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// It is on the same machine.
    None,
    /// Encrypted, and the server shows who it is.
    Guarded,
    /// Encrypted, but whoever stands in between could pass for the server.
    Unchecked,
    /// Perhaps in clear.
    Open,
}

impl Road {
    /// What is wrong with it, and what to do.
    pub fn complaint(self) -> Option<(&'static str, &'static str)> {
        let message = match self {
            Self::None | Self::Guarded => return None,
            Self::Unchecked => "is asked over the network without looking whether it is the right server",
            Self::Open => "is asked over the network, perhaps in clear: passwords and rows of persons",
        };
        Some((message, "`?sslmode=verify-full&sslrootcert=/etc/…` behind the name of the database"))
    }
}

/// `sqlite:data/portal.db` or `postgres://portal@host/portal`.
impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(path.trim_start_matches("//").into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = text.parse::<PgConnectOptions>().map_err(|error| error.to_string())?;
            return Ok(Self::Postgres(Box::new(options)));
        }
        Err("a database is `postgres://ROLE@HOST/NAME` or `sqlite:FILE`".to_owned())
    }
}

/// Never with a password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(options) => {
                let (host, name) = (options.get_host(), options.get_database().unwrap_or_default());
                write!(f, "postgres://{}@{host}:{}/{name}", options.get_username(), options.get_port())
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
