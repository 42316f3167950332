//! Steps 4 and 5: what is encrypted, and its opening.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm};
use zeroize::Zeroizing;

use crate::names::{
    AES128_GCM, AES256_GCM, AN_ELEMENT, DS, MGF1_SHA256, OAEP, OAEP_MGF1P, SAML, SHA1, SHA256, XENC, XENC11,
};
use crate::xml::Element;
use crate::{KeyPair, Rejected};

/// An encrypted assertion whose algorithms are allowed.
pub(super) struct Sealed {
    transport: &'static OaepAlgorithm,
    cipher: &'static Algorithm,
    key: Vec<u8>,
    content: Vec<u8>,
}

impl Sealed {
    pub(super) fn read(response: Element<'_>) -> Result<Self, Rejected> {
        let envelope = response.one(SAML, "EncryptedAssertion")?;
        let data = envelope.one(XENC, "EncryptedData")?;
        if data.attribute("Type").is_some_and(|is| is != AN_ELEMENT) {
            return Err(Rejected::Shape("EncryptedData"));
        }
        let cipher = match data.one(XENC, "EncryptionMethod")?.required("Algorithm")? {
            AES128_GCM => &AES_128_GCM,
            AES256_GCM => &AES_256_GCM,
            _ => return Err(Rejected::Algorithm("content encryption")),
        };
        // The key stands inside the data or beside it, and providers do both.
        let inside = data.maybe(DS, "KeyInfo")?.map(|info| info.maybe(XENC, "EncryptedKey")).transpose()?.flatten();
        let key = match inside {
            Some(key) => key,
            None => envelope.one(XENC, "EncryptedKey")?,
        };
        if envelope.count(XENC, "EncryptedKey") != 1 || envelope.count(XENC, "EncryptedData") != 1 {
            return Err(Rejected::Shape("EncryptedKey"));
        }
        Ok(Sealed {
            transport: transport(key.one(XENC, "EncryptionMethod")?)?,
            cipher,
            key: cipher_value(key)?,
            content: cipher_value(data)?,
        })
    }

    /// The text inside. Nothing tells one failure from another, so that nobody can ask the key questions by sending
    /// variations.
    pub(super) fn open(self, keys: &[KeyPair]) -> Result<String, Rejected> {
        let plain = keys.iter().find_map(|pair| self.open_with(pair));
        plain.and_then(|plain| String::from_utf8(plain).ok()).ok_or(Rejected::Decryption)
    }

    fn open_with(&self, pair: &KeyPair) -> Option<Vec<u8>> {
        let mut room = Zeroizing::new(vec![0; pair.decryption.min_output_size()]);
        let key = pair.decryption.decrypt(self.transport, &self.key, &mut room, None).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(self.cipher, key).ok()?);
        let (nonce, content) = self.content.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut content = content.to_vec();
        let length = key.open_in_place(nonce, Aad::empty(), &mut content).ok()?.len();
        content.truncate(length);
        Some(content)
    }
}

/// SHA-1 is allowed in the old name of OAEP only, where it has no other: it does not need to resist collisions there.
fn transport(method: Element<'_>) -> Result<&'static OaepAlgorithm, Rejected> {
    let digest = method.maybe(DS, "DigestMethod")?.map(|digest| digest.required("Algorithm")).transpose()?;
    let mask = method.maybe(XENC11, "MGF")?.map(|mask| mask.required("Algorithm")).transpose()?;
    if method.maybe(XENC, "OAEPparams")?.is_some() {
        return Err(Rejected::Algorithm("key transport"));
    }
    match (method.required("Algorithm")?, digest, mask) {
        (OAEP_MGF1P, None | Some(SHA1), None) => Ok(&OAEP_SHA1_MGF1SHA1),
        (OAEP, Some(SHA256), Some(MGF1_SHA256)) => Ok(&OAEP_SHA256_MGF1SHA256),
        _ => Err(Rejected::Algorithm("key transport")),
    }
}

fn cipher_value(of: Element<'_>) -> Result<Vec<u8>, Rejected> {
    let value = of.one(XENC, "CipherData")?.one(XENC, "CipherValue")?;
    value.bytes().ok_or(Rejected::Shape("CipherValue"))
}
