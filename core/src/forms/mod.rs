//! Forms: what a town asks when somebody wants something, and what they answered so far.

pub mod pages;

pub use pages::{AnswerView, DraftView, SectionView, Source};
