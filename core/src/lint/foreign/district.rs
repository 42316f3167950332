//! Districts carry no town in their name, so whoever says "unser Ortsteil Gohfeld" speaks as that town.

use std::ops::Range;

use super::{around::Around, fold::Folded, words::*};

/// The name of another town's district in a text.
pub struct District<'a> {
    pub folded: &'a Folded<'a>,
    pub range: Range<usize>,
    pub is_place: &'a dyn Fn(&str) -> bool,
}

impl District<'_> {
    /// The part of the text that takes the district for its own: a sentence that names a town as well only mentions it.
    pub fn speaks(&self) -> Option<Range<usize>> {
        if is_everywhere(&self.folded.text[self.range.clone()]) {
            return None;
        }
        let around = Around::of(self.folded, &self.range);
        let mentioned =
            around.words().any(|word| is_elsewhere(word) || (self.is_place)(word)) || around.names_outside();
        let before = around.left(0).filter(|_| around.is_close(0)).unwrap_or_default();
        let served = before == "in" && around.words().any(is_municipal);
        let ours = around.is_close(1) && around.left(1).is_some_and(is_our);
        let listed = around.left.iter().any(|word| is_district(&word.text)) && !is_way(before);
        (!mentioned && (ours || listed || is_municipal(before) || is_branch(before) || served)).then(|| {
            match around.left.first() {
                Some(word) => word.range.start..self.range.end,
                None => self.range.clone(),
            }
        })
    }
}
