//! Where a secret lies. Configuration names the place – a file or a variable of the environment –, never the secret.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// How a reference is written, for hints.
pub const WRITTEN: &str = "`file:/run/secrets/…` or `env:NAME`";

/// Larger files are no secrets but slips of the pen.
const MAX_BYTES: u64 = 64 * 1024;

/// `file:/run/secrets/portal` or `env:PORTAL_SECRET`. Printing it tells the place only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretRef {
    /// A relative path starts in the working directory of the portal.
    File(PathBuf),
    Env(String),
}

/// The bytes of a secret; they are wiped when nobody holds them any more, and never print.
pub struct Secret(Zeroizing<Vec<u8>>);

/// Why a secret could not be had; names its place and nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{from}` {reason}")]
pub struct Unreadable {
    pub from: String,
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

/// By what one sees, without opening a file, that it has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
}

impl SecretRef {
    /// `None` where the text is no reference – perhaps the secret itself, so nobody repeats it.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Some(Self::File(path.into())),
            Some(("env", name)) if is_variable(name) => Some(Self::Env(name.to_owned())),
            _ => None,
        }
    }

    pub fn read(&self) -> Result<Secret, Unreadable> {
        let bytes = match self {
            Self::File(path) => self.file(path)?,
            Self::Env(name) => {
                let value = env::var_os(name).ok_or_else(|| self.unreadable("is not set", "set it for the portal"))?;
                Zeroizing::new(value.into_encoded_bytes())
            }
        };
        if bytes.trim_ascii().is_empty() {
            return Err(self.unreadable("is empty", "put the secret in"));
        }
        Ok(Secret(bytes))
    }

    fn file(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let hint = "the file has to be there, and the user of the portal has to be allowed to read it";
        let cannot = |error: std::io::Error| self.unreadable(format!("cannot be read: {error}"), hint);
        if fs::metadata(path).map_err(cannot)?.len() > MAX_BYTES {
            return Err(self.unreadable("is larger than 64 KiB", "name the file that holds the secret alone"));
        }
        fs::read(path).map(Zeroizing::new).map_err(cannot)
    }

    /// Another stamp than before means: read it again. Variables of the environment do not change.
    pub fn stamp(&self) -> Option<Stamp> {
        let Self::File(path) = self else { return None };
        let metadata = fs::metadata(path).ok()?;
        Some(Stamp { modified: metadata.modified().ok(), bytes: metadata.len() })
    }

    fn unreadable(&self, reason: impl Into<String>, hint: &'static str) -> Unreadable {
        Unreadable { from: self.to_string(), reason: reason.into(), hint }
    }
}

impl Secret {
    /// As they lie there.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A password, token or PEM text, without the line end that editors put behind it; `None` where it is no UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok().map(|text| text.trim_end_matches(['\r', '\n']))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Env(name) => write!(f, "env:{name}"),
        }
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("is no reference to a secret, expected {WRITTEN}")))
    }
}

impl JsonSchema for SecretRef {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretRef".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Where a secret lies; the secret itself never stands here.",
            "type": "string", "pattern": "^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$"
        })
    }
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_are_references() {
        assert_eq!(SecretRef::parse("file:/run/secrets/a"), Some(SecretRef::File("/run/secrets/a".into())));
        assert_eq!(SecretRef::parse("env:PORTAL_SECRET"), Some(SecretRef::Env("PORTAL_SECRET".into())));
        for secret in
            ["geheim", "file:", "env:", "env:2", "env:A-B", "https://a.example", "-----BEGIN PRIVATE KEY-----"]
        {
            assert_eq!(SecretRef::parse(secret), None, "{secret}");
        }
    }

    #[test]
    fn a_secret_is_read_and_read_again_when_its_file_changes_and_never_prints() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let place = SecretRef::parse(&format!("file:{}", path.display())).unwrap();
        let missing = place.read().unwrap_err();
        assert!(missing.to_string().contains("cannot be read") && missing.to_string().contains("secret"), "{missing}");
        assert_eq!(place.stamp(), None);
        fs::write(&path, "geheim\n").unwrap();
        let (secret, stamp) = (place.read().unwrap(), place.stamp());
        assert_eq!((secret.text(), secret.bytes()), (Some("geheim"), &b"geheim\n"[..]));
        assert!(!format!("{secret:?} {place:?} {place}").contains("geheim"));
        fs::write(&path, "anders").unwrap();
        assert_ne!(place.stamp(), stamp);
        fs::write(&path, " \n").unwrap();
        assert_eq!(place.read().unwrap_err().reason, "is empty");
        fs::write(&path, vec![b'a'; 70_000]).unwrap();
        assert!(place.read().unwrap_err().reason.contains("64 KiB"));
        assert_eq!(SecretRef::Env("PORTAL_NOBODY_SETS_THIS".into()).read().unwrap_err().reason, "is not set");
    }
}
