//! `forms/<id>.yaml`: an application that people fill in step by step.

use jiff::{Span, civil::Date};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Condition, Level};
use crate::tenant::{Entries, Text};

/// A form as the town hall wants it filled in. Services name it: `online: {kind: form, form: <id>}`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnlineForm {
    /// The file name without its ending; set by the loader.
    #[serde(skip)]
    pub id: String,
    pub title: Text,
    /// Markdown before the first step: what this is, and for whom.
    #[serde(default)]
    pub text: Option<Text>,
    /// Which login it takes; with `none` people may fill it in without one.
    #[serde(default = "basis")]
    pub login: Level,
    /// Id of the department (`staff.departments`) whose work it is.
    #[serde(default)]
    pub department: Option<String>,
    /// How long it takes to fill in: `etwa 5 Minuten`.
    #[serde(default)]
    pub takes: Option<Text>,
    /// What to have at hand.
    #[serde(default)]
    pub needs: Entries<Text>,
    /// Id of the destination (`destinations` of the town) that gets each application as a package; absent: the desk alone.
    #[serde(default)]
    pub delivery: Option<String>,
    /// Until when the town hall means to answer, in days after submission.
    #[serde(default = "two_weeks")]
    pub answer_days: u16,
    /// A draft that nobody has touched for so many days is deleted.
    #[serde(default = "thirty")]
    pub draft_days: u16,
    /// For so many days after its completion the case is kept.
    #[serde(default = "ten_years")]
    pub keep_days: u16,
    /// A second clerk has to agree to a decision.
    #[serde(default)]
    pub four_eyes: bool,
    /// Markdown: what happens after submission.
    #[serde(default)]
    pub next: Option<Text>,
    pub steps: Vec<Step>,
}

fn basis() -> Level {
    Level::Basis
}

fn two_weeks() -> u16 {
    14
}

fn thirty() -> u16 {
    30
}

fn ten_years() -> u16 {
    3650
}

/// One page of a form: what belongs together.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Last part of the address: `/antraege/…/hund`.
    pub id: String,
    pub title: Text,
    /// Markdown above the questions.
    #[serde(default)]
    pub text: Option<Text>,
    /// The step comes only then.
    #[serde(default, rename = "if")]
    pub only_if: Option<Condition>,
    /// The step may be filled in more than once.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    pub fields: Vec<Question>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    #[schemars(range(min = 2, max = 50))]
    pub most: u8,
    /// What one of them is called: `Hund`.
    pub one: Text,
    /// The button for one more: `Noch einen Hund anmelden`.
    pub add: Text,
}

/// A question, or something said between questions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique in the form; conditions and hand-overs name it.
    pub id: String,
    pub kind: QuestionKind,
    /// Every kind but `note` has one.
    #[serde(default)]
    pub label: Option<Text>,
    /// One sentence beside the label.
    #[serde(default)]
    pub hint: Option<Text>,
    /// The question comes only then.
    #[serde(default, rename = "if")]
    pub only_if: Option<Condition>,
    #[serde(default)]
    pub optional: bool,
    /// With `optional: true`: must be answered then.
    #[serde(default)]
    pub required_if: Option<Condition>,
    /// Filled in from the account.
    #[serde(default)]
    pub prefill: Option<Prefill>,
    /// Browsers are asked not to keep the answer.
    #[serde(default)]
    pub sensitive: bool,
    /// What is said where the answer is missing, in the form's own words.
    #[serde(default)]
    pub missing: Option<Text>,

    /// `text`: the most letters.
    #[serde(default)]
    pub longest: Option<u16>,
    /// `text`: exactly so many digits; spaces, points and hyphens between them go.
    #[serde(default)]
    pub digits: Option<u16>,
    /// `text`: an area of so many lines.
    #[serde(default)]
    pub lines: Option<u8>,
    /// `date`: the first day that can be, as a date or from today on: `today`, `-30d`, `-120y`.
    #[serde(default)]
    pub earliest: Option<Day>,
    /// `date`: the last day that can be.
    #[serde(default)]
    pub latest: Option<Day>,
    /// `number`; `money` in cents.
    #[serde(default)]
    pub min: Option<i64>,
    /// `number`; `money` in cents.
    #[serde(default)]
    pub max: Option<i64>,
    /// `number`: what is counted: `Kilogramm`.
    #[serde(default)]
    pub unit: Option<Text>,
    /// `choice`: what there is to choose from.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// `choice`: several may be chosen.
    #[serde(default)]
    pub many: bool,
    /// `address`: also outside Germany.
    #[serde(default)]
    pub abroad: bool,
    /// `file`: how many at most; absent: one.
    #[serde(default)]
    pub most: Option<u8>,
    /// `file`: what to send: `Foto oder PDF des Impfpasses`.
    #[serde(default)]
    pub what: Option<Text>,
    /// `note`: Markdown.
    #[serde(default)]
    pub text: Option<Text>,
    /// `note`
    #[serde(default)]
    pub tone: Tone,
    /// `note`: while it is shown the form does not go on; the text says what to do instead.
    #[serde(default)]
    pub stop: bool,
    /// `total`: what is added up.
    #[serde(default)]
    pub sum: Vec<Term>,
    /// The figures are invented.
    #[serde(default)]
    pub example: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    Text,
    /// Of a person: letters as DIN 91379 has them.
    Name,
    Date,
    Number,
    /// Euros and cents.
    Money,
    Choice,
    YesNo,
    /// Street, postal code, city.
    Address,
    Iban,
    Email,
    Phone,
    File,
    /// Asks nothing.
    Note,
    /// Is computed.
    Total,
}

