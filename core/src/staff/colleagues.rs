//! Who else works at the town hall: whom a case can be handed to, and whose name stands under a deed.

use uuid::Uuid;

use super::{Reach, records, visit::grants};
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
    /// For which departments.
    reach: Option<Reach>,
}

impl Colleague {
    /// A case of that department can be handed to them.
    pub fn takes(&self, department: Option<&str>) -> bool {
        self.works && self.reach.as_ref().is_some_and(|reach| reach.covers(department))
    }
}

/// Everybody who has or had an account, by name.
pub async fn colleagues(tx: &mut Tx, tenant: &Tenant) -> Result<Vec<Colleague>> {
    let mut all = Vec::new();
    for row in records::all(tx).await? {
        let profile = row.profile(tx).await?;
        let roles: Vec<_> = profile.roles.iter().filter_map(|id| tenant.town.staff.role(id)).collect();
        let reach = grants(&roles).remove(&Permission::Cases);
        let works = !row.disabled && reach.is_some();
        all.push(Colleague { id: row.id, name: profile.name, department: profile.department, works, reach });
    }
    all.sort_by_cached_key(|colleague| colleague.name.to_lowercase());
    Ok(all)
}
