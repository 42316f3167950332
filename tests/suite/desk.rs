//! The clerks' desk: a case from its arrival to its end, two clerks at once, and whose cases are whose.

mod copies;
mod decisions;
mod entered;
mod letters;
mod sharing;

use portal_tests::{Answer, Browser, House, OSTRAU, PDF, Towns, WESTRAU};

const NEW: &str = "/verwaltung/vorgaenge/neu";

const FORM: &str = r"
title: {de: Hund anmelden, en: Register a dog}
login: basis
department: steueramt
answer_days: 14
keep_days: 365
steps:
  - id: hund
    title: Ihr Hund
    fields:
      - {id: vorname, kind: name, label: Vorname, prefill: given_name}
      - {id: name, kind: name, label: Name, prefill: surname}
      - {id: rufname, kind: text, label: Rufname}
";

const LETTERS: &str = r#"
fehlt:
  title: Es fehlt etwas
  for: request
  text: "Guten Tag {applicant}, zu {service} ({number}) brauchen wir **bis {due}** noch etwas. {clerk}"
bescheid:
  title: Bescheid
  for: decision
  text: "Guten Tag {applicant}, wir geben statt. {clerk}"
"#;

const REGIMES: &str = r"
abgaben:
  name: Abgaben
  basis: § 122a AO
  counts_from: provided
  days: 4
  weekend: next_working_day
  text: Der Bescheid gilt nach vier Tagen.
";

fn towns() -> Towns {
    let towns = Towns::with_simulator();
    for town in ["ostrau", "westrau"] {
        towns.write(&format!("{town}/forms/hund.yaml"), FORM);
        towns.write(&format!("{town}/letters.yaml"), LETTERS);
        towns.write(&format!("{town}/regimes.yaml"), REGIMES);
        let service = "title: Hund anmelden\nshort: Kurz.\nonline: {kind: form, form: hund}\nregime: abgaben\n\
            remedy: Sie können Klage erheben.\n";
        towns.write(&format!("{town}/services/antrag.yaml"), service);
    }
    // every service of the layer is offered in one, some in the other
    towns.change("ostrau/tenant.yaml", "services: [", "services: [antrag, ");
    towns
}

async fn house() -> House {
    House::open(towns()).await
}

/// The number of a case that somebody has just sent.
async fn sends(citizen: &Browser, dog: &str) -> String {
    let draft = citizen.begins("antrag").await;
    let answers = [("vorname", "Erika"), ("name", "Mustermann"), ("rufname", dog)];
    citizen.post(&format!("/antraege/{draft}/hund"), &answers).await.is(303);
    citizen.submits(&draft).await
}

/// What is typed in about an application on paper.
fn paper(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut fields =
        vec![("service", "antrag"), ("channel", "paper"), ("applicant", "Jürgen Ödön"), ("text", "Ein Dackel.")];
    fields.push(("department", "steueramt"));
    fields.extend(more);
    fields
}

/// The number of a case that was just entered.
async fn enters(clerk: &Browser, more: &[(&'static str, &'static str)]) -> String {
    let entered = clerk.post(NEW, &paper(more)).await.is(303);
    entered.header("location").split(['/', '?']).nth(3).expect("a number").to_owned()
}

/// The address of the first letter that a page leads to.
fn pdf_of(page: &Answer) -> String {
    let text = page.text();
    let mut addresses = text.split("href=\"").filter_map(|rest| rest.split('"').next());
    addresses.find(|address| address.contains("/briefe/")).expect("a letter").to_owned()
}

fn at(number: &str) -> String {
    format!("/verwaltung/vorgaenge/{number}")
}

