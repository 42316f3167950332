//! `/verwaltung/vorgaenge`

use poem::{Response, handler, web::Query};
use serde::Deserialize;

use super::{clerk, departments, line, names};
use crate::{
    cases::{self, CaseNumber, State},
    desk::{
        self, Scope, Wanted, horizons,
        pages::{Choice, list::ListPage},
    },
    error::Result,
    identity::doors::{private, see_other},
    staff::{self, Reach, StaffVisit},
    tenant::schema::Permission,
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
    text: Option<String>,
    seite: Option<usize>,
}

/// Where somebody works who has not chosen: in their own department, or in the first they reach; `None` is everywhere.
pub(super) fn default_department(visit: &StaffVisit, reach: &Reach) -> Option<String> {
    let own = visit.department.as_ref().map(|department| department.id.clone());
    own.filter(|id| reach.covers(Some(id))).or_else(|| match reach {
        Reach::Only(departments) => departments.first().cloned(),
        Reach::All => None,
    })
}

#[handler]
pub async fn show(visit: StaffVisit, Query(asked): Query<Asked>) -> Result<Response> {
    let reach = visit.reach(Permission::Cases)?;
    let text = asked.text.as_deref().unwrap_or_default().trim().to_owned();
    let number = asked.seite.unwrap_or(1).clamp(1, 10_000);
    let (scope, amt) = scope_of(&visit, reach, &asked);
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
    let mut tx = visit.store().read().await?;
    if let Some(number) = CaseNumber::parse(&text)
        && cases::by_number(&mut tx, &number).await?.is_some()
    {
        return see_other(&format!("/verwaltung/vorgaenge/{number}"));
    }
    if !text.is_empty() {
        (wanted.most, wanted.from) = (LOOKED_THROUGH, 0);
    }
    let mut found = desk::list(&mut tx, &visit, reach, &wanted).await?;
    let cut = !text.is_empty() && found.len() == LOOKED_THROUGH;
    let has_more = text.is_empty() && found.len() > ON_A_PAGE;
    if !text.is_empty() {
        let words = text.to_lowercase();
        found.retain(|listed| listed.applicant.as_ref().is_some_and(|name| name.to_lowercase().contains(&words)));
    }
    found.truncate(ON_A_PAGE);
    let names = names(&staff::colleagues(&mut tx, &visit.tenant).await?);
    let way = |page: usize| {
        let mut way = form_urlencoded::Serializer::new(String::new());
        way.append_pair("amt", &amt);
        way.extend_pairs(asked.meine.iter().map(|_| ("meine", "1")));
        way.extend_pairs([("stand", stand), ("faellig", faellig)].into_iter().filter(|(_, value)| !value.is_empty()));
        format!("/verwaltung/vorgaenge?{}", way.append_pair("seite", &page.to_string()).finish())
    };
    let choice = |value: &str, label: String, now: &str| Choice { value: value.into(), label, chosen: value == now };
    let mut places = departments(&visit, reach, Some(&amt));
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
        clerk: clerk(&visit),
        departments: places,
        states,
        dues: dues.map(|(value, name)| choice(value, visit.text(&format!("desk.cases.{name}")), faellig)).to_vec(),
        mine: asked.meine.is_some(),
        text,
        cases: found.iter().map(|listed| line(&visit, &names, listed)).collect(),
        cut,
        number,
        before: (number > 1).then(|| way(number - 1)),
        after: has_more.then(|| way(number + 1)),
    };
    private(&visit, &page)
}

/// What somebody may not see is not chosen: the list is of their own department then.
fn scope_of(visit: &StaffVisit, reach: &Reach, asked: &Asked) -> (Scope, String) {
    let amt = match asked.amt.as_deref() {
        Some(NOBODYS) => Some(NOBODYS.to_owned()),
        Some(ALL) if *reach == Reach::All => Some(ALL.to_owned()),
        Some(id) if visit.tenant.town.staff.department(id).is_some() && reach.covers(Some(id)) => Some(id.to_owned()),
        _ => default_department(visit, reach),
    };
    let amt = amt.unwrap_or_else(|| ALL.to_owned());
    let scope = match amt.as_str() {
        _ if asked.meine.is_some() => Scope::Clerk(visit.id),
        NOBODYS => Scope::Nobody,
        ALL => Scope::All,
        id => Scope::Department(id.to_owned()),
    };
    (scope, amt)
}
