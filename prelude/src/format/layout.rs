//! Brackets, separators, line breaks and the summary of large arrays: NumPy's `array2string`.
//! What a single element looks like is decided once per array by `writer`.

use super::digits::Float;
use super::float::FloatFormat;
use super::python::bytes_repr;
use super::{LINE_WIDTH, THRESHOLD};
use crate::array::{Array, Data};

/// Elements kept at each end of an axis of a summarised array.
const EDGE: usize = 3;

/// The differences between `str` and `repr`.
pub(super) struct Style {
    separator: &'static str,
    indent: &'static str,
    width: usize,
    precision: usize,
}

impl Style {
    pub(super) const fn str(precision: usize) -> Style {
        Style { separator: " ", indent: " ", width: LINE_WIDTH, precision }
    }

    /// The closing parenthesis takes one column; the lines are indented below `array([`.
    pub(super) const fn repr(precision: usize) -> Style {
        Style { separator: ", ", indent: "       ", width: LINE_WIDTH - 1, precision }
    }
}

/// The text of an array of rank 1 or more, brackets included.
pub(super) fn array_text(array: &Array, style: &Style) -> String {
    if array.is_empty() {
        return "[]".into();
    }
    let summary = array.len() > THRESHOLD;
    let write = writer(array, &shown_offsets(array.shape(), summary), style.precision);
    let layout = Layout { shape: array.shape(), write, style, summary };
    layout.axis(0, 0, style.indent, style.width)
}

/// The indices shown along an axis, and whether some are left out after the first [`EDGE`].
fn shown(len: usize, summary: bool) -> (Vec<usize>, bool) {
    if summary && len > 2 * EDGE {
        ((0..EDGE).chain(len - EDGE..len).collect(), true)
    } else {
        ((0..len).collect(), false)
    }
}

fn shown_offsets(shape: &[usize], summary: bool) -> Vec<usize> {
    shape.iter().fold(vec![0], |offsets, &len| {
        let (indices, _) = shown(len, summary);
        offsets.iter().flat_map(|offset| indices.iter().map(move |i| offset * len + i)).collect()
    })
}

struct Layout<'a> {
    shape: &'a [usize],
    write: Writer<'a>,
    style: &'a Style,
    summary: bool,
}

impl Layout<'_> {
    /// The text of the sub-array at `offset` (counted in sub-arrays of this axis).
    fn axis(&self, axis: usize, offset: usize, indent: &str, width: usize) -> String {
        let len = self.shape[axis];
        let (indices, elided) = shown(len, self.summary);
        let (inner_indent, last) = (format!("{indent} "), axis + 1 == self.shape.len());
        let mut items: Vec<String> = indices
            .iter()
            .map(|i| offset * len + i)
            .map(|at| if last { (self.write)(at) } else { self.axis(axis + 1, at, &inner_indent, width - 1) })
            .collect();
        if elided {
            items.insert(EDGE, "...".into());
        }
        let body = if last { self.line(&items, indent, width) } else { self.rows(&items, axis, indent) };
        format!("[{body}]")
    }

    /// Elements side by side, broken where the next would not fit.
    fn line(&self, items: &[String], indent: &str, width: usize) -> String {
        let room = width - self.style.separator.trim_end().len().max(1);
        let (mut done, mut line) = (String::new(), indent.to_owned());
        for (i, item) in items.iter().enumerate() {
            if line.len() + item.len() > room && line.len() > indent.len() {
                done += line.trim_end();
                done.push('\n');
                line = indent.to_owned();
            }
            line += item;
            if i + 1 < items.len() {
                line += self.style.separator;
            }
        }
        (done + &line)[indent.len()..].to_owned()
    }

    /// Sub-arrays below one another, with as many line breaks as there are axes below.
    fn rows(&self, items: &[String], axis: usize, indent: &str) -> String {
        let breaks = "\n".repeat(self.shape.len() - axis - 1);
        items.join(&format!("{}{breaks}{indent}", self.style.separator.trim_end()))
    }
}

/// Writes the element at an offset; every word of one array has the same width, except strings.
type Writer<'a> = Box<dyn Fn(usize) -> String + 'a>;

fn writer<'a>(array: &'a Array, shown: &[usize], precision: usize) -> Writer<'a> {
    match array.data() {
        Data::Float32(v) => floats(v, shown, precision),
        Data::Float64(v) => floats(v, shown, precision),
        Data::Int32(v) => integers(v, shown),
        Data::Int64(v) => integers(v, shown),
        Data::UInt8(v) => integers(v, shown),
        Data::Bool(v) => Box::new(|at| if v[at] { " True".into() } else { "False".into() }),
        Data::String(v) => Box::new(|at| bytes_repr(&v[at])),
    }
}

fn floats<'a, T: Copy + Into<Float>>(v: &'a [T], shown: &[usize], precision: usize) -> Writer<'a> {
    let shown: Vec<Float> = shown.iter().map(|at| v[*at].into()).collect();
    let format = FloatFormat::new(&shown, precision);
    Box::new(move |at| format.write(v[at].into()))
}

fn integers<'a, T: ToString>(v: &'a [T], shown: &[usize]) -> Writer<'a> {
    let width = shown.iter().map(|at| v[*at].to_string().len()).max().unwrap_or(0);
    Box::new(move |at| format!("{:>width$}", v[at].to_string()))
}
