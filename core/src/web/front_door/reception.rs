//! A request between the connection and the app: numbered, limited, timed, caught when it panics, counted when the
//! last byte of its answer is gone.

use std::{
    net::SocketAddr,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use poem::{
    Endpoint, Request, RequestParts, Response,
    endpoint::BoxEndpoint,
    http::{HeaderValue, Method, StatusCode, Version, header, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::time::timeout;

use super::{
    answer::{Answer, Load, Ticket},
    body::{BodyWatch, LimitedBody},
    leaflet::{Envelope, Leaflet, Leaflets},
    peer::{Peer, RequestId},
    pulse::Pulse,
    settings::{Limits, Room, RoomFor},
};

/// What is answered when the app is not asked, or did not answer. The app may bring its own page.
pub type Refusal = Arc<dyn Fn(StatusCode) -> Response + Send + Sync>;

pub(super) struct Reception {
    pub(super) app: BoxEndpoint<'static, Response>,
    pub(super) limits: Arc<Limits>,
    pub(super) room: RoomFor,
    pub(super) refusal: Refusal,
    pub(super) leaflets: Leaflets,
    pub(super) recorded: bool,
}

#[derive(Clone)]
pub(super) struct Caller {
    pub(super) remote: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) scheme: Scheme,
    pub(super) pulse: Pulse,
}

impl Reception {
    pub(super) async fn receive(&self, request: hyper::Request<Incoming>, caller: Caller) -> hyper::Response<Answer> {
        let id = RequestId::fresh();
        let version = request.version();
        let mut ticket = Ticket::new(caller.pulse.clone(), id, request.method(), self.recorded);
        let peer = Peer::of(request.headers(), caller.remote, caller.scheme.clone(), &self.limits.proxies);
        let mut response = match self.admit(&request) {
            Ok(room) => {
                if let Some(Leaflet { answer, handled }) = self.leaflet(&request, &peer) {
                    ticket.answered(answer.status(), Some(handled));
                    return answer.map(|bytes| Answer::new(Load::Whole(bytes), ticket));
                }
                // in a box, so that what is handed out at the door does not carry the room for it around
                Box::pin(self.ask(request, caller, peer, id, room)).await
            }
            Err(status) => self.refuse(status),
        };
        if closes(response.status()) && version < Version::HTTP_2 {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        ticket.answered(response.status(), response.extensions_mut().remove());
        hyper::Response::from(response).map(|body| Answer::new(Load::Stream(body), ticket))
    }

    fn leaflet(&self, request: &hyper::Request<Incoming>, peer: &Peer) -> Option<Leaflet> {
        let envelope = Envelope {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
            peer: Some(peer),
        };
        if !request.body().is_end_stream() {
            return None;
        }
        // what panics here panics again on its way through the app, and is told there
        panic::catch_unwind(AssertUnwindSafe(|| (self.leaflets)(&envelope))).unwrap_or_default()
    }

    /// What can be told from the head alone.
    fn admit(&self, request: &hyper::Request<Incoming>) -> Result<Room, StatusCode> {
        // hyper allows more, and counts the fields of HTTP/1 only
        if request.headers().len() > self.limits.headers || header_bytes(request) > self.limits.header_bytes {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        // The house is no proxy, and nobody needs the echo of their own headers.
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        let room = (self.room)(request.method(), request.uri().path())
            .unwrap_or(Room { bytes: self.limits.body_bytes, total: self.limits.request_total });
        if request.body().size_hint().lower() > room.bytes {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Ok(room)
    }

    async fn ask(
        &self,
        request: hyper::Request<Incoming>,
        caller: Caller,
        peer: Peer,
        id: RequestId,
        room: Room,
    ) -> Response {
        let (mut parts, body) = request.into_parts();
        Peer::forget_forwarding(&mut parts.headers);
        let watch = BodyWatch::default();
        let body = LimitedBody::new(body, room.bytes, self.limits.body_read_idle, watch.clone()).boxed();
        let scheme = peer.scheme.clone();
        parts.extensions.insert(peer);
        parts.extensions.insert(id);
        parts.extensions.insert(watch.clone());
        let parts =
            RequestParts::from((parts, LocalAddr(caller.local.into()), RemoteAddr(caller.remote.into()), scheme));
        let request = Request::from_parts(parts, body.into());

        let answer = AssertUnwindSafe(self.app.get_response(request)).catch_unwind();
        match timeout(room.total, answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!(request = %id, "the handler of this request panicked");
                self.refuse(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Err(_) if watch.is_half_read() => self.refuse(StatusCode::REQUEST_TIMEOUT),
            Err(_) => {
                tracing::error!(request = %id, "the handler of this request took too long");
                self.refuse(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }

    fn refuse(&self, status: StatusCode) -> Response {
        let mut response = (self.refusal)(status);
        response.set_status(status);
        response
    }
}

/// Request line and header block, as HTTP/1 writes them.
fn header_bytes(request: &hyper::Request<Incoming>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    request.method().as_str().len() + target + " HTTP/1.1\r\n".len() + fields.sum::<usize>()
}

/// After these the rest of the request is not worth reading.
fn closes(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
    )
}
