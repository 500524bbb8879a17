//! Arrows of annotations: their styles, their setters, how they are drawn. `matplotlib.patches.FancyArrowPatch`.

use crate::artist::TextFrame;
use crate::backend::Pen;
use crate::colors::{self, Color, IntoColor};
use crate::draw::Painter;
use crate::geometry::Bbox;
use crate::scene::{Item, Scene};
use crate::series::Element;

/// What an end of an arrow looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Head {
    None,
    Open,
    Filled,
    Bar,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    /// A line with a head at its start and one at its end.
    Line(Head, Head),
    /// A broad arrow: widths of shaft and head and the head's length in points.
    Broad([f64; 3]),
}

/// The look of an annotation's arrow: `arrowprops=dict(arrowstyle="->", color="red")` is
/// `plt::arrowprops().arrowstyle("->").color("red")`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArrowProps {
    style: Style,
    face: Option<Color>,
    edge: Option<Color>,
    width: f64,
    dash: crate::artist::LineStyle,
    rad: f64,
    /// Points left free at both ends, or parts of the arrow's length.
    shrink: Result<[f64; 2], f64>,
    /// Whether it ends where the axes does.
    clipped: bool,
}

/// The look of an annotation's arrow, to be changed by setters: a line with an open head at first.
pub fn arrowprops() -> ArrowProps {
    ArrowProps {
        style: Style::Line(Head::None, Head::Open),
        face: None,
        edge: None,
        width: 1.0,
        dash: crate::artist::LineStyle::Solid,
        rad: 0.0,
        shrink: Ok([2.0, 2.0]),
        clipped: false,
    }
}

const STYLES: [(&str, Style); 12] = [
    ("-", Style::Line(Head::None, Head::None)),
    ("->", Style::Line(Head::None, Head::Open)),
    ("<-", Style::Line(Head::Open, Head::None)),
    ("<->", Style::Line(Head::Open, Head::Open)),
    ("-|>", Style::Line(Head::None, Head::Filled)),
    ("<|-", Style::Line(Head::Filled, Head::None)),
    ("<|-|>", Style::Line(Head::Filled, Head::Filled)),
    ("|-|", Style::Line(Head::Bar, Head::Bar)),
    ("simple", Style::Broad([2.0, 5.0, 5.0])),
    ("fancy", Style::Broad([4.0, 4.0, 4.0])),
    ("wedge", Style::Broad([3.0, 3.0, 3.0])),
    ("broad", Style::Broad([4.0, 12.0, 12.0])),
];

impl ArrowProps {
    /// `"-"`, `"->"`, `"<-"`, `"<->"`, `"-|>"`, `"<|-"`, `"<|-|>"`, `"|-|"`, `"simple"`, `"fancy"`, `"wedge"`.
    ///
    /// # Panics
    /// `ValueError` for any other style.
    #[track_caller]
    pub fn arrowstyle(self, style: &str) -> ArrowProps {
        let name = style.split(',').next().unwrap_or_default();
        let Some((_, style)) = STYLES.iter().find(|(n, _)| *n == name) else {
            let known: Vec<String> = STYLES[..STYLES.len() - 1].iter().map(|(n, _)| format!("'{n}'")).collect();
            panic!("ValueError: Unknown style: '{style}'. Supported styles are {}", known.join(", "));
        };
        ArrowProps { style: *style, ..self }
    }

    /// An arrow that ends where the axes does.
    pub(crate) fn clipped(self) -> ArrowProps {
        ArrowProps { clipped: true, ..self }
    }

