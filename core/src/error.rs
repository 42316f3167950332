//! The few failures a caller can act on. Rendered once: a themed page, or problem+json for the API.

use poem::http::StatusCode;

pub type Result<T> = std::result::Result<T, Error>;

/// What the caller does about it decides the variant. The page never shows the source, the log always does.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("there is nothing at this address")]
    NotFound,
    /// Only for somebody who is logged in.
    #[error("nobody is logged in")]
    LoginNeeded,
    #[error("this is not for whoever asks")]
    Forbidden,
    /// A page of another site sent it.
    #[error("the request comes from another site")]
    CrossSite,
    /// The budget of this connection is used up; worth another try after so many seconds.
    #[error("too many requests from one connection")]
    Throttled { seconds: u64 },
    /// The request cannot be understood; the text names what, without repeating the input.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    #[error("this address does not take that method")]
    MethodNotAllowed {
        /// The methods that it takes, as `Allow` names them.
        allowed: &'static str,
    },
    #[error("the request is larger than allowed")]
    TooLarge,
    /// Nothing has happened, and it may work in a moment.
    #[error("not available at the moment: {0}")]
    Unavailable(&'static str),
    /// It broke off while it was being kept: whoever asked looks before they ask again.
    #[error("nobody knows whether it has been kept")]
    Unsure,
    #[error("{0}")]
    Internal(String),
}

impl Error {
    pub fn internal(source: impl std::fmt::Display) -> Self {
        Self::Internal(source.to_string())
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::LoginNeeded => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unavailable(_) | Self::Unsure => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The name under which texts and templates know it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::LoginNeeded => "login_needed",
            Self::Forbidden => "forbidden",
            Self::CrossSite => "cross_site",
            Self::Throttled { .. } => "throttled",
            Self::BadRequest(_) => "bad_request",
            Self::MethodNotAllowed { .. } => "method",
            Self::TooLarge => "too_large",
            Self::Unavailable(_) => "unavailable",
            Self::Unsure => "unsure",
            Self::Internal(_) => "internal",
        }
    }
}

impl poem::error::ResponseError for Error {
    fn status(&self) -> StatusCode {
        Error::status(self)
    }
}
