//! Folders, links, hosts and redirects that are not what they should be.

use std::{os::unix::fs::symlink, os::unix::net::UnixListener, process::Command};

use portal_tests::{House, Towns};

use super::refused;
use crate::told::{errors, house_after, warnings};

const TOWN: &str = "ostrau/tenant.yaml";

#[tokio::test]
async fn a_link_that_leads_out_of_the_town_is_not_followed() {
    let secret = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(secret.path(), "title: SECRET\n").expect("it can be written");
    for (target, name) in
        [(secret.path(), "geheim"), ("/dev/zero".as_ref(), "null"), ("../../westrau/tenant.yaml".as_ref(), "nachbar")]
    {
        let told = format!(
            "ostrau/services/{name}.yaml:1:1 is a link that leads out of the town's folder \
             (copy the file here; what towns share belongs into a layer)"
        );
        let link = |towns: &Towns| symlink(target, towns.path().join(format!("ostrau/services/{name}.yaml"))).unwrap();
        refused(link, &told).await.get("portal.ostrau.example", "/").await.is_silent_about("SECRET");
    }
}

#[tokio::test]
async fn a_link_inside_the_town_is_an_ordinary_file_and_one_to_nowhere_is_told() {
    let house = house_after(|towns| {
        symlink("marktstand.yaml", towns.path().join("ostrau/services/stand.yaml")).unwrap();
    })
    .await;
    house.get("portal.ostrau.example", "/dienstleistungen/stand").await.is(200).says("Marktstand in Ostrau");
    let house = house_after(|towns| symlink("nirgends", towns.path().join("ostrau/a.yaml")).unwrap()).await;
    let [told] = &errors(&house, "ostrau")[..] else { panic!("one complaint") };
    assert!(told.starts_with("ostrau/a.yaml:1:1 cannot be read: "), "{told}");
}

#[tokio::test]
async fn a_folder_linked_into_itself_is_not_walked_for_ever() {
    let house = house_after(|towns| symlink(".", towns.path().join("ostrau/services/mehr")).unwrap()).await;
    let told = "ostrau/services/mehr/marktstand.yaml:1:1 is a file that nobody reads";
    assert!(
        warnings(&house, "ostrau").iter().any(|warning| warning.starts_with(told)),
        "{:#?}",
        warnings(&house, "ostrau")
    );
    house.get("portal.westrau.example", "/").await.is(200);
}

