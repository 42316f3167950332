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
/// Streams that may be ones of objects; each holds a hundred objects and more.
const MOST_STREAMS: usize = 20_000;

/// The first are active, the last says that the document is locked. Short names count where they are keys of something.
static NAMES: LazyLock<RegexSet> = LazyLock::new(|| {
    const LONG: [&str; 8] =
        ["/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE"];
    const SHORT: [&str; 2] = ["/XFA", "/EF"];
    let short = SHORT.map(|name| format!(r"{}[\s\x00]*(?:<<|\[|[0-9]+[\s\x00]+[0-9]+[\s\x00]+R)", written(name)));
    RegexSet::new(LONG.map(written).into_iter().chain(short).chain([written("/Encrypt")])).expect("patterns of our own")
});
const LOCKED: usize = 10;
static OBJECTS: LazyLock<Regex> = LazyLock::new(|| pattern(&written("/ObjStm")));
/// What only streams of objects have among those, whether they say that they are one or not.
static FIRST: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"{}[\s\x00<>()\[\]{{}}/%]", written("/First"))));
static STREAM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?-u)stream\r?\n"));
/// Ways of packing that nobody uses for objects, and that nobody here unpacks.
static STRANGE: LazyLock<Regex> = LazyLock::new(|| {
    let names =
        ["/ASCIIHexDecode", "/ASCII85Decode", "/LZWDecode", "/RunLengthDecode", "/Crypt", "/DecodeParms", "/DP"];
    pattern(&names.map(written).join("|"))
});
/// How the object of a stream begins.
static HEADER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?-u)[0-9]+[\s\x00]+[0-9]+[\s\x00]+obj"));

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
    named_opened: usize,
    looked: usize,
    locked: bool,
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
        let mut marks: Vec<usize> =
            [&OBJECTS, &FIRST].iter().flat_map(|name| name.find_iter(&seen)).map(|it| it.start()).collect();
        marks.sort_unstable();
        let (mut marks, mut last) = (marks.into_iter().peekable(), None);
        // `stream` may have begun in the piece before
        let mut at = if self.unpacking.is_some() { seen.len() } else { from.saturating_sub("stream\r\n".len()) };
        while let Some(found) = STREAM.find_at(&seen, at) {
            at = found.end();
            if found.end() < from || seen[..found.start()].ends_with(b"end") {
                continue;
            }
            // what can be one of objects names something of them shortly before
            while marks.peek().is_some_and(|mark| *mark < found.start()) {
                last = marks.next();
            }
            if last.is_none_or(|mark| found.start() - mark > BEFORE) {
                continue;
            }
            self.looked += 1;
            if self.looked > MOST_STREAMS {
                return Err(Refusal::Broken);
            }
            let before = &seen[found.start().saturating_sub(BEFORE)..found.start()];
            let own = dictionary(before).ok_or(Refusal::Active)?;
            if !OBJECTS.is_match(own) && !FIRST.is_match(own) {
                continue;
            }
            if STRANGE.is_match(own) {
                return Err(Refusal::Active);
            }
            self.named_opened += usize::from(OBJECTS.is_match(own));
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
            // what is packed once more, or laid out by a predictor, does not begin with a number
            if before_out == 0 && fresh > 0 && !room[0].is_ascii_digit() && !room[0].is_ascii_whitespace() {
                return Err(Refusal::Active);
            }
            unpacking.text.extend_from_slice(&room[..fresh]);
            self.locked |= judge(&unpacking.text)?;
            unpacking.text.drain(..unpacking.text.len().saturating_sub(LONGEST));
            match status {
                Ok(Status::StreamEnd) => unpacking.ended = true,
                Ok(_) if fresh == 0 && unpacking.packed.total_in() == before_in => break,
                Ok(_) => {}
                // not packed, or in a way that we do not know: nobody can say what is in it
                Err(_) => return Err(Refusal::Active),
            }
        }
        Ok(used)
    }

    pub fn verdict(self) -> Result<(), Refusal> {
        match () {
            () if self.locked => Err(Refusal::Locked),
            // whatever was not looked into may hold anything
            () if self.named_opened < self.named => Err(Refusal::Broken),
            () => Ok(()),
        }
    }
}

/// The dictionary that ends these bytes and fills its object from its beginning. `None` where it may begin elsewhere: before
/// these bytes, in a comment, in words.
fn dictionary(before: &[u8]) -> Option<&[u8]> {
    let header = HEADER.find_iter(before).last()?;
    let line = before[..header.start()].rsplit(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let line = memchr::memmem::rfind(line, b"endobj").map_or(line, |object| &line[object..]);
    if line.contains(&b'%') {
        return None;
    }
    let own = &before[header.end()..];
    let (mut rest, mut depth) = (own, 0_usize);
    loop {
        match rest {
            [b'<', b'<', after @ ..] => (rest, depth) = (after, depth + 1),
            [b'>', b'>', after @ ..] => (rest, depth) = (after, depth.checked_sub(1)?),
            [b'(', ..] if depth > 0 => rest = behind_words(rest)?,
            [b'%' | b')' | b'{' | b'}', ..] | [] => return None,
            [_, after @ ..] if depth > 0 => rest = after,
            [b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ', after @ ..] => rest = after,
            _ => return None,
        }
        let is_over = depth == 0 && rest.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace());
        if is_over && rest.len() < own.len() && own[..own.len() - rest.len()].ends_with(b">>") {
            return Some(own);
        }
    }
}

/// What follows words in brackets, which may hold brackets.
fn behind_words(text: &[u8]) -> Option<&[u8]> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match text.get(at)? {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' if depth == 1 => return text.get(at + 1..),
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
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
