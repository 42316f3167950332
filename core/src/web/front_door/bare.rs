//! What hyper answers by itself to bytes that are no request: recognised on the way out, and given the page and the
//! headers of every other refusal.

use std::time::Duration;

use poem::http::StatusCode;

use crate::web::{
    metrics::{self, Handled},
    neutral,
};

/// A refusal on its way out in the place of hyper's.
pub(super) struct Refusal {
    pub(super) bytes: Vec<u8>,
    pub(super) sent: usize,
    /// How many of hyper's bytes it stands for.
    pub(super) stands_for: usize,
}

impl Refusal {
    /// `None` where the bytes are anything else. Our own heads always carry a Content-Security-Policy, hyper's never.
    pub(super) fn instead_of(bytes: &[u8]) -> Option<Self> {
        let head = std::str::from_utf8(bytes).ok().filter(|head| head.len() < 256 && head.ends_with("\r\n\r\n"))?;
        let code = head.strip_prefix("HTTP/1.1 ").or_else(|| head.strip_prefix("HTTP/1.0 "))?.get(..3)?;
        let status: StatusCode = code.parse().ok().filter(StatusCode::is_client_error)?;
        if !head.contains("content-length: 0\r\n") || head.contains("content-security-policy") {
            return None;
        }
        metrics::request_answered(&Handled::new(None, "malformed"), "other", status.as_u16(), Duration::ZERO);
        Some(Self { bytes: written_out(status), sent: 0, stands_for: bytes.len() })
    }
}

fn written_out(status: StatusCode) -> Vec<u8> {
    let response = neutral::refusal(status);
    let html = neutral::html(status);
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("connection: close\r\ncontent-length: {}\r\n\r\n{html}", html.len()).as_bytes());
    bytes
}
