//! What somebody who is logged in changes about how they log in: another password, an app that shows codes.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    records::{self, LoginRow},
    reset::tell,
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
    /// Where links for a new password go.
    pub address: String,
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
    Ok(Some(State { name: own.name, address: own.address, app }))
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
    if !records::replace_credentials(&mut tx, &row, &credentials).await? {
        return Ok(Err(NO_CODE));
    }
    has_changed(&mut tx, session, &row, (letter, "app.set_up"), now).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// The app that was about to be set up is not wanted any more. Nothing that counts changes, so nothing is asked for.
pub async fn stop_app(store: &TenantStore, account: Uuid) -> error::Result<()> {
    let mut tx = store.write().await?;
    let Some(row) = records::get(&mut tx, account).await? else { return Ok(()) };
    let known = row.credentials(&mut tx).await?;
    if known.coming.is_some() {
        records::forget_coming(&mut tx, &row, known).await?;
        tx.commit().await?;
    }
    Ok(())
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

/// Somebody has proved who they are; what they wanted happens in this transaction, which the caller commits.
pub type Proven = Result<Tx, (&'static str, Wrong)>;

/// For what else needs a proof and changes neither password nor app.
pub async fn prove(store: &TenantStore, session: &Session, proof: Proof<'_>, now: Timestamp) -> error::Result<Proven> {
    Ok(replaced(store, session, proof, Ok, now).await?.map(|(tx, _)| tx))
}

/// Keeps what `make` makes of the credentials, and says so to whoever owns them.
async fn change(
    store: &TenantStore,
    session: &Session,
    proof: Proof<'_>,
    make: impl FnOnce(Credentials) -> Result<Credentials, (&'static str, Wrong)> + Send + 'static,
    told: Option<(Letter, &'static str)>,
    now: Timestamp,
) -> error::Result<Changed> {
    let (mut tx, row) = match replaced(store, session, proof, make, now).await? {
        Ok(replaced) => replaced,
        Err(complaint) => return Ok(Err(complaint)),
    };
    if let Some(told) = told {
        has_changed(&mut tx, session, &row, told, now).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Looks at password and code, counts the try, and puts what `make` makes of the credentials in their place. It counts when
/// the transaction is committed.
async fn replaced(
    store: &TenantStore,
    session: &Session,
    proof: Proof<'_>,
    make: impl FnOnce(Credentials) -> Result<Credentials, (&'static str, Wrong)> + Send + 'static,
    now: Timestamp,
) -> error::Result<Result<(Tx, LoginRow), (&'static str, Wrong)>> {
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
    // somebody else may have done so meanwhile
    match records::replace_credentials(&mut tx, &row, &credentials).await? {
        true => Ok(Ok((tx, row))),
        false => Ok(Err(NO_PASSWORD)),
    }
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
    (letter, deed): (Letter, &'static str),
    now: Timestamp,
) -> Result<()> {
    records::drop_resets(tx, row.account_id).await?;
    sessions::end(tx, session, End::Others, now).await?;
    tell(tx, row, letter, now).await?;
    audit::record(tx, now, Entry::new(Actor::Citizen(row.account_id), deed)).await
}
