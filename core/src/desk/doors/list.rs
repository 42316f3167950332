//! `/verwaltung/vorgaenge`

use std::collections::HashMap;

use poem::{Response, handler, web::Query};
use serde::Deserialize;
use uuid::Uuid;

use super::{bulk, clerk, departments, line, names};
use crate::{
    cases::{self, CaseNumber, State},
    desk::{
        self, Scope, Wanted, horizons,
        pages::{Choice, list::ListPage},
        substitutes,
    },
    error::Result,
    identity::doors::{private, see_other},
    staff::{self, Reach, StaffVisit},
    tenant::schema::Permission,
    web::Sent,
};

const ON_A_PAGE: usize = 50;
/// So many open cases are looked through for a name.
const LOOKED_THROUGH: usize = 500;
const NOBODYS: &str = "ohne";
const ALL: &str = "alle";
const OVER: &str = "erledigt";

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    amt: Option<String>,
    meine: Option<String>,
    stand: Option<String>,
    faellig: Option<String>,
    seite: Option<usize>,
    fertig: Option<String>,
    /// Only those about which somebody has written something new.
    neu: Option<String>,
}

/// Where somebody works who has not chosen: in their own department, or in the first they reach; `None` is everywhere.
pub(crate) fn default_department(visit: &StaffVisit, reach: &Reach) -> Option<String> {
    let own = visit.department.as_ref().map(|department| department.id.clone());
    own.filter(|id| reach.covers(Some(id))).or_else(|| match reach {
        Reach::Only(departments) => departments.first().cloned(),
        Reach::All => None,
    })
}

/// Names stand in no address: what is typed comes by POST, and the address knows filters only.
#[handler]
pub async fn show(visit: StaffVisit, Query(asked): Query<Asked>) -> Result<Response> {
    page(&visit, asked, String::new()).await
}

/// Looks for a number or a name, or does something with the ticked cases.
#[handler]
pub async fn change(visit: StaffVisit, sent: Sent) -> Result<Response> {
    if sent.value("do").is_some() {
        return bulk::change(&visit, &sent).await;
    }
    let value = |name: &str| sent.value(name).map(|value| value.trim().to_owned());
    let asked = Asked {
        amt: value("amt"),
        meine: value("meine"),
        stand: value("stand"),
        faellig: value("faellig"),
        ..Asked::default()
    };
    page(&visit, asked, value("text").unwrap_or_default()).await
}

