//! A login from its first click to the session: begun in a browser, answered by a provider, used once.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    person::{Delivered, Profile},
    records::{self, LoginRow, NewAccount, NewLogin, NewSession},
    return_to::ReturnTo,
    switch,
};
use crate::{
    audit::{self, Actor, Entry},
    crypto::{Cell, digest, token},
    moves,
    store::{Error, Result, Tx},
    tenant::schema::Level,
};

/// How long somebody may take at the provider.
pub const LASTS: SignedDuration = SignedDuration::from_mins(15);

/// What somebody wants from a login.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Id of the provider.
    pub provider: String,
    /// At least this level.
    pub level: Level,
    pub return_to: ReturnTo,
    /// The login that runs in this browser, which the new one takes the place of.
    pub session: Option<Uuid>,
    /// It has to come back as the same person.
    pub step_up: bool,
}

/// What a provider's answer is held against; sealed while the person is away.
#[derive(Default, Serialize, Deserialize)]
pub struct Secrets {
    /// SAML: the id of the request.
    #[serde(default)]
    pub request: String,
    /// OpenID Connect.
    #[serde(default)]
    pub nonce: String,
    #[serde(default)]
    pub pkce_verifier: String,
    /// An account of the portal's own whose password was right, while its code is still to come.
    #[serde(default)]
    pub account: Option<Uuid>,
}

/// A login that has begun and was answered.
pub struct Pending {
    pub level: Level,
    pub return_to: ReturnTo,
    pub step_up: bool,
    pub secrets: Secrets,
    pub begun: Timestamp,
    session: Option<Uuid>,
}

impl Pending {
    /// A login that needs no way to anybody else: the portal's own page has the answer in it.
    pub fn at_once(intent: Intent, now: Timestamp) -> Self {
        let Intent { level, return_to, session, step_up, .. } = intent;
        Self { level, return_to, step_up, secrets: Secrets::default(), begun: now, session }
    }

    /// The same login once more.
    pub fn again(self, provider: &str) -> Intent {
        let Self { level, return_to, step_up, session, .. } = self;
        Intent { provider: provider.to_owned(), level, return_to, session, step_up }
    }
}

/// Why an answer belongs to no login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// Too late, used before, or never begun here.
    Expired,
    /// Another browser, or one that keeps no cookies.
    NoCookie,
}

/// Writes down a login that begins; `handle` finds it again, `browser` is the cookie it is bound to.
pub async fn begin(
    tx: &mut Tx,
    intent: Intent,
    handle: &str,
    browser: &str,
    secrets: &Secrets,
    now: Timestamp,
) -> Result<()> {
    let handle = digest(handle);
    let secrets = tx.sealer().await?.seal_json(secrets_of(&row(&handle)), secrets);
    let new = NewLogin {
        handle,
        browser: digest(browser),
        provider: intent.provider,
        level: intent.level,
        return_to: intent.return_to.as_str().to_owned(),
        session: intent.session,
        step_up: intent.step_up,
        secrets,
        expires: now + LASTS,
    };
    records::begin_login(tx, new, now).await
}

/// Takes a login out: whatever becomes of the answer, there is no second try. The caller commits before it looks at the
/// answer.
pub async fn take(
    tx: &mut Tx,
    provider: &str,
    handle: &str,
    browser: Option<&str>,
    now: Timestamp,
) -> Result<Result<Pending, Gone>> {
    let handle = digest(handle);
    let Some(found) = records::take_login(tx, handle.clone(), provider).await? else { return Ok(Err(Gone::Expired)) };
    if found.expires() <= now {
        return Ok(Err(Gone::Expired));
    }
    // digests of random texts: how long the comparison takes tells nothing
    if browser.is_none_or(|browser| digest(browser) != found.browser) {
        return Ok(Err(Gone::NoCookie));
    }
    let LoginRow { ref return_to, ref secrets, step_up, session_id, .. } = found;
    let secrets = tx.sealer().await?.open_json(secrets_of(&row(&handle)), secrets)?;
    let return_to = ReturnTo::parse(return_to).ok_or_else(|| Error::Refused("a way back that is none".into()))?;
    Ok(Ok(Pending { level: found.level(), return_to, step_up, secrets, begun: found.created(), session: session_id }))
}

