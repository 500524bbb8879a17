//! What gradients of several families of ops are made of, in TensorFlow's own steps, so that graphs show the nodes they
//! show there. The gradient of one op stands beside the op; the walk through a graph is in `graph`.

use super::array::{new_constant, ones_for, range_in};
use super::elementwise::{FLOOR_DIV, MAXIMUM, cast};
use super::reduce::{reduce_prod, sum_along, sum_over};
use super::shape::{
    axis_of, broadcast_gradient_args, broadcast_to, dynamic_stitch, gather, reshape, reshape_in, shape, size,
    size_vector, tile,
};
use super::{Style, binary, cast_array, ints};
use crate::graph::{Gradient, IntoTensor, Scope, Tensor, build};
use crate::{Array, DType, Shape};

/// A constant of the type of `like`, under that name.
pub(crate) fn number(like: Tensor, name: &str, value: f64) -> Tensor {
    let graph = like.graph();
    build(graph, || new_constant(graph, name, cast_array(&Array::scalar(value), like.dtype())))
}

fn are_known_and_equal(x: Tensor, y: Tensor) -> bool {
    x.shape().sizes().is_some() && x.shape() == y.shape()
}

/// The gradients of `x * y`.
pub(crate) fn of_product(x: Tensor, y: Tensor, dy: Tensor) -> (Tensor, Tensor) {
    use super::elementwise::multiply;
    let by_x = multiply(dy, y);
    let turned = dy.dtype() == DType::Float32 && are_known_and_equal(x, y);
    (by_x, if turned { multiply(dy, x) } else { multiply(x, dy) })
}

/// The gradients of a broadcasting op of two operands, each summed to its operand's shape.
pub(crate) fn reduce_both(g: &Gradient, by_x: Tensor, by_y: Tensor) -> Vec<Option<Tensor>> {
    let (x, y) = (g.input(0), g.input(1));
    let looks_first = match g.node().def.name {
        "AddV2" | "Sub" | "SquaredDifference" => true,
        "Mul" => x.dtype() == DType::Float32,
        // A recording is seen by nobody.
        _ => x.graph().data().eager,
    };
    if looks_first && are_known_and_equal(x, y) && are_known_and_equal(x, g.dy()) {
        return vec![Some(by_x), Some(by_y)];
    }
    let (sizes_x, sizes_y) = (shape(x), shape(y));
    let (axes_x, axes_y) = match repeated_axes(&x.shape(), &y.shape()) {
        Some((axes_x, axes_y)) => (Axes::Known(axes_x), Axes::Known(axes_y)),
        None => {
            let (axes_x, axes_y) = broadcast_gradient_args(sizes_x, sizes_y);
            (Axes::Tensor(axes_x), Axes::Tensor(axes_y))
        }
    };
    let (rank_x, rank_y) = (x.shape().rank(), y.shape().rank());
    vec![Some(axes_x.reduce(by_x, sizes_x, rank_x < rank_y)), Some(axes_y.reduce(by_y, sizes_y, rank_y < rank_x))]
}

/// The axes along which an operand was repeated.
enum Axes {
    Known(Vec<i32>),
    Tensor(Tensor),
}

impl Axes {
    fn reduce(self, value: Tensor, sizes: Tensor, has_less: bool) -> Tensor {
        match self {
            Axes::Known(axes) if axes.is_empty() && !has_less => value,
            Axes::Known(axes) => reshape(sum_along(value, &axes), sizes),
            Axes::Tensor(axes) => reshape(sum_over(value, axes, true), sizes),
        }
    }
}

/// The axes along which each of two operands is repeated, when their shapes say so.
fn repeated_axes(x: &Shape, y: &Shape) -> Option<(Vec<i32>, Vec<i32>)> {
    let (x, y) = (x.dims()?, y.dims()?);
    let rank = x.len().max(y.len());
    let at = |dims: &[Option<usize>], i: usize| (i + dims.len()).checked_sub(rank).map_or(Some(1), |k| dims[k]);
    let (mut axes_x, mut axes_y) = (vec![], vec![]);
    for axis in 0..rank {
        match (at(x, axis), at(y, axis)) {
            (m, n) if m == Some(1) && n != Some(1) => axes_x.push(axis as i32),
            (m, n) if n == Some(1) && m != Some(1) => axes_y.push(axis as i32),
            (None, _) | (_, None) => return None,
            _ => {}
        }
    }
    Some((axes_x, axes_y))
}

