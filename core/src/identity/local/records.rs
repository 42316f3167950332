//! Accounts of the portal's own, registrations and links for a new password, as rows.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx};
use uuid::Uuid;

use super::{Own, registration::Written};
use crate::{
    credentials::Credentials,
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx, stamp},
};

statements! {
    /// Of the provider the account has today: one that has moved elsewhere has nothing to log in with here.
    FIND = "select l.account_id, l.details, l.credentials, l.totp_step, l.locked_until
        from local_logins l join accounts a on a.tenant_id = l.tenant_id and a.id = l.account_id
        where l.tenant_id = $1 and l.name = $2 and a.provider = $3";
    GET = "select account_id, details, credentials, totp_step, locked_until from local_logins
        where tenant_id = $1 and account_id = $2";
    BY_NAME = "select account_id from local_logins where tenant_id = $1 and name = $2";
    BY_ADDRESS = "select account_id from local_logins where tenant_id = $1 and address = $2";
    /// By another account, or by one that may still object to having lost it.
    TAKEN = "select account_id from local_logins where tenant_id = $1 and address = $2
        union all select account_id from address_changes
            where tenant_id = $1 and login = $2 and confirmed_at is not null";
    SET_ADDRESS = "update local_logins set address = $3, details = $4 where tenant_id = $1 and account_id = $2";
    ADD = "insert into local_logins (tenant_id, account_id, name, address, details, credentials, totp_step, failures, locked_until)
        values ($1, $2, $3, $4, $5, $6, 0, 0, null) on conflict do nothing";
    SET_CREDENTIALS = "update local_logins set credentials = $3, failures = 0, locked_until = null
        where tenant_id = $1 and account_id = $2";
    /// Only in the place of those that were looked at.
    REPLACE_CREDENTIALS = "update local_logins set credentials = $4, failures = 0, locked_until = null
        where tenant_id = $1 and account_id = $2 and credentials = $3";
    /// Whoever changed them meanwhile was faster; how many tries there were stays.
    FORGET_COMING = "update local_logins set credentials = $3
        where tenant_id = $1 and account_id = $2 and credentials = $4";
    TRY = "update local_logins set failures = failures + 1 where tenant_id = $1 and account_id = $2
        and (locked_until is null or locked_until <= $3) returning failures";
    LOCK = "update local_logins set locked_until = $3, failures = 0 where tenant_id = $1 and account_id = $2";
    SUCCEED = "update local_logins set failures = 0 where tenant_id = $1 and account_id = $2";
    USE_STEP = "update local_logins set totp_step = $3, failures = 0
        where tenant_id = $1 and account_id = $2 and totp_step < $3";

    BEGIN = "insert into registrations
        (tenant_id, id, browser, link, provider, address, details, stage, tries, created_at, expires_at)
        values ($1, $2, $3, null, $4, $5, $6, 'draft', 0, $7, $8)";
    BY_BROWSER = "select id, browser, provider, address, details, stage, tries, expires_at from registrations
        where tenant_id = $1 and browser = $2 and expires_at > $3";
    BY_LINK = "select id, browser, provider, address, details, stage, tries, expires_at from registrations
        where tenant_id = $1 and link = $2 and expires_at > $3";
    BY_ID = "select id, browser, provider, address, details, stage, tries, expires_at from registrations
        where tenant_id = $1 and id = $2 and expires_at > $3";
    DROP_DRAFT = "delete from registrations where tenant_id = $1 and browser = $2 and stage = 'draft'";
    ASK = "update registrations set stage = 'asked', created_at = $4, expires_at = $5
        where tenant_id = $1 and browser = $2 and stage = 'draft' and expires_at > $3 returning id";
    /// How many mails went to an address of late.
    MAILED = "select count(*) from registrations
        where tenant_id = $1 and address = $2 and stage in ('mailed', 'silent')";
    MARK_MAILED = "update registrations set stage = 'mailed', link = $3 where tenant_id = $1 and id = $2";
    MARK_SILENT = "update registrations set stage = 'silent' where tenant_id = $1 and id = $2";
    TRY_LINK = "update registrations set tries = tries + 1 where tenant_id = $1 and link = $2 and tries < $3
        and expires_at > $4 returning tries";
    OF_ADDRESS = "select id from registrations where tenant_id = $1 and address = $2 order by id";
    HOLD = "update registrations set tries = tries where tenant_id = $1 and id = $2";
    /// Whoever confirms one has no use for the others.
    CONFIRMED = "delete from registrations where tenant_id = $1 and address = $2";
    LAPSED = "delete from registrations where tenant_id = $1 and expires_at <= $2";

    ADD_RESET = "insert into password_resets (tenant_id, link, account_id, created_at, expires_at)
        values ($1, $2, $3, $4, $5)";
    RESETS = "select count(*) from password_resets where tenant_id = $1 and account_id = $2 and created_at > $3";
    RESET = "select account_id from password_resets where tenant_id = $1 and link = $2 and expires_at > $3";
    TAKE_RESET = "delete from password_resets where tenant_id = $1 and link = $2 and expires_at > $3 returning account_id";
    DROP_RESETS = "delete from password_resets where tenant_id = $1 and account_id = $2";
    LAPSED_RESETS = "delete from password_resets where tenant_id = $1 and created_at <= $2";
}

