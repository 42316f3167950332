//! A field as it stands on the page, of whatever kind.

use serde::Serialize;

use crate::{tenant::Said, web::Upload};

/// The id of its input is `f-<name>`; that is where the list of complaints leads.
#[derive(Debug, Clone, Serialize)]
pub struct FieldView {
    /// Of the input, and first part of it for an address: `rufname`, `anschrift`.
    pub name: String,
    pub label: Said,
    pub hint: Option<Said>,
    /// May stay empty, as things stand.
    pub optional: bool,
    /// What the browser fills in, from [`autocomplete`]; `off` also keeps it from spell checkers.
    pub autocomplete: &'static str,
    /// What prefilling came to; `None` where the form prefills nothing, or the person changed it.
    pub origin: Option<Origin>,
    /// What is wrong, ready to be read.
    pub wrong: Option<Said>,
    #[serde(flatten)]
    pub input: Input,
}

/// Values are what was typed, as it was typed.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    Line {
        value: String,
        purpose: Purpose,
        /// Letters at most.
        longest: Option<usize>,
        /// Stands behind the input: `Kilogramm`.
        unit: Option<Said>,
    },
    Lines {
        value: String,
        lines: u8,
        longest: Option<usize>,
    },
    /// Sends the id of the option; several times its name with `many`.
    Choice {
        many: bool,
        options: Vec<OptionView>,
    },
    /// Sends `true` or `false`.
    YesNo {
        value: Option<bool>,
    },
    /// Its inputs are named `<name>.<part>`.
    Address {
        parts: Vec<Part>,
    },
    /// Sends the files under the field's name; `do=upload` keeps them without going on, `do=remove:<id>` removes one.
    File {
        upload: Upload,
        /// What the files should show.
        what: Option<Said>,
    },
    /// Asks nothing; the label is not shown.
    Note {
        text: Said,
        tone: Tone,
    },
    /// Asks nothing; `do=again` works it out anew.
    Total(Total),
}

/// What a line is for: it decides keyboard, width and example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Text,
    Name,
    Date,
    Number,
    Money,
    Iban,
    Email,
    Phone,
}

/// What prefilling came to; texts know it as `form.origin.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Read from the chip of the ID card: cannot be changed here.
    Chip,
    Account,
    /// The account has nothing there.
    Nothing,
    /// The provider could not be asked.
    Unavailable,
}

#[derive(Debug, Clone, Serialize)]
pub struct OptionView {
    pub id: String,
    pub label: Said,
    pub hint: Option<Said>,
    /// Not certain, and marked so.
    pub example: bool,
    pub chosen: bool,
}

/// One line of an address; texts know it as `form.address.<name>`.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// `street`, `extra`, `postal_code`, `city`, `country`
    pub name: &'static str,
    pub value: String,
    pub optional: bool,
    pub autocomplete: &'static str,
    pub wrong: Option<Said>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Info,
    Warning,
}

/// What it costs, line by line. Amounts are ready to be read: `96,00 €`.
#[derive(Debug, Clone, Serialize)]
pub struct Total {
    pub lines: Vec<CostView>,
    /// `None` as long as nothing was answered that it depends on.
    pub amount: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct CostView {
    pub text: Said,
    /// `2` where the line counts twice; 1 is not said.
    pub times: u64,
    pub amount: String,
}

/// The word by which browsers know what belongs into a field (WCAG 2.2, 1.3.5): only for what somebody says about
/// themselves, so only where the form prefills.
pub fn autocomplete(prefill: Option<&str>, sensitive: bool) -> &'static str {
    match prefill {
        _ if sensitive => "off",
        Some("title") => "honorific-prefix",
        Some("given_name") => "given-name",
        Some("surname") => "family-name",
        Some("birthdate") => "bday",
        Some("street") => "address-line1",
        Some("extra") => "address-line2",
        Some("postal_code") => "postal-code",
        Some("city") => "address-level2",
        Some("country") => "country-name",
        Some("email") => "email",
        Some("phone") => "tel",
        _ => "",
    }
}

impl FieldView {
    pub fn is_wrong(&self) -> bool {
        let inside = match &self.input {
            Input::Address { parts } => parts.iter().any(|part| part.wrong.is_some()),
            _ => false,
        };
        self.wrong.is_some() || inside
    }
}
