//! What a clerk sees of moves, and undoing one.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{address_of, records};
use crate::{
    audit::{self, Actor, Entry},
    error::Result,
    identity::{self, sessions::provider_name},
    mail::{
        self, To,
        pages::{UndoneMail, write},
    },
    store::{self, Tx},
    web::Visit,
};

/// A move as clerks see it.
pub struct Listed {
    pub id: Uuid,
    /// The person, as the old account names them.
    pub name: Option<String>,
    /// Ids of the providers.
    pub from: String,
    pub to: String,
    pub at: Timestamp,
    pub undo_until: Timestamp,
    pub undone: Option<Timestamp>,
}

const MOST: i64 = 500;

/// The latest first.
pub async fn list(tx: &mut Tx) -> store::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for row in records::list(tx, MOST).await? {
        listed.push(Listed {
            id: row.id,
            name: identity::profile(tx, row.old_account).await?.and_then(|profile| profile.name()),
            from: row.old_provider,
            to: row.new_provider,
            at: row.moved_at.to_jiff(),
            undo_until: row.undo_until.to_jiff(),
            undone: row.undone_at.map(|at| at.to_jiff()),
        });
    }
    Ok(listed)
}

/// The old account gets back what was taken out of it and is still there, both addresses hear of it, and the new account's
/// logins end. `false`: there is nothing of this id that could be undone.
pub async fn undo(tx: &mut Tx, visit: &Visit, id: Uuid, clerk: Uuid, reason: &str) -> Result<bool> {
    let now = visit.portal.clock.now();
    let Some((old, new, moved)) = records::undo(tx, id, now).await? else { return Ok(false) };
    records::give_back(tx, old, new, &moved).await?;
    let theirs = identity::profile(tx, old).await?;
    let providers = (identity::provider_of(tx, old).await?, identity::provider_of(tx, new).await?);
    let name = |id: Option<String>| id.map_or_else(String::new, |id| provider_name(&visit.tenant, &id));
    let (from, to) = (name(providers.0), name(providers.1));
    let mut addresses = vec![];
    if let Some(mut own) = identity::profile(tx, new).await? {
        own.contact = moved.contact_before.clone();
        identity::save_profile(tx, new, &own).await?;
        identity::set_notified(tx, new, moved.notify_before).await?;
        addresses.push((address_of(&own), own.locale(&visit.tenant)));
    }
    addresses.extend(theirs.iter().map(|profile| (address_of(profile), profile.locale(&visit.tenant))));
    for (address, locale) in addresses {
        let Some(address) = address else { continue };
        let speaks = Visit { locale, person: None, ..visit.clone() };
        let url = format!("{}{}", speaks.origin(), speaks.url("/kontakt"));
        let letter = write(&UndoneMail::of(&from, &to, url), &speaks)?;
        mail::send(tx, now, letter, To { address, reply_to: None }, None).await?;
    }
    identity::end_all(tx, new).await?;
    for account in [old, new] {
        let details = json!({"move": id, "reason": reason});
        let entry = Entry::new(Actor::Staff(clerk), "move.undone").about(account).concerns([account]);
        audit::record(tx, now, entry.with(details)).await?;
    }
    Ok(true)
}
