//! Forms that are sent twice: the second click finds what the first one has made.
//!
//! Each page brings a random token; whoever makes something of a form keeps it with the deed, in the same transaction.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Sent;
use crate::{
    crypto, statements,
    store::{Result, Tx, stamp},
};

statements! {
    KEEP = "insert into sent_forms (tenant_id, token, target, sent_at) values ($1, $2, $3, $4)
        on conflict (tenant_id, token) do nothing";
    FOUND = "select target from sent_forms where tenant_id = $1 and token = $2";
    FORGET = "delete from sent_forms where tenant_id = $1 and sent_at < $2";
}

/// The field of the token.
const FIELD: &str = "once";
/// Nobody sends the same page again after a day.
const LASTS: SignedDuration = SignedDuration::from_hours(24);

/// The token of a form that was sent; a form without one counts each time.
#[derive(Debug, Clone, Copy)]
pub struct Once(Option<Uuid>);

impl Once {
    /// A token for a page.
    pub fn fresh() -> String {
        crypto::id().to_string()
    }

    /// A page that was changed before it was sent again is another form.
    pub fn of(sent: &Sent) -> Self {
        let token = sent.value(FIELD).and_then(|token| token.parse::<Uuid>().ok());
        let all = || sent.pairs().fold(String::new(), |all, (name, value)| all + &name + "\n" + &value + "\n");
        Self(token.and_then(|_| Uuid::from_slice(&crypto::digest(&all())[..16]).ok()))
    }

    /// A deed of a program that names it (`Idempotency-Key`): of whom, where, by which key. Without a key it counts each time.
    pub fn of_key(who: Uuid, place: &str, key: Option<&str>) -> Self {
        let all = key.map(|key| format!("{who}\n{place}\n{key}"));
        Self(all.and_then(|all| Uuid::from_slice(&crypto::digest(&all)[..16]).ok()))
    }

    /// The same form with other files is another one.
    pub fn with<'a>(self, files: impl IntoIterator<Item = &'a str>) -> Self {
        let Some(token) = self.0 else { return self };
        let all = files.into_iter().fold(token.to_string(), |all, file| all + "\n" + file);
        Self(Uuid::from_slice(&crypto::digest(&all)[..16]).ok())
    }

    /// Where the same form led before.
    pub async fn before(self, tx: &mut Tx) -> Result<Option<String>> {
        let Some(token) = self.0 else { return Ok(None) };
        Ok(tx.query(FOUND).bind(token).optional::<(String,)>().await?.map(|(target,)| target))
    }

    /// Keeps where the form leads. If the same form was faster, says where that one led: then nothing is to be committed.
    pub async fn keep(self, tx: &mut Tx, target: &str, now: Timestamp) -> Result<Option<String>> {
        let Some(token) = self.0 else { return Ok(None) };
        tx.query(FORGET).bind(stamp(now - LASTS)).run().await?;
        if tx.query(KEEP).bind(token).bind(target.to_owned()).bind(stamp(now)).run().await? > 0 {
            return Ok(None);
        }
        self.before(tx).await
    }
}
