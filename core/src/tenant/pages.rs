//! The pages that towns and layers write in Markdown: `content/<name>.md`, other languages beside it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{
    Text,
    dated::Moment,
    facts::{Use, uses_of, uses_of_body},
    folder::Markdown,
    schema::{Page, PageHead, Phase},
};
use crate::{
    locale::Locale,
    yaml::{Node, Problem, decode},
};

/// Pages by name: `impressum`, `datenschutz`, …
pub type Pages = BTreeMap<String, Page>;

/// Pages with everything a town has to know about them.
#[derive(Debug, Default)]
pub struct SharedPages {
    pub pages: Arc<Pages>,
    pub switches: Vec<Timestamp>,
    pub problems: Vec<Problem>,
    pub uses: Vec<Use>,
    /// The heads by path, for telling where values come from.
    pub heads: Vec<(String, Arc<Node>)>,
}

impl SharedPages {
    pub fn of(files: BTreeMap<&str, Result<Arc<Markdown>, Problem>>, now: Timestamp, phase: Option<Phase>) -> Self {
        let mut all = Self::default();
        let mut by_name: BTreeMap<String, Vec<(Locale, String, Arc<str>)>> = BTreeMap::new();
        for (path, file) in files {
            let file = match file {
                Ok(file) => file,
                Err(problem) => {
                    all.problems.push(problem);
                    continue;
                }
            };
            let Some((name, locale)) = name_of(path) else { continue };
            all.heads.push((path.to_owned(), file.head.clone()));
            let mut moment = Moment { now, phase, switches: &mut all.switches, problems: &mut all.problems };
            let Some(head) = moment.resolve(&file.head) else { continue };
            all.uses.extend(uses_of(&head, &mut all.problems));
            all.uses.extend(uses_of_body(&file.body, &file.body_at, &mut all.problems));
            match decode::<PageHead>(&head) {
                Ok(head) => {
                    let title = head.title.unwrap_or_else(|| name.to_owned());
                    by_name.entry(name.to_owned()).or_default().push((locale, title, file.body.clone()));
                }
                Err(problem) => all.problems.push(problem),
            }
        }
        let pages = by_name.into_iter().filter_map(|(name, texts)| Some((name, page(texts)?)));
        all.pages = Arc::new(pages.collect());
        all
    }
}

/// `content/impressum.en.md` is the page `impressum` in English.
fn name_of(path: &str) -> Option<(&str, Locale)> {
    let stem = path.strip_prefix("content/")?.strip_suffix(".md")?;
    let (name, code) = stem.split_once('.').unwrap_or((stem, "de"));
    Some((name, Locale::new(code)?))
}

/// A page needs its German text.
fn page(mut texts: Vec<(Locale, String, Arc<str>)>) -> Option<Page> {
    let german = texts.iter().position(|(locale, ..)| locale.is_german())?;
    let (_, title, body) = texts.remove(german);
    let mut page = Page { title: Text::german(title), body: Text::german(body) };
    for (locale, title, body) in texts {
        page.title.add(locale.clone(), title);
        page.body.add(locale, body);
    }
    Some(page)
}
