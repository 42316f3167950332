//! Where theme files come from: built into the binary, or a folder of the operator that goes first.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt::Write,
    path::{Path, PathBuf},
};

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../themes"]
#[exclude = "*.md"]
#[exclude = "*/.*"]
struct Embedded;

/// Theme files by path below `themes/`: `base/templates/start.html`.
#[derive(Debug, Clone, Default)]
pub struct ThemeFiles {
    /// A folder whose files win over the built-in ones (`--themes`).
    folder: Option<PathBuf>,
}

impl ThemeFiles {
    pub fn embedded() -> Self {
        Self::default()
    }

    pub fn overridden_by(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()) }
    }

    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// All paths, sorted.
    pub fn list(&self) -> BTreeSet<String> {
        let mut paths: BTreeSet<String> = Embedded::iter().map(Cow::into_owned).collect();
        if let Some(folder) = &self.folder {
            collect(folder, folder, 0, &mut paths);
        }
        paths
    }

    /// The files of the operator's folder with their paths, sorted.
    pub fn own(&self) -> Vec<(String, Vec<u8>)> {
        let Some(folder) = &self.folder else { return Vec::new() };
        let mut paths = BTreeSet::new();
        collect(folder, folder, 0, &mut paths);
        let read = |path: String| std::fs::read(folder.join(&path)).ok().map(|bytes| (path, bytes));
        paths.into_iter().filter_map(read).collect()
    }

    pub fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        let on_disk = self.folder.as_ref().and_then(|folder| std::fs::read(folder.join(path)).ok());
        on_disk.map(Cow::Owned).or_else(|| Embedded::get(path).map(|file| file.data))
    }

    /// Changes whenever a file of the folder changes.
    pub fn stamp(&self) -> String {
        let Some(folder) = &self.folder else { return String::new() };
        let mut stamp = String::new();
        for path in self.list() {
            if let Ok(metadata) = std::fs::metadata(folder.join(&path)) {
                let _ = write!(stamp, "{path} {} {:?};", metadata.len(), metadata.modified().ok());
            }
        }
        stamp
    }

    /// The path of a file by what it is told as.
    pub fn path_of(&self, shown: &str) -> Option<String> {
        self.list().into_iter().find(|path| self.shown(path) == shown)
    }

    /// The path as it is told to an operator.
    pub fn shown(&self, path: &str) -> String {
        match &self.folder {
            Some(folder) if folder.join(path).is_file() => folder.join(path).display().to_string(),
            _ => format!("themes/{path}"),
        }
    }
}

fn collect(root: &Path, folder: &Path, depth: usize, paths: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        // links are not followed: a theme is a closed folder
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !hidden && depth < 3 => collect(root, &path, depth + 1, paths),
            Ok(kind) if kind.is_file() && !hidden && path.extension().is_none_or(|ending| ending != "md") => {
                let inside = path.strip_prefix(root).expect("the walk stays below its root");
                paths.insert(inside.to_string_lossy().replace('\\', "/"));
            }
            _ => {}
        }
    }
}
