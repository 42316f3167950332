//! Whether a PDF does anything: runs scripts, starts programs, carries other files, or keeps its content locked.
//!
//! The document is never parsed. Two readers of one PDF need not agree on where its objects begin, so everything is
//! searched, whether it looks like text or not: names longer than six letters do not occur in packed pictures by chance.
//! Names may be written with escapes (`/J#61vaScript`), and objects may lie packed in streams of objects, which are
//! unpacked on the way.

use std::{fmt, sync::LazyLock};

use flate2::{Decompress, FlushDecompress, Status};
use regex::bytes::{Regex, RegexSet};

use super::Refusal;

/// A name is no longer than this, escapes included.
const LONGEST: usize = 48;
/// So far before its content a stream says what it is.
const BEFORE: usize = 2048;
/// What all streams of objects of a document may unpack to: sixteen million letters are a thick book's catalogue.
const MOST_UNPACKED: usize = 64 * 1024 * 1024;

/// The first are active, the last says that the document is locked.
static NAMES: LazyLock<RegexSet> = LazyLock::new(|| {
    let names = ["/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/ImportData", "/SubmitForm", "/Encrypt"];
    RegexSet::new(names.map(written)).expect("a pattern of our own")
});
const LOCKED: usize = 6;
static OBJECTS: LazyLock<Regex> = LazyLock::new(|| pattern(&written("/ObjStm")));
static STREAM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?-u)stream\r?\n"));
/// Ways of packing that nobody uses for objects, and that nobody here unpacks.
static STRANGE: LazyLock<Regex> = LazyLock::new(|| {
    let filters = ["/ASCIIHexDecode", "/ASCII85Decode", "/LZWDecode", "/RunLengthDecode", "/Crypt"];
    pattern(&filters.map(written).join("|"))
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of our own")
}

/// A name, each letter as it is or by its number.
fn written(name: &str) -> String {
    let letter = |c: char| format!("(?:{c}|#(?i:{:02x}))", u32::from(c));
    format!("(?-u)/{}", name.trim_start_matches('/').chars().map(letter).collect::<String>())
}

/// Looks at a document while it passes.
#[derive(Default)]
pub struct ActivePdf {
    /// The last bytes, in which something may have begun.
    before: Vec<u8>,
    unpacking: Option<Unpacking>,
    unpacked: usize,
    /// Streams of objects that were named, and those that were looked into.
    named: usize,
    opened: usize,
    locked: bool,
    broken: bool,
}

impl ActivePdf {
    pub fn see(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let old = self.before.len();
        let mut seen = std::mem::take(&mut self.before);
        seen.extend_from_slice(bytes);
        let fresh = old.saturating_sub(LONGEST);
        self.locked |= judge(&seen[fresh..])?;
        self.named += OBJECTS.find_iter(&seen[fresh..]).filter(|name| fresh + name.end() > old).count();
        let mut from = old;
        if let Some(mut unpacking) = self.unpacking.take() {
            from += self.unpack(&mut unpacking, bytes)?;
            self.unpacking = (!unpacking.ended).then_some(unpacking);
        }
        // `stream` may have begun in the piece before
        let mut at = if self.unpacking.is_some() { seen.len() } else { from.saturating_sub("stream\r\n".len()) };
        while let Some(found) = STREAM.find_at(&seen, at) {
            at = found.end();
            if found.end() < from || seen[..found.start()].ends_with(b"end") {
                continue;
            }
            let dictionary = &seen[found.start().saturating_sub(BEFORE)..found.start()];
            let Some(object) = OBJECTS.find_iter(dictionary).last() else { continue };
            // of a stream before this one
            if memchr::memmem::find(&dictionary[object.end()..], b"endobj").is_some() {
                continue;
            }
            if STRANGE.is_match(dictionary) {
                return Err(Refusal::Active);
            }
            self.opened += 1;
            let mut unpacking = Unpacking::new();
            at += self.unpack(&mut unpacking, &seen[at..])?;
            if !unpacking.ended {
                self.unpacking = Some(unpacking);
                break;
            }
        }
        let keep = seen.len().saturating_sub(BEFORE);
        self.before = seen.split_off(keep);
        Ok(())
    }

    /// Tells how much of the bytes belonged to the packed objects.
    fn unpack(&mut self, unpacking: &mut Unpacking, bytes: &[u8]) -> Result<usize, Refusal> {
        let (mut used, mut room) = (0, vec![0; 32 * 1024]);
        while !unpacking.ended && used < bytes.len() {
            let (before_in, before_out) = (unpacking.packed.total_in(), unpacking.packed.total_out());
            let status = unpacking.packed.decompress(&bytes[used..], &mut room, FlushDecompress::None);
            used += (unpacking.packed.total_in() - before_in) as usize;
            let fresh = (unpacking.packed.total_out() - before_out) as usize;
            self.unpacked += fresh;
            if self.unpacked > MOST_UNPACKED {
                return Err(Refusal::Active);
            }
            unpacking.text.extend_from_slice(&room[..fresh]);
            self.locked |= judge(&unpacking.text)?;
            unpacking.text.drain(..unpacking.text.len().saturating_sub(LONGEST));
            match status {
                Ok(Status::StreamEnd) => unpacking.ended = true,
                Ok(_) if fresh == 0 && unpacking.packed.total_in() == before_in => break,
                Ok(_) => {}
                Err(_) => {
                    // not packed: then it has been read as it is, and begins with a number
                    self.broken |= unpacking.packed.total_out() > 0 || !bytes[0].is_ascii_digit();
                    unpacking.ended = true;
                }
            }
        }
        Ok(used)
    }

    pub fn verdict(self) -> Result<(), Refusal> {
        match () {
            () if self.locked => Err(Refusal::Locked),
            // whatever was not looked into may hold anything
            () if self.broken || self.opened < self.named => Err(Refusal::Broken),
            () => Ok(()),
        }
    }
}

/// Whether it says that it is locked.
fn judge(text: &[u8]) -> Result<bool, Refusal> {
    let found = NAMES.matches(text);
    if found.iter().any(|name| name != LOCKED) { Err(Refusal::Active) } else { Ok(found.matched(LOCKED)) }
}

/// A stream of objects that has begun.
struct Unpacking {
    packed: Decompress,
    /// The last of its letters.
    text: Vec<u8>,
    ended: bool,
}

impl Unpacking {
    fn new() -> Self {
        Self { packed: Decompress::new(true), text: Vec::new(), ended: false }
    }
}

impl fmt::Debug for ActivePdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivePdf").finish_non_exhaustive()
    }
}
