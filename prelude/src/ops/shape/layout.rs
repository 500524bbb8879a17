//! Ops that lay elements out anew: transposed, repeated, broadcast.

use super::super::array::{RANGE, convert_to_tensor, range};
use super::super::device::DeviceCall;
use super::super::elementwise::SUB;
use super::super::gradient::reduce_one;
use super::super::view::with_any;
use super::super::{Call, Infer, Kernel, OpDef, Sample, Signature, size_of_dtype, typed};
use super::axes::invert_permutation;
use super::{RANK, axis_of, reshape, shape, size, stack, with_argument};
use crate::error::{Error, Result};
use crate::graph::{Attr, Built, IntoTensor, Operand, Rebuild, Scope, Tensor, build, graph_of};
use crate::{Array, DType, Shape};
use flowbook_cuda::{Work, kernels};

pub(crate) static TRANSPOSE: OpDef = OpDef::new(
    "Transpose",
    |infer| {
        let Some(perm) = infer.vector(1, "perm")? else {
            let rank = infer.shape(0).rank();
            return Ok(vec![(infer.dtype(0), rank.map_or(Shape::unknown(), |r| Shape::from(vec![None; r])))]);
        };
        let Some(dims) = infer.shape(0).dims() else {
            return Ok(vec![(infer.dtype(0), Shape::from(vec![None; perm.len()]))]);
        };
        if perm.len() != dims.len() {
            infer.forget_values();
            return infer.fail(
                format!("Dimension must be {} but is {}", dims.len(), perm.len()),
                format!(
                    "transpose expects a vector of size {}. But input(1) is a vector of size {}",
                    dims.len(),
                    perm.len()
                ),
            );
        }
        if let Some(p) = perm.iter().find(|p| axis_of(**p, dims.len()).is_none()) {
            let text = format!("perm dim {p} is out of range of input rank {}", dims.len());
            return infer.fail(text.clone(), text);
        }
        let perm: Vec<usize> = perm.iter().filter_map(|p| axis_of(*p, dims.len())).collect();
        if let (Some(missing), true) = ((0..dims.len()).find(|axis| !perm.contains(axis)), infer.running) {
            let list = perm.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            return Err(Error::InvalidArgument(format!("{missing} is missing from {{{list}}}.")));
        }
        Ok(vec![(infer.dtype(0), Shape::from(perm.iter().map(|p| dims[*p]).collect::<Vec<_>>()))])
    },
    Kernel::Call(|call| {
        let from = strides(&call.input(0).shape);
        let perm: Vec<usize> = call.input(1).ints().iter().filter_map(|p| axis_of(*p, from.len())).collect();
        let steps: Vec<usize> = perm.iter().map(|p| from[*p]).collect();
        with_any!(call.output().dtype, T => {
            gather_strided(call.input(0).slice::<T>(), call.output().slice_mut::<T>(), &call.output().shape, &steps);
            Ok(())
        })
    }),
)
.cuda(|call| {
    let from = strides(&call.input(0).shape);
    let perm = call.ints(1)?.into_iter().filter_map(|p| axis_of(p, from.len()));
    copied(call, perm.map(|p| from[p]).collect(), 0)
})
.gradient(|g| vec![Some(transpose_by(g.dy(), invert_permutation(g.input(1)))), None])
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| transpose(x[0]).tensor() }]);

/// The output filled on the device with elements of the input: so many apart along each axis, from a first one on.
pub(super) fn copied(call: &DeviceCall, steps: Vec<usize>, start: usize) -> Option<Vec<Work>> {
    let (from, to) = (call.input(0), call.output());
    let element = size_of_dtype(to.dtype);
    let address = from.address + (start * element) as u64;
    let part = kernels::Strided { address, strides: steps.into_iter().map(|s| s as isize).collect() };
    let whole = kernels::Strided::whole(to.address, &to.shape);
    Some(kernels::strided_copy(element, &to.shape, &part, &whole))
}

/// The permutation that undoes another one.
/// The axes as a tensor says.
#[track_caller]
pub(crate) fn transpose_by(x: Tensor, perm: Tensor) -> Tensor {
    with_argument(&TRANSPOSE, "transpose", ("x", x.into_operand()), ("perm", perm.into_operand()), "Tperm")
}

/// The arguments of [`transpose`].
#[derive(Clone, Copy)]
pub struct Transpose {
    x: Tensor,
    perm: [i32; 8],
    rank: usize,
}

impl Rebuild for Transpose {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        new_transpose(&Operand::Tensor(self.x), Some(&self.perm[..self.rank]))
    }

    fn operands(&self) -> Vec<Tensor> {
        vec![self.x]
    }

    fn built(&mut self, tensor: Tensor) {
        self.x = tensor.op().inputs()[0];
    }

    #[track_caller]
    fn rebuild_from(self, operands: &[Operand]) -> Tensor {
        new_transpose(&operands[0], Some(&self.perm[..self.rank]))
    }
}

