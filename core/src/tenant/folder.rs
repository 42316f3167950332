//! A town or a layer as its files lay on disk at one moment, each opened once as long as it does not change.

use std::{
    borrow::Cow,
    fs,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use rayon::prelude::*;

use super::{
    generations::hash_of,
    listing::{Listing, Stamp, leads_nowhere},
};
use crate::{
    theme::Asset,
    yaml::{self, At, Node, Problem},
};

const MAX_ASSET: u64 = 10 * 1024 * 1024;
const MAX_CERTIFICATE: u64 = 64 * 1024;
/// While a file of this name lies in a folder, the folder stays as it was.
pub(super) const COPYING: &str = ".copying";

/// Files a town or layer may hold, beside `services/*.yaml`, `forms/*.yaml`, `content/*.md`, `idp/*.pem` and `assets/`.
pub(super) const KNOWN_FILES: &[&str] = &[
    "approved.yaml",
    "content/faq.yaml",
    "tenant.yaml",
    "offices.yaml",
    "identity.yaml",
    "start.yaml",
    "categories.yaml",
    "situations.yaml",
    "notices.yaml",
    "redirects.yaml",
    "expect.yaml",
    "retired.yaml",
    "regimes.yaml",
    "letters.yaml",
    "overrides.yaml",
    "theme.yaml",
];

/// A town or a layer as it lay on disk at one moment.
#[derive(Debug)]
pub struct Folder {
    pub name: Arc<str>,
    /// Its path as it is told to an operator.
    pub shown: String,
    /// In the order of their paths.
    files: Vec<(Box<str>, Entry)>,
    pub problems: Vec<Problem>,
    hash: OnceLock<Option<Arc<str>>>,
}

#[derive(Debug, Clone)]
struct Entry {
    stamp: Stamp,
    file: Result<File, Problem>,
}

/// A file that was opened.
#[derive(Debug, Clone)]
pub enum File {
    Text(Arc<TextFile>),
    Asset(Arc<Asset>),
    /// A certificate in PEM form.
    Certificate(Arc<str>),
    /// Nobody reads files of this name.
    Stray,
}

/// YAML or Markdown, kept as its bytes: thousands of towns are parsed only while they are built.
#[derive(Debug)]
pub struct TextFile {
    /// The path as it is told to an operator.
    pub shown: String,
    bytes: Box<[u8]>,
    parsed: OnceLock<Result<Parsed, Problem>>,
}

#[derive(Debug, Clone)]
pub enum Parsed {
    Yaml(Arc<Node>),
    Markdown(Arc<Markdown>),
}

/// A page: its head as YAML, its body as it stands in the file.
#[derive(Debug)]
pub struct Markdown {
    pub head: Arc<Node>,
    pub body: Arc<str>,
    pub body_at: At,
}

impl TextFile {
    pub fn parse(&self) -> Result<Parsed, Problem> {
        if self.shown.ends_with(".md") {
            markdown(&self.shown, &self.bytes).map(|page| Parsed::Markdown(Arc::new(page)))
        } else {
            yaml::read(&self.shown, &self.bytes).map(Parsed::Yaml)
        }
    }

    /// What stands in the file.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// The same for files of layers, which many towns share: parsed once.
    pub fn parsed(&self) -> &Result<Parsed, Problem> {
        self.parsed.get_or_init(|| self.parse())
    }
}

impl Folder {
    /// A folder of which nothing could be read, and why.
    pub fn unreadable(name: &str, problem: Problem) -> Self {
        let shown = problem.at.file.to_string();
        Self { name: name.into(), shown, files: Vec::new(), problems: vec![problem], hash: OnceLock::new() }
    }

    /// A folder of this name that lies at `path`, and that nobody changes.
    pub fn at_rest(name: &str, path: &Path) -> Self {
        let listing = Listing::of(path);
        let files = listing.files.iter().map(|(inside, stamp)| (inside.clone(), open(path, inside, *stamp))).collect();
        Self::new(name, path, files, listing.problems)
    }

    /// The folder of this name that lies at `path`; files that are as they were in `known` are not opened again.
    pub fn look(name: &str, path: &Path, known: Option<&Self>, opened: &AtomicU64) -> Look {
        if !leads_nowhere(path) && !path.is_dir() {
            return Look::Gone;
        }
        if path.join(COPYING).exists() {
            return Look::Copying;
        }
        let listing = Listing::of(path);
        if known.is_some_and(|known| known.is_as(&listing)) {
            return Look::Same;
        }
        let entries = listing.files.iter().map(|(inside, stamp)| {
            let old = known.and_then(|known| known.entry(inside)).filter(|entry| entry.stamp == *stamp);
            let entry = old.cloned().unwrap_or_else(|| {
                let entry = open(path, inside, *stamp);
                opened.fetch_add(!matches!(entry.file, Ok(File::Stray)) as u64, Ordering::Relaxed);
                entry
            });
            (inside.clone(), entry)
        });
        let entries = entries.collect();
        // a file that changed while it was read may have been read half: keep the old version and look again
        if Listing::of(path) != listing {
            return Look::Unsettled;
        }
        Look::New(Self::new(name, path, entries, listing.problems))
    }

    fn new(name: &str, path: &Path, files: Vec<(Box<str>, Entry)>, problems: Vec<Problem>) -> Self {
        Self { name: name.into(), shown: path.display().to_string(), files, problems, hash: OnceLock::new() }
    }

    /// Every file somebody reads, in the order of their paths; nothing where one of them could not be read.
    pub fn contents(&self) -> Option<Vec<(&str, &[u8])>> {
        if self.problems.iter().any(|problem| !problem.warning) {
            return None;
        }
        let contents = self.files().filter_map(|(path, file)| match file {
            Ok(File::Text(text)) => Some(Some((path, &*text.bytes))),
            Ok(File::Asset(asset)) => Some(Some((path, &*asset.body.identity))),
            Ok(File::Certificate(pem)) => Some(Some((path, pem.as_bytes()))),
            Ok(File::Stray) => None,
            Err(_) => Some(None),
        });
        contents.collect()
    }

    /// What is wrong with it where nothing of it could be read.
    pub fn unread(&self) -> Option<Vec<Problem>> {
        let errors: Vec<Problem> = self.problems.iter().filter(|problem| !problem.warning).cloned().collect();
        (self.files.is_empty() && !errors.is_empty()).then_some(errors)
    }

    /// What tells its contents from all others.
    pub fn hash(&self) -> Option<&Arc<str>> {
        self.hash.get_or_init(|| self.contents().map(hash_of)).as_ref()
    }

    fn entry(&self, path: &str) -> Option<&Entry> {
        let i = self.files.binary_search_by(|(known, _)| (**known).cmp(path)).ok()?;
        Some(&self.files[i].1)
    }

    pub fn file(&self, path: &str) -> Option<&Result<File, Problem>> {
        self.entry(path).map(|entry| &entry.file)
    }

    fn is_as(&self, listing: &Listing) -> bool {
        let stamps = self.files.iter().map(|(path, entry)| (path, entry.stamp));
        self.problems == listing.problems && stamps.eq(listing.files.iter().map(|(path, stamp)| (path, *stamp)))
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &Result<File, Problem>)> {
        self.files.iter().map(|(path, entry)| (&**path, &entry.file))
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(path, _)| &**path)
    }

    /// Parses all files at once, with many hands: every town waits for its layers.
    pub fn parse_ahead(&self) {
        self.files.par_iter().for_each(|(_, entry)| {
            if let Ok(File::Text(text)) = &entry.file {
                text.parsed();
            }
        });
    }

    /// A YAML file of a layer.
    pub fn yaml(&self, path: &str) -> Option<Result<Arc<Node>, Problem>> {
        match self.parsed(path)? {
            Ok(Parsed::Yaml(node)) => Some(Ok(node.clone())),
            Ok(Parsed::Markdown(_)) => None,
            Err(problem) => Some(Err(problem.clone())),
        }
    }

    /// A page of a layer.
    pub fn markdown(&self, path: &str) -> Option<Result<Arc<Markdown>, Problem>> {
        match self.parsed(path)? {
            Ok(Parsed::Markdown(page)) => Some(Ok(page.clone())),
            Ok(Parsed::Yaml(_)) => None,
            Err(problem) => Some(Err(problem.clone())),
        }
    }

    /// A certificate of a town or a layer.
    pub fn certificate(&self, path: &str) -> Option<Result<Arc<str>, Problem>> {
        match self.file(path)? {
            Ok(File::Certificate(pem)) => Some(Ok(pem.clone())),
            Ok(_) => None,
            Err(problem) => Some(Err(problem.clone())),
        }
    }

    fn parsed(&self, path: &str) -> Option<Result<&Parsed, &Problem>> {
        match self.file(path)? {
            Ok(File::Text(text)) => Some(text.parsed().as_ref()),
            Ok(_) => None,
            Err(problem) => Some(Err(problem)),
        }
    }
}

