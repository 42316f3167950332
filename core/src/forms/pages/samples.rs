//! A form of nobody, with a field of every kind, for rendering pages outside the server.

use jiff::civil::date;

use super::{
    AnswerView, Area, AreaState, DraftView, FormView, Progress, SectionView, Source,
    field::{CostView, FieldView, Input, OptionView, Origin, Part, Purpose, Tone, Total, autocomplete},
    step::{Repeat, StepNote, StepPage},
};
use crate::{
    tenant::Said,
    web::{FileView, Upload, Visit},
};

pub const NUMBER: &str = "ABC-2026-483921-7";

pub fn form(visit: &Visit) -> FormView {
    FormView {
        id: "hund-anmelden".into(),
        title: visit.specimen("Hund anmelden", "Register a dog"),
        service: visit.specimen("Hund anmelden", "Register a dog"),
        service_url: visit.url("/dienstleistungen"),
    }
}

pub fn moment(visit: &Visit) -> String {
    format!("{}, 10:05", visit.date(date(2026, 11, 22)))
}

pub fn until(visit: &Visit) -> String {
    visit.date(date(2026, 12, 22))
}

pub fn draft(visit: &Visit) -> DraftView {
    DraftView {
        title: visit.specimen("Hund anmelden", "Register a dog"),
        url: visit.url("/antraege/1"),
        resume: visit.url("/antraege/1/hund"),
        area: visit.specimen("Ihr Hund", "Your dog"),
        saved: moment(visit),
        until: until(visit),
        soon: false,
    }
}

pub fn drafts(visit: &Visit) -> Vec<DraftView> {
    let second = DraftView { url: visit.url("/antraege/2"), resume: visit.url("/antraege/2/hund"), ..draft(visit) };
    let saved = format!("{}, 18:30", visit.date(date(2026, 10, 26)));
    vec![DraftView { soon: true, saved, until: visit.date(date(2026, 11, 25)), ..second }, draft(visit)]
}

/// Somebody in the area of that place, counted from 0; the areas before it are done.
pub fn progress(visit: &Visit, now: usize) -> Progress {
    let areas = [
        ("halter", "Wer hält den Hund?", "Who keeps the dog?"),
        ("hund", "Ihr Hund", "Your dog"),
        ("umstaende", "Besondere Umstände und Ermäßigungen", "Special circumstances and reductions"),
        ("zahlung", "So zahlen Sie", "How you pay"),
        ("pruefen", "Prüfen und absenden", "Check and send"),
    ];
    let area = |(at, (id, german, english)): (usize, (&str, &str, &str))| Area {
        title: visit.specimen(german, english),
        url: (at <= now).then(|| visit.url(&format!("/antraege/1/{id}"))),
        state: match at.cmp(&now) {
            std::cmp::Ordering::Less => AreaState::Done,
            std::cmp::Ordering::Equal => AreaState::Now,
            std::cmp::Ordering::Greater => AreaState::Open,
        },
    };
    Progress::of(areas.into_iter().enumerate().map(area).collect())
}

pub fn total(visit: &Visit) -> Total {
    let amount = |german: &str, english: &str| visit.specimen(german, english).text;
    let line = |german, english, times, amount| CostView { text: visit.specimen(german, english), times, amount };
    let first = line("Urkunde, erstes Stück", "Certificate, first copy", 1, amount("15,00 €", "€15.00"));
    let more = line("Jedes weitere Stück", "Each further copy", 2, amount("15,00 €", "€15.00"));
    Total { lines: vec![first, more], amount: Some(amount("30,00 €", "€30.00")) }
}

pub fn sections(visit: &Visit, change: bool) -> Vec<SectionView> {
    let answer = |german, english, shown: &str, source| AnswerView {
        label: visit.specimen(german, english),
        shown: shown.into(),
        source,
    };
    let section = |id: &str, german, english, answers| SectionView {
        id: id.into(),
        title: visit.specimen(german, english),
        change: change.then(|| visit.url(&format!("/antraege/1/{id}"))),
        answers,
        lang: None,
    };
    let keeper = vec![
        answer("Vornamen", "Given names", "Erika", Source::Chip),
        answer("Familienname", "Surname", "Mustermann-Müller-Şahinoğlu-Ångström de la Peña y Gómez", Source::Chip),
        answer("Anschrift", "Address", "Musterweg 12 a\n12345 Musterstadt", Source::Chip),
        answer("E-Mail", "Email", "erika.mustermann@example.org", Source::Account),
        answer("Telefon", "Phone", "", Source::Typed),
    ];
    let dog = vec![
        answer("Rufname", "Name of the dog", "Waldi", Source::Typed),
        answer("Geboren am", "Born on", &visit.date(date(2024, 5, 3)), Source::Typed),
    ];
    let payment = vec![answer("IBAN", "IBAN", "DE02 1203 0000 0000 2020 51", Source::Typed)];
    vec![
        section("halter", "Wer hält den Hund?", "Who keeps the dog?", keeper),
        section("hund", "Ihr Hund", "Your dog", dog),
        section("zahlung", "So zahlen Sie", "How you pay", payment),
    ]
}

