//! The figures of this process: which are open, which is current, and how they show. Handles find their figure here.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use flowbook_runtime::display::{self, DisplayHandle};

use crate::axes::{AxesData, Place};
use crate::figure::FigureData;
use crate::save;

/// How many closed figures stay reachable through handles.
const KEPT: usize = 16;

/// The form in which figures reach the notebook.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Format {
    Png,
    Retina,
    Svg,
}

pub(crate) struct State {
    open: Vec<(u64, FigureData)>,
    closed: VecDeque<(u64, FigureData)>,
    current: Option<u64>,
    next: u64,
    /// Outputs that show open figures already.
    live: Vec<(u64, DisplayHandle)>,
    /// Open figures show at the end of a cell.
    pub interactive: bool,
    pub format: Format,
}

static STATE: Mutex<State> = Mutex::new(State {
    open: Vec::new(),
    closed: VecDeque::new(),
    current: None,
    next: 1,
    live: Vec::new(),
    interactive: true,
    format: Format::Png,
});

/// The state, locked. A panic elsewhere leaves it whole: every change is a single assignment or push.
pub(crate) fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl State {
    /// Opens a figure and makes it the current one.
    pub fn new_figure(&mut self) -> u64 {
        display::at_cell_end(cell_ended);
        let id = self.next;
        self.next += 1;
        self.open.push((id, FigureData::new(None, None)));
        self.current = Some(id);
        id
    }

    /// The current figure, opened when there is none.
    pub fn current_figure(&mut self) -> u64 {
        self.current.unwrap_or_else(|| self.new_figure())
    }

    /// The output that shows a figure already.
    pub fn live(&self, figure: u64) -> Option<DisplayHandle> {
        self.live.iter().find(|(id, _)| *id == figure).map(|(_, shown)| shown.clone())
    }

    /// Takes the output that shows a figure.
    pub fn take_live(&mut self, figure: u64) -> Option<DisplayHandle> {
        let place = self.live.iter().position(|(id, _)| *id == figure)?;
        Some(self.live.swap_remove(place).1)
    }

    /// Notes the output that shows a figure.
    pub fn set_live(&mut self, figure: u64, shown: DisplayHandle) {
        self.live.push((figure, shown));
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
        self.live.retain(|(id, _)| self.open.iter().any(|(open, _)| open == id));
        let gone: Vec<(u64, FigureData)> = gone;
        self.closed.extend(gone);
        while self.closed.len() > KEPT {
            self.closed.pop_front();
        }
        self.current = self.open.last().map(|(id, _)| *id);
    }
}

fn cell_ended() {
    if lock().interactive {
        show_open();
    }
}

/// Shows the figures that are open and closes them.
pub(crate) fn show_open() {
    let figures: Vec<(FigureData, Option<DisplayHandle>)> = {
        let mut state = lock();
        let ids: Vec<u64> = state.open.iter().map(|(id, _)| *id).collect();
        let figures = ids
            .into_iter()
            .filter_map(|id| {
                let live = state.take_live(id);
                Some((state.figure(id)?.clone(), live))
            })
            .collect();
        state.close(None);
        figures
    };
    for (figure, live) in figures.iter().filter(|(f, _)| !f.is_empty()) {
        match live {
            Some(shown) => shown.update(save::bundle(figure)),
            None => {
                display::mime(save::bundle(figure));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate as plt;

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
