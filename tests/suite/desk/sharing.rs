//! Who sees what at the desk, and what happens only once.

use super::*;

#[tokio::test]
async fn a_look_from_elsewhere_takes_nothing_off_the_list() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    // neither another department nor whoever has none opens it unasked
    for (login, department) in [("paul", Some("buergerbuero")), ("kim", None)] {
        let clerk = house.clerk_of(OSTRAU, login, "Kim Muster", "sachbearbeitung", department).await;
        clerk.get("/verwaltung/vorgaenge?amt=steueramt").await.is(200).says(&number).is_silent_about("Mustermann");
        clerk.get(&at(&number)).await.is(200).says("Warum öffnen Sie").is_silent_about("Waldi");
        clerk.post(&at(&number), &[("do", "reason"), ("reason", "Anruf")]).await.is(303);
        clerk.get(&at(&number)).await.is(200).says("Waldi").says("desk-state-submitted");
    }
    // a look decides nothing, and the page offers nothing but a note
    let kim = house.clerk_of(OSTRAU, "look", "Lea Muster", "sachbearbeitung", Some("buergerbuero")).await;
    kim.post(&at(&number), &[("do", "reason"), ("reason", "Anruf")]).await.is(303);
    let page = kim.get(&format!("{}?art=decide", at(&number))).await.is(200).says("eine Notiz hinterlassen");
    for deed in ["claim", "decide", "hand_over", "hold", "close"] {
        let page = page.text();
        assert!(!page.contains(&format!("value=\"{deed}\"")), "{deed}");
    }
    for deed in ["claim", "decide", "ask", "message", "close", "hold", "agree", "posted"] {
        kim.post(&at(&number), &[("do", deed), ("revision", "1"), ("text", "Ja."), ("seen", "1")]).await.is(403);
    }
    kim.post(&at(&number), &[("do", "note"), ("note", "Frau Muster hat angerufen.")]).await.is(303);
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).is_silent_about("standing-received");
    petra.get("/verwaltung").await.is(200).says("<strong>1</strong> <span>neu eingegangen</span>");
    // and messages stay new for the department
    let about = format!("vorgang:{number}");
    erika.post("/postkorb/neu", &[("about", &about), ("message", "Wann?")]).await.is(303);
    let paul = house.clerk_of(OSTRAU, "pia", "Pia Muster", "sachbearbeitung", Some("buergerbuero")).await;
    paul.post(&at(&number), &[("do", "reason"), ("reason", "Anruf")]).await.is(303);
    paul.get(&at(&number)).await.is(200).says("Wann?");
    petra.get("/verwaltung").await.is(200).says("<strong>1</strong> <span>Antworten zu Vorgängen</span>");
    petra.get(&at(&number)).await.is(200);
    petra.get("/verwaltung").await.is(200).says("<strong>0</strong> <span>Antworten zu Vorgängen</span>");
}

#[tokio::test]
async fn whoever_oversees_the_house_is_not_asked_why() {
    let towns = towns();
    let role = "- {id: leitung, name: Leitung, may: [desk, cases, messages, oversight]}\n    - {id: administration";
    towns.change("_land/tenant.yaml", "- {id: administration", role);
    let house = House::open(towns).await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let head = house.clerk_of(OSTRAU, "hanna", "Hanna Haupt", "leitung", None).await;
    head.get("/verwaltung/vorgaenge?amt=steueramt").await.is(200).says("Mustermann");
    head.get(&at(&number)).await.is(200).says("Waldi");
}

