//! Drafts that wait: a reminder, an end, a portal that takes nothing, and too much at once.

use portal::{config::rates::Rates, forms};

use super::*;

#[tokio::test]
async fn somebody_is_reminded_once_before_a_draft_ends_and_keeps_it_with_one_click() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = erika.begins("antrag").await;
    erika.post(&format!("/antraege/{draft}/halter"), &KEEPER).await.is(303);
    let town = || house.portal.tenants.get("ostrau").expect("it is served");
    let sweeps = async || {
        let now = house.portal.clock.now();
        forms::sweep(&house.portal.store.for_tenant(&town()), now).await.expect("an open room");
        forms::remind(&house.portal, &town(), now).await.expect("an open room");
        house.work_off().await;
    };
    sweeps().await;
    assert_eq!(house.mails("ostrau").len(), 0, "there is time");
    house.set_time("2026-11-28T12:00");
    sweeps().await;
    sweeps().await;
    let mails = house.mails("ostrau");
    assert_eq!(mails.len(), 1, "one mail");
    assert!(mails[0].contains(&draft) && !mails[0].contains("Hund"), "{}", mails[0]);
    // the mail is read in another browser
    let page = format!("/antraege/{draft}");
    let way = house.browser(OSTRAU).get(&page).await.is(303);
    way.leads_to(&format!("/anmelden?zurueck=%2Fantraege%2F{draft}&niveau=basis"));
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    erika.get(&page).await.is(200).says("28. Dezember 2026");
    erika.post(&page, &[("do", "extend")]).await.is(303);
    house.set_time("2026-12-05T12:00");
    sweeps().await;
    assert_eq!(house.database.number("select count(*) from drafts").await, 1);
    house.set_time("2026-12-29T12:00");
    sweeps().await;
    assert_eq!(house.database.number("select count(*) from drafts").await, 0, "nothing is left of it");
}

#[tokio::test]
async fn a_portal_that_takes_nothing_gives_back_what_was_typed() {
    let house = House::open_as(towns(), |portal| portal.read_only = true).await;
    let anybody = house.browser(OSTRAU);
    let page = "/antraege/00000000-0000-4000-8000-000000000000";
    let typed = [("form", "hund"), ("rufname", "Waldi"), ("seit", "gestern")];
    let back = anybody.post(&format!("{page}/hund"), &typed).await.is(503);
    back.says("Waldi").says("gestern").says("nehmen wir keine Anträge entgegen");
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let message = [("about", "amt:rathaus"), ("subject", "Frage"), ("message", "Lange Worte")];
    erika.post("/postkorb/neu", &message).await.is(503).says("Lange Worte");
    for deed in ["extend", "discard"] {
        anybody.post(page, &[("do", deed)]).await.is(503).says("nehmen wir keine Anträge entgegen");
    }
}

#[tokio::test]
async fn nobody_begins_applications_by_the_hundred() {
    let forms = "3/10m".parse().expect("a rate");
    let house = House::open_with_rates(towns(), Rates { forms, ..Rates::OFF }).await;
    let (one, other) = (house.browser(OSTRAU).coming_from("192.0.2.7"), house.browser(OSTRAU).coming_from("192.0.2.8"));
    for _ in 0..3 {
        one.begins("abholung").await;
    }
    one.post("/dienstleistungen/abholung/antrag", &[]).await.is(429);
    one.get("/dienstleistungen/abholung/antrag").await.is(200);
    other.begins("abholung").await;
    house.browser(WESTRAU).coming_from("192.0.2.7").begins("abholung").await;
}

#[tokio::test]
async fn what_was_written_at_length_outlives_the_login() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let late = house.browser(host);
        let message = [("about", "amt:rathaus"), ("subject", "Frage"), ("message", "Lange <Worte>"), ("once", "1")];
        let page =
            late.post("/postkorb/neu", &message).await.is(401).says("Lange &lt;Worte").says("value=\"amt:rathaus\"");
        page.says("action=\"/postkorb/neu\"").says("/anmelden\" target=\"_blank\"");
        late.post_files("/postkorb/neu", &message, &[("files", "a.pdf", b"%PDF")])
            .await
            .is(401)
            .says("multipart/form-data");
        late.post("/postkorb", &[("notify", "off")]).await.is(401).is_silent_about("<textarea");
        let desk = "/verwaltung/vorgaenge/OST-2026-483921-7";
        let letter = [("do", "decide"), ("revision", "3"), ("text", "Guten Tag,")];
        late.post(desk, &letter).await.is(401).says("Guten Tag,").says("/verwaltung/anmelden\" target=\"_blank\"");
        late.post(desk, &[("do", "reason"), ("reason", "Anruf der Halterin")]).await.is(401).says("Anruf der Halterin");
        assert_eq!(house.objects(), 0);
    }
}
