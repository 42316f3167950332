use std::sync::Arc;

use portal::{
    onboarding::palette,
    theme::{contrast::Color, tokens::Tokens},
    yaml::{Node, read},
};
use portal_tests::{House, Towns};
use proptest::prelude::*;

use super::{NEW, tenant};

fn theme_of(color: Color) -> Arc<Node> {
    let scheme = |colors: palette::Scheme| {
        let lines = colors.iter().map(|(name, color)| format!("    {name}: \"{color}\"\n"));
        lines.collect::<String>()
    };
    let text = format!(
        "name: T\nwordmark: wordmark.svg\ncolors:\n  light:\n{}  dark:\n{}",
        scheme(palette::light(color)),
        scheme(palette::dark(color))
    );
    read("theme.yaml", text.as_bytes()).unwrap()
}

fn readable(color: &str) {
    let color = Color::parse(color).unwrap();
    Tokens::from_node(&theme_of(color)).unwrap_or_else(|problems| panic!("{color}: {problems:#?}"));
    let header = palette::light(color).into_iter().find(|(name, _)| *name == "header").unwrap().1;
    assert_eq!(header, color, "the town's colour itself is seen");
}

#[test]
fn a_palette_from_the_hardest_colours_is_readable() {
    for color in [
        "#ffe600", "#ffff00", "#ffffff", "#000000", "#39ff14", "#ff00ff", "#00ffff", "#808080", "#767676", "#0000ff",
        "#ff0000", "#010101", "#fefefe",
    ] {
        readable(color);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn a_palette_from_any_colour_is_readable(bytes: [u8; 3]) {
        readable(&format!("#{:02x}{:02x}{:02x}", bytes[0], bytes[1], bytes[2]));
    }
}

#[tokio::test]
async fn a_new_town_wears_its_colour_and_its_word_mark() {
    let towns = Towns::fixture();
    let logo = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><defs><linearGradient id=\"g\"/></defs><path fill=\"url(#g)\" d=\"M0 0h9\"/></svg>";
    towns.write("logo.svg", logo);
    let file = format!("{}/logo.svg", towns.path().display());
    tenant(&towns, &[&NEW[..], &["--color", "#1B6E4B", "--logo", &file]].concat())
        .await
        .is(0)
        .says("theme.yaml")
        .says("assets/wordmark.svg");
    let house = House::open(towns).await;
    assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
    let town = house.portal.tenants.get("bad-musterau").unwrap();
    let css = String::from_utf8_lossy(&town.asset("portal.css").unwrap().body.identity).into_owned();
    assert!(
        css.starts_with(":root{")
            && css.contains("--color-header:#1b6e4b;")
            && css.contains("--color-primary:#1b6e4b;"),
        "{}",
        &css[..600]
    );
    assert_eq!(css.matches("--color-header:").count(), 3, "light, dark and on paper, and nothing of the base theme");
    assert_eq!(&*town.asset("wordmark.svg").unwrap().body.identity, logo.as_bytes());
    let start = house.get("bad-musterau.localhost", "/").await.is(200).says("/wordmark.svg\" alt=\"\"");
    start.says("<meta name=\"theme-color\" content=\"#1b6e4b\"");
    // nobody else wears it
    let ostrau = house.portal.tenants.get("ostrau").unwrap();
    assert!(!String::from_utf8_lossy(&ostrau.asset("portal.css").unwrap().body.identity).contains("#1b6e4b"));
}

#[tokio::test]
async fn colours_that_a_town_makes_unreadable_are_told_with_their_place() {
    let towns = Towns::fixture();
    towns.write("ostrau/theme.yaml", "colors:\n  light:\n    link: \"#eeeeee\"\n");
    towns.write("suedau/theme.yaml", "wordmark: wappen.png\n");
    let listed = tenant(&towns, &["list"]).await.is(1);
    let listed =
        listed.complains("ostrau/theme.yaml:3:11` has too little contrast: `link` #eeeeee on `background` #ffffff");
    listed.complains("suedau/theme.yaml:1:11` names the word mark `wappen.png`, which does not exist");
}

#[tokio::test]
async fn a_picture_that_does_more_than_show_itself_is_no_word_mark() {
    let towns = Towns::fixture();
    let file = format!("{}/logo", towns.path().display());
    let svg = |inside: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n{inside}</svg>"
        )
    };
    let cases = [
        (svg("<script>1</script>"), "logo:2:1` holds a `<script>`"),
        (svg("<g><image xlink:href=\"https://x.de/a.png\"/></g>"), "logo:2:4` refers to something outside (`href`)"),
        (svg("<image href=\"//x.de/a.png\"/>"), "refers to something outside"),
        (svg("<image href=\"data:image/svg+xml,%3Csvg%3E\"/>"), "refers to something outside"),
        (
            svg("<use href=\"andere.svg#a\"/><path fill=\"url(https://x.de/#a)\"/>"),
            "refers to something outside (`fill`)",
        ),
        (svg("<path onload=\"x()\"/>"), "runs a script (`onload`)"),
        (svg("<a href=\"javascript:x()\"><path/></a>"), "holds a `<a>`"),
        (svg("<set attributeName=\"href\" to=\"javascript:x()\"/>"), "refers to something outside"),
        (svg("<style>@import 'https://x.de/a.css';</style>"), "has a style that refers to something outside"),
        (svg("<style>path{fill:u\\72l(//x.de)}</style>"), "has a style that refers to something outside"),
        (
            svg("<foreignObject><p xmlns=\"http://www.w3.org/1999/xhtml\">x</p></foreignObject>"),
            "holds a `<foreignobject>`",
        ),
        (format!("<?xml-stylesheet href=\"https://x.de/a.css\"?>{}", svg("")), "processing instruction"),
        (format!("<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}", svg("&x;")), "is neither SVG nor PNG"),
        ("<html/>".to_owned(), "is neither SVG nor PNG"),
        ("GIF89a".to_owned(), "is neither SVG nor PNG"),
        (" ".repeat(600 * 1024), "is larger than 512 KiB"),
    ];
    for (picture, message) in cases {
        towns.write("logo", &picture);
        let told = tenant(&towns, &[&NEW[..], &["--logo", &file]].concat()).await.is(2);
        told.complains(message);
    }
    towns.write("logo", b"\x89PNG\r\n\x1a\n...");
    tenant(&towns, &[&NEW[..], &["--logo", &file]].concat()).await.is(0).says("assets/wordmark.png");
    assert!(towns.read("bad-musterau/theme.yaml").contains("wordmark: wordmark.png"));
}
