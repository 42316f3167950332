//! Blocks become lines on sheets, and at the same time the structure that is read aloud.

use std::num::NonZeroU16;

use krilla::tagging::{ListNumbering, TableHeaderScope, Tag, TagKind};

use super::{
    Block, Document, Envelope, Letterhead,
    sheets::{Branch, Cell, Ink, LEFT, MM, RIGHT, Sheets},
    typeface::{Cut, Line, Style, lines},
};

const INK: [u8; 3] = [0x1a, 0x1a, 0x1a];
const MUTED: [u8; 3] = [0x4d, 0x4d, 0x4d];
const HAIR: [u8; 3] = [0xc8, 0xcc, 0xd0];
const BODY: Style = Style { cut: Cut::Regular, size: 10.5, leading: 14.5, color: INK };
const BOLD: Style = Style { cut: Cut::Bold, ..BODY };
const SMALL: Style = Style { cut: Cut::Regular, size: 8.5, leading: 11.5, color: MUTED };
/// The size of the sender above the window.
const TINY: Style = Style { size: 7.0, leading: 9.0, ..SMALL };

/// Where DIN 5008, form B, wants the address, the block beside it and the text.
const WINDOW: f32 = 45.0 * MM;
const WINDOW_WIDTH: f32 = 80.0 * MM;
const BESIDE: f32 = 125.0 * MM;
const SUBJECT: f32 = 98.5 * MM;

/// A document that is set and waits for its number of pages.
pub(super) struct Composed {
    pub sheets: Sheets,
    pub tree: Vec<Branch>,
    pub headings: Vec<Landmark>,
}

/// A heading as an entry of the outline.
pub(super) struct Landmark {
    pub level: u8,
    pub title: String,
    pub sheet: usize,
    pub y: f32,
}

pub(super) fn compose(document: &Document, letterhead: &Letterhead) -> Composed {
    let mut setter = Setter {
        done: Composed { sheets: Sheets::new(), tree: Vec::new(), headings: Vec::new() },
        color: letterhead.color,
        indent: LEFT,
        letter: document.envelope.is_some(),
    };
    setter.letterhead(letterhead);
    match &document.envelope {
        Some(envelope) => setter.envelope(envelope, letterhead),
        None => setter.sheets().y = 48.0 * MM,
    }
    setter.heading(1, &document.title);
    for block in &document.blocks {
        setter.block(block);
    }
    setter.done
}

/// The foot of a page, which is not read aloud: whose document it is, and which page of how many.
pub(super) fn foot(document: &Document, letterhead: &Letterhead, sheet: usize, sheets: usize) -> Vec<Ink> {
    const BASE: f32 = 283.0 * MM;
    let number = document.number.as_ref().map(|number| format!(" · {number}")).unwrap_or_default();
    let left = line(&format!("{}{number}", letterhead.name), SMALL, 120.0 * MM);
    let page = letterhead.page.replace("{n}", &(sheet + 1).to_string()).replace("{of}", &sheets.to_string());
    let right = line(&page, SMALL, 40.0 * MM);
    let x = RIGHT - right.width;
    vec![
        Ink::Bar { x: LEFT, y: BASE - 14.0, width: RIGHT - LEFT, height: 0.5, color: HAIR },
        Ink::Text { x: LEFT, y: BASE, line: left, leaf: None },
        Ink::Text { x, y: BASE, line: right, leaf: None },
    ]
}

struct Setter {
    done: Composed,
    color: [u8; 3],
    indent: f32,
    letter: bool,
}

impl Setter {
    fn sheets(&mut self) -> &mut Sheets {
        &mut self.done.sheets
    }

    fn read(&mut self, tag: impl Into<TagKind>, children: Vec<Branch>) {
        self.done.tree.push(Branch::Group(tag.into(), children));
    }

    fn letterhead(&mut self, head: &Letterhead) {
        let x = if head.emblem.is_some() { LEFT + 17.0 * MM } else { LEFT };
        let name = Style { cut: Cut::Bold, size: 17.0, leading: 21.0, color: head.color };
        self.sheets().y = 15.5 * MM;
        let set = self.sheets().row(&[Cell { x, lines: lines(&head.name, name, BESIDE - x - 10.0) }]);
        self.read(Tag::P, set.into_iter().flatten().collect());
        self.sheets().y = 13.0 * MM;
        let width = RIGHT - BESIDE;
        let details = lines(&head.details.join("\n"), SMALL, width).into_iter().take(6).collect();
        let set = self.sheets().row(&[Cell { x: BESIDE, lines: details }]);
        self.read(Tag::P, set.into_iter().flatten().collect());
        let color = self.color;
        self.sheets().ink(Ink::Bar { x: LEFT, y: 38.0 * MM, width: RIGHT - LEFT, height: 1.5, color });
    }

