//! The number of a case, as people read it out: `LOE-2026-483921-7`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{crypto, tenant::Tenant};

/// Prefix of the town, year, six random digits – nobody learns from a number how many cases there are – and a check digit,
/// so that one digit misheard or two in the wrong order are noticed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseNumber(String);

impl CaseNumber {
    /// A new one; whether it is taken, the table says.
    pub fn random(prefix: &str, year: i16) -> Self {
        let random = u64::from_be_bytes(crypto::id().into_bytes()[..8].try_into().expect("an id has 16 bytes"));
        let digits = format!("{year:04}{:06}", random % 1_000_000);
        let check = check_digit(&digits).expect("digits were written");
        Self(format!("{prefix}-{}-{}-{check}", &digits[..4], &digits[4..]))
    }

    /// As somebody types it: in small letters, without the lines between, with blanks. `None` if a digit must be wrong.
    pub fn parse(typed: &str) -> Option<Self> {
        let plain: String =
            typed.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_uppercase();
        let digits = plain.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let prefix = &plain[..plain.len() - digits.len()];
        let fits = (2..=4).contains(&prefix.len()) && digits.len() == 11 && digits.bytes().all(|b| b.is_ascii_digit());
        if !fits || Some(check_digit(&digits[..10])?) != digits[10..].parse().ok() {
            return None;
        }
        Some(Self(format!("{prefix}-{}-{}-{}", &digits[..4], &digits[4..10], &digits[10..])))
    }

    pub(super) fn of_row(number: String) -> Self {
        Self(number)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the numbers of a town begin with.
pub fn prefix(tenant: &Tenant) -> String {
    let own = tenant.town.cases.prefix.clone();
    own.unwrap_or_else(|| tenant.id.as_str().chars().filter(char::is_ascii_alphabetic).take(3).collect::<String>())
        .to_ascii_uppercase()
}

/// ISO/IEC 7064 MOD 11,10.
fn check_digit(digits: &str) -> Option<u32> {
    let product = digits.chars().try_fold(10, |product, c| {
        let sum = (product + c.to_digit(10)?) % 10;
        Some((if sum == 0 { 10 } else { sum }) * 2 % 11)
    })?;
    Some((11 - product) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_typed() {
        let number = CaseNumber::random("LOE", 2026);
        let plain = number.as_str().replace('-', "");
        for typed in [number.as_str().to_lowercase(), plain.clone(), format!(" {} ", number.as_str().replace('-', " "))]
        {
            assert_eq!(CaseNumber::parse(&typed), Some(number.clone()), "{typed}");
        }
    }

    #[test]
    fn a_wrong_digit_and_two_in_the_wrong_order_are_noticed() {
        assert_eq!(check_digit("079"), Some(2), "the example of the standard");
        let number = CaseNumber::random("LOE", 2026).as_str().replace('-', "");
        let bytes = number.as_bytes();
        for at in 3..bytes.len() {
            let mut wrong = bytes.to_vec();
            wrong[at] = if wrong[at] == b'9' { b'0' } else { wrong[at] + 1 };
            assert_eq!(CaseNumber::parse(std::str::from_utf8(&wrong).unwrap()), None, "digit {at} of {number}");
        }
        assert_eq!((CaseNumber::parse(""), CaseNumber::parse("LOE-2026-48392")), (None, None));
    }
}
