//! What a typed answer means, or what is wrong with it.

use iban::IbanLike as _;
use jiff::civil::Date;
use serde::Serialize;

use super::{
    answers::{Attached, Turn},
    typed::{self, is_latin},
};
use crate::tenant::schema::{Question, QuestionKind};

/// An answer that fits its question.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Texts, names, mail addresses, telephone numbers, IBANs: in one form.
    Text(String),
    Date(Date),
    Number(i64),
    /// In cents.
    Money(i64),
    /// Ids of options, in the order of the question.
    Chosen(Vec<String>),
    YesNo(bool),
    Address(Address),
    Files(Vec<Attached>),
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Address {
    pub street: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub extra: String,
    pub postal_code: String,
    pub city: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub country: String,
}

/// What can be wrong with an answer; texts know it as `form.wrong.<word>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    Missing,
    TooLong,
    /// Letters that no name has.
    NoName(String),
    NoDate,
    TooEarly(Date),
    TooLate(Date),
    NoNumber,
    TooSmall(i64),
    TooLarge(i64),
    NoMoney,
    TooLittle(i64),
    TooMuch(i64),
    NoOption,
    NoIban,
    NoEmail,
    NoPhone,
    /// Other than so many digits.
    NoDigits(u16),
    /// A month without its day.
    NoDay,
    NoPostalCode,
    TooManyFiles,
    InfectedFile,
}

impl Wrong {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::NoName(_) => "no_name",
            Self::NoDate => "no_date",
            Self::TooEarly(_) => "too_early",
            Self::TooLate(_) => "too_late",
            Self::NoNumber => "no_number",
            Self::TooSmall(_) => "too_small",
            Self::TooLarge(_) => "too_large",
            Self::NoMoney => "no_money",
            Self::TooLittle(_) => "too_little",
            Self::TooMuch(_) => "too_much",
            Self::NoOption => "no_option",
            Self::NoIban => "no_iban",
            Self::NoEmail => "no_email",
            Self::NoPhone => "no_phone",
            Self::NoDigits(_) => "no_digits",
            Self::NoDay => "no_day",
            Self::NoPostalCode => "no_postal_code",
            Self::TooManyFiles => "too_many_files",
            Self::InfectedFile => "infected_file",
        }
    }
}

const LONGEST_LINE: usize = 200;
const LONGEST_AREA: usize = 4000;
const MOST_MONEY: i64 = 100_000_000_000;
const MOST_NUMBER: i64 = 1_000_000_000;

/// Whoever types another year has mistyped it.
const EARLIEST: Date = jiff::civil::date(1800, 1, 1);
const LATEST: Date = jiff::civil::date(2200, 12, 31);

/// The answer to a question, `None` where nothing was typed. Complaints name the input: `anschrift.city`.
pub fn judge(question: &Question, typed: &Turn, today: Date) -> Result<Option<Value>, (String, Wrong)> {
    let here = |wrong| (question.id.clone(), wrong);
    let text = typed.value(&question.id);
    if question.kind == QuestionKind::Address {
        return address(question, typed);
    }
    if question.kind == QuestionKind::File {
        let files = typed.values(&question.id);
        if files.len() > usize::from(question.most.unwrap_or(1)) {
            return Err(here(Wrong::TooManyFiles));
        }
        let files: Vec<Attached> = files.iter().filter_map(|answer| Attached::of_answer(answer)).collect();
        if files.iter().any(|file| file.infected) {
            return Err(here(Wrong::InfectedFile));
        }
        return Ok((!files.is_empty()).then_some(Value::Files(files)));
    }
    if text.is_empty() {
        return Ok(None);
    }
    let value = match question.kind {
        QuestionKind::Choice => chosen(question, typed.values(&question.id)),
        QuestionKind::YesNo => match text {
            "true" => Ok(Value::YesNo(true)),
            "false" => Ok(Value::YesNo(false)),
            _ => Err(Wrong::NoOption),
        },
        QuestionKind::Date => date(question, text, today),
        QuestionKind::Number => number(question, text),
        QuestionKind::Money => money(question, text),
        QuestionKind::Text if question.digits.is_some() => digits(text, question.digits.unwrap_or_default()),
        QuestionKind::Text => {
            let usual = if question.lines.is_some() { LONGEST_AREA } else { LONGEST_LINE };
            plain(text, question.longest.map_or(usual, usize::from))
        }
        QuestionKind::Name => match text.chars().filter(|c| !is_latin(*c)).collect::<String>() {
            strange if strange.is_empty() => plain(text, LONGEST_LINE),
            strange => Err(Wrong::NoName(strange)),
        },
        QuestionKind::Iban => {
            let iban: Result<iban::Iban, _> = text.parse();
            iban.map(|iban| Value::Text(iban.electronic_str().to_owned())).map_err(|_| Wrong::NoIban)
        }
        QuestionKind::Email if text.parse::<lettre::Address>().is_err() => Err(Wrong::NoEmail),
        QuestionKind::Email => plain(text, LONGEST_LINE),
        QuestionKind::Phone => typed::phone(text).map(Value::Text).ok_or(Wrong::NoPhone),
        QuestionKind::Address | QuestionKind::File | QuestionKind::Note | QuestionKind::Total => return Ok(None),
    };
    value.map(Some).map_err(here)
}

