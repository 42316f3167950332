//! The operator's side door: is the house alive, is it ready, how is it doing. A listener of its own, so that none of
//! this can be reached through the front door.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;
use poem::{
    Endpoint, Request, Response,
    http::{Method, StatusCode, header},
};
use serde::Serialize;

use super::front_door::{BindError, DrainReport, FrontDoor, Limits, Transport};

/// Whether the house can serve, and if not, why.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Readiness {
    pub ready: bool,
    pub reasons: Vec<String>,
}

impl Readiness {
    pub fn yes() -> Self {
        Self { ready: true, reasons: Vec::new() }
    }

    pub fn no(reasons: impl IntoIterator<Item = String>) -> Self {
        Self { ready: false, reasons: reasons.into_iter().collect() }
    }
}

/// Who answers at the side door, for `portal doctor`; the front door keeps it to itself.
pub const SERVER: &str = concat!("portal/", env!("CARGO_PKG_VERSION"));

pub type AskReadiness = Arc<dyn Fn() -> Readiness + Send + Sync>;

/// What is kept and who runs it, as JSON; nothing where nothing is kept.
pub type AskGenerations = Arc<dyn Fn() -> Option<String> + Send + Sync>;

pub struct SideDoor {
    door: FrontDoor,
    figures: PrometheusHandle,
    readiness: AskReadiness,
    generations: AskGenerations,
}

impl SideDoor {
    pub async fn bind(addr: SocketAddr, figures: PrometheusHandle, readiness: AskReadiness) -> Result<Self, BindError> {
        let limits = Limits { connections: 64, body_bytes: 0, drain: Duration::from_secs(1), ..Limits::default() };
        let door = FrontDoor::bind(addr, Transport::Plain, limits).await?.unrecorded();
        Ok(Self { door, figures, readiness, generations: Arc::new(|| None) })
    }

    /// The same, with an answer to who runs which generation.
    pub fn with_generations(self, generations: AskGenerations) -> Self {
        Self { generations, ..self }
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.door.local_addr()
    }

    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> DrainReport {
        let upkeep = keep_up(self.figures.clone());
        let desk = Desk { figures: self.figures, readiness: self.readiness, generations: self.generations };
        tokio::select! {
            report = self.door.serve(Arc::new(desk), shutdown) => report,
            never = upkeep => match never {},
        }
    }
}

struct Desk {
    figures: PrometheusHandle,
    readiness: AskReadiness,
    generations: AskGenerations,
}

impl Endpoint for Desk {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n"));
        }
        Ok(match request.uri().path() {
            "/health/live" => text(StatusCode::OK, "alive\n"),
            "/health/ready" => self.ready(),
            "/metrics" => {
                text(StatusCode::OK, self.figures.render()).with_type("text/plain; version=0.0.4; charset=utf-8")
            }
            "/generations" => self.generations().await,
            _ => text(StatusCode::NOT_FOUND, "there are /health/live, /health/ready, /generations and /metrics\n"),
        })
    }
}

impl Desk {
    fn ready(&self) -> Response {
        let readiness = (self.readiness)();
        let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let body = serde_json::to_string(&readiness).expect("strings and a bool are JSON");
        text(status, body + "\n").with_type("application/json")
    }

    /// It is read from the files, which takes a while where there are many towns.
    async fn generations(&self) -> Response {
        let ask = self.generations.clone();
        match tokio::task::spawn_blocking(move || ask()).await.ok().flatten() {
            Some(json) => text(StatusCode::OK, json + "\n").with_type("application/json"),
            None => text(StatusCode::NOT_FOUND, "no generations are kept\n"),
        }
    }
}

fn text(status: StatusCode, body: impl Into<String>) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/plain; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::SERVER, SERVER)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(body.into())
}

trait Typed {
    fn with_type(self, content_type: &'static str) -> Self;
}

impl Typed for Response {
    fn with_type(mut self, content_type: &'static str) -> Self {
        self.headers_mut().insert(header::CONTENT_TYPE, poem::http::HeaderValue::from_static(content_type));
        self
    }
}

/// Histograms collect their samples until somebody folds them; nobody may be scraping.
async fn keep_up(figures: PrometheusHandle) -> std::convert::Infallible {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        figures.run_upkeep();
    }
}
