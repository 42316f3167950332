//! The folder of tenants on disk: what lies there, and each file read once as long as it does not change.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, Metadata},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use bytes::Bytes;

use crate::{
    theme::Asset,
    yaml::{self, At, Node, Problem},
};

const MAX_DEPTH: usize = 3;
const MAX_ASSET: u64 = 10 * 1024 * 1024;
/// While a file of this name lies in a folder, the folder stays as it was.
pub(super) const COPYING: &str = ".copying";

/// All tenant and layer folders at one moment.
pub type Snapshot = BTreeMap<String, FolderState>;

/// The files of one tenant or layer by their path inside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FolderState {
    pub files: BTreeMap<String, Stamp>,
    pub problems: Vec<Problem>,
    /// Somebody is still copying into it.
    pub copying: bool,
}

/// What tells two versions of a file apart without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Self { size: metadata.len(), modified: metadata.modified().ok(), inode }
    }
}

/// Looks at everything below `root` without opening a file.
pub fn look(root: &Path) -> Result<Snapshot, Problem> {
    let unreadable = |error: std::io::Error| {
        Problem::new(&At::start_of(&root.display().to_string()), format!("cannot be read: {error}"))
            .hint("`--tenants` names the folder with one folder per town")
    };
    let mut snapshot = Snapshot::new();
    for entry in fs::read_dir(root).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_ignored(&name) {
            continue;
        }
        let leads_nowhere = entry.path().is_symlink() && !entry.path().exists();
        if leads_nowhere {
            let at = At::start_of(&entry.path().display().to_string());
            let problems = vec![Problem::new(&at, "is a link that leads nowhere")];
            snapshot.insert(name, FolderState { problems, ..FolderState::default() });
        } else if entry.path().is_dir() {
            let mut state = FolderState { copying: entry.path().join(COPYING).exists(), ..FolderState::default() };
            let home = fs::canonicalize(entry.path()).unwrap_or_else(|_| entry.path());
            walk(&entry.path(), &home, "", 0, &mut state);
            snapshot.insert(name, state);
        }
    }
    Ok(snapshot)
}

fn walk(folder: &Path, home: &Path, prefix: &str, depth: usize, state: &mut FolderState) {
    let shown = |path: &Path| At::start_of(&path.display().to_string());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            state.problems.push(Problem::new(&shown(folder), format!("cannot be read: {error}")));
            return;
        }
    };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if is_ignored(&name) {
            continue;
        }
        let inside = format!("{prefix}{name}");
        let target = match fs::canonicalize(&path) {
            Ok(target) => target,
            Err(error) => {
                state.problems.push(Problem::new(&shown(&path), format!("cannot be read: {error}")));
                continue;
            }
        };
        if !target.starts_with(home) {
            let problem = Problem::new(&shown(&path), "is a link that leads out of the town's folder");
            state.problems.push(problem.hint("copy the file here; what towns share belongs into a layer"));
            continue;
        }
        match fs::metadata(&target) {
            Ok(metadata) if metadata.is_dir() && depth < MAX_DEPTH => {
                walk(&path, home, &format!("{inside}/"), depth + 1, state);
            }
            Ok(metadata) if metadata.is_file() => {
                state.files.insert(inside, Stamp::of(&metadata));
            }
            Ok(metadata) if metadata.is_dir() => {
                state.problems.push(Problem::new(&shown(&path), "lies too deep and is not read").warning());
            }
            Ok(_) => state.problems.push(Problem::new(&shown(&path), "is no ordinary file")),
            Err(error) => state.problems.push(Problem::new(&shown(&path), format!("cannot be read: {error}"))),
        }
    }
}

pub(super) fn is_ignored(name: &str) -> bool {
    let unfinished = ["~", ".part", ".partial", ".swp", ".tmp"];
    name.starts_with('.') || unfinished.iter().any(|ending| name.ends_with(ending))
}

/// A file that was read.
#[derive(Debug, Clone)]
pub enum File {
    Yaml(Arc<Node>),
    Markdown { head: Arc<Node>, body: Arc<str>, body_at: At },
    Asset(Arc<Asset>),
}

/// Files by path; a file whose stamp is unchanged is not read again.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    read: HashMap<String, (Stamp, Result<File, Problem>)>,
    /// How many files were really opened, for the promise that only what changed is read again.
    pub opened: u64,
}

impl Files {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), read: HashMap::new(), opened: 0 }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path as it is told to an operator.
    pub fn shown(&self, folder: &str, path: &str) -> String {
        self.root.join(folder).join(path).display().to_string()
    }

    pub fn file(&mut self, folder: &str, path: &str, stamp: Stamp) -> Result<File, Problem> {
        let key = format!("{folder}/{path}");
        if let Some((known, file)) = self.read.get(&key)
            && *known == stamp
        {
            return file.clone();
        }
        let file = self.open(folder, path, stamp);
        self.opened += 1;
        self.read.insert(key, (stamp, file.clone()));
        file
    }

    /// What was read of these folders, apart from what happens to the folders later.
    pub fn copy_for(&self, snapshot: &Snapshot) -> Self {
        let paths =
            snapshot.iter().flat_map(|(folder, state)| state.files.keys().map(move |path| format!("{folder}/{path}")));
        let read = paths.filter_map(|key| Some((key.clone(), self.read.get(&key)?.clone())));
        Self { root: self.root.clone(), read: read.collect(), opened: 0 }
    }

    /// Forgets files that are gone.
    pub fn keep_only(&mut self, snapshot: &Snapshot) {
        self.read.retain(|key, _| {
            let Some((folder, path)) = key.split_once('/') else { return false };
            snapshot.get(folder).is_some_and(|state| state.files.contains_key(path))
        });
    }

    fn open(&self, folder: &str, path: &str, stamp: Stamp) -> Result<File, Problem> {
        let shown = self.shown(folder, path);
        let at = At::start_of(&shown);
        let is_text = path.ends_with(".yaml") || path.ends_with(".md");
        let limit = if is_text { yaml::MAX_BYTES as u64 } else { MAX_ASSET };
        if stamp.size > limit {
            let hint = if is_text { "split it: one service a file" } else { "make the file smaller" };
            return Err(Problem::new(&at, format!("is larger than {} KiB", limit / 1024)).hint(hint));
        }
        let bytes = fs::read(self.root.join(folder).join(path))
            .map_err(|error| Problem::new(&at, format!("cannot be read: {error}")))?;
        if let Some(name) = path.strip_prefix("assets/") {
            return Ok(File::Asset(Arc::new(Asset::new(name, Bytes::from(bytes)))));
        }
        if path.ends_with(".md") { markdown(&shown, &bytes) } else { yaml::read(&shown, &bytes).map(File::Yaml) }
    }
}

/// A page may begin with a head between two lines `---`.
fn markdown(shown: &str, bytes: &[u8]) -> Result<File, Problem> {
    let at = At::start_of(shown);
    let text = yaml::utf8(shown, bytes)?.replace("\r\n", "\n");
    let parts = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    let Some((head, body)) = parts else {
        return Ok(File::Markdown { head: Node::empty_map(at.clone()), body: text.into(), body_at: at });
    };
    let lines = head.matches('\n').count() as u32 + 3;
    Ok(File::Markdown {
        head: yaml::read_from_line(shown, head.as_bytes(), 1)?,
        body: body.into(),
        body_at: At { line: lines + 1, ..at },
    })
}
