//! Arithmetic of axes and offsets, of which gradients are made.

use super::super::array::mismatch;
use super::super::view::{with_any, with_number};
use super::super::{Infer, Kernel, OpDef, Signature, typed, unary};
use super::axis_of;
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Scope, Tensor, build};
use crate::{DType, Shape};

pub(crate) static INVERT_PERMUTATION: OpDef = OpDef::new(
    "InvertPermutation",
    |infer| {
        infer.vector(0, "x")?;
        Ok(vec![infer.inputs[0].clone()])
    },
    Kernel::Call(|call| {
        let perm = call.input(0).ints();
        with_number!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            for (i, p) in perm.iter().enumerate() {
                let Some(cell) = axis_of(*p, perm.len()).and_then(|p| out.get_mut(p)) else {
                    return Err(Error::InvalidArgument(format!("{p} is not between 0 and {}", perm.len())));
                };
                *cell = i as T;
            }
            Ok(())
        })
    }),
);

/// The permutation that takes back another: `tf.invert_permutation`.
#[track_caller]
pub(crate) fn invert_permutation(x: Tensor) -> Tensor {
    unary(&INVERT_PERMUTATION, "InvertPermutation", "x", x.into_operand())
}

/// The places of the first vector's elements that are not in the second.
fn remaining(x: &[i64], y: &[i64]) -> Vec<usize> {
    (0..x.len()).filter(|i| !y.contains(&x[*i])).collect()
}

/// The elements of one vector that are not in another, and their places.
pub(crate) static LIST_DIFF: OpDef = OpDef::new(
    "ListDiff",
    |infer| {
        let (x, y) = (infer.vector(0, "x")?, infer.vector(1, "y")?);
        let left = Shape::from([x.zip(y).map(|(x, y)| remaining(&x, &y).len())]);
        Ok(vec![(infer.dtype(0), left.clone()), (DType::Int32, left)])
    },
    Kernel::Call(|call| {
        let left = remaining(&call.input(0).ints(), &call.input(1).ints());
        let places = call.outputs[1].slice_mut::<i32>();
        places.iter_mut().zip(&left).for_each(|(place, i)| *place = *i as i32);
        with_any!(call.output().dtype, T => {
            let (from, out) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
            out.iter_mut().zip(&left).for_each(|(value, i)| *value = from[*i].clone());
            Ok(())
        })
    }),
);

/// The elements of `x` that are not in `y`: `tf.setdiff1d`.
#[track_caller]
pub(crate) fn list_diff(x: Tensor, y: Tensor) -> Tensor {
    build(x.graph(), || {
        let mut attrs = typed("T", x.dtype());
        attrs.insert("out_idx", Attr::Type(DType::Int32));
        Ok(Scope::open(x.graph(), "ListDiff").op(&LIST_DIFF, &[x, y], attrs)?.output(0))
    })
}

/// Where each of several arrays begins in their concatenation: the axis, then the sizes of each.
pub(crate) static CONCAT_OFFSET: OpDef = OpDef::new(
    "ConcatOffset",
    |infer: &Infer| -> Result<Vec<Signature>> {
        for i in 2..infer.inputs.len() {
            if let (Some(m), Some(n)) = (infer.shape(1).sizes(), infer.shape(i).sizes())
                && m != n
            {
                let text = mismatch(infer.shape(1), infer.shape(i));
                return infer.fail(text.clone(), text);
            }
        }
        Ok(infer.inputs[1..].to_vec())
    },
    Kernel::Call(|call| {
        let rank = call.input(1).len();
        let Some(axis) = axis_of(call.input(0).ints()[0], rank) else {
            let text = format!("Concat dim is out of range: {} vs. {rank}", call.input(0).ints()[0]);
            return Err(Error::InvalidArgument(text));
        };
        let mut begin = 0;
        for (sizes, offset) in call.inputs[1..].iter().zip(&call.outputs) {
            let offset = offset.slice_mut::<i32>();
            offset.fill(0);
            offset[axis] = begin;
            begin += sizes.slice::<i32>()[axis];
        }
        Ok(())
    }),
);

/// Where each of several arrays of these sizes begins in their concatenation along `axis`.
#[track_caller]
pub(crate) fn concat_offset(axis: Tensor, sizes: &[Tensor]) -> Vec<Tensor> {
    let graph = axis.graph();
    build(graph, || {
        let attrs = crate::graph::Attrs::from([("N", Attr::Int(sizes.len() as i64))]);
        Ok(Scope::open(graph, "ConcatOffset").op(&CONCAT_OFFSET, &[&[axis], sizes].concat(), attrs)?.outputs())
    })
}
