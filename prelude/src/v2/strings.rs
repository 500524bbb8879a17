//! `tf.strings`: the op table's functions on strings, run at once.

use super::Tensor;
use super::built::{Built, Optional};
use super::eager::call;
use super::operand::{IntoTensor, IntoTensors};
use crate::ops::strings::{self, AsString, Encoded, ReduceJoin, Split, ToNumber};

/// How many bytes each string has, or characters with `.unit("UTF8_CHAR")`: `tf.strings.length`.
#[track_caller]
pub fn length(input: impl IntoTensor) -> Built<Optional<Encoded>> {
    Built::call(vec![input.into_operand()], Encoded::LENGTH)
}

/// The strings in small letters, those of ASCII or all with `.encoding("utf-8")`: `tf.strings.lower`.
#[track_caller]
pub fn lower(input: impl IntoTensor) -> Built<Optional<Encoded>> {
    Built::call(vec![input.into_operand()], Encoded::LOWER)
}

/// The strings in capitals, those of ASCII or all with `.encoding("utf-8")`: `tf.strings.upper`.
#[track_caller]
pub fn upper(input: impl IntoTensor) -> Built<Optional<Encoded>> {
    Built::call(vec![input.into_operand()], Encoded::UPPER)
}

/// The part of each string from `pos` on, `len` bytes, or characters with `.unit("UTF8_CHAR")`: `tf.strings.substr`.
#[track_caller]
pub fn substr(input: impl IntoTensor, pos: impl IntoTensor, len: impl IntoTensor) -> Built<Optional<Encoded>> {
    Built::call(vec![input.into_operand(), pos.into_operand(), len.into_operand()], Encoded::PART)
}

/// The strings without the blanks at both ends: `tf.strings.strip`.
#[track_caller]
pub fn strip(input: impl IntoTensor) -> Tensor {
    call(&[input.into_operand()], |x| strings::strip(x[0].clone()))
}

/// The strings at the same place of each tensor as one, with `separator` between them: `tf.strings.join`. They are a list,
/// or a tuple where their types differ.
#[track_caller]
pub fn join(inputs: impl IntoTensors, separator: &str) -> Tensor {
    call(&inputs.into_operands(), |x| strings::string_join(x, separator))
}

/// The pieces of a string between its blanks, or what `.sep(...)` says, as a vector: `tf.strings.split`.
///
/// # Panics
/// `UnimplementedError` for more than one string: there are no ragged tensors.
#[track_caller]
pub fn split(input: impl IntoTensor) -> Built<Optional<Split>> {
    Built::call(vec![input.into_operand()], Split::AT_BLANKS)
}

/// The strings as one, or those along `.axis(...)`, with `.separator(...)`: `tf.strings.reduce_join`.
#[track_caller]
pub fn reduce_join(inputs: impl IntoTensor) -> Built<Optional<ReduceJoin>> {
    Built::call(vec![inputs.into_operand()], ReduceJoin::ALL)
}

/// The numbers that strings spell out, as `float32` unless `.out_type(...)` says otherwise: `tf.strings.to_number`.
///
/// # Panics
/// `InvalidArgumentError` for a string that is no number.
#[track_caller]
pub fn to_number(input: impl IntoTensor) -> Built<Optional<ToNumber>> {
    Built::call(vec![input.into_operand()], ToNumber::FLOAT)
}

/// The numbers as strings, with `.precision(...)`, `.width(...)` and others: `tf.strings.as_string`.
#[track_caller]
pub fn as_string(input: impl IntoTensor) -> Built<Optional<AsString>> {
    Built::call(vec![input.into_operand()], AsString::PLAIN)
}
