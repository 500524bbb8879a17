//! How arrays print: NumPy's text, byte for byte, with NumPy's print options.
//! Only text is made here; nothing computes, and nothing prints by itself.

mod digits;
mod float;
mod layout;
pub(crate) mod options;
mod python;

use std::fmt;

use crate::array::{Array, with_data};
use crate::dtype::DType;
pub(crate) use layout::{Style, array_text};

pub use python::{Py, PyRepr, bytes_repr, py};

/// What Python's `print(x)` shows: `[[1. 2.]\n [3. 4.]]`; a scalar prints bare, as `0.5`, `2`, `True`, `b'Hello'`.
///
/// A precision means what it means in Python: `{:.3}` of a scalar is `'%.3f' % x`; of an array it is NumPy's
/// `precision` print option. A width pads a scalar on the left, as for a number.
///
/// ```
/// use flowbook::Array;
/// let a = Array::new(vec![0.1f32, 0.25, 100.0], &[3]);
/// assert_eq!(a.to_string(), "[  0.1    0.25 100.  ]");
/// assert_eq!(format!("{:.3}", Array::scalar(1.0f32)), "1.000");
/// assert_eq!(format!("{:6}|", Array::scalar(2)), "     2|");
/// ```
impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.ndim() == 0 {
            return scalar(self, f);
        }
        let mut options = options::current();
        options.precision = f.precision().unwrap_or(options.precision);
        f.write_str(&array_text(self, &Style::str(options)))
    }
}

/// What Python shows for the value itself: [`Array::repr`].
impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.repr())
    }
}

impl Array {
    /// Python's `repr`: `array([1., 2.], dtype=float32)`.
    ///
    /// A scalar is bare, `0.5`, also where NumPy 2 writes `np.float32(0.5)`: that is how results look inside
    /// lists and tuples.
    ///
    /// ```
    /// use flowbook::Array;
    /// let a = Array::new(vec![1.0f32, 2.0, 3.0, 4.5], &[2, 2]);
    /// assert_eq!(a.repr(), "array([[1. , 2. ],\n       [3. , 4.5]], dtype=float32)");
    /// assert_eq!(Array::new(vec![1i64, 2], &[2]).repr(), "array([1, 2])");
    /// assert_eq!(Array::scalar(0.5f32).repr(), "0.5");
    /// ```
    pub fn repr(&self) -> String {
        if self.ndim() == 0 {
            return scalar_text(self);
        }
        let options = options::current();
        let (threshold, line_width) = (options.threshold, options.linewidth);
        let text = format!("array({}", array_text(self, &Style::repr(options)));
        let mut extras = Vec::new();
        if (self.is_empty() && self.shape() != [0]) || self.len() > threshold {
            extras.push(format!("shape={}", shape_text(self.shape())));
        }
        if self.is_empty() || !matches!(self.dtype(), DType::Int64 | DType::Float64 | DType::Bool) {
            extras.push(format!("dtype={}", numpy_name(self.dtype())));
        }
        if extras.is_empty() {
            return text + ")";
        }
        let extras = extras.join(", ");
        let last_line = text.len() - text.rfind('\n').map_or(0, |at| at + 1);
        let fits = last_line + extras.len() + 3 <= line_width;
        format!("{text},{}{extras})", if fits { " " } else { "\n      " })
    }
}

/// A shape as Python prints the tuple: `()`, `(2,)`, `(2, 3)`.
///
/// ```
/// assert_eq!(flowbook::format::shape_text(&[2]), "(2,)");
/// ```
pub fn shape_text(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    if let [one] = sizes.as_slice() { format!("({one},)") } else { format!("({})", sizes.join(", ")) }
}

/// A shape as NumPy writes it into error messages, without blanks: `(2,)`, `(2,3)`.
pub(crate) fn shape_message(shape: &[usize]) -> String {
    shape_text(shape).replace(' ', "")
}

fn numpy_name(dtype: DType) -> &'static str {
    match dtype {
        DType::String => "object",
        other => other.name(),
    }
}

fn scalar(array: &Array, f: &mut fmt::Formatter) -> fmt::Result {
    if let (Some(precision), Some(value)) = (f.precision(), as_f64(array)) {
        if value.is_nan() {
            return pad(&digits::special(value), f);
        }
        let text = if f.sign_plus() { format!("{value:+.precision$}") } else { format!("{value:.precision$}") };
        return pad(&text, f);
    }
    pad(&scalar_text(array), f)
}

/// Pads to the width asked for, numbers to the right unless told otherwise.
fn pad(text: &str, f: &mut fmt::Formatter) -> fmt::Result {
    let width = f.width().unwrap_or(0);
    if f.sign_aware_zero_pad() {
        let (sign, number) = text.split_at(usize::from(text.starts_with(['-', '+'])));
        return write!(f, "{sign}{number:0>width$}", width = width.saturating_sub(sign.len()));
    }
    let missing = width.saturating_sub(text.len());
    let left = match f.align() {
        Some(fmt::Alignment::Left) => 0,
        Some(fmt::Alignment::Center) => missing / 2,
        Some(fmt::Alignment::Right) | None => missing,
    };
    let fill = |n: usize| f.fill().to_string().repeat(n);
    let padded = fill(left) + text + &fill(missing - left);
    f.write_str(&padded)
}

/// The value of a numeric scalar, as Python's `float(x)`; `None` for strings.
fn as_f64(array: &Array) -> Option<f64> {
    use crate::array::Data;
    Some(match array.data() {
        Data::Float32(v) => f64::from(v[0]),
        Data::Float64(v) => v[0],
        Data::Int32(v) => f64::from(v[0]),
        Data::Int64(v) => v[0] as f64,
        Data::UInt8(v) => f64::from(v[0]),
        Data::Bool(v) => f64::from(v[0]),
        Data::String(_) => return None,
    })
}

fn scalar_text(array: &Array) -> String {
    with_data!(array, v => v[0].scalar_text())
}

/// How one element prints when it stands alone.
trait ScalarText {
    fn scalar_text(&self) -> String;
}

impl ScalarText for f32 {
    fn scalar_text(&self) -> String {
        // NumPy's scalars turn scientific at six digits for float32, at 1e16 for float64.
        digits::lone(digits::Float::from(*self), 1e6)
    }
}

impl ScalarText for f64 {
    fn scalar_text(&self) -> String {
        digits::lone(digits::Float::from(*self), 1e16)
    }
}

impl ScalarText for bool {
    fn scalar_text(&self) -> String {
        if *self { "True".into() } else { "False".into() }
    }
}

impl ScalarText for String {
    fn scalar_text(&self) -> String {
        bytes_repr(self)
    }
}

macro_rules! integer_scalars {
    ($($t:ty),*) => { $(impl ScalarText for $t { fn scalar_text(&self) -> String { self.to_string() } })* };
}
integer_scalars!(i32, i64, u8);