#[tokio::test]
async fn messages_of_another_department_open_after_a_reason() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let message = [("about", "amt:steueramt"), ("subject", "Hundesteuer"), ("message", "Muss ich zahlen?")];
    let sent = erika.post("/postkorb/neu", &message).await.is(303);
    let thread = sent.header("location").split('?').next().expect("an address").to_owned();
    let here = thread.replace("/postkorb/", "/verwaltung/nachrichten/");
    let paul = house.clerk_of(OSTRAU, "paul", "Paul Muster", "sachbearbeitung", Some("buergerbuero")).await;
    paul.get("/verwaltung/nachrichten").await.is(200).says(&here).is_silent_about("Hundesteuer");
    paul.get(&here).await.is(200).says("Warum öffnen Sie").is_silent_about("Muss ich");
    paul.get(&format!("{here}/kopie.pdf")).await.is(403);
    paul.post(&here, &[("text", "Ja.")]).await.is(422).is_silent_about("Muss ich");
    paul.post(&here, &[("reason", "Vertretung")]).await.is(303);
    paul.get(&here).await.is(200).says("Muss ich zahlen?");
    let petra = house.petra(OSTRAU).await;
    petra.get("/verwaltung").await.is(200).says("<strong>1</strong> <span>neue Nachrichten ohne Vorgang</span>");
    petra.get(&here).await.is(200).says("Muss ich zahlen?");
    let copy = petra.get(&format!("{here}/kopie.pdf")).await.is(200);
    assert!(copy.bytes.starts_with(b"%PDF"), "a PDF");
}

#[tokio::test]
async fn a_case_is_handed_only_to_somebody_who_may_open_it() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    petra.does(&number, &[("do", "department"), ("department", "buergerbuero")]).await.is(303);
    house.clerk_of(OSTRAU, "tina", "Tina Steuer", "steuern", None).await;
    let paul = house.clerk_of(OSTRAU, "paul", "Paul Muster", "sachbearbeitung", Some("buergerbuero")).await;
    let page = paul.get(&at(&number)).await.is(200).says("Petra Klarname").is_silent_about("Tina Steuer");
    let list = paul.get("/verwaltung/vorgaenge").await.is(200).text();
    let tina = value_of(&list, "Tina Steuer");
    paul.does_on(&page, &number, &[("do", "hand_over"), ("to", &tina)]).await.is(400);
}

/// The value of a line of a select.
fn value_of(page: &str, label: &str) -> String {
    let mut options = page.split("<option value=\"").filter_map(|rest| rest.split_once("\">"));
    options.find(|(_, name)| name.starts_with(label)).expect("a line of a select").0.to_owned()
}

#[tokio::test]
async fn a_form_that_is_sent_twice_counts_once() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    let page = petra.get(&at(&number)).await.is(200);
    let (revision, seen, once) = (page.field("revision"), page.field("seen"), page.field("once"));
    let kept = [("revision", &*revision), ("seen", &*seen), ("once", &*once)];
    for fields in [
        &[("do", "note"), ("note", "Angerufen, keiner da.")][..],
        &[("do", "message"), ("text", "Wir sind dran.")],
        &[("do", "ask"), ("text", "Bitte den Versicherungsschein.")],
    ] {
        let form = [&kept[..], fields].concat();
        let first = petra.post(&at(&number), &form).await.is(303);
        petra.post(&at(&number), &form).await.is(303).leads_to(first.header("location"));
    }
    let page = petra.get(&at(&number)).await.is(200).text();
    for words in ["Angerufen, keiner da.", "Wir sind dran.", "Bitte den Versicherungsschein."] {
        assert_eq!(page.matches(words).count(), 1, "{words}");
    }
    // changed words are another form
    let other = [&kept[..], &[("do", "note"), ("note", "Noch einmal angerufen.")]].concat();
    petra.post(&at(&number), &other).await.is(303);
    petra.get(&at(&number)).await.is(200).says("Noch einmal angerufen.");

    let once = petra.get(NEW).await.is(200).field("once");
    let new = [("service", "antrag"), ("channel", "paper"), ("applicant", "Ödön"), ("text", "x"), ("once", &*once)];
    let first = petra.post(NEW, &new).await.is(303);
    petra.post(NEW, &new).await.is(303).leads_to(first.header("location"));

    let once = erika.get("/postkorb/neu").await.is(200).field("once");
    let message = [("about", "amt:steueramt"), ("subject", "Frage"), ("message", "Wann?"), ("once", &*once)];
    let first = erika.post("/postkorb/neu", &message).await.is(303);
    erika.post("/postkorb/neu", &message).await.is(303).leads_to(first.header("location"));
    let inbox = erika.get("/postkorb").await.is(200).text();
    assert_eq!(inbox.matches(">Frage</a>").count(), 1);
}

