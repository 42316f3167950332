//! Rules about what a sentence says: other towns, names that are gone, days that have passed, gaps, hard words.

use std::{collections::HashSet, sync::Arc};

use ahash::RandomState;
use jiff::civil::Date;

use super::{
    cause::Causes,
    finding::Finding,
    foreign::{self, Atlas},
    page::Content,
    words::{self, Retired},
};
use crate::{
    tenant::{
        Tenant,
        said::{Files, Written},
    },
    walk::{Kind, Seen},
};

/// Reads the passages of one town's pages, each once per language.
pub struct Sentences<'a> {
    tenant: &'a Tenant,
    atlas: &'a Atlas,
    retired: Arc<Retired>,
    today: Date,
    read: HashSet<u64, RandomState>,
}

/// Passages in which nothing is wrong, whatever town says them: those of a layer are judged once for all its towns.
#[derive(Default)]
pub struct Silent {
    passages: HashSet<u64, RandomState>,
    hasher: RandomState,
}

/// More than a layer says; what many towns have in common is soon known again.
const MOST_PASSAGES: usize = 1_000_000;

impl Silent {
    fn is(&self, passage: u64) -> bool {
        self.passages.contains(&passage)
    }

    fn note(&mut self, passage: u64) {
        if self.passages.len() > MOST_PASSAGES {
            self.passages.clear();
        }
        self.passages.insert(passage);
    }
}

impl<'a> Sentences<'a> {
    pub fn of(tenant: &'a Tenant, atlas: &'a Atlas, retired: Arc<Retired>, today: Date) -> Self {
        Self { tenant, atlas, retired, today, read: HashSet::default() }
    }

    /// What is wrong with the sentences of a page that no page before had.
    pub fn on_page(&mut self, seen: &Seen, content: &Content, causes: &Causes, silent: &mut Silent) -> Vec<Finding> {
        let mut findings = Vec::new();
        let id = self.tenant.id.as_str();
        for passage in content.new_passages().chain(content.new_links()) {
            let key = silent.hasher.hash_one(passage);
            if silent.is(key) || !self.read.insert(key) {
                continue;
            }
            if self.atlas.is_silent(passage) {
                silent.note(key);
                continue;
            }
            for hit in self.atlas.look(Some(id), passage) {
                let places = causes.of_phrase(&passage[hit.range.clone()], passage, &seen.locale);
                findings.extend(places.into_iter().map(|at| foreign_town(id, &hit, at).on(&seen.name)));
            }
        }
        if seen.kind == Kind::File {
            return findings;
        }
        let retired = Arc::as_ptr(&self.retired) as usize;
        for passage in content.new_passages() {
            let key = silent.hasher.hash_one((&seen.locale, retired, passage));
            if silent.is(key) || !self.read.insert(key) {
                continue;
            }
            let wrong = self.wrong_words(seen, passage, causes);
            if wrong.is_empty() {
                silent.note(key);
            }
            findings.extend(wrong);
        }
        findings
    }

    /// Words and days that are over, and gaps. What it finds says nothing about the town: another one is told the same.
    fn wrong_words(&self, seen: &Seen, passage: &str, causes: &Causes) -> Vec<Finding> {
        let retired = self.retired.look(passage, self.today).into_iter().map(|hit| ("retired-term", hit));
        // days in a specimen of a person's page are nobody's
        let is_written = |hit: &words::Hit| {
            let phrase = &passage[hit.range.clone()];
            seen.kind != Kind::State || !causes.written(phrase, passage, &seen.locale).is_empty()
        };
        let past = words::past_dates(passage, self.today, &seen.locale).into_iter().filter(is_written);
        let past = past.map(|hit| ("past-date", hit));
        let tell = |(rule, hit): (&'static str, words::Hit)| {
            let places = causes.of_phrase(&passage[hit.range], passage, &seen.locale);
            let finding = move |at| {
                let finding = Finding::error(rule, causes.tenant(), at, &hit.message).on(&seen.name);
                Finding { hint: hit.hint.clone(), ..finding }
            };
            places.into_iter().map(finding)
        };
        let mut findings: Vec<Finding> = retired.chain(past).flat_map(tell).collect();
        if let Some(fact) = missing_fact(passage) {
            findings.push(lacks(fact, causes).on(&seen.name));
        } else if let Some(gap) = gap_in(passage) {
            let places = causes.of_phrase(gap, passage, &seen.locale).into_iter();
            findings.extend(places.map(|at| {
                let finding = Finding::error("missing-text", causes.tenant(), at, format!("shows `{gap}`"));
                finding.hint("write what belongs there, or leave the sentence out").on(&seen.name)
            }));
        }
        findings
    }

