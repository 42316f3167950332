//! The master key: one line of text in a file or in the environment, made at the first start of an embedded portal.

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    digest as hash, rand,
};
use zeroize::Zeroizing;

use super::sealer::Unsealable;
use crate::config::secret::SecretRef;

/// What stands before the 64 hexadecimal digits of a key.
const PREFIX: &str = "portal-master-key-1:";
const KEY: usize = 32;

/// Why there is no master key to work with.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error("a master key comes from `file:PATH` or `env:NAME`")]
    NoSource,
    #[error("the master key cannot be read from `{from}`: {why}")]
    Unreadable { from: String, why: String },
    #[error("`{from}` holds no master key in line {line}")]
    Malformed { from: String, line: usize },
    #[error("`{0}` holds no master key")]
    Empty(String),
    #[error("`{from}` holds no master key `{name}`")]
    Unknown { name: String, from: String },
    #[error("other people may read `{0}`")]
    Open(String),
}

impl MasterKeyError {
    /// What the operator does next.
    pub fn hint(&self) -> String {
        match self {
            Self::Open(path) => format!("chmod 600 {}", path.trim_start_matches("file:")),
            Self::Malformed { .. } => format!("a key is one line: `{PREFIX}` and 64 hexadecimal digits"),
            Self::Empty(_) | Self::Unreadable { .. } => {
                "take the file from the safe (`portal keys export` wrote it), or `portal keys new` for a new house"
                    .into()
            }
            Self::Unknown { .. } => "`portal keys list` names those it holds".into(),
            Self::NoSource => "for example `--master-key file:/run/secrets/portal.key`".into(),
        }
    }
}

/// All master keys of the house: the first one wraps, the others still open what they wrapped.
pub struct MasterKeys {
    source: SecretRef,
    ring: RwLock<Arc<Ring>>,
}

struct Ring {
    current: String,
    keys: BTreeMap<String, Zeroizing<[u8; KEY]>>,
    /// In the order of the file.
    order: Vec<String>,
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKeys").field("source", &self.source).finish_non_exhaustive()
    }
}

impl MasterKeys {
    /// Reads the keys; in a variable several are separated by spaces or lines. A file that others may read is refused.
    pub fn load(source: SecretRef) -> Result<Self, MasterKeyError> {
        let ring = RwLock::new(Arc::new(read(&source)?));
        Ok(Self { source, ring })
    }

    /// Reads the file, or writes a new key into it if there is none; `true` if it is new.
    pub fn load_or_new(path: &Path) -> Result<(Self, bool), MasterKeyError> {
        let source = SecretRef::File(path.to_owned());
        let is_new = match write_new(path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(unreadable(&source, error)),
        };
        Ok((Self::load(source)?, is_new))
    }

    pub fn source(&self) -> &SecretRef {
        &self.source
    }

    /// The name of the key that wraps: the beginning of its SHA-256.
    pub fn current(&self) -> String {
        self.ring().current.clone()
    }

    /// Names of all keys, the current one first.
    pub fn names(&self) -> Vec<String> {
        self.ring().order.clone()
    }

