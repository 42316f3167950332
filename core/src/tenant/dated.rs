//! Values with dates. `from` and `until` are local and inclusive; outside them an entry is not there.
//!
//! Dates are resolved once, when a town is built for a moment; the town then knows its next switch and is built anew
//! at it. Pages and rooms never compare dates of configuration themselves.

use std::sync::Arc;

use jiff::{Timestamp, Zoned, civil};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::schema::Phase;
use crate::{
    clock::local_zone,
    yaml::{At, Data, Node, Problem, share},
};

/// A local date or date-time, as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalMoment {
    Day(civil::Date),
    Moment(civil::DateTime),
    Exact(Timestamp),
}

impl LocalMoment {
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(exact) = text.parse::<Timestamp>() {
            return Some(Self::Exact(exact));
        }
        if text.contains(['T', ' ']) {
            return text.parse().ok().map(Self::Moment);
        }
        text.parse().ok().map(Self::Day)
    }

    /// The first moment that belongs to it.
    pub fn start(self) -> Timestamp {
        match self {
            Self::Day(day) => at(day.into()),
            Self::Moment(moment) => at(moment),
            Self::Exact(moment) => moment,
        }
    }

    /// The first moment after it: the next day, or one second later.
    pub fn end(self) -> Timestamp {
        match self {
            Self::Day(day) => day.tomorrow().map_or(Timestamp::MAX, |next| at(next.into())),
            _ => self.start().checked_add(jiff::SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX),
        }
    }

    pub fn local_date(self) -> civil::Date {
        self.start().to_zoned(local_zone()).date()
    }
}

fn at(moment: civil::DateTime) -> Timestamp {
    moment.to_zoned(local_zone()).map_or(Timestamp::MAX, |zoned: Zoned| zoned.timestamp())
}

impl<'de> Deserialize<'de> for LocalMoment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(not_a_date(&text)))
    }
}

impl JsonSchema for LocalMoment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LocalMoment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A local date or date-time (Europe/Berlin), inclusive.",
            "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2})?.*)?$"
        })
    }
}

fn not_a_date(text: &str) -> String {
    format!("is `{text}`, expected a date such as `2026-05-15` or `2026-05-15T18:00`")
}

/// From when to when; open ends are for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Period {
    pub from: Option<LocalMoment>,
    pub until: Option<LocalMoment>,
}

impl Period {
    pub fn start(self) -> Timestamp {
        self.from.map_or(Timestamp::MIN, LocalMoment::start)
    }

    /// The first moment that no longer belongs to it.
    pub fn end(self) -> Timestamp {
        self.until.map_or(Timestamp::MAX, LocalMoment::end)
    }

    pub fn contains(self, moment: Timestamp) -> bool {
        self.start() <= moment && moment < self.end()
    }

    fn overlaps(self, other: Self) -> bool {
        self.start() < other.end() && other.start() < self.end()
    }

    /// Reads `from` and `until` of a mapping; `None` where it has neither.
    fn of(node: &Node, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut read = |name: &str| {
            let value = node.get(name)?;
            let moment = value.text().and_then(LocalMoment::parse);
            if moment.is_none() {
                problems.push(Problem::new(&value.at, not_a_date(&value.data.to_string())));
            }
            moment
        };
        let period = Self { from: read("from"), until: read("until") };
        if period.start() >= period.end() {
            problems.push(
                Problem::new(&node.at, "ends before it begins").hint("`until` is the last day, `from` the first"),
            );
        }
        (period.from.is_some() || period.until.is_some()).then_some(period)
    }
}

/// Resolves dates and phases for one moment and collects the moments at which the result would differ.
pub struct Moment<'a> {
    pub now: Timestamp,
    pub phase: Option<Phase>,
    pub switches: &'a mut Vec<Timestamp>,
    pub problems: &'a mut Vec<Problem>,
}

