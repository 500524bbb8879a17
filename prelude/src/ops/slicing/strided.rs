//! Strided slices, Python's `t[1:3, 0]`, and their gradient.

use flowbook_cuda::kernels;
use ndarray::SliceInfoElem;

use super::{each_place, on_device, spans};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Node, Operand, Scope, Tensor, Variable, build, graph_of};
use crate::ops::shape::shape;
use crate::ops::view::{with_any, with_number};
use crate::ops::{Infer, Kernel, OpDef, Sample, Signature, Sizes, size_of_dtype, typed};
use crate::{Array, DType, Shape};

fn infer_strided(infer: &Infer) -> Result<Vec<Signature>> {
    let [begin, end, step] = [(1, "begin"), (2, "end"), (3, "strides")].map(|(i, name)| infer.vector(i, name));
    let known = (infer.shape(0).dims(), begin?, end?, step?);
    let (Some(dims), Some(begin), Some(end), Some(step)) = known else {
        return Ok(vec![(infer.dtype(0), Shape::unknown())]);
    };
    // A size that is not known yet stands for a large one, so that no index is out of its bounds.
    let sizes: Vec<usize> = dims.iter().map(|d| d.unwrap_or(i32::MAX as usize)).collect();
    let spans = match spans(infer.node, &sizes, [&begin, &end, &step]) {
        Ok(spans) => spans,
        Err(text) => {
            if !text.starts_with("slice index") {
                [1, 2].into_iter().for_each(|i| infer.forget(i));
            }
            return infer.fail(text.clone(), text);
        }
    };
    let kept = spans.iter().zip(dims).filter(|(s, _)| !s.shrink).map(|(s, d)| d.map(|_| s.count));
    Ok(vec![(infer.dtype(0), Shape::from(kept.collect::<Vec<_>>()))])
}

/// The slice of a vector that is known in part only.
pub(crate) fn part_of(node: &Node, sizes: Sizes, bounds: [Vec<i64>; 3]) -> Option<Sizes> {
    let spans = spans(node, &[sizes.len()], [&bounds[0], &bounds[1], &bounds[2]]).ok()?;
    let span = spans.first()?;
    let place = |i: usize| sizes.get((span.start as isize + i as isize * span.step) as usize).copied();
    (0..span.count).map(place).collect()
}