#[tokio::test]
async fn a_case_goes_from_the_work_list_to_the_decision() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let citizen = house.citizen(host, "erika", "hoch").await;
        let number = sends(&citizen, "Waldi").await;
        let petra = house.petra(host).await;
        petra.get("/verwaltung").await.is(200).says("<strong>1</strong> <span>neu eingegangen</span>");
        petra.get("/verwaltung/vorgaenge").await.is(200).says(&number).says("Mustermann").says("desk-state-submitted");

        // the first look is what the citizen calls arrived
        petra.get(&at(&number)).await.is(200).says("Waldi").says("desk-state-received").says("Steueramt");
        citizen.get(&format!("/vorgaenge/{number}")).await.is(200).says("standing-received");
        petra.does(&number, &[("do", "claim")]).await.is(303);
        petra.get("/verwaltung/vorgaenge?meine=1").await.is(200).says(&number).says("desk-state-processing");

        // asking, with a letter of the town's
        let letter = petra.get(&format!("{}?vorlage=fehlt", at(&number))).await.is(200);
        let letter = letter.says(&format!("zu Hund anmelden ({number}) brauchen wir bis ")).says("Petra Klarname");
        letter.is_silent_about("{applicant}");
        petra.does(&number, &[("do", "ask"), ("text", "Bitte den Versicherungsschein.")]).await.is(303);
        let wanted = citizen.get(&format!("/vorgaenge/{number}")).await.is(200).says("standing-action_required");
        wanted.says("Bitte den Versicherungsschein.");
        petra.get(&at(&number)).await.is(200).says("Noch nicht gelesen");

        // reading and answering
        let thread = citizen.get("/postkorb").await.is(200).threads().remove(0);
        citizen.get(&thread).await.is(200).says("Versicherungsschein");
        citizen.post(&thread, &[("do", "answer"), ("message", "Liegt bei: Nummer 4711.")]).await.is(303);
        petra.get("/verwaltung").await.is(200).says("<strong>1</strong> <span>Antworten zu Vorgängen</span>");
        petra.get("/verwaltung/vorgaenge").await.is(200).says("Neue Nachricht");
        petra.get(&at(&number)).await.is(200).says("Nummer 4711").says("Gelesen am").says("desk-state-processing");
        petra.get("/verwaltung").await.is(200).says("<strong>0</strong> <span>Antworten zu Vorgängen</span>");

        // deciding ends it
        let letter = petra.get(&format!("{}?vorlage=bescheid", at(&number))).await.is(200);
        letter.says("Der Bescheid gilt nach vier Tagen.").says("Sie können Klage erheben.");
        petra.does(&number, &[("do", "decide"), ("text", "Wir geben statt.")]).await.is(303);
        let page = petra.get(&at(&number)).await.is(200).says("desk-state-completed").says("Liegt im Postkorb");
        page.says("§ 122a AO")
            .says("Sie können Klage erheben.")
            .says("Wieder aufnehmen")
            .is_silent_about("Entscheiden");
        citizen.get(&format!("/vorgaenge/{number}")).await.is(200).says("standing-completed");
        petra.get("/verwaltung/vorgaenge").await.is(200).is_silent_about(&number);
        petra.get("/verwaltung/vorgaenge?stand=erledigt").await.is(200).says(&number);
        petra.get("/verwaltung/statistik").await.is(200).says("Monaten: 1<").says("Steueramt");
        petra.get("/verwaltung/statistik.csv").await.is(200).says("2026-11;\"Steueramt\";\"Abgeschlossen\";1");
    }
}

#[tokio::test]
async fn two_clerks_notice_each_other_and_no_word_is_lost() {
    let house = house().await;
    let citizen = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&citizen, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    let paul = house.clerk_of(OSTRAU, "paul", "Paul Muster", "sachbearbeitung", Some("steueramt")).await;
    petra.get(&at(&number)).await.is(200);
    let open = petra.get(&at(&number)).await.is(200);
    paul.does(&number, &[("do", "claim")]).await.is(303);
    let refused = petra.does_on(&open, &number, &[("do", "decide"), ("text", "Wir lehnen das ab.")]).await.is(409);
    let refused = refused.says("Jemand war schneller").says("Übernommen").says("Paul Muster");
    let refused = refused.says("Wir lehnen das ab.</textarea>").says("desk-state-processing");
    // from the page that tells it, she can go on
    petra.does_on(&refused, &number, &[("do", "decide"), ("text", "Wir lehnen das ab.")]).await.is(303);
    // and what is decided is not decided again
    let over = petra.get(&at(&number)).await.is(200);
    petra.does_on(&over, &number, &[("do", "decide"), ("text", "Doch nicht.")]).await.is(409);
    petra.does_on(&over, &number, &[("do", "claim")]).await.is(409);
    petra.get(&at(&number)).await.is(200).is_silent_about("Doch nicht.");
    // notes are nobody's conflict
    let note = [("do", "note"), ("note", "Am Telefon geklärt."), ("revision", "1"), ("seen", "0")];
    paul.post(&at(&number), &note).await.is(303);
    petra.get(&at(&number)).await.is(200).says("Am Telefon geklärt.");
    citizen.get(&format!("/vorgaenge/{number}")).await.is(200).is_silent_about("Am Telefon geklärt.");
}

