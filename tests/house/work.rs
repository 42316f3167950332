//! Jobs of the house under test: done when the test says so.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use portal::{jobs, web::Portal};

use crate::{House, portal_over_same};

impl House {
    /// Does every job that is due; says how many.
    pub async fn work_off(&self) -> usize {
        jobs::run_due(&self.portal).await.expect("the data room is open")
    }

    /// How many files lie in the store.
    pub fn objects(&self) -> usize {
        let towns = fs::read_dir(self.database.folder().join("files")).into_iter().flatten().flatten();
        towns.map(|town| fs::read_dir(town.path()).into_iter().flatten().count()).sum()
    }

    /// Mails of a town that stayed in the house, each whole, the newest last.
    pub fn mails(&self, town: &str) -> Vec<String> {
        mails_in(&self.database.folder().join("mail").join(town))
    }

    /// The same, their parts as they were written.
    pub fn letters(&self, town: &str) -> Vec<String> {
        letters_in(&self.database.folder().join("mail").join(town))
    }

    /// Mails of a town to an address, each whole, the newest last.
    pub fn mails_to(&self, town: &str, address: &str) -> Vec<String> {
        let to = format!("To: {address}");
        self.mails(town).into_iter().filter(|mail| mail.contains(&to)).collect()
    }

    /// Addresses that mails of a town lead to, without the host, each once: those that begin so.
    pub fn links(&self, town: &str, to: &str) -> BTreeSet<String> {
        links_in(&self.mails(town), to)
    }

    /// A second node with the same towns, clock and database.
    pub async fn another_node(&self) -> Arc<Portal> {
        let mut portal = portal_over_same(&self.portal);
        portal.store = self.database.open().await;
        portal.post = self.portal.post.clone();
        Arc::new(portal)
    }
}

/// Mails in a folder, each whole, the newest last. What else lies there was never put in its place.
pub fn mails_in(folder: &Path) -> Vec<String> {
    let Ok(folder) = fs::read_dir(folder) else { return Vec::new() };
    let paths = folder.map(|entry| entry.expect("a readable entry").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).collect();
    paths.sort_by_cached_key(|path| fs::metadata(path).and_then(|known| known.modified()).expect("a file has a time"));
    paths.iter().map(|path| fs::read_to_string(path).expect("a mail is text")).collect()
}

/// The same, their parts as they were written.
pub fn letters_in(folder: &Path) -> Vec<String> {
    mails_in(folder).iter().map(|mail| unfolded(mail)).collect()
}

/// Addresses that mails lead to, each once: from `to` on, which may be a path or begin with the host.
pub fn links_in(mails: &[String], to: &str) -> BTreeSet<String> {
    let is_link = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    let of = |mail: &String| -> Vec<String> {
        let whole = unfolded(mail);
        let rests = whole.match_indices(to).map(|(at, _)| &whole[at + to.len()..]);
        rests
            .map(|rest| rest.chars().take_while(|c| is_link(*c)).collect())
            .map(|end: String| format!("{to}{end}"))
            .collect()
    };
    mails.iter().flat_map(of).collect()
}

/// Long lines are broken on their way (quoted-printable).
fn unfolded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}
