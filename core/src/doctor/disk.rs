//! Folders: what is kept, who may read it, how much room is left.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rustix::fs::{Access, access, statvfs};

use super::{Finding, House, error, note, ok, shown, size, warning};

/// The folders below some folders.
#[derive(Default)]
pub(super) struct Tree {
    pub folders: usize,
    /// The file that was changed last.
    pub newest: Option<(SystemTime, PathBuf)>,
}

impl Tree {
    pub fn through<'a>(roots: impl Iterator<Item = &'a Path>) -> Self {
        let mut tree = Self::default();
        roots.for_each(|root| tree.enter(root));
        tree
    }

    fn enter(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        self.folders += 1;
        for entry in entries.flatten() {
            // of the entry itself: links lead nowhere new
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                self.enter(&entry.path());
            } else if let Ok(modified) = metadata.modified()
                && self.newest.as_ref().is_none_or(|(newest, _)| *newest < modified)
            {
                self.newest = Some((modified, entry.path()));
            }
        }
    }
}

pub(super) fn data(house: &House) -> Vec<Finding> {
    let folder = &house.settings.data;
    let there = nearest(folder);
    let writable = access(there, Access::WRITE_OK | Access::EXEC_OK);
    vec![match (folder.exists(), writable) {
        (true, _) if !folder.is_dir() => error("is no folder").at(shown(folder)),
        (true, Ok(())) => ok("can be written").at(shown(folder)),
        (true, Err(cause)) => error(format!("cannot be written: {}", std::io::Error::from(cause)))
            .at(shown(folder))
            .hint("give it to the user that runs the portal"),
        // nothing is kept so far, so nothing is missing
        (false, Ok(())) => note("does not exist yet; it can be made").at(shown(folder)),
        (false, Err(_)) => warning(format!("does not exist, and nothing can be written in `{}`", there.display()))
            .at(shown(folder))
            .hint("make it, or name another one with `--data`"),
    }]
}

/// The folder itself, or the first above it that exists.
fn nearest(folder: &Path) -> &Path {
    let mut all = folder.ancestors().filter(|path| !path.as_os_str().is_empty());
    all.find(|path| path.exists()).unwrap_or(Path::new("."))
}

const LITTLE: u64 = 1024 * 1024 * 1024;

pub(super) fn space(house: &House) -> Vec<Finding> {
    let there = nearest(&house.settings.data);
    let Ok(disk) = statvfs(there) else {
        return vec![note("does not tell how full it is").at(shown(there))];
    };
    let free = disk.f_bavail * disk.f_frsize;
    let percent = disk.f_bavail * 100 / disk.f_blocks.max(1);
    let told = format!("has {} free, {percent} %", size(free));
    vec![if free < LITTLE || percent < 5 {
        warning(told).at(shown(there)).hint("make room before the log and the data folder fill the disk")
    } else {
        ok(told).at(shown(there))
    }]
}

pub(super) fn permissions(house: &House) -> Vec<Finding> {
    let settings = house.settings;
    let key = settings.tls.as_ref().map(|tls| &tls.key);
    let private = [Some(&settings.data), key].into_iter().flatten();
    let mut found: Vec<Finding> = private
        .filter(|path| others_may(path, 0o004))
        .map(|path| warning("can be read by everybody on this machine").at(shown(path)).hint(chmod("o-rwx", path)))
        .collect();
    let public = [Some(&settings.tenants), settings.themes.as_ref()].into_iter().flatten();
    found.extend(public.filter(|path| others_may(path, 0o002)).map(|path| {
        warning("can be written by everybody on this machine, so everybody decides what pages say")
            .at(shown(path))
            .hint(chmod("-R o-w", path))
    }));
    if found.is_empty() { vec![ok("nobody else reads the data or writes the towns")] } else { found }
}

fn chmod(change: &str, path: &Path) -> String {
    format!("`chmod {change} {}`", path.display())
}

pub(super) fn others_may(path: &Path, bits: u32) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & bits != 0)
}
