//! `services/<id>.yaml`: one service of the catalogue.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LeikaKey, Responsible, Words};
use crate::{
    locale::Locale,
    tenant::{Entries, Text},
};

/// What a citizen wants to get done, with everything that has to be known about it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The file name without its ending; set by the loader.
    #[serde(skip)]
    pub id: String,
    /// What puts it into its place in the alphabet; set by the loader.
    #[serde(skip)]
    pub order: String,
    pub title: Text,
    /// Last part of the address where it differs from the id.
    #[serde(default)]
    pub slug: Option<String>,
    /// Everyday words people search with.
    #[serde(default)]
    pub synonyms: Words,
    /// One sentence, plain text.
    pub short: Text,
    #[serde(default)]
    pub who: Option<Text>,
    #[serde(default)]
    pub documents: Entries<Document>,
    #[serde(default)]
    pub fees: Entries<Fee>,
    #[serde(default)]
    pub deadlines: Entries<Text>,
    #[serde(default)]
    pub duration: Option<Text>,
    /// What to do, in order.
    #[serde(default)]
    pub steps: Entries<Text>,
    #[serde(default)]
    pub legal_basis: Entries<LegalBasis>,
    /// Whose service it is: an office of the town or an outside body. Without it people are sent to the town hall.
    #[serde(default)]
    pub responsible: Responsible,
    #[serde(default)]
    pub online: Online,
    /// Which login is enough for the online service.
    #[serde(default)]
    pub login: Level,
    /// 14-digit key of the national catalogue (LeiKa); only confirmed ones.
    #[serde(default)]
    pub leika: Option<LeikaKey>,
    #[serde(default)]
    pub categories: Vec<String>,
    #[serde(default)]
    pub situations: Vec<String>,
    #[serde(default)]
    pub forms: Entries<FormFile>,
    #[serde(default)]
    pub related: Vec<String>,
    /// Legal remedy as the law of this service says it; there is no default.
    #[serde(default)]
    pub remedy: Option<Text>,
    /// The law by which its decisions count as announced: an entry of `regimes.yaml`.
    #[serde(default)]
    pub regime: Option<String>,
    /// First day in the catalogue; orders the newest services.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub published: Option<Date>,
    /// Last change of content.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub updated: Option<Date>,
    /// Last professional review.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub reviewed: Option<Date>,
    #[serde(default)]
    pub state: State,
    /// Some data of this service is invented.
    #[serde(default)]
    pub example: bool,
}

impl Service {
    pub(in crate::tenant) fn named(&mut self, id: &str) {
        let german = Locale::german();
        self.id = id.to_owned();
        self.order = german.order_of(self.title.raw(&german));
    }

    pub fn slug(&self) -> &str {
        self.slug.as_deref().unwrap_or(&self.id)
    }

    /// Everything it says in words.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let single = [
            Some(&self.title),
            Some(&self.short),
            self.who.as_ref(),
            self.duration.as_ref(),
            self.remedy.as_ref(),
            self.online.label.as_ref(),
            self.online.provider.as_ref(),
            self.online.instead.as_ref(),
            self.responsible.note(),
        ];
        let documents = self.documents.iter();
        let documents =
            documents.flat_map(|document| [Some(&document.text), document.note.as_ref(), document.only_if.as_ref()]);
        let fees = self.fees.iter().flat_map(|fee| [Some(&fee.text), fee.note.as_ref()]);
        let lists = self.deadlines.iter().chain(self.steps.iter());
        let names = self.legal_basis.iter().map(|law| &law.title).chain(self.forms.iter().map(|form| &form.title));
        single.into_iter().chain(documents).chain(fees).flatten().chain(lists).chain(names)
    }

    /// Whether the citizen can do it on the web, here or elsewhere.
    pub fn is_online(&self) -> bool {
        matches!(self.online.kind, OnlineKind::Form | OnlineKind::Link)
    }

    /// The day that orders the newest services.
    pub fn newest_on(&self) -> Option<Date> {
        self.published.or(self.updated)
    }
}

/// State of the editors' work; drafts are not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Draft,
    Review,
    #[default]
    Published,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub text: Text,
    #[serde(default)]
    pub note: Option<Text>,
    /// When it is needed: `nur für Kinder`.
    #[serde(default, rename = "if")]
    pub only_if: Option<Text>,
    #[serde(default)]
    pub example: bool,
}

impl From<Text> for Document {
    fn from(text: Text) -> Self {
        Self { text, note: None, only_if: None, example: false }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub text: Text,
    /// In cents; 0 is free of charge, absent where the text says it all.
    #[serde(default)]
    pub amount: Option<u64>,
    #[serde(default)]
    pub note: Option<Text>,
    #[serde(default)]
    pub example: bool,
}

impl From<Text> for Fee {
    fn from(text: Text) -> Self {
        Self { text, amount: None, note: None, example: false }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    pub title: Text,
    #[serde(default)]
    pub url: Option<String>,
}

impl From<Text> for LegalBasis {
    fn from(title: Text) -> Self {
        Self { title, url: None }
    }
}

/// A form to print or to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormFile {
    pub title: Text,
    /// A file in `assets/`.
    #[serde(default)]
    pub file: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
}

impl From<Text> for FormFile {
    fn from(title: Text) -> Self {
        Self { title, file: None, url: None }
    }
}

/// How the service is done.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Online {
    pub kind: OnlineKind,
    /// Id of the form assistant (`kind: form`).
    #[serde(default)]
    pub form: Option<String>,
    /// Address of the other portal (`kind: link`) or of the booking page (`kind: appointment`).
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub label: Option<Text>,
    /// Whose portal the link leads to.
    #[serde(default)]
    pub provider: Option<Text>,
    /// What to do as long as it cannot be done online.
    #[serde(default)]
    pub instead: Option<Text>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnlineKind {
    Form,
    Link,
    Appointment,
    #[default]
    None,
}

impl OnlineKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Link => "link",
            Self::Appointment => "appointment",
            Self::None => "none",
        }
    }
}

/// Assurance levels of a login, lowest first (BSI TR-03107).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    #[default]
    None,
    Basis,
    Substantiell,
    Hoch,
}

impl Level {
    /// Reads its own word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::None, Self::Basis, Self::Substantiell, Self::Hoch].into_iter().find(|level| level.word() == word)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basis => "basis",
            Self::Substantiell => "substantiell",
            Self::Hoch => "hoch",
        }
    }
}
