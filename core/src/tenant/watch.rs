//! Notices changed files and reloads once the folder has come to rest.

use std::{path::Path, sync::Arc, time::Duration};

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::{Report, Tenants};
use crate::yaml::Problem;

/// How long a folder must be quiet before it is read: somebody may still be copying.
pub const QUIET: Duration = Duration::from_millis(1000);

/// Reloads on changes below the folders and whenever `asked` fires (SIGHUP), until the process ends. `tell` hears
/// every outcome.
pub async fn watch(
    tenants: Arc<Tenants>,
    mut asked: mpsc::Receiver<()>,
    tell: impl Fn(Result<Report, Problem>) + Send + 'static,
) -> notify::Result<()> {
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // one waiting signal is enough, more would say the same
            let _ = changed.try_send(());
        }
    })?;
    for folder in tenants.folders() {
        watcher.watch(Path::new(&folder), RecursiveMode::Recursive)?;
    }
    loop {
        tokio::select! {
            Some(()) = changes.recv() => rest(&mut changes).await,
            Some(()) = asked.recv() => {}
            else => return Ok(()),
        }
        loop {
            let loading = tenants.clone();
            let outcome = tokio::task::spawn_blocking(move || loading.reload()).await;
            let Ok(outcome) = outcome else { break };
            let unsettled = outcome.as_ref().is_ok_and(|report| report.unsettled);
            tell(outcome);
            if !unsettled {
                break;
            }
            tokio::time::sleep(QUIET).await;
        }
    }
}

/// Waits until nothing has changed for [`QUIET`].
async fn rest(changes: &mut mpsc::Receiver<()>) {
    while tokio::time::timeout(QUIET, changes.recv()).await.is_ok() {}
}