#[tokio::test]
async fn a_letter_with_a_gap_or_with_letters_that_cannot_be_printed_does_not_go() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    let refused = petra.does(&number, &[("do", "ask"), ("text", "Bitte bis [Tag] schicken.")]).await.is(422);
    refused.says("eckigen Klammern").says("Bitte bis [Tag] schicken.</textarea>");
    petra.does(&number, &[("do", "decide"), ("text", "Wir geben 許可 statt.")]).await.is(422).says("drucken");
    petra.does(&number, &[("do", "message"), ("text", "許可")]).await.is(303);
    petra.get(&at(&number)).await.is(200).is_silent_about("desk-state-completed");
}

#[tokio::test]
async fn ticked_cases_are_done_together_and_a_substitute_does_a_colleagues_work() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let (first, second) = (sends(&erika, "Waldi").await, sends(&erika, "Bella").await);
    let petra = house.petra(OSTRAU).await;
    let ticked = [("case", &*first), ("case", &*second)];
    petra.post("/verwaltung/vorgaenge", &ticked).await.is(200);
    let form = [&ticked[..], &[("do", "claim")]].concat();
    petra.post("/verwaltung/vorgaenge", &form).await.is(303).leads_to("/verwaltung/vorgaenge?fertig=done");
    petra.get("/verwaltung/vorgaenge?meine=1").await.is(200).says(&first).says(&second);
    let nobody = [&ticked[..], &[("do", "hand_over"), ("to", "")]].concat();
    petra.post("/verwaltung/vorgaenge", &nobody).await.is(303).leads_to("/verwaltung/vorgaenge?fertig=nobody");
    petra.get("/verwaltung/vorgaenge?fertig=nobody").await.is(200).says("wer die Vorgänge bekommt");
    let form = [&ticked[..], &[("do", "follow_up"), ("on", "2026-11-01")]].concat();
    petra.post("/verwaltung/vorgaenge", &form).await.is(303);
    petra.get("/verwaltung/vorgaenge?faellig=wiedervorlage").await.is(200).says(&first).says(&second);
    // other departments' stay as they are
    let paul = house.clerk_of(OSTRAU, "paul", "Paul Muster", "sachbearbeitung", Some("buergerbuero")).await;
    let form = [&ticked[..], &[("do", "claim")]].concat();
    paul.post("/verwaltung/vorgaenge", &form).await.is(303).leads_to("/verwaltung/vorgaenge?fertig=none");
    paul.get(&at(&first)).await.is(200).says("Warum öffnen Sie");

    let page = petra.get("/verwaltung/vertretung").await.is(200).text();
    let to = value_of(&page, "Paul Muster");
    let named = |from, until| [("to", to.as_str()), ("from", from), ("until", until)];
    petra.post("/verwaltung/vertretung", &named("2026-11-05", "2026-11-01")).await.is(422);
    petra.post("/verwaltung/vertretung", &named("2026-11-01", "2026-11-02")).await.is(303);
    petra.get("/verwaltung/vertretung").await.is(200).says("Paul Muster vertritt Sie vom");
    petra.get("/verwaltung").await.is(200).is_silent_about("Sie vertreten heute");
    for page in ["/verwaltung", "/verwaltung/vertretung"] {
        paul.get(page).await.is(200).says("Sie vertreten heute: Petra Klarname");
    }
    let page = paul.get("/verwaltung/vorgaenge").await.is(200).says("In Vertretung für Petra Klarname").text();
    let petras = value_of(&page, "In Vertretung für Petra");
    paul.get("/verwaltung").await.is(200).says(&format!("href=\"/verwaltung/vorgaenge?meine={petras}\""));
    paul.get(&format!("/verwaltung/vorgaenge?meine={petras}")).await.is(200).says(&first).says("Mustermann");
    paul.get(&at(&first)).await.is(200).says("Waldi");
    paul.does(&first, &[("do", "note"), ("note", "In Vertretung.")]).await.is(303);
    // only in time, and nobody but the substitute
    let kim = house.clerk_of(OSTRAU, "kim", "Kim Muster", "sachbearbeitung", Some("buergerbuero")).await;
    kim.get(&format!("/verwaltung/vorgaenge?meine={petras}")).await.is(200).is_silent_about(&first);
    house.set_time("2026-11-03T12:00");
    let late = house.clerk_of(OSTRAU, "late", "Lale Muster", "sachbearbeitung", Some("buergerbuero")).await;
    late.get(&at(&first)).await.is(200).says("Warum öffnen Sie");
}

