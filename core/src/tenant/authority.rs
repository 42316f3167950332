//! Host names as they arrive and as they are configured, brought into one form.

use std::{borrow::Borrow, fmt, sync::Arc};

/// A host name in its only form: A-label, lower case, no port, no trailing dot.
///
/// Two spellings of one name are equal, and names that merely look alike are not: there is no wildcard, no prefix
/// match and no fallback anywhere behind it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Authority(Arc<str>);

/// The text is no host name that could belong to a town.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a host name")]
pub struct Malformed;

impl Authority {
    /// Reads the value of `Host`, of `:authority` or of a host list: name or IP address, optionally with a port.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let host = without_port(text).ok_or(Malformed)?;
        if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: std::net::Ipv6Addr = address.parse().map_err(|_| Malformed)?;
            return Ok(Self(format!("[{address}]").into()));
        }
        let host = host.strip_suffix('.').unwrap_or(host);
        if host.is_empty() || host.len() > 253 || host.chars().any(|c| c.is_ascii() && !is_host_ascii(c)) {
            return Err(Malformed);
        }
        let name = idna::domain_to_ascii_strict(host).or_else(|_| lenient(host)).map_err(|_| Malformed)?;
        let fits = name.split('.').all(|label| !label.is_empty() && label.len() <= 63);
        if fits && name.len() <= 253 { Ok(Self(name.into())) } else { Err(Malformed) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Equal and hashed as its text, so that a map of authorities can be asked with a text.
impl Borrow<str> for Authority {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Splits off `:8080`; `None` where the rest is no port.
fn without_port(text: &str) -> Option<&str> {
    let (host, port) = match text.rfind(']') {
        Some(end) => (&text[..=end], text[end + 1..].strip_prefix(':').or((text.len() == end + 1).then_some(""))?),
        None => match text.split_once(':') {
            Some((host, port)) => (host, port),
            None => return Some(text),
        },
    };
    let is_port = port.is_empty() || (port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok());
    (is_port && !host.is_empty()).then_some(host)
}

fn is_host_ascii(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')
}

/// Test and intranet names may carry an underscore, which the strict profile refuses; nothing else is let through.
fn lenient(host: &str) -> Result<String, idna::Errors> {
    if host.is_ascii() { idna::domain_to_ascii(host) } else { Err(idna::Errors::default()) }
}
