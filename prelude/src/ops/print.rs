//! Ops that print what passes by to the standard error stream: TensorFlow 1's `tf.Print` and TensorFlow 2's `tf.print`. What
//! arrays look like there is the C++ side's, not NumPy's.

use super::{Call, Kernel, OpDef, Sample, View, typed};
use crate::DType;
use crate::error::Error;
use crate::graph::{Attr, Attrs, Built, IntoTensor, IntoTensors, Operand, Operation, Rebuild, Scope, Tensor, build};
use crate::ops::array::{constant, convert_to_tensor};

pub(crate) static OPS: &[&OpDef] = &[&PRINT, &PRINT_V2];

/// A number with as few digits as tell it from its neighbours, 6 or 9 of them for `float32`, 15 or 17 for `float64`.
fn number(value: f64, digits: usize, is_exact: impl Fn(f64) -> bool) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let short = general(value, digits);
    if short.parse().is_ok_and(is_exact) { short } else { general(value, digits + if digits == 6 { 3 } else { 2 }) }
}

/// C's `%.{digits}g`.
fn general(value: f64, digits: usize) -> String {
    let scientific = format!("{value:.*e}", digits - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let power: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if power < -4 || power >= digits as i32 {
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), power.abs());
    }
    trimmed(&format!("{value:.*}", (digits as i32 - 1 - power).max(0) as usize))
}

/// The elements as the C++ side writes them.
pub(super) fn words(view: &View) -> Vec<String> {
    match view.dtype {
        DType::String => view.slice::<String>().to_vec(),
        DType::Bool => view.slice::<bool>().iter().map(|v| u8::from(*v).to_string()).collect(),
        DType::Float32 => {
            view.slice::<f32>().iter().map(|v| number(f64::from(*v), 6, |back| back as f32 == *v)).collect()
        }
        DType::Float64 => view.slice::<f64>().iter().map(|v| number(*v, 15, |back| back == *v)).collect(),
        _ => super::ints(view.to_array()).iter().map(ToString::to_string).collect(),
    }
}

/// The first elements, row by row, as `tf.Print` shows them.
fn first_ones(view: &View, limit: usize) -> String {
    fn along(
        sizes: &[usize],
        axis: usize,
        limit: usize,
        words: &mut dyn Iterator<Item = String>,
        done: &mut usize,
        text: &mut String,
    ) {
        if *done >= limit {
            return;
        }
        let last = axis + 1 == sizes.len();
        for i in 0..sizes[axis] {
            if last {
                if *done >= limit {
                    text.push_str(if axis == 0 { "" } else { "..." });
                    return;
                }
                text.push_str(if i > 0 { " " } else { "" });
                text.extend(words.next());
                *done += 1;
                continue;
            }
            if *done >= limit {
                return;
            }
            text.push('[');
            along(sizes, axis + 1, limit, words, done, text);
            text.push(']');
        }
    }
    let words = words(view);
    let (count, mut text, mut done) = (words.len(), String::new(), 0);
    match view.shape.len() {
        0 => text.extend(words),
        _ => along(&view.shape, 0, limit, &mut words.into_iter(), &mut done, &mut text),
    }
    if count > limit {
        text.push_str("...");
    }
    text
}

/// The first and the last elements along each axis, as `tf.print` shows them.
fn both_ends(view: &View, limit: usize) -> String {
    fn along(sizes: &[usize], axis: usize, limit: usize, words: &[String], text: &mut String) {
        let Some(count) = sizes.get(axis) else {
            text.push_str(&words[0]);
            return;
        };
        let step: usize = sizes[axis + 1..].iter().product();
        let gap = |text: &mut String| match axis + 1 == sizes.len() {
            true => text.push(' '),
            false => {
                text.extend(std::iter::repeat_n('\n', sizes.len() - axis - 1));
                text.extend(std::iter::repeat_n(' ', axis + 1));
            }
        };
        let skipped = limit..count.saturating_sub(limit).max(limit);
        text.push('[');
        for i in (0..*count).filter(|i| !skipped.contains(i)) {
            if i > 0 {
                gap(text);
            }
            if i == skipped.end && *count > 2 * limit {
                text.push_str("...");
                gap(text);
            }
            along(sizes, axis + 1, limit, &words[i * step..], text);
        }
        text.push(']');
    }
    let quoted = |word: String| if view.dtype == DType::String { format!("\"{word}\"") } else { word };
    let words: Vec<String> = words(view).into_iter().map(quoted).collect();
    let mut text = String::new();
    along(&view.shape, 0, limit, &words, &mut text);
    text
}

fn text_of<'a>(call: &'a Call, name: &str) -> &'a str {
    match call.node.attrs.get(name) {
        Some(Attr::Str(text)) => text,
        _ => "",
    }
}

/// Its first input, when it has printed the others.
pub(crate) static PRINT: OpDef = OpDef::new(
    "Print",
    |infer| Ok(vec![infer.inputs[0].clone()]),
    Kernel::Call(|call| {
        call.output().copy_from(call.input(0));
        let limit = call.node.int("summarize").max(0) as usize;
        let shown: String = call.inputs[1..].iter().map(|data| format!("[{}]", first_ones(data, limit))).collect();
        eprintln!("{}{shown}", text_of(call, "message"));
        Ok(())
    }),
)
.stateful()
.gradient(|g| {
    let mut all = vec![None; g.inputs().len()];
    all[0] = Some(g.dy());
    all
})
.samples(&[Sample { inputs: &[(&[2], -1.0, 1.0)], build: |x| Print(x[0], [x[0]]).tensor() }]);

