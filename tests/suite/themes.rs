//! Town theme over layer theme over base – and nothing that people could not read.

use portal_tests::{House, Towns};

use crate::told::{errors, tenant};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

/// Ostrau wears `hafen`, the layer `land`; each test writes what these themes say.
async fn house_with(themes: &[(&str, &str)]) -> House {
    let towns = Towns::fixture().with_themes();
    towns.write_theme("hafen/theme.yaml", "name: Hafen\n").write_theme("land/theme.yaml", "name: Land\n");
    for (path, content) in themes {
        towns.write_theme(path, content);
    }
    towns.change("_land/tenant.yaml", "court:", "theme: land\ncourt:");
    towns.change("ostrau/tenant.yaml", "status:", "theme: hafen\nstatus:");
    House::open(towns).await
}

async fn css(house: &House, host: &str) -> String {
    let page = house.get(host, "/").await.is(200).text();
    let address =
        page.split('"').find(|part| part.ends_with("/portal.css")).expect("a page names its style sheet").to_owned();
    let answer = house.get(host, &address).await.is(200);
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert!(answer.header("cache-control").contains("immutable"));
    answer.text()
}

#[tokio::test]
async fn templates_come_from_the_town_then_the_layer_then_the_base() {
    let house = house_with(&[
        (
            "land/templates/api.html",
            "{% extends \"layout.html\" %}{% block content %}API DES LANDES{% endblock content %}",
        ),
        (
            "hafen/templates/api.html",
            "{% extends \"layout.html\" %}{% block content %}API AM HAFEN{% endblock content %}",
        ),
        ("land/templates/parts/hero_art.html", "<p>KUNST DES LANDES</p>"),
    ])
    .await;
    house.get(OSTRAU, "/api").await.is(200).says("API AM HAFEN").says("Stadt Ostrau").is_silent_about("LANDES");
    house.get(WESTRAU, "/api").await.is(200).says("API DES LANDES").says("Hansestadt Westrau").is_silent_about("HAFEN");
    for host in [OSTRAU, WESTRAU] {
        // a part of the layer inside a page of the base
        house.get(host, "/").await.is(200).says("KUNST DES LANDES").says("</header>");
        house.get(host, "/faq").await.is(200).says("Was ist das Serviceportal?");
    }
}

#[tokio::test]
async fn texts_come_word_by_word_from_the_town_the_layer_or_the_base() {
    let house = house_with(&[
        ("land/texts/de.yaml", "nav: {contact: Landkontakt, help: Landhilfe}\n"),
        ("hafen/texts/de.yaml", "nav: {contact: Hafenkontakt}\n"),
        ("hafen/texts/en.yaml", "nav: {contact: Harbour office}\n"),
    ])
    .await;
    let page = house.get(OSTRAU, "/").await.is(200).says("Hafenkontakt").says("Landhilfe").says("Dienstleistungen A–Z");
    page.is_silent_about("Landkontakt");
    house.get(OSTRAU, "/en/").await.is(200).says("Harbour office").is_silent_about("Hafenkontakt");
    house.get(WESTRAU, "/").await.is(200).says("Landkontakt").says("Landhilfe").is_silent_about("Hafen");
}

#[tokio::test]
async fn colours_come_one_by_one_from_the_town_the_layer_or_the_base() {
    let house = house_with(&[
        ("land/theme.yaml", "name: Land\ncolors: {light: {primary: '#5b2c6f', link: '#5b2c6f'}}\n"),
        ("land/assets/theme.css", ".land{color:var(--color-link)}"),
        ("hafen/theme.yaml", "name: Hafen\ncolors: {light: {primary: '#0a3d62'}}\nshape: {radius: 1px}\n"),
        ("hafen/assets/theme.css", ".hafen{color:var(--color-link)}"),
    ])
    .await;
    let (ostrau, westrau) = (css(&house, OSTRAU).await, css(&house, WESTRAU).await);
    let light = |css: &str| css.split("@media").next().expect("tokens come first").to_owned();
    assert!(light(&ostrau).contains("--color-primary:#0a3d62;--color-on-primary:#ffffff;"), "{}", light(&ostrau));
    assert!(light(&ostrau).contains("--color-link:#5b2c6f;") && light(&ostrau).contains("--radius:1px;"));
    assert!(light(&westrau).contains("--color-primary:#5b2c6f;") && light(&westrau).contains("--radius:8px;"));
    assert!(ostrau.contains("prefers-color-scheme:dark") && ostrau.contains("--color-background:#11151d"));
    // the base style sheet, then the layer's words, then the town's
    let places = ["body", ".land{", ".hafen{"].map(|rule| ostrau.find(rule).expect(rule));
    assert!(places.is_sorted(), "{places:?}");
    assert!(westrau.contains(".land{") && !westrau.contains(".hafen{"));
    assert_ne!(light(&ostrau), light(&westrau));
}

