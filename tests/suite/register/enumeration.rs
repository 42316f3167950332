//! Nobody learns by asking who is known here: what is answered, and the work behind it, is the same for everybody.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use portal::web::metrics;
use portal_tests::{Answer, Browser, OSTRAU, OWN};
use tracing::{Event, Metadata, Subscriber, field, span};

use super::{ANNA, house};

/// Counts what goes to the database, but for the ends of transactions, which come when they come.
struct Statements;

/// How a statement begins, as the log of the database has it.
struct Deed(bool);

impl field::Visit for Deed {
    fn record_str(&mut self, field: &field::Field, text: &str) {
        let is_deed = |word: &&str| text.trim_start().to_lowercase().starts_with(word);
        self.0 |= field.name() == "summary" && ["select", "insert", "update", "delete"].iter().any(is_deed);
    }

    fn record_debug(&mut self, field: &field::Field, value: &dyn fmt::Debug) {
        self.record_str(field, format!("{value:?}").trim_matches('"'));
    }
}

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &Event<'_>) {
        let mut deed = Deed(false);
        event.record(&mut deed);
        STATEMENTS.fetch_add(usize::from(deed.0), SeqCst);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

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
    let before = (STATEMENTS.load(SeqCst), passwords());
    let answer: Answer = match fields {
        Some(fields) => browser.post(path, fields).await,
        None => browser.get(path).await,
    };
    let work = (STATEMENTS.load(SeqCst) - before.0, passwords() - before.1);
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
    tracing::subscriber::set_global_default(Statements).expect("nobody else listens");
    let house = house().await;
    house.owner(OSTRAU, "anna", ANNA).await;
    house.registers(OSTRAU, "wartet", "wartet@example.org").await;
    assert!(STATEMENTS.load(SeqCst) > 20 && passwords() > 2, "the counters count");

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
        let asked = told(&house.browser(OSTRAU), "/passwort-vergessen", Some(&[("email", address)]), &own).await;
        forgotten.push(asked);
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
