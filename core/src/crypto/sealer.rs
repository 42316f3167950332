//! The key of one town: it seals values at their places and makes marks by which sealed values are found again.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    digest as hash, hkdf, hmac, rand,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::MasterKeys;

/// AES-256-GCM with a random nonce of 96 bits.
const AES_256_GCM_1: u8 = 1;

/// A sealed value as it lies in the database: algorithm, id of the key, nonce, ciphertext and tag.
#[derive(Clone, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct Sealed(Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Sealed {
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A sealed value that does not open: another key, another place, or a changed byte. It does not say which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened")]
pub struct Unsealable;

/// Where a sealed value stands; it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    pub table: &'a str,
    /// The id of the row.
    pub row: &'a str,
    pub column: &'a str,
}

/// The key of a town as it is kept: under the master key of that name.
#[derive(Debug, Clone)]
pub struct WrappedKey {
    pub id: Uuid,
    pub master: String,
    pub wrapped: Vec<u8>,
}

impl WrappedKey {
    /// A new key for a town.
    pub fn new(tenant: &str, masters: &MasterKeys) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rand::fill(secret.as_mut()).expect("the system has random numbers");
        let id = id();
        let (master, wrapped) = masters.wrap(secret.as_ref(), &place(tenant, id));
        Self { id, master, wrapped }
    }

    /// The same key under the current master key.
    pub fn rewrapped(&self, tenant: &str, masters: &MasterKeys) -> Result<Self, Unsealable> {
        let place = place(tenant, self.id);
        let secret = masters.unwrap(&self.master, &self.wrapped, &place)?;
        let (master, wrapped) = masters.wrap(&secret, &place);
        Ok(Self { id: self.id, master, wrapped })
    }

    pub fn open(&self, tenant: &str, masters: &MasterKeys) -> Result<Sealer, Unsealable> {
        let secret = masters.unwrap(&self.master, &self.wrapped, &place(tenant, self.id))?;
        Ok(Sealer::new(tenant, self.id, &secret))
    }
}

/// Seals and opens for one town.
pub struct Sealer {
    tenant: Arc<str>,
    id: Uuid,
    sealing: RandomizedNonceKey,
    marking: hmac::Key,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("tenant", &self.tenant).field("id", &self.id).finish_non_exhaustive()
    }
}

impl Sealer {
    fn new(tenant: &str, id: Uuid, secret: &[u8]) -> Self {
        let sealing = RandomizedNonceKey::new(&AES_256_GCM, &*derived(secret, b"seal")).expect("32 bytes are a key");
        let marking = hmac::Key::new(hmac::HMAC_SHA256, &*derived(secret, b"mark"));
        Self { tenant: tenant.into(), id, sealing, marking }
    }

    /// The id that every value it seals carries.
    pub fn id(&self) -> Uuid {
        self.id
    }

    pub fn seal(&self, cell: Cell<'_>, plain: &[u8]) -> Sealed {
        let mut text = plain.to_vec();
        let nonce = self.sealing.seal_in_place_append_tag(Aad::from(self.aad(cell)), &mut text);
        let nonce = nonce.expect("what fits into a row can be sealed");
        Sealed([&[AES_256_GCM_1][..], self.id.as_bytes(), nonce.as_ref(), &text].concat())
    }

    /// Whether these bytes look like something this key has sealed.
    pub fn has_sealed(&self, bytes: &[u8]) -> bool {
        bytes.len() > 29 && bytes[0] == AES_256_GCM_1 && bytes[1..17] == *self.id.as_bytes()
    }

    pub fn open(&self, cell: Cell<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (head, text) = sealed.0.split_at_checked(29).ok_or(Unsealable)?;
        if head[0] != AES_256_GCM_1 || head[1..17] != *self.id.as_bytes() {
            return Err(Unsealable);
        }
        let nonce = Nonce::try_assume_unique_for_key(&head[17..]).map_err(|_| Unsealable)?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = match self.sealing.open_in_place(nonce, Aad::from(self.aad(cell)), &mut text) {
            Ok(plain) => plain.len(),
            Err(_) => return Err(Unsealable),
        };
        text.truncate(length);
        Ok(text)
    }

