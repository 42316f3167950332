//! A folder of towns that belongs to one test.

use std::{
    fs,
    path::{Path, PathBuf},
};

use portal::{
    clock::Clock,
    onboarding::{Approver, approve},
    tenant::Tenants,
    theme::ThemeFiles,
};
use tempfile::TempDir;

use crate::root;

/// Towns in a temporary folder; a test may change them as it likes.
pub struct Towns {
    folder: TempDir,
    themes: Option<PathBuf>,
}

impl Towns {
    /// A copy of `tests/towns`.
    pub fn fixture() -> Self {
        Self::copy_of(&root().join("tests/towns"))
    }

    /// A copy of the towns that are shipped.
    pub fn shipped() -> Self {
        Self::copy_of(&root().join("tenants"))
    }

    pub fn empty() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder"), themes: None }
    }

    fn copy_of(source: &Path) -> Self {
        let towns = Self::empty();
        copy(source, towns.path());
        towns
    }

    /// Themes from a folder of this test's own, over the built-in ones.
    pub fn with_themes(mut self) -> Self {
        let themes = self.folder.path().with_extension("themes");
        fs::create_dir_all(&themes).expect("a temporary folder");
        self.themes = Some(themes);
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn themes(&self) -> Option<&Path> {
        self.themes.as_deref()
    }

    /// Writes a file below the folder: `ostrau/tenant.yaml`.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        put(&self.path().join(path), content.as_ref());
        self
    }

    /// Writes a file of a theme: `ostrau/theme.yaml`.
    pub fn write_theme(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        put(&self.themes.as_ref().expect("this test has themes").join(path), content.as_ref());
        self
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file of the fixture")
    }

    /// Replaces a text that stands in a file.
    #[track_caller]
    pub fn change(&self, path: &str, old: &str, new: &str) -> &Self {
        let text = self.read(path);
        assert!(text.contains(old), "`{old}` is not in {path}");
        self.write(path, text.replace(old, new))
    }

    /// The town approves every text of its layers, as `portal tenant approve --all` does.
    pub fn approve(&self, id: &str) -> &Self {
        let clock = Clock::held_at(crate::moment(crate::TODAY));
        let approver = Approver { by: "Hauptamt".into(), on: clock.local().date() };
        let (tenants, _) = Tenants::load(self.path(), ThemeFiles::embedded(), clock).expect("the folder can be read");
        let readiness = tenants.readiness(id).expect("a town of the fixture").expect("its files can be read");
        approve(&self.path().join(id), &readiness, None, &approver).expect("the temporary folder can be written");
        self
    }

    pub fn remove(&self, path: &str) -> &Self {
        let path = self.path().join(path);
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        gone.expect("it was there");
        self
    }
}

impl Drop for Towns {
    fn drop(&mut self) {
        if let Some(themes) = &self.themes {
            let _ = fs::remove_dir_all(themes);
        }
    }
}

fn put(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a temporary folder");
    fs::write(path, content).expect("the temporary folder can be written");
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder of the project") {
        let entry = entry.expect("a readable entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).expect("a temporary folder");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a readable file");
        }
    }
}
