//! Decisions (Bescheide): messages with a fate of their own, by the law of their service.
//!
//! What the law says on the day of the decision, and how to object, is kept with it: configuration may change later. What
//! follows by itself on a day is a job of that moment; whoever comes before the job finds the same.

use jiff::{Timestamp, ToSpan, civil::Date};
use jiff_sqlx::Timestamp as At;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::calendar::working_day;
use crate::{
    audit::{self, Actor, Entry},
    cases::{self, EventKind, Who},
    clock::local_zone,
    crypto::{Cell, Sealed},
    jobs::{self, Doing, Job, Order},
    statements,
    store::{Result, Tx, stamp},
    tenant::schema::{CountsFrom, Regime, Weekend},
};

statements! {
    PROVIDE = "insert into decisions (tenant_id, message_id, case_id, regime, state, details, provided_at, consented_at,
            retrieved_at, announced_at, posted_at, next_at)
        values ($1, $2, $3, $4, $5, $6, $7, null, null, null, null, $8)";
    RETRIEVE = "update decisions set state = 'retrieved', retrieved_at = $3, consented_at = $4, next_at = $5
        where tenant_id = $1 and message_id = $2 and state = 'provided'";
    ANNOUNCE = "update decisions set state = 'announced', announced_at = $3, next_at = null
        where tenant_id = $1 and message_id = $2 and state in ('provided', 'retrieved')";
    DECLINE = "update decisions set state = 'by_post', next_at = null
        where tenant_id = $1 and message_id = $2 and state = 'provided'";
    GIVE_UP = "update decisions set state = 'not_announced', next_at = null
        where tenant_id = $1 and message_id = $2 and state = 'provided'";
    POSTED = "update decisions set state = 'by_post', posted_at = $3, next_at = null
        where tenant_id = $1 and message_id = $2 and state in ('by_post', 'not_announced') and posted_at is null";
    ABANDON = "update decisions set state = 'by_post', next_at = null
        where tenant_id = $1 and case_id = $2 and state = 'provided'";
    OF_CASE = "select message_id, case_id, regime, state, details, provided_at, consented_at, retrieved_at, announced_at,
            posted_at, next_at
        from decisions where tenant_id = $1 and case_id = $2 order by provided_at";
    UNOPENED_OF = "select count(*) from decisions where tenant_id = $1 and state = 'provided'
        and case_id in (select id from cases where tenant_id = $1 and account_id = $2)";
    OF_MESSAGE = "select message_id, case_id, regime, state, details, provided_at, consented_at, retrieved_at,
            announced_at, posted_at, next_at
        from decisions where tenant_id = $1 and message_id = $2";
}

/// How a decision stands; texts know it as `mailbox.decision.<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It lies in the Postkorb.
    Provided,
    Retrieved,
    Announced,
    /// Nobody opened it in time; a letter has to go.
    NotAnnounced,
    /// It goes, or went, by letter.
    ByPost,
}

impl Fate {
    const ALL: [Self; 5] = [Self::Provided, Self::Retrieved, Self::Announced, Self::NotAnnounced, Self::ByPost];

    pub fn word(self) -> &'static str {
        match self {
            Self::Provided => "provided",
            Self::Retrieved => "retrieved",
            Self::Announced => "announced",
            Self::NotAnnounced => "not_announced",
            Self::ByPost => "by_post",
        }
    }

    fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|fate| fate.word() == word).expect("the table knows the words of fates")
    }
}

/// What was said when it was decided, in German; sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Told {
    /// What can be done against it, Markdown.
    pub remedy: Option<String>,
    /// The law: `§ 122a AO`.
    pub basis: Option<String>,
    /// When it counts; `None` where the service names no regime.
    pub rule: Option<Rule>,
}

/// The rule of a [`Regime`] as it was on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub counts_from: CountsFrom,
    pub days: u8,
    pub weekend: Weekend,
    pub retrieve_within_days: Option<u8>,
    pub consent: bool,
}

/// Whoever is asked for consent has so long, where the regime says nothing: as for retrieval (§ 41 Absatz 2a VwVfG NRW).
const CONSENT_WITHIN: u8 = 10;

