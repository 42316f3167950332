//! Keys and certificates as the operator hands them over: RSA, PEM, unencrypted.

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use jiff::Timestamp;
use x509_parser::pem::Pem;
use x509_parser::public_key::PublicKey;
use zeroize::Zeroizing;

/// Keys shorter than this still work (down to 2048 bits), but the guideline of the BSI asks for more (TR-02102-1).
pub const RECOMMENDED_BITS: usize = 3072;

/// Why a file is no key or certificate for us. Whoever shows it names the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    #[error("holds no PEM block `{0}`")]
    NoBlock(&'static str),
    #[error("holds a private key under a passphrase, which nobody could type at start")]
    Passphrase,
    #[error("holds a certificate that cannot be read")]
    Certificate,
    #[error("holds a key that is not RSA with 2048 to 8192 bits")]
    NotRsa,
    #[error("holds a private key that does not belong to the certificate")]
    NotThisCertificate,
}

/// A certificate as a container of a public key. Nobody's word is taken for it but the operator's, so chains and
/// revocation play no part.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    public_key: Vec<u8>,
    bits: usize,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Certificate {
    /// Reads the first certificate of a PEM file.
    pub fn from_pem(pem: &str) -> Result<Self, UnusableKey> {
        let block = blocks(pem).into_iter().find(|block| block.label == "CERTIFICATE");
        Self::from_der(&block.ok_or(UnusableKey::NoBlock("CERTIFICATE"))?.contents)
    }

    /// Reads a certificate as metadata has it, after base64.
    pub fn from_der(der: &[u8]) -> Result<Self, UnusableKey> {
        let (_, certificate) = x509_parser::parse_x509_certificate(der).map_err(|_| UnusableKey::Certificate)?;
        let key = certificate.public_key();
        let Ok(PublicKey::RSA(rsa)) = key.parsed() else { return Err(UnusableKey::NotRsa) };
        if !(2048..=8192).contains(&rsa.key_size()) {
            return Err(UnusableKey::NotRsa);
        }
        let moment = |time: x509_parser::time::ASN1Time| {
            Timestamp::from_second(time.timestamp()).map_err(|_| UnusableKey::Certificate)
        };
        Ok(Certificate {
            public_key: key.subject_public_key.data.to_vec(),
            bits: rsa.key_size(),
            not_before: moment(certificate.validity().not_before)?,
            not_after: moment(certificate.validity().not_after)?,
            der: der.to_vec(),
        })
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The length of its RSA key.
    pub fn bits(&self) -> usize {
        self.bits
    }

    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// `RSAPublicKey` of RFC 8017, as verification takes it.
    pub(crate) fn public_key(&self) -> &[u8] {
        &self.public_key
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("bits", &self.bits)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// A private key with its certificate. Use different ones for signing and for decryption.
pub struct KeyPair {
    pub(crate) signing: RsaKeyPair,
    pub(crate) decryption: OaepPrivateDecryptingKey,
    certificate: Certificate,
}

impl KeyPair {
    /// Reads a private key (PKCS#8 or PKCS#1) and the certificate that belongs to it; both may stand in one file.
    pub fn from_pem(key: &str, certificate: &str) -> Result<Self, UnusableKey> {
        let certificate = Certificate::from_pem(certificate)?;
        let signing = private_key(key)?;
        if signing.public_key().as_ref() != certificate.public_key() {
            return Err(UnusableKey::NotThisCertificate);
        }
        let der = signing.as_der().map_err(|_| UnusableKey::NotRsa)?;
        let decryption = PrivateDecryptingKey::from_pkcs8(der.as_ref()).map_err(|_| UnusableKey::NotRsa)?;
        let decryption = OaepPrivateDecryptingKey::new(decryption).map_err(|_| UnusableKey::NotRsa)?;
        Ok(KeyPair { signing, decryption, certificate })
    }

    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

fn private_key(pem: &str) -> Result<RsaKeyPair, UnusableKey> {
    for block in blocks(pem) {
        let contents = Zeroizing::new(block.contents);
        match block.label.as_str() {
            "PRIVATE KEY" => return RsaKeyPair::from_pkcs8(&contents).map_err(|_| UnusableKey::NotRsa),
            // Old tools protect these by a header inside the block, which leaves no DER.
            "RSA PRIVATE KEY" => return RsaKeyPair::from_der(&contents).map_err(|_| UnusableKey::NotRsa),
            "ENCRYPTED PRIVATE KEY" => return Err(UnusableKey::Passphrase),
            _ => {}
        }
    }
    Err(if pem.contains("ENCRYPTED") { UnusableKey::Passphrase } else { UnusableKey::NoBlock("PRIVATE KEY") })
}

fn blocks(pem: &str) -> Vec<Pem> {
    Pem::iter_from_buffer(pem.as_bytes()).map_while(Result::ok).collect()
}
