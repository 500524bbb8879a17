//! Odd data and arguments: a sensible picture or an error that names what is wrong, never a crash.
#![allow(clippy::needless_borrows_for_generic_args, reason = "notebook cells pass references to keep their variables")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard};

use flowbook_plot as plt;

/// The current figure belongs to the process: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn picture() -> Vec<u8> {
    let png = plt::gcf().to_png();
    plt::close();
    assert!(png.starts_with(b"\x89PNG"));
    png
}

/// The text of the panic of `f`.
fn error(f: impl FnOnce()) -> String {
    let caught = catch_unwind(AssertUnwindSafe(f)).expect_err("an error");
    plt::close();
    caught.downcast_ref::<String>().cloned().or_else(|| caught.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap()
}

/// Decomposed Hangul (as file names on macOS have it) draws the same picture as composed.
#[test]
fn hangul_in_either_form() {
    let _alone = alone();
    let draw = |title: &str, label: &str| {
        plt::plot_y(&[1, 2]).label(label);
        plt::title(title);
        plt::legend();
        picture()
    };
    let composed = draw("한글 제목", "손실");
    let decomposed = draw(
        "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} \u{110c}\u{1166}\u{1106}\u{1169}\u{11a8}",
        "\u{1109}\u{1169}\u{11ab}\u{1109}\u{1175}\u{11af}",
    );
    assert!(composed == decomposed);
    assert!(composed != draw("한 제목", "손실"));
}

#[test]
fn odd_data() {
    let _alone = alone();
    let none: [f64; 0] = [];
    plt::plot(&none, &none, "o-");
    plt::scatter(&none, &none);
    plt::hist(&none, 5);
    plt::boxplot([&none[..]]);
    picture();
    plt::plot(&[1], &[5], "");
    picture();
    plt::plot_y(&[3.0; 50]);
    picture();
    plt::plot_y(&[f64::NAN; 5]);
    plt::scatter(&[f64::NAN], &[f64::INFINITY]);
    picture();
    plt::semilogy(&[1, 2, 3], &[-1.0, 0.0, -5.0], "o-");
    picture();
    plt::loglog(&[0.0, 1e-300, 1e300], &[1e300, 1e-300, 0.0], "");
    picture();
    plt::plot_y(&[1e308, -1e308, 1e308]);
    picture();
    plt::bar(&["a"], &[f64::NAN]);
    picture();
    plt::imshow([[f64::NAN, f64::INFINITY], [1.0, -1.0]]);
    plt::colorbar();
    picture();
    plt::imshow(ndarray::Array2::<f64>::zeros((0, 0)));
    picture();
    plt::contour_z([[1.0, 1.0], [1.0, 1.0]]);
    picture();
    plt::xlim([2, 2]);
    plt::ylim([f64::NAN, f64::NAN]);
    picture();
    plt::errorbar(&[1, 2], &[3, 4]).yerr(f64::INFINITY);
    picture();
    plt::quiver(&[0], &[0], &[0], &[0]);
    picture();
    plt::text(f64::NAN, 0, "nowhere");
    plt::text(1e9, 1e9, "far away");
    picture();
}

/// A million points are drawn from a few thousand of them, and the extremes stay.
#[test]
fn many_points() {
    let _alone = alone();
    let y: Vec<f64> = (0..1_000_000u64).map(|k| ((k * 6_364_136_223) % 1009) as f64).collect();
    plt::plot_y(&y);
    assert!(picture().len() < 200_000);
}

#[test]
fn wrong_arguments_are_named() {
    let _alone = alone();
    assert_eq!(
        error(|| {
            plt::figure().figsize(1e6, 1e6);
        })
        .split(". ")
        .next(),
        Some("ValueError: Image size of 100000000x100000000 pixels is too large")
    );
    assert!(error(|| _ = plt::figure().figsize(-1, 3)).starts_with("ValueError: figure size must be positive finite"));
    assert!(error(|| _ = plt::figure().dpi(0)).starts_with("ValueError: dpi must be positive"));
    assert_eq!(error(|| plt::axis("foo")), "ValueError: Unrecognized string 'foo' to axis; try 'on' or 'off'");
    assert_eq!(
        error(|| _ = plt::errorbar(&[1, 2], &[1, 2]).yerr(&[1, 2, 3])),
        "ValueError: 'yerr' (shape: (3,)) must be a scalar or a 1D or (2, n) array-like whose shape matches 'y' (shape: \
         (2,))"
    );
    assert_eq!(
        error(|| _ = plt::errorbar(&[1, 2], &[1, 2]).yerr(-1)),
        "ValueError: 'yerr' must not contain negative values"
    );
    assert_eq!(
        error(|| _ = plt::fill_between(&[1, 2], &[1, 2, 3], 0)),
        "ValueError: 'x' has size 2, but 'y1' has an unequal size of 3"
    );
    assert_eq!(
        error(|| _ = plt::contour(&[1, 2], &[1, 2], [[1, 2, 3], [2, 3, 4]])),
        "TypeError: Length of x (2) must match number of columns in z (3)"
    );
    assert_eq!(
        error(|| _ = plt::contour_z([[1]])),
        "TypeError: Input z must be at least a (2, 2) shaped array, but has shape (1, 1)"
    );
    assert_eq!(error(|| _ = plt::hist(&[1], 0)), "ValueError: `bins` must be positive, when an integer");
    assert_eq!(error(|| _ = plt::pie(&[-1, 2])), "ValueError: Wedge sizes 'x' must be non negative values");
    assert_eq!(
        error(|| _ = plt::scatter(&[1, 2], &[1, 2]).c(&[1, 2, 3])),
        "ValueError: 'c' argument has 3 elements, which is inconsistent with 'x' and 'y' with size 2."
    );
    assert_eq!(
        error(|| _ = plt::title("a").loc("zz")),
        "ValueError: 'zz' is not a valid value for loc. Supported values are 'left', 'center', 'right'"
    );
    assert!(error(|| plt::style::use_("x")).starts_with("OSError: 'x' is not a valid package style"));
    assert!(error(|| plt::rc("lines.foo", 2)).starts_with("KeyError: 'lines.foo' is not a valid value for rcParam"));
    assert!(
        error(|| _ = plt::imshow([[1]]).interpolation("x")).starts_with("ValueError: 'x' is not a valid value for")
    );
    assert!(error(|| _ = plt::yscale("cube")).starts_with("ValueError: 'cube' is not a valid value for scale"));
    assert!(error(|| _ = plt::arrowprops().arrowstyle("zz")).starts_with("ValueError: Unknown style: 'zz'"));
    let folder = std::env::temp_dir();
    plt::plot_y(&[1]);
    let unknown = plt::savefig(folder.join("figure.xyz")).unwrap_err().to_string();
    assert_eq!(unknown, "ValueError: Format 'xyz' is not supported (supported formats: png, svg)");
    let large = plt::savefig_with(folder.join("figure.png")).dpi(1_000_000).run().unwrap_err().to_string();
    assert!(large.starts_with("ValueError: Image size of 6400000x4800000 pixels is too large"));
    plt::close();
}

/// A small generator with a fixed start: the same arguments every time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn number(&mut self) -> f64 {
        const ODD: [f64; 12] =
            [0.0, -0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300, 1e300, 1e9, 1e-9, 0.5];
        if self.below(3) == 0 { self.pick(&ODD) } else { self.below(2000) as f64 / 100.0 - 10.0 }
    }

    fn series(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.number()).collect()
    }
}

