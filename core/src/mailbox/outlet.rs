//! The second outlet: what the town hall writes goes as a copy to the mailbox that the person's login provider keeps, such as
//! that of BundID.
//!
//! Invariant: the message lies in the Postkorb whatever becomes of its copy, and nobody waits for it. By law the Postkorb
//! counts: of a decision the other mailbox learns only that there is one.

mod folder;

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Kind, records};
pub use crate::delivery::State;
use crate::{
    audit::{self, Actor, Entry},
    delivery, identity,
    jobs::{self, Doing, Failed, Job, Order},
    statements,
    store::{self, TenantStore, Tx, stamp},
    tenant::{Tenant, schema::SecondMailbox},
    web::Visit,
};

/// The kind of the jobs.
pub const KIND: &str = "second-mailbox";

statements! {
    ADD = "insert into message_copies (tenant_id, message_id, provider, state, attempts, last_error, created_at, tried_at)
        values ($1, $2, $3, 'waiting', 0, null, $4, null) on conflict (tenant_id, message_id) do nothing";
    FIND = "select o.provider, o.state, m.thread_id
        from message_copies o join messages m on m.tenant_id = o.tenant_id and m.id = o.message_id
        where o.tenant_id = $1 and o.message_id = $2";
    TRIED = "update message_copies set state = $3, attempts = attempts + 1, last_error = $4, tried_at = $5
        where tenant_id = $1 and message_id = $2 and state = 'waiting'";
    FORGET = "delete from message_copies where tenant_id = $1 and message_id = $2";
    STRANDED = "select o.message_id, o.provider, t.account_id
        from message_copies o
        join messages m on m.tenant_id = o.tenant_id and m.id = o.message_id
        join threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
        where o.tenant_id = $1 and o.state = 'waiting' and coalesce(o.tried_at, o.created_at) < $2
        limit 1000";
    OF_THREAD = "select o.message_id, o.provider, o.state
        from message_copies o join messages m on m.tenant_id = o.tenant_id and m.id = o.message_id
        where o.tenant_id = $1 and m.thread_id = $2";
}

/// Another mailbox of the person. What is handed over twice under the same id is there once.
pub trait Outlet: Send + Sync {
    fn put<'a>(&'a self, note: &'a Note) -> BoxFuture<'a, Result<(), Failed>>;
}

/// The one that a provider's settings name.
fn at(mailbox: &SecondMailbox, tenant: &Tenant) -> Box<dyn Outlet> {
    let SecondMailbox { folder } = mailbox;
    Box::new(folder::Folder(folder.join(tenant.id.as_str())))
}

/// What is handed over. Has no `Debug`: what is written to people belongs into no log.
#[derive(Serialize)]
pub struct Note {
    /// Of the message, by which the other side knows it again.
    pub id: Uuid,
    /// The account here.
    pub to: Uuid,
    pub at: Timestamp,
    pub title: String,
    pub text: String,
    /// Where the message lies.
    pub url: String,
}

#[derive(Serialize, Deserialize)]
struct Asked {
    message: Uuid,
}

/// Orders the copy of a message that was just written; nothing where the person's provider has no mailbox for us.
pub(super) async fn order(
    tx: &mut Tx,
    tenant: &Tenant,
    account: Uuid,
    message: Uuid,
    now: Timestamp,
) -> store::Result<()> {
    if tenant.providers().iter().all(|provider| provider.mailbox.is_none()) {
        return Ok(());
    }
    let provider = identity::provider_of(tx, account).await?;
    let Some(id) = provider.filter(|id| mailbox_of(tenant, id).is_some()) else { return Ok(()) };
    if tx.query(ADD).bind(message).bind(id).bind(stamp(now)).run().await? == 0 {
        return Ok(());
    }
    let order = Order { kind: KIND, payload: &Asked { message }, run_at: now, once: None };
    jobs::enqueue(tx, now, order).await.map(drop)
}

fn mailbox_of<'a>(tenant: &'a Tenant, provider: &str) -> Option<&'a SecondMailbox> {
    tenant.provider(provider)?.mailbox.as_ref()
}

/// Copies of the messages of a thread, by the message: name of the provider, and how far it has come.
pub async fn of_thread(tx: &mut Tx, tenant: &Tenant, thread: Uuid) -> store::Result<HashMap<Uuid, (String, State)>> {
    let rows: Vec<(Uuid, String, String)> = tx.query(OF_THREAD).bind(thread).all().await?;
    let name = |id: String| tenant.provider(&id).map_or(id, |provider| provider.name.clone());
    Ok(rows.into_iter().map(|(message, id, state)| (message, (name(id), State::of_word(&state)))).collect())
}

