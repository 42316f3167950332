//! `readability`: what makes a text in Leichte Sprache hard to read. Only what can be told for sure.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{Hit, pattern};

const WORDS_OF_A_SENTENCE: usize = 15;
const LETTERS_OF_A_WORD: usize = 14;

/// Long sentences and words, abbreviations and grammar that Leichte Sprache does without. For texts of `ls` only.
pub fn hard_to_read(text: &str) -> Vec<Hit> {
    let text = &without_marks(text);
    let mut hits: Vec<Hit> = statements(text).into_iter().filter_map(|range| too_long(text, range)).collect();
    hits.extend(LETTERS.find_iter(text).filter_map(|word| long_word(text, word.range())));
    for (words, message, hint) in &*WORDS {
        hits.extend(words.find_iter(text).map(|found| hit(text, found.range(), message, hint)));
    }
    hits.sort_by_key(|hit| hit.range.start);
    hits
}

/// The text with addresses and marks blanked out; variables become a word each. Places stay as they are.
fn without_marks(text: &str) -> String {
    static MARKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\{\{[^}]*\}\}|\{\w+\}|\]\([^)]*\)|https?://\S+|[\w.+-]+@[\w.-]+|\bwww\.\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:de|eu|com|org)\b[\w/.-]*|[*_\[\]]",
        )
    });
    let blank = |found: &regex::Captures| {
        let found = found.get_match().as_str();
        if found.starts_with('{') { "x".to_owned() + &" ".repeat(found.len() - 1) } else { " ".repeat(found.len()) }
    };
    MARKS.replace_all(text, blank).into_owned()
}

/// What people read in one breath: up to a full stop, a colon or the end of a line.
fn statements(text: &str) -> Vec<Range<usize>> {
    static END: LazyLock<Regex> = LazyLock::new(|| pattern(r#"[.!?:;]["“”»)]*\s|\n\s*\n|\n\s*(?:[-•|]|\d+\.)\s|\|"#));
    let mut start = 0;
    let ends = END.find_iter(text).map(|end| end.end()).chain([text.len()]);
    let ranges = ends.map(|end| std::mem::replace(&mut start, end)..end);
    ranges.filter(|range| !text[range.clone()].trim().is_empty()).collect()
}

fn too_long(text: &str, range: Range<usize>) -> Option<Hit> {
    let statement = &text[range.clone()];
    let words = statement.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let start = range.start + (statement.len() - statement.trim_start().len());
    let range = start..start + statement.trim().len();
    if words > WORDS_OF_A_SENTENCE {
        let message = format!("has a sentence of {words} words");
        return Some(hit(text, range, &message, "one statement a sentence, 15 words at most"));
    }
    let clauses = CLAUSE.find_iter(statement).count();
    let message = "has a sentence with several clauses";
    (clauses > 1).then(|| hit(text, range, message, "make a sentence of each clause"))
}

fn long_word(text: &str, range: Range<usize>) -> Option<Hit> {
    let letters = text[range.clone()].chars().count();
    let message = format!("has a word of {letters} letters");
    let hint = "split it where its parts meet, with a hyphen or a middle dot: `Führer-Schein`";
    let is_whole = WHOLE.contains(&&*text[range.clone()].to_lowercase());
    (letters > LETTERS_OF_A_WORD && !is_whole).then(|| hit(text, range, &message, hint))
}

fn hit(text: &str, range: Range<usize>, message: &str, hint: &str) -> Hit {
    Hit { said: text[range.clone()].to_owned(), range, message: message.to_owned(), hint: Some(hint.to_owned()) }
}

/// Long words without parts to split them at; a text explains them.
const WHOLE: [&str; 3] = ["benachrichtigung", "unterstützungen", "veröffentlichung"];

static LETTERS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{L}+"));

static CLAUSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i),\s+(?:dass|weil|wenn|damit|obwohl|nachdem|bevor|während|sodass|falls|ob|welche\w?|der|die|das|den|dem|deren|was|wie|wo)\b",
    )
});

/// What, why it is hard, what to do.
static WORDS: LazyLock<[(Regex, &str, &str); 6]> = LazyLock::new(|| {
    [
        (
            pattern(
                r"\b(?:z\. ?B\.|d\. ?h\.|u\. ?a\.|o\. ?ä\.|i\. ?d\. ?R\.|bzw\.|ggf\.|usw\.|etc\.|ca\.|evtl\.|inkl\.|zzgl\.|Abs\.|Nr\.|Tel\.|Mio\.|vgl\.|sog\.|Std\.|Min\.)",
            ),
            "has an abbreviation",
            "write the word: `zum Beispiel`, `das heißt`, `oder`, `ungefähr`",
        ),
        (
            pattern(r"\b(?:I{2,3}|IV|VI{0,3}|IX|XI{0,3}|XIV|XVI{0,3}|XIX|XXI?)\b"),
            "has a Roman number",
            "write `2`, `4`, `10`",
        ),
        (
            pattern(
                r"(?i)\b(?:zwei|drei|vier|fünf|sechs|sieben|neun|zehn|elf|zwölf|zwanzig|dreißig|hundert|tausend)\b",
            ),
            "has a number as a word",
            "write it in digits: `2`",
        ),
        (
            pattern(r"\b(?:des|eines|meines|seines|Ihres|ihres|dieses)\s+\p{Lu}[\p{L}-]{2,}e?s\b"),
            "has a genitive",
            "write it with `von`: `der Ausweis von dem Kind`",
        ),
        (
            pattern(r"(?i)\b(?:würden?|könnten?|hätten?|wären?|müssten?|dürften?)\b"),
            "has a subjunctive",
            "say what is, or what people can do: `kann`, `vielleicht`",
        ),
        (
            pattern(r"(?i)\b(?:wird|werden|wurden?)\s(?:[\p{L}\d-]+\s){0,6}(?:\p{L}{2,4})?ge\p{L}{3,}t\b"),
            "has a passive",
            "say who does it: `Das Amt prüft …`",
        ),
    ]
});
