//! Citizens with accounts of the portal's own: they register, confirm and log in with name and password.

use std::fs;

use crate::{Answer, Browser, House, OWN};

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
        let to = format!("To: {address}");
        let mails = self.letters(town).into_iter().filter(|mail| mail.contains(&to));
        let mut links = mails.filter_map(|mail| Some(mail.split_once(path)?.1.chars().take(43).collect::<String>()));
        links.next_back().unwrap_or_else(|| panic!("no mail to {address} with {path}"))
    }

    /// Mails of a town that stayed in the house, the newest last, their parts as they were written.
    pub fn letters(&self, town: &str) -> Vec<String> {
        let folder = self.database.folder().join("mail").join(town);
        let mut mails: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
        mails.sort_by_key(|mail| mail.metadata().and_then(|known| known.modified()).expect("a file has a time"));
        let text = |mail: &fs::DirEntry| fs::read_to_string(mail.path()).expect("a mail is text");
        mails.iter().map(|mail| text(mail).replace("=\r\n", "").replace("=3D", "=")).collect()
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
