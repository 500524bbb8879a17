//! Numbers that lie evenly apart. What `tf.linspace` builds of it is in `ops::linspace`.

use flowbook_cuda::kernels;

use crate::error::{Error, Result};
use crate::graph::{IntoTensor, Scope, Tensor, build, graph_of};

use crate::ops::elementwise::{CAST, cast_attrs};
use crate::ops::math::Arithmetic;
use crate::ops::view::with_number;
use crate::ops::{Kernel, OpDef, Types, cast_array, typed};
use crate::{DType, Shape};

pub(crate) static RANGE: OpDef = OpDef::new(
    "Range",
    |infer| {
        infer.same_type(&["start", "limit", "delta"])?;
        infer.allow(0, "start", Types::Numbers)?;
        for (i, name) in ["start", "limit", "delta"].into_iter().enumerate() {
            if let Some(rank) = infer.shape(i).rank().filter(|r| *r != 0 && !infer.running) {
                let text = format!("Shape must be rank 0 but is rank {rank}\n\t for '{name}'");
                return Err(Error::Value(text));
            }
            if infer.shape(i).num_elements().is_some_and(|n| n != 1) {
                let text = format!("{name} must be a scalar, not shape {}", infer.shape(i).to_proto());
                return Err(Error::InvalidArgument(text));
            }
        }
        let value = |i: usize| Some(cast_array(&infer.value(i)?, DType::Float64).as_slice::<f64>()?[0]);
        let (Some(start), Some(limit), Some(delta)) = (value(0), value(1), value(2)) else {
            return Ok(vec![(infer.dtype(0), Shape::from([None]))]);
        };
        if delta == 0.0 {
            return infer.fail("Requires delta != 0", "Requires delta != 0: 0");
        }
        let way = if delta > 0.0 { limit - start } else { start - limit };
        if way < 0.0 {
            let relation = if delta > 0.0 { "start <= limit when delta > 0" } else { "start >= limit when delta < 0" };
            let text = format!("Requires {relation}: {start}/{limit}");
            return infer.fail(text.clone(), text);
        }
        let count = (way / delta.abs()).ceil();
        if !count.is_finite() || count >= i64::MAX as f64 {
            let text = format!("Requires ((limit - start) / delta) <= {}", i64::MAX);
            return infer.fail(text.clone(), text);
        }
        Ok(vec![(infer.dtype(0), Shape::from([count as usize]))])
    },
    Kernel::Call(|call| {
        // Floats are each rounded once: sums would drift.
        macro_rules! floats {
            ($t:ty) => {{
                let (start, delta) = (call.input(0).slice::<$t>()[0], call.input(2).slice::<$t>()[0]);
                let all = call.output().slice_mut::<$t>().iter_mut().enumerate();
                all.for_each(|(i, out)| *out = start + i as $t * delta);
                return Ok(());
            }};
        }
        match call.output().dtype {
            DType::Float32 => floats!(f32),
            DType::Float64 => floats!(f64),
            _ => {}
        }
        with_number!(call.output().dtype, T => {
            let (start, delta) = (call.input(0).slice::<T>()[0], call.input(2).slice::<T>()[0]);
            let mut next = start;
            for out in call.output().slice_mut::<T>() {
                *out = next;
                next = next.plus(delta);
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let output = call.output();
    let places = [call.input(0).address, call.input(2).address, output.address];
    Some(kernels::range(output.device_type()?, output.len(), places))
});

/// The numbers from `start` up to, not including, `limit`, `delta` apart: `tf.range(start, limit, delta)`.
#[track_caller]
pub fn range(start: impl IntoTensor, limit: impl IntoTensor, delta: impl IntoTensor) -> Tensor {
    let operands = [start.into_operand(), limit.into_operand(), delta.into_operand()];
    let graph = graph_of(&[&operands[0], &operands[1], &operands[2]]);
    build(graph, || {
        let scope = Scope::open(graph, "range");
        let start = operands[0].tensor(&scope, "start", None)?;
        let limit = operands[1].tensor(&scope, "limit", None)?;
        let delta = operands[2].tensor(&scope, "delta", None)?;
        // Of several types the one that holds the most counts.
        const HIERARCHY: [DType; 4] = [DType::Int32, DType::Int64, DType::Float32, DType::Float64];
        let place = |x: &Tensor| HIERARCHY.iter().position(|dtype| *dtype == x.dtype());
        let mut bounds = [start, limit, delta];
        let Some(widest) = bounds.iter().filter_map(place).max() else { return range_in(&scope, bounds) };
        for bound in bounds.iter_mut().filter(|x| x.dtype() != HIERARCHY[widest] && place(x).is_some()) {
            let attrs = cast_attrs(bound.dtype(), HIERARCHY[widest]);
            *bound = scope.child(&CAST, "Cast", &[*bound], attrs)?.output(0);
        }
        range_in(&scope, bounds)
    })
}

/// A range under a scope that is open already: from where, to where, in which steps.
pub(crate) fn range_in(scope: &Scope, inputs: [Tensor; 3]) -> Result<Tensor> {
    Ok(scope.op(&RANGE, &inputs, typed("Tidx", inputs[0].dtype()))?.output(0))
}
