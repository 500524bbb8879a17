//! The legend: its entries, its size, the best place for it. `matplotlib.legend`.

use crate::artist::{Artist, Frame, Kind, LineData, LineStyle, Outline};
use crate::axes::AxesData;
use crate::backend::Pen;
use crate::colors::Color;
use crate::geometry::Bbox;
use crate::limits::View;
use crate::marker::Marker;
use crate::scene::{Item, Markers, Scene};
use crate::text::{self, HAlign, Layout, Setting, VAlign, Variant};

/// Where the legend goes, in matplotlib's order; `best` tries the others in turn.
const PLACES: [(&str, f64, f64); 10] = [
    ("upper right", 1.0, 1.0),
    ("upper left", 0.0, 1.0),
    ("lower left", 0.0, 0.0),
    ("lower right", 1.0, 0.0),
    ("right", 1.0, 0.5),
    ("center left", 0.0, 0.5),
    ("center right", 1.0, 0.5),
    ("lower center", 0.5, 0.0),
    ("upper center", 0.5, 1.0),
    ("center", 0.5, 0.5),
];

const HANDLE_HEIGHT: f64 = 0.7;
const ROUNDING: f64 = 0.2;

impl Default for Spacing {
    fn default() -> Spacing {
        Spacing {
            border_pad: 0.4,
            label_spacing: 0.5,
            handle_length: 2.0,
            handle_text_pad: 0.8,
            border_axes_pad: 0.5,
            column_spacing: 2.0,
        }
    }
}

/// Sizes of a legend's parts, in parts of the font size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spacing {
    /// Around the entries.
    pub border_pad: f64,
    pub label_spacing: f64,
    pub handle_length: f64,
    pub handle_text_pad: f64,
    pub border_axes_pad: f64,
    pub column_spacing: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct LegendData {
    pub loc: String,
    /// The place of the lower left corner instead, in parts of the axes.
    pub at: Option<[f64; 2]>,
    /// The box (left, bottom, width, height in parts of the axes) `loc` is a corner of, instead of the axes' own.
    pub anchor: Option<[f64; 4]>,
    /// The columns fill the whole width.
    pub expand: bool,
    pub spacing: Spacing,
    pub marker_scale: f64,
    pub shadow: bool,
    pub reverse: bool,
    pub title_variant: Variant,
    pub points: f64,
    pub columns: usize,
    pub title: String,
    pub title_points: f64,
    pub frame: bool,
    pub alpha: f32,
    pub face: Color,
    pub edge: Color,
    pub edge_width: f64,
    pub round: bool,
    pub color: Color,
    /// Texts given instead of the artists' own labels.
    pub labels: Option<Vec<String>>,
    /// Entries given instead of those of artists.
    pub entries: Option<Vec<(String, Handle)>>,
}

impl LegendData {
    pub fn new(axes: &AxesData) -> LegendData {
        let rc = &axes.rc;
        LegendData {
            loc: rc.legend_loc.clone(),
            at: None,
            anchor: None,
            expand: false,
            spacing: Spacing::default(),
            marker_scale: 1.0,
            shadow: false,
            reverse: false,
            title_variant: Variant::Regular,
            points: rc.points(rc.legend_size),
            columns: 1,
            title: String::new(),
            title_points: rc.font_size,
            frame: rc.legend_frame,
            alpha: rc.legend_alpha as f32,
            face: rc.legend_face.unwrap_or(axes.face),
            edge: rc.legend_edge,
            edge_width: rc.patch_width,
            round: rc.legend_round,
            color: rc.text_color,
            labels: None,
            entries: None,
        }
    }

    /// The name of a place by matplotlib's number.
    pub fn numbered(loc: i32) -> Option<&'static str> {
        match loc {
            0 => Some("best"),
            k => PLACES.get(usize::try_from(k - 1).ok()?).map(|p| p.0),
        }
    }

    /// Checks the name of a place.
    pub fn check_loc(loc: &str) -> Result<(), String> {
        if loc == "best" || PLACES.iter().any(|(name, ..)| *name == loc) {
            return Ok(());
        }
        let names: Vec<String> =
            std::iter::once("best").chain(PLACES.iter().map(|p| p.0)).map(|n| format!("'{n}'")).collect();
        Err(format!("ValueError: '{loc}' is not a valid value for loc. Supported values are {}", names.join(", ")))
    }
}

