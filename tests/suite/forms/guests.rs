//! What somebody without an account has of a case: number and code.

use portal_tests::PDF;

use super::*;

async fn sent(guest: &Browser) -> (String, String, String) {
    let draft = guest.begins("abholung").await;
    let where_to = [("name", "Jo"), ("wo.street", "Weg 1"), ("wo.postal_code", "99999"), ("wo.city", "Ostrau")];
    guest.post(&format!("/antraege/{draft}/abholung"), &where_to).await.is(303);
    guest.sends(&draft).await.is(303);
    let (number, code) = guest.get(&format!("/antraege/{draft}/gesendet")).await.is(200).number_and_code();
    (draft, number, code)
}

#[tokio::test]
async fn a_guest_keeps_copies_asks_and_reads_with_number_and_code() {
    let house = house().await;
    let (_, number, code) = sent(&house.browser(OSTRAU)).await;
    let later = house.browser(OSTRAU);
    let known = [("number", number.as_str()), ("code", code.as_str())];
    let with = |more: &[(&'static str, &'static str)]| [&known[..], more].concat();
    let page = later.post("/vorgang-abfragen", &known).await.is(200).says("Weg 1");
    page.is_silent_about("/kopie.").is_silent_about("/postkorb").says("value=\"pdf\"");
    let pdf = later.post("/vorgang-abfragen", &with(&[("do", "pdf")])).await.is(200);
    assert!(pdf.bytes.starts_with(b"%PDF-"));
    let copy = later.post("/vorgang-abfragen", &with(&[("do", "json")])).await.is(200).json();
    assert_eq!(copy["number"], number.as_str());
    later.post("/vorgang-abfragen", &with(&[("do", "write"), ("message", "")])).await.is(422);
    let asks = with(&[("do", "write"), ("message", "Wann kommen Sie?")]);
    later.post("/vorgang-abfragen", &asks).await.is(200).says("Wann kommen Sie?").says("angekommen");
    later.post("/vorgang-abfragen", &asks).await.is(200);
    assert_eq!(house.database.number("select count(*) from messages").await, 1, "sent again, said once");
    later.post("/vorgang-abfragen", &known).await.is(200).says("Wann kommen Sie?");
    let wrong = [("number", number.as_str()), ("code", "2222-2222-2222"), ("do", "write"), ("message", "x")];
    later.post("/vorgang-abfragen", &wrong).await.is(422).is_silent_about("Weg 1");
    house.browser(WESTRAU).post("/vorgang-abfragen", &asks).await.is(422);
}

#[tokio::test]
async fn a_guest_fetches_documents_and_hands_in_more_and_strangers_do_neither() {
    let house = house().await;
    let (_, number, code) = sent(&house.browser(OSTRAU)).await;
    let later = house.browser(OSTRAU);
    let known = [("number", number.as_str()), ("code", code.as_str())];
    let with = |more: &[(&'static str, &'static str)]| [&known[..], more].concat();
    let file = [("files", "Schein.pdf", PDF)];
    later.post("/vorgang-abfragen", &known).await.is(200).says("multipart/form-data");
    let hands_in = with(&[("do", "hand_in")]);
    later.post_files("/vorgang-abfragen", &hands_in, &[]).await.is(422).says("mindestens eine Datei");
    for _ in 0..2 {
        let page = later.post_files("/vorgang-abfragen", &hands_in, &file).await.is(200);
        page.says("Schein.pdf").says("value=\"fetch\"").is_silent_about("/dateien/");
    }
    assert_eq!(house.database.number("select count(*) from files").await, 1, "sent again, handed in once");
    let page = later.post("/vorgang-abfragen", &known).await.is(200).field("file");
    let fetches = [known[0], known[1], ("do", "fetch"), ("file", page.as_str())];
    let fetched = later.post("/vorgang-abfragen", &fetches).await.is(200);
    assert!(*fetched.bytes == *PDF && fetched.header("content-disposition").contains("Schein.pdf"));
    // with a wrong code, at another town, with another case's number
    let before = house.objects();
    let wrong = [known[0], ("code", "2222-2222-2222"), ("do", "hand_in")];
    later.post_files("/vorgang-abfragen", &wrong, &file).await.is(422).is_silent_about("Schein.pdf");
    house.browser(WESTRAU).post_files("/vorgang-abfragen", &hands_in, &file).await.is(422);
    assert_eq!(house.objects(), before, "nothing is taken from strangers");
    let (_, other, key) = sent(&house.browser(OSTRAU)).await;
    let foreign = [("number", other.as_str()), ("code", key.as_str()), fetches[2], fetches[3]];
    later.post("/vorgang-abfragen", &foreign).await.is(404);
    let stranger = [known[0], wrong[1], fetches[2], fetches[3]];
    later.post("/vorgang-abfragen", &stranger).await.is(422);
}

