//! Opening the data room as the operator has set it up.

use std::{fs, io, path::PathBuf, time::Duration};

use jiff::Timestamp;

use super::{Error, Migrated, NotAdmitted, Place, Store, migrate, open};
use crate::{
    config::secret::SecretRef,
    crypto::{MasterKeyError, MasterKeys},
};

/// What the operator said about the data room.
#[derive(Debug, Clone)]
pub struct Settings {
    pub place: Place,
    /// The owner of the tables, who brings them up to date at the start (PostgreSQL; SQLite needs none).
    pub migrate_as: Option<Place>,
    /// Absent, the embedded default keeps its own in `data`.
    pub master_key: Option<SecretRef>,
    /// Folder of everything that is kept.
    pub data: PathBuf,
}

/// Why the data room does not open, and waiting does not help.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// A new key would open nothing of what is there.
    #[error("`{key}` is gone, and under it are the keys of towns in `{place}`")]
    KeyGone { key: String, place: String },
    #[error("there is no data room at `{0}` yet")]
    Absent(String),
    #[error("`{place}` cannot be opened: {why}")]
    Place { place: String, why: Error },
    #[error("`{place}` is not used: {why}")]
    NotAdmitted { place: String, why: NotAdmitted },
}

impl OpenError {
    /// What the operator does next.
    pub fn hint(&self) -> String {
        match self {
            Self::MasterKey(error) => error.hint(),
            Self::KeyGone { .. } => {
                "take the file from the safe (`portal keys export` wrote it), or name the one in use with \
                                     `--master-key file:…`; without it nothing sealed can be read"
                    .into()
            }
            Self::Absent(_) => {
                "`portal serve` makes it; does `--data`, `--database` or `--config` name the right one?".into()
            }
            Self::Place { .. } => "the folder given by `--data` must be the portal's own, with room to write".into(),
            Self::NotAdmitted { why, .. } => why.hint(),
        }
    }
}

/// A data room that is open, or will be when its database is back.
#[derive(Debug)]
pub struct Opened {
    pub store: Store,
    /// A master key was made; the operator has to hear of it.
    pub new_key: Option<PathBuf>,
    pub migrated: Option<Migrated>,
    /// Why nothing can be asked yet.
    pub waits_for: Option<NotAdmitted>,
}

/// In the data folder.
const LAST_BACKUP: &str = "last-backup";

impl Settings {
    /// The embedded default in `data`.
    pub fn in_data(data: PathBuf) -> Self {
        Self { place: Place::in_data(&data), migrate_as: None, master_key: None, data }
    }

    pub fn masters(&self) -> Result<(MasterKeys, Option<PathBuf>), MasterKeyError> {
        match self.key_source()? {
            SecretRef::File(path) if self.master_key.is_none() => {
                let (keys, is_new) = MasterKeys::load_or_new(&path)?;
                Ok((keys, is_new.then_some(path)))
            }
            source => Ok((MasterKeys::load(source)?, None)),
        }
    }

    /// Where the master key is; the embedded default keeps its own in `data`.
    pub fn key_source(&self) -> Result<SecretRef, MasterKeyError> {
        match &self.master_key {
            Some(source) => Ok(source.clone()),
            None if self.place.is_embedded() => Ok(SecretRef::File(self.data.join("master.key"))),
            None => Err(MasterKeyError::NoSource),
        }
    }

    /// Opens what is there and makes nothing: no key, no file, no tables. For commands beside a server.
    pub async fn open_as_it_is(&self) -> Result<Store, OpenError> {
        let store = self.as_it_is().await?;
        store.admit().await.map_err(|why| self.not_admitted(why))?;
        Ok(store)
    }

    /// The same even if master keys are missing: for who looks, or deletes.
    pub async fn open_without_keys(&self) -> Result<Store, OpenError> {
        let store = self.as_it_is().await?;
        store.admit_without_keys().await.map_err(|why| self.not_admitted(why))?;
        Ok(store)
    }

    async fn as_it_is(&self) -> Result<Store, OpenError> {
        if matches!(&self.place, Place::Sqlite(path) if !path.exists()) {
            return Err(OpenError::Absent(self.place.to_string()));
        }
        self.refuse_to_replace_key().await?;
        self.connect(MasterKeys::load(self.key_source()?)?).await
    }

    async fn connect(&self, masters: MasterKeys) -> Result<Store, OpenError> {
        let opened = Store::open(&self.place, masters).await;
        opened.map_err(|why| OpenError::Place { place: self.place.to_string(), why })
    }

    fn not_admitted(&self, why: NotAdmitted) -> OpenError {
        OpenError::NotAdmitted { place: self.place.to_string(), why }
    }

    /// When everything was last backed up from this machine.
    pub fn last_backup(&self) -> Option<Timestamp> {
        fs::read_to_string(self.data.join(LAST_BACKUP)).ok()?.trim().parse().ok()
    }

    pub fn remember_backup(&self, now: Timestamp) -> io::Result<()> {
        fs::write(self.data.join(LAST_BACKUP), format!("{now}\n"))
    }

    /// Opens, brings the tables up to date where it may, and looks whether the database is fit to be used. A database
    /// that is away is waited for: see [`Settings::admit_when_back`].
    pub async fn open(&self) -> Result<Opened, OpenError> {
        self.refuse_to_replace_key().await?;
        let (masters, new_key) = self.masters()?;
        let migrated = match self.migrate().await {
            Ok(migrated) => migrated,
            Err(why) if why.may_pass() && !self.place.is_embedded() => None,
            Err(why) => return Err(self.not_admitted(why)),
        };
        let store = self.connect(masters).await?;
        let waits_for = match store.admit().await {
            Ok(()) => None,
            Err(why) if why.may_pass() => Some(why),
            Err(why) => return Err(self.not_admitted(why)),
        };
        Ok(Opened { store, new_key, migrated, waits_for })
    }

    /// Asks again every two seconds until the database is there and fit; tells the log when its answer changes.
    pub async fn admit_when_back(&self, store: &Store) {
        let mut pace = tokio::time::interval(Duration::from_secs(2));
        let mut told = String::new();
        loop {
            pace.tick().await;
            let outcome = match self.migrate().await {
                Ok(_) => store.admit().await.map_err(|why| (why.to_string(), why.hint())),
                Err(why) => Err((why.to_string(), why.hint())),
            };
            match outcome {
                Ok(()) => return tracing::info!("the data room is open"),
                Err((why, hint)) if why != told => {
                    tracing::error!(hint, "the data room stays closed: {why}");
                    told = why;
                }
                Err(_) => {}
            }
        }
    }

    /// A file that was lost must not be made anew in silence.
    async fn refuse_to_replace_key(&self) -> Result<(), OpenError> {
        let (Place::Sqlite(file), SecretRef::File(key)) = (&self.place, self.key_source()?) else { return Ok(()) };
        if key.exists() || !file.exists() || !open::holds_keys(file).await.map_err(|why| self.not_admitted(why))? {
            return Ok(());
        }
        Err(OpenError::KeyGone { key: key.display().to_string(), place: self.place.to_string() })
    }

    async fn migrate(&self) -> Result<Option<Migrated>, NotAdmitted> {
        match (&self.place, &self.migrate_as) {
            (Place::Sqlite(_), _) => migrate(&self.place, None).await.map(Some),
            (Place::Postgres(role), Some(owner)) => migrate(owner, Some(role.get_username())).await.map(Some),
            (Place::Postgres(_), None) => Ok(None),
        }
    }
}
