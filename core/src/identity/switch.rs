//! The kill switch: a provider of one town that nobody logs in with for now. Everything else goes on.
//!
//! Whoever lets somebody in asks [`is_off`] in the transaction in which the session begins: logins that were under way when
//! the switch was thrown lead nowhere.

use jiff::Timestamp;

use super::records;
use crate::{
    audit::{self, Actor, Entry},
    platform_statements, staff,
    store::{PlatformStore, Result, Tx},
};

platform_statements! {
    EVERYWHERE = "select for_tenant, provider from provider_switches order by for_tenant, provider";
}

/// All that are off, as town and provider.
pub async fn everywhere(platform: &PlatformStore) -> Result<Vec<(String, String)>> {
    platform.read().await?.query(EVERYWHERE).all().await
}

/// Nobody logs in with it from now on; running sessions go on. `reason` is for the trail of deeds.
pub async fn off(tx: &mut Tx, provider: &str, reason: &str, now: Timestamp) -> Result<()> {
    records::switch_off(tx, provider, reason, now).await?;
    let details = serde_json::json!({"reason": reason});
    audit::record(tx, now, Entry::new(Actor::Operator, "provider.switched_off").about(provider).with(details)).await
}

/// Ends every session that began with it, of citizens and of clerks; tells how many there were.
pub async fn end_sessions(tx: &mut Tx, provider: &str, now: Timestamp) -> Result<u64> {
    let ended = records::end_all_by(tx, provider).await? + staff::end_all_by(tx, provider).await?;
    let details = serde_json::json!({"sessions": ended});
    let entry = Entry::new(Actor::Operator, "provider.sessions_ended").about(provider).with(details);
    audit::record(tx, now, entry).await?;
    Ok(ended)
}

pub async fn is_off(tx: &mut Tx, provider: &str) -> Result<bool> {
    Ok(records::switched_off(tx).await?.iter().any(|off| off == provider))
}

/// Ids of all providers of the town that are off.
pub async fn all_off(tx: &mut Tx) -> Result<Vec<String>> {
    records::switched_off(tx).await
}

/// `false` if it was not off.
pub async fn on(tx: &mut Tx, provider: &str, now: Timestamp) -> Result<bool> {
    if !records::switch_on(tx, provider).await? {
        return Ok(false);
    }
    audit::record(tx, now, Entry::new(Actor::Operator, "provider.switched_on").about(provider)).await?;
    Ok(true)
}
