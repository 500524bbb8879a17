//! Plots of fields of numbers: pictures, meshes, contours, arrows, and their colour bars; methods of `Axes` and the
//! setters of contours and arrows.

use crate::artist::{Frame, ImageData, Kind, LineStyle, Mapping, PolygonData};
use crate::axes::{Aspect, AxesData, ColorbarRoom, Place};
use crate::axes_api::Axes;
use crate::colorbar_setters::Colorbar;
use crate::colormaps::Colormap;
use crate::colors::{self, Color, IntoColor, IntoColors};
use crate::contour::{self, ContourData};
use crate::furniture::{FontPoints, one_of};
use crate::handles::{AxesImage, ContourSet, PolyCollection, Quiver, edit_figure, valid};
use crate::quiver::{Pivot, QuiverData};
use crate::series::{Element, Image, Names, Pixels, Series, python_tuple};

/// Places along one direction of a grid, or all places of it.
#[track_caller]
fn grid_places(name: [&str; 2], values: Vec<f64>, shape: &[usize], (rows, columns): (usize, usize)) -> Vec<f64> {
    let along_x = name[0] == "x";
    if shape.len() >= 2 {
        if shape != [rows, columns] {
            panic!("TypeError: Shapes of {} {} and z ({rows}, {columns}) do not match", name[0], python_tuple(shape));
        }
        return values;
    }
    let wanted = if along_x { columns } else { rows };
    if values.len() != wanted {
        panic!("TypeError: Length of {} ({}) must match number of {} in z ({wanted})", name[0], values.len(), name[1]);
    }
    (0..rows * columns).map(|k| values[if along_x { k % columns } else { k / columns }]).collect()
}

/// The edges of cells from their middles, or as they are.
#[track_caller]
fn cell_edges(name: &str, values: Vec<f64>, cells: usize) -> Vec<f64> {
    if values.len() == cells + 1 {
        return values;
    }
    if values.len() != cells || cells < 2 {
        panic!(
            "TypeError: Dimensions of C are incompatible with {name}: {cells} cells need {cells} middles or {} edges, \
             not {} values",
            cells + 1,
            values.len()
        );
    }
    let inner = values.windows(2).map(|w| (w[0] + w[1]) / 2.0);
    let first = values[0] - (values[1] - values[0]) / 2.0;
    let last = values[cells - 1] + (values[cells - 1] - values[cells - 2]) / 2.0;
    std::iter::once(first).chain(inner).chain([last]).collect()
}

impl Axes {
    /// Draws a two-dimensional array as a picture: numbers as colours of a map, three or four values as RGB(A).
    ///
    /// # Panics
    /// `TypeError` for a shape that is no picture's.
    #[track_caller]
    pub fn imshow(self, image: impl Image) -> AxesImage {
        let pixels = image.pixels();
        let (width, height) = (pixels.width as f64, pixels.height as f64);
        let id = self.add(|axes| {
            axes.aspect = if axes.rc.aspect_equal { Aspect::Box(1.0) } else { Aspect::Auto };
            let upper = axes.rc.origin_upper;
            axes.y.inverted = upper;
            let extent =
                if upper { [-0.5, width - 0.5, height - 0.5, -0.5] } else { [-0.5, width - 0.5, -0.5, height - 0.5] };
            let interpolation = axes.rc.interpolation.clone();
            Kind::Image(ImageData { pixels, mapping: Mapping::new(&axes.rc), extent, upper, interpolation })
        });
        AxesImage(id)
    }

    /// Draws a matrix: [`imshow`](Self::imshow) with plain cells and the column numbers at the top.
    ///
    /// # Panics
    /// As [`imshow`](Self::imshow).
    #[track_caller]
    pub fn matshow(self, matrix: impl Image) -> AxesImage {
        let image = self.imshow(matrix).interpolation("nearest");
        self.edit(|axes| axes.x.far = true);
        image
    }

    /// Draws cells of numbers as colours; x and y are the cells' edges, or their middles, along the two directions.
    ///
    /// # Panics
    /// `TypeError` when they do not fit the numbers.
    #[track_caller]
    pub fn pcolormesh(self, x: impl Series, y: impl Series, c: impl Image) -> PolyCollection {
        let pixels = numbers(c.pixels());
        let (rows, columns) = (pixels.height, pixels.width);
        let (x, y) = (cell_edges("X", x.values(), columns), cell_edges("Y", y.values(), rows));
        self.mesh(&x, &y, pixels.values)
    }

