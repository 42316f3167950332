//! Login by OpenID Connect against an independent provider (`tests/peers/oidc`): what is believed, and what never is.

mod away;
mod town;

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, ToSpan};
use portal::{
    clock::Clock,
    config::secret::{Secret, SecretRef},
    identity::oidc::{Answer, Begun, Claims, Client, Demand, Expected, Provider, Refused},
};
use portal_tests::OidcPeer;
use serde_json::json;

const CALLBACK: &str = "https://portal.ostrau.example/oidc/town/callback";

/// A town and its provider.
struct Login {
    peer: OidcPeer,
    client: Client,
    provider: Provider,
    demand: Demand,
}

impl Login {
    async fn at_a_provider() -> Self {
        Self::at(OidcPeer::start(&[CALLBACK]).await)
    }

    fn at(peer: OidcPeer) -> Self {
        let provider = Provider {
            issuer: peer.issuer.clone(),
            client_id: OidcPeer::CLIENTS[0].into(),
            client_secret: secret(OidcPeer::SECRET),
            redirect_uri: CALLBACK.into(),
            scopes: vec!["profile".into(), "email".into()],
        };
        let client = Client::with_patience(Duration::from_secs(5)).unwrap();
        let demand = Demand { locale: Some("de".into()), ..Demand::default() };
        Self { peer, client, provider, demand }
    }

    async fn begin(&self) -> Begun {
        self.client.begin(&self.provider, &self.demand).await.unwrap()
    }

    /// From the first click to the outcome.
    async fn of(&self, who: &str) -> Result<Claims, Refused> {
        let begun = self.begin().await;
        let back = self.peer.log_in(&begun.url, who).await;
        assert_eq!(back["state"], begun.state);
        let text = |name: &str| back.get(name).map(String::as_str);
        let answer = Answer { code: text("code"), error: text("error"), iss: text("iss") };
        self.finish(&begun, &answer, now()).await
    }

    async fn finish(&self, begun: &Begun, answer: &Answer<'_>, now: Timestamp) -> Result<Claims, Refused> {
        let expected = Expected {
            nonce: &begun.nonce,
            pkce_verifier: &begun.pkce_verifier,
            demand: &self.demand,
            begun_at: now - 1.second(),
        };
        self.client.finish(&self.provider, answer, &expected, now).await
    }
}

fn secret(text: &str) -> Secret {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{text}\n")).unwrap();
    SecretRef::File(file.path().into()).read().unwrap()
}

/// The provider has the machine's clock.
fn now() -> Timestamp {
    Clock::default().now()
}

#[tokio::test]
async fn a_person_logs_in_with_every_algorithm_we_take() {
    let mut login = Login::at_a_provider().await;
    for client in OidcPeer::CLIENTS {
        login.provider.client_id = client.into();
        let anna = login.of("anna").await.unwrap();
        assert_eq!((anna.subject.as_str(), anna.acr.as_deref()), ("anna", Some("substantial")), "{client}");
        assert_eq!(anna.methods, ["pwd"]);
        assert_eq!((anna.text("given_name"), anna.text("birthdate")), (Some("Anna"), Some("1980-02-29")));
        assert_eq!(anna.email(), Some("anna@example.org"));
        assert_eq!(anna.attributes()["groups"], json!(["buergerdienste"]));
        assert!(!anna.attributes().contains_key("nonce"), "the protocol's own is no attribute");
        assert_eq!(format!("{anna:?}"), "Claims { .. }", "nothing of a person prints");
    }
}

#[tokio::test]
async fn many_log_in_at_once_and_nobody_becomes_somebody_else() {
    let login = Arc::new(Login::at_a_provider().await);
    let people = ["anna", "ben", "mallory"].into_iter().cycle().take(12);
    let logins: Vec<_> = people
        .map(|who| {
            let login = login.clone();
            tokio::spawn(async move { (who, login.of(who).await.unwrap().subject) })
        })
        .collect();
    for login in logins {
        let (who, subject) = login.await.unwrap();
        assert_eq!(who, subject);
    }
}

