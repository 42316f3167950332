//! A bar for work that takes longer than people like to wait without a sign.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done sooner needs no bar.
const PATIENCE: Duration = Duration::from_secs(2);

/// Counts steps; shows itself on stderr after [`PATIENCE`], and only where somebody watches.
pub struct Progress {
    bar: ProgressBar,
    shown: bool,
}

impl Progress {
    /// `what` is said beside the bar: `towns`.
    pub fn of(steps: usize, what: &'static str) -> Self {
        let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {msg}, {eta} left")
            .expect("the template is one of indicatif's");
        let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::hidden())
            .with_style(style)
            .with_message(what);
        Self { bar, shown: false }
    }

    pub fn step(&mut self) {
        self.bar.inc(1);
        if !self.shown && self.bar.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.shown = true;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
