//! Dates in prose, in the notations of German and English texts.

use std::{cmp::Reverse, ops::Range, sync::LazyLock};

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::pattern;

/// A day, or a part of a year, as it stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    pub range: Range<usize>,
    /// Its last day.
    pub last: Date,
    pub grain: Grain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    Day,
    /// A month, a season, a quarter, the end of a year.
    Part,
    Year,
}

/// All dates of a text, in their order; of those that overlap, the longest.
pub fn find(text: &str) -> Vec<Dated> {
    let mut dates: Vec<Dated> =
        NOTATIONS.iter().flat_map(|notation| notation.captures_iter(text)).filter_map(|at| dated(text, &at)).collect();
    dates.sort_by_key(|date| (date.range.start, Reverse(date.range.end)));
    dates.dedup_by(|later, earlier| later.range.start < earlier.range.end);
    dates
}

fn dated(text: &str, found: &Captures) -> Option<Dated> {
    let range = found.get_match().range();
    if is_part_of_a_number(&text[..range.start], &text[range.end..]) {
        return None;
    }
    let number = |name: &str| found.name(name)?.as_str().parse::<i16>().ok();
    let year = match number("year")? {
        year @ 0..50 => year + 2000,
        year @ 50..100 => year + 1900,
        year => year,
    };
    let month = match (found.name("month"), found.name("part")) {
        (Some(name), _) => Some(month(name.as_str())?),
        (_, Some(part)) => Some(last_month(part.as_str())),
        _ => number("number").map(|month| i8::try_from(month).unwrap_or(0)),
    };
    let (last, grain) = match (month, number("day")) {
        (Some(month), Some(day)) => (Date::new(year, month, i8::try_from(day).ok()?).ok()?, Grain::Day),
        (Some(month), None) => (Date::new(year, month, 1).ok()?.last_of_month(), Grain::Part),
        (None, _) => (Date::new(year, 12, 31).ok()?, Grain::Year),
    };
    Some(Dated { range, last, grain })
}

/// A file number or a version: digits go on behind a dot, a dash or a slash.
fn is_part_of_a_number(before: &str, after: &str) -> bool {
    let goes_on = |mark: Option<char>, next: Option<char>| {
        matches!(mark, Some('.' | '-' | '/' | ':')) && next.is_some_and(|c| c.is_ascii_digit())
    };
    let (mut before, mut after) = (before.chars().rev(), after.chars());
    goes_on(before.next(), before.next()) || goes_on(after.next(), after.next())
}

static NOTATIONS: LazyLock<[Regex; 6]> = LazyLock::new(|| {
    const MONTH: &str = "(?<month>Jan(?:uar|uary)?|Feb(?:ruar|ruary)?|März|Mrz|March|Mar|Apr(?:il)?|Mai|May|Jun[ei]?|Jul[iy]?\
        |Aug(?:ust)?|Sept?(?:ember)?|O[kc]t(?:ober)?|Nov(?:ember)?|De[zc](?:ember)?)";
    const YEAR: &str = r"(?<year>(?:19|20)\d\d)\b";
    [
        format!(r"(?i)\b(?:(?<day>\d{{1,2}})(?:\.|st|nd|rd|th)?\s*(?:of\s+)?)?\b{MONTH}\b\.?,?\s+{YEAR}"),
        format!(r"(?i)\b{MONTH}\.?\s+(?<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{YEAR}"),
        r"\b(?<day>\d{1,2})\.\s?(?<number>\d{1,2})\.\s?(?<year>(?:19|20)?\d\d)\b".to_owned(),
        r"\b(?<year>(?:19|20)\d\d)-(?<number>\d\d)-(?<day>\d\d)\b".to_owned(),
        format!(
            r"(?i)\b(?<part>Anfang|Mitte|Ende|Frühjahr|Frühling|Sommer|Herbst|early|mid|late|end\s+of|spring|summer|autumn|[1-4]\.\s*Quartal|[12]\.\s*Halbjahr|Jahresende|Jahreswechsel|Karneval|(?:Oster|Pfingst|Sommer|Herbst|Weihnachts)ferien|Ostern|Pfingsten|Weihnachten|Silvester|Easter|Christmas)[\s-]+(?:des\s+Jahres\s+)?{YEAR}"
        ),
        format!(r"\b{YEAR}"),
    ]
    .map(|notation| pattern(&notation))
});

fn month(name: &str) -> Option<i8> {
    const STARTS: [&str; 12] = ["jan", "feb", "m", "ap", "ma", "jun", "jul", "au", "se", "o", "n", "d"];
    let name = name.to_lowercase();
    let i = match &*name {
        "mai" | "may" => 4,
        _ => STARTS.iter().position(|start| name.starts_with(start))?,
    };
    i8::try_from(i + 1).ok()
}

/// The last month of a part of the year.
fn last_month(part: &str) -> i8 {
    let part: String = part.to_lowercase().split_whitespace().collect();
    match &*part {
        "anfang" | "early" | "1.quartal" | "karneval" => 3,
        "ostern" | "osterferien" | "easter" => 4,
        "frühjahr" | "frühling" | "spring" => 5,
        "2.quartal" | "1.halbjahr" | "pfingsten" | "pfingstferien" => 6,
        "mitte" | "mid" | "sommer" | "summer" => 8,
        "3.quartal" | "sommerferien" => 9,
        "herbst" | "herbstferien" | "autumn" => 11,
        _ => 12,
    }
}
