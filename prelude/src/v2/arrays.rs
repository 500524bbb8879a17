//! TensorFlow 2's functions on arrays that have optional arguments, or take a list of tensors. Their options and setters
//! stand beside the ops; the functions that only have arguments of their own are in `functions`.

use super::Tensor;
use super::built::{Built, Optional};
use super::eager::{call, call_many};
use super::operand::{IntoTensor, IntoTensors};
use crate::graph;
use crate::ops::array::{self, Eye, Like, OneHot};
use crate::ops::counting::{Bincount, ConfusionMatrix, CountNonzero};
use crate::ops::nn::Rows;
use crate::ops::norm::Norm;
use crate::ops::reduce::{Arg, Axes, Statistics};
use crate::ops::shape::{self, Gather, Pad, Stack};
use crate::ops::slicing::{Scan, Sort, top_k as largest};

/// The rows of `params` at `indices`, or what `.axis(...)` and `.batch_dims(...)` say: `tf.gather`.
///
/// ```
/// use flowbook::v2 as tf;
/// let columns = tf::gather([[1, 2, 3], [4, 5, 6]], [2, 0]).axis(1);
/// assert_eq!(columns.numpy().to_string(), "[[3 1]\n [6 4]]");
/// ```
#[track_caller]
pub fn gather(params: impl IntoTensor, indices: impl IntoTensor) -> Built<Optional<Gather>> {
    Built::call(vec![params.into_operand(), indices.into_operand()], Gather::ROWS)
}

/// `.on_value(...)` in the place of each index, `.off_value(...)` in the others of `depth`: `tf.one_hot`.
#[track_caller]
pub fn one_hot(indices: impl IntoTensor, depth: i32) -> Built<Optional<OneHot>> {
    Built::call(vec![indices.into_operand()], OneHot::new(depth))
}

/// The tensor with zeros around it, or what `.mode(...)` and `.constant_values(...)` say: `tf.pad`.
#[track_caller]
pub fn pad(x: impl IntoTensor, paddings: impl IntoTensor) -> Built<Optional<Pad>> {
    Built::call(vec![x.into_operand(), paddings.into_operand()], Pad::ZEROS)
}

/// Running sums along an axis, with `.exclusive(true)` and `.reverse(true)`: `tf.cumsum`.
#[track_caller]
pub fn cumsum(x: impl IntoTensor, axis: i32) -> Built<Optional<Scan>> {
    Built::call(vec![x.into_operand()], Scan::sums(axis))
}

/// Running products along an axis, with `.exclusive(true)` and `.reverse(true)`: `tf.math.cumprod`.
#[track_caller]
pub fn cumprod(x: impl IntoTensor, axis: i32) -> Built<Optional<Scan>> {
    Built::call(vec![x.into_operand()], Scan::products(axis))
}

/// The identity matrix of `n` rows, square unless `.num_columns(...)` says otherwise: `tf.eye`.
#[track_caller]
pub fn eye(n: usize) -> Built<Optional<Eye>> {
    Built::call(Vec::new(), Eye::new(n))
}

/// The tensors side by side along a new axis, the first unless `.axis(...)` says otherwise: `tf.stack`. They are a list, or
/// a tuple where their types differ.
#[track_caller]
pub fn stack(values: impl IntoTensors) -> Built<Optional<Stack>> {
    Built::call(values.into_operands(), Stack::default())
}

/// The tensors one after the other along an axis: `tf.concat`. They are a list, or a tuple where their types differ.
#[track_caller]
pub fn concat(values: impl IntoTensors, axis: i32) -> Tensor {
    call(&values.into_operands(), |x| shape::concat(x, axis))
}

/// The sum of the tensors: `tf.add_n`. They are a list, or a tuple where their types differ.
#[track_caller]
pub fn add_n(inputs: impl IntoTensors) -> Tensor {
    call(&inputs.into_operands(), |x: &[graph::Operand]| array::add_n(x))
}

/// The index of the largest element along an axis, as `int64` unless `.output_type(...)` says otherwise: `tf.argmax`.
#[track_caller]
pub fn argmax(x: impl IntoTensor, axis: i32) -> Built<Optional<Arg>> {
    Built::call(vec![x.into_operand()], Arg::greatest(axis))
}

