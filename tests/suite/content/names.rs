//! Whose name stands where.

use std::sync::Arc;

use portal::web::{Visit, all_samples};
use portal_tests::{House, Towns, root};

use super::{TOWNS, house};
use crate::told::tenant;

/// Every answer a visitor or a machine can get from a town: `(what, text)`.
async fn everything_of(house: &House, town: &str) -> Vec<(String, String)> {
    let tenant = tenant(house, town);
    let mut all = Vec::new();
    for locale in tenant.locales().to_vec() {
        let visit = Visit::to(house.portal.clone(), Arc::clone(&tenant), locale.clone(), "/dienstleistungen");
        for (i, (template, html)) in all_samples(&visit).into_iter().enumerate() {
            all.push((format!("{town} {locale} {template} {i}"), html.expect("every sample renders")));
        }
    }
    let host = tenant.canonical_host().as_str().to_owned();
    let files = [
        "/sitemap.xml",
        "/robots.txt",
        "/.well-known/security.txt",
        "/api/v1/services",
        "/api/v1/openapi.json",
        "/api/v1/search?q=hund",
    ];
    for path in files {
        all.push((format!("{town} {path}"), house.get(&host, path).await.is(200).text()));
    }
    for service in tenant.services.iter() {
        let path = format!("/api/v1/services/{}", service.id);
        all.push((format!("{town} {path}"), house.get(&host, &path).await.is(200).text()));
    }
    for (name, asset) in tenant.assets.iter().filter(|(name, _)| name.ends_with(".css") || name.ends_with(".svg")) {
        let bytes = house.get(&host, &asset.address()).await.is(200);
        all.push((format!("{town} {name}"), bytes.text()));
    }
    all
}

/// What the neighbour's name may stand in, because it is the name of something else.
const OTHER_THINGS: [&str; 13] = [
    "kreis herford",
    "kreises herford",
    "kreis-herford",
    "district of herford",
    "herford district",
    "herforder straße",
    "sparkasse herford",
    "jobcenter herford",
    "job-center herford",
    "job centre herford",
    "32051 herford",
    "32052 herford",
    "amtsgericht herford",
];

fn without_other_things(text: &str) -> String {
    let text = text.to_lowercase().replace("&amp;", "&");
    OTHER_THINGS.iter().fold(text, |text, thing| text.replace(thing, ""))
}

fn around(text: &str, word: &str) -> String {
    let at = text.find(word).unwrap_or(0);
    let (before, after) = text.split_at(at);
    let before: String = before.chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
    before + &after.chars().take(80).collect::<String>()
}

#[tokio::test]
async fn no_page_of_one_town_names_the_other() {
    let house = house().await;
    let mut found = Vec::new();
    for (town, others) in
        [("herford", ["löhne", "loehne", "l%c3%b6hne"]), ("loehne", ["herford", "hansestadt", "herforder"])]
    {
        let all = everything_of(&house, town).await;
        assert!(all.len() > 250, "{town}: {} answers", all.len());
        for (what, text) in &all {
            let text = without_other_things(text);
            let named = others.iter().filter(|other| text.contains(*other));
            found.extend(named.map(|other| format!("{what}: {}", around(&text, other))));
        }
    }
    assert!(found.is_empty(), "{} times: {:#?}", found.len(), &found[..found.len().min(20)]);
}

#[tokio::test]
async fn a_town_is_named_on_its_own_pages() {
    let house = house().await;
    for (town, name) in TOWNS.into_iter().zip(["Herford", "Löhne"]) {
        let all = everything_of(&house, town).await;
        let html = all.iter().filter(|(_, text)| text.contains("</html>"));
        for (what, text) in html {
            assert!(text.contains(name), "{what}");
            assert!(!text.contains("[town.") && !text.contains("[login."), "{what} has a gap");
        }
    }
}

#[test]
fn what_towns_share_names_none_of_them() {
    let mut files = 0;
    for folder in ["tenants/_nrw", "tenants/_kreis-herford", "themes/base"] {
        for (path, text) in texts_below(&root().join(folder)) {
            files += 1;
            let text = without_other_things(&text);
            let town = ["löhne", "loehne", "hansestadt", "stadt herford"].iter().find(|town| text.contains(**town));
            assert_eq!(town, None, "{}: {}", path.display(), around(&text, town.unwrap_or(&"")));
        }
    }
    assert!(files > 80, "{files} files");
}

fn texts_below(folder: &std::path::Path) -> Vec<(std::path::PathBuf, String)> {
    let entries =
        std::fs::read_dir(folder).expect("a folder of the project").map(|entry| entry.expect("readable").path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => texts_below(&path),
            false => {
                vec![(path.clone(), String::from_utf8_lossy(&std::fs::read(&path).expect("readable")).into_owned())]
            }
        })
        .collect()
}

/// Things that are gone, and how one may still speak of them: in a sentence that says so.
const RETIRED: [&str; 13] = [
    "giropay",
    "servicekonto.nrw",
    "servicekonto",
    "ausweisapp2",
    "npa",
    "kinderreisepass",
    "children's passport",
    "hartz iv",
    "maestro",
    "krz",
    "kommunales rechenzentrum minden",
    "passbild",
    "paper photo",
];
const GONE: [&str; 7] = ["nicht mehr", "no longer", "abolished", "abgeschafft", "seit 2024", "since 2024", "früher"];

fn words_of(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    text.replace("&#x27;", "'").replace("&#39;", "'").replace('’', "'").to_lowercase()
}

fn contains_word(text: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .any(|(at, _)| !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next()))
}

#[tokio::test]
async fn what_is_gone_is_named_only_to_say_that_it_is_gone() {
    assert!(contains_word("das npa geht", "npa") && !contains_word("inpanel", "npa"));
    let house = House::open(Towns::shipped()).await;
    let mut found = Vec::new();
    for town in TOWNS {
        for (what, html) in everything_of(&house, town).await {
            if !html.contains("</html>") {
                continue;
            }
            let text = words_of(&html);
            for sentence in text.split(['!', '?', '\n']).flat_map(|part| part.split(". ")) {
                let retired = RETIRED.iter().find(|word| contains_word(sentence, word));
                if let Some(word) = retired.filter(|_| !GONE.iter().any(|gone| sentence.contains(gone))) {
                    found.push(format!("{what}: {word} in {}", around(sentence, word)));
                }
            }
        }
    }
    found.dedup();
    assert!(found.is_empty(), "{} times: {:#?}", found.len(), &found[..found.len().min(20)]);
}
