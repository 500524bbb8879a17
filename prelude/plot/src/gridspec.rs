//! Other ways to place axes in a figure: cells and ranges of a grid, mosaics of letters, axes inside axes.
//! `matplotlib.gridspec`, `subplot_mosaic`, `Axes.inset_axes`.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo};

use crate::axes::Place;
use crate::axes_api::Axes;
use crate::handles::edit_figure;
use crate::pyplot::{Figure, figure};
use crate::series::{Element, Series};

/// A grid of a figure whose cells and ranges of cells become axes: `matplotlib.gridspec.GridSpec`.
///
/// ```
/// use flowbook_plot as plt;
/// let grid = plt::figure().add_gridspec(2, 3);
/// grid.subplot(0, ..).set_title("the whole first row");
/// grid.subplot(1, 1..);
/// # plt::close();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridSpec {
    figure: Figure,
    rows: usize,
    columns: usize,
}

/// Rows or columns of a [`GridSpec`]: a number (negative ones count from the end) or a range.
pub trait Cells {
    /// The first and the last cell out of `n`; none when there is no such cell.
    fn cells(&self, n: usize) -> Option<(usize, usize)>;
}

macro_rules! cells {
    ($($t:ty: |$cells:ident, $n:ident| $value:expr;)*) => { $(
        impl Cells for $t {
            fn cells(&self, $n: usize) -> Option<(usize, usize)> {
                let $cells = self;
                let place = |v: i32| if v < 0 { $n as i32 + v } else { v };
                let (first, last): (i32, i32) = $value(&place);
                (0 <= first && first <= last && last < $n as i32).then_some((first as usize, last as usize))
            }
        }
    )* };
}
cells! {
    i32: |cells, n| |place: &dyn Fn(i32) -> i32| (place(*cells), place(*cells));
    usize: |cells, n| |_: &dyn Fn(i32) -> i32| (*cells as i32, *cells as i32);
    RangeFull: |_cells, n| |_: &dyn Fn(i32) -> i32| (0, n as i32 - 1);
    Range<i32>: |cells, n| |place: &dyn Fn(i32) -> i32| (place(cells.start), place(cells.end) - 1);
    RangeInclusive<i32>: |cells, n| |place: &dyn Fn(i32) -> i32| (place(*cells.start()), place(*cells.end()));
    RangeFrom<i32>: |cells, n| |place: &dyn Fn(i32) -> i32| (place(cells.start), n as i32 - 1);
    RangeTo<i32>: |cells, n| |place: &dyn Fn(i32) -> i32| (0, place(cells.end) - 1);
}

impl GridSpec {
    /// Adds an axes over cells: `grid.subplot(0, ..)`, `grid.subplot(1.., -1)`; matplotlib's `fig.add_subplot(gs[0, :])`.
    ///
    /// # Panics
    /// `IndexError` when the grid has no such cells.
    #[track_caller]
    pub fn subplot(self, rows: impl Cells, columns: impl Cells) -> Axes {
        let (Some(down), Some(across)) = (rows.cells(self.rows), columns.cells(self.columns)) else {
            panic!("IndexError: index is out of bounds for a GridSpec of {} by {} cells", self.rows, self.columns);
        };
        let place = |row: usize, column: usize| row * self.columns + column + 1;
        self.figure.add_subplot_span(self.rows, self.columns, (place(down.0, across.0), place(down.1, across.1)))
    }

    /// Relative widths of the columns.
    pub fn width_ratios(self, ratios: impl Series) -> GridSpec {
        self.figure.width_ratios(ratios);
        self
    }

    /// Relative heights of the rows.
    pub fn height_ratios(self, ratios: impl Series) -> GridSpec {
        self.figure.height_ratios(ratios);
        self
    }

    /// The gap between columns, in parts of their mean width (0.2 when not set).
    pub fn wspace(self, part: impl Element) -> GridSpec {
        self.figure.subplots_adjust().wspace(part);
        self
    }

    /// The gap between rows, in parts of their mean height (0.2 when not set).
    pub fn hspace(self, part: impl Element) -> GridSpec {
        self.figure.subplots_adjust().hspace(part);
        self
    }
}

impl Figure {
    /// A grid of rows and columns for axes of several sizes.
    pub fn add_gridspec(self, rows: usize, columns: usize) -> GridSpec {
        GridSpec { figure: self, rows, columns }
    }

