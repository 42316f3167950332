//! `/verwaltung/anmelden`: name and password, then the code of an app; or the town's own provider.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use poem::{
    Request, Response, handler,
    web::{Path, Query},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    logins::{LOCAL, local_login},
    pages::{CODE, CodePage, SIGN_IN, SetUpPage, SignInNote, SignInPage},
    records::{self, Profile, SessionRow, Stage},
    visit::{LASTS, StaffVisit, session_at},
};
use crate::{
    audit::{self, Actor, Entry},
    credentials::{App, Credentials, new_secret, slowly, step_of},
    crypto::{digest, token},
    error::{Error, Result},
    identity::{
        ProviderView, STAFF_COOKIE,
        cookies::{clear_session, cookie, set_session},
        doors::{login::set_out_for_staff, private, see_other, state_of, switched_off},
        oidc::Claims,
        pages::outcome::Outcome,
        switch,
    },
    store::Tx,
    tenant::schema::{Level, People, Provider, ProviderKind},
    web::{Form, Sent, Visit, Wrong, throttle},
};

/// After so many wrong codes an account rests.
const FAILURES: i64 = 5;
const RESTS: SignedDuration = SignedDuration::from_mins(15);

const DOOR: &str = "/verwaltung/anmelden";

#[derive(Deserialize)]
pub struct Why {
    grund: Option<String>,
}

#[handler]
pub async fn show(visit: Visit, Query(why): Query<Why>) -> Result<Response> {
    let said = match why.grund.as_deref() {
        Some("abgemeldet") => Some(SignInNote::SignedOut),
        Some("abgelaufen") => Some(SignInNote::Expired),
        Some("rolle") => Some(SignInNote::NoRole),
        Some("abgelehnt") => Some(SignInNote::Refused),
        Some("weg") => Some(SignInNote::Away),
        Some("zuspaet") => Some(SignInNote::Gone),
        _ => None,
    };
    private(&visit, &page(&visit, &switched_off(&visit).await, Form::blank(&SIGN_IN), said))
}

/// A login by the town's own provider that let nobody in.
pub(crate) fn not_let_in(visit: &Visit, outcome: Outcome) -> Result<Response> {
    let why = match outcome {
        Outcome::Down => "weg",
        Outcome::Expired | Outcome::NoCookie => "zuspaet",
        Outcome::Cancelled | Outcome::Refused | Outcome::TooLow { .. } | Outcome::OtherAccount | Outcome::Moved => {
            "abgelehnt"
        }
    };
    see_other(&format!("{}?grund={why}", visit.url(DOOR)))
}

fn page(visit: &Visit, off: &BTreeSet<String>, form: Form, said: Option<SignInNote>) -> SignInPage {
    let theirs = || visit.tenant.providers().iter().filter(|provider| provider.is_for(People::Staff));
    let local = local_login(&visit.tenant);
    let is_off = local.is_some_and(|local| off.contains(local));
    let view = |provider: &Arc<Provider>| {
        let state = state_of(visit, provider, off);
        let url = visit.url(&format!("{DOOR}/{}", provider.id));
        ProviderView { url, ..ProviderView::of(visit, provider, state, Level::None, "") }
    };
    SignInPage {
        providers: theirs().filter(|provider| provider.kind == ProviderKind::Oidc).map(view).collect(),
        form: local.filter(|_| !is_off).map(|_| form),
        said: said.or(is_off.then_some(SignInNote::Off)),
    }
}

/// Whether the town hall has switched passwords of the portal off; where it has none they are not even an address.
async fn is_shut(visit: &Visit, tx: &mut Tx) -> Result<bool> {
    let local = local_login(&visit.tenant).ok_or(Error::NotFound)?;
    Ok(switch::is_off(tx, local).await?)
}

fn to_the_door(visit: &Visit) -> Result<Response> {
    see_other(&visit.url(DOOR))
}

/// Name and password. Whether the name exists is told by nothing: not by the words, not by the time it takes.
#[handler]
pub async fn enter(visit: Visit, request: &Request, sent: Sent) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    if is_shut(&visit, &mut tx).await? {
        return to_the_door(&visit);
    }
    drop(tx);
    let mut form = Form::read(&SIGN_IN, sent.pairs());
    form.needs("name");
    form.needs("password");
    if !form.is_wrong() {
        let guess = throttle::guess(&visit, request, DOOR, form.value("name"))?;
        if let Some(cookie) = check_password(&visit, form.value("name"), form.value("password")).await? {
            guess.was_right();
            let mut response = see_other(&visit.url(&format!("{DOOR}/code")))?;
            set_session(&mut response, STAFF_COOKIE, &cookie);
            return Ok(response);
        }
        form.complain("name", Wrong::NoMatch);
    }
    form.forget("password");
    private(&visit, &page(&visit, &BTreeSet::new(), form, None))
}

