//! Who did what: one chain of entries per town, written in the same transaction as the deed.
//!
//! Invariant: an entry carries a mark over all its columns and over the head of the chain before it, the head one over
//! the last entry; both are made with the town's key. So an entry that is changed, removed, moved or cut off the end is
//! found by [`verify`], and so is a trail that is gone while people are known. What cannot be found from inside: a whole
//! database, or all rows of one town, put back to an older state. Who fears that keeps what `portal audit verify --format
//! json` says in another place: the head of a chain stands in the entry after it as `previous`.

mod chain;
mod show;
mod verify;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use uuid::Uuid;

pub use show::{Shown, of_person, show};
pub use verify::{Broken, Fault, Verified, verify};

use crate::{
    statements,
    store::{Result, Tx, stamp},
};
use chain::{Link, details, head_mark};

statements! {
    /// Takes the next number; on PostgreSQL whoever records for the same town waits here until this deed is done.
    NEXT = "update audit_heads set seq = seq + 1 where tenant_id = $1 returning seq, mark";
    /// Where the head was lost, the chain goes on after the last entry, and the gap in the marks is found.
    BEGIN = "insert into audit_heads (tenant_id, seq, mark)
        select $1, coalesce(max(seq), 0), $2 from audit where tenant_id = $1
        on conflict (tenant_id) do nothing";
    ADD = "insert into audit (tenant_id, seq, at, actor, actor_id, deed, subject, details, previous, mark)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    MOVE_HEAD = "update audit_heads set mark = $3 where tenant_id = $1 and seq = $2";
    HEAD = "select seq, mark from audit_heads where tenant_id = $1";
    PAGE = "select seq, at, actor, actor_id, deed, subject, details, previous, mark
        from audit where tenant_id = $1 and seq > $2 order by seq limit $3";
    LAST = "select seq, at, actor, actor_id, deed, subject, details, previous, mark
        from audit where tenant_id = $1 and (cast($2 as text) is null or subject = $2 or actor_id = $3)
        order by seq desc limit $4";
    /// A guest's account ends with the session: nobody could ever ask. As long as a move can be undone, what concerns the
    /// account that has taken over concerns the other one as well: it may be given everything back.
    CONCERNS = "insert into audit_persons (tenant_id, account_id, seq)
        select $1, id, $3 from accounts where tenant_id = $1 and not guest and id in
            (select id from accounts where tenant_id = $1 and id = $2 union all
             select old_account from moves
                where tenant_id = $1 and new_account = $2 and undone_at is null and undo_until > $4)
        on conflict do nothing";
    /// With what concerned the account that moved here when the provider changed.
    OF_PERSON = "select distinct a.seq, a.at, a.actor, a.actor_id, a.deed, a.subject, a.details, a.previous, a.mark
        from audit_persons p join audit a on a.tenant_id = p.tenant_id and a.seq = p.seq
        where p.tenant_id = $1 and p.seq < $3 and p.account_id in
            (select id from accounts where tenant_id = $1 and id = $2 union all
             select old_account from moves where tenant_id = $1 and new_account = $2 and undone_at is null)
        order by a.seq desc limit $4";
    HAND_OVER = "insert into audit_persons (tenant_id, account_id, seq)
        select $1, $3, seq from audit_persons where tenant_id = $1 and account_id = $2 on conflict do nothing";
    FORGET = "delete from audit_persons where tenant_id = $1 and account_id = $2";
    /// Whoever is known to a town has done something there.
    KNOWN = "select id from accounts where tenant_id = $1 union all select id from staff where tenant_id = $1
        union all select id from cases where tenant_id = $1 limit 1";
}

/// Who did it. Ids are those of accounts: they name nobody by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Citizen(Uuid),
    Staff(Uuid),
    /// Somebody with a shell on the server.
    Operator,
    /// The portal by itself: a date, a job.
    System,
}

