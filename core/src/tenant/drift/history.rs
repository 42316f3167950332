//! What git knows about the folder of tenants. Where there is no git, or it does not answer, nobody knows anything.

use std::{
    cell::RefCell,
    collections::HashMap,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

use jiff::{Timestamp, civil::Date};

use crate::clock::local_zone;

pub(super) struct History {
    root: PathBuf,
    is_shallow: bool,
    /// Files as they were, by commit and path.
    shown: Remembered<u8>,
    /// Who wrote the lines of a file.
    blamed: Remembered<Line>,
}

/// What git was asked before; it starts as a program each time.
type Remembered<T> = RefCell<HashMap<String, Option<Rc<[T]>>>>;

/// Who wrote a line.
#[derive(Clone)]
struct Line {
    commit: Rc<str>,
    at: Timestamp,
    /// The history begins here, so the line may be older.
    is_boundary: bool,
}

pub(super) enum Age {
    Uncommitted,
    Committed { commit: String, on: Date },
}

/// How far back a recorded text is looked for.
const COMMITS: &str = "-n200";

impl History {
    pub fn of(root: &Path) -> Option<Self> {
        let history =
            Self { root: root.to_owned(), is_shallow: false, shown: RefCell::default(), blamed: RefCell::default() };
        let is_shallow = history.git(&["rev-parse", "--is-shallow-repository"])?;
        Some(Self { is_shallow: is_shallow.starts_with(b"true"), ..history })
    }

    /// When the youngest of these lines was written; paths are relative to the folder of tenants.
    pub fn age(&self, path: &str, lines: RangeInclusive<usize>) -> Option<Age> {
        let blamed = self.blamed.borrow_mut().entry(path.to_owned()).or_insert_with(|| self.blame(path)).clone()?;
        let end = blamed.len().min(*lines.end());
        let written = blamed.get(lines.start().saturating_sub(1)..end)?;
        if written.iter().any(|line| line.commit.bytes().all(|digit| digit == b'0')) {
            return Some(Age::Uncommitted);
        }
        let youngest = written.iter().max_by_key(|line| line.at)?;
        if self.is_shallow && youngest.is_boundary {
            return None;
        }
        let on = youngest.at.to_zoned(local_zone()).date();
        Some(Age::Committed { commit: youngest.commit.to_string(), on })
    }

    /// A file as it was at a commit.
    pub fn show(&self, commit: &str, folder: &str, path: &str) -> Option<Rc<[u8]>> {
        let place = format!("{commit}:./{folder}/{path}");
        let load = || self.git(&["show", "--no-textconv", &place]).map(Rc::from);
        self.shown.borrow_mut().entry(place.clone()).or_insert_with(load).clone()
    }

    /// Commits in which one of the files changed, the youngest first.
    pub fn commits(&self, paths: &[String]) -> Vec<String> {
        let mut arguments = vec!["log", COMMITS, "--format=%H", "--"];
        arguments.extend(paths.iter().map(String::as_str));
        let told = self.git(&arguments).unwrap_or_default();
        String::from_utf8_lossy(&told).lines().map(str::to_owned).collect()
    }

    fn blame(&self, path: &str) -> Option<Rc<[Line]>> {
        let told = self.git(&["blame", "--line-porcelain", "--no-textconv", "--", path])?;
        let told = String::from_utf8_lossy(&told).into_owned();
        let mut lines = Vec::new();
        let (mut commit, mut at, mut is_boundary) = ("", Timestamp::MIN, false);
        let mut is_head = true;
        for row in told.lines() {
            if is_head {
                (commit, is_boundary) = (row.split(' ').next().unwrap_or_default(), false);
            } else if let Some(seconds) = row.strip_prefix("committer-time ") {
                at = Timestamp::from_second(seconds.parse().ok()?).ok()?;
            } else if row == "boundary" {
                is_boundary = true;
            }
            // the line itself comes last, behind a tab
            is_head = row.starts_with('\t');
            if is_head {
                lines.push(Line { commit: commit.into(), at, is_boundary });
            }
        }
        Some(lines.into())
    }

    fn git(&self, arguments: &[&str]) -> Option<Vec<u8>> {
        // a repository may name programs that git would start (`core.fsmonitor`); reading history needs none
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(["-c", "core.fsmonitor=false", "--no-pager"]).args(arguments);
        let output = command.output().ok()?;
        output.status.success().then_some(output.stdout)
    }
}
