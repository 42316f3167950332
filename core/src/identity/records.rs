//! Accounts, sessions and logins that have begun, as rows.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx};
use uuid::Uuid;

use super::{
    person::{Method, Profile},
    standing::LONGEST,
};
use crate::{
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx},
    tenant::schema::Level,
};

statements! {
    /// With the threads of the Postkorb that hold something new, which the header tells.
    FIND_SESSION = "select s.id, s.account_id, s.level, s.entered, s.method, s.device, s.created_at, s.authenticated_at, s.seen_at,
            a.provider, a.guest, a.profile, (select count(*) from threads t
                where t.tenant_id = $1 and t.account_id = s.account_id and t.unread_citizen > 0) as unread,
            (select due_at from departures d where d.tenant_id = $1 and d.account_id = s.account_id) as leaves
        from sessions s join accounts a on a.tenant_id = s.tenant_id and a.id = s.account_id
        where s.tenant_id = $1 and s.token = $2";
    SESSIONS_OF = "select s.id, s.account_id, s.level, s.entered, s.method, s.device, s.created_at, s.authenticated_at, s.seen_at,
            a.provider, a.guest, a.profile, cast(0 as bigint) as unread,
            (select due_at from departures d where d.tenant_id = $1 and d.account_id = s.account_id) as leaves
        from sessions s join accounts a on a.tenant_id = s.tenant_id and a.id = s.account_id
        where s.tenant_id = $1 and s.account_id = $2 order by s.seen_at desc";
    ADD_SESSION = "insert into sessions
        (tenant_id, id, token, account_id, level, entered, method, device, created_at, authenticated_at, seen_at)
        values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $8, $8)";
    /// Of views at the same moment one is enough.
    SEE_SESSION = "update sessions set seen_at = $3, level = $4
        where tenant_id = $1 and id = $2 and seen_at < $3 and (seen_at <= $5 or level <> $4)";
    END_SESSION = "delete from sessions where tenant_id = $1 and id = $2 and account_id = $3";
    REPLACE_SESSION = "delete from sessions where tenant_id = $1 and id = $2";
    END_OTHERS = "delete from sessions where tenant_id = $1 and account_id = $2 and id <> $3";
    END_ALL = "delete from sessions where tenant_id = $1 and account_id = $2";
    END_ALL_BY = "delete from sessions where tenant_id = $1 and account_id in
        (select id from accounts where tenant_id = $1 and provider = $2)";
    ACCOUNT_OF = "select account_id from sessions where tenant_id = $1 and id = $2";
    FORGET_SESSIONS = "delete from sessions where tenant_id = $1 and authenticated_at < $2";
    FORGET_GUESTS = "delete from accounts where tenant_id = $1 and guest and id not in
        (select account_id from sessions where tenant_id = $1)";

    HOLD_ACCOUNT_OF = "update accounts set guest = guest where tenant_id = $1 and provider = $2 and subject = $3
        returning id, profile";
    ADD_ACCOUNT = "insert into accounts (tenant_id, id, provider, subject, guest, profile, created_at, logged_in_at)
        values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (tenant_id, provider, subject) do nothing";
    PROFILE_OF = "select profile from accounts where tenant_id = $1 and id = $2";
    HOLD_ACCOUNT = "update accounts set guest = guest where tenant_id = $1 and id = $2";
    SAVE_PROFILE = "update accounts set profile = $3 where tenant_id = $1 and id = $2";
    /// With an account, in the order of their ids.
    ACCOUNTS_OF = "select id, profile from accounts
        where tenant_id = $1 and provider = $2 and not guest and id > $3 order by id limit $4";
    PROVIDER_OF = "select provider from accounts where tenant_id = $1 and id = $2 and not guest";
    IS_NOTIFIED = "select notify from accounts where tenant_id = $1 and id = $2";
    SET_NOTIFIED = "update accounts set notify = $3 where tenant_id = $1 and id = $2";
    LOG_IN_ACCOUNT = "update accounts set profile = $3, logged_in_at = $4 where tenant_id = $1 and id = $2";

    BEGIN_LOGIN = "insert into pending_logins
        (tenant_id, handle, browser, provider, level, return_to, session_id, step_up, secrets, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    TAKE_LOGIN = "delete from pending_logins where tenant_id = $1 and handle = $2 and provider = $3
        returning browser, level, return_to, session_id, step_up, secrets, created_at, expires_at";
    FORGET_LOGINS = "delete from pending_logins where tenant_id = $1 and expires_at < $2";
    USE_ANSWER = "insert into used_answers (tenant_id, provider, answer, expires_at) values ($1, $2, $3, $4)
        on conflict (tenant_id, provider, answer) do nothing";
    FORGET_ANSWERS = "delete from used_answers where tenant_id = $1 and expires_at < $2";

    SWITCHED_OFF = "select provider from provider_switches where for_tenant = $1";
    SWITCH_OFF = "insert into provider_switches (for_tenant, provider, off_since, reason) values ($1, $2, $3, $4)
        on conflict (for_tenant, provider) do update set reason = excluded.reason";
    SWITCH_ON = "delete from provider_switches where for_tenant = $1 and provider = $2";
}

