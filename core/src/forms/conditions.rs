//! Conditions as people read them: `Halter: Andere oder Verein und Anzahl: mindestens 2`.

use super::said::euros;
use crate::{
    tenant::schema::{Clause, Condition, OnlineForm, Question, QuestionKind, Range, Test},
    web::Visit,
};

pub fn in_words(visit: &Visit, form: &OnlineForm, condition: &Condition) -> String {
    let joined = |parts: Vec<String>, word: &str| match parts.len() {
        1 => parts.concat(),
        _ => format!("({})", parts.join(&format!(" {} ", visit.text(&format!("form.preview.{word}"))))),
    };
    let each = |conditions: &[Condition]| conditions.iter().map(|inner| in_words(visit, form, inner)).collect();
    let clause = |clause: &Clause| match clause {
        Clause::All(all) => joined(each(all), "and"),
        Clause::Any(any) => joined(each(any), "or"),
        Clause::Not(inner) => format!("{} {}", visit.text("form.preview.not"), in_words(visit, form, inner)),
        Clause::Answer { question, test } => answer(visit, form, question, test),
    };
    joined(condition.0.iter().map(clause).collect(), "and")
}

fn answer(visit: &Visit, form: &OnlineForm, id: &str, test: &Test) -> String {
    let question = form.steps.iter().flat_map(|step| &step.fields).find(|question| question.id == id);
    let label = question.and_then(|question| question.label.as_ref());
    let label = label.map_or_else(|| id.into(), |label| visit.words(label));
    let value = match test {
        Test::Is(true) => visit.text("form.yes"),
        Test::Is(false) => visit.text("form.no"),
        Test::OneOf(ids) => {
            let options = question.iter().flat_map(|question| &question.options);
            let named = options.filter(|option| ids.contains(&option.id));
            let or = format!(" {} ", visit.text("form.preview.or"));
            named.map(|option| visit.words(&option.label).into_owned()).collect::<Vec<_>>().join(&or)
        }
        Test::Within(range) => within(visit, question, range),
    };
    format!("„{label}“: {value}")
}

fn within(visit: &Visit, question: Option<&Question>, range: &Range) -> String {
    let is_money = question.is_some_and(|question| question.kind == QuestionKind::Money);
    let amount = |number: i64| if is_money { euros(visit, number) } else { number.to_string() };
    let said = |word: &str, n: Option<String>| Some(visit.text(&format!("form.preview.{word}")).replace("{n}", &n?));
    let parts = [
        said("at_least", range.at_least.map(amount)),
        said("at_most", range.at_most.map(amount)),
        said("older_days", range.older_than_days.map(|days| days.to_string())),
        said("older_years", range.older_than_years.map(|years| years.to_string())),
        said("younger_years", range.younger_than_years.map(|years| years.to_string())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
