//! Whose a draft and a case are, and to which login they open.

use super::*;

/// A case applied for at the highest level, and a message about it.
async fn signed(erika: &Browser) -> (String, String) {
    let draft = erika.begins("zeugnis").await;
    erika.post(&format!("/antraege/{draft}/zweck"), &[("zweck", "Geheimnis")]).await.is(303);
    let number = erika.submits(&draft).await;
    let about = format!("vorgang:{number}");
    let message = [("about", about.as_str()), ("subject", "Frage"), ("message", "Noch ein Geheimnis")];
    let sent = erika.post("/postkorb/neu", &message).await.is(303);
    (number, sent.header("location").split('?').next().expect("an address").to_owned())
}

#[tokio::test]
async fn a_case_opens_to_no_lower_login_than_it_took() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let high = house.citizen(host, "erika", "hoch").await;
        let (number, thread) = signed(&high).await;
        let low = house.citizen(host, "erika", "basis").await;
        let case = format!("/vorgaenge/{number}");
        low.get("/vorgaenge").await.is(200).says(&number);
        for path in [case.clone(), format!("{case}/kopie.json"), format!("{case}/kopie.pdf"), thread.clone()] {
            let way = low.get(&path).await.is(303);
            let back: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            way.leads_to(&format!("/anmelden?zurueck={back}&niveau=hoch"));
        }
        low.get("/postkorb?q=geheimnis").await.is(200).is_silent_about(&thread);
        low.post(&case, &[("do", "withdraw")]).await.is(303);
        // what is typed is kept, and shown after the login only
        low.post(&thread, &[("message", "Von unterwegs")]).await.is(303);
        high.get(&thread).await.is(200).says("Von unterwegs").says("Noch ein Geheimnis");
        high.get(&case).await.is(200).says("Geheimnis").is_silent_about("zurückgezogen.");
        let high = house.citizen(host, "erika", "hoch").await;
        low.takes("__Host-session", &high.cookie("__Host-session").expect("a login has a cookie"));
        low.get(&case).await.is(200).says("Geheimnis");
    }
}

#[tokio::test]
async fn what_was_sent_after_a_login_is_not_read_by_the_next_in_that_browser() {
    let house = house().await;
    let shared = house.browser(OSTRAU);
    let draft = shared.begins("abholung").await;
    let where_to = [("name", "Jo"), ("wo.street", "Weg 1"), ("wo.postal_code", "99999"), ("wo.city", "Ostrau")];
    shared.post(&format!("/antraege/{draft}/abholung"), &where_to).await.is(303);
    let cookie = shared.cookie("__Host-draft").expect("a draft has a cookie");
    shared.logs_in_from("erika", "basis", "/vorgaenge").await.is(303);
    shared.sends(&draft).await.is(303);
    let paths = ["gesendet", "kopie.json", "kopie.pdf"].map(|page| format!("/antraege/{draft}/{page}"));
    for path in &paths {
        shared.get(path).await.is(200);
    }
    shared.post("/abmelden", &[]).await.is(200);
    assert_eq!(shared.cookie("__Host-draft").unwrap_or_default(), "", "the browser forgets it");
    shared.takes("__Host-draft", &cookie);
    for path in &paths {
        assert!(shared.get(path).await.is_silent_about("Weg 1").status >= 300);
    }
    shared.logs_in_from("kim", "basis", "/vorgaenge").await.is(303);
    for path in &paths {
        shared.get(path).await.is(404);
    }
}

#[tokio::test]
async fn what_a_guest_of_a_login_began_another_person_never_reads() {
    let house = house().await;
    let shared = house.citizen(OSTRAU, "gast", "basis").await;
    let draft = shared.begins("antrag").await;
    let page = format!("/antraege/{draft}/halter");
    let mine = [&KEEPER[..], &[("telefon", "05732 4711")]].concat();
    shared.post(&page, &mine).await.is(303);
    shared.get(&page).await.is(200).says("05732 4711");
    let cookie = shared.cookie("__Host-draft").expect("a draft has a cookie");
    for next in ["kim", "erika"] {
        let other = house.citizen(OSTRAU, next, "basis").await;
        other.takes("__Host-draft", &cookie);
        other.get(&page).await.is(404).is_silent_about("05732 4711");
        other.post(&page, &mine).await.is(404);
        other.get(&format!("/antraege/{draft}/pruefen")).await.is(404);
    }
    let again = house.citizen(OSTRAU, "gast", "basis").await;
    again.takes("__Host-draft", &cookie);
    again.get(&page).await.is(200).says("05732 4711");
}

#[tokio::test]
async fn what_is_sent_is_what_was_seen() {
    let house = house().await;
    let erika = house.browser(OSTRAU);
    let draft = erika.begins("abholung").await;
    let where_to =
        [("name", "Jo"), ("wo.street", "Musterweg 12 a"), ("wo.postal_code", "99999"), ("wo.city", "Musterstadt")];
    let step = format!("/antraege/{draft}/abholung");
    erika.post(&step, &where_to).await.is(303);
    let review = format!("/antraege/{draft}/pruefen");
    let seen = erika.get(&review).await.is(200).field("seen");
    erika.post(&step, &[("name", "Jo Anders"), where_to[1], where_to[2], where_to[3]]).await.is(303);
    erika.post(&review, &[("seen", &seen), ("confirm", "true")]).await.is(422).says("inzwischen geändert");

    // another login in a second window: the chip says who it is
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = erika.begins("antrag").await;
    let other = [&[("vorname", "Erna")], &KEEPER[1..]].concat();
    for (step, fields) in [("halter", &other[..]), ("hund", &DOG), ("zahlung", &PAYS)] {
        erika.post(&format!("/antraege/{draft}/{step}"), fields).await.is(303);
    }
    let review = format!("/antraege/{draft}/pruefen");
    let seen = erika.get(&review).await.is(200).says("Erna").field("seen");
    let high = house.citizen(OSTRAU, "erika", "hoch").await;
    erika.takes("__Host-session", &high.cookie("__Host-session").expect("a login has a cookie"));
    let page = erika.post(&review, &[("seen", &seen), ("confirm", "true")]).await.is(422).is_silent_about("Erna");
    let seen = page.says("Erika").field("seen");
    erika.post(&review, &[("seen", &seen), ("confirm", "true")]).await.is(303);
}

#[tokio::test]
async fn a_browser_that_may_only_write_replaces_nothing() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "basis").await;
        let draft = erika.begins("antrag").await;
        let step = format!("/antraege/{draft}/halter");
        erika.post(&step, &KEEPER).await.is(303);
        // her browser, after her login is over
        let left = house.browser(host);
        left.takes("__Host-draft", &erika.cookie("__Host-draft").expect("a draft has a cookie"));
        let other = [&[("vorname", "Mallory"), ("telefon", "05732 4711")], &KEEPER[1..]].concat();
        let way = left.post(&step, &other).await.is(303);
        let back: String = form_urlencoded::byte_serialize(format!("{step}?unveraendert=1").as_bytes()).collect();
        way.leads_to(&format!("/anmelden?zurueck={back}&niveau=basis"));
        let page = erika.get(&format!("{step}?unveraendert=1")).await.is(200).is_silent_about("Mallory");
        page.says("value=\"Erika\"").says("05732 4711").says("Ihre früheren Angaben stehen noch da");
        // nothing was replaced: then it goes on
        let same = left.post(&step, &KEEPER).await.is(303);
        let next: String = form_urlencoded::byte_serialize(format!("/antraege/{draft}/hund").as_bytes()).collect();
        same.leads_to(&format!("/anmelden?zurueck={next}&niveau=basis"));
    }
}