impl From<&Regime> for Rule {
    fn from(regime: &Regime) -> Self {
        let Regime { counts_from, days, weekend, retrieve_within_days, consent, .. } = regime;
        let (counts_from, days, weekend) = (*counts_from, *days, *weekend);
        Self { counts_from, days, weekend, retrieve_within_days: *retrieve_within_days, consent: *consent }
    }
}

impl Rule {
    /// The day on which a decision counts as announced, counted from the day on which it was provided or retrieved.
    pub fn counts_on(&self, from: Date) -> Date {
        let day = from.saturating_add(i32::from(self.days).days());
        if self.weekend == Weekend::NextWorkingDay { working_day(day) } else { day }
    }

    /// The last day on which it can be opened; `None`: it counts whether it is opened or not.
    pub fn open_until(&self, provided: Date) -> Option<Date> {
        let days = match self.counts_from {
            CountsFrom::Retrieved => self.retrieve_within_days.or(self.consent.then_some(CONSENT_WITHIN))?,
            CountsFrom::Provided if self.consent => self.retrieve_within_days.unwrap_or(CONSENT_WITHIN),
            CountsFrom::Provided => return None,
        };
        Some(provided.saturating_add(i32::from(days).days()))
    }

    /// Whether it counts by itself, opened or not.
    fn counts_unopened(&self) -> bool {
        self.counts_from == CountsFrom::Provided && !self.consent
    }

    /// When something follows although nobody does anything: the beginning of that day.
    fn next(&self, provided: Date) -> Option<Timestamp> {
        match self.counts_unopened() {
            true => beginning(self.counts_on(provided)),
            false => beginning(self.open_until(provided)?.saturating_add(1.days())),
        }
    }
}

/// The fate of one decision.
#[derive(Clone)]
pub struct Decision {
    pub message: Uuid,
    pub case: Uuid,
    /// Id of the regime; empty where the service names none.
    pub regime: String,
    pub fate: Fate,
    pub told: Told,
    pub provided: Timestamp,
    /// When the person agreed to get it here, where the regime asks.
    pub consented: Option<Timestamp>,
    pub retrieved: Option<Timestamp>,
    pub announced: Option<Timestamp>,
    pub posted: Option<Timestamp>,
    /// When something follows by itself: it counts as announced, or goes by post.
    pub next: Option<Timestamp>,
}

impl Decision {
    /// The person has to agree before it is opened.
    pub fn asks(&self) -> bool {
        self.fate == Fate::Provided && self.told.rule.is_some_and(|rule| rule.consent)
    }

    /// The person may read what it says: opened, announced without being opened, or on paper as well.
    pub fn is_open(&self) -> bool {
        match self.fate {
            Fate::Provided | Fate::NotAnnounced => false,
            Fate::Retrieved | Fate::Announced | Fate::ByPost => true,
        }
    }

    /// It has to go by letter, and has not yet.
    pub fn waits_for_post(&self) -> bool {
        matches!(self.fate, Fate::ByPost | Fate::NotAnnounced) && self.posted.is_none()
    }
}

/// Gives a message of a case its fate. `regime`: its id; its rule stands in `told`.
pub async fn provide(
    tx: &mut Tx,
    message: Uuid,
    case: Uuid,
    regime: Option<&str>,
    fate: Fate,
    told: &Told,
    now: Timestamp,
) -> Result<()> {
    let sealed = tx.sealer().await?.seal_json(details_of(&message.to_string()), told);
    let next = told.rule.filter(|_| fate == Fate::Provided).and_then(|rule| rule.next(day_of(now)));
    let id = regime.unwrap_or_default().to_owned();
    let query = tx.query(PROVIDE).bind(message).bind(case).bind(id).bind(fate.word().to_owned()).bind(sealed);
    query.bind(stamp(now)).bind(next.map(stamp)).run().await?;
    look_again(tx, message, next, now).await
}

/// What becomes of somebody's wish to open a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Opening {
    /// This opened it; the moment is kept.
    Opened,
    /// It stood open before.
    Stands,
    /// The person has to agree first.
    Asks,
    /// It is on its way by post.
    TooLate,
}

