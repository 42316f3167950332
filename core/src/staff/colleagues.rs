//! Who else works at the town hall: whom a case can be handed to, and whose name stands under a deed.

use uuid::Uuid;

use super::records;
use crate::{
    store::{Result, Tx},
    tenant::{Tenant, schema::Permission},
};

/// Somebody with an account of this town, open or shut.
#[derive(Debug, Clone)]
pub struct Colleague {
    pub id: Uuid,
    pub name: String,
    /// Id of the department.
    pub department: Option<String>,
    /// Works on cases today: the account is open and a role allows it.
    pub works: bool,
}

/// Everybody who has or had an account, by name.
pub async fn colleagues(tx: &mut Tx, tenant: &Tenant) -> Result<Vec<Colleague>> {
    let mut all = Vec::new();
    for row in records::all(tx).await? {
        let profile = row.profile(tx).await?;
        let roles = profile.roles.iter().filter_map(|id| tenant.town.staff.role(id));
        let works = !row.disabled && roles.flat_map(|role| &role.may).any(|may| *may == Permission::Cases);
        all.push(Colleague { id: row.id, name: profile.name, department: profile.department, works });
    }
    all.sort_by_cached_key(|colleague| colleague.name.to_lowercase());
    Ok(all)
}
