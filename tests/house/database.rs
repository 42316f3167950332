//! A data room of its own for every house: nobody's rows are there but those its test puts in.

use std::path::Path;

use portal::store::{Settings, Store};
use tempfile::TempDir;

/// An empty data room; dropping it removes it.
pub struct Database {
    pub settings: Settings,
    folder: TempDir,
}

impl Database {
    pub fn fresh() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        Self { settings: Settings::in_data(folder.path().to_owned()), folder }
    }

    pub async fn open(&self) -> Store {
        let opened = self.settings.open().await.expect("an empty data room opens");
        assert!(opened.waits_for.is_none(), "{:?}", opened.waits_for);
        opened.store
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
