//! The strict SAML profile, judged by a provider that shares no line with it (`tests/peers/bundid`).

mod town;

use jiff::Timestamp;
use portal_saml::{
    Certificate, Dialect, Display, Expected, IdentityProvider, KeyPair, Level, Login, Rejected, Request,
    ServiceProvider, SignatureMethod, SignedRequest, accept, attribute, metadata,
};
use portal_tests::{
    moment,
    peers::{BundId, Case, Corpus, Kind, Posted},
};

const ENTITY: &str = "https://portal.ostrau.example/saml/bundid/metadata";
const ACS: &str = "https://portal.ostrau.example/saml/bundid/acs";
const REQUEST: &str = "_4d1f0a0c7b6e4a51a5b3c2d1e0f90817";
const NOW: &str = "2026-11-01T12:00";

fn now() -> Timestamp {
    moment(NOW)
}

// ---------------------------------------------------------------- the corpus

struct Judge {
    corpus: Corpus,
    sp: ServiceProvider,
}

impl Judge {
    fn summon() -> Self {
        let corpus = Corpus::mint(ENTITY, ACS, REQUEST, &now().to_string());
        let pair = |name: &str| pair(&corpus.pem(&format!("{name}.key")), &corpus.pem(&format!("{name}.crt")));
        let sp = ServiceProvider {
            entity_id: ENTITY.into(),
            acs: ACS.into(),
            signing: vec![pair("sp-signing")],
            decryption: vec![pair("sp-decryption"), pair("sp-decryption-next")],
        };
        Self { corpus, sp }
    }

    fn idp(&self, response_must_be_signed: bool) -> IdentityProvider {
        IdentityProvider {
            entity_id: BundId::ENTITY_ID.into(),
            sso_url: "https://idp.bundid.example/sso".into(),
            certificates: ["idp.crt", "idp-next.crt"].map(|name| certificate(&self.corpus.pem(name))).into(),
            response_must_be_signed,
            levels: Level::stork(),
        }
    }

    fn hears(&self, case: &Case, response_must_be_signed: bool) -> Result<Login, Rejected> {
        let expected = Expected {
            request_id: REQUEST,
            level: Level::ALL[usize::from(case.demand) - 1],
            asked_at: case.forced.then(now),
            now: now(),
        };
        accept(&self.sp, &self.idp(response_must_be_signed), &expected, &case.saml_response)
    }
}

#[test]
fn every_answer_of_the_corpus_is_judged_rightly() {
    let judge = Judge::summon();
    let mut wrong = Vec::new();
    let (mut good, mut bad) = (0, 0);
    for case in &judge.corpus.cases {
        let mut told = |what: String| wrong.push(format!("{}: {what} – {}", case.name, case.why));
        match case.kind {
            Kind::Good => {
                good += 1;
                match judge.hears(case, case.signed) {
                    Ok(login) => differences(case, &login).into_iter().for_each(&mut told),
                    Err(why) => told(format!("refused: {why}")),
                }
                if !case.signed && judge.hears(case, true).is_ok() {
                    told("accepted though the response must be signed".into());
                }
            }
            // a replay is the caller's to see, by the id of the assertion
            Kind::Bad if case.replays.is_some() => {
                bad += 1;
                let first = judge.corpus.cases.iter().find(|first| Some(&first.name) == case.replays.as_ref());
                let first = judge.hears(first.expect("the case it repeats"), true).expect("an honest answer");
                match judge.hears(case, true) {
                    Ok(again) if again.assertion_id == first.assertion_id => {}
                    other => told(format!("is not recognised as a replay: {other:?}")),
                }
            }
            Kind::Bad => {
                bad += 1;
                for response_must_be_signed in [true, false] {
                    if judge.hears(case, response_must_be_signed).is_ok() {
                        told(format!("accepted (response must be signed: {response_must_be_signed})"));
                    }
                }
            }
            Kind::Any => {
                let nobody = case.expect.get("bPK2").is_some_and(|key| key.is_null());
                if judge.hears(case, false).is_ok_and(|login| nobody && login.subject().is_some()) {
                    told("accepted, and for somebody".into());
                }
            }
        }
    }
    println!("{good} good answers, {bad} bad ones");
    assert!(wrong.is_empty(), "{} of {} misjudged:\n{}", wrong.len(), good + bad, wrong.join("\n"));
    assert!(good > 30 && bad > 300, "the corpus is not whole");
}

/// What the login says otherwise than the case expects.
fn differences(case: &Case, login: &Login) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, expected: Option<&str>, said: Option<&str>| {
        if expected != said {
            differences.push(format!("{what} is {said:?}, not {expected:?}"));
        }
    };
    let level = (login.level as u8).to_string();
    compare("level", case.expect["level"].as_u64().map(|level| level.to_string()).as_deref(), Some(&level));
    compare("subject", case.expect["bPK2"].as_str(), login.subject());
    let named = [("givenName", attribute::GIVEN_NAME), ("surname", attribute::SURNAME), ("mail", attribute::MAIL)];
    for (name, oid) in named {
        if let Some(expected) = case.expect["attributes"][name].as_str() {
            compare(name, Some(expected), login.value(oid));
        }
        if let Some(expected) = case.expect["trust"][name].as_str() {
            let trust = login.attribute(oid).and_then(|attribute| attribute.trust);
            compare(name, Level::of_trust(expected).map(word), trust.map(word));
        }
    }
    differences
}

