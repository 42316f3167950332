//! `/verwaltung/statistik`

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date};
use poem::{Response, handler, http::header};

use super::{clerk, department_name};
use crate::{
    cases::State,
    clock::local_zone,
    desk::{
        Tally,
        pages::statistics::{Plot, Row, StateCount, StatisticsPage},
        records,
    },
    error::Result,
    identity::doors::private,
    staff::StaffVisit,
    tenant::schema::Permission,
};

const MONTHS: i32 = 12;
const CSV: &str = "/verwaltung/statistik.csv";

/// The months that are shown, the oldest first, and their beginning.
fn months(visit: &StaffVisit) -> (Vec<Date>, Timestamp) {
    let first = visit.portal.clock.local().date().first_of_month();
    let months: Vec<Date> = (0..MONTHS).rev().map(|back| first.saturating_sub(back.months())).collect();
    let since = months[0].to_zoned(local_zone()).map_or(Timestamp::MIN, |day| day.timestamp());
    (months, since)
}

/// Of the last twelve months, as far as the clerk reaches.
pub(crate) async fn of_a_year(visit: &StaffVisit) -> Result<Vec<Tally>> {
    tallies(visit, months(visit).1).await
}

async fn tallies(visit: &StaffVisit, since: Timestamp) -> Result<Vec<Tally>> {
    let reach = visit.reach(Permission::Desk)?;
    let mut tx = visit.store().read().await?;
    let mut tallies = records::by_month(&mut tx, since).await?;
    tallies.retain(|tally| reach.covers(tally.department.as_deref()));
    Ok(tallies)
}

#[handler]
pub async fn show(visit: StaffVisit) -> Result<Response> {
    let (months, since) = months(&visit);
    let tallies = tallies(&visit, since).await?;
    let row = |name: String, of: &dyn Fn(&Tally) -> bool| {
        let sum = |over: Option<bool>| {
            let counted = tallies.iter().filter(|tally| of(tally) && over.is_none_or(|is| tally.state.is_over() == is));
            counted.map(|tally| tally.count).sum()
        };
        Row { name, all: sum(None), open: sum(Some(false)), done: sum(Some(true)) }
    };
    let by_month = months.iter().map(|month| {
        let iso = month.strftime("%Y-%m").to_string();
        row(month.strftime("%m/%Y").to_string(), &|tally: &Tally| tally.month == iso)
    });
    let by_month: Vec<Row> = by_month.collect();
    let departments: BTreeMap<Option<String>, ()> =
        tallies.iter().map(|tally| (tally.department.clone(), ())).collect();
    let departments = departments.into_keys().map(|id| {
        let name = department_name(&visit, id.as_deref()).unwrap_or_else(|| visit.text("desk.nobodys"));
        row(name, &|tally: &Tally| tally.department == id)
    });
    let states = State::ALL.into_iter().map(|state| {
        let of_state = tallies.iter().filter(|tally| tally.state == state);
        StateCount { state, count: of_state.map(|tally| tally.count).sum() }
    });
    let page = StatisticsPage {
        clerk: clerk(&visit),
        plot: Plot::of(&by_month),
        departments: departments.collect(),
        states: states.collect(),
        total: tallies.iter().map(|tally| tally.count).sum(),
        months: by_month,
        csv: CSV,
    };
    private(&visit, &page)
}

/// The same for a spreadsheet: one line for each month, department and state.
#[handler]
pub async fn csv(visit: StaffVisit) -> Result<Response> {
    let (_, since) = months(&visit);
    let mut text = String::from("Monat;Abteilung;Stand;Anzahl\r\n");
    for tally in tallies(&visit, since).await? {
        let department = department_name(&visit, tally.department.as_deref()).unwrap_or_default().replace('"', "\"\"");
        let state = visit.text(&format!("desk.state.{}", tally.state.word()));
        text.push_str(&format!("{};\"{department}\";\"{state}\";{}\r\n", tally.month, tally.count));
    }
    let response = Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"statistik.csv\"")
        .header(header::CACHE_CONTROL, "no-store");
    Ok(response.body(text))
}
