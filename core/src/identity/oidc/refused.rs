//! Why a login came to nothing, for the log: no address, no name, no token.

use openidconnect::{
    ClaimsVerificationError as Claim, DiscoveryError, RequestTokenError, SignatureVerificationError as Signature,
    UserInfoError,
    core::{CoreErrorResponseType, CoreRequestTokenError},
};

/// What a caller does differently: try later ([`Refused::Unreachable`]), say that nothing happened
/// ([`Refused::Cancelled`]), ask for another account ([`Refused::LevelTooLow`]) – and for all else one uniform page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Down, slow or not to be trusted by its certificate; everything without login goes on.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(&'static str),
    /// The person turned back at the provider.
    #[error("the person cancelled the login")]
    Cancelled,
    /// Less than was demanded, told without an error (OpenID Connect Core 3.1.2.1: `acr_values` is only a wish).
    #[error("the level of assurance is lower than demanded")]
    LevelTooLow,
    #[error("the provider answered with the error `{0}`")]
    ByProvider(&'static str),

    #[error("the provider or one of its addresses is not encrypted")]
    Insecure,
    #[error("the provider's answer is too large")]
    TooLarge,
    #[error("the provider's description cannot be used, or is that of another issuer")]
    Description,
    #[error("the settings of this provider cannot be used")]
    Settings,

    #[error("the answer has neither a code nor an error")]
    NoCode,
    #[error("the answer names another issuer, or none although the provider always names one")]
    IssuerOfAnswer,
    #[error("the provider does not accept the portal's client id and secret")]
    Client,
    #[error("the provider does not accept the code: expired, used before, or not for this browser")]
    Code,
    #[error("the provider's answer to the code cannot be read")]
    TokenAnswer,

    #[error("there is no ID token")]
    NoIdToken,
    #[error("the ID token's algorithm is not allowed")]
    Algorithm,
    #[error("no key of the provider fits the ID token")]
    UnknownKey,
    #[error("the ID token's signature is wrong")]
    Signature,
    #[error("the ID token comes from another issuer")]
    Issuer,
    #[error("the ID token is meant for somebody else")]
    Audience,
    #[error("the ID token belongs to another login")]
    Nonce,
    #[error("the ID token has expired")]
    Expired,
    #[error("the ID token was issued before the login began, or in the future")]
    IssuedAt,
    #[error("the person did not identify anew")]
    NotFresh,
    #[error("the ID token is not in order")]
    Malformed,
    #[error("what the provider tells of the person belongs to somebody else, or cannot be read")]
    Userinfo,
}

impl From<DiscoveryError<Refused>> for Refused {
    fn from(error: DiscoveryError<Refused>) -> Self {
        match error {
            DiscoveryError::Request(refused) => refused,
            _ => Self::Description,
        }
    }
}

impl From<CoreRequestTokenError<Refused>> for Refused {
    fn from(error: CoreRequestTokenError<Refused>) -> Self {
        match error {
            RequestTokenError::Request(refused) => refused,
            RequestTokenError::ServerResponse(said) => match said.error() {
                CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => Self::Client,
                _ => Self::Code,
            },
            _ => Self::TokenAnswer,
        }
    }
}

impl From<UserInfoError<Refused>> for Refused {
    fn from(error: UserInfoError<Refused>) -> Self {
        match error {
            UserInfoError::Request(refused) => refused,
            _ => Self::Userinfo,
        }
    }
}

impl From<Claim> for Refused {
    fn from(error: Claim) -> Self {
        match error {
            Claim::Expired(_) => Self::Expired,
            Claim::InvalidAudience(_) => Self::Audience,
            Claim::InvalidIssuer(_) => Self::Issuer,
            Claim::InvalidNonce(_) => Self::Nonce,
            Claim::SignatureVerification(signature) => match signature {
                Signature::NoMatchingKey | Signature::AmbiguousKeyId(_) => Self::UnknownKey,
                Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_) | Signature::NoSignature => Self::Algorithm,
                _ => Self::Signature,
            },
            _ => Self::Malformed,
        }
    }
}
