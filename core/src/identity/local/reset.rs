//! A forgotten password: asked for by address, set anew by a link that went there.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{PASSWORD_RESET, mark_of_address, provider_of, records};
use crate::{
    audit::{self, Actor, Entry},
    credentials::{Credentials, is_easy, slowly},
    crypto::{digest, token},
    error,
    identity::records::end_all,
    jobs::{self, Doing, Job, Order},
    locale::Locale,
    mail::{
        self,
        pages::{Letter, ResetMail, write},
    },
    store::{Result, TenantStore, Tx},
    tenant::schema::Provider,
    web::Visit,
};

/// How long a link counts.
const COUNTS: SignedDuration = SignedDuration::from_hours(1);
/// Mails of this kind to one account in a day.
const MAILS: i64 = 5;
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A second click sends no second mail.
const TWICE: SignedDuration = SignedDuration::from_secs(60);

#[derive(Serialize, Deserialize)]
struct Asked {
    address: String,
    locale: String,
}

/// Somebody says they have forgotten their password. Whether there is an account is for the job to find out.
pub async fn order(tx: &mut Tx, provider: &Provider, address: &str, locale: &Locale, now: Timestamp) -> Result<()> {
    let mark = mark_of_address(tx, &provider.id, address).await?;
    let asked = Asked { address: address.to_owned(), locale: locale.code().to_owned() };
    let once = Some((&mark[..], TWICE));
    let order = Order { kind: PASSWORD_RESET, payload: &asked, run_at: now, once };
    if let Some(job) = jobs::enqueue(tx, now, order).await? {
        // a link that comes later is one nobody waits for, and the address may be a stranger's
        jobs::expire(tx, job, now + COUNTS).await?;
    }
    Ok(())
}

/// The mail with the link, where the address has an account. Done twice it may send two links, of which either counts.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let asked = job.payload()?;
        Ok(mail_of(&job, asked).await?)
    })
}

async fn mail_of(job: &Job, asked: Asked) -> error::Result<()> {
    let now = job.portal.clock.now();
    let Some(provider) = provider_of(&job.tenant) else { return Ok(()) };
    let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
    let mark = mark_of_address(&mut tx, &provider.id, &asked.address).await?;
    let Some(account) = records::by_address(&mut tx, &mark).await? else { return Ok(()) };
    if records::resets_since(&mut tx, account, now - DAY).await? >= MAILS {
        return Ok(());
    }
    let Some(row) = records::get(&mut tx, account).await? else { return Ok(()) };
    let own = row.own(&mut tx).await?;
    // the address as it was confirmed, not as somebody has written it now
    let Ok(address) = own.address.parse() else { return Ok(()) };
    let locale = job.tenant.locale_or_german(&asked.locale);
    let visit = Visit::to(job.portal.clone(), job.tenant.clone(), locale, "/");
    let (link, until) = (token(), now + COUNTS);
    let url = visit.whole_url(&format!("/passwort-vergessen/{}", &*link));
    let letter = write(&ResetMail { url, name: own.name, until: visit.moment(until) }, &visit)?.counts_until(until);
    records::add_reset(&mut tx, digest(&link), account, now, until).await?;
    mail::send_to_person(&mut tx, now, account, letter, address, None).await?;
    audit::record(&mut tx, now, Entry::new(Actor::System, "password.reset_mailed").about(account).concerns([account]))
        .await?;
    Ok(tx.commit().await?)
}

/// The name of the account whose link this is; `None` where it does not count any more.
pub async fn is_open(tx: &mut Tx, link: &str, now: Timestamp) -> Result<Option<String>> {
    match records::reset(tx, digest(link), now).await? {
        Some(account) => super::name_of(tx, account).await,
        None => Ok(None),
    }
}

/// What became of a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    Kept,
    /// It would be guessed; the link still counts.
    Guessable,
    Gone,
}

/// Keeps a new password, ends every login of the account and every other link, and tells its owner by `letter`. The app that
/// somebody has set up stays: whoever reads another's mails does not get in.
pub async fn set_anew(
    store: &TenantStore,
    link: &str,
    new: &str,
    guessed: Vec<String>,
    letter: Letter,
    now: Timestamp,
) -> error::Result<Lasting> {
    let password = new.to_owned();
    let made = slowly(move || (!is_easy(&password, &guessed)).then(|| Credentials::with_password(&password)));
    let Some(made) = made.await? else { return Ok(Lasting::Guessable) };
    let mut tx = store.write().await?;
    let Some(account) = records::take_reset(&mut tx, digest(link), now).await? else { return Ok(Lasting::Gone) };
    let Some(row) = records::get(&mut tx, account).await? else { return Ok(Lasting::Gone) };
    let before = row.credentials(&mut tx).await?;
    keep(&mut tx, account, &Credentials { totp: before.totp, ..made }).await?;
    end_all(&mut tx, account).await?;
    tell(&mut tx, &row, letter, now).await?;
    audit::record(&mut tx, now, Entry::new(Actor::Citizen(account), "password.reset")).await?;
    tx.commit().await?;
    Ok(Lasting::Kept)
}

/// A new password or another app: links that were sent before count no more.
async fn keep(tx: &mut Tx, account: Uuid, credentials: &Credentials) -> Result<()> {
    records::set_credentials(tx, account, credentials).await?;
    records::drop_resets(tx, account).await
}

/// Tells the owner of an account what has happened to it.
pub(super) async fn tell(tx: &mut Tx, row: &records::LoginRow, letter: Letter, now: Timestamp) -> Result<()> {
    if let Ok(address) = row.own(tx).await?.address.parse() {
        mail::send_to_person(tx, now, row.account_id, letter, address, None).await?;
    }
    Ok(())
}
