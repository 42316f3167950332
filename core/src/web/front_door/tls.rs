//! The certificate: read from two files, exchanged while the door is open, never lost to a broken successor.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::settings::TlsFiles;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("`{}` holds no certificate in PEM form", path.display())]
    NoCertificate { path: PathBuf },
    #[error("`{}` holds no usable private key in PEM form: {reason}", path.display())]
    NoKey { path: PathBuf, reason: String },
    #[error("`{}` is not a usable certificate: {reason}", path.display())]
    Unusable { path: PathBuf, reason: String },
    #[error("the key in `{}` does not belong to the certificate in `{}`", key.display(), cert.display())]
    Mismatch { cert: PathBuf, key: PathBuf },
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    Unchanged,
    Replaced,
}

/// A handle on the certificate in use, for SIGHUP and for the watch of the files.
#[derive(Debug, Clone)]
pub struct Certificate(Arc<Shown>);

#[derive(Debug)]
struct Shown {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    current: ArcSwap<CertifiedKey>,
    /// What was read last, good or bad: a broken pair is reported once, not at every check.
    read: Mutex<Pems>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pems {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let pems = Pems::read(&files)?;
        let current = ArcSwap::from_pointee(pems.certified(&files, &provider)?);
        Ok(Self(Arc::new(Shown { files, provider, current, read: Mutex::new(pems) })))
    }

    /// Reads the files again. When they do not make a working pair, the old certificate stays in use and the error
    /// says which file is wrong and why.
    pub fn reload(&self) -> Result<Renewal, TlsError> {
        let pems = Pems::read(&self.0.files)?;
        *self.read() = pems.clone();
        let new = pems.certified(&self.0.files, &self.0.provider)?;
        if new.cert == self.0.current.load().cert {
            return Ok(Renewal::Unchanged);
        }
        self.0.current.store(Arc::new(new));
        Ok(Renewal::Replaced)
    }

    /// [`Certificate::reload`], told to the log.
    pub fn reload_and_tell(&self) {
        let (cert, key) = (self.0.files.cert.display(), self.0.files.key.display());
        match self.reload() {
            Ok(Renewal::Replaced) => tracing::info!(%cert, "the certificate was replaced"),
            Ok(Renewal::Unchanged) => {}
            Err(error) => {
                tracing::error!(%cert, %key, %error, "the new certificate is broken, the old one stays in use")
            }
        }
    }

    /// Whether the files differ from what was read last. An unreadable file is a difference only once.
    pub(super) fn has_changed(&self) -> bool {
        match Pems::read(&self.0.files) {
            Ok(pems) => *self.read() != pems,
            Err(_) => {
                let known = self.read().is_missing();
                *self.read() = Pems::missing();
                !known
            }
        }
    }

    pub(super) fn server_config(&self) -> Result<ServerConfig, TlsError> {
        let mut config = ServerConfig::builder_with_provider(self.0.provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.0.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(config)
    }

    fn read(&self) -> std::sync::MutexGuard<'_, Pems> {
        self.0.read.lock().expect("nobody panics while holding what was read")
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl Pems {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read =
            |path: &Path| std::fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source });
        Ok(Self { cert: read(&files.cert)?, key: read(&files.key)? })
    }

    fn missing() -> Self {
        Self { cert: Vec::new(), key: Vec::new() }
    }

    fn is_missing(&self) -> bool {
        *self == Self::missing()
    }

    fn certified(&self, files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let unusable = |reason: String| TlsError::Unusable { path: files.cert.clone(), reason };
        let chain = CertificateDer::pem_slice_iter(&self.cert)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unusable(error.to_string()))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate { path: files.cert.clone() });
        }
        let no_key = |reason: String| TlsError::NoKey { path: files.key.clone(), reason };
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| no_key(error.to_string()))?;
        let key = provider.key_provider.load_private_key(key).map_err(|error| no_key(error.to_string()))?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(certified),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(TlsError::Mismatch { cert: files.cert.clone(), key: files.key.clone() })
            }
            Err(error) => Err(unusable(error.to_string())),
        }
    }
}
