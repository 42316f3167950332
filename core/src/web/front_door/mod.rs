//! The front door: accepts connections, bounds what each may take, and hands requests to the app.
//!
//! Invariant: nothing a peer does or leaves undone holds a connection without a deadline. Each step – handshake, first
//! byte, header block, body, answer, idling, leaving – has one, and a full house closes instead of letting wait.

mod answer;
mod bare;
mod body;
mod connection;
mod detect;
mod leaflet;
mod peer;
mod pulse;
mod reception;
mod seats;
mod settings;
mod stream;
mod tls;

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use poem::{Endpoint, EndpointExt, Response};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

pub use self::{
    body::{BodyFault, BodyWatch},
    leaflet::{Envelope, Leaflet, Leaflets},
    peer::{Peer, RequestId},
    reception::Refusal,
    settings::{BindError, Limits, Room, RoomFor, TlsFiles, Transport},
    tls::{Certificate, Renewal, TlsError},
};
use self::{
    reception::Reception,
    seats::{Seat, Seats},
};
use crate::web::metrics;

pub struct FrontDoor {
    listener: TcpListener,
    local: SocketAddr,
    tls: Option<(TlsAcceptor, Certificate)>,
    limits: Arc<Limits>,
    room: RoomFor,
    refusal: Refusal,
    leaflets: Leaflets,
    recorded: bool,
}

/// Connections that ended by themselves after the shutdown was asked for, and those that were cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainReport {
    pub drained: usize,
    pub gave_up: usize,
}

impl FrontDoor {
    pub async fn bind(addr: SocketAddr, transport: Transport, limits: Limits) -> Result<Self, BindError> {
        let tls = match transport {
            Transport::Plain => None,
            Transport::Tls(files) => {
                let certificate = Certificate::load(files)?;
                Some((TlsAcceptor::from(Arc::new(certificate.server_config()?)), certificate))
            }
        };
        let (listener, local) = listen(addr).map_err(|source| BindError::Address { addr, source })?;
        raise_open_files(limits.connections);
        Ok(Self {
            listener,
            local,
            tls,
            limits: Arc::new(limits),
            room: Arc::new(|_, _| None),
            refusal: Arc::new(crate::web::refusal),
            leaflets: Arc::new(|_| None),
            recorded: true,
        })
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The handle with which SIGHUP reloads the certificate.
    pub fn certificate(&self) -> Option<Certificate> {
        self.tls.as_ref().map(|(_, certificate)| certificate.clone())
    }

    /// Which routes take more than [`Limits::body_bytes`].
    pub fn with_room(mut self, room: RoomFor) -> Self {
        self.room = room;
        self
    }

    /// The page for what is refused before the app is asked (413, 431 …) and for what the app left unanswered (500, 503).
    pub fn with_refusals(mut self, refusal: Refusal) -> Self {
        self.refusal = refusal;
        self
    }

    /// What can be handed out without asking the app.
    pub fn with_leaflets(mut self, leaflets: Leaflets) -> Self {
        self.leaflets = leaflets;
        self
    }

    /// No request figures and no request lines: for the operator's side door.
    pub fn unrecorded(mut self) -> Self {
        self.recorded = false;
        self
    }

    /// Serves until `shutdown` resolves, then lets the requests in flight finish.
    pub async fn serve<E>(self, app: Arc<E>, shutdown: impl Future<Output = ()>) -> DrainReport
    where
        E: Endpoint<Output = Response> + 'static,
    {
        let Self { listener, local, tls, limits, room, refusal, leaflets, recorded } = self;
        let mut shutdown = pin!(shutdown);
        let (close, closing) = watch::channel(false);
        let seats = Arc::new(Seats::new(limits.clone()));
        let (acceptor, certificate) = tls.unzip();
        let mut connections = JoinSet::new();
        let mut watcher = JoinSet::new();
        if let Some(certificate) = certificate {
            watcher.spawn(watch_files(certificate, limits.certificate_check));
        }
        let reception = Arc::new(Reception { app: app.boxed(), limits, room, refusal, leaflets, recorded });
        let mut trouble = Trouble::default();
        let mut full = false;
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut shutdown => break,
                accepted = listener.accept() => accepted,
                Some(ended) = connections.join_next() => { tell(ended); continue }
            };
            let (socket, remote) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    let pause = trouble.after(&error);
                    tokio::select! {
                        () = &mut shutdown => break,
                        () = tokio::time::sleep(pause) => continue,
                    }
                }
            };
            trouble.is_over();
            let Some(seat) = Seat::take(&seats, remote.ip()) else {
                metrics::connection_refused();
                if !std::mem::replace(&mut full, true) {
                    tracing::warn!("the house is full, new connections are closed at once");
                }
                continue;
            };
            full = false;
            prepare(&socket);
            let work = connection::serve(socket, (remote, local), acceptor.clone(), reception.clone(), closing.clone());
            connections.spawn(async move {
                work.await;
                drop(seat);
            });
        }
        drop(listener);
        close.send_replace(true);
        drain(connections, reception.limits.drain).await
    }
}