#[tokio::test]
async fn the_login_asks_for_what_the_town_demands() {
    let mut login = Login::at_a_provider().await;
    login.demand.acr_values = vec!["substantial".into(), "high".into()];
    login.demand.fresh = true;
    let (one, other) = (login.begin().await, login.begin().await);
    let query: std::collections::HashMap<_, _> =
        form_urlencoded::parse(one.url.split_once('?').unwrap().1.as_bytes()).into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
        ("acr_values", "substantial high"),
        ("prompt", "login"),
        ("max_age", "0"),
        ("ui_locales", "de"),
        ("state", &one.state),
        ("nonce", &one.nonce),
    ] {
        assert_eq!(query[name], value, "{name}");
    }
    assert!(!one.url.contains(&one.pkce_verifier), "the verifier stays here");
    assert!(one.state.len() >= 43 && one.nonce.len() >= 43, "256 bits");
    for (one, other) in
        [(&one.state, &other.state), (&one.nonce, &other.nonce), (&one.pkce_verifier, &other.pkce_verifier)]
    {
        assert_ne!(one, other);
    }
}

#[tokio::test]
async fn an_address_nobody_verified_is_none() {
    let mut login = Login::at_a_provider().await;
    let mallory = login.of("mallory").await.unwrap();
    assert_eq!((mallory.email(), mallory.text("given_name")), (None, Some("Mallory")));
    login.provider.scopes.clear();
    assert!(login.of("anna").await.unwrap().attributes().is_empty(), "what is not asked for is not told");
}

#[tokio::test]
async fn what_a_short_token_leaves_out_is_asked_for() {
    let mut login = Login::at(OidcPeer::with_short_tokens(&[CALLBACK]).await);
    let anna = login.of("anna").await.unwrap();
    assert_eq!((anna.email(), anna.text("family_name")), (Some("anna@example.org"), Some("Musterfrau")));
    assert_eq!(anna.acr.as_deref(), Some("substantial"));
    assert_eq!(login.of("anna~other-userinfo").await.unwrap_err(), Refused::Userinfo);
    login.peer.answers(json!({"describe": {"userinfo_endpoint": null}})).await;
    login.client = Client::with_patience(Duration::from_secs(5)).unwrap();
    let anna = login.of("anna").await.unwrap();
    assert_eq!((anna.subject.as_str(), anna.email()), ("anna", None), "a provider that has nothing more to say");
}

#[tokio::test]
async fn a_lower_level_than_demanded_is_refused() {
    let mut login = Login::at_a_provider().await;
    login.demand.acr_values = vec!["substantial".into(), "high".into()];
    assert_eq!(login.of("mallory").await.unwrap_err(), Refused::LevelTooLow);
    assert_eq!(login.of("anna~no-level").await.unwrap_err(), Refused::LevelTooLow);
    assert_eq!(login.of("anna").await.unwrap().acr.as_deref(), Some("substantial"));
    assert_eq!(login.of("ben").await.unwrap().acr.as_deref(), Some("high"));
}