#[tokio::test]
async fn a_withdrawn_case_takes_no_answers_and_the_header_counts_what_is_new() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    erika.get("/").await.is(200).is_silent_about("person-news");
    petra.does(&number, &[("do", "ask"), ("text", "Bitte den Versicherungsschein.")]).await.is(303);
    erika.get("/").await.is(200).says("person-news").says("1 neu");
    // until when is told
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("15. November 2026");
    let thread = erika.get("/postkorb").await.is(200).threads().remove(0);
    erika.get(&thread).await.is(200).says("Hund anmelden");
    erika.get("/").await.is(200).is_silent_about("person-news");
    // a second message keeps its subject as its first line
    let about = format!("vorgang:{number}");
    erika.post("/postkorb/neu", &[("about", &about), ("subject", "Noch etwas"), ("message", "Hier.")]).await.is(303);
    erika.get(&thread).await.is(200).says("Noch etwas\n\nHier.");
    erika.post("/postkorb/neu", &[("about", &about), ("message", "Und das.")]).await.is(303);
    let timeline = erika.get(&format!("/vorgaenge/{number}")).await.is(200).text();
    assert_eq!(timeline.matches("Sie haben uns geschrieben").count(), 1, "only what was asked for is an answer");
    erika.post(&format!("/vorgaenge/{number}"), &[("do", "withdraw")]).await.is(303);
    petra.get(&at(&number)).await.is(200).says("1. November 2027");
    erika.post(&thread, &[("do", "answer"), ("message", "Doch nicht.")]).await.is(303).leads_to(&thread);
    erika.post("/postkorb/neu", &[("about", &about), ("message", "Doch nicht.")]).await.is(422);
    petra.get(&at(&number)).await.is(200).is_silent_about("Doch nicht.");
}

#[tokio::test]
async fn mails_about_news_are_switched_off_and_on_in_the_postkorb() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    erika.get("/postkorb").await.is(200).says("E-Mails abschalten");
    erika.post("/postkorb", &[("notify", "vielleicht")]).await.is(400);
    erika.post("/postkorb", &[("notify", "off")]).await.is(303);
    erika.get("/postkorb").await.is(200).says("E-Mails einschalten");
    house.work_off().await;
    let before = house.mails("ostrau").len();
    petra.does(&number, &[("do", "message"), ("text", "Hallo.")]).await.is(303);
    house.work_off().await;
    assert_eq!(house.mails("ostrau").len(), before, "no mail");
    erika.post("/postkorb", &[("notify", "on")]).await.is(303);
    petra.does(&number, &[("do", "message"), ("text", "Noch einmal hallo.")]).await.is(303);
    house.work_off().await;
    assert_eq!(house.mails("ostrau").len(), before + 1, "a mail");
}

#[tokio::test]
async fn many_write_into_one_case_at_once_and_nothing_is_lost() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    petra.get(&at(&number)).await.is(200);
    let about = format!("vorgang:{number}");
    let writes = (0..8).map(|n| {
        let (erika, petra, number, about) = (&erika, &petra, &number, &about);
        async move {
            let (question, note) = (format!("Frage {n}?"), format!("Notiz {n}."));
            let message = [("about", about.as_str()), ("message", question.as_str())];
            let note = [("do", "note"), ("note", note.as_str())];
            let here = at(number);
            let (sent, noted) = futures_util::join!(erika.post("/postkorb/neu", &message), petra.post(&here, &note));
            (sent.status, noted.status)
        }
    });
    for (sent, noted) in futures_util::future::join_all(writes).await {
        assert_eq!((sent, noted), (303, 303));
    }
    let page = petra.get(&at(&number)).await.is(200).text();
    for n in 0..8 {
        assert!(page.contains(&format!("Frage {n}?")) && page.contains(&format!("Notiz {n}.")), "{n}");
    }
    let inbox = erika.get("/postkorb").await.is(200).text();
    assert_eq!(inbox.matches("class=\"thread-from\"").count(), 1, "a case has one thread");
}
