//! What is written to people who read nothing here: letters on the town's paper, until somebody has posted them. And the
//! papers that came with their applications.

use lopdf::Document;

use super::*;

const POST: &str = "/verwaltung/post";

const ADDRESS: (&str, &str) = ("address", "Alter Weg 1\r\n12345 Altstadt");

/// The words of a PDF, as a reader finds them.
fn words_of(pdf: &Answer) -> String {
    let pdf = Document::load_mem(&pdf.bytes).expect("a PDF");
    let pages: Vec<u32> = pdf.get_pages().into_keys().collect();
    pdf.extract_text(&pages).expect("words").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn what_is_written_to_somebody_without_an_account_goes_as_a_letter() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let petra = house.petra(host).await;
        let number = enters(&petra, &[ADDRESS]).await;
        petra.get(&format!("{}?art=ask", at(&number))).await.is(200).says("Daraus wird ein Brief");
        let unprintable = [("do", "ask"), ("text", "Bitte 字.")];
        petra.does(&number, &unprintable).await.is(422);
        petra.get(POST).await.is(200).is_silent_about(&number);
        let (asks, files) = ([("do", "ask"), ("text", "Bitte die Steuernummer.")], [("files", "Merkblatt.pdf", PDF)]);
        petra
            .does_with(&number, &asks, &files)
            .await
            .is(303)
            .leads_to(&format!("{}?fertig=asked_by_post", at(&number)));
        let page = petra.get(&format!("{}?fertig=asked_by_post", at(&number))).await.is(200);
        page.says("Er wartet unter „Post“")
            .says("Wartet auf die Post")
            .says("Wartet auf Antwort")
            .says("Um Antwort gebeten");
        petra.get("/verwaltung").await.is(200).says("<strong>1</strong> <span>Briefe zur Post</span>");

        // the letter as often as one likes: that marks nothing
        let list = petra.get(POST).await.is(200).says(&number).says("Jürgen Ödön").is_silent_about("Anschrift fehlt");
        let letter = petra.get(&pdf_of(&list)).await.is(200);
        assert_eq!(letter.header("content-disposition"), format!("attachment; filename=\"{number}-brief.pdf\""));
        let words = words_of(&letter);
        for word in ["Jürgen Ödön", "Alter Weg 1", "12345 Altstadt", "Hund anmelden", &number, "Petra Klarname"] {
            assert!(words.contains(word), "{word} in {words}");
        }
        assert!(words.contains("Bitte die Steuernummer.") && words.contains("Merkblatt.pdf"), "{words}");
        assert!(!words.contains("Bescheid") && !words.contains("Klage erheben"), "{words}");

        // another one is written before the first is posted: only what is ticked has gone
        let first = list.field("letter");
        petra.does(&number, &[("do", "message"), ("text", "Noch etwas.")]).await.is(303);
        petra.get("/verwaltung").await.is(200).says("<strong>2</strong> <span>Briefe zur Post</span>");
        petra.post(POST, &[("letter", &first)]).await.is(303).leads_to("/verwaltung/post?fertig=1");
        let second = petra.get(POST).await.is(200).says(&number).field("letter");
        assert_ne!(first, second);
        petra.get(&at(&number)).await.is(200).says("Brief abgeschickt").says("Abgeschickt am 1. November 2026");
        petra.does(&number, &[("do", "posted"), ("letter", &first)]).await.is(409);
        petra.does(&number, &[("do", "posted"), ("letter", &second)]).await.is(303);
        petra.get(POST).await.is(200).is_silent_about(&number);
        petra.get("/verwaltung").await.is(200).says("<strong>0</strong> <span>Briefe zur Post</span>");
        let thread = petra.get(&format!("{}/nachrichten.pdf", at(&number))).await.is(200);
        assert_eq!(words_of(&thread).matches("Verschickt am").count(), 2);
        // what comes back on paper, and is scanned
        petra.get(&at(&number)).await.is(200).says("Wartet auf Antwort").says("Antwort erfassen");
        petra.does(&number, &[("do", "came"), ("came", " ")]).await.is(422).says("Was kam an?");
        let scan = [("files", "Antwort.pdf", PDF)];
        petra.does_with(&number, &[("do", "came"), ("came", "")], &scan).await.is(303);
        let page = petra.get(&at(&number)).await.is(200).says("Antwort.pdf").says("Nachricht ist da");
        page.says("desk-state-processing").is_silent_about("Wartet auf Antwort");
        petra.does(&number, &[("do", "came"), ("came", "Rief an: Nummer 4711.")]).await.is(303);
        petra.get(&at(&number)).await.is(200).says("Rief an: Nummer 4711.");
        // printed again when it is long gone
        assert!(petra.get(&format!("{}/briefe/{first}", at(&number))).await.is(200).bytes.starts_with(b"%PDF"));
    }
}

