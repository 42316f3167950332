use crate::Level;

/// Why an answer is not believed, for the log: nothing of the person is in it. People see one page for all of them but
/// the first three.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("the person did not log in at the provider")]
    Cancelled,
    #[error("the provider answered `{code:?}` ({})", if details.is_empty() { "no detail".into() } else { details.join(", ") })]
    Status {
        code: StatusCode,
        /// Error codes of the akdb status detail, such as `IDP_REQUIRED_ATTRIBUTES_MISSING`.
        details: Vec<String>,
    },
    #[error("the provider vouches for level {delivered:?}, {demanded:?} was demanded")]
    LevelTooLow { delivered: Level, demanded: Level },
    #[error("the message is {0}")]
    Unreadable(&'static str),
    #[error("the message holds {0}")]
    Forbidden(&'static str),
    #[error("`{0}` is missing, stands too often or is malformed")]
    Shape(&'static str),
    #[error("an assertion came unencrypted")]
    ClearAssertion,
    #[error("the {0} bears no signature")]
    NotSigned(Signed),
    #[error("the signature of the {0} does not hold")]
    Signature(Signed),
    #[error("the algorithm for the {0} is not among the allowed ones")]
    Algorithm(&'static str),
    #[error("the assertion could not be decrypted")]
    Decryption,
    #[error("the {0} names another issuer")]
    Issuer(Signed),
    #[error("the response is for another address")]
    Destination,
    #[error("the {0} answers another request")]
    InResponseTo(Signed),
    #[error("the assertion is for another service")]
    Audience,
    #[error("the assertion is for another address")]
    Recipient,
    #[error("the assertion has expired")]
    Expired,
    #[error("the {0} is from the future")]
    NotYetValid(Signed),
    #[error("the person logged in before the request, though a new login was demanded")]
    OldLogin,
    #[error("the provider names an authentication context without a level")]
    UnknownLevel,
}

/// The two things a provider signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    Response,
    Assertion,
}

impl std::fmt::Display for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Signed::Response => "response",
            Signed::Assertion => "assertion",
        })
    }
}

/// The second-level status code of a refusal, or the first where there is no second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusCode {
    /// The level that was asked for could not be reached.
    NoAuthnContext,
    /// For BundID: a required attribute is missing, the details say so.
    RequestDenied,
    NoPassive,
    UnknownPrincipal,
    RequestUnsupported,
    Requester,
    Responder,
    Other,
}
