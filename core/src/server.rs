//! The running house: reads its settings, loads its towns, opens its doors, reloads, and leaves in order.

mod room;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ipnet::IpNet;
use tokio::sync::mpsc;

use crate::{
    clock::Clock,
    config::{self, PublicOrigin},
    crypto::forbid_core_files,
    files::{self, Files, FilesError},
    identity::Logins,
    jobs,
    mail::Post,
    store,
    tenant::{Report, Tenant, Tenants, generations::Generations, schema::Status, watch},
    theme::ThemeFiles,
    web::{
        App, Frames, PageCache, Portal, Throttle,
        front_door::{BindError, FrontDoor, Limits, TlsFiles, Transport},
        metrics,
        ops::{Readiness, SideDoor},
        refusal,
    },
    yaml::Problem,
};

/// Settings after file, environment and command line were laid over each other.
#[derive(Debug, Clone)]
pub struct Settings {
    pub tenants: PathBuf,
    pub themes: Option<PathBuf>,
    /// Folder for everything that is kept.
    pub data: PathBuf,
    /// Where the data of persons lies, and under which key.
    pub store: store::Settings,
    /// How many generations are kept.
    pub generations: usize,
    pub listen: SocketAddr,
    pub ops: SocketAddr,
    pub clock: Clock,
    pub read_only: bool,
    /// In a rehearsal providers that lack their keys let invented people in.
    pub specimens: bool,
    pub tls: Option<config::Tls>,
    /// How towns are reached from outside; `None`: as usual, and in a rehearsal by its own door.
    pub public: Option<PublicOrigin>,
    pub proxies: Vec<IpNet>,
    pub limits: config::Limits,
    pub security_contact: Option<String>,
    pub mail: config::mail::Mail,
    pub files: config::files::Settings,
}

