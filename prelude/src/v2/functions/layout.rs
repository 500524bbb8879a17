//! Tensors cut up and turned round.

use crate::ops;
use crate::ops::slicing::Parts;
use crate::v2::Tensor;
use crate::v2::eager::{call, call_many};
use crate::v2::operand::IntoTensor;

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

/// The rows along an axis as tensors of their own: `tf.unstack`.
#[track_caller]
pub fn unstack(value: impl IntoTensor, axis: i32) -> Vec<Tensor> {
    call_many(&[value.into_operand()], |x| ops::slicing::unstack(x[0].clone(), axis))
}

/// The tensor in parts along an axis, so many equal ones or those of a list of sizes: `tf.split`.
#[track_caller]
pub fn split(value: impl IntoTensor, parts: impl Into<Parts>, axis: i32) -> Vec<Tensor> {
    let parts = parts.into();
    call_many(&[value.into_operand()], |x| ops::slicing::split(x[0].clone(), parts, axis))
}

/// The tensor with its elements in reverse order along the axes: `tf.reverse`.
#[track_caller]
pub fn reverse<const N: usize>(x: impl IntoTensor, axis: [i32; N]) -> Tensor {
    call(&[x.into_operand()], |x| ops::slicing::reverse(x[0].clone(), axis))
}
