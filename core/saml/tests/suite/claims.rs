//! Answers that are signed and encrypted as they should be, and say something that is not for us, or not now.

use portal_saml::{Expected, Level, Login, Rejected, Signed, StatusCode, accept};

use crate::idp::*;

/// What becomes of a good answer after one change.
fn after(change: impl FnOnce(&mut Says)) -> Rejected {
    let mut says = Says::good();
    change(&mut says);
    says.judged().unwrap_err()
}

fn set(list: &mut [(&'static str, String)], name: &str, value: &str) {
    list.iter_mut().find(|(other, _)| *other == name).expect("known").1 = value.to_owned();
}

#[test]
fn the_response_is_for_this_request_address_and_provider() {
    assert_eq!(
        after(|says| set(&mut says.response, "InResponseTo", "_other")),
        Rejected::InResponseTo(Signed::Response)
    );
    assert_eq!(
        after(|says| set(&mut says.response, "Destination", "https://westrau.example/acs")),
        Rejected::Destination
    );
    assert_eq!(after(|says| set(&mut says.response, "Version", "1.1")), Rejected::Shape("Version"));
    assert_eq!(after(|says| says.issuer = "https://evil.example".into()), Rejected::Issuer(Signed::Response));
    let tomorrow = "2026-11-23T12:00:00Z";
    assert_eq!(
        after(|says| set(&mut says.response, "IssueInstant", tomorrow)),
        Rejected::NotYetValid(Signed::Response)
    );
}

#[test]
fn the_assertion_is_for_this_request_address_and_provider() {
    assert_eq!(
        after(|says| set(&mut says.confirmation, "InResponseTo", "_other")),
        Rejected::InResponseTo(Signed::Assertion)
    );
    assert_eq!(
        after(|says| set(&mut says.confirmation, "Recipient", "https://westrau.example/acs")),
        Rejected::Recipient
    );
    assert_eq!(
        after(|says| says.assertion_issuer = "https://evil.example".into()),
        Rejected::Issuer(Signed::Assertion)
    );
    assert_eq!(after(|says| set(&mut says.assertion, "Version", "1.1")), Rejected::Shape("Version"));
    for audience in [
        "<saml:Audience>https://westrau.example/saml</saml:Audience>",
        "<saml:Audience>https://ostrau.example/saml/</saml:Audience>",
        "<saml:Audience>https://ostrau.example<x/>/saml</saml:Audience>",
        "",
    ] {
        assert_eq!(after(|says| says.conditions = conditions(audience)), Rejected::Audience);
    }
}

#[test]
fn all_restrictions_must_name_us() {
    let two = |second: &str| {
        conditions(&format!(
            "<saml:Audience>{SP}</saml:Audience></saml:AudienceRestriction><saml:AudienceRestriction>\
             <saml:Audience>https://other.example</saml:Audience>{second}"
        ))
    };
    assert_eq!(after(|says| says.conditions = two("")), Rejected::Audience);
    let mut says = Says::good();
    says.conditions = two(&format!("<saml:Audience>\n {SP}\n</saml:Audience>"));
    says.judged().unwrap();
}

#[test]
fn it_holds_now() {
    let old = "2026-11-22T11:00:00Z";
    assert_eq!(after(|says| set(&mut says.confirmation, "NotOnOrAfter", old)), Rejected::Expired);
    assert_eq!(after(|says| says.conditions = says.conditions.replace("12:04", "11:04")), Rejected::Expired);
    let later = |says: &mut Says| {
        says.conditions = says.conditions.replace("NotBefore=\"2026-11-22T12:00", "NotBefore=\"2026-11-22T12:02")
    };
    assert_eq!(after(later), Rejected::NotYetValid(Signed::Assertion));
    let tomorrow = "2026-11-23T12:00:00Z";
    assert_eq!(
        after(|says| set(&mut says.assertion, "IssueInstant", tomorrow)),
        Rejected::NotYetValid(Signed::Assertion)
    );
    assert_eq!(
        after(|says| says.authn = says.authn.replace("2026-11-22T11:59:50Z", tomorrow)),
        Rejected::NotYetValid(Signed::Assertion)
    );
    let ended = "<saml:AuthnStatement SessionNotOnOrAfter=\"2026-11-22T11:30:00Z\"";
    assert_eq!(after(|says| says.authn = says.authn.replace("<saml:AuthnStatement", ended)), Rejected::Expired);
    for moment in ["", "heute", "2026-11-22T12:05:00", "2026-13-22T12:05:00Z", "99999-01-01T00:00:00Z"] {
        assert_eq!(after(|says| set(&mut says.confirmation, "NotOnOrAfter", moment)), Rejected::Shape("NotOnOrAfter"));
    }
    let mut says = Says::good();
    set(&mut says.confirmation, "NotOnOrAfter", "9999-12-30T22:00:00Z");
    says.conditions = says.conditions.replace("2026-11-22T12:04", "9999-12-30T22:00");
    says.judged().unwrap();
}

#[test]
fn who_bears_it_is_who_asked() {
    let never = |says: &mut Says| says.confirmation[2] = ("NotBefore", "2026-11-22T11:00:00Z".into());
    assert_eq!(after(never), Rejected::Shape("NotBefore"));
    let assertion = Says::good().assertion().replace("cm:bearer", "cm:sender-vouches");
    let response = Says::good().response(&seal(&sign(&assertion, RSA_SHA256, &TRUSTED), OURS_SEAL));
    assert_eq!(judge(&response).unwrap_err(), Rejected::Shape("SubjectConfirmation"));
}

#[test]
fn the_earliest_end_counts() {
    let mut says = Says::good();
    set(&mut says.confirmation, "NotOnOrAfter", "2026-11-22T12:03:00Z");
    assert_eq!(says.judged().unwrap().not_on_or_after, "2026-11-22T12:04:00Z".parse().unwrap());
}

#[test]
fn what_must_be_there_is_there_once() {
    let nothing = |says: &mut Says, part: fn(&mut Says) -> &mut String| part(says).clear();
    assert_eq!(after(|says| nothing(says, |says| &mut says.conditions)), Rejected::Shape("Conditions"));
    assert_eq!(after(|says| nothing(says, |says| &mut says.authn)), Rejected::Shape("AuthnStatement"));
    assert_eq!(after(|says| nothing(says, |says| &mut says.attributes)), Rejected::Shape("AttributeStatement"));
    assert_eq!(after(|says| says.more = says.authn.clone()), Rejected::Shape("AuthnStatement"));
    assert_eq!(after(|says| says.more = says.attributes.clone()), Rejected::Shape("AttributeStatement"));
    assert_eq!(after(|says| says.more = says.conditions.clone()), Rejected::Shape("Conditions"));
    assert_eq!(after(|says| says.more = "<saml:Subject/>".into()), Rejected::Shape("Subject"));
    assert_eq!(after(|says| says.more = "<saml:Advice/>".into()), Rejected::Shape("Assertion"));
    assert_eq!(after(|says| says.more = "<saml:AuthzDecisionStatement/>".into()), Rejected::Shape("Assertion"));
    let unknown = |says: &mut Says| {
        says.conditions = says.conditions.replace("</saml:Conditions>", "<saml:Condition/></saml:Conditions>");
    };
    assert_eq!(after(unknown), Rejected::Shape("Conditions"));
    let unknown = |says: &mut Says| {
        says.attributes = says.attributes.replace("</saml:AttributeStatement>", "<x/></saml:AttributeStatement>");
    };
    assert_eq!(after(unknown), Rejected::Shape("AttributeStatement"));
    let endless =
        |says: &mut Says| says.conditions = says.conditions.replace(" NotOnOrAfter=\"2026-11-22T12:04:00Z\"", "");
    assert_eq!(after(endless), Rejected::Shape("NotOnOrAfter"));
    let inside = |says: &mut Says| says.attributes = says.attributes.replace("Änne", "<saml:Assertion/>");
    assert_eq!(after(inside), Rejected::Shape("Assertion"));
    let twice = |says: &mut Says| {
        let one = attribute("urn:oid:1.3.6.1.4.1.25484.494450.3", "HOCH", "another");
        says.attributes = says.attributes.replace("</saml:AttributeStatement>", &(one + "</saml:AttributeStatement>"));
    };
    assert_eq!(after(twice), Rejected::Shape("Attribute"));
}

fn at_level(class: &str, demanded: Level) -> Result<Login, Rejected> {
    let mut says = Says::good();
    says.authn = authn(class);
    let message = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, says.sent());
    accept(&HERE, &there(false), &Expected { level: demanded, ..expected() }, &message)
}

#[test]
fn the_level_is_the_one_demanded_or_a_higher_one() {
    assert_eq!(at_level("STORK-QAA-Level-4", Level::High).unwrap().level, Level::High);
    assert_eq!(at_level("STORK-QAA-Level-4", Level::Basic).unwrap().level, Level::High);
    let too_low = Rejected::LevelTooLow { delivered: Level::Substantial, demanded: Level::High };
    assert_eq!(at_level("STORK-QAA-Level-3", Level::High).unwrap_err(), too_low);
    assert_eq!(at_level("STORK-QAA-Level-9", Level::Basic).unwrap_err(), Rejected::UnknownLevel);
}

#[test]
fn a_demanded_new_login_is_new() {
    let message = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, Says::good().sent());
    let asked = |at: &str| {
        let expected = Expected { asked_at: Some(at.parse().unwrap()), ..expected() };
        accept(&HERE, &there(false), &expected, &message).map(|_| ())
    };
    asked("2026-11-22T11:59:30Z").unwrap();
    asked("2026-11-22T12:00:50Z").unwrap();
    assert_eq!(asked("2026-11-22T12:01:00Z"), Err(Rejected::OldLogin));
}

