//! The answer on its way out, and the line and the figures that remain of a request.

use std::{
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use poem::http::{Method, StatusCode};
use tokio::time::Instant;

use super::{peer::RequestId, pulse::Pulse};
use crate::{
    log,
    web::metrics::{self, Handled},
};

/// nginx's word for a visitor who left before there was an answer.
const LEFT: u16 = 499;

/// Held as long as a request is in flight, whatever becomes of it; what it knows in the end is logged and counted.
pub(super) struct Ticket {
    pulse: Pulse,
    number: u64,
    id: RequestId,
    method: &'static str,
    recorded: bool,
    since: Instant,
    status: Option<StatusCode>,
    handled: Option<Arc<Handled>>,
    bytes: u64,
}

impl Ticket {
    pub(super) fn new(pulse: Pulse, id: RequestId, method: &Method, recorded: bool) -> Self {
        Self {
            number: pulse.request_begins(),
            pulse,
            id,
            method: metrics::method_label(method),
            recorded,
            since: Instant::now(),
            status: None,
            handled: None,
            bytes: 0,
        }
    }

    pub(super) fn answered(&mut self, status: StatusCode, handled: Option<Arc<Handled>>) {
        self.status = Some(status);
        self.handled = handled;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let now = Instant::now();
        self.pulse.request_ends(self.number, now);
        if !self.recorded {
            return;
        }
        let (status, took) = (self.status.map_or(LEFT, |status| status.as_u16()), now - self.since);
        let handled = self.handled.take().unwrap_or_default();
        metrics::request_answered(&handled, self.method, status, took);
        log::request(&log::RequestLine {
            id: self.id,
            handled: &handled,
            method: self.method,
            status,
            took,
            bytes: self.bytes,
        });
    }
}

pub(super) struct Answer {
    body: Load,
    ticket: Ticket,
}

pub(super) enum Load {
    /// Ready in one piece; empty once it is handed over.
    Whole(Bytes),
    Stream(BoxBody<Bytes, io::Error>),
}

impl Answer {
    pub(super) fn new(body: Load, ticket: Ticket) -> Self {
        Self { body, ticket }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        this.ticket.pulse.asked_for_more(this.ticket.number);
        let frame = match &mut this.body {
            Load::Whole(bytes) if bytes.is_empty() => None,
            Load::Whole(bytes) => Some(Ok(Frame::data(mem::take(bytes)))),
            Load::Stream(body) => ready!(Pin::new(body).poll_frame(cx)),
        };
        if let Some(Ok(frame)) = &frame {
            this.ticket.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            this.ticket.pulse.handed_over(this.ticket.number);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Load::Whole(bytes) => bytes.is_empty(),
            Load::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Load::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Load::Stream(body) => body.size_hint(),
        }
    }
}
