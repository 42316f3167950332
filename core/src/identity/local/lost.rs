//! The telephone is gone, and the app with it: the operator takes it out of the account when the town hall has seen who asks.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{APP_REMOVED, mark_of_name, records, reset::tell};
use crate::{
    audit::{self, Actor, Entry},
    credentials::Credentials,
    error,
    identity::records::{end_all, hold},
    jobs::{self, Doing, Job, Order},
    locale::Locale,
    mail::pages::{Changed, SecurityMail, write},
    store::{self, Result, Tx},
    tenant::schema::Provider,
    web::Visit,
};

/// What became of somebody's wish to log in without the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// The password is enough again, every login has ended, and a mail says so.
    Done,
    /// Nobody has this name.
    NoAccount,
    /// The account asks for no code.
    NoApp,
}

/// Takes the app out of the account with this name. `reason` stands in the trail: who has seen which ID.
pub async fn remove_lost_app(
    tx: &mut Tx,
    provider: &Provider,
    name: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Removed> {
    let mark = mark_of_name(tx, &provider.id, name).await?;
    let Some(found) = records::find(tx, mark, &provider.id).await? else { return Ok(Removed::NoAccount) };
    let account = found.account_id;
    hold(tx, account).await?;
    // the owner may have chosen a new password a moment ago
    let Some(row) = records::get(tx, account).await? else { return Ok(Removed::NoAccount) };
    let known = row.credentials(tx).await?;
    if known.totp.is_none() {
        return Ok(Removed::NoApp);
    }
    if !records::replace_credentials(tx, &row, &Credentials { totp: None, coming: None, ..known }).await? {
        return Err(store::Error::Dangling);
    }
    records::drop_resets(tx, account).await?;
    end_all(tx, account).await?;
    jobs::enqueue_for(tx, now, Order { kind: APP_REMOVED, payload: &account, run_at: now, once: None }, account)
        .await?;
    let entry = Entry::new(Actor::Operator, "app.removed").about(account).concerns([account]);
    audit::record(tx, now, entry.with(json!({"reason": reason}))).await?;
    Ok(Removed::Done)
}

/// Tells the owner: whoever runs the command has no page to write on.
pub fn app_removed(job: Job) -> Doing {
    Box::pin(async move {
        let account: Uuid = job.payload()?;
        Ok(mail_of(&job, account).await?)
    })
}

async fn mail_of(job: &Job, account: Uuid) -> error::Result<()> {
    let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
    let Some(row) = records::get(&mut tx, account).await? else { return Ok(()) };
    let profile = crate::identity::profile(&mut tx, account).await?;
    let locale = profile.map_or_else(Locale::german, |profile| profile.locale(&job.tenant));
    let visit = Visit::to(job.portal.clone(), job.tenant.clone(), locale, "/");
    let forgotten = visit.whole_url("/passwort-vergessen");
    let letter = write(&SecurityMail { changed: Changed::AppRemoved, forgotten }, &visit)?;
    tell(&mut tx, &row, letter, job.portal.clock.now()).await?;
    Ok(tx.commit().await?)
}
