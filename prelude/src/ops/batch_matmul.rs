//! Products of many matrices at once: of the last two axes, for each index of the axes before, which broadcast. Products
//! of two matrices are in `matmul`, which also has the function that builds both.

use flowbook_cuda::{Product as DeviceProduct, Work};

use super::device::{DeviceCall, tensor_float_32};
use super::gradient::reduce_batch;
use super::infer::broadcast;
use super::matmul::{Factor, PARALLEL, PENDING, Sizes, new_product, plain, product};
use super::shape::broadcast_strides;
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, parallel, size_of_dtype};
use crate::error::Result;
use crate::graph::{Gradient, IntoTensor, Tensor};
use crate::{DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[&BATCH_MATMUL];

pub(crate) static BATCH_MATMUL: OpDef =
    OpDef::new("BatchMatMulV2", infer, Kernel::Call(run)).cuda(on_device).gradient(gradient).samples(&[
        Sample {
            inputs: &[(&[2, 2, 3], -1.0, 1.0), (&[2, 3, 2], -1.0, 1.0)],
            build: |x| new_product(x[0].into_operand(), x[1].into_operand(), false, false),
        },
        Sample {
            inputs: &[(&[2, 1, 3, 2], -1.0, 1.0), (&[2, 2, 3], -1.0, 1.0)],
            build: |x| new_product(x[0].into_operand(), x[1].into_operand(), true, true),
        },
        Sample {
            inputs: &[(&[2, 3], -1.0, 1.0), (&[2, 2, 3], -1.0, 1.0)],
            build: |x| new_product(x[0].into_operand(), x[1].into_operand(), false, true),
        },
        Sample {
            inputs: &[(&[2, 3, 2], -1.0, 1.0), (&[3, 2], -1.0, 1.0)],
            build: |x| new_product(x[0].into_operand(), x[1].into_operand(), true, false),
        },
    ]);

/// The axes before the last two, and these.
fn cut<T>(dims: &[T]) -> Option<(&[T], [&T; 2])> {
    match dims {
        [batch @ .., m, n] => Some((batch, [m, n])),
        _ => None,
    }
}

fn infer(infer: &Infer) -> Result<Vec<Signature>> {
    let dtype = infer.same_type(&["x", "y"])?;
    infer.allow(0, "x", Types::Numbers)?;
    for i in 0..2 {
        if let Some(rank) = infer.shape(i).rank().filter(|rank| *rank < 2) {
            let running = format!("In[{i}] ndims must be >= 2: {rank}");
            return infer.fail(format!("Shape must be at least rank 2 but is rank {rank}"), running);
        }
    }
    let both = infer.shape(0).dims().and_then(cut).zip(infer.shape(1).dims().and_then(cut));
    let Some(((batch_x, [a, b]), (batch_y, [c, d]))) = both else { return Ok(vec![(dtype, Shape::unknown())]) };
    let (m, k) = if infer.node.bool("adj_x") { (b, a) } else { (a, b) };
    let (l, n) = if infer.node.bool("adj_y") { (d, c) } else { (c, d) };
    let shapes = || (infer.shape(0).to_proto(), infer.shape(1).to_proto());
    if let (Some(k), Some(l)) = (k, l)
        && k != l
    {
        if infer.node.bool(PENDING) && !infer.running {
            return Ok(vec![(dtype, Shape::unknown())]);
        }
        let (x, y) = shapes();
        let [adj_x, adj_y] = adjoints(infer.node).map(u8::from);
        return infer.fail(
            format!("Dimensions must be equal, but are {k} and {l}"),
            format!("Matrix size-incompatible: In[0]: {x}, In[1]: {y} {adj_x} {adj_y}"),
        );
    }
    match broadcast(&Shape::from(batch_x.to_vec()), &Shape::from(batch_y.to_vec())) {
        Ok(batch) => Ok(vec![(dtype, Shape::from([batch.dims().unwrap_or_default(), &[*m, *n]].concat()))]),
        Err((i, j)) => {
            let (x, y) = shapes();
            infer.fail(
                format!("Dimensions must be equal, but are {i} and {j}"),
                format!("In[0] and In[1] must have compatible batch dimensions: {x} vs. {y}"),
            )
        }
    }
}

/// Where the matrices of a product lie, counted in elements.
struct Places {
    sizes: Sizes,
    x: Vec<usize>,
    y: Vec<usize>,
}

impl Places {
    /// The places of the operands' matrices for each matrix of the result.
    fn new([x, y, out]: [&[usize]; 3], adjoint: [bool; 2]) -> Option<Places> {
        let ((batch_x, [a, b]), (batch_y, [c, d]), (batch, _)) = (cut(x)?, cut(y)?, cut(out)?);
        let (m, k) = if adjoint[0] { (*b, *a) } else { (*a, *b) };
        let n = if adjoint[1] { *c } else { *d };
        let (of_x, of_y) = (starts(batch_x, batch, a * b), starts(batch_y, batch, c * d));
        Some(Places { sizes: Sizes::new([m, k, n], adjoint[0], adjoint[1]), x: of_x, y: of_y })
    }
}

/// The first element of the matrix of `size` elements that each index of the broadcast axes `to` takes from axes `from`.
fn starts(from: &[usize], to: &[usize], size: usize) -> Vec<usize> {
    let mut all = vec![0];
    for (count, step) in to.iter().zip(broadcast_strides(from, to)) {
        all = all.iter().flat_map(|start| (0..*count).map(move |i| start + i * step * size)).collect();
    }
    all
}

fn adjoints(node: &crate::graph::Node) -> [bool; 2] {
    [node.bool("adj_x"), node.bool("adj_y")]
}

fn run(call: &Call) -> Result<()> {
    let shapes = [&call.input(0).shape[..], &call.input(1).shape[..], &call.output().shape[..]];
    let Some(places) = Places::new(shapes, adjoints(&call.node)) else { return Ok(()) };
    match call.output().dtype {
        DType::Float32 => each::<f32>(call, &places, of_floats),
        DType::Float64 => each::<f64>(call, &places, of_floats),
        DType::Int32 => each::<i32>(call, &places, |s, a, b, out, _| plain(s, a, b, out)),
        DType::Int64 => each::<i64>(call, &places, |s, a, b, out, _| plain(s, a, b, out)),
        _ => each::<u8>(call, &places, |s, a, b, out, _| plain(s, a, b, out)),
    }
    Ok(())
}

fn of_floats<T: Factor>(s: &Sizes, a: &[T], b: &[T], out: &mut [T], shared: bool) {
    product(s, a, b, None, out, shared);
}

/// Runs `multiply` on all matrices: large ones one after the other, each on all cores; small ones side by side.
fn each<T: crate::dtype::Element + Send + Sync>(
    call: &Call,
    places: &Places,
    multiply: impl Fn(&Sizes, &[T], &[T], &mut [T], bool) + Sync,
) {
    let s = &places.sizes;
    let (x, y): (&[T], &[T]) = (call.input(0).slice(), call.input(1).slice());
    let (unit, work) = (s.m * s.n, s.m * s.n * s.k);
    let out = call.output().slice_mut::<T>();
    if work == 0 {
        return out.fill(T::default());
    }
    let one = |i: usize, out: &mut [T], shared: bool| {
        multiply(s, &x[places.x[i]..][..s.m * s.k], &y[places.y[i]..][..s.k * s.n], out, shared);
    };
    if work >= PARALLEL {
        return out.chunks_exact_mut(unit).enumerate().for_each(|(i, out)| one(i, out, true));
    }
    let total = work * places.x.len();
    parallel::over(out, unit, total, |first, out| {
        out.chunks_exact_mut(unit).enumerate().for_each(|(i, out)| one(first + i, out, false));
    });
}

/// More matrices than these are not worth a launch each.
const LAUNCHES: usize = 64;

fn on_device(call: &DeviceCall) -> Option<Vec<Work>> {
    let (x, y, out) = (call.input(0), call.input(1), call.output());
    let places = Places::new([&x.shape, &y.shape, &out.shape], adjoints(call.node))?;
    let (s, dtype) = (&places.sizes, out.device_type()?);
    let [tx, ty] = adjoints(call.node);
    let product = DeviceProduct::new(dtype, [s.m, s.n, s.k], x.address, y.address, out.address).transposed(tx, ty);
    let product = DeviceProduct { tf32: tensor_float_32(), ..product };
    if let (Some(step_x), Some(step_y)) = (even_step(&places.x), even_step(&places.y)) {
        let mut all = DeviceProduct { batch: places.x.len(), ..product };
        (all.a.step, all.b.step) = (step_x, step_y);
        return Some(vec![Work::Product(all)]);
    }
    let (count, element) = (places.x.len(), size_of_dtype(out.dtype));
    let one = |i: usize| {
        let mut one = product.clone();
        one.a.address += (places.x[i] * element) as u64;
        one.b.address += (places.y[i] * element) as u64;
        one.to += (i * s.m * s.n * element) as u64;
        Work::Product(one)
    };
    (count <= LAUNCHES).then(|| (0..count).map(one).collect())
}

/// How far apart the places lie, when all are equally far.
fn even_step(places: &[usize]) -> Option<usize> {
    let step = places.get(1).copied().unwrap_or(0);
    places.iter().enumerate().all(|(i, place)| *place == i * step).then_some(step)
}

fn gradient(g: &Gradient) -> Vec<Option<Tensor>> {
    let (x, y, dy) = (g.input(0), g.input(1), g.dy());
    let product = |a: Tensor, b: Tensor, ta: bool, tb: bool| new_product(a.into_operand(), b.into_operand(), ta, tb);
    let (by_x, by_y) = match adjoints(&g.node()) {
        [false, false] => (product(dy, y, false, true), product(x, dy, true, false)),
        [false, true] => (product(dy, y, false, false), product(dy, x, true, false)),
        [true, false] => (product(y, dy, false, true), product(x, dy, false, false)),
        [true, true] => (product(y, dy, true, true), product(dy, x, true, true)),
    };
    reduce_batch([x, y], [by_x, by_y]).map(Some).to_vec()
}
