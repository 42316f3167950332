//! Files: from the form or the Postkorb to the clerk, judged by what is in them, and nobody else's business.

mod bucket;
mod kept;
mod refused;
mod saved;
mod scanned;

use portal_tests::{Answer, Browser, House, OSTRAU, Towns, WESTRAU};

const FORM: &str = r"
title: Hund anmelden
login: basis
department: steueramt
steps:
  - id: hund
    title: Ihr Hund
    fields:
      - {id: rufname, kind: name, label: Rufname}
      - {id: schein, kind: file, label: Versicherungsschein, most: 2}
";

const GUESTS: &str = r"
title: Sperrgut bestellen
login: none
steps:
  - {id: was, title: Was, fields: [{id: foto, kind: file, label: Foto, optional: true}]}
";

fn towns() -> Towns {
    let towns = Towns::with_simulator();
    for town in ["ostrau", "westrau"] {
        for (id, form) in [("antrag", FORM), ("abholung", GUESTS)] {
            towns.write(&format!("{town}/forms/{id}.yaml"), form);
            let service = format!("title: Hund\nshort: Kurz.\nonline: {{kind: form, form: {id}}}\n");
            towns.write(&format!("{town}/services/{id}.yaml"), service);
        }
    }
    towns
}

async fn house() -> House {
    House::open(towns()).await
}

/// A PDF as a printer driver writes it, of about so many bytes.
fn pdf(bytes: usize) -> Vec<u8> {
    let mut file =
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n3 0 obj\n<< /Length 9 >>\nstream\n".to_vec();
    file.extend((0..bytes).map(|at| (at * at % 253) as u8));
    file.extend_from_slice(b"\nendstream\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n");
    file
}

/// The beginning of a photo of that size, and what a telephone writes behind it.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08".to_vec();
    file.extend_from_slice(&height.to_be_bytes());
    file.extend_from_slice(&width.to_be_bytes());
    file.extend_from_slice(b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01");
    file.extend(std::iter::repeat_n(0x5a, 5000));
    file.extend_from_slice(b"\xff\xd9");
    file
}

/// Addresses on a page that lead to files.
fn files_on(page: &Answer) -> Vec<String> {
    let text = page.text();
    let links = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.contains("/dateien/")).map(str::to_owned).collect()
}

/// Somebody who has sent a form with one file; the number of the case.
async fn has_sent(browser: &Browser, name: &str, content: &[u8]) -> String {
    let draft = browser.begins("antrag").await;
    let step = format!("/antraege/{draft}/hund");
    browser.post_files(&step, &[("rufname", "Waldi")], &[("schein", name, content)]).await.is(303);
    browser.submits(&draft).await
}

