//! Tensors dealt out along an axis, in equal parts or one by one.

use flowbook_cuda::{Work, kernels};

use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Operand, Scope, Tensor, build, graph_of};
use crate::ops::array::new_constant;
use crate::ops::device::DeviceCall;
use crate::ops::elementwise::multiply;
use crate::ops::shape::{around, axis_of, concat, expand_dims};
use crate::ops::view::with_any;
use crate::ops::{Call, Infer, Kernel, OpDef, Sample, ints, size_of_dtype, typed};
use crate::{Array, DType, Shape};

/// The axis that a `Split` or `Unpack` works along, once the rank is known.
fn checked_axis(infer: &Infer, axis: i64, rank: usize) -> Result<usize> {
    let (building, running) = match infer.node.def.name {
        "Split" => (
            format!("Dimension size, given by scalar input {axis} must be in range [-{rank}, {rank})"),
            format!("-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}"),
        ),
        _ => {
            let text = format!("axis = {axis} not in [-{rank}, {rank})");
            (text.clone(), text)
        }
    };
    axis_of(axis, rank).map_or_else(|| infer.fail(building, running), Ok)
}

pub(crate) static SPLIT: OpDef = OpDef::new(
    "Split",
    |infer| {
        let n = infer.node.int("num_split") as usize;
        let (Some(dims), Some(axis)) = (infer.shape(1).dims(), infer.scalar(0, "split_dim")?) else {
            return Ok(vec![(infer.dtype(1), Shape::unknown()); n]);
        };
        let axis = checked_axis(infer, axis, dims.len())?;
        let mut dims = dims.to_vec();
        if let Some(size) = dims[axis] {
            if size % n != 0 {
                return infer.fail(
                    format!(
                        "Dimension size must be evenly divisible by {n} but is {size}\n\tNumber of ways to split should \
                         evenly divide the split dimension"
                    ),
                    format!("Number of ways to split should evenly divide the split dimension, but got split_dim {axis} (size = {size}) and num_split {n}"),
                );
            }
            dims[axis] = Some(size / n);
        }
        Ok(vec![(infer.dtype(1), Shape::from(dims)); n])
    },
    Kernel::Call(|call| {
        let axis = axis_of(call.input(0).ints()[0], call.input(1).shape.len()).unwrap_or(0);
        deal(call, 1, axis)
    }),
)
.cuda(|call| deal_on_device(call, 1, axis_of(*call.ints(0)?.first()?, call.input(1).shape.len())?))
.gradient(|g| {
    let parts = g.dys_or_zeros();
    let axis = g.input(0);
    let known = axis.graph().data().constant_value(axis.output()).map(ints);
    vec![None, Some(concat(&parts, known.map_or(0, |axis| axis[0] as i32)))]
})
.samples(&[Sample {
    inputs: &[(&[2, 4], -1.0, 1.0)],
    build: |x| {
        let parts = split(x[0], 2, 1);
        multiply(parts[0], multiply(parts[1], parts[1]))
    },
}]);

/// Deals an array out to the outputs on the device.
fn deal_on_device(call: &DeviceCall, input: usize, axis: usize) -> Option<Vec<Work>> {
    let from = call.input(input);
    let (before, size, after) = around(&from.shape, axis);
    let element = size_of_dtype(from.dtype);
    let (mut works, mut start) = (Vec::new(), 0);
    for output in &call.outputs {
        let width = output.len() / before.max(1);
        let address = from.address + (start * element) as u64;
        start += width;
        let part = kernels::Strided { address, strides: vec![(size * after) as isize, 1] };
        let whole = kernels::Strided::whole(output.address, &[before, width]);
        works.extend(kernels::strided_copy(element, &[before, width], &part, &whole));
    }
    Some(works)
}

/// Deals an array out to the outputs, in runs along the axis that are as long as the outputs.
fn deal(call: &Call, input: usize, axis: usize) -> Result<()> {
    let from = call.input(input);
    let (before, size, after) = around(&from.shape, axis);
    with_any!(from.dtype, T => {
        let mut start = 0;
        for out in &call.outputs {
            let width = out.len() / before.max(1);
            for (block, part) in from.slice::<T>().chunks((size * after).max(1)).zip(out.slice_mut::<T>().chunks_mut(width.max(1))) {
                part.clone_from_slice(&block[start..start + width]);
            }
            start += width;
        }
        Ok(())
    })
}

