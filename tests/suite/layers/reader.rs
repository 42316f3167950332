//! Two readers see one file: `serde_yaml` its meaning, the other its places. They must never tell two stories.

use portal::yaml::{Data, Node, read};
use proptest::{collection, prelude::*};
use serde_yaml::{Mapping, Number, Value};

fn value_of(node: &Node) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(value) => Value::Bool(*value),
        Data::Number(value) => Value::Number(value.clone()),
        Data::Text(text) => Value::String(text.to_string()),
        Data::List(items) => Value::Sequence(items.iter().map(|item| value_of(item)).collect()),
        Data::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (Value::String(key.name.to_string()), value_of(value)));
            Value::Mapping(entries.collect::<Mapping>())
        }
    }
}

/// Keys that `serde_yaml` takes for numbers or words are text to us, as in every other field.
fn with_text_keys(value: Value) -> Option<Value> {
    Some(match value {
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(with_text_keys).collect::<Option<_>>()?),
        Value::Mapping(entries) => {
            let entries = entries.into_iter().map(|(key, value)| Some((key.as_str()?.into(), with_text_keys(value)?)));
            Value::Mapping(entries.collect::<Option<Mapping>>()?)
        }
        plain => plain,
    })
}

/// Words that YAML has opinions about.
const AWKWARD: [&str; 31] = [
    "",
    " ",
    "~",
    "null",
    "true",
    "yes",
    "NO",
    "1e3",
    "0x1F",
    "0o17",
    "-",
    "---",
    "...",
    ": ",
    "a: b",
    "# no",
    "a #b",
    "- x",
    "{{ town.name }}",
    "[",
    "}",
    "*a",
    "&a",
    "!t",
    "|",
    ">",
    "%x",
    "'",
    "\"",
    "2026-01-01",
    "\u{feff}x",
];

const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

fn text() -> impl Strategy<Value = String> {
    let awkward = (0..AWKWARD.len()).prop_map(|i| AWKWARD[i].to_owned());
    prop_oneof![awkward, any::<String>(), "[a-zäöüß ]{0,90}", "([ \t]?[a-z:#'\"]{0,9}\n){1,4}"]
}

