//! A login that lasts: found by its cookie, worth less with time, ended by the person.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    local,
    person::{Method, Profile},
    provider::Logins,
    records::{self, SessionRow},
    standing::{Standing, standing},
};
use crate::{
    audit::{self, Actor, Entry},
    clock::local_zone,
    crypto::digest,
    store::{Result, TenantStore, Tx},
    tenant::{
        Tenant,
        schema::{Level, People},
    },
    web::Person,
};

/// A sign of life is written at most this often, so that a page view is no write.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// Somebody who is logged in, as of this moment.
#[derive(Debug)]
pub struct Session {
    pub id: Uuid,
    pub account: Uuid,
    /// Id of the provider in `identity.yaml`.
    pub provider: String,
    pub standing: Standing,
    /// When the person proved who they are.
    pub authenticated: Timestamp,
    pub method: Method,
    /// What the login was worth when it began.
    pub entered: Level,
    /// Without an account: nothing is kept for a next time.
    pub guest: bool,
    pub profile: Profile,
    /// Threads of the Postkorb with something new, when the request came.
    pub unread: u32,
    /// When the account goes, because its person wants that.
    pub leaves: Option<Timestamp>,
}

impl Session {
    pub fn level(&self) -> Level {
        self.standing.level
    }

    /// Whether it is that of an account of the portal's own.
    pub fn is_own_account(&self, tenant: &Tenant) -> bool {
        tenant.provider(&self.provider).is_some_and(|provider| provider.is_own_account())
    }

    /// As the header of every page names them.
    pub fn person(&self, tenant: &Tenant) -> Person {
        let person = Person::new(
            self.profile.name(),
            provider_name(tenant, &self.provider),
            self.level(),
            Some(time_of_day(self.standing.until)),
        );
        let person = Person { unread: self.unread, leaves: self.leaves.is_some(), ..person };
        if self.guest { person.as_guest() } else { person }
    }
}

/// `14:35`, as clocks in the town show it.
pub fn time_of_day(moment: Timestamp) -> String {
    let local = moment.to_zoned(local_zone());
    format!("{}:{:02}", local.hour(), local.minute())
}

/// What people call it; an account outlives its provider's entry.
pub fn provider_name(tenant: &Tenant, id: &str) -> String {
    let known = tenant.provider(id);
    known.map_or_else(|| id.to_owned(), |provider| provider.name.clone())
}

/// Whose session this is, if it still is one. Writes down from time to time that it was seen, and at once that its
/// level has decayed; if that cannot be written the answer is the same.
pub async fn recognise(
    store: &TenantStore,
    tenant: &Tenant,
    logins: &Logins,
    token: &str,
    now: Timestamp,
) -> Result<Option<Session>> {
    let mut tx = store.read().await?;
    let Some(row) = records::find_session(&mut tx, digest(token)).await? else { return Ok(None) };
    let Some(standing) = standing(row.level(), row.authenticated(), row.seen(), now) else { return Ok(None) };
    if !still_vouches(tenant, logins, &row) {
        return Ok(None);
    }
    let profile = row.profile(&mut tx).await?;
    drop(tx);
    let is_due = standing.level != row.level() || now.duration_since(row.seen()) >= SEEN_EVERY;
    if is_due && let Err(error) = see(store, &row, standing.level, now).await {
        tracing::warn!(%error, "a session could not be marked as seen");
    }
    // a sign of life puts off the end
    let standing = super::standing(standing.level, row.authenticated(), now, now).unwrap_or(standing);
    Ok(Some(Session {
        id: row.id,
        account: row.account_id,
        method: row.method(),
        authenticated: row.authenticated(),
        leaves: row.leaves(),
        entered: row.entered(),
        unread: row.unread(),
        guest: row.guest,
        provider: row.provider,
        standing,
        profile,
    }))
}

/// A session needs its provider among those of today, and of the kind it came by: no specimen outlives the simulator.
fn still_vouches(tenant: &Tenant, logins: &Logins, row: &SessionRow) -> bool {
    let provider = tenant.provider(&row.provider).filter(|provider| provider.is_for(People::Citizens));
    provider.is_some_and(|provider| logins.plays(tenant, provider) == row.is_specimen())
}

async fn see(store: &TenantStore, row: &SessionRow, level: Level, now: Timestamp) -> Result<()> {
    let mut tx = store.note().await?;
    records::see_session(&mut tx, row.id, level, now, now - SEEN_EVERY).await?;
    tx.commit().await
}

/// One of a person's logins, as the list of them shows it.
pub struct Listed {
    pub id: Uuid,
    /// `Firefox/Windows`: what the browser said of itself, without its version.
    pub device: String,
    pub since: Timestamp,
    pub seen: Timestamp,
    pub method: Method,
}

/// The running logins of an account, those seen last first.
pub async fn of_account(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<Vec<Listed>> {
    let rows = records::sessions_of(tx, account).await?;
    let listed = rows.into_iter().filter_map(|row| {
        standing(row.level(), row.authenticated(), row.seen(), now)?;
        let (since, seen, method) = (row.created(), row.seen(), row.method());
        Some(Listed { id: row.id, device: row.device, since, seen, method })
    });
    Ok(listed.collect())
}

/// Which logins to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    One(Uuid),
    Others,
    All,
}

/// Ends logins of the session's account; tells how many there were.
pub async fn end(tx: &mut Tx, session: &Session, which: End, now: Timestamp) -> Result<u64> {
    let ended = match which {
        End::One(id) => u64::from(records::end_session(tx, id, session.account).await?),
        End::Others => records::end_others(tx, session.account, session.id).await?,
        End::All => records::end_all(tx, session.account).await?,
    };
    if ended > 0 {
        let entry = Entry::new(Actor::Citizen(session.account), "session.ended");
        audit::record(tx, now, entry.with(serde_json::json!({"sessions": ended}))).await?;
    }
    Ok(ended)
}

/// Takes away logins, answers, guests and registrations of a town that have had their time; says how many registrations.
pub async fn sweep(store: &TenantStore, now: Timestamp) -> Result<u64> {
    let mut tx = store.write().await?;
    records::sweep(&mut tx, now).await?;
    let lapsed = local::forget(&mut tx, now).await?;
    tx.commit().await?;
    Ok(lapsed)
}

/// Browser and system as the browser names them, without versions: enough to know one's own devices, too little to know
/// a person by. `""` if it says nothing we know.
pub fn device(user_agent: Option<&str>) -> String {
    let Some(agent) = user_agent else { return String::new() };
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| agent.contains(sign)).map_or("", |(_, name)| *name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    if browser.is_empty() && system.is_empty() { String::new() } else { format!("{browser}/{system}") }
}
