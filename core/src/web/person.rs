//! Who is logged in, as the header of every page names them.

use std::fmt;

use serde::Serialize;
use unicode_normalization::char::is_combining_mark;

use crate::tenant::schema::Level;

/// Stands beside the frame, which is the same for everybody.
#[derive(Clone, Serialize)]
pub struct Person {
    /// `None`: the provider told no name.
    pub name: Option<String>,
    /// One letter, or the first of the first and of the last name.
    pub initials: String,
    /// Name of the provider: `BundID`.
    pub provider: String,
    /// The level that counts now.
    pub level: Level,
    /// A time of day at which the level gets lower or the session ends: `14:35`.
    pub until: Option<String>,
    /// Without an account: the next login finds nothing of this one.
    pub guest: bool,
    /// Threads of the Postkorb with something new.
    pub unread: u32,
    /// The account is about to be deleted, as its person wants.
    pub leaves: bool,
}

impl Person {
    pub fn new(name: Option<String>, provider: impl Into<String>, level: Level, until: Option<String>) -> Self {
        let initials = name.as_deref().map(initials).unwrap_or_default();
        Self { name, initials, provider: provider.into(), level, until, guest: false, unread: 0, leaves: false }
    }

    pub fn as_guest(self) -> Self {
        Self { guest: true, ..self }
    }

    /// Somebody who does not exist, for rendering pages outside the server.
    pub fn specimen() -> Self {
        let person = Self::new(Some("Erika Mustermann".into()), "BundID", Level::Hoch, Some("14:35".into()));
        Self { unread: 2, ..person }
    }
}

/// Names belong into no log.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(..)")
    }
}

/// A letter takes its marks along: `C̀` is one letter in two characters (DIN 91379).
fn initials(name: &str) -> String {
    let letter = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().into_iter();
        first.chain(letters.take_while(|c| is_combining_mark(*c))).collect::<String>().to_uppercase()
    };
    let is_word = |word: &&str| word.starts_with(char::is_alphabetic);
    let first = name.split_whitespace().find(is_word);
    let last = name.split_whitespace().rfind(is_word).filter(|last| Some(*last) != first);
    first.into_iter().chain(last).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_letters_with_their_marks() {
        for (name, expected) in [
            ("Erika Mustermann", "EM"),
            ("Đặng Thị Ngọc Ánh", "ĐÁ"),
            ("C\u{300}iril von M\u{302}arten", "C\u{300}M\u{302}"),
            ("Madonna", "M"),
            ("(ohne) Namen", "N"),
            ("", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