fn word(level: Level) -> &'static str {
    ["basic", "low", "substantial", "high"][level as usize - 1]
}

// ---------------------------------------------------------------- round trips

/// A town and the provider, which know each other.
struct Trip {
    provider: BundId,
    sp: ServiceProvider,
    idp: IdentityProvider,
}

impl Trip {
    async fn plan() -> Self {
        let provider = BundId::start().await;
        let sp = service_provider();
        let idp = IdentityProvider {
            entity_id: BundId::ENTITY_ID.into(),
            sso_url: provider.sso_url(),
            certificates: [provider.certificate(), provider.next_certificate()]
                .map(|file| certificate(&std::fs::read_to_string(file).expect("a certificate")))
                .into(),
            response_must_be_signed: true,
            levels: Level::stork(),
        };
        provider.register(&metadata(&sp)).await.expect("the metadata suits the provider");
        Self { provider, sp, idp }
    }

    fn request(&self, level: Level, signature: SignatureMethod) -> SignedRequest {
        let display = Display {
            organization: "Stadt Ostrau",
            language: "de",
            back_url: Some("https://portal.ostrau.example/anmelden"),
            online_service_id: Some("BMI-4711"),
            attributes: &[attribute::BPK2, attribute::GIVEN_NAME, attribute::SURNAME, attribute::MAIL],
        };
        let dialect = Dialect::BundId(display);
        let request = Request { level, force_authn: true, signature, dialect, now: now() };
        request.sign(&self.sp, &self.idp).expect("a signed request")
    }

    async fn there_and_back(&self, request: &SignedRequest, wishes: &[(&str, &str)]) -> Posted {
        let state = self.provider.ask(&request.form_value(), "handle").await.expect("the request suits the provider");
        let posted = self.provider.login(&state, wishes).await;
        assert_eq!((posted.acs.as_str(), posted.relay_state.as_str()), (ACS, "handle"));
        posted
    }

    fn hear(&self, request: &SignedRequest, level: Level, posted: &Posted) -> Result<Login, Rejected> {
        let expected = Expected { request_id: &request.id, level, asked_at: Some(now()), now: now() };
        accept(&self.sp, &self.idp, &expected, &posted.saml_response)
    }
}

