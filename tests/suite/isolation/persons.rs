//! Persons: whoever is somebody in one town – a citizen, a clerk, a clerk between password and code – is nobody in all
//! others, and at home only where they belong.
//!
//! What a town answers to a session, an id or a login of another town is compared with its answer to what nobody ever
//! had, byte for byte.

use std::collections::BTreeMap;

use portal_tests::{Answer, Browser, House, PDF, Towns};

use super::{NOBODY, SIGNS, essence, host, towns_with_signs};

/// Who is let in at a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// A login begins or ends here.
    Anybody,
    Citizen,
    /// A citizen with an account of the portal's own.
    Owner,
    /// A clerk who has given the password, and not yet the code.
    HalfAClerk,
    Clerk,
}

use Whom::{Anybody, Citizen, Clerk, HalfAClerk, Owner};

/// A route, who is let in, the address that is asked, and the form that is sent there. `{…}` stands for something that
/// [`Town::things`] names.
type Room = (&'static str, Whom, &'static str, &'static [(&'static str, &'static str)]);

/// Every route that is about persons. A new one that is missing here fails `the_matrix_knows_every_route`; one with an
/// id in its address or its form names it `{…}`, and [`Town::settle`] and [`Town::nothing`] say what that is.
const ROOMS: &[Room] = &[
    (
        "/anmelden/:provider",
        Anybody,
        "/anmelden/probe",
        &[("handle", "{login}"), ("person", "erika"), ("level", "hoch")],
    ),
    ("/registrieren", Anybody, "/registrieren", &[("name", "erika")]),
    ("/registrieren/pruefen", Anybody, "/registrieren/pruefen", &[]),
    ("/registrieren/bestaetigen/:link", Anybody, "/registrieren/bestaetigen/{link}", &[("name", "x")]),
    ("/passwort-vergessen", Anybody, "/passwort-vergessen", &[("email", "x")]),
    ("/passwort-vergessen/:link", Anybody, "/passwort-vergessen/{reset}", &[("new", "x")]),
    ("/saml/:provider/metadata", Anybody, "/saml/konto/metadata", &[]),
    ("/saml/:provider/acs", Anybody, "/saml/konto/acs", &[("RelayState", "{login}"), ("SAMLResponse", "x")]),
    ("/oidc/:provider/callback", Anybody, "/oidc/amt/callback?code=1&state={login}", &[]),
    ("/dienstleistungen/:slug/antrag", Anybody, "/dienstleistungen/antrag/antrag", &[]),
    ("/dienstleistungen/:slug/antrag/vorschau", Anybody, "/dienstleistungen/antrag/antrag/vorschau", &[]),
    ("/antraege/:id", Citizen, "/antraege/{draft}", &[("do", "extend")]),
    ("/antraege/:id/:schritt", Citizen, "/antraege/{draft}/eins", &[("name", "Anna")]),
    ("/antraege/:id/pruefen", Citizen, "/antraege/{draft}/pruefen", &[]),
    ("/antraege/:id/gesendet", Citizen, "/antraege/{draft}/gesendet", &[]),
    ("/antraege/:id/kopie.pdf", Citizen, "/antraege/{draft}/kopie.pdf", &[]),
    ("/antraege/:id/kopie.json", Citizen, "/antraege/{draft}/kopie.json", &[]),
    ("/antraege/:id/dateien/:datei", Citizen, "/antraege/{draft}/dateien/{file_of_draft}", &[]),
    ("/vorgaenge", Citizen, "/vorgaenge", &[]),
    ("/vorgaenge/:nummer/dateien/:datei", Citizen, "/vorgaenge/{number}/dateien/{file_of_case}", &[]),
    ("/postkorb/:id/dateien/:datei", Citizen, "/postkorb/{thread}/dateien/{file_of_thread}", &[]),
    (
        "/verwaltung/vorgaenge/:nummer/dateien/:datei",
        Clerk,
        "/verwaltung/vorgaenge/{number}/dateien/{file_of_case}?trotzdem=1",
        &[],
    ),
    (
        "/verwaltung/nachrichten/:id/dateien/:datei",
        Clerk,
        "/verwaltung/nachrichten/{free}/dateien/{file_of_free}?trotzdem=1",
        &[],
    ),
    ("/vorgaenge/:nummer", Citizen, "/vorgaenge/{number}", &[("do", "withdraw")]),
    ("/vorgaenge/:nummer/kopie.pdf", Citizen, "/vorgaenge/{number}/kopie.pdf", &[]),
    ("/vorgaenge/:nummer/kopie.json", Citizen, "/vorgaenge/{number}/kopie.json", &[]),
    ("/postkorb", Citizen, "/postkorb", &[]),
    ("/postkorb/neu", Citizen, "/postkorb/neu", &[("about", "vorgang:{number}"), ("subject", "x"), ("message", "x")]),
    ("/postkorb/:id", Citizen, "/postkorb/{thread}", &[("message", "x")]),
    ("/postkorb/:id/kopie.pdf", Citizen, "/postkorb/{thread}/kopie.pdf", &[]),
    ("/postkorb/:id/kopie.zip", Citizen, "/postkorb/{thread}/kopie.zip", &[]),
    ("/postkorb/:id/bescheide/:nachricht", Citizen, "/postkorb/{thread}/bescheide/{thread}", &[]),
    ("/api/v1/desk/cases", Clerk, "/api/v1/desk/cases", &[]),
    ("/api/v1/desk/cases/{number}", Clerk, "/api/v1/desk/cases/{number}", &[]),
    ("/api/v1/desk/cases/{number}/notes", Clerk, "/api/v1/desk/cases/{number}/notes", &[("text", "x")]),
    ("/api/v1/desk/statistics", Clerk, "/api/v1/desk/statistics", &[]),
    ("/meine-daten", Citizen, "/meine-daten", &[]),
    ("/meine-daten", Citizen, "/en/meine-daten", &[]),
    ("/meine-daten/einsicht", Citizen, "/meine-daten/einsicht", &[]),
    ("/meine-daten/export", Citizen, "/meine-daten/export", &[]),
    ("/meine-daten/loeschen", Citizen, "/meine-daten/loeschen", &[("do", "stay")]),
    ("/meine-daten/sitzungen", Citizen, "/meine-daten/sitzungen", &[("end", "{session}")]),
    ("/meine-daten/sicherheit", Owner, "/meine-daten/sicherheit", &[("do", "app"), ("code", "123456")]),
    (
        "/meine-daten/aendern",
        Citizen,
        "/meine-daten/aendern",
        &[("email", "erika@example.org"), ("phone", "05732 1000")],
    ),
    ("/meine-daten/e-mail/:link", Citizen, "/meine-daten/e-mail/{confirmation}", &[]),
    ("/meine-daten/einspruch/:link", Anybody, "/meine-daten/einspruch/{login}", &[]),
    ("/meine-daten/altes-konto", Citizen, "/meine-daten/altes-konto", &[("email", "erika@example.org")]),
    ("/meine-daten/altes-konto/:link", Citizen, "/meine-daten/altes-konto/{login}", &[]),
    ("/verwaltung/umzuege", Clerk, "/verwaltung/umzuege", &[("move", "{session}"), ("reason", "x")]),
    ("/verwaltung/anmelden/:provider", Anybody, "/verwaltung/anmelden/amt", &[]),
    ("/verwaltung/anmelden/code", HalfAClerk, "/verwaltung/anmelden/code", &[("code", "{code}")]),
    ("/api/v1/cases", Citizen, "/api/v1/cases", &[]),
    ("/api/v1/cases/{number}", Citizen, "/api/v1/cases/{number}", &[]),
    ("/api/v1/threads", Citizen, "/api/v1/threads", &[]),
    ("/api/v1/threads/{id}", Citizen, "/api/v1/threads/{thread}", &[]),
    ("/api/v1/threads/{id}/messages", Citizen, "/api/v1/threads/{thread}/messages", &[("text", "x")]),
    ("/verwaltung", Clerk, "/verwaltung", &[]),
    ("/verwaltung/vorgaenge", Clerk, "/verwaltung/vorgaenge", &[]),
    ("/verwaltung/vorgaenge/neu", Clerk, "/verwaltung/vorgaenge/neu", &[]),
    ("/verwaltung/vorgaenge/:nummer", Clerk, "/verwaltung/vorgaenge/{number}", &[("do", "note"), ("note", "x")]),
    ("/verwaltung/vorgaenge/:nummer/akte.zip", Clerk, "/verwaltung/vorgaenge/{number}/akte.zip", &[]),
    ("/verwaltung/uebergaben", Clerk, "/verwaltung/uebergaben", &[("delivery", "{thread}")]),
    ("/verwaltung/vorgaenge/:nummer/briefe/:brief", Clerk, "/verwaltung/vorgaenge/{on_paper}/briefe/{letter}", &[]),
    ("/verwaltung/vorgaenge/:nummer/nachrichten.pdf", Clerk, "/verwaltung/vorgaenge/{number}/nachrichten.pdf", &[]),
    ("/verwaltung/post", Clerk, "/verwaltung/post", &[("letter", "{letter}")]),
    ("/verwaltung/vertretung", Clerk, "/verwaltung/vertretung", &[("do", "end")]),
    ("/verwaltung/nachrichten", Clerk, "/verwaltung/nachrichten", &[]),
    ("/verwaltung/nachrichten/:id", Clerk, "/verwaltung/nachrichten/{thread}", &[("text", "x")]),
    ("/verwaltung/nachrichten/:id/kopie.pdf", Clerk, "/verwaltung/nachrichten/{thread}/kopie.pdf", &[]),
    ("/verwaltung/statistik", Clerk, "/verwaltung/statistik", &[]),
    ("/verwaltung/statistik.csv", Clerk, "/verwaltung/statistik.csv", &[]),
    ("/verwaltung/passwort", Clerk, "/verwaltung/passwort", &[]),
    ("/verwaltung/abmelden", Clerk, "/verwaltung/abmelden", &[]),
];

/// Where nobody is asked who they are, and everybody may be greeted.
const FOR_EVERYBODY: [&str; 6] =
    ["/", "/faq", "/dienstleistungen/hund-anmelden", "/anmelden", "/abmelden", "/verwaltung/anmelden"];

/// The cookies by which somebody is known again.
const COOKIES: [&str; 5] = ["__Host-session", "__Host-login", "__Host-staff", "__Host-draft", "__Host-registration"];

pub fn routes() -> impl Iterator<Item = &'static str> {
    let mut routes: Vec<_> = ROOMS.iter().map(|(route, ..)| *route).collect();
    routes.dedup();
    routes.into_iter()
}

