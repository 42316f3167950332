//! Files as pages list them, and the place where more can be added.

use serde::Serialize;

/// A file that somebody handed over. Its name came from outside; what it is was judged by its content.
#[derive(Debug, Clone, Serialize)]
pub struct FileView {
    /// Names the file in forms: the button that removes it sends `do=remove:<id>`.
    pub id: String,
    pub name: String,
    /// For reading: `PDF`, `Foto`.
    pub kind: String,
    /// For reading: `1,2 MB`.
    pub size: String,
    /// Where it can be fetched; `None` while that is not possible.
    pub url: Option<String>,
    pub state: FileState,
}

/// Texts know it as `file.state.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    Ready,
    /// Waits for the virus scanner.
    Checking,
    /// There is no scanner here, so nobody has looked.
    Unchecked,
    /// The scanner found something; nobody gets it any more.
    Refused,
}

/// A field for files. Those that were taken already stand above it and are not sent again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Upload {
    pub files: Vec<FileView>,
    /// So many files together with those that are there.
    pub most: usize,
    /// Of one file, for reading: `20 MB`.
    pub largest: String,
    /// What the browser offers to choose: `.pdf,image/jpeg`.
    pub accepts: String,
    /// What is wrong with what was chosen, ready to be read.
    pub wrong: Option<String>,
}

impl FileView {
    /// Files of nobody, one in each state, for rendering pages outside the server.
    pub fn specimens() -> Vec<Self> {
        let file = |id: &str, name: &str, kind: &str, size: &str, state| Self {
            id: id.into(),
            name: name.into(),
            kind: kind.into(),
            size: size.into(),
            url: (state == FileState::Ready).then(|| "/postkorb".into()),
            state,
        };
        vec![
            file("1", "IMG_20261122_101533.jpg", "JPEG", "3,4 MB", FileState::Ready),
            file("2", "Scan-Haftpflicht-Versicherungsschein-Nr-4711-0815.pdf", "PDF", "212 kB", FileState::Checking),
            file("3", "Foto.heic", "HEIC", "1,9 MB", FileState::Unchecked),
            file("4", "scan.pdf", "PDF", "88 kB", FileState::Refused),
        ]
    }
}

impl Upload {
    /// A place for at most `most` files, for rendering pages outside the server.
    pub fn specimen(most: usize) -> Self {
        let accepts = ".pdf,.jpg,.jpeg,.png,.heic".into();
        Self { files: Vec::new(), most, largest: "20 MB".into(), accepts, wrong: None }
    }
}
