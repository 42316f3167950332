//! Sheets of A4 that fill up from the top. What is set on them is remembered, not drawn: how many sheets there are is
//! known at the end, and the foot of the first one says it.

use std::ops::Range;

use krilla::tagging::TagKind;

use super::typeface::Line;

/// Points of a millimetre.
pub(super) const MM: f32 = 72.0 / 25.4;
pub(super) const WIDTH: f32 = 210.0 * MM;
pub(super) const HEIGHT: f32 = 297.0 * MM;
pub(super) const LEFT: f32 = 25.0 * MM;
pub(super) const RIGHT: f32 = WIDTH - 20.0 * MM;
/// Where text begins on a following page, and where it ends on every page.
const TOP: f32 = 20.0 * MM;
const BOTTOM: f32 = HEIGHT - 25.0 * MM;

/// A leaf of the structure that assistive technology reads: one line of text.
pub(super) type Leaf = usize;

/// The structure, in reading order.
pub(super) enum Branch {
    Group(TagKind, Vec<Branch>),
    Leaf(Leaf),
}

/// Something drawn. Coordinates are points from the upper left corner.
pub(super) enum Ink {
    /// `y` is the base line. Without a leaf it is decoration, which is not read out.
    Text {
        x: f32,
        y: f32,
        line: Line,
        leaf: Option<Leaf>,
    },
    Bar {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        color: [u8; 3],
    },
}

/// One column of a row.
#[derive(Clone)]
pub(super) struct Cell {
    pub x: f32,
    pub lines: Vec<Line>,
}

pub(super) struct Sheets {
    pub sheets: Vec<Vec<Ink>>,
    /// How far the last sheet is filled.
    pub y: f32,
    pub leaves: usize,
    /// Repeated at the top of each sheet: the head of a table that goes on.
    pub again: Option<Row>,
    /// A bar at the side of everything set, of this colour.
    pub beside: Option<[u8; 3]>,
}

/// Columns side by side.
pub(super) type Row = Vec<Cell>;

impl Sheets {
    pub fn new() -> Self {
        Self { sheets: vec![Vec::new()], y: TOP, leaves: 0, again: None, beside: None }
    }

    /// Number of the sheet being filled, from 0.
    pub fn sheet(&self) -> usize {
        self.sheets.len() - 1
    }

    pub fn ink(&mut self, ink: Ink) {
        self.sheets.last_mut().expect("there is a first sheet").push(ink);
    }

    /// Begins a new sheet.
    pub fn turn(&mut self) {
        self.sheets.push(Vec::new());
        self.y = TOP;
        if let Some(head) = self.again.take() {
            self.lay(&head, 0..usize::MAX, &mut |_, _| None);
            self.y += 3.0;
            self.again = Some(head);
        }
    }

    /// Begins a new sheet unless this one has room for so many points.
    pub fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.turn();
        }
    }

    /// Moves on; space at the end of a sheet is not taken along to the next.
    pub fn space(&mut self, height: f32) {
        self.mark(height);
        self.y += height;
    }

    /// A thin line across.
    pub fn rule(&mut self, x: f32, color: [u8; 3]) {
        let y = self.y;
        self.ink(Ink::Bar { x, y, width: RIGHT - x, height: 0.5, color });
    }

    /// Sets one line at a place and gives its leaf.
    pub fn at(&mut self, x: f32, y: f32, line: Line) -> Branch {
        let leaf = self.leaf();
        self.ink(Ink::Text { x, y, line, leaf: Some(leaf) });
        Branch::Leaf(leaf)
    }

    /// Sets columns side by side, over as many sheets as they need, and gives the leaves of each. Short rows stay
    /// together; of longer ones no line is left alone.
    pub fn row(&mut self, cells: &[Cell]) -> Vec<Vec<Branch>> {
        let total = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or_default();
        let leading = leading(cells);
        let mut leaves: Vec<Vec<Branch>> = cells.iter().map(|_| Vec::new()).collect();
        let mut done = 0;
        while done < total {
            let left = total - done;
            let mut fit = (((BOTTOM - self.y) / leading).max(0.0) as usize).min(left);
            if fit < left {
                if done == 0 && (total <= 4 || fit < 2) {
                    fit = 0;
                } else if left - fit == 1 {
                    fit -= 1;
                }
            }
            if fit == 0 {
                self.turn();
                continue;
            }
            let mut next = self.leaves;
            self.lay(cells, done..done + fit, &mut |column, line| {
                if line.glyphs.is_empty() {
                    return None;
                }
                leaves[column].push(Branch::Leaf(next));
                next += 1;
                Some(next - 1)
            });
            self.leaves = next;
            done += fit;
        }
        leaves
    }

    fn lay(&mut self, cells: &[Cell], range: Range<usize>, leaf: &mut dyn FnMut(usize, &Line) -> Option<Leaf>) {
        let leading = leading(cells);
        let (top, mut most) = (self.y, 0);
        for (column, cell) in cells.iter().enumerate() {
            let lines = cell.lines.iter().skip(range.start).take(range.len());
            for (i, line) in lines.enumerate() {
                most = most.max(i + 1);
                // so that lines of different sizes in one row stand on one base line
                let y = top + i as f32 * leading + leading * 0.76;
                let leaf = leaf(column, line);
                self.ink(Ink::Text { x: cell.x, y, line: line.clone(), leaf });
            }
        }
        self.space(most as f32 * leading);
    }

    fn mark(&mut self, height: f32) {
        if let Some(color) = self.beside {
            let height = height.min(BOTTOM - self.y);
            self.ink(Ink::Bar { x: LEFT, y: self.y, width: 3.0, height, color });
        }
    }

    fn leaf(&mut self) -> Leaf {
        self.leaves += 1;
        self.leaves - 1
    }
}

fn leading(cells: &[Cell]) -> f32 {
    cells.iter().flat_map(|cell| &cell.lines).map(|line| line.style.leading).fold(1.0, f32::max)
}