/// Stands before the method of a session that the simulator began.
const SPECIMEN: &str = "specimen:";

/// A session with its account.
#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    pub id: Uuid,
    pub account_id: Uuid,
    level: i64,
    entered: i64,
    method: String,
    pub device: String,
    created_at: At,
    authenticated_at: At,
    seen_at: At,
    pub provider: String,
    pub guest: bool,
    profile: Sealed,
    unread: i64,
    leaves: Option<At>,
}

impl SessionRow {
    pub fn level(&self) -> Level {
        level_of(self.level)
    }

    /// The level with which it began.
    pub fn entered(&self) -> Level {
        level_of(self.entered)
    }

    pub fn method(&self) -> Method {
        Method::of_word(self.method.strip_prefix(SPECIMEN).unwrap_or(&self.method))
    }

    /// Nobody vouched for it: the simulator of a town that was not live.
    pub fn is_specimen(&self) -> bool {
        self.method.starts_with(SPECIMEN)
    }

    pub fn created(&self) -> Timestamp {
        self.created_at.to_jiff()
    }

    pub fn authenticated(&self) -> Timestamp {
        self.authenticated_at.to_jiff()
    }

    pub fn seen(&self) -> Timestamp {
        self.seen_at.to_jiff()
    }

    pub fn unread(&self) -> u32 {
        u32::try_from(self.unread).unwrap_or_default()
    }

    /// When the account goes, because its person wants that.
    pub fn leaves(&self) -> Option<Timestamp> {
        self.leaves.map(|at| at.to_jiff())
    }

    pub async fn profile(&self, tx: &mut Tx) -> Result<Profile> {
        open_profile(tx, self.account_id, &self.profile).await
    }
}

pub(super) async fn find_session(tx: &mut Tx, token: Vec<u8>) -> Result<Option<SessionRow>> {
    tx.query(FIND_SESSION).bind(token).optional().await
}

/// Those seen last come first.
pub(super) async fn sessions_of(tx: &mut Tx, account: Uuid) -> Result<Vec<SessionRow>> {
    tx.query(SESSIONS_OF).bind(account).all().await
}

pub(super) struct NewSession {
    pub account: Uuid,
    pub token: Vec<u8>,
    pub level: Level,
    pub method: Method,
    pub specimen: bool,
    pub device: String,
}

pub(super) async fn add_session(tx: &mut Tx, new: NewSession, now: Timestamp) -> Result<Uuid> {
    let id = crate::crypto::id();
    let NewSession { account, token, level, method, specimen, device } = new;
    let method = format!("{}{}", if specimen { SPECIMEN } else { "" }, method.word());
    let query = tx.query(ADD_SESSION).bind(id).bind(token).bind(account).bind(number_of(level));
    query.bind(method).bind(device).bind(now.to_sqlx()).run().await?;
    Ok(id)
}

/// Marks it as seen, unless somebody did since `before`.
pub(super) async fn see_session(tx: &mut Tx, id: Uuid, level: Level, now: Timestamp, before: Timestamp) -> Result<()> {
    let query = tx.query(SEE_SESSION).bind(id).bind(now.to_sqlx()).bind(number_of(level));
    query.bind(before.to_sqlx()).run().await?;
    Ok(())
}

pub(super) async fn end_session(tx: &mut Tx, id: Uuid, account: Uuid) -> Result<bool> {
    Ok(tx.query(END_SESSION).bind(id).bind(account).run().await? > 0)
}

/// The session that a new login takes the place of.
pub(super) async fn replace_session(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.query(REPLACE_SESSION).bind(id).run().await?;
    Ok(())
}

pub(super) async fn end_others(tx: &mut Tx, account: Uuid, but: Uuid) -> Result<u64> {
    tx.query(END_OTHERS).bind(account).bind(but).run().await
}

