//! Where files lie: a folder, or a bucket that speaks S3.

use std::{
    fmt, fs, io,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path as FolderPath, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream::BoxStream};
use jiff::Timestamp;
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path,
};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{Details, File, Judge, Kind, Refusal, scanner::Scanner};
use crate::{
    config::{
        files::{LARGEST, Settings},
        secret::Unreadable,
    },
    crypto::{FileKey, Opener, SealedWriter},
    store::place_of,
    tenant::TenantId,
};

/// A part of an upload to a folder, and to a bucket: S3 wants at least 5 MiB of each but the last.
const PART: usize = 1024 * 1024;
const PART_OF_S3: usize = 5 * PART;
/// In the folder of everything that is kept.
pub const FILES_FOLDER: &str = "files";

/// The store of all towns, each below its own name, and what looks into files.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    store: Option<Arc<dyn ObjectStore>>,
    scanner: Option<Scanner>,
    largest: u64,
    /// Bytes that are written at once.
    part: usize,
    /// For the operator.
    place: String,
    /// Where all of them lie, if that is no bucket.
    folder: Option<PathBuf>,
}

/// While somebody holds this, no file is taken out of a folder.
#[derive(Debug)]
pub struct Still {
    _lock: Option<fs::File>,
}

/// A file in the folder of files on which those who save and those who take away wait for each other, on all nodes.
const LOCK: &str = ".saving";

#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("the store of files cannot be used: {0}")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secret(#[from] Unreadable),
    #[error("the folder `{place}` cannot be made: {why}")]
    Folder { place: String, why: io::Error },
    #[error("there is no store of files here")]
    Absent,
    #[error("a backup is being made, and nothing is taken away meanwhile")]
    BeingSaved,
    #[error("a file in the store does not open: {0}")]
    Damaged(#[from] io::Error),
}

/// A file that lies in the store and has no row yet.
#[derive(Debug, Clone)]
pub struct NewFile {
    pub id: Uuid,
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    pub details: Details,
}

/// Why a file did not come to lie in the store.
#[derive(Debug)]
pub(super) enum NotKept {
    Refused(Refusal),
    /// What it came over broke.
    Line,
}

impl From<Refusal> for NotKept {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Files {
    /// By the operator's settings; the folder is `files` in the folder of everything that is kept.
    pub fn open(settings: &Settings, largest: Option<u64>, data: &FolderPath) -> Result<Self, FilesError> {
        let (store, place): (Arc<dyn ObjectStore>, String) = match &settings.s3 {
            None => {
                let folder = settings.folder.clone().unwrap_or_else(|| data.join(FILES_FOLDER));
                let opened = Self::in_folder(&folder)?;
                let scanner = settings.scanner.clone().map(Scanner::at);
                return Ok(opened.with(|inner| Inner { scanner, largest: largest.unwrap_or(LARGEST), ..inner }));
            }
            Some(s3) => {
                let mut builder = AmazonS3Builder::new()
                    .with_bucket_name(&s3.bucket)
                    .with_region(&s3.region)
                    .with_access_key_id(&s3.access_key)
                    .with_virtual_hosted_style_request(s3.virtual_hosts)
                    .with_retry(patience());
                if let Some(secret) = s3.secret_key.read()?.text() {
                    builder = builder.with_secret_access_key(secret.trim());
                }
                if let Some(endpoint) = &s3.endpoint {
                    let is_open = endpoint.starts_with("http://");
                    builder = builder.with_endpoint(endpoint).with_allow_http(is_open);
                }
                (Arc::new(builder.build()?), format!("s3://{}", s3.bucket))
            }
        };
        let (scanner, largest) = (settings.scanner.clone().map(Scanner::at), largest.unwrap_or(LARGEST));
        Ok(Self(Arc::new(Inner { store: Some(store), scanner, largest, part: PART_OF_S3, place, folder: None })))
    }

