//! Key files, as operators have them.

use portal_saml::{Certificate, KeyPair, UnusableKey};

use crate::idp::*;

fn unusable(key: &str, certificate: &str) -> UnusableKey {
    KeyPair::from_pem(key, certificate).expect_err("unusable")
}

#[test]
fn a_pair_belongs_together() {
    assert_eq!(unusable(&STRANGER.key, &OURS.certificate), UnusableKey::NotThisCertificate);
    assert_eq!(unusable(&OURS.certificate, &OURS.certificate), UnusableKey::NoBlock("PRIVATE KEY"));
    assert_eq!(unusable(&OURS.key, &OURS.key), UnusableKey::NoBlock("CERTIFICATE"));
    let both = format!("{}\n{}", OURS.key, OURS.certificate);
    assert_eq!(KeyPair::from_pem(&both, &both).unwrap().certificate(), &OURS.certificate());
}

#[test]
fn files_that_are_no_keys_are_told_apart() {
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    assert_eq!(unusable(&block("ENCRYPTED PRIVATE KEY"), &OURS.certificate), UnusableKey::Passphrase);
    assert_eq!(unusable(&block("PRIVATE KEY"), &OURS.certificate), UnusableKey::NotRsa);
    assert_eq!(unusable("", &OURS.certificate), UnusableKey::NoBlock("PRIVATE KEY"));
    assert_eq!(unusable(&OURS.key, &block("CERTIFICATE")), UnusableKey::Certificate);
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    assert_eq!(unusable(old, &OURS.certificate), UnusableKey::Passphrase);
    let curve = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&curve).unwrap().pem();
    assert_eq!(unusable(&curve.serialize_pem(), &certificate), UnusableKey::NotRsa);
}

#[test]
fn the_older_form_of_a_key_is_read_too() {
    let pkcs8 = rcgen::KeyPair::from_pem(&OURS.key).unwrap().serialize_der();
    // PKCS#8 of a 2048-bit key is 26 bytes of wrapping around PKCS#1.
    let pkcs1 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &pkcs8[26..]);
    let lines: Vec<_> = pkcs1.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n", lines.join("\n"));
    KeyPair::from_pem(&pem, &OURS.certificate).unwrap();
}

#[test]
fn length_and_end_are_told() {
    let certificate = OURS.certificate();
    assert_eq!(certificate.bits(), 2048);
    assert!(certificate.bits() < portal_saml::RECOMMENDED_BITS && certificate.not_before() < certificate.not_after());
    assert_eq!(Certificate::from_der(certificate.der()).unwrap(), certificate);
}
