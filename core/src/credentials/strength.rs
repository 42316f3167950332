//! Whether a new password is one that nobody guesses.

use std::iter;

use zxcvbn::{Score, zxcvbn};

use crate::web::{Form, Wrong};

/// NIST SP 800-63B and BSI agree: length counts, not signs of all kinds.
const SHORTEST: usize = 12;
/// Longer ones are no safer and take longer to hash.
pub const LONGEST: usize = 200;

/// What can be told of a new password in the fields `new` and `again` at once, without any work.
pub fn look_at_new(form: &mut Form, new: &str, again: &str) {
    if form.value(new).chars().count() < SHORTEST {
        form.complain(new, Wrong::TooShort);
    }
    form.limits(new, LONGEST);
    if form.value(new) != form.value(again) {
        form.complain(again, Wrong::Different);
    }
}

/// Whether somebody who knows what the house knows would guess it: fewer than about 10⁸ tries. It takes
/// milliseconds: not on a thread that others wait for.
pub fn is_easy(password: &str, known: &[String]) -> bool {
    let words = known.iter().flat_map(|text| iter::once(text.as_str()).chain(text.split(SEPARATORS)));
    let words: Vec<&str> = words.filter(|word| word.chars().count() > 2).collect();
    zxcvbn(password, &words).score() < Score::Three || left_over(password, &words) < LEAST_OF_ONES_OWN
}

/// So many letters and digits have to be other than names that stand on the door.
const LEAST_OF_ONES_OWN: usize = 8;

fn left_over(password: &str, words: &[&str]) -> usize {
    let mut words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word.as_str(), " "));
    rest.chars().filter(|c| c.is_alphanumeric()).count()
}

const SEPARATORS: [char; 5] = [' ', '.', '-', '_', '@'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_house_knows_of_somebody_is_easy_to_guess() {
        let known = ["alpaka-regen-7", "p.klarname", "Petra Klarname", "Ostrau"].map(str::to_owned);
        for password in
            ["passwort1234", "123456789012", "qwertzuiopü+", "alpaka-regen-7", "petraklarname", "p.klarname-ostrau"]
        {
            assert!(is_easy(password, &known), "{password}");
        }
        for password in ["vier Otter gähnen leise", "Xk3-pq9-Rum7-wid", "Kühlschrank tanzt Polka"] {
            assert!(!is_easy(password, &known), "{password}");
        }
    }
}