    /// [`pcolormesh`](Self::pcolormesh) over the row and column numbers: matplotlib's `pcolormesh(c)`.
    ///
    /// # Panics
    /// As [`pcolormesh`](Self::pcolormesh).
    #[track_caller]
    pub fn pcolormesh_c(self, c: impl Image) -> PolyCollection {
        let pixels = numbers(c.pixels());
        self.pcolormesh(0..=pixels.width, 0..=pixels.height, pixels)
    }

    /// Cells between edges along x and y, with a number for each, row by row.
    pub(crate) fn mesh(self, x: &[f64], y: &[f64], values: Vec<f64>) -> PolyCollection {
        let columns = x.len().saturating_sub(1);
        let corner = |k: usize| {
            let (j, i) = (k / columns, k % columns);
            vec![[x[i], y[j]], [x[i + 1], y[j]], [x[i + 1], y[j + 1]], [x[i], y[j + 1]]]
        };
        let cells = (0..values.len()).map(corner).collect();
        PolyCollection(self.add(|axes| {
            let mut mesh = PolygonData::new(cells, Frame::Data, Color::BLACK, &axes.rc);
            (mesh.values, mesh.antialiased, mesh.sticky, mesh.edge) = (Some(values), false, true, None);
            Kind::Polygon(mesh)
        }))
    }

    #[track_caller]
    fn contours(self, x: impl Series, y: impl Series, pixels: Pixels, filled: bool) -> ContourSet {
        let (rows, columns) = (pixels.height, pixels.width);
        if rows < 2 || columns < 2 {
            panic!("TypeError: Input z must be at least a (2, 2) shaped array, but has shape ({rows}, {columns})");
        }
        let x = grid_places(["x", "columns"], x.values(), &x.shape(), (rows, columns));
        let y = grid_places(["y", "rows"], y.values(), &y.shape(), (rows, columns));
        let levels = contour::automatic_levels(&pixels.values, 7);
        ContourSet(self.add(|axes| {
            let (mapping, width) = (Mapping::new(&axes.rc), axes.rc.linewidth);
            let z = pixels.values;
            Kind::Contour(ContourData {
                columns,
                rows,
                x,
                y,
                z,
                levels,
                automatic: true,
                filled,
                mapping,
                colors: None,
                width,
                style: None,
                extend: [false; 2],
                hatches: Vec::new(),
                labels: None,
            })
        }))
    }

    /// Draws lines on which the numbers of a grid are the same; x and y are its columns' and rows' places (or those of
    /// all its points, as from `meshgrid`).
    ///
    /// # Panics
    /// `TypeError` when they do not fit the grid.
    #[track_caller]
    pub fn contour(self, x: impl Series, y: impl Series, z: impl Image) -> ContourSet {
        self.contours(x, y, numbers(z.pixels()), false)
    }

    /// [`contour`](Self::contour) over the row and column numbers: matplotlib's `contour(z)`.
    ///
    /// # Panics
    /// As [`contour`](Self::contour).
    #[track_caller]
    pub fn contour_z(self, z: impl Image) -> ContourSet {
        let pixels = numbers(z.pixels());
        self.contours(0..pixels.width, 0..pixels.height, pixels, false)
    }

    /// Fills the areas between contour lines.
    ///
    /// # Panics
    /// As [`contour`](Self::contour).
    #[track_caller]
    pub fn contourf(self, x: impl Series, y: impl Series, z: impl Image) -> ContourSet {
        self.contours(x, y, numbers(z.pixels()), true)
    }

    /// [`contourf`](Self::contourf) over the row and column numbers: matplotlib's `contourf(z)`.
    ///
    /// # Panics
    /// As [`contour`](Self::contour).
    #[track_caller]
    pub fn contourf_z(self, z: impl Image) -> ContourSet {
        let pixels = numbers(z.pixels());
        self.contours(0..pixels.width, 0..pixels.height, pixels, true)
    }

    /// Draws an arrow (u, v) at each point (x, y). Steps of a descent are
    /// `quiver(x, y, dx, dy).angles("xy").scale_units("xy").scale(1)`.
    ///
    /// # Panics
    /// `ValueError` when the four differ in length.
    #[track_caller]
    pub fn quiver(self, x: impl Series, y: impl Series, u: impl Series, v: impl Series) -> Quiver {
        let [x, y, u, v] = [x.values(), y.values(), u.values(), v.values()];
        for (name, values) in [("Y", &y), ("U", &u), ("V", &v)] {
            if values.len() != x.len() {
                panic!(
                    "ValueError: Argument {name} has a size {} which does not match {}, the number of arrow positions",
                    values.len(),
                    x.len()
                );
            }
        }
        Quiver(self.add(|axes| {
            Kind::Quiver(QuiverData {
                x,
                y,
                u,
                v,
                color: Color::BLACK,
                values: None,
                mapping: Mapping::new(&axes.rc),
                angles_xy: false,
                units_xy: false,
                scale: None,
                width: None,
                pivot: Pivot::Tail,
            })
        }))
    }

