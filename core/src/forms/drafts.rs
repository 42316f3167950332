//! Applications that are being filled in, as rows.

use std::fmt;

use jiff::{Timestamp, ToSpan};
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use super::Answers;
use crate::{
    crypto::{Cell, Sealed, digest},
    statements,
    store::{Result, Tx, stamp},
    tenant::schema::OnlineForm,
};

statements! {
    ADD = "insert into drafts (tenant_id, id, service, form, locale, account_id, browser, answers, revision, created_at,
            touched_at, expires_at, reminded, case_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9, $10, false, null)";
    GET = "select id, service, form, locale, account_id, browser, answers, revision, touched_at, expires_at, case_id
        from drafts
        where tenant_id = $1 and id = $2";
    OF_ACCOUNT = "select id, service, form, locale, account_id, browser, answers, revision, touched_at, expires_at, case_id
        from drafts
        where tenant_id = $1 and account_id = $2 and case_id is null and expires_at > $3 order by touched_at desc";
    SAVE = "update drafts set answers = $4, revision = revision + 1, touched_at = $5, expires_at = $6, reminded = false
        where tenant_id = $1 and id = $2 and revision = $3 and case_id is null";
    ADOPT = "update drafts set account_id = $3 where tenant_id = $1 and id = $2 and account_id is null";
    EXTEND = "update drafts set expires_at = $3, reminded = false where tenant_id = $1 and id = $2 and case_id is null";
    SUBMIT = "update drafts set case_id = $4, answers = null, revision = revision + 1
        where tenant_id = $1 and id = $2 and revision = $3 and case_id is null";
    DISCARD = "delete from drafts where tenant_id = $1 and id = $2 and case_id is null";
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
    let query = query.bind(beginner.account).bind(digest(beginner.browser)).bind(answers);
    query.bind(stamp(now)).bind(stamp(end_of(form, now))).run().await?;
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
    Ok(query.bind(stamp(now)).bind(stamp(end_of(form, now))).run().await? > 0)
}

/// What a browser began belongs to the account that logs in there.
pub async fn adopt(tx: &mut Tx, draft: Uuid, account: Uuid) -> Result<()> {
    tx.query(ADOPT).bind(draft).bind(account).run().await?;
    Ok(())
}

/// One click for as long again.
pub async fn extend(tx: &mut Tx, draft: Uuid, form: &OnlineForm, now: Timestamp) -> Result<bool> {
    Ok(tx.query(EXTEND).bind(draft).bind(stamp(end_of(form, now))).run().await? > 0)
}

/// The draft becomes the case of this id, once: `false` if it has become one already, or was changed meanwhile.
pub async fn submit(tx: &mut Tx, draft: &Draft, case: Uuid) -> Result<bool> {
    Ok(tx.query(SUBMIT).bind(draft.id).bind(draft.revision).bind(case).run().await? > 0)
}

pub async fn discard(tx: &mut Tx, draft: Uuid) -> Result<bool> {
    Ok(tx.query(DISCARD).bind(draft).run().await? > 0)
}

/// Drafts whose time is over, and what is left of submitted ones.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.query(FORGET).bind(stamp(now)).run().await
}

fn end_of(form: &OnlineForm, now: Timestamp) -> Timestamp {
    now.checked_add((i64::from(form.draft_days) * 24).hours()).unwrap_or(Timestamp::MAX)
}

fn cell(row: &str) -> Cell<'_> {
    Cell { table: "drafts", row, column: "answers" }
}
