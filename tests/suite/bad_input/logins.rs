//! Login providers and roles that cannot be as they are written.

use super::refused;
use crate::told::{errors, house_after};

const FILE: &str = "ostrau/identity.yaml";

/// A town with this provider is refused for exactly this reason, at the place of `^`.
#[track_caller]
fn provider(written: &'static str, told: &str) -> impl Future {
    let column = written.split_once('^').expect("the place is marked").0.chars().count() + "- {".len() + 1;
    let told = format!("ostrau/identity.yaml:1:{column} {told}");
    let text = format!("- {{{}}}\n", written.replacen('^', "", 1));
    async move {
        refused(
            |towns| {
                towns.write(FILE, text);
            },
            &told,
        )
        .await
    }
}

#[tokio::test]
async fn a_field_that_belongs_to_another_kind() {
    for (written, told) in [
        (
            "id: a, kind: saml-bundid, name: A, ^issuer: https://a.example",
            "has the field `issuer`, which `saml-bundid` does not know (it belongs to `oidc`)",
        ),
        (
            "id: a, kind: oidc, name: A, ^bmi_id: 1",
            "has the field `bmi_id`, which `oidc` does not know (it belongs to `saml-bundid`)",
        ),
        (
            "id: a, kind: local, name: A, ^sso_url: https://a.example",
            "has the field `sso_url`, which `local` does not know (it belongs to `saml-bundid` and `saml`)",
        ),
        (
            "id: a, kind: oidc, name: A, ^staff: {claim: groups, roles: {}}",
            "has the field `staff`, which `oidc` does not know (it belongs to `oidc` with `for: staff`)",
        ),
        (
            "id: a, kind: ^oauth, name: A",
            "says `oauth`, which is not one of the known values (known are `bundid`, `saml-bundid`, `saml`, `oidc`, `local`, `simulator`)",
        ),
    ] {
        provider(written, told).await;
    }
}

#[tokio::test]
async fn people_levels_names_and_addresses_that_cannot_be() {
    for (written, told) in [
        (
            "id: a, kind: saml, for: ^staff, name: A",
            "is for staff, which `saml` cannot be (`saml-bundid` and `saml` are for citizens, `simulator` too, `oidc` and `local` are for both)",
        ),
        (
            "id: ^local, kind: local, for: citizens, name: A",
            "has the id `local`, which the portal keeps for itself (`local` names clerks' accounts of the portal's own, `code` is an address)",
        ),
        (
            "id: a, kind: local, for: citizens, name: A, levels: ^[basis, hoch]",
            "promises more than `basis`, and nobody vouches for its accounts (what asks for more leads to another provider)",
        ),
        (
            "id: a, kind: local, for: citizens, name: A, url: ^https://a.example",
            "leads elsewhere for accounts that are the portal's own (take it out: people register at `/registrieren`)",
        ),
        (
            "id: ^Ä, kind: saml, name: A",
            "has the id `Ä`, which cannot be part of an address (ids use `a`–`z`, `0`–`9` and `-`)",
        ),
        (
            "id: a, kind: saml, name: A, levels: ^[none]",
            "names `none` among the levels, which is no login (`basis`, `substantiell`, `hoch`)",
        ),
        (
            "id: a, kind: bundid, name: A, display_name: ^Der Eigenbetrieb für Abfall und Straßen der Stadt Ostrau",
            "has 56 characters, of which 50 are shown (say it shorter)",
        ),
        (
            "id: a, kind: saml, name: A, sso_url: ^http://a.example/sso",
            "leads people to `http://a.example/sso`, where nobody vouches for the other side (the address begins with `https://`)",
        ),
        (
            "id: a, kind: oidc, name: A, issuer: ^http://localhost.a.example",
            "leads people to `http://localhost.a.example`, where nobody vouches for the other side (the address begins with `https://`)",
        ),
        (
            "id: a, kind: bundid, name: A, entity_id: ^https://portal.ostrau.example:8443/saml",
            "is `https://portal.ostrau.example:8443/saml`, which BundID does not take (an address of the town with `https://` and without a port; it can never change)",
        ),
    ] {
        provider(written, told).await;
    }
    let twice = "- {id: a, kind: saml, name: A}\n- {id: a, kind: oidc, name: B}\n";
    refused(
        |towns| {
            towns.write(FILE, twice);
        },
        "ostrau/identity.yaml:2:3 is the second provider with the id `a`",
    )
    .await;
    let own = "- {id: a, kind: local, for: citizens, name: A}\n- {id: b, kind: local, for: citizens, name: B}\n";
    refused(
        |towns| {
            towns.write(FILE, own);
        },
        "ostrau/identity.yaml:2:3 is the second kind of accounts of the portal's own for citizens \
         (`/registrieren` is one address and makes one kind of accounts)",
    )
    .await;
}

