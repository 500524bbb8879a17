//! Brackets, separators, line breaks and the summary of large arrays: NumPy's `array2string`.
//! What a single element looks like is decided once per array by `writer`.

use super::digits::Float;
use super::float::FloatFormat;
use super::options::{Options, Sign};
use super::python::bytes_repr;
use crate::array::{Array, Data};

/// How one element is written in place of NumPy's own way.
pub(crate) type Formatter = Box<dyn Fn(f64) -> String + Send + Sync>;

/// The differences between `str`, `repr` and what `array2string` is told.
pub(crate) struct Style {
    pub(crate) separator: String,
    pub(crate) indent: String,
    pub(crate) width: usize,
    pub(crate) options: Options,
    pub(crate) formatter: Option<Formatter>,
}

impl Style {
    pub(crate) fn str(options: Options) -> Style {
        Style { separator: " ".into(), indent: " ".into(), width: options.linewidth, options, formatter: None }
    }

    /// The closing parenthesis takes one column; the lines are indented below `array([`.
    pub(super) fn repr(options: Options) -> Style {
        let width = options.linewidth.saturating_sub(1);
        Style { separator: ", ".into(), indent: " ".repeat(7), width, options, formatter: None }
    }
}

/// The text of an array of rank 1 or more, brackets included.
pub(crate) fn array_text(array: &Array, style: &Style) -> String {
    if array.is_empty() {
        return "[]".into();
    }
    let edge = if array.len() > style.options.threshold { style.options.edgeitems } else { usize::MAX };
    let write = writer(array, &shown_offsets(array.shape(), edge), style);
    let layout = Layout { shape: array.shape(), write, style, edge };
    layout.axis(0, 0, &style.indent, style.width)
}

/// The indices shown along an axis, and whether some are left out after the first `edge`.
fn shown(len: usize, edge: usize) -> (Vec<usize>, bool) {
    if len > edge.saturating_mul(2) {
        ((0..edge).chain(len - edge..len).collect(), true)
    } else {
        ((0..len).collect(), false)
    }
}

fn shown_offsets(shape: &[usize], edge: usize) -> Vec<usize> {
    shape.iter().fold(vec![0], |offsets, &len| {
        let (indices, _) = shown(len, edge);
        offsets.iter().flat_map(|offset| indices.iter().map(move |i| offset * len + i)).collect()
    })
}

struct Layout<'a> {
    shape: &'a [usize],
    write: Writer<'a>,
    style: &'a Style,
    /// Elements kept at each end of an axis; the largest number when all are.
    edge: usize,
}

impl Layout<'_> {
    /// The text of the sub-array at `offset` (counted in sub-arrays of this axis).
    fn axis(&self, axis: usize, offset: usize, indent: &str, width: usize) -> String {
        let len = self.shape[axis];
        let (indices, elided) = shown(len, self.edge);
        let (inner_indent, last) = (format!("{indent} "), axis + 1 == self.shape.len());
        let mut items: Vec<String> =
            indices
                .iter()
                .map(|i| offset * len + i)
                .map(|at| {
                    if last {
                        (self.write)(at)
                    } else {
                        self.axis(axis + 1, at, &inner_indent, width.saturating_sub(1))
                    }
                })
                .collect();
        if elided {
            items.insert(self.edge, "...".into());
        }
        let body = if last { self.line(&items, indent, width) } else { self.rows(&items, axis, indent) };
        format!("[{body}]")
    }

    /// Elements side by side, broken where the next would not fit.
    fn line(&self, items: &[String], indent: &str, width: usize) -> String {
        let room = width.saturating_sub(self.style.separator.trim_end().len().max(1));
        let (mut done, mut line) = (String::new(), indent.to_owned());
        for (i, item) in items.iter().enumerate() {
            if line.len() + item.len() > room && line.len() > indent.len() {
                done += line.trim_end();
                done.push('\n');
                line = indent.to_owned();
            }
            line += item;
            if i + 1 < items.len() {
                line += &self.style.separator;
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

fn writer<'a>(array: &'a Array, shown: &[usize], style: &'a Style) -> Writer<'a> {
    if let Some(formatter) = &style.formatter {
        return Box::new(|at| formatter(super::as_f64(&array.flat(at)).unwrap_or(f64::NAN)));
    }
    match array.data() {
        Data::Float32(v) => floats(v, shown, &style.options),
        Data::Float64(v) => floats(v, shown, &style.options),
        Data::Int32(v) => integers(v, shown, style.options.sign),
        Data::Int64(v) => integers(v, shown, style.options.sign),
        Data::UInt8(v) => integers(v, shown, style.options.sign),
        Data::Bool(v) => Box::new(|at| if v[at] { " True".into() } else { "False".into() }),
        Data::String(v) => Box::new(|at| bytes_repr(&v[at])),
    }
}

fn floats<'a, T: Copy + Into<Float>>(v: &'a [T], shown: &[usize], options: &'a Options) -> Writer<'a> {
    let shown: Vec<Float> = shown.iter().map(|at| v[*at].into()).collect();
    let format = FloatFormat::new(&shown, options);
    Box::new(move |at| format.write(v[at].into()))
}

fn integers<'a, T: ToString>(v: &'a [T], shown: &[usize], sign: Sign) -> Writer<'a> {
    let negative = shown.iter().any(|at| v[*at].to_string().starts_with('-'));
    let front = match sign {
        Sign::Plus => "+",
        Sign::Blank if !negative => " ",
        _ => "",
    };
    let text = move |at: usize| {
        let digits = v[at].to_string();
        if digits.starts_with('-') { digits } else { format!("{front}{digits}") }
    };
    let width = shown.iter().map(|at| text(*at).len()).max().unwrap_or(0);
    Box::new(move |at| format!("{:>width$}", text(at)))
}
