//! What we send: requests another library verifies, and metadata.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gamlastan::crypto::keys::loader;
use gamlastan::crypto::{AlgorithmPolicy, KeysManager, SamlVerifier};
use portal_saml::{Dialect, Display, Level, Request, ServiceProvider, SignatureMethod, Unsigned, attribute, metadata};

use crate::idp::*;

fn request(dialect: Dialect<'_>) -> Request<'_> {
    let (level, signature) = (Level::Substantial, SignatureMethod::default());
    Request { level, force_authn: false, signature, dialect, now: now() }
}

fn bund_id(organization: &str) -> Dialect<'_> {
    Dialect::BundId(Display {
        organization,
        language: "de",
        back_url: Some("https://ostrau.example/anmelden?a=1&b=2"),
        online_service_id: Some("BMI-0000"),
        attributes: &[attribute::BPK2, attribute::SURNAME],
    })
}

/// What another library thinks of our signature.
fn is_well_signed(xml: &str) -> bool {
    let mut manager = KeysManager::new();
    manager.add_key(loader::load_x509_cert_der(OURS.certificate().der()).unwrap());
    let policy = AlgorithmPolicy::allow_only([RSA_SHA256, PSS_SHA256], ["http://www.w3.org/2001/04/xmlenc#sha256"]);
    let verifier = SamlVerifier::new(manager).with_algorithm_policy(policy);
    verifier.verify_enveloped(xml).is_ok_and(|result| result.is_valid())
}

#[test]
fn requests_are_well_signed() {
    for signature in [SignatureMethod::RsaSha256, SignatureMethod::PssSha256] {
        for dialect in [Dialect::Plain, bund_id("Stadt Ostrau <&\"> Ü")] {
            let sent = Request { signature, ..request(dialect) }.sign(&HERE, &there(false)).unwrap();
            assert!(is_well_signed(&sent.xml), "{}", sent.xml);
            assert!(!is_well_signed(&sent.xml.replace("STORK-QAA-Level-3", "STORK-QAA-Level-1")));
            assert_eq!(STANDARD.decode(sent.form_value()).unwrap(), sent.xml.as_bytes());
            assert_eq!(sent.sso_url, "https://idp.example/sso");
        }
    }
}

#[test]
fn ids_are_names_of_xml_and_never_the_same() {
    let id = || request(Dialect::Plain).sign(&HERE, &there(false)).unwrap().id;
    let (first, second) = (id(), id());
    assert!(first.len() == 33 && first.starts_with('_') && first != second);
}

#[test]
fn bund_id_gets_its_extension() {
    let name = "Verbandsgemeinde Ostrau an der Elbe mit den Ortsteilen Unter- und Oberostrau";
    let xml = request(bund_id(name)).sign(&HERE, &there(false)).unwrap().xml;
    for part in [
        "EnableStatusDetail=\"true\"",
        "<akdb:RequestedAttribute Name=\"urn:oid:1.3.6.1.4.1.25484.494450.3\" RequiredAttribute=\"false\"/>",
        ">Verbandsgemeinde Ostrau an der Elbe mit den Ortste</",
        "<classic-ui:Lang>de</",
        "<classic-ui:BackURL>https://ostrau.example/anmelden?a=1&amp;b=2</",
        "<classic-ui:OnlineServiceId>BMI-0000</",
        "Comparison=\"minimum\"><saml:AuthnContextClassRef>STORK-QAA-Level-3</",
        "ForceAuthn=\"false\"",
        "IssueInstant=\"2026-11-22T12:00:00Z\"",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    assert!(!xml.contains("RequiredAttribute=\"true\""));
    let plain = Request { force_authn: true, ..request(Dialect::Plain) }.sign(&HERE, &there(false)).unwrap().xml;
    assert!(!plain.contains("akdb") && plain.contains("ForceAuthn=\"true\""));
}

#[test]
fn the_context_is_the_lowest_that_is_enough() {
    let mut idp = there(false);
    let context = |idp: &portal_saml::IdentityProvider, level, dialect| {
        let sent = Request { level, ..request(dialect) }.sign(&HERE, idp)?;
        let rest = sent.xml.split("ClassRef>").nth(1).unwrap_or_default();
        Ok::<_, Unsigned>(rest.trim_end_matches("</saml:AuthnContext").to_owned())
    };
    assert_eq!(context(&idp, Level::Low, bund_id("x")).unwrap(), "STORK-QAA-Level-3", "BundID cannot be asked for 2");
    assert_eq!(context(&idp, Level::Low, Dialect::Plain).unwrap(), "STORK-QAA-Level-2");
    idp.levels = vec![("urn:x:high".into(), Level::High), ("urn:x:some".into(), Level::Substantial)];
    assert_eq!(context(&idp, Level::Basic, Dialect::Plain).unwrap(), "urn:x:some");
    idp.levels.pop();
    assert_eq!(context(&idp, Level::Substantial, Dialect::Plain).unwrap(), "urn:x:high");
    idp.levels.clear();
    assert_eq!(context(&idp, Level::Basic, Dialect::Plain), Err(Unsigned::NoContext));
}

#[test]
fn what_xml_cannot_say_is_refused_or_left_out() {
    let sent = request(bund_id("Stadt\u{0}\u{1b} Ostrau\u{ffff}")).sign(&HERE, &there(false));
    assert!(sent.is_err() || is_well_signed(&sent.unwrap().xml));
}

#[test]
fn metadata_has_all_keys_and_no_end() {
    let sp = ServiceProvider {
        entity_id: SP.into(),
        acs: ACS.into(),
        signing: vec![OURS.pair(), OURS_NEXT.pair()],
        decryption: vec![OURS.pair(), OURS_NEXT.pair()],
    };
    let xml = metadata(&sp);
    uppsala::parse(&xml).unwrap();
    assert!(!xml.contains("validUntil") && !xml.contains(" ID="));
    for keys in [&*OURS, &*OURS_NEXT] {
        assert_eq!(xml.matches(&STANDARD.encode(keys.certificate().der())).count(), 2);
    }
    assert_eq!((xml.matches("use=\"signing\"").count(), xml.matches("use=\"encryption\"").count()), (2, 2));
    assert!(xml.contains(
        "Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://ostrau.example/saml/bundid/acs\""
    ));
    assert!(xml.contains(&format!("entityID=\"{SP}\"")) && xml.contains("nameid-format:transient<"));
}