/// The job [`KIND`].
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let Asked { message } = job.payload()?;
        let data_room = job.portal.store.for_tenant(&job.tenant);
        let mut tx = data_room.read().await?;
        let row: Option<(String, String, Uuid)> = tx.query(FIND).bind(message).optional().await?;
        let Some((provider, _, thread)) = row.filter(|(_, state, _)| State::of_word(state) == State::Waiting) else {
            return Ok(());
        };
        let note = note(&mut tx, &job, thread, message).await?;
        drop(tx);
        let Some(note) = note else { return Ok(forget(&job, message).await?) };
        let outcome = match mailbox_of(&job.tenant, &provider) {
            Some(mailbox) => at(mailbox, &job.tenant).put(&note).await,
            None => Err(Failed::ForGood(format!("the provider `{provider}` has no mailbox any more"))),
        };
        told(&job, &note, &provider, outcome).await
    })
}

/// `None`: it is nobody's any more.
async fn note(tx: &mut Tx, job: &Job, thread: Uuid, message: Uuid) -> store::Result<Option<Note>> {
    let Some(thread) = records::thread(tx, thread).await? else { return Ok(None) };
    let Some(account) = thread.account else { return Ok(None) };
    let Some(profile) = identity::profile(tx, account).await? else { return Ok(None) };
    let messages = records::messages(tx, thread.id).await?;
    let Some(message) = messages.into_iter().find(|it| it.id == message) else { return Ok(None) };
    let visit = Visit::to(job.portal.clone(), job.tenant.clone(), profile.locale(&job.tenant), "/");
    let text = match message.kind {
        Kind::Decision => visit.text("mailbox.elsewhere"),
        Kind::Message | Kind::Request => message.body,
    };
    let url = visit.whole_url(&format!("/postkorb/{}", thread.id));
    Ok(Some(Note { id: message.id, to: account, at: message.sent, title: thread.subject, text, url }))
}

async fn forget(job: &Job, message: Uuid) -> store::Result<()> {
    let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
    tx.query(FORGET).bind(message).run().await?;
    tx.commit().await
}

/// Writes down what became of it. What failed for good is shown at the desk, and is no job.
async fn told(job: &Job, note: &Note, provider: &str, outcome: Result<(), Failed>) -> Result<(), Failed> {
    let now = job.portal.clock.now();
    let (state, why) = match &outcome {
        Ok(()) => (State::Delivered, None),
        Err(failed) if job.gives_up(failed) => (State::Failed, Some(failed.to_string())),
        Err(failed) => (State::Waiting, Some(failed.to_string())),
    };
    let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
    let about = Told { message: note.id, to: Some(note.to), provider, why: why.as_deref() };
    about.write(&mut tx, state, now).await?;
    tx.commit().await?;
    match (state, why) {
        (State::Failed, Some(why)) => {
            tell(job.tenant.id.as_str(), provider, &why);
            Ok(())
        }
        (State::Waiting, _) => outcome,
        _ => Ok(()),
    }
}

struct Told<'a> {
    message: Uuid,
    /// Whose message it is.
    to: Option<Uuid>,
    provider: &'a str,
    why: Option<&'a str>,
}

impl Told<'_> {
    /// `false` if it came out before.
    async fn write(&self, tx: &mut Tx, state: State, now: Timestamp) -> store::Result<bool> {
        let why = self.why.map(str::to_owned);
        let query = tx.query(TRIED).bind(self.message).bind(state.word().to_owned()).bind(why).bind(stamp(now));
        let is_told = query.run().await? > 0;
        let deed = match state {
            State::Waiting => None,
            State::Delivered => Some("message.copied"),
            State::Failed => Some("message.not_copied"),
        };
        if let Some(deed) = deed.filter(|_| is_told) {
            let details = json!({"provider": self.provider, "why": self.why});
            let entry = Entry::new(Actor::System, deed).about(self.message).concerns(self.to).with(details);
            audit::record(tx, now, entry).await?;
        }
        Ok(is_told)
    }
}

fn tell(tenant: &str, provider: &str, why: &str) {
    tracing::error!(tenant, provider, "a copy of a message was not taken: {why}");
}

/// Copies whose job is gone without an outcome are not on their way any more. Says how many.
pub async fn sweep(store: &TenantStore, tenant: &str, now: Timestamp) -> store::Result<usize> {
    let mut gone = 0;
    let mut tx = store.write().await?;
    let stranded: Vec<(Uuid, String, Option<Uuid>)> =
        tx.query(STRANDED).bind(stamp(now - delivery::STRANDED)).all().await?;
    for (message, provider, to) in stranded {
        let why = Some(delivery::NOBODY_TOLD);
        if (Told { message, to, provider: &provider, why }).write(&mut tx, State::Failed, now).await? {
            tell(tenant, &provider, delivery::NOBODY_TOLD);
            gone += 1;
        }
    }
    tx.commit().await?;
    Ok(gone)
}
