//! The data room: what belongs to persons, staff and the installation, in SQLite or PostgreSQL.
//!
//! Invariant: a [`Store`] cannot be asked anything. [`Store::for_tenant`] gives the data of one town, whose every
//! statement names its tenant (the compiler looks); [`Store::platform`] gives tables that belong to no town. On
//! PostgreSQL row-level security says the same once more.

mod admission;
mod backup;
mod error;
mod farewell;
mod keys;
mod migrate;
mod open;
mod place;
mod prepare;
mod role;
mod sql;
mod tx;
mod whole;

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::Notify;

pub use admission::NotAdmitted;
pub use backup::{BackupError, Contents, Held, inspect as inspect_backup, place_of};
pub use error::{Error, Result};
pub use farewell::{HandedOver, Remains, Swept};
pub(crate) use keys::{PLATFORM_STATEMENTS, STATEMENTS};
pub use migrate::{Migrated, migrate, statements_fail};
pub use place::{Place, Road};
pub use prepare::{OpenError, Opened, Settings};
pub use role::Unfit;
pub use sql::{PlatformSql, Sql};
pub use tx::{Param, PlatformTx, Query, Record, Tx, stamp};
pub use whole::{LEFT_OUT, Table, Unknown};

use crate::{
    crypto::MasterKeys,
    tenant::{Tenant, TenantId},
};
use keys::Keys;
use open::Database;

/// Holds the connections and nothing to query them with.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Database,
    keys: Keys,
    /// Somebody has queued work and committed it.
    queued: Notify,
}

impl Store {
    /// Opens the connections without waiting for them: public pages answer without a database. Nothing can be asked
    /// before [`Store::admit`] has looked at it.
    pub async fn open(place: &Place, masters: MasterKeys) -> Result<Self> {
        let database = Database::open(place).await?;
        Ok(Self(Arc::new(Inner { database, keys: Keys::under(masters), queued: Notify::new() })))
    }

    /// A store without a database, for pages rendered outside the server: every question is [`Error::Unavailable`].
    pub fn absent() -> Self {
        Self(Arc::new(Inner { database: Database::absent(), keys: Keys::none(), queued: Notify::new() }))
    }

    /// Looks whether the database is there, has this version's tables and cannot look past the walls, and whether there is
    /// the master key of every town's key. Until then nothing can be asked.
    pub async fn admit(&self) -> Result<(), NotAdmitted> {
        self.0.database.admit(self.0.keys.masters()).await
    }

    /// The same whatever master keys there are: for who looks, or deletes.
    pub(crate) async fn admit_without_keys(&self) -> Result<(), NotAdmitted> {
        self.0.database.admit(None).await
    }

    /// Why nothing can be asked just now, as far as that is known without asking.
    pub fn obstacle(&self) -> Option<&'static str> {
        self.0.database.obstacle()
    }

    /// The data of one town.
    pub fn for_tenant(&self, tenant: &Tenant) -> TenantStore {
        self.scoped(tenant.id.as_str().into())
    }

    /// Waits until a transaction of this node has queued work; one waiter hears of it.
    pub async fn work_is_queued(&self) {
        self.0.queued.notified().await;
    }

    /// What belongs to no town.
    pub fn platform(&self) -> PlatformStore {
        PlatformStore(self.clone())
    }

    fn scoped(&self, tenant: Arc<str>) -> TenantStore {
        TenantStore { store: self.clone(), tenant }
    }
}

/// The data of one town.
#[derive(Debug, Clone)]
pub struct TenantStore {
    store: Store,
    tenant: Arc<str>,
}

impl TenantStore {
    /// For questions: sees one moment of the data, changes nothing.
    pub async fn read(&self) -> Result<Tx> {
        Tx::begin(&self.store.0, &self.tenant, Mode::Read).await
    }

    /// For deeds: what is asked and what is changed hold together, and nothing has happened before
    /// [`Tx::commit`] says so. Never held across an outside call.
    pub async fn write(&self) -> Result<Tx> {
        Tx::begin(&self.store.0, &self.tenant, Mode::Write).await
    }

    /// For what nobody was promised, such as when somebody was last seen. On SQLite, where whoever writes keeps all others
    /// waiting, its commit does not wait for the disk: a power cut may take the last notes away, the newest first.
    /// Whatever is written afterwards keeps it too.
    pub async fn note(&self) -> Result<Tx> {
        Tx::begin(&self.store.0, &self.tenant, Mode::Note).await
    }
}

/// What belongs to no town: keys, jobs to be claimed, switches of the installation.
#[derive(Debug, Clone)]
pub struct PlatformStore(Store);

impl PlatformStore {
    pub async fn read(&self) -> Result<PlatformTx> {
        PlatformTx::begin(&self.0.0, Mode::Read).await
    }

    pub async fn write(&self) -> Result<PlatformTx> {
        PlatformTx::begin(&self.0.0, Mode::Write).await
    }

    /// As [`TenantStore::note`].
    pub async fn note(&self) -> Result<PlatformTx> {
        PlatformTx::begin(&self.0.0, Mode::Note).await
    }

    /// Data of a town whose folder may be gone: for backup, deletion and the operator's questions only.
    pub fn remains_of(&self, tenant: &str) -> TenantStore {
        self.0.scoped(tenant.into())
    }

    /// The data of a loaded town, for a job that was queued for it.
    pub fn of(&self, tenant: &TenantId) -> TenantStore {
        self.0.scoped(tenant.as_str().into())
    }

    /// Wraps the key of every town under the current master key; tells how many were under another one.
    pub async fn rewrap_keys(&self) -> Result<u64> {
        self.0.0.keys.rewrap(self).await
    }

    /// Towns that have a key, and so may have data.
    pub async fn tenants(&self) -> Result<Vec<String>> {
        keys::tenants(&mut self.read().await?).await
    }

    /// Towns of which there is anything. PostgreSQL shows only those with a key, a job or a switch.
    pub async fn towns(&self) -> std::result::Result<Vec<String>, Unknown> {
        let mut whole = whole::Whole::begin(&self.0.0.database, Mode::Snapshot).await?;
        let tables = whole.tables().await?;
        Ok(whole.towns(&tables, &[]).await?.into_iter().collect())
    }

    /// Every table that holds something of towns.
    ///
    /// # Errors
    /// If there is one of which nobody knows whose its rows are: it could be neither saved nor deleted.
    pub async fn tables(&self) -> std::result::Result<Vec<Table>, Unknown> {
        whole::Whole::begin(&self.0.0.database, Mode::Snapshot).await?.tables().await
    }

    /// Master keys under which there are keys of towns, and how many.
    pub async fn key_users(&self) -> Result<BTreeMap<String, u64>> {
        keys::users(&mut self.read().await?).await
    }

    pub fn masters(&self) -> Option<&MasterKeys> {
        self.0.0.keys.masters()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Read,
    /// One moment of everything, however long it takes to read it.
    Snapshot,
    Write,
    /// A write that need not be on the disk when it is committed.
    Note,
}