    fn envelope(&mut self, envelope: &Envelope, head: &Letterhead) {
        let sender = line(&head.sender, TINY, WINDOW_WIDTH);
        let leaf = self.sheets().at(LEFT, WINDOW + 16.0 * MM, sender);
        self.read(Tag::P, vec![leaf]);
        self.sheets().y = WINDOW + 17.7 * MM;
        let style = Style { leading: 12.9, ..BODY };
        let to = lines(&envelope.to.join("\n"), style, WINDOW_WIDTH).into_iter().take(6).collect();
        let set = self.sheets().row(&[Cell { x: LEFT, lines: to }]);
        self.read(Tag::P, set.into_iter().flatten().collect());
        if !envelope.about.is_empty() {
            self.sheets().y = WINDOW + 5.0 * MM;
            let rows = envelope.about.iter().map(|(label, value)| {
                let label = Cell { x: BESIDE, lines: told(label, SMALL, 20.0 * MM) };
                let size = Style { size: 9.0, leading: 12.0, ..BODY };
                let x = BESIDE + 22.0 * MM;
                [label, Cell { x, lines: told(value, size, RIGHT - x) }]
            });
            let rows = rows.map(|cells| self.fact(&cells)).collect();
            self.read(Tag::Table, rows);
        }
        for (y, length) in [(105.0, 4.0), (148.5, 6.0), (210.0, 4.0)] {
            self.sheets().ink(Ink::Bar { x: 5.0 * MM, y: y * MM, width: length * MM, height: 0.4, color: HAIR });
        }
        self.sheets().y = self.done.sheets.y.max(SUBJECT);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(level, text) => self.heading((*level).clamp(2, 3), text),
            Block::Paragraph(text) => self.paragraph(text, BODY, 7.0),
            Block::SmallPrint(text) => self.paragraph(text, SMALL, 6.0),
            Block::Facts(facts) => self.facts(facts),
            Block::List(items) => self.list(items),
            Block::Table { head, rows } => self.table(head, rows),
            Block::Signature(parts) => self.signature(parts),
            Block::Remedy(title, text) => self.remedy(title, text),
            Block::PageBreak => self.sheets().turn(),
        }
    }

    fn heading(&mut self, level: u8, text: &str) {
        let (size, before, after, color) = match level {
            1 if self.letter => (12.5, 0.0, 12.0, INK),
            1 => (15.0, 0.0, 10.0, INK),
            2 => (12.0, 12.0, 4.0, self.color),
            _ => (10.5, 8.0, 3.0, INK),
        };
        // No level may be left out: a 3 below the title is a 2.
        let level = self.done.headings.last().map_or(1, |last| level.min(last.level + 1));
        let style = Style { cut: Cut::Bold, size, leading: size * 1.35, color };
        let cell = self.cell(text, style);
        if cell.lines.iter().all(|line| line.text.trim().is_empty()) {
            return;
        }
        self.sheets().space(before);
        let height = cell.lines.len().min(6) as f32 * style.leading + after + 3.0 * BODY.leading;
        self.sheets().need(height);
        let title = cell.lines.iter().map(|line| line.text.as_str()).collect::<String>().trim().to_owned();
        let (sheet, y) = (self.done.sheets.sheet(), self.done.sheets.y);
        let set = self.sheets().row(&[cell]);
        let rank = NonZeroU16::new(level.into()).expect("levels begin with 1");
        self.read(Tag::Hn(rank, Some(title.clone())), set.into_iter().flatten().collect());
        self.sheets().space(after);
        self.done.headings.push(Landmark { level, title, sheet, y });
    }

    fn paragraph(&mut self, text: &str, style: Style, after: f32) {
        let cell = self.cell(text, style);
        let set = self.sheets().row(&[cell]);
        self.read(Tag::P, set.into_iter().flatten().collect());
        self.sheets().space(after);
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let middle = self.indent + 52.0 * MM;
        let mut rows = Vec::new();
        for (label, value) in facts {
            let label = told(label, Style { color: MUTED, ..BODY }, middle - self.indent - 10.0);
            let value = told(value, BODY, RIGHT - middle);
            self.sheets().space(2.5);
            let cells = [Cell { x: self.indent, lines: label }, Cell { x: middle, lines: value }];
            rows.push(self.fact(&cells));
            self.sheets().space(2.5);
            let indent = self.indent;
            self.sheets().rule(indent, HAIR);
        }
        self.read(Tag::Table, rows);
        self.sheets().space(7.0);
    }

    fn fact(&mut self, cells: &[Cell]) -> Branch {
        let mut set = self.sheets().row(cells).into_iter();
        let mut next = || set.next().unwrap_or_default();
        let (label, value) = (next(), next());
        Branch::Group(
            Tag::TR.into(),
            vec![Branch::Group(Tag::TH(TableHeaderScope::Row).into(), label), Branch::Group(Tag::TD.into(), value)],
        )
    }

    fn list(&mut self, items: &[String]) {
        let mut tree = Vec::new();
        for item in items {
            let dot = Cell { x: self.indent + 4.0, lines: lines("•", BODY, 10.0) };
            let x = self.indent + 18.0;
            let mut set = self.sheets().row(&[dot, Cell { x, lines: told(item, BODY, RIGHT - x) }]).into_iter();
            let mut next = || set.next().unwrap_or_default();
            let (dot, text) = (next(), next());
            let label = Branch::Group(Tag::Lbl.into(), dot);
            tree.push(Branch::Group(Tag::LI.into(), vec![label, Branch::Group(Tag::LBody.into(), text)]));
            self.sheets().space(2.5);
        }
        self.read(Tag::L(ListNumbering::Disc), tree);
        self.sheets().space(4.5);
    }

    fn table(&mut self, head: &[String], rows: &[Vec<String>]) {
        const GAP: f32 = 10.0;
        let size = Style { size: 9.5, leading: 13.0, ..BODY };
        let widths = widths(head, rows, size, RIGHT - self.indent, GAP);
        let cells = |texts: &[String], style: Style| -> Vec<Cell> {
            let mut x = LEFT;
            let mut cells = Vec::new();
            for (i, width) in widths.iter().enumerate() {
                let text = texts.get(i).map(String::as_str).unwrap_or_default();
                cells.push(Cell { x, lines: told(text, style, *width) });
                x += width + GAP;
            }
            cells
        };
        let titles = cells(head, Style { cut: Cut::Bold, ..size });
        self.sheets().need(5.0 * size.leading);
        let set = self.sheets().row(&titles);
        let row = |set: Vec<Vec<Branch>>, tag: fn() -> TagKind| {
            Branch::Group(Tag::TR.into(), set.into_iter().map(|cell| Branch::Group(tag(), cell)).collect())
        };
        let top = row(set, || Tag::TH(TableHeaderScope::Column).into());
        if titles.iter().all(|cell| cell.lines.len() <= 4) {
            self.sheets().again = Some(titles);
        }
        let mut body = Vec::new();
        for texts in rows {
            self.sheets().rule(LEFT, HAIR);
            self.sheets().space(2.5);
            let set = self.sheets().row(&cells(texts, size));
            body.push(row(set, || Tag::TD.into()));
            self.sheets().space(2.5);
        }
        self.sheets().again = None;
        self.read(
            Tag::Table,
            vec![Branch::Group(Tag::THead.into(), vec![top]), Branch::Group(Tag::TBody.into(), body)],
        );
        self.sheets().space(7.0);
    }

    fn signature(&mut self, parts: &[String]) {
        self.sheets().need((parts.len() + 4) as f32 * BODY.leading);
        for (i, part) in parts.iter().enumerate() {
            let room = if i > 0 && i + 1 == parts.len() { 2.5 * BODY.leading } else { 0.0 };
            self.sheets().space(room);
            self.paragraph(part, BODY, 0.0);
        }
        self.sheets().space(14.0);
    }

    fn remedy(&mut self, title: &str, text: &str) {
        let color = self.color;
        self.sheets().space(10.0);
        self.sheets().need(5.0 * BODY.leading);
        self.sheets().beside = Some(color);
        self.indent = LEFT + 12.0;
        self.sheets().space(3.0);
        self.paragraph(title, BOLD, 3.0);
        self.paragraph(text, BODY, 3.0);
        self.indent = LEFT;
        self.sheets().beside = None;
        self.sheets().space(10.0);
    }

    fn cell(&self, text: &str, style: Style) -> Cell {
        Cell { x: self.indent, lines: lines(text, style, RIGHT - self.indent) }
    }
}

