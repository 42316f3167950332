//! One thread writes what all others have to tell, many lines at a time: nobody waits for a slow collector, and a line
//! costs no system call.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Lines of a moment are written together.
const MOMENT: Duration = Duration::from_millis(20);
/// How long the last lines may take.
const FAREWELL: Duration = Duration::from_secs(2);
/// More than this waits for nobody: whoever collects the log has stopped reading, and the house has to go on.
const ROOM: usize = 16 * 1024 * 1024;
/// What a sheet keeps of its size after a rush.
const PAGE: usize = 256 * 1024;

/// Held as long as the house lives. Dropping it writes what is left; what is told later is written at once.
#[derive(Debug)]
#[must_use]
pub struct Scribe {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Desk {
    sheet: Mutex<Sheet>,
    something: Condvar,
}

#[derive(Debug, Default)]
struct Sheet {
    waiting: Vec<u8>,
    /// Lines for which there was no room.
    lost: u64,
    asleep: bool,
    gone: bool,
}

/// The way to the scribe's desk. What is written at once stays together.
#[derive(Debug, Clone)]
pub(super) struct Tray(Arc<Desk>);

impl Scribe {
    pub(super) fn start(mut out: impl Write + Send + 'static) -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let own = desk.clone();
        let work = move || {
            let mut lines = Vec::new();
            while own.write_to(&mut out, &mut lines) {}
        };
        let thread = std::thread::Builder::new().name("log".into()).spawn(work)?;
        Ok(Self { desk, thread: Some(thread) })
    }

    pub(super) fn tray(&self) -> Tray {
        Tray(self.desk.clone())
    }
}

impl Drop for Scribe {
    fn drop(&mut self) {
        self.desk.sheet().gone = true;
        self.desk.something.notify_all();
        let Some(thread) = self.thread.take() else { return };
        // where nobody reads the log, the house does not wait for ever to say its last words
        for _ in 0..FAREWELL.as_millis() / MOMENT.as_millis() {
            if thread.is_finished() {
                break;
            }
            std::thread::sleep(MOMENT);
        }
        if thread.is_finished() {
            // it has nothing to say that could not be told without it
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn sheet(&self) -> MutexGuard<'_, Sheet> {
        self.sheet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for lines and writes them; `false` after the last ones.
    fn write_to(&self, out: &mut impl Write, lines: &mut Vec<u8>) -> bool {
        let nothing = |sheet: &mut Sheet| {
            sheet.asleep = sheet.waiting.is_empty() && sheet.lost == 0 && !sheet.gone;
            sheet.asleep
        };
        let sheet = self.something.wait_while(self.sheet(), nothing).unwrap_or_else(PoisonError::into_inner);
        let waited = self.something.wait_timeout_while(sheet, MOMENT, |sheet| !sheet.gone);
        let (mut sheet, _) = waited.unwrap_or_else(PoisonError::into_inner);
        lines.clear();
        lines.shrink_to(PAGE);
        // the two sheets take turns: a fresh one each time would have to grow again
        mem::swap(lines, &mut sheet.waiting);
        let (lost, gone) = (mem::take(&mut sheet.lost), sheet.gone);
        drop(sheet);
        // a closed stderr is no reason not to serve
        let _ = out.write_all(lines).and_then(|()| out.flush());
        if lost > 0 {
            tracing::warn!(lost, "the log was not read in time, lines are missing");
        }
        !gone
    }
}

impl<'a> MakeWriter<'a> for Tray {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Write for &Tray {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut sheet = self.0.sheet();
        if sheet.gone {
            return io::stderr().write(line);
        }
        if sheet.waiting.len() + line.len() > ROOM {
            sheet.lost += 1;
            return Ok(line.len());
        }
        sheet.waiting.extend_from_slice(line);
        if mem::take(&mut sheet.asleep) {
            drop(sheet);
            self.0.something.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_line_is_lost_or_torn_when_the_house_closes() {
        let paper = Paper::default();
        let scribe = Scribe::start(paper.clone()).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let tray = scribe.tray();
                let tell = move |line| (&tray).write_all(format!("{thread}:{line}\n").as_bytes()).unwrap();
                scope.spawn(move || (0..5000).for_each(tell));
            }
        });
        drop(scribe);
        let written = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        for thread in 0..4 {
            let mine = written.lines().filter_map(|line| line.strip_prefix(&format!("{thread}:"))?.parse::<u32>().ok());
            assert!(mine.eq(0..5000), "lines of thread {thread} are missing or in disorder");
        }
    }

    #[test]
    fn a_log_that_nobody_reads_stops_nobody() {
        struct Blocked(std::sync::mpsc::Receiver<()>);
        impl Write for Blocked {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                let _ = self.0.recv();
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (read, reading) = std::sync::mpsc::channel();
        let scribe = Scribe::start(Blocked(reading)).unwrap();
        let (tray, line) = (scribe.tray(), vec![b'x'; 1024 * 1024]);
        for _ in 0..40 {
            (&tray).write_all(&line).unwrap();
        }
        let sheet = scribe.desk.sheet();
        assert!(sheet.waiting.len() <= ROOM && sheet.lost > 0, "{} bytes, {} lost", sheet.waiting.len(), sheet.lost);
        drop(sheet);
        drop(read);
    }
}
