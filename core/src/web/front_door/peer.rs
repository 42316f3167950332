//! Who is asking, and under which number the request is known.

use std::{
    cell::RefCell,
    net::{IpAddr, SocketAddr},
};

use ipnet::IpNet;
use poem::http::{HeaderMap, uri::Scheme};

/// The other side as the house believes it: from the connection, or from a configured proxy in front of the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    pub addr: IpAddr,
    pub scheme: Scheme,
    /// `X-Forwarded-Host` of a configured proxy, as sent.
    pub forwarded_host: Option<String>,
    /// The proxy sent more than one host, or something that is none, or contradicts itself about the scheme.
    /// The host check answers 400: whatever we chose, somebody else chose differently.
    pub forwarded_conflict: bool,
}

impl Peer {
    /// Reads what a configured proxy says.
    pub(super) fn of(headers: &HeaderMap, from: SocketAddr, scheme: Scheme, proxies: &[IpNet]) -> Self {
        let addr = from.ip().to_canonical();
        let mut peer = Self { addr, scheme, forwarded_host: None, forwarded_conflict: false };
        if is_proxy(addr, proxies) {
            peer.believe(headers, proxies);
        }
        peer
    }

    /// Removes all forwarding headers, whoever sent them: nobody behind this line can believe them by mistake.
    pub(super) fn forget_forwarding(headers: &mut HeaderMap) {
        for name in FORWARDING {
            headers.remove(name);
        }
    }

    fn believe(&mut self, headers: &HeaderMap, proxies: &[IpNet]) {
        // From the right: each proxy appends the address it saw, only what our own proxies appended is true.
        for claimed in listed(headers, "x-forwarded-for").into_iter().rev() {
            let Some(addr) = claimed.and_then(address) else { break };
            self.addr = addr;
            if !is_proxy(addr, proxies) {
                break;
            }
        }
        let mut schemes = listed(headers, "x-forwarded-proto");
        schemes.dedup();
        match schemes.as_slice() {
            [] => {}
            [Some("http")] => self.scheme = Scheme::HTTP,
            [Some("https")] => self.scheme = Scheme::HTTPS,
            _ => self.forwarded_conflict = true,
        }
        match listed(headers, "x-forwarded-host").as_slice() {
            [] => {}
            [Some(host)] if !host.is_empty() => self.forwarded_host = Some((*host).to_owned()),
            _ => self.forwarded_conflict = true,
        }
    }
}

/// The number of a request: 128 random bits, made here. What a visitor sends under such a name is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(u128);

impl RequestId {
    pub(crate) fn fresh() -> Self {
        // The system is asked for many at once: a call for each costs as much as finding the page.
        thread_local!(static NUMBERS: RefCell<Vec<u128>> = const { RefCell::new(Vec::new()) });
        NUMBERS.with_borrow_mut(|numbers| {
            if numbers.is_empty() {
                let mut bits = [0; 64 * 16];
                getrandom::fill(&mut bits).expect("the operating system gives random bytes");
                let (chunks, _) = bits.as_chunks();
                numbers.extend(chunks.iter().map(|chunk| u128::from_ne_bytes(*chunk)));
            }
            Self(numbers.pop().expect("there are some now"))
        })
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

const FORWARDING: [&str; 8] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
];

pub(super) fn is_proxy(addr: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|net| net.contains(&addr))
}

/// All values of a header that may be a list or come several times; `None` is one that is not text.
fn listed<'a>(headers: &'a HeaderMap, name: &str) -> Vec<Option<&'a str>> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|value| match value.to_str() {
            Ok(text) => text.split(',').map(|item| Some(item.trim())).collect(),
            Err(_) => vec![None],
        })
        .collect()
}

/// An address with or without port or brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let addr = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(addr.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> Vec<IpNet> {
        vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]
    }

    fn taken(from: &str, sent: &[(&'static str, &str)]) -> Peer {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        let peer = Peer::of(&headers, SocketAddr::new(from.parse().unwrap(), 1), Scheme::HTTP, &proxies());
        Peer::forget_forwarding(&mut headers);
        assert!(headers.is_empty(), "forwarding headers are left: {headers:?}");
        peer
    }

    #[test]
    fn a_stranger_forwards_nothing() {
        let peer = taken(
            "192.0.2.1",
            &[("x-forwarded-for", "198.51.100.7"), ("x-forwarded-host", "a"), ("forwarded", "for=a")],
        );
        assert_eq!(peer.addr, "192.0.2.1".parse::<IpAddr>().unwrap());
        assert_eq!((peer.forwarded_host, peer.forwarded_conflict), (None, false));
    }

    #[test]
    fn only_what_our_own_proxies_appended_is_true() {
        let chain = [("x-forwarded-for", "203.0.113.9, 198.51.100.7"), ("x-forwarded-for", "10.1.1.1")];
        assert_eq!(taken("::ffff:10.0.0.1", &chain).addr, "198.51.100.7".parse::<IpAddr>().unwrap());
        assert_eq!(taken("10.0.0.1", &[("x-forwarded-for", "nonsense")]).addr, "10.0.0.1".parse::<IpAddr>().unwrap());
        assert_eq!(
            taken("::1", &[("x-forwarded-for", "[2001:db8::1]:4711")]).addr,
            "2001:db8::1".parse::<IpAddr>().unwrap()
        );
    }

    #[test]
    fn contradictions_are_told() {
        assert!(taken("10.0.0.1", &[("x-forwarded-host", "a"), ("x-forwarded-host", "b")]).forwarded_conflict);
        assert!(taken("10.0.0.1", &[("x-forwarded-host", "a, b")]).forwarded_conflict);
        assert!(taken("10.0.0.1", &[("x-forwarded-host", "")]).forwarded_conflict);
        assert!(taken("10.0.0.1", &[("x-forwarded-proto", "https, http")]).forwarded_conflict);
        let peer = taken("10.0.0.1", &[("x-forwarded-proto", "https"), ("x-forwarded-host", "herford.example")]);
        assert_eq!((peer.scheme, peer.forwarded_host.as_deref()), (Scheme::HTTPS, Some("herford.example")));
    }
}
