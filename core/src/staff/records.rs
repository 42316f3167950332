//! Clerks and their sessions, as rows.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::logins::LOCAL;
use crate::{
    credentials::Credentials,
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx},
};

statements! {
    FIND = "select id, provider, profile, credentials, totp_step, failures, locked_until, disabled from staff
        where tenant_id = $1 and provider = $2 and login = $3";
    GET = "select id, provider, profile, credentials, totp_step, failures, locked_until, disabled from staff
        where tenant_id = $1 and id = $2";
    ALL = "select id, provider, profile, credentials, totp_step, failures, locked_until, disabled from staff
        where tenant_id = $1 order by created_at";
    ADD = "insert into staff
        (tenant_id, id, provider, login, profile, credentials, totp_step, failures, locked_until, disabled, created_at)
        values ($1, $2, $3, $4, $5, $6, 0, 0, null, false, $7) on conflict (tenant_id, provider, login) do nothing";
    SET_PROFILE = "update staff set profile = $3 where tenant_id = $1 and id = $2";
    SET_CREDENTIALS = "update staff set credentials = $3, failures = 0, locked_until = null
        where tenant_id = $1 and id = $2";
    TRY_CODE = "update staff set failures = failures + 1 where tenant_id = $1 and id = $2 and not disabled
        and (locked_until is null or locked_until <= $3) returning failures";
    LOCK = "update staff set locked_until = $3, failures = 0 where tenant_id = $1 and id = $2";
    USE_STEP = "update staff set totp_step = $3, failures = 0 where tenant_id = $1 and id = $2 and totp_step < $3";
    DISABLE = "update staff set disabled = $3 where tenant_id = $1 and id = $2";

    ADD_SESSION = "insert into staff_sessions (tenant_id, id, token, staff_id, stage, secret, created_at, seen_at)
        values ($1, $2, $3, $4, $5, $6, $7, $7)";
    FIND_SESSION = "select id, staff_id, stage, secret, created_at, seen_at from staff_sessions
        where tenant_id = $1 and token = $2";
    /// Of views at the same moment one is enough.
    SEE_SESSION = "update staff_sessions set seen_at = $3 where tenant_id = $1 and id = $2 and seen_at <= $4";
    END_SESSION = "delete from staff_sessions where tenant_id = $1 and id = $2";
    END_ALL = "delete from staff_sessions where tenant_id = $1 and staff_id = $2";
    END_ALL_BY = "delete from staff_sessions where tenant_id = $1 and staff_id in
        (select id from staff where tenant_id = $1 and provider = $2)";
    FORGET = "delete from staff_sessions where tenant_id = $1 and created_at < $2";
}

/// Who a clerk is and what the town hall has given them; sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Profile {
    pub login: String,
    pub name: String,
    /// Ids of roles in the town's file.
    pub roles: Vec<String>,
    pub department: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct StaffRow {
    pub id: Uuid,
    pub provider: String,
    profile: Sealed,
    credentials: Option<Sealed>,
    pub totp_step: i64,
    locked_until: Option<At>,
    pub disabled: bool,
}

impl StaffRow {
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.disabled || self.locked_until.is_some_and(|until| until.to_jiff() > now)
    }

    pub fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    pub async fn profile(&self, tx: &mut Tx) -> Result<Profile> {
        Ok(tx.sealer().await?.open_json(cell(&self.id.to_string(), "profile"), &self.profile)?)
    }

    pub async fn credentials(&self, tx: &mut Tx) -> Result<Option<Credentials>> {
        let Some(sealed) = &self.credentials else { return Ok(None) };
        Ok(Some(tx.sealer().await?.open_json(cell(&self.id.to_string(), "credentials"), sealed)?))
    }
}

/// Names of the portal's own accounts are compared without capitals; what a provider calls a person is taken as it is.
pub(super) async fn mark_of(tx: &mut Tx, provider: &str, login: &str) -> Result<Vec<u8>> {
    let login = if provider == LOCAL { login.trim().to_lowercase() } else { login.to_owned() };
    Ok(tx.sealer().await?.mark("staff", &[provider.as_bytes(), login.as_bytes()]))
}

pub(super) async fn find(tx: &mut Tx, provider: &str, login: &[u8]) -> Result<Option<StaffRow>> {
    tx.query(FIND).bind(provider.to_owned()).bind(login.to_owned()).optional().await
}

pub(super) async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<StaffRow>> {
    tx.query(GET).bind(id).optional().await
}

pub(super) async fn all(tx: &mut Tx) -> Result<Vec<StaffRow>> {
    tx.query(ALL).all().await
}

/// `None` if there is such an account already.
pub(super) async fn add(
    tx: &mut Tx,
    provider: &str,
    login: Vec<u8>,
    profile: &Profile,
    credentials: Option<&Credentials>,
    now: Timestamp,
) -> Result<Option<Uuid>> {
    let id = crate::crypto::id();
    let row = id.to_string();
    let sealer = tx.sealer().await?;
    let profile = sealer.seal_json(cell(&row, "profile"), profile);
    let credentials = credentials.map(|credentials| sealer.seal_json(cell(&row, "credentials"), credentials));
    let query = tx.query(ADD).bind(id).bind(provider.to_owned()).bind(login).bind(profile).bind(credentials);
    Ok((query.bind(now.to_sqlx()).run().await? > 0).then_some(id))
}

