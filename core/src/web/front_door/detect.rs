//! HTTP/1 or HTTP/2? Decided by the first bytes, under deadlines: hyper-util's automatic detection has none.

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::{Instant, timeout, timeout_at},
};

use super::settings::Limits;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// What was read to decide; the conversation reads it again.
pub(super) struct Opening {
    pub(super) protocol: Protocol,
    pub(super) read: Vec<u8>,
    pub(super) first_byte: Instant,
}

const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// `None`: the peer said nothing, stopped half way through the preface, or hung up.
pub(super) async fn opening(io: &mut (impl AsyncRead + Unpin), limits: &Limits) -> Option<Opening> {
    let mut read = Vec::with_capacity(PREFACE.len());
    let mut buffer = [0; PREFACE.len()];
    let mut count = timeout(limits.first_byte, io.read(&mut buffer)).await.ok()?.ok()?;
    let first_byte = Instant::now();
    loop {
        if count == 0 {
            return None;
        }
        read.extend_from_slice(&buffer[..count]);
        if !PREFACE.starts_with(&read) {
            return Some(Opening { protocol: Protocol::Http1, read, first_byte });
        }
        let missing = PREFACE.len() - read.len();
        if missing == 0 {
            return Some(Opening { protocol: Protocol::Http2, read, first_byte });
        }
        count = timeout_at(first_byte + limits.header_read, io.read(&mut buffer[..missing])).await.ok()?.ok()?;
    }
}
