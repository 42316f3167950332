//! What the portal writes to people by mail: written in the town's face, queued with the deed it belongs to, delivered
//! by a job.
//!
//! Invariant: no request waits for a mail server, and no mail leaves for a deed that did not happen. Mails of towns that
//! are not live stay in a folder. A mail that is delivered twice – its node was killed after the server had taken it –
//! has the same Message-ID both times.

mod folder;
pub mod pages;
mod post;
mod smtp;
mod test;

use jiff::{SignedDuration, Timestamp};
use lettre::Address;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use folder::put as put_in_folder;
pub use post::{Post, delete_mails, work};
pub use test::{Arrived, Unsent, send_test};

use crate::{
    jobs::{self, Order},
    store::{Result, Tx},
    tenant::Tenant,
};
use pages::Letter;
pub use pages::MailPage;

/// The kind of job that delivers a mail.
pub const KIND: &str = "mail";
/// A mail to a person that could not be delivered, and the address with it, is kept no longer: so long the operator can send
/// it again.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where a mail goes, and where an answer to it.
#[derive(Clone)]
pub struct To {
    pub address: Address,
    pub reply_to: Option<Address>,
}

/// A mail that waits for its delivery, whole: what becomes of texts and templates meanwhile does not change it.
#[derive(Serialize, Deserialize)]
struct Outgoing {
    to: String,
    reply_to: Option<String>,
    subject: String,
    html: String,
    text: String,
    at: Timestamp,
}

/// Queues a mail for the transaction's town. It waits for as long as it counts ([`Letter::counts_until`]), and without an
/// end until it is delivered: what people write to the town lies nowhere else. With `once` – a mark and for how long it
/// holds – a second mail of the same mark is not sent; `false` then.
pub async fn send(
    tx: &mut Tx,
    now: Timestamp,
    letter: Letter,
    to: To,
    once: Option<(&[u8], SignedDuration)>,
) -> Result<bool> {
    let until = letter.until;
    let order = Order { kind: KIND, payload: &outgoing(letter, to, now), run_at: now, once };
    let Some(job) = jobs::enqueue(tx, now, order).await? else { return Ok(false) };
    if let Some(until) = until {
        jobs::expire(tx, job, until).await?;
    }
    Ok(true)
}

/// The same to the person of an account: once the account is gone the mail does not leave any more.
pub async fn send_to_person(
    tx: &mut Tx,
    now: Timestamp,
    account: Uuid,
    letter: Letter,
    address: Address,
    once: Option<(&[u8], SignedDuration)>,
) -> Result<bool> {
    let until = letter.until.unwrap_or(now + KEPT);
    let to = To { address, reply_to: None };
    let order = Order { kind: KIND, payload: &outgoing(letter, to, now), run_at: now, once };
    let Some(job) = jobs::enqueue_for(tx, now, order, account).await? else { return Ok(false) };
    jobs::expire(tx, job, until).await?;
    Ok(true)
}

fn outgoing(letter: Letter, to: To, now: Timestamp) -> Outgoing {
    let Letter { subject, html, text, .. } = letter;
    let reply_to = to.reply_to.map(|address| address.to_string());
    Outgoing { to: to.address.to_string(), reply_to, subject, html, text, at: now }
}

/// Who reads what people write to the town.
pub fn town_hall(tenant: &Tenant) -> Option<Address> {
    let help = tenant.town.help.as_ref().and_then(|help| help.email.as_deref());
    first_address([tenant.town.email.as_deref(), help])
}

/// Who reads what people report about barriers.
pub fn accessibility_office(tenant: &Tenant) -> Option<Address> {
    let named = tenant.town.accessibility.as_ref().and_then(|statement| statement.email.as_deref());
    first_address([named]).or_else(|| town_hall(tenant))
}

fn first_address<const N: usize>(named: [Option<&str>; N]) -> Option<Address> {
    named.into_iter().flatten().find_map(|address| address.parse().ok())
}
