//! A folder from which another program fetches: for rehearsals, and until the federal interface is there.

use std::path::PathBuf;

use futures_util::future::BoxFuture;

use super::{Note, Outlet};
use crate::{jobs::Failed, mail};

pub(super) struct Folder(pub PathBuf);

impl Outlet for Folder {
    fn put<'a>(&'a self, note: &'a Note) -> BoxFuture<'a, Result<(), Failed>> {
        let path = self.0.join(format!("{}.json", note.id));
        let bytes = serde_json::to_vec(note).expect("our own types are JSON");
        Box::pin(async move {
            let put = mail::put_in_folder(path, bytes).await;
            put.map_err(|error| Failed::ForNow(format!("the folder: {}", error.kind())))
        })
    }
}
