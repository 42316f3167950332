use super::*;

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn herford() -> TownFacts {
    TownFacts {
        id: "herford".into(),
        name: "Herford".into(),
        full_name: "Hansestadt Herford".into(),
        adjectives: texts(&["Herforder", "Herford"]),
        residents: texts(&["Herforderinnen und Herforder", "residents of Herford", "Menschen aus Herford"]),
        hosts: texts(&["serviceportal.herford.de", "herford.localhost", "www.herford.de"]),
        emails: texts(&["info@herford.example", "serviceportal@herford.example", "buergerbuero@herford.example"]),
        phones: texts(&["+49 5221 189-0", "+49 30 23125-100", "+49 30 23125-101"]),
        addresses: vec![("Rathausplatz 1".into(), "32052".into(), "Herford".into())],
        ibans: texts(&["DE02500105170137075030"]),
        companies: texts(&["Stadtwerke Herford", "WWS Herford", "Marta Herford"]),
        districts: texts(&[
            "Diebrock",
            "Eickum",
            "Elverdissen",
            "Herford-Stadt",
            "Herringhausen",
            "Laar",
            "Stedefreund",
        ]),
        ..TownFacts::default()
    }
}

fn loehne() -> TownFacts {
    TownFacts {
        id: "loehne".into(),
        name: "Löhne".into(),
        full_name: "Stadt Löhne".into(),
        adjectives: texts(&["Löhner", "Löhne"]),
        residents: texts(&["Löhnerinnen und Löhner", "residents of Löhne", "Menschen aus Löhne"]),
        hosts: texts(&["serviceportal.loehne.de", "loehne.localhost", "www.loehne.de"]),
        emails: texts(&["info@loehne.example", "portal@loehne.example"]),
        phones: texts(&["+49 5732 100-0", "+49 221 4710-100", "+49 221 4710-101"]),
        addresses: vec![("Oeynhausener Straße 41".into(), "32584".into(), "Löhne".into())],
        ibans: texts(&["DE02120300000000202051"]),
        companies: texts(&["Stadtwerke Löhne", "Wohnstadt Löhne"]),
        districts: texts(&["Gohfeld", "Löhne-Ort", "Mennighüffen", "Obernbeck", "Ulenburg"]),
        mentions: texts(&["herford"]),
    }
}

fn ostrau() -> TownFacts {
    TownFacts {
        id: "ostrau".into(),
        name: "Ostrau".into(),
        full_name: "Stadt Ostrau".into(),
        hosts: texts(&["portal.ostrau.example", "service.ostrau.example", "ostrau.localhost", "www.ostrau.example"]),
        emails: texts(&["rathaus@ostrau.example"]),
        phones: texts(&["+49 30 23125-100"]),
        addresses: vec![("Ostrauer Markt 1".into(), "99991".into(), "Ostrau".into())],
        ..TownFacts::default()
    }
}

fn westrau() -> TownFacts {
    TownFacts {
        id: "westrau".into(),
        name: "Westrau".into(),
        full_name: "Hansestadt Westrau".into(),
        hosts: texts(&["portal.westrau.example", "bürger.westrau.example", "westrau.localhost"]),
        emails: texts(&["rathaus@westrau.example"]),
        addresses: vec![("Westrauer Kai 2".into(), "99992".into(), "Westrau".into())],
        ..TownFacts::default()
    }
}

fn atlas() -> Atlas {
    Atlas::of(&[herford(), loehne(), ostrau(), westrau()])
}

/// Sentences of a list that are judged wrongly.
fn wrong(list: &str, leaks: impl Fn(&[&str]) -> bool) -> Vec<String> {
    let atlas = atlas();
    let lines = list.lines().filter(|line| !line.is_empty());
    lines
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let hits = atlas.look(Some(cells[0]), cells[1]);
            (hits.is_empty() == leaks(&cells)).then(|| format!("{line}\n    {hits:?}"))
        })
        .collect()
}