impl Moment<'_> {
    /// What is there at this moment; `None` where the whole value is outside its dates.
    pub fn resolve(&mut self, node: &Arc<Node>) -> Option<Arc<Node>> {
        match &node.data {
            Data::Map(entries) => {
                if !self.is_there(node) {
                    return None;
                }
                let is_condition = |name: &str| matches!(name, "from" | "until" | "when");
                let kept = entries.iter().filter(|(key, _)| !is_condition(&key.name));
                let kept = kept.filter_map(|(key, value)| Some((key.clone(), self.resolve(value)?))).collect();
                Some(share(node, Data::Map(kept)))
            }
            Data::List(items) if is_dated_value(items) => self.choose(items),
            Data::List(items) => {
                let kept = items.iter().filter_map(|item| self.resolve(item)).collect();
                Some(share(node, Data::List(kept)))
            }
            _ => Some(node.clone()),
        }
    }

    fn is_there(&mut self, node: &Node) -> bool {
        let in_phase = match node.get("when") {
            None => true,
            Some(word) => {
                let text = word.text().unwrap_or_default();
                if !Phase::ALL.contains(&text) {
                    let problem = Problem::new(&word.at, format!("says `when: {}`, which is no phase", word.data));
                    self.problems.push(problem.nearest(text, Phase::ALL));
                }
                self.phase.is_some_and(|phase| phase.word() == text)
            }
        };
        self.in_dates(node) && in_phase
    }

    fn in_dates(&mut self, node: &Node) -> bool {
        let Some(period) = Period::of(node, self.problems) else { return true };
        self.switches.extend([period.start(), period.end()]);
        period.contains(self.now)
    }

    /// `[{value: …, until: …}, {value: …, from: …}]`: the one that is valid. Overlaps are told on the day they are
    /// written, not on the day they begin.
    fn choose(&mut self, items: &[Arc<Node>]) -> Option<Arc<Node>> {
        let mut chosen = None;
        let mut above: Vec<Period> = Vec::with_capacity(items.len());
        for item in items {
            let period = Period::of(item, self.problems).unwrap_or_default();
            if above.iter().any(|other| other.overlaps(period)) {
                let problem = Problem::new(&item.at, "overlaps with a value above it");
                self.problems
                    .push(problem.hint("dates are inclusive on both ends: end one day before the next begins"));
            }
            self.switches.extend([period.start(), period.end()]);
            if period.contains(self.now) {
                chosen = chosen.or_else(|| item.get("value"));
            }
            above.push(period);
        }
        self.resolve(chosen?)
    }
}

fn is_dated_value(items: &[Arc<Node>]) -> bool {
    let is_value = |item: &Arc<Node>| {
        item.get("value").is_some()
            && item.entries().iter().all(|(key, _)| matches!(&*key.name, "value" | "from" | "until"))
    };
    !items.is_empty() && items.iter().all(is_value)
}

/// The first of `switches` after `now`.
pub fn next_switch(switches: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    switches.iter().copied().filter(|switch| *switch > now && *switch < Timestamp::MAX).min()
}

/// A date in the words of a locale: `15. Mai 2024`, `15 May 2024`.
pub fn in_words(date: civil::Date, locale: &str) -> String {
    const GERMAN: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let (day, month, year) = (date.day(), date.month() as usize - 1, date.year());
    match locale {
        "en" => date.strftime("%-d %B %Y").to_string(),
        _ => format!("{day}. {} {year}", GERMAN[month]),
    }
}

/// A node for a date, in every locale that says dates differently.
pub(super) fn date_node(place: &At, date: civil::Date) -> Arc<Node> {
    let entry = |locale: &str| {
        let key = crate::yaml::Key { at: place.clone(), name: locale.into() };
        (key, Node::new(place.clone(), Data::Text(in_words(date, locale).into())))
    };
    Node::new(place.clone(), Data::Map(vec![entry("de"), entry("en")]))
}
