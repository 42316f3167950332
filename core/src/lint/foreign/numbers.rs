//! Phone numbers and IBANs, which people write in any groups they like.

use std::{collections::HashMap, ops::Range};

use super::{Owners, TownFacts, What, fold::fold};

#[derive(Default)]
pub struct Numbers {
    /// National number without its zero → owners.
    phones: HashMap<String, Owners>,
    /// The same for switchboards, without the last zero: any extension belongs to the town.
    switchboards: HashMap<String, Owners>,
    ibans: HashMap<String, Owners>,
}

/// A number that belongs to somebody.
pub struct Number<'a> {
    pub range: Range<usize>,
    pub what: What,
    pub owners: &'a Owners,
}

/// Digits with what people put between them.
struct Digits {
    digits: String,
    /// Where each digit stands.
    at: Vec<usize>,
    /// How many digits there are at the end of each group.
    ends: Vec<usize>,
}

const LONGEST_EXTENSION: usize = 5;

impl Numbers {
    pub fn of(towns: &[TownFacts]) -> Self {
        let mut numbers = Self::default();
        for (i, town) in towns.iter().enumerate() {
            for phone in &town.phones {
                let folded = fold(phone);
                let Some(number) = national(&Digits::read(&folded, 0).digits).filter(|number| number.len() > 5) else {
                    continue;
                };
                if let Some(switchboard) = number.strip_suffix('0').filter(|_| folded.ends_with("-0")) {
                    numbers.switchboards.entry(switchboard.to_owned()).or_default().add(i);
                }
                numbers.phones.entry(number).or_default().add(i);
            }
            for iban in &town.ibans {
                let iban = fold(iban).chars().filter(char::is_ascii_alphanumeric).collect();
                numbers.ibans.entry(iban).or_default().add(i);
            }
        }
        numbers
    }

    /// All numbers of towns in a folded text.
    pub fn find<'a>(&'a self, text: &'a str) -> Vec<Number<'a>> {
        let mut found: Vec<Number> = Vec::new();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|gap| at + gap) {
            let digits = Digits::read(text, start);
            at = digits.at.last().expect("it begins with a digit") + 1;
            if digits.digits.len() < 6
                || start > 0 && bytes[start - 1].is_ascii_alphabetic() && !text[..start].ends_with("de")
            {
                continue;
            }
            let before = text[..start].trim_end_matches([' ', '-']);
            let iban = before.ends_with("de").then(|| self.iban(&digits, before.len() - 2)).flatten();
            let starts =
                std::iter::once(0).chain(digits.ends.iter().copied()).filter(|from| *from < digits.digits.len());
            found.extend(iban.or_else(|| starts.into_iter().find_map(|from| self.phone(text, &digits, from))));
        }
        found
    }

    fn iban(&self, digits: &Digits, start: usize) -> Option<Number<'_>> {
        let owners = self.ibans.get(&format!("de{}", digits.digits.get(..20)?))?;
        Some(Number { range: start..digits.at[19] + 1, what: What::Iban, owners })
    }

    /// The number that begins with the digit `from`.
    fn phone(&self, text: &str, digits: &Digits, from: usize) -> Option<Number<'_>> {
        let international = text[..digits.at[from]].ends_with('+');
        let rest = &digits.digits[from..];
        if !international && !rest.starts_with('0') && !rest.starts_with("49") {
            return None;
        }
        let number = national(rest)?;
        let cut = rest.len() - number.len();
        let number_at = |len: usize| digits.at[from + cut + len - 1] + 1;
        let lens = || digits.ends.iter().filter_map(|end| end.checked_sub(from + cut)).filter(|len| *len > 5);
        let exact = lens().rev().find_map(|len| Some((number_at(len), self.phones.get(&number[..len])?)));
        let by_switchboard = || {
            let (len, owners) =
                (5..=number.len()).find_map(|len| Some((len, self.switchboards.get(&number[..len])?)))?;
            let end = lens().find(|end| *end >= len && end - len <= LONGEST_EXTENSION)?;
            let with_extension = lens().filter(|end| end - len.min(*end) <= LONGEST_EXTENSION).find(|end| *end > len);
            Some((number_at(with_extension.unwrap_or(end)), owners))
        };
        let (end, owners) = exact.or_else(by_switchboard)?;
        let start = digits.at[from] - usize::from(international);
        Some(Number { range: start..end, what: What::Phone, owners })
    }
}

/// A German number without its country code and zero.
fn national(digits: &str) -> Option<String> {
    let rest = digits.strip_prefix("0049").or_else(|| digits.strip_prefix("49")).unwrap_or(digits);
    let rest = rest.strip_prefix('0').unwrap_or(rest);
    (!rest.is_empty()).then(|| rest.to_owned())
}

impl Digits {
    /// Reads from the first digit on, as long as nothing but blanks and signs of phone numbers stand between.
    fn read(text: &str, start: usize) -> Self {
        let mut digits = Self { digits: String::new(), at: Vec::new(), ends: Vec::new() };
        let mut gap = 0;
        for (i, sign) in text[start..].char_indices() {
            match sign {
                '0'..='9' => {
                    if gap > 0 && !digits.digits.is_empty() {
                        digits.ends.push(digits.digits.len());
                    }
                    gap = 0;
                    digits.digits.push(sign);
                    digits.at.push(start + i);
                }
                ' ' | '(' | ')' | '/' | '.' | '-' | '–' | '+' | '[' | ']' if gap < 4 => gap += 1,
                _ => break,
            }
        }
        digits.ends.push(digits.digits.len());
        digits
    }
}
