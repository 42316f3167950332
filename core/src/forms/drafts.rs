//! Applications that are being filled in, as rows.

use std::fmt;

use jiff::{Timestamp, ToSpan};
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use super::Answers;
use crate::{
    crypto::{Cell, Sealed, digest},
    files, statements,
    store::{Result, TenantStore, Tx, stamp},
    tenant::schema::OnlineForm,
};

statements! {
    ADD = "insert into drafts (tenant_id, id, service, form, locale, account_id, guest, browser, answers, revision,
            created_at, touched_at, expires_at, reminded, case_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10, $11, false, null)";
    GET = "select id, service, form, locale, account_id, guest, browser, answers, revision, touched_at, expires_at,
            case_id
        from drafts
        where tenant_id = $1 and id = $2";
    OF_ACCOUNT = "select id, service, form, locale, account_id, guest, browser, answers, revision, touched_at, expires_at,
            case_id
        from drafts
        where tenant_id = $1 and account_id = $2 and case_id is null and expires_at > $3 order by touched_at desc";
    SAVE = "update drafts set answers = $4, revision = revision + 1, touched_at = $5, expires_at = $6, reminded = false
        where tenant_id = $1 and id = $2 and revision = $3 and case_id is null";
    ADOPT = "update drafts set account_id = $3, guest = $4
        where tenant_id = $1 and id = $2 and account_id is null";
    EXTEND = "update drafts set expires_at = $3, reminded = false where tenant_id = $1 and id = $2 and case_id is null";
    SUBMIT = "update drafts set case_id = $4, answers = null, account_id = $5, guest = $6, expires_at = $7,
            revision = revision + 1
        where tenant_id = $1 and id = $2 and revision = $3 and case_id is null";
    DISCARD = "delete from drafts where tenant_id = $1 and id = $2 and case_id is null";
    /// Those that end soon, and are not as young as that.
    WAITING = "select id, account_id, form, locale, expires_at from drafts
        where tenant_id = $1 and account_id is not null and case_id is null and not reminded
            and expires_at > $2 and expires_at < $3 and touched_at < $4
        order by expires_at limit 500";
    REMINDED = "update drafts set reminded = true
        where tenant_id = $1 and id = $2 and case_id is null and not reminded";
    /// Of drafts that go.
    FILES = "select f.id from files f join drafts d on d.tenant_id = f.tenant_id and d.id = f.draft_id
        where f.tenant_id = $1 and d.expires_at < $2";
    FORGET = "delete from drafts where tenant_id = $1 and expires_at < $2";
}

/// An application that is being filled in, or was.
#[derive(Clone)]
pub struct Draft {
    pub id: Uuid,
    /// Id of the service.
    pub service: String,
    /// Id of the form.
    pub form: String,
    /// The language it was begun in.
    pub locale: String,
    pub account: Option<Uuid>,
    /// The mark of whoever logged in without an account.
    pub guest: Option<Vec<u8>>,
    browser: Vec<u8>,
    pub answers: Answers,
    /// Counts changes; whoever saves says which they have seen.
    pub revision: i64,
    pub touched: Timestamp,
    pub expires: Timestamp,
    /// It has been submitted.
    pub case: Option<Uuid>,
}

impl Draft {
    /// Somebody logged in; otherwise it is the browser's.
    pub fn is_persons(&self) -> bool {
        self.account.is_some() || self.guest.is_some()
    }

    /// Whether a browser with this cookie began it, or saved it last.
    pub fn is_of_browser(&self, token: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.browser, &digest(token)).is_ok()
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({})", self.id)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    service: String,
    form: String,
    locale: String,
    account_id: Option<Uuid>,
    guest: Option<Vec<u8>>,
    browser: Vec<u8>,
    answers: Option<Sealed>,
    revision: i64,
    touched_at: At,
    expires_at: At,
    case_id: Option<Uuid>,
}

impl Row {
    async fn opened(self, tx: &mut Tx) -> Result<Draft> {
        let answers = match &self.answers {
            Some(sealed) => tx.sealer().await?.open_json(cell(&self.id.to_string()), sealed)?,
            None => Answers::default(),
        };
        Ok(Draft {
            id: self.id,
            service: self.service,
            form: self.form,
            locale: self.locale,
            account: self.account_id,
            guest: self.guest,
            browser: self.browser,
            answers,
            revision: self.revision,
            touched: self.touched_at.to_jiff(),
            expires: self.expires_at.to_jiff(),
            case: self.case_id,
        })
    }
}

/// Who begins a draft: an account, a browser, or both.
pub struct Beginner<'a> {
    pub account: Option<Uuid>,
    /// The mark of somebody who logged in without an account.
    pub guest: Option<Vec<u8>>,
    /// What stands in the browser's cookie.
    pub browser: &'a str,
    pub locale: &'a str,
}

pub async fn begin(
    tx: &mut Tx,
    service: &str,
    form: &OnlineForm,
    beginner: Beginner<'_>,
    now: Timestamp,
) -> Result<Uuid> {
    let id = crate::crypto::id();
    let answers = tx.sealer().await?.seal_json(cell(&id.to_string()), &Answers::default());
    let query = tx.query(ADD).bind(id).bind(service.to_owned()).bind(form.id.clone()).bind(beginner.locale.to_owned());
    let end = end_of(form, beginner.account.is_some() || beginner.guest.is_some(), now);
    let query = query.bind(beginner.account).bind(beginner.guest).bind(digest(beginner.browser)).bind(answers);
    query.bind(stamp(now)).bind(stamp(end)).run().await?;
    Ok(id)
}