#[tokio::test]
async fn a_letter_belongs_to_its_case_and_its_department() {
    let house = house().await;
    let petra = house.petra(OSTRAU).await;
    let (number, other) = (enters(&petra, &[ADDRESS]).await, enters(&petra, &[ADDRESS]).await);
    petra.does(&number, &[("do", "message"), ("text", "Wir sind dran.")]).await.is(303);
    let letter = petra.get(POST).await.is(200).field("letter");
    petra.get(&format!("{}/briefe/{letter}", at(&other))).await.is(404);
    petra.does(&other, &[("do", "posted"), ("letter", &letter)]).await.is(409);
    let kim = house.clerk_of(OSTRAU, "kim", "Kim Muster", "sachbearbeitung", Some("buergerbuero")).await;
    kim.get(&format!("{}/briefe/{letter}", at(&number))).await.is(403);
    kim.post(POST, &[("letter", &letter)]).await.is(403);
    let stranger = house.clerk(WESTRAU, "fremd", "Frieda Fremd").await;
    stranger.get(&format!("{}/briefe/{letter}", at(&number))).await.is(404);
    stranger.post(POST, &[("letter", &letter)]).await.is(404);
    petra.get(POST).await.is(200).says(&letter);
    // what somebody reads in the Postkorb is no letter
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let online = sends(&erika, "Waldi").await;
    petra.does(&online, &[("do", "message"), ("text", "Wir sind dran.")]).await.is(303);
    petra.get(POST).await.is(200).is_silent_about(&online);
    petra.get(&at(&online)).await.is(200).is_silent_about("Antwort erfassen");
    petra.does(&online, &[("do", "came"), ("came", "x")]).await.is(409);
    petra.get(&at(&online)).await.is(200).says("Noch nicht gelesen").is_silent_about("Wartet auf die Post");
}

#[tokio::test]
async fn papers_that_came_with_an_application_lie_at_its_case() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let petra = house.petra(host).await;
        petra.get(NEW).await.is(200).says("multipart/form-data").says("name=\"files\"");
        // what is refused costs nothing that was typed, and no case
        let program = [("files", "scan.exe", &b"MZ\x90\x00 a program"[..]), ("files", "Antrag.pdf", PDF)];
        let page = petra
            .post_files(NEW, &paper(&[ADDRESS]), &program)
            .await
            .is(422)
            .says("ist ein Programm")
            .says("Ein Dackel.");
        page.says("noch einmal aus");
        petra.get("/verwaltung/vorgaenge").await.is(200).is_silent_about("Jürgen Ödön");
        let names = ["Antrag.pdf", "Anlage 2.pdf", "Anlage 1.pdf"];
        let scans: Vec<_> = names.iter().map(|name| ("files", *name, PDF)).collect();
        let eleven: Vec<_> = (0..11).map(|_| ("files", "Scan.pdf", PDF)).collect();
        petra.post_files(NEW, &paper(&[ADDRESS]), &eleven).await.is(422).says("höchstens 10");

        let once = petra.get(NEW).await.is(200).field("once");
        let form = [&paper(&[ADDRESS])[..], &[("once", &*once)]].concat();
        let entered = petra.post_files(NEW, &form, &scans).await.is(303);
        petra.post_files(NEW, &form, &scans).await.is(303).leads_to(entered.header("location"));
        let case = entered.header("location").split('?').next().expect("an address").to_owned();
        let page = petra.get(&case).await.is(200).says("Nicht auf Viren geprüft").text();
        let places: Vec<_> = names.iter().map(|name| page.find(*name).expect("it is there")).collect();
        assert!(places.is_sorted(), "{places:?}");
        let link = page.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|it| it.contains("/dateien/"));
        let link = link.expect("the case leads to its files").to_owned();
        assert!(petra.get(&format!("{link}?trotzdem=1")).await.is(200).bytes == PDF);
        let nobody = house.clerk_of(host, "ohne", "Ohne Rolle", "administration", None).await;
        nobody.post_files(NEW, &paper(&[ADDRESS]), &scans).await.is(403);
    }
}