async fn page(visit: &StaffVisit, asked: Asked, text: String) -> Result<Response> {
    let reach = visit.reach(Permission::Cases)?;
    let number = asked.seite.unwrap_or(1).clamp(1, 10_000);

    let mut tx = visit.store().read().await?;
    let stands_for = substitutes::stands_for(&mut tx, visit.id, visit.portal.clock.local().date()).await?;
    let colleagues = staff::colleagues(&mut tx, &visit.tenant).await?;
    let names = names(&colleagues);
    let (scope, amt) = scope_of(visit, reach, &asked, &stands_for);
    let meine = match &scope {
        Scope::Clerk(id) if *id == visit.id => "1".to_owned(),
        Scope::Clerk(id) => id.to_string(),
        _ => String::new(),
    };
    let (tomorrow, soon) = horizons(&visit.portal.clock.local());
    let stand = asked.stand.as_deref().unwrap_or_default();
    let faellig = asked.faellig.as_deref().unwrap_or_default();
    let mut wanted = Wanted {
        scope,
        over: stand == OVER,
        state: State::ALL.into_iter().find(|state| state.word() == stand && !state.is_over()),
        due_before: (faellig == "bald").then_some(soon),
        follow_up_before: (faellig == "wiedervorlage").then_some(tomorrow),
        most: ON_A_PAGE + 1,
        from: (number - 1) * ON_A_PAGE,
    };
    if let Some(number) = CaseNumber::parse(&text)
        && cases::by_number(&mut tx, &number).await?.is_some_and(|case| reach.covers(case.department.as_deref()))
    {
        return see_other(&format!("/verwaltung/vorgaenge/{number}"));
    }
    let searches = !text.is_empty() || asked.neu.is_some();
    if searches {
        (wanted.most, wanted.from) = (LOOKED_THROUGH, 0);
    }
    let mut found = desk::list(&mut tx, visit, reach, &stands_for, &wanted).await?;
    let cut = searches && found.len() == LOOKED_THROUGH;
    let has_more = !searches && found.len() > ON_A_PAGE;
    if !text.is_empty() {
        let words = text.to_lowercase();
        found.retain(|listed| listed.applicant.as_ref().is_some_and(|name| name.to_lowercase().contains(&words)));
    }
    found.retain(|listed| asked.neu.is_none() || listed.unread);
    found.truncate(ON_A_PAGE);
    let way = |page: usize| {
        let mut way = form_urlencoded::Serializer::new(String::new());
        way.append_pair("amt", &amt);
        way.extend_pairs(
            [("meine", &*meine), ("stand", stand), ("faellig", faellig)]
                .into_iter()
                .filter(|(_, value)| !value.is_empty()),
        );
        format!("/verwaltung/vorgaenge?{}", way.append_pair("seite", &page.to_string()).finish())
    };
    let choice = |value: &str, label: String, now: &str| Choice { value: value.into(), label, chosen: value == now };
    let mut places = departments(visit, reach, Some(&amt));
    if *reach == Reach::All {
        places.insert(0, choice(ALL, visit.text("desk.cases.everywhere"), &amt));
    }
    places.push(choice(NOBODYS, visit.text("desk.nobodys"), &amt));
    let mut states = vec![choice("", visit.text("desk.cases.open"), stand)];
    let open = State::ALL.into_iter().filter(|state| !state.is_over());
    states.extend(open.map(|state| choice(state.word(), visit.text(&format!("desk.state.{}", state.word())), stand)));
    states.push(choice(OVER, visit.text("desk.cases.over"), stand));
    let dues = [("", "whenever"), ("bald", "soon"), ("wiedervorlage", "again")];
    let page = ListPage {
        clerk: clerk(visit),
        departments: places,
        states,
        dues: dues.map(|(value, name)| choice(value, visit.text(&format!("desk.cases.{name}")), faellig)).to_vec(),
        clerks: clerks(visit, &names, &stands_for, &meine),
        colleagues: colleagues
            .iter()
            .filter(|it| it.works)
            .map(|it| choice(&it.id.to_string(), it.name.clone(), ""))
            .collect(),
        done: DONE.into_iter().find(|done| asked.fertig.as_deref() == Some(done)),
        over: stand == OVER,
        text,
        cases: found.iter().map(|listed| line(visit, &names, listed)).collect(),
        cut,
        number,
        before: (number > 1).then(|| way(number - 1)),
        after: has_more.then(|| way(number + 1)),
    };
    private(visit, &page)
}

/// What was just done with ticked cases; texts know it as `desk.bulk.<name>`.
const DONE: [&str; 4] = ["done", "some", "none", "nobody"];

/// Everybody's cases, one's own, and those of whom one stands in for.
fn clerks(visit: &StaffVisit, names: &HashMap<Uuid, String>, stands_for: &[Uuid], chosen: &str) -> Vec<Choice> {
    let choice = |value: String, label: String| Choice { chosen: value == chosen, value, label };
    let mut all = vec![
        choice(String::new(), visit.text("desk.cases.everybodys")),
        choice("1".into(), visit.text("desk.cases.mine")),
    ];
    all.extend(stands_for.iter().map(|id| {
        let name = names.get(id).cloned().unwrap_or_else(|| visit.text("desk.somebody"));
        choice(id.to_string(), format!("{} {name}", visit.text("desk.cases.for")))
    }));
    all
}

/// What somebody may not see is not chosen: the list is of their own department then.
fn scope_of(visit: &StaffVisit, reach: &Reach, asked: &Asked, stands_for: &[Uuid]) -> (Scope, String) {
    let amt = match asked.amt.as_deref() {
        Some(NOBODYS) => Some(NOBODYS.to_owned()),
        Some(ALL) if *reach == Reach::All => Some(ALL.to_owned()),
        Some(id) if visit.tenant.town.staff.department(id).is_some() && reach.covers(Some(id)) => Some(id.to_owned()),
        _ => default_department(visit, reach),
    };
    let amt = amt.unwrap_or_else(|| ALL.to_owned());
    let clerk = asked.meine.as_deref().filter(|meine| !meine.is_empty());
    let clerk = clerk.map(|meine| meine.parse().ok().filter(|id| stands_for.contains(id)).unwrap_or(visit.id));
    let scope = match (clerk, amt.as_str()) {
        (Some(clerk), _) => Scope::Clerk(clerk),
        (None, NOBODYS) => Scope::Nobody,
        (None, ALL) => Scope::All,
        (None, id) => Scope::Department(id.to_owned()),
    };
    (scope, amt)
}
