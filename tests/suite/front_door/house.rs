//! A front door on port 0 with a small app behind it, and the peers that come to it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use poem::{Body, Endpoint, Request, Response, http::StatusCode};
use portal::web::{
    front_door::{BodyFault, BodyWatch, DrainReport, FrontDoor, Limits, Peer, RequestId, Transport},
    metrics::Handled,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// The deadline a test is about.
pub const SHORT: Duration = Duration::from_millis(400);
/// All others.
pub const LONG: Duration = Duration::from_secs(60);
/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn patient() -> Limits {
    Limits {
        first_byte: LONG,
        handshake: LONG,
        header_read: LONG,
        idle_keep_alive: LONG,
        idle_streams: LONG,
        body_read_idle: LONG,
        request_total: LONG,
        write_stall: LONG,
        drain: LONG,
        ..Limits::default()
    }
}

/// What the test and the app tell each other.
#[derive(Default)]
pub struct Signals {
    /// `/wait` was entered.
    pub waiting: Notify,
    /// `/wait` may go on.
    pub go_on: Notify,
    /// The body of `/big` is no longer held by anybody.
    pub big_dropped: Notify,
    /// Requests the app has seen.
    pub seen: AtomicUsize,
}

pub struct Door {
    pub addr: SocketAddr,
    pub signals: Arc<Signals>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<DrainReport>,
}

impl Door {
    pub async fn open(limits: Limits) -> Self {
        Self::with(limits, Transport::Plain, |door| door).await
    }

    pub async fn with(limits: Limits, transport: Transport, change: impl FnOnce(FrontDoor) -> FrontDoor) -> Self {
        let door = FrontDoor::bind(([127, 0, 0, 1], 0).into(), transport, limits).await.unwrap();
        let door = change(door);
        let addr = door.local_addr();
        let signals = Arc::new(Signals::default());
        let app = Arc::new(App(signals.clone()));
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(door.serve(app, async {
            let _ = stopped.await;
        }));
        Self { addr, signals, stop: Some(stop), served }
    }

    pub fn ask_to_close(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    pub async fn closed(self) -> DrainReport {
        timeout(PATIENCE, self.served).await.expect("the door closes").unwrap()
    }

    pub async fn peer(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    /// Sends bytes on a connection of its own and returns all that comes until the door closes it.
    pub async fn hears(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut peer = self.peer().await;
        peer.write_all(bytes.as_ref()).await.unwrap();
        until_closed(&mut peer).await
    }

    /// A request that asks for the connection to be closed after it.
    pub async fn get(&self, path: &str) -> String {
        self.hears(format!("GET {path} HTTP/1.1\r\nhost: ostrau.example\r\nconnection: close\r\n\r\n")).await
    }
}

/// All that comes until the other side closes, which it must do in time.
pub async fn until_closed(peer: &mut (impl AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let reading = async {
        let mut piece = [0; 4096];
        // A reset is an end, too.
        while let Ok(count @ 1..) = peer.read(&mut piece).await {
            all.extend_from_slice(&piece[..count]);
        }
    };
    timeout(PATIENCE, reading).await.expect("the door closes the connection");
    String::from_utf8_lossy(&all).into_owned()
}

/// One answer with a `Content-Length`, leaving the connection open.
pub async fn answer(peer: &mut (impl AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let reading = async {
        loop {
            all.push(peer.read_u8().await.expect("the answer is complete"));
            let text = String::from_utf8_lossy(&all);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() == length.parse::<usize>().unwrap() {
                return text.into_owned();
            }
        }
    };
    timeout(PATIENCE, reading).await.expect("an answer in time")
}

#[track_caller]
pub fn assert_status(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "expected {status}, heard {answer:?}");
}

/// HTTP/2 over a connection that is already open.
pub async fn http2<T>(io: T) -> h2::client::SendRequest<Bytes>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (requests, connection) = h2::client::handshake(io).await.unwrap();
    tokio::spawn(connection);
    requests.ready().await.unwrap()
}

pub fn request(path: &str) -> http::Request<()> {
    http::Request::get(format!("http://ostrau.example{path}")).body(()).unwrap()
}

/// Status and text of an HTTP/2 answer.
pub async fn received(response: h2::client::ResponseFuture) -> (u16, String) {
    let reading = async {
        let response = response.await.expect("an answer");
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let mut all = Vec::new();
        while let Some(piece) = body.data().await {
            let piece = piece.unwrap();
            body.flow_control().release_capacity(piece.len()).unwrap();
            all.extend_from_slice(&piece);
        }
        (status, String::from_utf8(all).unwrap())
    };
    timeout(PATIENCE, reading).await.expect("an answer in time")
}

struct App(Arc<Signals>);

impl Endpoint for App {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        self.0.seen.fetch_add(1, Ordering::SeqCst);
        let mut response: Response = match request.uri().path() {
            "/length" => length(request.take_body()).await,
            "/extracted" => extracted(request).await,
            "/who" => who(&request).into(),
            "/panic" => panic!("on purpose"),
            "/wait" => {
                self.0.waiting.notify_one();
                self.0.go_on.notified().await;
                "waited".into()
            }
            "/whole" => vec![b'x'; BIG].into(),
            "/big" => Response::builder().body(big(BigGuard(self.0.clone()))),
            _ => "served".into(),
        };
        response.extensions_mut().insert(Arc::new(Handled::new(Some("ostrau".into()), "/stub")));
        Ok(response)
    }
}

/// How a handler that reads the body itself answers.
async fn length(body: Body) -> Response {
    match body.into_bytes().await {
        Ok(bytes) => bytes.len().to_string().into(),
        Err(error) => BodyFault::of(&error).map_or(StatusCode::BAD_REQUEST, BodyFault::status).into(),
    }
}

/// How a middleware answers that has only an extractor's opinion.
async fn extracted(mut request: Request) -> Response {
    let watch = request.extensions().get::<BodyWatch>().unwrap().clone();
    let opinion = request.take_body().into_string().await;
    match (watch.fault(), opinion) {
        (Some(fault), _) => fault.status().into(),
        (None, Ok(text)) => text.into(),
        (None, Err(_)) => StatusCode::BAD_REQUEST.into(),
    }
}

fn who(request: &Request) -> String {
    let Peer { addr, scheme, forwarded_host, forwarded_conflict } = request.extensions().get().unwrap();
    let id: &RequestId = request.extensions().get().unwrap();
    let hosts: Vec<_> = request.headers().get_all("host").iter().map(|host| host.to_str().unwrap()).collect();
    let forwarded = request.headers().keys().filter(|name| name.as_str().contains("forwarded")).count();
    format!(
        "addr={addr} scheme={scheme} forwarded={} conflict={forwarded_conflict} hosts={} left={forwarded} id={id}",
        forwarded_host.as_deref().unwrap_or("-"),
        hosts.join("+"),
    )
}

pub const BIG: usize = 32 * 1024 * 1024;

struct BigGuard(Arc<Signals>);

impl Drop for BigGuard {
    fn drop(&mut self) {
        self.0.big_dropped.notify_one();
    }
}

fn big(guard: BigGuard) -> Body {
    static PIECE: [u8; 64 * 1024] = [b'x'; 64 * 1024];
    let pieces = (0..BIG / PIECE.len()).map(move |_| {
        let _held = &guard;
        Ok::<_, std::io::Error>(Bytes::from_static(&PIECE))
    });
    Body::from_bytes_stream(futures_util::stream::iter(pieces))
}