pub(crate) static STRIDED_SLICE: OpDef = OpDef::new(
    "StridedSlice",
    infer_strided,
    Kernel::Call(|call| {
        let input = call.input(0);
        let bounds = [call.input(1).ints(), call.input(2).ints(), call.input(3).ints()];
        let spans =
            spans(&call.node, &input.shape, [&bounds[0], &bounds[1], &bounds[2]]).map_err(Error::InvalidArgument)?;
        with_any!(input.dtype, T => {
            let (from, mut out) = (input.slice::<T>(), call.output().slice_mut::<T>().iter_mut());
            each_place(&spans, &input.shape, |at| {
                if let Some(cell) = out.next() {
                    *cell = from[at].clone();
                }
            });
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (input, output) = (call.input(0), call.output());
    let bounds = [call.ints(1)?, call.ints(2)?, call.ints(3)?];
    let spans = spans(call.node, &input.shape, [&bounds[0], &bounds[1], &bounds[2]]).ok()?;
    let (counts, part) = on_device(&spans, input);
    let whole = kernels::Strided::whole(output.address, &counts);
    Some(kernels::strided_copy(size_of_dtype(input.dtype), &counts, &part, &whole))
})
.gradient(|g| {
    let inputs = [shape(g.input(0)), g.input(1), g.input(2), g.input(3), g.dy()];
    let graph = g.dy().graph();
    let grad = build(graph, || {
        let scope = Scope::open(graph, "StridedSliceGrad");
        Ok(scope.op(&STRIDED_SLICE_GRAD, &inputs, g.node().attrs.clone())?.output(0))
    });
    vec![Some(grad), None, None, None]
})
.samples(&[
    Sample { inputs: &[(&[4, 3], -1.0, 1.0)], build: |x| x[0].slice(ndarray::s![1..3, ..;2]) },
    Sample { inputs: &[(&[4, 3], -1.0, 1.0)], build: |x| x[0].slice(ndarray::s![-1, ..;-1]) },
]);

/// Zeros with the gradient put back where the slice came from: inputs are the sliced array's sizes, the slice's three
/// bounds, the gradient.
pub(crate) static STRIDED_SLICE_GRAD: OpDef = OpDef::new(
    "StridedSliceGrad",
    |infer| Ok(vec![(infer.dtype(4), infer.shape_from(0, "shape")?)]),
    Kernel::Call(|call| {
        let sizes = &call.output().shape;
        let bounds = [call.input(1).ints(), call.input(2).ints(), call.input(3).ints()];
        let spans = spans(&call.node, sizes, [&bounds[0], &bounds[1], &bounds[2]]).map_err(Error::InvalidArgument)?;
        with_number!(call.output().dtype, T => {
            let out = call.output().slice_mut::<T>();
            out.fill(T::from(0u8));
            let mut dy = call.input(4).slice::<T>().iter();
            each_place(&spans, sizes, |at| {
                if let Some(d) = dy.next() {
                    out[at] = *d;
                }
            });
            Ok(())
        })
    }),
)
.cuda(|call| {
    let (dy, output) = (call.input(4), call.output());
    let bounds = [call.ints(1)?, call.ints(2)?, call.ints(3)?];
    let spans = spans(call.node, &output.shape, [&bounds[0], &bounds[1], &bounds[2]]).ok()?;
    let (counts, part) = on_device(&spans, output);
    let whole = kernels::Strided::whole(dy.address, &counts);
    let mut works = kernels::fill(output.device_type()?, 0.0, output.address, output.len());
    works.extend(kernels::strided_copy(size_of_dtype(output.dtype), &counts, &whole, &part));
    Some(works)
});

/// Bounds of a strided slice before they become constants.
#[derive(Default)]
struct Bounds {
    begin: Vec<i32>,
    end: Vec<i32>,
    step: Vec<i32>,
    begin_mask: i64,
    end_mask: i64,
    shrink_axis_mask: i64,
}

#[track_caller]
fn new_strided(x: Tensor, bounds: &Bounds) -> Tensor {
    let graph = x.graph();
    build(graph, || strided_in(&Scope::open(graph, "strided_slice"), &x.into_operand(), ["stack"; 3], bounds))
}

/// A strided slice under a scope that is open already; the bounds' constants have names of their own.
fn strided_in(scope: &Scope, x: &Operand, names: [&str; 3], bounds: &Bounds) -> Result<Tensor> {
    {
        let x = x.tensor(scope, "input", None)?;
        let list = |v: &[i32]| Array::new(v.to_vec(), &[v.len()]);
        let begin = scope.constant(names[0], list(&bounds.begin))?;
        let end = scope.constant(names[1], list(&bounds.end))?;
        let step = scope.constant(names[2], list(&bounds.step))?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Index", Attr::Type(DType::Int32));
        attrs.insert("begin_mask", Attr::Int(bounds.begin_mask));
        attrs.insert("end_mask", Attr::Int(bounds.end_mask));
        attrs.insert("shrink_axis_mask", Attr::Int(bounds.shrink_axis_mask));
        attrs.insert("ellipsis_mask", Attr::Int(0));
        attrs.insert("new_axis_mask", Attr::Int(0));
        Ok(scope.op(&STRIDED_SLICE, &[x, begin, end, step], attrs)?.output(0))
    }
}

/// From `begin` up to `end` in steps of `strides`, for each of the first axes: `tf.strided_slice`.
///
/// # Panics
/// `ValueError` when a bound is given for an axis that does not exist.
#[track_caller]
pub fn strided_slice<const N: usize>(x: impl IntoTensor, begin: [i32; N], end: [i32; N], strides: [i32; N]) -> Tensor {
    let bounds = Bounds { begin: begin.into(), end: end.into(), step: strides.into(), ..Bounds::default() };
    let x = x.into_operand();
    let graph = graph_of(&[&x]);
    build(graph, || strided_in(&Scope::open(graph, "StridedSlice"), &x, ["begin", "end", "strides"], &bounds))
}

impl Tensor {
    /// A part of the tensor, `t[1:3, 0]` in Python: `t.slice(s![1..3, 0])`. A negative step takes the same elements
    /// as the positive one would, in reverse, as in `ndarray` and on arrays.
    ///
    /// ```
    /// use flowbook::{s, v1 as tf};
    /// let t = tf::constant([[1, 2, 3], [4, 5, 6]]);
    /// let sess = tf::Session::new();
    /// assert_eq!(sess.run(t.slice(s![1, ..2]))?.to_string(), "[4 5]");
    /// assert_eq!(sess.run(t.slice(s![.., -1]))?.to_string(), "[3 6]");
    /// # Ok::<(), flowbook::Error>(())
    /// ```
    ///
    /// # Panics
    /// `ValueError` when an index is out of bounds or there are more of them than axes.
    #[track_caller]
    pub fn slice(self, part: impl AsRef<[SliceInfoElem]>) -> Tensor {
        let mut bounds = Bounds::default();
        for (i, element) in part.as_ref().iter().enumerate() {
            let (begin, end, step) = match *element {
                SliceInfoElem::Index(at) => {
                    bounds.shrink_axis_mask |= 1 << i;
                    (at, at + 1, 1)
                }
                SliceInfoElem::NewAxis => {
                    Error::Value("a slice of a tensor adds no axis: use tf::expand_dims".into()).raise()
                }
                SliceInfoElem::Slice { start, end, step } if step > 0 => {
                    bounds.begin_mask |= i64::from(start == 0) << i;
                    bounds.end_mask |= i64::from(end.is_none()) << i;
                    (start, end.unwrap_or(0), step)
                }
                SliceInfoElem::Slice { start, end, step } => {
                    bounds.begin_mask |= i64::from(end.is_none()) << i;
                    bounds.end_mask |= i64::from(start == 0) << i;
                    (end.unwrap_or(0) - 1, start - 1, step)
                }
            };
            bounds.begin.push(begin as i32);
            bounds.end.push(end as i32);
            bounds.step.push(step as i32);
        }
        new_strided(self, &bounds)
    }
}

impl Variable {
    /// A part of its value: see [`Tensor::slice`].
    #[track_caller]
    pub fn slice(self, part: impl AsRef<[SliceInfoElem]>) -> Tensor {
        self.value().slice(part)
    }
}
