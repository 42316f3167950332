//! Every page of every town, in every locale.

use std::sync::Arc;

use portal::{clock::Clock, web::{Visit, all_samples}};
use portal_tests::{House, TODAY, Towns, moment, portal_of};

#[tokio::test]
async fn every_page_with_every_sample_renders_in_every_town() {
    for towns in [Towns::fixture(), Towns::shipped()] {
        let (portal, report) = portal_of(&towns, Clock::held_at(moment(TODAY))).unwrap();
        assert!(report.broken.is_empty(), "{:#?}", report.broken);
        for tenant in portal.tenants.all() {
            for locale in tenant.locales.clone() {
                let visit = Visit::to(portal.clone(), Arc::clone(&tenant), locale.clone(), "/dienstleistungen");
                let samples = all_samples(&visit);
                assert!(samples.len() > 30, "{} pages of {}", samples.len(), tenant.id);
                for (template, html) in samples {
                    let html = html.unwrap_or_else(|error| panic!("{} {locale} {template}: {error}", tenant.id));
                    assert!(html.contains("</html>") && html.contains(&tenant.town.name), "{template} of {}", tenant.id);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_citizen_reads_how_to_register_a_dog_in_two_towns() {
    let house = House::with_fixture_towns().await;
    let ostrau = house.get("portal.ostrau.example", "/dienstleistungen/hund-anmelden").await.is(200);
    let ostrau = ostrau.says("Hund anmelden").says("96,00").says("Steueramt").says("klagen").says("Ostrauer Markt 1");
    ostrau.is_silent_about("Westrau");
    let westrau = house.get("portal.westrau.example", "/dienstleistungen/hund-anmelden").await.is(200);
    westrau.says("120,00").says("Bürgerbüro").is_silent_about("Ostrau").is_silent_about("96,00");
}