/// The cookie of a half login.
async fn check_password(visit: &Visit, name: &str, password: &str) -> Result<Option<String>> {
    let now = visit.portal.clock.now();
    let store = visit.store();
    let mut tx = store.write().await?;
    let mark = records::mark_of(&mut tx, LOCAL, name).await?;
    let found = records::find(&mut tx, LOCAL, &mark).await?;
    let account = found.filter(|row| !row.is_locked(now) && row.has_credentials());
    let credentials = match &account {
        Some(row) => row.credentials(&mut tx).await?,
        None => None,
    };
    tx.commit().await?;
    let password = password.to_owned();
    let is_right = slowly(move || match credentials {
        Some(credentials) => credentials.is_password(&password),
        None => {
            Credentials::waste_time(&password);
            false
        }
    });
    let is_right = is_right.await?;
    let Some(row) = account.filter(|_| is_right) else { return Ok(None) };
    let mut tx = store.write().await?;
    records::forget_before(&mut tx, now - LASTS).await?;
    let cookie = token();
    let secret = new_secret();
    records::add_session(&mut tx, row.id, digest(&cookie), Stage::Password, Some(&secret), now).await?;
    tx.commit().await?;
    Ok(Some(cookie.to_string()))
}

/// One more wrong code or password of somebody who has come so far; with the last one the account rests.
pub(super) async fn failed(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<()> {
    match records::try_code(tx, id, now).await? {
        Some(tries) => rests_after(tx, id, tries, now).await,
        None => Ok(()),
    }
}

async fn rests_after(tx: &mut Tx, id: Uuid, tries: i64, now: Timestamp) -> Result<()> {
    if tries >= FAILURES {
        records::lock(tx, id, now + RESTS).await?;
        audit::record(tx, now, Entry::new(Actor::System, "staff.locked").about(id)).await?;
    }
    Ok(())
}

/// Whoever has given the password: asked for the code, or shown how to set the app up.
#[handler]
pub async fn code(visit: Visit, request: &Request) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    if is_shut(&visit, &mut tx).await? {
        return to_the_door(&visit);
    }
    let Some(half) = half_way(&visit, request, &mut tx).await? else { return expired(&visit) };
    if half.credentials.totp.is_none() {
        return private(&visit, &set_up_page(&visit, &half, Form::blank(&CODE))?);
    }
    private(&visit, &CodePage { form: Form::blank(&CODE) })
}

/// The code: right once, and then the clerk is in.
#[handler]
pub async fn set_up(visit: Visit, request: &Request, sent: Sent) -> Result<Response> {
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    if is_shut(&visit, &mut tx).await? {
        return to_the_door(&visit);
    }
    let Some(half) = half_way(&visit, request, &mut tx).await? else { return expired(&visit) };
    let mut form = Form::read(&CODE, sent.pairs());
    form.needs("code");
    let tries = match form.is_wrong() {
        true => 0,
        false => match records::try_code(&mut tx, half.row.id, now).await? {
            Some(tries) => tries,
            None => return expired(&visit),
        },
    };
    let known = half.credentials.totp.as_ref();
    let secret = known.unwrap_or(&half.secret);
    let step = step_of(secret, form.value("code"), half.row.totp_step, now);
    let is_used = match step.filter(|_| !form.is_wrong()) {
        Some(step) => records::use_step(&mut tx, half.row.id, step).await?,
        None => false,
    };
    if is_used {
        if known.is_none() {
            let credentials = Credentials { totp: Some(half.secret.clone()), ..half.credentials.clone() };
            records::set_credentials(&mut tx, half.row.id, &credentials).await?;
        }
        let cookie = token();
        records::end_session(&mut tx, half.session.id).await?;
        records::add_session(&mut tx, half.row.id, digest(&cookie), Stage::In, None, now).await?;
        let entry = Entry::new(Actor::Staff(half.row.id), "staff.signed_in");
        audit::record(&mut tx, now, entry).await?;
        tx.commit().await?;
        let mut response = see_other(&visit.url("/verwaltung"))?;
        set_session(&mut response, STAFF_COOKIE, &cookie);
        return Ok(response);
    }
    rests_after(&mut tx, half.row.id, tries, now).await?;
    if !form.is_wrong() {
        form.complain("code", Wrong::NoCode);
    }
    tx.commit().await?;
    form.forget("code");
    match known {
        Some(_) => private(&visit, &CodePage { form }),
        None => private(&visit, &set_up_page(&visit, &half, form)?),
    }
}

/// Somebody who has given the right password.
struct HalfWay {
    session: SessionRow,
    row: records::StaffRow,
    profile: Profile,
    credentials: Credentials,
    /// What the app would be set up with.
    secret: Vec<u8>,
}

async fn half_way(visit: &Visit, request: &Request, tx: &mut Tx) -> Result<Option<HalfWay>> {
    let now = visit.portal.clock.now();
    let Some(token) = cookie(request, STAFF_COOKIE) else { return Ok(None) };
    let Some(session) = session_at(tx, token, Stage::Password, now).await? else { return Ok(None) };
    let row = records::get(tx, session.staff_id).await?.filter(|row| !row.is_locked(now));
    let Some(row) = row else { return Ok(None) };
    let (profile, credentials) = (row.profile(tx).await?, row.credentials(tx).await?);
    let secret = session.secret(tx).await?;
    let (Some(credentials), Some(secret)) = (credentials, secret) else { return Ok(None) };
    Ok(Some(HalfWay { session, row, profile, credentials, secret }))
}