#[tokio::test]
async fn a_file_on_disk_wins_over_the_one_that_is_built_in() {
    let towns = Towns::fixture().with_themes();
    let before = House::open(Towns::fixture()).await;
    towns.write_theme("base/templates/parts/hero_art.html", "<p>VON DER PLATTE</p>");
    towns.write_theme(
        "base/texts/de.yaml",
        std::fs::read_to_string(portal_tests::root().join("themes/base/texts/de.yaml"))
            .unwrap()
            .replace("Wonach suchen Sie?", "Was darf es sein?"),
    );
    let house = House::open(towns).await;
    before.get(OSTRAU, "/").await.is(200).says("Wonach suchen Sie?").is_silent_about("VON DER PLATTE");
    let page = house.get(OSTRAU, "/").await.is(200).says("VON DER PLATTE").says("Was darf es sein?");
    page.is_silent_about("Wonach suchen Sie?");
    assert_eq!(css(&house, OSTRAU).await, css(&before, OSTRAU).await, "what is not overridden stays");
}

/// The contrast of WCAG 2.2, worked out once more so that a slip in the product is seen.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |color: &str| {
        let channel = |from: usize| f64::from(u8::from_str_radix(&color[from..from + 2], 16).unwrap()) / 255.0;
        let linear = |value: f64| if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(channel(1)) + 0.7152 * linear(channel(3)) + 0.0722 * linear(channel(5))
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[tokio::test]
async fn colours_that_cannot_be_read_are_refused_with_the_pair_the_ratio_and_one_that_can() {
    for (scheme, pair, colors, needed) in [
        ("light", ("on_primary", "primary"), ("#ffffff", "#7a9ccf"), 4.5),
        ("dark", ("on_primary", "primary"), ("#405070", "#0c1c38"), 4.5),
        ("light", ("border", "background"), ("#cccccc", "#ffffff"), 3.0),
        ("dark", ("focus", "background"), ("#333333", "#11151d"), 3.0),
    ] {
        let theme = format!(
            "name: Hafen\ncolors:\n  {scheme}:\n    {}: \"{}\"\n    {}: \"{}\"\n",
            pair.0, colors.0, pair.1, colors.1
        );
        let house = house_with(&[("hafen/theme.yaml", &theme)]).await;
        let ratio = contrast(colors.0, colors.1);
        let column = pair.0.len() + 7;
        let told = format!(
            "themes/hafen/theme.yaml:4:{column} has too little contrast: `{}` {} on `{}` {} ({scheme}) is {ratio:.2}:1, WCAG AA needs {needed}:1",
            pair.0, colors.0, pair.1, colors.1
        );
        let found = errors(&house, "ostrau").into_iter().find(|error| error.starts_with(&told));
        let found = found.unwrap_or_else(|| panic!("{told}\nis not in {:#?}", errors(&house, "ostrau")));
        let better = found.split('"').nth(1).expect("a colour that would pass").to_owned();
        assert!(contrast(&better, colors.1) >= needed, "{found}");
        assert!(contrast(&better, colors.1) < needed + 0.6, "the nearest, not just any: {found}");
        house.get(OSTRAU, "/").await.is(503).is_silent_about("Ostrau");
        house.get(WESTRAU, "/").await.is(200);
    }
}

#[tokio::test]
async fn the_colour_that_is_proposed_is_taken() {
    let theme = |link: &str| format!("name: Hafen\ncolors:\n  light: {{on_accent: \"{link}\"}}\n");
    let mut house = house_with(&[("hafen/theme.yaml", &theme("#8aa4d0"))]).await;
    let [told] = &errors(&house, "ostrau")[..] else { panic!("one complaint: {:#?}", house.report.broken) };
    let better = told.split('"').nth(1).expect("a colour that would pass").to_owned();
    house.towns.write_theme("hafen/theme.yaml", theme(&better));
    assert!(house.reload().broken.is_empty(), "{:#?}", house.report.broken);
    assert!(css(&house, OSTRAU).await.contains(&format!("--color-on-accent:{better};")));
}

