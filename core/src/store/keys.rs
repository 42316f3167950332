//! The keys of towns: kept wrapped, unwrapped in memory for a while.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use moka::sync::Cache;
use uuid::Uuid;

use super::{PlatformStore, PlatformTx, Result, Tx};
use crate::{
    crypto::{MasterKeys, Sealer, Unsealable, WrappedKey},
    platform_statements, statements,
};

statements! {
    KEY = "select id, master_key, wrapped from tenant_keys where for_tenant = $1";
    /// PostgreSQL only: whoever deletes the town waits until the deed is done. It stands in nobody else's way, and SQLite
    /// has one writer anyway.
    HELD = "select id, master_key, wrapped from tenant_keys where for_tenant = $1 for key share";
    ADD = "insert into tenant_keys (for_tenant, id, master_key, wrapped) values ($1, $2, $3, $4)
        on conflict (for_tenant) do nothing";
}

platform_statements! {
    ALL = "select for_tenant, id, master_key, wrapped from tenant_keys order by for_tenant";
    USERS = "select master_key, count(*) from tenant_keys group by master_key";
    REWRAP = "update tenant_keys set master_key = $2, wrapped = $3 where id = $1 and master_key = $4";
}

/// How long an unwrapped key stays in memory; also how long another node may go on opening what belongs to a town
/// whose key was destroyed. It seals nothing any more: every deed asks for the key that is there now.
const KEPT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Keys {
    masters: Option<MasterKeys>,
    unwrapped: Cache<Arc<str>, Arc<Sealer>>,
}

#[derive(sqlx::FromRow)]
struct Kept {
    id: Uuid,
    master_key: String,
    wrapped: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct KeptFor {
    for_tenant: String,
    #[sqlx(flatten)]
    key: Kept,
}

impl From<Kept> for WrappedKey {
    fn from(kept: Kept) -> Self {
        Self { id: kept.id, master: kept.master_key, wrapped: kept.wrapped }
    }
}

impl Keys {
    pub fn under(masters: MasterKeys) -> Self {
        Self { masters: Some(masters), ..Self::none() }
    }

    pub fn none() -> Self {
        Self { masters: None, unwrapped: Cache::builder().max_capacity(10_000).time_to_live(KEPT).build() }
    }

    pub fn masters(&self) -> Option<&MasterKeys> {
        self.masters.as_ref()
    }

    /// The key of the town of a transaction; a deed may make one. A new one counts only if the transaction commits, so it is
    /// not remembered before somebody has read it back.
    pub async fn sealer(&self, tx: &mut Tx) -> Result<Arc<Sealer>> {
        let tenant = tx.tenant().clone();
        let remembered = self.unwrapped.get(&tenant);
        if let Some(sealer) = remembered.clone().filter(|_| !tx.is_deed()) {
            return Ok(sealer);
        }
        let masters = self.masters.as_ref().ok_or(Unsealable)?;
        if let Some(kept) = kept(tx).await? {
            if let Some(sealer) = remembered.filter(|sealer| sealer.id() == kept.id) {
                return Ok(sealer);
            }
            let sealer = Arc::new(WrappedKey::from(kept).open(&tenant, masters)?);
            self.unwrapped.insert(tenant, sealer.clone());
            return Ok(sealer);
        }
        self.forget(&tenant);
        if !tx.is_deed() {
            return Err(Unsealable.into());
        }
        // the file may have a newer first key than this node knows, and the old one may be taken away soon; if it cannot
        // be read just now, the keys that are known go on being good
        let _ = masters.reload();
        let new = WrappedKey::new(&tenant, masters);
        tx.query(ADD).bind(new.id).bind(new.master).bind(new.wrapped).run().await?;
        let kept = kept(tx).await?.ok_or(Unsealable)?;
        Ok(Arc::new(WrappedKey::from(kept).open(&tenant, masters)?))
    }

    pub async fn rewrap(&self, platform: &PlatformStore) -> Result<u64> {
        let masters = self.masters.as_ref().ok_or(Unsealable)?;
        masters.reload().map_err(|_| Unsealable)?;
        let current = masters.current();
        let all = platform.read().await?.query(ALL).all::<KeptFor>().await?;
        let mut rewrapped = 0;
        for KeptFor { for_tenant, key } in all.into_iter().filter(|kept| kept.key.master_key != current) {
            let old = WrappedKey::from(key);
            let new = old.rewrapped(&for_tenant, masters)?;
            let mut tx = platform.write().await?;
            rewrapped +=
                tx.query(REWRAP).bind(new.id).bind(new.master).bind(new.wrapped).bind(old.master).run().await?;
            tx.commit().await?;
        }
        Ok(rewrapped)
    }

    /// The key is not asked for again; its row is deleted by somebody else.
    pub fn forget(&self, tenant: &str) {
        self.unwrapped.invalidate(tenant);
    }
}

async fn kept(tx: &mut Tx) -> Result<Option<Kept>> {
    let ask = if tx.is_deed() && tx.is_postgres() { HELD } else { KEY };
    tx.query(ask).optional().await
}

pub(super) async fn tenants(tx: &mut PlatformTx) -> Result<Vec<String>> {
    let all = tx.query(ALL).all::<KeptFor>().await?;
    Ok(all.into_iter().map(|kept| kept.for_tenant).collect())
}

pub(super) async fn users(tx: &mut PlatformTx) -> Result<BTreeMap<String, u64>> {
    let all = tx.query(USERS).all::<(String, i64)>().await?;
    Ok(all.into_iter().map(|(master, towns)| (master, towns.unsigned_abs())).collect())
}