/// The person opens a decision, and agrees to have it here if `consents`.
pub async fn open(tx: &mut Tx, decision: &Decision, consents: bool, who: Who, now: Timestamp) -> Result<Opening> {
    let decision = &settled(tx, decision.clone(), now).await?;
    match decision.fate {
        Fate::Provided if decision.asks() && !consents => return Ok(Opening::Asks),
        Fate::Provided => {}
        _ if decision.is_open() => return Ok(Opening::Stands),
        _ => return Ok(Opening::TooLate),
    }
    let rule = decision.told.rule;
    let next = match rule {
        Some(rule) if rule.counts_unopened() => decision.next,
        // what waited for consent lies ready from the day of the consent
        Some(rule) => beginning(rule.counts_on(day_of(now))),
        None => None,
    };
    let consented = decision.asks().then_some(now);
    let query = tx.query(RETRIEVE).bind(decision.message).bind(stamp(now)).bind(consented.map(stamp));
    if query.bind(next.map(stamp)).run().await? == 0 {
        return Ok(Opening::Stands);
    }
    cases::note(tx, decision.case, EventKind::Retrieved, who, serde_json::Value::Null, now).await?;
    look_again(tx, decision.message, next.filter(|next| Some(*next) != decision.next), now).await?;
    Ok(Opening::Opened)
}

/// The person does not agree, or no longer: the decision goes by post. `false` if it has been opened or has gone before.
pub async fn decline(tx: &mut Tx, decision: &Decision, who: Who, now: Timestamp) -> Result<bool> {
    let decision = settled(tx, decision.clone(), now).await?;
    if !decision.asks() || tx.query(DECLINE).bind(decision.message).run().await? == 0 {
        return Ok(false);
    }
    cases::note(tx, decision.case, EventKind::Declined, who, serde_json::Value::Null, now).await?;
    Ok(true)
}

/// The letter is on its way; `false` if it did not wait for the post.
pub(super) async fn posted(tx: &mut Tx, message: Uuid, now: Timestamp) -> Result<bool> {
    Ok(tx.query(POSTED).bind(message).bind(stamp(now)).run().await? > 0)
}

/// Nobody comes any more to open what lies there: it goes by post. Tells how many decisions that were.
pub async fn abandon(tx: &mut Tx, case: Uuid, now: Timestamp) -> Result<u64> {
    for decision in of_case(tx, case).await? {
        settled(tx, decision, now).await?;
    }
    tx.query(ABANDON).bind(case).run().await
}

/// All decisions of a case, the oldest first.
pub async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Vec<Decision>> {
    let rows: Vec<DecisionRow> = tx.query(OF_CASE).bind(case).all().await?;
    let mut decisions = Vec::with_capacity(rows.len());
    for row in rows {
        decisions.push(row.opened(tx).await?);
    }
    Ok(decisions)
}

/// How many decisions lie there for the person of an account and were never opened.
pub async fn unopened_of(tx: &mut Tx, account: Uuid) -> Result<usize> {
    let found: Option<(i64,)> = tx.query(UNOPENED_OF).bind(account).optional().await?;
    Ok(found.map_or(0, |(count,)| usize::try_from(count).unwrap_or_default()))
}

/// The kind of job that looks at a decision when its time has come.
pub const KIND: &str = "decision";

#[derive(Serialize, Deserialize)]
struct Look {
    message: Uuid,
}

async fn look_again(tx: &mut Tx, message: Uuid, next: Option<Timestamp>, now: Timestamp) -> Result<()> {
    if let Some(run_at) = next {
        jobs::enqueue(tx, now, Order { kind: KIND, payload: &Look { message }, run_at, once: None }).await?;
    }
    Ok(())
}

/// A decision that counts as announced by now does, one that nobody opened in time goes by post. Done twice it finds
/// nothing to do.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let Look { message } = job.payload()?;
        let now = job.portal.clock.now();
        let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
        if let Some(row) = tx.query(OF_MESSAGE).bind(message).optional::<DecisionRow>().await? {
            let before = row.opened(&mut tx).await?;
            let fate = before.fate;
            if settled(&mut tx, before, now).await?.fate != fate {
                tx.commit().await?;
            }
        }
        Ok(())
    })
}

