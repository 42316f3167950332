//! What a PDF promises to somebody who cannot see it, to an archive, and to a printer.

use jiff::Zoned;

use super::{
    Block, Document, Letterhead, Words, copy, letter,
    sheets::{HEIGHT, Ink, WIDTH},
    thread,
    typeface::{Cut, Line, Style, lines},
    write,
};

fn words(name: &str) -> String {
    match name {
        "paper.number" => "Vorgangsnummer",
        "paper.remedy" => "Rechtsbehelfsbelehrung",
        "paper.copy.title" => "Kopie Ihres Antrags: {title}",
        "paper.copy.what" => "Das haben Sie uns geschickt. Heben Sie diese Kopie gut auf.",
        "paper.copy.submitted" => "Eingegangen am",
        "paper.copy.proof" => "Nachweis der Identität",
        "paper.copy.sealed" => "Prüfsumme der Datei zum Weiterverarbeiten (SHA-256): {sha256}",
        "paper.thread.printed" => "Ausgegeben am",
        "paper.thread.files" => "Angehängte Dateien",
        other => other,
    }
    .to_owned()
}

const WORDS: Words = &words;

fn at() -> Zoned {
    "2026-11-22T10:00:00+01:00[Europe/Berlin]".parse().unwrap()
}

fn letterhead() -> Letterhead {
    Letterhead {
        name: "Stadt Ostrau".into(),
        sender: "Stadt Ostrau · Markt 1 · 00001 Ostrau".into(),
        details: ["Markt 1", "00001 Ostrau", "+49 221 4710-100", "rathaus@ostrau.example"].map(String::from).into(),
        color: [0x00, 0x64, 0x7a],
        emblem: None,
        page: "Seite {n} von {of}".into(),
    }
}

fn document(blocks: Vec<Block>) -> Document {
    let (title, lang) = ("Prüfstück".into(), "de".into());
    Document { title, lang, created: at(), number: Some("OST-2026-483921-7".into()), envelope: None, blocks }
}

fn application() -> copy::Copy {
    let rows = |rows: &[(&str, &str)]| rows.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    copy::Copy {
        title: "Hund anmelden".into(),
        lang: "de".into(),
        number: "OST-2026-483921-7".into(),
        submitted: at(),
        submitted_shown: "22. November 2026, 10:00".into(),
        sections: vec![
            copy::Section {
                title: "Ihr Hund".into(),
                rows: rows(&[
                    ("Rufname", "Waldi"),
                    ("Rasse oder Kreuzung", "Rauhaardackel"),
                    ("Seit wann halten Sie den Hund?", "3. Mai 2026"),
                    ("Bemerkung", ""),
                ]),
            },
            copy::Section {
                title: "Über Sie".into(),
                rows: rows(&[
                    ("Name", "Erika Mustermann"),
                    ("Anschrift", "Am Deich 7\n00001 Ostrau"),
                    ("Was möchten Sie uns noch mitteilen?", &"Der Hund ist ganz lieb und tut nichts. ".repeat(12)),
                ]),
            },
        ],
        proof: Some("Angemeldet mit BundID, Vertrauensniveau hoch (Online-Ausweis)".into()),
        digest: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
    }
}

fn decision() -> letter::Letter {
    letter::Letter {
        subject: "Bescheid über die Festsetzung der Hundesteuer".into(),
        lang: "de".into(),
        written: at(),
        number: Some("OST-2026-483921-7".into()),
        to: ["Frau", "Erika Mustermann", "Am Deich 7", "00001 Ostrau"].map(String::from).into(),
        about: [
            ("Vorgang", "OST-2026-483921-7"),
            ("Datum", "22. November 2026"),
            ("Auskunft gibt", "Frau Öztürk"),
            ("Telefon", "+49 221 4710-123"),
        ]
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .into(),
        body: letter::Body::Markdown("Sehr geehrte Frau Mustermann,\n\nfür Ihren Hund setzen wir die **Hundesteuer** auf 96 Euro im Jahr fest.\n\n\
               ## Begründung\n\nGrundlage ist die Satzung:\n\n- Der Hund wird im Stadtgebiet gehalten.\n- Eine Befreiung liegt \
               nicht vor.\n\nBitte zahlen Sie bis zum 15. Februar 2027."
            .into()),
        signature: ["Mit freundlichen Grüßen", "Im Auftrag", "Öztürk"].map(String::from).into(),
        enclosed: Vec::new(),
        remedy: Some("Gegen diesen Bescheid können Sie innerhalb eines Monats Klage erheben.".into()),
        small_print: Some("Dieses Schreiben ist ohne Unterschrift gültig.".into()),
    }
}

