//! What the account fills in, and what of it nobody may change.

use super::answers::{Turn, inputs};
use crate::{
    identity::person::{Field, Known, Profile, Source},
    tenant::schema::{Prefill, Question, Step},
};

/// What the account says for an input.
pub struct Filled {
    pub input: String,
    /// As somebody would type it; `None`: the account has nothing there.
    pub value: Option<String>,
    /// Read from the chip of an ID card: the answer is this, whatever a browser sends.
    pub is_fixed: bool,
}

/// For every input of a step that the account could fill in.
pub fn of_step(step: &Step, profile: &Profile) -> Vec<Filled> {
    step.fields.iter().flat_map(|question| of_question(question, profile)).collect()
}

pub fn of_question(question: &Question, profile: &Profile) -> Vec<Filled> {
    let Some(prefill) = question.prefill else { return Vec::new() };
    if prefill == Prefill::Address {
        let named = [("street", Field::Street), ("postal_code", Field::PostalCode), ("city", Field::City)];
        let filled = named.map(|(part, field)| filled(format!("{}.{part}", question.id), profile, field));
        return filled.into();
    }
    let field = field_of(prefill);
    inputs(question).into_iter().map(|input| filled(input, profile, field)).collect()
}

/// A page that is opened for the first time shows what the account knows; what the chip says stands there every time.
pub fn lay_under(step: &Step, turn: &mut Turn, profile: &Profile, is_first_time: bool) {
    for filled in of_step(step, profile) {
        if let Some(value) = filled.value.filter(|_| filled.is_fixed || is_first_time) {
            turn.set(filled.input, vec![value]);
        }
    }
}

fn filled(input: String, profile: &Profile, field: Field) -> Filled {
    let known: Option<&Known> = profile.details.get(&field).filter(|known| !known.value.is_empty());
    Filled {
        input,
        value: known.map(|known| known.value.clone()),
        is_fixed: known.is_some_and(|known| known.source == Source::Chip),
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
