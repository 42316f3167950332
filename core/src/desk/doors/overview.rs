//! `/verwaltung`

use poem::{Response, handler, web::Query};
use serde::Deserialize;
use uuid::Uuid;

use super::{clerk, names};
use crate::{
    delivery,
    desk::{
        Scope, horizons,
        pages::overview::{Colleague, Count, OverviewPage},
        records, substitutes,
    },
    error::Result,
    identity::doors::private,
    staff::{self, Reach, StaffVisit},
    tenant::schema::Permission,
};

#[derive(Debug, Deserialize)]
pub struct Said {
    passwort: Option<String>,
}

#[handler]
pub async fn show(visit: StaffVisit, Query(said): Query<Said>) -> Result<Response> {
    visit.must(Permission::Desk)?;
    let mut page = OverviewPage {
        clerk: clerk(&visit),
        counts: Vec::new(),
        stands_for: Vec::new(),
        has_password: visit.has_password(),
        changed: said.passwort.as_deref() == Some("neu"),
    };
    let mut tx = visit.store().read().await?;
    if let Ok(reach) = visit.reach(Permission::Cases) {
        let (tomorrow, soon) = horizons(&visit.portal.clock.local());
        let scope = match super::list::default_department(&visit, reach) {
            Some(department) => Scope::Department(department),
            None => Scope::All,
        };
        let all = records::count(&mut tx, &scope, soon, tomorrow).await?;
        let own = records::count(&mut tx, &Scope::Clerk(visit.id), soon, tomorrow).await?;
        let department = match scope {
            Scope::Department(id) => Some(id),
            _ => None,
        };
        let today = visit.portal.clock.local().date();
        let stands_for = substitutes::stands_for(&mut tx, visit.id, today).await?;
        if !stands_for.is_empty() {
            let names = names(&staff::colleagues(&mut tx, &visit.tenant).await?);
            let colleague = |id: Uuid| Colleague {
                name: names.get(&id).cloned().unwrap_or_else(|| visit.text("desk.somebody")),
                url: format!("/verwaltung/vorgaenge?meine={id}"),
            };
            page.stands_for = stands_for.into_iter().map(colleague).collect();
        }
        let post = records::count_to_post(&mut tx, department.clone()).await?;
        let (unread, _) = records::unread(&mut tx, department).await?;
        page.counts = vec![
            Count { name: "new", count: all.new, url: "/verwaltung/vorgaenge?stand=submitted" },
            Count { name: "mine", count: own.open, url: "/verwaltung/vorgaenge?meine=1" },
            Count { name: "due", count: all.due, url: "/verwaltung/vorgaenge?faellig=bald" },
            Count { name: "follow_up", count: all.follow_up, url: "/verwaltung/vorgaenge?faellig=wiedervorlage" },
            Count { name: "unread", count: unread, url: "/verwaltung/vorgaenge?neu=1" },
            Count { name: "post", count: post, url: "/verwaltung/post" },
        ];
        let failed = delivery::not_delivered(&mut tx, false, 1000).await?;
        let failed = failed.iter().filter(|failed| super::deliveries::is_theirs(&visit, reach, failed)).count() as i64;
        if failed > 0 {
            page.counts.push(Count { name: "undelivered", count: failed, url: "/verwaltung/uebergaben" });
        }
    }
    if let Ok(reach) = visit.reach(Permission::Messages) {
        let department = match reach {
            Reach::All => None,
            Reach::Only(_) => super::list::default_department(&visit, reach),
        };
        let (_, free) = records::unread(&mut tx, department).await?;
        page.counts.push(Count { name: "messages", count: free, url: "/verwaltung/nachrichten" });
    }
    private(&visit, &page)
}
