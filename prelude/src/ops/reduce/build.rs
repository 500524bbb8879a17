//! The functions that build reductions, and the axes they are given.

use super::{ALL, ANY, MAX, MEAN, MIN, PROD, SUM};
use crate::graph::{Attr, Built, IntoTensor, Operand, Rebuild, Scope, Tensor, build, graph_of};
use crate::ops::{OpDef, array, fits_type, shape, typed};
use crate::{Array, DType, Shape};

/// Axes given to a reduction: `1` or `[0, 1]`.
#[derive(Clone, Copy)]
pub struct Axes {
    axes: [i32; 8],
    count: usize,
    single: bool,
}

impl Axes {
    /// The axes, one by one.
    pub(crate) fn list(&self) -> &[i32] {
        &self.axes[..self.count]
    }
}

impl From<i32> for Axes {
    fn from(axis: i32) -> Axes {
        Axes { axes: [axis; 8], count: 1, single: true }
    }
}

impl<const N: usize> From<[i32; N]> for Axes {
    fn from(list: [i32; N]) -> Axes {
        let mut axes = [0; 8];
        axes[..N].copy_from_slice(&list);
        Axes { axes, count: N, single: false }
    }
}

/// The arguments of the reductions.
#[derive(Clone, Copy)]
pub struct Reduction {
    def: &'static OpDef,
    x: Tensor,
    axes: Option<Axes>,
    keep: bool,
}

impl Rebuild for Reduction {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        new_reduction(self.def, self.def.name, &Operand::Tensor(self.x), self.axes, self.keep)
    }

    fn operands(&self) -> Vec<Tensor> {
        vec![self.x]
    }

    #[track_caller]
    fn rebuild_from(self, operands: &[Operand]) -> Tensor {
        new_reduction(self.def, self.def.name, &operands[0], self.axes, self.keep)
    }
}

/// A sum, mean or the like with all its arguments at once, for functions that are made of other ops.
#[track_caller]
pub(crate) fn reduced(def: &'static OpDef, name: &str, x: Tensor, axes: Option<Axes>, keep: bool) -> Tensor {
    new_reduction(def, name, &Operand::Tensor(x), axes, keep)
}

#[track_caller]
fn new_reduction(def: &'static OpDef, name: &str, x: &Operand, axes: Option<Axes>, keep: bool) -> Tensor {
    let graph = graph_of(&[x]);
    build(graph, || {
        let range = |n: usize| Array::new((0..n as i32).collect(), &[n]);
        let known = match (x, axes) {
            (_, Some(_)) => None,
            (Operand::Tensor(t), None) => t.shape().rank(),
            (Operand::Literal(a, _), None) => Some(a.ndim()),
        };
        let everything = match known {
            Some(rank) if matches!(x, Operand::Tensor(_)) => Some(array::new_constant(graph, "Const", range(rank))?),
            _ => None,
        };
        let (scope, of_all) = (Scope::open(graph, name), axes.is_none());
        if matches!(def.name, "All" | "Any") {
            fits_type(def, "input", x, DType::Bool)?;
        }
        let x = x.tensor(&scope, if axes.is_some() { "input" } else { "input_tensor" }, None)?;
        let axes = match (everything, axes, known) {
            (Some(tensor), ..) => tensor,
            (None, Some(a), _) if a.single => scope.constant("reduction_indices", Array::scalar(a.axes[0]))?,
            (None, Some(a), _) => {
                scope.constant("reduction_indices", Array::new(a.axes[..a.count].to_vec(), &[a.count]))?
            }
            (None, None, Some(rank)) => scope.constant("Const", range(rank))?,
            (None, None, None) => {
                let rank = scope.child(&shape::RANK, "Rank", &[x], typed("T", x.dtype()))?.output(0);
                let (zero, one) = (
                    scope.constant("range/start", Array::scalar(0i32))?,
                    scope.constant("range/delta", Array::scalar(1i32))?,
                );
                scope.child(&array::RANGE, "range", &[zero, rank, one], typed("Tidx", DType::Int32))?.output(0)
            }
        };
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("keep_dims", Attr::Bool(keep));
        let reduced = scope.op(def, &[x, axes], attrs)?.output(0);
        if known.is_none() && everything.is_none() && of_all && !keep {
            graph.set_shape(reduced, Shape::scalar());
        }
        Ok(reduced)
    })
}

/// A sum along the axes a tensor holds.
pub(crate) fn sum_over(x: Tensor, axes: Tensor, keep: bool) -> Tensor {
    let graph = x.graph();
    build(graph, || {
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("keep_dims", Attr::Bool(keep));
        Ok(Scope::open(graph, "Sum").op(&SUM, &[x, axes], attrs)?.output(0))
    })
}

/// The sum along known axes, which stay with size 1.
pub(crate) fn sum_along(x: Tensor, axes: &[i32]) -> Tensor {
    sum_listed(x, Array::new(axes.to_vec(), &[axes.len()]))
}

fn sum_listed(x: Tensor, axes: Array) -> Tensor {
    let graph = x.graph();
    build(graph, || {
        let scope = Scope::open(graph, "Sum");
        let axes = scope.constant("reduction_indices", axes)?;
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("keep_dims", Attr::Bool(true));
        Ok(scope.op(&SUM, &[x, axes], attrs)?.output(0))
    })
}

/// The sum along the last axis, which stays with size 1.
pub(crate) fn sum_rows(x: Tensor) -> Tensor {
    sum_listed(x, Array::scalar(-1i32))
}

impl Built<Reduction> {
    /// The axis or axes to reduce, `axis=`; all of them without it.
    #[track_caller]
    pub fn axis(self, axes: impl Into<Axes>) -> Built<Reduction> {
        self.with(|a| a.axes = Some(axes.into()))
    }

    /// TensorFlow 1's older name of [`axis`](Self::axis).
    #[track_caller]
    pub fn reduction_indices(self, axes: impl Into<Axes>) -> Built<Reduction> {
        self.axis(axes)
    }

    /// Whether the reduced axes stay, with size 1: `keepdims=`.
    #[track_caller]
    pub fn keepdims(self, keep: bool) -> Built<Reduction> {
        self.with(|a| a.keep = keep)
    }
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $f:ident => $def:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $f(x: impl IntoTensor) -> Built<Reduction> {
            let tensor = new_reduction(&$def, $def.name, &x.into_operand(), None, false);
            Built { arguments: Reduction { def: &$def, x: tensor.op().inputs()[0], axes: None, keep: false }, tensor }
        }
    )* };
}

reductions! {
    /// The sum, of all elements or along `.axis(...)`: `tf.reduce_sum`.
    reduce_sum => SUM;
    /// The mean, of all elements or along `.axis(...)`: `tf.reduce_mean`. Of integers it is an integer.
    reduce_mean => MEAN;
    /// The greatest element: `tf.reduce_max`.
    reduce_max => MAX;
    /// The least element: `tf.reduce_min`.
    reduce_min => MIN;
    /// The product: `tf.reduce_prod`.
    reduce_prod => PROD;
    /// Whether all are true: `tf.reduce_all`.
    reduce_all => ALL;
    /// Whether any is true: `tf.reduce_any`.
    reduce_any => ANY;
}
