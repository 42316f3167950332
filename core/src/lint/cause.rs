//! From words on a page back to the line of the file that says them.

use std::{borrow::Cow, cell::RefCell, collections::HashSet, sync::Arc};

use super::page::spaced;
use crate::{
    locale::Locale,
    tenant::{
        Tenant,
        said::{Files, Written, place_in},
    },
    theme::{ThemeFiles, markdown},
    yaml::{At, Node},
};

/// A sentence that stands in more files than this is told at the first of them.
const MOST_PLACES: usize = 50;

/// What stands on no page: words for the search, and files about other files.
fn is_unseen(written: &Written) -> bool {
    ["approved.yaml", "overrides.yaml", "expect.yaml", "retired.yaml"].contains(&&*written.path)
        || written.key.split('.').any(|part| part == "keywords" || part == "synonyms")
}

/// Everything a town's pages are made of: its own files, those of its layers, the words and templates of its theme.
pub struct Causes<'a> {
    tenant: &'a Tenant,
    /// The town's own files first.
    files: Vec<Arc<Files>>,
    themes: &'a ThemeFiles,
    /// Phrases that nobody has written, in the language they were looked for: specimens show the same ones again and again.
    nowhere: RefCell<HashSet<(String, Locale)>>,
}

impl<'a> Causes<'a> {
    pub fn of(tenant: &'a Tenant, files: Vec<Arc<Files>>, themes: &'a ThemeFiles) -> Self {
        Self { tenant, files, themes, nowhere: RefCell::default() }
    }

    pub fn tenant(&self) -> &str {
        self.tenant.id.as_str()
    }

    /// The town's own files.
    pub fn own(&self) -> Option<&Arc<Files>> {
        self.files.first()
    }

    /// A YAML file of the town's own.
    pub fn own_file(&self, path: &str) -> Option<Arc<Node>> {
        self.own()?.yaml(path)
    }

    /// Where to point when nothing else is to blame.
    pub fn home(&self) -> At {
        let own = self.own().map(|own| own.shown("tenant.yaml"));
        At::start_of(&own.unwrap_or_else(|| "tenant.yaml".into()))
    }

    /// The start of a file that the town does not have yet.
    pub fn missing(&self, path: &str) -> At {
        let own = self.own().map(|own| own.shown(path));
        At::start_of(&own.unwrap_or_else(|| path.into()))
    }

