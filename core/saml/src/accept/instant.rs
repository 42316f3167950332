//! Step 8: moments, and how far the clocks of two houses may differ.

use jiff::{SignedDuration, Timestamp};

use crate::xml::Element;
use crate::{Rejected, Signed};

/// A minute, in both directions.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn maybe(element: Element<'_>, name: &'static str) -> Result<Option<Timestamp>, Rejected> {
    let text = element.attribute(name);
    text.map(|text| text.trim().parse().map_err(|_| Rejected::Shape(name))).transpose()
}

pub(super) fn required(element: Element<'_>, name: &'static str) -> Result<Timestamp, Rejected> {
    maybe(element, name)?.ok_or(Rejected::Shape(name))
}

/// Refuses what does not hold yet.
pub(super) fn has_come(moment: Timestamp, now: Timestamp, what: Signed) -> Result<(), Rejected> {
    if moment.duration_since(now) > SKEW { Err(Rejected::NotYetValid(what)) } else { Ok(()) }
}

/// Refuses what does not hold any more.
pub(super) fn lies_ahead(not_on_or_after: Timestamp, now: Timestamp) -> Result<(), Rejected> {
    if now.duration_since(not_on_or_after) >= SKEW { Err(Rejected::Expired) } else { Ok(()) }
}

/// Whether `moment` is earlier than `other` by more than clocks may differ.
pub(super) fn is_before(moment: Timestamp, other: Timestamp) -> bool {
    other.duration_since(moment) > SKEW
}

/// From when on [`lies_ahead`] refuses.
pub(super) fn with_skew(not_on_or_after: Timestamp) -> Timestamp {
    not_on_or_after.saturating_add(SKEW).unwrap_or(Timestamp::MAX)
}