    pub fn seal_json<T: Serialize>(&self, cell: Cell<'_>, value: &T) -> Sealed {
        let plain = Zeroizing::new(serde_json::to_vec(value).expect("our own types are JSON"));
        self.seal(cell, &plain)
    }

    pub fn open_json<T: DeserializeOwned>(&self, cell: Cell<'_>, sealed: &Sealed) -> Result<T, Unsealable> {
        serde_json::from_slice(&self.open(cell, sealed)?).map_err(|_| Unsealable)
    }

    /// A mark that is equal for equal values of this town and purpose, and tells nothing about them: sealed values are
    /// looked up by it, and chains are made of it.
    pub fn mark(&self, purpose: &'static str, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.marking);
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    fn aad(&self, cell: Cell<'_>) -> Vec<u8> {
        [&*self.tenant, cell.table, cell.row, cell.column].join("\0").into_bytes()
    }
}

/// A random text of 256 bits for cookies and links. Only its [`digest`] is kept.
pub fn token() -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(*random::<32>()))
}

/// Bytes as letters and digits of which none is mistaken for another when they are read out; five bits of each count.
pub fn letters_of(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// A random id for a row.
pub fn id() -> Uuid {
    uuid::Builder::from_random_bytes(*random()).into_uuid()
}

/// SHA-256, for random texts only: of anything a person could guess a mark is kept instead.
pub fn digest(token: &str) -> Vec<u8> {
    hash::digest(&hash::SHA256, token.as_bytes()).as_ref().to_vec()
}

pub(super) fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    rand::fill(bytes.as_mut()).expect("the system has random numbers");
    bytes
}

fn place(tenant: &str, id: Uuid) -> Vec<u8> {
    [b"tenant key", tenant.as_bytes(), id.as_bytes()].join(&0)
}

fn derived(secret: &[u8], what: &[u8]) -> Zeroizing<[u8; 32]> {
    expanded(secret, b"portal tenant key 1", what)
}

/// A key for one purpose.
pub(super) fn expanded(secret: &[u8], salt: &[u8], what: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let root = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let info = [what];
    let derived = root.expand(&info, hkdf::HKDF_SHA256).expect("32 bytes can be derived");
    derived.fill(key.as_mut()).expect("32 bytes were asked for");
    key
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(tenant: &str) -> Sealer {
        let folder = tempfile::tempdir().unwrap();
        let (masters, _) = MasterKeys::load_or_new(&folder.path().join("master.key")).unwrap();
        WrappedKey::new(tenant, &masters).open(tenant, &masters).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        let ostrau = sealer("ostrau");
        let cell = Cell { table: "accounts", row: "1", column: "profile" };
        let sealed = ostrau.seal(cell, b"Anna");
        assert_eq!(*ostrau.open(cell, &sealed).unwrap(), b"Anna");
        for other in [Cell { row: "2", ..cell }, Cell { table: "cases", ..cell }, Cell { column: "name", ..cell }] {
            assert_eq!(ostrau.open(other, &sealed), Err(Unsealable), "{other:?}");
        }
        assert!(sealer("ostrau").open(cell, &sealed).is_err(), "another key of the same town");
        let [here, there] = ["ostrau", "westrau"].map(|town| Sealer::new(town, ostrau.id, &[7; 32]));
        assert!(there.open(cell, &here.seal(cell, b"Anna")).is_err(), "the same key in another town");
        for at in 0..sealed.as_bytes().len() {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[at] ^= 1;
            assert!(ostrau.open(cell, &Sealed::from_bytes(bytes)).is_err(), "byte {at} was changed");
        }
        assert!(!format!("{sealed:?} {ostrau:?}").contains("Anna"));
    }

    #[test]
    fn a_mark_tells_parts_and_purposes_apart() {
        let ostrau = sealer("ostrau");
        assert_eq!(ostrau.mark("account", &[b"ab", b"c"]), ostrau.mark("account", &[b"ab", b"c"]));
        assert_ne!(ostrau.mark("account", &[b"ab", b"c"]), ostrau.mark("account", &[b"a", b"bc"]));
        assert_ne!(ostrau.mark("account", &[b"a"]), ostrau.mark("audit", &[b"a"]));
        assert_ne!(ostrau.mark("account", &[b"a"]), sealer("westrau").mark("account", &[b"a"]));
    }
}