    /// The first of the town's files and those below that has a value under `key`, and where.
    pub fn value(&self, path: &str, key: &str) -> Option<At> {
        let is_it = |written: &&Written| {
            &*written.path == path
                && (written.key == key || written.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
        };
        self.files.iter().find_map(|files| files.texts.iter().find(is_it)).map(|written| written.at.clone())
    }

    /// The start of a file as the town has it: its own or the uppermost layer's.
    pub fn file(&self, path: &str) -> At {
        let has = |files: &&Arc<Files>| files.texts.iter().any(|written| &*written.path == path);
        let files = self.files.iter().find(has);
        files.map_or_else(|| self.missing(path), |files| At::start_of(&files.shown(path)))
    }

    /// The first place at which a file says exactly this.
    pub fn of_text(&self, text: &str) -> At {
        let mut written = self.files.iter().flat_map(|files| &files.texts);
        written.find(|written| &*written.text == text).map_or_else(|| self.home(), |written| written.at.clone())
    }

    /// Where `phrase`, read in `passage` of a page in `locale`, was written; at several places if several say it.
    pub fn of_phrase(&self, phrase: &str, passage: &str, locale: &Locale) -> Vec<At> {
        let places = self.written(phrase, passage, locale);
        if places.is_empty() { vec![self.home()] } else { places }
    }

    /// The same; nothing where nobody has written it, as with what a specimen of a page shows.
    pub fn written(&self, phrase: &str, passage: &str, locale: &Locale) -> Vec<At> {
        let key = (phrase.to_owned(), locale.clone());
        if self.nowhere.borrow().contains(&key) {
            return Vec::new();
        }
        let mut places = self.in_files(phrase, passage, locale);
        if places.is_empty() {
            places.extend(self.in_theme_texts(phrase, locale).or_else(|| self.in_templates(phrase)));
        }
        if places.is_empty() {
            self.nowhere.borrow_mut().insert(key);
        }
        places
    }

    /// Where a link was written: in Markdown if it stands there, otherwise wherever its address does.
    pub fn of_link(&self, address: &str, locale: &Locale) -> Vec<At> {
        const BEGINS: &str = "](";
        let link = format!("{BEGINS}{address}");
        let places = self.in_files(&link, &link, locale).into_iter();
        let places: Vec<At> = places.map(|at| At { column: at.column + BEGINS.len() as u32, ..at }).collect();
        if places.is_empty() { self.of_phrase(address, address, locale) } else { places }
    }

    /// The text that is the passage or has it in it; several where several say it. Otherwise the longest text that the
    /// passage has in it: a page puts texts together.
    fn in_files(&self, phrase: &str, passage: &str, locale: &Locale) -> Vec<At> {
        let mut found: Vec<((u8, bool, usize), At)> = Vec::new();
        for files in &self.files {
            for written in files.texts.iter().filter(|written| !is_unseen(written)) {
                let Some(start) = self.start_in(phrase, written) else { continue };
                let whole = spaced(&self.plain(written));
                let rank = if whole.contains(passage) || written.text.contains(passage) {
                    2
                } else {
                    u8::from(passage.contains(&whole))
                };
                // of texts that all have it the first will do: they are told together
                let length = if rank == 2 { 0 } else { whole.len() };
                let score = (rank, written.locale == *locale, length);
                found.push((score, files.place_of(written, phrase, start)));
            }
        }
        let Some(best) = found.iter().map(|(score, _)| *score).max() else { return Vec::new() };
        let most = if best.0 == 2 { MOST_PLACES } else { 1 };
        found.into_iter().filter(|(score, _)| *score == best).map(|(_, at)| at).take(most).collect()
    }

    /// Where in a text, as it is written, a phrase begins; 0 where only the finished text has it.
    fn start_in(&self, phrase: &str, written: &Written) -> Option<usize> {
        if let Some(start) = written.text.find(phrase) {
            return Some(start);
        }
        let first = phrase.split_whitespace().next()?;
        let may_have = written.text.contains("{{") || written.text.contains(first);
        (may_have && spaced(&self.plain(written)).contains(phrase)).then_some(0)
    }

    fn plain(&self, written: &Written) -> String {
        let filled: Cow<'_, str> = self.tenant.fill(&written.text, &written.locale);
        markdown::to_plain(&filled)
    }

    fn in_theme_texts(&self, phrase: &str, locale: &Locale) -> Option<At> {
        let mut found = None;
        let texts = self.tenant.theme.texts.origins();
        let mut texts: Vec<_> = texts.collect();
        texts.sort_by_key(|(code, _)| *code != locale);
        for (_, node) in texts {
            node.walk("", &mut |_, value| {
                if found.is_none() && value.text().is_some_and(|text| text.contains(phrase)) {
                    found = Some(value.at.clone());
                }
            });
        }
        let at = found?;
        let file = self.themes.read(&self.themes.path_of(&at.file)?)?;
        place_in(&String::from_utf8_lossy(&file), &at, phrase, 0).or(Some(at))
    }

    fn in_templates(&self, phrase: &str) -> Option<At> {
        let chain = &self.tenant.theme.chain;
        let is_template = |path: &&String| {
            path.split_once('/').is_some_and(|(theme, rest)| {
                chain.iter().any(|known| known == theme)
                    && (rest.starts_with("templates/") || rest.starts_with("assets/"))
            })
        };
        let paths = self.themes.list();
        let mut paths: Vec<&String> = paths.iter().filter(is_template).collect();
        // the town's own theme first
        paths.sort_by_key(|path| chain.iter().position(|theme| path.starts_with(&format!("{theme}/"))));
        paths.into_iter().find_map(|path| {
            let file = self.themes.read(path)?;
            let text = std::str::from_utf8(&file).ok()?;
            place_in(text, &At::start_of(&self.themes.shown(path)), phrase, 0)
        })
    }
}
