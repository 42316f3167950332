//! Steps 1 and 2: a message fit to be read, and the signature around it.

use crate::names::{DS, SAML, SAMLP};
use crate::{IdentityProvider, Rejected, Signed, signature, xml};

// An answer of BundID has 20 KiB, one of "Mein Unternehmenskonto" some more. Encryption and base64 take almost half of this.
const MAX_BYTES: usize = 128 * 1024;

/// Takes the text out of the form field.
pub(super) fn open(message: &str) -> Result<String, Rejected> {
    if message.len() > MAX_BYTES {
        return Err(Rejected::Unreadable("too large"));
    }
    let bytes = xml::decode(message).ok_or(Rejected::Unreadable("not base64"))?;
    String::from_utf8(bytes).map_err(|_| Rejected::Unreadable("not UTF-8"))
}

/// The response as its provider signed it, or as it came if it bears no signature and needs none.
pub(super) fn verified(text: String, idp: &IdentityProvider) -> Result<String, Rejected> {
    let document = xml::parse(&text)?;
    let response = xml::root(&document)?;
    if !response.is(SAMLP, "Response") {
        return Err(Rejected::Shape("Response"));
    }
    if response.count(SAML, "Assertion") > 0 {
        return Err(Rejected::ClearAssertion);
    }
    let encrypted = response.maybe(SAML, "EncryptedAssertion")?;
    if response.count(SAML, "EncryptedAssertion") != encrypted.iter().count() {
        return Err(Rejected::Shape("EncryptedAssertion"));
    }
    if idp.response_must_be_signed || response.count(DS, "Signature") > 0 {
        return signature::signed_bytes(response, &idp.certificates, Signed::Response);
    }
    Ok(text)
}
