//! `np.set_printoptions` and its kin: print options set for good, for a while, or for one text.
//! How arrays print is in `format`.

use std::fmt;

use crate::array::Array;
use crate::error::Error;
use crate::format::options::{FloatMode, Options, Sign, change, current};
use crate::format::{Style, array_text};
use crate::literal::ArrayLike;

/// Print options being set; each method sets one. Made by [`set_printoptions`] and [`printoptions`].
pub struct PrintOptions {
    /// What comes back when this is dropped.
    before: Option<Options>,
}

/// `np.set_printoptions(precision=3, suppress=True)`: how arrays print from here on, each option a method.
///
/// ```
/// use flowbook::np;
/// np::set_printoptions().precision(3).suppress(true);
/// assert_eq!(np::array([1.23456, 1e-7]).to_string(), "[1.235 0.   ]");
/// # np::set_printoptions().precision(8).suppress(false);
/// ```
pub fn set_printoptions() -> PrintOptions {
    PrintOptions { before: None }
}

/// `with np.printoptions(precision=3):`: how arrays print for as long as the result is kept.
///
/// ```
/// use flowbook::np;
/// let options = np::printoptions().precision(2);
/// assert_eq!(np::array([2.0 / 3.0]).to_string(), "[0.67]");
/// drop(options);
/// assert_eq!(np::array([2.0 / 3.0]).to_string(), "[0.66666667]");
/// ```
#[must_use = "the options hold for as long as this is kept: let _options = np::printoptions()..."]
pub fn printoptions() -> PrintOptions {
    PrintOptions { before: Some(current()) }
}

impl Drop for PrintOptions {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            change(|options| *options = before);
        }
    }
}

/// The options that [`PrintOptions`] and [`Array2string`] have in common; `$set` applies a change.
macro_rules! settings {
    ($t:ty, |$this:ident, $change:ident| $set:expr) => {
        impl $t {
            fn with(
                #[allow(unused_mut, reason = "one of the two changes itself")] mut self,
                $change: impl FnOnce(&mut Options),
            ) -> $t {
                let $this = &mut self;
                $set;
                self
            }

            /// `precision=...`: digits after the point at most; 8 unless set.
            pub fn precision(self, digits: usize) -> $t {
                self.with(|options| options.precision = digits)
            }

            /// `threshold=...`: arrays of more elements are printed by their corners; 1000 unless set.
            pub fn threshold(self, elements: usize) -> $t {
                self.with(|options| options.threshold = elements)
            }

            /// `edgeitems=...`: elements at each end of an axis of a large array; 3 unless set.
            pub fn edgeitems(self, elements: usize) -> $t {
                self.with(|options| options.edgeitems = elements)
            }

            /// `suppress=True`: small numbers print as zeros in place of turning the array scientific.
            pub fn suppress(self, suppress: bool) -> $t {
                self.with(|options| options.suppress = suppress)
            }

            /// `sign=...`: `"-"` for no sign before other numbers than negative ones, `"+"`, `" "`.
            ///
            /// # Panics
            /// `ValueError` for another text.
            #[track_caller]
            pub fn sign(self, sign: &str) -> $t {
                let sign = match sign {
                    "-" => Sign::Nothing,
                    "+" => Sign::Plus,
                    " " => Sign::Blank,
                    _ => Error::Value("sign option must be one of ' ', '+', or '-'".into()).raise(),
                };
                self.with(|options| options.sign = sign)
            }

            /// `floatmode=...`: `"fixed"`, `"unique"`, `"maxprec"`, `"maxprec_equal"`.
            ///
            /// # Panics
            /// `ValueError` for another text.
            #[track_caller]
            pub fn floatmode(self, mode: &str) -> $t {
                let mode = match mode {
                    "fixed" => FloatMode::Fixed,
                    "unique" => FloatMode::Unique,
                    "maxprec" => FloatMode::MaxPrec,
                    "maxprec_equal" => FloatMode::MaxPrecEqual,
                    _ => Error::Value(
                        "floatmode option must be one of \"fixed\", \"unique\", \"maxprec\", \"maxprec_equal\"".into(),
                    )
                    .raise(),
                };
                self.with(|options| options.floatmode = mode)
            }
        }
    };
}
settings!(PrintOptions, |_this, set| change(set));
settings!(Array2string, |this, set| set(&mut this.style.options));

impl PrintOptions {
    /// `linewidth=...`: columns of a line; 75 unless set.
    pub fn linewidth(self, columns: usize) -> PrintOptions {
        self.with(|options| options.linewidth = columns)
    }

    /// `nanstr=...`: the text for NaN.
    pub fn nanstr(self, text: &str) -> PrintOptions {
        self.with(|options| options.nanstr = text.into())
    }

    /// `infstr=...`: the text for infinity.
    pub fn infstr(self, text: &str) -> PrintOptions {
        self.with(|options| options.infstr = text.into())
    }
}

/// The text of an array, with options of its own: made by [`array2string`], printed or turned into a `String`.
pub struct Array2string {
    array: Array,
    style: Style,
}

/// `np.array2string(x, precision=2, separator=',')`: the text of an array, each option a method.
///
/// ```
/// use flowbook::np;
/// let x = np::array([1e-16, 1.0, 2.0]);
/// assert_eq!(np::array2string(&x).precision(2).separator(",").suppress_small(true).to_string(), "[0.,1.,2.]");
/// assert_eq!(np::array2string(&x).formatter(|x| format!("{x:.1}")).to_string(), "[0.0 1.0 2.0]");
/// ```
pub fn array2string(x: impl ArrayLike) -> Array2string {
    Array2string { array: x.to_array(), style: Style::str(current()) }
}

impl Array2string {
    /// `max_line_width=...`: columns of a line.
    pub fn max_line_width(mut self, columns: usize) -> Array2string {
        self.style.width = columns;
        self
    }

    /// `suppress_small=True`, as [`Array2string::suppress`].
    pub fn suppress_small(self, suppress: bool) -> Array2string {
        self.suppress(suppress)
    }

    /// `separator=...`: what stands between two elements; a blank unless set.
    pub fn separator(mut self, separator: &str) -> Array2string {
        self.style.separator = separator.into();
        self
    }

    /// `prefix=...`: further lines are indented by as many columns as this text has.
    pub fn prefix(mut self, prefix: &str) -> Array2string {
        self.style.indent = " ".repeat(1 + prefix.chars().count());
        self
    }

    /// `formatter=...`: the text of each element, given as a `f64`.
    pub fn formatter(mut self, formatter: impl Fn(f64) -> String + Send + Sync + 'static) -> Array2string {
        self.style.formatter = Some(Box::new(formatter));
        self
    }
}

impl fmt::Display for Array2string {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.array.ndim() {
            0 => write!(f, "{}", self.array),
            _ => f.write_str(&array_text(&self.array, &self.style)),
        }
    }
}

/// `np.array_repr(x)`: as `x.repr()`.
pub fn array_repr(x: impl ArrayLike) -> String {
    x.to_array().repr()
}

/// `np.array_str(x)`: as `x.to_string()`.
pub fn array_str(x: impl ArrayLike) -> String {
    x.to_array().to_string()
}