/// What ids belong to somebody, by the names in [`ROOMS`].
type Things = BTreeMap<&'static str, String>;

/// A town with somebody of each kind in it.
struct Town {
    sign: &'static str,
    people: Vec<(Whom, Browser)>,
    /// Ids of what belongs to its people, by the names in [`ROOMS`].
    things: Things,
}

impl Town {
    async fn settle(house: &House, sign: &'static str) -> Self {
        let host = host(sign);
        let (citizen, elsewhere) =
            (house.citizen(&host, "erika", "hoch").await, house.citizen(&host, "erika", "basis").await);
        let clerk = house.clerk(&host, "ganz", &format!("Petra {sign}")).await;
        let half = house.half_a_clerk(&host, "halb", &format!("Paul {sign}")).await;
        let page = citizen.get("/meine-daten/sitzungen").await.is(200).text();
        let mut values = page.split("value=\"").filter_map(|rest| rest.split('"').next());
        let session = values.find(|value| value.len() == 36).expect("the list names its sessions").to_owned();
        let draft = citizen.begins("antrag").await;
        let step = format!("/antraege/{draft}/eins");
        let page = citizen.post_files(&step, &[("do", "upload")], &[("datei", "Datei.pdf", PDF)]).await.is(200);
        let file_of_draft = file_on(&page);
        let sent = submits(&citizen).await;
        // a new address that waits for its click, and for an objection
        let mine = citizen.get("/meine-daten/aendern").await.is(200);
        assert!(mine.text().contains(sign));
        let new = [("email", "neu@example.org"), ("phone", ""), ("language", "de"), ("notify", "on")];
        citizen.post("/meine-daten/aendern", &new).await.is(303);
        house.work_off().await;
        let links = house.links(sign, "/meine-daten/e-mail/");
        let link = links.first().and_then(|link| link.rsplit('/').next());
        let confirmation = link.expect("a mail with a link").to_owned();
        let login = house.browser(&host).get("/anmelden/probe").await.is(200).field("handle");
        let code = house.code(&half.get("/verwaltung/anmelden/code").await.is(200).secret());
        let owner = house.owner(&host, "besitzt", "besitzt@example.org").await;
        house.browser(&host).post("/passwort-vergessen", &[("email", "besitzt@example.org")]).await.is(200);
        let reset = house.link_to(sign, "besitzt@example.org", "/passwort-vergessen/").await;
        house.registers(&host, "wartet", "wartet@example.org").await;
        let link = house.link_to(sign, "wartet@example.org", "/registrieren/bestaetigen/").await;
        let things = [("session", session), ("login", login), ("code", code), ("draft", draft)];
        let things = things.into_iter().chain([("file_of_draft", file_of_draft)]).chain(sent);
        let things = things.chain(writes_a_letter(&clerk).await);
        let things = things.chain([("link", link), ("reset", reset), ("confirmation", confirmation)]).collect();
        Self {
            sign,
            people: vec![(Citizen, citizen), (Citizen, elsewhere), (Owner, owner), (HalfAClerk, half), (Clerk, clerk)],
            things,
        }
    }