#[tokio::test]
async fn a_step_up_wants_the_person_to_identify_anew() {
    let mut login = Login::at_a_provider().await;
    login.demand.fresh = true;
    let anna = login.of("anna").await.unwrap();
    assert!(anna.identified_at.unwrap() > now() - 1.minute());
    assert_eq!(login.of("anna~identified-earlier").await.unwrap_err(), Refused::NotFresh);
    login.demand.fresh = false;
    assert!(login.of("anna~identified-earlier").await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_wrong_in_any_way_is_refused() {
    let login = Login::at_a_provider().await;
    assert!(login.of("anna~same").await.is_ok(), "the provider's own hand is believed");
    assert!(login.of("anna~just-expired").await.is_ok(), "clocks differ by less than a minute");
    for (how, refused) in [
        ("bad-signature", Refused::Signature),
        ("other-claims", Refused::Signature),
        ("strange-key", Refused::Signature),
        ("unknown-key", Refused::UnknownKey),
        ("no-signature", Refused::Signature),
        ("alg-none", Refused::Algorithm),
        ("alg-hs256", Refused::Algorithm),
        ("alg-rs512", Refused::Algorithm),
        ("access-token", Refused::Malformed),
        ("critical-header", Refused::Malformed),
        ("other-issuer", Refused::Issuer),
        ("other-audience", Refused::Audience),
        ("more-audiences", Refused::Audience),
        ("other-party", Refused::Audience),
        ("wrong-nonce", Refused::Nonce),
        ("no-nonce", Refused::Nonce),
        ("expired", Refused::Expired),
        ("issued-earlier", Refused::IssuedAt),
        ("issued-later", Refused::IssuedAt),
        ("no-subject", Refused::TokenAnswer),
        ("no-jwt", Refused::TokenAnswer),
        ("no-token", Refused::NoIdToken),
    ] {
        assert_eq!(login.of(&format!("anna~{how}")).await.unwrap_err(), refused, "{how}");
    }
}

#[tokio::test]
async fn our_clock_decides_when_a_token_has_expired() {
    let login = Login::at_a_provider().await;
    let begun = login.begin().await;
    let back = login.peer.log_in(&begun.url, "anna").await;
    let answer = Answer { code: Some(&back["code"]), iss: Some(&back["iss"]), ..Answer::default() };
    let expected =
        Expected { nonce: &begun.nonce, pkce_verifier: &begun.pkce_verifier, demand: &login.demand, begun_at: now() };
    // the token lives for ten minutes
    let later = now() + 11.minutes() + 1.second();
    let outcome = login.client.finish(&login.provider, &answer, &expected, later).await;
    assert_eq!(outcome.unwrap_err(), Refused::Expired);
}

#[tokio::test]
async fn a_code_serves_once_and_only_the_browser_that_began() {
    let login = Login::at_a_provider().await;
    let (begun, other) = (login.begin().await, login.begin().await);
    let back = login.peer.log_in(&begun.url, "anna").await;
    let answer = Answer { code: Some(&back["code"]), iss: Some(&back["iss"]), ..Answer::default() };
    assert_eq!(login.finish(&other, &answer, now()).await.unwrap_err(), Refused::Code, "another verifier");
    let back = login.peer.log_in(&begun.url, "anna").await;
    let answer = Answer { code: Some(&back["code"]), iss: Some(&back["iss"]), ..Answer::default() };
    assert!(login.finish(&begun, &answer, now()).await.is_ok());
    assert_eq!(login.finish(&begun, &answer, now()).await.unwrap_err(), Refused::Code, "a second time");
}

#[tokio::test]
async fn an_answer_of_another_issuer_or_without_a_code_is_refused_before_anybody_is_asked() {
    let mut login = Login::at_a_provider().await;
    let begun = login.begin().await;
    let issuer = login.provider.issuer.clone();
    let iss = Some(issuer.as_str());
    for (answer, refused) in [
        (Answer { code: Some("c"), iss: Some("https://login.example"), error: None }, Refused::IssuerOfAnswer),
        (Answer { code: Some("c"), iss: None, error: None }, Refused::IssuerOfAnswer),
        (Answer { code: None, iss, error: None }, Refused::NoCode),
        (Answer { code: Some(""), iss, error: None }, Refused::NoCode),
        (Answer { code: Some("c"), iss, error: Some("access_denied") }, Refused::Cancelled),
        (Answer { code: None, iss, error: Some("login_required") }, Refused::ByProvider("login_required")),
        (Answer { code: None, iss, error: Some("max@example.org") }, Refused::ByProvider("another error")),
    ] {
        assert_eq!(login.finish(&begun, &answer, now()).await.unwrap_err(), refused);
    }
    assert_eq!(login.of("nobody").await.unwrap_err(), Refused::Cancelled, "who turns back at the provider");
    // a provider that does not name itself always is believed without
    login.peer.answers(json!({"describe": {"authorization_response_iss_parameter_supported": false}})).await;
    login.client = Client::with_patience(Duration::from_secs(5)).unwrap();
    let back = login.peer.log_in(&begun.url, "anna").await;
    let answer = Answer { code: Some(&back["code"]), ..Answer::default() };
    assert!(login.finish(&begun, &answer, now()).await.is_ok());
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_noticed() {
    let mut login = Login::at_a_provider().await;
    login.peer.answers(json!({"keyless": true})).await;
    login.begin().await;
    assert_eq!(login.of("anna").await.unwrap_err(), Refused::UnknownKey);
    login.begin().await;
    login.peer.answers(json!({})).await;
    assert!(login.of("anna").await.is_ok(), "known keys are ten minutes old at most, and fetched anew for a new one");
}

#[tokio::test]
async fn a_provider_that_takes_the_secret_in_the_form_only_gets_it_there() {
    let mut login = Login::at_a_provider().await;
    login.peer.answers(json!({"describe": {"token_endpoint_auth_methods_supported": ["client_secret_post"]}})).await;
    login.provider.client_id = "portal-post".into();
    assert!(login.of("anna").await.is_ok());
    login.provider.client_secret = secret("another");
    assert_eq!(login.of("anna").await.unwrap_err(), Refused::Client);
}

#[tokio::test]
async fn a_provider_that_is_down_slow_or_not_itself_is_told_apart() {
    let mut login = Login::at_a_provider().await;
    login.client = Client::with_patience(Duration::from_millis(1500)).unwrap();
    let began = async |login: &Login| login.client.begin(&login.provider, &login.demand).await.map(drop);

    login.peer.answers(json!({"slow": 5000})).await;
    let slow = Refused::Unreachable("it did not answer in time");
    assert_eq!(began(&login).await.unwrap_err(), slow);

    for (script, refused) in [
        (json!({"flood": true}), Refused::TooLarge),
        (json!({"describe": {"issuer": "https://login.example"}}), Refused::Description),
        (json!({"describe": {"token_endpoint": null}}), Refused::Description),
        (json!({"describe": {"token_endpoint": "http://login.example/token"}}), Refused::Insecure),
        (json!({"describe": {"authorization_endpoint": "http://login.example/auth"}}), Refused::Insecure),
        (json!({"describe": {"jwks_uri": "http://login.example/jwks"}}), Refused::Insecure),
    ] {
        login.peer.answers(script.clone()).await;
        assert_eq!(began(&login).await.unwrap_err(), refused, "{script}");
    }
    login.peer.answers(json!({})).await;
    let begun = login.begin().await;
    let back = login.peer.log_in(&begun.url, "anna").await;
    let answer = Answer { code: Some(&back["code"]), iss: Some(&back["iss"]), ..Answer::default() };
    login.peer.answers(json!({"redirect": true})).await;
    assert_eq!(login.finish(&begun, &answer, now()).await.unwrap_err(), Refused::TokenAnswer, "no detour");
    login.peer.answers(json!({"slow": 5000})).await;
    assert_eq!(login.finish(&begun, &answer, now()).await.unwrap_err(), slow);

    // each answer comes in time, and all of them together do not: a token, the description again, the keys again
    login.peer.answers(json!({})).await;
    let begun = login.begin().await;
    let back = login.peer.log_in(&begun.url, "anna~unknown-key").await;
    let answer = Answer { code: Some(&back["code"]), iss: Some(&back["iss"]), ..Answer::default() };
    login.peer.answers(json!({"slow": 1200})).await;
    assert_eq!(login.finish(&begun, &answer, now()).await.unwrap_err(), slow);

    let Login { peer, client, provider, demand } = login;
    drop(peer);
    let fresh = Client::with_patience(Duration::from_secs(5)).unwrap();
    // a process that is being killed may still accept a connection
    let down = fresh.begin(&provider, &demand).await.map(drop);
    assert!(matches!(down, Err(Refused::Unreachable(_))), "{down:?}");
    assert!(client.begin(&provider, &demand).await.is_ok(), "what is known lasts ten minutes");
    let unencrypted = Provider { issuer: "http://login.example".into(), ..provider };
    assert_eq!(fresh.begin(&unencrypted, &demand).await.map(drop).unwrap_err(), Refused::Insecure);
}