#[tokio::test]
async fn a_case_of_another_department_opens_after_a_reason_and_a_role_ends_where_it_ends() {
    let house = house().await;
    let citizen = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&citizen, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    let paul = house.clerk_of(OSTRAU, "paul", "Paul Muster", "sachbearbeitung", Some("buergerbuero")).await;
    paul.get("/verwaltung/vorgaenge").await.is(200).is_silent_about(&number);
    paul.get("/verwaltung/vorgaenge?amt=steueramt").await.is(200).says(&number).is_silent_about("Mustermann");
    let words = [("amt", "steueramt"), ("text", "muster")];
    paul.post("/verwaltung/vorgaenge", &words).await.is(200).is_silent_about(&number);
    let asked = paul.get(&at(&number)).await.is(200).says("Warum öffnen Sie diesen Vorgang?").says("Steueramt");
    asked.is_silent_about("Waldi").is_silent_about("Mustermann");
    let claim = [("do", "claim"), ("revision", "1"), ("seen", "1")];
    paul.post(&at(&number), &claim).await.is(422).is_silent_about("Waldi");
    paul.post(&at(&number), &[("do", "reason"), ("reason", " ")]).await.is(422).is_silent_about("Waldi");
    paul.post(&at(&number), &[("do", "reason"), ("reason", "Anruf der Halterin")]).await.is(303);
    paul.get(&at(&number)).await.is(200).says("Waldi");
    petra.get(&at(&number)).await.is(200).says("Von anderer Abteilung gelesen").says("Anruf der Halterin");
    citizen.get(&format!("/vorgaenge/{number}")).await.is(200).is_silent_about("Anruf der Halterin");

    // passed on to the citizens' office it is out of reach for whoever works for the tax office alone
    petra.does(&number, &[("do", "department"), ("department", "buergerbuero")]).await.is(303);
    let taxes = house.clerk_of(OSTRAU, "tina", "Tina Steuer", "steuern", None).await;
    taxes.get(&at(&number)).await.is(403);
    taxes.post(&at(&number), &[("do", "reason"), ("reason", "Neugier")]).await.is(403);
    taxes.get("/verwaltung/vorgaenge?amt=buergerbuero").await.is(200).is_silent_about(&number);
    taxes.get("/verwaltung/vorgaenge?amt=alle").await.is(200).is_silent_about(&number);
    taxes.get("/verwaltung/statistik").await.is(200).says("Monaten: 0<");
    // and whoever keeps the accounts sees no cases
    let admin = house.clerk_of(OSTRAU, "admin", "Ada Min", "administration", None).await;
    admin.get("/verwaltung").await.is(200).is_silent_about("/verwaltung/vorgaenge");
    for path in ["/verwaltung/vorgaenge", "/verwaltung/vorgaenge/neu", "/verwaltung/nachrichten", &at(&number)] {
        admin.get(path).await.is(403);
    }
    // another town knows nothing of it
    let elsewhere = house.clerk_of(WESTRAU, "petra", "Petra West", "sachbearbeitung", None).await;
    elsewhere.get(&at(&number)).await.is(404);
    elsewhere.post(&at(&number), &[("do", "note"), ("note", "x")]).await.is(404);
    elsewhere.get("/verwaltung/vorgaenge?amt=alle").await.is(200).is_silent_about(&number);
}

#[tokio::test]
async fn dates_hands_and_the_end_of_a_case_are_what_clerks_say() {
    let house = house().await;
    let citizen = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&citizen, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    let paul = house.clerk_of(OSTRAU, "paul", "Paul Muster", "sachbearbeitung", Some("buergerbuero")).await;
    let page = petra.get(&at(&number)).await.is(200).text();
    let (_, option) = page.split_once("<option value=\"").expect("there is a colleague");
    let ids = page.split("<option value=\"").filter_map(|rest| rest.split_once("\">"));
    let paul_id = ids.clone().find(|(_, name)| name.starts_with("Paul Muster")).expect(option).0.to_owned();
    petra.does(&number, &[("do", "hand_over"), ("to", &paul_id)]).await.is(303);
    // it is his work now, whatever his department
    paul.get(&at(&number)).await.is(200).says("Waldi").says("Übergeben an:");
    paul.does(&number, &[("do", "follow_up"), ("on", "2026-11-01")]).await.is(303);
    paul.get("/verwaltung/vorgaenge?meine=1&faellig=wiedervorlage").await.is(200).says(&number);
    paul.does(&number, &[("do", "follow_up"), ("on", "2026-12-24")]).await.is(303);
    paul.get("/verwaltung/vorgaenge?meine=1&faellig=wiedervorlage").await.is(200).is_silent_about(&number);
    paul.does(&number, &[("do", "due"), ("on", "2026-11-02")]).await.is(303);
    paul.get("/verwaltung/vorgaenge?meine=1&faellig=bald").await.is(200).says(&number);
    paul.does(&number, &[("do", "due"), ("on", "morgen")]).await.is(400);
    paul.does(&number, &[("do", "hold")]).await.is(303);
    paul.get(&at(&number)).await.is(200).says("wird nicht gelöscht");
    paul.does(&number, &[("do", "close")]).await.is(303);
    paul.get(&at(&number)).await.is(200).says("desk-state-completed").says("1. November 2027");
    paul.does(&number, &[("do", "reopen")]).await.is(303);
    paul.get(&at(&number)).await.is(200).says("desk-state-processing").is_silent_about("1. November 2027");
    paul.does(&number, &[("do", "dance")]).await.is(400);
    // found by its number however it is typed, and by the name
    let typed = number.to_lowercase().replace('-', " ");
    petra.post("/verwaltung/vorgaenge", &[("text", &typed)]).await.is(303).leads_to(&at(&number));
    petra.post("/verwaltung/vorgaenge", &[("text", "MUSTERM")]).await.is(200).says(&number);
    let none = petra.post("/verwaltung/vorgaenge", &[("text", "Schmidt")]).await.is(200);
    none.says("nichts gefunden").is_silent_about(&number);
    // a name stands in no address
    petra.get("/verwaltung/vorgaenge?text=Schmidt").await.is(200).says(&number).is_silent_about("Schmidt");
}

