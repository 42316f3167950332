//! Sealing at rest: a master key outside the database wraps one key per town, and that key seals what belongs to people.
//!
//! Invariant: whatever is sealed names the key and the algorithm that opens it, and opens only at its own place – same
//! town, table, row and column. What is sealed and what opens it are never printed.

mod core_file;
mod file;
mod master;
mod sealer;

pub use core_file::forbid_core_files;
pub use file::{CHUNK, FileError, FileKey, Opener, SealedReader, SealedWriter, TAG};
pub use master::{MasterKeyError, MasterKeys};
pub use sealer::{Cell, Sealed, Sealer, Unsealable, WrappedKey, digest, id, letters_of, token};
