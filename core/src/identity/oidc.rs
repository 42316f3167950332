//! Login by OpenID Connect: the code flow with PKCE, a nonce and a token that is believed only after every check.
//!
//! Knows no town, no request and no database: settings come in as a plain struct, "now" as a parameter.
//! Invariant: there are no [`Claims`] but those of a token whose signature, issuer, audience and times – of a login
//! its nonce and level as well – have all been checked.

mod bearer;
mod claims;
mod dialect;
mod http;
mod refused;
mod verify;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use moka::sync::Cache;
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    IssuerUrl, LanguageTag, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse,
    core::{CoreAuthPrompt, CoreClientAuthMethod, CoreResponseType},
};
use tokio::time::timeout;

pub use self::{claims::Claims, dialect::Metadata, refused::Refused};
use self::{
    dialect::{Party, Userinfo},
    http::{Http, TOO_SLOW, is_allowed},
};
use crate::config::secret::Secret;

/// What a town and its provider have agreed upon.
pub struct Provider {
    /// Exactly as the provider writes it; its description lies below `/.well-known/openid-configuration`.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Secret,
    /// Where the provider sends the person back to, exactly as it is registered there.
    pub redirect_uri: String,
    /// What is asked for beside `openid`: `profile`, `email`, `address` …
    pub scopes: Vec<String>,
}

/// What one login needs.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// Every `acr` that is good enough, the preferred one first; empty: whatever the provider gives.
    pub acr_values: Vec<String>,
    /// The person identifies anew, even with a session at the provider (step-up).
    pub fresh: bool,
    /// The language of the provider's pages: `de`.
    pub locale: Option<String>,
}

/// A login that has begun. All but the address is kept until the person comes back, and used once.
pub struct Begun {
    pub url: String,
    pub state: String,
    pub nonce: String,
    pub pkce_verifier: String,
}

/// What was kept of a [`Begun`] login.
pub struct Expected<'a> {
    pub nonce: &'a str,
    pub pkce_verifier: &'a str,
    pub demand: &'a Demand,
    pub begun_at: Timestamp,
}

/// The parameters with which the person came back. `state` has found the login already.
#[derive(Default)]
pub struct Answer<'a> {
    pub code: Option<&'a str>,
    pub error: Option<&'a str>,
    pub iss: Option<&'a str>,
}

/// Talks to providers and remembers what they say of themselves.
#[derive(Debug)]
pub struct Client {
    http: Http,
    /// For all the requests of one step of a login together.
    whole: Duration,
    /// By issuer: what a provider says of itself is the same for all who ask.
    known: Cache<Arc<str>, Arc<Metadata>>,
}

impl Client {
    /// Requests to a provider end after this time.
    pub const PATIENCE: Duration = Duration::from_secs(5);
    /// How long a provider's description and keys are believed. A new key is noticed earlier: by a token it signed.
    const REMEMBERED: Duration = Duration::from_secs(600);

    /// `patience`: after this time a request to a provider counts as unanswered, usually [`Client::PATIENCE`]. All that one
    /// step of a login asks takes twice as long at most.
    pub fn with_patience(patience: Duration) -> Result<Self, reqwest::Error> {
        let known = Cache::builder().max_capacity(1000).time_to_live(Self::REMEMBERED).build();
        Ok(Self { http: Http::with_patience(patience)?, whole: patience * 2, known })
    }

    /// What a provider says of itself, its keys included; at most ten minutes old.
    pub async fn discover(&self, issuer: &str) -> Result<Arc<Metadata>, Refused> {
        match self.known.get(issuer) {
            Some(known) => Ok(known),
            None => self.discover_anew(issuer).await,
        }
    }

    /// The same as of now. What is known stays until the provider has answered.
    async fn discover_anew(&self, issuer: &str) -> Result<Arc<Metadata>, Refused> {
        let url = IssuerUrl::new(issuer.to_owned()).map_err(|_| Refused::Settings)?;
        let metadata = Metadata::discover_async(url, &self.http.asking(issuer)).await?;
        let token_endpoint = metadata.token_endpoint().ok_or(Refused::Description)?.url();
        if !is_allowed(metadata.authorization_endpoint().url(), issuer) || !is_allowed(token_endpoint, issuer) {
            return Err(Refused::Insecure);
        }
        let metadata = Arc::new(metadata);
        self.known.insert(issuer.into(), metadata.clone());
        Ok(metadata)
    }

    /// Where the person goes to log in, and what has to be kept for [`Client::finish`].
    pub async fn begin(&self, provider: &Provider, demand: &Demand) -> Result<Begun, Refused> {
        self.in_time(self.set_out(provider, demand)).await
    }

    /// Who came back. Asks the provider once with the code; a second try with the same code is refused there.
    pub async fn finish(
        &self,
        provider: &Provider,
        answer: &Answer<'_>,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<Claims, Refused> {
        self.in_time(self.come_back(provider, answer, expected, now)).await
    }

