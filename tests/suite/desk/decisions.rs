//! Decisions: when they count, who may see them when, and who has to agree.

use super::*;

/// Replaces the rule of the test towns.
fn towns_under(rule: &str) -> Towns {
    let towns = towns();
    for town in ["ostrau", "westrau"] {
        let regime = format!("abgaben: {{name: Abgaben, basis: § 1, text: Der Bescheid gilt bald., {rule}}}\n");
        towns.write(&format!("{town}/regimes.yaml"), regime);
    }
    towns
}

/// A decided case: its number, and its thread in the person's Postkorb.
async fn decided(house: &House, host: &str, citizen: &Browser) -> (Browser, String, String) {
    let number = sends(citizen, "Waldi").await;
    let petra = house.petra(host).await;
    petra.does(&number, &[("do", "decide"), ("text", "Wir geben statt.")]).await.is(303);
    let thread = citizen.get("/postkorb").await.is(200).threads().remove(0);
    (petra, number, thread)
}

async fn opens(citizen: &Browser, thread: &str, how: &str) -> Answer {
    let page = citizen.get(thread).await.is(200);
    let message = page.field("message");
    citizen.post(thread, &[("do", how), ("message", &message)]).await
}

#[tokio::test]
async fn a_decision_is_closed_until_it_is_opened_and_counts_the_day_after() {
    let rule = "counts_from: retrieved, days: 1, retrieve_within_days: 10, consent: true";
    let house = House::open(towns_under(rule)).await;
    for host in [OSTRAU, WESTRAU] {
        house.set_time("2026-11-01T12:00");
        let erika = house.citizen(host, "erika", "hoch").await;
        let (petra, number, thread) = decided(&house, host, &erika).await;
        let closed = erika.get(&thread).await.is(200).says("Einverstanden, Bescheid öffnen").says("11. November 2026");
        let closed = closed.says("Sie können Klage erheben.").is_silent_about("Wir geben statt.");
        closed.says("§ 1");
        // neither search nor a printed copy opens it, and looking at the thread does not either
        erika.get("/postkorb?q=geben+statt").await.is(200).is_silent_about(&thread);
        erika.get("/postkorb").await.is(200).says("thread-unread");
        let copy = erika.get(&format!("{thread}/kopie.pdf")).await.is(200);
        assert!(copy.bytes.starts_with(b"%PDF"), "a PDF");
        let letter = format!("{thread}/bescheide/{}", erika.get(&thread).await.is(200).field("message"));
        erika.get(&letter).await.is(404);
        // without consent it stays closed
        opens(&erika, &thread, "open").await.is(303);
        erika.get(&thread).await.is(200).is_silent_about("Wir geben statt.");
        opens(&erika, &thread, "consent").await.is(303);
        let open = erika.get(&thread).await.is(200).says("Wir geben statt.").says("Geöffnet am");
        open.says("2. November 2026").is_silent_about("Bescheid öffnen").says("Rechtsbehelfsbelehrung").says(&letter);
        assert!(erika.get(&letter).await.is(200).bytes.starts_with(b"%PDF"), "the decision as a letter");
        assert!(erika.get(&format!("{thread}/kopie.zip")).await.is(200).bytes.starts_with(b"PK"), "all of it");
        let kim = house.citizen(host, "kim", "hoch").await;
        for foreign in [letter.clone(), format!("{thread}/kopie.zip")] {
            kim.get(&foreign).await.is(404);
        }
        erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("Bescheid ansehen");
        // what has been opened cannot be unopened
        let message = letter.rsplit('/').next().expect("an id").to_owned();
        erika.post(&thread, &[("do", "decline"), ("message", &message)]).await.is(303);
        erika.get(&thread).await.is(200).says("Geöffnet am");
        erika.get("/postkorb").await.is(200).is_silent_about("thread-unread");
        petra.get(&at(&number)).await.is(200).says("desk-state-completed").says("Bescheid geöffnet");
        // the day after it counts, by itself
        house.work_off().await;
        erika.get(&thread).await.is(200).says("2. November 2026").is_silent_about("Bekannt gegeben am");
        house.set_time("2026-11-02T00:30");
        house.work_off().await;
        let late = house.clerk_of(host, "late", "Lale Muster", "sachbearbeitung", Some("steueramt")).await;
        late.get(&at(&number)).await.is(200).says("Bekannt gegeben").says("Bescheid gilt als bekannt gegeben");
        let erika = house.citizen(host, "erika", "hoch").await;
        erika.get(&thread).await.is(200).says("Bekannt gegeben am").says("Wir geben statt.");
    }
}