#[derive(sqlx::FromRow)]
pub(super) struct LoginRow {
    pub account_id: Uuid,
    details: Sealed,
    credentials: Sealed,
    pub totp_step: i64,
    locked_until: Option<At>,
}

impl LoginRow {
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| until.to_jiff() > now)
    }

    pub async fn own(&self, tx: &mut Tx) -> Result<Own> {
        Ok(tx.sealer().await?.open_json(cell(&self.account_id.to_string(), "details"), &self.details)?)
    }

    pub async fn credentials(&self, tx: &mut Tx) -> Result<Credentials> {
        Ok(tx.sealer().await?.open_json(cell(&self.account_id.to_string(), "credentials"), &self.credentials)?)
    }
}

pub(super) async fn find(tx: &mut Tx, name: Vec<u8>, provider: &str) -> Result<Option<LoginRow>> {
    tx.query(FIND).bind(name).bind(provider.to_owned()).optional().await
}

pub(super) async fn get(tx: &mut Tx, account: Uuid) -> Result<Option<LoginRow>> {
    tx.query(GET).bind(account).optional().await
}

pub(super) async fn has_name(tx: &mut Tx, name: &[u8]) -> Result<bool> {
    Ok(tx.query(BY_NAME).bind(name.to_owned()).optional::<(Uuid,)>().await?.is_some())
}

pub(super) async fn by_address(tx: &mut Tx, address: &[u8]) -> Result<Option<Uuid>> {
    Ok(tx.query(BY_ADDRESS).bind(address.to_owned()).optional::<(Uuid,)>().await?.map(|(account,)| account))
}

/// Whether an address belongs to somebody else than `but`, as far as links of the portal's own accounts go.
pub(super) async fn is_taken(tx: &mut Tx, address: &[u8], but: Option<Uuid>) -> Result<bool> {
    let owners: Vec<(Uuid,)> = tx.query(TAKEN).bind(address.to_owned()).all().await?;
    Ok(owners.into_iter().any(|(owner,)| Some(owner) != but))
}

pub(super) async fn set_address(tx: &mut Tx, account: Uuid, mark: Vec<u8>, own: &Own) -> Result<()> {
    let sealed = tx.sealer().await?.seal_json(cell(&account.to_string(), "details"), own);
    tx.query(SET_ADDRESS).bind(account).bind(mark).bind(sealed).run().await?;
    Ok(())
}

/// `false` if somebody has the name or the address already.
pub(super) async fn add(
    tx: &mut Tx,
    account: Uuid,
    marks: (Vec<u8>, Vec<u8>),
    own: &Own,
    credentials: &Credentials,
) -> Result<bool> {
    let (name, address) = marks;
    let row = account.to_string();
    let sealer = tx.sealer().await?;
    let details = sealer.seal_json(cell(&row, "details"), own);
    let credentials = sealer.seal_json(cell(&row, "credentials"), credentials);
    let query = tx.query(ADD).bind(account).bind(name).bind(address).bind(details).bind(credentials);
    Ok(query.run().await? > 0)
}

