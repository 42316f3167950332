//! For the fuzz target: a form with files, opened without a request around it.

use std::{future::ready, io};

use bytes::Bytes;
use futures_util::stream;

use super::{
    Files,
    parcel::{Arrived, Bound, MOST_FILES, unpack},
};
use crate::{
    tenant::TenantId,
    web::{MOST_FIELDS, Sent},
};

/// Opens a body that comes in pieces; whatever is kept of it is said to be what it is, and taken away again.
pub async fn open(files: &Files, tenant: &TenantId, boundary: &str, pieces: Vec<Bytes>, input: &str) {
    let body = stream::iter(pieces.into_iter().map(Ok::<_, io::Error>));
    let mut arrived = Vec::new();
    let bound = Bound { boundary, tenant, spend: &|| Ok(()) };
    let sent = unpack(files, body, bound, (&[input], &mut arrived), |_: Sent| ready(Ok(true))).await;
    if let Ok(sent) = &sent {
        assert!(sent.pairs().count() <= MOST_FIELDS);
        assert!(sent.pairs().all(|(name, value)| !name.contains('\0') && !value.contains('\0')));
    }
    assert!(arrived.len() <= MOST_FILES);
    for Arrived { input: field, outcome, .. } in &arrived {
        assert_eq!(field, input, "only what was asked for is kept");
        let Ok(file) = outcome else { continue };
        let name = &file.details.name;
        assert!(file.size > 0 && file.size <= files.largest());
        assert!(!name.contains(['/', '\\']) && !name.contains(char::is_control), "{name:?}");
        let has_ending = |ending: &&str| name.to_lowercase().ends_with(&format!(".{ending}"));
        assert!(file.kind.endings().iter().any(has_ending), "{name:?}");
        files.remove(tenant, file.id).await.expect("what was kept can be taken away");
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::{clock::Clock, tenant::Tenants, theme::ThemeFiles};

    /// As the fuzz target runs them, on any compiler.
    #[tokio::test]
    async fn the_seeds_of_the_fuzz_target_hold() {
        let core = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (tenants, _) = Tenants::load(&core.join("../tenants"), ThemeFiles::embedded(), Clock::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path()).unwrap();
        for seed in fs::read_dir(core.join("fuzz/seeds/multipart")).unwrap() {
            let seed = fs::read(seed.unwrap().path()).unwrap();
            for size in [1, 7, 64, 4096] {
                let pieces = seed[1..].chunks(size).map(Bytes::copy_from_slice).collect();
                open(&files, &tenants.all()[0].id, "edge", pieces, "files").await;
            }
        }
    }
}
