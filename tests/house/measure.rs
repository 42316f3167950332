//! What measurements stand beside: the disk itself, the middle of several rounds, and what the database is asked.

use std::{
    fmt,
    fs::OpenOptions,
    os::unix::fs::FileExt,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::{Duration, Instant},
};

use tracing::{Event, Metadata, Subscriber, field, span};

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

/// Counts from here on what goes to the database, but for the ends of transactions, which come when they come.
pub fn count_statements() {
    tracing::subscriber::set_global_default(Statements).expect("nobody else listens");
}

/// How much that was.
pub fn asked() -> usize {
    ASKED.load(SeqCst)
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

struct Statements;

/// How a statement begins, as the log of the database has it.
struct Deed(bool);

impl field::Visit for Deed {
    fn record_str(&mut self, field: &field::Field, text: &str) {
        let is_deed = |word: &&str| text.trim_start().to_lowercase().starts_with(word);
        self.0 |= field.name() == "summary" && ["select", "insert", "update", "delete"].iter().any(is_deed);
    }

    fn record_debug(&mut self, field: &field::Field, value: &dyn fmt::Debug) {
        self.record_str(field, format!("{value:?}").trim_matches('"'));
    }
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &Event<'_>) {
        let mut deed = Deed(false);
        event.record(&mut deed);
        ASKED.fetch_add(usize::from(deed.0), SeqCst);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
