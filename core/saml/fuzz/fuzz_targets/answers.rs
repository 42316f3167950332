//! Any text as an answer, as it is and as what stands behind the signature and the encryption.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use portal_saml::{Certificate, Expected, IdentityProvider, Level, ServiceProvider, accept, fuzzing};

static SP: LazyLock<ServiceProvider> = LazyLock::new(|| ServiceProvider {
    entity_id: "https://ostrau.example/saml".into(),
    acs: "https://ostrau.example/saml/bundid/acs".into(),
    signing: vec![],
    decryption: vec![],
});

// Somebody's certificate, so that signatures are looked at; none of them can hold.
static IDP: LazyLock<IdentityProvider> = LazyLock::new(|| IdentityProvider {
    entity_id: "https://idp.example/idp".into(),
    sso_url: "https://idp.example/sso".into(),
    certificates: vec![Certificate::from_pem(include_str!("../seeds/certificate.pem")).expect("a certificate")],
    response_must_be_signed: false,
    levels: Level::stork(),
});

fuzz_target!(|text: &str| {
    let now = "2026-11-22T12:00:00Z".parse().expect("a moment");
    let expected = Expected { request_id: "_request", level: Level::Basic, asked_at: Some(now), now };
    fuzzing::read(text, &SP, &IDP, &expected);
    assert!(accept(&SP, &IDP, &expected, &STANDARD.encode(text)).is_err());
    assert!(accept(&SP, &IDP, &expected, text).is_err());
    let _ = Certificate::from_pem(text);
});
