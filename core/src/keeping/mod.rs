//! Keeping and deleting: cases and messages go when their time is over, a person's data on request, and what is kept is
//! given out whole.
//!
//! Invariant: a case goes with everything that belongs to it, in one transaction with its line in the trail, and never while
//! it is on hold or its day has not come. A person who is forgotten leaves the town's files, cut off from the account.

mod case_file;
mod departure;
pub mod doors;
mod export;
pub mod pages;
mod records;
mod seen;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

pub use case_file::file_of_case;
pub use departure::{KIND, Left, leave, stay, take_up, work};
pub use export::{Everything, everything_as_zip, everything_of};
pub(crate) use records::STATEMENTS;
pub use records::departure_of;

use crate::{
    audit::{self, Actor, Entry},
    cases::{self, EventKind, Who},
    identity, jobs,
    mailbox::{self, decisions},
    moves,
    store::{Result, TenantStore, Tx},
    tenant::Tenant,
};

/// So many go in one transaction; others write in between.
const AT_ONCE: i64 = 50;

/// A case whose time is over.
#[derive(Debug, Clone, Serialize)]
pub struct Expired {
    #[serde(skip)]
    pub id: Uuid,
    /// Whose it is.
    #[serde(skip)]
    pub account: Option<Uuid>,
    pub number: String,
    pub service: String,
    pub keep_until: Timestamp,
}

/// What goes, or would go.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Due {
    pub cases: Vec<Expired>,
    /// Conversations without a case.
    pub threads: u64,
}

/// How many went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    pub cases: u64,
    pub threads: u64,
}

/// What would go if it were `until`; at most 10,000 cases are named.
pub async fn due(tx: &mut Tx, tenant: &Tenant, until: Timestamp) -> Result<Due> {
    let cases = records::expired(tx, until, 10_000).await?;
    let threads = records::count_silent(tx, silent_since(tenant, until)).await?;
    Ok(Due { cases, threads })
}

/// Deletes what is over, some at a time.
pub async fn sweep(store: &TenantStore, tenant: &Tenant, now: Timestamp) -> Result<Swept> {
    let mut swept = Swept::default();
    loop {
        let mut tx = store.write().await?;
        let gone = sweep_some(&mut tx, tenant, now).await?;
        if gone == Swept::default() {
            return Ok(swept);
        }
        tx.commit().await?;
        swept = Swept { cases: swept.cases + gone.cases, threads: swept.threads + gone.threads };
    }
}

async fn sweep_some(tx: &mut Tx, tenant: &Tenant, now: Timestamp) -> Result<Swept> {
    let mut gone = Vec::new();
    for case in records::expired(tx, now, AT_ONCE).await? {
        if records::delete_case(tx, case.id, now).await? {
            gone.push(case);
        }
    }
    let threads = records::delete_silent(tx, silent_since(tenant, now), AT_ONCE, now).await?;
    for case in &gone {
        tell_gone(tx, case, Actor::System, now).await?;
    }
    let count = threads.len() as u64;
    if count > 0 {
        let entry = Entry::new(Actor::System, "messages.expired").concerns(threads.into_iter().flatten());
        audit::record(tx, now, entry.with(json!({"threads": count}))).await?;
    }
    Ok(Swept { cases: gone.len() as u64, threads: count })
}

/// By the mark of its number somebody who knows the number finds the line again.
async fn tell_gone(tx: &mut Tx, case: &Expired, actor: Actor, now: Timestamp) -> Result<()> {
    let mark = tx.sealer().await?.mark("number of a case that is gone", &[case.number.as_bytes()]);
    let mark: String = mark.iter().map(|byte| format!("{byte:02x}")).collect();
    let details = json!({"number_mark": mark, "service": case.service, "kept_until": case.keep_until.to_string()});
    audit::record(tx, now, Entry::new(actor, "case.expired").about(case.id).concerns(case.account).with(details)).await
}

fn silent_since(tenant: &Tenant, now: Timestamp) -> Timestamp {
    let days = SignedDuration::from_hours(i64::from(tenant.town.cases.keep_messages_days) * 24);
    now.checked_sub(days).unwrap_or(Timestamp::MIN)
}

