//! Lines along a field of vectors with arrows on them: `matplotlib.axes.Axes.streamplot`. How the lines are found is in
//! `stream_lines`.

use crate::artist::{Artist, Kind, SegmentsData};
use crate::axes::AxesData;
use crate::axes_api::Axes;
use crate::colormaps::Colormap;
use crate::colors::{self, Color, PointColors, Points};
use crate::furniture::one_of;
use crate::handles::{Sizes, edit_axes, valid};
use crate::series::{Element, Image, Series};
use crate::stream_lines::{Field, Rules};

/// The lines drawn by [`streamplot`](crate::streamplot), to be changed by setters.
#[derive(Clone, Debug)]
pub struct Streamplot {
    axes: Axes,
    artist: usize,
    columns: usize,
    rows: usize,
    x: Vec<f64>,
    y: Vec<f64>,
    u: Vec<f64>,
    v: Vec<f64>,
    density: [f64; 2],
    minlength: f64,
    maxlength: f64,
    direction: String,
    broken: bool,
    starts: Option<Vec<[f64; 2]>>,
    color: Color,
    /// A number for each point of the grid, shown as colours.
    values: Option<Vec<f64>>,
    widths: Vec<f64>,
    arrowsize: f64,
}

/// The places of columns (or rows) from a series or from all points of a grid.
#[track_caller]
fn places(name: &str, values: Vec<f64>, shape: &[usize], along_rows: bool) -> Vec<f64> {
    let values = match *shape {
        [_, columns] if along_rows => values[..columns.min(values.len())].to_vec(),
        [_, columns] => values.into_iter().step_by(columns.max(1)).collect(),
        _ => values,
    };
    if values.len() < 2 || values.windows(2).any(|w| w[0].partial_cmp(&w[1]) != Some(std::cmp::Ordering::Less)) {
        panic!("ValueError: '{name}' must be strictly increasing");
    }
    let step = (values[values.len() - 1] - values[0]) / (values.len() - 1) as f64;
    if values.windows(2).any(|w| (w[1] - w[0] - step).abs() > 1e-5 * step.abs() + 1e-8) {
        panic!("ValueError: '{name}' values must be equally spaced");
    }
    values
}

impl Axes {
    /// Draws lines along a field of vectors (u, v) on an even grid of columns at x and rows at y, with arrows on them.
    ///
    /// # Panics
    /// `ValueError` for places that do not increase evenly or vectors that do not fit the grid.
    #[track_caller]
    pub fn streamplot(self, x: impl Series, y: impl Series, u: impl Image, v: impl Image) -> Streamplot {
        let x = places("x", x.values(), &x.shape(), true);
        let y = places("y", y.values(), &y.shape(), false);
        let (u, v) = (u.pixels(), v.pixels());
        let (columns, rows) = (x.len(), y.len());
        if [&u, &v].iter().any(|p| (p.width, p.height, p.channels) != (columns, rows, 1)) {
            panic!("ValueError: 'u' and 'v' must match the shape of the (x, y) grid");
        }
        let made = self.edit(|axes| {
            let (color, width) = (axes.next_line_color(), axes.rc.linewidth);
            axes.artists.push(Artist::new(Kind::Segments(SegmentsData::new(Vec::new(), color, &axes.rc))));
            (axes.artists.len() - 1, color, width)
        });
        let (artist, color, width) = made.unwrap_or((0, Color::BLACK, 1.5));
        let plot = Streamplot {
            axes: self,
            artist,
            columns,
            rows,
            x,
            y,
            u: u.values,
            v: v.values,
            density: [1.0, 1.0],
            minlength: 0.1,
            maxlength: 4.0,
            direction: "both".into(),
            broken: true,
            starts: None,
            color,
            values: None,
            widths: vec![width],
            arrowsize: 1.0,
        };
        plot.drawn()
    }
}

impl Streamplot {
    fn edit(&self, f: impl FnOnce(&mut SegmentsData)) {
        edit_axes(self.axes.figure, self.axes.index, |axes: &mut AxesData| {
            if let Some(Kind::Segments(data)) = axes.artists.get_mut(self.artist).map(|a| &mut a.kind) {
                f(data);
            }
        });
    }