/// `value` summed to the shape of `operand`, which was broadcast to it.
pub(crate) fn reduce_one(value: Tensor, operand: Tensor) -> Tensor {
    if are_known_and_equal(value, operand) {
        return value;
    }
    let sizes = shape(operand);
    let (axes, _) = broadcast_gradient_args(sizes, shape(value));
    reshape(sum_over(value, axes, false), sizes)
}

/// The gradients of a product of many matrices, each summed to its operand's shape along the repeated axes before the
/// last two.
pub(crate) fn reduce_batch(operands: [Tensor; 2], gradients: [Tensor; 2]) -> [Tensor; 2] {
    let shapes = operands.map(|t| t.shape());
    let axes = shapes.each_ref().map(|s| s.dims().map(|dims| &dims[..dims.len().saturating_sub(2)]));
    let known = axes[0].is_some_and(|axes| axes.iter().all(Option::is_some));
    let plain = axes.iter().all(|axes| axes.is_some_and(<[_]>::is_empty));
    if plain || (known && axes[0] == axes[1]) {
        return gradients;
    }
    let sizes = operands.map(shape);
    let [batch_x, batch_y] = sizes.map(|sizes| sizes.slice(ndarray::s![..-2]));
    let (axes_x, axes_y) = broadcast_gradient_args(batch_x, batch_y);
    let back = |i: usize, axes: Tensor| reshape(sum_over(gradients[i], axes, false), sizes[i]);
    [back(0, axes_x), back(1, axes_y)]
}

/// `dy` in the shape of `x`, of which it has the elements; one unknown size follows from the others.
pub(crate) fn reshape_back(dy: Tensor, x: Tensor) -> Tensor {
    let known = x.shape();
    let dims = known.dims().unwrap_or_default();
    if dims.iter().filter(|d| d.is_none()).count() != 1 || dims.contains(&Some(0)) {
        return reshape(dy, shape(x));
    }
    reshape(dy, dims.iter().map(|d| d.map_or(-1, |d| d as i32)).collect::<Vec<_>>())
}

/// The sizes of a reduced tensor as if its axes had stayed. Known ones become a constant wherever they are used.
pub(crate) enum Sizes {
    Known(Vec<usize>),
    Tensor(Tensor),
}

impl Sizes {
    /// The sizes of `x`.
    pub fn of(x: Tensor) -> Sizes {
        Sizes::Tensor(shape(x))
    }

    /// `sizes` with 1 in the place of those of the axes.
    pub fn reduced(sizes: Tensor, axes: Tensor) -> Sizes {
        let graph = sizes.graph();
        let value = |t: Tensor| graph.data().constant_value(t.output()).map(ints);
        if let (Some(sizes), Some(axes)) = (value(sizes), value(axes)) {
            return Sizes::Known(with_ones(&sizes.iter().map(|s| *s as usize).collect::<Vec<_>>(), &axes));
        }
        let rank = size(sizes);
        let axes = (axes + rank) % rank;
        let count = shape(axes);
        let all = count_to(rank);
        let ones = build(graph, || ones_for(graph, "ones", count, DType::Int32));
        Sizes::Tensor(dynamic_stitch(&[all, axes], &[sizes, ones]))
    }

    /// `x` in this shape.
    pub fn lay_out(&self, x: Tensor) -> Tensor {
        match self {
            Sizes::Known(sizes) => reshape(x, size_vector(sizes)),
            Sizes::Tensor(sizes) => reshape(x, *sizes),
        }
    }
}