#[tokio::test]
async fn a_pipe_or_a_socket_is_never_opened() {
    // whoever opens this pipe waits for a writer that never comes
    let told = "ostrau/services/marktstand.yaml:1:1 is no ordinary file";
    let pipe = |towns: &Towns| {
        towns.remove("ostrau/services/marktstand.yaml");
        let made = Command::new("mkfifo").arg(towns.path().join("ostrau/services/marktstand.yaml")).status();
        assert!(made.expect("coreutils").success());
    };
    refused(pipe, told).await;
    let told = "ostrau/services/socket.yaml:1:1 is no ordinary file";
    refused(
        |towns| {
            let _ = UnixListener::bind(towns.path().join("ostrau/services/socket.yaml")).unwrap();
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn a_folder_whose_name_is_no_id_is_no_town() {
    for name in ["Ostrau-Nord", "süd", "a b", "x.y", "über_all"] {
        let house = house_after(|towns| {
            towns.write(&format!("{name}/tenant.yaml"), "name: Nord\nhosts: [nord.example]\nextends: _land\n");
        })
        .await;
        let told = format!(
            "{name}/tenant.yaml:1:1 lies in a folder called `{name}` (folders of towns are named with `a`–`z`, `0`–`9` and `-`)"
        );
        assert_eq!(errors(&house, name), [told]);
        house.get("nord.example", "/").await.is(503).is_silent_about("Nord");
        house.get("portal.ostrau.example", "/").await.is(200);
    }
}

#[tokio::test]
async fn names_that_can_be_no_address_are_told() {
    let told = "ostrau/services/Hunde Steuer.yaml:1:1 has the name `Hunde Steuer`, which cannot be an address \
                (names of services use `a`–`z`, `0`–`9` and `-`)";
    refused(
        |towns| {
            towns.write("ostrau/services/Hunde Steuer.yaml", "title: a\n");
        },
        told,
    )
    .await;
    let told = "ostrau/services/marktstand.yaml:1:7 has the slug `../x`, which cannot be an address";
    let slug = |towns: &Towns| {
        towns.change("ostrau/services/marktstand.yaml", "title:", "slug: ../x\ntitle:");
    };
    refused(slug, told).await;
    let told = "ostrau/services/marktstand.yaml:1:7 has the same address as the service `ausweis`";
    let slug = |towns: &Towns| {
        towns.change("ostrau/services/marktstand.yaml", "title:", "slug: ausweis\ntitle:");
    };
    refused(slug, told).await;
}

#[tokio::test]
async fn hosts_that_are_none() {
    let hint = "(host names stand without scheme, port and path: `portal.example.de`)";
    let wrong = [
        "https://portal.ostrau.example",
        "ostrau.example:8080",
        "ostrau.example/portal",
        "*.ostrau.example",
        "a..b",
        "a b.example",
        "",
        "user@ostrau.example",
        ".example",
        "%41.example",
        "ostrau.example?",
        "[::1",
        "-.example\\u0000",
    ];
    for host in wrong {
        let hosts = format!("[portal.ostrau.example, \"{host}\"]");
        let house = house_after(|towns| {
            towns.change(TOWN, "[portal.ostrau.example, service.ostrau.example]", &hosts);
        })
        .await;
        let name = host.replace("\\u0000", "\0");
        let told = format!("ostrau/tenant.yaml:3:32 has `{name}` among its hosts, which is no host name {hint}");
        assert_eq!(errors(&house, "ostrau"), [told]);
        house.get("portal.ostrau.example", "/").await.is(503);
        house.get("portal.westrau.example", "/").await.is(200);
    }
    let house = house_after(|towns| {
        towns.change(TOWN, "[portal.ostrau.example, service.ostrau.example]", "[]");
    })
    .await;
    assert_eq!(errors(&house, "ostrau"), ["ostrau/tenant.yaml:3:8 names no host (`hosts: [portal.example.de]`)"]);
}

#[tokio::test]
async fn one_host_in_two_towns_is_wrong_in_both() {
    let house = house_after(|towns| {
        towns.change(TOWN, "service.ostrau.example", "Portal.SUEDAU.example.");
    })
    .await;
    let claims = |other: &str| {
        format!(
            "claims the host `portal.suedau.example`, which `{other}` claims as well (a host belongs to exactly one town)"
        )
    };
    assert_eq!(errors(&house, "ostrau"), [format!("ostrau/tenant.yaml:3:32 {}", claims("suedau"))]);
    assert_eq!(errors(&house, "suedau"), [format!("suedau/tenant.yaml:2:9 {}", claims("ostrau"))]);
    house.get("portal.suedau.example", "/").await.is(503).is_silent_about("Südau");
    house.get("portal.ostrau.example", "/").await.is(503).is_silent_about("Ostrau");
    house.get("portal.westrau.example", "/").await.is(200);
}

#[tokio::test]
async fn redirects_that_lead_nowhere_good() {
    let address = "which is no address (new addresses are a path (`/dienstleistungen`) or start with `https://`)";
    let wrong = [
        ("/a: http://evil.example", "1:5", format!("leads to `http://evil.example`, {address}")),
        ("/a: //evil.example", "1:5", format!("leads to `//evil.example`, {address}")),
        ("/a: /\\evil.example", "1:5", format!("leads to `/\\evil.example`, {address}")),
        ("/a: javascript:alert(1)", "1:5", format!("leads to `javascript:alert(1)`, {address}")),
        ("/a: dienstleistungen", "1:5", format!("leads to `dienstleistungen`, {address}")),
        ("a: /b", "1:1", "redirects `a`, which is no path (old paths start with `/`)".into()),
        ("/a: /a", "1:5", "leads back to itself".into()),
    ];
    for (line, place, told) in wrong {
        let told = format!("ostrau/redirects.yaml:{place} {told}");
        refused(
            |towns| {
                towns.write("ostrau/redirects.yaml", format!("{line}\n"));
            },
            &told,
        )
        .await;
    }
}

#[tokio::test]
async fn a_file_nobody_reads_is_a_warning_with_the_name_that_was_meant() {
    let house = house_after(|towns| {
        towns.write("ostrau/ofices.yaml", "a: b\n").write("ostrau/services/notes.txt", "x");
    })
    .await;
    let told = warnings(&house, "ostrau");
    let expected = "ostrau/ofices.yaml:1:1 is a file that nobody reads (did you mean `offices.yaml`?)";
    assert!(told.contains(&expected.to_owned()), "{told:#?}");
    assert_eq!(told.len(), 2, "{told:#?}");
    house.get("portal.ostrau.example", "/").await.is(200);
}

#[tokio::test]
async fn a_town_that_breaks_while_it_serves_goes_on_as_it_was() {
    let mut house = House::with_fixture_towns().await;
    house.towns.change("ostrau/services/marktstand.yaml", "title: Marktstand in Ostrau", "titel: Marktbude");
    house.towns.change("westrau/tenant.yaml", "full_name: Hansestadt Westrau", "full_name: Seestadt Westrau");
    let report = house.reload();
    assert_eq!((report.broken.len(), &report.changed[..]), (1, &["westrau".to_owned()][..]));
    house.get("portal.ostrau.example", "/dienstleistungen/marktstand").await.is(200).says("Marktstand in Ostrau");
    house.get("portal.westrau.example", "/").await.is(200).says("Seestadt Westrau");
}