#[tokio::test]
async fn a_word_mark_that_is_not_there_is_told_with_those_that_are() {
    let house = house_with(&[("hafen/theme.yaml", "name: Hafen\nwordmark: wortmarke.svg\n")]).await;
    let told = "themes/hafen/theme.yaml:2:11 names the word mark `wortmarke.svg`, which does not exist (did you mean `wordmark.svg`?)";
    assert_eq!(errors(&house, "ostrau"), [told]);
    house.get(WESTRAU, "/").await.is(200);
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    let themes = [("hafen/theme.yaml", "name: Hafen\nwordmark: wappen.svg\n"), ("hafen/assets/wappen.svg", drawing)];
    let house = house_with(&themes).await;
    house.get(OSTRAU, "/").await.is(200).says("/wappen.svg\" alt=\"\"");
    house.get(WESTRAU, "/").await.is(200).says("/wordmark.svg\" alt=\"\"");
}

#[tokio::test]
async fn a_token_cannot_break_out_of_its_declaration() {
    let plain = "that is no plain CSS value";
    let cases = [
        (
            "colors: {light: {link: '#1c4fa0;}body{display:none'}}",
            "2:24",
            "gives `link` the colour `#1c4fa0;}body{display:none`",
        ),
        ("colors: {light: {link: red}}", "2:24", "gives `link` the colour `red`"),
        ("colors: {dark: {link: 'url(//evil.example)'}}", "2:23", "gives `link` the colour `url(//evil.example)`"),
        ("shape: {radius: '8px;} body{display:none'}", "2:17", plain),
        ("shape: {radius: '8px/*'}", "2:17", plain),
        ("fonts: {body: 'URL(https://evil.example/a.woff2)'}", "2:15", plain),
        ("fonts: {body: 'a\\75rl(x)'}", "2:15", plain),
        ("fonts: {body: '\"Ohne Ende'}", "2:15", plain),
        ("fonts: {body: 'a, (b'}", "2:15", plain),
        (
            "shape: {'x:0;} body{display:none} y': 8px}",
            "2:9",
            "has the name `x:0;} body{display:none} y`, which is no name of a CSS property",
        ),
        ("fonts: {'body:a;color': serif}", "2:9", "has the name `body:a;color`, which is no name of a CSS property"),
    ];
    for (line, place, message) in cases {
        let house = house_with(&[("hafen/theme.yaml", &format!("name: Hafen\n{line}\n"))]).await;
        let told = errors(&house, "ostrau");
        assert!(
            told.len() == 1 && told[0].starts_with(&format!("themes/hafen/theme.yaml:{place} ")),
            "{line}: {told:#?}"
        );
        assert!(told[0].contains(message), "{line}: {told:#?}");
        house.get(OSTRAU, "/").await.is(503);
    }
}

#[tokio::test]
async fn a_broken_template_keeps_only_its_own_towns_from_serving() {
    let house =
        house_with(&[("hafen/templates/api.html", "{% extends \"layout.html\" %}{% block content %}{{ oh")]).await;
    let told = errors(&house, "ostrau");
    assert!(told.len() == 1 && told[0].contains("hafen/") && told[0].contains("api.html"), "{told:#?}");
    house.get(OSTRAU, "/").await.is(503);
    house.get(WESTRAU, "/api").await.is(200);
}

#[tokio::test]
async fn a_theme_that_changes_on_disk_reaches_its_towns_with_the_next_load() {
    let mut house = house_with(&[("hafen/texts/de.yaml", "nav: {contact: Hafenkontakt}\n")]).await;
    house.get(OSTRAU, "/").await.says("Hafenkontakt");
    house.towns.write_theme("hafen/texts/de.yaml", "nav: {contact: Kaikontakt, help: Lotse}\n");
    house.reload();
    house.get(OSTRAU, "/").await.is(200).says("Kaikontakt").says("Lotse").is_silent_about("Hafenkontakt");
    house.towns.write_theme("hafen/texts/de.yaml", "nav: [\n");
    assert_eq!(house.reload().broken.keys().collect::<Vec<_>>(), ["ostrau"]);
    house.get(OSTRAU, "/").await.is(200).says("Kaikontakt");
}

#[tokio::test]
async fn the_shipped_towns_have_faces_of_their_own() {
    let house = House::open(Towns::shipped()).await;
    let (herford, loehne) = (css(&house, "herford.localhost").await, css(&house, "loehne.localhost").await);
    for name in ["primary", "header", "accent", "link", "background"] {
        let color = |css: &str| {
            css.split(&format!("--color-{name}:")).nth(1).map(|rest| rest[..7].to_owned()).expect("a colour")
        };
        assert!(color(&herford).starts_with('#'));
        if name != "background" {
            assert_ne!(color(&herford), color(&loehne), "{name}");
        }
    }
    let mark = |id: &str| tenant(&house, id).theme.assets["wordmark.svg"].hash.clone();
    assert_ne!(mark("herford"), mark("loehne"));
}
