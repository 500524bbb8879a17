//! The figures of this process: which are open, which is current, and how they show. Handles find their figure here.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use flowbook_runtime::display;

use crate::axes::{AxesData, Place};
use crate::figure::FigureData;
use crate::png;

/// How many closed figures stay reachable through handles.
const KEPT: usize = 16;

pub(crate) struct State {
    open: Vec<(u64, FigureData)>,
    closed: VecDeque<(u64, FigureData)>,
    current: Option<u64>,
    next: u64,
}

static STATE: Mutex<State> = Mutex::new(State { open: Vec::new(), closed: VecDeque::new(), current: None, next: 1 });

/// The state, locked. A panic elsewhere leaves it whole: every change is a single assignment or push.
pub(crate) fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl State {
    /// Opens a figure and makes it the current one.
    pub fn new_figure(&mut self, size: (f64, f64), dpi: f64) -> u64 {
        display::at_cell_end(show_open);
        let id = self.next;
        self.next += 1;
        self.open.push((id, FigureData::new(size, dpi)));
        self.current = Some(id);
        id
    }

    /// The current figure, opened when there is none.
    pub fn current_figure(&mut self) -> u64 {
        self.current.unwrap_or_else(|| self.new_figure((6.4, 4.8), 100.0))
    }

    pub fn set_current(&mut self, figure: u64, axes: Option<usize>) {
        if self.open.iter().any(|(id, _)| *id == figure) {
            self.current = Some(figure);
        }
        if let (Some(axes), Some(figure)) = (axes, self.figure(figure)) {
            figure.current = Some(axes);
        }
    }

    /// A figure by its id, open or recently closed.
    pub fn figure(&mut self, id: u64) -> Option<&mut FigureData> {
        let all = self.open.iter_mut().chain(self.closed.iter_mut());
        all.into_iter().find(|(i, _)| *i == id).map(|(_, figure)| figure)
    }

    /// The current axes of the current figure, made when there is none.
    pub fn current_axes(&mut self) -> (u64, usize) {
        let id = self.current_figure();
        (id, self.axes_of(id))
    }

    /// The current axes of a figure, made when there is none.
    pub fn axes_of(&mut self, id: u64) -> usize {
        let Some(figure) = self.figure(id) else { return 0 };
        if let Some(index) = figure.current {
            return index;
        }
        figure.axes.push(AxesData::new(Place::Grid { rows: 1, columns: 1, first: 0, last: 0 }));
        figure.current = Some(figure.axes.len() - 1);
        figure.axes.len() - 1
    }

    /// Closes the current figure, when there is one.
    pub fn close_current(&mut self) {
        if let Some(current) = self.current {
            self.close(Some(current));
        }
    }

    /// Closes one figure, or all.
    pub fn close(&mut self, which: Option<u64>) {
        let (gone, kept) =
            std::mem::take(&mut self.open).into_iter().partition(|(id, _)| which.is_none_or(|w| w == *id));
        self.open = kept;
        let gone: Vec<(u64, FigureData)> = gone;
        self.closed.extend(gone);
        while self.closed.len() > KEPT {
            self.closed.pop_front();
        }
        self.current = self.open.last().map(|(id, _)| *id);
    }
}

/// Shows the figures that are open and closes them.
pub(crate) fn show_open() {
    let figures: Vec<FigureData> = {
        let mut state = lock();
        let figures = state.open.iter().map(|(_, figure)| figure.clone()).collect();
        state.close(None);
        figures
    };
    for figure in figures.iter().filter(|f| !f.axes.is_empty() || !f.texts.is_empty() || !f.suptitle.text.is_empty()) {
        display::png(picture(figure), &figure.plain());
    }
}

/// The PNG a notebook shows of a figure.
pub(crate) fn picture(figure: &FigureData) -> Vec<u8> {
    png::encode(&figure.draw_tight().pixmap, figure.dpi)
}

#[cfg(test)]
mod tests {
    use crate::pyplot as plt;

    /// A closed figure is no longer current, but its handle still draws; the next call opens a new one.
    #[test]
    fn figures_open_and_close() {
        let first = plt::figure().figsize(4, 3);
        plt::plot_y([1, 2, 3]);
        assert_eq!(plt::gcf(), first);
        let second = plt::figure();
        assert_eq!(plt::gcf(), second);
        plt::close();
        assert_eq!(plt::gcf(), first);
        super::show_open();
        assert_ne!(plt::gcf(), first);
        assert!(first.to_png().starts_with(b"\x89PNG"));
        assert!(first.savefig("figure.pdf").unwrap_err().to_string().starts_with("ValueError: Format 'pdf' is not"));
        plt::close();
    }
}