/// The small picture beside a label.
#[derive(Clone, Debug)]
pub(crate) enum Handle {
    Line {
        color: Color,
        width: f64,
        style: LineStyle,
        marker: Option<(Marker, f64, Color, Color)>,
    },
    Patch {
        color: Color,
        /// Its colour and width in points.
        edge: Option<(Color, f64)>,
        hatch: Option<(String, Color)>,
    },
    /// A line with the error bars and caps (in points) across it.
    Error {
        line: Box<Handle>,
        color: Color,
        width: f64,
        along: [bool; 2],
        capsize: f64,
    },
    Points {
        marker: Marker,
        size: f64,
        face: Color,
        edge: Color,
    },
}

/// The labelled artists of an axes, or the first ones with the texts given.
pub(crate) fn entries(axes: &AxesData, labels: Option<&[String]>) -> Vec<(String, Handle)> {
    let handles = axes.artists.iter().filter_map(|artist| {
        let own = artist.label.clone();
        if labels.is_none() && own.as_ref().is_none_or(|l| l.starts_with('_') || l.is_empty()) {
            return None;
        }
        let handle = match &artist.kind {
            Kind::Line(line) => line_handle(artist, line),
            Kind::Errorbar(data) => Handle::Error {
                line: Box::new(line_handle(artist, &data.line)),
                color: artist.faded(data.color.unwrap_or(data.line.color)),
                width: data.width.unwrap_or(data.line.width),
                along: [data.x_errors.is_some(), data.y_errors.is_some()],
                capsize: data.capsize,
            },
            Kind::Segments(s) => {
                let color = artist.faded(s.line_colors().first().copied().unwrap_or(Color::BLACK));
                Handle::Line { color, width: s.widths.first().copied().unwrap_or(1.5), style: s.style, marker: None }
            }
            Kind::Contour(c) => Handle::Line {
                color: artist.faded(c.level_colors().first().copied().unwrap_or(Color::BLACK)),
                width: c.width,
                style: c.style.unwrap_or(LineStyle::Solid),
                marker: None,
            },
            Kind::Quiver(q) => Handle::Patch { color: artist.faded(q.color), edge: None, hatch: None },
            Kind::Scatter(s) => {
                let face = artist.faded(s.values.as_ref().map_or_else(
                    || s.colors.first().copied().unwrap_or(Color::BLACK),
                    |values| s.mapping.colors(values).next().unwrap_or(Color::BLACK),
                ));
                let size = s.sizes.iter().sum::<f64>() / s.sizes.len().max(1) as f64;
                let edge = s.edge.map_or(face, |c| artist.faded(c));
                Handle::Points { marker: s.marker, size: size.sqrt(), face, edge }
            }
            Kind::Bars(bars) => {
                let bar = bars.bars.first()?;
                if bars.outline == Some(Outline::Stairs) {
                    let (color, style) = (artist.faded(bar.face), LineStyle::Solid);
                    return Some((own?, Handle::Line { color, width: bars.edge_width, style, marker: None }));
                }
                let (face, edge) = match bars.outline {
                    Some(Outline::Line) => (Color::WHITE.with_alpha(0.0), Some(bar.edge.unwrap_or(bar.face))),
                    _ => (bar.face, bar.edge),
                };
                patch_handle(artist, axes, face, (edge, bars.edge_width), bars.hatches.first())
            }
            Kind::Polygon(polygon) => {
                let face = polygon.colors.first().copied().unwrap_or(Color::BLACK);
                patch_handle(artist, axes, face, (polygon.edge, polygon.edge_width), polygon.hatch.as_ref())
            }
            Kind::Boxplot(_) | Kind::Image(_) | Kind::Text(_) => return None,
        };
        Some((own.unwrap_or_default(), handle))
    });
    match labels {
        Some(texts) => texts.iter().cloned().zip(handles.map(|(_, handle)| handle)).collect(),
        None => handles.collect(),
    }
}

