//! Writes every sample of every page and mail of the shipped towns as a file, to be looked at without a server:
//! `cargo run -p portal-tests --example samples DIR` → `DIR/herford/de/login-1.html`, `DIR/herford/assets/…`.

use std::{collections::BTreeMap, fs, path::Path};

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
            let folder = folder.join(locale.code());
            let mut samples = BTreeMap::new();
            let mut name = |template: &str| {
                let count = samples.entry(template.to_owned()).and_modify(|count| *count += 1).or_insert(1);
                format!("{}-{count}", template.trim_end_matches(".html").replace('/', "-"))
            };
            for (template, html) in all_samples(&visit) {
                put(&folder.join(name(template) + ".html"), html.expect("it renders").as_bytes());
            }
            for (template, letter) in mail::pages::all_samples(&visit) {
                let (name, letter) = (name(&format!("mail/{template}")), letter.expect("it renders"));
                put(&folder.join(format!("{name}.html")), letter.html.as_bytes());
                let text = format!("Subject: {}\n\n{}", letter.subject, letter.text);
                put(&folder.join(format!("{name}.txt")), text.as_bytes());
            }
        }
    }
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("the folder can be made");
    fs::write(path, bytes).expect("the folder can be written to");
}
