//! What the check complains about, and by which rule.

use crate::yaml::{At, Problem};

/// One complaint: which rule, about whom, where it comes from and where it shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The town – or, for a sentence that no town shows today, the layer – that is complained about.
    pub tenant: String,
    /// The file that caused it.
    pub at: At,
    /// One of [`RULES`].
    pub rule: &'static str,
    pub level: Level,
    pub message: String,
    pub hint: Option<String>,
    /// The first page on which it shows: `/en/faq`.
    pub page: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warning,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Finding {
    pub fn error(rule: &'static str, tenant: &str, at: At, message: impl Into<String>) -> Self {
        debug_assert!(RULES.iter().any(|(known, _)| *known == rule), "{rule} has no description");
        let (tenant, message) = (tenant.to_owned(), message.into());
        Self { tenant, at, rule, level: Level::Error, message, hint: None, page: None }
    }

    pub fn warning(rule: &'static str, tenant: &str, at: At, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(rule, tenant, at, message) }
    }

    pub fn of_problem(tenant: &str, problem: &Problem) -> Self {
        let level = if problem.warning { Level::Warning } else { Level::Error };
        let finding = Self::error(problem.rule, tenant, problem.at.clone(), &problem.message);
        Self { level, hint: problem.hint.clone(), ..finding }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn on(mut self, page: &str) -> Self {
        self.page = Some(page.to_owned());
        self
    }
}

/// Every rule with what it means, in the order of the handbook.
pub const RULES: [(&str, &str); 19] = [
    ("configuration", "A file does not say what it should, or names what does not exist"),
    ("foreign-town", "A text carries a fact of another town, or speaks as another municipality"),
    ("retired-term", "A text names something that no longer exists under this name"),
    ("past-date", "A text announces a day that has passed"),
    ("broken-link", "A link leads to a page, a place or a file that is not there"),
    ("missing-page", "A page that every town needs is not there, or cannot be shown"),
    ("missing-text", "A page shows a gap where words should stand"),
    ("missing-translation", "A text is not there in a language the town offers"),
    ("contrast", "Two colours of a theme are too much alike"),
    ("unused-file", "A file that nobody reads"),
    ("unknown-service", "A service is named that does not exist"),
    ("leika-key", "A key of the catalogue of services that is none"),
    ("duplicate-host", "A host that more than one town claims"),
    ("review-overdue", "A text that nobody has looked through for too long"),
    ("readability", "A sentence in easy language that is not easy to read"),
    ("broken-promise", "A promise of `expect.yaml` that a page does not keep"),
    ("not-ready", "A town says it is live and lacks what it needs for that"),
    ("simulator-on-live", "A town that is live lets anybody log in as anybody"),
    ("plain-secret", "A secret stands where everybody who edits a town's files can read it"),
];
