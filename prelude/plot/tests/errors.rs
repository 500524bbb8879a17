//! Wrong input panics with matplotlib's own texts, at the caller's line.

#![allow(clippy::needless_borrows_for_generic_args, reason = "notebook cells pass references to keep their variables")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use flowbook_plot as plt;

/// The text of the panic, which must come from this file.
fn text_of(f: impl FnOnce()) -> String {
    static ONE: Mutex<()> = Mutex::new(());
    static PLACE: Mutex<String> = Mutex::new(String::new());
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    std::panic::set_hook(Box::new(|info| {
        *PLACE.lock().unwrap() = info.location().map(|l| l.file().to_owned()).unwrap_or_default();
    }));
    let caught = catch_unwind(AssertUnwindSafe(f));
    let _ = std::panic::take_hook();
    plt::close();
    assert!(PLACE.lock().unwrap().ends_with("errors.rs"), "panicked at {}", PLACE.lock().unwrap());
    let payload = caught.expect_err("a panic");
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap()
}

#[test]
fn texts_are_matplotlibs() {
    assert_eq!(
        text_of(|| {
            plt::plot(&[1, 2, 3], &[1, 2, 3, 4], "");
        }),
        "ValueError: x and y must have same first dimension, but have shapes (3,) and (4,)"
    );
    assert_eq!(
        text_of(|| {
            plt::scatter(&[1, 2], &[1]);
        }),
        "ValueError: x and y must be the same size"
    );
    assert_eq!(
        text_of(|| {
            plt::bar(&[1, 2, 3], &[1, 2]);
        }),
        "ValueError: shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between 'x' with shape \
         (3,) and 'height' with shape (2,)."
    );
    assert_eq!(
        text_of(|| {
            plt::plot(&[1], &[1], "zz");
        }),
        "ValueError: 'zz' is not a valid format string (unrecognized character 'z')"
    );
    assert!(
        text_of(|| {
            plt::plot_y(&[1]).color("nocolor");
        })
        .starts_with("ValueError: 'nocolor' is not a valid value for color: supported inputs are (r, g, b) and")
    );
    assert!(
        text_of(|| {
            plt::imshow([[1, 2], [3, 4]]).cmap("nomap");
        })
        .starts_with("ValueError: 'nomap' is not a valid value for cmap. Supported values are ")
    );
    assert_eq!(
        text_of(|| {
            plt::subplot(2, 2, 5);
        }),
        "ValueError: num must be an integer with 1 <= num <= 4, not 5"
    );
    assert!(
        text_of(|| {
            plt::colorbar();
        })
        .starts_with("RuntimeError: No mappable was found")
    );
    assert_eq!(
        text_of(|| {
            plt::imshow(ndarray::Array4::<f32>::zeros((2, 2, 2, 2)));
        }),
        "TypeError: Invalid shape (2, 2, 2, 2) for image data"
    );
    assert!(
        text_of(|| {
            plt::xticks(0..3).labels(&["a", "b"]);
        })
        .starts_with("ValueError: The number of FixedLocator locations (3)")
    );
    assert_eq!(
        text_of(|| {
            plt::plot_y(&[1]).marker("zz");
        }),
        "ValueError: Unrecognized marker style 'zz'"
    );
}

/// The texts of functions for statistics, scales and layouts.
#[test]
fn texts_of_more_functions() {
    let starts = |f: fn(), text: &str| {
        let found = text_of(f);
        assert!(found.starts_with(text), "{found}");
    };
    starts(|| _ = plt::bar(&[1], &[1]).hatch("?"), "ValueError: hatch must consist of a string of");
    starts(|| _ = plt::bar(&[1, 2], &[1, 2]).bottom([1, 2, 3]), "ValueError: shape mismatch: objects cannot be");
    starts(
        || _ = plt::bar(&[1, 2], &[1, 2]).tick_label(["a"]),
        "ValueError: number of labels (1) does not match number of bars (2).",
    );
    starts(
        || _ = plt::yscale("cubic"),
        "ValueError: 'cubic' is not a valid value for scale. Supported values are 'linear', 'log', 'symlog', 'logit'",
    );
    starts(|| _ = plt::yscale("symlog").linthresh(0), "ValueError: 'linthresh' must be positive");
    starts(|| _ = plt::hist(&[1.0, 2.0], "many"), "ValueError: 'many' is not a valid estimator for `bins`");
    starts(|| _ = plt::hist(&[1.0, 2.0], 3).weights(&[1.0]), "ValueError: weights should have the same shape as x");
    starts(
        || _ = plt::stairs(&[1, 2], &[0, 1]),
        "ValueError: Size mismatch between \"values\" and \"edges\". Expected `len(values) + 1 == len(edges)`, but \
         `len(values) = 2` and `len(edges) = 2`.",
    );
    starts(
        || _ = plt::violinplot([vec![1.0, 2.0], vec![2.0, 3.0]]).positions([1]),
        "ValueError: List of violinplot statistics and `positions` values must have the same length",
    );
    starts(
        || _ = plt::eventplot([1.0, 2.0]).linelengths([1, 2, 3]),
        "ValueError: linelengths and positions are unequal sized sequences",
    );
    starts(|| _ = plt::subplot_mosaic("AAB;AC"), "ValueError: All of the rows must be the same length");
    starts(|| _ = plt::subplot_mosaic("AB;BA"), "ValueError: While trying to layout");
    starts(|| _ = plt::figure().add_gridspec(2, 2).subplot(2, 0), "IndexError: index is out of bounds");
    starts(|| _ = plt::figure().layout("loose"), "ValueError: 'loose' is not a valid value for layout");
    starts(
        || _ = plt::streamplot([0, 1, 3], [0, 1], [[1, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 1, 1]]),
        "ValueError: 'x' values must be equally spaced",
    );
    starts(
        || _ = plt::streamplot([0, 1], [0, 1], [[1, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 1, 1]]),
        "ValueError: 'u' and 'v' must match the shape of the (x, y) grid",
    );
    starts(
        || _ = plt::legend().loc(12),
        "ValueError: loc must be string, coordinate tuple, or an integer 0-10, not 12",
    );
    starts(
        || _ = plt::text(0, 0, "").bbox(plt::bbox().boxstyle("cloud")),
        "ValueError: Unknown style: 'cloud'. Supported styles are 'circle'",
    );
    starts(|| _ = plt::MultipleLocator(0), "ValueError: 'step' must be positive");
    starts(
        || _ = plt::gca().spines("left").set_position(("inward", 3)),
        "ValueError: 'inward' is not a valid value for position",
    );
    starts(|| _ = plt::title("").fontweight("fat"), "ValueError: 'fat' is not a valid weight");
    starts(|| _ = plt::contourf_z([[1, 2], [3, 4]]).extend("up"), "ValueError: 'up' is not a valid value for extend");
}
