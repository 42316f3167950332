//! Files as pages show them, and what is said about those that were not taken.

use super::{File, Files, Kind, NewFile, Refusal, State};
use crate::web::{FileState, FileView, Upload, Visit};

/// Files of a page; `url` leads to one, where whoever sees the page may fetch it.
pub fn views<'a>(
    visit: &Visit,
    files: impl IntoIterator<Item = &'a File>,
    url: impl Fn(&File) -> String,
) -> Vec<FileView> {
    let view = |file: &File| FileView {
        id: file.id.to_string(),
        name: file.details.name.clone(),
        kind: kind_name(visit, file.kind),
        size: size(file.size),
        url: (file.state != State::Infected).then(|| url(file)),
        state: match file.state {
            State::Clean => FileState::Ready,
            State::Waiting => FileState::Checking,
            State::Unscanned => FileState::Unchecked,
            State::Infected => FileState::Refused,
        },
    };
    files.into_iter().map(view).collect()
}

/// `PDF`, `Foto (JPEG)`
pub fn kind_name(visit: &Visit, kind: Kind) -> String {
    visit.text(&format!("file.kind.{}", kind.word()))
}

/// A place for files, with those that lie there already and a complaint about what was not taken.
pub fn upload(visit: &Visit, files: Vec<FileView>, most: usize, refused: &[(&str, Refusal)]) -> Upload {
    let wrong = refused.iter().map(|(name, refusal)| complaint(visit, name, *refusal, most)).collect::<Vec<_>>();
    let wrong = (!wrong.is_empty()).then(|| wrong.join(" "));
    Upload { files, wrong, ..nothing_yet(&visit.portal.files, most) }
}

/// A place for files where none lie yet.
pub fn nothing_yet(files: &Files, most: usize) -> Upload {
    let endings = Kind::ALL.iter().flat_map(|kind| kind.endings().iter().take(2));
    let accepts = endings.map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(",");
    Upload { files: Vec::new(), most, largest: size(files.largest()), accepts, wrong: None }
}

/// The place for files after something was wrong: browsers do not send a file twice by themselves.
pub fn once_more(visit: &Visit, kept: &[&NewFile], refused: &[(&str, Refusal)], most: usize) -> Upload {
    let mut refused = refused.to_vec();
    if !kept.is_empty() {
        refused.push(("", Refusal::Again));
    }
    upload(visit, Vec::new(), most, &refused)
}

/// What is wrong with a file, and what helps.
pub fn complaint(visit: &Visit, name: &str, refusal: Refusal, most: usize) -> String {
    let name: String =
        name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(80).collect();
    let text = visit.text(&format!("file.wrong.{}", refusal.word()));
    text.replace("{size}", &size(visit.portal.files.largest()))
        .replace("{n}", &most.to_string())
        .replace("{name}", &name)
}

/// `812 kB`, `1,2 MB`
pub fn size(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    match bytes {
        bytes if bytes >= 10 * MB || bytes % MB == 0 && bytes > 0 => format!("{}\u{a0}MB", bytes / MB),
        bytes if bytes >= MB => format!("{},{}\u{a0}MB", bytes / MB, bytes % MB * 10 / MB),
        bytes => format!("{}\u{a0}kB", bytes.div_ceil(KB)),
    }
}
