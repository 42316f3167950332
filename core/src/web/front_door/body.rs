//! Request bodies, limited while they stream: neither a missing nor a lying `Content-Length` gets past.

use std::{
    error::Error as StdError,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use poem::http::StatusCode;
use tokio::time::{Instant, Sleep};

/// Why a body could not be read. It travels inside an [`io::Error`]; [`BodyFault::of`] finds it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    #[error("the request body is larger than allowed")]
    TooLarge,
    #[error("the request body comes too slowly")]
    TooSlow,
}

impl BodyFault {
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// The fault somewhere in a chain of errors, however often it was wrapped.
    pub fn of<'a>(error: &'a (dyn StdError + 'static)) -> Option<Self> {
        let mut error: Option<&'a (dyn StdError + 'static)> = Some(error);
        while let Some(this) = error {
            if let Some(fault) = this.downcast_ref::<Self>() {
                return Some(*fault);
            }
            // `io::Error::source` skips the error it wraps, `get_ref` does not
            error = match this.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                Some(inner) => Some(inner),
                None => this.source(),
            };
        }
        None
    }
}

/// What became of the body of a request; stands in the request's extensions. A middleware that clones it before it
/// passes the request on can tell afterwards that the answer must be 413 or 408, whatever the extractor made of it.
#[derive(Debug, Clone, Default)]
pub struct BodyWatch(Arc<AtomicU8>);

const UNREAD: u8 = 0;
const STARTED: u8 = 1;
const COMPLETE: u8 = 2;
const TOO_LARGE: u8 = 3;
const TOO_SLOW: u8 = 4;

impl BodyWatch {
    pub fn fault(&self) -> Option<BodyFault> {
        match self.0.load(Ordering::Acquire) {
            TOO_LARGE => Some(BodyFault::TooLarge),
            TOO_SLOW => Some(BodyFault::TooSlow),
            _ => None,
        }
    }

    /// Whether somebody began to read and the peer has not sent the rest yet.
    pub(super) fn is_half_read(&self) -> bool {
        self.0.load(Ordering::Acquire) == STARTED
    }

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Release);
    }
}

pub(super) struct LimitedBody {
    inner: Incoming,
    left: u64,
    pause: Duration,
    silence: Option<Pin<Box<Sleep>>>,
    watch: BodyWatch,
}

impl LimitedBody {
    pub(super) fn new(inner: Incoming, limit: u64, pause: Duration, watch: BodyWatch) -> Self {
        watch.set(if inner.is_end_stream() { COMPLETE } else { UNREAD });
        Self { inner, left: limit, pause, silence: None, watch }
    }

    fn fail(&mut self, fault: BodyFault) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.watch.set(if fault == BodyFault::TooLarge { TOO_LARGE } else { TOO_SLOW });
        Poll::Ready(Some(Err(io::Error::other(fault))))
    }
}

impl Body for LimitedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.watch.fault().is_some() {
            return Poll::Ready(None);
        }
        let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) else {
            this.watch.set(STARTED);
            let pause = this.pause;
            let silence =
                this.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + pause)));
            ready!(silence.as_mut().poll(cx));
            return this.fail(BodyFault::TooSlow);
        };
        this.silence = None;
        let frame = match frame {
            None => {
                this.watch.set(COMPLETE);
                return Poll::Ready(None);
            }
            Some(Err(error)) => return Poll::Ready(Some(Err(io::Error::other(error)))),
            Some(Ok(frame)) => frame,
        };
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        let Some(left) = this.left.checked_sub(length) else {
            return this.fail(BodyFault::TooLarge);
        };
        this.left = left;
        this.watch.set(if this.inner.is_end_stream() { COMPLETE } else { STARTED });
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
