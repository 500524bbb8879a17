//! What layers compute, as TensorFlow's nodes: it is called in the layer's own scopes.

use super::{Arguments, Kind, Training};
use crate::error::Error;
use crate::graph::collections::keys::{REGULARIZATION_LOSSES, UPDATE_OPS};
use crate::graph::{Operand, Tensor, Variable, VariableInitializer, get_variable, initializer, name_scope};
use crate::ops::array::{identity, zeros_of};
use crate::ops::conv::{avg_pool, conv2d, max_pool};
use crate::ops::einsum::tensordot;
use crate::ops::elementwise::{MUL, SUB, multiply};
use crate::ops::flow::cond;
use crate::ops::matmul::new_product;
use crate::ops::nn::{bias_add, composed, dropout, moments};
use crate::ops::reduce::Axes;
use crate::ops::shape::{expand_dims, reshape, squeeze};
use crate::ops::state::assign_sub;
use crate::ops::{Style, binary};

/// The layer's result.
#[track_caller]
pub(super) fn layer(x: Tensor, a: &Arguments) -> Tensor {
    match a.kind {
        Kind::Dense { units } => dense(x, units, a),
        Kind::Conv1d { filters, kernel_size } => {
            let depth = channels(x, 3, a);
            let kernel = kernel(a, &[kernel_size, depth, filters]).value();
            // A sequence is an image of one row.
            let image = convolved(expand_dims(x, 1), expand_dims(kernel, 0), [1, a.strides[0]], a);
            with_bias(squeeze(image, &[1]), filters, a)
        }
        Kind::Conv2d { filters, kernel_size: [height, width] } => {
            let depth = channels(x, 4, a);
            let kernel = kernel(a, &[height, width, depth, filters]);
            let bias = a.use_bias.then(|| bias(a, filters));
            finished(convolved(x, kernel.value(), a.strides, a), bias, a)
        }
        Kind::MaxPooling2d { pool_size } => {
            check_rank(x, 4, a, false);
            max_pool(x, four(pool_size), four(a.strides), a.padding)
        }
        Kind::AveragePooling2d { pool_size } => {
            check_rank(x, 4, a, false);
            avg_pool(x, four(pool_size), four(a.strides), a.padding)
        }
        Kind::Dropout { rate } => {
            if !(0.0..1.0).contains(&rate) {
                Error::Value(format!(
                    "`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate:?}"
                ))
                .raise();
            }
            either(a.training, || dropout(x, 1.0 - rate), || identity(x))
        }
        Kind::Flatten => flatten(x),
        Kind::BatchNormalization => batch_normalization(x, a),
    }
}

fn four([rows, columns]: [usize; 2]) -> [i64; 4] {
    [1, rows as i64, columns as i64, 1]
}

/// One of both, as it is known now or decided in the run.
fn either(training: Training, yes: impl FnOnce() -> Tensor, no: impl FnOnce() -> Tensor) -> Tensor {
    match training {
        Training::Known(true) => yes(),
        Training::Known(false) => no(),
        Training::Fed(fed) => cond(fed, yes, no),
    }
}

/// A variable of the layer.
#[track_caller]
fn variable(a: &Arguments, name: &str, shape: &[usize], initializer: Option<VariableInitializer>) -> Variable {
    let request = get_variable(name);
    let request = match initializer {
        Some(initializer) => request.initializer(initializer),
        None => request,
    };
    let made = request.shape(shape);
    if a.trainable { made } else { made.trainable(false) }
}

#[track_caller]
fn kernel(a: &Arguments, shape: &[usize]) -> Variable {
    let graph = crate::graph::get_default_graph();
    let before = graph.global_variables().len();
    let kernel = variable(a, "kernel", shape, a.kernel_initializer);
    let is_new = graph.global_variables().len() > before;
    if let Some(regularizer) = a.kernel_regularizer.filter(|_| is_new) {
        let scope = format!("{}/Regularizer/", kernel.op().name());
        graph.add_to_collection(REGULARIZATION_LOSSES, name_scope(&scope, || regularizer.call(kernel.value())));
    }
    kernel
}

#[track_caller]
fn bias(a: &Arguments, size: usize) -> Variable {
    variable(a, "bias", &[size], Some(a.bias_initializer))
}

/// With the bias added and through the activation.
fn finished(x: Tensor, bias: Option<Variable>, a: &Arguments) -> Tensor {
    let sum = bias.map_or(x, |bias| bias_add(x, bias.value()));
    a.activation.as_ref().map_or(sum, |activation| activation(sum))
}

#[track_caller]
fn with_bias(x: Tensor, size: usize, a: &Arguments) -> Tensor {
    let bias = a.use_bias.then(|| bias(a, size));
    finished(x, bias, a)
}

#[track_caller]
fn dense(x: Tensor, units: usize, a: &Arguments) -> Tensor {
    let shape = x.shape();
    let rank = shape.rank().unwrap_or(0);
    let Some(Some(last)) = shape.dims().and_then(|dims| dims.last().copied()) else {
        Error::Value(format!(
            "The last dimension of the inputs to a Dense layer should be defined. Found None. Full input shape received: \
             {shape}"
        ))
        .raise()
    };
    if !x.dtype().is_floating() {
        let dtype = x.dtype().name();
        Error::Type(format!("A Dense layer can only be built with a floating-point dtype. Received: dtype={dtype}"))
            .raise();
    }
    let kernel = kernel(a, &[last, units]);
    let bias = a.use_bias.then(|| bias(a, units));
    let product = match rank {
        2 => new_product(Operand::Tensor(x), Operand::Tensor(kernel.value()), false, false),
        _ => tensordot(x, kernel.value(), [rank as i64 - 1, 0]),
    };
    finished(product, bias, a)
}

