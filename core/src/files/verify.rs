//! Whether rows and objects fit together, and every file opens: asked after a restore, or by whoever doubts a store.

use std::collections::HashSet;

use aws_lc_rs::digest::{Context, SHA256};
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::{File, Files, FilesError, records};
use crate::store::TenantStore;

/// What was found of one town.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Verified {
    pub rows: usize,
    /// Rows whose object is not there.
    pub missing: Vec<Uuid>,
    /// Objects that do not open, or are not what came in. Only if somebody asked to read them.
    pub damaged: Vec<Uuid>,
    /// Objects to which no row leads: files that are just coming in, and what the portal takes away after a day.
    pub without_row: usize,
}

/// Compares the rows of a town with its objects; `read` opens each one and takes its time.
///
/// # Errors
/// If rows or the store cannot be read at all.
pub async fn verify(
    files: &Files,
    store: &TenantStore,
    town: &str,
    read: bool,
) -> Result<Verified, Box<dyn std::error::Error + Send + Sync>> {
    let rows = records::all(&mut store.read().await?).await?;
    let objects: HashSet<Uuid> = files.list(town).await?.into_iter().map(|(id, _)| id).collect();
    let known: HashSet<Uuid> = rows.iter().copied().collect();
    let without_row = objects.difference(&known).count();
    let mut found = Verified { rows: rows.len(), without_row, ..Verified::default() };
    for id in rows {
        let is_there = objects.contains(&id) || files.has(town, id).await?;
        if is_there && !read {
            continue;
        }
        let is_sound = match records::get(&mut store.read().await?, id).await? {
            Some(file) if is_there => is_sound(files, town, &file).await,
            Some(_) => {
                found.missing.push(id);
                continue;
            }
            None => continue,
        };
        // who deletes a file takes its row away first
        if !is_sound? && records::get(&mut store.read().await?, id).await?.is_some() {
            found.damaged.push(id);
        }
    }
    Ok(found)
}

/// Whether it opens and is byte for byte what came in.
async fn is_sound(files: &Files, town: &str, file: &File) -> Result<bool, FilesError> {
    let mut hash = Context::new(&SHA256);
    let mut pieces = files.read_of(town, file).await?;
    let read = async {
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
        }
        Ok::<_, std::io::Error>(())
    };
    let is_whole = read.await.is_ok();
    let sha256: String = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(is_whole && sha256 == file.details.sha256)
}