/// The decision as the calendar has it by now; what that changes stands in the trail, whoever found it first.
async fn settled(tx: &mut Tx, mut decision: Decision, now: Timestamp) -> Result<Decision> {
    let Some(due) = decision.next.filter(|next| *next <= now) else { return Ok(decision) };
    let counts = decision.fate == Fate::Retrieved || decision.told.rule.is_some_and(|rule| rule.counts_unopened());
    let (changed, event) = match counts {
        true => {
            let query = tx.query(ANNOUNCE).bind(decision.message).bind(stamp(due));
            decision.announced = Some(due);
            decision.fate = Fate::Announced;
            (query.run().await?, EventKind::Announced)
        }
        false => {
            decision.fate = Fate::NotAnnounced;
            (tx.query(GIVE_UP).bind(decision.message).run().await?, EventKind::NotAnnounced)
        }
    };
    decision.next = None;
    if changed > 0 {
        cases::note(tx, decision.case, event, Who::System, serde_json::Value::Null, now).await?;
        let deed = if counts { "decision.announced" } else { "decision.not_announced" };
        let account = cases::by_id(tx, decision.case).await?.and_then(|case| case.account);
        let entry = Entry::new(Actor::System, deed).about(decision.message).concerns(account);
        audit::record(tx, now, entry.with(json!({"case": decision.case}))).await?;
    }
    Ok(decision)
}

#[derive(sqlx::FromRow)]
struct DecisionRow {
    message_id: Uuid,
    case_id: Uuid,
    regime: String,
    state: String,
    details: Sealed,
    provided_at: At,
    consented_at: Option<At>,
    retrieved_at: Option<At>,
    announced_at: Option<At>,
    posted_at: Option<At>,
    next_at: Option<At>,
}

impl DecisionRow {
    async fn opened(self, tx: &mut Tx) -> Result<Decision> {
        Ok(Decision {
            told: tx.sealer().await?.open_json(details_of(&self.message_id.to_string()), &self.details)?,
            message: self.message_id,
            case: self.case_id,
            regime: self.regime,
            fate: Fate::of_word(&self.state),
            provided: self.provided_at.to_jiff(),
            consented: self.consented_at.map(|at| at.to_jiff()),
            retrieved: self.retrieved_at.map(|at| at.to_jiff()),
            announced: self.announced_at.map(|at| at.to_jiff()),
            posted: self.posted_at.map(|at| at.to_jiff()),
            next: self.next_at.map(|at| at.to_jiff()),
        })
    }
}

fn details_of(row: &str) -> Cell<'_> {
    Cell { table: "decisions", row, column: "details" }
}

/// The day on which something happened, as clocks in the town have it.
pub fn day_of(moment: Timestamp) -> Date {
    moment.to_zoned(local_zone()).date()
}

fn beginning(day: Date) -> Option<Timestamp> {
    day.to_zoned(local_zone()).ok().map(|day| day.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const PROVIDED: Rule = Rule {
        counts_from: CountsFrom::Provided,
        days: 4,
        weekend: Weekend::NextWorkingDay,
        retrieve_within_days: None,
        consent: false,
    };
    const RETRIEVED: Rule = Rule {
        counts_from: CountsFrom::Retrieved,
        days: 1,
        weekend: Weekend::AsIs,
        retrieve_within_days: Some(10),
        consent: false,
    };

    #[test]
    fn a_day_on_a_weekend_moves_on_where_the_law_says_so() {
        let from = date(2026, 11, 24);
        assert_eq!(PROVIDED.counts_on(from), date(2026, 11, 30));
        assert_eq!(Rule { weekend: Weekend::AsIs, ..PROVIDED }.counts_on(from), date(2026, 11, 28));
        // over Christmas and a weekend
        assert_eq!(PROVIDED.counts_on(date(2026, 12, 21)), date(2026, 12, 28));
    }

    #[test]
    fn what_nobody_opens_is_looked_at_when_the_time_is_over() {
        let provided = date(2026, 11, 24);
        let next = |rule: Rule| rule.next(provided).map(day_of);
        assert_eq!(next(RETRIEVED), Some(date(2026, 12, 5)));
        assert_eq!(next(Rule { retrieve_within_days: None, ..RETRIEVED }), None);
        assert_eq!(next(PROVIDED), Some(date(2026, 11, 30)));
        // without consent nothing counts by itself
        assert_eq!(next(Rule { consent: true, ..PROVIDED }), Some(date(2026, 12, 5)));
        assert_eq!(Rule { consent: true, ..PROVIDED }.open_until(provided), Some(date(2026, 12, 4)));
    }
}