    /// What the town's own files say, shown today or not; names of files that people download.
    pub fn in_files(&self, causes: &Causes) -> Vec<Finding> {
        let Some(own) = causes.own() else { return Vec::new() };
        let id = self.tenant.id.as_str();
        let mut findings = foreign_in(own, Some(id), self.atlas);
        findings.extend(hard_to_read(own));
        for name in own.assets() {
            let hits = self.atlas.look(Some(id), name);
            let at = causes.missing(&format!("assets/{name}"));
            findings.extend(hits.iter().map(|hit| foreign_town(id, hit, at.clone())));
        }
        findings
    }
}

/// A layer speaks for many towns, so it names none.
pub fn in_layer(files: &Arc<Files>, atlas: &Atlas) -> Vec<Finding> {
    let mut findings = foreign_in(files, None, atlas);
    findings.extend(hard_to_read(files));
    findings
}

fn foreign_in(files: &Arc<Files>, own: Option<&str>, atlas: &Atlas) -> Vec<Finding> {
    let mut findings = Vec::new();
    for written in files.texts.iter().filter(|written| is_said(written)) {
        for hit in atlas.look(own, &written.text) {
            let at = files.place_of(written, &written.text[hit.range.clone()], hit.range.start);
            findings.push(foreign_town(&files.name, &hit, at));
        }
    }
    findings
}

/// Values that are no sentences: names of things, and the town in an address, which a neighbour's office may lie in.
fn is_said(written: &Written) -> bool {
    let key = written.key.rsplit('.').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
    let is_name = ["id", "city", "zip", "town", "extends", "theme", "services", "leika", "icon"].contains(&key);
    !is_name && !written.key.starts_with("mentions.")
}

fn foreign_town(tenant: &str, hit: &foreign::Hit, at: crate::yaml::At) -> Finding {
    let message = format!("says `{}`, {}", hit.said, of_whom(hit));
    Finding::error("foreign-town", tenant, at, message)
        .hint("name the town by a variable (`{{ town.name }}`), or rewrite it; what is meant goes into `mentions:` with its reason")
}

fn hard_to_read(files: &Arc<Files>) -> Vec<Finding> {
    let easy = files.texts.iter().filter(|written| written.locale.code() == "ls" && is_said(written));
    let hits = easy.flat_map(|written| {
        let hits = words::hard_to_read(&written.text);
        hits.into_iter().map(move |hit| (written, hit))
    });
    hits.map(|(written, hit)| {
        let at = files.place_of(written, &written.text[hit.range.clone()], hit.range.start);
        let finding = Finding::warning("readability", &files.name, at, hit.message);
        Finding { hint: hit.hint, ..finding }
    })
    .collect()
}

/// The fact whose place a page shows in brackets: `town.phone`.
fn missing_fact(passage: &str) -> Option<&str> {
    let start = ["[town.", "[login."].into_iter().find_map(|open| passage.find(open))? + 1;
    passage[start..].find(']').map(|end| &passage[start..start + end])
}

/// Many texts name the same fact, and there is one line to write.
fn lacks(fact: &str, causes: &Causes) -> Finding {
    let (file, field) = match fact.split_once('.') {
        Some(("login", _)) => ("identity.yaml", fact),
        Some((_, field)) => ("tenant.yaml", field),
        None => ("tenant.yaml", fact),
    };
    Finding::error(
        "missing-text",
        causes.tenant(),
        causes.missing(file),
        format!("lacks `{field}`: pages show `[{fact}]`"),
    )
    .hint(format!("write `{field}` in `{file}`; `portal tenant ready {}` names all gaps", causes.tenant()))
}

/// What somebody left to be written later.
fn gap_in(passage: &str) -> Option<&str> {
    let start = passage.find("{{");
    let open = start.and_then(|start| Some(&passage[start..start + passage[start..].find("}}")? + 2]));
    let later = ["TODO", "FIXME", "XXX", "Lorem ipsum"].into_iter().find_map(|word| {
        let start = passage.find(word)?;
        Some(&passage[start..start + word.len()])
    });
    open.or(later)
}

/// What was said, and whose it is.
fn of_whom(hit: &foreign::Hit) -> String {
    format!("the {} of {}", hit.what, hit.whose)
}