pub(super) async fn end_all(tx: &mut Tx, account: Uuid) -> Result<u64> {
    tx.query(END_ALL).bind(account).run().await
}

pub(super) async fn end_all_by(tx: &mut Tx, provider: &str) -> Result<u64> {
    tx.query(END_ALL_BY).bind(provider.to_owned()).run().await
}

/// `None` if the session has ended.
pub(super) async fn account_of(tx: &mut Tx, session: Uuid) -> Result<Option<Uuid>> {
    Ok(tx.query(ACCOUNT_OF).bind(session).optional::<(Uuid,)>().await?.map(|(account,)| account))
}

/// Finds an account and holds it: what somebody else is writing into it now is not lost.
pub(super) async fn hold_account_of(tx: &mut Tx, provider: &str, subject: &[u8]) -> Result<Option<(Uuid, Profile)>> {
    let query = tx.query(HOLD_ACCOUNT_OF).bind(provider.to_owned()).bind(subject.to_owned());
    let Some((id, sealed)) = query.optional::<(Uuid, Sealed)>().await? else { return Ok(None) };
    Ok(Some((id, open_profile(tx, id, &sealed).await?)))
}

pub(super) async fn profile(tx: &mut Tx, account: Uuid) -> Result<Option<Profile>> {
    let Some((sealed,)) = tx.query(PROFILE_OF).bind(account).optional::<(Sealed,)>().await? else { return Ok(None) };
    open_profile(tx, account, &sealed).await.map(Some)
}

pub(super) async fn open_profile(tx: &mut Tx, account: Uuid, sealed: &Sealed) -> Result<Profile> {
    Ok(tx.sealer().await?.open_json(profile_of(&account.to_string()), sealed)?)
}

/// `false`: there is no such account.
pub(super) async fn hold(tx: &mut Tx, account: Uuid) -> Result<bool> {
    Ok(tx.query(HOLD_ACCOUNT).bind(account).run().await? > 0)
}

pub(super) async fn save_profile(tx: &mut Tx, id: Uuid, profile: &Profile) -> Result<()> {
    let profile = tx.sealer().await?.seal_json(profile_of(&id.to_string()), profile);
    tx.query(SAVE_PROFILE).bind(id).bind(profile).run().await?;
    Ok(())
}

/// So many are opened at once.
const OPENED_AT_ONCE: i64 = 500;

/// Some accounts of a provider, those after `after` in the order of their ids; none: that was all.
pub(super) async fn accounts_of(tx: &mut Tx, provider: &str, after: Uuid) -> Result<Vec<(Uuid, Profile)>> {
    let query = tx.query(ACCOUNTS_OF).bind(provider.to_owned()).bind(after).bind(OPENED_AT_ONCE);
    let rows: Vec<(Uuid, Sealed)> = query.all().await?;
    let mut accounts = Vec::with_capacity(rows.len());
    for (id, sealed) in rows {
        accounts.push((id, open_profile(tx, id, &sealed).await?));
    }
    Ok(accounts)
}

/// `None`: it is gone, or a guest's.
pub(super) async fn provider_of(tx: &mut Tx, account: Uuid) -> Result<Option<String>> {
    Ok(tx.query(PROVIDER_OF).bind(account).optional::<(String,)>().await?.map(|(provider,)| provider))
}

pub(super) async fn is_notified(tx: &mut Tx, account: Uuid) -> Result<bool> {
    let found: Option<(bool,)> = tx.query(IS_NOTIFIED).bind(account).optional().await?;
    Ok(found.is_some_and(|(on,)| on))
}

pub(super) async fn set_notified(tx: &mut Tx, account: Uuid, on: bool) -> Result<()> {
    tx.query(SET_NOTIFIED).bind(account).bind(on).run().await?;
    Ok(())
}

pub(super) struct NewAccount<'a> {
    pub provider: &'a str,
    pub subject: Vec<u8>,
    pub guest: bool,
    pub profile: &'a Profile,
}

/// `None` if another login of the same person made it at this moment.
pub(super) async fn add_account(tx: &mut Tx, new: NewAccount<'_>, now: Timestamp) -> Result<Option<Uuid>> {
    let id = crate::crypto::id();
    let profile = tx.sealer().await?.seal_json(profile_of(&id.to_string()), new.profile);
    let query = tx.query(ADD_ACCOUNT).bind(id).bind(new.provider.to_owned()).bind(new.subject).bind(new.guest);
    Ok((query.bind(profile).bind(now.to_sqlx()).run().await? > 0).then_some(id))
}