/// Draws something at random; whatever it says is a Python-like error.
fn draw_at_random(r: &mut Random) {
    const WORDS: [&str; 16] = [
        "",
        "r--",
        "go",
        "k:",
        "C1^",
        "zz",
        "log",
        "linear",
        "equal",
        "off",
        "viridis",
        "jet_r",
        "upper left",
        "o",
        "x",
        "가$x^2$",
    ];
    let n = r.pick(&[0, 1, 2, 3, 7, 50]);
    let m = if r.below(5) == 0 { r.below(5) } else { n };
    let (x, y, z) = (r.series(n), r.series(m), r.series(n));
    let word = r.pick(&WORDS);
    match r.below(24) {
        0 | 1 => _ = plt::plot(&x, &y, word).label(word),
        2 => _ = plt::scatter(&x, &y).c(&z).s(r.number()),
        3 => _ = plt::bar(&x, &y).width(r.number()),
        4 => _ = plt::hist(&x, r.below(20)),
        5 => _ = plt::errorbar(&x, &y).yerr(r.number()).xerr(&z),
        6 => _ = plt::fill_between(&x, &y, r.number()),
        7 => _ = plt::boxplot([&x, &y]),
        8 => _ = plt::quiver(&x, &y, &z, &x).scale(r.number()),
        9 => {
            let (rows, columns) = (r.below(6), r.below(6));
            let values: Vec<Vec<f64>> = (0..rows).map(|_| r.series(columns)).collect();
            _ = plt::contour_z(&values).levels(r.below(9));
        }
        10 => {
            let (rows, columns) = (r.below(40), r.below(40));
            let values: Vec<Vec<f64>> = (0..rows).map(|_| r.series(columns)).collect();
            let image = plt::imshow(&values).cmap(word);
            image.vmin(r.number()).vmax(r.number()).extent([r.number(), r.number(), r.number(), r.number()]);
        }
        11 => plt::xlim([r.number(), r.number()]),
        12 => plt::ylim([r.number(), r.number()]),
        13 => _ = plt::xscale(r.pick(&["log", "linear", "symlog", "logit"])),
        14 => _ = plt::yscale(r.pick(&["log", "linear", "symlog", "logit"])),
        15 => plt::axis(word),
        16 => _ = plt::legend().loc(word),
        17 => _ = plt::text(r.number(), r.number(), word).rotation(r.number()).fontsize(8),
        18 => {
            let ends = ((r.number(), r.number()), (r.number(), r.number()));
            plt::annotate(word, ends.0, ends.1).arrowprops(plt::arrowprops().arrowstyle("<->"));
        }
        19 => _ = plt::subplot(r.below(3), r.below(3), r.below(5)),
        20 => _ = plt::colorbar(),
        21 => _ = plt::stem(&x, &y),
        22 => _ = plt::pcolormesh(&x, &y, vec![x.clone(), z]),
        _ => plt::tight_layout(),
    }
}

#[test]
fn random_arguments() {
    let _alone = alone();
    const CLASSES: [&str; 5] = ["ValueError: ", "TypeError: ", "RuntimeError: ", "KeyError: ", "OSError: "];
    let mut r = Random(20);
    for round in 0..120 {
        for _ in 0..r.below(6) + 1 {
            let caught = catch_unwind(AssertUnwindSafe(|| draw_at_random(&mut r)));
            if let Err(text) = caught {
                let plain = text.downcast_ref::<&str>().map(|s| (*s).to_owned());
                let text = text.downcast_ref::<String>().cloned().or(plain).unwrap_or_default();
                assert!(CLASSES.iter().any(|class| text.starts_with(class)), "round {round}: {text}");
            }
        }
        if round % 4 == 0 {
            let svg = plt::gcf().to_svg();
            // Numbers stand in attributes; embedded pictures may spell anything.
            let odd = ["\"NaN", " NaN", "\"inf", " inf", "-inf"];
            let found = odd.iter().find(|word| svg.contains(**word));
            assert!(svg.ends_with("</svg>\n") && found.is_none(), "round {round}: {found:?}");
        }
        picture();
    }
}
