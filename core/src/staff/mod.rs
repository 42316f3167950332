//! Who works at the town hall: the clerks' login and their desk.

pub mod pages;