impl Handle {
    /// The handle with its markers larger by a factor.
    fn scaled(&self, factor: f64) -> Handle {
        let mut scaled = self.clone();
        match &mut scaled {
            Handle::Line { marker: Some((_, size, ..)), .. } | Handle::Points { size, .. } => *size *= factor,
            _ => {}
        }
        scaled
    }
}

fn patch_handle(
    artist: &Artist,
    axes: &AxesData,
    face: Color,
    (edge, width): (Option<Color>, f64),
    hatch: Option<&String>,
) -> Handle {
    let ink = edge.filter(|c| c.a > 0.0).unwrap_or(axes.rc.patch_edge);
    Handle::Patch {
        color: artist.faded(face),
        edge: edge.map(|c| (artist.faded(c), width)),
        hatch: hatch.map(|pattern| (pattern.clone(), artist.faded(ink))),
    }
}

fn line_handle(artist: &Artist, line: &LineData) -> Handle {
    let color = artist.faded(line.color);
    let pick = |c: Option<Color>| c.map_or(color, |c| artist.faded(c));
    let marker = line.marker.map(|m| (m, line.marker_size, pick(line.marker_face), pick(line.marker_edge)));
    Handle::Line { color, width: line.width, style: line.style, marker }
}

/// An entry with its text laid out; sizes in pixels.
struct Row {
    handle: Handle,
    label: Layout,
    ascent: f64,
    descent: f64,
}

