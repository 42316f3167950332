//! The pulse of one connection: what it waits for, since when, and until when the house waits with it.
//!
//! hyper's own header timer cannot tell an idle connection from a half-sent request and knows nothing of peers that
//! do not read; so all deadlines of a connection live here, in one place.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

use super::{detect::Protocol, settings::Limits};

#[derive(Debug, Clone)]
pub(super) struct Pulse(Arc<Mutex<Beat>>);

#[derive(Debug)]
struct Beat {
    requests: usize,
    next: u64,
    quiet_since: Instant,
    head_since: Option<Instant>,
    written: u64,
    /// The socket takes no more.
    blocked: Option<Wait>,
    /// Answers whose last piece was handed to the connection and which it has not asked for more since: with HTTP/2 a
    /// stream can stand still (no window) while the socket is free.
    handed_over: Vec<(u64, Wait)>,
    /// The connection was told to go (idle, or the house closes).
    leaving: Option<Wait>,
    lingering: bool,
}

/// Waiting for the peer to take bytes.
#[derive(Debug, Clone, Copy)]
struct Wait {
    since: Instant,
    written: u64,
}

pub(super) enum Verdict {
    /// Somebody else holds the clock: the handler, or the end of the lingering.
    Wait,
    Until(Instant),
    Leave,
    Close(&'static str),
}

impl Pulse {
    pub(super) fn new(now: Instant) -> Self {
        Self(Arc::new(Mutex::new(Beat {
            requests: 0,
            next: 0,
            quiet_since: now,
            head_since: Some(now),
            written: 0,
            blocked: None,
            handed_over: Vec::new(),
            leaving: None,
            lingering: false,
        })))
    }

    pub(super) fn request_begins(&self) -> u64 {
        let mut beat = self.beat();
        beat.requests += 1;
        beat.head_since = None;
        beat.next += 1;
        beat.next
    }

    pub(super) fn request_ends(&self, id: u64, now: Instant) {
        let mut beat = self.beat();
        beat.requests -= 1;
        beat.takes_back(id);
        if beat.requests == 0 {
            beat.quiet_since = now;
            beat.head_since = None;
        }
    }

    /// A piece of the answer went to the connection: from here on it is the peer's turn.
    pub(super) fn handed_over(&self, id: u64) {
        let mut beat = self.beat();
        let wait = beat.wait();
        beat.takes_back(id);
        beat.handed_over.push((id, wait));
    }

    /// The connection asked for more: it is the house's turn.
    pub(super) fn asked_for_more(&self, id: u64) {
        self.beat().takes_back(id);
    }

    pub(super) fn bytes_came(&self) {
        let mut beat = self.beat();
        if beat.requests == 0 && beat.head_since.is_none() {
            beat.head_since = Some(Instant::now());
        }
    }

    /// The socket took `bytes`; `all` says whether that was everything it was offered.
    pub(super) fn bytes_went(&self, bytes: usize, all: bool) {
        let mut beat = self.beat();
        beat.written += bytes as u64;
        if all {
            beat.blocked = None;
        }
    }

    pub(super) fn nothing_goes(&self) {
        let mut beat = self.beat();
        if beat.blocked.is_none() {
            beat.blocked = Some(beat.wait());
        }
    }

    pub(super) fn leaves(&self) {
        let mut beat = self.beat();
        if beat.leaving.is_none() {
            beat.leaving = Some(beat.wait());
        }
    }

    pub(super) fn lingers(&self) {
        self.beat().lingering = true;
    }

    pub(super) fn verdict(&self, protocol: Protocol, limits: &Limits) -> Verdict {
        let now = Instant::now();
        let beat = &mut *self.beat();
        if beat.lingering {
            return Verdict::Wait;
        }
        let stalled = beat.stalled(now, limits.write_stall);
        let mut first = stalled.map(|due| (due, Verdict::Close("the peer does not read")));
        if beat.requests == 0 && beat.blocked.is_none() {
            let idle = beat.idle(now, protocol, limits);
            if first.as_ref().is_none_or(|(due, _)| idle.0 < *due) {
                first = Some(idle);
            }
        }
        match first {
            Some((due, verdict)) if due <= now => verdict,
            Some((due, _)) => Verdict::Until(due),
            None => Verdict::Wait,
        }
    }

    fn beat(&self) -> MutexGuard<'_, Beat> {
        self.0.lock().expect("nobody panics while holding the pulse")
    }
}

impl Beat {
    fn wait(&self) -> Wait {
        Wait { since: Instant::now(), written: self.written }
    }

    fn takes_back(&mut self, id: u64) {
        self.handed_over.retain(|(other, _)| *other != id);
    }

    /// When the peer counts as not reading, if it is its turn to read.
    fn stalled(&mut self, now: Instant, window: Duration) -> Option<Instant> {
        let written = self.written;
        let handed_over = self.handed_over.iter_mut().map(|(_, wait)| wait);
        self.blocked.iter_mut().chain(handed_over).map(|wait| wait.due(now, written, window)).min()
    }

    /// What is due when no request is in flight and nothing waits to be written.
    fn idle(&mut self, now: Instant, protocol: Protocol, limits: &Limits) -> (Instant, Verdict) {
        let written = self.written;
        if let Some(leaving) = &mut self.leaving {
            let due = leaving.due(now, written, limits.first_byte);
            return (due.max(self.quiet_since + limits.first_byte), Verdict::Close("the peer does not leave"));
        }
        match (protocol, self.head_since) {
            (Protocol::Http1, Some(since)) => {
                (since + limits.header_read, Verdict::Close("the header block is not complete"))
            }
            (Protocol::Http1, None) => (self.quiet_since + limits.idle_keep_alive, Verdict::Leave),
            (Protocol::Http2, _) => (self.quiet_since + limits.idle_streams, Verdict::Leave),
        }
    }
}

impl Wait {
    /// The end of the window; a window in which the peer took enough is followed by another one.
    fn due(&mut self, now: Instant, written: u64, window: Duration) -> Instant {
        if now >= self.since + window && written - self.written >= Limits::floor(window) {
            *self = Self { since: now, written };
        }
        self.since + window
    }
}
