//! Strings cut into pieces, and strings put together along axes.

use super::strings_only;
use super::text::{scalar_only, vector_of};
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, Built, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, setters};
use crate::ops::array::convert_to_tensor;
use crate::ops::nn::composed_as;
use crate::ops::reduce::Axes;
use crate::ops::shape::{around, axis_of};
use crate::ops::{Kernel, OpDef};
use crate::{Array, DType, Shape};

/// The pieces of each string of a vector, its first input, between the separators, the second; at blanks when that is
/// empty. Outputs: where each piece belongs, the pieces, the sizes of the whole.
pub(crate) static STRING_SPLIT: OpDef = OpDef::new(
    "StringSplitV2",
    |infer| {
        strings_only(infer, 0, "input")?;
        strings_only(infer, 1, "sep")?;
        if let Some(rank) = infer.shape(0).rank().filter(|rank| *rank != 1) {
            let text = format!("Shape must be rank 1 but is rank {rank}");
            return infer
                .fail(text.clone(), format!("input must be a vector, got shape: {}", infer.shape(0).to_proto()));
        }
        scalar_only(infer, 1)?;
        let known = if infer.running { infer.value(0).zip(infer.value(1)) } else { None };
        let count = known.and_then(|(texts, sep)| {
            let most = infer.node.int("maxsplit");
            Some(
                texts
                    .as_slice::<String>()?
                    .iter()
                    .map(|text| cut(text, &sep.as_slice::<String>()?[0], most).len().into())
                    .sum::<Option<usize>>(),
            )
        });
        let count = count.flatten();
        Ok(vec![(DType::Int64, Shape::from([count, Some(2)])), vector_of(count), (DType::Int64, Shape::from([2]))])
    },
    Kernel::Call(|call| {
        let (sep, most) = (&call.input(1).slice::<String>()[0], call.node.int("maxsplit"));
        let rows: Vec<Vec<String>> = call.input(0).slice::<String>().iter().map(|text| cut(text, sep, most)).collect();
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        call.outputs[2].slice_mut::<i64>().copy_from_slice(&[rows.len() as i64, longest as i64]);
        let pieces =
            rows.into_iter().enumerate().flat_map(|(i, row)| row.into_iter().enumerate().map(move |(k, p)| (i, k, p)));
        let places = call.outputs[0].slice_mut::<i64>().chunks_mut(2).zip(call.outputs[1].slice_mut::<String>());
        for ((row, column, piece), (place, out)) in pieces.zip(places) {
            (place[0], place[1], *out) = (row as i64, column as i64, piece);
        }
        Ok(())
    }),
);

/// The pieces of a text; no more than `most` cuts unless that is negative.
fn cut(text: &str, sep: &str, most: i64) -> Vec<String> {
    let limit = usize::try_from(most).map_or(usize::MAX, |most| most.saturating_add(1));
    if !sep.is_empty() {
        return text.splitn(limit, sep).map(str::to_owned).collect();
    }
    let (mut pieces, mut rest) = (Vec::new(), text.trim_start_matches(is_blank));
    while !rest.is_empty() {
        let end = if pieces.len() + 1 == limit { None } else { rest.find(is_blank) };
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        pieces.push(piece.to_owned());
        rest = after.trim_start_matches(is_blank);
    }
    pieces
}

fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\x0b'
}

/// The optional arguments of [`split`].
#[derive(Clone, Copy)]
pub struct Split {
    most: i64,
}

impl Split {
    pub(crate) const AT_BLANKS: Split = Split { most: -1 };
}

impl Options for Split {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let input = convert_to_tensor(operands[0].clone());
        let sep = operands.get(1).cloned().unwrap_or_else(|| "".into_operand());
        if input.shape().rank() != Some(0) {
            Error::Unimplemented(format!(
                "tf.strings.split of {input}: the strings of a tensor have pieces of different numbers, a RaggedTensor, which \
                 there is none of; split them one by one."
            ))
            .raise();
        }
        composed_as(input, "StringSplit", |scope| {
            let row = crate::ops::shape::expand_dims(input, 0);
            let inner = Scope::open(scope.graph, STRING_SPLIT.name);
            let sep = sep.tensor(&inner, "sep", None)?;
            Ok(inner.op(&STRING_SPLIT, &[row, sep], Attrs::from([("maxsplit", Attr::Int(self.most))]))?.output(1))
        })
    }
}

setters! { Split {
    /// The greatest number of cuts, `maxsplit=`; what is left is the last piece.
    maxsplit(count: i64) |options| options.most = count;
} }

crate::graph::operand_setter! { Split {
    /// What stands between the pieces, `sep=`: blanks unless given.
    sep
} }