/// The lines of a text that has to be there: what is empty is told, so that nobody takes the next one for it.
fn told(text: &str, style: Style, width: f32) -> Vec<Line> {
    let set = lines(text, style, width);
    if set.iter().all(|line| line.text.trim().is_empty()) { lines("–", style, width) } else { set }
}

/// The text as one line: what does not fit is cut off.
fn line(text: &str, style: Style, width: f32) -> Line {
    lines(&text.replace('\n', " "), style, width).swap_remove(0)
}

/// Widths of columns: what their longest cell would like. If that is too much together, the widest give.
fn widths(head: &[String], rows: &[Vec<String>], style: Style, room: f32, gap: f32) -> Vec<f32> {
    let room = room - gap * head.len().saturating_sub(1) as f32;
    let letters = |text: &str| text.chars().count().min(60) as f32;
    let wish = |i: usize| {
        let cells = rows.iter().filter_map(|row| row.get(i)).map(|text| letters(text));
        cells.fold(letters(&head[i]), f32::max).max(4.0) * style.size * 0.62
    };
    let wishes: Vec<f32> = (0..head.len()).map(wish).collect();
    let mut rising = wishes.clone();
    rising.sort_by(f32::total_cmp);
    let (mut most, mut left) = (f32::MAX, room);
    for (i, wish) in rising.iter().enumerate() {
        let share = left / (rising.len() - i) as f32;
        if *wish > share {
            most = share;
            break;
        }
        left -= wish;
    }
    let given: Vec<f32> = wishes.into_iter().map(|wish| wish.min(most)).collect();
    let scale = room / given.iter().sum::<f32>();
    given.into_iter().map(|width| width * scale).collect()
}
