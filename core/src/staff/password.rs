//! `/verwaltung/passwort`: clerks choose their own password, and must where the one they came with was made for them.

use poem::{Response, handler};
use zeroize::Zeroizing;

use super::{
    pages::{PASSWORD, PasswordPage},
    records::{self, StaffRow, Stage},
    sign_in::failed,
    visit::{Key, StaffVisit},
};
use crate::{
    audit::{self, Actor, Entry},
    credentials::{Credentials, LONGEST, is_easy, look_at_new, slowly, step_of},
    crypto::{digest, token},
    error::{Error, Result},
    identity::{
        STAFF_COOKIE,
        cookies::set_session,
        doors::{private, see_other},
    },
    store::Tx,
    web::{Form, Sent, Wrong},
};

#[handler]
pub fn show(visit: StaffVisit) -> Result<Response> {
    page(&visit, Form::blank(fields(&visit)?))
}

/// The fields of the form. Whoever has just logged in for the first time has given a code half a minute ago.
fn fields(visit: &StaffVisit) -> Result<&'static [&'static str]> {
    match visit.key {
        Key::Elsewhere => Err(Error::NotFound),
        Key::Own => Ok(&PASSWORD),
        Key::First => Ok(&PASSWORD[..3]),
    }
}

fn page(visit: &StaffVisit, form: Form) -> Result<Response> {
    private(visit, &PasswordPage { name: visit.name.clone(), first: visit.key == Key::First, form })
}

#[handler]
pub async fn change(visit: StaffVisit, sent: Sent) -> Result<Response> {
    let names = fields(&visit)?;
    let mut form = Form::read(names, sent.pairs());
    names.iter().for_each(|name| form.needs(name));
    look_at_new(&mut form, "new", "again");
    form.limits("password", LONGEST);
    if !form.is_wrong() {
        match choose(&visit, &form).await? {
            Chosen::Kept { cookie } => {
                let mut response = see_other(&format!("{}?passwort=neu", visit.url("/verwaltung")))?;
                set_session(&mut response, STAFF_COOKIE, &cookie);
                return Ok(response);
            }
            Chosen::Refused(field, wrong) => form.complain(field, wrong),
        }
    }
    names.iter().for_each(|name| form.forget(name));
    page(&visit, form)
}

enum Chosen {
    /// The cookie of a new session; every other session of the account has ended.
    Kept { cookie: Zeroizing<String> },
    /// What is wrong with which field.
    Refused(&'static str, Wrong),
}

const NO_PASSWORD: Chosen = Chosen::Refused("password", Wrong::NoPassword);

async fn choose(visit: &StaffVisit, form: &Form) -> Result<Chosen> {
    let now = visit.portal.clock.now();
    let mut tx = visit.store().read().await?;
    let Some((row, known)) = account(visit, &mut tx).await? else { return Ok(NO_PASSWORD) };
    let login = row.profile(&mut tx).await?.login;
    drop(tx);
    let (old, new) = (form.value("password").to_owned(), form.value("new").to_owned());
    let guessed = [&*old, &*login, &*visit.name, &*visit.tenant.town.name].map(str::to_owned);
    let hash = known.clone();
    let judged = slowly(move || match hash.is_password(&old) {
        false => Err(("password", Wrong::NoPassword)),
        true if is_easy(&new, &guessed) => Err(("new", Wrong::Guessable)),
        true => Ok(Credentials { totp: hash.totp, ..Credentials::with_password(&new) }),
    });
    let judged = judged.await?;
    let mut tx = visit.store().write().await?;
    // somebody may have reset it meanwhile
    let still = account(visit, &mut tx).await?.filter(|(_, current)| current.password == known.password);
    let Some((row, _)) = still else { return Ok(NO_PASSWORD) };
    let complaint = match &judged {
        Err(complaint) => Some(*complaint),
        Ok(_) if visit.key == Key::First => None,
        Ok(credentials) => {
            let secret = credentials.totp.as_deref().unwrap_or_default();
            let is_used = match step_of(secret, form.value("code"), row.totp_step, now) {
                Some(step) => records::use_step(&mut tx, row.id, step).await?,
                None => false,
            };
            (!is_used).then_some(("code", Wrong::NoCode))
        }
    };
    if let Some((field, wrong)) = complaint {
        if wrong != Wrong::Guessable {
            failed(&mut tx, row.id, now).await?;
            tx.commit().await?;
        }
        return Ok(Chosen::Refused(field, wrong));
    }
    let Ok(credentials) = judged else { return Ok(NO_PASSWORD) };
    records::set_credentials(&mut tx, row.id, &credentials).await?;
    records::end_all(&mut tx, row.id).await?;
    let cookie = token();
    records::add_session(&mut tx, row.id, digest(&cookie), Stage::In, None, now).await?;
    audit::record(&mut tx, now, Entry::new(Actor::Staff(row.id), "staff.password_changed")).await?;
    tx.commit().await?;
    Ok(Chosen::Kept { cookie })
}

/// The account of the visit with what it proves itself by, unless it rests after too many failures.
async fn account(visit: &StaffVisit, tx: &mut Tx) -> Result<Option<(StaffRow, Credentials)>> {
    let now = visit.portal.clock.now();
    let Some(row) = records::get(tx, visit.id).await?.filter(|row| !row.is_locked(now)) else { return Ok(None) };
    Ok(row.credentials(tx).await?.map(|credentials| (row, credentials)))
}
