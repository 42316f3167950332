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
        mentions: texts(&["herford"]),
        ..TownFacts::default()
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
fn a_second_list_is_judged_as_it_says() {
    let list = include_str!("../../../../tests/leaks/more.tsv");
    let (leaks, mentions): (Vec<&str>, Vec<&str>) = list.lines().partition(|line| line.starts_with("must\t"));
    let cut = |lines: Vec<&str>| {
        lines.iter().filter_map(|line| line.split_once('\t')).map(|(_, rest)| rest).collect::<Vec<_>>().join("\n")
    };
    let missed = wrong(&cut(leaks), |_| true);
    let alarms = wrong(&cut(mentions), |_| false);
    assert!(
        missed.is_empty() && alarms.is_empty(),
        "{} missed:\n{}\n\n{} false alarms:\n{}",
        missed.len(),
        missed.join("\n"),
        alarms.len(),
        alarms.join("\n")
    );
}
