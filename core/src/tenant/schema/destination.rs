//! `destinations:` in `tenant.yaml`: the programs of the town hall that get applications from the portal.

use std::path::PathBuf;

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
    /// Folder and webhook: the private key with which manifests are signed, Ed25519 in PEM form (PKCS#8).
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
    /// Not yet: told while the town is built.
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
        let fields: [(&str, bool, &[DestinationKind]); 4] = [
            ("path", self.path.is_some(), &[Folder]),
            ("url", self.url.is_some(), &[Webhook]),
            ("secret", self.secret.is_some(), &[Webhook]),
            ("key", self.key.is_some(), &[Folder, Webhook]),
        ];
        let misfit = |(field, is_there, kinds): (&'static str, bool, &[DestinationKind])| match (
            is_there,
            kinds.contains(&self.kind),
        ) {
            (false, true) => Some(Misfit::Lacks(field)),
            (true, false) if self.kind != Sftp => Some(Misfit::Superfluous(field)),
            _ => None,
        };
        fields.into_iter().filter_map(misfit).collect()
    }
}

/// A field that does not fit the kind of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tenant) enum Misfit {
    Lacks(&'static str),
    Superfluous(&'static str),
}
