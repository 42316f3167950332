//! Nobody learns by asking who is known here: what is answered, and the work behind it, is the same for everybody.

use portal::web::metrics;
use portal_tests::{
    Answer, Browser, OSTRAU, OWN,
    measure::{asked, count_statements},
};

use super::{ANNA, house};

fn passwords() -> u64 {
    let text = metrics::install().render();
    let line = text.lines().find(|line| line.starts_with(metrics::PASSWORDS));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_default()
}

/// An answer with all that could tell something, and the work it took: statements, passwords.
#[derive(Clone, PartialEq, Eq)]
struct Told {
    status: u16,
    headers: Vec<String>,
    text: String,
    work: (usize, u64),
}

async fn told(browser: &Browser, path: &str, fields: Option<&[(&str, &str)]>, own: &[&str]) -> Told {
    let before = (asked(), passwords());
    let answer: Answer = match fields {
        Some(fields) => browser.post(path, fields).await,
        None => browser.get(path).await,
    };
    let work = (asked() - before.0, passwords() - before.1);
    let drawn = |text: String| own.iter().fold(text, |text, own| text.replace(own, "OWN"));
    let headers = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"));
    // a cookie is drawn anew each time
    let plain = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        let value = value.to_str().unwrap_or_default();
        let value = if name == "set-cookie" { value.split_once(';').map_or("", |(_, rest)| rest) } else { value };
        format!("{name}: {value}")
    };
    let mut headers: Vec<String> = headers.map(plain).collect();
    headers.retain(|line| !line.starts_with("etag") && !line.starts_with("content-length"));
    headers.sort();
    Told { status: answer.status, headers, text: drawn(answer.text()), work }
}

#[track_caller]
fn same(one: &Told, other: &Told, who: &str) {
    assert_eq!((one.status, one.work), (other.status, other.work), "{who}");
    assert_eq!(one.headers, other.headers, "{who}");
    let differ = one.text.lines().zip(other.text.lines()).find(|(one, other)| one != other);
    assert!(one.text == other.text, "{who}: {differ:?}");
}

#[tokio::test]
async fn known_and_unknown_are_answered_alike_with_the_same_work() {
    metrics::install();
    count_statements();
    let house = house().await;
    house.owner(OSTRAU, "anna", ANNA).await;
    house.registers(OSTRAU, "wartet", "wartet@example.org").await;
    assert!(asked() > 20 && passwords() > 2, "the counters count");

    // (name, address): both known, one of them, one that waits, none
    let people = [
        ("anna", ANNA),
        ("anna", "bert@example.org"),
        ("bert", ANNA),
        ("wartet", "wartet@example.org"),
        ("cleo", "cleo@example.org"),
    ];
    let mut registered: Vec<[Told; 4]> = Vec::new();
    let mut forgotten = Vec::new();
    let mut guessed = Vec::new();
    for (name, address) in people {
        let browser = house.browser(OSTRAU);
        let own = [address, name];
        let fields = [
            ("given_name", "Ida"),
            ("surname", "Beispiel"),
            ("email", address),
            ("name", name),
            ("password", OWN),
            ("again", OWN),
        ];
        registered.push([
            told(&browser, "/registrieren", Some(&fields), &own).await,
            told(&browser, "/registrieren/pruefen", None, &own).await,
            told(&browser, "/registrieren/pruefen", Some(&[]), &own).await,
            told(&browser, "/registrieren/pruefen", None, &own).await,
        ]);
        forgotten.push(told(&house.browser(OSTRAU), "/passwort-vergessen", Some(&[("email", address)]), &own).await);
        let guess = [("name", name), ("password", "ein falsches Passwort")];
        guessed.push(told(&house.browser(OSTRAU), "/anmelden/konto", Some(&guess), &own).await);
        house.work_off().await;
        // also when the mail is written, or none is
        let later = told(&browser, "/registrieren/pruefen", None, &own).await;
        same(&later, &registered[0][3], name);
    }
    for person in 1..people.len() {
        let who = format!("{:?}", people[person]);
        registered[person].iter().zip(&registered[0]).for_each(|(one, other)| same(one, other, &who));
        same(&guessed[person], &guessed[0], &who);
        let work = guessed[0].work;
        // who asks for an address a second time within a minute sends no second order: that is told by the clock alone
        same(&Told { work, ..forgotten[person].clone() }, &Told { work, ..forgotten[0].clone() }, &who);
    }
    let first_of_its_address = [0, 1, 3, 4];
    assert!(first_of_its_address.iter().all(|person| forgotten[*person].work == forgotten[0].work));
    assert_eq!(registered[0][0].work.1, 1, "one password is hashed");
    assert_eq!(guessed[0].work.1, 1, "and one is looked at, whether or not there is one");
    assert_eq!(forgotten[0].work.1, 0);
}
