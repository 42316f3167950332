//! What answers at `/verwaltung`.

mod bulk;
pub mod case;
pub mod case_file;
pub mod deeds;
pub mod deliveries;
pub mod file;
pub mod list;
pub mod messages;
pub mod new;
pub mod overview;
pub mod post;
pub mod statistics;
pub mod substitute;

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Listed,
    pages::{CaseLine, Choice, Clerk},
};
use crate::{
    staff::{Colleague, Reach, StaffVisit},
    tenant::schema::Permission,
    web::Visit,
};

pub(crate) fn clerk(visit: &StaffVisit) -> Clerk {
    Clerk {
        name: visit.name.clone(),
        roles: visit.roles.clone(),
        department: visit.department.as_ref().map(|department| department.name.clone()),
        cases: visit.may(Permission::Cases),
        messages: visit.may(Permission::Messages),
        accounts: visit.may(Permission::Accounts) && !visit.tenant.moving.is_empty(),
    }
}

fn department_name(visit: &Visit, id: Option<&str>) -> Option<String> {
    let id = id?;
    // one that the town no longer has is still said
    Some(visit.tenant.town.staff.department(id).map_or_else(|| id.to_owned(), |department| department.name.clone()))
}

fn service_title(visit: &Visit, id: &str) -> String {
    visit.tenant.service(id).map_or_else(|| id.to_owned(), |service| visit.words(&service.title).into_owned())
}

/// Departments somebody reaches, `chosen` among them.
fn departments(visit: &Visit, reach: &Reach, chosen: Option<&str>) -> Vec<Choice> {
    let all = visit.tenant.town.staff.departments.iter().filter(|department| reach.covers(Some(&department.id)));
    let choice = all.map(|department| Choice {
        value: department.id.clone(),
        label: department.name.clone(),
        chosen: chosen == Some(department.id.as_str()),
    });
    choice.collect()
}

fn names(colleagues: &[Colleague]) -> HashMap<Uuid, String> {
    colleagues.iter().map(|colleague| (colleague.id, colleague.name.clone())).collect()
}

fn line(visit: &Visit, names: &HashMap<Uuid, String>, listed: &Listed) -> CaseLine {
    let now = visit.portal.clock.now();
    CaseLine {
        url: format!("/verwaltung/vorgaenge/{}", listed.number),
        number: listed.number.clone(),
        service: service_title(visit, &listed.service),
        state: listed.state,
        applicant: listed.applicant.clone(),
        department: department_name(visit, listed.department.as_deref()),
        assignee: listed.assignee.and_then(|id| names.get(&id).cloned()),
        due: visit.day(listed.due),
        late: listed.due < now && !listed.state.is_over(),
        follow_up: listed.follow_up.map(|at| visit.day(at)),
        submitted: visit.day(listed.submitted),
        age: now.duration_since(listed.submitted).as_hours() / 24,
        unread: listed.unread,
    }
}
