//! `/verwaltung`: the desk, with nothing on it yet.

use poem::{Response, handler, web::Query};
use serde::Deserialize;

use super::{StaffVisit, pages::DeskPage, visit::Key};
use crate::{error::Result, identity::doors::private, tenant::schema::Permission};

#[derive(Deserialize)]
pub struct Said {
    passwort: Option<String>,
}

#[handler]
pub fn show(visit: StaffVisit, Query(said): Query<Said>) -> Result<Response> {
    visit.must(Permission::Desk)?;
    let page = DeskPage {
        name: visit.name.clone(),
        roles: visit.roles.clone(),
        department: visit.department.clone(),
        has_password: visit.key == Key::Own,
        changed: said.passwort.as_deref() == Some("neu"),
    };
    private(&visit, &page)
}
