//! Writes every sample of every page and mail of the shipped towns as a file, to be looked at without a server:
//! `cargo run -p portal-tests --example samples DIR` → `DIR/herford/de/12-login.html`, `DIR/herford/assets/…`.

use std::{fs, path::Path};

use portal::{
    clock::Clock,
    mail,
    web::{Visit, all_samples},
};
use portal_tests::{TODAY, Towns, moment, portal_of};

fn main() {
    let folder = std::env::args().nth(1).expect("a folder to write to");
    let (portal, _) = portal_of(&Towns::shipped(), Clock::held_at(moment(TODAY))).expect("the shipped towns load");
    for tenant in portal.tenants.all() {
        let folder = Path::new(&folder).join(tenant.id.as_str());
        for asset in tenant.assets.values() {
            put(&folder.join(asset.address().trim_start_matches('/')), &asset.body.identity);
        }
        for locale in tenant.locales() {
            let visit = Visit::to(portal.clone(), tenant.clone(), locale.clone(), "/meine-daten");
            let pages = all_samples(&visit).into_iter().enumerate();
            for (i, (template, html)) in pages {
                let name = format!("{i:02}-{}", template.replace('/', "-"));
                put(&folder.join(locale.code()).join(name), html.expect("it renders").as_bytes());
            }
            for (i, (template, letter)) in mail::pages::all_samples(&visit).into_iter().enumerate() {
                let letter = letter.expect("it renders");
                let file = folder.join(locale.code()).join(format!("mail-{i:02}-{template}"));
                put(&file.with_extension("html"), letter.html.as_bytes());
                put(&file.with_extension("txt"), format!("Subject: {}\n\n{}", letter.subject, letter.text).as_bytes());
            }
        }
    }
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("the folder can be made");
    fs::write(path, bytes).expect("the folder can be written to");
}