    fn drawn(self) -> Streamplot {
        let field = Field {
            columns: self.columns,
            rows: self.rows,
            origin: [self.x[0], self.y[0]],
            step: [self.x[1] - self.x[0], self.y[1] - self.y[0]],
            u: self.u.clone(),
            v: self.v.clone(),
        };
        let both = self.direction == "both";
        let rules = Rules {
            mask: self.density.map(|d| ((30.0 * d) as usize).max(2)),
            shortest: self.minlength,
            longest: if both { self.maxlength / 2.0 } else { self.maxlength },
            backward: self.direction != "forward",
            forward: self.direction != "backward",
            broken: self.broken,
        };
        let found = field.lines(&rules, self.starts.as_deref());
        let varied = self.widths.len() > 1;
        let (mut lines, mut values, mut widths, mut arrows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for line in found {
            let points: Vec<[f64; 2]> = line.iter().map(|&p| field.place(p)).collect();
            let mut along = Vec::with_capacity(points.len());
            points.windows(2).fold(0.0, |s, w| {
                along.push(s + (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1]));
                along[along.len() - 1]
            });
            let half = along[along.len() - 1] / 2.0;
            let k = along.partition_point(|s| *s < half).min(points.len() - 2);
            let (a, b) = (points[k], points[k + 1]);
            let first = lines.len();
            if varied || self.values.is_some() {
                lines.extend(points.windows(2).map(<[_]>::to_vec));
                let inner = &line[..line.len() - 1];
                widths.extend(inner.iter().filter(|_| varied).map(|&p| field.between(&self.widths, p)));
                let numbers = self.values.iter().flat_map(|v| inner.iter().map(|&p| field.between(v, p)));
                values.extend(numbers);
                arrows.push((first + k, a, [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]));
            } else {
                lines.push(points);
                arrows.push((first, a, [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]));
            }
        }
        self.edit(|data| {
            data.lines = lines;
            data.colors = vec![self.color];
            data.values = self.values.as_ref().map(|_| values);
            data.widths = if varied { widths } else { self.widths.clone() };
            (data.arrows, data.arrow_size) = (arrows, 10.0 * self.arrowsize);
        });
        let ends = |v: &[f64]| vec![v[0], v[v.len() - 1]];
        edit_axes(self.axes.figure, self.axes.index, |axes| {
            if let Some(artist) = axes.artists.get_mut(self.artist) {
                artist.sticky = [ends(&self.x), ends(&self.y)];
            }
        });
        self
    }

    /// How close the lines are (1 when not set): one number, or one for x and one for y.
    ///
    /// # Panics
    /// `ValueError` for other than one or two numbers, or numbers that are not positive.
    #[track_caller]
    pub fn density(self, density: impl Sizes) -> Self {
        let density = match density.sizes()[..] {
            [both] => [both; 2],
            [x, y] => [x, y],
            _ => panic!("ValueError: 'density' must be a scalar or be of length 2"),
        };
        if !density.iter().all(|d| *d > 0.0) {
            panic!("ValueError: 'density' must be positive");
        }
        Streamplot { density: density.map(|d| d.min(100.0)), ..self }.drawn()
    }

    /// One colour for all lines, or a number for each point of the grid, shown as a colour of the colour map.
    ///
    /// # Panics
    /// `ValueError` when the numbers do not fit the grid.
    #[track_caller]
    pub fn color(self, color: impl PointColors) -> Self {
        match valid(color.point_colors()) {
            Points::One(color) => Streamplot { color, values: None, ..self }.drawn(),
            Points::Each(colors) => {
                Streamplot { color: colors.first().copied().unwrap_or(colors::cycle(0)), values: None, ..self }.drawn()
            }
            Points::Values(values) => {
                if values.len() != self.u.len() {
                    panic!("ValueError: If 'color' is given, it must match the shape of the (x, y) grid");
                }
                Streamplot { values: Some(values), ..self }.drawn()
            }
        }
    }

    /// The colour map for numbers given to [`color`](Self::color), by name.
    #[track_caller]
    pub fn cmap(self, name: &str) -> Self {
        let cmap = valid(Colormap::named(name));
        self.edit(|data| data.mapping.cmap = cmap);
        self
    }

    /// The lines' width in points (1.5 when not set), or a width at each point of the grid.
    ///
    /// # Panics
    /// `ValueError` when the widths do not fit the grid.
    #[track_caller]
    pub fn linewidth(self, points: impl Sizes) -> Self {
        let widths = points.sizes();
        if widths.len() != 1 && widths.len() != self.u.len() {
            panic!("ValueError: If 'linewidth' is given, it must match the shape of the (x, y) grid");
        }
        Streamplot { widths, ..self }.drawn()
    }

    /// How large the arrows are (1 when not set).
    pub fn arrowsize(self, factor: impl Element) -> Self {
        Streamplot { arrowsize: factor.number(), ..self }.drawn()
    }

    /// The shortest line drawn, in parts of the axes (0.1 when not set).
    pub fn minlength(self, part: impl Element) -> Self {
        Streamplot { minlength: part.number(), ..self }.drawn()
    }

    /// The longest line drawn, in parts of the axes (4 when not set).
    pub fn maxlength(self, part: impl Element) -> Self {
        Streamplot { maxlength: part.number(), ..self }.drawn()
    }

    /// Points of the data that lines go through, instead of those chosen.
    ///
    /// # Panics
    /// `ValueError` for a point outside the grid.
    #[track_caller]
    pub fn start_points<A: Element, B: Element>(self, points: impl AsRef<[(A, B)]>) -> Self {
        let starts: Vec<[f64; 2]> = points.as_ref().iter().map(|(x, y)| [x.number(), y.number()]).collect();
        let inside = |v: f64, places: &[f64]| places[0] <= v && v <= places[places.len() - 1];
        if let Some([x, y]) = starts.iter().find(|p| !(inside(p[0], &self.x) && inside(p[1], &self.y))) {
            panic!("ValueError: Starting point ({x}, {y}) outside of data boundaries");
        }
        Streamplot { starts: Some(starts), ..self }.drawn()
    }

    /// Whether lines end where they come near others (they do when not set).
    pub fn broken_streamlines(self, on: bool) -> Self {
        Streamplot { broken: on, ..self }.drawn()
    }

    /// From where they start, lines go `"both"` ways, `"forward"` or `"backward"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn integration_direction(self, direction: &str) -> Self {
        valid(one_of("integration_direction", direction, &["both", "forward", "backward"]));
        Streamplot { direction: direction.to_owned(), ..self }.drawn()
    }
}