#[tokio::test]
async fn whoever_does_not_agree_gets_the_decision_by_post() {
    let rule = "counts_from: retrieved, days: 1, retrieve_within_days: 10, consent: true";
    let house = House::open(towns_under(rule)).await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let (petra, number, thread) = decided(&house, OSTRAU, &erika).await;
    erika.get(&thread).await.is(200).says("Lieber mit der Post");
    petra.get("/verwaltung/post").await.is(200).is_silent_about(&number);
    opens(&erika, &thread, "decline").await.is(303);
    erika.get(&thread).await.is(200).is_silent_about("Bescheid öffnen");
    petra.get("/verwaltung/post").await.is(200).says(&number);
    petra.get(&at(&number)).await.is(200).says("Bescheid mit der Post gewünscht");
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("auf Ihren Wunsch mit der Post");
}

#[tokio::test]
async fn what_nobody_opens_in_time_goes_by_post() {
    let rule = "counts_from: retrieved, days: 1, retrieve_within_days: 10";
    let house = House::open(towns_under(rule)).await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let (_, number, thread) = decided(&house, OSTRAU, &erika).await;
    house.set_time("2026-11-11T23:30");
    house.work_off().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    erika.get(&thread).await.is(200).says("Bescheid öffnen");
    let page = erika.get(&thread).await.is(200);
    // at midnight it is too late, before the job as well as after it
    house.set_time("2026-11-12T00:01");
    let message = page.field("message");
    erika.post(&thread, &[("do", "open"), ("message", &message)]).await.is(303);
    erika.get(&thread).await.is(200).says("kommt mit der Post").is_silent_about("Wir geben statt.");
    house.work_off().await;
    let petra = house.clerk_of(OSTRAU, "paula", "Paula Muster", "sachbearbeitung", Some("steueramt")).await;
    petra.get("/verwaltung").await.is(200).says("<strong>1</strong> <span>Briefe zur Post</span>");
    let list = petra.get("/verwaltung/post").await.is(200).says(&number).says("Mustermann");
    let list = list.says("im Postkorb nicht geöffnet");
    // the letter as often as one likes: that marks nothing
    for _ in 0..2 {
        let letter = petra.get(&pdf_of(&list)).await.is(200);
        assert!(letter.bytes.starts_with(b"%PDF"), "a PDF");
    }
    petra.get("/verwaltung/post").await.is(200).says(&number);
    petra.does(&number, &[("do", "address"), ("address", "Neuer Weg 2\n99999 Ostrau")]).await.is(303);
    petra.get(&at(&number)).await.is(200).says("Neuer Weg 2");
    let elsewhere = house.clerk_of(OSTRAU, "kim", "Kim Muster", "sachbearbeitung", Some("buergerbuero")).await;
    elsewhere.get("/verwaltung/post").await.is(200).is_silent_about(&number);
    let letter = list.field("letter");
    elsewhere.get(&pdf_of(&list)).await.is(403);
    elsewhere.post("/verwaltung/post", &[("letter", &letter)]).await.is(403);
    // one of another department among the ticked ones: nothing of the list has happened
    let paper = [("service", "antrag"), ("channel", "paper"), ("applicant", "Jürgen Ödön"), ("text", "Ein Dackel.")];
    let entered = elsewhere.post(NEW, &paper).await.is(303);
    let foreign = entered.header("location").split(['/', '?']).nth(3).expect("a number").to_owned();
    elsewhere.does(&foreign, &[("do", "department"), ("department", "buergerbuero")]).await.is(303);
    elsewhere.does(&foreign, &[("do", "message"), ("text", "Wir sind dran.")]).await.is(303);
    let theirs = elsewhere.get("/verwaltung/post").await.is(200).says(&foreign).field("letter");
    petra.get("/verwaltung/post").await.is(200).is_silent_about(&foreign);
    petra.post("/verwaltung/post", &[("letter", &letter), ("letter", &theirs)]).await.is(403);
    petra.get("/verwaltung/post").await.is(200).says(&number);
    petra.post("/verwaltung/post", &[]).await.is(303).leads_to("/verwaltung/post?fertig=0");
    petra.post("/verwaltung/post", &[("letter", &letter)]).await.is(303).leads_to("/verwaltung/post?fertig=1");
    petra.post("/verwaltung/post", &[("letter", &letter)]).await.is(303).leads_to("/verwaltung/post?fertig=0");
    petra.get("/verwaltung/post?fertig=1").await.is(200).is_silent_about(&number).says("abgeschickt vermerkt: 1");
    petra.get(&at(&number)).await.is(200).says("Brief abgeschickt");
    erika.get(&thread).await.is(200).says("Mit der Post verschickt").says("Wir geben statt.");
}

