//! The kill switch: a provider of one town that nobody logs in with for now. Everything else goes on.

use jiff::Timestamp;

use super::records;
use crate::{
    audit::{self, Actor, Entry},
    store::{Result, Tx},
};

/// Nobody logs in with it from now on; running sessions go on. `reason` is for the trail of deeds.
pub async fn off(tx: &mut Tx, provider: &str, reason: &str, now: Timestamp) -> Result<()> {
    records::switch_off(tx, provider, reason, now).await?;
    let details = serde_json::json!({"reason": reason});
    audit::record(tx, now, Entry::new(Actor::Operator, "provider.switched_off").about(provider).with(details)).await
}

/// `false` if it was not off.
pub async fn on(tx: &mut Tx, provider: &str, now: Timestamp) -> Result<bool> {
    if !records::switch_on(tx, provider).await? {
        return Ok(false);
    }
    audit::record(tx, now, Entry::new(Actor::Operator, "provider.switched_on").about(provider)).await?;
    Ok(true)
}
