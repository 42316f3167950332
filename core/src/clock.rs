//! The only source of "now". Nothing else in the house asks the operating system for the date.

use std::sync::{Arc, Mutex};

use jiff::{Timestamp, Zoned, civil, tz::TimeZone};

/// The zone in which towns think: dates in configuration, opening hours, deadlines.
pub fn local_zone() -> TimeZone {
    TimeZone::get("Europe/Berlin").expect("the time zone data is built in")
}

/// The last day in the town before something ends.
pub fn last_day_before(end: Timestamp) -> civil::Date {
    (end - jiff::SignedDuration::from_secs(1)).to_zoned(local_zone()).date()
}

/// Wall-clock time, possibly moved by an offset for rehearsals (`--now`), or held still by a test.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    Moved(jiff::SignedDuration),
    Held(Arc<Mutex<Timestamp>>),
}

impl Default for Source {
    fn default() -> Self {
        Self::Moved(jiff::SignedDuration::ZERO)
    }
}

impl Clock {
    /// A clock that shows `start` now and goes on from there.
    pub fn starting_at(start: Timestamp) -> Self {
        Self(Source::Moved(start.duration_since(system_now())))
    }

    /// A clock that only moves when [`Clock::set`] is called.
    pub fn held_at(now: Timestamp) -> Self {
        Self(Source::Held(Arc::new(Mutex::new(now))))
    }

    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Moved(offset) => system_now().checked_add(*offset).unwrap_or(Timestamp::MAX),
            Source::Held(now) => *now.lock().expect("no holder of the clock panics"),
        }
    }

    /// Now in the town's zone.
    pub fn local(&self) -> Zoned {
        self.now().to_zoned(local_zone())
    }

    /// Moves a held clock; a running one goes on by itself.
    pub fn set(&self, to: Timestamp) {
        if let Source::Held(now) = &self.0 {
            *now.lock().expect("no holder of the clock panics") = to;
        }
    }

    /// Whether the operator rehearses another time.
    pub fn is_moved(&self) -> bool {
        matches!(&self.0, Source::Moved(offset) if !offset.is_zero())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
fn system_now() -> Timestamp {
    Timestamp::now()
}

/// Reads what `--now` takes: a local date (its first moment), a local date-time or RFC 3339 with an offset.
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let local = text.parse::<civil::DateTime>().ok().or_else(|| text.parse::<civil::Date>().ok().map(Into::into))?;
    local.to_zoned(local_zone()).ok().map(|moment| moment.timestamp())
}