fn convolved(x: Tensor, kernel: Tensor, strides: [usize; 2], a: &Arguments) -> Tensor {
    conv2d(x, kernel, four(strides), a.padding)
}

#[track_caller]
fn check_rank(x: Tensor, rank: usize, a: &Arguments, more: bool) {
    let shape = x.shape();
    let fits = shape.rank().is_some_and(|found| found == rank || (more && found > rank));
    if !fits {
        let name = a.name.as_deref().unwrap_or(a.kind.name());
        let (bound, found) = (if more { "min_ndim" } else { "ndim" }, shape.rank().unwrap_or(0));
        let dims: Vec<String> =
            shape.dims().unwrap_or_default().iter().map(|d| d.map_or("None".into(), |d| d.to_string())).collect();
        Error::Value(format!(
            "Input 0 of layer \"{name}\" is incompatible with the layer: expected {bound}={rank}, found ndim={found}. Full \
             shape received: ({})",
            dims.join(", ")
        ))
        .raise();
    }
}

/// The number of channels of inputs of that rank.
#[track_caller]
fn channels(x: Tensor, rank: usize, a: &Arguments) -> usize {
    check_rank(x, rank, a, true);
    match x.shape().dims().and_then(|dims| dims[rank - 1]) {
        Some(depth) => depth,
        None => Error::Value("The channel dimension of the inputs should be defined. Found None.".into()).raise(),
    }
}

#[track_caller]
fn flatten(x: Tensor) -> Tensor {
    let shape = x.shape();
    let Some([batch, rest @ ..]) = shape.dims() else {
        Error::Value(format!("tf.layers.flatten needs an axis for the examples, not {x}")).raise()
    };
    let size = |n: Option<usize>| n.map_or(-1, |n| n as i32);
    let width = size(rest.iter().copied().product::<Option<usize>>());
    if width < 0 && batch.is_none() {
        Error::Value(format!("tf.layers.flatten needs all sizes but one, not {x}")).raise();
    }
    reshape(x, [if width < 0 { size(*batch) } else { -1 }, width])
}

#[track_caller]
fn batch_normalization(x: Tensor, a: &Arguments) -> Tensor {
    let shape = x.shape();
    let Some([outer @ .., Some(depth)]) = shape.dims() else {
        Error::Value(format!(
            "Axis -1 of the input tensor should have a defined dimension but the layer received an input \
             with shape {shape}."
        ))
        .raise()
    };
    let gamma = a.scale.then(|| variable(a, "gamma", &[*depth], Some(initializer::ones())));
    let beta = a.center.then(|| variable(a, "beta", &[*depth], Some(initializer::zeros())));
    let running = |name: &str, initializer: VariableInitializer| {
        get_variable(name).initializer(initializer).shape([*depth]).trainable(false)
    };
    let moving_mean = running("moving_mean", initializer::zeros());
    let moving_variance = running("moving_variance", initializer::ones());
    let (mut mean, mut variance) = (moving_mean.value(), moving_variance.value());
    if !matches!(a.training, Training::Known(false)) {
        let axes: Vec<i32> = (0..outer.len() as i32).collect();
        let (batch_mean, batch_variance) = moments(x, Axes::from(&axes[..]));
        mean = either(a.training, || batch_mean, || mean);
        variance = either(a.training, || batch_variance, || variance);
        // Images are normalised in one piece, which keeps the variance that a sample lets one expect of the whole.
        let kept = match (outer.len(), outer.iter().copied().product::<Option<usize>>()) {
            (3, Some(count)) if count > 1 => multiply(variance, count as f64 / (count as f64 - 1.0)),
            _ => variance,
        };
        for (moving, now) in [(moving_mean, mean), (moving_variance, kept)] {
            let update = update_of(moving, now, a);
            x.graph().add_to_collection(UPDATE_OPS, update);
        }
    }
    composed(x, "batchnorm", || normalized(x, mean, variance, gamma, beta, a.epsilon))
}

/// Moves a running figure towards what it is now.
fn update_of(moving: Variable, now: Tensor, a: &Arguments) -> Tensor {
    let moved = |now: Tensor| {
        name_scope("AssignMovingAvg", || {
            let left = binary(&SUB, "sub", Operand::Tensor(moving.value()), Operand::Tensor(now), Style::Function);
            multiply(left, 1.0 - a.momentum)
        })
    };
    match a.training {
        Training::Fed(fed) => {
            let step = cond(fed, || moved(now), || zeros_of(moving.value()));
            assign_sub(moving, step)
        }
        Training::Known(_) => assign_sub(moving, moved(now)),
    }
}

fn normalized(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    gamma: Option<Variable>,
    beta: Option<Variable>,
    epsilon: f64,
) -> Tensor {
    let inverse = crate::ops::elementwise::rsqrt(variance + epsilon);
    let scale = gamma.map_or(inverse, |gamma| multiply(inverse, gamma.value()));
    let scaled = binary(&MUL, "mul", Operand::Tensor(x), Operand::Tensor(scale), Style::Function);
    let offset = multiply(mean, scale);
    match beta {
        Some(beta) => {
            scaled + binary(&SUB, "sub", Operand::Tensor(beta.value()), Operand::Tensor(offset), Style::Function)
        }
        None => scaled + -offset,
    }
}
