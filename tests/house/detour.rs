//! A road that a test makes slow, blocks or breaks: it stands between the portal and a partner.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// How the road is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    Open,
    /// Every piece that comes along waits this long.
    Slow(Duration),
    /// One byte at a time comes through, and after each there is this pause.
    Trickling(Duration),
    /// Connections are taken, and nothing comes through.
    Blocked,
    /// Connections are taken, and cut as soon as something comes along.
    Torn,
    /// Connections are cut, new ones as well.
    Broken,
    /// Open up to the next commit to PostgreSQL: that arrives, its answer does not, and then the road is broken.
    BrokenAtCommit,
}

/// A port of its own that leads to a partner. Dropping it closes the road.
pub struct Detour {
    pub addr: SocketAddr,
    road: watch::Sender<Road>,
    keeper: JoinHandle<()>,
}

impl Detour {
    /// To `host:port`, by an open road.
    pub async fn to(partner: &str) -> Self {
        Self::from(Self::door().await, partner)
    }

    /// Where a road will begin, for a partner that has to know it before there is one.
    pub async fn door() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").await.expect("a free port")
    }

    pub fn from(door: TcpListener, partner: &str) -> Self {
        let addr = door.local_addr().expect("it listens");
        let (road, seen) = watch::channel(Road::Open);
        let switch = road.clone();
        let partner: Arc<str> = partner.into();
        let keeper = tokio::spawn(async move {
            while let Ok((guest, _)) = door.accept().await {
                tokio::spawn(lead(guest, partner.clone(), seen.clone(), switch.clone()));
            }
        });
        Self { addr, road, keeper }
    }

    /// From now on, for connections that are open as well.
    pub fn is(&self, road: Road) {
        self.road.send_replace(road);
    }
}

impl Drop for Detour {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn lead(guest: TcpStream, partner: Arc<str>, mut road: watch::Receiver<Road>, switch: watch::Sender<Road>) {
    let broken = road.clone();
    if *road.borrow_and_update() == Road::Broken {
        return;
    }
    let Ok(host) = TcpStream::connect(&*partner).await else { return };
    let (from_guest, to_guest) = guest.into_split();
    let (from_host, to_host) = host.into_split();
    let both = async {
        tokio::join!(carry(from_guest, to_host, broken.clone(), &switch), carry(from_host, to_guest, broken, &switch));
    };
    tokio::select! {
        () = both => {}
        _ = road.wait_for(|road| *road == Road::Broken) => {}
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut road: watch::Receiver<Road>,
    switch: &watch::Sender<Road>,
) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let Ok(now) = road.wait_for(|road| *road != Road::Blocked).await.map(|road| *road) else { break };
        let (step, delay) = match now {
            Road::Torn => break,
            Road::Slow(delay) => (length, delay),
            Road::Trickling(pause) => (1, pause),
            Road::Open | Road::Blocked | Road::BrokenAtCommit | Road::Broken => (length, Duration::ZERO),
        };
        if now == Road::BrokenAtCommit && piece[..length].windows(7).any(|part| part == b"COMMIT\0") {
            // no answer slips through between the two
            switch.send_replace(Road::Blocked);
            let _ = to.write_all(&piece[..length]).await;
            switch.send_replace(Road::Broken);
            break;
        }
        for part in piece[..length].chunks(step) {
            tokio::time::sleep(delay).await;
            if to.write_all(part).await.is_err() {
                return;
            }
        }
    }
    let _ = to.shutdown().await;
}
