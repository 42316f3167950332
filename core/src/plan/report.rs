//! x
use jiff::Timestamp;
use super::Plan;
pub struct About { pub from: String, pub to: String, pub at: Timestamp }
pub fn html(_: &Plan, _: &About) -> String { String::new() }
