//! `/passwort-vergessen`: a link is asked for, and a password set anew behind it.

use poem::{Response, handler, web::Path};

use super::{offered, open_for_deeds, told};
use crate::{
    credentials::look_at_new,
    error::Result,
    identity::{
        doors::{private, see_other},
        local::{self, Lasting},
        pages::own::forgotten::{ADDRESS, ForgottenPage, NEW, NewPasswordPage},
    },
    mail::pages::Changed,
    web::{Form, Sent, Visit, Wrong},
};

#[handler]
pub async fn show(visit: Visit) -> Result<Response> {
    if let Err(elsewhere) = offered(&visit).await? {
        return Ok(elsewhere);
    }
    private(&visit, &ForgottenPage { form: Form::blank(&ADDRESS), sent: false })
}

/// The same page for everybody: whether a mail follows is told to the address alone.
#[handler]
pub async fn ask(visit: Visit, sent: Sent) -> Result<Response> {
    let provider = match open_for_deeds(&visit).await? {
        Ok(provider) => provider,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut form = Form::read(&ADDRESS, sent.pairs());
    form.needs("email");
    form.limits("email", 200);
    form.is_email("email");
    if form.is_wrong() {
        return private(&visit, &ForgottenPage { form, sent: false });
    }
    let mut tx = visit.store().write().await?;
    local::order(&mut tx, &provider, form.value("email"), &visit.locale, visit.portal.clock.now()).await?;
    tx.commit().await?;
    form.forget("email");
    private(&visit, &ForgottenPage { form, sent: true })
}

#[handler]
pub async fn look_at(visit: Visit, Path(link): Path<String>) -> Result<Response> {
    if let Err(elsewhere) = offered(&visit).await? {
        return Ok(elsewhere);
    }
    let name = named(&visit, &link).await?;
    private(&visit, &NewPasswordPage { name, form: Form::blank(&NEW) })
}

async fn named(visit: &Visit, link: &str) -> Result<Option<String>> {
    let mut tx = visit.store().read().await?;
    Ok(local::is_open(&mut tx, link, visit.portal.clock.now()).await?)
}

#[handler]
pub async fn set(visit: Visit, Path(link): Path<String>, sent: Sent) -> Result<Response> {
    let provider = match open_for_deeds(&visit).await? {
        Ok(provider) => provider,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut name = named(&visit, &link).await?;
    let mut form = Form::read(&NEW, sent.pairs());
    NEW.iter().for_each(|name| form.needs(name));
    look_at_new(&mut form, "new", "again");
    if let Some(known) = name.clone().filter(|_| !form.is_wrong()) {
        let guessed = vec![known, visit.tenant.town.name.clone()];
        let letter = told(&visit, Changed::Password)?;
        let now = visit.portal.clock.now();
        match local::set_anew(&visit.store(), &link, form.value("new"), guessed, letter, now).await? {
            Lasting::Kept => {
                let login = visit.url(&format!("/anmelden/{}", provider.id));
                return see_other(&format!("{login}?grund=passwort"));
            }
            Lasting::Guessable => form.complain("new", Wrong::Guessable),
            Lasting::Gone => name = None,
        }
    }
    NEW.iter().for_each(|name| form.forget(name));
    private(&visit, &NewPasswordPage { name, form })
}