    /// Puts a colour bar beside the axes, for its newest artist with numbers shown as colours.
    ///
    /// # Panics
    /// `RuntimeError` when the axes holds none.
    #[track_caller]
    pub fn colorbar(self) -> Colorbar {
        let mapped = self.edit(|axes| axes.artists.iter().rposition(|artist| artist.kind.mapped().is_some()));
        let Some(artist) = mapped.flatten() else {
            panic!(
                "RuntimeError: No mappable was found to use for colorbar creation. First define a mappable such as \
                 an image (with imshow) or a contour set (with contourf)."
            );
        };
        let axes = edit_figure(self.figure, |figure| {
            figure.axes[self.index].colorbar = Some(ColorbarRoom::VERTICAL);
            let mut bar = AxesData::new(Place::Colorbar { axes: self.index, artist });
            (bar.x.grids, bar.y.grids) = ([None; 2], [None; 2]);
            let black = bar.rc.axes_edge;
            bar.spines.iter_mut().for_each(|spine| (spine.visible, spine.color) = (true, black));
            figure.axes.push(bar);
            figure.axes.len() - 1
        });
        Colorbar { figure: self.figure, axes: axes.unwrap_or(0) }
    }
}

/// A picture that holds one number for each cell.
#[track_caller]
fn numbers(pixels: Pixels) -> Pixels {
    if pixels.channels != 1 {
        panic!("TypeError: Input z must be 2D, not 3D");
    }
    pixels
}

/// Levels of contours: how many there should be about, or the levels themselves.
pub trait Levels {
    /// The levels for these numbers.
    fn levels(&self, z: &[f64]) -> Vec<f64>;

    /// Whether they are chosen by the numbers.
    fn automatic(&self) -> bool {
        false
    }
}

macro_rules! counts {
    ($($t:ty),*) => { $(
        impl Levels for $t {
            fn levels(&self, z: &[f64]) -> Vec<f64> {
                contour::automatic_levels(z, (*self).max(1) as usize)
            }
            fn automatic(&self) -> bool {
                true
            }
        }
    )* };
}
counts!(i32, usize, u32);

impl<S: Series + ?Sized> Levels for &S {
    fn levels(&self, _: &[f64]) -> Vec<f64> {
        self.values()
    }
}

impl<T: Element, const N: usize> Levels for [T; N] {
    fn levels(&self, _: &[f64]) -> Vec<f64> {
        self.values()
    }
}

impl<T: Element> Levels for Vec<T> {
    fn levels(&self, _: &[f64]) -> Vec<f64> {
        self.values()
    }
}

impl ContourSet {
    /// The levels, or about how many there should be (7 when not set).
    ///
    /// # Panics
    /// `ValueError` when they do not increase.
    #[track_caller]
    pub fn levels(self, levels: impl Levels) -> Self {
        let mut z = Vec::new();
        self.set(|c| z.clone_from(&c.z));
        let automatic = levels.automatic();
        let levels = levels.levels(&z);
        if levels.is_empty() || levels.windows(2).any(|w| w[0].partial_cmp(&w[1]) != Some(std::cmp::Ordering::Less)) {
            panic!("ValueError: Contour levels must be increasing");
        }
        self.set(|c| {
            c.levels = if automatic { contour::without_ends(levels, c.extend) } else { levels };
            c.automatic = automatic;
        })
    }

