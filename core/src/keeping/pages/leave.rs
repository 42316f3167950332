//! `/meine-daten/loeschen`: what goes with the account, what the law keeps, and the last question.

use serde::Serialize;

use super::below;
use crate::{
    cases::pages::NUMBER,
    tenant::Said,
    web::{Head, Page, Visit},
};

/// Posts `do` to its own address: `leave` (with `confirm`), `stay`.
#[derive(Serialize)]
pub struct LeavePage {
    /// There is no account: everything goes with the login.
    pub guest: bool,
    /// When the account goes; `None`: nobody has asked for it.
    pub due: Option<String>,
    pub details: usize,
    pub sessions: usize,
    pub drafts: i64,
    pub threads: i64,
    pub messages: i64,
    pub files: i64,
    /// The town's files, which stay until their day.
    pub kept: Vec<Kept>,
    /// Some of them are not over: it takes three days, and answers go by post.
    pub open: bool,
    /// Until that day the town hall can undo that the account has taken another one over; it stays for so long.
    pub later: Option<String>,
    /// Decisions that nobody has opened: they go by post.
    pub unopened: usize,
    /// Where somebody logs in anew before deleting; `None`: they have just done so.
    pub again: Option<String>,
    /// Name of the login provider that goes on without us, and where the account there is deleted; `None` for an account of
    /// the portal's own.
    pub provider: Option<String>,
    pub account_url: Option<String>,
    /// The tick was missing.
    pub unconfirmed: bool,
    /// The person stays: that was just taken back.
    pub stays: bool,
}

/// A case that stays.
#[derive(Serialize)]
pub struct Kept {
    pub title: Said,
    pub number: String,
    pub url: String,
    /// Until when; an open case has no day yet.
    pub until: Option<String>,
    /// So many days after it is over.
    pub days: Option<u16>,
    pub open: bool,
}

impl Page for LeavePage {
    const TEMPLATE: &'static str = "keeping/leave.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = below(visit, "leave.title");
        match self.unconfirmed {
            true => Head { title: format!("{}: {}", visit.text("form.problem"), head.title), ..head },
            false => head,
        }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let kept = |until: Option<&str>| Kept {
            title: visit.specimen("Hund anmelden", "Register a dog"),
            number: NUMBER.into(),
            url: visit.url(&format!("/vorgaenge/{NUMBER}")),
            until: until.map(str::to_owned),
            days: until.is_none().then_some(3650),
            open: until.is_none(),
        };
        let page = || Self {
            guest: false,
            due: None,
            details: 11,
            sessions: 2,
            drafts: 1,
            threads: 2,
            messages: 7,
            files: 3,
            kept: vec![kept(None), kept(Some("31. Dezember 2036"))],
            open: true,
            later: None,
            unopened: 1,
            again: None,
            provider: Some("BundID".into()),
            account_url: Some("https://id.bund.de".into()),
            unconfirmed: false,
            stays: false,
        };
        let bare = || Self {
            details: 3,
            sessions: 1,
            drafts: 0,
            threads: 0,
            messages: 0,
            files: 0,
            kept: Vec::new(),
            open: false,
            unopened: 0,
            provider: None,
            account_url: None,
            ..page()
        };
        vec![
            page(),
            Self { again: Some(visit.url("/anmelden")), stays: true, ..page() },
            Self { unconfirmed: true, ..page() },
            Self { due: Some("25. November 2026, 10:00".into()), ..page() },
            Self { later: Some("30. Juni 2024".into()), ..page() },
            bare(),
            Self { guest: true, ..bare() },
        ]
    }
}
