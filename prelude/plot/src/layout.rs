//! Margins and gaps that fit the labels: `matplotlib.figure.Figure.tight_layout`.

use crate::axes::{Caption, Place};
use crate::draw;
use crate::figure::FigureData;
use crate::scene::Scene;

impl FigureData {
    /// Fits the margins to the labels, as `tight_layout`. Where they leave no room, nothing changes.
    pub fn tight_layout(&mut self) {
        let grids = self.axes.iter().filter_map(|a| match a.place {
            Place::Grid { rows, columns, .. } => Some((rows, columns)),
            _ => None,
        });
        let Some((rows, columns)) = grids.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1))) else { return };
        let (w, h) = (self.bbox().x1, self.bbox().y1);
        let pad = 1.08 * self.rc.font_size * self.dpi / 72.0;
        // How far the labels stick out of the cells, gathered at the lines between them.
        let mut upright = vec![vec![0.0f64; columns + 1]; rows];
        let mut level = vec![vec![0.0f64; columns]; rows + 1];
        for index in 0..self.axes.len() {
            let Place::Grid { rows: r, columns: c, first, last } = self.axes[index].place else { continue };
            if rows % r != 0 || columns % c != 0 {
                continue;
            }
            let mut scene = Scene::for_layout();
            draw::axes(&mut scene, self, index);
            for (k, other) in self.axes.iter().enumerate() {
                if matches!(other.place, Place::Twin { axes, .. } | Place::Colorbar { axes, .. } | Place::Inset { axes, .. } if axes == index)
                {
                    draw::axes(&mut scene, self, k);
                }
            }
            let (inner, outer) = (self.region(index), scene.extent());
            let (down, across) = (rows / r, columns / c);
            let (left, right) = ((first % c) * across, (last % c) * across + across - 1);
            let (top, bottom) = ((first / c) * down, (last / c) * down + down - 1);
            for line in &mut upright[top..=bottom] {
                line[left] += inner.x0 - outer.x0;
                line[right + 1] += outer.x1 - inner.x1;
            }
            level[top][left..=right].iter_mut().for_each(|space| *space += outer.y1 - inner.y1);
            level[bottom + 1][left..=right].iter_mut().for_each(|space| *space += inner.y0 - outer.y0);
        }
        let widest = |k: usize| upright.iter().map(|line| line[k]).fold(0.0, f64::max);
        let highest = |k: usize| level[k].iter().copied().fold(0.0, f64::max);
        // Room for the figure's own texts.
        let room = |caption: &Caption, across: bool| {
            let own = self.captions().into_iter().find(|(c, ..)| std::ptr::eq(*c, caption));
            own.map_or(0.0, |(_, layout, _)| pad + if across { layout.bbox.width() } else { layout.bbox.height() })
        };
        let above = highest(0) + pad + room(&self.suptitle, false);
        let (below, beside) = (room(&self.suplabels[0], false), room(&self.suplabels[1], true));
        let mut fitted = self.margins;
        let m = &mut fitted;
        m.left = (widest(0) + pad + beside) / w;
        m.right = 1.0 - (widest(columns) + pad) / w;
        m.bottom = (highest(rows) + pad + below) / h;
        m.top = 1.0 - above / h;
        if columns > 1 {
            let gap = ((1..columns).map(widest).fold(f64::NEG_INFINITY, f64::max) + pad) / w;
            m.wspace = gap * columns as f64 / (m.right - m.left - gap * (columns - 1) as f64);
        }
        if rows > 1 {
            let gap = ((1..rows).map(highest).fold(f64::NEG_INFINITY, f64::max) + pad) / h;
            m.hspace = gap * rows as f64 / (m.top - m.bottom - gap * (rows - 1) as f64);
        }
        if m.left < m.right && m.bottom < m.top && m.wspace >= 0.0 && m.hspace >= 0.0 {
            self.margins = fitted;
        }
    }
}
