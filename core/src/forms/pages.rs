//! The faces of a form: from the page that says what is needed to the number at the end.
//!
//! Pages are plain data; whoever answers a request fills them. Dates and amounts come in ready to be read.

pub mod begin;
pub mod draft;
pub mod field;
pub mod halt;
pub mod preview;
pub mod review;
mod samples;
pub mod sent;
pub mod step;

use serde::Serialize;

use crate::{
    tenant::Said,
    web::{Head, Section, Visit},
};

/// Which form it is, for the line above the title and the way back.
#[derive(Debug, Clone, Serialize)]
pub struct FormView {
    /// Sent along with every page, so that nothing typed is lost while the data room is away.
    pub id: String,
    /// `Hund anmelden`
    pub title: Said,
    /// Its service, and the page of it.
    pub service: Said,
    pub service_url: String,
}

impl FormView {
    /// Where nobody may know which form it was, if it ever was one.
    pub fn unknown(visit: &Visit) -> Self {
        let title = visit.text("form.halt.gone.title");
        let title = Said { html: title.clone(), text: title, lang: None };
        let service = Said { text: visit.text("services.title"), html: String::new(), lang: None };
        Self { id: String::new(), title, service, service_url: visit.url("/dienstleistungen") }
    }

    /// The head of a page inside a form.
    fn head(&self, visit: &Visit, title: &str) -> Head {
        if self.id.is_empty() {
            return Head::new(Section::Services, title).noindex().below(&self.service.text, &self.service_url);
        }
        let head = Head::new(Section::Services, format!("{title} – {}", self.title.text)).noindex();
        head.below(visit.text("services.title"), visit.url("/dienstleistungen"))
            .below(&self.service.text, &self.service_url)
    }
}

/// How far somebody is. The page where everything is looked through stands last.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    pub areas: Vec<Area>,
    /// Counted from 1: where the person is.
    pub number: usize,
}

/// One area of questions in the list of all.
#[derive(Debug, Clone, Serialize)]
pub struct Area {
    pub title: Said,
    /// Where it is; `None` as long as the areas before it are not done.
    pub url: Option<String>,
    pub state: AreaState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaState {
    /// Everything that has to be answered here is.
    Done,
    Now,
    Open,
}

impl Progress {
    pub fn of(areas: Vec<Area>) -> Self {
        let number = areas.iter().position(|area| area.state == AreaState::Now).map_or(areas.len(), |at| at + 1);
        Self { areas, number }
    }
}

/// Answers of one area, to be read.
#[derive(Debug, Clone, Serialize)]
pub struct SectionView {
    /// Part of the address of the area: `hund-2`.
    pub id: String,
    pub title: Said,
    /// Where they can be changed.
    pub change: Option<String>,
    pub answers: Vec<AnswerView>,
    /// The language of what was answered, if it is another than the page's.
    pub lang: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
pub struct AnswerView {
    pub label: Said,
    /// As it is read, perhaps in several lines; empty: nothing was said.
    pub shown: String,
    pub source: Source,
}

/// Where an answer comes from; texts know it as `form.source.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Chip,
    Account,
    Typed,
}

/// A form that somebody began and has not sent yet.
#[derive(Debug, Clone, Serialize)]
pub struct DraftView {
    /// Of the form.
    pub title: Said,
    /// The page of the draft: go on, keep longer, discard.
    pub url: String,
    /// Where the person goes on, and the title of that area.
    pub resume: String,
    pub area: Said,
    /// When the last answer was kept, and the last day on which it is: `22. November 2026, 10:05`, `22. Dezember 2026`.
    pub saved: String,
    pub until: String,
    /// The end is near enough to say so.
    pub soon: bool,
}

impl DraftView {
    /// A draft of nobody, for rendering pages outside the server.
    pub fn specimen(visit: &Visit) -> Self {
        samples::draft(visit)
    }
}

impl SectionView {
    /// Answers of nobody, for rendering pages outside the server.
    pub fn specimens(visit: &Visit) -> Vec<Self> {
        samples::sections(visit, false)
    }
}
