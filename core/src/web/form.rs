//! What somebody wrote into a form, and what is wrong with it.
//!
//! A form has no `Debug`: what people write into it belongs into no log.

use std::borrow::Cow;

use serde::Serialize;

use super::{Head, Visit};

/// The fields of a form in the order in which they stand on the page.
#[derive(Clone, Serialize)]
pub struct Form {
    fields: Vec<Field>,
}

#[derive(Clone, Serialize)]
struct Field {
    name: &'static str,
    value: String,
    wrong: Option<Wrong>,
}

/// What can be wrong with a field; texts know it as `form.wrong.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    Missing,
    TooLong,
    NoEmail,
    NoPhone,
    /// Name and password fit nobody: which of them is wrong is never told.
    NoMatch,
    /// A code that is not the one of now.
    NoCode,
    NoDate,
    /// A day that is still to come, of something that has happened.
    Future,
    /// A day before the one above it.
    EndsBefore,
    /// Not the password that is kept.
    NoPassword,
    /// Not the password that a registration was written with.
    NotChosen,
    /// A new password of fewer than twelve letters.
    TooShort,
    /// A new password that is quickly guessed.
    Guessable,
    /// Not the same as the field above.
    Different,
    /// A name to log in with that is too short, or has other signs than letters, digits and a few that join them.
    NoUserName,
    /// Somebody else has it; told to nobody but whoever has confirmed an address.
    Taken,
    /// A letter still has a gap to be filled: `[Tag]`.
    Gap,
    /// A letter has characters that cannot be printed.
    Unprintable,
}

impl Form {
    /// A form that nobody has filled in yet.
    pub fn blank(names: &[&'static str]) -> Self {
        let field = |name: &&'static str| Field { name, value: String::new(), wrong: None };
        Self { fields: names.iter().map(field).collect() }
    }

    /// What was sent, without the space around it; fields that the form does not have are left out.
    pub fn read<'a>(names: &[&'static str], sent: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Self {
        let mut form = Self::blank(names);
        for (name, value) in sent {
            if let Some(field) = form.fields.iter_mut().find(|field| field.name == name) {
                field.value = value.trim().to_owned();
            }
        }
        form
    }

    /// The value of a field; empty if the form has none of that name.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|field| field.name == name).map_or("", |field| &field.value)
    }

    /// Says what is wrong with a field. The first complaint stays.
    pub fn complain(&mut self, name: &str, wrong: Wrong) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.wrong.get_or_insert(wrong);
        }
    }

    /// Empties a field that is never sent back: a password, a code.
    pub fn forget(&mut self, name: &str) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.value.clear();
        }
    }

    pub fn needs(&mut self, name: &str) {
        if self.value(name).is_empty() {
            self.complain(name, Wrong::Missing);
        }
    }

    /// At most so many letters.
    pub fn limits(&mut self, name: &str, letters: usize) {
        if self.value(name).chars().count() > letters {
            self.complain(name, Wrong::TooLong);
        }
    }

    /// A mail address, or nothing.
    pub fn is_email(&mut self, name: &str) {
        let value = self.value(name);
        if !value.is_empty() && value.parse::<lettre::Address>().is_err() {
            self.complain(name, Wrong::NoEmail);
        }
    }

    /// A telephone number, or nothing.
    pub fn is_phone(&mut self, name: &str) {
        let value = self.value(name);
        if !value.is_empty() && !is_phone(value) {
            self.complain(name, Wrong::NoPhone);
        }
    }

    /// The head of the page that shows the form: a title that says at once whether something has to be put right.
    pub fn head(&self, head: Head, visit: &Visit) -> Head {
        if !self.is_wrong() {
            return head;
        }
        Head { title: format!("{}: {}", visit.text("form.problem"), head.title), ..head }
    }

    pub fn is_wrong(&self) -> bool {
        self.fields.iter().any(|field| field.wrong.is_some())
    }
}

/// Digits, with the marks people put between them.
pub fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let fits = text.chars().enumerate().all(|(i, c)| match c {
        '+' => i == 0,
        ' ' | '/' | '-' | '(' | ')' | '.' => true,
        c => c.is_ascii_digit(),
    });
    fits && (5..=15).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: &[(&'static str, &'static str)]) -> Form {
        Form::read(&["email", "message"], sent.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn a_form_keeps_what_was_written_and_says_what_is_wrong() {
        let mut form = read(&[("email", " anna@"), ("message", ""), ("else", "x")]);
        assert_eq!((form.value("email"), form.value("else")), ("anna@", ""));
        form.is_email("email");
        form.needs("message");
        form.limits("email", 2);
        let complaints: Vec<_> = form.fields.iter().map(|field| field.wrong).collect();
        assert_eq!(complaints, [Some(Wrong::NoEmail), Some(Wrong::Missing)], "the first complaint stays");
    }

    #[test]
    fn what_is_right_is_left_alone() {
        let mut form = read(&[("email", "anna@example.org"), ("message", "Ödön")]);
        form.is_email("email");
        form.needs("message");
        form.limits("message", 4);
        assert!(!form.is_wrong());
    }
}