#[tokio::test]
async fn a_case_comes_on_paper_and_its_decision_goes_by_post() {
    let house = house().await;
    let petra = house.petra(OSTRAU).await;
    let form = |text: &'static str| {
        [
            ("service", "antrag"),
            ("department", "steueramt"),
            ("channel", "paper"),
            ("applicant", "Jürgen Ödön"),
            ("birthdate", "1980-05-03"),
            ("text", text),
        ]
    };
    petra.post(NEW, &form("")).await.is(422).says("Jürgen Ödön");
    let first = petra.post(NEW, &form("Ein Dackel.")).await.is(303);
    let first = first.header("location").split('?').next().expect("an address").to_owned();
    petra.get(&first).await.is(200).says("Ein Dackel.").says("auf Papier").says("geht als Brief mit der Post");
    let second = petra.post(NEW, &form("Noch ein Dackel.")).await.is(303);
    let second = second.header("location").split('?').next().expect("an address").to_owned();
    let number = second.rsplit('/').next().expect("a number").to_owned();
    // the same person's case before
    petra.get(&second).await.is(200).says(&format!("href=\"{first}\""));
    petra.does(&number, &[("do", "decide"), ("text", "Ja.")]).await.is(303);
    petra.get(&second).await.is(200).says("Mit der Post").says("Brief ist abgeschickt");
    let list = petra.get("/verwaltung/post").await.is(200).says(&number);
    let list = list.says("Die Anschrift fehlt");
    let letter = list.field("letter");
    petra.does(&number, &[("do", "posted"), ("letter", &letter)]).await.is(303);
    petra.get(&second).await.is(200).says("Brief abgeschickt");
    petra.does(&number, &[("do", "posted"), ("letter", &letter)]).await.is(409);
}

#[tokio::test]
async fn a_message_without_a_case_is_answered_and_its_reading_seen() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let citizen = house.citizen(host, "erika", "hoch").await;
        let message = [("about", "amt:steueramt"), ("subject", "Hundesteuer"), ("message", "Muss ich zahlen?")];
        let sent = citizen.post("/postkorb/neu", &message).await.is(303);
        let thread = sent.header("location").split('?').next().expect("an address").to_owned();
        let here = thread.replace("/postkorb/", "/verwaltung/nachrichten/");
        let petra = house.petra(host).await;
        petra.get("/verwaltung").await.is(200).says("<strong>1</strong> <span>neue Nachrichten ohne Vorgang</span>");
        petra.get("/verwaltung/nachrichten").await.is(200).says("Hundesteuer").says(&here).says("Neue Nachricht");
        petra.get(&here).await.is(200).says("Muss ich zahlen?").says("Mustermann");
        petra.post(&here, &[("text", " ")]).await.is(422);
        petra.post(&here, &[("text", "Ja, jedes Jahr.")]).await.is(303);
        petra.get(&here).await.is(200).says("Noch nicht gelesen");
        citizen.get(&thread).await.is(200).says("Ja, jedes Jahr.").says("Steueramt");
        petra.get(&here).await.is(200).says("Gelesen am");
        petra.get("/verwaltung/nachrichten").await.is(200).says("Erika Mustermann");
        petra.post_files(&here, &[("text", "Anbei die Satzung.")], &[("files", "Satzung.pdf", PDF)]).await.is(303);
        citizen.get(&thread).await.is(200).says("Satzung.pdf");
        let moved = petra.post(&here, &[("do", "department"), ("department", "buergerbuero")]).await.is(303);
        moved.leads_to("/verwaltung/nachrichten?fertig=abgegeben");
        petra.get(&here).await.is(200).says("Warum öffnen Sie");
        let other = if host == OSTRAU { WESTRAU } else { OSTRAU };
        let stranger = house.clerk(other, "fremd", "Frieda Fremd").await;
        stranger.get(&here).await.is(404);
        stranger.post(&here, &[("text", "x")]).await.is(404);
    }
}