/// What a look at a folder finds.
pub enum Look {
    Same,
    /// Somebody is still copying into it.
    Copying,
    /// It changed while it was read.
    Unsettled,
    New(Folder),
    Gone,
}

fn open(folder: &Path, path: &str, stamp: Stamp) -> Entry {
    let place = folder.join(path);
    let shown = place.display().to_string();
    let (is_asset, is_text, is_certificate) = (path.starts_with("assets/"), is_text(path), is_certificate(path));
    if !is_asset && !is_text && !is_certificate {
        return Entry { stamp, file: Ok(File::Stray) };
    }
    let at = At::start_of(&shown);
    let (limit, hint) = match (is_text, is_certificate) {
        (true, _) => (yaml::MAX_BYTES as u64, "split it: one service a file"),
        (_, true) => (MAX_CERTIFICATE, "one certificate a file"),
        _ => (MAX_ASSET, "make the file smaller"),
    };
    if stamp.size > limit {
        let problem = Problem::new(&at, format!("is larger than {} KiB", limit / 1024)).hint(hint);
        return Entry { stamp, file: Err(problem) };
    }
    match (fs::read(place), path.strip_prefix("assets/")) {
        (Ok(bytes), Some(name)) => {
            Entry { stamp, file: Ok(File::Asset(Arc::new(Asset::new(name, Bytes::from(bytes))))) }
        }
        (Ok(bytes), None) if is_certificate => {
            let pem = yaml::utf8(&shown, &bytes).map(|pem| File::Certificate(pem.into()));
            Entry { stamp, file: pem }
        }
        (Ok(bytes), None) => {
            let text = TextFile { shown, bytes: bytes.into(), parsed: OnceLock::new() };
            Entry { stamp, file: Ok(File::Text(Arc::new(text))) }
        }
        // it may be readable next time without having changed
        (Err(error), _) => {
            Entry { stamp: Stamp::NONE, file: Err(Problem::new(&at, format!("cannot be read: {error}"))) }
        }
    }
}

