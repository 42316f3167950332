//! Algorithms that are weak, unneeded or odd are refused by their name, before a key is touched.

use portal_saml::{Rejected, Signed};

use crate::idp::*;

/// A good answer with `from` changed to `to` in the signed assertion before it is encrypted.
fn signed_with(from: &str, to: &str) -> Rejected {
    let assertion = sign(&Says::good().assertion(), RSA_SHA256, &TRUSTED);
    assert!(assertion.contains(from), "{from}");
    judge(&Says::good().response(&seal(&assertion.replacen(from, to, 1), OURS_SEAL))).unwrap_err()
}

#[test]
fn signatures() {
    for weak in [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 ",
        "",
    ] {
        assert_eq!(signed_with(RSA_SHA256, weak), Rejected::Algorithm("signature"), "{weak}");
    }
    assert_eq!(signed_with(RSA_SHA256, PSS_SHA256), Rejected::Signature(Signed::Assertion));
}

#[test]
fn digests() {
    const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
    for weak in ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5"] {
        assert_eq!(signed_with(SHA256, weak), Rejected::Algorithm("digest"));
    }
}

#[test]
fn transforms() {
    const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
    const EXCLUSIVE: &str = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    for (from, to) in [
        (ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        (ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        (ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2"),
        (EXCLUSIVE, "<ds:Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>"),
        (EXCLUSIVE, "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"/>"),
    ] {
        assert_eq!(signed_with(from, to), Rejected::Algorithm("transforms"), "{to}");
    }
    assert_eq!(signed_with(EXCLUSIVE, ""), Rejected::Shape("Transforms"));
    assert_eq!(signed_with(EXCLUSIVE, &EXCLUSIVE.repeat(2)), Rejected::Shape("Transforms"));
    let inclusive = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>";
    let exclusive = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    assert_eq!(signed_with(exclusive, inclusive), Rejected::Algorithm("canonicalisation"));
}

#[test]
fn references() {
    for other in ["", "#_another", "_assertion", "#xpointer(/)", "https://evil.example/#_assertion"] {
        let told = signed_with("URI=\"#_assertion\"", &format!("URI=\"{other}\""));
        assert_eq!(told, Rejected::Signature(Signed::Assertion));
    }
    assert_eq!(signed_with("</ds:SignedInfo>", "<ds:Reference/></ds:SignedInfo>"), Rejected::Shape("Reference"));
    assert_eq!(signed_with("</ds:Signature>", "<ds:Object/></ds:Signature>"), Rejected::Shape("Signature"));
    assert_eq!(signed_with("</ds:Signature>", "<ds:SignedInfo/></ds:Signature>"), Rejected::Shape("SignedInfo"));
}

#[test]
fn what_holds_is_not_yet_allowed() {
    let told = |from: &str, to: &str| {
        let change = |template: String| {
            assert!(template.contains(from), "{from} in {template}");
            template.replacen(from, to, 1)
        };
        let assertion = sign_as(&Says::good().assertion(), RSA_SHA256, &TRUSTED, change);
        judge(&Says::good().response(&seal(&assertion, OURS_SEAL))).unwrap_err()
    };
    assert_eq!(told("URI=\"#_assertion\"", "URI=\"\""), Rejected::Signature(Signed::Assertion));
    let inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    assert_eq!(told("http://www.w3.org/2001/10/xml-exc-c14n#", inclusive), Rejected::Algorithm("canonicalisation"));
    let (sha256, sha1) = ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1");
    assert_eq!(told(sha256, sha1), Rejected::Algorithm("digest"));
}

/// A good answer with `from` changed to `to` in what says how it is encrypted.
fn sealed_with(seal_as: Seal, from: &str, to: &str) -> Rejected {
    let sealed = seal(&sign(&Says::good().assertion(), RSA_SHA256, &TRUSTED), seal_as);
    assert!(sealed.contains(from), "{from}");
    judge(&Says::good().response(&sealed.replacen(from, to, 1))).unwrap_err()
}

#[test]
fn content_encryption() {
    for weak in [
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
        "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        "http://www.w3.org/2009/xmlenc11#aes192-gcm",
    ] {
        assert_eq!(sealed_with(OURS_SEAL, GCM256, weak), Rejected::Algorithm("content encryption"));
    }
    assert_eq!(sealed_with(OURS_SEAL, GCM256, GCM128), Rejected::Decryption);
    assert_eq!(sealed_with(OURS_SEAL, "xmlenc#Element", "xmlenc#Content"), Rejected::Shape("EncryptedData"));
}

#[test]
fn key_transport() {
    let told = Rejected::Algorithm("key transport");
    let old = Seal { transport: OAEP_MGF1P, ..OURS_SEAL };
    let method = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
    for weak in ["http://www.w3.org/2001/04/xmlenc#rsa-1_5", "http://www.w3.org/2001/04/xmlenc#kw-aes256"] {
        assert_eq!(sealed_with(old, method, weak), told);
    }
    assert_eq!(sealed_with(old, method, "http://www.w3.org/2009/xmlenc11#rsa-oaep"), told, "nothing named is SHA-1");
    assert_eq!(sealed_with(OURS_SEAL, "xmlenc11#mgf1sha256", "xmlenc11#mgf1sha1"), told);
    let sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    assert_eq!(sealed_with(OURS_SEAL, "http://www.w3.org/2001/04/xmlenc#sha256", sha1), told);
}

#[test]
fn every_failure_to_decrypt_is_the_same() {
    let good = seal(&sign(&Says::good().assertion(), RSA_SHA256, &TRUSTED), OURS_SEAL);
    let values: Vec<_> = good.match_indices("<xenc:CipherValue>").map(|(at, tag)| at + tag.len()).collect();
    for at in values {
        for changed in [at, at + 30, at + 300] {
            let mut sealed = good.clone();
            let other = if &good[changed..changed + 1] == "A" { "B" } else { "A" };
            sealed.replace_range(changed..changed + 1, other);
            assert_eq!(judge(&Says::good().response(&sealed)).unwrap_err(), Rejected::Decryption);
        }
        let end = at + good[at..].find('<').unwrap();
        for short in ["", "AAAA", "AAAAAAAAAAAAAAAA"] {
            let sealed = format!("{}{short}{}", &good[..at], &good[end..]);
            assert_eq!(judge(&Says::good().response(&sealed)).unwrap_err(), Rejected::Decryption);
        }
    }
    let strangers = seal(&Says::good().assertion(), Seal { to: || &STRANGER, ..OURS_SEAL });
    assert_eq!(judge(&Says::good().response(&strangers)).unwrap_err(), Rejected::Decryption);
    for plain in ["", "no XML", "<a>", "<!DOCTYPE x><a/>", "\u{0}"] {
        assert_eq!(judge(&Says::good().response(&seal(plain, OURS_SEAL))).unwrap_err(), Rejected::Decryption);
    }
}