/// A transposition by a permutation, or else one that reverses all axes, whose number may be open.
#[track_caller]
fn new_transpose(x: &Operand, perm: Option<&[i32]>) -> Tensor {
    let graph = graph_of(&[x]);
    build(graph, || {
        let scope = Scope::open(graph, "transpose");
        let x = x.tensor(&scope, "a", None)?;
        let reversed = x.shape().rank().map(|rank| (0..rank as i32).rev().collect::<Vec<_>>());
        let perm = match perm.map(<[i32]>::to_vec).or(reversed) {
            Some(perm) => scope.constant("perm", Array::new(perm.clone(), &[perm.len()]))?,
            None => {
                let rank = scope.child(&RANK, "Rank", &[x], typed("T", x.dtype()))?.output(0);
                let one = scope.constant("sub/y", Array::scalar(1i32))?;
                let last = scope.child(&SUB, "sub", &[rank, one], typed("T", DType::Int32))?.output(0);
                let limit = scope.constant("Range/limit", Array::scalar(-1i32))?;
                let delta = scope.constant("Range/delta", Array::scalar(-1i32))?;
                scope.child(&RANGE, "Range", &[last, limit, delta], typed("Tidx", DType::Int32))?.output(0)
            }
        };
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tperm", Attr::Type(DType::Int32));
        Ok(scope.op(&TRANSPOSE, &[x, perm], attrs)?.output(0))
    })
}

/// The axes in reverse order, or as `.perm([...])` says: `tf.transpose`.
///
/// # Panics
/// `ValueError` when a permutation is for another rank.
#[track_caller]
pub fn transpose(x: impl IntoTensor) -> Built<Transpose> {
    let tensor = new_transpose(&x.into_operand(), None);
    Built { arguments: Transpose { x: tensor.op().inputs()[0], perm: [0; 8], rank: 0 }, tensor }
}

impl Built<Transpose> {
    /// Which input axis each output axis comes from, `perm=`.
    #[track_caller]
    pub fn perm<const N: usize>(self, perm: [i32; N]) -> Built<Transpose> {
        self.with(|a| {
            a.perm[..N].copy_from_slice(&perm);
            a.rank = N;
        })
    }
}