#[test]
fn a_refusal_says_which() {
    let refused = |first: &str, second: &str, detail: &str| {
        let says = Says {
            status: format!(
                "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:{first}\">\
                 <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:{second}\"/></samlp:StatusCode>\
                 <samlp:StatusMessage>Frau Muster</samlp:StatusMessage><samlp:StatusDetail><a:StatusDetail \
                 xmlns:a=\"https://www.akdb.de/request/2018/09\">{detail}</a:StatusDetail></samlp:StatusDetail>"
            ),
            ..Says::good()
        };
        judge(&says.response("")).unwrap_err()
    };
    assert_eq!(refused("Responder", "AuthnFailed", ""), Rejected::Cancelled);
    let missing = r#"{"version":"1.0","errors":[{"code":"IDP_REQUIRED_ATTRIBUTES_MISSING","message":"Erika"}]}"#;
    let told = refused("Requester", "RequestDenied", missing);
    let details = vec!["IDP_REQUIRED_ATTRIBUTES_MISSING".to_owned()];
    assert_eq!(told, Rejected::Status { code: StatusCode::RequestDenied, details });
    assert!(!format!("{told} {told:?}").contains("Erika"));
    for junk in [r#"{"errors":[{"code":"Erika Muster"}]}"#, "[[[[", "null", ""] {
        let told = refused("Requester", "NoAuthnContext", junk);
        assert_eq!(told, Rejected::Status { code: StatusCode::NoAuthnContext, details: vec![] });
    }
}

#[test]
fn a_yes_without_an_assertion_is_none() {
    assert_eq!(judge(&Says::good().response("")).unwrap_err(), Rejected::Shape("EncryptedAssertion"));
}
