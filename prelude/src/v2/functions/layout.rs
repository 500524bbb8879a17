//! Tensors put together, cut up and turned round.

use crate::graph;
use crate::ops;
use crate::v2::Tensor;
use crate::v2::eager::{call, call_many};
use crate::v2::operand::{IntoTensor, Operand};

/// The tensor with its axes in reverse order: `tf.transpose`.
#[track_caller]
pub fn transpose(x: impl IntoTensor) -> Tensor {
    call(&[x.into_operand()], |x| ops::shape::transpose(x[0].clone()).tensor())
}

/// The tensor with its axes in the order `perm`: `tf.transpose(x, perm)`.
#[track_caller]
pub fn transpose_perm<const N: usize>(x: impl IntoTensor, perm: [i32; N]) -> Tensor {
    call(&[x.into_operand()], |x| ops::shape::transpose(x[0].clone()).perm(perm).tensor())
}

fn operands<T: IntoTensor + Clone>(values: &[T]) -> Vec<Operand> {
    values.iter().cloned().map(IntoTensor::into_operand).collect()
}

fn nodes(operands: &[graph::Operand]) -> Vec<graph::Tensor> {
    operands.iter().cloned().map(|o| ops::array::convert_to_tensor(o)).collect()
}

/// The tensors one after the other along an axis: `tf.concat`.
#[track_caller]
pub fn concat<T: IntoTensor + Clone>(values: &[T], axis: i32) -> Tensor {
    call(&operands(values), |x| ops::shape::concat(&nodes(x), axis))
}

/// The tensors as the rows of a new first axis: `tf.stack`.
#[track_caller]
pub fn stack<T: IntoTensor + Clone>(values: &[T]) -> Tensor {
    call(&operands(values), |x| ops::shape::stack(&nodes(x)))
}

/// The sum of the tensors: `tf.add_n`.
#[track_caller]
pub fn add_n<T: IntoTensor + Clone>(inputs: &[T]) -> Tensor {
    call(&operands(inputs), |x| ops::array::add_n(&nodes(x)))
}

/// The rows along an axis as tensors of their own: `tf.unstack`.
#[track_caller]
pub fn unstack(value: impl IntoTensor, axis: i32) -> Vec<Tensor> {
    call_many(&[value.into_operand()], |x| ops::slicing::unstack(x[0].clone(), axis))
}

/// The tensor in `num` equal parts along an axis: `tf.split`.
#[track_caller]
pub fn split(value: impl IntoTensor, num: usize, axis: i32) -> Vec<Tensor> {
    call_many(&[value.into_operand()], |x| ops::slicing::split(x[0].clone(), num, axis))
}

/// The tensor with its elements in reverse order along the axes: `tf.reverse`.
#[track_caller]
pub fn reverse<const N: usize>(x: impl IntoTensor, axis: [i32; N]) -> Tensor {
    call(&[x.into_operand()], |x| ops::slicing::reverse(x[0].clone(), axis))
}
