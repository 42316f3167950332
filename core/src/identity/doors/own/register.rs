//! `/registrieren`: written, looked over, sent off, confirmed by a link.

use poem::{
    Request, Response, handler,
    web::{Path, Query},
};
use serde::Deserialize;

use super::{offered, open_for_deeds, with_return};
use crate::{
    credentials::{Credentials, is_easy, look_at_new, slowly},
    crypto::token,
    error::Result,
    identity::{
        ReturnTo,
        cookies::{REGISTRATION_COOKIE, cookie, set_registration},
        doors::{private, see_other},
        local::{self, Confirmed, Details, Seen, Stage, Waiting, Written},
        pages::own::register::{CONFIRM, CheckPage, ConfirmPage, Link, REGISTER, RegisterPage},
    },
    web::{Form, Sent, Visit, Wrong},
};

const CHECK: &str = "/registrieren/pruefen";

/// So many letters each of the fields may have.
const LENGTHS: [(&str, usize); 4] = [("name", NAMES.1), ("email", 200), ("given_name", 100), ("surname", 100)];
/// Letters that a user name has, least and most.
const NAMES: (usize, usize) = (3, 60);

#[derive(Debug, Deserialize)]
pub struct Asked {
    zurueck: Option<String>,
}

/// The form, with what this browser has written and not sent off yet – but for the password, which is shown to nobody.
#[handler]
pub async fn show(visit: Visit, request: &Request, Query(asked): Query<Asked>) -> Result<Response> {
    if let Err(elsewhere) = offered(&visit).await? {
        return Ok(elsewhere);
    }
    let mut form = Form::blank(&REGISTER);
    let mut back = asked.zurueck.as_deref().and_then(ReturnTo::parse);
    if let Some(Seen { details, back: from, stage: Stage::Draft, .. }) = seen(&visit, request).await? {
        back = back.or(from);
        let Details { name, email, given_name, surname } = details;
        let written = [("name", name), ("email", email), ("given_name", given_name), ("surname", surname)];
        form = Form::read(&REGISTER, written.iter().map(|(name, value)| ((*name).into(), value.into())));
    }
    private(&visit, &page(form, back.as_ref()))
}

fn page(form: Form, back: Option<&ReturnTo>) -> RegisterPage {
    RegisterPage { form, back: back.map(|back| back.as_str().to_owned()) }
}

