//! Any bytes as a form with files. The first byte says in how large pieces they come.
#![no_main]

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use portal::{
    clock::Clock,
    files::{Files, fuzzing},
    tenant::{Tenant, Tenants},
    theme::ThemeFiles,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

static HOUSE: LazyLock<(Runtime, TempDir, Files, Arc<Tenant>)> = LazyLock::new(|| {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tenants"));
    let (tenants, _) = Tenants::load(root, ThemeFiles::embedded(), Clock::default()).expect("the towns can be read");
    let town = tenants.all().into_iter().next().expect("there is a town");
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::in_folder(folder.path()).expect("a store");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    (runtime.expect("a runtime"), folder, files, town)
});

fuzz_target!(|bytes: &[u8]| {
    let Some((size, body)) = bytes.split_first() else { return };
    let (runtime, _, files, town) = &*HOUSE;
    let pieces = body.chunks(usize::from(*size) + 1).map(Bytes::copy_from_slice).collect();
    runtime.block_on(fuzzing::open(files, &town.id, "edge", pieces, "files"));
});
