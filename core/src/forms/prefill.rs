//! What the account fills in, and what of it nobody may change.

use jiff::civil::Date;

use super::{
    answers::{Turn, inputs},
    value::{Wrong, judge},
};
use crate::{
    identity::{
        person::{Field, Known, Profile, Source},
        sessions::Session,
    },
    tenant::schema::{Level, Prefill, Question, Step},
};

/// Whose account fills in, and how sure it is of the person now.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    pub profile: &'a Profile,
    level: Level,
    today: Date,
}

impl<'a> Account<'a> {
    pub fn of(session: &'a Session, today: Date) -> Self {
        Self { profile: &session.profile, level: session.level(), today }
    }
}

/// What the account says for an input.
pub struct Filled {
    pub input: String,
    /// As somebody would type it; `None`: the account has nothing there.
    pub value: Option<String>,
    /// Read from the chip of an ID card by this login, and it answers the question: the answer is this, whatever a browser
    /// sends.
    pub is_fixed: bool,
}

/// For every input of a step that the account could fill in.
pub fn of_step(step: &Step, account: Account<'_>) -> Vec<Filled> {
    step.fields.iter().flat_map(|question| of_question(question, account)).collect()
}

pub fn of_question(question: &Question, account: Account<'_>) -> Vec<Filled> {
    let Some(prefill) = question.prefill else { return Vec::new() };
    let mut filled: Vec<Filled> = if prefill == Prefill::Address {
        let named = [("street", Field::Street), ("postal_code", Field::PostalCode), ("city", Field::City)];
        named.map(|(part, field)| filled(format!("{}.{part}", question.id), account, field)).into()
    } else {
        inputs(question).into_iter().map(|input| filled(input, account, field_of(prefill))).collect()
    };
    if filled.iter().any(|filled| filled.is_fixed) && !answers(question, &filled, account.today) {
        filled.iter_mut().for_each(|filled| filled.is_fixed = false);
    }
    filled
}

/// Whether what the account says is an answer at all: a letter that the question does not take or a birthdate without a day
/// would lock somebody out. A day out of bounds is an answer; nobody grows older by typing.
fn answers(question: &Question, filled: &[Filled], today: Date) -> bool {
    let mut turn = Turn::default();
    for Filled { input, value, .. } in filled {
        turn.set(input.clone(), value.iter().cloned().collect());
    }
    match judge(question, &turn, today) {
        Ok(answer) => answer.is_some(),
        Err((_, wrong)) => matches!(wrong, Wrong::TooEarly(_) | Wrong::TooLate(_)),
    }
}

/// A page that is opened for the first time shows what the account knows; what the chip says stands there every time.
pub fn lay_under(step: &Step, turn: &mut Turn, account: Account<'_>, is_first_time: bool) {
    for filled in of_step(step, account) {
        if let Some(value) = filled.value.filter(|_| filled.is_fixed || is_first_time) {
            turn.set(filled.input, vec![value]);
        }
    }
}

fn filled(input: String, account: Account<'_>, field: Field) -> Filled {
    let known: Option<&Known> = account.profile.details.get(&field).filter(|known| !known.value.is_empty());
    let value = match field {
        Field::Email => account.profile.email(),
        Field::Phone => account.profile.phone(),
        _ => known.map(|known| known.value.as_str()),
    };
    Filled {
        input,
        value: value.map(str::to_owned),
        is_fixed: known.is_some_and(|known| known.source == Source::Chip && account.level >= known.trust),
    }
}

fn field_of(prefill: Prefill) -> Field {
    match prefill {
        Prefill::Title => Field::Title,
        Prefill::GivenName => Field::GivenName,
        Prefill::Surname => Field::Surname,
        Prefill::BirthName => Field::BirthName,
        Prefill::Birthdate => Field::Birthdate,
        Prefill::PlaceOfBirth => Field::PlaceOfBirth,
        Prefill::Nationality => Field::Nationality,
        Prefill::Street | Prefill::Address => Field::Street,
        Prefill::PostalCode => Field::PostalCode,
        Prefill::City => Field::City,
        Prefill::Country => Field::Country,
        Prefill::Email => Field::Email,
        Prefill::Phone => Field::Phone,
    }
}
