//! Dates, numbers and money as people type them.

use jiff::civil::Date;

use crate::web::is_phone;

const MONTHS: [(&str, &str); 12] = [
    ("jan", "january"),
    ("feb", "february"),
    ("mär", "march"),
    ("apr", "april"),
    ("mai", "may"),
    ("jun", "june"),
    ("jul", "july"),
    ("aug", "august"),
    ("sep", "september"),
    ("okt", "october"),
    ("nov", "november"),
    ("dez", "december"),
];

/// `3.5.24`, `03.05.2024`, `3. Mai 2024`, `3/5/2024`, `030524`, `03052024`, `2024-05-03`: the day comes first, or the year
/// in four digits. Two digits of a year are the last hundred years up to ten from now.
pub fn date(text: &str, today: Date) -> Option<Date> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let text = text.trim().to_lowercase();
    if text.bytes().all(|b| b.is_ascii_digit()) && matches!(text.len(), 6 | 8) {
        return day(&text[..2], &text[2..4], &text[4..], today);
    }
    let separated = |c: char| matches!(c, '.' | '/' | '-' | ' ' | ',');
    let parts: Vec<&str> = text.split(separated).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [first, month, last] if first.len() == 4 => day(last, month, first, today),
        [first, month, last] => day(first, month, last, today),
        _ => None,
    }
}

