//! What the running house does about its data room: tells how it was found, and sweeps it.

use std::{sync::Arc, time::Duration};

use crate::{
    delivery, files, forms, identity::sessions, keeping, mailbox::outlet, moves, staff, store, tenant::Tenant,
    web::Portal,
};

/// What the operator has to hear about the data room.
pub(super) fn tell(opened: &store::Opened, settings: &store::Settings) {
    let place = &settings.place;
    if let Some((message, hint)) = settings.place.road().complaint() {
        tracing::warn!(%place, hint, "{message}");
    }
    if let Some(key) = &opened.new_key {
        let hint = "keep a copy apart from the data: `portal keys export` writes it for the safe";
        tracing::warn!(key = %key.display(), hint, "a new master key was made; without it nothing sealed can ever be read");
    }
    if let Some(done) = opened.migrated.filter(|done| done.from != done.to) {
        tracing::info!(%place, from = done.from, to = done.to, "tables brought up to date");
    }
    if let Some(why) = &opened.waits_for {
        tracing::error!(%place, hint = why.hint(), "pages are served, the data room is closed: {why}");
    }
}

/// Takes logins, answers and guests away that have had their time, also in towns where nobody logs in any more, and reminds
/// people of drafts before those go the same way.
pub(super) async fn sweep_every_hour(portal: Arc<Portal>) {
    const HOUR: Duration = Duration::from_secs(3600);
    let mut pace = tokio::time::interval(HOUR);
    loop {
        pace.tick().await;
        let platform = portal.store.platform();
        for tenant in platform.tenants().await.unwrap_or_default() {
            let (store, now) = (platform.remains_of(&tenant), portal.clock.now());
            let swept = async {
                if sessions::sweep(&store, now).await? > 0 {
                    // in the database's log as well
                    platform.sweep().await?;
                }
                staff::sweep(&store, now).await?;
                forms::sweep(&store, now).await
            };
            if let Err(error) = swept.await {
                tracing::warn!(tenant, %error, "logins and drafts that are over could not be swept");
            }
            if !portal.read_only {
                if let Err(error) = delivery::sweep(&store, &tenant, now).await {
                    tracing::warn!(tenant, %error, "packages without a job could not be looked for");
                }
                if let Err(error) = outlet::sweep(&store, &tenant, now).await {
                    tracing::warn!(tenant, %error, "copies without a job could not be looked for");
                }
                match files::sweep(&portal.files, &store, &tenant, now).await {
                    Ok(swept) => tell_of_files(&tenant, &swept),
                    Err(error) => tracing::warn!(tenant, %error, "the store of files could not be swept"),
                }
            }
        }
        if portal.read_only {
            continue;
        }
        for tenant in portal.tenants.all() {
            if let Err(error) = forms::remind(&portal, &tenant, portal.clock.now()).await {
                tracing::warn!(tenant = %tenant.id, %error, "nobody could be reminded of drafts that end soon");
            }
            match moves::sweep(&portal, &tenant, portal.clock.now()).await {
                Ok(swept) if swept == moves::Swept::default() => {}
                Ok(moves::Swept { told, deleted, failed }) => {
                    let what = "accounts whose provider is gone were told or deleted";
                    tracing::info!(tenant = %tenant.id, told, deleted, failed, "{what}");
                }
                Err(error) => {
                    tracing::warn!(tenant = %tenant.id, %error, "accounts whose provider is gone could not be swept");
                }
            }
            if let Err(error) = keep_no_longer(&portal, &tenant).await {
                tracing::warn!(tenant = %tenant.id, %error, "cases whose time is over could not be deleted");
            }
        }
    }
}

/// Deletes what a town has kept long enough, in the database's log as well.
async fn keep_no_longer(portal: &Portal, tenant: &Tenant) -> store::Result<()> {
    let mut tx = portal.store.for_tenant(tenant).write().await?;
    let wishes = keeping::take_up(&mut tx, portal.clock.now()).await?;
    tx.commit().await?;
    if wishes > 0 {
        tracing::warn!(tenant = %tenant.id, wishes, "accounts that should be gone are deleted now");
    }
    let swept = keeping::sweep(&portal.store.for_tenant(tenant), tenant, portal.clock.now()).await?;
    if swept != keeping::Swept::default() {
        let keeping::Swept { cases, threads } = swept;
        tracing::info!(tenant = %tenant.id, cases, threads, "what was kept long enough is deleted");
        portal.store.platform().sweep().await?;
    }
    Ok(())
}

fn tell_of_files(tenant: &str, swept: &files::Swept) {
    let files::Swept { removed, missing, waiting } = swept;
    if *removed > 0 || *waiting > 0 {
        tracing::info!(
            tenant,
            removed,
            waiting,
            "objects without rows were removed, unscanned files wait for the scanner"
        );
    }
    if let Some(first) = missing.first() {
        let hint = "was the store of files restored together with the database?";
        tracing::error!(tenant, files = missing.len(), %first, hint, "files are missing in the store");
    }
}
