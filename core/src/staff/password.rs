//! `/verwaltung/passwort`: clerks choose their own password, and must where the one they came with was made for them.

use std::iter;

use poem::{Response, handler};
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use super::{
    credentials::{Credentials, slowly, step_of},
    pages::{PASSWORD, PasswordPage},
    records::{self, StaffRow, Stage},
    sign_in::failed,
    visit::{Key, StaffVisit},
};
use crate::{
    audit::{self, Actor, Entry},
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

/// NIST SP 800-63B and BSI agree: length counts, not signs of all kinds.
const SHORTEST: usize = 12;
const LONGEST: usize = 200;

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
    if form.value("new").chars().count() < SHORTEST {
        form.complain("new", Wrong::TooShort);
    }
    form.limits("new", LONGEST);
    form.limits("password", LONGEST);
    if form.value("new") != form.value("again") {
        form.complain("again", Wrong::Different);
    }
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

/// Whether somebody who knows what the house knows would guess it: fewer than about 10⁸ tries.
fn is_easy(password: &str, known: &[String]) -> bool {
    let words = known.iter().flat_map(|text| iter::once(text.as_str()).chain(text.split(SEPARATORS)));
    let words: Vec<&str> = words.filter(|word| word.chars().count() > 2).collect();
    zxcvbn(password, &words).score() < Score::Three || left_over(password, &words) < LEAST_OF_ONES_OWN
}

/// So many letters and digits have to be other than names that stand on the door.
const LEAST_OF_ONES_OWN: usize = 8;

fn left_over(password: &str, words: &[&str]) -> usize {
    let mut words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word.as_str(), " "));
    rest.chars().filter(|c| c.is_alphanumeric()).count()
}

const SEPARATORS: [char; 5] = [' ', '.', '-', '_', '@'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_house_knows_of_somebody_is_easy_to_guess() {
        let known = ["alpaka-regen-7", "p.klarname", "Petra Klarname", "Ostrau"].map(str::to_owned);
        for password in
            ["passwort1234", "123456789012", "qwertzuiopü+", "alpaka-regen-7", "petraklarname", "p.klarname-ostrau"]
        {
            assert!(is_easy(password, &known), "{password}");
        }
        for password in ["vier Otter gähnen leise", "Xk3-pq9-Rum7-wid", "Kühlschrank tanzt Polka"] {
            assert!(!is_easy(password, &known), "{password}");
        }
    }
}