impl Actor {
    fn columns(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Citizen(id) => ("citizen", Some(id)),
            Self::Staff(id) => ("staff", Some(id)),
            Self::Operator => ("operator", None),
            Self::System => ("system", None),
        }
    }
}

/// One deed to be recorded.
#[derive(Clone)]
pub struct Entry {
    actor: Actor,
    deed: &'static str,
    subject: Option<String>,
    concerns: Vec<Uuid>,
    details: Value,
}

impl Entry {
    /// `deed` is a noun and what happened to it: `session.opened`.
    pub fn new(actor: Actor, deed: &'static str) -> Self {
        let concerns = match actor {
            Actor::Citizen(account) => vec![account],
            Actor::Staff(_) | Actor::Operator | Actor::System => Vec::new(),
        };
        Self { actor, deed, subject: None, concerns, details: Value::Null }
    }

    /// The id of what it was done to; it stands in the database as it is, so never a name.
    pub fn about(self, subject: impl ToString) -> Self {
        Self { subject: Some(subject.to_string()), ..self }
    }

    /// The accounts whose data it was: their people are told ([`of_person`]). A citizen's own deeds concern them anyway.
    pub fn concerns(mut self, accounts: impl IntoIterator<Item = Uuid>) -> Self {
        self.concerns.extend(accounts);
        self
    }

    /// Whatever else is worth knowing; it is sealed.
    pub fn with(self, details: Value) -> Self {
        Self { details, ..self }
    }
}

/// Adds an entry to the chain of the transaction's town. It is the last thing a deed does before its commit: other
/// deeds of the same town wait from here on.
pub async fn record(tx: &mut Tx, now: Timestamp, entry: Entry) -> Result<()> {
    let sealer = tx.sealer().await?;
    tx.is_waited_for();
    let head = match tx.query(NEXT).optional::<Head>().await? {
        Some(head) => head,
        None => {
            tx.query(BEGIN).bind(head_mark(&sealer, 0, &[])).run().await?;
            tx.query(NEXT).optional::<Head>().await?.expect("the head has just been written")
        }
    };
    let concerns: BTreeSet<Uuid> = entry.concerns.into_iter().collect();
    let (actor, actor_id) = entry.actor.columns();
    let mut link = Link {
        seq: head.seq,
        at: to_the_microsecond(now).to_sqlx(),
        actor: actor.to_owned(),
        actor_id,
        deed: entry.deed.to_owned(),
        subject: entry.subject,
        details: sealer.seal_json(details(&head.seq.to_string()), &entry.details),
        previous: head.mark,
        mark: Vec::new(),
    };
    link.mark = link.made_mark(&sealer, link.seq);
    let next = head_mark(&sealer, link.seq, &link.mark);
    let seq = link.seq;
    tx.query(ADD)
        .bind(link.seq)
        .bind(link.at)
        .bind(link.actor)
        .bind(link.actor_id)
        .bind(link.deed)
        .bind(link.subject)
        .bind(link.details)
        .bind(link.previous)
        .bind(link.mark)
        .run()
        .await?;
    tx.query(MOVE_HEAD).bind(seq).bind(next).run().await?;
    for account in concerns {
        tx.query(CONCERNS).bind(account).bind(seq).bind(stamp(now)).run().await?;
    }
    Ok(())
}

/// Entries no longer say that they concern an account, but its heir, if it has one. Asked for after a [`record`] of the same
/// transaction: whoever records meanwhile waits, and finds the account gone.
pub(crate) async fn forget_person(tx: &mut Tx, account: Uuid, heir: Option<Uuid>) -> Result<()> {
    if let Some(heir) = heir {
        tx.query(HAND_OVER).bind(account).bind(heir).run().await?;
    }
    tx.query(FORGET).bind(account).run().await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Head {
    seq: i64,
    mark: Vec<u8>,
}

/// What both databases keep of a moment.
fn to_the_microsecond(moment: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(moment.as_microsecond()).expect("a moment with fewer digits")
}