    /// In a folder of one's own.
    pub fn in_folder(folder: &FolderPath) -> Result<Self, FilesError> {
        let (store, place) = (local(folder)?, folder.display().to_string());
        let folder = Some(folder.to_owned());
        Ok(Self(Arc::new(Inner { store: Some(store), scanner: None, largest: LARGEST, part: PART, place, folder })))
    }

    /// The same with something that scans.
    pub fn scanned_by(&self, scanner: Scanner) -> Self {
        self.with(|inner| Inner { scanner: Some(scanner), ..inner })
    }

    fn with(&self, change: impl FnOnce(Inner) -> Inner) -> Self {
        Self(Arc::new(change((*self.0).clone())))
    }

    /// For pages rendered outside the server: nothing can be kept.
    pub fn absent() -> Self {
        let place = "nowhere".into();
        Self(Arc::new(Inner { store: None, scanner: None, largest: LARGEST, part: PART, place, folder: None }))
    }

    pub fn scanner(&self) -> Option<&Scanner> {
        self.0.scanner.as_ref()
    }

    /// Bytes of the largest file that is taken.
    pub fn largest(&self) -> u64 {
        self.0.largest
    }

    /// Folder or bucket, for the operator.
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// The store itself, for a backup, if it is a folder. A bucket is saved by its own means.
    pub fn folder(&self) -> Option<&dyn ObjectStore> {
        self.0.folder.as_ref().and(self.0.store.as_deref())
    }

    /// The store itself, for what comes back from a backup.
    pub fn objects(&self) -> Option<&dyn ObjectStore> {
        self.0.store.as_deref()
    }

    /// From now on every file stays that has a row; new ones come as ever. Waits for those who are taking something away.
    pub fn hold_still(&self) -> io::Result<Still> {
        let Some(folder) = &self.0.folder else { return Ok(Still { _lock: None }) };
        let lock = fs::File::options().create(true).append(true).open(folder.join(LOCK))?;
        // whoever saves may be somebody else than whoever serves
        lock.set_permissions(fs::Permissions::from_mode(0o644))?;
        lock.lock()?;
        Ok(Still { _lock: Some(lock) })
    }

    /// Whoever takes a file away holds this meanwhile. A row that is gone was gone before a backup began, or is in it.
    pub(super) fn may_take_away(&self) -> Result<Still, FilesError> {
        let Some(folder) = &self.0.folder else { return Ok(Still { _lock: None }) };
        let lock = match fs::File::open(folder.join(LOCK)) {
            Ok(lock) => lock,
            // nothing has ever been saved
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Still { _lock: None }),
            Err(why) => return Err(why.into()),
        };
        match lock.try_lock_shared() {
            Ok(()) => Ok(Still { _lock: Some(lock) }),
            Err(fs::TryLockError::WouldBlock) => Err(FilesError::BeingSaved),
            Err(fs::TryLockError::Error(why)) => Err(why.into()),
        }
    }

    fn store(&self) -> Result<&Arc<dyn ObjectStore>, FilesError> {
        self.0.store.as_ref().ok_or(FilesError::Absent)
    }

