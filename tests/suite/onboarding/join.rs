use portal::{
    clock::Clock,
    tenant::Tenants,
    theme::ThemeFiles,
    walk::{Kind, Walk},
};
use portal_tests::{House, TODAY, Towns, moment};

use super::{NEW, tenant, with_bad_musterau};

#[tokio::test]
async fn a_new_town_serves_at_once_and_shows_its_gaps_instead_of_inventing_facts() {
    let towns = with_bad_musterau().await;
    let house = House::open(towns).await;
    assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
    let town = house.portal.tenants.get("bad-musterau").unwrap();
    assert_eq!(town.canonical_host().as_str(), "portal.bad-musterau.de");
    assert_eq!(town.services.len(), 3, "the services of its layer");
    for path in
        ["/", "/faq", "/dienstleistungen", "/kontakt", "/impressum", "/dienstleistungen/hund-anmelden", "/anmelden"]
    {
        let page = house.get("bad-musterau.localhost", path).await.is(200);
        page.is_silent_about("Ostrau").is_silent_about("Westrau").is_silent_about("{{");
    }
    let start = house.get("bad-musterau.localhost", "/").await.says("Stadt Bad Musterau");
    start.says("class=\"preview\"").says("name=\"robots\" content=\"noindex\"");
    house.get("portal.bad-musterau.de", "/impressum").await.is(200).says("der Stadt Bad Musterau");
    house.get("bad-musterau.localhost", "/anmelden").await.says("BundID");
}

#[tokio::test]
async fn a_town_that_is_not_live_says_so_in_every_language_and_stays_out_of_search_engines() {
    let towns = with_bad_musterau().await;
    towns.change("bad-musterau/tenant.yaml", "status: preview", "locales: [de, en, ls]\nstatus: preview");
    let house = House::open(towns).await;
    for (base, word) in [("", "Vorschau"), ("/en", "Preview"), ("/ls", "<strong>")] {
        for path in ["/", "/faq", "/dienstleistungen/ausweis", "/nicht/da"] {
            let page = house.get("bad-musterau.localhost", &format!("{base}{path}")).await;
            page.says("class=\"preview\"")
                .says(word)
                .says("name=\"robots\" content=\"noindex\"")
                .is_silent_about("rel=\"canonical\"");
        }
    }
    house.get("bad-musterau.localhost", "/robots.txt").await.is(200).says("Disallow: /\n");
}

#[tokio::test]
async fn a_town_without_a_layer_serves_as_well() {
    let towns = Towns::empty();
    tenant(&towns, &["new", "au", "--name", "Au", "--host", "portal.au.de"]).await.is(0).says("au/tenant.yaml");
    let house = House::open(towns).await;
    assert!(house.report.broken.is_empty() && house.report.warnings.is_empty(), "{:#?}", house.report);
    house.get("au.localhost", "/").await.is(200).says("Stadt Au");
}

#[tokio::test]
async fn what_a_new_town_cannot_be_is_told_and_nothing_is_written() {
    let towns = with_bad_musterau().await;
    let with = |changes: &[(usize, &'static str)]| {
        let mut arguments = NEW;
        changes.iter().for_each(|(i, text)| arguments[*i] = text);
        arguments
    };
    let cases = [
        (with(&[]), "bad-musterau` exists already", "choose another name"),
        (with(&[(1, "Bad_Musterau")]), "`Bad_Musterau` cannot be the name", "`bad-musterau`"),
        (with(&[(1, "_layer")]), "`_layer` cannot be the name", "`a`–`z`"),
        (with(&[(1, "../hinaus")]), "cannot be the name", "`a`–`z`"),
        (
            with(&[(1, "neu"), (5, "portal.ostrau.example")]),
            "the host `portal.ostrau.example` belongs to `ostrau`",
            "exactly one town",
        ),
        (
            with(&[(1, "neu"), (5, "SERVICE.OSTRAU.EXAMPLE.")]),
            "the host `service.ostrau.example` belongs to `ostrau`",
            "one town",
        ),
        (with(&[(1, "neu"), (5, "https://x.de/")]), "`https://x.de/` is no host name", "without scheme"),
        (with(&[(1, "neu"), (3, " ")]), "`--name` is no name of a town", "Bad Musterau"),
        (with(&[(1, "neu"), (3, "{{ town.x }}")]), "`--name` is no name of a town", "Bad Musterau"),
        (
            with(&[(1, "neu"), (5, "portal.neu.de"), (7, "_nrw")]),
            "the layer `_nrw` does not exist",
            "known are `_land`",
        ),
    ];
    for (arguments, message, hint) in cases {
        tenant(&towns, &arguments).await.is(2).complains(message).complains(hint);
    }
    let mut colored = NEW.to_vec();
    colored[1] = "neu";
    colored[5] = "portal.neu.de";
    colored.extend(["--color", "grün"]);
    tenant(&towns, &colored).await.is(2).complains("`--color grün` is no colour").complains("'#rrggbb'");
    assert!(!towns.path().join("neu").exists() && !towns.path().join(".neu.new").exists());
}

/// Everything a town shows, in one text: pages and their states in all languages, files for machines.
fn everything(towns: &Towns) -> String {
    let clock = Clock::held_at(moment(TODAY));
    let (tenants, report) = Tenants::load(towns.path(), ThemeFiles::embedded(), clock.clone()).unwrap();
    assert!(report.broken.is_empty(), "{:#?}", report.broken);
    let walk = Walk::through(tenants, clock);
    let town = walk.tenants().get("bad-musterau").unwrap();
    let mut all = String::new();
    walk.see(&town, |seen| {
        assert_ne!(seen.kind, Kind::Failure, "{} {}: {}", town.canonical_host(), seen.name, seen.body);
        all.extend([&*seen.name, "\n", &*seen.body, "\n"]);
    });
    all
}

#[tokio::test]
async fn a_town_renamed_in_one_line_has_its_old_name_nowhere() {
    let towns = with_bad_musterau().await;
    towns.change("bad-musterau/tenant.yaml", "status: preview", "locales: [de, en, ls]\nstatus: preview");
    for page in ["kontakt.md", "kontakt.en.md", "kontakt.ls.md"] {
        towns.write(
            &format!("_land/content/{page}"),
            "{{ town.full_name }}, {{ town.forms.of }}, {{ town.forms.in }}, {{ town.forms.residents }}, \
             {{ town.forms.adjective }}, {{ town.administration }}.\n",
        );
    }
    let before = everything(&towns);
    assert!(before.contains("Bad Musterauerinnen und Bad Musterauer") && before.contains("residents of Bad Musterau"));
    assert!(before.matches("Bad Musterau").count() > 100 && before.len() > 100_000, "{}", before.len());
    towns.change("bad-musterau/tenant.yaml", "name: Bad Musterau\n", "name: Neu Beispiel\n");
    let after = everything(&towns);
    let traces: Vec<&str> = after.lines().filter(|line| line.contains("Musterau")).collect();
    assert!(traces.is_empty(), "{traces:#?}");
    assert_eq!(before.matches("Bad Musterau").count(), after.matches("Neu Beispiel").count());
}
