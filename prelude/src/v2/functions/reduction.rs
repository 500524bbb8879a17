//! Reductions and the matrix product, whose settings are given afterwards.

use crate::error::Result;
use crate::graph;
use crate::ops;
use crate::ops::reduce::{self, Axes};
use crate::v2::Tensor;
use crate::v2::built::{Built, Evaluate};
use crate::v2::eager::{check_types, try_call};
use crate::v2::operand::{IntoTensor, Operand};

/// The arguments of the reductions.
#[derive(Clone)]
pub struct Reduction {
    op: fn(graph::Operand) -> graph::Built<reduce::Reduction>,
    x: Operand,
    axes: Option<Axes>,
    keepdims: bool,
}

impl Evaluate for Reduction {
    fn evaluate(&self) -> Result<Tensor> {
        try_call(std::slice::from_ref(&self.x), |x| {
            let reduced = (self.op)(x[0].clone());
            let reduced = match self.axes {
                Some(axes) => reduced.axis(axes),
                None => reduced,
            };
            if self.keepdims { reduced.keepdims(true).tensor() } else { reduced.tensor() }
        })
    }
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(x: impl IntoTensor) -> Built<Reduction> {
            Built::new(Reduction { op: reduce::$name, x: x.into_operand(), axes: None, keepdims: false })
        }
    )* };
}
reductions! {
    /// The sum of all elements, or along `.axis(...)`: `tf.reduce_sum`.
    reduce_sum;
    /// The mean of all elements, or along `.axis(...)`: `tf.reduce_mean`.
    reduce_mean;
    /// The largest element, or along `.axis(...)`: `tf.reduce_max`.
    reduce_max;
    /// The smallest element, or along `.axis(...)`: `tf.reduce_min`.
    reduce_min;
    /// The product of all elements, or along `.axis(...)`: `tf.reduce_prod`.
    reduce_prod;
    /// Whether all elements are true, or along `.axis(...)`: `tf.reduce_all`.
    reduce_all;
    /// Whether some element is true, or along `.axis(...)`: `tf.reduce_any`.
    reduce_any;
}

impl Built<Reduction> {
    /// The axes to reduce, `axis=`.
    #[track_caller]
    pub fn axis(self, axes: impl Into<Axes>) -> Built<Reduction> {
        self.with(|r| r.axes = Some(axes.into()))
    }

    /// Whether reduced axes stay, with size 1: `keepdims=`.
    #[track_caller]
    pub fn keepdims(self, keep: bool) -> Built<Reduction> {
        self.with(|r| r.keepdims = keep)
    }
}

/// The arguments of [`matmul`].
#[derive(Clone)]
pub struct Product {
    a: Operand,
    b: Operand,
    ta: bool,
    tb: bool,
}

impl Evaluate for Product {
    fn evaluate(&self) -> Result<Tensor> {
        check_types("MatMul", &self.a, &self.b)?;
        try_call(&[self.a.clone(), self.b.clone()], |x| {
            // All at once: a product before its setters would run as well, and fail.
            ops::matmul::new_product(x[0].clone(), x[1].clone(), self.ta, self.tb)
        })
    }

    fn may_wait(&self) -> bool {
        let sizes = |o: &Operand| o.tensor().shape().sizes()?.last_chunk::<2>().copied();
        let (Some(a), Some(b)) = (sizes(&self.a), sizes(&self.b)) else { return false };
        let (a, b) =
            ((a[usize::from(self.ta)], a[usize::from(!self.ta)]), (b[usize::from(self.tb)], b[usize::from(!self.tb)]));
        a.0 == b.0 || a.1 == b.1 || a.0 == b.1
    }
}

/// The matrix product: `tf.matmul`, with `.transpose_a(true)` and `.transpose_b(true)`.
///
/// # Panics
/// `InvalidArgumentError` when the inner sizes differ or an operand is no matrix; when a transposition would make them
/// fit, it comes from the first use of the product, after the setters.
#[track_caller]
pub fn matmul(a: impl IntoTensor, b: impl IntoTensor) -> Built<Product> {
    Built::new(Product { a: a.into_operand(), b: b.into_operand(), ta: false, tb: false })
}

impl Built<Product> {
    /// Takes the first operand transposed.
    #[track_caller]
    pub fn transpose_a(self, yes: bool) -> Built<Product> {
        self.with(|p| p.ta = yes)
    }

    /// Takes the second operand transposed.
    #[track_caller]
    pub fn transpose_b(self, yes: bool) -> Built<Product> {
        self.with(|p| p.tb = yes)
    }
}