    /// Reads the source again; the old keys stay if it cannot be read.
    pub fn reload(&self) -> Result<(), MasterKeyError> {
        let ring = Arc::new(read(&self.source)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// Those of these names that are missing, also after another look at the source.
    pub fn lack(&self, names: Vec<String>) -> Vec<String> {
        let missing = |names: Vec<String>| {
            let known = self.names();
            names.into_iter().filter(|name| !known.contains(name)).collect::<Vec<_>>()
        };
        let missing_here = missing(names);
        if missing_here.is_empty() || self.reload().is_err() { missing_here } else { missing(missing_here) }
    }

    /// Puts a new key before all others into the file, for [`current`](Self::current) from now on.
    pub fn add(&self) -> Result<String, MasterKeyError> {
        let name = self.add_waiting()?;
        self.put_first(&name)?;
        Ok(name)
    }

    /// Puts a new key after all others into the file: it opens, and wraps nothing yet. Gives back its name.
    pub fn add_waiting(&self) -> Result<String, MasterKeyError> {
        let new = new_line();
        self.write(&Zeroizing::new(format!("{}{}\n", *self.export(), *new)))?;
        Ok(self.names().pop().expect("a file of keys that has just been written"))
    }

    /// Makes a key of the file the current one.
    ///
    /// # Errors
    /// If there is none of that name, or the file cannot be written.
    pub fn put_first(&self, name: &str) -> Result<(), MasterKeyError> {
        let ring = self.ring();
        let unknown = || MasterKeyError::Unknown { name: name.to_owned(), from: self.source.to_string() };
        let first = ring.keys.get(name).ok_or_else(unknown)?;
        if ring.current == name {
            return Ok(());
        }
        let others = ring.order.iter().filter(|other| *other != name).map(|other| line_of(&ring.keys[other]));
        let lines: Vec<_> = std::iter::once(line_of(first)).chain(others).collect();
        self.write(&Zeroizing::new(lines.iter().map(|line| format!("{}\n", **line)).collect::<String>()))
    }

    /// Takes every key but the current one out of the file; gives back their names.
    pub fn forget_old(&self) -> Result<Vec<String>, MasterKeyError> {
        let ring = self.ring();
        self.write(&Zeroizing::new(format!("{}\n", *line_of(&ring.keys[&ring.current]))))?;
        Ok(ring.order.iter().filter(|name| **name != ring.current).cloned().collect())
    }

    fn write(&self, text: &str) -> Result<(), MasterKeyError> {
        let SecretRef::File(path) = &self.source else {
            let why = "a variable is set by whoever starts the portal".to_owned();
            return Err(MasterKeyError::Unreadable { from: self.source.to_string(), why });
        };
        replace(path, text).map_err(|error| unreadable(&self.source, error))?;
        self.reload()
    }

    /// The lines of all keys, for the safe.
    pub fn export(&self) -> Zeroizing<String> {
        let ring = self.ring();
        let lines: Vec<String> = ring.order.iter().map(|name| line_of(&ring.keys[name]).to_string()).collect();
        Zeroizing::new(lines.join("\n") + "\n")
    }

    /// Wraps under the current key: its name, and nonce, ciphertext and tag.
    pub(super) fn wrap(&self, secret: &[u8], place: &[u8]) -> (String, Vec<u8>) {
        let ring = self.ring();
        let key = aes(&ring.keys[&ring.current]);
        let mut sealed = secret.to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(place), &mut sealed).expect("a short text can be sealed");
        (ring.current.clone(), [&nonce.as_ref()[..], &sealed].concat())
    }

    /// Opens what a key of that name wrapped at that place; an unknown name is looked for in the source again.
    pub(super) fn unwrap(&self, name: &str, wrapped: &[u8], place: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        if !self.ring().keys.contains_key(name) {
            self.reload().map_err(|_| Unsealable)?;
        }
        let ring = self.ring();
        let key = aes(ring.keys.get(name).ok_or(Unsealable)?);
        let (nonce, sealed) = wrapped.split_at_checked(12).ok_or(Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let plain = key.open_in_place(nonce, Aad::from(place), &mut sealed).map_err(|_| Unsealable)?;
        Ok(Zeroizing::new(plain.to_vec()))
    }

    /// The key of a file that was sealed under the master key of that name; none if there is no such key.
    pub(super) fn file_key(&self, name: &str, salt: &str) -> Option<Zeroizing<[u8; KEY]>> {
        let ring = self.ring();
        Some(super::sealer::expanded(&**ring.keys.get(name)?, salt.as_bytes(), b"portal sealed file 1"))
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn read(source: &SecretRef) -> Result<Ring, MasterKeyError> {
    let text = match source {
        SecretRef::Env(name) => std::env::var(name).map_err(|error| unreadable(source, error)),
        SecretRef::File(path) => {
            let mode = fs::metadata(path).map(|file| std::os::unix::fs::PermissionsExt::mode(&file.permissions()));
            if mode.map_err(|error| unreadable(source, error))? & 0o077 != 0 {
                return Err(MasterKeyError::Open(source.to_string()));
            }
            fs::read_to_string(path).map_err(|error| unreadable(source, error))
        }
    };
    let text = Zeroizing::new(text?);
    let (mut keys, mut order) = (BTreeMap::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        for word in line.split_whitespace().take_while(|word| !word.starts_with('#')) {
            let malformed = || MasterKeyError::Malformed { from: source.to_string(), line: index + 1 };
            let key = word.strip_prefix(PREFIX).and_then(unhex).ok_or_else(malformed)?;
            let name = name_of(&key);
            order.push(name.clone());
            keys.insert(name, key);
        }
    }
    let current = order.first().cloned().ok_or_else(|| MasterKeyError::Empty(source.to_string()))?;
    Ok(Ring { current, keys, order })
}

fn unreadable(source: &SecretRef, why: impl fmt::Display) -> MasterKeyError {
    MasterKeyError::Unreadable { from: source.to_string(), why: why.to_string() }
}

fn aes(key: &[u8; KEY]) -> RandomizedNonceKey {
    RandomizedNonceKey::new(&AES_256_GCM, key).expect("32 bytes are a key")
}

fn name_of(key: &[u8; KEY]) -> String {
    super::sealer::hex(&hash::digest(&hash::SHA256, key).as_ref()[..6])
}

fn line_of(key: &[u8; KEY]) -> Zeroizing<String> {
    Zeroizing::new(format!("{PREFIX}{}", super::sealer::hex(key)))
}

fn new_line() -> Zeroizing<String> {
    let mut key = Zeroizing::new([0; KEY]);
    rand::fill(key.as_mut()).expect("the system has random numbers");
    line_of(&key)
}

fn unhex(text: &str) -> Option<Zeroizing<[u8; KEY]>> {
    let mut key = Zeroizing::new([0; KEY]);
    if text.len() != 2 * KEY || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

/// Fails if the file exists.
fn write_new(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(format!("{}\n", *new_line()).as_bytes())?;
    file.sync_all()
}

/// Whole or not at all, and readable by nobody else.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_wraps_and_the_old_one_still_opens() {
        let folder = tempfile::tempdir().unwrap();
        let (keys, is_new) = MasterKeys::load_or_new(&folder.path().join("master.key")).unwrap();
        assert!(is_new);
        let (old, wrapped) = keys.wrap(b"secret", b"here");
        let new = keys.add().unwrap();
        assert_ne!(old, new);
        assert_eq!(*keys.unwrap(&old, &wrapped, b"here").unwrap(), b"secret");
        assert!(keys.unwrap(&old, &wrapped, b"there").is_err(), "a wrapped key opens at its own place only");
        assert!(keys.forget_old().unwrap().iter().eq([&old]));
        assert!(keys.unwrap(&old, &wrapped, b"here").is_err());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_and_nothing_prints_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let (keys, _) = MasterKeys::load_or_new(&path).unwrap();
        let line = keys.export().trim().to_owned();
        assert!(!format!("{keys:?}").contains(&line[PREFIX.len()..]));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = MasterKeys::load(SecretRef::File(path)).unwrap_err();
        assert!(matches!(refused, MasterKeyError::Open(_)) && refused.hint().starts_with("chmod 600 /"));
    }
}
