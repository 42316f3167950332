//! Local accounts of clerks: made, listed, reset and shut by the operator (`portal staff`).

use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    credentials::{Credentials, new_password},
    records::{self, Profile},
};
use crate::{
    audit::{self, Actor, Entry},
    store::{Result, Tx},
    tenant::Tenant,
};

/// The provider of accounts that the portal keeps itself.
pub(super) const LOCAL: &str = "local";

/// Who is to get an account.
pub struct Member {
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
    let Some(id) = local(tx, login).await? else { return Ok(Err(NotAdded::Unknown(login.to_owned()))) };
    let password = new_password();
    records::set_credentials(tx, id, &Credentials::with_first_password(&password)).await?;
    records::end_all(tx, id).await?;
    told(tx, "staff.reset", id, now).await?;
    Ok(Ok(Added { password }))
}

/// Shuts an account or opens it again; running sessions end at once.
pub async fn disable(tx: &mut Tx, login: &str, disabled: bool, now: Timestamp) -> Result<Result<(), NotAdded>> {
    let Some(id) = local(tx, login).await? else { return Ok(Err(NotAdded::Unknown(login.to_owned()))) };
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

async fn local(tx: &mut Tx, login: &str) -> Result<Option<Uuid>> {
    let mark = records::mark_of(tx, LOCAL, login).await?;
    Ok(records::find(tx, LOCAL, &mark).await?.map(|row| row.id))
}

async fn told(tx: &mut Tx, deed: &'static str, staff: Uuid, now: Timestamp) -> Result<()> {
    audit::record(tx, now, Entry::new(Actor::Operator, deed).about(staff)).await
}