    /// What the things of nobody are called.
    fn nothing() -> Things {
        let session = "00000000-0000-4000-8000-000000000000".to_owned();
        let code = "987654".to_owned();
        [("session", session.clone()), ("login", nobodys_token()), ("code", code), ("draft", session.clone())]
            .into_iter()
            .chain(["number", "on_paper"].map(|number| (number, "ABC-2026-483921-7".to_owned())))
            .chain(["link", "reset", "confirmation"].map(|link| (link, nobodys_token())))
            .chain(["thread", "free", "letter"].map(|id| (id, session.clone())))
            .chain(FILES.map(|file| (file, session.clone())))
            .collect()
    }

    /// The cookie that lets somebody in.
    fn token(whom: Whom, browser: &Browser) -> String {
        browser.cookie(cookie_of(whom)).expect("somebody has logged in")
    }
}

/// A department that every town has.
const OFFICE: &str = "amt:steueramt";
const FILES: [&str; 4] = ["file_of_draft", "file_of_case", "file_of_thread", "file_of_free"];

/// The id of the last file that a page leads to.
fn file_on(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text.rsplit_once("/dateien/").expect("the page leads to a file");
    rest.chars().take(36).collect()
}

/// A case with a message about it, and a message about nothing, each with a file.
async fn submits(citizen: &Browser) -> Vec<(&'static str, String)> {
    let draft = citizen.begins("antrag").await;
    let (step, files) = (format!("/antraege/{draft}/eins"), [("datei", "Datei.pdf", PDF)]);
    citizen.post_files(&step, &[("name", "Anna")], &files).await.is(303);
    let number = citizen.submits(&draft).await;
    let file_of_case = file_on(&citizen.get(&format!("/vorgaenge/{number}")).await.is(200));
    let mut things = vec![("file_of_case", file_of_case)];
    let about = [("thread", "file_of_thread", format!("vorgang:{number}")), ("free", "file_of_free", OFFICE.into())];
    for (thread, file, about) in about {
        let message = [("about", about.as_str()), ("subject", "Frage"), ("message", "Wie lange dauert es?")];
        let sent = citizen.post_files("/postkorb/neu", &message, &[("files", "Datei.pdf", PDF)]).await.is(303);
        let path = sent.header("location").split('?').next().unwrap_or_default().to_owned();
        things.push((file, file_on(&citizen.get(&path).await.is(200))));
        things.push((thread, path.trim_start_matches("/postkorb/").to_owned()));
    }
    things.push(("number", number));
    things
}

