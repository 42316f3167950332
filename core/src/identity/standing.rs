//! How long a login counts: the higher the level, the sooner it decays – to the next lower one, not to nothing.

use jiff::{SignedDuration, Timestamp};

use crate::tenant::schema::Level;

/// How long a level lasts after somebody proved who they are, and how long without a sign of life
/// (identity.md, after BSI TR-03107).
struct Limit {
    level: Level,
    lasts: SignedDuration,
    idle: SignedDuration,
}

/// Highest first; each is the one that the one before decays to.
const LIMITS: [Limit; 3] = [
    Limit { level: Level::Hoch, lasts: SignedDuration::from_mins(30), idle: SignedDuration::from_mins(5) },
    Limit { level: Level::Substantiell, lasts: SignedDuration::from_mins(120), idle: SignedDuration::from_mins(30) },
    Limit { level: Level::Basis, lasts: SignedDuration::from_mins(720), idle: SignedDuration::from_mins(60) },
];

/// The longest that any session lives.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(720);

/// What a session is worth at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub level: Level,
    /// Until when, if nobody does anything, and at the latest.
    pub until: Timestamp,
    /// What it decays to then; `None`: the session ends.
    pub then: Option<Level>,
}

/// `None`: the session is over. A level that has decayed once does not come back: whoever keeps the session writes the
/// new one down.
pub fn standing(reached: Level, authenticated: Timestamp, seen: Timestamp, now: Timestamp) -> Option<Standing> {
    let ends = |limit: &Limit| (authenticated + limit.lasts).min(seen + limit.idle);
    let rest = LIMITS.iter().skip_while(|limit| limit.level > reached);
    let mut counting = rest.skip_while(|limit| now >= ends(limit));
    let limit = counting.next()?;
    Some(Standing { level: limit.level, until: ends(limit), then: counting.next().map(|lower| lower.level) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    fn level(reached: Level, seen: i64, now: i64) -> Option<Level> {
        standing(reached, at(0), at(seen), at(now)).map(|standing| standing.level)
    }

    #[test]
    fn a_level_decays_by_age_and_by_silence_and_the_session_ends_last() {
        use Level::{Basis, Hoch, Substantiell};
        for (reached, seen, now, left) in [
            (Hoch, 0, 4, Some(Hoch)),
            (Hoch, 0, 5, Some(Substantiell)),
            (Hoch, 28, 29, Some(Hoch)),
            (Hoch, 29, 30, Some(Substantiell)),
            (Hoch, 0, 29, Some(Substantiell)),
            (Hoch, 0, 30, Some(Basis)),
            (Hoch, 119, 120, Some(Basis)),
            (Hoch, 0, 60, None),
            (Substantiell, 20, 21, Some(Substantiell)),
            (Basis, 700, 719, Some(Basis)),
            (Basis, 719, 720, None),
        ] {
            assert_eq!(level(reached, seen, now), left, "{reached:?} seen at {seen}, asked at {now}");
        }
    }
}
