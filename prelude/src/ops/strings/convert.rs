//! Numbers from strings, and strings from numbers.

use super::strings_only;
use crate::DType;
use crate::error::Error;
use crate::graph::{
    Attr, Attrs, Built, IntoDType, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, graph_of, setters,
};
use crate::np::percent::percent;
use crate::ops::{Kernel, OpDef, typed};

/// The number that each string spells out.
pub(crate) static STRING_TO_NUMBER: OpDef = OpDef::new(
    "StringToNumber",
    |infer| {
        strings_only(infer, 0, "string_tensor")?;
        Ok(vec![(infer.attr_type("out_type").unwrap_or(DType::Float32), infer.shape(0).clone())])
    },
    Kernel::Call(|call| {
        let texts = call.input(0).slice::<String>();
        macro_rules! parse {
            ($t:ty) => {
                for (out, text) in call.output().slice_mut::<$t>().iter_mut().zip(texts) {
                    *out = text.trim_matches(|c: char| c.is_ascii_whitespace()).parse().map_err(|_| {
                        Error::InvalidArgument(format!("StringToNumberOp could not correctly convert string: {text}"))
                    })?;
                }
            };
        }
        match call.output().dtype {
            DType::Float64 => parse!(f64),
            DType::Int32 => parse!(i32),
            DType::Int64 => parse!(i64),
            _ => parse!(f32),
        }
        Ok(())
    }),
);

/// The optional argument of [`to_number`].
#[derive(Clone, Copy)]
pub struct ToNumber {
    dtype: DType,
}

impl ToNumber {
    pub(crate) const FLOAT: ToNumber = ToNumber { dtype: DType::Float32 };
}

impl Options for ToNumber {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let graph = graph_of(&[&operands[0]]);
        build(graph, || {
            if !matches!(self.dtype, DType::Float32 | DType::Float64 | DType::Int32 | DType::Int64) {
                return Err(Error::Type(format!(
                    "Value passed to parameter 'out_type' has DataType {} not in list of allowed values: float32, float64, \
                     int32, int64, uint32, uint64",
                    self.dtype.name()
                )));
            }
            let scope = Scope::open(graph, "StringToNumber");
            let input = operands[0].tensor(&scope, "string_tensor", None)?;
            Ok(scope.op(&STRING_TO_NUMBER, &[input], typed("out_type", self.dtype))?.output(0))
        })
    }
}

setters! { ToNumber {
    /// The element type, `out_type=`: `float32` unless given, or `float64`, `int32`, `int64`.
    out_type(dtype: impl IntoDType) |options| options.dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
} }

/// The numbers that strings spell out, as `float32` unless `.out_type(...)` says otherwise: `tf.strings.to_number`, in
/// TensorFlow 1 also `tf.string_to_number`.
///
/// ```
/// use flowbook::v1 as tf;
/// let numbers = tf::strings::to_number(["1.5", "-2"]);
/// assert_eq!(tf::Session::new().run(numbers)?.to_string(), "[ 1.5 -2. ]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn to_number(input: impl IntoTensor) -> Built<Optional<ToNumber>> {
    Built::call(&[input.into_operand()], ToNumber::FLOAT)
}

/// Each number as C prints it.
pub(crate) static AS_STRING: OpDef = OpDef::new(
    "AsString",
    |infer| Ok(vec![(DType::String, infer.shape(0).clone())]),
    Kernel::Call(|call| {
        let (input, node) = (call.input(0), &call.node);
        let out = call.output().slice_mut::<String>();
        match input.dtype {
            DType::String => out.clone_from_slice(input.slice()),
            DType::Bool => out.iter_mut().zip(input.slice::<bool>()).for_each(|(out, yes)| *out = yes.to_string()),
            dtype => {
                let (width, precision) = (node.int("width"), node.int("precision"));
                let letter = match (dtype.is_integer(), node.bool("scientific"), node.bool("shortest")) {
                    (true, ..) => "d",
                    (_, true, _) => "e",
                    (_, _, true) => "g",
                    _ => "f",
                };
                let width = if width < 0 { String::new() } else { width.to_string() };
                let precision = if precision < 0 { String::new() } else { format!(".{precision}") };
                let format = format!("%{}{width}{precision}{letter}", node.text("fill"));
                for (out, value) in out.iter_mut().zip(input.to_array().reshaped(&[input.len()])?.iter()) {
                    *out = percent(&format, &[value]).map_err(Error::InvalidArgument)?;
                }
            }
        }
        Ok(())
    }),
);

/// The optional arguments of [`as_string`].
#[derive(Clone, Copy)]
pub struct AsString {
    precision: i64,
    width: i64,
    fill: &'static str,
    scientific: bool,
    shortest: bool,
}

impl AsString {
    pub(crate) const PLAIN: AsString =
        AsString { precision: -1, width: -1, fill: "", scientific: false, shortest: false };
}

impl Options for AsString {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let graph = graph_of(&[&operands[0]]);
        build(graph, || {
            let scope = Scope::open(graph, "AsString");
            let input = operands[0].tensor(&scope, "input", None)?;
            if self.scientific && self.shortest {
                return Err(Error::InvalidArgument("Cannot select both scientific and shortest notation".into()));
            }
            let attrs = Attrs::from([
                ("T", Attr::Type(input.dtype())),
                ("fill", Attr::Str(self.fill.into())),
                ("precision", Attr::Int(self.precision)),
                ("scientific", Attr::Bool(self.scientific)),
                ("shortest", Attr::Bool(self.shortest)),
                ("width", Attr::Int(self.width)),
            ]);
            Ok(scope.op(&AS_STRING, &[input], attrs)?.output(0))
        })
    }
}

setters! { AsString {
    /// How many digits stand behind the point, `precision=`: 6 unless given.
    precision(digits: i64) |options| options.precision = digits;
    /// How many characters each string has at least, `width=`.
    width(width: i64) |options| options.width = width;
    /// What fills the width, `fill=`: blanks on the left unless it is `"0"`, or `"-"` for blanks on the right.
    fill(fill: &'static str) |options| options.fill = fill;
    /// Whether there is an exponent, `scientific=`.
    scientific(yes: bool) |options| options.scientific = yes;
    /// Whether the shorter of both forms is taken, `shortest=`.
    shortest(yes: bool) |options| options.shortest = yes;
} }

/// The numbers as strings: `tf.strings.as_string`, in TensorFlow 1 also `tf.as_string`.
#[track_caller]
pub fn as_string(input: impl IntoTensor) -> Built<Optional<AsString>> {
    Built::call(&[input.into_operand()], AsString::PLAIN)
}
