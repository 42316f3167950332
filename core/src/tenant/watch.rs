//! Notices changed files and reloads once the folder has come to rest.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{sync::mpsc, time::Instant};

use super::{
    Report, Tenants,
    folder::COPYING,
    generations::{Generations, USE},
    listing::is_ignored,
};
use crate::yaml::Problem;

/// How long a folder must be quiet before it is read: somebody may still be copying.
pub const QUIET: Duration = Duration::from_millis(1000);

/// Where there is no quiet (one town is written to all the time) the others do not wait longer than this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reloads on changes below the folders and whenever `asked` fires (SIGHUP), until `asked` closes. `tell` hears every
/// outcome.
pub async fn watch(
    tenants: Arc<Tenants>,
    mut asked: mpsc::Receiver<()>,
    tell: impl Fn(Result<Report, Problem>) + Send + 'static,
) {
    // one waiting signal is enough, more would say the same
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let touched = Arc::new(Mutex::new(Touched::default()));
    let eyes = || eyes_on(tenants.roots(), tenants.generations(), touched.clone(), changed.clone());
    let mut watcher = eyes();
    // files may have changed between the first load and the first look
    *lock(&touched) = Touched::Everything;
    let _ = changed.try_send(());
    loop {
        let cause = tokio::select! {
            Some(()) = changes.recv() => rest(&mut changes, &mut asked).await,
            asked = asked.recv() => Cause::of(asked),
        };
        let seen = match cause {
            Cause::Closed => break,
            Cause::Asked => Touched::Everything,
            Cause::Changed => std::mem::take(&mut *lock(&touched)),
        };
        if cause == Cause::Asked {
            // the folder may have been replaced as a whole, and the eyes still on the old one
            watcher = eyes().or(watcher);
        }
        if reload(&tenants, seen, &tell).await {
            // something changed while it was read: look again after a while
            tokio::time::sleep(QUIET).await;
            *lock(&touched) = Touched::Everything;
            let _ = changed.try_send(());
        }
    }
}

/// Which folders somebody saw change.
#[derive(Debug)]
enum Touched {
    Folders(BTreeSet<String>),
    /// The theme, the folder of towns itself, or more than the kernel could tell.
    Everything,
}

impl Default for Touched {
    fn default() -> Self {
        Self::Folders(BTreeSet::new())
    }
}

impl Touched {
    /// A change of `path`; the first of `roots` is the folder of towns.
    fn note(&mut self, path: &Path, roots: &[PathBuf]) {
        let inside = path.strip_prefix(&roots[0]).ok().and_then(|inside| inside.components().next());
        match (&mut *self, inside) {
            (Self::Folders(folders), Some(folder)) => {
                folders.insert(folder.as_os_str().to_string_lossy().into_owned());
            }
            _ => *self = Self::Everything,
        }
    }
}

/// Why the folders are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Changed,
    Asked,
    /// Nobody can ask any more.
    Closed,
}

impl Cause {
    fn of(asked: Option<()>) -> Self {
        if asked.is_some() { Self::Asked } else { Self::Closed }
    }
}

/// Whether it is worth looking again.
async fn reload(tenants: &Arc<Tenants>, touched: Touched, tell: &impl Fn(Result<Report, Problem>)) -> bool {
    let loading = tenants.clone();
    let load = move || match touched {
        Touched::Everything => loading.reload(),
        Touched::Folders(folders) => loading.reload_only(folders),
    };
    let Ok(outcome) = tokio::task::spawn_blocking(load).await else { return false };
    let unsettled = outcome.as_ref().is_ok_and(|report| report.unsettled);
    tell(outcome);
    unsettled
}

/// Without eyes (too many files for the kernel, a network folder) SIGHUP still reloads.
fn eyes_on(
    roots: Vec<PathBuf>,
    generations: Option<&Generations>,
    touched: Arc<Mutex<Touched>>,
    changed: mpsc::Sender<()>,
) -> Option<RecommendedWatcher> {
    // events name absolute paths, whatever the folder was called
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let roots: Vec<PathBuf> = roots.iter().map(|root| absolute(root)).collect();
    let pins = generations.map(|generations| absolute(generations.folder()));
    let start = || -> notify::Result<RecommendedWatcher> {
        let (known, known_pins) = (roots.clone(), pins.clone());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            let mattering = event.paths.iter().filter(|path| !event.kind.is_access() && matters(path));
            let mut any = event.need_rescan();
            {
                let mut touched = lock(&touched);
                mattering.for_each(|path| {
                    match path.parent().filter(|folder| known_pins.as_deref() == Some(*folder)) {
                        // who runs what is looked at with every load; what else is written there concerns nobody
                        Some(_) => any |= path.ends_with(USE),
                        None => {
                            touched.note(path, &known);
                            any = true;
                        }
                    }
                });
                if event.need_rescan() {
                    *touched = Touched::Everything;
                }
            }
            if any {
                let _ = changed.try_send(());
            }
        })?;
        roots.iter().try_for_each(|folder| watcher.watch(folder, RecursiveMode::Recursive))?;
        // where nothing can be kept there may be no such folder
        let _ = pins.iter().try_for_each(|folder| watcher.watch(folder, RecursiveMode::NonRecursive));
        Ok(watcher)
    };
    start().map_err(|error| tracing::warn!(%error, "changed files are not noticed by themselves; SIGHUP reloads")).ok()
}

fn lock(touched: &Mutex<Touched>) -> MutexGuard<'_, Touched> {
    touched.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Editors' swap files and halves of copies are not read, so they are no change either; the end of a copy is.
fn matters(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == COPYING || !is_ignored(&name)
}

/// Waits until nothing has changed for [`QUIET`], somebody asks, or patience ends.
async fn rest(changes: &mut mpsc::Receiver<()>, asked: &mut mpsc::Receiver<()>) -> Cause {
    let end = Instant::now() + PATIENCE;
    loop {
        tokio::select! {
            () = tokio::time::sleep(QUIET) => return Cause::Changed,
            () = tokio::time::sleep_until(end) => return Cause::Changed,
            asked = asked.recv() => return Cause::of(asked),
            _ = changes.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_by_its_folder_and_the_theme_concerns_all() {
        let roots = [PathBuf::from("/srv/towns"), PathBuf::from("/srv/themes")];
        let mut touched = Touched::default();
        touched.note(Path::new("/srv/towns/ostrau/services/hund.yaml"), &roots);
        touched.note(Path::new("/srv/towns/westrau"), &roots);
        let Touched::Folders(folders) = &touched else { panic!("{touched:?}") };
        assert!(folders.iter().eq(["ostrau", "westrau"]), "{folders:?}");
        touched.note(Path::new("/srv/themes/base/theme.yaml"), &roots);
        assert!(matches!(touched, Touched::Everything));
    }
}