    /// Judges, seals and keeps what comes, piece by piece; holds one part of it in memory and no more. What is refused
    /// leaves nothing behind, and is read to its end, so that what comes after it can be read.
    pub(super) async fn take(
        &self,
        tenant: &TenantId,
        name: &str,
        mut pieces: impl Stream<Item = io::Result<Bytes>> + Unpin,
    ) -> Result<NewFile, NotKept> {
        let id = crate::crypto::id();
        let mut judge = Judge::new(self.largest());
        let mut hash = Context::new(&SHA256);
        let mut writing = self.begin(tenant, id).await.map_err(|error| not_kept(tenant, &error));
        let mut size = 0;
        while let Some(piece) = pieces.next().await {
            let Ok(piece) = piece else {
                if let Ok(writing) = writing {
                    writing.abort().await;
                }
                return Err(NotKept::Line);
            };
            let Ok(open) = &mut writing else { continue };
            size += piece.len() as u64;
            // a document can be unpacked to a thousand times its length
            let looked = spawn_blocking({
                let piece = piece.clone();
                move || (judge.see(&piece), judge)
            });
            let Ok((seen, again)) = looked.await else { return Err(NotKept::Line) };
            judge = again;
            let seen = match seen {
                Ok(()) => open.write(&piece).await.map_err(|error| not_kept(tenant, &error)),
                Err(refusal) => Err(refusal),
            };
            hash.update(&piece);
            if let Err(refusal) = seen
                && let Ok(open) = std::mem::replace(&mut writing, Err(refusal))
            {
                open.abort().await;
            }
        }
        let open = writing?;
        let kind = match judge.verdict() {
            Ok(kind) => kind,
            Err(refusal) => {
                open.abort().await;
                return Err(refusal.into());
            }
        };
        let key = open.finish().await.map_err(|error| not_kept(tenant, &error))?;
        let sha256 = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(NewFile { id, kind, size, details: Details { name: tidy(name, kind), sha256, key } })
    }

    async fn begin(&self, tenant: &TenantId, id: Uuid) -> Result<Writing, FilesError> {
        let (key, path) = (FileKey::fresh(), place_of(tenant.as_str(), id));
        let sealing = SealedWriter::under(&key, Vec::new(), path.as_ref())?;
        let upload = self.store()?.put_multipart(&path).await?;
        Ok(Writing { key, sealing, upload: WriteMultipart::new_with_chunk_size(upload, self.0.part) })
    }

