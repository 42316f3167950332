//! A file that opens whole or not at all: chunks of AES-256-GCM under a key of its own.
//!
//! The first line says in clear which master key opens it, and a salt; the key of the file is derived from both. Each
//! chunk is bound to that line, to its number and to whether it is the last one, so that nothing can be left out, cut off,
//! moved or added.

use std::{
    fmt,
    io::{self, BufRead, Read, Write},
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use super::{MasterKeys, sealer};

/// What stands first in every such file: kind and version.
const MAGIC: &str = "portal-sealed-file-1";
/// The same for a file that has a key of its own, kept elsewhere; what follows says where the file lies.
const MAGIC_OWN: &str = "portal-sealed-file-own-1";
/// Bytes of content in every chunk but the last.
pub const CHUNK: usize = 64 * 1024;
/// What sealing adds to a chunk.
pub const TAG: usize = 16;

/// Why a file does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("it is no file that this portal has sealed")]
    Foreign,
    #[error("it was sealed under the master key `{0}`, which is not among the keys of this portal")]
    OtherKey(String),
    #[error("it is damaged: cut off or changed")]
    Damaged,
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

/// The key of one file, for one writing of it. Kept sealed, apart from the file: who deletes it deletes the file.
#[derive(Clone)]
pub struct FileKey(Zeroizing<Vec<u8>>);

impl FileKey {
    pub fn fresh() -> Self {
        Self(Zeroizing::new(sealer::random::<32>().to_vec()))
    }
}

impl Serialize for FileKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(URL_SAFE_NO_PAD.encode(&*self.0)))
    }
}

impl<'de> Deserialize<'de> for FileKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let key = URL_SAFE_NO_PAD.decode(&*text).map_err(|_| de::Error::custom("is no key"))?;
        Ok(Self(Zeroizing::new(key)))
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(..)")
    }
}

/// Seals what is written into it. Without [`SealedWriter::finish`] the file does not open.
pub struct SealedWriter<W> {
    to: W,
    chunks: Chunks,
    plain: Vec<u8>,
}

impl<W: Write> SealedWriter<W> {
    /// Under the current master key.
    pub fn new(mut to: W, masters: &MasterKeys) -> io::Result<Self> {
        let head = format!("{MAGIC} {} {}\n", masters.current(), sealer::hex(&*sealer::random::<32>()));
        to.write_all(head.as_bytes())?;
        let chunks = Chunks::of(head, masters).map_err(io::Error::from)?;
        Ok(Self { to, chunks, plain: Vec::with_capacity(CHUNK + TAG) })
    }

    /// Under a key of its own; it opens at this `place` only.
    pub fn under(key: &FileKey, mut to: W, place: &str) -> io::Result<Self> {
        let chunks = Chunks::own(key, place)?;
        to.write_all(chunks.head.as_bytes())?;
        Ok(Self { to, chunks, plain: Vec::with_capacity(CHUNK + TAG) })
    }

    /// Writes the last chunk.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        Ok(self.to)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let nonce = self.chunks.next(last);
        let sealed = self.chunks.key.seal_in_place_append_tag(nonce, Aad::from(&self.chunks.head), &mut self.plain);
        sealed.expect("a chunk can be sealed");
        self.to.write_all(&self.plain)?;
        self.plain.clear();
        Ok(())
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // a full chunk waits: it may turn out to be the last
        if self.plain.len() == CHUNK {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.plain.len());
        self.plain.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl SealedWriter<Vec<u8>> {
    /// What is sealed so far, to be carried away.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.to)
    }
}

/// Opens what comes in pieces, as over a network. It gives out no byte that it has not verified; that nothing is missing
/// [`Opener::finish`] tells.
pub struct Opener {
    chunks: Chunks,
    sealed: Vec<u8>,
    has_begun: bool,
}

impl Opener {
    /// The file that was written [`SealedWriter::under`] this key for this place.
    pub fn under(key: &FileKey, place: &str) -> Result<Self, FileError> {
        Ok(Self { chunks: Chunks::own(key, place)?, sealed: Vec::with_capacity(2 * (CHUNK + TAG)), has_begun: false })
    }