    /// Fills what lies below the first level (`"min"`), above the last (`"max"`), or `"both"`; `"neither"` when not set.
    /// Levels that were chosen automatically lose those beyond the numbers.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn extend(self, extend: &str) -> Self {
        valid(one_of("extend", extend, &["neither", "both", "min", "max"]));
        let ends = [matches!(extend, "both" | "min"), matches!(extend, "both" | "max")];
        self.set(|c| {
            c.extend = ends;
            if c.automatic {
                c.levels = contour::without_ends(std::mem::take(&mut c.levels), ends);
            }
        })
    }

    /// A pattern for each filled area, from the first again when there are fewer; empty ones leave areas plain.
    ///
    /// # Panics
    /// `ValueError` for a letter that stands for nothing.
    #[track_caller]
    pub fn hatches(self, patterns: impl Names) -> Self {
        let patterns = valid(crate::hatch::check_all(&patterns.names()));
        self.set(|c| c.hatches = patterns)
    }

    /// The colour map, by name.
    #[track_caller]
    pub fn cmap(self, name: &str) -> Self {
        let cmap = valid(Colormap::named(name));
        self.set(|c| c.mapping.cmap = cmap)
    }

    /// One colour for all levels; negative levels of lines are then dashed.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|c| c.colors = Some(vec![color]))
    }

    /// A colour for each level, from the first again when there are fewer.
    #[track_caller]
    pub fn colors(self, colors: impl IntoColors) -> Self {
        let colors: Vec<Color> = colors::expect_all(colors);
        self.set(|c| c.colors = Some(colors).filter(|c| !c.is_empty()))
    }

    /// The number that takes the map's first colour.
    pub fn vmin(self, value: impl Element) -> Self {
        self.set(|c| c.mapping.vmin = Some(value.number()))
    }

    /// The number that takes the map's last colour.
    pub fn vmax(self, value: impl Element) -> Self {
        self.set(|c| c.mapping.vmax = Some(value.number()))
    }

    /// The lines' width in points (1.5 when not set).
    pub fn linewidths(self, points: impl Element) -> Self {
        self.set(|c| c.width = points.number())
    }

    /// `"-"`, `"--"`, `"-."` or `":"`.
    #[track_caller]
    pub fn linestyles(self, style: &str) -> Self {
        let style = valid(LineStyle::parse(style));
        self.set(|c| c.style = Some(style))
    }

    /// Writes the levels on the lines: `plt.clabel(lines)`.
    pub fn clabel(self) -> Self {
        let points = crate::rc::current().font_size;
        self.set(|c| c.labels = Some((points, None)))
    }

    /// The size of the labels on the lines in points, or by name.
    #[track_caller]
    pub fn clabel_fontsize(self, size: impl FontPoints) -> Self {
        let points = size.points();
        self.set(|c| c.labels = Some((points, c.labels.take().and_then(|l| l.1))))
    }

    /// How the numbers on the lines are written: `"{:.1f}"`.
    pub fn clabel_fmt(self, format: &str) -> Self {
        let format = Some(format.to_owned());
        let points = crate::rc::current().font_size;
        self.set(|c| c.labels = Some((c.labels.take().map_or(points, |l| l.0), format)))
    }
}

impl Quiver {
    /// One colour for all arrows.
    #[track_caller]
    pub fn color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|q| (q.color, q.values) = (color, None))
    }

    /// A number for each arrow, shown as a colour of the colour map.
    pub fn c(self, values: impl Series) -> Self {
        let values = values.values();
        self.set(|q| q.values = Some(values).filter(|v| !v.is_empty()))
    }

    /// The colour map for [`c`](Self::c), by name.
    #[track_caller]
    pub fn cmap(self, name: &str) -> Self {
        let cmap = valid(Colormap::named(name));
        self.set(|q| q.mapping.cmap = cmap)
    }

    /// `"uv"` (as on a square screen) or `"xy"` (from point to point in the data).
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn angles(self, angles: &str) -> Self {
        valid(one_of("angles", angles, &["uv", "xy"]));
        self.set(|q| q.angles_xy = angles == "xy")
    }

    /// `"xy"` counts lengths in units of the data, `"width"` in widths of the axes.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn scale_units(self, units: &str) -> Self {
        valid(one_of("scale_units", units, &["width", "xy"]));
        self.set(|q| q.units_xy = units == "xy")
    }

    /// How long a vector is drawn as one unit; chosen by the mean length when not set.
    pub fn scale(self, scale: impl Element) -> Self {
        self.set(|q| q.scale = Some(scale.number()).filter(|s| *s > 0.0))
    }

    /// The shafts' width in parts of the axes' width.
    pub fn width(self, width: impl Element) -> Self {
        self.set(|q| q.width = Some(width.number()).filter(|w| *w > 0.0))
    }

    /// The part of the arrow at its point: `"tail"`, `"middle"` or `"tip"`.
    ///
    /// # Panics
    /// `ValueError` for anything else.
    #[track_caller]
    pub fn pivot(self, pivot: &str) -> Self {
        valid(one_of("pivot", pivot, &["tail", "middle", "tip"]));
        let pivot = match pivot {
            "middle" => Pivot::Middle,
            "tip" => Pivot::Tip,
            _ => Pivot::Tail,
        };
        self.set(|q| q.pivot = pivot)
    }
}
