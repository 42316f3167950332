use portal_tests::{House, Towns};

use super::{tenant, with_bad_musterau};

const NEW_HOST: &str = "service.bad-musterau.de";

/// What a change of the address does to the two files of a town.
async fn renamed(town: &str, identity: Option<&str>, options: &[&str]) -> (String, Option<String>) {
    let towns = with_bad_musterau().await;
    towns.write("bad-musterau/tenant.yaml", town);
    match identity {
        Some(identity) => _ = towns.write("bad-musterau/identity.yaml", identity),
        None => _ = towns.remove("bad-musterau/identity.yaml"),
    }
    tenant(&towns, &[&["rename-host", "bad-musterau", NEW_HOST], options].concat()).await.is(0);
    let after = (
        towns.read("bad-musterau/tenant.yaml"),
        std::fs::read_to_string(towns.path().join("bad-musterau/identity.yaml")).ok(),
    );
    // the second time there is nothing to do
    tenant(&towns, &[&["rename-host", "bad-musterau", NEW_HOST], options].concat()).await.is(0).says("already");
    assert_eq!(after.0, towns.read("bad-musterau/tenant.yaml"));
    let house = House::open(towns).await;
    assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
    house.get(NEW_HOST, "/").await.is(200);
    after
}

#[tokio::test]
async fn every_way_of_writing_hosts_keeps_its_comments_and_its_order() {
    let keep: &[&str] = &["--keep-old"];
    let cases = [
        (
            "name: B   # wie immer\nhosts: [old.de]  # hier\n",
            keep,
            "name: B   # wie immer\nhosts: [service.bad-musterau.de, old.de]  # hier\n",
        ),
        ("name: B\nhosts: [\"old.de\"]\n", &[], "name: B\nhosts: [service.bad-musterau.de]\n"),
        (
            "name: B\nhosts:\n  # Namen\n  - 'old.de'   # alt\n  - x.de\n",
            keep,
            "name: B\nhosts:\n  # Namen\n  - service.bad-musterau.de\n  - 'old.de'   # alt\n  - x.de\n",
        ),
        (
            "name: B\nhosts:\n- old.de # alt\n- x.de\n",
            &[],
            "name: B\nhosts:\n- service.bad-musterau.de # alt\n- x.de\n",
        ),
        // a name that the town has already changes places with the first
        (
            "name: B\nhosts: [old.de, x.de, service.bad-musterau.de]\n",
            keep,
            "name: B\nhosts: [service.bad-musterau.de, x.de, old.de]\n",
        ),
        (
            "name: B\nhosts: [old.de, x.de, service.bad-musterau.de]\n",
            &[],
            "name: B\nhosts: [service.bad-musterau.de, x.de]\n",
        ),
        (
            "name: B\nhosts:\n  - old.de\n  - service.bad-musterau.de # neu\n  - x.de\n",
            &[],
            "name: B\nhosts:\n  - service.bad-musterau.de\n  - x.de\n",
        ),
        (
            "\u{feff}name: Öl 😀\r\nhosts: [ old.de ]\r\n",
            &[],
            "\u{feff}name: Öl 😀\r\nhosts: [ service.bad-musterau.de ]\r\n",
        ),
    ];
    for (before, options, after) in cases {
        assert_eq!(renamed(before, None, options).await, (after.to_owned(), None), "{before}");
    }
}

#[tokio::test]
async fn a_login_provider_goes_on_knowing_the_town_by_its_old_name() {
    const TOWN: &str = "name: B\nhosts: [old.de]\n";
    const ID: &str = "entity_id: \"https://old.de/saml/metadata\"";
    let cases = [
        (
            "# Konten\nproviders:\n  - id: a\n    kind: saml # bleibt\n    name: A\n",
            format!("# Konten\nproviders:\n  - id: a\n    {ID}\n    kind: saml # bleibt\n    name: A\n"),
        ),
        ("[{id: a, kind: bundid, name: A}]\n", format!("[{{id: a, {ID}, kind: bundid, name: A}}]\n")),
        (
            "- {kind: saml, name: A, id: a}\n- {id: o, kind: oidc, name: O}\n",
            format!("- {{kind: saml, {ID}, name: A, id: a}}\n- {{id: o, kind: oidc, name: O}}\n"),
        ),
        (
            "- {id: a, kind: saml, name: A, entity_id: agreed}\n",
            "- {id: a, kind: saml, name: A, entity_id: agreed}\n".to_owned(),
        ),
    ];
    for (before, after) in cases {
        assert_eq!(renamed(TOWN, Some(before), &["--keep-old"]).await.1, Some(after), "{before}");
    }
}

