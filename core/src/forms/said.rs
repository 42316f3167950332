//! Answers and complaints as people read them.

use super::{
    answers::Attached,
    value::{Address, Value, Wrong},
};
use crate::{
    files,
    tenant::schema::{Question, QuestionKind},
    web::Visit,
};

/// An answer in the language of the visit.
pub fn shown(visit: &Visit, question: &Question, value: &Value) -> String {
    match value {
        Value::Text(text) if question.kind == QuestionKind::Iban => in_fours(text),
        Value::Text(text) => text.clone(),
        Value::Date(date) => visit.date(*date),
        Value::Number(number) => match &question.unit {
            Some(unit) => format!("{number} {}", visit.words(unit)),
            None => number.to_string(),
        },
        Value::Money(cents) => euros(visit, *cents),
        Value::Chosen(ids) => {
            let chosen = question.options.iter().filter(|option| ids.contains(&option.id));
            chosen.map(|option| visit.words(&option.label).into_owned()).collect::<Vec<_>>().join(", ")
        }
        Value::YesNo(true) => visit.text("form.yes"),
        Value::YesNo(false) => visit.text("form.no"),
        Value::Address(address) => lines_of(address).join(", "),
        Value::Files(list) => {
            let file = |file: &Attached| format!("{} ({})", file.name, files::size(file.size));
            list.iter().map(file).collect::<Vec<_>>().join(", ")
        }
    }
}

pub fn lines_of(address: &Address) -> Vec<String> {
    let place = format!("{} {}", address.postal_code, address.city);
    let lines = [&address.street, &address.extra, &place, &address.country];
    lines.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// `1.234,50 €`, in English `€1,234.50`.
pub fn euros(visit: &Visit, cents: i64) -> String {
    let amount = crate::catalogue::euros(cents.unsigned_abs(), visit);
    if cents < 0 { format!("-{amount}") } else { amount }
}

fn in_fours(iban: &str) -> String {
    let letters: Vec<char> = iban.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// What is wrong with the answer to a question, in the form's own words where it has them.
pub fn complaint(visit: &Visit, question: &Question, wrong: &Wrong) -> String {
    if let (Wrong::Missing, Some(own)) = (wrong, &question.missing) {
        return visit.words(own).into_owned();
    }
    let key = match (wrong, question.kind) {
        (Wrong::Missing, QuestionKind::File) => "no_file",
        (Wrong::Missing, QuestionKind::Choice | QuestionKind::YesNo) => "no_option",
        (Wrong::TooLittle(_), _) => "too_small",
        (Wrong::TooMuch(_), _) => "too_large",
        (wrong, _) => wrong.word(),
    };
    let text = visit.text(&format!("form.wrong.{key}"));
    match wrong {
        Wrong::TooEarly(date) | Wrong::TooLate(date) => text.replace("{date}", &visit.date(*date)),
        Wrong::TooSmall(limit) | Wrong::TooLarge(limit) => text.replace("{n}", &limit.to_string()),
        Wrong::TooLittle(cents) | Wrong::TooMuch(cents) => text.replace("{n}", &euros(visit, *cents)),
        Wrong::TooManyFiles => text.replace("{limit}", &question.most.unwrap_or(1).to_string()),
        Wrong::NoDigits(count) => text.replace("{n}", &count.to_string()),
        Wrong::NoName(letters) => text.replace("{letters}", letters),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_are_grouped() {
        assert_eq!(in_fours("DE02120300000000202051"), "DE02 1203 0000 0000 2020 51");
    }
}
