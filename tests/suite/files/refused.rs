//! What is not taken: told beside the field, with a sentence that helps, and nothing else that was typed is lost.

use std::io::Write as _;

use portal::config::rates::Rates;
use portal_tests::{House, OSTRAU};

use super::{has_sent, house, jpeg, pdf};

/// As its makers intended: harmless, and known to every scanner.
pub const EICAR: &str = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend_from_slice(&width.to_be_bytes());
    file.extend_from_slice(&height.to_be_bytes());
    file.extend_from_slice(b"\x08\x06\0\0\0AAAA\0\0\0\0IEND\xaeB`\x82");
    file
}

/// An archive of one entry that unpacks to much more than it says.
fn zip(name: &str) -> Vec<u8> {
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0; 10_000_000]).unwrap();
    let packed = packed.finish().unwrap();
    let (size, long) = ((packed.len() as u32).to_le_bytes(), 10_000_000_u32.to_le_bytes());
    let length = (name.len() as u16).to_le_bytes();
    let common = [&b"\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0"[..], &size, &long, &length, &[0, 0]].concat();
    let local = [&b"PK\x03\x04"[..], &common, name.as_bytes(), &packed].concat();
    let central = [&b"PK\x01\x02\x14\0"[..], &common, &[0; 14], name.as_bytes()].concat();
    let (at, bytes) = ((local.len() as u32).to_le_bytes(), (central.len() as u32).to_le_bytes());
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &bytes, &at, &[0, 0]].concat();
    [local, central, end].concat()
}

fn pdf_with(object: &str) -> Vec<u8> {
    let mut file = pdf(100_000);
    file.extend_from_slice(format!("9 0 obj\n{object}\nendobj\n%%EOF\n").as_bytes());
    file
}

/// A PDF whose objects lie packed in a stream, as most newer ones are written.
fn packed_pdf(objects: &str, dictionary: &str) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(format!("9 0 {}{objects}", " ".repeat(70_000)).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let mut file = pdf(1000);
    file.extend_from_slice(format!("8 0 obj\n<< {dictionary} /Length {} >>\nstream\n", packed.len()).as_bytes());
    file.extend_from_slice(&packed);
    file.extend_from_slice(b"\nendstream\nendobj\n%%EOF\n");
    file
}