impl QuestionKind {
    /// Whether there is something to answer.
    pub fn is_asked(self) -> bool {
        !matches!(self, Self::Note | Self::Total)
    }

    /// The keys of a question that only some kinds have.
    pub fn own_keys(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["longest", "digits", "lines"],
            Self::Date => &["earliest", "latest"],
            Self::Number => &["min", "max", "unit"],
            Self::Money => &["min", "max"],
            Self::Choice => &["options", "many"],
            Self::Address => &["abroad"],
            Self::File => &["most", "what"],
            Self::Note => &["text", "tone", "stop"],
            Self::Total => &["sum"],
            Self::Name | Self::YesNo | Self::Iban | Self::Email | Self::Phone => &[],
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Name => "name",
            Self::Date => "date",
            Self::Number => "number",
            Self::Money => "money",
            Self::Choice => "choice",
            Self::YesNo => "yes_no",
            Self::Address => "address",
            Self::Iban => "iban",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::File => "file",
            Self::Note => "note",
            Self::Total => "total",
        }
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: String,
    pub label: Text,
    #[serde(default)]
    pub hint: Option<Text>,
    #[serde(default)]
    pub example: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    #[default]
    Info,
    Warning,
}

/// One line of a total: so many cents, once or as often as another answer says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    pub text: Text,
    pub cents: u32,
    /// Id of a number: so often.
    #[serde(default)]
    pub times: Option<String>,
    /// With `times`: the first so many are not counted.
    #[serde(default)]
    pub beyond: u16,
    #[serde(default, rename = "if")]
    pub only_if: Option<Condition>,
    #[serde(default)]
    pub example: bool,
}

/// What of the account fills a question in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Prefill {
    Title,
    GivenName,
    Surname,
    BirthName,
    Birthdate,
    PlaceOfBirth,
    Nationality,
    Street,
    PostalCode,
    City,
    Country,
    Email,
    Phone,
    /// Street, postal code and city, for questions of the kind `address`.
    Address,
}

/// A day: fixed, or so many days or years from today on (`today`, `-30d`, `+14d`, `-120y`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Day {
    On(Date),
    DaysFromToday(i32),
    YearsFromToday(i16),
}

impl Day {
    pub fn seen_from(self, today: Date) -> Date {
        match self {
            Self::On(date) => date,
            Self::DaysFromToday(days) => today.saturating_add(Span::new().days(days)),
            Self::YearsFromToday(years) => today.saturating_add(Span::new().years(years)),
        }
    }
}

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRITTEN: &str = "is no day; days are written `2026-11-22`, `today`, `-30d`, `+14d` or `-120y`";
        if text == "today" {
            return Ok(Self::DaysFromToday(0));
        }
        if let Ok(date) = text.parse() {
            return Ok(Self::On(date));
        }
        let (days, years) = (text.strip_suffix('d'), text.strip_suffix('y'));
        match (days.and_then(|days| days.parse().ok()), years.and_then(|years| years.parse().ok())) {
            (Some(days), _) if (-40_000..=40_000).contains(&days) => Ok(Self::DaysFromToday(days)),
            (_, Some(years)) if (-200..=200).contains(&years) => Ok(Self::YearsFromToday(years)),
            _ => Err(WRITTEN),
        }
    }
}

impl JsonSchema for Day {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A day, fixed or counted from today: `2026-11-22`, `today`, `-30d`, `+14d`, `-120y`",
            "type": "string", "pattern": "^(today|[+-]\\d+[dy]|\\d{4}-\\d{2}-\\d{2})$"
        })
    }
}
