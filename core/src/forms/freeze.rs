//! From a form and its answers to an [`Application`], which needs neither any more.

use serde_json::{Value as Json, json};

use super::{
    prefill::{self, Account},
    said::{euros, shown},
    sheet::{Asked, Sheet, SheetPage},
    value::Value,
};
use crate::{
    cases::{Application, Field, FieldSource, Original, Proof, Section},
    identity::person::Profile,
    locale::Locale,
    tenant::schema::{Prefill, QuestionKind},
    web::Visit,
};

/// What was filled in, in German for the town hall and in the language of the visit for the person.
pub fn application(
    visit: &Visit,
    service: &str,
    sheet: &Sheet<'_>,
    account: Option<Account<'_>>,
    identity: Option<Proof>,
) -> Application {
    let german = Visit { locale: Locale::german(), person: None, ..visit.clone() };
    let original = (!visit.locale.is_german()).then(|| Original {
        locale: visit.locale.code().to_owned(),
        title: visit.words(&sheet.form.title).into_owned(),
        sections: sections(visit, sheet, account),
    });
    Application {
        form: Some(sheet.form.id.clone()),
        service: service.to_owned(),
        title: german.words(&sheet.form.title).into_owned(),
        sections: sections(&german, sheet, account),
        original,
        identity,
    }
}

/// Every page with what was answered on it; pages without answers are left out.
pub fn sections(visit: &Visit, sheet: &Sheet<'_>, account: Option<Account<'_>>) -> Vec<Section> {
    let sections = sheet.pages.iter().map(|page| Section {
        id: page.slug(),
        title: title_of(visit, page),
        fields: page.asked.iter().filter_map(|asked| field(visit, asked, account)).collect(),
    });
    sections.filter(|section| !section.fields.is_empty()).collect()
}

/// `Hund 2` where there are several.
pub fn title_of(visit: &Visit, page: &SheetPage<'_>) -> String {
    match &page.step.repeat {
        Some(repeat) if page.turns > 1 => format!("{} {}", visit.words(&repeat.one), page.turn + 1),
        _ => visit.words(&page.step.title).into_owned(),
    }
}

fn field(visit: &Visit, asked: &Asked<'_>, account: Option<Account<'_>>) -> Option<Field> {
    let question = asked.question;
    let label = visit.words(question.label.as_ref()?).into_owned();
    let (id, kind) = (question.id.clone(), question.kind.word().to_owned());
    if let Some(cents) = asked.total {
        let (value, shown) = (json!(cents), euros(visit, cents));
        return Some(Field { id, label, kind, value, shown, source: FieldSource::Computed });
    }
    let value = asked.answer.as_ref().ok()?.as_ref()?;
    let source = account.map_or(FieldSource::Typed, |account| source_of(asked, value, account));
    Some(Field { id, label, kind, value: machine(value), shown: shown(visit, question, value), source })
}

/// An answer that is what the account says comes from there; chip data cannot be anything else.
fn source_of(asked: &Asked<'_>, value: &Value, account: Account<'_>) -> FieldSource {
    let filled = prefill::of_question(asked.question, account);
    let said = |input: &str| match (value, input.rsplit_once('.')) {
        (Value::Address(address), Some((_, "street"))) => address.street.clone(),
        (Value::Address(address), Some((_, "postal_code"))) => address.postal_code.clone(),
        (Value::Address(address), Some((_, "city"))) => address.city.clone(),
        (Value::Text(text), _) => text.clone(),
        (Value::Date(date), _) => date.to_string(),
        _ => String::new(),
    };
    let same = |filled: &prefill::Filled| filled.value.as_deref() == Some(said(&filled.input).as_str());
    // the account fills no other line of an address: what stands there makes it another one
    let has_more = matches!(value, Value::Address(address) if !address.extra.is_empty() || !address.country.is_empty());
    match () {
        () if has_more || filled.is_empty() || !filled.iter().all(same) => FieldSource::Typed,
        () if filled.iter().all(|filled| filled.is_fixed) => FieldSource::Chip,
        () => FieldSource::Account,
    }
}

fn machine(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Date(date) => json!(date.to_string()),
        Value::Number(number) | Value::Money(number) => json!(number),
        Value::Chosen(ids) => json!(ids),
        Value::YesNo(is) => json!(is),
        Value::Address(address) => json!(address),
        Value::Files(files) => json!(files),
    }
}

/// Whose application it is, as lists at the desk name them: what stands where the account's name would.
pub fn applicant(sheet: &Sheet<'_>, profile: Option<&Profile>) -> String {
    let answer = |prefill: Prefill| {
        sheet.answered().find_map(|(_, asked, value)| match value {
            Value::Text(text) if asked.question.prefill == Some(prefill) => Some(text.clone()),
            _ => None,
        })
    };
    let names: Vec<String> = [Prefill::GivenName, Prefill::Surname].into_iter().filter_map(answer).collect();
    let first_name = || {
        sheet.answered().find_map(|(_, asked, value)| match value {
            Value::Text(text) if asked.question.kind == QuestionKind::Name => Some(text.clone()),
            _ => None,
        })
    };
    match names.is_empty() {
        false => names.join(" "),
        true => profile.and_then(Profile::name).or_else(first_name).unwrap_or_default(),
    }
}