fn set_up_page(visit: &Visit, half: &HalfWay, form: Form) -> Result<SetUpPage> {
    Ok(SetUpPage { app: App::of(&half.secret, &visit.tenant.town.full_name, &half.profile.login)?, form })
}

fn expired(visit: &Visit) -> Result<Response> {
    see_other(&format!("{}?grund=abgelaufen", visit.url(DOOR)))
}

/// Sets out to the town's own provider.
#[handler]
pub async fn choose(visit: Visit, request: &Request, Path(id): Path<String>) -> Result<Response> {
    let provider = visit.tenant.provider(&id).filter(|provider| provider.is_for(People::Staff));
    let provider = provider.filter(|provider| provider.kind == ProviderKind::Oidc).ok_or(Error::NotFound)?;
    set_out_for_staff(&visit, request, provider, &visit.url("/verwaltung")).await
}

/// The town's own provider has said who it is. The account is made or made anew; without a role nobody gets in.
pub(crate) async fn returned(visit: &Visit, provider: &Provider, claims: &Claims) -> Result<Response> {
    let now = visit.portal.clock.now();
    let roles = roles_of(visit, provider, claims);
    if roles.is_empty() {
        tracing::warn!(tenant = %visit.tenant.id, provider = provider.id, request = %visit.request_id, "a clerk without a role");
        return see_other(&format!("{}?grund=rolle", visit.url(DOOR)));
    }
    let mut tx = visit.store().write().await?;
    if switch::is_off(&mut tx, &provider.id).await? {
        return to_the_door(visit);
    }
    let Some((id, _)) = account_of(&mut tx, provider, claims, roles, now).await? else {
        return see_other(&format!("{}?grund=abgelehnt", visit.url(DOOR)));
    };
    let cookie = token();
    records::forget_before(&mut tx, now - LASTS).await?;
    records::add_session(&mut tx, id, digest(&cookie), Stage::In, None, now).await?;
    audit::record(&mut tx, now, Entry::new(Actor::Staff(id), "staff.signed_in")).await?;
    tx.commit().await?;
    let mut response = see_other(&visit.url("/verwaltung"))?;
    set_session(&mut response, STAFF_COOKIE, &cookie);
    Ok(response)
}

/// The account of whom the provider vouches for, made or made anew; `None` if it is shut.
pub(super) async fn account_of(
    tx: &mut Tx,
    provider: &Provider,
    claims: &Claims,
    roles: Vec<String>,
    now: Timestamp,
) -> Result<Option<(Uuid, Profile)>> {
    let name = claims.text("name").map(str::to_owned).or_else(|| {
        let parts: Vec<&str> = ["given_name", "family_name"].into_iter().filter_map(|part| claims.text(part)).collect();
        Some(parts.join(" ")).filter(|name| !name.is_empty())
    });
    let login = claims.text("preferred_username").unwrap_or(&claims.subject).to_owned();
    let name = name.unwrap_or_else(|| login.clone());
    let profile = Profile { login, name, roles, department: None };
    let mark = records::mark_of(tx, &provider.id, &claims.subject).await?;
    let known = records::find(tx, &provider.id, &mark).await?;
    if known.as_ref().is_some_and(|row| row.disabled) {
        return Ok(None);
    }
    let Some(row) = known else {
        return Ok(match records::add(tx, &provider.id, mark.clone(), &profile, None, now).await? {
            Some(id) => Some((id, profile)),
            None => records::find(tx, &provider.id, &mark).await?.map(|row| (row.id, profile)),
        });
    };
    let before = row.profile(tx).await?;
    let profile = Profile { department: before.department.clone(), ..profile };
    if profile != before {
        records::set_profile(tx, row.id, &profile).await?;
    }
    Ok(Some((row.id, profile)))
}

/// What the provider says of groups, as roles of the town's file.
pub(super) fn roles_of(visit: &Visit, provider: &Provider, claims: &Claims) -> Vec<String> {
    let Some(agreed) = &provider.staff else { return Vec::new() };
    let said = claims.attributes().get(&agreed.claim);
    let words: Vec<&str> = match said {
        Some(serde_json::Value::Array(words)) => words.iter().filter_map(|word| word.as_str()).collect(),
        Some(serde_json::Value::String(word)) => word.split_whitespace().collect(),
        _ => Vec::new(),
    };
    let roles = words.into_iter().filter_map(|word| agreed.roles.get(word));
    roles.filter(|role| visit.tenant.town.staff.role(role).is_some()).cloned().collect()
}

#[handler]
pub async fn leave(visit: StaffVisit) -> Result<Response> {
    let mut tx = visit.store().write().await?;
    records::end_session(&mut tx, visit.session).await?;
    let entry = Entry::new(Actor::Staff(visit.id), "staff.signed_out");
    audit::record(&mut tx, visit.portal.clock.now(), entry).await?;
    tx.commit().await?;
    let mut response = see_other(&format!("{}?grund=abgemeldet", visit.url(DOOR)))?;
    clear_session(&mut response, STAFF_COOKIE);
    Ok(response)
}
