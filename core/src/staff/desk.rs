//! `/verwaltung`: the desk, with nothing on it yet.

use poem::{Response, handler};

use super::{StaffVisit, pages::DeskPage};
use crate::{error::Result, identity::doors::private, tenant::schema::Permission};

#[handler]
pub fn show(visit: StaffVisit) -> Result<Response> {
    visit.must(Permission::Desk)?;
    let page = DeskPage { name: visit.name.clone(), roles: visit.roles.clone(), department: visit.department.clone() };
    private(&visit, &page)
}
