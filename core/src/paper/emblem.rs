//! The town's word mark: an SVG of plain shapes. One with pictures, writing or masks is left out, and the town's name
//! stands alone.

use krilla::{
    color::rgb,
    geom::{Path, PathBuilder, Transform},
    num::NormalizedF32,
    paint::{Fill, FillRule, LineCap, LineJoin, Stroke},
    surface::Surface,
};
use usvg::tiny_skia_path::PathSegment;

/// Shapes of one colour each, in a square of any size.
#[derive(Debug, Clone)]
pub struct Emblem(Box<usvg::Tree>);

struct Shape {
    path: Path,
    place: Transform,
    fill: Option<Fill>,
    stroke: Option<Stroke>,
}

impl Emblem {
    /// `None` if it is more than plain shapes of one colour each.
    pub fn read(svg: &[u8]) -> Option<Self> {
        let tree = usvg::Tree::from_data(svg, &usvg::Options::default()).ok()?;
        shapes(&tree)?;
        Some(Self(Box::new(tree)))
    }

    /// Draws it into a square with sides of `size` points.
    pub(super) fn draw(&self, surface: &mut Surface, x: f32, y: f32, size: f32) {
        let scale = size / self.0.size().width().max(self.0.size().height());
        surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, x, y));
        for shape in shapes(&self.0).into_iter().flatten() {
            surface.push_transform(&shape.place);
            surface.set_fill(shape.fill);
            surface.set_stroke(shape.stroke);
            surface.draw_path(&shape.path);
            surface.pop();
        }
        surface.set_stroke(None);
        surface.pop();
    }
}

fn shapes(tree: &usvg::Tree) -> Option<Vec<Shape>> {
    let mut shapes = Vec::new();
    collect(tree.root(), &mut shapes)?;
    Some(shapes)
}

fn collect(group: &usvg::Group, shapes: &mut Vec<Shape>) -> Option<()> {
    if group.clip_path().is_some() || group.mask().is_some() || !group.filters().is_empty() {
        return None;
    }
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => collect(group, shapes)?,
            usvg::Node::Path(path) => shapes.push(shape(path)?),
            usvg::Node::Image(_) | usvg::Node::Text(_) => return None,
        }
    }
    Some(())
}

fn shape(drawn: &usvg::Path) -> Option<Shape> {
    let mut path = PathBuilder::new();
    for segment in drawn.data().segments() {
        match segment {
            PathSegment::MoveTo(p) => path.move_to(p.x, p.y),
            PathSegment::LineTo(p) => path.line_to(p.x, p.y),
            PathSegment::QuadTo(a, p) => path.quad_to(a.x, a.y, p.x, p.y),
            PathSegment::CubicTo(a, b, p) => path.cubic_to(a.x, a.y, b.x, b.y, p.x, p.y),
            PathSegment::Close => path.close(),
        }
    }
    let at = drawn.abs_transform();
    let fill = match drawn.fill() {
        None => None,
        Some(fill) => Some(Fill {
            paint: color(fill.paint())?.into(),
            opacity: NormalizedF32::new(fill.opacity().get())?,
            rule: match fill.rule() {
                usvg::FillRule::NonZero => FillRule::NonZero,
                usvg::FillRule::EvenOdd => FillRule::EvenOdd,
            },
        }),
    };
    let stroke = match drawn.stroke() {
        None => None,
        Some(stroke) => Some(Stroke {
            paint: color(stroke.paint())?.into(),
            width: stroke.width().get(),
            opacity: NormalizedF32::new(stroke.opacity().get())?,
            line_cap: match stroke.linecap() {
                usvg::LineCap::Butt => LineCap::Butt,
                usvg::LineCap::Round => LineCap::Round,
                usvg::LineCap::Square => LineCap::Square,
            },
            line_join: match stroke.linejoin() {
                usvg::LineJoin::Round => LineJoin::Round,
                usvg::LineJoin::Bevel => LineJoin::Bevel,
                usvg::LineJoin::Miter | usvg::LineJoin::MiterClip => LineJoin::Miter,
            },
            ..Stroke::default()
        }),
    };
    let place = Transform::from_row(at.sx, at.ky, at.kx, at.sy, at.tx, at.ty);
    Some(Shape { path: path.finish()?, place, fill, stroke })
}

fn color(paint: &usvg::Paint) -> Option<rgb::Color> {
    match paint {
        usvg::Paint::Color(color) => Some(rgb::Color::new(color.red, color.green, color.blue)),
        _ => None,
    }
}
