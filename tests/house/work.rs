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

    /// Mails of a town that stayed in the house, each whole, in the order of their names.
    pub fn mails(&self, town: &str) -> Vec<String> {
        mails_in(&self.database.folder().join("mail").join(town))
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

/// Mails in a folder, each whole, in the order of their names.
pub fn mails_in(folder: &Path) -> Vec<String> {
    let Ok(folder) = fs::read_dir(folder) else { return Vec::new() };
    let paths = folder.map(|entry| entry.expect("a readable entry").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("a mail is text")).collect()
}

/// Addresses that mails lead to, without the host, each once: those that begin so.
pub fn links_in(mails: &[String], to: &str) -> BTreeSet<String> {
    let is_link = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    let of = |mail: &String| -> Vec<String> {
        // long lines are broken on their way (quoted-printable)
        let whole = mail.replace("=\r\n", "").replace("=\n", "");
        let starts = whole.match_indices(to).map(|(at, _)| &whole[at..]);
        starts.map(|rest| rest.chars().take_while(|c| is_link(*c)).collect()).collect()
    };
    mails.iter().flat_map(of).collect()
}
