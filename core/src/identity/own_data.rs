//! What people may change of their own data: how they are reached, and in which language.
//!
//! Invariant: mails go to an address only after a click on a link that was sent there, and whoever reads the mails of the
//! address before can take the change back for a week.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::Timestamp as At;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::records;
use crate::{
    audit::{self, Actor, Entry},
    crypto::{Cell, Sealed, digest, id, token},
    statements,
    store::{Result, Tx, stamp},
};

/// How long the link to a new address works.
pub const TO_CONFIRM: SignedDuration = SignedDuration::from_hours(24);
/// How long the old address may object.
pub const TO_OBJECT: SignedDuration = SignedDuration::from_hours(7 * 24);

statements! {
    ASK = "insert into address_changes
        (tenant_id, id, account_id, confirmation, objection, addresses, asked_at, confirmed_at)
        values ($1, $2, $3, $4, $5, $6, $7, null)";
    /// A newer wish takes the place of one that nobody has confirmed.
    DROP_WISH = "delete from address_changes where tenant_id = $1 and account_id = $2 and confirmed_at is null";
    WISH = "select id, addresses, asked_at from address_changes
        where tenant_id = $1 and account_id = $2 and confirmed_at is null and asked_at > $3";
    CONFIRM = "update address_changes set confirmed_at = $4
        where tenant_id = $1 and account_id = $2 and confirmation = $3 and confirmed_at is null and asked_at > $5
        returning id, addresses";
    OBJECT = "delete from address_changes where tenant_id = $1 and objection = $2 and asked_at > $3
        returning id, account_id, addresses";
    DROP_ALL = "delete from address_changes where tenant_id = $1 and account_id = $2";
    FORGET_CHANGES = "delete from address_changes where tenant_id = $1 and asked_at < $2";
}

/// An address on its way in, and what the account had before.
#[derive(Serialize, Deserialize)]
struct Addresses {
    new: String,
    /// What the person had written down; `None`: what the provider tells counted.
    before: Option<String>,
}

/// The two links of a change; both are kept as digests only.
pub struct Links {
    pub confirmation: Zeroizing<String>,
    pub objection: Zeroizing<String>,
}

/// Writes a wish down; nothing changes before [`confirm`].
pub async fn ask(tx: &mut Tx, account: Uuid, new: &str, before: Option<String>, now: Timestamp) -> Result<Links> {
    let links = Links { confirmation: token(), objection: token() };
    let row = id();
    let addresses = Addresses { new: new.to_owned(), before };
    let sealed = tx.sealer().await?.seal_json(addresses_of(&row.to_string()), &addresses);
    tx.query(DROP_WISH).bind(account).run().await?;
    let query = tx.query(ASK).bind(row).bind(account).bind(digest(&links.confirmation)).bind(digest(&links.objection));
    query.bind(sealed).bind(stamp(now)).run().await?;
    Ok(links)
}

/// An address that waits for its click, and until when.
pub struct Wish {
    pub address: String,
    pub until: Timestamp,
}

pub async fn wish(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<Option<Wish>> {
    let query = tx.query(WISH).bind(account).bind(stamp(now - TO_CONFIRM));
    let Some((row, sealed, asked)) = query.optional::<(Uuid, Sealed, At)>().await? else { return Ok(None) };
    let Addresses { new, .. } = tx.sealer().await?.open_json(addresses_of(&row.to_string()), &sealed)?;
    Ok(Some(Wish { address: new, until: asked.to_jiff() + TO_CONFIRM }))
}

/// From here on mails go to the new address. `false`: the link is not of this account, too old, or used.
pub async fn confirm(tx: &mut Tx, account: Uuid, link: &str, now: Timestamp) -> Result<bool> {
    let query = tx.query(CONFIRM).bind(account).bind(digest(link)).bind(stamp(now)).bind(stamp(now - TO_CONFIRM));
    let Some((row, sealed)) = query.optional::<(Uuid, Sealed)>().await? else { return Ok(false) };
    let Addresses { new, .. } = tx.sealer().await?.open_json(addresses_of(&row.to_string()), &sealed)?;
    let Some(mut profile) = records::profile(tx, account).await? else { return Ok(false) };
    profile.contact.email = Some(new);
    records::save_profile(tx, account, &profile).await?;
    audit::record(tx, now, Entry::new(Actor::Citizen(account), "address.confirmed").about(account)).await?;
    Ok(true)
}

/// The old address counts again, every other wish is void, and all logins of the account end: whoever asked for the change
/// may sit in one of them. `false`: the link is none, too old, or used.
pub async fn object(tx: &mut Tx, link: &str, now: Timestamp) -> Result<bool> {
    let query = tx.query(OBJECT).bind(digest(link)).bind(stamp(now - TO_OBJECT));
    let Some((row, account, sealed)) = query.optional::<(Uuid, Uuid, Sealed)>().await? else { return Ok(false) };
    let Addresses { before, .. } = tx.sealer().await?.open_json(addresses_of(&row.to_string()), &sealed)?;
    tx.query(DROP_ALL).bind(account).run().await?;
    if let Some(mut profile) = records::profile(tx, account).await? {
        profile.contact.email = before;
        records::save_profile(tx, account, &profile).await?;
    }
    let sessions = records::end_all(tx, account).await?;
    let entry = Entry::new(Actor::System, "address.objected").about(account).concerns([account]);
    audit::record(tx, now, entry.with(json!({"sessions": sessions}))).await?;
    Ok(true)
}

pub(super) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<()> {
    tx.query(FORGET_CHANGES).bind(stamp(now - TO_OBJECT)).run().await?;
    Ok(())
}

fn addresses_of(row: &str) -> Cell<'_> {
    Cell { table: "address_changes", row, column: "addresses" }
}
