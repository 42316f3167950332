//! What is different between two texts: passages first, then the words in them.

use similar::{ChangeTag, DiffOp, TextDiff, capture_diff_slices};

/// Passages that follow each other and are not the same on both sides; one side may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Difference {
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// A difference of a file, with the line in the file after the change (before it, where the file is gone).
#[derive(Debug, Clone)]
pub struct Hunk {
    pub line: usize,
    pub difference: Difference,
}

/// Where two lists of lines differ.
pub fn hunks(before: &[String], after: &[String]) -> Vec<Hunk> {
    let ops = capture_diff_slices(similar::Algorithm::Myers, before, after);
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut goes_on = false;
    for op in ops {
        if matches!(op, DiffOp::Equal { .. }) {
            goes_on = false;
            continue;
        }
        if !goes_on {
            hunks.push(Hunk { line: op.new_range().start + 1, difference: Difference::default() });
        }
        if let Some(Hunk { difference, .. }) = hunks.last_mut() {
            difference.before.extend_from_slice(&before[op.old_range()]);
            difference.after.extend_from_slice(&after[op.new_range()]);
        }
        goes_on = true;
    }
    hunks
}

/// A piece of a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Same(String),
    Removed(String),
    Added(String),
}

/// Both sides of a difference as one text, word by word; gaps between two changed words count as changed.
pub fn pieces(difference: &Difference) -> Vec<Piece> {
    let (before, after) = (difference.before.join("\n"), difference.after.join("\n"));
    let diff = TextDiff::from_unicode_words(&before, &after);
    let mut pieces = Vec::new();
    let (mut removed, mut added, mut gap) = (String::new(), String::new(), String::new());
    for change in diff.iter_all_changes() {
        let word = change.value();
        match change.tag() {
            ChangeTag::Equal if word.trim().is_empty() && !(removed.is_empty() && added.is_empty()) => {
                gap.push_str(word)
            }
            ChangeTag::Equal => {
                close(&mut pieces, &mut removed, &mut added);
                gap.push_str(word);
                same(&mut pieces, &mut gap);
            }
            ChangeTag::Delete | ChangeTag::Insert => {
                if !gap.is_empty() {
                    removed.push_str(&gap);
                    added.push_str(&gap);
                    gap.clear();
                }
                if change.tag() == ChangeTag::Delete { &mut removed } else { &mut added }.push_str(word);
            }
        }
    }
    close(&mut pieces, &mut removed, &mut added);
    same(&mut pieces, &mut gap);
    pieces
}

fn close(pieces: &mut Vec<Piece>, removed: &mut String, added: &mut String) {
    pieces.extend((!removed.is_empty()).then(|| Piece::Removed(std::mem::take(removed))));
    pieces.extend((!added.is_empty()).then(|| Piece::Added(std::mem::take(added))));
}

fn same(pieces: &mut Vec<Piece>, text: &mut String) {
    let text = std::mem::take(text);
    match pieces.last_mut() {
        Some(Piece::Same(before)) => before.push_str(&text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Same(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn changed_words_are_told_apart_from_those_that_stay() {
        let difference = Difference { before: lines("im Jahr: 96,00 Euro"), after: lines("im Jahr: 98,00 Euro") };
        let expected = [
            Piece::Same("im Jahr: ".into()),
            Piece::Removed("96,00".into()),
            Piece::Added("98,00".into()),
            Piece::Same(" Euro".into()),
        ];
        assert_eq!(pieces(&difference), expected);
    }

    #[test]
    fn both_sides_can_be_read_whole_from_the_pieces() {
        let difference = Difference { before: lines("a b c\nd e"), after: lines("a x y c\nz e f") };
        let side = |with: fn(&Piece) -> Option<&String>| pieces(&difference).iter().filter_map(with).cloned().collect();
        let before: String = side(|piece| match piece {
            Piece::Same(text) | Piece::Removed(text) => Some(text),
            Piece::Added(_) => None,
        });
        let after: String = side(|piece| match piece {
            Piece::Same(text) | Piece::Added(text) => Some(text),
            Piece::Removed(_) => None,
        });
        assert_eq!((before.as_str(), after.as_str()), ("a b c\nd e", "a x y c\nz e f"));
    }

    #[test]
    fn a_hunk_knows_its_line_after_the_change() {
        let found = hunks(&lines("a\nb\nc\nd"), &lines("a\nx\ny\nc\nd\ne"));
        let places: Vec<_> = found.iter().map(|hunk| (hunk.line, hunk.difference.after.join(""))).collect();
        assert_eq!(places, [(2, "xy".to_owned()), (6, "e".to_owned())]);
    }
}
