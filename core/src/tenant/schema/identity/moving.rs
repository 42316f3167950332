//! Accounts whose provider goes: until when another provider's may take over what lies in them.

use std::sync::Arc;

use jiff::{Span, Timestamp, ToSpan, civil::Date};

use super::{Identity, Provider};
use crate::clock::{last_day_before, local_zone};

/// So long before the end people are told that their old account will be deleted.
fn notice() -> Span {
    14.days()
}

/// Accounts of one provider that may move to another one.
#[derive(Debug, Clone)]
pub struct Moving {
    pub from: Arc<Provider>,
    pub to: Arc<Provider>,
    pub stage: Stage,
    /// The last day on which somebody may take over an old account.
    pub last_day: Date,
    /// The first moment after it.
    pub end: Timestamp,
}

/// Where a move stands. Before the new provider is in use there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Open,
    /// Still open; whoever has not moved is told that it ends.
    Closing,
    /// What is left is deleted.
    Over,
}

impl Identity {
    /// All moves that have begun, also those that are over: accounts may be left.
    pub fn moving_at(&self, moment: Timestamp) -> Vec<Moving> {
        let begun = self.moves().filter(|(_, to, _)| to.period().start() <= moment);
        let moving = begun.map(|(from, to, end)| Moving {
            from: from.clone(),
            to: to.clone(),
            stage: match moment {
                _ if moment >= end => Stage::Over,
                _ if moment >= before(end, notice()) => Stage::Closing,
                _ => Stage::Open,
            },
            last_day: last_day_before(end),
            end,
        });
        moving.collect()
    }

    /// From, to, end; what names no end or nobody is told of while the town is built.
    fn moves(&self) -> impl Iterator<Item = (&Arc<Provider>, &Arc<Provider>, Timestamp)> {
        self.providers.iter().filter_map(|from| {
            let to = from.moves_to.as_ref()?;
            let to = self.providers.iter().find(|provider| provider.id == *to)?;
            Some((from, to, from.moves_end()?))
        })
    }
}

impl Provider {
    /// The first moment at which nobody may take over its accounts any more.
    pub fn moves_end(&self) -> Option<Timestamp> {
        self.moves_until.or(self.until).map(|last| last.end())
    }
}

pub(super) fn switches(identity: &Identity) -> Vec<Timestamp> {
    identity.moves().flat_map(|(_, to, end)| [to.period().start(), before(end, notice()), end]).collect()
}

/// In days of the calendar, of which one has 23 hours and one 25.
fn before(end: Timestamp, time: Span) -> Timestamp {
    end.to_zoned(local_zone()).checked_sub(time).map_or(Timestamp::MIN, |then| then.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse_moment;

    #[test]
    fn a_move_opens_with_the_new_provider_and_ends_after_its_last_day_in_summer_and_in_winter() {
        for (from, until, told, over) in [
            ("2024-05-15", "2024-06-30", "2024-06-17T00:00", "2024-07-01T00:00"),
            // the clock goes back on 25 October, and forward on 28 March
            ("2026-10-01", "2026-10-31", "2026-10-18T00:00", "2026-11-01T00:00"),
            ("2027-03-01", "2027-03-31", "2027-03-18T00:00", "2027-04-01T00:00"),
        ] {
            let identity: Identity = serde_json::from_value(serde_json::json!({"providers": [
                {"id": "alt", "kind": "saml", "name": "Alt", "until": until, "moves_to": "neu"},
                {"id": "neu", "kind": "bundid", "name": "Neu", "from": from},
            ]}))
            .expect("an identity");
            let moment = |text: &str| parse_moment(text).expect("a moment");
            let stage = |at: Timestamp| identity.moving_at(at).first().map(|moving| moving.stage);
            let a_second_before = |text: &str| moment(text) - jiff::SignedDuration::from_secs(1);
            assert_eq!(stage(a_second_before(from)), None);
            assert_eq!(stage(moment(from)), Some(Stage::Open));
            assert_eq!(stage(a_second_before(told)), Some(Stage::Open));
            assert_eq!(stage(moment(told)), Some(Stage::Closing));
            assert_eq!(stage(a_second_before(over)), Some(Stage::Closing));
            assert_eq!(stage(moment(over)), Some(Stage::Over));
            assert_eq!(identity.moving_at(moment(told))[0].last_day.to_string(), until);
        }
    }
}
