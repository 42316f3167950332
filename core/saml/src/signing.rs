//! The signature under what we send.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};

use crate::names::{DS, ENVELOPED, EXCLUSIVE_C14N, PSS_SHA256, RSA_SHA256, SHA256};
use crate::{Certificate, KeyPair, xml};

/// How requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignatureMethod {
    #[default]
    RsaSha256,
    /// RSASSA-PSS with SHA-256, for providers that have moved on.
    PssSha256,
}

impl SignatureMethod {
    fn names(self) -> (&'static str, &'static dyn RsaEncoding) {
        match self {
            SignatureMethod::RsaSha256 => (RSA_SHA256, &RSA_PKCS1_SHA256),
            SignatureMethod::PssSha256 => (PSS_SHA256, &RSA_PSS_SHA256),
        }
    }
}

/// Why a request could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    #[error("there is no signing key")]
    NoKey,
    #[error("the provider names no authentication context for this level")]
    NoContext,
    #[error("an address or a text holds a character that XML does not know")]
    NotXml,
    #[error("the signing key refuses to sign")]
    Key,
}

/// Signs a message of ours, whose start tag has this `id`; the signature goes where SAML wants it, between `head` (up to
/// the issuer) and `tail`.
pub(crate) fn sign(
    (head, tail): (&str, &str),
    id: &str,
    key: &KeyPair,
    method: SignatureMethod,
) -> Result<String, Unsigned> {
    let message = format!("{head}{tail}");
    let document = xml::parse(&message).map_err(|_| Unsigned::NotXml)?;
    let canonical = xml::root(&document).and_then(|root| root.canonical(None, &[])).map_err(|_| Unsigned::NotXml)?;
    let hash = digest::digest(&digest::SHA256, canonical.as_bytes());

    let (name, padding) = method.names();
    let info = signed_info(id, name, hash.as_ref());
    let mut value = vec![0; key.signing.public_modulus_len()];
    key.signing.sign(padding, &SystemRandom::new(), info.as_bytes(), &mut value).map_err(|_| Unsigned::Key)?;
    Ok(format!(
        "{head}<ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{}</ds:SignatureValue>{}</ds:Signature>{tail}",
        xml::encode(&value),
        key_info(key.certificate()),
    ))
}

/// A certificate as signatures and metadata carry it.
pub(crate) fn key_info(certificate: &Certificate) -> String {
    format!(
        "<ds:KeyInfo xmlns:ds=\"{DS}\"><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
        xml::encode(certificate.der())
    )
}

/// Written in canonical form, so that what is signed is what is sent.
fn signed_info(id: &str, method: &str, hash: &[u8]) -> String {
    let hash = xml::encode(hash);
    let mut info = format!("<ds:SignedInfo xmlns:ds=\"{DS}\">");
    info += &format!("<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE_C14N}\"></ds:CanonicalizationMethod>");
    info += &format!("<ds:SignatureMethod Algorithm=\"{method}\"></ds:SignatureMethod>");
    info += &format!("<ds:Reference URI=\"#{id}\"><ds:Transforms>");
    info += &format!("<ds:Transform Algorithm=\"{ENVELOPED}\"></ds:Transform>");
    info += &format!("<ds:Transform Algorithm=\"{EXCLUSIVE_C14N}\"></ds:Transform></ds:Transforms>");
    info += &format!("<ds:DigestMethod Algorithm=\"{SHA256}\"></ds:DigestMethod>");
    info + &format!("<ds:DigestValue>{hash}</ds:DigestValue></ds:Reference></ds:SignedInfo>")
}