fn conversation() -> thread::Thread {
    let message = |from: &str, text: &str, files: &[&str]| thread::Message {
        from: from.into(),
        at: "22. November 2026, 10:00".into(),
        text: text.into(),
        files: files.iter().map(|file| (*file).to_owned()).collect(),
        facts: Vec::new(),
        remedy: None,
    };
    thread::Thread {
        subject: "Frage zur Hundemarke".into(),
        lang: "de".into(),
        printed: at(),
        printed_shown: "22. November 2026, 10:00".into(),
        number: None,
        messages: vec![
            message("Sie", "Guten Tag,\n\nwann kommt die Marke?\nDanke!", &[]),
            message("Steueramt", "Sie liegt bei.", &["marke.pdf", "merkblatt.pdf"]),
        ],
    }
}

fn samples() -> [Document; 3] {
    [copy::of(&application(), WORDS), letter::of(&decision(), WORDS), thread::of(&conversation(), WORDS)]
}

fn print(blocks: Vec<Block>) -> Vec<u8> {
    write(&document(blocks), &letterhead()).unwrap()
}

/// Everything that would be drawn lies on its sheet, inside the margins.
fn stays_on_the_page(document: &Document) -> usize {
    let composed = super::compose::compose(document, &letterhead());
    for (sheet, inks) in composed.sheets.sheets.iter().enumerate() {
        for ink in inks {
            let (x, y, width, bottom) = match ink {
                Ink::Text { x, y, line, .. } => (*x, *y - line.style.size, line.width, *y + 0.3 * line.style.size),
                Ink::Bar { x, y, width, height, .. } => (*x, *y, *width, y + height),
            };
            assert!(
                x >= 10.0 && y >= 10.0 && x + width <= WIDTH - 50.0 && bottom <= HEIGHT - 50.0,
                "on sheet {sheet} at {x}, {y}"
            );
        }
    }
    composed.sheets.sheets.len()
}

#[test]
fn every_kind_of_document_is_pdf_ua_and_pdf_a_or_not_written() {
    // `write` fails when the file breaks a rule of PDF/UA-1 or PDF/A-2a
    for document in samples() {
        let pdf = write(&document, &letterhead()).unwrap();
        let xmp = String::from_utf8_lossy(&pdf);
        assert!(xmp.contains("<pdfuaid:part>1<") && xmp.contains("<pdfaid:part>2<"), "{}", document.title);
        stays_on_the_page(&document);
    }
}

#[test]
fn a_letter_is_read_in_the_order_in_which_it_is_meant() {
    let text = read(&write(&letter::of(&decision(), WORDS), &letterhead()).unwrap());
    let order = [
        "Stadt Ostrau",
        "+49 221 4710-100",
        "Stadt Ostrau · Markt 1",
        "Erika Mustermann",
        "Auskunft gibt",
        "Frau Öztürk",
        "Bescheid über die Festsetzung der Hundesteuer",
        "Sehr geehrte Frau Mustermann",
        "Hundesteuer auf 96 Euro",
        "Begründung",
        "Eine Befreiung liegt",
        "15. Februar 2027",
        "Im Auftrag",
        "Rechtsbehelfsbelehrung",
        "innerhalb eines Monats",
        "ohne Unterschrift",
    ];
    let mut rest = text.as_str();
    for part in order {
        let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("`{part}` is not where it belongs in {text}"));
        rest = after;
    }
}

