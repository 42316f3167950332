//! Notices changed files and reloads once the folder has come to rest.

use std::{path::PathBuf, sync::Arc, time::Duration};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::{Report, Tenants};
use crate::yaml::Problem;

/// How long a folder must be quiet before it is read: somebody may still be copying.
pub const QUIET: Duration = Duration::from_millis(1000);

/// Reloads on changes below the folders and whenever `asked` fires (SIGHUP), until `asked` closes. `tell` hears every
/// outcome.
pub async fn watch(
    tenants: Arc<Tenants>,
    mut asked: mpsc::Receiver<()>,
    tell: impl Fn(Result<Report, Problem>) + Send + 'static,
) {
    // one waiting signal is enough, more would say the same
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let mut watcher = eyes_on(tenants.folders(), changed.clone());
    loop {
        tokio::select! {
            Some(()) = changes.recv() => rest(&mut changes).await,
            asked = asked.recv() => match asked {
                // the folder may have been replaced as a whole, and the eyes still on the old one
                Some(()) => watcher = eyes_on(tenants.folders(), changed.clone()),
                None => break,
            },
        }
        loop {
            let loading = tenants.clone();
            let Ok(outcome) = tokio::task::spawn_blocking(move || loading.reload()).await else { break };
            let unsettled = outcome.as_ref().is_ok_and(|report| report.unsettled);
            tell(outcome);
            if !unsettled {
                break;
            }
            tokio::time::sleep(QUIET).await;
        }
    }
    drop(watcher);
}

/// Without eyes (too many files for the kernel, a network folder) SIGHUP still reloads.
fn eyes_on(folders: Vec<PathBuf>, changed: mpsc::Sender<()>) -> Option<RecommendedWatcher> {
    let start = || -> notify::Result<RecommendedWatcher> {
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                let _ = changed.try_send(());
            }
        })?;
        folders.iter().try_for_each(|folder| watcher.watch(folder, RecursiveMode::Recursive))?;
        Ok(watcher)
    };
    start().map_err(|error| tracing::warn!(%error, "changed files are not noticed by themselves; SIGHUP reloads")).ok()
}

/// Waits until nothing has changed for [`QUIET`].
async fn rest(changes: &mut mpsc::Receiver<()>) {
    while tokio::time::timeout(QUIET, changes.recv()).await.is_ok() {}
}
