//! The house under test: real towns in a folder, the real app behind the real front door, a clock that is held still.
//!
//! Tests drive it over HTTP with a `Host` header, as citizens' browsers do.

mod answer;
mod application;
mod back_office;
pub mod binary;
mod browser;
mod bucket;
mod citizen;
mod clamd;
mod clerk;
mod database;
mod detour;
mod fault;
pub mod inhabitants;
pub mod judged;
mod letterbox;
mod line;
pub mod measure;
mod owner;
pub mod peers;
mod peers_oidc;
mod postgres;
mod program;
mod sshd;
mod towns;
mod work;

use std::{net::SocketAddr, path::Path, sync::Arc};

use bytes::Bytes;
use http_body_util::Empty;
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::Timestamp;
use portal::{
    clock::{Clock, parse_moment},
    config::{PublicOrigin, rates::Rates},
    files::{self, Files},
    identity::Logins,
    jobs,
    mail::Post,
    store::Store,
    tenant::{Report, Tenants, generations::Generations},
    theme::ThemeFiles,
    web::{
        App, Frames, PageCache, Portal, Throttle,
        front_door::{FrontDoor, Limits, Transport},
        refusal,
    },
    yaml::Problem,
};
use tokio::{net::TcpStream, sync::oneshot};

pub use answer::Answer;
pub use application::PDF;
pub use back_office::{BackOffice, Call, Says};
pub use browser::{BrokenOff, Browser};
pub use bucket::Bucket;
pub use citizen::{OSTRAU, WESTRAU};
pub use clamd::Clamd;
pub use clerk::{CODE, DOOR, OWN, PASSWORD};
pub use database::Database;
pub use detour::{Detour, Road};
pub use fault::Fault;
pub use letterbox::{Letter, Letterbox};
pub use line::Line;
pub use peers_oidc::OidcPeer;
pub use postgres::Postgres;
pub use sshd::Sshd;
pub use towns::Towns;
pub use work::{letters_in, links_in, mails_in};

/// The day on which tests happen unless they say otherwise.
pub const TODAY: &str = "2026-11-01T12:00";

/// A running house. Dropping it closes its doors.
pub struct House {
    pub towns: Towns,
    pub database: Database,
    pub portal: Arc<Portal>,
    pub clock: Clock,
    /// What the last load said.
    pub report: Report,
    pub addr: SocketAddr,
    _close: oneshot::Sender<()>,
}

impl House {
    /// The fixture towns `ostrau`, `westrau` and `suedau`.
    pub async fn with_fixture_towns() -> Self {
        Self::open(Towns::fixture()).await
    }

    pub async fn open(towns: Towns) -> Self {
        Self::open_with(towns, Limits::default()).await
    }

    pub async fn open_with(towns: Towns, limits: Limits) -> Self {
        let clock = Clock::held_at(moment(TODAY));
        let (portal, report) = portal_of(&towns, clock).expect("the folder of towns can be read");
        Self::open_over(portal, towns, report, limits).await
    }

    /// A house that opens at another time than [`TODAY`].
    pub async fn open_at(towns: Towns, time: &str) -> Self {
        let clock = Clock::held_at(moment(time));
        let (portal, report) = portal_of(&towns, clock).expect("the folder of towns can be read");
        Self::open_over(portal, towns, report, Limits::default()).await
    }

    /// A house with budgets, behind a proxy that says in `X-Forwarded-For` who asks.
    pub async fn open_with_rates(towns: Towns, rates: Rates) -> Self {
        let clock = Clock::held_at(moment(TODAY));
        let (portal, report) = portal_of(&towns, clock).expect("the folder of towns can be read");
        let mut portal = Arc::into_inner(portal).expect("nobody else holds it yet");
        portal.throttle = Throttle::new(rates);
        let limits = Limits { proxies: Arc::new([std::net::IpAddr::from([127, 0, 0, 1]).into()]), ..Limits::default() };
        Self::open_over(Arc::new(portal), towns, report, limits).await
    }

    /// A house whose pages may take only so many bytes of memory.
    pub async fn open_with_cache(towns: Towns, bytes: u64) -> Self {
        let clock = Clock::held_at(moment(TODAY));
        let (portal, report) = portal_of(&towns, clock).expect("the folder of towns can be read");
        let mut portal = Arc::into_inner(portal).expect("nobody else holds it yet");
        portal.cache = PageCache::with_bytes(Some(bytes));
        Self::open_over(Arc::new(portal), towns, report, Limits::default()).await
    }

    /// A house that keeps its last generations in a data folder.
    pub async fn open_keeping(towns: Towns, data: &Path, most: usize) -> Self {
        let clock = Clock::held_at(moment(TODAY));
        let loaded =
            Tenants::load_keeping(towns.path(), themes_of(&towns), clock.clone(), Generations::in_data(data), most);
        let (tenants, report) = loaded.expect("the folder of towns can be read");
        Self::open_over(portal_over(tenants, clock), towns, report, Limits::default()).await
    }

    /// A house that is set up otherwise.
    pub async fn open_as(towns: Towns, change: impl FnOnce(&mut Portal)) -> Self {
        let (portal, report) = portal_of(&towns, Clock::held_at(moment(TODAY))).expect("the folder can be read");
        Self::open_changed(portal, towns, report, Limits::default(), change).await
    }