    /// The content, piece by piece. What is cut off or changed in the store ends with an error, and what came before it
    /// was right.
    pub async fn read(
        &self,
        tenant: &TenantId,
        file: &File,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, FilesError> {
        self.read_of(tenant.as_str(), file).await
    }

    /// The same for a town whose folder may be gone.
    pub(super) async fn read_of(
        &self,
        tenant: &str,
        file: &File,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, FilesError> {
        let path = place_of(tenant, file.id);
        let opener = Opener::under(&file.details.key, path.as_ref()).map_err(io::Error::from)?;
        let sealed = self.store()?.get(&path).await?.into_stream();
        let opened = futures_util::stream::unfold((sealed, Some(opener)), |(mut sealed, opener)| async move {
            let mut opener = opener?;
            loop {
                match sealed.next().await {
                    Some(Ok(piece)) => match opener.take(&piece) {
                        Ok(plain) if plain.is_empty() => {}
                        Ok(plain) => return Some((Ok(Bytes::from(plain)), (sealed, Some(opener)))),
                        Err(error) => return Some((Err(error.into()), (sealed, None))),
                    },
                    Some(Err(error)) => return Some((Err(io::Error::other(error)), (sealed, None))),
                    None => return Some((opener.finish().map(Bytes::from).map_err(Into::into), (sealed, None))),
                }
            }
        });
        Ok(opened.boxed())
    }

    /// Nothing there is as good as removed. Not while a backup is being made.
    pub async fn remove(&self, tenant: &TenantId, id: Uuid) -> Result<(), FilesError> {
        let _still = self.may_take_away()?;
        self.remove_of(tenant.as_str(), id).await
    }

    /// Everything that lies below a town, with the moment it was written.
    pub async fn list(&self, tenant: &str) -> Result<Vec<(Uuid, Timestamp)>, FilesError> {
        let mut found = Vec::new();
        let mut listed = self.store()?.list(Some(&Path::from(tenant)));
        while let Some(object) = listed.next().await {
            let object = object?;
            let written = Timestamp::from_second(object.last_modified.timestamp()).unwrap_or(Timestamp::MAX);
            found.extend(object.location.filename().and_then(|name| Some((name.parse().ok()?, written))));
        }
        Ok(found)
    }

    /// Whether it lets anybody in with what the settings say.
    pub async fn answers(&self) -> Result<(), FilesError> {
        match self.store()?.list(None).next().await {
            Some(Err(error)) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The same for a town whose folder may be gone.
    pub(super) async fn remove_of(&self, tenant: &str, id: Uuid) -> Result<(), FilesError> {
        match self.store()?.delete(&place_of(tenant, id)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn has(&self, tenant: &str, id: Uuid) -> Result<bool, FilesError> {
        match self.store()?.head(&place_of(tenant, id)).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes everything of a town out of the store, whether there are rows or not; tells how many objects it was. Waits
    /// for a backup that is being made.
    pub async fn remove_town(&self, tenant: &str) -> Result<u64, FilesError> {
        let _still = loop {
            match self.may_take_away() {
                Err(FilesError::BeingSaved) => tokio::time::sleep(Duration::from_secs(1)).await,
                other => break other?,
            }
        };
        let store = self.store()?.clone();
        let mut listed = store.list(Some(&Path::from(tenant)));
        let mut removed = 0;
        while let Some(object) = listed.next().await {
            store.delete(&object?.location).await?;
            removed += 1;
        }
        Ok(removed)
    }
}

fn local(folder: &FolderPath) -> Result<Arc<dyn ObjectStore>, FilesError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|why| FilesError::Folder { place: folder.display().to_string(), why })?;
    // who hears that a file has been taken may rely on it
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true).with_automatic_cleanup(false)))
}

/// A bucket that stumbles is asked again while somebody waits for their page, but not for long.
fn patience() -> RetryConfig {
    const ATTEMPTS_MORE: usize = 4;
    const IN_ALL: Duration = Duration::from_secs(30);
    RetryConfig { max_retries: ATTEMPTS_MORE, retry_timeout: IN_ALL, ..RetryConfig::default() }
}

fn not_kept(tenant: &TenantId, error: &FilesError) -> Refusal {
    tracing::error!(tenant = %tenant, "a file could not be kept: {error}");
    Refusal::NotKept
}

/// A file on its way into the store.
struct Writing {
    key: FileKey,
    sealing: SealedWriter<Vec<u8>>,
    upload: WriteMultipart,
}

impl Writing {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FilesError> {
        self.sealing.write_all(bytes)?;
        self.upload.write(&self.sealing.take());
        Ok(self.upload.wait_for_capacity(1).await?)
    }

    async fn finish(mut self) -> Result<FileKey, FilesError> {
        self.upload.write(&self.sealing.finish()?);
        self.upload.finish().await?;
        Ok(self.key)
    }

    async fn abort(self) {
        if let Err(error) = self.upload.abort().await {
            tracing::warn!("what was left of a refused file could not be taken away: {error}");
        }
    }
}

/// A name to save the file under: no path, nothing that cannot be seen, an ending that fits the content.
fn tidy(name: &str, kind: Kind) -> String {
    const LONGEST: usize = 120;
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_seen = |c: &char| {
        !c.is_control()
            && !matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = name.chars().filter(is_seen).collect();
    let name = name.trim().trim_start_matches('.');
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if kind.endings().contains(&ending.to_lowercase().as_str()) => (stem, ending),
        _ => (name, kind.endings()[0]),
    };
    let stem: String = stem.chars().take(LONGEST).collect();
    if stem.is_empty() { format!("datei.{ending}") } else { format!("{stem}.{ending}") }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({})", self.0.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_as_their_content_says() {
        for (name, kind, expected) in [
            ("Foto.JPG", Kind::Jpeg, "Foto.JPG"),
            ("C:\\Users\\Anna\\schein.pdf", Kind::Pdf, "schein.pdf"),
            ("../../etc/passwd", Kind::Pdf, "passwd.pdf"),
            ("rechnung\u{202e}fdp.exe", Kind::Jpeg, "rechnungfdp.exe.jpg"),
            ("", Kind::Png, "datei.png"),
            (".pdf", Kind::Pdf, "pdf.pdf"),
        ] {
            assert_eq!(tidy(name, kind), expected, "{name}");
        }
    }
}
