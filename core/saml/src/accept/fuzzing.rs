//! For the fuzz target: the steps behind the keys, which random bytes would never reach.

use super::{Expected, answer, assertion, attributes, conditions, decryption};
use crate::{IdentityProvider, ServiceProvider, Signed, signature, xml};

/// Lets everything that reads XML read this text, whoever wrote it.
pub fn read(text: &str, sp: &ServiceProvider, idp: &IdentityProvider, expected: &Expected<'_>) {
    let Ok(document) = xml::parse(text) else { return };
    let Ok(root) = xml::root(&document) else { return };
    let _ = signature::signed_bytes(root, &idp.certificates, Signed::Assertion);
    let _ = answer::check(root, sp, idp, expected);
    let _ = decryption::Sealed::read(root).and_then(|sealed| sealed.open(&sp.decryption));
    let _ = assertion::verified(text, idp);
    let _ = assertion::check(root, sp, idp, expected);
    let _ = conditions::authn(root, expected);
    let _ = attributes::read(root);
    // What is canonical is read again: it has to be XML.
    if let Ok(canonical) = root.canonical(None, &[]) {
        assert!(xml::parse(&canonical).is_ok(), "{canonical:?}");
    }
}
