//! Every example does what its page says.

use portal_tests::{
    binary::{Process, run},
    root,
};

#[tokio::test]
async fn a_new_town_of_twelve_lines_is_served() {
    let folder = "examples/new-town/tenants";
    let yaml = std::fs::read_to_string(root().join(folder).join("auental/tenant.yaml")).unwrap();
    assert!(yaml.lines().count() <= 12, "{yaml}");
    let listed = run(&["tenant", "list", "--tenants", folder]).await;
    assert!(listed.status.success() && String::from_utf8_lossy(&listed.stdout).contains("auental"));
    let portal = Process::serve(&["--tenants", folder]).await;
    portal.get("auental.localhost", "/").await.is(200).says("Auental");
    portal
        .get("auental.localhost", "/dienstleistungen")
        .await
        .is(200)
        .is_silent_about("Herford")
        .is_silent_about("Löhne");
}

#[tokio::test]
async fn a_theme_of_ones_own_shows_its_colours_and_its_name() {
    let portal =
        Process::serve(&["--tenants", "examples/own-theme/tenants", "--themes", "examples/own-theme/themes"]).await;
    let page = portal.get("auental.localhost", "/").await.is(200).text();
    let (_, rest) = page.split_once("<link rel=\"stylesheet\" href=\"").unwrap();
    let css = portal.get("auental.localhost", rest.split('"').next().unwrap()).await.is(200).text();
    let theme = std::fs::read_to_string(root().join("examples/own-theme/themes/auental/theme.yaml")).unwrap();
    let (_, primary) = theme.split_once("primary: \"").unwrap();
    assert!(css.contains(&format!("--color-primary:{}", &primary[..7])), "{css}");
}

#[tokio::test]
async fn the_client_of_the_api_counts_searches_and_asks_again() {
    let portal = Process::serve(&[]).await;
    let output = tokio::process::Command::new(env!("CARGO"))
        .args(["run", "--quiet", "-p", "portal-tests", "--example", "api-client", "--"])
        .args([portal.authority(), "herford.localhost", "hund", "anmelden"])
        .current_dir(root())
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("Hund anmelden") && told.contains("asked again: unchanged"), "{told}");
}

#[tokio::test]
async fn the_settings_behind_a_proxy_are_read() {
    let portal = Process::serve(&["--config", "examples/reverse-proxy/portal.yaml"]).await;
    let headers =
        [("host", "127.0.0.1:8080"), ("x-forwarded-host", "loehne.localhost"), ("x-forwarded-proto", "https")];
    portal_tests::Answer::fetch(portal.authority(), "/", &headers).await.is(200).says("Stadt Löhne");
}
