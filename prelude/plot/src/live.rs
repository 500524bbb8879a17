//! Figures that change while a cell runs: outputs that are drawn again in place. `plt.pause`, `plt.draw`, `plt.ion`.

use std::time::{Duration, Instant};

use flowbook_runtime::{display, interrupt};

use crate::handles::edit_figure;
use crate::pyplot::{Figure, gcf};
use crate::series::Element;
use crate::state;

/// A figure's output under a cell.
#[derive(Clone, Debug)]
pub struct FigureDisplay {
    figure: Figure,
    shown: display::DisplayHandle,
}

impl FigureDisplay {
    /// Shows a figure and closes it.
    pub(crate) fn of(figure: Figure) -> FigureDisplay {
        let live = state::lock().take_live(figure.id);
        let shown = match live {
            Some(shown) => {
                shown.update(bundle(figure));
                shown
            }
            None => display::mime(bundle(figure)),
        };
        state::lock().close(Some(figure.id));
        FigureDisplay { figure, shown }
    }

    /// Replaces the output by the figure as it is now.
    pub fn update(&self) {
        self.shown.update(bundle(self.figure));
    }
}

fn bundle(figure: Figure) -> flowbook_runtime::frame::MimeBundle {
    let data = edit_figure(figure.id, |figure| figure.clone());
    data.map(|figure| crate::save::bundle(&figure)).unwrap_or_default()
}

/// Shows the current figure as it is now: at first as a new output of the cell, later in the same place.
pub fn draw() {
    let figure = gcf();
    let bundle = bundle(figure);
    let live = state::lock().live(figure.id);
    match live {
        Some(shown) => shown.update(bundle),
        None => {
            let shown = display::mime(bundle);
            state::lock().set_live(figure.id, shown);
        }
    }
}

/// Shows the current figure in place, as [`draw`], and waits: live loss curves and animations.
///
/// ```
/// use flowbook_plot as plt;
/// let mut losses = vec![];
/// for step in 0..3 {
///     losses.push(1.0 / (1.0 + f64::from(step)));
///     plt::cla();
///     plt::plot_y(&losses);
///     plt::pause(0.01);
/// }
/// plt::show();
/// ```
///
/// # Panics
/// `KeyboardInterrupt` when the cell is interrupted.
#[track_caller]
pub fn pause(seconds: impl Element) {
    draw();
    let end = Instant::now() + Duration::try_from_secs_f64(seconds.number()).unwrap_or_default();
    loop {
        assert!(!interrupt::requested(), "KeyboardInterrupt: the cell was interrupted");
        let Some(left) = end.checked_duration_since(Instant::now()).filter(|d| !d.is_zero()) else { return };
        std::thread::sleep(left.min(Duration::from_millis(20)));
    }
}

/// Figures show by themselves at the end of a cell (the normal state).
pub fn ion() {
    state::lock().interactive = true;
}

/// Figures stay open and unseen until [`show`](crate::show) or [`draw`] is called.
pub fn ioff() {
    state::lock().interactive = false;
}

/// Whether figures show by themselves at the end of a cell.
pub fn isinteractive() -> bool {
    state::lock().interactive
}

/// How pictures reach the notebook: `"png"`; `"retina"` for twice as many pixels shown at the same size, for screens
/// with high density; or `"svg"`. `%config InlineBackend.figure_format`.
///
/// # Panics
/// `ValueError` for anything else.
#[track_caller]
pub fn figure_format(format: &str) {
    crate::handles::valid(crate::furniture::one_of("figure_format", format, &["png", "retina", "svg"]));
    state::lock().format = match format {
        "retina" => state::Format::Retina,
        "svg" => state::Format::Svg,
        _ => state::Format::Png,
    };
}