#[tokio::test]
async fn a_browser_without_a_login_finds_things_again_for_hours_not_days() {
    let house = house().await;
    let guest = house.browser(OSTRAU);
    guest.get("/dienstleistungen/abholung/antrag").await.is(200).says("12 Stunden");
    let (sent, ..) = sent(&guest).await;
    let begun = guest.begins("abholung").await;
    house.set_time("2026-11-01T23:00");
    guest.get(&format!("/antraege/{sent}/kopie.json")).await.is(200);
    guest.get(&format!("/antraege/{begun}/abholung")).await.is(200);
    house.set_time("2026-11-02T02:00");
    guest.get(&format!("/antraege/{sent}/kopie.json")).await.is(404);
    guest.get(&format!("/antraege/{sent}/gesendet")).await.is(404);
    guest.get(&format!("/antraege/{begun}/abholung")).await.is(404);
}

#[tokio::test]
async fn nothing_more_is_written_about_what_was_withdrawn() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    let draft = fills_in(&erika).await;
    let number = erika.submits(&draft).await;
    let (case, about) = (format!("/vorgaenge/{number}"), format!("vorgang:{number}"));
    erika.get(&case).await.is(200).says("Frage stellen");
    erika.post(&case, &[("do", "withdraw")]).await.is(303);
    erika.get(&case).await.is(200).is_silent_about("Frage stellen");
    let message = [("about", about.as_str()), ("subject", "Frage"), ("message", "Doch noch etwas")];
    erika.post("/postkorb/neu", &message).await.is(422);
    assert_eq!(house.database.number("select count(*) from messages").await, 0);
}

#[tokio::test]
async fn number_and_code_tell_no_more_than_how_a_case_stands_that_took_a_login() {
    let house = house().await;
    let guest = house.citizen(OSTRAU, "gast", "basis").await;
    let draft = guest.begins("antrag").await;
    for (step, fields) in [("halter", &KEEPER[..]), ("hund", &DOG), ("zahlung", &PAYS)] {
        guest.post(&format!("/antraege/{draft}/{step}"), fields).await.is(303);
    }
    guest.sends(&draft).await.is(303);
    let (number, code) = guest.get(&format!("/antraege/{draft}/gesendet")).await.is(200).number_and_code();
    let known = [("number", number.as_str()), ("code", code.as_str())];
    let nobody = house.browser(OSTRAU);
    for more in [&[][..], &[("do", "pdf")], &[("do", "json")], &[("do", "write"), ("message", "Hallo")]] {
        let page = nobody.post("/vorgang-abfragen", &[&known[..], more].concat()).await.is(200);
        page.is_silent_about("Waldi")
            .is_silent_about("Musterweg")
            .is_silent_about("Hund anmelden")
            .says("standing-submitted");
    }
    assert_eq!(house.database.number("select count(*) from messages").await, 0);
    let hands_in = [&known[..], &[("do", "hand_in")]].concat();
    let file = [("files", "a.pdf", PDF)];
    nobody.post_files("/vorgang-abfragen", &hands_in, &file).await.is(200).says("standing-submitted");
    assert_eq!(house.objects(), 0);
    // another person's login opens it as little, one's own does
    let kim = house.citizen(OSTRAU, "kim", "hoch").await;
    kim.post("/vorgang-abfragen", &known).await.is(200).is_silent_about("Waldi");
    guest.post("/vorgang-abfragen", &known).await.is(200).says("Waldi");
}