/// Prints a line in which each `{}` is one of its inputs.
pub(crate) static PRINT_V2: OpDef = OpDef::new(
    "PrintV2",
    |_| Ok(vec![]),
    Kernel::Call(|call| {
        let limit = usize::try_from(call.node.int("summarize")).unwrap_or(usize::MAX / 4);
        let mut line = String::new();
        let mut parts = text_of(call, "template").split("{}");
        line.extend(parts.next());
        for (input, part) in call.inputs.iter().zip(parts) {
            line.push_str(&both_ends(input, limit));
            line.push_str(part);
        }
        eprintln!("{line}");
        Ok(())
    }),
)
.stateful();

/// An operation that prints its inputs in the places of the `{}` in a template.
#[track_caller]
pub(crate) fn print_v2(template: &str, inputs: &[Tensor]) -> Operation {
    let graph = inputs.first().map_or_else(super::here, |x| x.graph());
    build(graph, || {
        let attrs = Attrs::from([
            ("template", Attr::Str(template.to_owned())),
            ("summarize", Attr::Int(3)),
            ("T", Attr::Type(inputs.first().map_or(DType::String, |x| x.dtype()))),
        ]);
        Scope::open(graph, "PrintV2").op(&PRINT_V2, inputs, attrs)
    })
}

/// The arguments of [`Print`].
#[derive(Clone, Copy)]
pub struct Printed {
    input: Tensor,
    data: [Option<Tensor>; 6],
    message: &'static str,
    summarize: i64,
}

impl Rebuild for Printed {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        let graph = self.input.graph();
        build(graph, || {
            let inputs: Vec<Tensor> = std::iter::once(self.input).chain(self.data.into_iter().flatten()).collect();
            let mut attrs = typed("T", self.input.dtype());
            attrs.insert("message", Attr::Str(self.message.into()));
            attrs.insert("summarize", Attr::Int(self.summarize));
            attrs.insert("first_n", Attr::Int(-1));
            Ok(Scope::open(graph, "Print").op(&PRINT, &inputs, attrs)?.output(0))
        })
    }
}

impl Built<Printed> {
    /// What comes before the values, `message=`.
    #[track_caller]
    pub fn message(self, message: &str) -> Built<Printed> {
        // Handles are `Copy`; a program has few messages.
        let message: &'static str = Box::leak(message.to_owned().into_boxed_str());
        self.with(|call| call.message = message)
    }

    /// How many elements of each tensor are shown, `summarize=`: 3 unless given.
    #[track_caller]
    pub fn summarize(self, count: i64) -> Built<Printed> {
        self.with(|call| call.summarize = count)
    }
}

/// The input, with `data` printed to the standard error stream whenever it is computed: `tf.Print(input_, data)`, with
/// `.message(...)` and `.summarize(...)`. `data` are up to six tensors, a list, or a tuple where their types differ.
///
/// ```
/// use flowbook::v1 as tf;
/// let x = tf::constant([1, 2]).tensor();
/// let seen = tf::Print(x, [x]).message("x = "); // prints: x = [1 2]
/// assert_eq!(tf::Session::new().run(seen)?.to_string(), "[1 2]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` for more than six tensors.
#[track_caller]
#[expect(non_snake_case, reason = "TensorFlow's own spelling")]
pub fn Print(input: impl IntoTensor, data: impl IntoTensors) -> Built<Printed> {
    let input = convert_to_tensor(input);
    let given = data.into_operands();
    let mut data = [None; 6];
    if given.len() > data.len() {
        Error::Value(format!("Print takes up to {} tensors, not {}", data.len(), given.len())).raise();
    }
    for (place, operand) in data.iter_mut().zip(given) {
        *place = Some(match operand {
            Operand::Tensor(tensor) => tensor,
            Operand::Literal(value, _) => constant(value).tensor(),
        });
    }
    Built::new(Printed { input, data, message: "", summarize: 3 })
}

#[cfg(test)]
mod tests {
    use super::{both_ends, first_ones};
    use crate::ops::View;
    use crate::{Array, ArrayLike};

    fn ends(value: impl ArrayLike) -> String {
        both_ends(&View::of(&value.to_tensor()), 3)
    }

    fn firsts(value: impl ArrayLike) -> String {
        first_ones(&View::of(&value.to_tensor()), 3)
    }

    /// As TensorFlow 2.20 prints them.
    #[test]
    fn arrays_look_as_the_cpp_side_writes_them() {
        assert_eq!(ends([1, 2, 3, 4, 5, 6, 7, 8]), "[1 2 3 ... 6 7 8]");
        assert_eq!(ends([1, 2, 3, 4, 5, 6]), "[1 2 3 4 5 6]");
        assert_eq!(ends([[1.0, 2.0], [3.0, 0.1]]), "[[1 2]\n [3 0.1]]");
        assert_eq!(ends([[[1, 1], [1, 1]], [[1, 1], [1, 1]]]), "[[[1 1]\n  [1 1]]\n\n [[1 1]\n  [1 1]]]");
        assert_eq!(ends(["s", "t"]), "[\"s\" \"t\"]");
        assert_eq!(ends(1.0 / 3.0), "0.333333343");
        assert_eq!(ends([1e10, 1e-10, 100_000.0, 1_234_567.0]), "[1e+10 1e-10 100000 1234567]");
        assert_eq!(both_ends(&View::of(&Array::scalar(1.0f64 / 3.0)), 3), "0.33333333333333331");
        assert_eq!(firsts([1, 2, 3, 4, 5]), "1 2 3...");
        assert_eq!(firsts([[1, 2], [3, 4]]), "[1 2][3...]...");
        assert_eq!(firsts([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]), "[1 2 3...]...");
        assert_eq!(firsts([true, false]), "1 0");
        assert_eq!(firsts(3.5), "3.5");
    }
}
