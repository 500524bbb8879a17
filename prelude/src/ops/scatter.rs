//! Ops that put or add rows where indices say: updates of a variable's rows, `scatter_nd` and its kin, segment sums. What a
//! GPU does with an index outside is TensorFlow's answer there: it leaves the row out, where the CPU says which it was.

use flowbook_cuda::kernels::{self, Scatter};
use flowbook_cuda::{DType as DeviceType, Work};

use super::device::DeviceCall;
use super::math::Arithmetic;
use super::shape::{gather, reshape};
use super::view::{with_any, with_number};
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, View, size_of_dtype, typed};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Operand, Scope, Tensor, Variable, build, graph_of};
use crate::{DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[
    &SCATTER_UPDATE,
    &SCATTER_ADD,
    &SCATTER_SUB,
    &SCATTER_ND,
    &TENSOR_SCATTER_UPDATE,
    &TENSOR_SCATTER_ADD,
    &TENSOR_SCATTER_SUB,
    &UNSORTED_SEGMENT_SUM,
];

fn check_indices(infer: &Infer, i: usize, argument: &str) -> Result<()> {
    match infer.dtype(i) {
        DType::Int32 | DType::Int64 => Ok(()),
        other => Err(Error::Type(format!(
            "Value passed to parameter '{argument}' has DataType {} not in list of allowed values: int32, int64",
            other.name()
        ))),
    }
}

/// Sizes as TensorFlow prints a shape.
fn brackets(sizes: &[usize]) -> String {
    format!("[{}]", sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// The place of element `i` of an array of these sizes, as `[1,2]`; nothing for a single number.
fn place(sizes: &[usize], mut i: usize) -> String {
    let mut at = vec![0; sizes.len()];
    for axis in (0..sizes.len()).rev() {
        (at[axis], i) = (i % sizes[axis], i / sizes[axis]);
    }
    if at.is_empty() { String::new() } else { brackets(&at) }
}

/// Where updates go: along which sizes an index leads, the size of a row, the number of updates.
struct Sizes {
    axes: Vec<usize>,
    width: usize,
    count: usize,
}

/// Of an index that is the last axis of `indices`, into an array of these sizes.
fn nd(indices: &[usize], to: &[usize]) -> Sizes {
    let depth = indices.last().copied().unwrap_or(0).min(to.len());
    let count = indices.split_last().map_or(1, |(_, outer)| outer.iter().product());
    Sizes { axes: to[..depth].to_vec(), width: to[depth..].iter().product(), count }
}

/// The rows that indices name, in order; the number of the first update that is outside.
fn rows(indices: &[i64], axes: &[usize]) -> std::result::Result<Vec<usize>, usize> {
    let row = |(i, index): (usize, &[i64])| {
        let inside = |(at, n): (&i64, &usize)| usize::try_from(*at).ok().filter(|at| at < n).map(|at| (at, *n));
        let mut steps = index.iter().zip(axes).map(inside);
        steps.try_fold(0, |row, step| step.map(|(at, n)| row * n + at)).ok_or(i)
    };
    indices.chunks(axes.len().max(1)).enumerate().map(row).collect()
}

/// Puts or adds the updates, one after the other.
fn write(how: Scatter, rows: &[usize], width: usize, updates: &View, to: &View) -> Result<()> {
    let of = |i: usize| i * width..(i + 1) * width;
    if how == Scatter::Put {
        return with_any!(to.dtype, T => {
            let (to, updates) = (to.slice_mut::<T>(), updates.slice::<T>());
            rows.iter().enumerate().for_each(|(i, row)| to[of(*row)].clone_from_slice(&updates[of(i)]));
            Ok(())
        });
    }
    with_number!(to.dtype, T => {
        let (to, updates) = (to.slice_mut::<T>(), updates.slice::<T>());
        for (i, row) in rows.iter().enumerate() {
            for (x, y) in to[of(*row)].iter_mut().zip(&updates[of(i)]) {
                *x = if how == Scatter::Add { x.plus(*y) } else { x.minus(*y) };
            }
        }
        Ok(())
    })
}

/// The same on a device.
fn works(
    call: &DeviceCall,
    how: Scatter,
    (indices, updates, to): (usize, usize, u64),
    Sizes { axes, width, count }: &Sizes,
    fresh: bool,
) -> Option<Vec<Work>> {
    let (indices, updates) = (call.input(indices), call.input(updates));
    let number = indices.device_type().filter(|t| matches!(t, DeviceType::Int32 | DeviceType::Int64))?;
    let places = [indices.address, updates.address, to];
    // Without an axis an update is of the whole: rows of it all, with an index of nothing.
    if axes.is_empty() {
        return None;
    }
    Some(kernels::scatter(how, updates.device_type()?, number, (axes, *width, *count), fresh, places))
}

fn infer_update(infer: &Infer) -> Result<Vec<Signature>> {
    check_indices(infer, 1, "indices")?;
    if infer.dtype(2) != infer.dtype(0) {
        return Err(Error::Type(format!(
            "Input 'updates' of '{}' Op has type {} that does not match type {} of argument 'ref'.",
            infer.node.def.name,
            infer.dtype(2).name(),
            infer.dtype(0).name()
        )));
    }
    if let (Some(to), Some(indices), Some(updates)) =
        (infer.shape(0).sizes(), infer.shape(1).sizes(), infer.shape(2).sizes())
    {
        let wanted = [&indices[..], to.get(1..).unwrap_or_default()].concat();
        if to.is_empty() || updates != wanted {
            let text = format!(
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape {}, \
                 indices.shape {}, params.shape {}",
                brackets(&updates),
                brackets(&indices),
                brackets(&to)
            );
            return infer.fail(text.clone(), text);
        }
    }
    Ok(vec![infer.inputs[0].clone()])
}

fn update(call: &Call, how: Scatter) -> Result<()> {
    let (to, indices, updates) = (call.input(0), call.input(1), call.input(2));
    let sizes = &to.shape;
    let numbers = indices.ints();
    let rows = rows(&numbers, &sizes[..1]).map_err(|i| {
        let (at, limit) = (place(&indices.shape, i), sizes[0]);
        Error::InvalidArgument(format!("indices{at} = {} is not in [0, {limit})", numbers[i]))
    })?;
    write(how, &rows, sizes[1..].iter().product(), updates, to)
}

fn update_works(call: &DeviceCall, how: Scatter) -> Option<Vec<Work>> {
    let (to, count) = (call.input(0), call.input(1).len());
    let (first, rest) = to.shape.split_first()?;
    let sizes = Sizes { axes: vec![*first], width: rest.iter().product(), count };
    works(call, how, (1, 2, to.address), &sizes, false)
}

pub(crate) static SCATTER_UPDATE: OpDef =
    OpDef::new("ScatterUpdate", infer_update, Kernel::Update(|call| update(call, Scatter::Put)))
        .cuda(|call| update_works(call, Scatter::Put))
        .stateful();
pub(crate) static SCATTER_ADD: OpDef =
    OpDef::new("ScatterAdd", infer_update, Kernel::Update(|call| update(call, Scatter::Add)))
        .cuda(|call| update_works(call, Scatter::Add))
        .stateful();
pub(crate) static SCATTER_SUB: OpDef =
    OpDef::new("ScatterSub", infer_update, Kernel::Update(|call| update(call, Scatter::Subtract)))
        .cuda(|call| update_works(call, Scatter::Subtract))
        .stateful();

#[track_caller]
fn new_update(def: &'static OpDef, variable: Variable, indices: Operand, updates: Operand) -> Tensor {
    let graph = variable.graph();
    build(graph, || {
        let scope = Scope::open(graph, def.name);
        let reference = variable.reference();
        super::fits_type(def, "updates", &updates, reference.dtype())?;
        let indices = indices.tensor(&scope, "indices", None)?;
        let updates = updates.tensor(&scope, "updates", Some(reference.dtype()))?;
        let mut attrs = typed("T", reference.dtype());
        attrs.insert("Tindices", Attr::Type(indices.dtype()));
        attrs.insert("use_locking", Attr::Bool(def.name == "ScatterUpdate"));
        Ok(scope.op(def, &[reference, indices, updates], attrs)?.output(0))
    })
}

/// Replaces rows of the variable when run: `tf.scatter_update(ref, indices, updates)`. Of two updates of one row the later
/// one stays.
///
/// # Panics
/// `TypeError` for indices that are no integers; `ValueError` when the updates are not one row for each index.
#[track_caller]
pub fn scatter_update(variable: Variable, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_update(&SCATTER_UPDATE, variable, indices.into_operand(), updates.into_operand())
}

/// Adds to rows of the variable when run: `tf.scatter_add(ref, indices, updates)`.
///
/// # Panics
/// As [`scatter_update`].
#[track_caller]
pub fn scatter_add(variable: Variable, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_update(&SCATTER_ADD, variable, indices.into_operand(), updates.into_operand())
}

/// Subtracts from rows of the variable when run: `tf.scatter_sub(ref, indices, updates)`.
///
/// # Panics
/// As [`scatter_update`].
#[track_caller]
pub fn scatter_sub(variable: Variable, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_update(&SCATTER_SUB, variable, indices.into_operand(), updates.into_operand())
}

/// The rows that an n-dimensional index names, or TensorFlow's word for the first one outside.
fn nd_rows(indices: &View, sizes: &Sizes, to: &[usize]) -> Result<Vec<usize>> {
    let numbers = indices.ints();
    if sizes.axes.is_empty() {
        return Ok(vec![0; sizes.count]);
    }
    rows(&numbers, &sizes.axes).map_err(|i| {
        let depth = sizes.axes.len();
        let index: Vec<String> = numbers[i * depth..(i + 1) * depth].iter().map(ToString::to_string).collect();
        let at = place(&indices.shape[..indices.shape.len().saturating_sub(1)], i);
        Error::InvalidArgument(format!(
            "indices{at} = [{}] does not index into shape {}",
            index.join(", "),
            brackets(to)
        ))
    })
}

/// Checks that there is a row for each index, as far as sizes are known.
fn check_nd(infer: &Infer, indices: &Shape, updates: &Shape, to: &Shape) -> Result<()> {
    if indices.rank() == Some(0) {
        return infer.fail(
            "Shape must be at least rank 1 but is rank 0",
            "Indices shape must have rank at least one. Found:[]",
        );
    }
    let (Some(indices), Some(updates), Some(to)) = (indices.sizes(), updates.sizes(), to.sizes()) else {
        return Ok(());
    };
    let Some((depth, outer)) = indices.split_last() else { return Ok(()) };
    if *depth <= to.len() && updates == [outer, &to[*depth..]].concat() {
        return Ok(());
    }
    let text = format!(
        "Must have updates.shape = indices.shape[:batch_dim] + params_shape[slice_dim:], got updates.shape: {}, \
         indices.shape: {}, params_shape: {}",
        brackets(&updates),
        brackets(&indices),
        brackets(&to)
    );
    infer.fail(text.clone(), text)
}

pub(crate) static SCATTER_ND: OpDef = OpDef::new(
    "ScatterNd",
    |infer| {
        check_indices(infer, 0, "indices")?;
        let shape = infer.shape_from(2, "shape")?;
        check_nd(infer, infer.shape(0), infer.shape(1), &shape)?;
        Ok(vec![(infer.dtype(1), shape)])
    },
    Kernel::Call(|call| {
        let (indices, updates, to) = (call.input(0), call.input(1), call.output());
        let sizes = nd(&indices.shape, &to.shape);
        let rows = nd_rows(indices, &sizes, &to.shape)?;
        with_any!(to.dtype, T => {
            to.slice_mut::<T>().fill(T::default());
            Ok(())
        })?;
        let how = if matches!(to.dtype, DType::Bool | DType::String) { Scatter::Put } else { Scatter::Add };
        write(how, &rows, sizes.width, updates, to)
    }),
)
.cuda(|call| {
    let (indices, to) = (call.input(0), call.output());
    let how = if to.dtype == DType::Bool { Scatter::Put } else { Scatter::Add };
    works(call, how, (0, 1, to.address), &nd(&indices.shape, &to.shape), true)
})
.gradient(|g| vec![None, Some(gather_nd(g.dy(), g.input(0))), None])
.samples(&[Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| scatter_nd([[1], [3], [1]], x[0], [4, 2]) }]);

fn infer_tensor(infer: &Infer) -> Result<Vec<Signature>> {
    check_indices(infer, 1, "indices")?;
    if infer.dtype(2) != infer.dtype(0) {
        return Err(Error::Type(format!(
            "Input 'updates' of '{}' Op has type {} that does not match type {} of argument 'tensor'.",
            infer.node.def.name,
            infer.dtype(2).name(),
            infer.dtype(0).name()
        )));
    }
    if infer.node.def.name != "TensorScatterUpdate" {
        infer.allow(0, "tensor", Types::Numbers)?;
    }
    check_nd(infer, infer.shape(1), infer.shape(2), infer.shape(0))?;
    Ok(vec![infer.inputs[0].clone()])
}

fn tensor(call: &Call, how: Scatter) -> Result<()> {
    let (from, indices, updates, to) = (call.input(0), call.input(1), call.input(2), call.output());
    let sizes = nd(&indices.shape, &to.shape);
    let rows = nd_rows(indices, &sizes, &to.shape)?;
    to.copy_from(from);
    write(how, &rows, sizes.width, updates, to)
}

fn tensor_works(call: &DeviceCall, how: Scatter) -> Option<Vec<Work>> {
    let (from, indices, to) = (call.input(0), call.input(1), call.output());
    let mut works = works(call, how, (1, 2, to.address), &nd(&indices.shape, &to.shape), false)?;
    works.insert(0, Work::Copy { from: from.address, to: to.address, bytes: from.len() * size_of_dtype(from.dtype) });
    Some(works)
}

pub(crate) static TENSOR_SCATTER_UPDATE: OpDef =
    OpDef::new("TensorScatterUpdate", infer_tensor, Kernel::Call(|call| tensor(call, Scatter::Put)))
        .cuda(|call| tensor_works(call, Scatter::Put))
        .gradient(|g| {
            let updates = gather_nd(g.dy(), g.input(1));
            let none = super::array::zeros_like(updates);
            let kept = tensor_scatter_nd_update(g.dy(), g.input(1), none);
            vec![Some(kept), None, Some(updates)]
        })
        .samples(&[Sample {
            inputs: &[(&[4, 2], -1.0, 1.0), (&[2, 2], -1.0, 1.0)],
            build: |x| tensor_scatter_nd_update(x[0], [[2], [0]], x[1]),
        }]);
pub(crate) static TENSOR_SCATTER_ADD: OpDef =
    OpDef::new("TensorScatterAdd", infer_tensor, Kernel::Call(|call| tensor(call, Scatter::Add)))
        .cuda(|call| tensor_works(call, Scatter::Add))
        .gradient(|g| vec![Some(g.dy()), None, Some(gather_nd(g.dy(), g.input(1)))])
        .samples(&[Sample {
            inputs: &[(&[4, 2], -1.0, 1.0), (&[3, 2], -1.0, 1.0)],
            build: |x| tensor_scatter_nd_add(x[0], [[2], [0], [2]], x[1]),
        }]);
pub(crate) static TENSOR_SCATTER_SUB: OpDef =
    OpDef::new("TensorScatterSub", infer_tensor, Kernel::Call(|call| tensor(call, Scatter::Subtract)))
        .cuda(|call| tensor_works(call, Scatter::Subtract))
        .gradient(|g| {
            let updates = super::elementwise::negative(gather_nd(g.dy(), g.input(1)));
            vec![Some(g.dy()), None, Some(updates)]
        })
        .samples(&[Sample {
            inputs: &[(&[4, 2], -1.0, 1.0), (&[3], -1.0, 1.0)],
            build: |x| tensor_scatter_nd_sub(x[0], [[2, 1], [0, 0], [2, 1]], x[1]),
        }]);

#[track_caller]
fn new_tensor(def: &'static OpDef, tensor: Operand, indices: Operand, updates: Operand) -> Tensor {
    let graph = graph_of(&[&tensor, &indices, &updates]);
    build(graph, || {
        let scope = Scope::open(graph, def.name);
        let tensor = tensor.tensor(&scope, "tensor", None)?;
        let indices = indices.tensor(&scope, "indices", None)?;
        super::fits_type(def, "updates", &updates, tensor.dtype())?;
        let updates = updates.tensor(&scope, "updates", Some(tensor.dtype()))?;
        let mut attrs = typed("T", tensor.dtype());
        attrs.insert("Tindices", Attr::Type(indices.dtype()));
        if def.name == "TensorScatterUpdate" {
            attrs.insert("bad_indices_policy", Attr::Str(String::new()));
        }
        Ok(scope.op(def, &[tensor, indices, updates], attrs)?.output(0))
    })
}

/// The tensor with the updates in the places of elements or rows: `tf.tensor_scatter_nd_update(tensor, indices, updates)`.
/// An index is the last axis of `indices`. Of two updates of one place the later one stays.
///
/// # Panics
/// `TypeError` for indices that are no integers; `ValueError` when the updates do not fit the indices.
#[track_caller]
pub fn tensor_scatter_nd_update(tensor: impl IntoTensor, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_tensor(&TENSOR_SCATTER_UPDATE, tensor.into_operand(), indices.into_operand(), updates.into_operand())
}

/// The tensor with the updates added: `tf.tensor_scatter_nd_add(tensor, indices, updates)`.
///
/// # Panics
/// As [`tensor_scatter_nd_update`].
#[track_caller]
pub fn tensor_scatter_nd_add(tensor: impl IntoTensor, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_tensor(&TENSOR_SCATTER_ADD, tensor.into_operand(), indices.into_operand(), updates.into_operand())
}

/// The tensor with the updates subtracted: `tf.tensor_scatter_nd_sub(tensor, indices, updates)`.
///
/// # Panics
/// As [`tensor_scatter_nd_update`].
#[track_caller]
pub fn tensor_scatter_nd_sub(tensor: impl IntoTensor, indices: impl IntoTensor, updates: impl IntoTensor) -> Tensor {
    new_tensor(&TENSOR_SCATTER_SUB, tensor.into_operand(), indices.into_operand(), updates.into_operand())
}

/// Zeros of a shape with the updates added where indices say: `tf.scatter_nd(indices, updates, shape)`. An index is the last
/// axis of `indices`.
///
/// # Panics
/// As [`tensor_scatter_nd_update`].
#[track_caller]
pub fn scatter_nd(indices: impl IntoTensor, updates: impl IntoTensor, shape: impl IntoTensor) -> Tensor {
    let (indices, updates, shape) = (indices.into_operand(), updates.into_operand(), shape.into_operand());
    let graph = graph_of(&[&indices, &updates, &shape]);
    build(graph, || {
        let scope = Scope::open(graph, "ScatterNd");
        let indices = indices.tensor(&scope, "indices", None)?;
        let updates = updates.tensor(&scope, "updates", None)?;
        let shape = shape.tensor(&scope, "shape", Some(indices.dtype()))?;
        let mut attrs = typed("T", updates.dtype());
        attrs.insert("Tindices", Attr::Type(indices.dtype()));
        attrs.insert("bad_indices_policy", Attr::Str(String::new()));
        Ok(scope.op(&SCATTER_ND, &[indices, updates, shape], attrs)?.output(0))
    })
}

/// The rows of `params` that an n-dimensional index of known depth names, for gradients: indices become the numbers of rows.
fn gather_nd(params: Tensor, indices: Tensor) -> Tensor {
    let (Some(sizes), Some(places)) = (params.shape().sizes(), indices.shape().sizes()) else {
        Error::Unimplemented("the gradient of a scatter needs known sizes".into()).raise()
    };
    let sizes: Vec<i32> = sizes.iter().map(|n| *n as i32).collect();
    let (outer, depth) = places.split_last().map_or((&[][..], 0), |(depth, outer)| (outer, *depth));
    let steps: Vec<i32> = (0..depth).map(|k| sizes[k + 1..depth].iter().product()).collect();
    let steps = super::elementwise::cast(super::array::convert_to_tensor(steps), indices.dtype());
    let numbers = super::reduce::reduce_sum(super::elementwise::multiply(indices, steps)).axis(-1).tensor();
    let rows: Vec<i32> = [&[-1][..], &sizes[depth..]].concat();
    let taken = gather(reshape(params, rows), reshape(numbers, [-1]));
    let shape: Vec<i32> = outer.iter().map(|n| *n as i32).chain(sizes[depth..].iter().copied()).collect();
    reshape(taken, shape)
}

pub(crate) static UNSORTED_SEGMENT_SUM: OpDef = OpDef::new(
    "UnsortedSegmentSum",
    |infer| {
        infer.allow(0, "data", Types::Numbers)?;
        check_indices(infer, 1, "segment_ids")?;
        let count = infer.scalar(2, "num_segments")?;
        let (Some(data), Some(ids)) = (infer.shape(0).dims(), infer.shape(1).dims()) else {
            return Ok(vec![(infer.dtype(0), Shape::unknown())]);
        };
        let differ = |(m, n): (&Option<usize>, &Option<usize>)| m.is_some() && n.is_some() && m != n;
        if ids.len() > data.len() || data.iter().zip(ids).any(differ) {
            infer.forget_values();
            let (a, b) = (infer.shape(0).to_proto(), infer.shape(1).to_proto());
            let text = format!("data.shape = {a} does not start with segment_ids.shape = {b}");
            return infer.fail(text.clone(), text);
        }
        let count = match count {
            Some(count) if count < 0 => {
                let text = format!("Input num_segments == {count} must not be negative.");
                return infer.fail(text.clone(), text);
            }
            count => count.map(|count| count as usize),
        };
        Ok(vec![(infer.dtype(0), Shape::from([&[count], &data[ids.len()..]].concat()))])
    },
    Kernel::Call(|call| {
        let (data, ids, to) = (call.input(0), call.input(1), call.output());
        let (numbers, limit, width) = (ids.ints(), to.shape[0], to.shape[1..].iter().product::<usize>());
        if let Some(i) = numbers.iter().position(|id| *id >= limit as i64) {
            let (at, id) = (place(&ids.shape, i), numbers[i]);
            return Err(Error::InvalidArgument(format!("segment_ids{at} = {id} is out of range [0, {limit})")));
        }
        with_number!(to.dtype, T => {
            let (to, data) = (to.slice_mut::<T>(), data.slice::<T>());
            to.fill(T::default());
            for (id, row) in numbers.iter().zip(data.chunks(width.max(1))) {
                // What belongs to no segment has a negative number.
                let Ok(id) = usize::try_from(*id) else { continue };
                to[id * width..(id + 1) * width].iter_mut().zip(row).for_each(|(x, y)| *x = x.plus(*y));
            }
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (ids, to) = (call.input(1), call.output());
    let (first, rest) = to.shape.split_first()?;
    let sizes = Sizes { axes: vec![*first], width: rest.iter().product(), count: ids.len() };
    works(call, Scatter::Add, (1, 0, to.address), &sizes, true)
})
.gradient(|g| {
    let ids = g.input(1);
    let (Some(data), Some(places)) = (g.input(0).shape().rank(), ids.shape().rank()) else {
        Error::Unimplemented("the gradient of unsorted_segment_sum needs known numbers of axes".into()).raise()
    };
    // What belongs to no segment has a gradient of 0.
    let none = super::array::zeros_like(ids);
    let mut inside = super::elementwise::cast(super::elementwise::greater_equal(ids, none), g.dy().dtype());
    for _ in places..data {
        inside = super::shape::expand_dims(inside, -1);
    }
    let taken = gather(g.dy(), super::elementwise::maximum(ids, none));
    vec![Some(super::elementwise::multiply(taken, inside)), None, None]
})
.samples(&[
    Sample { inputs: &[(&[3, 2], -1.0, 1.0)], build: |x| unsorted_segment_sum(x[0], [2, 0, 2], 4) },
    Sample { inputs: &[(&[2, 2, 2], -1.0, 1.0)], build: |x| unsorted_segment_sum(x[0], [[1, -1], [0, 1]], 2) },
]);

/// The sums of the rows of `data` that have the same number: `tf.math.unsorted_segment_sum(data, segment_ids, num_segments)`.
/// A negative number leaves its row out.
///
/// # Panics
/// `TypeError` for numbers that are no integers; `ValueError` when the sizes of `segment_ids` are not the first of `data`.
#[track_caller]
pub fn unsorted_segment_sum(
    data: impl IntoTensor,
    segment_ids: impl IntoTensor,
    num_segments: impl IntoTensor,
) -> Tensor {
    let (data, ids, count) = (data.into_operand(), segment_ids.into_operand(), num_segments.into_operand());
    let graph = graph_of(&[&data, &ids, &count]);
    build(graph, || {
        let scope = Scope::open(graph, "UnsortedSegmentSum");
        let data = data.tensor(&scope, "data", None)?;
        let ids = ids.tensor(&scope, "segment_ids", None)?;
        let count = count.tensor(&scope, "num_segments", None)?;
        let mut attrs = typed("T", data.dtype());
        attrs.insert("Tindices", Attr::Type(ids.dtype()));
        attrs.insert("Tnumsegments", Attr::Type(count.dtype()));
        Ok(scope.op(&UNSORTED_SEGMENT_SUM, &[data, ids, count], attrs)?.output(0))
    })
}

/// The elements or rows of `tensor` where the mask is true: `tf.boolean_mask(tensor, mask)`. The mask's sizes are the first
/// of the tensor's. How many there are only a run tells, which therefore is the CPU's.
///
/// # Panics
/// `ValueError` for a mask of no axes or other sizes, or of an unknown number of axes.
#[track_caller]
pub fn boolean_mask(tensor: impl IntoTensor, mask: impl IntoTensor) -> Tensor {
    let (tensor, mask) = (super::array::convert_to_tensor(tensor), super::array::convert_to_tensor(mask));
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
    let rows = reshape(tensor, [&[-1][..], &rest].concat());
    let chosen = super::shape::squeeze(super::slicing::r#where(reshape(mask, [-1])), &[1]);
    gather(rows, chosen)
}