pub(super) async fn log_in_account(tx: &mut Tx, id: Uuid, profile: &Profile, now: Timestamp) -> Result<()> {
    let profile = tx.sealer().await?.seal_json(profile_of(&id.to_string()), profile);
    tx.query(LOG_IN_ACCOUNT).bind(id).bind(profile).bind(now.to_sqlx()).run().await?;
    Ok(())
}

/// A login that has begun, as it is kept.
pub(super) struct NewLogin {
    pub handle: Vec<u8>,
    pub browser: Vec<u8>,
    pub provider: String,
    pub level: Level,
    pub return_to: String,
    pub session: Option<Uuid>,
    pub step_up: bool,
    pub secrets: Sealed,
    pub expires: Timestamp,
}

pub(super) async fn begin_login(tx: &mut Tx, new: NewLogin, now: Timestamp) -> Result<()> {
    let query = tx.query(BEGIN_LOGIN).bind(new.handle).bind(new.browser).bind(new.provider);
    let query = query.bind(number_of(new.level)).bind(new.return_to).bind(new.session).bind(new.step_up);
    query.bind(new.secrets).bind(now.to_sqlx()).bind(new.expires.to_sqlx()).run().await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct LoginRow {
    pub browser: Vec<u8>,
    level: i64,
    pub return_to: String,
    pub session_id: Option<Uuid>,
    pub step_up: bool,
    pub secrets: Sealed,
    created_at: At,
    expires_at: At,
}

impl LoginRow {
    pub fn level(&self) -> Level {
        level_of(self.level)
    }

    pub fn created(&self) -> Timestamp {
        self.created_at.to_jiff()
    }

    pub fn expires(&self) -> Timestamp {
        self.expires_at.to_jiff()
    }
}

/// Whoever takes it is the only one.
pub(super) async fn take_login(tx: &mut Tx, handle: Vec<u8>, provider: &str) -> Result<Option<LoginRow>> {
    tx.query(TAKE_LOGIN).bind(handle).bind(provider.to_owned()).optional().await
}

/// `false` if this answer has been used before.
pub(super) async fn use_answer(tx: &mut Tx, provider: &str, answer: &str, expires: Timestamp) -> Result<bool> {
    let mark = tx.sealer().await?.mark("answer", &[provider.as_bytes(), answer.as_bytes()]);
    let query = tx.query(USE_ANSWER).bind(provider.to_owned()).bind(mark).bind(expires.to_sqlx());
    Ok(query.run().await? > 0)
}

/// Takes away what has had its time.
pub(super) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<()> {
    tx.query(FORGET_LOGINS).bind(now.to_sqlx()).run().await?;
    tx.query(FORGET_ANSWERS).bind(now.to_sqlx()).run().await?;
    tx.query(FORGET_SESSIONS).bind((now - LONGEST).to_sqlx()).run().await?;
    tx.query(FORGET_GUESTS).run().await?;
    crate::moves::lapse(tx, now).await?;
    super::own_data::sweep(tx, now).await
}

/// Ids of providers that nobody logs in with for now.
pub(super) async fn switched_off(tx: &mut Tx) -> Result<Vec<String>> {
    Ok(tx.query(SWITCHED_OFF).all::<(String,)>().await?.into_iter().map(|(provider,)| provider).collect())
}

pub(super) async fn switch_off(tx: &mut Tx, provider: &str, reason: &str, now: Timestamp) -> Result<()> {
    let query = tx.query(SWITCH_OFF).bind(provider.to_owned()).bind(now.to_sqlx()).bind(reason.to_owned());
    query.run().await?;
    Ok(())
}

pub(super) async fn switch_on(tx: &mut Tx, provider: &str) -> Result<bool> {
    Ok(tx.query(SWITCH_ON).bind(provider.to_owned()).run().await? > 0)
}

fn profile_of(account: &str) -> Cell<'_> {
    Cell { table: "accounts", row: account, column: "profile" }
}

fn number_of(level: Level) -> i64 {
    match level {
        Level::None | Level::Basis => 1,
        Level::Substantiell => 2,
        Level::Hoch => 3,
    }
}

fn level_of(number: i64) -> Level {
    match number {
        3 => Level::Hoch,
        2 => Level::Substantiell,
        _ => Level::Basis,
    }
}