#[tokio::test]
async fn what_is_dangerous_or_of_no_use_is_refused_with_a_sentence_that_helps() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = erika.begins("antrag").await;
    let step = format!("/antraege/{draft}/hund");
    let objects = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode";
    let packed = |dictionary: &str| packed_pdf("<< /S /JavaScript >>", dictionary);
    let cases: [(&str, Vec<u8>, &str); 40] = [
        ("leer.pdf", Vec::new(), "ist leer"),
        ("brief.docx", zip("word/document.xml"), "Büroprogramm"),
        ("brief.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 und mehr".to_vec(), "Büroprogramm"),
        ("bilder.zip", zip("bilder/1.jpg"), "gepackter Ordner"),
        ("../../flucht.zip", zip("../../etc/passwd"), "gepackter Ordner"),
        ("bilder.rar", b"Rar!\x1a\x07\x01\0 und mehr davon".to_vec(), "gepackter Ordner"),
        ("rechnung.pdf", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8".to_vec(), "ist ein Programm"),
        ("rechnung.jpg", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02".to_vec(), "ist ein Programm"),
        ("skript.pdf", b"#!/bin/sh\nrm -rf /\n".to_vec(), "ist ein Programm"),
        ("seite.txt", b"<!doctype html><script>alert(1)</script>".to_vec(), "Internetseite"),
        ("seite.jpg", b"\xef\xbb\xbf\n <HTML><body onload=alert(1)>".to_vec(), "Internetseite"),
        ("bild.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "Internetseite"),
        ("text.txt", b"Nur ein paar Worte, sonst nichts.".to_vec(), "als PDF"),
        ("eicar.com", EICAR.into(), "als PDF"),
        ("film.mp4", b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2".to_vec(), "als PDF"),
        ("gross.png", png(30_000, 30_000), "zu viele Bildpunkte"),
        ("gross.jpg", jpeg(50_000, 50_000), "zu viele Bildpunkte"),
        ("kaputt.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\0 und nichts dahinter".to_vec(), "beschädigt"),
        ("beides.jpg", [jpeg(100, 100), zip("a.class")].concat(), "zwei Dateien"),
        ("beides.pdf", [pdf(1000), zip("a.class")].concat(), "zwei Dateien"),
        ("pdf.png", [png(10, 10), pdf(10)].concat(), "zwei Dateien"),
        ("skript.pdf", pdf_with("<< /S /JavaScript /JS (app.alert(1)) >>"), "Skripte"),
        ("skript.pdf", pdf_with("<< /S /J#61va#53cript /JS (app.alert(1)) >>"), "Skripte"),
        ("start.pdf", pdf_with("<< /S /Launch /F (cmd.exe) >>"), "Skripte"),
        ("anhang.pdf", pdf_with("<< /Type /EmbeddedFile >>"), "Skripte"),
        ("schloss.pdf", pdf_with("<< /Filter /Standard /V 4 >> trailer << /Encrypt 9 0 R >>"), "Kennwort"),
        ("gepackt.pdf", packed_pdf("<< /S /JavaScript /JS (x) >>", objects), "Skripte"),
        ("formular.pdf", pdf_with("<< /AcroForm << /XFA [(form) 5 0 R] >> >>"), "Skripte"),
        ("fern.pdf", pdf_with("<< /S /GoToR /F (x.pdf) >>"), "Skripte"),
        ("fern.pdf", pdf_with("<< /S /GoTo#45 >>"), "Skripte"),
        ("anhang.pdf", pdf_with("<< /F (a.exe) /EF<</F 5 0 R>> >>"), "Skripte"),
        // streams of objects that hide what is in them
        ("stumm.pdf", packed("/N 1 /First 4 /Filter /FlateDecode"), "Skripte"),
        ("stumm.pdf", packed("/N 1 /First 4 /X (endobj 6 0 obj <<) /Filter /LZWDecode"), "Skripte"),
        ("worte.pdf", packed("/Filter /LZWDecode %<< 1 0 obj <<\n/Type /ObjStm /First 4"), "Skripte"),
        ("fern.pdf", packed(&format!("/Filter /LZWDecode {} /Type /ObjStm /First 4", " ".repeat(3000))), "Skripte"),
        ("offen.pdf", pdf_with("<< /Type /ObjStm /N 1 /First 4 /Filter /ASCIIHexDecode >>\nstream\n39 20"), "Skripte"),
        ("offen.pdf", pdf_with("<< /Type /ObjStm /N 1 /First 4 >>\nstream\n39 20 30 20 2f 4a\nendstream"), "Skripte"),
        ("muster.pdf", packed(&format!("{objects} /DecodeParms << /Predictor 12 >>")), "Skripte"),
        ("viele.pdf", pdf_with(&"<< /First 1 >> stream\n".repeat(30_000)), "Skripte"),
        ("seltsam.pdf", packed_pdf("<< /S /JavaScript >>", &objects.replace("Flate", "LZW")), "Skripte"),
    ];
    for (name, content, said) in cases {
        let page = erika.post_files(&step, &[("rufname", "Ödön")], &[("schein", name, &content)]).await;
        assert_eq!(page.status, 422, "{name} was taken: {}", page.text());
        page.says(said).says("value=\"Ödön\"").is_silent_about("class=\"attached\"");
    }
    assert_eq!(house.objects(), 0, "nothing of it is kept");
    let good = packed_pdf("<< /Type /Page >>", objects);
    // what stands near streams in any document
    let plain =
        pdf_with("<< /Type /Outlines /First 5 0 R >>\nendobj\n7 0 obj\n<< /Length 5 /Date (D:2026) >>\nstream\nBT ET");
    assert!(plain.len() > 1000);
    for (name, content) in [("gut.pdf", good), ("glatt.pdf", plain), ("gut.png", png(12_000, 9000))] {
        let step = format!("/antraege/{}/hund", erika.begins("antrag").await);
        let page =
            erika.post_files(&step, &[("rufname", "Ödön"), ("do", "upload")], &[("schein", name, &content)]).await;
        page.is(200).says(name);
    }
}

#[tokio::test]
async fn what_nobody_asked_for_or_has_room_for_is_not_kept() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = erika.begins("antrag").await;
    let step = format!("/antraege/{draft}/hund");
    let scan = pdf(1000);
    let strange = [("foto", "a.pdf", &scan[..]), ("", "b.pdf", &scan), ("rufname", "c.pdf", &scan)];
    erika.post_files(&step, &[("rufname", "Waldi"), ("do", "upload")], &strange).await.is(200).is_silent_about("a.pdf");
    assert_eq!(house.objects(), 0, "fields that nobody asked for");
    let many: Vec<_> = (0..5).map(|_| ("schein", "a.pdf", &scan[..])).collect();
    erika.post_files(&step, &[("rufname", "Waldi"), ("do", "upload")], &many).await.is(422);
    assert_eq!(house.objects(), 2, "two may be there");
    let number = has_sent(&erika, "Schein.pdf", &scan).await;
    let before = house.objects();
    let other = house.citizen(OSTRAU, "kim", "basis").await;
    other.post_files(&format!("/vorgaenge/{number}"), &[("do", "hand_in")], &[("files", "a.pdf", &scan)]).await.is(404);
    let six: Vec<_> = (0..6).map(|_| ("files", "a.pdf", &scan[..])).collect();
    erika.post_files(&format!("/vorgaenge/{number}"), &[("do", "hand_in")], &six).await.is(422);
    assert_eq!(house.objects(), before, "what was not taken is not kept");
}

#[tokio::test]
async fn a_part_whose_head_has_no_end_is_refused() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = erika.begins("antrag").await;
    let endless = "x".repeat(5 << 20);
    let parcel = erika.try_post_files(&format!("/antraege/{draft}/hund"), &[(&endless, "1")], &[]).await;
    // it may hear of it while it still sends
    assert!(parcel.is_err() || parcel.is_ok_and(|answer| answer.status == 400));
    assert_eq!(house.objects(), 0);
}

#[tokio::test]
async fn nobody_hands_over_files_by_the_hundred() {
    let uploads = "3/10m".parse().expect("a rate");
    let house = House::open_with_rates(super::towns(), Rates { uploads, ..Rates::OFF }).await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = erika.begins("antrag").await;
    let (step, scan) = (format!("/antraege/{draft}/hund"), pdf(1000));
    let two = [("schein", "a.pdf", &scan[..]), ("schein", "b.pdf", &scan)];
    erika.post_files(&step, &[("rufname", "Waldi"), ("do", "upload")], &two).await.is(200);
    erika.post_files(&step, &[("rufname", "Waldi"), ("do", "upload")], &two).await.is(429);
    assert_eq!(house.objects(), 2, "what came before the end of the budget is not kept");
    erika.post(&step, &[("rufname", "Waldi")]).await.is(303);
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_read_to_its_end() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = erika.begins("antrag").await;
    let step = format!("/antraege/{draft}/hund");
    let (large, small) = (pdf(21 * 1024 * 1024), pdf(1000));
    let files = [("schein", "Film.pdf", &large[..]), ("schein", "Schein.pdf", &small)];
    let page = erika.post_files(&step, &[("rufname", "Waldi")], &files).await.is(422);
    page.says("ist zu groß").says("20\u{a0}MB").says("Schein.pdf").says("value=\"Waldi\"");
    assert_eq!(house.objects(), 1);
}

#[tokio::test]
async fn broken_parcels_are_told_and_leave_nothing() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = erika.begins("antrag").await;
    let step = format!("/antraege/{draft}/hund");
    let names: Vec<String> = (0..300).map(|at| format!("feld{at}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    erika.post_files(&step, &many, &[]).await.is(413);
    // browsers send this where nobody chose a file
    erika.post_files(&step, &[("rufname", "Waldi")], &[("schein", "", b"")]).await.is_silent_about("ist leer");
    let long = "x".repeat(70_000);
    erika.post_files(&step, &[("rufname", &long)], &[]).await.is(413);
    let scan = pdf(10);
    let files: Vec<_> = (0..30).map(|_| ("schein", "a.pdf", &scan[..])).collect();
    erika.post_files(&step, &[("rufname", "Waldi")], &files).await.is(413);
}