pub(crate) static SPLIT_V: OpDef = OpDef::new(
    "SplitV",
    |infer| {
        let n = infer.node.int("num_split") as usize;
        let sizes = infer.ints(1);
        let (Some(dims), Some(axis)) = (infer.shape(0).dims(), infer.scalar(2, "split_dim")?) else {
            return Ok(vec![(infer.dtype(0), Shape::unknown()); n]);
        };
        let rank = dims.len();
        let Some(axis) = axis_of(axis, rank) else {
            return infer.fail(
                format!("Dimension size, given by scalar input {axis} must be in range [-{rank}, {rank})"),
                format!("-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}"),
            );
        };
        let part = |size: Option<usize>| {
            let dims = [&dims[..axis], &[size], &dims[axis + 1..]].concat();
            (infer.dtype(0), Shape::from(dims))
        };
        let Some(sizes) = sizes else { return Ok(vec![part(None); n]) };
        let given: i64 = sizes.iter().filter(|size| **size >= 0).sum();
        let rest = dims[axis].map(|whole| whole as i64 - given);
        if let Some(whole) = dims[axis]
            && rest.is_some_and(|rest| rest < 0 || (rest > 0 && sizes.iter().all(|size| *size >= 0)))
        {
            let listed: Vec<String> = sizes.iter().map(ToString::to_string).collect();
            return infer.fail(
                format!("can't split axis of size {whole} into pieces of size [{}]", listed.join(",")),
                format!(
                    "Determined shape must either match input shape along split_dim exactly if fully specified, or be less \
                     than the size of the input along split_dim if not fully specified.  Got: {given}"
                ),
            );
        }
        let size = |size: i64| if size < 0 { rest.map(|rest| rest as usize) } else { Some(size as usize) };
        Ok(sizes.into_iter().map(|n| part(size(n))).collect())
    },
    Kernel::Call(|call| {
        let axis = axis_of(call.input(2).ints()[0], call.input(0).shape.len()).unwrap_or(0);
        deal(call, 0, axis)
    }),
)
.cuda(|call| deal_on_device(call, 0, axis_of(*call.ints(2)?.first()?, call.input(0).shape.len())?))
.gradient(|g| {
    let axis = g.input(2);
    let known = axis.graph().data().constant_value(axis.output()).map(ints);
    vec![Some(concat(g.dys_or_zeros(), known.map_or(0, |axis| axis[0] as i32))), None, None]
})
.samples(&[Sample {
    inputs: &[(&[2, 4], -1.0, 1.0)],
    build: |x| {
        let parts = split(x[0], [1, 3], 1);
        multiply(parts[0], multiply(parts[1], parts[1]))
    },
}]);

/// Into what [`split`] cuts a tensor: so many equal parts, or parts of the sizes listed, of which one may be -1.
#[derive(Clone, Debug)]
pub enum Parts {
    /// That many equal ones.
    Equal(usize),
    /// Ones of these sizes.
    Sizes(Vec<i32>),
}

macro_rules! counts {
    ($($t:ty),*) => { $(impl From<$t> for Parts {
        fn from(count: $t) -> Parts {
            Parts::Equal(usize::try_from(count).unwrap_or(0))
        }
    })* };
}
counts!(i32, i64, usize);

impl<const N: usize> From<[i32; N]> for Parts {
    fn from(sizes: [i32; N]) -> Parts {
        Parts::Sizes(sizes.to_vec())
    }
}

impl From<Vec<i32>> for Parts {
    fn from(sizes: Vec<i32>) -> Parts {
        Parts::Sizes(sizes)
    }
}

/// The tensor in parts along `axis`, so many equal ones or those of a list of sizes: `tf.split(value, parts, axis)`.
///
/// ```
/// use flowbook::v1 as tf;
/// let parts = tf::split([[1, 2, 3, 4]], [1, 3], 1);
/// assert_eq!(tf::Session::new().run(parts[1])?.to_string(), "[[2 3 4]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Panics
/// `ValueError` when the size along the axis is no multiple of the number of parts, or not the sum of their sizes.
#[track_caller]
pub fn split(value: impl IntoTensor, parts: impl Into<Parts>, axis: i32) -> Vec<Tensor> {
    let value = value.into_operand();
    let graph = graph_of(&[&value]);
    let parts = parts.into();
    build(graph, || match parts {
        Parts::Equal(num) => split_equally(&Scope::open(graph, "split"), &value, num, axis),
        Parts::Sizes(sizes) => {
            let count = sizes.len();
            let sizes = new_constant(graph, "Const", Array::new(sizes, &[count]))?;
            let scope = Scope::open(graph, "split");
            let value = value.tensor(&scope, "value", None)?;
            let axis = scope.constant("split_dim", Array::scalar(axis))?;
            let mut attrs = typed("T", value.dtype());
            attrs.insert("Tlen", Attr::Type(DType::Int32));
            attrs.insert("num_split", Attr::Int(count as i64));
            Ok(scope.op(&SPLIT_V, &[value, sizes, axis], attrs)?.outputs())
        }
    })
}