/// Nothing is looked up: what is wrong here is wrong for everybody.
#[handler]
pub async fn write(visit: Visit, request: &Request, sent: Sent) -> Result<Response> {
    let provider = match open_for_deeds(&visit).await? {
        Ok(provider) => provider,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut form = Form::read(&REGISTER, sent.pairs());
    REGISTER.iter().for_each(|name| form.needs(name));
    LENGTHS.iter().for_each(|(name, letters)| form.limits(name, *letters));
    is_user_name(&mut form);
    form.is_email("email");
    look_at_new(&mut form, "password", "again");
    let back = sent.value("zurueck").as_deref().and_then(ReturnTo::parse);
    let credentials = match form.is_wrong() {
        true => None,
        false => chosen(&visit, &mut form).await?,
    };
    let Some(credentials) = credentials else {
        ["password", "again"].iter().for_each(|name| form.forget(name));
        return private(&visit, &page(form, back.as_ref()));
    };
    let value = |name: &str| form.value(name).to_owned();
    let details = Details {
        name: value("name"),
        email: value("email"),
        given_name: value("given_name"),
        surname: value("surname"),
    };
    let (browser, now) = (token(), visit.portal.clock.now());
    let mut tx = visit.store().write().await?;
    if let Some(before) = cookie(request, REGISTRATION_COOKIE) {
        local::take_back(&mut tx, before).await?;
    }
    let written = Written::of(details, credentials, &visit.locale, back);
    local::begin(&mut tx, &provider, &browser, written, now).await?;
    tx.commit().await?;
    let mut response = see_other(&visit.url(CHECK))?;
    set_registration(&mut response, &browser);
    Ok(response)
}

/// The password as it is kept, unless somebody would guess it who has read the form.
async fn chosen(visit: &Visit, form: &mut Form) -> Result<Option<Credentials>> {
    let known = ["name", "email", "given_name", "surname"].map(|name| form.value(name).to_owned());
    let known: Vec<String> = known.into_iter().chain([visit.tenant.town.name.clone()]).collect();
    let password = form.value("password").to_owned();
    let made = slowly(move || (!is_easy(&password, &known)).then(|| Credentials::with_password(&password))).await?;
    if made.is_none() {
        form.complain("password", Wrong::Guessable);
    }
    Ok(made)
}

/// Letters and digits of any script and what joins them: nothing that looks like nothing.
fn is_user_name(form: &mut Form) {
    let name = form.value("name");
    let fits = |c: char| c.is_alphanumeric() || ".-_@+".contains(c);
    let is_one = name.chars().count() >= NAMES.0 && name.chars().all(fits);
    if !name.is_empty() && !is_one {
        form.complain("name", Wrong::NoUserName);
    }
}

/// What was written, before it is sent off; afterwards where it goes on. Both look the same whoever is known here.
#[handler]
pub async fn check(visit: Visit, request: &Request) -> Result<Response> {
    if let Err(elsewhere) = offered(&visit).await? {
        return Ok(elsewhere);
    }
    let Some(Seen { details, stage, expires, .. }) = seen(&visit, request).await? else {
        return see_other(&visit.url("/registrieren"));
    };
    let sent = (stage == Stage::Asked).then(|| visit.moment(expires));
    private(&visit, &CheckPage { details, sent })
}

/// Sends it off. A second click finds it sent.
#[handler]
pub async fn ask(visit: Visit, request: &Request) -> Result<Response> {
    if let Err(elsewhere) = open_for_deeds(&visit).await? {
        return Ok(elsewhere);
    }
    if let Some(browser) = cookie(request, REGISTRATION_COOKIE) {
        let mut tx = visit.store().write().await?;
        local::ask(&mut tx, browser, visit.portal.clock.now()).await?;
        tx.commit().await?;
    }
    see_other(&visit.url(CHECK))
}

async fn seen(visit: &Visit, request: &Request) -> Result<Option<Seen>> {
    let Some(browser) = cookie(request, REGISTRATION_COOKIE) else { return Ok(None) };
    let mut tx = visit.store().read().await?;
    Ok(local::seen(&mut tx, browser, visit.portal.clock.now()).await?)
}

/// The page of a link: programs that look through mails open it too, so it changes nothing.
#[handler]
pub async fn look_at(visit: Visit, request: &Request, Path(link): Path<String>) -> Result<Response> {
    if let Err(elsewhere) = offered(&visit).await? {
        return Ok(elsewhere);
    }
    let mut tx = visit.store().read().await?;
    let found = local::look_at(&mut tx, &link, visit.portal.clock.now()).await?;
    drop(tx);
    match found {
        Some(waiting) => open(&visit, request, waiting, false, Form::blank(&CONFIRM)),
        None => private(&visit, &ConfirmPage::of(Link::Gone)),
    }
}

/// In another browser than the one in which it was written, the password is asked for.
fn open(visit: &Visit, request: &Request, waiting: Waiting, renames: bool, form: Form) -> Result<Response> {
    let proves = !waiting.is_from(cookie(request, REGISTRATION_COOKIE));
    private(visit, &ConfirmPage { link: Link::Open { details: waiting.details }, renames, proves, form })
}

/// The button of that page: the account is made. Here, behind the link that went to the address, a name may be told as taken.
#[handler]
pub async fn confirm(visit: Visit, request: &Request, Path(link): Path<String>, sent: Sent) -> Result<Response> {
    let provider = match open_for_deeds(&visit).await? {
        Ok(provider) => provider,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let now = visit.portal.clock.now();
    let gone = || private(&visit, &ConfirmPage::of(Link::Gone));
    let mut form = Form::read(&CONFIRM, sent.pairs());
    let renames = sent.value("name").is_some();
    if renames {
        form.needs("name");
        form.limits("name", NAMES.1);
        is_user_name(&mut form);
    }
    let mut tx = visit.store().write().await?;
    let Some(waiting) = local::look_at(&mut tx, &link, now).await? else { return gone() };
    let proves = !waiting.is_from(cookie(request, REGISTRATION_COOKIE));
    if proves {
        form.needs("password");
    }
    if form.is_wrong() {
        form.forget("password");
        return open(&visit, request, waiting, renames, form);
    }
    let is_tried = local::try_link(&mut tx, &link, now).await?;
    tx.commit().await?;
    if !is_tried {
        return gone();
    }
    if proves && !waiting.is_password(form.value("password")).await? {
        form.forget("password");
        form.complain("password", Wrong::NotChosen);
        return open(&visit, request, waiting, renames, form);
    }
    let name = renames.then(|| form.value("name").to_owned());
    let mut tx = visit.store().write().await?;
    let confirmed = local::confirm(&mut tx, &provider, &link, name.as_deref(), now).await?;
    tx.commit().await?;
    let door = format!("/anmelden/{}", provider.id);
    let login = waiting.back.as_ref().map_or_else(|| visit.url(&door), |back| with_return(&visit, &door, back));
    match confirmed {
        Confirmed::Made => private(&visit, &ConfirmPage::of(Link::Made { login })),
        Confirmed::Known => private(&visit, &ConfirmPage::of(Link::Known { login })),
        Confirmed::Gone => gone(),
        Confirmed::Taken => {
            let taken = name.unwrap_or_else(|| waiting.details.name.clone());
            let mut form = Form::read(&CONFIRM, [("name".into(), taken.into())]);
            form.complain("name", Wrong::Taken);
            open(&visit, request, waiting, true, form)
        }
    }
}