#[tokio::test]
async fn a_secret_in_a_file_is_refused_and_nowhere_repeated() {
    let elsewhere = "secrets lie elsewhere: `file:/run/secrets/…` or `env:NAME`";
    let house = house_after(|towns| {
        towns.write(FILE, "- {id: a, kind: oidc, name: A, client_secret: hunter2}\n");
        towns.write(
            "_land/identity.yaml",
            "- {id: b, kind: saml, name: B, signing_keys: [{certificate: idp/b.pem, key: hunter2}]}\n",
        );
    })
    .await;
    let mut told = errors(&house, "ostrau");
    told.sort();
    let reason = |field: &str| format!("is no reference to a secret, as `{field}` needs one ({elsewhere})");
    assert_eq!(
        told,
        [
            format!("_land/identity.yaml:1:77 {}", reason("key")),
            format!("ostrau/identity.yaml:1:47 {}", reason("client_secret"))
        ]
    );
    assert!(house.report.broken.values().flatten().any(|problem| problem.rule == "plain-secret"));
    assert!(!format!("{:?}", house.report).contains("hunter2"));
}

#[tokio::test]
async fn a_certificate_that_is_not_there_or_is_none() {
    provider(
        "id: a, kind: saml, name: A, certificates: [^idp/a.pem]",
        "names the certificate `idp/a.pem`, which is not there (certificates lie in `idp/` of the town or of a layer: `idp/bundid.pem`)",
    )
    .await;
    let pem = || rcgen::generate_simple_self_signed(["idp.example".to_owned()]).unwrap();
    let begins = "(it begins with `-----BEGIN CERTIFICATE-----`)";
    for content in ["nichts\n".to_owned(), pem().cert.pem() + &pem().cert.pem()] {
        let told = format!(
            "ostrau/identity.yaml:1:47 names `idp/a.pem`, which does not hold exactly one certificate in PEM form {begins}"
        );
        refused(
            move |towns| {
                towns.write(FILE, "- {id: a, kind: saml, name: A, certificates: [idp/a.pem]}\n");
                towns.write("ostrau/idp/a.pem", content);
            },
            &told,
        )
        .await;
    }
    let key = pem().signing_key.serialize_pem();
    refused(
        move |towns| {
            towns.write("ostrau/idp/a.pem", key);
        },
        "ostrau/idp/a.pem:1:1 holds a private key (keys lie elsewhere: `key: `file:/run/secrets/…` or `env:NAME``)",
    )
    .await;
}

#[tokio::test]
async fn roles_and_departments_that_do_not_exist() {
    provider(
        "id: a, kind: oidc, for: staff, name: A, staff: {claim: groups, roles: {amt: ^administraton}}",
        "gives the role `administraton`, which the town does not have (did you mean `administration`?)",
    )
    .await;
    for (staff, told) in [
        (
            "staff: {roles: [{id: amt, name: Amt, may: [desk], departments: [steuramt]}]}\n",
            "names the department `steuramt`, which does not exist (did you mean `steueramt`?)",
        ),
        (
            "staff: {departments: [{id: a, name: A}, {id: a, name: B}]}\n",
            "has the id `a`, which is no id or not the only one (ids use `a`–`z`, `0`–`9` and `-`, each once)",
        ),
        (
            "staff: {roles: [{id: amt, name: Amt, may: [everything]}]}\n",
            "says `everything`, which is not one of the known values (known are `desk`, `cases`, `messages`, `oversight`, `accounts`, `staff`, `audit`)",
        ),
    ] {
        let house = house_after(|towns| {
            towns.write("ostrau/tenant.yaml", towns.read("ostrau/tenant.yaml") + staff);
        })
        .await;
        let [problem] = &errors(&house, "ostrau")[..] else { panic!("{:?}", errors(&house, "ostrau")) };
        assert!(problem.ends_with(told) && problem.starts_with("ostrau/tenant.yaml:"), "{problem}");
    }
}

#[tokio::test]
async fn a_simulator_on_a_live_town_whatever_its_dates() {
    let hint = "take it out; one of a layer by `{id: probe, remove: true}`";
    let told = format!("1:3 lets anybody log in as anybody by `probe`, and the town is live ({hint})");
    for dates in ["", ", until: 2020-01-01"] {
        let town = format!("ostrau/identity.yaml:{told}");
        refused(
            |towns| {
                towns.write(FILE, format!("- {{id: probe, kind: simulator, name: Probe{dates}}}\n"));
            },
            &town,
        )
        .await;
    }
    let house = house_after(|towns| {
        towns.write("_land/identity.yaml", "- {id: probe, kind: simulator, name: Probe}\n");
        towns.write(FILE, towns.read(FILE) + "  - {id: probe, remove: true}\n");
    })
    .await;
    assert_eq!(errors(&house, "ostrau"), Vec::<String>::new());
    assert_eq!(errors(&house, "westrau"), [format!("_land/identity.yaml:{told}")]);
}