    /// The colour of line and head.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> ArrowProps {
        let color = Some(colors::expect(color));
        ArrowProps { face: color, edge: color, ..self }
    }

    /// What the head is filled with. An arrow with a face and no style is a broad one, as in matplotlib.
    #[track_caller]
    pub fn facecolor(self, color: impl IntoColor) -> ArrowProps {
        let face = Some(colors::expect(color));
        let plain = self.style == Style::Line(Head::None, Head::Open);
        ArrowProps { face, style: if plain { Style::Broad([4.0, 12.0, 12.0]) } else { self.style }, ..self }
    }

    /// The colour of the outline.
    #[track_caller]
    pub fn edgecolor(self, color: impl IntoColor) -> ArrowProps {
        ArrowProps { edge: Some(colors::expect(color)), ..self }
    }

    /// The line's width in points (1 when not set).
    pub fn lw(self, points: impl Element) -> ArrowProps {
        ArrowProps { width: points.number(), ..self }
    }

    /// `"-"`, `"--"`, `"-."` or `":"`.
    #[track_caller]
    pub fn linestyle(self, style: &str) -> ArrowProps {
        ArrowProps { dash: crate::handles::valid(crate::artist::LineStyle::parse(style)), ..self }
    }

    /// `"arc3,rad=0.3"`: how far the arrow bends, in parts of its length.
    ///
    /// # Panics
    /// `ValueError` for a style that is not `arc3`.
    #[track_caller]
    pub fn connectionstyle(self, style: &str) -> ArrowProps {
        let rad = match style.split_once(",") {
            None if style == "arc3" => Some(0.0),
            Some(("arc3", rest)) => rest.trim().strip_prefix("rad=").and_then(|v| v.trim().parse().ok()),
            _ => None,
        };
        match rad {
            Some(rad) => ArrowProps { rad, ..self },
            None => panic!("ValueError: Unknown style: '{style}'. Supported styles are 'arc3' and 'arc3,rad=NUMBER'"),
        }
    }

    /// Parts of the arrow's length left free at both ends.
    pub fn shrink(self, part: impl Element) -> ArrowProps {
        ArrowProps { shrink: Err(part.number()), ..self }
    }

    /// Points left free between the text and the arrow, and between the arrow and its goal (2 when not set).
    pub fn shrink_points(self, from: impl Element, to: impl Element) -> ArrowProps {
        ArrowProps { shrink: Ok([from.number(), to.number()]), ..self }
    }
}

/// An annotation's arrow: where it points and its look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArrowData {
    pub tip: [f64; 2],
    /// What the tip's place counts in.
    pub frame: TextFrame,
    /// None until the arrow is asked for.
    pub props: Option<ArrowProps>,
}

/// Draws an arrow from a text's box (one that is drawn, if so said), or from a point when there is no text, to `tip` in
/// display coordinates; heads grow with the text's size in points.
pub(crate) fn draw(
    painter: &Painter,
    scene: &mut Scene,
    zorder: f64,
    (from, boxed): (Bbox, bool),
    props: &ArrowProps,
    tip: [f64; 2],
    points: f64,
) {
    let broad = matches!(props.style, Style::Broad(_)) && props.shrink.is_err();
    let start = if broad { nearest(from, tip) } else { from.at(0.5, 0.5) };
    let scale = if broad { 1.0 } else { points / 10.0 };
    let d = [tip[0] - start[0], tip[1] - start[1]];
    let length = d[0].hypot(d[1]);
    if !(length > 0.0 && length.is_finite()) {
        return;
    }
    let control = [start[0] + d[0] / 2.0 + props.rad * d[1], start[1] + d[1] / 2.0 - props.rad * d[0]];
    let mut points = curve(start, control, tip, props.rad == 0.0);
    if from.width() > 0.0 {
        let room = if boxed { from } else { from.padded(painter.px(2.0)) };
        leave(&mut points, |p| room.contains(p));
    }
    let shrink = match props.shrink {
        Ok(points) => points.map(|v| painter.px(v)),
        Err(part) => [part * length; 2],
    };
    let near = |to: [f64; 2], r: f64| move |p: [f64; 2]| (p[0] - to[0]).hypot(p[1] - to[1]) < r;
    if let Some(&first) = points.first() {
        leave(&mut points, near(first, shrink[0]));
    }
    points.reverse();
    leave(&mut points, near(tip, shrink[1]));
    points.reverse();
    if points.len() < 2 {
        return;
    }
    match props.style {
        Style::Line(begin, end) => line(painter, scene, zorder, points, props, ([begin, end], scale)),
        Style::Broad(sizes) => broad_arrow(painter, scene, zorder, &points, props, sizes.map(|v| v * scale)),
    }
}

/// The corner, the middle of a side, or the middle of the box that is nearest to a point along each axis.
fn nearest(b: Bbox, to: [f64; 2]) -> [f64; 2] {
    let pick = |low: f64, high: f64, v: f64| {
        [low, (low + high) / 2.0, high]
            .into_iter()
            .min_by(|a, b| (a - v).abs().total_cmp(&(b - v).abs()))
            .unwrap_or(low)
    };
    [pick(b.x0, b.x1, to[0]), pick(b.y0, b.y1, to[1])]
}

fn curve(a: [f64; 2], c: [f64; 2], b: [f64; 2], straight: bool) -> Vec<[f64; 2]> {
    if straight {
        return vec![a, b];
    }
    let at = |t: f64| [0, 1].map(|i| (1.0 - t) * (1.0 - t) * a[i] + 2.0 * t * (1.0 - t) * c[i] + t * t * b[i]);
    (0..=48).map(|k| at(f64::from(k) / 48.0)).collect()
}