#[tokio::test]
async fn a_file_goes_from_the_form_to_the_desk_and_comes_back_as_it_was() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "hoch").await;
        let draft = erika.begins("antrag").await;
        let step = format!("/antraege/{draft}/hund");
        erika.get(&step).await.is(200).says("multipart/form-data").says("20\u{a0}MB");
        erika.post_files(&step, &[("rufname", "Waldi")], &[]).await.is(422).says("fehlt noch eine Datei");

        // what is wrong beside it costs no file
        let (scan, photo) = (pdf(300_000), jpeg(8160, 6120));
        let files = [("schein", "Schein Straße.PDF", &scan[..])];
        let page = erika.post_files(&step, &[("rufname", "")], &files).await.is(422);
        let page = page.says("Schein Straße.PDF").says("Nicht auf Viren geprüft").says("Sie müssen nichts weiter tun");
        let fetched = erika.get(&files_on(&page)[0]).await.is(200);
        assert!(fetched.bytes == scan, "{} bytes came back", fetched.bytes.len());

        let more = [("schein", "IMG_1.jpg", &photo[..]), ("schein", "IMG_2.jpg", &photo)];
        let page = erika.post_files(&step, &[("rufname", "Waldi"), ("do", "upload")], &more).await.is(422);
        let page = page.says("höchstens 2").says("IMG_1.jpg").is_silent_about("IMG_2.jpg").says("value=\"Waldi\"");
        let photo_link = files_on(&page)[1].clone();
        let gone = format!("remove:{}", photo_link.rsplit('/').next().expect("an id"));
        let page = erika.post_files(&step, &[("rufname", "Waldi"), ("do", &gone)], &[]).await.is(200);
        page.says("Schein Straße.PDF").is_silent_about("IMG_1.jpg");
        erika.get(&photo_link).await.is(404);
        erika.post(&step, &[("rufname", "Waldi")]).await.is(303);

        let review = format!("/antraege/{draft}/pruefen");
        erika.get(&review).await.is(200).says("Schein Straße.PDF (294\u{a0}kB)");
        let number = erika.submits(&draft).await;
        let copy = erika.get(&format!("/vorgaenge/{number}/kopie.json")).await.is(200).json();
        let frozen = &copy["application"]["sections"][0]["fields"][1]["value"][0];
        assert_eq!((&frozen["name"], &frozen["size"]), (&"Schein Straße.PDF".into(), &scan.len().into()));
        assert_eq!(frozen["sha256"].as_str().map(str::len), Some(64));

        let case = erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("Sie müssen nichts weiter tun");
        let answer = erika.get(&files_on(&case)[0]).await.is(200);
        assert!(answer.bytes == scan);
        assert_eq!(answer.header("content-type"), "application/pdf");
        assert_eq!(
            answer.header("content-disposition"),
            "attachment; filename=\"Schein Stra_e.PDF\"; filename*=UTF-8''Schein%20Stra%C3%9Fe.PDF"
        );
        assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'; frame-ancestors 'none'");
        assert_eq!((answer.header("x-content-type-options"), answer.header("cache-control")), ("nosniff", "no-store"));

        let petra = house.petra(host).await;
        let page = petra.get(&format!("/verwaltung/vorgaenge/{number}")).await.is(200).says("Schein Straße.PDF");
        let link = files_on(&page)[0].clone();
        // nobody has scanned it: that takes a second click
        petra.get(&link).await.is(200).says("Niemand hat diese Datei auf Viren geprüft");
        let fetched = petra.get(&format!("{link}?trotzdem=1")).await.is(200);
        assert!(fetched.bytes == scan);

        let other = house.citizen(host, "kim", "basis").await;
        for link in files_on(&case) {
            other.get(&link).await.is(404);
            house.browser(host).get(&link).await.is(303);
        }
        erika.get(&link).await.is(303);
    }
}

#[tokio::test]
async fn a_guest_hands_over_a_photo_and_nobody_else_gets_it() {
    let house = house().await;
    let (guest, photo) = (house.browser(OSTRAU), jpeg(4000, 3000));
    let draft = guest.begins("abholung").await;
    let step = format!("/antraege/{draft}/was");
    let page = guest.post_files(&step, &[("do", "upload")], &[("foto", "IMG.jpg", &photo)]).await.is(200);
    let link = files_on(&page)[0].clone();
    assert!(guest.get(&link).await.is(200).bytes == photo);
    house.browser(OSTRAU).get(&link).await.is(404);
    house.browser(WESTRAU).get(&link).await.is(404);
    // strangers hand over nothing, and nothing of it is kept
    let before = house.objects();
    house.browser(OSTRAU).post_files(&step, &[], &[("foto", "IMG.jpg", &photo)]).await.is(404);
    assert_eq!((before, house.objects()), (1, 1));
    guest.post(&format!("/antraege/{draft}"), &[("do", "discard")]).await.is(200);
    guest.get(&link).await.is(404);
    house.work_off().await;
    assert_eq!(house.objects(), 0, "with the draft its file goes");
}

