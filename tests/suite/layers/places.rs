//! Every fact knows the file, line and column it came from.

use portal_tests::{House, Towns, root};

use super::add;
use crate::told::{house_after, place};

#[tokio::test]
async fn a_fact_of_the_town_and_one_of_its_layer_are_found_again_to_the_column() {
    let house = House::with_fixture_towns().await;
    assert_eq!(place(&house, "ostrau", "tenant.yaml", "court.name"), "_land/tenant.yaml:3:9");
    assert_eq!(place(&house, "ostrau", "tenant.yaml", "address.city"), "ostrau/tenant.yaml:9:57");
    assert_eq!(
        place(&house, "westrau", "services/hund-anmelden.yaml", "title.en"),
        "_land/services/hund-anmelden.yaml:1:32"
    );
    assert_eq!(
        place(&house, "westrau", "services/hund-anmelden.yaml", "responsible"),
        "westrau/services/hund-anmelden.yaml:4:14"
    );
    assert_eq!(place(&house, "ostrau", "identity.yaml", "providers"), "ostrau/identity.yaml:2:3");
    assert_eq!(place(&house, "ostrau", "content/impressum.md", "title"), "_land/content/impressum.md:2:8");
}

#[tokio::test]
async fn columns_count_characters_and_lines_count_whatever_ends_them() {
    let house = house_after(|towns| {
        add(towns, "suedau/tenant.yaml", "address: {street: Öäüß 😀, zip: '1', city: Südau}\n");
        let text = towns.read("westrau/tenant.yaml").replace('\n', "\r\n");
        towns.write("westrau/tenant.yaml", format!("\u{feff}{text}"));
    })
    .await;
    assert_eq!(place(&house, "suedau", "tenant.yaml", "address.zip"), "suedau/tenant.yaml:6:32");
    assert_eq!(place(&house, "westrau", "tenant.yaml", "name"), "westrau/tenant.yaml:1:7");
    assert_eq!(place(&house, "westrau", "tenant.yaml", "email"), "westrau/tenant.yaml:10:8");
}

#[tokio::test]
async fn a_token_is_found_again_in_the_town_s_theme_the_layer_s_or_the_base() {
    let towns = Towns::fixture().with_themes();
    towns.write_theme("hafen/theme.yaml", "name: Hafen\ncolors:\n  light: {primary: '#0a3d62'}\n");
    towns.write_theme("landesfarben/theme.yaml", "name: Land\ncolors:\n  dark:\n    primary: '#ffd0a0'\n");
    towns.change("_land/tenant.yaml", "court:", "theme: landesfarben\ncourt:");
    towns.change("ostrau/tenant.yaml", "status:", "theme: hafen\nstatus:");
    let house = House::open(towns).await;
    assert_eq!(place(&house, "ostrau", "theme", "colors.light.primary"), "themes/hafen/theme.yaml:3:20");
    assert_eq!(place(&house, "ostrau", "theme", "colors.dark.primary"), "themes/landesfarben/theme.yaml:4:14");
    let base = std::fs::read_to_string(root().join("themes/base/theme.yaml")).expect("the base theme");
    let line = base.lines().position(|line| line.starts_with("wordmark: ")).expect("it has a word mark") + 1;
    assert_eq!(place(&house, "ostrau", "theme", "wordmark"), format!("themes/base/theme.yaml:{line}:11"));
    assert_eq!(place(&house, "westrau", "theme", "name"), "themes/landesfarben/theme.yaml:1:7");
}
