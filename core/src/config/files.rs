//! Where files of citizens and clerks lie, and who looks into them.

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use serde::{Deserialize, Deserializer, de};

use super::secret::SecretRef;

/// Bytes of the largest file that is taken, unless `limits.upload` says otherwise.
pub const LARGEST: u64 = 20 * 1024 * 1024;

/// `files` in `portal.yaml`. Left out, files lie in the folder `files` of everything that is kept, and nobody scans them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A folder of one's own.
    pub folder: Option<PathBuf>,
    /// A bucket instead of a folder.
    pub s3: Option<S3>,
    /// `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`
    pub scanner: Option<ScannerAt>,
}

/// A bucket that speaks S3. All nodes of a portal name the same one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    pub bucket: String,
    #[serde(default = "usual_region")]
    pub region: String,
    /// `https://s3.example.de`; left out, it is Amazon's.
    pub endpoint: Option<String>,
    pub access_key: String,
    /// `file:PATH` or `env:NAME`; read when the portal starts.
    pub secret_key: SecretRef,
    /// The bucket is part of the host name instead of the path.
    #[serde(default)]
    pub virtual_hosts: bool,
}

impl S3 {
    /// Whether files would go over the network in clear. They are sealed, their names in the store are random; who asks
    /// for them when is to be seen.
    pub fn is_open(&self) -> bool {
        let Some(rest) = self.endpoint.as_deref().and_then(|endpoint| endpoint.strip_prefix("http://")) else {
            return false;
        };
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        !matches!(host, "localhost" | "127.0.0.1" | "[::1]")
    }
}

fn usual_region() -> String {
    "eu-central-1".into()
}

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerAt {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

impl FromStr for ScannerAt {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRITTEN: &str = "is no place of a scanner, expected `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`";
        match text.split_once(':') {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("tcp", address)) => address.parse().map(Self::Tcp).map_err(|_| WRITTEN),
            _ => Err(WRITTEN),
        }
    }
}

impl std::fmt::Display for ScannerAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

impl<'de> Deserialize<'de> for ScannerAt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
