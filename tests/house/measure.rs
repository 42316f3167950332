//! What measurements stand beside: the disk itself, and the middle of several rounds.

use std::{
    fs::OpenOptions,
    os::unix::fs::FileExt,
    path::Path,
    time::{Duration, Instant},
};

/// How often a second a page of a file can be brought to the disk, one after the other.
pub fn disk(folder: &Path, time: Duration) -> f64 {
    const PAGE: usize = 4096;
    const PAGES: u64 = 1 << 14;
    let path = folder.join("disk");
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path).expect("a folder of our own");
    file.write_all_at(&vec![0; PAGE * PAGES as usize], 0).expect("there is room");
    file.sync_all().expect("there is a disk");
    let (began, mut times) = (Instant::now(), 0);
    while began.elapsed() < time {
        file.write_all_at(&[1; PAGE], times % PAGES * PAGE as u64).expect("there is room");
        file.sync_data().expect("there is a disk");
        times += 1;
    }
    let rate = times as f64 / began.elapsed().as_secs_f64();
    std::fs::remove_file(path).expect("it is ours");
    rate
}

/// The middle one; leaves them in order.
pub fn middle(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
