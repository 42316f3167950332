//! What towns keep beside their rows: files, as they lie in their store – sealed, and noise without their rows.

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::StreamExt;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, WriteMultipart, path::Path};
use serde::{Deserialize, Serialize};
use std::io::Write;
use uuid::Uuid;

use super::{
    BackupError, Held,
    lines::{Line, Writer},
};
use crate::crypto::FileError;

/// The table whose rows lead to them, and its column that names them.
pub(super) const TABLE: (&str, &str) = ("files", "id");
/// Bytes that are written at once; a bucket wants at least 5 MiB.
const PART: usize = 5 * 1024 * 1024;

/// Where the file of a town lies in a store.
pub fn place_of(town: &str, id: Uuid) -> Path {
    Path::from(format!("{town}/{id}"))
}

/// A file in a backup; its pieces follow.
#[derive(Debug, Serialize, Deserialize)]
pub struct Object {
    pub town: String,
    pub id: Uuid,
}

/// Copies the files of rows that were just written; whoever holds the store still has seen to it that they are there.
pub(super) async fn write<W: Write>(
    writer: &mut Writer<W>,
    store: &dyn ObjectStore,
    rows: Vec<Object>,
) -> Result<Held, BackupError> {
    let mut held = Held::default();
    for object in rows {
        let mut content = match store.get(&place_of(&object.town, object.id)).await {
            Ok(found) => found.into_stream(),
            Err(StoreError::NotFound { .. }) => {
                held.missing.push(object.id);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        held.files += 1;
        writer.write(&Line::File(object))?;
        while let Some(piece) = content.next().await {
            let piece = piece?;
            held.bytes += piece.len() as u64;
            writer.write(&Line::Piece(STANDARD.encode(&piece)))?;
        }
    }
    Ok(held)
}

pub(super) fn piece(text: &str) -> Result<Vec<u8>, BackupError> {
    STANDARD.decode(text).map_err(|_| FileError::Damaged.into())
}

/// Files on their way back into a store, one after the other.
pub(super) struct Inflow<'a> {
    store: Option<&'a dyn ObjectStore>,
    open: Option<WriteMultipart>,
    pub held: Held,
}

impl<'a> Inflow<'a> {
    pub fn into(store: Option<&'a dyn ObjectStore>) -> Self {
        Self { store, open: None, held: Held::default() }
    }

    /// What is there already under this name is the same, or half of it.
    pub async fn begin(&mut self, object: &Object) -> Result<(), BackupError> {
        self.end().await?;
        if let Some(store) = self.store {
            let upload = store.put_multipart(&place_of(&object.town, object.id)).await?;
            self.open = Some(WriteMultipart::new_with_chunk_size(upload, PART));
            self.held.files += 1;
        }
        Ok(())
    }

    pub async fn take(&mut self, text: &str) -> Result<(), BackupError> {
        if let Some(open) = &mut self.open {
            let piece = piece(text)?;
            self.held.bytes += piece.len() as u64;
            open.write(&piece);
            open.wait_for_capacity(1).await?;
        }
        Ok(())
    }

    pub async fn end(&mut self) -> Result<(), BackupError> {
        match self.open.take() {
            Some(open) => Ok(open.finish().await.map(drop)?),
            None => Ok(()),
        }
    }
}
