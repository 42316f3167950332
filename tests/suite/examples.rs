//! Every example does what its page says.

use portal_tests::{
    binary::{Process, executable},
    root,
};

#[tokio::test]
async fn a_newcomer_brings_up_a_town_with_its_own_colours_and_services_and_goes_live() {
    let work = tempfile::TempDir::new().unwrap();
    let folder = work.path().to_str().unwrap();
    let told = tokio::process::Command::new(root().join("examples/new-town/run"))
        .arg(folder)
        .env("PORTAL_BIN", executable())
        .output()
        .await
        .unwrap();
    let (said, complained) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success(), "{said}{complained}");
    assert!(complained.contains("says `live`, and the town is not ready for it"), "{complained}");
    let (_, end) = said.split_once("== 7.").unwrap();
    assert!(end.contains("`portal.auental.example` is a name for trying out") && !end.contains("lacks"), "{end}");
    assert!(end.lines().any(|line| line.starts_with("auental") && line.contains("live")), "{end}");
    let portal = Process::serve(&["--tenants", &format!("{folder}/tenants")]).await;
    let start = portal.get("auental.localhost", "/").await.is(200).says("Auental").is_silent_about("class=\"preview\"");
    start.says("content=\"#1b6e4b\"");
    for service in ["baum-patenschaft", "anger-mieten", "leihrad", "wohnsitz-anmelden"] {
        portal.get("auental.localhost", &format!("/dienstleistungen/{service}")).await.is(200);
    }
    let all = portal.get("auental.localhost", "/dienstleistungen").await.is(200);
    all.is_silent_about("Herford").is_silent_about("Löhne").is_silent_about("[town.");
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
