//! Accounts of the portal's own: `/registrieren`, `/passwort-vergessen`, `/meine-daten/sicherheit`, and the page with name
//! and password below `/anmelden`.
//!
//! Invariant: where a town offers no such accounts none of this is an address.

pub mod forgotten;
pub mod register;
pub mod security;
pub mod sign_in;

use std::sync::Arc;

use poem::Response;

use super::{see_other, shut::switched_off};
use crate::{
    error::{Error, Result},
    identity::{ReturnTo, local},
    mail::pages::{Changed, Letter, SecurityMail, write},
    tenant::schema::Provider,
    web::Visit,
};

/// The provider, or where somebody is led instead.
type Offered = std::result::Result<Arc<Provider>, Response>;

/// The accounts of the portal's own, or where somebody goes while the town hall has switched them off.
async fn offered(visit: &Visit) -> Result<Offered> {
    let provider = local::provider_of(&visit.tenant).ok_or(Error::NotFound)?;
    if switched_off(visit).await.contains(&provider.id) {
        return Ok(Err(see_other(&visit.url("/anmelden"))?));
    }
    Ok(Ok(provider.clone()))
}

/// The same for a deed, which a portal for reading only does not do.
async fn open_for_deeds(visit: &Visit) -> Result<Offered> {
    let offered = offered(visit).await?;
    visit.takes_deeds()?;
    Ok(offered)
}

/// A page of these accounts, with the way back to where somebody was.
fn with_return(visit: &Visit, path: &str, back: &ReturnTo) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("zurueck", back.as_str()).finish();
    format!("{}?{query}", visit.url(path))
}

/// To the owner of an account, whatever happens to it.
fn told(visit: &Visit, changed: Changed) -> Result<Letter> {
    let forgotten = visit.whole_url("/passwort-vergessen");
    write(&SecurityMail { changed, forgotten }, visit)
}
