//! How often something may happen.

use std::{num::NonZeroU32, str::FromStr, time::Duration};

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};

/// `limits.rates` in `portal.yaml`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    pub login: Rate,
    /// Logins of clerks: a whole town hall comes from one address.
    pub staff: Rate,
    pub mail: Rate,
    /// Messages to the town hall, by people who are logged in.
    pub messages: Rate,
    /// Applications begun and sent: many people may sit behind one address, in a library or a home.
    pub forms: Rate,
    /// Pages of applications that are saved.
    pub answers: Rate,
    /// Files that people hand over, one by one.
    pub uploads: Rate,
    /// Everything of a person as one file.
    pub exports: Rate,
    pub search: Rate,
}

/// So many in so long: `20/1m`, `5/10 minutes`; they come back one by one. `off`: as many as one likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    Of(NonZeroU32, Duration),
    Off,
}

impl Default for Rates {
    fn default() -> Self {
        let rate =
            |times, seconds| Rate::Of(NonZeroU32::new(times).expect("more than none"), Duration::from_secs(seconds));
        Self {
            login: rate(20, 60),
            staff: rate(120, 60),
            mail: rate(5, 600),
            messages: rate(60, 600),
            forms: rate(60, 600),
            answers: rate(600, 600),
            uploads: rate(100, 600),
            exports: rate(5, 600),
            search: rate(120, 60),
        }
    }
}

impl Rates {
    /// For measuring, and for tests that ask more than any visitor.
    pub const OFF: Self = Self {
        login: Rate::Off,
        staff: Rate::Off,
        mail: Rate::Off,
        messages: Rate::Off,
        forms: Rate::Off,
        answers: Rate::Off,
        uploads: Rate::Off,
        exports: Rate::Off,
        search: Rate::Off,
    };
}

/// The word that is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no rate: `20/1m`, `5/10m` or `off`")]
pub struct NoRate(String);

impl FromStr for Rate {
    type Err = NoRate;

    fn from_str(text: &str) -> Result<Self, NoRate> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let parts = text.split_once('/').and_then(|(times, period)| {
            let period = Duration::try_from(period.trim().parse::<SignedDuration>().ok()?).ok()?;
            let times = times.trim().parse::<NonZeroU32>().ok()?;
            // governor counts in nanoseconds between two of them
            (!(period / times.get()).is_zero()).then_some(Self::Of(times, period))
        });
        parts.ok_or_else(|| NoRate(text.to_owned()))
    }
}

impl Rate {
    pub fn period(self) -> Option<Duration> {
        match self {
            Self::Of(_, period) => Some(period),
            Self::Off => None,
        }
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_as_one_says_it() {
        let of = |times, seconds| Ok(Rate::Of(NonZeroU32::new(times).unwrap(), Duration::from_secs(seconds)));
        assert_eq!("20/1m".parse(), of(20, 60));
        assert_eq!("5 / 10 minutes".parse(), of(5, 600));
        assert_eq!("1/30s".parse(), of(1, 30));
        assert_eq!("off".parse(), Ok(Rate::Off));
        for wrong in ["", "20", "0/1m", "-1/1m", "20/m", "20/0s", "20/-1m", "4000000000/1ns", "x/1m"] {
            assert_eq!(wrong.parse::<Rate>(), Err(NoRate(wrong.into())));
        }
    }
}
