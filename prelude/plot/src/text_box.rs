//! Boxes around texts: their shapes, their setters, how they are drawn. `matplotlib.patches.FancyBboxPatch`.

use crate::artist::LineStyle;
use crate::backend::Pen;
use crate::colors::{self, Color, IntoColor};
use crate::geometry::Bbox;
use crate::handles::valid;
use crate::scene::{Item, Scene};
use crate::series::Element;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Square,
    Round,
    Round4,
    Circle,
    Ellipse,
    LeftArrow,
    RightArrow,
    DoubleArrow,
}

const SHAPES: [(&str, Shape); 8] = [
    ("circle", Shape::Circle),
    ("darrow", Shape::DoubleArrow),
    ("ellipse", Shape::Ellipse),
    ("larrow", Shape::LeftArrow),
    ("rarrow", Shape::RightArrow),
    ("round", Shape::Round),
    ("round4", Shape::Round4),
    ("square", Shape::Square),
];

/// The look of a box around a text: `bbox=dict(boxstyle="round", facecolor="wheat", alpha=0.5)` is
/// `plt::bbox().boxstyle("round").facecolor("wheat").alpha(0.5)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BboxProps {
    shape: Shape,
    /// Space around the text in parts of its size; four points when not set.
    pad: Option<f64>,
    rounding: Option<f64>,
    face: Color,
    edge: Color,
    width: f64,
    style: LineStyle,
    alpha: Option<f32>,
}

/// The look of a box around a text, to be changed by setters: blue with a black outline at first.
pub fn bbox() -> BboxProps {
    BboxProps {
        shape: Shape::Square,
        pad: None,
        rounding: None,
        face: colors::cycle(0),
        edge: Color::BLACK,
        width: 1.0,
        style: LineStyle::Solid,
        alpha: None,
    }
}

impl BboxProps {
    /// `"square"`, `"round"`, `"round4"`, `"circle"`, `"ellipse"`, `"larrow"`, `"rarrow"` or `"darrow"`; the space around
    /// the text may follow, in parts of its size: `"round,pad=0.5"`, and the corners' radius: `",rounding_size=0.2"`.
    ///
    /// # Panics
    /// `ValueError` for any other shape, or a word that is not understood.
    #[track_caller]
    pub fn boxstyle(self, style: &str) -> Self {
        let mut parts = style.split(',').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let Some((_, shape)) = SHAPES.iter().find(|(n, _)| *n == name) else {
            let known: Vec<String> = SHAPES.iter().map(|(n, _)| format!("'{n}'")).collect();
            panic!("ValueError: Unknown style: '{style}'. Supported styles are {}", known.join(", "));
        };
        let mut props = BboxProps { shape: *shape, pad: Some(self.pad.unwrap_or(0.3)), ..self };
        for part in parts {
            match part.split_once('=').and_then(|(key, v)| Some((key.trim(), v.trim().parse().ok()?))) {
                Some(("pad", pad)) => props.pad = Some(pad),
                Some(("rounding_size", size)) => props.rounding = Some(size),
                _ => panic!("ValueError: Incorrect style argument: '{style}'. Write 'round,pad=0.5,rounding_size=0.2'"),
            }
        }
        props
    }

    /// What the box is filled with.
    #[track_caller]
    pub fn facecolor(self, color: impl IntoColor) -> Self {
        BboxProps { face: colors::expect(color), ..self }
    }

    /// The colour of its outline; `"none"` for no outline.
    #[track_caller]
    pub fn edgecolor(self, color: impl IntoColor) -> Self {
        BboxProps { edge: colors::expect(color), ..self }
    }

    /// The outline's width in points (1 when not set).
    pub fn linewidth(self, points: impl Element) -> Self {
        BboxProps { width: points.number(), ..self }
    }

    /// `"-"`, `"--"`, `"-."` or `":"` for the outline.
    #[track_caller]
    pub fn linestyle(self, style: &str) -> Self {
        BboxProps { style: valid(LineStyle::parse(style)), ..self }
    }

    /// The opacity of face and outline, from 0 to 1.
    pub fn alpha(self, alpha: impl Element) -> Self {
        BboxProps { alpha: Some(alpha.number() as f32), ..self }
    }

    /// Space around the text in parts of its size.
    pub fn pad(self, part: impl Element) -> Self {
        BboxProps { pad: Some(part.number()), ..self }
    }

    /// The box about a text's, for a size in points and pixels for each point.
    pub(crate) fn around(&self, text: Bbox, points: f64, px: f64) -> Bbox {
        text.padded(self.pad.map_or(4.0, |pad| pad * points) * px)
    }
}

/// A box around a text: the colour of its face, or all of its look.
pub trait IntoBbox {
    /// The look.
    #[track_caller]
    fn props(self) -> BboxProps;
}

impl IntoBbox for BboxProps {
    fn props(self) -> BboxProps {
        self
    }
}

macro_rules! faces {
    ($($t:ty),*) => { $(
        impl IntoBbox for $t {
            #[track_caller]
            fn props(self) -> BboxProps {
                let face = colors::expect(self);
                // The outline has the face's opacity.
                BboxProps { face, edge: Color::BLACK.with_alpha(face.a), ..bbox() }
            }
        }
    )* };
}
faces!(&str, Color, (f64, f64, f64), (f64, f64, f64, f64));