    /// Whose access token a program brings. A key that the provider has got since we looked is not asked for: anybody can send
    /// tokens, and each would be a question to the provider.
    pub async fn bearer(&self, issuer: &str, audience: &str, token: &str, now: Timestamp) -> Result<Claims, Refused> {
        let metadata = self.in_time(self.discover(issuer)).await?;
        bearer::access_token(&metadata, audience, token, now)
    }

    /// A provider may need several requests, and be slow in each of them.
    async fn in_time<T>(&self, step: impl Future<Output = Result<T, Refused>>) -> Result<T, Refused> {
        timeout(self.whole, step).await.unwrap_or(Err(Refused::Unreachable(TOO_SLOW)))
    }

    async fn set_out(&self, provider: &Provider, demand: &Demand) -> Result<Begun, Refused> {
        let metadata = self.discover(&provider.issuer).await?;
        let party = party(provider, &metadata)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = party
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new_random_len(RANDOM_BYTES),
                || Nonce::new_random_len(RANDOM_BYTES),
            )
            .add_scopes(provider.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        for value in &demand.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(value.clone()));
        }
        if let Some(locale) = &demand.locale {
            request = request.add_ui_locale(LanguageTag::new(locale.clone()));
        }
        if demand.fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, state, nonce) = request.url();
        Ok(Begun {
            url: url.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            pkce_verifier: verifier.into_secret(),
        })
    }

    async fn come_back(
        &self,
        provider: &Provider,
        answer: &Answer<'_>,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<Claims, Refused> {
        let metadata = self.discover(&provider.issuer).await?;
        let code = code_of(answer, &metadata)?;
        let party = party(provider, &metadata)?;
        let asking = self.http.asking(&provider.issuer);
        let tokens = party
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| Refused::Description)?
            .set_pkce_verifier(PkceCodeVerifier::new(expected.pkce_verifier.to_owned()))
            .request_async(&asking)
            .await?;
        let token = tokens.id_token().ok_or(Refused::NoIdToken)?;
        let id = match verify::id_token(provider, &metadata, token, expected, now) {
            // the provider signs with a key that it did not have when we looked
            Err(Refused::UnknownKey) => {
                verify::id_token(provider, &*self.discover_anew(&provider.issuer).await?, token, expected, now)
            }
            outcome => outcome,
        }?;
        let mut claims = Claims::of_id_token(id)?;
        // some providers put all they know into the ID token, some only who it is
        if metadata.userinfo_endpoint().is_some() && !provider.scopes.is_empty() {
            let subject = Some(id.subject().clone());
            let request = party.user_info(tokens.access_token().clone(), subject).map_err(|_| Refused::Description)?;
            let userinfo: Userinfo = request.request_async(&asking).await?;
            claims.complete_from(&userinfo)?;
        }
        Ok(claims)
    }
}

/// 256 bits for `state` and `nonce`.
const RANDOM_BYTES: u32 = 32;

fn party(provider: &Provider, metadata: &Metadata) -> Result<Party, Refused> {
    let secret = provider.client_secret.text().ok_or(Refused::Settings)?;
    let redirect = RedirectUrl::new(provider.redirect_uri.clone()).map_err(|_| Refused::Settings)?;
    let client = ClientId::new(provider.client_id.clone());
    let party = Party::from_provider_metadata(metadata.clone(), client, Some(ClientSecret::new(secret.to_owned())));
    Ok(party.set_redirect_uri(redirect).set_auth_type(auth_type(metadata)))
}

/// `client_secret_basic`, which is the default (OpenID Connect Discovery 3), unless only `client_secret_post` is taken.
fn auth_type(metadata: &Metadata) -> AuthType {
    match metadata.token_endpoint_auth_methods_supported() {
        Some(methods) if !methods.contains(&CoreClientAuthMethod::ClientSecretBasic) => AuthType::RequestBody,
        _ => AuthType::BasicAuth,
    }
}

/// The code, if the answer comes from this provider and is none of its refusals.
fn code_of<'a>(answer: &Answer<'a>, metadata: &Metadata) -> Result<&'a str, Refused> {
    let issuer = metadata.issuer().as_str();
    let is_named = metadata.additional_metadata().names_issuer;
    if answer.iss.map_or(is_named, |named| named != issuer) {
        return Err(Refused::IssuerOfAnswer);
    }
    match answer.error {
        Some("access_denied") => Err(Refused::Cancelled),
        Some("unmet_authentication_requirements") => Err(Refused::LevelTooLow),
        Some("temporarily_unavailable") => Err(Refused::Unreachable("it says that it is overloaded or being repaired")),
        Some("server_error") => Err(Refused::Unreachable("it says that it is broken")),
        // the word comes out of an address that anybody can write: only words we know reach the log
        Some(error) => {
            Err(Refused::ByProvider(KNOWN_ERRORS.into_iter().find(|known| *known == error).unwrap_or("another error")))
        }
        None => answer.code.filter(|code| !code.is_empty()).ok_or(Refused::NoCode),
    }
}

/// RFC 6749 4.1.2.1 and OpenID Connect Core 3.1.2.6.
const KNOWN_ERRORS: [&str; 11] = [
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "invalid_request_uri",
    "request_not_supported",
    "registration_not_supported",
];