    /// What can be read after this piece.
    pub fn take(&mut self, piece: &[u8]) -> Result<Vec<u8>, FileError> {
        self.sealed.extend_from_slice(piece);
        let head = self.chunks.head.len();
        if !self.has_begun && self.sealed.len() >= head {
            if self.sealed[..head] != *self.chunks.head.as_bytes() {
                return Err(FileError::Foreign);
            }
            self.sealed.drain(..head);
            self.has_begun = true;
        }
        let mut plain = Vec::new();
        // a full chunk waits: it may turn out to be the last
        while self.has_begun && self.sealed.len() > CHUNK + TAG {
            let chunk = self.sealed.drain(..CHUNK + TAG).collect();
            plain.append(&mut self.chunks.open(chunk, false)?);
        }
        Ok(plain)
    }

    /// The end of it, if it is whole.
    pub fn finish(mut self) -> Result<Vec<u8>, FileError> {
        if !self.has_begun {
            return Err(FileError::Damaged);
        }
        self.chunks.open(std::mem::take(&mut self.sealed), true)
    }
}

/// Reads what a [`SealedWriter`] wrote. It gives out no byte that it has not verified; that nothing is missing is known at
/// the end.
pub struct SealedReader<R> {
    from: R,
    chunks: Chunks,
    plain: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: BufRead> SealedReader<R> {
    /// # Errors
    /// [`FileError`] as the source, or what the system says.
    pub fn open(mut from: R, masters: &MasterKeys) -> io::Result<Self> {
        let mut head = Vec::new();
        (&mut from).take(200).read_until(b'\n', &mut head)?;
        let head = String::from_utf8(head).map_err(|_| FileError::Foreign)?;
        let chunks = Chunks::of(head, masters)?;
        Ok(Self { from, chunks, plain: Vec::new(), given: 0, ended: false })
    }

    fn open_next(&mut self) -> io::Result<()> {
        self.plain.clear();
        self.given = 0;
        (&mut self.from).take((CHUNK + TAG) as u64).read_to_end(&mut self.plain)?;
        self.ended = self.from.fill_buf()?.is_empty();
        self.plain = self.chunks.open(std::mem::take(&mut self.plain), self.ended)?;
        Ok(())
    }
}

impl<R: BufRead> Read for SealedReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() && !self.ended {
            self.open_next()?;
        }
        let taken = into.len().min(self.plain.len() - self.given);
        into[..taken].copy_from_slice(&self.plain[self.given..self.given + taken]);
        self.given += taken;
        Ok(taken)
    }
}

/// The key of one file, and how far it is used.
struct Chunks {
    key: LessSafeKey,
    /// The first line of the file.
    head: String,
    used: u64,
}

impl Chunks {
    fn of(head: String, masters: &MasterKeys) -> Result<Self, FileError> {
        let mut words = head.strip_suffix('\n').ok_or(FileError::Foreign)?.split(' ');
        let (Some(MAGIC), Some(master), Some(salt), None) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(FileError::Foreign);
        };
        let key = masters.file_key(master, salt).ok_or_else(|| FileError::OtherKey(master.to_owned()))?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*key).expect("32 bytes are a key"));
        Ok(Self { key, head, used: 0 })
    }

    fn own(key: &FileKey, place: &str) -> Result<Self, FileError> {
        let key = UnboundKey::new(&AES_256_GCM, &key.0).map_err(|_| FileError::Damaged)?;
        Ok(Self { key: LessSafeKey::new(key), head: format!("{MAGIC_OWN} {place}\n"), used: 0 })
    }

    fn open(&mut self, mut chunk: Vec<u8>, last: bool) -> Result<Vec<u8>, FileError> {
        let nonce = self.next(last);
        let opened = self.key.open_in_place(nonce, Aad::from(&self.head), &mut chunk);
        let length = opened.map_err(|_| FileError::Damaged)?.len();
        chunk.truncate(length);
        Ok(chunk)
    }

    /// Never the same twice: the salt makes the key one of this file, and the number is counted.
    fn next(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.used.to_be_bytes());
        nonce[8] = last.into();
        self.used += 1;
        Nonce::assume_unique_for_key(nonce)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").finish_non_exhaustive()
    }
}

