//! How names are written for programs that do not know all letters of DIN 91379.
//!
//! Invariant: what comes out is of the profile's letters only, and comes out the same when it goes through again. It is one
//! way: nobody can tell from `Mueller` how somebody writes themselves, so a package keeps their own spelling beside it. The
//! table is that of passports (ICAO Doc 9303, part 3, section 6 A) with what that leaves open; `docs/delivery.md` shows it.

use std::borrow::Cow;

use unicode_normalization::{
    UnicodeNormalization,
    char::{compose, is_combining_mark},
};

use crate::tenant::schema::Spelling;

/// The text in letters that the profile knows.
pub fn spelled(text: &str, spelling: Spelling) -> Cow<'_, str> {
    let fits = |c: char| match spelling {
        Spelling::Din91379 => true,
        Spelling::Latin1 => is_latin1(c),
        Spelling::Ascii => c.is_ascii(),
    };
    if text.chars().all(fits) {
        return Cow::Borrowed(text);
    }
    let plain: Vec<char> = text.nfd().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < plain.len() {
        let marks = plain[at + 1..].iter().take_while(|c| is_combining_mark(**c)).count();
        let letter = &plain[at..=at + marks];
        let next = plain.get(at + marks + 1).copied();
        let before = out.chars().next_back();
        let is_shouted = next.or(before).is_some_and(char::is_uppercase);
        write(letter, spelling, is_shouted, &mut out);
        at += marks + 1;
    }
    Cow::Owned(out)
}

/// One letter with its marks; `shouted`: among capitals, so that `Ä` becomes `AE` and not `Ae`.
fn write(letter: &[char], spelling: Spelling, shouted: bool, out: &mut String) {
    let (base, marks) = (letter[0], &letter[1..]);
    if spelling == Spelling::Latin1 {
        let composed = marks.iter().find_map(|mark| compose(base, *mark).filter(|c| is_latin1(*c)));
        if let Some(known) = composed.or(Some(base).filter(|c| is_latin1(*c))) {
            out.push(known);
            return;
        }
    }
    let whole = marks.iter().find_map(|mark| two_letters(base, *mark));
    match whole.or_else(|| of_letter(base)) {
        Some(text) if shouted => out.extend(text.chars().flat_map(char::to_uppercase).filter(char::is_ascii)),
        Some(text) => out.push_str(text),
        None if base.is_ascii() => out.push(base),
        // a mark without a letter says nothing
        None if is_combining_mark(base) => {}
        None => out.push('?'),
    }
}

fn is_latin1(c: char) -> bool {
    c.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&c)
}

/// Letters whose mark is written as a letter.
fn two_letters(base: char, mark: char) -> Option<&'static str> {
    Some(match (base, mark) {
        ('A', '\u{308}') => "Ae",
        ('O', '\u{308}') => "Oe",
        ('U', '\u{308}') => "Ue",
        ('a', '\u{308}') => "ae",
        ('o', '\u{308}') => "oe",
        ('u', '\u{308}') => "ue",
        ('A', '\u{30a}') => "Aa",
        ('a', '\u{30a}') => "aa",
        _ => return None,
    })
}

