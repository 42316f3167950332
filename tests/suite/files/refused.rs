//! What is not taken: told beside the field, with a sentence that helps, and nothing else that was typed is lost.

use std::io::Write as _;

use portal_tests::OSTRAU;

use super::{begins, house, jpeg, pdf};

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
    let draft = begins(&erika, "antrag").await;
    let step = format!("/antraege/{draft}/hund");
    let objects = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode";
    let cases: [(&str, Vec<u8>, &str); 28] = [
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
        ("seltsam.pdf", packed_pdf("<< /S /JavaScript >>", &objects.replace("Flate", "LZW")), "Skripte"),
    ];
    for (name, content, said) in cases {
        let page = erika.post_files(&step, &[("rufname", "Ödön")], &[("schein", name, &content)]).await;
        assert_eq!(page.status, 422, "{name} was taken: {}", page.text());
        page.says(said).says("value=\"Ödön\"").is_silent_about("class=\"attached\"");
    }
    assert_eq!(house.objects(), 0, "nothing of it is kept");
    let good = packed_pdf("<< /Type /Page >>", objects);
    for (name, content) in [("gut.pdf", good), ("gut.png", png(12_000, 9000))] {
        erika
            .post_files(&step, &[("rufname", "Ödön"), ("do", "upload")], &[("schein", name, &content)])
            .await
            .is(200)
            .says(name);
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_read_to_its_end() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let draft = begins(&erika, "antrag").await;
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
    let draft = begins(&erika, "antrag").await;
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