/// The pieces of a string between its blanks, or what `.sep(...)` says, as a vector: `tf.strings.split`.
///
/// ```
/// use flowbook::v1 as tf;
/// let words = tf::strings::split("one,two").sep(",");
/// assert_eq!(tf::Session::new().run(words)?.to_string(), "[b'one' b'two']");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `UnimplementedError` for more than one string: there are no ragged tensors.
#[track_caller]
pub fn split(input: impl IntoTensor) -> Built<Optional<Split>> {
    Built::composed([convert_to_tensor(input)], Split::AT_BLANKS)
}

/// The strings along axes as one, with a separator between them. Inputs: strings, axes.
pub(crate) static REDUCE_JOIN: OpDef = OpDef::new(
    "ReduceJoin",
    |infer| {
        strings_only(infer, 0, "inputs")?;
        let axes = infer.ints(1);
        let (Some(dims), Some(axes)) = (infer.shape(0).dims(), axes) else {
            return Ok(vec![(DType::String, Shape::unknown())]);
        };
        let places = axes_of(&axes, dims.len()).or_else(|text| infer.fail(text.clone(), text))?;
        let keep = infer.node.bool("keep_dims");
        let left = dims.iter().enumerate().filter_map(|(i, d)| match (places.contains(&i), keep) {
            (false, _) => Some(*d),
            (true, true) => Some(Some(1)),
            (true, false) => None,
        });
        Ok(vec![(DType::String, Shape::from(left.collect::<Vec<_>>()))])
    },
    Kernel::Call(|call| {
        let (input, sep) = (call.input(0), call.node.text("separator"));
        let axes = axes_of(&call.input(1).ints(), input.shape.len()).map_err(Error::InvalidArgument)?;
        // Along one axis after the other, in the order given.
        let (mut shape, mut texts) = (input.shape.to_vec(), input.slice::<String>().to_vec());
        for axis in axes {
            let (outer, size, inner) = around(&shape, axis);
            let joined = |place: usize| {
                let (i, k) = (place / inner, place % inner);
                let parts: Vec<&str> = (0..size).map(|j| texts[(i * size + j) * inner + k].as_str()).collect();
                parts.join(sep)
            };
            texts = (0..outer * inner).map(joined).collect();
            shape[axis] = 1;
        }
        call.output().slice_mut::<String>().clone_from_slice(&texts);
        Ok(())
    }),
);

fn axes_of(axes: &[i64], rank: usize) -> Result<Vec<usize>, String> {
    let mut places = Vec::new();
    for axis in axes {
        let outside = || format!("Invalid reduction dimension {axis} for input with {rank} dimension(s)");
        let place = axis_of(*axis, rank).ok_or_else(outside)?;
        if places.contains(&place) {
            return Err(format!("Duplicate reduction dimension {axis}"));
        }
        places.push(place);
    }
    Ok(places)
}

/// The optional arguments of [`reduce_join`].
#[derive(Clone, Copy)]
pub struct ReduceJoin {
    axes: Option<Axes>,
    keep: bool,
    separator: &'static str,
}

impl ReduceJoin {
    pub(crate) const ALL: ReduceJoin = ReduceJoin { axes: None, keep: false, separator: "" };
}

impl Options for ReduceJoin {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let input = convert_to_tensor(operands[0].clone());
        let graph = input.graph();
        build(graph, || {
            let scope = Scope::open(graph, "ReduceJoin");
            // What varies fastest is joined first.
            let all = || (0..input.shape().rank().unwrap_or(0) as i32).rev().collect();
            let axes: Vec<i32> = self.axes.map_or_else(all, |axes| axes.list().to_vec());
            let count = axes.len();
            let axes = match (self.axes, count) {
                (Some(_), 1) => Array::scalar(axes[0]),
                _ => Array::new(axes, &[count]),
            };
            let axes = scope.constant("reduction_indices", axes)?;
            let attrs =
                Attrs::from([("keep_dims", Attr::Bool(self.keep)), ("separator", Attr::Str(self.separator.into()))]);
            Ok(scope.op(&REDUCE_JOIN, &[input, axes], attrs)?.output(0))
        })
    }
}

setters! { ReduceJoin {
    /// The axis or axes along which strings are joined, `axis=`: all of them unless given.
    axis(axes: impl Into<Axes>) |options| options.axes = Some(axes.into());
    /// Whether these axes stay, with size 1: `keepdims=`.
    keepdims(keep: bool) |options| options.keep = keep;
    /// What stands between the strings, `separator=`: nothing unless given.
    separator(separator: &'static str) |options| options.separator = separator;
} }

/// The strings as one, or those along `.axis(...)`: `tf.strings.reduce_join`.
#[track_caller]
pub fn reduce_join(inputs: impl IntoTensor) -> Built<Optional<ReduceJoin>> {
    Built::composed([convert_to_tensor(inputs)], ReduceJoin::ALL)
}