pub(super) async fn set_profile(tx: &mut Tx, id: Uuid, profile: &Profile) -> Result<()> {
    let sealed = tx.sealer().await?.seal_json(cell(&id.to_string(), "profile"), profile);
    tx.query(SET_PROFILE).bind(id).bind(sealed).run().await?;
    Ok(())
}

pub(super) async fn set_credentials(tx: &mut Tx, id: Uuid, credentials: &Credentials) -> Result<()> {
    let sealed = tx.sealer().await?.seal_json(cell(&id.to_string(), "credentials"), credentials);
    tx.query(SET_CREDENTIALS).bind(id).bind(sealed).run().await?;
    Ok(())
}

/// Counts a try before anybody looks at the code, so that many at once stand in line; how many there were without a right
/// one. `None` while the account rests.
pub(super) async fn try_code(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<Option<i64>> {
    let tries = tx.query(TRY_CODE).bind(id).bind(now.to_sqlx()).optional::<(i64,)>().await?;
    Ok(tries.map(|(tries,)| tries))
}

pub(super) async fn lock(tx: &mut Tx, id: Uuid, until: Timestamp) -> Result<()> {
    tx.query(LOCK).bind(id).bind(until.to_sqlx()).run().await?;
    Ok(())
}

/// `false` if this code has been used before.
pub(super) async fn use_step(tx: &mut Tx, id: Uuid, step: i64) -> Result<bool> {
    Ok(tx.query(USE_STEP).bind(id).bind(step).run().await? > 0)
}

pub(super) async fn set_disabled(tx: &mut Tx, id: Uuid, disabled: bool) -> Result<()> {
    tx.query(DISABLE).bind(id).bind(disabled).run().await?;
    Ok(())
}

/// How far a clerk's login has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The password was right, the code is still to come.
    Password,
    In,
}

#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    pub id: Uuid,
    pub staff_id: Uuid,
    stage: String,
    secret: Option<Sealed>,
    created_at: At,
    seen_at: At,
}

impl SessionRow {
    pub fn stage(&self) -> Stage {
        if self.stage == "in" { Stage::In } else { Stage::Password }
    }

    pub fn created(&self) -> Timestamp {
        self.created_at.to_jiff()
    }

    pub fn seen(&self) -> Timestamp {
        self.seen_at.to_jiff()
    }

    /// The secret that an app is being set up with.
    pub async fn secret(&self, tx: &mut Tx) -> Result<Option<Vec<u8>>> {
        let Some(sealed) = &self.secret else { return Ok(None) };
        let opened = tx.sealer().await?.open(secret_of(&self.id.to_string()), sealed)?;
        Ok(Some(opened.to_vec()))
    }
}

pub(super) async fn add_session(
    tx: &mut Tx,
    staff: Uuid,
    token: Vec<u8>,
    stage: Stage,
    secret: Option<&[u8]>,
    now: Timestamp,
) -> Result<()> {
    let id = crate::crypto::id();
    let secret = match secret {
        Some(secret) => Some(tx.sealer().await?.seal(secret_of(&id.to_string()), secret)),
        None => None,
    };
    let stage = if stage == Stage::In { "in" } else { "password" };
    let query = tx.query(ADD_SESSION).bind(id).bind(token).bind(staff).bind(stage.to_owned()).bind(secret);
    query.bind(now.to_sqlx()).run().await?;
    Ok(())
}

pub(super) async fn find_session(tx: &mut Tx, token: Vec<u8>) -> Result<Option<SessionRow>> {
    tx.query(FIND_SESSION).bind(token).optional().await
}

/// Marks it as seen, unless somebody did since `before`.
pub(super) async fn see_session(tx: &mut Tx, id: Uuid, now: Timestamp, before: Timestamp) -> Result<()> {
    tx.query(SEE_SESSION).bind(id).bind(now.to_sqlx()).bind(before.to_sqlx()).run().await?;
    Ok(())
}

pub(super) async fn end_session(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.query(END_SESSION).bind(id).run().await?;
    Ok(())
}

pub(super) async fn end_all(tx: &mut Tx, staff: Uuid) -> Result<()> {
    tx.query(END_ALL).bind(staff).run().await?;
    Ok(())
}

/// Ends the sessions of everybody who came by a provider.
pub(crate) async fn end_all_by(tx: &mut Tx, provider: &str) -> Result<u64> {
    tx.query(END_ALL_BY).bind(provider.to_owned()).run().await
}

pub(super) async fn forget_before(tx: &mut Tx, then: Timestamp) -> Result<()> {
    tx.query(FORGET).bind(then.to_sqlx()).run().await?;
    Ok(())
}

fn cell<'a>(row: &'a str, column: &'static str) -> Cell<'a> {
    Cell { table: "staff", row, column }
}

fn secret_of(row: &str) -> Cell<'_> {
    Cell { table: "staff_sessions", row, column: "secret" }
}