/// A case of somebody without an account, and a letter about it.
async fn writes_a_letter(clerk: &Browser) -> [(&'static str, String); 2] {
    let paper = [("service", "antrag"), ("channel", "paper"), ("applicant", "Ödön"), ("text", "x")];
    let entered = clerk.post("/verwaltung/vorgaenge/neu", &paper).await.is(303);
    let case = entered.header("location").split('?').next().unwrap_or_default().to_owned();
    let number = case.trim_start_matches("/verwaltung/vorgaenge/").to_owned();
    clerk.does(&number, &[("do", "message"), ("text", "Wir sind dran.")]).await.is(303);
    let letter = clerk.get("/verwaltung/post").await.is(200).field("letter");
    [("on_paper", number), ("letter", letter)]
}

fn cookie_of(whom: Whom) -> &'static str {
    if matches!(whom, Citizen | Owner) { "__Host-session" } else { "__Host-staff" }
}

fn nobodys_token() -> String {
    "A".repeat(43)
}

fn towns() -> Towns {
    let towns = towns_with_signs();
    for sign in SIGNS {
        towns.change(&format!("{sign}/tenant.yaml"), "status: live", "status: preview");
        let known = towns.read(&format!("{sign}/identity.yaml"));
        let probe = format!(
            "  - {{id: probe, kind: simulator, name: Probe-{sign}}}\n  - {{id: eigenes, kind: local, for: citizens, name: Eigenes-{sign}}}\n"
        );
        towns.write(&format!("{sign}/identity.yaml"), known + &probe);
        let form = format!(
            "title: Antrag-{sign}\nsteps: [{{id: eins, title: Schritt-{sign}, fields: [{{id: name, kind: text, label: Name}}, {{id: datei, kind: file, label: Datei, optional: true}}]}}]\n"
        );
        towns.write(&format!("{sign}/forms/antrag.yaml"), form);
        let service = format!("title: Antrag-{sign}\nshort: Kurz.\nonline: {{kind: form, form: antrag}}\n");
        towns.write(&format!("{sign}/services/antrag.yaml"), service);
    }
    towns
}

