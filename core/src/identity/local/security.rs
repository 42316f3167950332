//! What somebody who is logged in changes about how they log in: another password, an app that shows codes.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    records::{self, LoginRow},
    reset::{keep, tell},
    sign_in::rest_after,
};
use crate::{
    audit::{self, Actor, Entry},
    credentials::{Credentials, is_easy, new_secret, slowly, step_of},
    error,
    identity::sessions::{self, End, Session},
    mail::pages::Letter,
    store::{Result, TenantStore, Tx},
    web::Wrong,
};

/// How an account is protected.
pub struct State {
    /// What its owner logs in with.
    pub name: String,
    pub app: App,
}

pub enum App {
    None,
    /// The secret is there, its first code is not.
    Coming(Vec<u8>),
    Set,
}

/// `None`: no account of the portal's own.
pub async fn state(tx: &mut Tx, account: Uuid) -> Result<Option<State>> {
    let Some(row) = records::get(tx, account).await? else { return Ok(None) };
    let (own, credentials) = (row.own(tx).await?, row.credentials(tx).await?);
    let app = match (credentials.totp, credentials.coming) {
        (Some(_), _) => App::Set,
        (None, Some(secret)) => App::Coming(secret),
        (None, None) => App::None,
    };
    Ok(Some(State { name: own.name, app }))
}

/// Whether something has changed, or which field was wrong.
pub type Changed = Result<(), (&'static str, Wrong)>;

const NO_PASSWORD: (&str, Wrong) = ("password", Wrong::NoPassword);
const NO_CODE: (&str, Wrong) = ("code", Wrong::NoCode);

/// What somebody proves themselves with before anything changes.
pub struct Proof<'p> {
    pub password: &'p str,
    /// Counts where an app is set up.
    pub code: &'p str,
}

/// Another password; every other login of the account ends. `guessed`: what everybody knows of the person.
pub async fn change_password(
    store: &TenantStore,
    session: &Session,
    proof: Proof<'_>,
    (new, guessed): (&str, Vec<String>),
    letter: Letter,
    now: Timestamp,
) -> error::Result<Changed> {
    let new = new.to_owned();
    let make = move |old: Credentials| match is_easy(&new, &guessed) {
        true => Err(("new", Wrong::Guessable)),
        false => Ok(Credentials { totp: old.totp, ..Credentials::with_password(&new) }),
    };
    change(store, session, proof, make, Some((letter, "password.changed")), now).await
}

/// Draws a secret for an app; it counts from the first code on.
pub async fn prepare_app(
    store: &TenantStore,
    session: &Session,
    password: &str,
    now: Timestamp,
) -> error::Result<Changed> {
    let proof = Proof { password, code: "" };
    let make = |old: Credentials| match old.totp {
        Some(_) => Err(NO_PASSWORD),
        None => Ok(Credentials { coming: Some(new_secret()), ..old }),
    };
    change(store, session, proof, make, None, now).await
}

/// The app shows a code: from now on nobody logs in without one.
pub async fn finish_app(
    store: &TenantStore,
    session: &Session,
    code: &str,
    letter: Letter,
    now: Timestamp,
) -> error::Result<Changed> {
    let mut tx = store.write().await?;
    let Some((row, tries)) = tried(&mut tx, session.account, now).await? else { return Ok(Err(NO_CODE)) };
    let credentials = row.credentials(&mut tx).await?;
    let secret = credentials.coming.clone().unwrap_or_default();
    let step = step_of(&secret, code, row.totp_step, now).filter(|_| credentials.totp.is_none());
    let is_right = match step {
        Some(step) => records::use_step(&mut tx, row.account_id, step).await?,
        None => false,
    };
    if !is_right {
        rest_after(&mut tx, row.account_id, tries, now).await?;
        tx.commit().await?;
        return Ok(Err(NO_CODE));
    }
    let credentials = Credentials { totp: Some(secret), coming: None, ..credentials };
    has_changed(&mut tx, session, &row, &credentials, (letter, "app.set_up"), now).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// The password is enough again.
pub async fn remove_app(
    store: &TenantStore,
    session: &Session,
    proof: Proof<'_>,
    letter: Letter,
    now: Timestamp,
) -> error::Result<Changed> {
    let make = |old| Ok(Credentials { totp: None, coming: None, ..old });
    change(store, session, proof, make, Some((letter, "app.removed")), now).await
}

/// Looks at password and code, counts the try, and keeps what `make` makes of the credentials.
async fn change(
    store: &TenantStore,
    session: &Session,
    proof: Proof<'_>,
    make: impl FnOnce(Credentials) -> Result<Credentials, (&'static str, Wrong)> + Send + 'static,
    told: Option<(Letter, &'static str)>,
    now: Timestamp,
) -> error::Result<Changed> {
    let mut tx = store.write().await?;
    let Some((row, tries)) = tried(&mut tx, session.account, now).await? else { return Ok(Err(NO_PASSWORD)) };
    let known = row.credentials(&mut tx).await?;
    tx.commit().await?;
    let (password, old) = (proof.password.to_owned(), known.clone());
    let judged = slowly(move || match old.is_password(&password) {
        true => make(old),
        false => Err(NO_PASSWORD),
    });
    let judged = judged.await?;
    let mut tx = store.write().await?;
    let complaint = match (&judged, &known.totp) {
        (Err(complaint), _) => Some(*complaint),
        (Ok(_), None) => None,
        (Ok(_), Some(secret)) => {
            let is_used = match step_of(secret, proof.code, row.totp_step, now) {
                Some(step) => records::use_step(&mut tx, row.account_id, step).await?,
                None => false,
            };
            (!is_used).then_some(NO_CODE)
        }
    };
    // somebody may have changed it meanwhile
    let still = records::get(&mut tx, row.account_id).await?;
    let is_still = match &still {
        Some(still) => still.credentials(&mut tx).await?.password == known.password,
        None => false,
    };
    let complaint = complaint.or((!is_still).then_some(NO_PASSWORD));
    if let Some((field, wrong)) = complaint {
        match wrong {
            // the password was right
            Wrong::Guessable => records::succeed(&mut tx, row.account_id).await?,
            _ => rest_after(&mut tx, row.account_id, tries, now).await?,
        }
        tx.commit().await?;
        return Ok(Err((field, wrong)));
    }
    let Ok(credentials) = judged else { return Ok(Err(NO_PASSWORD)) };
    match told {
        Some(told) => has_changed(&mut tx, session, &row, &credentials, told, now).await?,
        None => records::set_credentials(&mut tx, row.account_id, &credentials).await?,
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// The account of a session, and how many proofs in a row were wrong; `None` while it rests.
async fn tried(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<Option<(LoginRow, i64)>> {
    let Some(tries) = records::try_proof(tx, account, now).await? else { return Ok(None) };
    Ok(records::get(tx, account).await?.map(|row| (row, tries)))
}

async fn has_changed(
    tx: &mut Tx,
    session: &Session,
    row: &LoginRow,
    credentials: &Credentials,
    (letter, deed): (Letter, &'static str),
    now: Timestamp,
) -> Result<()> {
    keep(tx, row.account_id, credentials).await?;
    sessions::end(tx, session, End::Others, now).await?;
    tell(tx, row, letter, now).await?;
    audit::record(tx, now, Entry::new(Actor::Citizen(row.account_id), deed)).await
}
