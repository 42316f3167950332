//! Doing one job: with its claim renewed while it runs, and its outcome written down.

use std::sync::Arc;

use super::{
    claim::{Claim, RENEWED},
    kinds::{Failed, Job},
    payload,
};
use crate::{store::Result, tenant::schema::Status, web::Portal};

/// Does everything that is due now, one after the other; says how many jobs it took. For tests, whose clock stands
/// still; a server has [`work`](super::work).
pub async fn run_due(portal: &Arc<Portal>) -> Result<usize> {
    let mut taken = 0;
    while let Some(claim) = Claim::next(&portal.store.platform(), portal.clock.now()).await? {
        taken += 1;
        run(portal.clone(), claim).await;
    }
    Ok(taken)
}

/// Does a claimed job. What becomes of it is in the database afterwards; if that is away, the claim runs out and the
/// job is done again.
pub(super) async fn run(portal: Arc<Portal>, claim: Claim) {
    let (id, kind, tenant) = (claim.found.id, claim.found.kind.clone(), claim.found.for_tenant.clone());
    let attempt = claim.found.attempts;
    let outcome = attend(&portal, &claim).await;
    let now = portal.clock.now();
    let written = match outcome {
        Outcome::Done => claim.done().await,
        Outcome::TakenOver => {
            tracing::warn!(job = %id, kind, tenant, "another node has taken the job over");
            Ok(())
        }
        Outcome::NoTown => claim.put_back(now).await,
        Outcome::Failed(Failed::ForNow(why)) => claim.failed(now, why.clone()).await.map(|lives| {
            if lives {
                tracing::warn!(job = %id, kind, tenant, attempt, "a job failed and is tried again: {why}");
            } else {
                tell_dead(id, &kind, &tenant, &why);
            }
        }),
        Outcome::Failed(Failed::ForGood(why)) => {
            tell_dead(id, &kind, &tenant, &why);
            claim.dead(why).await
        }
    };
    if let Err(error) = written {
        tracing::warn!(job = %id, kind, tenant, %error, "what became of a job could not be written down");
    }
}

fn tell_dead(id: uuid::Uuid, kind: &str, tenant: &str, why: &str) {
    let hint = "`portal jobs list` shows it, `portal jobs retry` tries it again";
    tracing::error!(job = %id, kind, tenant, hint, "a job failed for good: {why}");
}

enum Outcome {
    Done,
    Failed(Failed),
    TakenOver,
    NoTown,
}

/// Works on it and renews the claim meanwhile.
async fn attend(portal: &Arc<Portal>, claim: &Claim) -> Outcome {
    if claim.found.attempts > super::ATTEMPTS {
        // nobody wrote down what became of the attempts before: it may have taken its node with it
        return Outcome::Failed(Failed::ForGood("every attempt ended without an outcome".into()));
    }
    let tenant = portal.tenants.get(&claim.found.for_tenant);
    let Some(tenant) = tenant.filter(|tenant| tenant.status() != Status::Suspended) else { return Outcome::NoTown };
    let Some(work) = (portal.kinds)(&claim.found.kind) else {
        return Outcome::Failed(Failed::ForNow("this version of the portal does not know how".into()));
    };
    let opened = async {
        let sealer = portal.store.for_tenant(&tenant).read().await?.sealer().await?;
        Result::Ok(sealer.open(payload(&claim.found.id.to_string()), &claim.found.payload)?)
    };
    let job = match opened.await {
        Ok(payload) => {
            Job { id: claim.found.id, portal: portal.clone(), tenant, attempt: claim.found.attempts, payload }
        }
        Err(crate::store::Error::Sealed(unsealable)) => {
            return Outcome::Failed(Failed::ForGood(unsealable.to_string()));
        }
        Err(error) => return Outcome::Failed(error.into()),
    };
    // a task of its own, so that a panic ends it and nothing else
    let mut doing = tokio::spawn(work(job));
    let mut held = portal.clock.now();
    loop {
        tokio::select! {
            done = &mut doing => return match done {
                Ok(Ok(())) => Outcome::Done,
                Ok(Err(failed)) => Outcome::Failed(failed),
                Err(_) => Outcome::Failed(Failed::ForNow("it panicked".into())),
            },
            () = tokio::time::sleep(RENEWED) => {
                let now = portal.clock.now();
                match claim.renew(now).await {
                    Ok(true) => held = now,
                    // a database that is away for longer than a claim holds cannot tell who holds it now
                    Err(_) if now.duration_since(held).as_secs() < super::claim::HOLDS - 20 => {}
                    _ => {
                        doing.abort();
                        return Outcome::TakenOver;
                    }
                }
            }
        }
    }
}