/// Whether it is over is for the caller to say.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<Draft>> {
    match tx.query(GET).bind(id).optional::<Row>().await? {
        Some(row) => row.opened(tx).await.map(Some),
        None => Ok(None),
    }
}

/// Those of an account that can still be submitted, the last touched first.
pub async fn of_account(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<Vec<Draft>> {
    let rows: Vec<Row> = tx.query(OF_ACCOUNT).bind(account).bind(stamp(now)).all().await?;
    let mut drafts = Vec::with_capacity(rows.len());
    for row in rows {
        drafts.push(row.opened(tx).await?);
    }
    Ok(drafts)
}

/// `false` if another window has saved since `draft` was read, or it has been submitted.
pub async fn save(tx: &mut Tx, draft: &Draft, form: &OnlineForm, now: Timestamp) -> Result<bool> {
    let answers = tx.sealer().await?.seal_json(cell(&draft.id.to_string()), &draft.answers);
    let query = tx.query(SAVE).bind(draft.id).bind(draft.revision).bind(answers);
    Ok(query.bind(stamp(now)).bind(stamp(end_of(form, draft.is_persons(), now))).run().await? > 0)
}

/// What a browser began belongs to the account that logs in there, or to the guest of this mark.
pub async fn adopt(tx: &mut Tx, draft: Uuid, account: Option<Uuid>, guest: Option<Vec<u8>>) -> Result<()> {
    tx.query(ADOPT).bind(draft).bind(account).bind(guest).run().await?;
    Ok(())
}

/// One click for as long again.
pub async fn extend(tx: &mut Tx, draft: &Draft, form: &OnlineForm, now: Timestamp) -> Result<bool> {
    let end = end_of(form, draft.is_persons(), now);
    Ok(tx.query(EXTEND).bind(draft.id).bind(stamp(end)).run().await? > 0)
}

/// The draft becomes the case of this id, once: `false` if it has become one already, or was changed meanwhile. It belongs
/// to whoever sent it: what was sent is shown to them, and to a browser without a login for hours only.
pub async fn submit(
    tx: &mut Tx,
    draft: &Draft,
    case: Uuid,
    by: (Option<Uuid>, Option<Vec<u8>>),
    now: Timestamp,
) -> Result<bool> {
    let (account, guest) = by;
    let is_persons = account.is_some() || guest.is_some();
    let end = if is_persons { draft.expires } else { later(now, i64::from(GUEST_HOURS)) };
    let query = tx.query(SUBMIT).bind(draft.id).bind(draft.revision).bind(case).bind(account).bind(guest);
    Ok(query.bind(stamp(end)).run().await? > 0)
}

pub async fn discard(tx: &mut Tx, draft: Uuid) -> Result<bool> {
    Ok(tx.query(DISCARD).bind(draft).run().await? > 0)
}

/// A draft of an account that nobody has been reminded of.
pub struct Waiting {
    pub id: Uuid,
    pub account: Uuid,
    /// Id of the form.
    pub form: String,
    pub locale: String,
    pub expires: Timestamp,
}

/// Drafts that end between now and `soon`, and were not touched since `before`.
pub async fn waiting(tx: &mut Tx, now: Timestamp, soon: Timestamp, before: Timestamp) -> Result<Vec<Waiting>> {
    let query = tx.query(WAITING).bind(stamp(now)).bind(stamp(soon)).bind(stamp(before));
    let rows: Vec<(Uuid, Uuid, String, String, At)> = query.all().await?;
    let waiting = rows.into_iter().map(|(id, account, form, locale, expires)| Waiting {
        id,
        account,
        form,
        locale,
        expires: expires.to_jiff(),
    });
    Ok(waiting.collect())
}

/// `false` if somebody was reminded of it already.
pub async fn remind(tx: &mut Tx, draft: Uuid) -> Result<bool> {
    Ok(tx.query(REMINDED).bind(draft).run().await? > 0)
}

/// Takes away drafts whose time is over, and what is left of submitted ones.
pub async fn sweep(store: &TenantStore, now: Timestamp) -> Result<()> {
    let mut tx = store.write().await?;
    let files: Vec<(Uuid,)> = tx.query(FILES).bind(stamp(now)).all().await?;
    tx.query(FORGET).bind(stamp(now)).run().await?;
    files::take_away(&mut tx, files.into_iter().map(|(id,)| id).collect(), now).await?;
    tx.commit().await
}

/// A browser that nobody has logged in with finds a draft again for so long: the next person may sit down at it.
pub const GUEST_HOURS: u16 = 12;

/// When a draft that is touched now ends.
pub fn end_of(form: &OnlineForm, is_persons: bool, now: Timestamp) -> Timestamp {
    later(now, if is_persons { i64::from(form.draft_days) * 24 } else { i64::from(GUEST_HOURS) })
}

fn later(now: Timestamp, hours: i64) -> Timestamp {
    now.checked_add(hours.hours()).unwrap_or(Timestamp::MAX)
}

fn cell(row: &str) -> Cell<'_> {
    Cell { table: "drafts", row, column: "answers" }
}