/// Draws the legend of an axes.
pub(crate) fn draw(scene: &mut Scene, data: &LegendData, axes: &AxesData, view: &View, dpi: f64) {
    let em = data.points * dpi / 72.0;
    let setting = Setting::new(data.points, HAlign::Left, VAlign::Baseline);
    // A label is at least as high as the letters l and p.
    let least = text::layout("lp", setting, dpi).bbox;
    let rows: Vec<Row> = data
        .entries
        .clone()
        .unwrap_or_else(|| entries(axes, data.labels.as_deref()))
        .into_iter()
        .map(|(text, handle)| {
            let label = text::layout(&text, setting, dpi);
            let (ascent, descent) = (label.bbox.y1.max(least.y1), -label.bbox.y0);
            Row { handle, label, ascent, descent }
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let rows: Vec<Row> = if data.reverse { rows.into_iter().rev().collect() } else { rows };
    let heading =
        Setting { variant: data.title_variant, ..Setting::new(data.title_points, HAlign::Center, VAlign::Top) };
    let title = (!data.title.is_empty()).then(|| text::layout(&data.title, heading, dpi));
    let Spacing { border_pad, label_spacing, handle_length, handle_text_pad, border_axes_pad, mut column_spacing } =
        data.spacing;
    let columns = split(&rows, data.columns.max(1));
    let spacing = label_spacing * em;
    let indent = (handle_length + handle_text_pad) * em;
    let column_width = |c: &[Row]| indent + c.iter().map(|r| r.label.bbox.width()).fold(0.0, f64::max);
    let column_height =
        |c: &[Row]| c.iter().map(|r| r.ascent + r.descent).sum::<f64>() + spacing * (c.len() - 1) as f64;
    let mut inner =
        columns.iter().map(|c| column_width(c)).sum::<f64>() + column_spacing * em * (columns.len() - 1) as f64;
    if data.expand {
        let whole = data.anchor.map_or(1.0, |a| a[2]) * view.bbox.width() - 2.0 * (border_pad + border_axes_pad) * em;
        column_spacing += (whole - inner) / (em * (columns.len() - 1).max(1) as f64);
        inner = whole;
    }
    let title_height = title.as_ref().map_or(0.0, |t| t.bbox.height() + spacing);
    let title_width = title.as_ref().map_or(0.0, |t| t.bbox.width());
    let pad = border_pad * em;
    let width = inner.max(title_width) + 2.0 * pad;
    let height = columns.iter().map(|c| column_height(c)).fold(0.0, f64::max) + title_height + 2.0 * pad;

    let frame = place(data, axes, view, [width, height], border_axes_pad * em);
    scene.cover(frame);
    if data.frame {
        let radius = if data.round { ROUNDING * em } else { 0.0 };
        if data.shadow {
            let moved = frame.shifted(2.0 * dpi / 72.0, -2.0 * dpi / 72.0);
            let part = |v: f32| 0.3 * v;
            let dark = Color { r: part(data.face.r), g: part(data.face.g), b: part(data.face.b), a: 0.5 };
            scene.add(5.0, Item::RoundedBox { frame: moved, radius, face: dark, edge: dark, width: 0.0 });
        }
        let (face, edge) = (data.face.with_alpha(data.alpha), data.edge.with_alpha(data.alpha));
        scene.add(5.0, Item::RoundedBox { frame, radius, face, edge, width: data.edge_width * dpi / 72.0 });
    }
    if let Some(title) = title {
        scene.add_text(5.0, title, [(frame.x0 + frame.x1) / 2.0, frame.y1 - pad], data.color);
    }
    let mut x = frame.x0 + pad;
    for column in columns {
        let mut top = frame.y1 - pad - title_height;
        for row in column {
            let baseline = top - row.ascent;
            draw_handle(
                scene,
                &row.handle.scaled(data.marker_scale),
                Bbox::new(x, baseline, x + handle_length * em, baseline + HANDLE_HEIGHT * em),
                dpi,
            );
            scene.add_text(5.0, row.label.clone(), [x + indent, baseline], data.color);
            top = baseline - row.descent - spacing;
        }
        x += column_width(column) + column_spacing * em;
    }
}

/// The entries in columns, the first ones longer by one where they do not come out even.
fn split(rows: &[Row], columns: usize) -> Vec<&[Row]> {
    let (even, longer) = (rows.len() / columns, rows.len() % columns);
    let mut rest = rows;
    (0..columns.min(rows.len()))
        .map(|k| {
            let (column, after) = rest.split_at(even + usize::from(k < longer));
            rest = after;
            column
        })
        .collect()
}

fn draw_handle(scene: &mut Scene, handle: &Handle, b: Bbox, dpi: f64) {
    let px = dpi / 72.0;
    let markers = |at: [f64; 2], marker, size: f64, face, edge| {
        Item::Markers(Markers {
            at: vec![at],
            marker,
            sizes: vec![size * px],
            faces: vec![face],
            edges: vec![edge],
            edge_width: px,
            centred: true,
            clip: None,
        })
    };
    match handle {
        Handle::Line { color, width, style, marker } => {
            if *style != LineStyle::None {
                let width = width * px;
                let points = vec![b.at(0.0, 0.5), b.at(1.0, 0.5)];
                scene.add(5.0, Item::Stroke { points, color: *color, width, pen: style.pen(width), clip: None });
            }
            if let Some((marker, size, face, edge)) = marker {
                scene.add(5.0, markers(b.at(0.5, 0.5), *marker, *size, *face, *edge));
            }
        }
        Handle::Error { line, color, width, along, capsize } => {
            // The bars are three quarters of the handle's height long.
            let (middle, half) = (b.at(0.5, 0.5), 0.5 * px * 10.0);
            for (_, direction) in along.iter().zip([[1.0, 0.0], [0.0, 1.0]]).filter(|(shown, _)| **shown) {
                let ends = [-half, half].map(|d| [middle[0] + d * direction[0], middle[1] + d * direction[1]]);
                let (color, width) = (*color, width * px);
                let points = ends.to_vec();
                scene.add(5.0, Item::Stroke { points, color, width, pen: Pen::default(), clip: None });
                if *capsize > 0.0 {
                    let cap = if direction[0] > 0.0 { '|' } else { '_' };
                    ends.into_iter().for_each(|at| {
                        scene.add(5.0, markers(at, Marker(cap), 2.0 * capsize, color, color));
                    });
                }
            }
            draw_handle(scene, line, b, dpi);
        }
        Handle::Patch { color, edge, hatch } => {
            let points = vec![[b.x0, b.y0], [b.x1, b.y0], [b.x1, b.y1], [b.x0, b.y1]];
            scene.add(5.0, Item::Fill { points: points.clone(), color: *color, clip: None });
            if let Some((pattern, color)) = hatch {
                let (outlines, pattern, color) = (vec![points.clone()], pattern.clone(), *color);
                scene.add(5.0, Item::Hatch { outlines, pattern, color, width: px, tile: dpi, clip: None });
            }
            if let Some((color, width)) = *edge {
                let points = points.iter().copied().chain([points[0]]).collect();
                let pen = Pen { miter: true, ..Pen::default() };
                scene.add(5.0, Item::Stroke { points, color, width: width * px, pen, clip: None });
            }
        }
        Handle::Points { marker, size, face, edge } => {
            scene.add(5.0, markers(b.at(0.5, 0.375), *marker, *size, *face, *edge));
        }
    }
}

fn place(data: &LegendData, axes: &AxesData, view: &View, [width, height]: [f64; 2], pad: f64) -> Bbox {
    if let Some([x, y]) = data.at {
        let [x, y] = view.bbox.at(x, y);
        return Bbox::new(x, y, x + width, y + height);
    }
    let anchor = data.anchor.map(|[x, y, w, h]| {
        let ([x0, y0], [x1, y1]) = (view.bbox.at(x, y), view.bbox.at(x + w, y + h));
        Bbox::new(x0, y0, x1, y1)
    });
    let room = anchor.unwrap_or(view.bbox).padded(-pad);
    let at = |fx: f64, fy: f64| {
        let (x, y) = (room.x0 + fx * (room.width() - width), room.y0 + fy * (room.height() - height));
        Bbox::new(x, y, x + width, y + height)
    };
    if let Some(&(_, fx, fy)) = PLACES.iter().find(|(name, ..)| *name == data.loc) {
        return at(fx, fy);
    }
    let obstacles = Obstacles::of(axes, view);
    let mut best = (usize::MAX, at(1.0, 1.0));
    for &(_, fx, fy) in &PLACES {
        let frame = at(fx, fy);
        let badness = obstacles.badness(frame);
        if badness < best.0 {
            best = (badness, frame);
        }
        if badness == 0 {
            break;
        }
    }
    best.1
}

/// What the legend should not cover.
#[derive(Default)]
struct Obstacles {
    boxes: Vec<Bbox>,
    lines: Vec<Vec<[f64; 2]>>,
    points: Vec<[f64; 2]>,
}

impl Obstacles {
    fn of(axes: &AxesData, view: &View) -> Obstacles {
        let mut found = Obstacles::default();
        for artist in &axes.artists {
            match &artist.kind {
                Kind::Line(l) => {
                    found.lines.push(l.x.iter().zip(&l.y).map(|(&x, &y)| view.framed(l.frame, [x, y])).collect());
                }
                Kind::Polygon(p) => found.lines.extend(
                    p.polygons.iter().map(|one| one.iter().map(|&q| view.framed(p.frame, q)).collect::<Vec<_>>()),
                ),
                Kind::Segments(s) => {
                    found.lines.extend(s.lines.iter().map(|line| line.iter().map(|&p| view.at(p)).collect::<Vec<_>>()))
                }
                Kind::Errorbar(e) => {
                    found.lines.push(e.line.x.iter().zip(&e.line.y).map(|(&x, &y)| view.at([x, y])).collect());
                }
                Kind::Quiver(q) => found.points.extend(q.x.iter().zip(&q.y).map(|(&x, &y)| view.at([x, y]))),
                Kind::Scatter(s) => found.points.extend(s.x.iter().zip(&s.y).map(|(&x, &y)| view.at([x, y]))),
                Kind::Bars(b) => found.boxes.extend(b.bars.iter().map(|bar| {
                    Bbox::around([
                        view.framed(Frame::Data, [bar.x, bar.y]),
                        view.framed(Frame::Data, [bar.x + bar.width, bar.y + bar.height]),
                    ])
                })),
                Kind::Boxplot(_) | Kind::Contour(_) | Kind::Image(_) | Kind::Text(_) => {}
            }
        }
        found
    }

    fn badness(&self, frame: Bbox) -> usize {
        let inside = |points: &[[f64; 2]]| points.iter().filter(|&&p| frame.contains(p)).count();
        self.lines.iter().map(|l| inside(l) + usize::from(frame.meets(l))).sum::<usize>()
            + inside(&self.points)
            + self.boxes.iter().filter(|b| b.overlaps(frame)).count()
    }
}
