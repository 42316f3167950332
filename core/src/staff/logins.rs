//! Accounts of clerks: local ones are made and reset by the operator (`portal staff`), all are listed and shut.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::records::{self, Profile, StaffRow};
use crate::{
    audit::{self, Actor, Entry},
    credentials::{Credentials, new_password},
    store::{Result, Tx},
    tenant::{
        Tenant,
        schema::{People, Provider, ProviderKind},
    },
};

/// The provider of accounts that the portal keeps itself.
pub(super) const LOCAL: &str = "local";

/// Id of the town's login by accounts of the portal's own: the one that `identity.yaml` names, or `local` where clerks have
/// no provider at all. `None`: passwords of the portal count nowhere.
pub fn local_login(tenant: &Tenant) -> Option<&str> {
    let is_for_clerks = |provider: &&Arc<Provider>| provider.is_for(People::Staff);
    let mut theirs = tenant.providers().iter().filter(is_for_clerks).peekable();
    if theirs.peek().is_none() {
        return Some(LOCAL);
    }
    theirs.find(|provider| provider.kind == ProviderKind::Local).map(|provider| &*provider.id)
}

/// Who is to get an account.
pub struct Member {
    /// What a local account logs in with, otherwise what the provider calls the person.
    pub login: String,
    pub name: String,
    pub roles: Vec<String>,
    pub department: Option<String>,
    /// Nobody logs in with it.
    pub disabled: bool,
    /// `local`, or the id of the town's own provider.
    pub provider: String,
}

/// The password is told once and kept nowhere.
pub struct Added {
    pub password: Zeroizing<String>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdded {
    #[error("there is an account `{0}` already")]
    Exists(String),
    #[error("there is no account `{0}`")]
    Unknown(String),
    #[error("there are several accounts `{login}`, by {}", .providers.join(", "))]
    Several { login: String, providers: Vec<String> },
    #[error("`{0}` has no password here: the account is one of `{1}`")]
    NotLocal(String, String),
    #[error("the town has no role `{0}`")]
    NoRole(String),
    #[error("the town has no department `{0}`")]
    NoDepartment(String),
}

/// Makes a local account with a password of its own; the app is set up at the first login.
pub async fn add(tx: &mut Tx, tenant: &Tenant, new: Member, now: Timestamp) -> Result<Result<Added, NotAdded>> {
    let staff = &tenant.town.staff;
    if let Some(role) = new.roles.iter().find(|role| staff.role(role).is_none()) {
        return Ok(Err(NotAdded::NoRole(role.clone())));
    }
    if let Some(department) = new.department.as_ref().filter(|id| staff.department(id).is_none()) {
        return Ok(Err(NotAdded::NoDepartment(department.clone())));
    }
    let password = new_password();
    let credentials = Credentials::with_first_password(&password);
    let mark = records::mark_of(tx, LOCAL, &new.login).await?;
    let login = new.login.clone();
    let profile = Profile { login: new.login, name: new.name, roles: new.roles, department: new.department };
    let Some(id) = records::add(tx, LOCAL, mark, &profile, Some(&credentials), now).await? else {
        return Ok(Err(NotAdded::Exists(login)));
    };
    told(tx, "staff.added", id, now).await?;
    Ok(Ok(Added { password }))
}

/// A new password, and the app is set up anew; running sessions end.
pub async fn reset(tx: &mut Tx, login: &str, now: Timestamp) -> Result<Result<Added, NotAdded>> {
    let row = match find(tx, login, None).await? {
        Ok(row) if row.provider == LOCAL => row,
        Ok(row) => return Ok(Err(NotAdded::NotLocal(login.to_owned(), row.provider))),
        Err(not) => return Ok(Err(not)),
    };
    let id = row.id;
    let password = new_password();
    records::set_credentials(tx, id, &Credentials::with_first_password(&password)).await?;
    records::end_all(tx, id).await?;
    told(tx, "staff.reset", id, now).await?;
    Ok(Ok(Added { password }))
}

/// Shuts an account of any provider or opens it again; running sessions end at once. `provider` says which one is meant
/// where several have the same name.
pub async fn disable(
    tx: &mut Tx,
    login: &str,
    provider: Option<&str>,
    disabled: bool,
    now: Timestamp,
) -> Result<Result<(), NotAdded>> {
    let id = match find(tx, login, provider).await? {
        Ok(row) => row.id,
        Err(not) => return Ok(Err(not)),
    };
    records::set_disabled(tx, id, disabled).await?;
    records::end_all(tx, id).await?;
    told(tx, if disabled { "staff.disabled" } else { "staff.enabled" }, id, now).await?;
    Ok(Ok(()))
}

/// All accounts of a town, the oldest first.
pub async fn members(tx: &mut Tx) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for row in records::all(tx).await? {
        let Profile { login, name, roles, department } = row.profile(tx).await?;
        let (disabled, provider) = (row.disabled, row.provider.clone());
        members.push(Member { login, name, roles, department, disabled, provider });
    }
    Ok(members)
}

/// By the name that `members` shows: what a provider calls a person inside is nothing an operator knows.
async fn find(tx: &mut Tx, login: &str, provider: Option<&str>) -> Result<Result<StaffRow, NotAdded>> {
    let mut found = Vec::new();
    for row in records::all(tx).await?.into_iter().filter(|row| provider.is_none_or(|one| row.provider == one)) {
        if row.profile(tx).await?.login.eq_ignore_ascii_case(login.trim()) {
            found.push(row);
        }
    }
    Ok(match found.len() {
        0 => Err(NotAdded::Unknown(login.to_owned())),
        1 => Ok(found.remove(0)),
        _ => Err(NotAdded::Several {
            login: login.to_owned(),
            providers: found.into_iter().map(|row| row.provider).collect(),
        }),
    })
}

async fn told(tx: &mut Tx, deed: &'static str, staff: Uuid, now: Timestamp) -> Result<()> {
    audit::record(tx, now, Entry::new(Actor::Operator, deed).about(staff)).await
}
