//! Whatever happens to the bytes of a good answer: no panic, and no other person.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_saml::accept;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::idp::*;

static SIGNED: LazyLock<String> = LazyLock::new(|| Says::good().sent_signed());
static UNSIGNED: LazyLock<String> = LazyLock::new(|| Says::good().sent());
static ASSERTION: LazyLock<String> = LazyLock::new(|| sign(&Says::good().assertion(), RSA_SHA256, &TRUSTED));

/// One thing somebody does to a text.
#[derive(Debug, Clone)]
enum Deed {
    Overwrite(Index, char),
    Insert(Index, String),
    Delete(Index, usize),
    Double(Index, usize),
    Swap(Index, Index, usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let snippet = prop_oneof![
        Just("<!---->".to_owned()),
        Just("<saml:Assertion ID=\"_assertion\">".to_owned()),
        Just("</ds:Signature>".to_owned()),
        Just("&#0;&lt;&x;".to_owned()),
        Just(" xmlns=\"\" xmlns:saml=\"urn:x\"".to_owned()),
        any::<char>().prop_map(String::from),
        "[<>/&;\"'= a-z]{0,6}",
    ];
    let deed = prop_oneof![
        (any::<Index>(), any::<char>()).prop_map(|(at, char)| Deed::Overwrite(at, char)),
        (any::<Index>(), snippet).prop_map(|(at, text)| Deed::Insert(at, text)),
        (any::<Index>(), 1..200usize).prop_map(|(at, length)| Deed::Delete(at, length)),
        (any::<Index>(), 1..400usize).prop_map(|(at, length)| Deed::Double(at, length)),
        (any::<Index>(), any::<Index>(), 1..40usize).prop_map(|(a, b, length)| Deed::Swap(a, b, length)),
    ];
    proptest::collection::vec(deed, 1..4)
}

fn done_to(text: &str, deeds: &[Deed]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for deed in deeds {
        if chars.is_empty() {
            break;
        }
        let range = |at: &Index, length: usize| {
            let from = at.index(chars.len());
            from..(from + length).min(chars.len())
        };
        match deed {
            Deed::Overwrite(at, char) => *at.get_mut(&mut chars) = *char,
            Deed::Insert(at, text) => drop(chars.splice(range(at, 0), text.chars())),
            Deed::Delete(at, length) => drop(chars.drain(range(at, *length))),
            Deed::Double(at, length) => {
                let range = range(at, *length);
                let copy = chars[range.clone()].to_vec();
                drop(chars.splice(range.end..range.end, copy));
            }
            Deed::Swap(a, b, length) => {
                let (a, b) = (range(a, *length), range(b, *length));
                for (one, other) in a.zip(b) {
                    chars.swap(one, other);
                }
            }
        }
    }
    chars.into_iter().collect()
}

/// A changed answer that is still believed says what the good one said.
fn unharmed(xml: &str) -> Result<(), TestCaseError> {
    if let Ok(login) = judge(xml) {
        let good = judge(&SIGNED).expect("good");
        prop_assert_eq!(login.subject(), good.subject());
        prop_assert_eq!(login.level, good.level);
        prop_assert_eq!(login.assertion_id, good.assertion_id);
        prop_assert!(login.attributes == good.attributes);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_a_signed_response(deeds in deeds()) {
        unharmed(&done_to(&SIGNED, &deeds))?;
    }

    #[test]
    fn of_an_unsigned_response(deeds in deeds()) {
        unharmed(&done_to(&UNSIGNED, &deeds))?;
    }

    #[test]
    fn of_an_assertion_before_it_is_encrypted(deeds in deeds()) {
        unharmed(&Says::good().response(&seal(&done_to(&ASSERTION, &deeds), OURS_SEAL)))?;
    }

    #[test]
    fn of_a_signature(deeds in deeds()) {
        let from = ASSERTION.find("<ds:Signature ").expect("a signature");
        let to = ASSERTION.find("</ds:Signature>").expect("a signature");
        let assertion = format!("{}{}{}", &ASSERTION[..from], done_to(&ASSERTION[from..to], &deeds), &ASSERTION[to..]);
        unharmed(&Says::good().response(&seal(&assertion, OURS_SEAL)))?;
    }

    #[test]
    fn any_bytes_at_all(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(accept(&HERE, &there(false), &expected(), &STANDARD.encode(&bytes)).is_err());
        prop_assert!(accept(&HERE, &there(false), &expected(), &String::from_utf8_lossy(&bytes)).is_err());
    }
}