/// Why somebody whom the provider vouches for is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotLetIn {
    /// Less than what was asked for.
    TooLow { reached: Level },
    /// A step-up came back as somebody else.
    OtherAccount,
    /// This answer has been used before.
    Replayed,
    /// The town hall has switched the provider off meanwhile.
    SwitchedOff,
    /// What was in this account belongs to one of the new provider.
    Moved,
}

/// A session that has begun: its cookie.
pub struct LetIn {
    pub token: Zeroizing<String>,
    /// Code of the language the person chose.
    pub locale: Option<String>,
}

/// How a login is told to whoever reads the trail of deeds.
fn opened(account: Uuid, provider: &str, level: Level) -> Entry {
    let details = serde_json::json!({"provider": provider, "level": level.word()});
    Entry::new(Actor::Citizen(account), "session.opened").with(details)
}

/// An answer that must not be used twice: its id at the provider, and until when it would be believed.
pub struct Answer<'a> {
    pub id: &'a str,
    pub expires: Timestamp,
}

/// Lets somebody in: account found or made, details refreshed, the old session of this browser replaced by a new one.
pub async fn complete(
    tx: &mut Tx,
    provider: &str,
    pending: &Pending,
    delivered: Delivered,
    answer: Option<Answer<'_>>,
    device: String,
    now: Timestamp,
) -> Result<Result<LetIn, NotLetIn>> {
    if switch::is_off(tx, provider).await? {
        return Ok(Err(NotLetIn::SwitchedOff));
    }
    if delivered.level < pending.level {
        return Ok(Err(NotLetIn::TooLow { reached: delivered.level }));
    }
    if let Some(Answer { id, expires }) = answer
        && !records::use_answer(tx, provider, id, expires).await?
    {
        return Ok(Err(NotLetIn::Replayed));
    }
    let Delivered { subject, level, method, specimen, details } = delivered;
    let guest = subject.is_none();
    let subject = subject.unwrap_or_else(|| token().to_string());
    let mark = tx.sealer().await?.mark("subject", &[provider.as_bytes(), subject.as_bytes()]);
    let known = records::hold_account_of(tx, provider, &mark).await?;
    let (account, mut profile) = match known {
        Some((account, profile)) => (Some(account), profile),
        None => (None, Profile::default()),
    };
    if pending.step_up && !is_same(tx, pending.session, account).await? {
        return Ok(Err(NotLetIn::OtherAccount));
    }
    if let Some(account) = account
        && moves::has_moved(tx, account).await?
    {
        return Ok(Err(NotLetIn::Moved));
    }
    profile.refresh(details);
    profile.highest = profile.highest.max(level);
    let account = match account {
        Some(account) => {
            records::log_in_account(tx, account, &profile, now).await?;
            account
        }
        None => {
            let new = NewAccount { provider, subject: mark.clone(), guest, profile: &profile };
            match records::add_account(tx, new, now).await? {
                Some(account) => account,
                // the same person logged in elsewhere at this very moment
                None => records::hold_account_of(tx, provider, &mark).await?.ok_or(Error::Dangling)?.0,
            }
        }
    };
    if let Some(old) = pending.session {
        records::replace_session(tx, old).await?;
    }
    let cookie = token();
    let new = NewSession { account, token: digest(&cookie), level, method, specimen, device };
    records::add_session(tx, new, now).await?;
    audit::record(tx, now, opened(account, provider, level)).await?;
    Ok(Ok(LetIn { token: cookie, locale: profile.contact.locale }))
}

/// Whether an account may take the place of the one that was logged in: it is the same, or that one has logged out
/// meanwhile and nobody is mixed up with anybody.
async fn is_same(tx: &mut Tx, session: Option<Uuid>, account: Option<Uuid>) -> Result<bool> {
    let Some(session) = session else { return Ok(true) };
    let before = records::account_of(tx, session).await?;
    Ok(before.is_none() || before == account)
}

fn row(handle: &[u8]) -> String {
    Uuid::from_slice(&handle[..16]).expect("a digest has more than 16 bytes").to_string()
}

fn secrets_of(row: &str) -> Cell<'_> {
    Cell { table: "pending_logins", row, column: "secrets" }
}