#[test]
fn nothing_is_drawn_outside_the_structure() {
    for document in samples() {
        let pdf = lopdf::Document::load_mem(&write(&document, &letterhead()).unwrap()).unwrap();
        let catalog = pdf.catalog().unwrap();
        assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"de");
        assert!(catalog.get(b"StructTreeRoot").is_ok() && catalog.get(b"Outlines").is_ok());
        for content in contents(&pdf) {
            let mut open = 0;
            for operation in content.operations {
                match operation.operator.as_str() {
                    "BDC" | "BMC" => open += 1,
                    "EMC" => open -= 1,
                    "Tj" | "TJ" | "f" | "f*" | "S" | "B" | "Do" => assert!(open >= 1, "{operation:?}"),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn the_structure_says_what_things_are() {
    let roles = |document: &Document| -> Vec<String> {
        let pdf = lopdf::Document::load_mem(&write(document, &letterhead()).unwrap()).unwrap();
        let role = |object: &lopdf::Object| Some(object.as_dict().ok()?.get(b"S").ok()?.as_name().ok()?.to_vec());
        pdf.objects.values().filter_map(role).map(|role| String::from_utf8(role).unwrap()).collect()
    };
    let count = |roles: &[String], role: &str| roles.iter().filter(|r| *r == role).count();
    let letter = roles(&letter::of(&decision(), WORDS));
    assert_eq!(["H1", "H2", "L", "LI", "Table", "TH", "TD"].map(|role| count(&letter, role)), [1, 1, 1, 2, 1, 4, 4]);
    let copy = roles(&copy::of(&application(), WORDS));
    assert_eq!(["H1", "H2", "Table", "TH", "TD"].map(|role| count(&copy, role)), [1, 2, 3, 10, 10]);
    let skipping = roles(&document(vec![Block::Heading(3, "Zu tief".into())]));
    assert_eq!(["H2", "H3"].map(|role| count(&skipping, role)), [1, 0]);
}

#[test]
fn every_letter_of_din_91379_has_its_glyph() {
    let letters: Vec<&str> = include_str!("din91379.txt").split_whitespace().collect();
    assert_eq!(letters.len(), 721);
    for cut in [Cut::Regular, Cut::Bold] {
        let style = Style { cut, size: 10.0, leading: 14.0, color: [0; 3] };
        for letter in &letters {
            let [line] = <[Line; 1]>::try_from(lines(letter, style, 100.0)).unwrap_or_else(|_| panic!("{letter}"));
            assert_eq!(line.text, *letter);
            assert!(line.glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0), "{letter}");
        }
    }
    // a mark is set on its letter, not behind it
    let style = Style { cut: Cut::Regular, size: 10.0, leading: 14.0, color: [0; 3] };
    assert_eq!(lines("m\u{302}", style, 100.0)[0].width, lines("m", style, 100.0)[0].width);
    assert!(write(&document(vec![Block::Paragraph(letters.join(" "))]), &letterhead()).is_ok());
}

#[test]
fn a_thousand_rows_break_well() {
    let row = |n: usize| vec![n.to_string(), format!("Eintrag {n} mit einigen Worten"), "x ".repeat(n % 60)];
    let head = ["Nummer", "Was", "Bemerkung"].map(String::from).to_vec();
    let table = document(vec![Block::Table { head, rows: (1..=1000).map(row).collect() }]);
    let sheets = stays_on_the_page(&table);
    let text = read(&write(&table, &letterhead()).unwrap());
    assert!((20..60).contains(&sheets), "{sheets} sheets");
    assert!((1..=1000).all(|n| text.matches(&format!("Eintrag {n} ")).count() == 1));
    assert_eq!(text.matches("Bemerkung").count(), sheets, "the head stands on each sheet");
    assert!(text.contains(&format!("Seite {sheets} von {sheets}")));
}

#[test]
fn hostile_text_neither_breaks_the_press_nor_leaves_the_page() {
    let hostile = [
        "A".repeat(1500),
        "\u{0}\u{1}\u{7}\u{1b}[31m rot \u{7f}\u{85}\r\n\t\u{feff}\u{fffe}\u{ffff}".to_owned(),
        "\u{202e}gpj.exe\u{2066} מזל טוב שלום مرحبا بالعالم".to_owned(),
        "m\u{302}".repeat(200) + &"\u{302}".repeat(500),
        "👩‍👩‍👧‍👦🇩🇪 漢字 \u{e000} \u{10ffff}".to_owned(),
        "\n".repeat(500),
        " ".repeat(500),
        "%PDF-1.7 (\\) <</Type/Catalog>> endstream".to_owned(),
    ];
    let endless = document(vec![Block::Paragraph("W".repeat(10_000)), Block::Paragraph("Ende".into())]);
    assert!(stays_on_the_page(&endless) > 3);
    for text in hostile {
        let blocks = vec![
            Block::Heading(2, text.clone()),
            Block::Paragraph(text.clone()),
            Block::List(vec![text.clone()]),
            Block::Facts(vec![(text.clone(), text.clone()), ("Ende".into(), text.clone())]),
            Block::Table { head: vec![text.clone(), "b".into()], rows: vec![vec![text.clone(); 2]; 3] },
            Block::Signature(vec![text.clone()]),
            Block::Remedy(text.clone(), text.clone()),
            Block::SmallPrint(text.clone()),
        ];
        let mut document = document(blocks);
        document.title = format!("T{text}");
        document.number = Some(text.clone());
        document.envelope =
            Some(super::Envelope { to: vec![text.clone(); 9], about: vec![(text.clone(), text.clone())] });
        stays_on_the_page(&document);
        let pdf = write(&document, &letterhead()).unwrap();
        assert!(lopdf::Document::load_mem(&pdf).is_ok());
    }
}

#[test]
fn what_the_typeface_lacks_is_seen() {
    assert!(read(&print(vec![Block::Paragraph("Grüße 😀!".into())])).contains("Grüße \u{fffd}!"));
}

#[test]
fn the_same_document_is_the_same_file() {
    let [copy, ..] = samples();
    assert!(write(&copy, &letterhead()).unwrap() == write(&copy, &letterhead()).unwrap());
}

#[test]
fn a_word_mark_of_plain_shapes_is_printed_and_any_other_left_out() {
    let svg = |inside: &str| format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">{inside}</svg>"#);
    let read = |inside: &str| super::emblem::Emblem::read(svg(inside).as_bytes());
    let emblem =
        read(r##"<rect width="48" height="48" rx="9" fill="#0b4f5e"/><path d="M9 19c5-6 10-6 15 0" stroke="#fff"/>"##);
    assert!(emblem.is_some());
    assert!(
        read(r##"<defs><mask id="m"><circle r="9"/></mask></defs><rect width="9" height="9" mask="url(#m)"/>"##)
            .is_none()
    );
    assert!(read("<a><!ENTITY").is_none());
    let [copy, ..] = samples();
    let with = Letterhead { emblem, ..letterhead() };
    assert!(write(&copy, &with).unwrap().len() > write(&copy, &letterhead()).unwrap().len());
}

#[test]
fn words_are_not_read_as_one_across_lines() {
    let style = Style { cut: Cut::Regular, size: 10.0, leading: 14.0, color: [0; 3] };
    for (text, width) in [("Am Deich 7\n00001 Ostrau", 500.0), ("Deich Ostrau", 40.0)] {
        let set = lines(text, style, width);
        assert_eq!(set.len(), 2);
        assert!(set[0].text.ends_with(' ') && !set[1].text.ends_with(' '));
    }
}

/// The text of all pages, in the order in which it is drawn.
fn read(pdf: &[u8]) -> String {
    let pdf = lopdf::Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = pdf.get_pages().into_keys().collect();
    pdf.extract_text(&pages).unwrap()
}

fn contents(pdf: &lopdf::Document) -> Vec<lopdf::content::Content> {
    let content = |page| lopdf::content::Content::decode(&pdf.get_page_content(page)).unwrap();
    pdf.get_pages().into_values().map(content).collect()
}