    /// Adds axes as a picture of letters shows them: `"AB;CC"` is A beside B, and C below both; `.` stays empty.
    ///
    /// # Panics
    /// `ValueError` for rows of different lengths or letters that fill no rectangle.
    #[track_caller]
    pub fn subplot_mosaic(self, mosaic: &str) -> Mosaic {
        let rows: Vec<Vec<char>> = mosaic
            .split([';', '\n'])
            .map(str::trim)
            .filter(|row| !row.is_empty())
            .map(|row| row.chars().filter(|c| !c.is_whitespace()).collect())
            .collect();
        let (height, width) = (rows.len(), rows.first().map_or(0, Vec::len));
        if rows.iter().any(|row| row.len() != width) {
            panic!("ValueError: All of the rows must be the same length");
        }
        let mut axes: Vec<(char, Axes)> = Vec::new();
        for (row, column) in (0..height).flat_map(|row| (0..width).map(move |column| (row, column))) {
            let name = rows[row][column];
            if name == '.' || axes.iter().any(|(n, _)| *n == name) {
                continue;
            }
            let right = (column..width).take_while(|&c| rows[row][c] == name).last().unwrap_or(column);
            let bottom = (row..height).take_while(|&r| rows[r][column] == name).last().unwrap_or(row);
            let all = rows.iter().flatten().filter(|c| **c == name).count();
            let inside = rows[row..=bottom].iter().all(|r| r[column..=right].iter().all(|c| *c == name));
            if !inside || all != (right - column + 1) * (bottom - row + 1) {
                panic!(
                    "ValueError: While trying to layout\n{mosaic}\nwe found that the label '{name}' specifies a \
                        non-rectangular or non-contiguous area."
                );
            }
            let place = |r: usize, c: usize| r * width + c + 1;
            axes.push((name, self.add_subplot_span(height, width, (place(row, column), place(bottom, right)))));
        }
        Mosaic { axes }
    }
}

/// The axes of a mosaic by their letters: `axes["A"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mosaic {
    axes: Vec<(char, Axes)>,
}

impl Mosaic {
    /// The letters and their axes, in the order of the picture.
    pub fn iter(&self) -> impl Iterator<Item = (char, Axes)> + '_ {
        self.axes.iter().copied()
    }
}

impl std::ops::Index<&str> for Mosaic {
    type Output = Axes;

    #[track_caller]
    fn index(&self, name: &str) -> &Axes {
        let found = self.axes.iter().find(|(n, _)| name.chars().eq([*n]));
        found.map_or_else(|| panic!("KeyError: '{name}'"), |(_, axes)| axes)
    }
}

/// Opens a figure with axes as a picture of letters shows them; see [`Figure::subplot_mosaic`].
///
/// # Panics
/// `ValueError` for rows of different lengths or letters that fill no rectangle.
#[track_caller]
pub fn subplot_mosaic(mosaic: &str) -> (Figure, Mosaic) {
    let figure = figure();
    let axes = figure.subplot_mosaic(mosaic);
    (figure, axes)
}

/// Adds an axes at a cell (row, column) of a grid of the current figure over some rows and columns:
/// `plt.subplot2grid((3, 3), (0, 0), rowspan=1, colspan=3)`.
///
/// # Panics
/// `IndexError` when the grid has no such cells.
#[track_caller]
pub fn subplot2grid(shape: (usize, usize), loc: (usize, usize), rowspan: usize, colspan: usize) -> Axes {
    let grid = crate::pyplot::gcf().add_gridspec(shape.0, shape.1);
    let range = |first: usize, n: usize| first as i32..(first + n.max(1)) as i32;
    grid.subplot(range(loc.0, rowspan), range(loc.1, colspan))
}

impl Axes {
    /// Adds an axes inside this one at left, bottom, width, height, in parts of it.
    pub fn inset_axes(self, bounds: [f64; 4]) -> Axes {
        let current = edit_figure(self.figure, |figure| figure.current);
        let inset = Figure { id: self.figure }.place(Place::Inset { axes: self.index, bounds });
        edit_figure(self.figure, |figure| figure.current = current.flatten());
        inset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's slices of a range of three.
    #[test]
    fn cells_of_a_grid() {
        assert_eq!((..).cells(3), Some((0, 2)));
        assert_eq!((-1).cells(3), Some((2, 2)));
        assert_eq!((1..).cells(3), Some((1, 2)));
        let last = -1;
        assert_eq!((0..last).cells(3), Some((0, 1)));
        assert_eq!((..2).cells(3), Some((0, 1)));
        assert_eq!(3.cells(3), None);
    }
}
