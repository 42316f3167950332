//! Citizens with accounts of the portal's own: they register, confirm and log in with name and password.

use crate::{Answer, Browser, House, OWN, links_in};

impl House {
    /// A browser in which somebody has sent a registration off ([`OWN`] is the password); the mail is written.
    pub async fn registers(&self, host: &str, name: &str, email: &str) -> Browser {
        let browser = self.browser(host);
        browser.writes(name, email).await.is(303).leads_to("/registrieren/pruefen");
        browser.post("/registrieren/pruefen", &[]).await.is(303);
        self.work_off().await;
        browser
    }

    /// A browser in which the owner of a new account has logged in. The provider is the town's only one of its kind.
    pub async fn owner(&self, host: &str, name: &str, email: &str) -> Browser {
        let browser = self.registers(host, name, email).await;
        let town = self.town_at(host).id.to_string();
        let link = self.link_to(&town, email, "/registrieren/bestaetigen/").await;
        let made = browser.post(&format!("/registrieren/bestaetigen/{link}"), &[]).await.is(200);
        let door = made.text();
        let (_, rest) = door.split_once("href=\"/anmelden/").expect("the page leads to the login");
        let provider = rest.split('"').next().unwrap_or_default();
        browser.post(&format!("/anmelden/{provider}"), &[("name", name), ("password", OWN)]).await.is(303);
        browser
    }

    /// The end of the newest link below `path` in the mails of a town to an address.
    pub async fn link_to(&self, town: &str, address: &str, path: &str) -> String {
        self.work_off().await;
        let mails = self.mails_to(town, address);
        let link = mails.rchunks(1).find_map(|newest| links_in(newest, path).pop_first());
        let link = link.unwrap_or_else(|| panic!("no mail to {address} with {path}"));
        link[path.len()..].to_owned()
    }
}

impl Browser {
    /// Fills the form of a registration in.
    pub async fn writes(&self, name: &str, email: &str) -> Answer {
        let person = [("given_name", "Ida"), ("surname", "Beispiel"), ("email", email), ("name", name)];
        let fields: Vec<_> = person.into_iter().chain([("password", OWN), ("again", OWN)]).collect();
        self.post("/registrieren", &fields).await
    }
}