/// Asks in both ways, with one text in all these cookies.
async fn asked(house: &House, host: &str, room: Room, cookies: &[&str], token: &str, things: &Things) -> [Answer; 2] {
    let filled = |text: &str| {
        let name = |(name, value): (&&'static str, &String)| (format!("{{{name}}}"), value.clone());
        things.iter().map(name).fold(text.to_owned(), |text, (name, value)| text.replace(&name, &value))
    };
    let someone = || {
        let browser = house.browser(host);
        cookies.iter().for_each(|cookie| browser.takes(cookie, token));
        browser
    };
    let (_, _, path, form) = room;
    let form: Vec<(&str, String)> = form.iter().map(|(name, value)| (*name, filled(value))).collect();
    let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    [someone().get(&filled(path)).await, someone().post(&filled(path), &fields).await]
}

/// What was said to somebody, without what is new in every answer, and without what they brought along.
fn said(answer: &Answer, things: &Things) -> (u16, String, String) {
    let (status, mut text, mut headers) = essence(answer, NOBODY, "HASH");
    // the longest first: a short one may stand within it
    let mut values: Vec<&String> = things.values().collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for value in values {
        text = text.replace(value, "THING");
        headers = headers.replace(value, "THING");
    }
    for field in ["handle", "once"] {
        if let Some((before, rest)) = text.split_once(&format!("name=\"{field}\" value=\"")) {
            let (_, after) = rest.split_once('"').expect("the value ends");
            text = format!("{before}DRAWN{after}");
        }
    }
    let headers = headers.lines().filter(|line| !line.starts_with("set-cookie: \"__Host-login")).collect::<Vec<_>>();
    (status, text, headers.join("\n"))
}

/// How many answers are the same as those that nobody gets.
#[track_caller]
fn same(answers: &[Answer], things: &Things, (nobodys, missing): (&[Answer; 2], &Things), what: &str) -> usize {
    for (answer, nobodys) in answers.iter().zip(nobodys) {
        let (said, to_nobody) = (said(answer, things), said(nobodys, missing));
        assert!(said == to_nobody, "{what}:\n{said:#?}\nand nobody is told\n{to_nobody:#?}");
    }
    answers.len()
}

#[track_caller]
fn tells_nothing_of(answer: &Answer, sign: &str, what: &str) {
    let all = format!("{:?} {}", answer.headers, answer.text()).to_lowercase();
    assert!(!all.contains(sign), "{what} speaks of {sign}: {all}");
}

#[tokio::test]
async fn whoever_is_somebody_in_one_town_is_nobody_in_the_others_and_at_home_only_where_they_belong() {
    let house = House::open(towns()).await;
    let mut towns = Vec::new();
    for sign in SIGNS {
        towns.push(Town::settle(&house, sign).await);
    }
    let mut compared = 0;
    for (there, room) in towns.iter().flat_map(|there| ROOMS.iter().map(move |room| (there, *room))) {
        let (_, let_in, path, form) = room;
        let at = host(there.sign);
        let nothing = Town::nothing();
        let abroad = asked(&house, &at, room, &COOKIES, &nobodys_token(), &nothing).await;
        let at_home = asked(&house, &at, room, &[cookie_of(let_in)], &nobodys_token(), &there.things).await;
        for (here, (whom, browser)) in
            towns.iter().flat_map(|here| here.people.iter().map(move |person| (here, person)))
        {
            let token = Town::token(*whom, browser);
            let is_home = here.sign == there.sign;
            let (cookies, nobody): (&[&str], _) = match is_home {
                true => (&[cookie_of(let_in)], &at_home),
                false => (&COOKIES, &abroad),
            };
            let are_citizens = [*whom, let_in].iter().all(|one| matches!(one, Citizen | Owner));
            if is_home && (*whom == let_in || let_in == Anybody || are_citizens) {
                continue;
            }
            let what = format!("{path} of {} asked by {whom:?} of {}", there.sign, here.sign);
            let answers = asked(&house, &at, room, cookies, &token, &here.things).await;
            let of_nobody = if is_home { &here.things } else { &nothing };
            compared += same(&answers, &here.things, (nobody, of_nobody), &what);
            if !is_home {
                answers.iter().for_each(|answer| tells_nothing_of(answer, here.sign, &what));
            }
        }
        // somebody of this town asks for what belongs to another one
        let names_a_thing = path.contains('{') || form.iter().any(|(_, value)| value.contains('{'));
        let own = there.people.iter().filter(|(whom, _)| names_a_thing && *whom == let_in);
        for (here, (whom, browser)) in towns.iter().flat_map(|here| own.clone().map(move |person| (here, person))) {
            if here.sign == there.sign {
                continue;
            }
            let what = format!("{path} of {} with what is {}'s", there.sign, here.sign);
            let (token, cookies) = (Town::token(*whom, browser), [cookie_of(*whom)]);
            let missing = asked(&house, &at, room, &cookies, &token, &nothing).await;
            let foreign = asked(&house, &at, room, &cookies, &token, &here.things).await;
            compared += same(&foreign, &here.things, (&missing, &nothing), &what);
            foreign.iter().for_each(|answer| tells_nothing_of(answer, here.sign, &what));
        }
    }
    println!("{compared} answers compared");
    // all of it has touched nobody
    for town in &towns {
        let draft = format!("/antraege/{}/eins", town.things["draft"]);
        let of_a_citizen = (Citizen, draft.as_str());
        // a table of numbers names no town
        // and these ask for an ID, a move that is open, and a permission that none of them has
        let shut = ["/verwaltung/abmelden", "/meine-daten/aendern", "/meine-daten/altes-konto", "/verwaltung/umzuege"];
        let speaks = |path: &str| !path.contains('{') && !shut.contains(&path) && !path.ends_with(".csv");
        let rooms = ROOMS.iter().map(|(_, let_in, path, _)| (*let_in, *path)).chain([of_a_citizen]);
        for (let_in, path) in rooms.filter(|(_, path)| speaks(path)) {
            for (_, browser) in town.people.iter().filter(|(whom, _)| *whom == let_in) {
                let page = browser.get(path).await.is(200).text().to_lowercase();
                assert!(page.contains(town.sign), "{path} of {} does not speak of it", town.sign);
            }
        }
    }
}

#[tokio::test]
async fn a_page_for_everybody_greets_nobody_with_a_session_of_another_town() {
    let house = House::open(towns()).await;
    for own in SIGNS {
        let citizen = house.citizen(&host(own), "erika", "hoch").await;
        let token = Town::token(Citizen, &citizen);
        citizen.get("/faq").await.is(200).says("Mustermann");
        for other in SIGNS.into_iter().filter(|other| *other != own) {
            for path in FOR_EVERYBODY {
                let browser = house.browser(&host(other));
                COOKIES.iter().for_each(|cookie| browser.takes(cookie, &token));
                let answer = browser.get(path).await.is(200).is_silent_about("Mustermann");
                tells_nothing_of(&answer, own, path);
                assert!(answer.text().to_lowercase().contains(other), "{path} of {other} does not speak of it");
            }
        }
    }
    let stranger = house.browser(&host(NOBODY));
    stranger.get("/meine-daten").await.is(421);
}
