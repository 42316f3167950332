//! `/meine-daten/einsicht`

use std::collections::HashMap;

use poem::{Response, handler, web::Query};
use serde::Deserialize;

use super::super::{
    pages::seen::{Entry, SeenPage},
    seen::{Offices, word_of},
};
use crate::{
    audit, cases,
    error::Result,
    identity::{CitizenVisit, doors::private},
    mailbox,
};

const ON_A_PAGE: u32 = 50;
/// Nobody has more cases.
const ALL: u32 = 100_000;

#[derive(Debug, Deserialize)]
pub struct Leaf {
    /// The number of the entry before which the page begins.
    vor: Option<i64>,
}

#[handler]
pub async fn show(visit: CitizenVisit, Query(leaf): Query<Leaf>) -> Result<Response> {
    let account = visit.session.account;
    let mut tx = visit.store().read().await?;
    let mut trail = audit::of_person(&mut tx, account, leaf.vor, ON_A_PAGE + 1).await?;
    let has_more = trail.len() > ON_A_PAGE as usize;
    trail.truncate(ON_A_PAGE as usize);
    let offices = Offices::of(&mut tx, &visit.tenant).await?;
    let mut things = HashMap::new();
    for thread in mailbox::all_of_citizen(&mut tx, account).await? {
        let url = visit.url(&format!("/postkorb/{}", thread.id));
        things.insert(thread.id.to_string(), (thread.subject, url));
    }
    for case in cases::list_of_citizen(&mut tx, account, ALL, 0).await? {
        let url = visit.url(&format!("/vorgaenge/{}", case.number));
        things.insert(case.id.to_string(), (case.number.to_string(), url));
    }
    let older =
        trail.last().filter(|_| has_more).map(|last| visit.url(&format!("/meine-daten/einsicht?vor={}", last.seq)));
    let entry = |entry: &audit::Shown| Entry {
        at: visit.moment(entry.at),
        who: offices.who(entry, &|name| visit.text(name)),
        own: entry.actor == "citizen",
        what: word_of(entry),
        about: entry.subject.as_ref().and_then(|id| things.get(id).cloned()),
    };
    let page = SeenPage {
        guest: visit.session.guest,
        entries: trail.iter().map(entry).collect(),
        older,
        later: leaf.vor.map(|_| visit.url("/meine-daten/einsicht")),
    };
    private(&visit, &page)
}
