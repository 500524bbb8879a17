//! What is made of each string alone: its length, its letters, parts of it.

use super::{places, strings_only};
use crate::bytes::{of_text, to_text};
use crate::error::{Error, Result};
use crate::graph::{
    Attr, Attrs, Built, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, graph_of, setters,
};
use crate::ops::{Call, Infer, Kernel, OpDef, Signature, broadcast_inputs, typed};
use crate::{DType, Shape};

fn same(infer: &Infer) -> Result<Vec<Signature>> {
    strings_only(infer, 0, "input")?;
    Ok(vec![infer.inputs[0].clone()])
}

/// Each string through `f`, which is told whether to look at characters and not at bytes.
fn each(call: &Call, attribute: &str, f: fn(&str, bool) -> String) -> Result<()> {
    let characters = call.node.attrs.get(attribute).is_some_and(|_| is_utf8(call, attribute));
    let out = call.output().slice_mut::<String>().iter_mut();
    out.zip(call.input(0).slice::<String>()).for_each(|(out, text)| *out = f(text, characters));
    Ok(())
}

fn is_utf8(call: &Call, attribute: &str) -> bool {
    matches!(call.node.text(attribute), "utf-8" | "UTF8_CHAR")
}

/// Letters as small ones: those of ASCII, or all of them.
pub(crate) static STRING_LOWER: OpDef = OpDef::new(
    "StringLower",
    same,
    Kernel::Call(|call| {
        each(call, "encoding", |text, all| if all { text.to_lowercase() } else { text.to_ascii_lowercase() })
    }),
);

/// Letters as capitals: those of ASCII, or all of them.
pub(crate) static STRING_UPPER: OpDef = OpDef::new(
    "StringUpper",
    same,
    Kernel::Call(|call| {
        each(call, "encoding", |text, all| if all { text.to_uppercase() } else { text.to_ascii_uppercase() })
    }),
);

/// Without the blanks at both ends.
pub(crate) static STRING_STRIP: OpDef = OpDef::new(
    "StringStrip",
    same,
    Kernel::Call(|call| {
        each(call, "", |text, _| text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b').into())
    }),
);

/// The number of bytes, or of characters.
pub(crate) static STRING_LENGTH: OpDef = OpDef::new(
    "StringLength",
    |infer| {
        strings_only(infer, 0, "input")?;
        Ok(vec![(DType::Int32, infer.shape(0).clone())])
    },
    Kernel::Call(|call| {
        let characters = is_utf8(call, "unit");
        let length = |text: &String| if characters { text.chars().count() } else { of_text(text).len() };
        let out = call.output().slice_mut::<i32>().iter_mut();
        out.zip(call.input(0).slice::<String>()).for_each(|(out, text)| *out = length(text) as i32);
        Ok(())
    }),
);

/// Bytes or characters from a place on, so many. Inputs: strings, places, lengths, which broadcast.
pub(crate) static SUBSTR: OpDef = OpDef::new(
    "Substr",
    |infer| {
        strings_only(infer, 0, "input")?;
        for (i, argument) in [(1, "pos"), (2, "len")] {
            if !matches!(infer.dtype(i), DType::Int32 | DType::Int64) {
                return Err(Error::Type(format!(
                    "Value passed to parameter '{argument}' has DataType {} not in list of allowed values: int32, int64",
                    infer.dtype(i).name()
                )));
            }
        }
        if infer.dtype(1) != infer.dtype(2) {
            let (pos, len) = (infer.dtype(1).name(), infer.dtype(2).name());
            return Err(Error::Type(format!(
                "Input 'len' of 'Substr' Op has type {len} that does not match type {pos} of argument 'pos'."
            )));
        }
        Ok(vec![(DType::String, broadcast_inputs(infer, 0, 3)?)])
    },
    Kernel::Call(|call| {
        let characters = is_utf8(call, "unit");
        let (texts, starts, lengths) = (call.input(0).slice::<String>(), call.input(1).ints(), call.input(2).ints());
        let out = &call.output().shape;
        let at = |i: usize| places(&call.inputs[i].shape, out);
        let each = at(0).zip(at(1)).zip(at(2)).zip(call.output().slice_mut::<String>());
        for (i, (((text, start), length), out)) in each.enumerate() {
            let (text, start, length) = (&texts[text], starts[start], lengths[length]);
            *out = part(text, start, length, characters).ok_or_else(|| {
                let shown = crate::format::bytes_repr(text);
                Error::InvalidArgument(format!("pos {start} out of range for string {shown} at index {i}"))
            })?;
        }
        Ok(())
    }),
);

/// Nothing when the place is outside of the text; one behind its end counts from there.
fn part(text: &str, start: i64, length: i64, characters: bool) -> Option<String> {
    fn cut<T>(all: &[T], start: i64, length: i64) -> Option<&[T]> {
        let size = all.len() as i64;
        let from = if start < 0 { start + size } else { start };
        let valid = (-size..=size).contains(&start);
        let to = from.checked_add(length.max(0)).map_or(size, |to| to.min(size));
        valid.then(|| &all[from as usize..to as usize])
    }
    if characters {
        let all: Vec<char> = text.chars().collect();
        return Some(cut(&all, start, length)?.iter().collect());
    }
    Some(to_text(cut(&of_text(text), start, length)?))
}

/// What is done to each string.
#[derive(Clone, Copy)]
enum What {
    Length,
    Lower,
    Upper,
    Part,
}

/// The optional arguments of functions that look at bytes, or at characters if told so.
#[derive(Clone, Copy)]
pub struct Encoded {
    what: What,
    setting: &'static str,
}

impl Encoded {
    pub(crate) const LENGTH: Encoded = Encoded { what: What::Length, setting: "BYTE" };
    pub(crate) const LOWER: Encoded = Encoded { what: What::Lower, setting: "" };
    pub(crate) const UPPER: Encoded = Encoded { what: What::Upper, setting: "" };
    pub(crate) const PART: Encoded = Encoded { what: What::Part, setting: "BYTE" };
}

impl Options for Encoded {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let (def, attribute, names): (_, _, &[&str]) = match self.what {
            What::Length => (&STRING_LENGTH, "unit", &["input"]),
            What::Lower => (&STRING_LOWER, "encoding", &["input"]),
            What::Upper => (&STRING_UPPER, "encoding", &["input"]),
            What::Part => (&SUBSTR, "unit", &["input", "pos", "len"]),
        };
        let graph = graph_of(&operands.iter().collect::<Vec<_>>());
        build(graph, || {
            let scope = Scope::open(graph, def.name);
            let inputs = operands.iter().zip(names).map(|(x, name)| x.tensor(&scope, name, None));
            let inputs = inputs.collect::<Result<Vec<Tensor>>>()?;
            let mut attrs = match self.what {
                What::Part => typed("T", inputs[1].dtype()),
                _ => Attrs::new(),
            };
            attrs.insert(attribute, Attr::Str(self.setting.into()));
            Ok(scope.op(def, &inputs, attrs)?.output(0))
        })
    }
}

