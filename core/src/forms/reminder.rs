//! One mail before a draft ends.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};

use super::drafts::{self, Waiting};
use crate::{
    error::Result,
    identity,
    locale::Locale,
    mail::{
        self,
        pages::{DraftMail, write},
    },
    tenant::Tenant,
    web::{Portal, Visit},
};

/// So long before its end somebody is reminded of a draft, and so long after they touched it last.
const DAYS_BEFORE: i64 = 5;
const DAYS_AFTER: i64 = 2;

/// Reminds the people of a town, each once, of drafts that end soon. The mail names neither form nor service: the page does,
/// behind the login, and keeps the draft longer with one click.
pub async fn remind(portal: &Arc<Portal>, tenant: &Arc<Tenant>, now: Timestamp) -> Result<()> {
    let days = |days: i64| now.checked_add((days * 24).hours()).unwrap_or(now);
    let plain = Visit::to(portal.clone(), tenant.clone(), Locale::german(), "/");
    let mut tx = plain.store().read().await?;
    let waiting = drafts::waiting(&mut tx, now, days(DAYS_BEFORE), days(-DAYS_AFTER)).await?;
    drop(tx);
    for draft in waiting.iter().filter(|draft| tenant.online_forms.contains_key(&draft.form)) {
        let locale = tenant.locale_or_german(&draft.locale);
        remind_of(&Visit { locale, ..plain.clone() }, draft, now).await?;
    }
    Ok(())
}

async fn remind_of(visit: &Visit, draft: &Waiting, now: Timestamp) -> Result<()> {
    let mut tx = visit.store().write().await?;
    let profile = identity::profile(&mut tx, draft.account).await?;
    let address = profile.and_then(|profile| profile.address());
    // another node may be sweeping too
    let is_first = drafts::remind(&mut tx, draft.id).await?;
    if let Some(address) = address.filter(|_| is_first) {
        let url = visit.whole_url(&format!("/antraege/{}", draft.id));
        let letter = write(&DraftMail { url, until: visit.day(draft.expires) }, visit)?;
        mail::send_to_person(&mut tx, now, draft.account, letter, address, None).await?;
    }
    Ok(tx.commit().await?)
}
