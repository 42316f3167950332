//! What people may change of their own data: how they are reached, and in which language.
//!
//! Invariant: mails go to an address, and the links of an account of the portal's own, only after a click on a link that was
//! sent there, and whoever reads the mails of the address before can take the change back for a week.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::Timestamp as At;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{local, person::Field, records};
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
        (tenant_id, id, account_id, confirmation, objection, addresses, asked_at, confirmed_at, login)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// A newer wish takes the place of one of its kind that nobody has confirmed.
    DROP_WISH = "delete from address_changes
        where tenant_id = $1 and account_id = $2 and confirmed_at is null and (login is not null) = $3";
    WISH = "select id, addresses, asked_at from address_changes
        where tenant_id = $1 and account_id = $2 and confirmed_at is null and asked_at > $3 and (login is not null) = $4";
    CONFIRM = "update address_changes set confirmed_at = $4
        where tenant_id = $1 and account_id = $2 and confirmation = $3 and confirmed_at is null and asked_at > $5
        returning id, addresses, login";
    OBJECT = "delete from address_changes where tenant_id = $1 and objection = $2 and asked_at > $3
        returning id, account_id, addresses, asked_at, login";
    /// What was wished for since, and whatever nobody has confirmed; who could object before still can.
    DROP_SINCE = "delete from address_changes where tenant_id = $1 and account_id = $2
        and (confirmed_at is null or ((login is not null) = $3 and asked_at >= $4))";
    FORGET_CHANGES = "delete from address_changes where tenant_id = $1 and asked_at < $2";
}

/// Which address of an account changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Where mails go.
    Contact,
    /// Where the links of an account of the portal's own go: whoever reads its mails can set a new password.
    Login,
}

/// A new address in the place of one.
pub struct Change<'a> {
    pub which: Which,
    /// `None`: the person has none of their own any more.
    pub new: Option<&'a str>,
    /// What counted before; `None`: what the provider tells.
    pub before: Option<String>,
}

/// An address on its way in, and what the account had before.
#[derive(Serialize, Deserialize)]
struct Addresses {
    /// `None`: the person has none of their own any more.
    new: Option<String>,
    /// What the person had written down; `None`: what the provider tells counted.
    before: Option<String>,
}

/// The two links of a change; both are kept as digests only.
pub struct Links {
    pub confirmation: Zeroizing<String>,
    pub objection: Zeroizing<String>,
}

/// Writes a wish down; nothing changes before [`confirm`]. Whoever takes their address out confirms nothing: that counts at
/// once, and the old address may object all the same.
pub async fn ask(tx: &mut Tx, account: Uuid, change: Change<'_>, now: Timestamp) -> Result<Links> {
    let Change { which, new, before } = change;
    let links = Links { confirmation: token(), objection: token() };
    let row = id();
    let login = match (which, &before) {
        (Which::Login, Some(before)) => Some(local::mark_of_address_of(tx, account, before).await?),
        _ => None,
    };
    let addresses = Addresses { new: new.map(str::to_owned), before };
    let sealed = tx.sealer().await?.seal_json(addresses_of(&row.to_string()), &addresses);
    take_back(tx, account, which).await?;
    let query = tx.query(ASK).bind(row).bind(account).bind(digest(&links.confirmation)).bind(digest(&links.objection));
    let confirmed = new.is_none().then(|| stamp(now));
    query.bind(sealed).bind(stamp(now)).bind(confirmed).bind(login).run().await?;
    Ok(links)
}

/// What nobody has confirmed will not be confirmed any more.
pub async fn take_back(tx: &mut Tx, account: Uuid, which: Which) -> Result<()> {
    tx.query(DROP_WISH).bind(account).bind(which == Which::Login).run().await?;
    Ok(())
}

/// An address that waits for its click, and until when.
pub struct Wish {
    pub address: String,
    pub until: Timestamp,
}

pub async fn wish(tx: &mut Tx, account: Uuid, which: Which, now: Timestamp) -> Result<Option<Wish>> {
    let query = tx.query(WISH).bind(account).bind(stamp(now - TO_CONFIRM)).bind(which == Which::Login);
    let Some((row, sealed, asked)) = query.optional::<(Uuid, Sealed, At)>().await? else { return Ok(None) };
    let Addresses { new, .. } = tx.sealer().await?.open_json(addresses_of(&row.to_string()), &sealed)?;
    Ok(new.map(|address| Wish { address, until: asked.to_jiff() + TO_CONFIRM }))
}

/// What became of a link to a new address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// From here on it counts.
    Now(Which),
    /// The address belongs to another account. Told only here, to whoever reads its mails; the caller does not commit.
    Taken,
    /// Not of this account, too old, or used.
    Gone,
}

/// Somebody who is logged in has opened the link and pressed the button.
pub async fn confirm(tx: &mut Tx, account: Uuid, link: &str, now: Timestamp) -> Result<Confirmed> {
    let query = tx.query(CONFIRM).bind(account).bind(digest(link)).bind(stamp(now)).bind(stamp(now - TO_CONFIRM));
    let found: Option<(Uuid, Sealed, Option<Vec<u8>>)> = query.optional().await?;
    let Some((row, sealed, login)) = found else { return Ok(Confirmed::Gone) };
    let Addresses { new, .. } = tx.sealer().await?.open_json(addresses_of(&row.to_string()), &sealed)?;
    let which = if login.is_some() { Which::Login } else { Which::Contact };
    if !set(tx, account, which, new).await? {
        return Ok(Confirmed::Taken);
    }
    audit::record(tx, now, Entry::new(Actor::Citizen(account), "address.confirmed").about(account)).await?;
    Ok(Confirmed::Now(which))
}

/// `false`: links would go to somebody else's address.
async fn set(tx: &mut Tx, account: Uuid, which: Which, address: Option<String>) -> Result<bool> {
    records::hold(tx, account).await?;
    let Some(mut profile) = records::profile(tx, account).await? else { return Ok(false) };
    match (which, address) {
        (Which::Contact, address) => profile.contact.email = address,
        (Which::Login, None) => return Ok(false),
        (Which::Login, Some(address)) => {
            if !local::set_address(tx, account, &address).await? {
                return Ok(false);
            }
            // what was stated when the account was made
            if let Some(known) = profile.details.get_mut(&Field::Email) {
                known.value = address;
            }
        }
    }
    records::save_profile(tx, account, &profile).await?;
    Ok(true)
}

/// The old address counts again, every wish since is void, and all logins of the account end: whoever asked for the change
/// may sit in one of them. `false`: the link is none, too old, or used.
pub async fn object(tx: &mut Tx, link: &str, now: Timestamp) -> Result<bool> {
    let query = tx.query(OBJECT).bind(digest(link)).bind(stamp(now - TO_OBJECT));
    type Row = (Uuid, Uuid, Sealed, At, Option<Vec<u8>>);
    let found: Option<Row> = query.optional().await?;
    let Some((row, account, sealed, asked, login)) = found else { return Ok(false) };
    let Addresses { before, .. } = tx.sealer().await?.open_json(addresses_of(&row.to_string()), &sealed)?;
    tx.query(DROP_SINCE).bind(account).bind(login.is_some()).bind(asked).run().await?;
    let which = if login.is_some() { Which::Login } else { Which::Contact };
    set(tx, account, which, before).await?;
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
