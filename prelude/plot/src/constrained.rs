//! Axes as large as their labels allow, worked out whenever the figure is drawn: `layout="constrained"`. Each column and row
//! has room for what sticks out of its axes, and the insides are as wide or high as their ratios say.

use crate::axes::{ColorbarRoom, Place};
use crate::draw;
use crate::figure::FigureData;
use crate::geometry::Bbox;
use crate::scene::Scene;

/// Inches around each axes.
const PAD: f64 = 0.04167;
/// The least gap between axes, in parts of the figure for each row or column.
const SPACE: f64 = 0.02;

/// How often axes are fitted.
const ROUNDS: u32 = 2;

/// What was worked out: the insides of the grid's columns and rows, and the places of colour bars, in pixels.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fitted {
    columns: Vec<(f64, f64)>,
    rows: Vec<(f64, f64)>,
    bars: Vec<(usize, Bbox)>,
}

impl Fitted {
    /// The box of cells of a grid of so many rows and columns; none for another grid.
    pub fn region(&self, shape: (usize, usize), first: usize, last: usize) -> Option<Bbox> {
        if shape != (self.rows.len(), self.columns.len()) {
            return None;
        }
        let (a, z) = (first % shape.1, last % shape.1);
        let (top, bottom) = (self.rows[first / shape.1], self.rows[last / shape.1]);
        Some(Bbox::new(self.columns[a.min(z)].0, bottom.0, self.columns[a.max(z)].1, top.1))
    }

    /// The place of a colour bar.
    pub fn bar(&self, index: usize) -> Option<Bbox> {
        self.bars.iter().find(|(k, _)| *k == index).map(|(_, b)| *b)
    }
}

/// Room before and after the inside of a column or row: for labels, and for padding and colour bars.
#[derive(Clone, Copy, Default)]
struct Margins {
    before: f64,
    after: f64,
    pad_before: f64,
    pad_after: f64,
}

impl Margins {
    fn total(&self) -> f64 {
        self.before + self.after + self.pad_before + self.pad_after
    }

    fn grow(&mut self, other: Margins) {
        self.before = self.before.max(other.before);
        self.pad_before = self.pad_before.max(other.pad_before);
    }

    fn grow_after(&mut self, other: Margins) {
        self.after = self.after.max(other.after);
        self.pad_after = self.pad_after.max(other.pad_after);
    }
}

impl FigureData {
    /// Fits the axes; where there is no room for them, nothing changes.
    pub fn constrain(&mut self) {
        // Tick labels and colour bars change with the size of the axes, so everything is done twice.
        for round in 0..ROUNDS {
            // As in matplotlib, the gaps to colour bars are first left out and then those of axes as large as that.
            let Some(fitted) = self.fit(f64::from(round % 2)) else { return };
            self.fitted = Some(fitted);
        }
    }

    fn fit(&mut self, gaps: f64) -> Option<Fitted> {
        let grids: Vec<(usize, usize)> = self
            .axes
            .iter()
            .filter_map(|a| match a.place {
                Place::Grid { rows, columns, .. } => Some((rows, columns)),
                _ => None,
            })
            .collect();
        let &(rows, columns) = grids.first()?;
        if grids.iter().any(|g| *g != (rows, columns)) {
            return None;
        }
        let (w, h) = (self.bbox().x1, self.bbox().y1);
        let pad = PAD * self.dpi;
        let mut outer = self.bbox();
        self.caption_room(&mut outer, pad);
        let space = |n: usize, whole: f64| Some(SPACE / 2.0 / n as f64 * whole).filter(|s| *s > pad).unwrap_or(pad);
        let (gap_x, gap_y) = (space(columns, w), space(rows, h));
        let mut across = vec![Margins::default(); columns];
        let mut down = vec![Margins::default(); rows];
        for index in 0..self.axes.len() {
            let Some((first, last)) = self.cells_of(index) else { continue };
            let (left, right) = (first % columns, last % columns);
            let (top, bottom) = (first / columns, last / columns);
            let edge = |at_edge: bool, gap: f64| if at_edge { pad } else { gap };
            let (inner, drawn) = (self.region(index), self.drawn(index));
            let mut x = Margins {
                before: inner.x0 - drawn.x0,
                after: drawn.x1 - inner.x1,
                pad_before: edge(left == 0, gap_x),
                pad_after: edge(right + 1 == columns, gap_x),
            };
            let mut y = Margins {
                before: drawn.y1 - inner.y1,
                after: inner.y0 - drawn.y0,
                pad_before: edge(top == 0, gap_y),
                pad_after: edge(bottom + 1 == rows, gap_y),
            };
            for (bar, room, parents) in self.bars_of(index) {
                let (all, bar) = (self.union(&parents), self.drawn(bar));
                if room.horizontal && parents.iter().any(|p| self.ends_with(index, *p, false)) {
                    y.pad_after += bar.height() + gaps * room.pad_of(true) * all.height();
                } else if !room.horizontal && parents.iter().any(|p| self.ends_with(index, *p, true)) {
                    x.pad_after += bar.width() + gaps * room.pad_of(true) * all.width();
                }
            }
            across[left].grow(x);
            across[right].grow_after(x);
            down[top].grow(y);
            down[bottom].grow_after(y);
        }
        let columns = solved(&across, outer.x0, outer.width(), &self.ratios.0)?;
        let rows = solved(&down, -outer.y1, outer.height(), &self.ratios.1)?;
        let mut fitted = Fitted { columns, rows: rows.iter().map(|(a, b)| (-b, -a)).collect(), bars: Vec::new() };
        self.place_bars(&mut fitted, &across, &down);
        Some(fitted)
    }