/// What became of a person's data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    pub sessions: u64,
    /// Logins that had begun.
    pub logins: u64,
    pub drafts: u64,
    /// Conversations without a case, with their messages.
    pub threads: u64,
    /// Cases whose time was over.
    pub cases_deleted: u64,
    /// Cases that stay with the town until their own day, cut off from the account.
    pub cases_kept: u64,
    /// Of these, cases that are not over yet.
    pub cases_open: u64,
    /// Decisions that nobody has opened, and that go by post now.
    pub letters: u64,
}

/// Deletes an account and everything that is the person's own, mails that wait for them among it. Cases are the town's
/// files: those whose time is over go, the others stay without their link to the account, and what lies in them unopened
/// goes by post. Accounts that were taken over into this one go with it; if this one was taken over, what the trail says of
/// it is read in the other from here on. `None`: there is no such account. Whoever does not commit has looked only.
pub async fn forget_person(tx: &mut Tx, account: Uuid, actor: Actor, now: Timestamp) -> Result<Option<Forgotten>> {
    if !identity::hold(tx, account).await? {
        return Ok(None);
    }
    let heir = moves::moved_to(tx, account).await?;
    // what the person had before is theirs as well
    let mut all = vec![account];
    let mut asked = 0;
    while let Some(known) = all.get(asked).copied() {
        asked += 1;
        for old in moves::moved_into(tx, known).await? {
            if !all.contains(&old) && identity::hold(tx, old).await? {
                all.push(old);
            }
        }
    }
    let mut emptied = Vec::with_capacity(all.len());
    for id in all {
        emptied.push((id, empty(tx, id, now).await?));
    }
    // from the first entry of the trail on everybody else in town waits for this deed: it must not wait for them any more
    let mut forgotten = Forgotten::default();
    for (id, gone) in emptied.into_iter().rev() {
        forgotten = tell_forgotten(tx, id, gone, actor, now).await?;
        audit::forget_person(tx, id, heir.filter(|_| id == account)).await?;
    }
    Ok(Some(forgotten))
}

/// What an account left.
struct Emptied {
    forgotten: Forgotten,
    expired: Vec<Expired>,
    kept: Vec<Uuid>,
}

/// Takes everything away, and holds the cases that stay. Nothing of it stands in the trail yet.
async fn empty(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<Emptied> {
    let mut expired = Vec::new();
    for case in records::expired_of(tx, account, now).await? {
        if records::delete_case(tx, case.id, now).await? {
            expired.push(case);
        }
    }
    let kept = records::cases_of(tx, account).await?;
    for case in &kept {
        cases::hold(tx, *case).await?;
    }
    let (cases_kept, cases_open) = records::cut_off(tx, account, now).await?;
    jobs::forget_person(tx, account).await?;
    let forgotten = Forgotten {
        logins: records::delete_logins(tx, account).await?,
        sessions: records::delete_sessions(tx, account).await?,
        drafts: records::delete_drafts(tx, account, now).await?,
        threads: records::delete_threads(tx, account, now).await?,
        cases_deleted: expired.len() as u64,
        cases_kept,
        cases_open,
        letters: 0,
    };
    records::delete_account(tx, account).await?;
    Ok(Emptied { forgotten, expired, kept })
}

async fn tell_forgotten(tx: &mut Tx, account: Uuid, gone: Emptied, actor: Actor, now: Timestamp) -> Result<Forgotten> {
    let Emptied { mut forgotten, expired, kept } = gone;
    for case in kept {
        let letters = decisions::abandon(tx, case, now).await? + mailbox::unread_by_post(tx, case).await?;
        cases::note(tx, case, EventKind::PersonLeft, Who::System, json!({"letters": letters}), now).await?;
        forgotten.letters += letters;
    }
    for case in &expired {
        tell_gone(tx, case, actor, now).await?;
    }
    let entry = Entry::new(actor, "person.forgotten").about(account).with(json!(forgotten));
    audit::record(tx, now, entry).await?;
    Ok(forgotten)
}

/// The account that a case belongs to, for whoever knows its number only.
pub async fn account_of_case(tx: &mut Tx, number: &str) -> Result<Option<Uuid>> {
    records::account_of(tx, number).await
}
