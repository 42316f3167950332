//! A page is a struct: its fields are what the template gets, its samples are what the tests render.

use poem::{IntoResponse, Response};
use serde::Serialize;

use super::Visit;

/// One kind of page.
pub trait Page: Serialize {
    /// The template's plain name; the town's theme may have its own.
    const TEMPLATE: &'static str;

    /// What stands in the head and around the content.
    fn head(&self, visit: &Visit) -> Head;

    /// Pages of this kind a town can show, for rendering every page × sample × town.
    fn samples(visit: &Visit) -> Vec<Self>
    where
        Self: Sized;
}

/// Head and surroundings of a page.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    pub title: String,
    pub description: Option<String>,
    pub section: Section,
    /// Search engines are asked to leave it out.
    pub noindex: bool,
    /// The way from the start page to here, without either.
    pub crumbs: Vec<Crumb>,
}

impl Head {
    pub fn new(section: Section, title: impl Into<String>) -> Self {
        Self { title: title.into(), description: None, section, noindex: false, crumbs: Vec::new() }
    }

    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    pub fn below(mut self, title: impl Into<String>, url: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { title: title.into(), url: url.into() });
        self
    }

    pub fn noindex(mut self) -> Self {
        self.noindex = true;
        self
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct Crumb {
    pub title: String,
    pub url: String,
}

/// The part of the portal a page belongs to, for the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    Start,
    Services,
    Situations,
    Search,
    Faq,
    Contact,
    Login,
    Staff,
    Legal,
    Error,
}

/// A page as HTML, not yet sent: the cache takes it from here.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub html: String,
}

impl IntoResponse for Rendered {
    fn into_response(self) -> Response {
        let mut response = Response::builder()
            .content_type("text/html; charset=utf-8")
            .header("cache-control", "no-cache")
            .body(self.html.clone());
        response.extensions_mut().insert(self);
        response
    }
}
