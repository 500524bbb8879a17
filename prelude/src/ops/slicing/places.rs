//! The places of the elements that are true.

use crate::error::{Error, Result};
use crate::graph::{IntoTensor, Tensor};
use crate::ops::shape::strides;
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