/// `03/2024`, `März 2024`, `2024-03`: a date without its day.
pub fn is_month(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let parts: Vec<&str> = text.split(['.', '/', '-', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let is_month =
        |part: &str| part.parse().ok().or_else(|| month_of(part)).is_some_and(|month| (1..=12).contains(&month));
    let is_year = |part: &str| part.len() == 4 && part.parse::<i16>().is_ok();
    matches!(parts[..], [one, other] if is_month(one) && is_year(other) || is_year(one) && is_month(other))
}

fn day(day: &str, month: &str, year: &str, today: Date) -> Option<Date> {
    let month: i8 = month.parse().ok().or_else(|| month_of(month))?;
    let digits = year.len();
    let year: i16 = year.parse().ok()?;
    let year = match digits {
        4 => year,
        2 => {
            let this_century = today.year() - today.year() % 100 + year;
            if this_century > today.year() + 10 { this_century - 100 } else { this_century }
        }
        _ => return None,
    };
    Date::new(year, month, day.parse().ok()?).ok()
}

fn month_of(word: &str) -> Option<i8> {
    let word = word.replace("maerz", "mär").replace("mrz", "mär");
    let letters = word.chars().count();
    let is =
        |(german, english): &(&str, &str)| letters >= 3 && (word.starts_with(german) || english.starts_with(&word));
    Some(MONTHS.iter().position(is)? as i8 + 1)
}

/// Whole numbers: `12`, `1.200`, `1 200`.
pub fn number(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    Some(sign * grouped(digits)?)
}

/// Euros in cents: `12`, `12,5`, `12,50 €`, `1.200,00`, `12.50`.
pub fn money(text: &str) -> Option<i64> {
    let text = text.trim_end_matches(|c: char| c == '€' || c.is_whitespace());
    let text = text.strip_suffix("EUR").or_else(|| text.strip_suffix("Euro")).unwrap_or(text).trim();
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (euros, cents) = match text.rsplit_once(',') {
        Some((euros, cents)) => (euros, cents),
        // a point before two digits stands for a comma, before three it groups
        None => text.rsplit_once('.').filter(|(_, end)| end.len() < 3).unwrap_or((text, "")),
    };
    let cents: i64 = match cents {
        "" | "-" | "--" | "–" => 0,
        cents if cents.len() <= 2 && cents.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{cents:0<2}").parse().ok()?
        }
        _ => return None,
    };
    grouped(euros)?.checked_mul(100)?.checked_add(cents).map(|cents| sign * cents)
}

/// Digits, perhaps in groups of three.
fn grouped(text: &str) -> Option<i64> {
    let groups: Vec<&str> = text.split(['.', ' ', '\u{a0}', '\u{202f}', '\'']).collect();
    let is_group = |(i, group): (usize, &&str)| match i {
        0 => (1..=if groups.len() > 1 { 3 } else { 15 }).contains(&group.len()),
        _ => group.len() == 3,
    };
    let fits = groups.iter().enumerate().all(is_group) && text.len() <= 20;
    let digits = groups.concat();
    (fits && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// Digits with the marks people put between them, as they were typed.
pub fn phone(text: &str) -> Option<String> {
    is_phone(text).then(|| text.to_owned())
}

/// Latin letters with their marks, and what stands between the parts of a name (DIN 91379, data type A and what people
/// with such names need: an over-careful rule would lock somebody out).
pub fn is_latin(c: char) -> bool {
    match c {
        ' ' | '-' | '\'' | '.' | ',' | '’' | 'ʼ' | 'ʻ' | '´' | '`' | '·' | '–' | '/' | '(' | ')' => true,
        '0'..='9' => true,
        '\u{300}'..='\u{36f}' | '\u{2b0}'..='\u{2ff}' => true,
        c => c.is_alphabetic() && (c <= '\u{24f}' || ('\u{1e00}'..='\u{1eff}').contains(&c)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as on;

    use super::*;

    #[test]
    fn a_month_without_a_day_is_told_from_nonsense() {
        for text in ["03/2024", "März 2024", "2024-03", "3.2024"] {
            assert!(is_month(text), "{text}");
        }
        for text in ["2024", "13/2024", "gestern", "3.5.24", "03/24"] {
            assert!(!is_month(text), "{text}");
        }
    }

    #[test]
    fn dates_are_taken_as_people_type_them() {
        let today = on(2026, 11, 22);
        let typed = [
            "3.5.24",
            "03.05.2024",
            "3. Mai 2024",
            "3 mai 24",
            "3/5/2024",
            "030524",
            "03052024",
            "2024-05-03",
            "3-5-2024",
            "3. May 2024",
            "2024.05.03",
        ];
        for text in typed {
            assert_eq!(date(text, today), Some(on(2024, 5, 3)), "{text}");
        }
        for (text, expected) in [
            ("1.1.36", Some(on(2036, 1, 1))),
            ("1.1.37", Some(on(1937, 1, 1))),
            ("12. März 1983", Some(on(1983, 3, 12))),
            ("12. Maerz 1983", Some(on(1983, 3, 12))),
            ("1. Juni 2020", Some(on(2020, 6, 1))),
            ("1. Juli 2020", Some(on(2020, 7, 1))),
            ("29.2.2023", None),
            ("31.4.2024", None),
            ("5.2024", None),
            ("heute", None),
            ("1.1.124", None),
            ("1. ma 2024", None),
            ("", None),
        ] {
            assert_eq!(date(text, today), expected, "{text}");
        }
    }

    #[test]
    fn money_is_taken_as_people_type_it() {
        for (text, expected) in [
            ("12", Some(1200)),
            ("12,5", Some(1250)),
            ("12,50 €", Some(1250)),
            ("12.50", Some(1250)),
            ("1.200", Some(120_000)),
            ("1.200,00 EUR", Some(120_000)),
            ("12,-", Some(1200)),
            ("0,99", Some(99)),
            ("-5", Some(-500)),
            ("1.20,00", None),
            ("12,345", None),
            ("zwölf", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(money(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_and_telephones() {
        assert_eq!((number("1.200"), number("40"), number("-3")), (Some(1200), Some(40), Some(-3)));
        assert_eq!((number("4,5"), number("1.2"), number("x")), (None, None, None));
        assert_eq!(phone("05732 / 100-0").as_deref(), Some("05732 / 100-0"));
        assert_eq!((phone("+49 5732 1000").is_some(), phone("123"), phone("5732+100")), (true, None, None));
    }

    #[test]
    fn names_are_latin_with_all_their_marks() {
        for name in ["Đorđe", "C\u{300}iril", "O’Neill", "Nguyễn Thị", "Müller-Lüdenscheidt", "d'Arc", "Þórarinn"]
        {
            assert!(name.chars().all(is_latin), "{name}");
        }
        for name in ["Иван", "王", "<b>", "a@b"] {
            assert!(!name.chars().all(is_latin), "{name}");
        }
    }
}