fn plain(text: &str, longest: usize) -> Result<Value, Wrong> {
    if text.chars().count() > longest { Err(Wrong::TooLong) } else { Ok(Value::Text(text.to_owned())) }
}

fn digits(text: &str, count: u16) -> Result<Value, Wrong> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '\u{a0}')).collect();
    let fits = digits.len() == usize::from(count) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(Value::Text(digits)) } else { Err(Wrong::NoDigits(count)) }
}

fn chosen(question: &Question, sent: &[String]) -> Result<Value, Wrong> {
    let is_known = |id: &String| question.options.iter().any(|option| option.id == *id);
    if !sent.iter().all(is_known) || (!question.many && sent.len() > 1) {
        return Err(Wrong::NoOption);
    }
    let ids = question.options.iter().map(|option| &option.id);
    Ok(Value::Chosen(ids.filter(|id| sent.contains(id)).cloned().collect()))
}

fn date(question: &Question, text: &str, today: Date) -> Result<Value, Wrong> {
    let wrong = || if typed::is_month(text) { Wrong::NoDay } else { Wrong::NoDate };
    let date = typed::date(text, today).ok_or_else(wrong)?;
    let earliest = question.earliest.map_or(EARLIEST, |day| day.seen_from(today));
    let latest = question.latest.map_or(LATEST, |day| day.seen_from(today));
    match date {
        date if date < earliest => Err(Wrong::TooEarly(earliest)),
        date if date > latest => Err(Wrong::TooLate(latest)),
        date => Ok(Value::Date(date)),
    }
}

fn number(question: &Question, text: &str) -> Result<Value, Wrong> {
    let number = typed::number(text).ok_or(Wrong::NoNumber)?;
    let (min, max) = (question.min.unwrap_or(0), question.max.unwrap_or(MOST_NUMBER));
    match number {
        number if number < min => Err(Wrong::TooSmall(min)),
        number if number > max => Err(Wrong::TooLarge(max)),
        number => Ok(Value::Number(number)),
    }
}

fn money(question: &Question, text: &str) -> Result<Value, Wrong> {
    let cents = typed::money(text).ok_or(Wrong::NoMoney)?;
    let (min, max) = (question.min.unwrap_or(0), question.max.unwrap_or(MOST_MONEY));
    match cents {
        cents if cents < min => Err(Wrong::TooLittle(min)),
        cents if cents > max => Err(Wrong::TooMuch(max)),
        cents => Ok(Value::Money(cents)),
    }
}

/// All of it, or nothing: half an address reaches nobody.
fn address(question: &Question, typed: &Turn) -> Result<Option<Value>, (String, Wrong)> {
    let name = |part: &str| format!("{}.{part}", question.id);
    let value = |part: &str| typed.value(&name(part)).to_owned();
    let address = Address {
        street: value("street"),
        extra: value("extra"),
        postal_code: value("postal_code"),
        city: value("city"),
        country: if question.abroad { value("country") } else { String::new() },
    };
    if address == Address::default() {
        return Ok(None);
    }
    let parts = [("street", &address.street), ("postal_code", &address.postal_code), ("city", &address.city)];
    for (part, text) in parts.iter().chain(&[("extra", &address.extra), ("country", &address.country)]) {
        let wrong = match text.chars().count() {
            0 if parts.iter().any(|(needed, _)| needed == part) => Wrong::Missing,
            letters if letters > LONGEST_LINE => Wrong::TooLong,
            _ => continue,
        };
        return Err((name(part), wrong));
    }
    let is_german = address.country.is_empty() || address.country.to_lowercase() == "deutschland";
    let is_code = address.postal_code.len() == 5 && address.postal_code.bytes().all(|b| b.is_ascii_digit());
    if is_german && !is_code {
        return Err((name("postal_code"), Wrong::NoPostalCode));
    }
    Ok(Some(Value::Address(address)))
}
