//! What would keep this installation from running well: looked at before the doors open, or while they are open.
//!
//! Invariant: looking changes nothing – no file is written where anything is kept, of the towns' servers only those are
//! asked that take packages by SFTP, nothing stays there, and a running portal only hears one question at its side door.

mod certificate;
mod disk;
mod doors;
mod handing_over;
mod idp;
mod machine;
mod names;
mod post;
mod room;
mod towns;
mod uploads;

use std::{io, path::Path, sync::Arc};

use jiff::Timestamp;

use crate::{
    clock::Clock,
    server::Settings,
    tenant::{Report, Tenant, Tenants, schema::Status},
    theme::ThemeFiles,
    yaml::Problem,
};
use disk::Tree;
pub use idp::{description, provider};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// Could not be looked at, or is worth knowing.
    Note,
    /// Runs, but not well.
    Warning,
    /// Does not start, or serves somebody nothing.
    Error,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `settings`, `disk`, `certificate`, …
    pub check: &'static str,
    pub level: Level,
    pub message: String,
    /// File, folder, address or setting.
    pub place: Option<String>,
    pub hint: Option<String>,
}

impl Finding {
    pub fn new(level: Level, message: impl Into<String>) -> Self {
        Self { check: "", level, message: message.into(), place: None, hint: None }
    }

    pub fn at(mut self, place: impl ToString) -> Self {
        self.place = Some(place.to_string());
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn of(self, check: &'static str) -> Self {
        Self { check, ..self }
    }
}

impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        let level = if problem.warning { Level::Warning } else { Level::Error };
        Self { hint: problem.hint.clone(), ..Self::new(level, &problem.message).at(&problem.at) }
    }
}

fn ok(message: impl Into<String>) -> Finding {
    Finding::new(Level::Ok, message)
}

fn note(message: impl Into<String>) -> Finding {
    Finding::new(Level::Note, message)
}

fn warning(message: impl Into<String>) -> Finding {
    Finding::new(Level::Warning, message)
}

fn error(message: impl Into<String>) -> Finding {
    Finding::new(Level::Error, message)
}

/// Everything the checks look at.
struct House<'a> {
    settings: &'a Settings,
    /// The true time, whatever `--now` says: certificates and files know no rehearsal.
    wall: Timestamp,
    towns: Vec<Arc<Tenant>>,
    loaded: Result<Report, Problem>,
    tree: Tree,
}

impl House<'_> {
    fn live(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        self.towns.iter().filter(|town| town.status() == Status::Live)
    }

    fn has_live(&self) -> bool {
        self.live().next().is_some()
    }
}

type Check = fn(&House) -> Vec<Finding>;

/// In the order in which an operator would mend them.
const CHECKS: [(&str, Check); 26] = [
    ("towns", towns::towns),
    ("themes", towns::themes),
    ("schemas", towns::schemas),
    ("rehearsal", towns::rehearsal),
    ("data", disk::data),
    ("disk", disk::space),
    ("permissions", disk::permissions),
    ("database", room::database),
    ("master key", room::master_key),
    ("backup", room::backup),
    ("listen", doors::listen),
    ("ops", doors::ops),
    ("certificate", certificate::certificate),
    ("public", doors::public),
    ("proxies", doors::proxies),
    ("names", names::names),
    ("login", idp::logins),
    ("contact", towns::contact),
    ("mail", post::mail),
    ("uploads", uploads::place),
    ("scanner", uploads::scanner),
    ("back offices", handing_over::servers),
    ("clock", machine::clock),
    ("files", machine::open_files),
    ("watches", machine::watches),
    ("machine", machine::machine),
];

/// Looks at everything; `wall` shows the true time.
pub fn examine(settings: &Settings, wall: &Clock) -> Vec<Finding> {
    let themes = settings.themes.as_ref().map_or_else(ThemeFiles::embedded, ThemeFiles::overridden_by);
    let (towns, loaded) = match Tenants::load(&settings.tenants, themes, settings.clock.clone()) {
        Ok((tenants, report)) => (tenants.all(), Ok(report)),
        Err(problem) => (Vec::new(), Err(problem)),
    };
    let tree = Tree::through([Some(settings.tenants.as_path()), settings.themes.as_deref()].into_iter().flatten());
    let house = House { settings, wall: wall.now(), towns, loaded, tree };
    let look = |(name, check): &(&'static str, Check)| check(&house).into_iter().map(|one| one.of(name));
    CHECKS.iter().flat_map(look).collect()
}

/// Waits for somebody's answer, wherever the doctor was called from.
fn asked<T: Send>(question: impl Future<Output = io::Result<T>> + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let ask = || tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(question);
        scope.spawn(ask).join().unwrap_or_else(|_| Err(io::Error::other("the question failed")))
    })
}

/// Some of many names, for a message.
fn some<T: ToString>(names: &[T]) -> String {
    const MANY: usize = 5;
    let shown: Vec<String> = names.iter().take(MANY).map(|name| format!("`{}`", name.to_string())).collect();
    let more = names.len().saturating_sub(MANY);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}

/// `1 town`, `2 towns`
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Bytes as people say them.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= 10 * 1024 * MIB { format!("{} GiB", bytes / 1024 / MIB) } else { format!("{} MiB", bytes / MIB) }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
