//! `destinations:` in `tenant.yaml`: the programs of the town hall that get applications from the portal.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::secret::SecretRef;

/// Where packages go. Forms name it: `delivery: kommunalmaster`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    pub id: String,
    /// What the town hall calls the program: `Steuerverfahren`.
    pub name: String,
    pub kind: DestinationKind,
    /// Folder: an absolute path on the portal's machine.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// Webhook: `https://…`; `http://` on this machine only.
    #[serde(default)]
    pub url: Option<String>,
    /// Webhook: what both sides know, for the signature of each request; at least 16 bytes.
    #[serde(default)]
    pub secret: Option<SecretRef>,
    /// SFTP: name or address of the server.
    #[serde(default)]
    pub host: Option<String>,
    /// SFTP: 22, unless it says otherwise.
    #[serde(default)]
    pub port: Option<u16>,
    /// SFTP: who logs in.
    #[serde(default)]
    pub user: Option<String>,
    /// SFTP: folder on the server; `.` is the one in which a login begins.
    #[serde(default)]
    pub folder: Option<String>,
    /// SFTP: the private key of that user, as `ssh-keygen` makes it, without a passphrase: `file:…`; `ssh` reads it.
    #[serde(default)]
    pub login_key: Option<SecretRef>,
    /// SFTP: by which keys the server is known, `ssh-ed25519 AAAA…`; `ssh-keyscan` shows them, the server's operator
    /// vouches for them.
    #[serde(default)]
    pub host_keys: Vec<String>,
    /// Folder, webhook and SFTP: the private key with which manifests are signed, Ed25519 in PEM form (PKCS#8).
    #[serde(default)]
    pub key: Option<SecretRef>,
    #[serde(default)]
    pub spelling: Spelling,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DestinationKind {
    /// Nowhere: clerks work with the portal's own desk.
    Desk,
    /// A folder from which another program fetches.
    Folder,
    /// A program that is called.
    Webhook,
    /// A folder on another machine, by SFTP.
    Sftp,
}

/// Which letters the program on the other side knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Spelling {
    /// All of them, as people write.
    #[default]
    Din91379,
    /// Those of ISO 8859-1; others are written with these.
    Latin1,
    /// A to Z without any marks.
    Ascii,
}

impl Destination {
    /// Whether anything is handed over.
    pub fn hands_over(&self) -> bool {
        self.kind != DestinationKind::Desk
    }

    /// What its kind cannot do without and it does not say, and what it says in vain.
    pub(in crate::tenant) fn misfits(&self) -> Vec<Misfit> {
        use DestinationKind::{Folder, Sftp, Webhook};
        let fields: [(&str, bool, &[DestinationKind]); 9] = [
            ("path", self.path.is_some(), &[Folder]),
            ("url", self.url.is_some(), &[Webhook]),
            ("secret", self.secret.is_some(), &[Webhook]),
            ("host", self.host.is_some(), &[Sftp]),
            ("user", self.user.is_some(), &[Sftp]),
            ("folder", self.folder.is_some(), &[Sftp]),
            ("login_key", self.login_key.is_some(), &[Sftp]),
            ("host_keys", !self.host_keys.is_empty(), &[Sftp]),
            ("key", self.key.is_some(), &[Folder, Webhook, Sftp]),
        ];
        let misfit = |(field, is_there, kinds): (&'static str, bool, &[DestinationKind])| match (
            is_there,
            kinds.contains(&self.kind),
        ) {
            (false, true) => Some(Misfit::Lacks(field)),
            (true, false) => Some(Misfit::Superfluous(field)),
            _ => None,
        };
        let port = (self.port.is_some() && self.kind != Sftp).then_some(Misfit::Superfluous("port"));
        fields.into_iter().filter_map(misfit).chain(port).collect()
    }

    /// Where packages go by SFTP; `None` for another kind.
    pub fn sftp(&self) -> Option<SftpServer<'_>> {
        let Some(SecretRef::File(login_key)) = &self.login_key else { return None };
        (self.kind == DestinationKind::Sftp).then_some(SftpServer {
            host: self.host.as_deref()?,
            port: self.port.unwrap_or(22),
            user: self.user.as_deref()?,
            folder: self.folder.as_deref()?,
            login_key,
            host_keys: &self.host_keys,
        })
    }
}

/// A server that takes packages by SFTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SftpServer<'a> {
    pub host: &'a str,
    pub port: u16,
    pub user: &'a str,
    pub folder: &'a str,
    /// The file that `ssh` reads.
    pub login_key: &'a Path,
    pub host_keys: &'a [String],
}

/// A field that does not fit the kind of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tenant) enum Misfit {
    Lacks(&'static str),
    Superfluous(&'static str),
}
