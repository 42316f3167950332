//! The job: makes the package, hands it over, writes down what became of it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Asked, Delivery, Receipt, State, folder, package, records, sftp, webhook};
use crate::{
    audit::{self, Actor, Entry},
    cases::{self, Case, EventKind, Who},
    files::{self, File, Owner},
    jobs::{Doing, Failed, Job},
    locale::Locale,
    store::{self, TenantStore},
    tenant::schema::{Destination, DestinationKind},
    web::Visit,
};

/// A scanner that is busy or away keeps a package waiting for so long without an attempt; then it counts as one.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
const LATER: SignedDuration = SignedDuration::from_mins(5);
/// Until a package asks again for its turn.
const NEXT_TURN: SignedDuration = SignedDuration::from_secs(30);

/// Does what was ordered. Done twice it hands over the same package under the same id.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let Asked { delivery } = job.payload()?;
        let data_room = job.portal.store.for_tenant(&job.tenant);
        let mut tx = data_room.read().await?;
        let Some(delivery) = records::get(&mut tx, delivery).await? else { return Ok(()) };
        let case = cases::by_id(&mut tx, delivery.case).await?;
        let Some(case) = case.filter(|_| delivery.state == State::Waiting) else { return Ok(()) };
        let attached = files::of(&mut tx, Owner::Case(case.id)).await?;
        drop(tx);
        let now = job.portal.clock.now();
        let is_unjudged = attached.iter().any(|file| file.state == files::State::Waiting);
        if is_unjudged && now.duration_since(delivery.created) < PATIENCE {
            let mut tx = data_room.write().await?;
            super::enqueue(&mut tx, delivery.id, now + LATER).await?;
            return Ok(tx.commit().await?);
        }
        let is_sftp = destination_of(&job, &delivery).is_some_and(|to| to.sftp().is_some());
        let turn = is_sftp.then(sftp::turn);
        if matches!(turn, Some(None)) {
            let mut tx = data_room.write().await?;
            super::enqueue(&mut tx, delivery.id, now + NEXT_TURN).await?;
            return Ok(tx.commit().await?);
        }
        let outcome = match is_unjudged {
            true => Err(Failed::ForNow("a file of the case still waits for the virus scanner".into())),
            false => hand_over(&job, &delivery, &case, attached).await,
        };
        let now = job.portal.clock.now();
        let mut tx = data_room.write().await?;
        let (event, deed, told) = match &outcome {
            Ok(receipt) => {
                if !records::delivered(&mut tx, delivery.id, receipt, now).await? {
                    return Ok(());
                }
                (EventKind::Delivered, "delivery.arrived", json!({"sha256": receipt.sha256}))
            }
            Err(failed) => {
                let is_over = job.gives_up(failed);
                let why = failed.to_string();
                let is_told = records::tried(&mut tx, delivery.id, is_over, &why, now).await?;
                if !is_told {
                    return Ok(());
                }
                if !is_over {
                    tx.commit().await?;
                    return Err(Failed::ForNow(why));
                }
                tell(job.tenant.id.as_str(), &delivery, &why);
                (EventKind::DeliveryFailed, "delivery.failed", json!({"why": why}))
            }
        };
        let details = json!({"destination": delivery.destination});
        cases::note(&mut tx, case.id, event, Who::System, details, now).await?;
        let entry = Entry::new(Actor::System, deed).about(case.id).concerns(case.account).with(told);
        audit::record(&mut tx, now, entry).await?;
        // what failed for good is kept at the desk, and no job
        Ok(tx.commit().await?)
    })
}

fn tell(tenant: &str, delivery: &Delivery, why: &str) {
    let hint = "`portal delivery list` shows it, `portal delivery retry` tries it again";
    tracing::error!(tenant, destination = delivery.destination, hint, "a package was not taken: {why}");
}

/// Packages whose job is gone without an outcome – it took its node with it each time, or somebody deleted it – lie open at
/// the desk. Says how many.
pub async fn sweep(store: &TenantStore, tenant: &str, now: Timestamp) -> store::Result<usize> {
    let mut tx = store.write().await?;
    let mut gone = 0;
    for delivery in records::stranded(&mut tx, now - super::STRANDED).await? {
        if records::tried(&mut tx, delivery.id, true, super::NOBODY_TOLD, now).await? {
            let details = json!({"destination": delivery.destination});
            cases::note(&mut tx, delivery.case, EventKind::DeliveryFailed, Who::System, details, now).await?;
            let account = cases::by_id(&mut tx, delivery.case).await?.and_then(|case| case.account);
            let entry = Entry::new(Actor::System, "delivery.failed").about(delivery.case).concerns(account);
            audit::record(&mut tx, now, entry.with(json!({"why": super::NOBODY_TOLD}))).await?;
            tell(tenant, &delivery, super::NOBODY_TOLD);
            gone += 1;
        }
    }
    tx.commit().await?;
    Ok(gone)
}

fn destination_of<'a>(job: &'a Job, delivery: &Delivery) -> Option<&'a Destination> {
    job.tenant.town.destinations.iter().find(|destination| destination.id == delivery.destination)
}

async fn hand_over(job: &Job, delivery: &Delivery, case: &Case, attached: Vec<File>) -> Result<Receipt, Failed> {
    let Some(destination) = destination_of(job, delivery) else {
        return Err(Failed::ForNow(format!("the town has no destination `{}`", delivery.destination)));
    };
    let attached = files::gather(&job.portal.files, &job.tenant.id, package::FILES, attached).await;
    let attached = attached.map_err(|error| {
        tracing::error!(tenant = %job.tenant.id, %error, "a file of a package cannot be read from the store");
        Failed::ForNow("a file of the case cannot be read from the store, the log says why".into())
    })?;
    let (portal, tenant) = (job.portal.clone(), job.tenant.clone());
    let (made, case, to) = (delivery.clone(), case.clone(), destination.clone());
    // setting the copy on paper and packing are work for a processor
    let package = tokio::task::spawn_blocking(move || {
        let visit = Visit::to(portal, Arc::clone(&tenant), Locale::german(), "/");
        package::of(&visit, &made, &case, &to, attached)
    });
    let package = package.await.map_err(|_| Failed::ForNow("the package could not be made".into()))??;
    if let Some(server) = destination.sftp() {
        return sftp::put(&server, package).await;
    }
    match (destination.kind, destination) {
        (DestinationKind::Folder, Destination { path: Some(path), .. }) => folder::put(path.clone(), package).await,
        (DestinationKind::Webhook, Destination { url: Some(url), secret: Some(secret), .. }) => {
            webhook::send(url, secret, delivery.id, package, job.portal.clock.now()).await
        }
        _ => Err(Failed::ForNow(format!("nothing can be handed over to `{}`", destination.id))),
    }
}
