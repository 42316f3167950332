//! What is believed.

use portal_saml::{Expected, Level, attribute};

use crate::idp::*;

#[test]
fn a_good_answer_is_a_login() {
    let login = judge(&Says::good().sent_signed()).unwrap();
    assert_eq!((login.level, login.subject()), (Level::Substantial, Some(SECRET)));
    assert_eq!((login.assertion_id.as_str(), login.response_id.as_str()), ("_assertion", "_response"));
    assert_eq!(login.authn_instant, "2026-11-22T11:59:50Z".parse().unwrap());
    assert_eq!(login.not_on_or_after, "2026-11-22T12:05:00Z".parse().unwrap(), "the earliest end and a minute");
    assert_eq!(login.value(attribute::GIVEN_NAME), Some("Änne & Co"));
    assert_eq!(login.attribute(attribute::GIVEN_NAME).unwrap().trust, Some(Level::Substantial));
    assert_eq!(login.attribute(attribute::BPK2).unwrap().trust, Some(Level::Low));
}

#[test]
fn all_allowed_algorithms_are_understood() {
    for algorithm in [RSA_SHA256, PSS_SHA256] {
        for (data, transport, beside) in [
            (GCM256, OAEP_SHA256, false),
            (GCM128, OAEP_MGF1P, false),
            (GCM256, OAEP_MGF1P, true),
            (GCM128, OAEP_SHA256, true),
        ] {
            let says = Says::good();
            let assertion = sign(&says.assertion(), algorithm, &TRUSTED);
            let sealed = seal(&assertion, Seal { data, transport, beside, ..OURS_SEAL });
            let response = sign(&says.response(&sealed), algorithm, &TRUSTED);
            judge(&response).unwrap();
        }
    }
}

#[test]
fn both_sides_may_roll_their_keys_over() {
    let assertion = sign(&Says::good().assertion(), RSA_SHA256, &NEXT);
    let response = Says::good().response(&seal(&assertion, Seal { to: || &OURS_NEXT, ..OURS_SEAL }));
    judge(&response).unwrap();
}

#[test]
fn base64_may_have_lines() {
    let says = Says::good().sent();
    let lines: Vec<String> = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, says)
        .as_bytes()
        .chunks(76)
        .map(line)
        .collect();
    portal_saml::accept(&HERE, &there(false), &expected(), &lines.join("\r\n")).unwrap();
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_guest_has_no_subject() {
    let mut says = Says::good();
    says.attributes = "<saml:AttributeStatement/>".into();
    let login = says.judged().unwrap();
    assert_eq!((login.subject(), login.name_id.as_str()), (None, "_n"));
}

#[test]
fn markup_in_values_is_kept() {
    let mut says = Says::good();
    let value =
        attribute("urn:x:unternehmen", "hoch", "<b:Firma xmlns:b=\"urn:b\">Bäckerei <b:Form>OHG</b:Form></b:Firma>");
    says.attributes = format!("<saml:AttributeStatement>{value}</saml:AttributeStatement>");
    let login = says.judged().unwrap();
    let firm = login.attribute("urn:x:unternehmen").unwrap();
    assert_eq!((firm.values[0].as_str(), firm.trust), ("Bäckerei OHG", Some(Level::High)));
    let raw = firm.raw_xml.as_deref().unwrap();
    assert!(raw.contains("<b:Firma xmlns:b=\"urn:b\">Bäckerei <b:Form>OHG</b:Form></b:Firma>"), "{raw}");
    uppsala::parse(raw).unwrap();
}

#[test]
fn clocks_may_differ_by_a_minute() {
    let sent = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, Says::good().sent());
    let at = |now: &str| {
        let expected = Expected { now: now.parse().unwrap(), ..expected() };
        portal_saml::accept(&HERE, &there(false), &expected, &sent).is_ok()
    };
    assert!(!at("2026-11-22T11:58:59Z") && at("2026-11-22T11:59:00Z"));
    assert!(at("2026-11-22T12:04:59Z") && !at("2026-11-22T12:05:00Z"));
}

#[test]
fn nothing_personal_is_printed() {
    let login = judge(&Says::good().sent()).unwrap();
    let printed = format!("{login:?} {:?}", login.attributes);
    assert!(!printed.contains(SECRET) && !printed.contains("nne") && !printed.contains("_n"), "{printed}");
    let keys = format!("{:?}", *HERE);
    assert!(keys.len() < 900, "{keys}");
}