#[tokio::test]
async fn files_go_both_ways_through_the_postkorb() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "hoch").await;
        let (scan, photo) = (pdf(1000), jpeg(4000, 3000));
        let number = has_sent(&erika, "Schein.pdf", &scan).await;
        let case = format!("/vorgaenge/{number}");
        erika.post_files(&case, &[("do", "hand_in")], &[]).await.is(422).says("mindestens eine Datei");
        erika.post_files(&case, &[("do", "hand_in")], &[("files", "Foto.jpg", &photo)]).await.is(303);
        // a second click is one deed, another file another one
        let once = erika.get(&case).await.is(200).field("once");
        let twice = [("do", "hand_in"), ("once", once.as_str())];
        for (name, content) in [("A.pdf", &scan), ("A.pdf", &scan), ("B.jpg", &jpeg(800, 600))] {
            erika.post_files(&case, &twice, &[("files", name, content)]).await.is(303);
        }
        let page = erika.get(&case).await.is(200).says("Foto.jpg").says("Dokument hinzugefügt").says("B.jpg");
        assert_eq!(page.text().matches(">A.pdf<").count(), 1, "{}", page.text());
        for link in files_on(&page) {
            erika.get(&link).await.is(200);
        }
        let petra = house.petra(host).await;
        let desk = format!("/verwaltung{case}");
        let page = petra.get(&desk).await.is(200).says("Schein.pdf").says("Foto.jpg").says("nachgereicht");
        assert_eq!(files_on(&page).len(), 4);
        let (leaflet, silent) = ([("files", "Merkblatt.pdf", &scan[..])], [("do", "message"), ("text", "")]);
        petra.does_with(&number, &silent, &leaflet).await.is(422).says("noch einmal");
        petra.does_with(&number, &[("do", "message"), ("text", "Bitte lesen.")], &leaflet).await.is(303);
        let thread = erika.get("/postkorb").await.is(200).threads().remove(0);
        let page = erika.get(&thread).await.is(200).says("Merkblatt.pdf");
        let link = files_on(&page).pop().expect("a file");
        assert!(erika.get(&link).await.is(200).bytes == scan);
        let answer = [("do", "answer"), ("message", "Danke")];
        let html = [("files", "seite.pdf", &b"<!doctype html><script>alert(1)</script>"[..])];
        erika.post_files(&thread, &answer, &html).await.is(422).says("Internetseite").says("Danke");
        erika.post_files(&thread, &answer, &[("files", "Zweites.pdf", &scan)]).await.is(303);
        petra.get(&desk).await.is(200).says("Zweites.pdf");
        // without a case, to an office
        let free = [("about", "amt:steueramt"), ("subject", "Frage"), ("message", "Darf das so sein?")];
        let sent = erika.post_files("/postkorb/neu", &free, &[("files", "Frage.jpg", &photo)]).await.is(303);
        let id =
            sent.header("location").trim_start_matches("/postkorb/").split('?').next().unwrap_or_default().to_owned();
        let page = petra.get(&format!("/verwaltung/nachrichten/{id}")).await.is(200).says("Frage.jpg");
        let link = files_on(&page).pop().expect("a file");
        assert!(petra.get(&format!("{link}?trotzdem=1")).await.is(200).bytes == photo);
        house
            .citizen(host, "kim", "basis")
            .await
            .get(&format!("/postkorb/{id}/dateien/{}", &link[link.len() - 36..]))
            .await
            .is(404);
    }
}

#[tokio::test]
async fn what_no_row_leads_to_goes_after_a_day_and_what_is_missing_is_told() {
    use portal::files;
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    has_sent(&erika, "Schein.pdf", &pdf(1000)).await;
    let store = house.portal.store.platform().remains_of("ostrau");
    let folder = house.database.folder().join("files/ostrau");
    let orphan = folder.join("7c1d9a4e-0d5e-4f5b-9c53-3a3f7f9b1f00");
    std::fs::write(&orphan, b"x").unwrap();
    let written = jiff::Timestamp::try_from(std::fs::metadata(&orphan).unwrap().modified().unwrap()).unwrap();
    let sweep = async |hours: i64| {
        let later = written + jiff::SignedDuration::from_hours(hours);
        files::sweep(&house.portal.files, &store, "ostrau", later).await.unwrap()
    };
    assert_eq!(sweep(1).await, files::Swept::default());
    // not from below a backup, whose rows may still lead to it
    let still = house.portal.files.hold_still().unwrap();
    assert_eq!(sweep(25).await, files::Swept::default());
    drop(still);
    assert_eq!(sweep(25).await.removed, 1);
    assert!(!orphan.exists());
    let kept = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(kept).unwrap();
    assert_eq!(sweep(1).await.missing.len(), 1);
    let number = erika.get("/vorgaenge").await.is(200).case_number();
    let page = erika.get(&format!("/vorgaenge/{number}")).await.is(200);
    erika.get(&files_on(&page)[0]).await.is(503);
}
