//! The places of the elements that are true, and what lies there.

use crate::error::{Error, Result};
use crate::graph::{IntoTensor, Tensor};
use crate::ops::array::convert_to_tensor;
use crate::ops::nn::composed;
use crate::ops::shape::{gather, reshape, squeeze, strides};
use crate::ops::view::with_number;
use crate::ops::{Kernel, OpDef, Types, View, unary};
use crate::{DType, Shape};

pub(crate) static WHERE: OpDef = OpDef::new(
    "Where",
    |infer| {
        if infer.dtype(0) != DType::Bool {
            infer.allow(0, "condition", Types::Numbers)?;
        }
        if infer.running && infer.shape(0).rank() == Some(0) {
            return Err(Error::InvalidArgument("WhereOp : Unhandled input dimensions: 0".into()));
        }
        let count = if infer.running { infer.value(0).map(|c| places(&View::of(&c)).len()) } else { None };
        Ok(vec![(DType::Int64, Shape::from([count, infer.shape(0).rank()]))])
    },
    Kernel::Call(|call| {
        let input = call.input(0);
        let steps = strides(&input.shape);
        for (at, row) in places(input).into_iter().zip(call.output().slice_mut::<i64>().chunks_mut(steps.len().max(1)))
        {
            row.iter_mut().enumerate().for_each(|(k, cell)| *cell = (at / steps[k] % input.shape[k]) as i64);
        }
        Ok(())
    }),
);

/// The places of the elements that are true, or other than 0.
pub(super) fn places(input: &View) -> Vec<usize> {
    let chosen =
        |holds: &mut dyn Iterator<Item = bool>| holds.enumerate().filter(|(_, h)| *h).map(|(i, _)| i).collect();
    match input.dtype {
        DType::Bool => chosen(&mut input.slice::<bool>().iter().copied()),
        dtype => {
            let found: Result<Vec<usize>> =
                with_number!(dtype, T => Ok(chosen(&mut input.slice::<T>().iter().map(|v| *v != T::from(0u8)))));
            found.unwrap_or_default()
        }
    }
}

/// The indices of the elements that are true, a row for each: `tf.where(condition)`. With three arguments it is
/// [`select`](crate::ops::elementwise::select).
#[track_caller]
pub fn r#where(condition: impl IntoTensor) -> Tensor {
    unary(&WHERE, "Where", "condition", condition.into_operand())
}

/// The elements or rows of `tensor` where the mask is true: `tf.boolean_mask(tensor, mask)`. The mask's sizes are the first
/// of the tensor's. How many there are only a run tells, which therefore is the CPU's.
///
/// # Panics
/// `ValueError` for a mask of no axes or other sizes, or of an unknown number of axes.
#[track_caller]
pub fn boolean_mask(tensor: impl IntoTensor, mask: impl IntoTensor) -> Tensor {
    let (tensor, mask) = (convert_to_tensor(tensor), convert_to_tensor(mask));
    let (Some(sizes), Some(places)) =
        (tensor.shape().dims().map(<[_]>::to_vec), mask.shape().dims().map(<[_]>::to_vec))
    else {
        Error::Value(
            "Number of mask dimensions must be specified, even if some dimensions are None.  E.g. shape=[None] is ok, \
             but shape=None is not."
                .into(),
        )
        .raise()
    };
    if places.is_empty() {
        Error::Value("mask cannot be scalar.".into()).raise();
    }
    let differ = |(m, n): (&Option<usize>, &Option<usize>)| m.is_some() && n.is_some() && m != n;
    if places.len() > sizes.len() || sizes.iter().zip(&places).any(differ) {
        let (tensor, mask) = (Shape::from(sizes), Shape::from(places));
        Error::Value(format!("Shapes {tensor} and {mask} are incompatible")).raise();
    }
    let rest: Option<Vec<i32>> = sizes[places.len()..].iter().map(|n| n.map(|n| n as i32)).collect();
    let Some(rest) = rest else {
        Error::Unimplemented("boolean_mask of a tensor whose rows have an unknown size".into()).raise()
    };
    composed(tensor, "boolean_mask", || {
        let rows = reshape(tensor, [&[-1][..], &rest].concat());
        let chosen = squeeze(r#where(reshape(mask, [-1])), &[1]);
        gather(rows, chosen).tensor()
    })
}