/// Letters and signs that are more than a base with a mark.
fn of_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'Æ' => "Ae",
        'æ' => "ae",
        'Œ' => "Oe",
        'œ' => "oe",
        'Ø' => "Oe",
        'ø' => "oe",
        'ß' => "ss",
        'ẞ' => "SS",
        'Þ' => "Th",
        'þ' => "th",
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'Ð' | 'Đ' => "D",
        'ð' | 'đ' => "d",
        'Ħ' => "H",
        'ħ' => "h",
        'Ł' | 'Ŀ' => "L",
        'ł' | 'ŀ' => "l",
        'Ŋ' => "N",
        'ŋ' | 'ŉ' => "n",
        'Ŧ' => "T",
        'ŧ' => "t",
        'ı' | 'ɨ' => "i",
        'Ɨ' => "I",
        'ĸ' => "q",
        'Ƈ' => "C",
        'ƈ' => "c",
        'Ə' => "E",
        'ə' => "e",
        'Ǥ' => "G",
        'ǥ' => "g",
        'Ʒ' => "Z",
        'ʒ' => "z",
        '\u{a0}' | '\u{202f}' | '\u{2009}' => " ",
        '´' | '`' | '’' | '‘' | '‚' | 'ʹ' | 'ʼ' | 'ʻ' | 'ʾ' | 'ʿ' | 'ˈ' => "'",
        '„' | '“' | '”' | '«' | '»' | '″' => "\"",
        '–' | '—' | '‐' | '‑' | '−' | '¬' | '¯' => "-",
        '…' => "...",
        '·' | '•' => ".",
        '¨' => "\"",
        '¸' => ",",
        '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{ad}' => "",
        '¡' => "!",
        '¿' => "?",
        '€' => "EUR",
        '£' => "GBP",
        '¥' => "JPY",
        '¢' => "c",
        '¤' => "*",
        '¦' => "|",
        '§' => "Par.",
        '©' => "(c)",
        '®' => "(R)",
        'ª' => "a",
        'º' | '°' => "o",
        '±' => "+/-",
        '¹' => "1",
        '²' => "2",
        '³' => "3",
        'µ' | 'μ' => "u",
        '¶' => "P",
        '×' => "x",
        '÷' => "/",
        '¼' => "1/4",
        '½' => "1/2",
        '¾' => "3/4",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LETTERS: &str = include_str!("../paper/tests/din91379.txt");

    fn ascii(text: &str) -> Cow<'_, str> {
        spelled(text, Spelling::Ascii)
    }

    #[test]
    fn names_are_written_as_in_passports() {
        for (name, written) in [
            ("Müller", "Mueller"),
            ("MÜLLER", "MUELLER"),
            ("Österreicher", "Oesterreicher"),
            ("Ö", "Oe"),
            ("Weiß", "Weiss"),
            ("WEIẞ", "WEISS"),
            ("Ångström", "Aangstroem"),
            ("Łukasz Đorđević", "Lukasz Dordevic"),
            ("Þórður", "Thordur"),
            ("Şebnem Işık", "Sebnem Isik"),
            ("K͟hālid", "Khalid"),
            ("O’Neill – 5 €", "O'Neill - 5 EUR"),
            ("Ǟ", "Ae"),
            ("日", "?"),
        ] {
            assert_eq!(ascii(name), written, "{name}");
        }
        assert_eq!(spelled("Müller-Łuk Ǟ ŵ 日", Spelling::Latin1), "Müller-Luk Ä w ?");
        assert_eq!(spelled("Łuk日", Spelling::Din91379), "Łuk日");
        // German of two kinds of bytes is the same German
        assert_eq!(ascii("Mu\u{308}ller"), "Mueller");
        assert_eq!(spelled("Mu\u{308}ller", Spelling::Latin1), "Müller");
    }

    #[test]
    fn every_letter_of_din_91379_has_a_spelling() {
        for letter in LETTERS.split_whitespace() {
            for spelling in [Spelling::Ascii, Spelling::Latin1] {
                let written = spelled(letter, spelling);
                assert!(
                    !written.is_empty() && (written != "?" || letter == "¿" || letter == "?"),
                    "{letter} becomes `{written}`"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_spelled_is_of_the_profile_and_stays(text in "\\PC{0,40}") {
            for spelling in [Spelling::Ascii, Spelling::Latin1, Spelling::Din91379] {
                let once = spelled(&text, spelling).into_owned();
                prop_assert_eq!(spelled(&once, spelling), once.as_str());
                match spelling {
                    Spelling::Ascii => prop_assert!(once.is_ascii()),
                    Spelling::Latin1 => prop_assert!(once.chars().all(is_latin1)),
                    Spelling::Din91379 => prop_assert_eq!(&once, &text),
                }
            }
        }
    }
}
