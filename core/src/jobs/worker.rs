//! The loop that works jobs off as long as the house is open.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{task::JoinSet, time::timeout};

use super::{
    claim::{Claim, tidy},
    run::run,
};
use crate::web::Portal;

/// Jobs that one node does at once; most of them wait for somebody outside.
const HANDS: usize = 8;
/// How often somebody looks who was not woken: for jobs of other nodes, and for those whose time has come.
const PACE: Duration = Duration::from_secs(2);
/// How long jobs get to end when the house closes; what they did not end another node does.
const LEAVING: Duration = Duration::from_secs(10);
/// How often old keys and expired jobs are forgotten.
const TIDIED: Duration = Duration::from_secs(3600);

/// Works until `stop`, then lets what is begun come to its end.
pub async fn work(portal: Arc<Portal>, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    let mut running = JoinSet::new();
    let mut pace = tokio::time::interval(TIDIED);
    while (&mut stop).now_or_never().is_none() {
        if running.len() < HANDS
            && let Some(claim) = next(&portal).await
        {
            running.spawn(run(portal.clone(), claim));
            continue;
        }
        tokio::select! {
            () = &mut stop => break,
            () = portal.store.work_is_queued(), if running.len() < HANDS => {}
            Some(_) = running.join_next() => {}
            () = tokio::time::sleep(PACE) => {}
            _ = pace.tick() => {
                for (tenant, kind) in tidy(&portal.store.platform(), portal.clock.now()).await.unwrap_or_default() {
                    tracing::warn!(tenant, kind, "a job was not done in time and is dropped");
                }
            }
        }
    }
    let all = async { while running.join_next().await.is_some() {} };
    if timeout(LEAVING, all).await.is_err() {
        tracing::warn!("jobs did not end in time and are left to another node or the next start");
    }
}

/// A database that is away is told about by whoever asks it for somebody; the queue just waits for it.
async fn next(portal: &Portal) -> Option<Claim> {
    match Claim::next(&portal.store.platform(), portal.clock.now()).await {
        Ok(claim) => claim,
        Err(error) => {
            tracing::debug!(%error, "no job can be claimed");
            None
        }
    }
}
