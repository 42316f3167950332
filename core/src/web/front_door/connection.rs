//! One connection from the handshake to the last word, each step under a deadline.

use std::{convert::Infallible, future::poll_fn, net::SocketAddr, pin::pin, sync::Arc, task::Poll};

use hyper::{body::Incoming, server::conn, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulConnection,
};
use poem::http::uri::Scheme;
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{
    detect::{self, Opening, Protocol},
    pulse::{Pulse, Verdict},
    reception::{Caller, Reception},
    settings::Limits,
    stream::{Stream, Watched},
};

/// Becomes true once, when the house closes.
pub(super) type Closing = watch::Receiver<bool>;

pub(super) async fn serve(
    socket: TcpStream,
    addrs: (SocketAddr, SocketAddr),
    tls: Option<TlsAcceptor>,
    reception: Arc<Reception>,
    mut closing: Closing,
) {
    let limits = reception.limits.clone();
    let opened = async {
        let scheme = if tls.is_some() { Scheme::HTTPS } else { Scheme::HTTP };
        let mut stream = welcome(socket, tls, &limits).await?;
        let opening = detect::opening(&mut stream, &limits).await?;
        Some((scheme, stream, opening))
    };
    // Nobody who has not said anything yet is worth waiting for when the house closes.
    let opened = tokio::select! {
        opened = opened => opened,
        _ = closing.wait_for(|closing| *closing) => None,
    };
    let Some((scheme, stream, Opening { protocol, read, first_byte })) = opened else { return };

    let pulse = Pulse::new(first_byte);
    let io = TokioIo::new(Watched::new(stream, read, pulse.clone()));
    let (remote, local) = addrs;
    let caller = Caller { remote, local, scheme, pulse: pulse.clone() };
    let service = {
        let reception = reception.clone();
        service_fn(move |request: hyper::Request<Incoming>| {
            let (reception, caller) = (reception.clone(), caller.clone());
            async move { Ok::<_, Infallible>(reception.receive(request, caller).await) }
        })
    };
    match protocol {
        Protocol::Http1 => {
            let conversation = http1(&limits).serve_connection(io, service);
            converse(conversation, protocol, pulse, &limits, closing).await;
        }
        Protocol::Http2 => {
            let conversation = http2(&limits).serve_connection(io, service);
            converse(conversation, protocol, pulse, &limits, closing).await;
        }
    }
}

async fn welcome(socket: TcpStream, tls: Option<TlsAcceptor>, limits: &Limits) -> Option<Stream> {
    match tls {
        None => Some(Stream::Plain(socket)),
        Some(acceptor) => {
            let stream = timeout(limits.handshake, acceptor.accept(socket)).await.ok()?.ok()?;
            Some(Stream::Tls(Box::new(stream)))
        }
    }
}

/// hyper refuses with a bare status. It gets more room, so that the reception can refuse with a page.
const SPARE: usize = 8;
const HYPERS_OWN_HEADERS: usize = 100;

fn http1(limits: &Limits) -> conn::http1::Builder {
    let mut builder = conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(None) // the pulse knows better
        .max_buf_size((SPARE * limits.header_bytes).max(8 * 1024))
        .max_header_size(SPARE * limits.header_bytes);
    // Up to its own number of fields hyper needs no memory; for any other it takes some for each request.
    if limits.headers >= HYPERS_OWN_HEADERS {
        builder.max_headers(limits.headers + 1);
    }
    builder
}

fn http2(limits: &Limits) -> conn::http2::Builder<TokioExecutor> {
    let mut builder = conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.idle_keep_alive)
        .keep_alive_timeout(limits.first_byte)
        .max_header_list_size(u32::try_from(SPARE * limits.header_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(64)
        .max_send_buf_size(64 * 1024)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(256 * 1024);
    builder
}

async fn converse(
    conversation: impl GracefulConnection,
    protocol: Protocol,
    pulse: Pulse,
    limits: &Limits,
    mut closing: Closing,
) {
    let mut conversation = pin!(conversation);
    let mut alarm = pin!(sleep_until(Instant::now() + limits.header_read));
    let mut house_closes = pin!(closing.wait_for(|closing| *closing));
    let mut told = false;
    poll_fn(|cx| {
        if !told && house_closes.as_mut().poll(cx).is_ready() {
            told = true;
            pulse.leaves();
            conversation.as_mut().graceful_shutdown();
        }
        loop {
            if conversation.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            match pulse.verdict(protocol, limits) {
                Verdict::Wait => return Poll::Pending,
                Verdict::Close(reason) => {
                    tracing::debug!(reason, "connection closed");
                    return Poll::Ready(());
                }
                Verdict::Leave => {
                    pulse.leaves();
                    conversation.as_mut().graceful_shutdown();
                }
                Verdict::Until(due) => {
                    // Every request puts its deadlines off; the alarm is set anew only when it has rung in vain.
                    if due < alarm.deadline() || alarm.is_elapsed() {
                        alarm.as_mut().reset(due);
                    }
                    if alarm.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    })
    .await;
}
