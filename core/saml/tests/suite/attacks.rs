//! Signature wrapping and its relatives. The attacker has a good answer to somebody else's request or to their own, and
//! our certificate, which is public: they may encrypt whatever they like, and sign with a key of theirs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_saml::{Rejected, Signed, accept};

use crate::idp::*;

/// A signed message taken apart.
struct Signature {
    /// The message with its signature.
    whole: String,
    /// The message without.
    bare: String,
    signature: String,
}

impl Signature {
    fn of(whole: String) -> Self {
        let from = whole.find("<ds:Signature ").expect("a signature");
        let to = whole.find("</ds:Signature>").expect("a signature") + "</ds:Signature>".len();
        let bare = format!("{}{}", &whole[..from], &whole[to..]);
        Signature { signature: whole[from..to].to_owned(), bare, whole }
    }

    /// This signature with something in it.
    fn holding(&self, inside: &str) -> String {
        self.signature.replace("</ds:Signature>", &format!("<ds:Object>{inside}</ds:Object></ds:Signature>"))
    }
}

fn put_behind_issuer(message: &str, what: &str) -> String {
    message.replacen("</saml:Issuer>", &format!("</saml:Issuer>{what}"), 1)
}

fn put_last(message: &str, what: &str) -> String {
    let at = message.rfind("</").expect("an end");
    format!("{}{what}{}", &message[..at], &message[at..])
}

