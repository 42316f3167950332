//! What a file is, by its content. The name it came under and what the browser calls it count for nothing.

use super::pdf::ActivePdf;

/// What is taken, all of it. Whatever can carry programs, other files or pages is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    Jpeg,
    Png,
    Heic,
    Webp,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Jpeg, Self::Png, Self::Heic, Self::Webp];

    pub fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Heic => "heic",
            Self::Webp => "webp",
        }
    }

    pub(super) fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(Self::Pdf)
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Heic => "image/heic",
            Self::Webp => "image/webp",
        }
    }

    /// Endings of names, the usual one first.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Heic => &["heic", "heif"],
            Self::Webp => &["webp"],
        }
    }

    fn of_beginning(bytes: &[u8]) -> Option<Self> {
        let is_heic = || {
            const BRANDS: [&[u8]; 7] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"];
            bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|brand| BRANDS.contains(&brand))
        };
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ if is_heic() => Some(Self::Heic),
            _ => None,
        }
    }
}

/// Why a file is not taken; texts know it as `file.wrong.<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    TooLarge,
    TooMany,
    /// None of the kinds that are taken.
    Kind,
    Archive,
    Program,
    Office,
    WebPage,
    /// Two kinds of file in one.
    Mixed,
    /// A PDF that does something when it is opened, or carries other files.
    Active,
    /// A PDF that opens with a password only.
    Locked,
    /// Says what it is, and cannot be read.
    Broken,
    TooManyPixels,
    /// Nothing came where something has to.
    Missing,
    /// It was right, and has to be chosen once more because something else was wrong.
    Again,
    /// The house could not keep it; it may work later.
    NotKept,
}

impl Refusal {
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::Kind => "kind",
            Self::Archive => "archive",
            Self::Program => "program",
            Self::Office => "office",
            Self::WebPage => "web_page",
            Self::Mixed => "mixed",
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Broken => "broken",
            Self::TooManyPixels => "too_many_pixels",
            Self::Missing => "missing",
            Self::Again => "again",
            Self::NotKept => "not_kept",
        }
    }
}

/// More than the largest sensor of a telephone has (200 million), far less than what fills a clerk's memory.
const MOST_PIXELS: u64 = 250_000_000;
/// In front of the size of a picture stand its place, its colours and a small copy of it.
const HEAD: usize = 1024 * 1024;
/// An archive is found from its end, behind a comment of at most 64 KiB.
const TAIL: usize = 64 * 1024 + 22;

/// Looks at a file while it passes. Holds its beginning, its end and nothing between.
#[derive(Debug)]
pub struct Judge {
    largest: u64,
    size: u64,
    kind: Option<Kind>,
    head: Vec<u8>,
    tail: Vec<u8>,
    pdf: Option<ActivePdf>,
}

impl Judge {
    /// Of files of at most so many bytes.
    pub fn new(largest: u64) -> Self {
        Self { largest, size: 0, kind: None, head: Vec::new(), tail: Vec::new(), pdf: None }
    }

    /// As soon as it is clear that it is refused, nothing more need be shown.
    pub fn see(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.size += bytes.len() as u64;
        if self.size > self.largest {
            return Err(Refusal::TooLarge);
        }
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.tail.extend_from_slice(bytes);
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        // the first piece may be as short as its sender likes
        if self.kind.is_none() && self.head.len() >= 16 {
            self.name_it()?;
            // what came in the pieces before
            let before = self.head.clone();
            return self.look_into_pdf(&before);
        }
        self.look_into_pdf(bytes)
    }

    fn name_it(&mut self) -> Result<(), Refusal> {
        let kind = Kind::of_beginning(&self.head).ok_or_else(|| what_else(&self.head))?;
        self.kind = Some(kind);
        self.pdf = (kind == Kind::Pdf).then(ActivePdf::default);
        Ok(())
    }

    fn look_into_pdf(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.pdf.as_mut().map_or(Ok(()), |pdf| pdf.see(bytes))
    }

    /// The verdict, when all of it has passed.
    pub fn verdict(mut self) -> Result<Kind, Refusal> {
        if self.size == 0 {
            return Err(Refusal::Empty);
        }
        if self.kind.is_none() {
            self.name_it()?;
        }
        let kind = self.kind.ok_or(Refusal::Kind)?;
        if ends_as_archive(&self.tail) {
            return Err(Refusal::Mixed);
        }
        if let Some(pdf) = self.pdf {
            return pdf.verdict().map(|()| kind);
        }
        // readers look for the beginning of a PDF in the first kilobyte of anything
        if find(&self.head[..self.head.len().min(1024)], b"%PDF-").is_some() {
            return Err(Refusal::Mixed);
        }
        let size = imagesize::blob_size(&self.head).map_err(|_| Refusal::Broken)?;
        let pixels = (size.width as u64).saturating_mul(size.height as u64);
        match pixels {
            0 => Err(Refusal::Broken),
            pixels if pixels > MOST_PIXELS => Err(Refusal::TooManyPixels),
            _ => Ok(kind),
        }
    }
}

/// What is refused is told by its own name, as far as that helps.
fn what_else(head: &[u8]) -> Refusal {
    const ARCHIVES: [&[u8]; 8] = [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"Rar!\x1a\x07",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b",
        b"BZh",
        b"\xfd7zXZ",
        b"\x28\xb5\x2f\xfd",
    ];
    const PROGRAMS: [&[u8]; 7] =
        [b"MZ", b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"dex\n"];
    const IN_OFFICE: [&[u8]; 5] = [b"[Content_Types].xml", b"mimetypeapplication/vnd.", b"word/", b"xl/", b"ppt/"];
    let begins = |list: &[&[u8]]| list.iter().any(|magic| head.starts_with(magic));
    if begins(&[b"\xd0\xcf\x11\xe0", b"{\\rtf"]) {
        return Refusal::Office;
    }
    if begins(&ARCHIVES) {
        let start = &head[..head.len().min(4096)];
        let is_office = IN_OFFICE.iter().any(|name| find(start, name).is_some());
        return if is_office { Refusal::Office } else { Refusal::Archive };
    }
    if begins(&PROGRAMS) {
        return Refusal::Program;
    }
    let text: Vec<u8> = head.iter().take(1024).filter(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text).trim_ascii_start();
    if text.starts_with(b"<") || [&b"<html"[..], b"<script", b"<svg"].iter().any(|tag| find(text, tag).is_some()) {
        return Refusal::WebPage;
    }
    Refusal::Kind
}

/// Whether it could be opened as an archive: the record at its end reaches exactly to it.
fn ends_as_archive(tail: &[u8]) -> bool {
    let from = tail.len().saturating_sub(TAIL);
    let tail = &tail[from..];
    let record = |at: usize| {
        let comment = u16::from_le_bytes([*tail.get(at + 20)?, *tail.get(at + 21)?]);
        Some(at + 22 + usize::from(comment) == tail.len())
    };
    memchr::memmem::find_iter(tail, b"PK\x05\x06").any(|at| record(at) == Some(true))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}
