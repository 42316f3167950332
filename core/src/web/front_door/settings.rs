//! What the operator may decide about the front door. The defaults are the promise: a slow or silent peer is gone
//! within 30 seconds.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use ipnet::IpNet;
use poem::http::Method;

use super::tls::TlsError;

#[derive(Debug, Clone)]
pub struct Limits {
    /// From the accepted connection (and, with TLS, from the finished handshake) to the first byte.
    pub first_byte: Duration,
    /// The whole TLS handshake.
    pub handshake: Duration,
    /// From the first byte of a request to the end of its header block.
    pub header_read: Duration,
    /// How long an HTTP/1 connection may wait between two requests; HTTP/2 peers are pinged this often.
    pub idle_keep_alive: Duration,
    /// How long an HTTP/2 connection may stay without a stream before it is sent away.
    pub idle_streams: Duration,
    /// The longest pause inside a request body.
    pub body_read_idle: Duration,
    /// From the header block to the head of the answer, the reading of the body included.
    pub request_total: Duration,
    /// A peer that takes less than [`Limits::WRITE_FLOOR`] per second over this time is not reading.
    pub write_stall: Duration,
    /// How long requests in flight may go on after the shutdown was asked for.
    pub drain: Duration,
    /// How often the files of the certificate are compared with what is loaded.
    pub certificate_check: Duration,
    /// All connections together; one more is accepted and closed, so that nobody waits in the backlog.
    pub connections: usize,
    /// Connections of one address. Configured proxies are exempt: they speak for many.
    pub connections_per_peer: usize,
    /// Request line and header block. hyper wants at least 8 KiB.
    pub header_bytes: usize,
    pub headers: usize,
    /// What a request body may hold, unless the route has more [`Room`].
    pub body_bytes: u64,
    /// Whose `X-Forwarded-…` is believed. Nobody's by default.
    pub proxies: Arc<[IpNet]>,
}

impl Limits {
    /// Bytes per second below which a peer counts as not reading; slower than any modem still in use.
    pub const WRITE_FLOOR: u64 = 256;

    /// The fewest bytes a peer must take within `window`.
    pub(super) fn floor(window: Duration) -> u64 {
        (Self::WRITE_FLOOR as f64 * window.as_secs_f64()).ceil() as u64
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(5),
            handshake: Duration::from_secs(5),
            header_read: Duration::from_secs(5),
            idle_keep_alive: Duration::from_secs(15),
            idle_streams: Duration::from_secs(25),
            body_read_idle: Duration::from_secs(10),
            // with the lingering after the refusal still within 30 s
            request_total: Duration::from_secs(28),
            write_stall: Duration::from_secs(20),
            drain: Duration::from_secs(10),
            certificate_check: Duration::from_secs(5),
            connections: 4096,
            connections_per_peer: 4096,
            header_bytes: 32 * 1024,
            headers: 64,
            body_bytes: 64 * 1024,
            proxies: Arc::new([]),
        }
    }
}

/// What a route takes that takes more than a form: bytes of the body and time for the whole request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub bytes: u64,
    pub total: Duration,
}

/// Which requests get more [`Room`], by method and path. Asked before the app sees the request, so that an oversized
/// `Content-Length` is refused at once.
pub type RoomFor = Arc<dyn Fn(&Method, &str) -> Option<Room> + Send + Sync>;

#[derive(Debug, Clone)]
pub enum Transport {
    Plain,
    Tls(TlsFiles),
}

/// PEM files: the chain with the server's own certificate first, and its key.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error("cannot listen on `{addr}`: {source}")]
    Address { addr: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
}