    /// Takes the room for the figure's own texts from `outer`, and moves them to its edge.
    fn caption_room(&mut self, outer: &mut Bbox, pad: f64) {
        let sizes: Vec<(usize, f64)> = self
            .captions()
            .iter()
            .map(|(caption, layout, _)| {
                let which = [&self.suptitle, &self.suplabels[0], &self.suplabels[1]];
                let k = which.iter().position(|c| std::ptr::eq(*c, *caption)).unwrap_or(0);
                (k, if k == 2 { layout.bbox.width() } else { layout.bbox.height() } + 2.0 * pad)
            })
            .collect();
        let h = self.bbox().y1;
        for (k, room) in sizes {
            match k {
                0 => {
                    outer.y1 -= room;
                    self.suptitle.y = self.suptitle.y.or(Some(1.0 - pad / h));
                }
                1 => {
                    outer.y0 += room;
                    self.suplabels[0].y = self.suplabels[0].y.or(Some(pad / h));
                }
                _ => outer.x0 += room,
            }
        }
    }

    /// The first and the last cell of an axes of the grid or one laid over it.
    fn cells_of(&self, index: usize) -> Option<(usize, usize)> {
        match self.axes[index].place {
            Place::Grid { first, last, .. } => Some((first, last)),
            Place::Twin { axes, .. } => self.cells_of(axes),
            _ => None,
        }
    }

    /// Whether an axes ends in the last column (or row) of another.
    fn ends_with(&self, index: usize, other: usize, across: bool) -> bool {
        let end = |k: usize| match self.axes[k].place {
            Place::Grid { columns, last, .. } => Some(if across { last % columns } else { last / columns }),
            _ => None,
        };
        end(index) == end(other)
    }

    /// What is drawn of an axes and of those inside it.
    fn drawn(&self, index: usize) -> Bbox {
        let mut scene = Scene::for_layout();
        draw::axes(&mut scene, self, index);
        for (k, other) in self.axes.iter().enumerate() {
            if matches!(other.place, Place::Inset { axes, .. } if axes == index) {
                draw::axes(&mut scene, self, k);
            }
        }
        scene.extent()
    }

    /// The colour bars that take their room from an axes, with all axes they take it from.
    fn bars_of(&self, index: usize) -> Vec<(usize, ColorbarRoom, Vec<usize>)> {
        let bars = (0..self.axes.len()).filter_map(|bar| {
            let (room, parents) = self.bar_parents(bar)?;
            parents.contains(&index).then_some((bar, room, parents))
        });
        bars.collect()
    }

    fn union(&self, axes: &[usize]) -> Bbox {
        axes.iter().map(|&k| self.region(k)).fold(Bbox::EMPTY, Bbox::union)
    }

    /// Puts colour bars beside the room of their axes' labels.
    fn place_bars(&mut self, fitted: &mut Fitted, across: &[Margins], down: &[Margins]) {
        let widths: Vec<(usize, Bbox, Bbox)> = (0..self.axes.len())
            .filter(|&k| self.bar_parents(k).is_some())
            .map(|k| (k, self.axes_box(k), self.drawn(k)))
            .collect();
        let before = self.fitted.replace(fitted.clone());
        for (bar, old, drawn) in widths {
            let Some((room, parents)) = self.bar_parents(bar) else { continue };
            let all = self.union(&parents);
            let Some((_, last)) = parents.iter().filter_map(|p| self.cells_of(*p)).max_by_key(|c| c.1) else {
                continue;
            };
            let n = across.len();
            let place = if room.horizontal {
                let long = all.width() * room.shrink;
                let (x0, high) = (all.x0 + (all.width() - long) / 2.0, long / room.aspect);
                let top = all.y0 - down[last / n].after - room.pad_of(true) * all.height() - (drawn.y1 - old.y1);
                Bbox::new(x0, top - high, x0 + long, top)
            } else {
                let long = all.height() * room.shrink;
                let (y0, wide) = (all.y0 + (all.height() - long) / 2.0, long / room.aspect);
                let left = all.x1 + across[last % n].after + room.pad_of(true) * all.width() + (old.x0 - drawn.x0);
                Bbox::new(left, y0, left + wide, y0 + long)
            };
            fitted.bars.push((bar, place));
        }
        self.fitted = before;
    }
}

/// The insides of columns between `start` and `start + whole`; none when there is no room for them.
fn solved(margins: &[Margins], start: f64, whole: f64, ratios: &[f64]) -> Option<Vec<(f64, f64)>> {
    let n = margins.len();
    let ratio = |k: usize| if ratios.len() == n { ratios[k] } else { 1.0 };
    let free = whole - margins.iter().map(Margins::total).sum::<f64>();
    let unit = free / (0..n).map(ratio).sum::<f64>();
    let mut at = start;
    let inside = margins.iter().enumerate().map(|(k, m)| {
        let from = at + m.pad_before + m.before;
        let to = from + unit * ratio(k);
        at = to + m.after + m.pad_after;
        (from, to)
    });
    (unit > 0.0).then(|| inside.collect())
}
