//! Clerks: an account that the operator made, a password, and the code of an app.

use std::sync::Arc;

use portal::{
    staff::{self, Member},
    tenant::{Authority, Found, Tenant},
};
use totp_rs::{Builder, Secret};

use crate::{Answer, Browser, House};

/// Where clerks give their password, and then the code.
pub const DOOR: &str = "/verwaltung/anmelden";
pub const CODE: &str = "/verwaltung/anmelden/code";
pub const PASSWORD: &str = "/verwaltung/passwort";
/// A password that clerks choose themselves.
pub const OWN: &str = "vier Otter gähnen leise";

impl House {
    /// A local account in the town of a host, with a role of the town's file; its first password.
    pub async fn account(&self, host: &str, login: &str, name: &str, role: &str) -> String {
        self.account_in(host, login, name, role, None).await
    }

    /// The same for somebody of a department.
    async fn account_in(&self, host: &str, login: &str, name: &str, role: &str, department: Option<&str>) -> String {
        let tenant = self.town_at(host);
        let mut tx = self.portal.store.for_tenant(&tenant).write().await.expect("a data room");
        let new = Member {
            login: login.into(),
            name: name.into(),
            roles: vec![role.into()],
            department: department.map(str::to_owned),
            disabled: false,
            provider: String::new(),
        };
        let added = staff::add(&mut tx, &tenant, new, self.clock.now()).await.expect("a data room");
        tx.commit().await.expect("a data room");
        added.unwrap_or_else(|why| panic!("{why}")).password.to_string()
    }

    /// A browser in which somebody has given the password of a new account, and the code is still to come.
    pub async fn half_a_clerk(&self, host: &str, login: &str, name: &str) -> Browser {
        let password = self.account(host, login, name, "sachbearbeitung").await;
        let clerk = self.browser(host);
        clerk.gives_password(login, &password).await.is(303).leads_to(CODE);
        clerk
    }

    /// A browser in which a new clerk has signed in, with a password of their own ([`OWN`]).
    pub async fn clerk(&self, host: &str, login: &str, name: &str) -> Browser {
        self.clerk_of(host, login, name, "sachbearbeitung", None).await
    }

    /// The same with a role of the town's file, in a department.
    pub async fn clerk_of(&self, host: &str, login: &str, name: &str, role: &str, department: Option<&str>) -> Browser {
        let password = self.account_in(host, login, name, role, department).await;
        let clerk = self.browser(host);
        clerk.gives_password(login, &password).await.is(303).leads_to(CODE);
        self.sets_an_app_up(&clerk).await.is(303).leads_to("/verwaltung");
        clerk.chooses(&password, OWN).await.is(303);
        clerk
    }

    /// Petra of the tax office, who may work on everything.
    pub async fn petra(&self, host: &str) -> Browser {
        self.clerk_of(host, "petra", "Petra Klarname", "sachbearbeitung", Some("steueramt")).await
    }

    /// The end of a first login: the app is set up with the secret of the page.
    pub async fn sets_an_app_up(&self, clerk: &Browser) -> Answer {
        let secret = clerk.get(CODE).await.is(200).secret();
        clerk.post(CODE, &[("code", &self.code(&secret))]).await
    }

    /// The code of an app that was set up with that secret, at the house's time.
    pub fn code(&self, secret: &str) -> String {
        let secret = Secret::try_from_base32(secret).expect("base32");
        let app = Builder::new().with_secret(secret).with_account_name("x").with_issuer(None::<&str>);
        app.build().expect("an app").generate(self.clock.now().as_second().unsigned_abs()).to_string()
    }

    pub(crate) fn town_at(&self, host: &str) -> Arc<Tenant> {
        match self.portal.tenants.find(&Authority::parse(host).expect("a host")) {
            Found::Tenant(tenant) => tenant,
            _ => panic!("no town at {host}"),
        }
    }
}

impl Browser {
    pub async fn gives_password(&self, login: &str, password: &str) -> Answer {
        self.post(DOOR, &[("name", login), ("password", password)]).await
    }

    /// Another password, at the first login, where no code is asked for.
    pub async fn chooses(&self, password: &str, new: &str) -> Answer {
        self.post(PASSWORD, &[("password", password), ("new", new), ("again", new)]).await
    }

    /// Opens a case at the desk and does something with it as it stands.
    pub async fn does(&self, number: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(&desk(number)).await.is(200);
        self.does_on(&page, number, fields).await
    }

    /// The same on a page that was opened before.
    pub async fn does_on(&self, page: &Answer, number: &str, fields: &[(&str, &str)]) -> Answer {
        let (revision, seen) = (page.field("revision"), page.field("seen"));
        let known = [("revision", revision.as_str()), ("seen", seen.as_str())];
        self.post(&desk(number), &[&known[..], fields].concat()).await
    }

    /// Opens a case and does something with it to which files belong.
    pub async fn does_with(&self, number: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        let page = self.get(&desk(number)).await.is(200);
        let (revision, seen) = (page.field("revision"), page.field("seen"));
        let known = [("revision", revision.as_str()), ("seen", seen.as_str())];
        self.post_files(&desk(number), &[&known[..], fields].concat(), files).await
    }
}

impl Answer {
    /// The secret of the page on which an app is set up.
    pub fn secret(&self) -> String {
        let text = self.text();
        let (_, rest) = text.split_once("secret=").expect("the page shows an otpauth address");
        rest.split(['&', '"']).next().unwrap_or_default().to_owned()
    }
}

/// Where a case lies open at the desk.
fn desk(number: &str) -> String {
    format!("/verwaltung/vorgaenge/{number}")
}
