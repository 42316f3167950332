//! Sheets become a PDF that is PDF/UA-1 and PDF/A-2a.

use jiff::Zoned;
use krilla::{
    SerializeSettings,
    color::rgb,
    configure::{Accessibility, Archival, ConfigurationBuilder},
    destination::XyzDestination,
    error::KrillaError,
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TagGroup, TagTree},
};

use super::{
    Document, Letterhead,
    compose::{Composed, Landmark, foot},
    sheets::{Branch, HEIGHT, Ink, LEFT, MM, WIDTH},
};
use crate::error::{Error, Result};

pub(super) fn print(composed: Composed, document: &Document, letterhead: &Letterhead) -> Result<Vec<u8>> {
    let Composed { sheets, tree, headings } = composed;
    let mut pdf = krilla::Document::new_with(settings());
    let mut read: Vec<Option<Identifier>> = vec![None; sheets.leaves];
    let count = sheets.sheets.len();
    for (i, inks) in sheets.sheets.into_iter().enumerate() {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 has a size");
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        if let (0, Some(emblem)) = (i, &letterhead.emblem) {
            surface.start_tagged(decoration(ArtifactType::Layout));
            emblem.draw(&mut surface, LEFT, 13.0 * MM, 13.0 * MM);
            surface.end_tagged();
        }
        for ink in &inks {
            draw(&mut surface, ink, ArtifactType::Layout, &mut read);
        }
        for ink in &foot(document, letterhead, i, count) {
            draw(&mut surface, ink, ArtifactType::Footer, &mut read);
        }
        surface.finish();
        page.finish();
    }
    let mut structure = TagTree::new().with_lang(Some(document.lang.clone()));
    for branch in tree {
        if let Some(node) = node(branch, &read) {
            structure.push(node);
        }
    }
    pdf.set_tag_tree(structure);
    pdf.set_outline(outline(&headings));
    let metadata = Metadata::new()
        .title(document.title.clone())
        .language(document.lang.clone())
        .authors(vec![letterhead.name.clone()])
        .creation_date(date(&document.created));
    pdf.set_metadata(metadata);
    // No more of the failure than its kind: the rest may repeat what the document says.
    pdf.finish().map_err(|error| match error {
        KrillaError::Validation(wrong) => Error::internal(format!("a document breaks {} rules of PDF/UA", wrong.len())),
        _ => Error::internal("a document cannot be written as PDF"),
    })
}

fn settings() -> SerializeSettings {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .with_archival_validator(Archival::A2_A)
        .finish()
        .expect("PDF/UA-1 and PDF/A-2a go together");
    SerializeSettings { configuration, ..SerializeSettings::default() }
}

fn draw(surface: &mut Surface, ink: &Ink, aside: ArtifactType, read: &mut [Option<Identifier>]) {
    match ink {
        Ink::Text { line, .. } if line.glyphs.is_empty() => {}
        Ink::Text { x, y, line, leaf } => {
            let tag = if leaf.is_some() { ContentTag::Span(SpanTag::empty()) } else { decoration(aside) };
            let identifier = surface.start_tagged(tag);
            if let Some(leaf) = leaf {
                read[*leaf] = Some(identifier);
            }
            surface.set_fill(Some(paint(line.style.color)));
            let font = line.style.cut.font();
            surface.draw_glyphs(Point::from_xy(*x, *y), &line.glyphs, font, &line.text, line.style.size, false);
            surface.end_tagged();
        }
        Ink::Bar { x, y, width, height, color } => {
            let mut path = PathBuilder::new();
            if let Some(bar) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(bar);
            }
            let Some(path) = path.finish() else { return };
            surface.start_tagged(decoration(aside));
            surface.set_fill(Some(paint(*color)));
            surface.draw_path(&path);
            surface.end_tagged();
        }
    }
}

fn decoration(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

fn paint([red, green, blue]: [u8; 3]) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

/// A branch with what was drawn for it. A line without a letter was not drawn.
fn node(branch: Branch, read: &[Option<Identifier>]) -> Option<Node> {
    match branch {
        Branch::Leaf(leaf) => read[leaf].map(Node::Leaf),
        Branch::Group(tag, children) => {
            let children = children.into_iter().filter_map(|child| node(child, read)).collect();
            Some(Node::Group(TagGroup::with_children(tag, children)))
        }
    }
}

fn outline(headings: &[Landmark]) -> Outline {
    let mut outline = Outline::new();
    let mut rest = headings;
    while let Some(node) = outline_node(&mut rest) {
        outline.push_child(node);
    }
    outline
}

/// The next heading with everything below it.
fn outline_node(rest: &mut &[Landmark]) -> Option<OutlineNode> {
    let (heading, below) = rest.split_first()?;
    *rest = below;
    let place = XyzDestination::new(heading.sheet, Point::from_xy(0.0, heading.y));
    let mut node = OutlineNode::new(heading.title.clone(), place);
    while rest.first().is_some_and(|next| next.level > heading.level) {
        if let Some(child) = outline_node(rest) {
            node.push_child(child);
        }
    }
    Some(node)
}

fn date(at: &Zoned) -> DateTime {
    let minutes = at.offset().seconds() / 60;
    DateTime::new(at.year().unsigned_abs())
        .month(at.month() as u8)
        .day(at.day() as u8)
        .hour(at.hour() as u8)
        .minute(at.minute() as u8)
        .second(at.second() as u8)
        .utc_offset_hour((minutes / 60) as i8)
        .utc_offset_minute((minutes % 60).unsigned_abs() as u8)
}