fn tree() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|n| Value::Number(n.into())),
        any::<u64>().prop_map(|n| Value::Number(n.into())),
        (-1e9..1e9_f64).prop_map(|n| Value::Number(Number::from(n))),
        text().prop_map(Value::String),
    ];
    plain.prop_recursive(4, 40, 6, |inner| {
        // names of nothing but blanks, or with breaks that only one of the two readers sees, are refused for that
        let is_plain = |name: &String| name.is_empty() || !name.trim().is_empty() && !name.contains(BREAKS);
        let name = text().prop_filter("read in two ways", is_plain);
        let entries = collection::vec((name, inner.clone()), 0..6);
        prop_oneof![
            collection::vec(inner, 0..6).prop_map(Value::Sequence),
            entries.prop_map(|entries| Value::Mapping(entries.into_iter().map(|(key, v)| (key.into(), v)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_serde_yaml_writes_is_read_back_as_it_was(tree in tree()) {
        let written = serde_yaml::to_string(&tree).expect("a tree without tags");
        let node = read("a.yaml", written.as_bytes()).map_err(|problem| TestCaseError::fail(format!("{problem}\n{written}")))?;
        prop_assert_eq!(value_of(&node), tree, "{}", written);
    }

    #[test]
    fn any_text_is_read_as_serde_yaml_reads_it_or_refused_with_a_reason(text in "([ ]{0,4}(- |[a-c]: |\\? |[\"'|>&*!~#{}\\[\\],:%@`-]|[a-c01ä ]{1,3}){0,4}\n){0,6}") {
        agrees(&text)?;
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in collection::vec(any::<u8>(), 0..200)) {
        if let Err(problem) = read("a.yaml", &bytes) {
            prop_assert!(problem.at.line >= 1 && problem.at.column >= 1, "{}", problem);
        }
    }
}

/// Reasons for which a file is refused although `serde_yaml` would take it.
const REASONS: [&str; 8] = [
    "uses a YAML alias",
    "uses a YAML anchor",
    "uses a YAML tag",
    "starts a second document",
    "is nested deeper",
    "is a key that is not plain text",
    "a second time",
    "can be read in two ways",
];

fn agrees(text: &str) -> Result<(), TestCaseError> {
    let theirs: Result<Value, _> = serde_yaml::from_str(text);
    match (read("a.yaml", text.as_bytes()), theirs) {
        (Ok(ours), Ok(theirs)) => {
            if let Some(theirs) = with_text_keys(theirs) {
                prop_assert_eq!(value_of(&ours), theirs, "{}", text);
            }
        }
        (Ok(_), Err(error)) => prop_assert!(false, "read what serde_yaml refuses ({error}): {text:?}"),
        (Err(problem), Ok(_)) => {
            let known = REASONS.iter().any(|reason| problem.message.contains(reason));
            prop_assert!(known || problem.message.starts_with("is not valid YAML"), "{}: {:?}", problem, text);
        }
        (Err(_), Err(_)) => {}
    }
    Ok(())
}

#[test]
fn odd_files_that_people_write_are_read() {
    let files = [
        ("", Value::Null),
        ("# only a remark\n", Value::Null),
        ("---\na: b\n", Value::Mapping([("a".into(), "b".into())].into_iter().collect())),
        ("\u{feff}a: b\r\n", Value::Mapping([("a".into(), "b".into())].into_iter().collect())),
        ("%YAML 1.2\n---\na: b\n...\n", Value::Mapping([("a".into(), "b".into())].into_iter().collect())),
        ("a: |\n  eins\n   zwei\n\n", Value::Mapping([("a".into(), "eins\n zwei\n".into())].into_iter().collect())),
        ("a: >-\n  eins\n  zwei\n", Value::Mapping([("a".into(), "eins zwei".into())].into_iter().collect())),
        ("a: 'it''s'\n", Value::Mapping([("a".into(), "it's".into())].into_iter().collect())),
        ("\"a\\u00e4\": \"\\ud83d\"", Value::Null),
        ("? a\n: b\n", Value::Mapping([("a".into(), "b".into())].into_iter().collect())),
        ("a: 8–12 Uhr\n", Value::Mapping([("a".into(), "8–12 Uhr".into())].into_iter().collect())),
        ("a: no\n", Value::Mapping([("a".into(), "no".into())].into_iter().collect())),
        ("a: 012\n", Value::Mapping([("a".into(), "012".into())].into_iter().collect())),
    ];
    for (text, expected) in files {
        agrees(text).unwrap();
        // half a surrogate is no character, which both readers say
        if let Ok(node) = read("a.yaml", text.as_bytes()) {
            assert_eq!(value_of(&node), expected, "{text:?}");
        } else {
            assert!(text.contains("ud83d"), "{text:?}");
        }
    }
}

#[test]
fn odd_files_that_nobody_should_write_are_refused_at_the_spot() {
    let deep = format!("{}x", "- ".repeat(40));
    let files = [
        ("a: &x b\nc: *x\n", "a.yaml:1:7", "uses a YAML anchor"),
        ("a: *x\n", "a.yaml:1:4", "is not valid YAML"),
        ("a: !!str 1\n", "a.yaml:1:10", "uses a YAML tag"),
        ("a: 1\n---\nb: 2\n", "a.yaml:3:1", "starts a second document"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3:1", "says `a` a second time"),
        ("a: {b: 1, 'b': 2}\n", "a.yaml:1:11", "says `b` a second time"),
        ("{{ town.name }}: 1\n", "a.yaml:1:2", "is a key that is not plain text"),
        ("a: {{ town.name }}\n", "a.yaml:1:5", "is a key that is not plain text"),
        ("a: b: c\n", "a.yaml:1:5", "is not valid YAML"),
        ("a:\n\t- b\n", "a.yaml:2:2", "is not valid YAML"),
        ("a: [1, 2\n", "a.yaml:2:1", "is not valid YAML"),
        ("a: 'b\n", "a.yaml:1:4", "is not valid YAML"),
        ("a: \"\\x\"\n", "a.yaml:1:4", "is not valid YAML"),
        (&deep, "a.yaml:1:67", "is nested deeper than 32 levels"),
    ];
    let expected = files.map(|(_, place, message)| format!("`{place}` {message}"));
    let told: Vec<String> = files
        .iter()
        .zip(&expected)
        .map(|((text, ..), expected)| {
            let told = read("a.yaml", text.as_bytes()).expect_err(text).to_string();
            if told.starts_with(expected) { expected.clone() } else { told }
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn the_place_of_a_byte_that_is_no_text_is_told() {
    let problem = read("a.yaml", b"name: L\xc3\xb6hne\nort: L\xf6hne\n").expect_err("Latin-1");
    assert_eq!(problem.to_string(), "`a.yaml:2:7` is not UTF-8 text");
    assert_eq!(problem.hint.as_deref(), Some("save the file with the encoding UTF-8"));
}
