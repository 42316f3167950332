//! How mails leave the house.

use std::{path::PathBuf, str::FromStr};

use lettre::Address;
use percent_encoding::percent_decode_str;
use poem::http::Uri;
use serde::{Deserialize, Deserializer, de};

use super::secret::SecretRef;

/// `mail` in `portal.yaml`. Without `smtp` all mails stay in a folder.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// `smtps://USER@HOST:465`, or `smtp://USER@HOST:587`, which has to offer STARTTLS.
    pub smtp: Option<Relay>,
    /// Read for every mail, so that it may change while the portal runs.
    pub password: Option<SecretRef>,
    /// Sender of towns that name none: `portal@example.de`.
    #[serde(deserialize_with = "address")]
    pub sender: Option<Address>,
    /// Without encryption, for a mail server on this machine only.
    pub tls: Option<Tls>,
    /// A certificate authority (PEM) of one's own, beside those that browsers know.
    pub ca: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    None,
}

impl Mail {
    /// Nobody between the portal and the mail server may read or change what they say to each other.
    pub(super) fn is_open(&self) -> bool {
        self.tls.is_some() && self.smtp.as_ref().is_some_and(|relay| !relay.is_here())
    }
}

/// The mail server that takes all mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    pub host: String,
    pub port: u16,
    pub user: Option<String>,
    /// Encrypted from the first byte; otherwise by STARTTLS.
    pub encrypted: bool,
}

impl Relay {
    fn is_here(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no address of a mail server, expected `smtps://USER@HOST:465` or `smtp://USER@HOST:587`")]
pub struct NoRelay;

impl FromStr for Relay {
    type Err = NoRelay;

    fn from_str(text: &str) -> Result<Self, NoRelay> {
        let uri: Uri = text.parse().map_err(|_| NoRelay)?;
        let encrypted = match uri.scheme_str() {
            Some("smtps") => true,
            Some("smtp") => false,
            _ => return Err(NoRelay),
        };
        let (authority, host) = uri.authority().zip(uri.host()).ok_or(NoRelay)?;
        let user = authority.as_str().rsplit_once('@').map(|(user, _)| user);
        // a password has no place here, and is not repeated
        if host.is_empty() || uri.path().len() > 1 || uri.query().is_some() || user.is_some_and(|it| it.contains(':')) {
            return Err(NoRelay);
        }
        let user = user.map(|user| percent_decode_str(user).decode_utf8().map(Into::into).map_err(|_| NoRelay));
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(if encrypted { 465 } else { 587 }),
            user: user.transpose()?,
            encrypted,
        })
    }
}

impl<'de> Deserialize<'de> for Relay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A mail address.
pub fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Address>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| de::Error::custom("is no mail address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_read_and_never_with_a_password() {
        let relay = |text: &str| text.parse::<Relay>();
        let full = relay("smtps://portal%40stadt.de@mail.stadt.de:1465").unwrap();
        assert_eq!((full.host.as_str(), full.port, full.encrypted), ("mail.stadt.de", 1465, true));
        assert_eq!(full.user.as_deref(), Some("portal@stadt.de"));
        let bare = relay("smtp://[::1]").unwrap();
        assert_eq!((bare.host.as_str(), bare.port, bare.encrypted, bare.user.clone()), ("::1", 587, false, None));
        assert!(bare.is_here() && !full.is_here());
        for wrong in
            ["mail.stadt.de", "https://mail.stadt.de", "smtps://u:geheim@mail.stadt.de", "smtp://", "smtp://a/b", ""]
        {
            let refused = relay(wrong).unwrap_err();
            assert!(!refused.to_string().contains("geheim"));
        }
    }
}
