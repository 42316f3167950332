//! Days that are no working days in North Rhine-Westphalia.

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};

/// Holidays with a fixed day (§ 2 Feiertagsgesetz NW).
const FIXED: [(i8, i8); 6] = [(1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)];
/// Those that follow Easter Sunday, by days: Good Friday, Easter Monday, Ascension, Whit Monday, Corpus Christi.
const AROUND_EASTER: [i32; 5] = [-2, 1, 39, 50, 60];

/// The day itself, or the next one that is neither Saturday nor Sunday nor a holiday (§ 108 Absatz 3 AO, § 31 Absatz 3
/// VwVfG NRW).
pub fn working_day(mut day: Date) -> Date {
    while is_off(day) {
        day = day.saturating_add(1.days());
    }
    day
}

fn is_off(day: Date) -> bool {
    let easter = easter(day.year());
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        || FIXED.contains(&(day.month(), day.day()))
        || AROUND_EASTER.iter().any(|days| easter.saturating_add(days.days()) == day)
}

/// Easter Sunday of the Gregorian calendar, after Meeus, Jones and Butcher.
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (golden, century, rest) = (y % 19, y / 100, y % 100);
    let correction = (century + 8) / 25;
    let epact = (19 * golden + century - century / 4 - (century - correction + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 22;
    date(year, 3, 1).saturating_add((days - 1).days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_when_the_church_says() {
        for (year, month, day) in
            [(1961, 4, 2), (2000, 4, 23), (2024, 3, 31), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25)]
        {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    #[test]
    fn a_day_off_moves_on_to_the_next_working_day() {
        for (from, to) in [
            (date(2026, 11, 28), date(2026, 11, 30)),
            // Good Friday to the Tuesday after Easter
            (date(2026, 4, 3), date(2026, 4, 7)),
            // Christmas on a Friday, Saturday and Sunday
            (date(2026, 12, 25), date(2026, 12, 28)),
            (date(2026, 5, 14), date(2026, 5, 15)),
            (date(2026, 6, 4), date(2026, 6, 5)),
            (date(2026, 5, 25), date(2026, 5, 26)),
            (date(2027, 11, 1), date(2027, 11, 2)),
            // a holiday elsewhere, and two days that only feel like one
            (date(2026, 6, 24), date(2026, 6, 24)),
            (date(2026, 12, 24), date(2026, 12, 24)),
            (date(2026, 12, 31), date(2026, 12, 31)),
        ] {
            assert_eq!(working_day(from), to, "{from}");
        }
    }
}