/// The index of the smallest element along an axis, as `int64` unless `.output_type(...)` says otherwise: `tf.argmin`.
#[track_caller]
pub fn argmin(x: impl IntoTensor, axis: i32) -> Built<Optional<Arg>> {
    Built::call(vec![x.into_operand()], Arg::least(axis))
}

/// The Euclidean length of all elements together, or what `.ord(...)` and `.axis(...)` say: `tf.norm`.
#[track_caller]
pub fn norm(tensor: impl IntoTensor) -> Built<Optional<Norm>> {
    Built::call(vec![tensor.into_operand()], Norm::EUCLIDEAN)
}

/// The Euclidean length of several tensors together: `tf.linalg.global_norm`.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn global_norm(tensors: impl IntoTensors) -> Tensor {
    call(&tensors.into_operands(), |x| crate::ops::norm::global_norm(&nodes(x)))
}

/// The tensors, all shortened by one factor when their length together is more than `clip_norm`, and that length before:
/// `tf.clip_by_global_norm`.
///
/// # Panics
/// `ValueError` when there is no tensor.
#[track_caller]
pub fn clip_by_global_norm(tensors: impl IntoTensors, clip_norm: f64) -> (Vec<Tensor>, Tensor) {
    let mut all = call_many(&tensors.into_operands(), |x| {
        let (mut clipped, norm) = crate::ops::norm::clip_by_global_norm(&nodes(x), clip_norm);
        clipped.push(norm);
        clipped
    });
    let norm = all.pop().expect("the norm comes last");
    (all, norm)
}

fn nodes(operands: &[graph::Operand]) -> Vec<graph::Tensor> {
    operands.iter().map(|x| array::convert_to_tensor(x.clone())).collect()
}

/// The mean squared distance from the mean, of all elements or along `.axis(...)`: `tf.math.reduce_variance`.
#[track_caller]
pub fn reduce_variance(x: impl IntoTensor) -> Built<Optional<Statistics>> {
    Built::call(vec![x.into_operand()], Statistics::VARIANCE)
}

/// The root of the variance, of all elements or along `.axis(...)`: `tf.math.reduce_std`.
#[track_caller]
pub fn reduce_std(x: impl IntoTensor) -> Built<Optional<Statistics>> {
    Built::call(vec![x.into_operand()], Statistics::DEVIATION)
}

/// `log(sum(exp(x)))` without overflow, of all elements or along `.axis(...)`: `tf.reduce_logsumexp`.
#[track_caller]
pub fn reduce_logsumexp(x: impl IntoTensor) -> Built<Optional<Statistics>> {
    Built::call(vec![x.into_operand()], Statistics::LOG_SUM_EXP)
}

/// The tensor with length 1 along `axes`: `tf.math.l2_normalize`.
#[track_caller]
pub fn l2_normalize(x: impl IntoTensor, axes: impl Into<Axes>) -> Tensor {
    call(&[x.into_operand()], |x| crate::ops::norm::l2_normalize(x[0].clone(), axes))
}

/// Exponentials that sum to 1 along the last axis, or that of `.axis(...)`: `tf.nn.softmax`.
#[track_caller]
pub fn softmax(logits: impl IntoTensor) -> Built<Optional<Rows>> {
    Built::call(vec![logits.into_operand()], Rows::SOFTMAX)
}

/// The logarithm of the softmax along the last axis, or that of `.axis(...)`: `tf.nn.log_softmax`.
#[track_caller]
pub fn log_softmax(logits: impl IntoTensor) -> Built<Optional<Rows>> {
    Built::call(vec![logits.into_operand()], Rows::LOG_SOFTMAX)
}

/// Zeros in the shape and type of `x`, or of `.with_dtype(...)`: `tf.zeros_like`.
#[track_caller]
pub fn zeros_like(x: impl IntoTensor) -> Built<Optional<Like>> {
    Built::call(vec![x.into_operand()], Like::ZEROS)
}