/// The published wrappings (XSW1 to XSW8 and some more): the evil message where readers look, the good one where a
/// reference finds it.
fn wrapped(good: &Signature, evil: &str) -> Vec<(&'static str, String)> {
    let renamed = evil.replacen("ID=\"_", "ID=\"_evil", 1);
    let extensions = |inside: &str| {
        format!("<samlp:Extensions xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">{inside}</samlp:Extensions>")
    };
    vec![
        ("evil holds the signature, which holds the good", put_behind_issuer(&renamed, &good.holding(&good.bare))),
        (
            "evil holds the signature beside the good",
            put_last(&put_behind_issuer(&renamed, &good.signature), &good.bare),
        ),
        ("evil holds the good, signature and all", put_last(&renamed, &good.whole)),
        ("evil holds the good first", put_behind_issuer(&renamed, &good.whole)),
        ("the good holds evil", put_last(&good.whole, &renamed)),
        ("the good holds evil first", put_behind_issuer(&good.whole, &renamed)),
        ("evil takes the id and the signature", put_behind_issuer(evil, &good.signature)),
        ("evil takes the id, the good stands behind", put_last(&put_behind_issuer(evil, &good.signature), &good.bare)),
        (
            "the good stands in extensions",
            put_last(&put_behind_issuer(&renamed, &good.signature), &extensions(&good.bare)),
        ),
        ("evil stands in extensions of the good", put_last(&good.whole, &extensions(&renamed))),
        ("evil stands in the signature of the good", good.whole.replace(&good.signature, &good.holding(&renamed))),
        ("evil without a signature", renamed.clone()),
        ("two signatures", put_behind_issuer(&put_behind_issuer(&renamed, &good.signature), &good.signature)),
        ("one around both", format!("<both>{}{renamed}</both>", good.whole)),
        ("one after the other", format!("{}{renamed}", good.whole)),
    ]
}

fn refused(name: &str, xml: &str) -> Rejected {
    judge(xml).expect_err(name)
}

/// An assertion that would make the attacker somebody else.
fn evil() -> Says {
    let mut says = Says::good();
    says.attributes = says.attributes.replace(SECRET, "the-mayor");
    says
}

#[test]
fn wrapped_inside_the_encryption() {
    let good = Signature::of(sign(&Says::good().assertion(), RSA_SHA256, &TRUSTED));
    judge(&Says::good().response(&seal(&good.whole, OURS_SEAL))).unwrap();
    for (name, assertion) in wrapped(&good, &evil().assertion()) {
        refused(name, &Says::good().response(&seal(&assertion, OURS_SEAL)));
    }
}

#[test]
fn wrapped_around_the_encryption() {
    // Both encrypted assertions are well signed, one is an answer of another day.
    let good = Signature::of(Says::good().sent_signed());
    let other = sign(&evil().assertion(), RSA_SHA256, &TRUSTED);
    let evil = Says::good().response(&seal(&other, OURS_SEAL));
    judge(&good.whole).unwrap();
    for (name, response) in wrapped(&good, &evil) {
        // Without any signature it is as good as one that never had one, which this provider may send.
        if name != "evil without a signature" {
            refused(name, &response);
        }
    }
}

#[test]
fn a_required_signature_is_required() {
    let strict = |xml: &str| accept(&HERE, &there(true), &expected(), &STANDARD.encode(xml));
    strict(&Says::good().sent_signed()).unwrap();
    assert_eq!(strict(&Says::good().sent()).unwrap_err(), Rejected::NotSigned(Signed::Response));
    let bare = Signature::of(Says::good().sent_signed()).bare;
    assert_eq!(strict(&bare).unwrap_err(), Rejected::NotSigned(Signed::Response));
}

#[test]
fn the_signature_of_the_response_does_not_count_for_the_assertion() {
    let unsigned = Says::good().response(&seal(&Says::good().assertion(), OURS_SEAL));
    assert_eq!(refused("", &sign(&unsigned, RSA_SHA256, &TRUSTED)), Rejected::NotSigned(Signed::Assertion));
}

#[test]
fn a_strangers_key_counts_for_nothing_though_it_comes_along() {
    let assertion = sign(&evil().assertion(), RSA_SHA256, &STRANGER);
    let response = Says::good().response(&seal(&assertion, OURS_SEAL));
    assert_eq!(refused("", &response), Rejected::Signature(Signed::Assertion));
    assert_eq!(refused("", &sign(&response, RSA_SHA256, &STRANGER)), Rejected::Signature(Signed::Response));
}

#[test]
fn one_assertion_and_encrypted() {
    let assertion = sign(&Says::good().assertion(), RSA_SHA256, &TRUSTED);
    let sealed = seal(&assertion, OURS_SEAL);
    let respond = |content: &str| refused(content, &Says::good().response(content));
    assert_eq!(respond(&assertion), Rejected::ClearAssertion);
    assert_eq!(respond(&format!("{sealed}{assertion}")), Rejected::ClearAssertion);
    assert_eq!(respond(&format!("{sealed}{sealed}")), Rejected::Shape("EncryptedAssertion"));
    assert_eq!(respond(&format!("<x>{sealed}</x>")), Rejected::Shape("EncryptedAssertion"));
    assert_eq!(respond(&seal(&sealed, OURS_SEAL)), Rejected::Shape("Assertion"));
    assert_eq!(respond(&seal(&format!("{assertion}{assertion}"), OURS_SEAL)), Rejected::Decryption);
    let root = Says::good().sent().replace("samlp:Response", "samlp:ArtifactResponse");
    assert_eq!(refused("", &root), Rejected::Shape("Response"));
}

#[test]
fn changed_bytes_are_noticed() {
    let assertion = sign(&Says::good().assertion(), RSA_SHA256, &TRUSTED);
    for (from, to) in [(SECRET, "the-mayor"), ("STORK-QAA-Level-3", "STORK-QAA-Level-4"), ("_assertion", "_another")] {
        let changed = assertion.replace(from, to);
        assert_eq!(
            refused(from, &Says::good().response(&seal(&changed, OURS_SEAL))),
            Rejected::Signature(Signed::Assertion)
        );
    }
    let response = Says::good().sent_signed().replacen("_response", "_another", 1);
    assert_eq!(refused("", &response), Rejected::Signature(Signed::Response));
}

#[test]
fn an_answer_to_somebody_else_cannot_be_passed_on() {
    // The response around it is not signed, so the attacker writes a new one for our request.
    let mut theirs = Says::good();
    theirs.confirmation[1].1 = "_theirs".into();
    assert_eq!(refused("", &theirs.sent()), Rejected::InResponseTo(Signed::Assertion));
}

#[test]
fn texts_have_one_piece() {
    // Canonical XML drops comments, so the signature would still hold.
    let assertion = sign(&Says::good().assertion(), RSA_SHA256, &TRUSTED);
    for (trick, told) in [
        ("<!---->", Rejected::Forbidden("a comment")),
        ("<?x y?>", Rejected::Forbidden("a processing instruction")),
        ("<![CDATA[a]]>", Rejected::Forbidden("a CDATA section")),
    ] {
        let tricky = Says::good().sent_signed().replacen("</samlp:Status>", &format!("{trick}</samlp:Status>"), 1);
        assert_eq!(refused(trick, &tricky), told);
        let tricky = assertion.replacen("_n<", &format!("_{trick}n<"), 1);
        assert_eq!(refused(trick, &Says::good().response(&seal(&tricky, OURS_SEAL))), Rejected::Decryption);
    }
}

#[test]
fn document_types_are_not_read() {
    let sent = Says::good().sent();
    for head in [
        "<!DOCTYPE x>",
        "<!DOCTYPE x [<!ENTITY e \"e\">]>",
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>",
        "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE x [<!ATTLIST Response ID CDATA \"_y\">]>",
    ] {
        let unreadable = Rejected::Unreadable("not well-formed, or has a document type");
        assert_eq!(refused(head, &format!("{head}{sent}")), unreadable);
        assert_eq!(refused(head, &format!("<?xml version=\"1.0\"?>{head}{sent}")), unreadable);
    }
}

#[test]
fn it_is_what_it_says() {
    let sent = Says::good().sent();
    judge(&format!("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>{sent}")).unwrap();
    for head in ["<?xml version=\"1.1\"?>", "<?xml version=\"1.0\" encoding=\"UTF-7\"?>"] {
        let told = Rejected::Unreadable("not XML 1.0 in UTF-8 by its own word");
        assert_eq!(refused(head, &format!("{head}{sent}")), told);
    }
}

#[test]
fn too_much_is_too_much() {
    let told = |message: &str| accept(&HERE, &there(false), &expected(), message).unwrap_err();
    assert_eq!(told(&"A".repeat(128 * 1024 + 4)), Rejected::Unreadable("too large"));
    assert_eq!(told(""), Rejected::Unreadable("not well-formed, or has a document type"));
    assert_eq!(told("%%%%"), Rejected::Unreadable("not base64"));
    assert_eq!(told("//////////8="), Rejected::Unreadable("not UTF-8"));
    let many_attributes: String = (0..600).map(|n| format!(" a{n}=''")).collect();
    for much in ["<a/>".repeat(9000), format!("<a{many_attributes}/>"), format!("<a b='>'{many_attributes}/>")] {
        assert_eq!(told(&STANDARD.encode(format!("<a>{much}</a>"))), Rejected::Unreadable("too large"));
    }
    let deep = "<a>".repeat(8_000);
    assert_eq!(told(&STANDARD.encode(deep)), Rejected::Unreadable("not well-formed, or has a document type"));
}