/// Why the house does not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Tenants(#[from] Problem),
    #[error("`--now` is for rehearsals, and `{0}` is live")]
    RehearsalOfLiveTown(String),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("`--now` is for rehearsals, and `{0}` is no rehearsal's database")]
    RehearsalOnPostgres(String),
    #[error(transparent)]
    Store(#[from] store::OpenError),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("it was stopped before it was open")]
    Stopped,
    #[error("cannot listen for signals: {0}")]
    Signals(#[from] std::io::Error),
}

/// A house whose doors are open and that waits to serve.
pub struct Server {
    portal: Arc<Portal>,
    front: FrontDoor,
    side: SideDoor,
    signals: Signals,
    scheme: &'static str,
    closing: Arc<AtomicBool>,
    told: Told,
    /// The database was away when the house opened.
    waits: Option<store::Settings>,
}

/// What was wrong at the last load: it is told again only when it changes.
type Told = Mutex<BTreeMap<String, Vec<Problem>>>;

impl Server {
    /// Loads the towns and opens both doors; requests wait until [`Server::run`].
    pub async fn open(settings: Settings) -> Result<Self, StartError> {
        let mut signals = Signals::listen()?;
        if let Err(error) = forbid_core_files() {
            tracing::warn!(%error, "a crash may leave keys in a core file");
        }
        let themes = settings.themes.as_ref().map_or_else(ThemeFiles::embedded, ThemeFiles::overridden_by);
        let clock = settings.clock.clone();
        // a rehearsal is not what the house runs: it keeps nothing and follows no pins
        let (tenants, report) = if clock.is_moved() {
            Tenants::load(&settings.tenants, themes, clock)?
        } else {
            let generations = Generations::in_data(&settings.data);
            Tenants::load_keeping(&settings.tenants, themes, clock, generations, settings.generations)?
        };
        if let Some(live) = live_town(&tenants).filter(|_| settings.clock.is_moved()) {
            return Err(StartError::RehearsalOfLiveTown(live.id.to_string()));
        }
        if settings.clock.is_moved() && !settings.store.place.is_embedded() {
            return Err(StartError::RehearsalOnPostgres(settings.store.place.to_string()));
        }
        let opened = tokio::select! {
            opened = settings.store.open() => opened?,
            () = signals.stop.wait() => return Err(StartError::Stopped),
        };
        room::tell(&opened, &settings.store);
        let post = Post::new(&settings.mail, &settings.data);
        if !settings.read_only {
            tidy(&post);
        }
        if let Some(live) = live_town(&tenants).filter(|_| !post.leaves()) {
            let hint = "`mail.smtp` in `portal.yaml` names the mail server";
            tracing::error!(tenant = %live.id, hint, "mails of live towns stay in the folder `mail` and reach nobody");
        }
        let files = Files::open(&settings.files, settings.limits.upload, &settings.data)?;
        let (largest, place) = (files.largest(), files.place());
        match files.scanner() {
            Some(_) => tracing::info!(place, largest, "files are kept and scanned"),
            None => tracing::warn!(
                place,
                largest,
                hint = "`files.scanner` in `portal.yaml` names clamd",
                "files are kept and nobody scans them for viruses"
            ),
        }
        let limits = door_limits(&settings.limits, settings.proxies);
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        let transport = settings
            .tls
            .map_or(Transport::Plain, |tls| Transport::Tls(TlsFiles { cert: tls.certificate, key: tls.key }));
        let front = FrontDoor::bind(settings.listen, transport, limits).await?;
        let previews = settings.clock.is_moved();
        let public = match settings.public {
            Some(said) => PublicOrigin { previews, ..said },
            None if previews => PublicOrigin { scheme: scheme.into(), port: Some(front.local_addr().port()), previews },
            None => PublicOrigin::default(),
        };
        let figures = metrics::install();
        let first = report.broken.clone();
        tell(&Ok(report), &tenants, &BTreeMap::new());
        let portal = Arc::new(Portal {
            tenants: Arc::new(tenants),
            store: opened.store,
            logins: Logins::rehearsing(settings.specimens && settings.clock.is_moved()),
            clock: settings.clock,
            cache: PageCache::with_bytes(settings.limits.cache_bytes),
            frames: Frames::default(),
            throttle: Throttle::new(settings.limits.rates),
            public,
            security_contact: settings.security_contact,
            kinds: jobs::kinds,
            post,
            files,
            read_only: settings.read_only,
        });
        let front = front.with_refusals(Arc::new(refusal)).with_room(files::room(portal.files.largest()));
        let (ready, closing) = (portal.clone(), Arc::new(AtomicBool::new(false)));
        let leaving = closing.clone();
        let ask = Arc::new(move || readiness(&ready, leaving.load(Ordering::Relaxed)));
        let kept = portal.tenants.generations().cloned();
        let overview = move || serde_json::to_string(&kept.as_ref()?.overview()).ok();
        let side = SideDoor::bind(settings.ops, figures, ask).await?.with_generations(Arc::new(overview));
        let waits = opened.waits_for.is_some().then_some(settings.store);
        Ok(Self { portal, front, side, signals, scheme, closing, told: Told::new(first), waits })
    }

    pub fn portal(&self) -> &Arc<Portal> {
        &self.portal
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.front.local_addr()
    }

    pub fn ops_addr(&self) -> SocketAddr {
        self.side.local_addr()
    }

    /// `http://127.0.0.1:8080`
    pub fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.local_addr())
    }

    /// Name and links of every town that is served, for people who just started the house.
    pub fn links(&self) -> Vec<(String, String)> {
        let port = self.local_addr().port();
        let link = |tenant: Arc<Tenant>| {
            let host = tenant.preview_hosts.first().unwrap_or(tenant.canonical_host());
            (tenant.town.full_name.clone(), format!("{}://{host}:{port}/", self.scheme))
        };
        self.portal.tenants.all().into_iter().map(link).collect()
    }

    /// Serves until SIGTERM or SIGINT, then lets requests in flight finish.
    pub async fn run(self) {
        let Self { portal, front, side, signals, closing, told, waits, .. } = self;
        let Signals { mut hangup, mut stop } = signals;
        let (ask, asked) = mpsc::channel(1);
        let certificate = front.certificate();
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                tracing::info!("asked to reload");
                if let Some(certificate) = &certificate {
                    certificate.reload_and_tell();
                }
                // one waiting request is enough
                let _ = ask.try_send(());
            }
        });
        if let Some(settings) = waits {
            let store = portal.store.clone();
            tokio::spawn(async move { settings.admit_when_back(&store).await });
        }
        let watched = portal.clone();
        tokio::spawn(async move {
            let tenants = watched.tenants.clone();
            let tell = move |outcome: Result<Report, Problem>| {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                tell(&outcome, &watched.tenants, &told);
                if let Ok(report) = outcome {
                    *told = report.broken;
                }
            };
            watch(tenants, asked, tell).await;
        });
        tokio::spawn(room::sweep_every_hour(portal.clone()));
        let (counted, keeping) = (portal.clone(), portal.tenants.clone());
        tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_secs(15));
            loop {
                pace.tick().await;
                // a town can also break at one of its dates, between two loads
                count(&counted.tenants);
                count_jobs(&counted).await;
            }
        });
        let stop_front = async move {
            stop.wait().await;
            tracing::info!("closing: no new connections, requests in flight finish");
            closing.store(true, Ordering::Relaxed);
        };
        let (close_jobs, jobs_closed) = tokio::sync::oneshot::channel::<()>();
        // nothing changes in a house that is for reading only
        let worker = match portal.read_only {
            true => None,
            false => Some(tokio::spawn(jobs::work(portal.clone(), async { drop(jobs_closed.await) }))),
        };
        let (close_side, front_closed) = tokio::sync::oneshot::channel::<()>();
        let app = Arc::new(App::new(portal));
        let front = front.with_leaflets(app.leaflets());
        // the side door stays open to the end and says that the house is closing
        let serve_front = async {
            let drained = front.serve(app, stop_front).await;
            drop(close_jobs);
            if let Some(worker) = worker {
                let _ = worker.await;
            }
            drop(close_side);
            drained
        };
        let (drained, _) = tokio::join!(serve_front, side.serve(async { drop(front_closed.await) }));
        let _ = tokio::task::spawn_blocking(move || keeping.finish_keeping()).await;
        tracing::info!(drained = drained.drained, gave_up = drained.gave_up, "closed");
    }
}