fn with_ones(sizes: &[usize], axes: &[i64]) -> Vec<usize> {
    let mut kept = sizes.to_vec();
    axes.iter().filter_map(|a| axis_of(*a, sizes.len())).for_each(|axis| kept[axis] = 1);
    kept
}

/// `tf.range(count)`.
pub(crate) fn count_to(count: Tensor) -> Tensor {
    let graph = count.graph();
    build(graph, || {
        let scope = Scope::open(graph, "range");
        let start = scope.constant("start", Array::scalar(0i32))?;
        let delta = scope.constant("delta", Array::scalar(1i32))?;
        range_in(&scope, [start, count, delta])
    })
}

/// The gradient of a sum: `dy` repeated along the axes that were summed.
pub(crate) fn of_sum(g: &Gradient) -> Tensor {
    let (x, axes, dy) = (g.input(0), g.input(1), g.dy());
    let (graph, known) = (x.graph(), x.shape());
    let listed = graph.data().constant_value(axes.output()).map(ints);
    if let (Some(dims), Some(axes)) = (known.dims(), listed) {
        if axes.iter().copied().eq(0..dims.len() as i64) {
            return repeat_number(dy, x);
        }
        if let Some(sizes) = known.sizes() {
            return repeat_known(dy, &sizes, &axes);
        }
    }
    let sizes = shape(x);
    let kept = if g.node().bool("keep_dims") { dy } else { Sizes::reduced(sizes, axes).lay_out(dy) };
    broadcast_to(kept, sizes)
}

/// A number repeated to the shape of `x`.
fn repeat_number(dy: Tensor, x: Tensor) -> Tensor {
    let (graph, rank) = (x.graph(), x.shape().rank().unwrap_or(0));
    let ones = match rank {
        // Python's empty list is first taken for one of floats.
        0 if !graph.data().eager => empty_sizes(dy),
        _ => reshape(dy, vec![1i32; rank]),
    };
    let times = match x.shape().sizes() {
        Some(sizes) => build(graph, || new_constant(graph, "Const", size_vector(&sizes))),
        None => shape(x),
    };
    tile(ones, times)
}

/// `tf.reshape(x, [])`.
fn empty_sizes(x: Tensor) -> Tensor {
    let graph = x.graph();
    build(graph, || {
        let scope = Scope::open(graph, "Reshape");
        scope.constant("shape", Array::new(Vec::<f32>::new(), &[0]))?;
        let sizes = scope.constant("shape", size_vector(&[]))?;
        reshape_in(&scope, x, sizes)
    })
}

/// `dy` repeated along known axes of known size. The first time, the graph gets to see the computation.
fn repeat_known(dy: Tensor, sizes: &[usize], axes: &[i64]) -> Tensor {
    let graph = dy.graph();
    let kept = with_ones(sizes, axes);
    let is_new = !graph.data().eager && graph.data().repeated.insert((sizes.to_vec(), axes.to_vec()));
    if is_new {
        let at_least = size_vector(&kept).into_operand();
        let least = binary(&MAXIMUM, "Maximum", at_least, 1i32.into_operand(), Style::Function);
        binary(&FLOOR_DIV, "floordiv", size_vector(sizes).into_operand(), least.into_operand(), Style::Operator);
    }
    let times: Vec<usize> = sizes.iter().zip(&kept).map(|(n, one)| n / (*one).max(1)).collect();
    tile(reshape(dy, size_vector(&kept)), size_vector(&times))
}

/// The gradient of a mean: that of the sum, divided by the number of elements.
pub(crate) fn of_mean(g: &Gradient) -> Tensor {
    let (x, y) = (g.input(0), g.output());
    let sum = of_sum(g);
    if let (Some(many), Some(few)) = (x.shape().num_elements(), y.shape().num_elements()) {
        return sum / number(sum, "Const", (many / few.max(1)) as f64);
    }
    let sizes = shape(x);
    let rank = size(sizes);
    let axes = (cast(g.input(1), DType::Int32) + rank) % rank;
    let count = reduce_prod(gather(sizes, axes)).tensor();
    sum / cast(count, sum.dtype())
}
