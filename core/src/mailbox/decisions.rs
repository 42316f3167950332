//! Decisions (Bescheide): messages with a fate of their own, by the law of their service.
//!
//! What the law says on the day of the decision, and how to object, is kept with it: configuration may change later.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
};
use jiff_sqlx::Timestamp as At;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    clock::local_zone,
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx, stamp},
    tenant::schema::{CountsFrom, Regime, Weekend},
};

statements! {
    PROVIDE = "insert into decisions (tenant_id, message_id, case_id, regime, state, details, provided_at, retrieved_at,
            announced_at, posted_at, next_at)
        values ($1, $2, $3, $4, $5, $6, $7, null, null, null, $8)";
    POSTED = "update decisions set state = 'by_post', posted_at = $3, next_at = null
        where tenant_id = $1 and case_id = $2 and state in ('by_post', 'not_announced') and posted_at is null";
    OF_CASE = "select message_id, regime, state, details, provided_at, retrieved_at, announced_at, posted_at, next_at
        from decisions where tenant_id = $1 and case_id = $2 order by provided_at";
}

/// How a decision stands; texts know it as `mailbox.decision.<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It lies in the Postkorb.
    Provided,
    Retrieved,
    Announced,
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
}

/// The fate of one decision.
#[derive(Clone)]
pub struct Decision {
    pub message: Uuid,
    /// Id of the regime; empty where the service names none.
    pub regime: String,
    pub fate: Fate,
    pub told: Told,
    pub provided: Timestamp,
    pub retrieved: Option<Timestamp>,
    pub announced: Option<Timestamp>,
    pub posted: Option<Timestamp>,
    /// When something follows by itself: it counts as announced, or goes by post.
    pub next: Option<Timestamp>,
}

/// Gives a message of a case its fate. `regime`: id and rule; without an account there is only the letter.
pub async fn provide(
    tx: &mut Tx,
    message: Uuid,
    case: Uuid,
    regime: Option<(&str, &Regime)>,
    fate: Fate,
    told: &Told,
    now: Timestamp,
) -> Result<()> {
    let sealed = tx.sealer().await?.seal_json(details_of(&message.to_string()), told);
    let next = regime.filter(|_| fate == Fate::Provided).and_then(|(_, regime)| next(regime, now));
    let id = regime.map(|(id, _)| id.to_owned()).unwrap_or_default();
    let query = tx.query(PROVIDE).bind(message).bind(case).bind(id).bind(fate.word().to_owned()).bind(sealed);
    query.bind(stamp(now)).bind(next.map(stamp)).run().await?;
    Ok(())
}

/// The letter is on its way; `false` if none waited for it.
pub async fn posted(tx: &mut Tx, case: Uuid, now: Timestamp) -> Result<bool> {
    Ok(tx.query(POSTED).bind(case).bind(stamp(now)).run().await? > 0)
}

/// All decisions of a case, the oldest first.
pub async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Vec<Decision>> {
    let rows: Vec<DecisionRow> = tx.query(OF_CASE).bind(case).all().await?;
    let sealer = tx.sealer().await?;
    let mut decisions = Vec::with_capacity(rows.len());
    for row in rows {
        decisions.push(Decision {
            told: sealer.open_json(details_of(&row.message_id.to_string()), &row.details)?,
            message: row.message_id,
            regime: row.regime,
            fate: Fate::of_word(&row.state),
            provided: row.provided_at.to_jiff(),
            retrieved: row.retrieved_at.map(|at| at.to_jiff()),
            announced: row.announced_at.map(|at| at.to_jiff()),
            posted: row.posted_at.map(|at| at.to_jiff()),
            next: row.next_at.map(|at| at.to_jiff()),
        });
    }
    Ok(decisions)
}

#[derive(sqlx::FromRow)]
struct DecisionRow {
    message_id: Uuid,
    regime: String,
    state: String,
    details: Sealed,
    provided_at: At,
    retrieved_at: Option<At>,
    announced_at: Option<At>,
    posted_at: Option<At>,
    next_at: Option<At>,
}

fn details_of(row: &str) -> Cell<'_> {
    Cell { table: "decisions", row, column: "details" }
}

/// When something follows although nobody does anything: the beginning of that day.
fn next(regime: &Regime, provided: Timestamp) -> Option<Timestamp> {
    let today = provided.to_zoned(local_zone()).date();
    let day = match regime.counts_from {
        CountsFrom::Provided => counts_on(regime, today),
        CountsFrom::Retrieved => today.saturating_add(i32::from(regime.retrieve_within_days?).saturating_add(1).days()),
    };
    day.to_zoned(local_zone()).ok().map(|day| day.timestamp())
}

/// The day on which a decision counts as announced, counted from the day on which it was provided or retrieved. Holidays
/// are not known here, only weekends.
pub fn counts_on(regime: &Regime, from: Date) -> Date {
    let day = from.saturating_add(i32::from(regime.days).days());
    match (regime.weekend, day.weekday()) {
        (Weekend::NextWorkingDay, Weekday::Saturday) => day.saturating_add(2.days()),
        (Weekend::NextWorkingDay, Weekday::Sunday) => day.saturating_add(1.days()),
        _ => day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regime(text: &str) -> Regime {
        let text = format!("{{\"name\": \"x\", \"basis\": \"x\", \"text\": \"x\", {text}}}");
        serde_json::from_str(&text).expect("a regime")
    }

    #[test]
    fn a_day_on_a_weekend_moves_on_where_the_law_says_so() {
        let from = jiff::civil::date(2026, 11, 24);
        assert_eq!(from.weekday(), Weekday::Tuesday);
        let moves = regime(r#""counts_from": "provided", "days": 4, "weekend": "next_working_day""#);
        let stays = regime(r#""counts_from": "provided", "days": 4"#);
        assert_eq!(counts_on(&moves, from), jiff::civil::date(2026, 11, 30));
        assert_eq!(counts_on(&stays, from), jiff::civil::date(2026, 11, 28));
    }

    #[test]
    fn what_nobody_retrieves_is_looked_at_when_the_time_is_over() {
        let provided: Timestamp = "2026-11-24T10:00:00+01:00".parse().expect("a moment");
        let retrieved = regime(r#""counts_from": "retrieved", "days": 1, "retrieve_within_days": 10"#);
        let next = next(&retrieved, provided).expect("a day");
        assert_eq!(next.to_zoned(local_zone()).date(), jiff::civil::date(2026, 12, 5));
        assert_eq!(super::next(&regime(r#""counts_from": "retrieved", "days": 1"#), provided), None);
    }
}