impl<W> fmt::Debug for SealedWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedWriter").finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for SealedReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedReader").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masters() -> MasterKeys {
        let folder = tempfile::tempdir().unwrap();
        MasterKeys::load_or_new(&folder.path().join("master.key")).unwrap().0
    }

    fn sealed(length: usize, masters: &MasterKeys) -> Vec<u8> {
        let mut writer = SealedWriter::new(Vec::new(), masters).unwrap();
        writer.write_all(&content(length)).unwrap();
        writer.finish().unwrap()
    }

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    fn opened(file: &[u8], masters: &MasterKeys) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        SealedReader::open(file, masters)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn a_file_of_any_length_opens() {
        let masters = masters();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            assert_eq!(opened(&sealed(length, &masters), &masters).unwrap(), content(length), "{length} bytes");
        }
    }

    #[test]
    fn a_file_that_was_cut_off_prolonged_reordered_or_changed_does_not_open() {
        let masters = masters();
        let file = sealed(3 * CHUNK, &masters);
        let head = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let chunks: Vec<usize> = (0..=3).map(|number| head + number * (CHUNK + TAG)).collect();
        assert_eq!(chunks[3], file.len());
        for end in chunks.iter().flat_map(|end| [end - 1, *end, end + 1]).chain([0, 1]).filter(|end| *end < file.len())
        {
            assert!(opened(&file[..end], &masters).is_err(), "cut off after {end} bytes");
        }
        let mut prolonged = file.clone();
        prolonged.push(0);
        assert!(opened(&prolonged, &masters).is_err());
        let swapped = [&file[..head], &file[chunks[1]..chunks[2]], &file[chunks[0]..chunks[1]], &file[chunks[2]..]];
        assert!(opened(&swapped.concat(), &masters).is_err());
        let without_one = [&file[..chunks[1]], &file[chunks[2]..]];
        assert!(opened(&without_one.concat(), &masters).is_err());
        for at in (0..head).chain([head, chunks[1] - 1, chunks[1], file.len() - 1]) {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, &masters).is_err(), "byte {at} was changed");
        }
    }

    #[test]
    fn a_file_with_a_key_of_its_own_opens_from_pieces_of_any_size_at_its_place_only() {
        let key = FileKey::fresh();
        for length in [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let mut writer = SealedWriter::under(&key, Vec::new(), "ostrau/1").unwrap();
            let mut file = Vec::new();
            for part in content(length).chunks(10_000) {
                writer.write_all(part).unwrap();
                file.append(&mut writer.take());
            }
            file.append(&mut writer.finish().unwrap());
            let opened = |file: &[u8], key: &FileKey, place: &str, size: usize| {
                let mut opener = Opener::under(key, place)?;
                let mut plain = Vec::new();
                for piece in file.chunks(size) {
                    plain.append(&mut opener.take(piece)?);
                }
                plain.append(&mut opener.finish()?);
                Ok::<_, FileError>(plain)
            };
            for size in [7, 5000, CHUNK + TAG, file.len()] {
                assert_eq!(opened(&file, &key, "ostrau/1", size).unwrap(), content(length), "{length} by {size}");
            }
            let size = file.len();
            assert!(opened(&file, &key, "westrau/1", size).is_err(), "another place");
            assert!(opened(&file, &FileKey::fresh(), "ostrau/1", size).is_err(), "another key");
            assert!(opened(&file[..size - 1], &key, "ostrau/1", size).is_err(), "cut off");
        }
    }

    #[test]
    fn another_key_is_told_by_its_name() {
        let (ours, theirs) = (masters(), masters());
        let error = opened(&sealed(10, &theirs), &ours).unwrap_err();
        assert_eq!(error.to_string(), FileError::OtherKey(theirs.current()).to_string());
        assert_eq!(opened(b"PK\x03\x04", &ours).unwrap_err().to_string(), FileError::Foreign.to_string());
    }
}
