//! What somebody has typed into a form so far, as it was typed.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::{
    files::{Details, NewFile},
    tenant::schema::{Question, QuestionKind, Step},
};

/// The parts of an address, in the order in which they are asked.
pub const ADDRESS: [&str; 5] = ["street", "extra", "postal_code", "city", "country"];

/// Answers by the step, its turn and the name of the input: `hund`, `0`, `rufname`. Sealed wherever they are kept, and in
/// no log.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    steps: BTreeMap<String, Vec<Turn>>,
}

/// One filling in of a step.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// By which a page says which turn it shows: its place may be another's by the time it is sent.
    id: Uuid,
    inputs: BTreeMap<String, Vec<String>>,
}

impl Answers {
    /// How often a step has been filled in.
    pub fn turns(&self, step: &str) -> usize {
        self.steps.get(step).map_or(0, Vec::len)
    }

    pub fn turn(&self, step: &str, turn: usize) -> Option<&Turn> {
        self.steps.get(step)?.get(turn)
    }

    /// Where the turn of this id stands.
    pub fn find(&self, step: &str, id: Uuid) -> Option<usize> {
        self.steps.get(step)?.iter().position(|turn| turn.id == id)
    }

    /// A turn beyond the last is the next one. One that is known keeps its id.
    pub fn put(&mut self, step: &str, turn: usize, answers: Turn) {
        let turns = self.steps.entry(step.to_owned()).or_default();
        match turns.get_mut(turn) {
            Some(known) => *known = Turn { id: known.id, ..answers },
            None => turns.push(answers),
        }
    }

    /// Files in which the scanner found something, wherever they answer.
    pub fn mark_infected(&mut self, infected: &[Uuid]) {
        let turns = self.steps.values_mut().flatten();
        for answer in turns.flat_map(|turn| turn.inputs.values_mut().flatten()) {
            if let Some(file) = Attached::of_answer(answer)
                && infected.contains(&file.id)
            {
                *answer = Attached { infected: true, ..file }.as_answer();
            }
        }
    }

    pub fn remove(&mut self, step: &str, turn: usize) {
        if let Some(turns) = self.steps.get_mut(step)
            && turn < turns.len()
        {
            turns.remove(turn);
        }
    }
}

impl Turn {
    pub fn with_id(self, id: Uuid) -> Self {
        Self { id, ..self }
    }

    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Adds what was typed where nothing stood, and whatever a list has grown by. Tells whether all of it could be added.
    pub fn add(&mut self, typed: Self) -> bool {
        let mut all = true;
        for (input, values) in typed.inputs {
            let known = self.inputs.entry(input).or_default();
            if values.starts_with(known) {
                *known = values;
            } else {
                all = false;
            }
        }
        all
    }

    /// What was sent for the questions of a step; anything else is left out.
    pub fn of_sent<'a>(step: &Step, sent: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Self {
        let mut turn = Self::default();
        // files come another way, and stay what they are
        let typed = step.fields.iter().filter(|question| question.kind != QuestionKind::File);
        let inputs: Vec<String> = typed.flat_map(inputs).collect();
        for (name, value) in sent {
            if inputs.iter().any(|input| *input == name) {
                let value = tidy(&value);
                if !value.is_empty() {
                    turn.inputs.entry(name.into_owned()).or_default().push(value);
                }
            }
        }
        turn
    }

    /// The first value of an input; empty if nothing was typed.
    pub fn value(&self, input: &str) -> &str {
        self.values(input).first().map_or("", String::as_str)
    }

    pub fn values(&self, input: &str) -> &[String] {
        self.inputs.get(input).map_or(&[], Vec::as_slice)
    }

    pub fn set(&mut self, input: impl Into<String>, values: Vec<String>) {
        self.inputs.insert(input.into(), values);
    }

    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }
}

/// A file that was handed over with a form, as an answer knows it. The rest stands in its row.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    pub id: Uuid,
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub sha256: String,
    /// The scanner found something in it: it answers nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub infected: bool,
}

impl Attached {
    pub fn of(file: &NewFile) -> Self {
        let Details { name, sha256, .. } = file.details.clone();
        Self { id: file.id, name, size: file.size, sha256, infected: false }
    }

    /// As it stands among the answers.
    pub fn as_answer(&self) -> String {
        serde_json::to_string(self).expect("our own types are JSON")
    }

    pub fn of_answer(answer: &str) -> Option<Self> {
        serde_json::from_str(answer).ok()
    }
}

/// The inputs of a question on the page.
pub fn inputs(question: &Question) -> Vec<String> {
    match question.kind {
        QuestionKind::Address => {
            let parts = ADDRESS.iter().filter(|part| question.abroad || **part != "country");
            parts.map(|part| format!("{}.{part}", question.id)).collect()
        }
        kind if kind.is_asked() => vec![question.id.clone()],
        _ => Vec::new(),
    }
}

/// NFC as DIN 91379 wants it, lines ended by one character, nothing that cannot be seen, no space around.
fn tidy(value: &str) -> String {
    let value = value.replace("\r\n", "\n").replace('\r', "\n");
    let is_seen = |c: &char| {
        *c == '\n'
            || !(c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'))
    };
    value.replace('\t', " ").chars().filter(is_seen).nfc().collect::<String>().trim().to_owned()
}

/// What people type belongs into no log.
impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers({} steps)", self.steps.len())
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Turn({} inputs)", self.inputs.len())
    }
}
