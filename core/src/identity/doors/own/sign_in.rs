//! `/anmelden/{provider}` where that is the portal itself: name and password, then the code of an app.

use poem::{Request, Response};

use super::with_return;
use crate::{
    crypto::token,
    error::Result,
    identity::{
        ReturnTo, cookies,
        doors::{
            login::{Answered, answered, browser_of, keep, let_in},
            private, see_other,
        },
        local::{self, Tried},
        login::{Intent, Pending, Secrets},
        pages::own::sign_in::{CODE, Note, OwnCodePage, OwnSignInPage, SIGN_IN},
    },
    tenant::schema::Provider,
    web::{Form, Sent, Visit, Wrong, throttle},
};

pub fn show(visit: &Visit, why: Option<&str>, back: &ReturnTo) -> Result<Response> {
    let said = match why {
        Some("abgelaufen") => Some(Note::Expired),
        Some("passwort") => Some(Note::NewPassword),
        _ => None,
    };
    private(visit, &page(visit, Form::blank(&SIGN_IN), said, back))
}

fn page(visit: &Visit, form: Form, said: Option<Note>, back: &ReturnTo) -> OwnSignInPage {
    OwnSignInPage { form, said, register_url: with_return(visit, "/registrieren", back) }
}

/// Name and password, or the code after them. Whether a name exists is told by nothing: not by the words, not by the work.
pub async fn enter(
    visit: &Visit,
    request: &Request,
    provider: &Provider,
    intent: Intent,
    sent: &Sent,
) -> Result<Response> {
    if let Some(handle) = sent.value("handle") {
        return code(visit, request, provider, &handle, sent).await;
    }
    let now = visit.portal.clock.now();
    let mut form = Form::read(&SIGN_IN, sent.pairs());
    SIGN_IN.iter().for_each(|name| form.needs(name));
    if !form.is_wrong() {
        let guess = throttle::guess(visit, request, &provider.id, form.value("name"))?;
        let (name, password) = (form.value("name"), form.value("password"));
        match local::check_password(&visit.store(), &provider.id, name, password, now).await? {
            Some(known) if known.needs_code => {
                guess.was_right();
                let secrets = Secrets { account: Some(known.account), ..Secrets::default() };
                return ask_for_code(visit, request, intent, secrets, Form::blank(&CODE)).await;
            }
            Some(known) => {
                guess.was_right();
                let pending = Pending::at_once(intent, now);
                return let_in(visit, request, provider, &pending, known.delivered(), None).await;
            }
            None => form.complain("name", Wrong::NoMatch),
        }
    }
    form.forget("password");
    private(visit, &page(visit, form, None, &intent.return_to))
}

/// The password was right: the login waits for the code as one waits that is on its way to another provider.
async fn ask_for_code(
    visit: &Visit,
    request: &Request,
    intent: Intent,
    secrets: Secrets,
    form: Form,
) -> Result<Response> {
    let (handle, browser) = (token(), browser_of(request));
    keep(visit, intent, &handle, &browser, &secrets).await?;
    let mut response = private(visit, &OwnCodePage { handle: handle.to_string(), form })?;
    cookies::set_login(&mut response, &browser);
    Ok(response)
}

async fn code(visit: &Visit, request: &Request, provider: &Provider, handle: &str, sent: &Sent) -> Result<Response> {
    let mut pending = match answered(visit, request, provider, handle).await? {
        Answered::Pending(pending) => pending,
        Answered::Gone(response) => return Ok(response),
    };
    let expired = || see_other(&format!("{}?grund=abgelaufen", visit.url(&format!("/anmelden/{}", provider.id))));
    let Some(account) = pending.secrets.account else { return expired() };
    let mut form = Form::read(&CODE, sent.pairs());
    form.needs("code");
    if !form.is_wrong() {
        let mut tx = visit.store().write().await?;
        let tried = local::check_code(&mut tx, account, form.value("code"), visit.portal.clock.now()).await?;
        tx.commit().await?;
        match tried {
            Tried::Right(known) => {
                return let_in(visit, request, provider, &pending, known.delivered(), None).await;
            }
            Tried::Over => return expired(),
            Tried::Wrong => form.complain("code", Wrong::NoCode),
        }
    }
    form.forget("code");
    let secrets = std::mem::take(&mut pending.secrets);
    ask_for_code(visit, request, pending.again(&provider.id), secrets, form).await
}