setters! { Encoded {
    /// What counts, `unit=`: `"BYTE"`, unless given, or `"UTF8_CHAR"`.
    unit(unit: &str) |options| options.setting = match unit {
        "BYTE" => "BYTE",
        "UTF8_CHAR" => "UTF8_CHAR",
        _ => Error::Value(format!("'unit' must be \"BYTE\" or \"UTF8_CHAR\", not \"{unit}\"")).raise(),
    };
    /// Whose letters count, `encoding=`: those of ASCII, unless it is `"utf-8"`.
    encoding(encoding: &str) |options| options.setting = match encoding {
        "" => "",
        "utf-8" => "utf-8",
        _ => Error::Value(format!("'encoding' must be \"\" or \"utf-8\", not \"{encoding}\"")).raise(),
    };
} }

/// How many bytes each string has, or characters with `.unit("UTF8_CHAR")`: `tf.strings.length`.
///
/// ```
/// use flowbook::v1 as tf;
/// let lengths = tf::strings::length(["hello", "ab"]);
/// assert_eq!(tf::Session::new().run(lengths)?.to_string(), "[5 2]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn length(input: impl IntoTensor) -> Built<Optional<Encoded>> {
    Built::call(&[input.into_operand()], Encoded::LENGTH)
}

/// The strings in small letters, those of ASCII or all with `.encoding("utf-8")`: `tf.strings.lower`.
#[track_caller]
pub fn lower(input: impl IntoTensor) -> Built<Optional<Encoded>> {
    Built::call(&[input.into_operand()], Encoded::LOWER)
}

/// The strings in capitals, those of ASCII or all with `.encoding("utf-8")`: `tf.strings.upper`.
#[track_caller]
pub fn upper(input: impl IntoTensor) -> Built<Optional<Encoded>> {
    Built::call(&[input.into_operand()], Encoded::UPPER)
}

/// The part of each string from `pos` on, `len` bytes, or characters with `.unit("UTF8_CHAR")`: `tf.strings.substr`.
#[track_caller]
pub fn substr(input: impl IntoTensor, pos: impl IntoTensor, len: impl IntoTensor) -> Built<Optional<Encoded>> {
    Built::call(&[input.into_operand(), pos.into_operand(), len.into_operand()], Encoded::PART)
}

/// The strings without the blanks at both ends: `tf.strings.strip`.
#[track_caller]
pub fn strip(input: impl IntoTensor) -> Tensor {
    let input = input.into_operand();
    let graph = graph_of(&[&input]);
    build(graph, || {
        let scope = Scope::open(graph, "StringStrip");
        let input = input.tensor(&scope, "input", None)?;
        Ok(scope.op(&STRING_STRIP, &[input], Attrs::new())?.output(0))
    })
}

/// The shape of a scalar or of unknown rank, where only a scalar may stand.
pub(super) fn scalar_only(infer: &Infer, i: usize) -> Result<()> {
    match infer.shape(i).rank() {
        None | Some(0) => Ok(()),
        Some(rank) => {
            let text = format!("Shape must be rank 0 but is rank {rank}");
            infer.fail(text.clone(), text)
        }
    }
}

/// A vector of so many strings, or of a number that a run tells.
pub(super) fn vector_of(count: Option<usize>) -> Signature {
    (DType::String, Shape::from([count]))
}