/// Ones in the shape and type of `x`, or of `.with_dtype(...)`: `tf.ones_like`.
#[track_caller]
pub fn ones_like(x: impl IntoTensor) -> Built<Optional<Like>> {
    Built::call(vec![x.into_operand()], Like::ONES)
}

/// The elements along the last axis, or that of `.axis(...)`, in rising order, or that of `.direction("DESCENDING")`: `tf.sort`.
#[track_caller]
pub fn sort(values: impl IntoTensor) -> Built<Optional<Sort>> {
    Built::call(vec![values.into_operand()], Sort::VALUES)
}

/// The places that the elements of [`sort`] come from: `tf.argsort`.
#[track_caller]
pub fn argsort(values: impl IntoTensor) -> Built<Optional<Sort>> {
    Built::call(vec![values.into_operand()], Sort::PLACES)
}

/// How often each number from 0 on occurs: `tf.math.bincount`.
#[track_caller]
pub fn bincount(arr: impl IntoTensor) -> Built<Optional<Bincount>> {
    Built::call(vec![arr.into_operand()], Bincount::ALL)
}

/// How often each class, a row, was taken for each class, a column: `tf.math.confusion_matrix`.
#[track_caller]
pub fn confusion_matrix(labels: impl IntoTensor, predictions: impl IntoTensor) -> Built<Optional<ConfusionMatrix>> {
    Built::call(vec![labels.into_operand(), predictions.into_operand()], ConfusionMatrix::COUNTS)
}

/// How many elements are not zero, of all or along `.axis(...)`: `tf.math.count_nonzero`.
#[track_caller]
pub fn count_nonzero(input: impl IntoTensor) -> Built<Optional<CountNonzero>> {
    Built::call(vec![input.into_operand()], CountNonzero::ALL)
}

/// The product of tensors whose axes have letters, summed over those that the result has not: `tf.einsum`. They are a list, or
/// a tuple where their types differ.
#[track_caller]
pub fn einsum(equation: &str, inputs: impl IntoTensors) -> Tensor {
    call(&inputs.into_operands(), |x: &[graph::Operand]| crate::ops::einsum::einsum(equation, x))
}

/// The sum of the products over pairs of axes: `tf.tensordot`. `axes` is a number, of the last axes of `a` and the first of `b`,
/// or one list of axes for each.
#[track_caller]
pub fn tensordot(a: impl IntoTensor, b: impl IntoTensor, axes: impl Into<crate::ops::einsum::Axes>) -> Tensor {
    call(&[a.into_operand(), b.into_operand()], |x| crate::ops::einsum::tensordot(x[0].clone(), x[1].clone(), axes))
}

/// The elements of a vector without repetitions, in the order in which they come up, and for each element its place among
/// them: `tf.unique`.
#[track_caller]
pub fn unique(x: impl IntoTensor) -> (Tensor, Tensor) {
    let [y, places] = outputs(call_many(&[x.into_operand()], |x| {
        let (y, places) = crate::ops::slicing::unique(x[0].clone());
        vec![y, places]
    }));
    (y, places)
}

/// As [`unique`], and how often each comes up: `tf.unique_with_counts`.
#[track_caller]
pub fn unique_with_counts(x: impl IntoTensor) -> (Tensor, Tensor, Tensor) {
    let [y, places, counts] = outputs(call_many(&[x.into_operand()], |x| {
        let (y, places, counts) = crate::ops::slicing::unique_with_counts(x[0].clone());
        vec![y, places, counts]
    }));
    (y, places, counts)
}

/// The results of an operation that has so many.
pub(super) fn outputs<const N: usize>(all: Vec<Tensor>) -> [Tensor; N] {
    all.try_into().expect("as many results as the operation has")
}

/// The `k` greatest elements of each row, in order, and their places: `tf.math.top_k`.
#[track_caller]
pub fn top_k(input: impl IntoTensor, k: i32) -> (Tensor, Tensor) {
    let [values, indices] = outputs(call_many(&[input.into_operand()], |x| {
        let (values, indices) = largest(x[0].clone(), k);
        vec![values, indices]
    }));
    (values, indices)
}