    /// A rehearsal at another time: providers without keys let specimens in.
    pub async fn rehearse(towns: Towns, time: &str) -> Self {
        let (portal, report) = portal_of(&towns, Clock::held_at(moment(time))).expect("the folder can be read");
        let specimens = |portal: &mut Portal| portal.logins.specimens = true;
        Self::open_changed(portal, towns, report, Limits::default(), specimens).await
    }

    async fn open_over(portal: Arc<Portal>, towns: Towns, report: Report, limits: Limits) -> Self {
        Self::open_changed(portal, towns, report, limits, |_| {}).await
    }

    async fn open_changed(
        portal: Arc<Portal>,
        towns: Towns,
        report: Report,
        limits: Limits,
        change: impl FnOnce(&mut Portal),
    ) -> Self {
        let database = Database::fresh().await;
        let mut portal = Arc::into_inner(portal).expect("nobody else holds it yet");
        portal.store = database.open().await;
        portal.post = Post::in_folder(database.folder().join("mail"));
        portal.files = Files::in_folder(&database.folder().join("files")).expect("a folder for files");
        change(&mut portal);
        let portal = Arc::new(portal);
        let clock = portal.clock.clone();
        let (close, closed) = oneshot::channel::<()>();
        let localhost = SocketAddr::from(([127, 0, 0, 1], 0));
        let door = FrontDoor::bind(localhost, Transport::Plain, limits).await.expect("a free port");
        let addr = door.local_addr();
        let app = Arc::new(App::new(portal.clone()));
        let door = door.with_refusals(Arc::new(refusal)).with_leaflets(app.leaflets());
        let door = door.with_room(files::room(portal.files.largest()));
        tokio::spawn(door.serve(app, async {
            let _ = closed.await;
        }));
        Self { towns, database, portal, clock, report, addr, _close: close }
    }

    /// Moves the held clock.
    pub fn set_time(&self, text: &str) {
        self.clock.set(moment(text));
    }

    /// Loads what has changed, now.
    pub fn reload(&mut self) -> &Report {
        self.report = self.portal.tenants.reload().expect("the folder of towns can be read");
        &self.report
    }

    /// What a citizen sees who opens `path` at `host`.
    pub async fn get(&self, host: &str, path: &str) -> Answer {
        self.ask(Method::GET, path, &[("host", host)]).await
    }

    /// The same with further headers.
    pub async fn get_with(&self, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("host", host)];
        all.extend_from_slice(headers);
        self.ask(Method::GET, path, &all).await
    }

    /// Any request over HTTP/1.1, with exactly these headers; `target` may be an absolute form.
    pub async fn ask(&self, method: Method, target: &str, headers: &[(&str, &str)]) -> Answer {
        let stream = TcpStream::connect(self.addr).await.expect("the house is open");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        let response = sender.send_request(request(method, target, headers)).await.expect("an answer");
        Answer::read(response).await
    }

    /// A request over HTTP/2 without TLS (prior knowledge); the authority stands in the target.
    pub async fn ask_h2(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        let stream = TcpStream::connect(self.addr).await.expect("the house is open");
        let io = TokioIo::new(stream);
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.expect("a handshake");
        tokio::spawn(connection);
        let response = sender.send_request(request(Method::GET, target, headers)).await.expect("an answer");
        Answer::read(response).await
    }

    /// A connection that stays open over HTTP/1.1 (keep-alive).
    pub async fn line(&self) -> Line {
        Line::http1(self.addr).await
    }

    /// A connection that stays open over HTTP/2 without TLS.
    pub async fn line_h2(&self) -> Line {
        Line::http2(self.addr).await
    }

    /// Bytes as they are, and everything that comes back until the connection closes.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = TcpStream::connect(self.addr).await.expect("the house is open");
        stream.write_all(bytes).await.expect("the house listens");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// A portal over a folder of towns, without doors.
pub fn portal_of(towns: &Towns, clock: Clock) -> Result<(Arc<Portal>, Report), Problem> {
    let (tenants, report) = Tenants::load(towns.path(), themes_of(towns), clock.clone())?;
    Ok((portal_over(tenants, clock), report))
}

fn themes_of(towns: &Towns) -> ThemeFiles {
    towns.themes().map_or_else(ThemeFiles::embedded, ThemeFiles::overridden_by)
}

fn portal_over(tenants: Tenants, clock: Clock) -> Arc<Portal> {
    Arc::new(portal_with(Arc::new(tenants), clock, jobs::kinds))
}

fn portal_over_same(portal: &Portal) -> Portal {
    portal_with(portal.tenants.clone(), portal.clock.clone(), portal.kinds)
}

fn portal_with(tenants: Arc<Tenants>, clock: Clock, kinds: jobs::Kinds) -> Portal {
    Portal {
        tenants,
        clock,
        cache: PageCache::with_bytes(None),
        frames: Frames::default(),
        throttle: Throttle::new(Rates::OFF),
        public: PublicOrigin { scheme: "https".into(), port: None, previews: false },
        security_contact: None,
        store: Store::absent(),
        kinds,
        post: Post::in_folder("mail".into()),
        files: Files::absent(),
        logins: Logins::default(),
        read_only: false,
    }
}

/// A local date or date-time (Europe/Berlin).
pub fn moment(text: &str) -> Timestamp {
    parse_moment(text).expect("tests write dates that exist")
}

/// The root of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the project")
}

pub(crate) fn request(method: Method, target: &str, headers: &[(&str, &str)]) -> Request<Empty<Bytes>> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    request.body(Empty::new()).expect("tests write requests that can be sent")
}