fn live_town(tenants: &Tenants) -> Option<Arc<Tenant>> {
    tenants.all().into_iter().find(|tenant| tenant.status() == Status::Live)
}

/// Nobody writes into the mail folder yet.
fn tidy(post: &Post) {
    match post.tidy() {
        Ok(0) => {}
        Ok(mails) => tracing::info!(mails, "half-written mails were taken out of the folder; they are written again"),
        Err(error) => tracing::warn!(%error, "the mail folder could not be tidied"),
    }
}

struct Signals {
    hangup: tokio::signal::unix::Signal,
    stop: Stop,
}

struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Before anything else, so that an early signal is not lost.
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let stop = Stop { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
        Ok(Self { hangup: signal(SignalKind::hangup())?, stop })
    }
}

impl Stop {
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn door_limits(limits: &config::Limits, proxies: Vec<IpNet>) -> Limits {
    let defaults = Limits::default();
    Limits {
        connections: limits.connections.unwrap_or(defaults.connections),
        connections_per_peer: limits.connections_per_address.unwrap_or(defaults.connections_per_peer),
        drain: limits.drain_seconds.map_or(defaults.drain, Duration::from_secs),
        proxies: proxies.into(),
        ..defaults
    }
}

/// The house is ready when it serves at least one town and is not closing; what is broken is told in any case.
fn readiness(portal: &Portal, closing: bool) -> Readiness {
    let broken = portal.tenants.broken();
    let mut reasons: Vec<String> = broken.into_keys().map(|id| format!("tenant `{id}` is broken")).collect();
    let serves = !portal.tenants.all().is_empty();
    if !serves && reasons.is_empty() {
        reasons.push("there is no tenant".to_owned());
    }
    reasons.extend(portal.tenants.obstacle());
    // public pages go on without it, so the house stays ready
    reasons.extend(portal.store.obstacle().map(str::to_owned));
    if closing {
        reasons.push("the portal is closing".to_owned());
    }
    Readiness { ready: serves && !closing, reasons }
}

/// What a load changed, for the log and the figures; what was `told` before is not told again.
fn tell(outcome: &Result<Report, Problem>, tenants: &Tenants, told: &BTreeMap<String, Vec<Problem>>) {
    match outcome {
        Err(problem) => {
            metrics::reloaded("failed");
            tracing::error!(at = %problem.at, "tenants cannot be read, all stay as they were: {}", problem.message);
        }
        Ok(report) => {
            metrics::reloaded(if report.broken.is_empty() { "ok" } else { "kept" });
            for problem in &report.warnings {
                tracing::warn!(at = %problem.at, hint = problem.hint, "{}", problem.message);
            }
            for folder in &report.waiting {
                tracing::warn!(folder, "stays as it was while a file `.copying` lies in it");
            }
            for (tenant, problems) in report.broken.iter().filter(|(id, problems)| told.get(*id) != Some(problems)) {
                let serving = tenants.get(tenant).map_or("not served", |_| "the last good version goes on serving");
                for problem in problems {
                    tracing::error!(tenant, at = %problem.at, hint = problem.hint, serving, "{}", problem.message);
                }
            }
            for (tenant, generation) in &report.fallen {
                tracing::error!(tenant, generation, "cannot be loaded and is served as it was kept");
            }
            if !report.held.is_empty() {
                let hint = "`portal generation use latest` lets changes in";
                tracing::info!(changed = first_few(&report.held), hint, "changes wait while towns run a generation");
            }
            if !report.changed.is_empty() || !report.removed.is_empty() {
                let took_ms = report.took.as_micros() as f64 / 1000.0;
                let (changed, removed) = (first_few(&report.changed), first_few(&report.removed));
                let runs: Vec<String> = report.runs.iter().map(ToString::to_string).collect();
                let (files, generation) = (report.opened, runs.join(", "));
                tracing::info!(changed, removed, files, generation, took_ms, "tenants loaded");
            }
        }
    }
    count(tenants);
}

/// A layer may change hundreds of towns; the log names some of them.
fn first_few(ids: &[String]) -> String {
    match ids {
        [] => "none".into(),
        ids if ids.len() <= 10 => ids.join(", "),
        ids => format!("{} and {} more", ids[..10].join(", "), ids.len() - 10),
    }
}

/// The last figures stay while the data room does not answer.
async fn count_jobs(portal: &Portal) {
    let counted = jobs::desk::count(&portal.store.platform()).await;
    metrics::data_room(counted.is_ok());
    let Ok(jobs::desk::Counts { waiting, running, dead }) = counted else { return };
    for (state, jobs) in [("waiting", waiting), ("running", running), ("dead", dead)] {
        metrics::jobs(state, jobs);
    }
}

fn count(tenants: &Tenants) {
    metrics::tenants("serving", tenants.count());
    metrics::tenants("broken", tenants.broken().len());
}
