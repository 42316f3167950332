//! Any bytes as the bodies of the steps of every form that a town offers: parted by a zero, which no body may have.
#![no_main]

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use libfuzzer_sys::fuzz_target;
use portal::{
    clock::Clock,
    forms::fuzzing,
    tenant::{Tenant, Tenants},
    theme::ThemeFiles,
};

static TOWNS: LazyLock<Vec<Arc<Tenant>>> = LazyLock::new(|| {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tenants"));
    let (tenants, _) = Tenants::load(root, ThemeFiles::embedded(), Clock::default()).expect("the towns can be read");
    let towns = tenants.all();
    assert!(towns.iter().any(|town| !town.online_forms.is_empty()), "some town has a form");
    towns
});

fuzz_target!(|bytes: &[u8]| {
    let bodies: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    let today = jiff::civil::date(2026, 11, 22);
    for form in TOWNS.iter().flat_map(|town| town.online_forms.values()) {
        fuzzing::answer(form, &bodies, today);
    }
});
