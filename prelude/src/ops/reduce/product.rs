//! Products along axes. Their gradient divides by nothing, so that elements may be 0: each element gets the product of those
//! before it and of those after it.

use flowbook_cuda::kernels;

use super::loops::fold;
use super::{infer_numbers, on_device, reduce_prod};
use crate::graph::{Gradient, Scope, Tensor, build};
use crate::ops::gradient::{Sizes, count_to};
use crate::ops::math::Arithmetic;
use crate::ops::shape::{
    broadcast_to, concat, gather, invert_permutation, list_diff, rank, reshape, reshape_in, shape, stack_as,
    transpose_by,
};
use crate::ops::slicing::product_of_others;
use crate::ops::view::with_number;
use crate::ops::{Kernel, OpDef, Sample};

pub(crate) static PROD: OpDef = OpDef::new(
    "Prod",
    infer_numbers,
    Kernel::Call(|call| {
        with_number!(call.output().dtype, T => {
            fold::<T, T>(call, T::from(1u8), |a, x| a.times(x), |a, _| a);
            Ok(())
        })
    }),
)
.cuda(|call| on_device(call, kernels::Reduction::Prod))
.gradient(gradient)
.samples(&[
    Sample { inputs: &[(&[2, 3], 0.5, 1.5)], build: |x| reduce_prod(x[0]).axis(0).tensor() },
    Sample { inputs: &[(&[2, 3], 0.5, 1.5)], build: |x| reduce_prod(x[0]).tensor() },
    Sample { inputs: &[(&[2, 3, 2], 0.5, 1.5)], build: |x| reduce_prod(x[0]).axis([0, 2]).keepdims(true).tensor() },
]);

fn gradient(g: &Gradient) -> Vec<Option<Tensor>> {
    let (x, axes) = (g.input(0), g.input(1));
    let sizes = shape(x);
    let indices = reshape(axes, [-1]);
    let kept = if g.node().bool("keep_dims") { g.dy() } else { Sizes::reduced(sizes, axes).lay_out(g.dy()) };
    let dy = broadcast_to(kept, sizes);
    // The axes multiplied along become the rows of a matrix, the others its columns.
    let all = rank(x);
    let reduced = (indices + all) % all;
    let others = list_diff(count_to(all), reduced);
    let order = concat([reduced, others], 0);
    let (rows, columns) = (count(sizes, reduced), count(sizes, others));
    let permuted = transpose_by(x, order);
    let permuted_sizes = shape(permuted);
    let matrix = as_matrix(permuted, rows, columns);
    let (before, after) = (product_of_others(matrix, false), product_of_others(matrix, true));
    let slopes = reshape(before * after, permuted_sizes);
    vec![Some(reshape(dy * transpose_by(slopes, invert_permutation(order)), sizes)), None]
}

/// How many elements lie along some axes.
fn count(sizes: Tensor, axes: Tensor) -> Tensor {
    reduce_prod(gather(sizes, axes)).tensor()
}

/// `x` as a matrix of so many rows and columns.
fn as_matrix(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor {
    build(x.graph(), || {
        let scope = Scope::open(x.graph(), "Reshape");
        let sizes = stack_as(&scope, "shape", &[rows, columns])?;
        reshape_in(&scope, x, sizes)
    })
}
