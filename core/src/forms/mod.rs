//! Applications as people fill them in: step by step, saved with each step, sent once.
//!
//! Invariant: an answer that was taken stands in the draft, whatever becomes of the login; only whoever may see it gets to
//! see it. A draft becomes one case, however often and from however many windows it is sent.

pub mod access;
mod answers;
mod conditions;
pub mod doors;
pub mod drafts;
mod freeze;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod pages;
mod prefill;
mod reminder;
mod said;
mod sheet;
mod typed;
mod value;

pub use answers::{Answers, Attached, Turn};
pub(crate) use drafts::STATEMENTS;
pub use drafts::sweep;
pub use pages::{AnswerView, DraftView, SectionView, Source};
pub use reminder::remind;
pub use sheet::{Asked, Complaint, Sheet, SheetPage};
pub use value::{Address, Value, Wrong};
