//! Who works on a job: claims, how they are kept, and what becomes of the job afterwards.

use jiff::Timestamp;
use uuid::Uuid;

use super::{ATTEMPTS, after, stamp};
use crate::{
    crypto::{self, Sealed},
    platform_statements,
    store::{PlatformStore, Result},
};

platform_statements! {
    CLAIM = "update jobs set state = 'running', attempts = attempts + 1, claimed_by = $1, claimed_until = $2
        where id = (select id from jobs
            where ((state = 'waiting' and run_at <= $3) or (state = 'running' and claimed_until < $3))
                and (expires_at is null or expires_at > $3)
            order by run_at limit 1)
        returning id, for_tenant, kind, payload, attempts";
    /// PostgreSQL only: nodes must not wait for each other, and not judge a claim by the clock of one of them. SQLite has one
    /// node and one writer.
    CLAIM_BESIDE_OTHERS = "update jobs set state = 'running', attempts = attempts + 1, claimed_by = $1,
        claimed_until = now() + make_interval(secs => cast($2 as bigint))
        where id = (select id from jobs
            where ((state = 'waiting' and run_at <= $3) or (state = 'running' and claimed_until < now()))
                and (expires_at is null or expires_at > $3)
            order by run_at limit 1 for update skip locked)
        returning id, for_tenant, kind, payload, attempts";
    KEEP = "update jobs set claimed_until = $3 where id = $1 and claimed_by = $2";
    KEEP_BESIDE_OTHERS = "update jobs set claimed_until = now() + make_interval(secs => cast($3 as bigint))
        where id = $1 and claimed_by = $2";
    DONE = "delete from jobs where id = $1 and claimed_by = $2";
    LATER = "update jobs set state = 'waiting', run_at = $3, last_error = $4, claimed_by = null, claimed_until = null
        where id = $1 and claimed_by = $2";
    UNTRIED = "update jobs set state = 'waiting', run_at = $3, attempts = attempts - 1, claimed_by = null,
        claimed_until = null where id = $1 and claimed_by = $2";
    DEAD = "update jobs set state = 'dead', last_error = $3, claimed_by = null, claimed_until = null
        where id = $1 and claimed_by = $2";
    FORGET = "delete from job_keys where until < $1";
    EXPIRE = "delete from jobs where expires_at <= $1 and (state <> 'running' or claimed_until < $1)
        returning for_tenant, kind";
}

/// For how long a claim holds that nobody renews.
pub(super) const HOLDS: i64 = 60;
/// When somebody looks again whether a town is there that was not, in seconds.
pub(super) const AWAY: i64 = 15 * 60;
/// How often it is renewed.
pub(super) const RENEWED: std::time::Duration = std::time::Duration::from_secs(15);

/// A job that this node, and no other, works on.
#[derive(Debug)]
pub(super) struct Claim {
    pub found: Found,
    /// A new one for each attempt, so that whoever was too slow can no longer decide.
    by: Uuid,
    platform: PlatformStore,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Found {
    pub id: Uuid,
    pub for_tenant: String,
    pub kind: String,
    pub payload: Sealed,
    /// This one included.
    pub attempts: i64,
}

impl Claim {
    /// The job that has waited longest of those that are due.
    pub async fn next(platform: &PlatformStore, now: Timestamp) -> Result<Option<Self>> {
        let by = crypto::id();
        let mut tx = platform.note().await?;
        let claim = match tx.is_postgres() {
            true => tx.query(CLAIM_BESIDE_OTHERS).bind(by).bind(HOLDS),
            false => tx.query(CLAIM).bind(by).bind(after(now, HOLDS)),
        };
        let found = claim.bind(stamp(now)).optional::<Found>().await?;
        tx.commit().await?;
        Ok(found.map(|found| Self { found, by, platform: platform.clone() }))
    }

    /// `false`: another node has taken it over.
    pub async fn renew(&self, now: Timestamp) -> Result<bool> {
        let mut tx = self.platform.note().await?;
        let kept = match tx.is_postgres() {
            true => tx.query(KEEP_BESIDE_OTHERS).bind(self.found.id).bind(self.by).bind(HOLDS),
            false => tx.query(KEEP).bind(self.found.id).bind(self.by).bind(after(now, HOLDS)),
        };
        let kept = kept.run().await?;
        tx.commit().await?;
        Ok(kept > 0)
    }

    pub async fn done(self) -> Result<()> {
        let mut tx = self.platform.note().await?;
        tx.query(DONE).bind(self.found.id).bind(self.by).run().await?;
        tx.commit().await
    }

    /// Tried again after a pause, or dead if that was the last attempt; says whether it lives.
    pub async fn failed(self, now: Timestamp, why: String) -> Result<bool> {
        if self.found.attempts >= ATTEMPTS {
            return self.dead(why).await.map(|()| false);
        }
        let run_at = after(now, pause(self.found.attempts, self.found.id));
        let mut tx = self.platform.note().await?;
        tx.query(LATER).bind(self.found.id).bind(self.by).bind(run_at).bind(why).run().await?;
        tx.commit().await.map(|()| true)
    }

    /// Not the job's fault: its town is not there, or suspended.
    pub async fn put_back(self, now: Timestamp) -> Result<()> {
        let mut tx = self.platform.note().await?;
        tx.query(UNTRIED).bind(self.found.id).bind(self.by).bind(after(now, AWAY)).run().await?;
        tx.commit().await
    }

    pub async fn dead(self, why: String) -> Result<()> {
        let mut tx = self.platform.note().await?;
        tx.query(DEAD).bind(self.found.id).bind(self.by).bind(why).run().await?;
        tx.commit().await
    }
}

/// Forgets what nobody will ask for again, and takes away what has expired, in the database's log as well; tells town
/// and kind of each job that was.
pub async fn tidy(platform: &PlatformStore, now: Timestamp) -> Result<Vec<(String, String)>> {
    let mut tx = platform.note().await?;
    tx.query(FORGET).bind(stamp(now)).run().await?;
    let expired: Vec<(String, String)> = tx.query(EXPIRE).bind(stamp(now)).all().await?;
    tx.commit().await?;
    if !expired.is_empty() {
        platform.sweep().await?;
    }
    Ok(expired)
}

/// Seconds after the attempt of that number: 10, three times as many each time, at most 6 hours; a fifth more or less,
/// by the id of the job, so that what failed together is not tried together.
fn pause(attempt: i64, id: Uuid) -> i64 {
    let seconds = 10_i64.saturating_mul(3_i64.saturating_pow(attempt.clamp(1, 10) as u32 - 1)).min(6 * 3600);
    let part = i64::from(id.as_bytes()[attempt as usize % 16]);
    seconds - seconds / 5 + seconds * 2 * part / (5 * 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_six_hours_and_differ_between_jobs() {
        let of = |attempt, byte| pause(attempt, Uuid::from_bytes([byte; 16]));
        assert_eq!((of(1, 0), of(1, 255)), (8, 12));
        assert_eq!((of(2, 0), of(2, 255)), (24, 36));
        assert_eq!((of(12, 0), of(12, 255)), (17_280, 25_920));
        let longest: i64 = (1..ATTEMPTS).map(|attempt| of(attempt, 255)).sum();
        assert!(longest < super::super::LASTS.as_secs(), "{longest} s");
        let all: i64 = (1..ATTEMPTS).map(|attempt| of(attempt, 128)).sum();
        assert!((24 * 3600..48 * 3600).contains(&all), "a server that is away for a day loses nothing: {all} s");
    }
}