pub(crate) static TILE: OpDef = OpDef::new(
    "Tile",
    |infer| {
        let Some(times) = infer.vector(1, "multiples")? else {
            return Ok(vec![(
                infer.dtype(0),
                infer.shape(0).dims().map_or_else(Shape::unknown, |d| vec![None; d.len()].into()),
            )]);
        };
        let Some(dims) = infer.shape(0).dims() else {
            return Ok(vec![(infer.dtype(0), Shape::from(vec![None; times.len()]))]);
        };
        if times.len() != dims.len() {
            infer.forget_values();
            return infer.fail(
                format!("Shape must be rank {} but is rank {}", dims.len(), times.len()),
                format!(
                    "Expected multiples argument to be a vector of length {} but got length {}",
                    dims.len(),
                    times.len()
                ),
            );
        }
        if let Some(i) = times.iter().position(|n| *n < 0) {
            if !infer.running {
                return Ok(vec![(infer.dtype(0), Shape::from(vec![None; dims.len()]))]);
            }
            let text = format!("Expected multiples[{i}] >= 0, but got {}", times[i]);
            return Err(Error::InvalidArgument(text));
        }
        let sizes = dims.iter().zip(&times).map(|(d, n)| d.map(|d| d.saturating_mul(*n as usize)));
        Ok(vec![(infer.dtype(0), Shape::from(sizes.collect::<Vec<_>>()))])
    },
    Kernel::Call(|call| {
        let (from, to) = (&call.input(0).shape, &call.output().shape);
        if from.iter().zip(to).all(|(m, n)| *m == 1 || m == n) {
            return broadcast_copy(call);
        }
        let (steps, n) = (strides(from), call.output().len());
        with_any!(call.output().dtype, T => {
            let (input, out) = (call.input(0).slice::<T>(), call.output().slice_mut::<T>());
            let place = strides(to);
            for (i, cell) in out.iter_mut().enumerate().take(n) {
                let at: usize = (0..to.len()).map(|k| (i / place[k] % to[k] % from[k]) * steps[k]).sum();
                *cell = input[at].clone();
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (from, times) = (&call.input(0).shape, call.ints(1)?);
    let own = strides(from);
    // Each axis is one for the repetitions and one for the elements.
    let (mut shape, mut steps) = (Vec::new(), Vec::new());
    for axis in 0..from.len() {
        shape.extend([times[axis] as usize, from[axis]]);
        steps.extend([0, own[axis] as isize]);
    }
    let part = kernels::Strided { address: call.input(0).address, strides: steps };
    let whole = kernels::Strided::whole(call.output().address, &shape);
    Some(kernels::strided_copy(size_of_dtype(call.output().dtype), &shape, &part, &whole))
})
.gradient(|g| {
    let sizes = shape(g.input(0));
    let interleaved = reshape(transpose(stack([g.input(1), sizes])), [-1]);
    let axes = range(0, size(interleaved), 2);
    let summed = super::super::reduce::sum_over(reshape(g.dy(), interleaved), axes, false);
    summed.graph().set_shape(summed, g.input(0).shape());
    vec![Some(summed), None]
})
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| tile(x[0], [2, 2]) }]);

/// The tensor repeated along each axis: `tf.tile`.
#[track_caller]
pub fn tile(x: impl IntoTensor, multiples: impl IntoTensor) -> Tensor {
    with_argument(&TILE, "Tile", ("input", x.into_operand()), ("multiples", multiples.into_operand()), "Tmultiples")
}

/// Copies an array to a shape it broadcasts to.
pub(crate) fn broadcast_copy(call: &Call) -> Result<()> {
    let (from, to) = (&call.input(0).shape, &call.output().shape);
    let steps = broadcast_strides(from, to);
    with_any!(call.output().dtype, T => {
        if call.output().len() > 0 {
            gather_strided(call.input(0).slice::<T>(), call.output().slice_mut::<T>(), to, &steps);
        }
        Ok(())
    })
}

/// The strides that read an array of shape `from` as if it had shape `to`: 0 along what is repeated.
pub(crate) fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<usize> {
    let own = strides(from);
    let missing = to.len() - from.len();
    (0..to.len()).map(|i| if i < missing || from[i - missing] == 1 { 0 } else { own[i - missing] }).collect()
}

pub(crate) static BROADCAST_TO: OpDef = OpDef::new("BroadcastTo", infer_broadcast_to, Kernel::Call(broadcast_copy))
    .cuda(|call| copied(call, broadcast_strides(&call.input(0).shape, &call.output().shape), 0))
    .gradient(|g| vec![Some(reduce_one(g.dy(), g.input(0))), None])
    .samples(&[Sample { inputs: &[(&[3], -1.0, 1.0)], build: |x| broadcast_to(x[0], [2, 3]) }]);

/// The shape, with the sizes that follow from what is repeated to it.
fn filled_in(to: Shape, from: &Shape) -> Shape {
    let (Some(sizes), Some(known)) = (to.dims(), from.dims()) else { return to };
    let missing = sizes.len().saturating_sub(known.len());
    let own = |i: usize| i.checked_sub(missing).and_then(|k| known[k]).filter(|n| *n != 1);
    let size = |i: usize| sizes[i].or_else(|| own(i));
    Shape::from((0..sizes.len()).map(size).collect::<Vec<_>>())
}

fn infer_broadcast_to(infer: &Infer) -> Result<Vec<Signature>> {
    let to = infer.shape_from(1, "shape")?;
    if let (Some(from), Some(sizes)) = (infer.shape(0).dims(), to.dims()) {
        let missing = sizes.len().checked_sub(from.len());
        let fits = |missing: usize| {
            from.iter().zip(&sizes[missing..]).all(|(m, n)| m.is_none() || n.is_none() || *m == Some(1) || m == n)
        };
        if !missing.is_some_and(fits) {
            let running = format!("Incompatible shapes: {} vs. {}", infer.shape(0).to_proto(), to.to_proto());
            let pairs = from.iter().rev().zip(sizes.iter().rev());
            let odd = pairs.filter_map(|(m, n)| (*m).zip(*n)).find(|(m, n)| m != n && *m != 1);
            let building = odd.map(|(m, n)| format!("Dimensions must be equal, but are {m} and {n}"));
            return infer.fail(building.unwrap_or_else(|| running.clone()), running);
        }
    }
    // In a run only the sizes themselves count, which are looked at once they are known.
    let to = if infer.running { to } else { filled_in(to, infer.shape(0)) };
    Ok(vec![(infer.dtype(0), to)])
}

/// The tensor repeated to a shape it broadcasts to: `tf.broadcast_to`.
#[track_caller]
pub fn broadcast_to(x: impl IntoTensor, shape: impl IntoTensor) -> Tensor {
    with_argument(&BROADCAST_TO, "BroadcastTo", ("input", x.into_operand()), ("shape", shape.into_operand()), "Tidx")
}

/// Row-major strides, in elements.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        strides[i - 1] = strides[i] * shape[i];
    }
    strides
}

/// Walks the output in order and reads the input at `steps` elements per output axis.
pub(super) fn gather_strided<T: Clone>(from: &[T], out: &mut [T], shape: &[usize], steps: &[usize]) {
    let Some((&n, outer)) = shape.split_last() else {
        out[0] = from[0].clone();
        return;
    };
    let step = steps[shape.len() - 1];
    let mut index = vec![0; outer.len()];
    let mut start = 0;
    for row in out.chunks_mut(n.max(1)) {
        for (i, out) in row.iter_mut().enumerate() {
            *out = from[start + i * step].clone();
        }
        for axis in (0..outer.len()).rev() {
            index[axis] += 1;
            start += steps[axis];
            if index[axis] < outer[axis] {
                break;
            }
            start -= steps[axis] * outer[axis];
            index[axis] = 0;
        }
    }
}

/// The tensor with an axis and the last one in each other's places.
#[track_caller]
pub(crate) fn with_last(x: Tensor, axis: usize, rank: usize) -> Tensor {
    if axis + 1 == rank {
        return x;
    }
    let mut order: Vec<i32> = (0..rank as i32).collect();
    order.swap(axis, rank - 1);
    transpose_by(x, convert_to_tensor(Array::new(order, &[rank])))
}
