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