pub fn steps(visit: &Visit) -> Vec<StepPage> {
    let page = |fields| StepPage {
        form: form(visit),
        action: visit.url("/antraege/1/hund"),
        progress: progress(visit, 1),
        title: visit.specimen("Ihr Hund", "Your dog"),
        text: None,
        fields,
        repeat: None,
        back: visit.url("/antraege/1/halter"),
        until: Some(until(visit)),
        note: None,
    };
    let repeat = |number, add: bool| Repeat {
        turn: "1".into(),
        one: visit.specimen("Hund", "Dog"),
        number,
        count: 2,
        add: add.then(|| visit.specimen("Noch einen Hund anmelden", "Register another dog")),
    };
    let text = visit.specimen("Die Angaben stehen meist im Impfpass.", "You will find most of it in the pet passport.");
    vec![
        StepPage { text: Some(text), until: None, ..page(lines(visit)) },
        StepPage { repeat: Some(repeat(2, true)), note: Some(StepNote::Unavailable), ..page(wrong(visit)) },
        StepPage { repeat: Some(repeat(1, false)), note: Some(StepNote::More), ..page(choices(visit)) },
        StepPage { note: Some(StepNote::Resumed), ..page(prefilled(visit)) },
        StepPage { note: Some(StepNote::Closed), ..page(prefilled(visit)) },
        StepPage { note: Some(StepNote::Full), ..page(choices(visit)) },
        StepPage { note: Some(StepNote::Stopped), ..page(choices(visit)) },
        page(rest(visit)),
    ]
}

/// A field without anything in it.
fn blank(name: &str, label: Said, input: Input) -> FieldView {
    FieldView {
        name: name.into(),
        label,
        hint: None,
        optional: false,
        autocomplete: "",
        origin: None,
        wrong: None,
        input,
    }
}

fn line(name: &str, label: Said, purpose: Purpose, value: &str) -> FieldView {
    blank(name, label, Input::Line { value: value.into(), purpose, longest: None, unit: None })
}

/// Every kind that is typed into one line or several.
fn lines(visit: &Visit) -> Vec<FieldView> {
    let say = |german, english| visit.specimen(german, english);
    let weight = Input::Line {
        value: "23".into(),
        purpose: Purpose::Number,
        longest: None,
        unit: Some(say("Kilogramm", "kilograms")),
    };
    let remarks = Input::Lines { value: String::new(), lines: 4, longest: Some(500) };
    let phone = line("telefon", say("Telefon", "Phone"), Purpose::Phone, "");
    let hint = Some(say("So, wie Sie ihn rufen.", "As you call it."));
    vec![
        FieldView { hint, ..line("rufname", say("Rufname", "Name of the dog"), Purpose::Text, "Waldi") },
        line("zuechter", say("Von wem haben Sie den Hund?", "Whom did you get the dog from?"), Purpose::Name, ""),
        line("geboren", say("Geboren am", "Born on"), Purpose::Date, "3.5.24"),
        blank("gewicht", say("Gewicht", "Weight"), weight),
        line("kaufpreis", say("Kaufpreis", "Price"), Purpose::Money, "1.200"),
        FieldView { autocomplete: "off", ..line("iban", say("IBAN", "IBAN"), Purpose::Iban, "") },
        line("email", say("E-Mail", "Email"), Purpose::Email, ""),
        FieldView { optional: true, autocomplete: autocomplete(Some("phone"), false), ..phone },
        FieldView {
            optional: true,
            ..blank("anmerkung", say("Möchten Sie uns noch etwas sagen?", "Anything else?"), remarks)
        },
    ]
}

/// Complaints about every kind.
fn wrong(visit: &Visit) -> Vec<FieldView> {
    let missing = || Some(visit.specimen("Hier fehlt noch etwas.", "Something is missing here."));
    let day = "Dieses Datum gibt es nicht. Schreiben Sie zum Beispiel 3.5.2024.";
    let day = Some(visit.specimen(day, "There is no such date. Write 3.5.2024, for example."));
    let mut fields = lines(visit);
    fields.truncate(3);
    fields[2].wrong = day;
    fields.extend(choices(visit).into_iter().take(3));
    fields.extend([address(visit, "", missing()), upload(visit, true)]);
    for field in [0, 3, 4, 5] {
        fields[field].wrong = missing();
    }
    if let Input::Line { value, .. } = &mut fields[2].input {
        *value = "31.2.2024".into();
    }
    fields
}