#[tokio::test]
async fn what_counts_from_its_provision_counts_on_a_working_day_opened_or_not() {
    let rule = "counts_from: provided, days: 4, weekend: next_working_day";
    let house = House::open_at(towns_under(rule), "2026-12-21T12:00").await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let (_, number, thread) = decided(&house, OSTRAU, &erika).await;
    // four days later is Christmas, then a weekend
    erika.get(&thread).await.is(200).says("28. Dezember 2026").is_silent_about("Wir geben statt.");
    house.set_time("2026-12-27T23:59");
    house.work_off().await;
    let petra = house.clerk_of(OSTRAU, "paula", "Paula Muster", "sachbearbeitung", Some("steueramt")).await;
    petra.get(&at(&number)).await.is(200).says("Liegt im Postkorb").says("28. Dezember 2026");
    house.set_time("2026-12-28T00:01");
    house.work_off().await;
    petra.get(&at(&number)).await.is(200).says("Bekannt gegeben");
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    erika.get(&thread).await.is(200).says("Wir geben statt.").says("Bekannt gegeben am");
    // the trail says it was the calendar
    assert_eq!(house.work_off().await, 0, "done twice changes nothing");
}

#[tokio::test]
async fn a_decision_of_four_eyes_takes_two_people() {
    let towns = towns();
    towns.write("ostrau/forms/hund.yaml", FORM.replace("answer_days", "four_eyes: true\nanswer_days"));
    let house = House::open(towns).await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    let paul = house.clerk_of(OSTRAU, "paul", "Paul Muster", "sachbearbeitung", Some("steueramt")).await;
    let elsewhere = house.clerk_of(OSTRAU, "kim", "Kim Muster", "sachbearbeitung", Some("buergerbuero")).await;
    petra.does(&number, &[("do", "decide"), ("text", "Wir lehnen ab.")]).await.is(303);
    petra
        .get(&at(&number))
        .await
        .is(200)
        .says("Wir lehnen ab.")
        .says("desk-state-processing")
        .is_silent_about("Zustimmen");
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).is_silent_about("vorbereitet");
    erika.get("/postkorb").await.is(200).is_silent_about("thread-from");
    // nobody agrees to their own, nor whoever has not been let in
    petra.does(&number, &[("do", "agree")]).await.is(403);
    elsewhere.post(&at(&number), &[("do", "agree"), ("revision", "3")]).await.is(422);
    paul.does(&number, &[("do", "send_back"), ("why", " ")]).await.is(400);
    paul.does(&number, &[("do", "send_back"), ("why", "Bitte freundlicher.")]).await.is(303);
    paul.does(&number, &[("do", "agree")]).await.is(409);
    petra.get(&at(&number)).await.is(200).says("Bitte freundlicher.").says("zurückgegeben");
    petra.get(&format!("{}?art=decide", at(&number))).await.is(200).says("Wir lehnen ab.</textarea>");
    petra.does(&number, &[("do", "decide"), ("text", "Leider lehnen wir ab.")]).await.is(303);
    paul.does(&number, &[("do", "agree")]).await.is(303);
    paul.get(&at(&number)).await.is(200).says("desk-state-completed").says("auf Vorschlag von").says("Petra Klarname");
    erika.get("/postkorb").await.is(200).says("Bescheid");
    // what two eyes can decide alone stays as it was
    let walter = house.citizen(WESTRAU, "erika", "hoch").await;
    decided(&house, WESTRAU, &walter).await;
}
