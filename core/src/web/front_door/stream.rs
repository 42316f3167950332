//! The byte stream under a conversation: plain or TLS, watched by the [`Pulse`], closed without losing the last answer.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};
use tokio_rustls::server::TlsStream;

use super::{bare::Refusal, pulse::Pulse};

/// How long the house listens on after its last word. A close with unread bytes makes the kernel send a reset, and a
/// reset can overtake the 413 it follows.
const LINGER: Duration = Duration::from_secs(1);

pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

pub(super) struct Watched {
    stream: Stream,
    again: Vec<u8>,
    again_from: usize,
    pulse: Pulse,
    linger: Option<Pin<Box<Sleep>>>,
    refusal: Option<Refusal>,
}

impl Watched {
    /// `again` was read from the stream before and comes first.
    pub(super) fn new(stream: Stream, again: Vec<u8>, pulse: Pulse) -> Self {
        Self { stream, again, again_from: 0, pulse, linger: None, refusal: None }
    }
}

macro_rules! delegate {
    ($stream:expr, $method:ident ( $($argument:expr),* )) => {
        match $stream {
            Stream::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).$method($($argument),*),
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), poll_read(cx, into))
    }
}

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let again = &this.again[this.again_from..];
        if !again.is_empty() {
            let count = again.len().min(into.remaining());
            into.put_slice(&again[..count]);
            this.again_from += count;
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, into))?;
        if into.filled().len() > before {
            this.pulse.bytes_came();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.refusal.is_none() {
            this.refusal = Refusal::instead_of(bytes);
        }
        if this.refusal.is_some() {
            return this.poll_refuse(cx);
        }
        let written = delegate!(&mut this.stream, poll_write(cx, bytes));
        this.note(written, bytes.len())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.refusal.is_none()
            && let [only] = slices
        {
            this.refusal = Refusal::instead_of(only);
        }
        if this.refusal.is_some() {
            return this.poll_refuse(cx);
        }
        let written = delegate!(&mut this.stream, poll_write_vectored(cx, slices));
        this.note(written, slices.iter().map(|slice| slice.len()).sum())
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = delegate!(&mut this.stream, poll_flush(cx));
        // With TLS a write may end in the session's buffer; only the flush tells that the socket took it.
        match flushed {
            Poll::Ready(_) => this.pulse.bytes_went(0, true),
            Poll::Pending => this.pulse.nothing_goes(),
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.linger.is_none() {
            let Poll::Ready(shut) = delegate!(&mut this.stream, poll_shutdown(cx)) else {
                this.pulse.nothing_goes();
                return Poll::Pending;
            };
            shut?;
            this.pulse.lingers();
        }
        let until = this.linger.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + LINGER)));
        if until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let socket = match &mut this.stream {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => stream.get_mut().0,
        };
        // The peer may still be sending what was refused; it is thrown away until it notices, or the time is up.
        let mut waste = [0; 8 * 1024];
        for _ in 0..16 {
            let mut waste = ReadBuf::new(&mut waste);
            match ready!(Pin::new(&mut *socket).poll_read(cx, &mut waste)) {
                Ok(()) if !waste.filled().is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Watched {
    /// Sends the house's refusal instead of hyper's; hyper hears that its own bytes are gone.
    fn poll_refuse(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while let Some(refusal) = &mut self.refusal {
            let rest = &refusal.bytes[refusal.sent..];
            if rest.is_empty() {
                let stands_for = refusal.stands_for;
                self.refusal = None;
                return Poll::Ready(Ok(stands_for));
            }
            let offered = rest.len();
            let written = delegate!(&mut self.stream, poll_write(cx, rest));
            let count = ready!(self.note(written, offered))?;
            if let Some(refusal) = &mut self.refusal {
                refusal.sent += count;
            }
        }
        Poll::Ready(Ok(0))
    }

    fn note(&self, written: Poll<io::Result<usize>>, offered: usize) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(count)) => self.pulse.bytes_went(*count, *count == offered),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.pulse.nothing_goes(),
        }
        written
    }
}
