//! The answer on its way out, and the line and the figures that remain of a request.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use poem::{
    Response,
    http::{Method, StatusCode},
};
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
    handled: Handled,
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
            handled: Handled::default(),
            bytes: 0,
        }
    }

    pub(super) fn answered(&mut self, response: &mut Response) {
        self.status = Some(response.status());
        self.handled = response.extensions_mut().remove().unwrap_or_default();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.pulse.request_ends(self.number);
        if !self.recorded {
            return;
        }
        let (status, took) = (self.status.map_or(LEFT, |status| status.as_u16()), self.since.elapsed());
        metrics::request_answered(&self.handled, self.method, status, took);
        log::request(&log::RequestLine {
            id: &self.id.0,
            handled: &self.handled,
            method: self.method,
            status,
            took,
            bytes: self.bytes,
        });
    }
}

pub(super) struct Answer {
    body: BoxBody<Bytes, io::Error>,
    ticket: Ticket,
}

impl Answer {
    pub(super) fn new(body: BoxBody<Bytes, io::Error>, ticket: Ticket) -> Self {
        Self { body, ticket }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        this.ticket.pulse.asked_for_more(this.ticket.number);
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            this.ticket.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            this.ticket.pulse.handed_over(this.ticket.number);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