/// Whether anybody reads a file of this path; other names are mostly slips of the pen.
pub(super) fn is_known(path: &str) -> bool {
    is_text(path) || is_certificate(path) || path.starts_with("assets/") || path.eq_ignore_ascii_case("readme.md")
}

fn is_text(path: &str) -> bool {
    let is_one_of = |folder, ending| lies_in(path, folder, ending);
    KNOWN_FILES.contains(&path)
        || is_one_of("services/", ".yaml")
        || is_one_of("forms/", ".yaml")
        || is_one_of("content/", ".md")
}

fn is_certificate(path: &str) -> bool {
    lies_in(path, "idp/", ".pem")
}

fn lies_in(path: &str, folder: &str, ending: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|name| name.ends_with(ending) && !name.contains('/'))
}

/// A page may begin with a head between two lines `---`.
pub(super) fn markdown(shown: &str, bytes: &[u8]) -> Result<Markdown, Problem> {
    let at = At::start_of(shown);
    let text = yaml::utf8(shown, bytes)?.replace("\r\n", "\n");
    let parts = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    let Some((head, body)) = parts else {
        return Ok(Markdown { head: Node::empty_map(at.clone()), body: text.into(), body_at: at });
    };
    let lines = head.matches('\n').count() as u32 + 3;
    Ok(Markdown {
        head: yaml::read_from_line(shown, head.as_bytes(), 1)?,
        body: body.into(),
        body_at: At { line: lines + 1, ..at },
    })
}
