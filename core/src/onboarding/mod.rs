//! A town joins: from a name and a host to a town that serves, from there to one that may go live.
//!
//! Invariant: nothing here invents a fact about a town. What is not known stays out of its files, is seen as a gap on its
//! pages, and is named by [`ready`].

mod approve;
mod forms;
mod logo;
mod new;
pub mod palette;
mod ready;
mod rename;

pub use approve::{Approver, approve};
pub use logo::Logo;
pub use new::NewTown;
pub use ready::{Installation, gaps};
pub use rename::{Renamed, rename_host};

/// Why something was not done, and what would help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    pub message: String,
    pub hint: Option<String>,
}

impl Refused {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// A text as a YAML value in one line.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | '_');
    let is_word = text.starts_with(char::is_alphabetic) && text.chars().all(is_plain) && !text.ends_with(' ');
    let read = serde_yaml::from_str::<serde_yaml::Value>(text);
    if is_word && read.is_ok_and(|value| value.as_str() == Some(text)) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