pub(super) async fn set_credentials(tx: &mut Tx, account: Uuid, credentials: &Credentials) -> Result<()> {
    let sealed = tx.sealer().await?.seal_json(cell(&account.to_string(), "credentials"), credentials);
    tx.query(SET_CREDENTIALS).bind(account).bind(sealed).run().await?;
    Ok(())
}

/// `false`: somebody has changed them since the row was read.
pub(super) async fn replace_credentials(tx: &mut Tx, row: &LoginRow, credentials: &Credentials) -> Result<bool> {
    let account = row.account_id;
    let sealed = tx.sealer().await?.seal_json(cell(&account.to_string(), "credentials"), credentials);
    let query = tx.query(REPLACE_CREDENTIALS).bind(account).bind(row.credentials.clone()).bind(sealed);
    Ok(query.run().await? > 0)
}

/// An app that was about to be set up is not.
pub(super) async fn forget_coming(tx: &mut Tx, row: &LoginRow, known: Credentials) -> Result<()> {
    let account = row.account_id.to_string();
    let sealed = tx.sealer().await?.seal_json(cell(&account, "credentials"), &Credentials { coming: None, ..known });
    let query = tx.query(FORGET_COMING).bind(row.account_id).bind(sealed).bind(row.credentials.clone());
    query.run().await?;
    Ok(())
}

