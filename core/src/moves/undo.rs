//! What a clerk sees of moves, and undoing one.

use jiff::{Timestamp, civil::Date};
use serde_json::json;
use uuid::Uuid;

use super::records;
use crate::{
    audit::{self, Actor, Entry},
    error::Result,
    identity::{
        self,
        person::{Contact, Field},
        sessions::provider_name,
    },
    mail::{
        self,
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
    pub born: Option<Date>,
    /// Numbers of the cases that went, while it can be undone.
    pub cases: Vec<String>,
    /// Ids of the providers.
    pub from: String,
    pub to: String,
    pub at: Timestamp,
    pub undo_until: Timestamp,
    pub undone: Option<Timestamp>,
    pub can_be_undone: bool,
}

const MOST: i64 = 500;

/// The latest first.
pub async fn list(tx: &mut Tx, now: Timestamp) -> store::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for row in records::list(tx, MOST).await? {
        let profile = identity::open_profile(tx, row.old_account, &row.old_profile).await?;
        let undo_until = row.undo_until.to_jiff();
        let can_be_undone = row.undone_at.is_none() && now < undo_until;
        listed.push(Listed {
            cases: if can_be_undone { records::numbers(tx, &row).await? } else { Vec::new() },
            can_be_undone,
            id: row.id,
            name: profile.name(),
            born: profile.value(Field::Birthdate).and_then(|born| born.parse().ok()),
            from: row.old_provider,
            to: row.new_provider,
            at: row.moved_at.to_jiff(),
            undo_until,
            undone: row.undone_at.map(|at| at.to_jiff()),
        });
    }
    Ok(listed)
}

/// The old account gets back what was taken out of it and is still there, both addresses hear of it, and the new account's
/// logins end. `false`: there is nothing of this id that could be undone.
///
/// The highest level stays raised in the account that had taken over: whoever has once reached what an ID protects is asked
/// for one again, and nobody who was wrong about an account is let in with less.
pub async fn undo(tx: &mut Tx, visit: &Visit, id: Uuid, clerk: Uuid, reason: &str) -> Result<bool> {
    let now = visit.portal.clock.now();
    let Some((old, new, moved)) = records::undo(tx, id, now).await? else { return Ok(false) };
    for account in [old.min(new), old.max(new)] {
        identity::hold(tx, account).await?;
    }
    records::give_back(tx, old, new, &moved).await?;
    let theirs = identity::profile(tx, old).await?;
    let providers = (identity::provider_of(tx, old).await?, identity::provider_of(tx, new).await?);
    let name = |id: Option<String>| id.map_or_else(String::new, |id| provider_name(&visit.tenant, &id));
    let (from, to) = (name(providers.0), name(providers.1));
    let mut addresses = vec![];
    if let Some(mut own) = identity::profile(tx, new).await? {
        give_up(&mut own.contact, &moved.contact_before, theirs.as_ref().map(|theirs| &theirs.contact));
        identity::save_profile(tx, new, &own).await?;
        identity::set_notified(tx, new, moved.notify_before).await?;
        addresses.push((new, own.address(), own.locale(&visit.tenant)));
    }
    addresses.extend(theirs.iter().map(|profile| (old, profile.address(), profile.locale(&visit.tenant))));
    for (account, address, locale) in addresses {
        let Some(address) = address else { continue };
        let speaks = Visit { locale, person: None, ..visit.clone() };
        let url = speaks.whole_url("/kontakt");
        let letter = write(&UndoneMail::of(&from, &to, url), &speaks)?;
        mail::send_to_person(tx, now, account, letter, address, None).await?;
    }
    identity::end_all(tx, new).await?;
    for account in [old, new] {
        let details = json!({"move": id, "reason": reason});
        let entry = Entry::new(Actor::Staff(clerk), "move.undone").about(account).concerns([account]);
        audit::record(tx, now, entry.with(details)).await?;
    }
    Ok(true)
}

/// Takes away again what the move has filled in; what the person has written down since stays.
fn give_up(own: &mut Contact, before: &Contact, theirs: Option<&Contact>) {
    let Some(theirs) = theirs else { return };
    for (own, before, theirs) in [
        (&mut own.email, &before.email, &theirs.email),
        (&mut own.phone, &before.phone, &theirs.phone),
        (&mut own.locale, &before.locale, &theirs.locale),
    ] {
        if before.is_none() && own == theirs {
            *own = None;
        }
    }
}