/// Draws the box of a text of a size in points; `px` is pixels for each point.
pub(crate) fn draw(scene: &mut Scene, zorder: f64, props: &BboxProps, text: Bbox, points: f64, px: f64) {
    let b = props.around(text, points, px);
    let pad = (b.x1 - text.x1).max(0.0);
    scene.cover(b);
    let faded = |c: Color| props.alpha.map_or(c, |a| c.with_alpha(if c.a == 0.0 { 0.0 } else { a }));
    let (face, edge, width) = (faded(props.face), faded(props.edge), props.width * px);
    if props.shape == Shape::Square && props.style == LineStyle::Solid {
        scene.add(zorder, Item::RoundedBox { frame: b, radius: 0.0, face, edge, width });
        return;
    }
    let usual = if props.shape == Shape::Round4 { pad / 2.0 } else { pad };
    let points = outline(props.shape, b, pad, props.rounding.map_or(usual, |r| r * points * px));
    scene.add(zorder, Item::Fill { points: points.clone(), color: face, clip: None });
    let pen = Pen { miter: true, free: true, projecting: false, ..props.style.pen(width) };
    scene.add(zorder, Item::Stroke { points, color: edge, width, pen, clip: None });
}

/// A parabola from `a` to `b` with a control point, without its start.
fn bend(a: [f64; 2], c: [f64; 2], b: [f64; 2]) -> impl Iterator<Item = [f64; 2]> {
    (1..=12).map(move |k| {
        let t = f64::from(k) / 12.0;
        [0, 1].map(|i| (1.0 - t) * (1.0 - t) * a[i] + 2.0 * t * (1.0 - t) * c[i] + t * t * b[i])
    })
}

/// The closed outline of a shape about a box that leaves `pad` pixels around the text.
fn outline(shape: Shape, b: Bbox, pad: f64, rounding: f64) -> Vec<[f64; 2]> {
    let Bbox { x0, y0, x1, y1 } = b;
    let arrow = |x: f64, sign: f64, half: f64| {
        // A head whose corners stick out by a quarter of the box's height.
        let (middle, neck) = ((y0 + y1) / 2.0, x - sign * half / 2.0);
        let wing = y1 + half / 2.0;
        vec![[neck, y1], [neck, wing], [x + sign * half, middle], [neck, 2.0 * middle - wing], [neck, y0]]
    };
    let mut points = match shape {
        Shape::Square => vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]],
        Shape::Circle | Shape::Ellipse => {
            let [cx, cy] = b.at(0.5, 0.5);
            let (rx, ry) = if shape == Shape::Circle {
                let r = b.width().max(b.height()) / 2.0;
                (r, r)
            } else {
                (b.width() / 2f64.sqrt(), b.height() / 2f64.sqrt())
            };
            (0..72)
                .map(|k| f64::to_radians(5.0 * f64::from(k)))
                .map(|a| [cx + rx * a.cos(), cy + ry * a.sin()])
                .collect()
        }
        Shape::Round => {
            let r = rounding;
            let corners = [
                ([x1 - r, y0], [x1, y0], [x1, y0 + r]),
                ([x1, y1 - r], [x1, y1], [x1 - r, y1]),
                ([x0 + r, y1], [x0, y1], [x0, y1 - r]),
                ([x0, y0 + r], [x0, y0], [x0 + r, y0]),
            ];
            corners.into_iter().flat_map(|(a, c, z)| std::iter::once(a).chain(bend(a, c, z))).collect()
        }
        Shape::Round4 => {
            let (x0, y0, x1, y1) = (x0 + rounding, y0 + rounding, x1 - rounding, y1 - rounding);
            let cubic = |a: [f64; 2], c: [f64; 2], e: [f64; 2], z: [f64; 2]| {
                (1..=16).map(f64::from).map(|k| k / 16.0).map(move |t| {
                    let u = 1.0 - t;
                    [0, 1]
                        .map(|i| u * u * u * a[i] + 3.0 * t * u * u * c[i] + 3.0 * t * t * u * e[i] + t * t * t * z[i])
                })
            };
            let r = rounding;
            cubic([x0, y0], [x0 + r, y0 - r], [x1 - r, y0 - r], [x1, y0])
                .chain(cubic([x1, y0], [x1 + r, y0 + r], [x1 + r, y1 - r], [x1, y1]))
                .chain(cubic([x1, y1], [x1 - r, y1 + r], [x0 + r, y1 + r], [x0, y1]))
                .chain(cubic([x0, y1], [x0 - r, y1 - r], [x0 - r, y0 + r], [x0, y0]))
                .collect()
        }
        Shape::LeftArrow | Shape::RightArrow | Shape::DoubleArrow => {
            let half = b.height() / 2.0;
            let right =
                if shape == Shape::LeftArrow { vec![[x1, y1], [x1, y0]] } else { arrow(x1 - pad / 1.4, 1.0, half) };
            let left = if shape == Shape::RightArrow {
                vec![[x0, y0], [x0, y1]]
            } else {
                arrow(x0 + pad / 1.4, -1.0, half).into_iter().rev().collect()
            };
            right.into_iter().chain(left).collect()
        }
    };
    points.extend(points.first().copied());
    points
}