#[test]
fn every_sentence_that_leaks_is_found() {
    let missed = wrong(include_str!("../../../../tests/leaks/must.tsv"), |_| true);
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn no_sentence_that_only_mentions_raises_an_alarm() {
    let alarms = wrong(include_str!("../../../../tests/leaks/must-not.tsv"), |_| false);
    assert!(alarms.is_empty(), "{} false alarms:\n{}", alarms.len(), alarms.join("\n"));
}

#[test]
fn further_lists_are_judged_as_they_say() {
    let lists = concat!(
        include_str!("../../../../tests/leaks/more.tsv"),
        include_str!("../../../../tests/leaks/fourth.tsv"),
        include_str!("../../../../tests/leaks/fifth.tsv"),
        include_str!("../../../../tests/leaks/sixth.tsv"),
        include_str!("../../../../tests/leaks/seventh.tsv"),
        include_str!("../../../../tests/leaks/eighth.tsv"),
        include_str!("../../../../tests/leaks/ninth.tsv"),
    );
    let part = |verdict: &str| {
        let lines = lists.lines().filter_map(|line| line.split_once('\t'));
        lines.filter(|(is, _)| *is == verdict).map(|(_, rest)| rest).collect::<Vec<_>>().join("\n")
    };
    let missed = wrong(&part("must"), |_| true);
    let alarms = wrong(&part("not"), |_| false);
    assert!(
        missed.is_empty() && alarms.is_empty(),
        "{} missed:\n{}\n\n{} false alarms:\n{}",
        missed.len(),
        missed.join("\n"),
        alarms.len(),
        alarms.join("\n")
    );
}

#[test]
fn a_street_is_found_however_its_name_bends() {
    let neighbour = |street: &str| TownFacts {
        id: "other".into(),
        name: "Hinterwald".into(),
        addresses: vec![(street.into(), "99999".into(), "Hinterwald".into())],
        ..TownFacts::default()
    };
    for (street, said) in [
        ("Alter Markt 1", "Sie finden uns am Alten Markt 1."),
        ("Alte Poststraße 3", "Das Amt in der Alten Poststr. 3 ist offen."),
        ("Großer Platz 5", "Kommen Sie zum Großen Platz 5."),
    ] {
        let atlas = Atlas::of(&[ostrau(), neighbour(street)]);
        let hits = atlas.look(Some("ostrau"), said);
        assert_eq!(hits.iter().map(|hit| hit.what).collect::<Vec<_>>(), [What::Address], "{said}");
    }
}

#[test]
fn a_fact_of_one_town_is_found_in_every_sentence_of_another_and_its_own_never() {
    let mut dice = Dice(20_261_122);
    for round in 0..40 {
        let (one, two) = (dice.town("ost"), dice.town("west"));
        let atlas = Atlas::of(&[one.clone(), two.clone()]);
        for (fact, what) in dice.facts(&one) {
            let carrier = dice.pick(&CARRIERS);
            let text = carrier.replace("{}", &fact);
            let hits = atlas.look(Some("west"), &text);
            assert!(
                hits.iter().any(|hit| hit.what == what && hit.whose == one.name),
                "{round}: {text}\n{one:#?}\n{hits:?}"
            );
            let hits = atlas.look(Some("ost"), &text);
            assert!(hits.is_empty(), "{round}: its own {text}\n{one:#?}\n{hits:?}");
        }
    }
}

const CARRIERS: [&str; 8] = [
    "Bitte nutzen Sie {}.",
    "Fragen? {} hilft.",
    "<p>Kontakt: <strong>{}</strong></p>",
    "Antworten erhalten Sie über {} (werktags), nicht am Wochenende",
    "{}",
    "Kontakt – {} – Danke!",
    "<p title=\"{}\">Hier</p>",
    "- Punkt eins\n- {}\n- Punkt drei",
];

/// Chance that comes out the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'1' + self.below(9) as u8)).collect()
    }

    fn town(&mut self, id: &str) -> TownFacts {
        let starts = ["Löß", "Quär", "Brün", "Zwies", "Hüf", "Knar", "Trep", "Mör"];
        let ends = ["brück", "ingsen", "dorfe", "mühle", "stetten", "büttel", "loh", "wisch"];
        // the id makes the names of two towns differ
        let name = format!("{}{}{}", self.pick(&starts), if id == "ost" { "a" } else { "i" }, self.pick(&ends));
        let host = fold(&name);
        let (area, number) = (self.digits(4), self.digits(3));
        TownFacts {
            id: id.into(),
            full_name: format!("Stadt {name}"),
            hosts: vec![format!("portal.{host}.example"), format!("www.{host}.example")],
            emails: vec![format!("info@{host}.example")],
            phones: vec![format!("+49 {area} {number}-0"), format!("+49 {} {}", self.digits(3), self.digits(6))],
            addresses: vec![(format!("{} Straße {}", name, 1 + self.below(99)), self.digits(5), name.clone())],
            ibans: vec![format!("DE{}", self.digits(20))],
            companies: vec![format!("Stadtwerke {name}")],
            name,
            ..TownFacts::default()
        }
    }

    /// Facts of a town as somebody may write them.
    fn facts(&mut self, town: &TownFacts) -> Vec<(String, What)> {
        let spellings = [
            |text: &str| text.to_owned(),
            |text: &str| text.to_uppercase(),
            |text: &str| text.replace('ö', "oe").replace('ü', "ue").replace('ä', "ae"),
            |text: &str| text.replace('ö', "&ouml;").replace('ü', "u\u{308}").replace(' ', "\u{a0}"),
            |text: &str| text.chars().map(|c| format!("{c}\u{ad}")).collect(),
        ];
        let phones = [
            |text: &str| text.replace("+49 ", "0"),
            |text: &str| text.replace("+49 ", "0049 (0) "),
            |text: &str| text.replace("+49 ", "(0").replacen(' ', ") ", 1),
            |text: &str| text.replace("+49 ", "0").replace([' ', '-'], " / "),
            |text: &str| text.replace([' ', '-'], ""),
        ];
        let mails = [
            |text: &str| text.to_owned(),
            |text: &str| text.replace('@', " (at) "),
            |text: &str| text.replace('@', "[at]").replace('.', "[dot]"),
            |text: &str| text.replace('@', "&#64;"),
            |text: &str| text.replace('@', "%40"),
        ];
        let grouped = |text: &str| text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
        let (street, zip, city) = &town.addresses[0];
        let mut facts = vec![
            (self.pick(&spellings)(&town.full_name), What::Name),
            (self.pick(&spellings)(&town.companies[0]), What::Company),
            (self.pick(&spellings)(&town.hosts[1]), What::Host),
            (self.pick(&spellings)(street), What::Address),
            (format!("{}, {zip} {city}", street.replace("Straße", "Str.")), What::Address),
            (self.pick(&mails)(&town.emails[0]), What::Email),
            (town.ibans[0].clone(), What::Iban),
            (grouped(&town.ibans[0]), What::Iban),
        ];
        facts.extend(town.phones.iter().map(|phone| (self.pick(&phones)(phone), What::Phone)));
        facts
    }
}

#[test]
fn whatever_the_text_is_hits_lie_within_it() {
    const PIECES: [&str; 34] = [
        "Stadt Löhne",
        "Lo\u{308}hne",
        "&ouml;",
        "&#246;",
        "&",
        "%C3%B6",
        "%",
        "%C3",
        "<b>",
        "<a href=\"",
        "\">",
        "<",
        ">",
        "–",
        "\u{ad}",
        "😀",
        "ẞ",
        "+49",
        "05732",
        " 100-",
        "0",
        "DE02",
        "1203 0000 0000 2020 51",
        "@",
        "(at)",
        " dot ",
        "loehne.example",
        "\n",
        "\n\n# ",
        "Oeynhausener Str.",
        " 41",
        "Löhner",
        ":innen",
        " Bürgerbüro",
    ];
    let atlas = atlas();
    let mut dice = Dice(42);
    for _ in 0..3000 {
        let text: String = (0..dice.below(12)).map(|_| dice.pick(&PIECES)).collect();
        for hit in atlas.look(Some("herford"), &text) {
            assert!(!hit.said.is_empty() && text.get(hit.range.clone()).is_some(), "{hit:?} in {text:?}");
        }
    }
}