#[tokio::test]
async fn what_a_layer_says_of_a_provider_is_written_down_for_the_town_alone() {
    for own in [
        None,
        Some("providers:\n  - {id: z, kind: local, name: Z, until: 2020-01-31}\n"),
        Some("providers: []\n"),
        Some("# noch nichts\n"),
    ] {
        let towns = with_bad_musterau().await;
        let layer = "providers: [{id: konto, kind: saml, name: Konto, until: 2026-12-31}, {id: neu, kind: bundid, name: Neu, from: 2026-12-01}]\n";
        towns.write("_land/identity.yaml", layer);
        match own {
            Some(own) => _ = towns.write("bad-musterau/identity.yaml", own),
            None => _ = towns.remove("bad-musterau/identity.yaml"),
        }
        let told = tenant(&towns, &["rename-host", "bad-musterau", NEW_HOST, "--keep-old"]).await.is(0);
        told.says("`konto` goes on knowing it by its old name")
            .says("`neu` goes on knowing")
            .says("portal.bad-musterau.de leads to it");
        assert_eq!(towns.read("_land/identity.yaml"), layer);
        let house = House::open(towns).await;
        let town = house.portal.tenants.get("bad-musterau").unwrap();
        let login = town.login.as_ref().unwrap();
        for provider in [&login.provider, login.next.as_ref().unwrap()] {
            assert_eq!(town.entity_id(provider), "https://portal.bad-musterau.de/saml/metadata", "{own:?}");
        }
        house.get("portal.bad-musterau.de", "/faq").await.is(308).leads_to("https://service.bad-musterau.de/faq");
    }
}

#[tokio::test]
async fn a_town_at_its_first_address_is_known_by_it() {
    let house = House::with_fixture_towns().await;
    let ostrau = house.portal.tenants.get("ostrau").unwrap();
    let login = ostrau.login.as_ref().unwrap();
    assert_eq!(ostrau.entity_id(&login.provider), "https://portal.ostrau.example/saml/metadata");
}

#[tokio::test]
async fn an_address_that_another_town_has_is_refused() {
    let towns = with_bad_musterau().await;
    let before = towns.read("bad-musterau/tenant.yaml");
    for (host, message) in [
        ("service.ostrau.example", "the host `service.ostrau.example` belongs to `ostrau`"),
        ("suedau.localhost", "is at"),
        ("bad-musterau.localhost", "`bad-musterau.localhost` is a preview host of `bad-musterau`"),
        ("https://x.de", "is no host name"),
    ] {
        let told = tenant(&towns, &["rename-host", "bad-musterau", host]).await;
        if host == "suedau.localhost" {
            // nobody has it: Südau names no preview host
            told.is(0).says(message);
            towns.write("bad-musterau/tenant.yaml", before.as_bytes());
        } else {
            told.is(2).complains(message);
            assert_eq!(towns.read("bad-musterau/tenant.yaml"), before);
        }
    }
    tenant(&towns, &["rename-host", "bad-musterua", NEW_HOST]).await.is(2).complains("there is no tenant");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_left_as_it_is() {
    let towns = Towns::fixture();
    towns.write("ostrau/tenant.yaml", "name: [\n");
    tenant(&towns, &["rename-host", "ostrau", NEW_HOST]).await.is(2).complains("there is no tenant `ostrau`");
    assert_eq!(towns.read("ostrau/tenant.yaml"), "name: [\n");
}
