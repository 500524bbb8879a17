//! The functions that build reductions, and the axes they are given.

use super::{ALL, ANY, MAX, MEAN, MIN, PROD, SUM};
use crate::error::{Error, Result};
use crate::graph::{Attr, Built, Graph, IntoTensor, Operand, Rebuild, Scope, Tensor, build, graph_of};
use crate::ops::array::{CONST, const_attrs, new_constant};
use crate::ops::gradient::count_to;
use crate::ops::{OpDef, fits_type, shape, typed};
use crate::{Array, DType, Shape};

/// Axes given to a reduction: `1`, `[0, 1]` or a vector of them.
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
    #[track_caller]
    fn from(list: [i32; N]) -> Axes {
        Axes::from(&list[..])
    }
}

impl From<Vec<i32>> for Axes {
    #[track_caller]
    fn from(list: Vec<i32>) -> Axes {
        Axes::from(&list[..])
    }
}

impl From<&[i32]> for Axes {
    /// # Panics
    /// `ValueError` for more axes than a tensor has.
    #[track_caller]
    fn from(list: &[i32]) -> Axes {
        let (mut axes, count) = ([0; 8], list.len());
        if count > axes.len() {
            Error::Value(format!("a reduction goes along {} axes at most, not {count}", axes.len())).raise();
        }
        axes[..count].copy_from_slice(list);
        Axes { axes, count, single: false }
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

    fn built(&mut self, tensor: Tensor) {
        self.x = tensor.op().inputs()[0];
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

/// All axes: a constant, unless there are none or nobody knows how many.
fn all_axes(graph: Graph, x: &Operand) -> Result<Tensor> {
    let range = |rank: usize| new_constant(graph, "Const", Array::new((0..rank as i32).collect(), &[rank]));
    match x {
        // A recording is seen by nobody.
        Operand::Literal(value, _) if graph.data().eager => range(value.ndim()),
        Operand::Tensor(x) => match x.shape().rank() {
            Some(rank) if rank > 0 || graph.data().eager => range(rank),
            _ => Ok(count_to(shape::rank(*x))),
        },
        Operand::Literal(value, _) => {
            // TensorFlow makes a tensor of it to see its rank, and another one for the reduction.
            let scope = Scope::open(graph, "Rank");
            scope.constant("Const", value.clone())?;
            let rank = Array::scalar(value.ndim() as i32);
            Ok(count_to(scope.op(&CONST, &[], const_attrs(rank))?.output(0)))
        }
    }
}

#[track_caller]
fn new_reduction(def: &'static OpDef, name: &str, x: &Operand, axes: Option<Axes>, keep: bool) -> Tensor {
    let graph = graph_of(&[x]);
    build(graph, || {
        let everything = match axes {
            Some(_) => None,
            None => Some(all_axes(graph, x)?),
        };
        let (scope, of_all) = (Scope::open(graph, name), axes.is_none());
        if matches!(def.name, "All" | "Any") {
            fits_type(def, "input", x, DType::Bool)?;
        }
        let x = x.tensor(&scope, "input", None)?;
        let axes = match (everything, axes) {
            (Some(all), _) => all,
            (None, given) => {
                let given = given.expect("axes are given unless all are meant");
                let (list, rank) = (given.list().to_vec(), usize::from(!given.single));
                scope.constant("reduction_indices", Array::new(list, &[given.count][..rank]))?
            }
        };
        let mut attrs = typed("T", x.dtype());
        attrs.insert("Tidx", Attr::Type(DType::Int32));
        attrs.insert("keep_dims", Attr::Bool(keep));
        let reduced = scope.op(def, &[x, axes], attrs)?.output(0);
        if of_all && !keep {
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