fn split_equally(scope: &Scope, value: &Operand, num: usize, axis: i32) -> Result<Vec<Tensor>> {
    if num == 0 {
        return Err(Error::Value("Attr 'num_split' of 'Split' Op passed 0 less than minimum 1.".into()));
    }
    let axis = scope.constant("split_dim", Array::scalar(axis))?;
    let value = value.tensor(scope, "value", None)?;
    let mut attrs = typed("T", value.dtype());
    attrs.insert("num_split", Attr::Int(num as i64));
    Ok(scope.op(&SPLIT, &[axis, value], attrs)?.outputs())
}

pub(crate) static UNPACK: OpDef = OpDef::new(
    "Unpack",
    |infer| {
        let n = infer.node.int("num") as usize;
        let Some(dims) = infer.shape(0).dims() else { return Ok(vec![(infer.dtype(0), Shape::unknown()); n]) };
        let axis = checked_axis(infer, infer.node.int("axis"), dims.len())?;
        let mut dims = dims.to_vec();
        if let Some(size) = dims.remove(axis)
            && size != n
        {
            return infer.fail(
                format!("Dimension must be {n} but is {size}"),
                format!("Input shape axis {axis} must equal {n}, got shape {}", infer.shape(0).to_proto()),
            );
        }
        Ok(vec![(infer.dtype(0), Shape::from(dims)); n])
    },
    Kernel::Call(|call| deal(call, 0, axis_of(call.node.int("axis"), call.input(0).shape.len()).unwrap_or(0))),
)
.cuda(|call| deal_on_device(call, 0, axis_of(call.node.int("axis"), call.input(0).shape.len())?))
.gradient(|g| {
    let axis = g.node().int("axis") as i32;
    let parts: Vec<Tensor> = g.dys_or_zeros().into_iter().map(|dy| expand_dims(dy, axis)).collect();
    vec![Some(concat(&parts, axis))]
})
.samples(&[Sample {
    inputs: &[(&[2, 3], -1.0, 1.0)],
    build: |x| {
        let parts = unstack(x[0], 1);
        multiply(parts[0], parts[2])
    },
}]);

/// The tensor's slices along `axis`, which goes: `tf.unstack(value, axis=axis)`.
///
/// # Panics
/// `ValueError` when the size along the axis is not known.
#[track_caller]
pub fn unstack(value: impl IntoTensor, axis: i32) -> Vec<Tensor> {
    let value = value.into_operand();
    let graph = graph_of(&[&value]);
    build(graph, || {
        let scope = Scope::open(graph, "unstack");
        let value = value.tensor(&scope, "value", None)?;
        let shape = value.shape();
        if let Some(rank) = shape.rank().filter(|rank| axis_of(i64::from(axis), *rank).is_none()) {
            let low = -(rank as i64);
            return Err(Error::Value(format!("Argument `axis` = {axis} not in range [{low}, {rank})")));
        }
        let size = shape.dims().and_then(|dims| dims[axis_of(i64::from(axis), dims.len())?]);
        let Some(size) = size else {
            return Err(Error::Value(format!("Cannot infer argument `num` from shape {shape}")));
        };
        let mut attrs = typed("T", value.dtype());
        attrs.insert("num", Attr::Int(size as i64));
        attrs.insert("axis", Attr::Int(i64::from(axis)));
        Ok(scope.op(&UNPACK, &[value], attrs)?.outputs())
    })
}

/// The `num` slices along an axis.
pub(crate) fn unstacked(value: Tensor, num: usize, axis: i64) -> Vec<Tensor> {
    let graph = value.graph();
    build(graph, || {
        let mut attrs = typed("T", value.dtype());
        attrs.insert("num", Attr::Int(num as i64));
        attrs.insert("axis", Attr::Int(axis));
        Ok(Scope::open(graph, "unstack").op(&UNPACK, &[value], attrs)?.outputs())
    })
}
