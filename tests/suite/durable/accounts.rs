//! Accounts of the portal's own: what was told to whoever registers or leaves has happened, and once.
//!
//! The long form: `KILLS=100 cargo test -p portal-tests --test suite durable::accounts -- --nocapture`

use std::hash::{BuildHasher, RandomState};

use portal_tests::{Browser, Database, OSTRAU, OWN, Towns, binary::Process, letters_in};
use tokio::{
    sync::mpsc::{Sender, channel},
    task::JoinSet,
};

use super::chance;

const AT_ONCE: usize = 3;
const CONFIRM: &str = "/registrieren/bestaetigen/";
const LEAVE: [(&str, &str); 2] = [("do", "leave"), ("confirm", "true")];

/// How far an account has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Nothing,
    /// A mail is promised.
    Asked,
    Made,
    Left,
}

struct Life {
    name: String,
    /// What somebody was told last, and what they had asked for when no answer came any more.
    told: Stage,
    tried: Stage,
}

impl Life {
    fn address(&self) -> String {
        format!("{}@example.org", self.name)
    }
}

#[tokio::test]
async fn killed_at_any_moment_nobody_is_registered_or_deleted_twice_or_by_half() {
    let kills = std::env::var("KILLS").map_or(4, |kills| kills.parse().expect("KILLS is a number"));
    let (database, towns) = (Database::fresh().await, Towns::with_own_accounts());
    let folder = database.folder().join("mail/ostrau");
    let mut lives: Vec<Life> = Vec::new();
    for _ in 0..kills {
        let portal = Process::node(&towns, &database, &[]).await;
        let (tell, mut told) = channel(AT_ONCE);
        let live = |_| live(portal.authority().to_owned(), folder.clone(), tell.clone());
        let mut people: JoinSet<Vec<Life>> = (0..AT_ONCE).map(live).collect();
        drop(tell);
        for _ in 0..=chance(10) {
            told.recv().await.expect("people are let in");
        }
        portal.signal("KILL");
        while told.recv().await.is_some() {}
        while let Some(some) = people.join_next().await {
            lives.extend(some.expect("people do not panic"));
        }
    }
    let portal = Process::node(&towns, &database, &[]).await;
    // the minute is over after which a job is free again whose node was killed
    database.tamper("update jobs set claimed_until = '2000-01-01T00:00:00+00:00' where state = 'running'").await;
    while database.number("select count(*) from jobs where kind <> 'registration-end'").await > 0 {
        tokio::task::yield_now().await;
    }
    let mails = letters_in(&folder);
    let mut here = 0;
    for life in &lives {
        let to = format!("To: {}", life.address());
        let of = |link: bool| mails.iter().filter(|mail| mail.contains(&to) && mail.contains(CONFIRM) == link).count();
        let (links, farewells) = (of(true), of(false));
        let Life { name, told, tried } = life;
        let fields = [("name", name.as_str()), ("password", OWN)];
        let is_here = match Browser::at(portal.authority(), OSTRAU).post("/anmelden/konto", &fields).await.status {
            303 => true,
            200 => false,
            other => panic!("{other}"),
        };
        here += i64::from(is_here);
        let state = format!("{name}: told {told:?}, asked {tried:?}, {links} links, {farewells} farewells, {is_here}");
        assert!(links == 1 || (links == 0 && *told < Stage::Asked), "{state}");
        assert_eq!(farewells, usize::from(*tried == Stage::Left && !is_here), "{state}");
        match (told, tried) {
            (Stage::Left, _) | (_, Stage::Nothing | Stage::Asked) => assert!(!is_here, "{state}"),
            (Stage::Made, Stage::Made) => assert!(is_here, "{state}"),
            // no answer came: it has happened, or not
            _ => {}
        }
    }
    assert_eq!(database.number("select count(*) from accounts").await, here, "one account each");
    assert_eq!(database.number("select count(*) from local_logins").await, here);
    let count = |stage: Stage| lives.iter().filter(|life| life.told == stage).count();
    let figures = [Stage::Nothing, Stage::Asked, Stage::Made, Stage::Left].map(|stage| (stage, count(stage)));
    println!("{kills} kills: {figures:?}, {here} accounts, {} mails", mails.len());
    assert!(count(Stage::Made) + count(Stage::Left) > 0, "nothing was tried");
}

/// One life after the other until no answer comes; every second one ends by leaving.
async fn live(authority: String, mails: std::path::PathBuf, tell: Sender<()>) -> Vec<Life> {
    let mut lives = Vec::new();
    for count in 0.. {
        let name = format!("person{:x}", RandomState::new().hash_one(()));
        let mut life = Life { name, told: Stage::Nothing, tried: Stage::Nothing };
        let went_on = lives_once(&authority, &mails, &tell, &mut life, count % 2 == 0).await;
        lives.push(life);
        if went_on.is_none() {
            break;
        }
    }
    lives
}

/// `None`: no answer came.
async fn lives_once(
    authority: &str,
    mails: &std::path::Path,
    tell: &Sender<()>,
    life: &mut Life,
    leaves: bool,
) -> Option<()> {
    let browser = Browser::at(authority, OSTRAU);
    let (name, address) = (life.name.clone(), life.address());
    let person = [("given_name", "Ida"), ("surname", "Beispiel"), ("email", &address), ("name", &name)];
    let fields: Vec<_> = person.into_iter().chain([("password", OWN), ("again", OWN)]).collect();
    browser.try_post("/registrieren", &fields).await.ok()?.is(303);
    life.tried = Stage::Asked;
    browser.try_post("/registrieren/pruefen", &[]).await.ok()?.is(303);
    life.told = Stage::Asked;
    tell.send(()).await.ok()?;
    let to = format!("To: {address}");
    let page = loop {
        if let Some(mail) = letters_in(mails).iter().find(|mail| mail.contains(&to)) {
            let (_, rest) = mail.split_once(CONFIRM)?;
            break format!("{CONFIRM}{}", rest.chars().take(43).collect::<String>());
        }
        browser.try_get("/registrieren/pruefen").await.ok()?.is(200);
    };
    life.tried = Stage::Made;
    browser.try_post(&page, &[]).await.ok()?.is(200).says("/anmelden/konto");
    life.told = Stage::Made;
    tell.send(()).await.ok()?;
    if leaves {
        browser.try_post("/anmelden/konto", &[("name", &name), ("password", OWN)]).await.ok()?.is(303);
        life.tried = Stage::Left;
        browser.try_post("/meine-daten/loeschen", &LEAVE).await.ok()?.is(200).says("Ihr Konto ist gelöscht");
        life.told = Stage::Left;
        tell.send(()).await.ok()?;
    }
    Some(())
}