#[tokio::test]
async fn a_login_works_in_all_algorithms() {
    let mut trip = Trip::plan().await;
    for signature in [SignatureMethod::RsaSha256, SignatureMethod::PssSha256] {
        for method in ["rsa-sha256", "pss-sha256"] {
            for cipher in ["aes128-gcm", "aes256-gcm"] {
                for transport in ["mgf1p", "oaep11"] {
                    for response_signed in ["yes", "no"] {
                        let wishes = [
                            ("method", method),
                            ("cipher", cipher),
                            ("transport", transport),
                            ("response_signed", response_signed),
                        ];
                        trip.idp.response_must_be_signed = response_signed == "yes";
                        let request = trip.request(Level::Substantial, signature);
                        let posted = trip.there_and_back(&request, &wishes).await;
                        let login = trip.hear(&request, Level::Substantial, &posted);
                        let login = login.unwrap_or_else(|why| panic!("{signature:?} {wishes:?}: {why}"));
                        assert_eq!(login.level, Level::Substantial);
                        assert_eq!(login.value(attribute::SURNAME), Some("Mustermann"));
                        assert!(login.subject().is_some());
                        assert_eq!(login.attributes.len(), 4, "only what was asked for comes back");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_provider_reads_in_the_request_what_the_town_meant() {
    let trip = Trip::plan().await;
    for level in [Level::Basic, Level::Substantial, Level::High] {
        let request = trip.request(level, SignatureMethod::RsaSha256);
        trip.provider.ask(&request.form_value(), "").await.expect("the request suits the provider");
        let told = trip.provider.requests().await.pop().expect("a request");
        assert_eq!(told["id"], request.id);
        assert_eq!(told["sp"], ENTITY);
        assert_eq!(told["level"], level as u8);
        assert_eq!(told["force_authn"], true);
        assert_eq!(told["status_detail"], true);
        assert_eq!(told["required"], serde_json::json!([]));
        assert_eq!(told["attributes"], serde_json::json!(["bPK2", "givenName", "surname", "mail"]));
        assert_eq!(told["display_name"], "Stadt Ostrau");
        assert_eq!(told["online_service"], "BMI-4711");
        assert_eq!(told["back_url"], "https://portal.ostrau.example/anmelden");
    }
}

#[tokio::test]
async fn the_provider_refuses_a_request_that_somebody_else_signed_or_changed() {
    let trip = Trip::plan().await;
    let stranger = Trip { sp: service_provider(), ..trip };
    let request = stranger.request(Level::High, SignatureMethod::RsaSha256);
    let refused = stranger.provider.ask(&request.form_value(), "").await.expect_err("an unknown key");
    assert!(refused.contains("registered keys"), "{refused}");
    stranger.provider.register(&metadata(&stranger.sp)).await.expect("now it is known");
    let request = stranger.request(Level::High, SignatureMethod::RsaSha256);
    let changed = SignedRequest { xml: request.xml.replace("Level-4", "Level-1"), ..request.clone() };
    stranger.provider.ask(&changed.form_value(), "").await.expect_err("a changed request");
    stranger.provider.ask(&request.form_value(), "").await.expect("the honest one");
    let again = stranger.provider.ask(&request.form_value(), "").await.expect_err("a second time");
    assert!(again.contains("used before"), "{again}");
}

#[tokio::test]
async fn the_provider_says_no_and_the_town_knows_which_no() {
    let trip = Trip::plan().await;
    let answer = async |wishes: &[(&str, &str)]| {
        let request = trip.request(Level::Substantial, SignatureMethod::RsaSha256);
        let posted = trip.there_and_back(&request, wishes).await;
        trip.hear(&request, Level::Substantial, &posted).expect_err("no login")
    };
    assert_eq!(answer(&[("do", "cancel")]).await, Rejected::Cancelled);
    let denied = answer(&[("do", "error")]).await;
    assert!(denied.to_string().contains("IDP_REQUIRED_ATTRIBUTES_MISSING"), "{denied}");
    assert!(matches!(answer(&[("do", "fail")]).await, Rejected::Status { .. }));
    let low = Rejected::LevelTooLow { delivered: Level::Basic, demanded: Level::Substantial };
    assert_eq!(answer(&[("level", "1")]).await, low);
    assert_eq!(answer(&[("late", "600")]).await, Rejected::Expired);
    answer(&[("late", "-600")]).await;
    // attacks against this very request
    for case in ["xsw1-response", "xsw3-inside", "xsw8-inside-bare", "hmac-certificate", "attacker-both"] {
        answer(&[("case", case)]).await;
    }
}

#[tokio::test]
async fn keys_change_on_both_sides_without_a_gap() {
    let mut trip = Trip::plan().await;
    let level = Level::High;
    trip.provider.control(&[("roll", "yes")]).await;
    let request = trip.request(level, SignatureMethod::PssSha256);
    let posted = trip.there_and_back(&request, &[]).await;
    trip.hear(&request, level, &posted).expect("both keys of the provider are pinned");
    trip.idp.certificates.pop();
    assert!(trip.hear(&request, level, &posted).is_err(), "the new key is not pinned any more");

    // the town's new keys stand in front, the old ones behind: old messages are still read, requests bear the new one
    trip.provider.control(&[("roll", "yes")]).await;
    let request = trip.request(level, SignatureMethod::PssSha256);
    let posted = trip.there_and_back(&request, &[]).await;
    let fresh = service_provider();
    trip.sp.signing.splice(0..0, fresh.signing);
    trip.sp.decryption.splice(0..0, fresh.decryption);
    trip.hear(&request, level, &posted).expect("encrypted for the old key");
    trip.provider.register(&metadata(&trip.sp)).await.expect("two keys of each kind");
    let request = trip.request(level, SignatureMethod::PssSha256);
    let posted = trip.there_and_back(&request, &[]).await;
    trip.hear(&request, level, &posted).expect("encrypted for the new key");
}

#[tokio::test]
async fn a_person_has_another_key_in_every_town() {
    let mut trip = Trip::plan().await;
    let request = trip.request(Level::High, SignatureMethod::RsaSha256);
    let posted = trip.there_and_back(&request, &[]).await;
    let here = trip.hear(&request, Level::High, &posted).expect("a login");
    let ostrau =
        std::mem::replace(&mut trip.sp.entity_id, "https://portal.westrau.example/saml/bundid/metadata".into());
    trip.provider.register(&metadata(&trip.sp)).await.expect("another town");
    let request = trip.request(Level::High, SignatureMethod::RsaSha256);
    let posted = trip.there_and_back(&request, &[]).await;
    let there = trip.hear(&request, Level::High, &posted).expect("a login");
    assert_ne!(here.subject(), there.subject());
    // what the one town got is worth nothing in the other, even with the same keys
    trip.sp.entity_id = ostrau;
    assert_eq!(trip.hear(&request, Level::High, &posted), Err(Rejected::Audience));
}

fn service_provider() -> ServiceProvider {
    let fresh = || {
        let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_3072).expect("a key");
        let parameters = rcgen::CertificateParams::new(["portal.ostrau.example".to_owned()]).expect("a name");
        pair(&key.serialize_pem(), &parameters.self_signed(&key).expect("a certificate").pem())
    };
    ServiceProvider { entity_id: ENTITY.into(), acs: ACS.into(), signing: vec![fresh()], decryption: vec![fresh()] }
}

fn pair(key: &str, certificate: &str) -> KeyPair {
    KeyPair::from_pem(key, certificate).expect("a key and its certificate")
}

fn certificate(pem: &str) -> Certificate {
    Certificate::from_pem(pem).expect("a certificate")
}
