//! Languages of the pages. `ls` is Leichte Sprache: German for machines, its own edition for people.

mod countries;

pub use countries::country;

use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use serde::{Deserialize, Serialize};

/// The code of a locale as it stands in addresses and texts: `de`, `en`, `ls`, …
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Locale(Arc<str>);

impl Locale {
    /// German is the language of law and the one every text has.
    pub fn german() -> Self {
        static GERMAN: LazyLock<Locale> = LazyLock::new(|| Locale("de".into()));
        GERMAN.clone()
    }

    pub fn new(code: &str) -> Option<Self> {
        let looks_right = (2..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        looks_right.then(|| Self(code.into()))
    }

    pub fn code(&self) -> &str {
        &self.0
    }

    pub fn is_german(&self) -> bool {
        self.code() == "de"
    }

    /// The value of `lang` in HTML (BCP 47).
    pub fn lang(&self) -> &str {
        if self.code() == "ls" { "de" } else { self.code() }
    }

    /// The value of `dir` in HTML.
    pub fn dir(&self) -> &'static str {
        match self.code() {
            "ar" | "fa" | "he" | "ps" | "ur" => "rtl",
            _ => "ltr",
        }
    }

    /// Puts titles into the order of the alphabet: umlauts beside their vowels (DIN 5007-1).
    pub fn order_of(&self, title: &str) -> String {
        title.to_lowercase().replace('ä', "a").replace('ö', "o").replace('ü', "u").replace('ß', "ss")
    }

    /// What stands before every path of this locale: nothing for German.
    pub fn base(&self) -> String {
        if self.is_german() { String::new() } else { format!("/{}", self.code()) }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