/// Enough for a page at once, and no more than that per peer who does not read.
const SEND_BUFFER: u32 = 128 * 1024;

fn listen(addr: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    // A fixed buffer, inherited by each connection: the kernel would let it grow to megabytes, and then tell us about
    // a slow reader's progress only every third of it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(addr)?;
    let listener = socket.listen(4096)?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

fn prepare(socket: &TcpStream) {
    // Without it the second small write of an answer waits for the peer's delayed acknowledgement.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY is not available");
    }
}

/// Files that are open beside connections: logs, towns being read, the side door.
pub const OTHER_FILES: u64 = 512;

/// A connection is an open file, and the usual soft limit is 1024.
fn raise_open_files(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = connections as u64 + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    let Some(current) = limit.current.filter(|current| *current < wanted) else { return };
    let possible = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(possible), maximum: limit.maximum });
    let files = if raised.is_ok() { possible } else { current };
    if files < wanted {
        tracing::warn!(files, wanted, "few open files are allowed (`ulimit -n`), so fewer connections fit");
    }
}

/// A row of failed accepts, told once: out of files, the loop would otherwise fill the log as fast as it can.
#[derive(Default)]
struct Trouble(u32);

impl Trouble {
    fn after(&mut self, error: &io::Error) -> Duration {
        // The peer hung up before it was let in; that is no trouble of ours.
        if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
            return Duration::ZERO;
        }
        if self.0 == 0 {
            tracing::error!(%error, "connections cannot be accepted, trying again");
        }
        self.0 = (self.0 + 1).min(6);
        Duration::from_millis(15 << self.0)
    }

    fn is_over(&mut self) {
        if std::mem::take(&mut self.0) > 0 {
            tracing::info!("connections are accepted again");
        }
    }
}

async fn watch_files(certificate: Certificate, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let certificate = certificate.clone();
        // Reading may block: certificates like to lie on network drives.
        let look = move || {
            if certificate.has_changed() {
                certificate.reload_and_tell();
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(look).await {
            tracing::error!(%error, "the certificate cannot be checked");
        }
    }
}

async fn drain(mut connections: JoinSet<()>, patience: Duration) -> DrainReport {
    let mut drained = 0;
    let all_gone = async {
        while let Some(ended) = connections.join_next().await {
            tell(ended);
            drained += 1;
        }
    };
    let _ = tokio::time::timeout(patience, all_gone).await;
    let gave_up = connections.len();
    connections.shutdown().await;
    if gave_up > 0 {
        tracing::warn!(drained, gave_up, "some requests did not finish in time and were cut off");
    }
    DrainReport { drained, gave_up }
}

fn tell(ended: Result<(), tokio::task::JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        tracing::error!("the task of a connection panicked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_files_the_door_waits_longer_and_longer_but_never_long() {
        let out_of_files = io::Error::from_raw_os_error(24);
        let mut trouble = Trouble::default();
        let pauses: Vec<_> = (0..8).map(|_| trouble.after(&out_of_files).as_millis()).collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 960, 960]);
        trouble.is_over();
        assert_eq!(trouble.after(&out_of_files).as_millis(), 30);
        assert_eq!(trouble.after(&io::ErrorKind::ConnectionAborted.into()), Duration::ZERO);
    }
}