/// Counts a try before anybody looks at the proof, so that many at once stand in line; how many there were without a right
/// one. `None` while the account rests.
pub(super) async fn try_proof(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<Option<i64>> {
    let tries = tx.query(TRY).bind(account).bind(stamp(now)).optional::<(i64,)>().await?;
    Ok(tries.map(|(tries,)| tries))
}

pub(super) async fn lock(tx: &mut Tx, account: Uuid, until: Timestamp) -> Result<()> {
    tx.query(LOCK).bind(account).bind(stamp(until)).run().await?;
    Ok(())
}

pub(super) async fn succeed(tx: &mut Tx, account: Uuid) -> Result<()> {
    tx.query(SUCCEED).bind(account).run().await?;
    Ok(())
}

/// `false` if this code has been used before.
pub(super) async fn use_step(tx: &mut Tx, account: Uuid, step: i64) -> Result<bool> {
    Ok(tx.query(USE_STEP).bind(account).bind(step).run().await? > 0)
}

#[derive(sqlx::FromRow)]
pub(super) struct RegistrationRow {
    pub id: Uuid,
    pub browser: Vec<u8>,
    pub provider: String,
    pub address: Vec<u8>,
    details: Sealed,
    pub stage: String,
    /// How often somebody has tried its link.
    pub tries: i64,
    expires_at: At,
}

impl RegistrationRow {
    pub fn expires(&self) -> Timestamp {
        self.expires_at.to_jiff()
    }

    pub async fn written(&self, tx: &mut Tx) -> Result<Written> {
        Ok(tx.sealer().await?.open_json(written_of(&self.id.to_string()), &self.details)?)
    }
}

/// Takes the place of a draft of the same browser.
pub(super) async fn begin(
    tx: &mut Tx,
    browser: Vec<u8>,
    provider: &str,
    address: Vec<u8>,
    written: &Written,
    (now, expires): (Timestamp, Timestamp),
) -> Result<()> {
    let id = crate::crypto::id();
    let sealed = tx.sealer().await?.seal_json(written_of(&id.to_string()), written);
    let query = tx.query(BEGIN).bind(id).bind(browser).bind(provider.to_owned()).bind(address).bind(sealed);
    query.bind(now.to_sqlx()).bind(stamp(expires)).run().await?;
    Ok(())
}

pub(super) async fn drop_draft(tx: &mut Tx, browser: Vec<u8>) -> Result<()> {
    tx.query(DROP_DRAFT).bind(browser).run().await?;
    Ok(())
}

pub(super) async fn by_browser(tx: &mut Tx, browser: Vec<u8>, now: Timestamp) -> Result<Option<RegistrationRow>> {
    tx.query(BY_BROWSER).bind(browser).bind(stamp(now)).optional().await
}

pub(super) async fn by_link(tx: &mut Tx, link: Vec<u8>, now: Timestamp) -> Result<Option<RegistrationRow>> {
    tx.query(BY_LINK).bind(link).bind(stamp(now)).optional().await
}

pub(super) async fn by_id(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<Option<RegistrationRow>> {
    tx.query(BY_ID).bind(id).bind(stamp(now)).optional().await
}

/// `None` if there is no draft that could be sent off.
pub(super) async fn ask(tx: &mut Tx, browser: Vec<u8>, (now, expires): (Timestamp, Timestamp)) -> Result<Option<Uuid>> {
    let query = tx.query(ASK).bind(browser).bind(stamp(now)).bind(now.to_sqlx()).bind(stamp(expires));
    Ok(query.optional::<(Uuid,)>().await?.map(|(id,)| id))
}

/// How many mails about registrations went to an address since the oldest that is kept.
pub(super) async fn mailed_to(tx: &mut Tx, address: &[u8]) -> Result<i64> {
    let count = tx.query(MAILED).bind(address.to_owned()).optional::<(i64,)>().await?;
    Ok(count.map_or(0, |(count,)| count))
}

pub(super) async fn mark_mailed(tx: &mut Tx, id: Uuid, link: Vec<u8>) -> Result<()> {
    tx.query(MARK_MAILED).bind(id).bind(link).run().await?;
    Ok(())
}

pub(super) async fn mark_silent(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.query(MARK_SILENT).bind(id).run().await?;
    Ok(())
}

/// `false`: too often, or there is no such link.
pub(super) async fn try_link(tx: &mut Tx, link: Vec<u8>, most: i64, now: Timestamp) -> Result<bool> {
    let query = tx.query(TRY_LINK).bind(link).bind(most).bind(stamp(now));
    Ok(query.optional::<(i64,)>().await?.is_some())
}

/// Lets everybody else who confirms a registration of this address wait, whichever it is.
pub(super) async fn hold_all_of(tx: &mut Tx, address: &[u8]) -> Result<()> {
    let rows: Vec<(Uuid,)> = tx.query(OF_ADDRESS).bind(address.to_owned()).all().await?;
    for (id,) in rows {
        tx.query(HOLD).bind(id).run().await?;
    }
    Ok(())
}

pub(super) async fn confirmed(tx: &mut Tx, address: Vec<u8>) -> Result<()> {
    tx.query(CONFIRMED).bind(address).run().await?;
    Ok(())
}

pub(super) async fn lapse(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.query(LAPSED).bind(stamp(now)).run().await
}

pub(super) async fn add_reset(
    tx: &mut Tx,
    link: Vec<u8>,
    account: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<()> {
    tx.query(ADD_RESET).bind(link).bind(account).bind(stamp(now)).bind(stamp(until)).run().await?;
    Ok(())
}

pub(super) async fn resets_since(tx: &mut Tx, account: Uuid, since: Timestamp) -> Result<i64> {
    let count = tx.query(RESETS).bind(account).bind(stamp(since)).optional::<(i64,)>().await?;
    Ok(count.map_or(0, |(count,)| count))
}

pub(super) async fn reset(tx: &mut Tx, link: Vec<u8>, now: Timestamp) -> Result<Option<Uuid>> {
    Ok(tx.query(RESET).bind(link).bind(stamp(now)).optional::<(Uuid,)>().await?.map(|(account,)| account))
}

/// Whoever takes it is the only one.
pub(super) async fn take_reset(tx: &mut Tx, link: Vec<u8>, now: Timestamp) -> Result<Option<Uuid>> {
    Ok(tx.query(TAKE_RESET).bind(link).bind(stamp(now)).optional::<(Uuid,)>().await?.map(|(account,)| account))
}

pub(super) async fn drop_resets(tx: &mut Tx, account: Uuid) -> Result<()> {
    tx.query(DROP_RESETS).bind(account).run().await?;
    Ok(())
}

/// Links are remembered a day, so that mails to one address can be counted.
pub(super) async fn lapse_resets(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.query(LAPSED_RESETS).bind(stamp(before)).run().await
}

fn cell<'a>(row: &'a str, column: &'static str) -> Cell<'a> {
    Cell { table: "local_logins", row, column }
}

fn written_of(row: &str) -> Cell<'_> {
    Cell { table: "registrations", row, column: "details" }
}
