//! Signatures of a whole message, verified in the direction that leaves nothing to be mixed up.
//!
//! First the bytes of `SignedInfo` are made, and their RSA signature is verified. What they say is read from these very
//! bytes: one reference, to the message itself. Then the bytes of the message are made, without the signature, and their
//! hash is compared. These bytes are the result, and nothing else of the message is looked at again – so an attacker who
//! moves, wraps or doubles elements, or who knows of a mistake in parsing or canonicalisation, wins at most a refusal.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};

use crate::names::{DS, ENVELOPED, EXCLUSIVE_C14N, PSS_SHA256, RSA_SHA256, SHA256};
use crate::xml::{self, Element};
use crate::{Certificate, Rejected, Signed};

/// The bytes of the message `root` as one of the `trusted` keys signed them; the signature itself is not in them.
pub(crate) fn signed_bytes(root: Element<'_>, trusted: &[Certificate], what: Signed) -> Result<String, Rejected> {
    let signature = match root.count(DS, "Signature") {
        0 => return Err(Rejected::NotSigned(what)),
        1 => root.one(DS, "Signature")?,
        _ => return Err(Rejected::Shape("Signature")),
    };
    if signature.children().any(|part| !PARTS.iter().any(|name| part.is(DS, name))) {
        return Err(Rejected::Shape("Signature"));
    }
    let value = signature.one(DS, "SignatureValue")?.bytes().ok_or(Rejected::Shape("SignatureValue"))?;
    let info = signature.one(DS, "SignedInfo")?;
    let info = info.canonical(None, &info.one(DS, "CanonicalizationMethod")?.prefixes()?)?;

    let claims = xml::parse(&info)?;
    let claims = Claims::read(xml::root(&claims)?)?;
    let holds = |key: &Certificate| {
        UnparsedPublicKey::new(claims.algorithm, key.public_key()).verify(info.as_bytes(), &value).is_ok()
    };
    if !trusted.iter().any(holds) {
        return Err(Rejected::Signature(what));
    }

    let id = root.required("ID")?;
    let bytes = root.canonical(Some(signature), &claims.prefixes)?;
    let hash = digest::digest(&digest::SHA256, bytes.as_bytes());
    if id.is_empty() || claims.uri.strip_prefix('#') != Some(id) || hash.as_ref() != claims.hash {
        return Err(Rejected::Signature(what));
    }
    Ok(bytes)
}

// `KeyInfo` may be there and is not looked at; an `Object` may not.
const PARTS: [&str; 3] = ["SignedInfo", "SignatureValue", "KeyInfo"];

/// What a signature claims, in the one form that is understood.
struct Claims<'d> {
    algorithm: &'static RsaParameters,
    uri: &'d str,
    prefixes: Vec<&'d str>,
    hash: Vec<u8>,
}

impl<'d> Claims<'d> {
    fn read(info: Element<'d>) -> Result<Self, Rejected> {
        if algorithm(info.one(DS, "CanonicalizationMethod")?)? != EXCLUSIVE_C14N {
            return Err(Rejected::Algorithm("canonicalisation"));
        }
        let algorithm_of_signature = match algorithm(info.one(DS, "SignatureMethod")?)? {
            RSA_SHA256 => &RSA_PKCS1_2048_8192_SHA256,
            PSS_SHA256 => &RSA_PSS_2048_8192_SHA256,
            _ => return Err(Rejected::Algorithm("signature")),
        };
        let reference = info.one(DS, "Reference")?;
        let transforms: Vec<_> = reference.one(DS, "Transforms")?.named(DS, "Transform").collect();
        let [enveloped, canonical] = transforms.as_slice() else { return Err(Rejected::Shape("Transforms")) };
        if algorithm(*enveloped)? != ENVELOPED || algorithm(*canonical)? != EXCLUSIVE_C14N {
            return Err(Rejected::Algorithm("transforms"));
        }
        if algorithm(reference.one(DS, "DigestMethod")?)? != SHA256 {
            return Err(Rejected::Algorithm("digest"));
        }
        Ok(Claims {
            algorithm: algorithm_of_signature,
            uri: reference.required("URI")?,
            prefixes: canonical.prefixes()?,
            hash: reference.one(DS, "DigestValue")?.bytes().ok_or(Rejected::Shape("DigestValue"))?,
        })
    }
}

fn algorithm<'d>(method: Element<'d>) -> Result<&'d str, Rejected> {
    method.required("Algorithm")
}
