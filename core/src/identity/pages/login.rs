//! `/anmelden`: with which account one logs in, why, and what goes without.

use serde::Serialize;

use super::{ProviderState, ProviderView, Wanted};
use crate::{
    content::Content,
    web::{Head, Page, Section, Visit},
};

#[derive(Serialize)]
pub struct LoginPage {
    /// What the town wrote about its login.
    content: Option<Content>,
    /// The one of the day first; empty where a town has no login at all.
    providers: Vec<ProviderView>,
    /// The service that sent the person here.
    wanted: Option<Wanted>,
    /// A login was there, and has had its time.
    expired: bool,
}

impl LoginPage {
    pub fn of(visit: &Visit, providers: Vec<ProviderView>, wanted: Option<Wanted>, expired: bool) -> Self {
        Self { content: Content::of(visit, "anmelden"), providers, wanted, expired }
    }
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "login.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = Content::head(self.content.as_ref(), visit, Section::Login, "login.title");
        if self.wanted.is_some() { head.noindex() } else { head }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let provider = || ProviderView {
            account_url: Some("https://id.bund.de".into()),
            logo: visit.tenant.asset("wordmark.svg").map(|asset| asset.address()),
            ..ProviderView::specimen(visit, "bundid", "BundID")
        };
        let at = |state| ProviderView { state, ..provider() };
        let probe = ProviderView { probe: true, ..ProviderView::specimen(visit, "probe", "Probe-Anmeldung") };
        let local = ProviderView { local: true, ..ProviderView::specimen(visit, "konto", "Portal-Konto") };
        let too_weak = ProviderView { enough: false, ..ProviderView::specimen(visit, "schwach", "Bürgerkonto") };
        vec![
            Self::of(visit, vec![provider(), too_weak, local, probe], Wanted::specimen(visit), true),
            Self::of(visit, vec![at(ProviderState::Preparing)], None, false),
            Self::of(visit, vec![at(ProviderState::Off), at(ProviderState::Unreachable)], None, false),
            Self { content: None, providers: vec![], wanted: None, expired: false },
        ]
    }
}