/// Cuts off the start of a polyline while it is inside; one that never leaves stays as it is.
fn leave(points: &mut Vec<[f64; 2]>, inside: impl Fn([f64; 2]) -> bool) {
    let Some(k) = points.iter().position(|p| !inside(*p)) else { return };
    if k == 0 {
        return;
    }
    let (a, b) = (points[k - 1], points[k]);
    let at = |t: f64| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..30 {
        let middle = (low + high) / 2.0;
        if inside(at(middle)) { low = middle } else { high = middle }
    }
    points.splice(..k, [at(high)]);
}

fn line(
    painter: &Painter,
    scene: &mut Scene,
    zorder: f64,
    mut points: Vec<[f64; 2]>,
    props: &ArrowProps,
    (heads, scale): ([Head; 2], f64),
) {
    let edge = props.edge.unwrap_or(Color::BLACK);
    let clip = props.clipped.then_some(painter.view.bbox);
    let width = painter.px(props.width);
    let round = Pen { round: true, free: true, ..Pen::default() };
    let (long, wide) = (painter.px(4.0 * scale), painter.px(2.0 * scale));
    // The outline's corner sticks out beyond the tip it should end at.
    let back = 0.5 * width / (wide / long.hypot(wide));
    let mut extra = Vec::new();
    for head in [heads[1], heads[0]] {
        let n = points.len();
        let (before, tip) = (points[n - 2], points[n - 1]);
        let d = [tip[0] - before[0], tip[1] - before[1]];
        let size = d[0].hypot(d[1]).max(1e-9);
        let u = d.map(|v| v / size);
        if matches!(head, Head::Open | Head::Filled) {
            let end = [tip[0] - u[0] * back, tip[1] - u[1] * back];
            let wing =
                |side: f64| [end[0] - u[0] * long - u[1] * wide * side, end[1] - u[1] * long + u[0] * wide * side];
            points[n - 1] = end;
            extra.push((vec![wing(1.0), end, wing(-1.0)], head == Head::Filled));
        }
        if head == Head::Bar {
            let half = painter.px(10.0 * scale);
            let side = |s: f64| [tip[0] - u[1] * half * s, tip[1] + u[0] * half * s];
            extra.push((vec![side(1.0), side(-1.0)], false));
        }
        points.reverse();
    }
    let pen = Pen { dashes: props.dash.pen(width).dashes, ..round.clone() };
    scene.add(zorder, Item::Stroke { points, color: edge, width, pen, clip });
    for (mut points, filled) in extra {
        if filled {
            let color = props.face.unwrap_or(colors::cycle(0));
            scene.add(zorder, Item::Fill { points: points.clone(), color, clip });
            points.push(points[0]);
        }
        scene.add(zorder, Item::Stroke { points, color: edge, width, pen: round.clone(), clip });
    }
}

/// A shaft of even breadth with a head, filled and outlined.
fn broad_arrow(
    painter: &Painter,
    scene: &mut Scene,
    zorder: f64,
    points: &[[f64; 2]],
    props: &ArrowProps,
    sizes: [f64; 3],
) {
    let [shaft, head, long] = sizes.map(|v| painter.px(v));
    let (from, tip) = (points[0], points[points.len() - 1]);
    let before = points[points.len() - 2];
    let d = [tip[0] - before[0], tip[1] - before[1]];
    let size = d[0].hypot(d[1]).max(1e-9);
    let u = d.map(|v| v / size);
    let base = [tip[0] - u[0] * long, tip[1] - u[1] * long];
    let beside = |p: [f64; 2], by: f64| [p[0] - u[1] * by, p[1] + u[0] * by];
    let outline = vec![
        beside(from, shaft / 2.0),
        beside(base, shaft / 2.0),
        beside(base, head / 2.0),
        tip,
        beside(base, -head / 2.0),
        beside(base, -shaft / 2.0),
        beside(from, -shaft / 2.0),
        beside(from, shaft / 2.0),
    ];
    let face = props.face.unwrap_or(colors::cycle(0));
    let edge = props.edge.unwrap_or(Color::BLACK);
    scene.add(zorder, Item::Fill { points: outline.clone(), color: face, clip: None });
    let width = painter.px(props.width);
    scene.add(zorder, Item::Stroke { points: outline, color: edge, width, pen: Pen::default(), clip: None });
}