fn choices(visit: &Visit) -> Vec<FieldView> {
    let say = |german, english| visit.specimen(german, english);
    let option = |id: &str, label, chosen| OptionView { id: id.into(), label, hint: None, example: false, chosen };
    let keeper = vec![
        OptionView {
            hint: Some(say("Sie melden Ihren eigenen Hund an.", "You register your own dog.")),
            ..option("ich", say("Ich selbst", "Myself"), true)
        },
        OptionView { example: true, ..option("verein", say("Ein Verein", "A club"), false) },
    ];
    let reasons = vec![
        option("blind", say("Führhund für blinde Menschen", "Guide dog"), true),
        option("rettung", say("Rettungshund", "Rescue dog"), false),
        option("keiner", say("Nichts davon", "None of these"), false),
    ];
    let districts = ["Nord", "Ost", "Süd", "West", "Mitte", "Altstadt", "Neustadt", "Bahnhof", "Hafen"];
    let districts = districts.map(|name| option(name, say(name, name), name == "Mitte")).into();
    let many = Input::Choice { many: true, options: reasons };
    let one = |options| Input::Choice { many: false, options };
    vec![
        blank("halter", say("Wer hält den Hund?", "Who keeps the dog?"), one(keeper)),
        FieldView {
            hint: Some(say("Sie können mehreres ankreuzen.", "Choose as many as fit.")),
            ..blank("anlass", say("Trifft etwas davon zu?", "Does any of this apply?"), many)
        },
        blank(
            "gross",
            say("Ist der Hund größer als 40 cm?", "Is the dog taller than 40 cm?"),
            Input::YesNo { value: None },
        ),
        blank(
            "bezirk",
            say("In welchem Viertel lebt der Hund?", "In which part of town does the dog live?"),
            one(districts),
        ),
    ]
}

fn address(visit: &Visit, street: &str, wrong: Option<Said>) -> FieldView {
    let part = |name, value: &str, wrong| Part {
        name,
        value: value.into(),
        optional: name == "extra",
        autocomplete: autocomplete(Some(name), false),
        wrong,
    };
    let parts = vec![
        part("street", street, wrong.clone()),
        part("extra", "", None),
        part("postal_code", "12345", None),
        part("city", "Musterstadt", None),
        part("country", "", wrong),
    ];
    blank("anschrift", visit.specimen("Anschrift", "Address"), Input::Address { parts })
}

fn upload(visit: &Visit, wrong: bool) -> FieldView {
    let complaint = visit.specimen(
        "Diese Datei ist ein Programm. Bitte schicken Sie ein PDF oder ein Foto.",
        "This file is a program. Please send a PDF or a photo.",
    );
    let upload = Upload {
        files: if wrong { Vec::new() } else { FileView::specimens() },
        wrong: wrong.then_some(complaint.text),
        ..Upload::specimen(if wrong { 1 } else { 5 })
    };
    let what = Some(
        visit.specimen("Versicherungsschein der Hundehaftpflicht", "Certificate of the dog's liability insurance"),
    );
    blank("nachweis", visit.specimen("Nachweis", "Proof"), Input::File { upload, what })
}

/// What prefilling may come to.
fn prefilled(visit: &Visit) -> Vec<FieldView> {
    let say = |german, english| visit.specimen(german, english);
    let from = |origin, prefill, field| FieldView {
        origin: Some(origin),
        autocomplete: autocomplete(Some(prefill), false),
        ..field
    };
    vec![
        from(Origin::Chip, "given_name", line("vornamen", say("Vornamen", "Given names"), Purpose::Name, "Erika")),
        from(Origin::Chip, "address", address(visit, "Musterweg 12 a", None)),
        from(Origin::Account, "email", line("email", say("E-Mail", "Email"), Purpose::Email, "erika@example.org")),
        from(Origin::Nothing, "phone", line("telefon", say("Telefon", "Phone"), Purpose::Phone, "")),
        from(Origin::Unavailable, "birthdate", line("geboren", say("Geboren am", "Born on"), Purpose::Date, "")),
    ]
}

/// What is left: files, notes, a total.
fn rest(visit: &Visit) -> Vec<FieldView> {
    let note = |german, english, tone| {
        blank("hinweis", Said::default(), Input::Note { text: visit.specimen(german, english), tone })
    };
    vec![
        upload(visit, false),
        note(
            "Die Steuer gilt ab dem Monat nach dem Einzug.",
            "The tax starts in the month after the dog moves in.",
            Tone::Info,
        ),
        note("Für manche Rassen brauchen Sie eine Erlaubnis.", "You need a permit for some breeds.", Tone::Warning),
        blank("kosten", visit.specimen("Das kostet es", "What it costs"), Input::Total(total(visit))),
    ]
}
