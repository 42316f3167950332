//! Citizens of the specimen sort: they log in with the simulator, as people do who try a town out.

use crate::{Answer, Browser, House, Towns, browser::BrokenOff};

/// The hosts of the towns that [`Towns::with_simulator`] makes.
pub const OSTRAU: &str = "ostrau.localhost";
pub const WESTRAU: &str = "westrau.localhost";

impl Towns {
    /// The fixture towns before they went live: all of them let specimens in.
    pub fn with_simulator() -> Self {
        let towns = Self::fixture();
        for town in ["ostrau", "westrau"] {
            towns.change(&format!("{town}/tenant.yaml"), "status: live", "status: preview");
            let known = towns.read(&format!("{town}/identity.yaml"));
            let probe = "  - {id: probe, kind: simulator, name: Probe-Anmeldung}\n";
            towns.write(&format!("{town}/identity.yaml"), format!("{}\n{probe}", known.trim_end()));
        }
        towns
    }

    /// The same with accounts of the portal's own, for which citizens register.
    pub fn with_own_accounts() -> Self {
        let towns = Self::with_simulator();
        for town in ["ostrau", "westrau"] {
            let known = towns.read(&format!("{town}/identity.yaml"));
            let own = "  - {id: konto, kind: local, for: citizens, name: Portal-Konto}\n";
            towns.write(&format!("{town}/identity.yaml"), known + own);
        }
        towns
    }
}

impl House {
    /// A browser that nobody has logged in with.
    pub fn browser(&self, host: &str) -> Browser {
        Browser::at(self.addr, host)
    }

    /// A browser in which `person` has logged in at `level`.
    pub async fn citizen(&self, host: &str, person: &str, level: &str) -> Browser {
        let browser = self.browser(host);
        browser.logs_in_from(person, level, "/meine-daten").await.is(303);
        browser
    }
}

impl Browser {
    /// From the simulator's page to its answer.
    pub async fn logs_in_from(&self, person: &str, level: &str, back: &str) -> Answer {
        self.tries_to_log_in(person, level, back).await.expect("an answer")
    }

    /// The same where the house may be closed, or die before it has answered.
    pub async fn tries_to_log_in(&self, person: &str, level: &str, back: &str) -> Result<Answer, BrokenOff> {
        let page = self.try_get(&format!("/anmelden/probe?zurueck={back}")).await?;
        if page.status != 200 {
            return Ok(page);
        }
        let handle = page.field("handle");
        self.try_post("/anmelden/probe", &[("handle", &handle), ("person", person), ("level", level)]).await
    }

    /// The same at a provider for which the simulator stands in.
    pub async fn logs_in_at(&self, provider: &str, person: &str, level: &str) -> Answer {
        let page = self.get(&format!("/anmelden/{provider}?zurueck=/meine-daten&niveau={level}")).await.is(200);
        let handle = page.field("handle");
        self.post(&format!("/anmelden/{provider}"), &[("handle", &handle), ("person", person), ("level", level)]).await
    }
}

impl Answer {
    /// Addresses of the conversations that a list in the Postkorb leads to, in its order.
    pub fn threads(&self) -> Vec<String> {
        let text = self.text();
        let ids = text.split("href=\"/postkorb/").skip(1).filter_map(|rest| rest.split(['"', '?']).next());
        ids.filter(|id| id.len() == 36).map(|id| format!("/postkorb/{id}")).collect()
    }

    /// The value of a hidden field of the page.
    pub fn field(&self, name: &str) -> String {
        let text = self.text();
        let found = text.split_once(&format!("name=\"{name}\" value=\"")).and_then(|(_, rest)| rest.split_once('"'));
        found.unwrap_or_else(|| panic!("no field {name} in {text}")).0.to_owned()
    }
}
