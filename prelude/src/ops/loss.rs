//! Losses. Those that TensorFlow computes together with their derivative have a second output for it.

use std::borrow::Cow;

use flowbook_cuda::kernels;

use super::elementwise::{ADD, exp, greater_equal, log1p, negative, select, subtract};
use super::math::Real;
use super::nn::{
    composed_as, exponentials_f32, exponentials_f64, greatest, log_softmax, logarithm, softmax, sum_of_exponentials,
};
use super::reduce::{Sums, leaf_of};
use super::shape::{concat_in, expand_dims, rank, reshape, shape, slice, slice_in, stack_as};
use super::{Call, Infer, Kernel, OpDef, Sample, Signature, Types, View, typed, unary};
use crate::error::{Error, Result};
use crate::graph::{Attr, IntoTensor, Operand, Scope, Tensor, build, graph_of};
use crate::{Array, DType, Shape};

pub(crate) static OPS: &[&OpDef] = &[&SOFTMAX_CROSS_ENTROPY, &SPARSE_SOFTMAX_CROSS_ENTROPY, &L2_LOSS];

/// Two outputs: the loss of each row, and its derivative by the logits.
pub(crate) static SOFTMAX_CROSS_ENTROPY: OpDef = OpDef::new(
    "SoftmaxCrossEntropyWithLogits",
    |infer| {
        infer.same_type(&["features", "labels"])?;
        infer.allow(0, "features", Types::Floats)?;
        let shape = match super::broadcast_inputs(infer, 0, 2) {
            Err(_) if infer.running => {
                return Err(Error::InvalidArgument(format!(
                    "logits and labels must be broadcastable: logits_size={} labels_size={}",
                    infer.shape(0).to_proto(),
                    infer.shape(1).to_proto()
                )));
            }
            shape => shape?,
        };
        if let Some(rank) = shape.rank().filter(|r| *r != 2) {
            return infer.fail(format!("Shape must be rank 2 but is rank {rank}"), "logits must be 2-dimensional");
        }
        let rows = shape.dims().and_then(|d| d.first().copied()).flatten();
        Ok(vec![(infer.dtype(0), Shape::from([rows])), (infer.dtype(0), shape)])
    },
    Kernel::Call(|call| {
        match call.output().dtype {
            DType::Float64 => cross_entropy_f64(call),
            _ => cross_entropy_f32(call),
        }
        Ok(())
    }),
)
.cuda(|call| {
    let (logits, labels) = (call.input(0), call.input(1));
    // Operands of different shapes broadcast, which the kernel does not.
    let [rows, width] = logits.shape[..] else { return None };
    let same = logits.shape == labels.shape;
    let places = [logits.address, labels.address, call.outputs[0].address, call.outputs[1].address];
    same.then(|| Some(kernels::cross_entropy(logits.device_type()?, [rows, width], places)))?
})
.gradient(|g| {
    let by_logits = expand_dims(g.dy(), -1) * g.output_at(1);
    let losses = negative(log_softmax(g.input(0)));
    let by_labels = expand_dims(g.dy(), -1) * losses;
    vec![Some(by_logits), Some(by_labels)]
})
.samples(&[Sample {
    inputs: &[(&[2, 3], 0.1, 0.9), (&[2, 3], -2.0, 2.0)],
    // The derivative is that for labels which sum to 1.
    build: |x| softmax_cross_entropy_with_logits_v2(softmax(x[0]), x[1]),
}]);

/// An operand of rows of classes as large as the result.
fn spread<'a, T: crate::dtype::Element + Copy>(view: &'a View, to: &[usize]) -> Cow<'a, [T]> {
    let all = view.slice::<T>();
    if *view.shape == *to || all.is_empty() {
        return Cow::Borrowed(all);
    }
    let width = view.shape.last().copied().unwrap_or(1);
    let at = |i: usize, j: usize| all[i * width % all.len() + j % width];
    (0..to[0]).flat_map(|i| (0..to[1]).map(move |j| at(i, j))).collect()
}

macro_rules! cross_entropy {
    ($name:ident, $exponentials:ident, $t:ty) => {
        fn $name(call: &Call) {
            let shape = &call.outputs[1].shape;
            let width = shape[1].max(1);
            let (logits, labels) = (spread::<$t>(call.input(0), shape), spread::<$t>(call.input(1), shape));
            let (losses, backprop) = (call.outputs[0].slice_mut::<$t>(), call.outputs[1].slice_mut::<$t>());
            $exponentials(&logits, backprop, width);
            let count = losses.len();
            let whole = <$t>::whole(backprop.len());
            let rows = logits.chunks_exact(width).zip(labels.chunks_exact(width));
            for (i, ((row, labels), out)) in rows.zip(backprop.chunks_exact_mut(width)).enumerate() {
                let max = greatest(row);
                let sum = sum_of_exponentials(out, row, max);
                let log = logarithm(sum, i, count);
                losses[i] = leaf_of::<$t, { <$t>::PACKET }>(width, |k| labels[k] * (log - (row[k] - max)));
                // The last elements of all fill no packet.
                for k in whole.saturating_sub(i * width)..width {
                    out[k] = (row[k] - max).exp_alone();
                }
                out.iter_mut().zip(labels).for_each(|(o, l)| *o = *o / sum - l);
            }
        }
    };
}
cross_entropy!(cross_entropy_f32, exponentials_f32, f32);
cross_entropy!(cross_entropy_f64, exponentials_f64, f64);

/// The cross entropy of each row's softmax with its labels, which count as constants in gradients:
/// `tf.nn.softmax_cross_entropy_with_logits`. The last axis is the one of the classes.
///
/// # Panics
/// `ValueError` when the shapes differ.
#[track_caller]
pub fn softmax_cross_entropy_with_logits(labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (labels, logits) = (labels.into_operand(), logits.into_operand());
    let graph = graph_of(&[&logits, &labels]);
    build(graph, || {
        let scope = Scope::open(graph, "softmax_cross_entropy_with_logits_sg");
        let labels = labels.tensor(&scope, "labels_stop_gradient/input", logits_type(&logits))?;
        let labels =
            scope.child(&super::array::STOP_GRADIENT, "labels_stop_gradient", &[labels], typed("T", labels.dtype()))?;
        softmax_loss(&scope, &Operand::Tensor(labels.output(0)), &logits)
    })
}

/// [`softmax_cross_entropy_with_logits`] with gradients by the labels too:
/// `tf.nn.softmax_cross_entropy_with_logits_v2`.
///
/// # Panics
/// `ValueError` when the shapes differ.
#[track_caller]
pub fn softmax_cross_entropy_with_logits_v2(labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    named_softmax_loss("softmax_cross_entropy_with_logits", &labels.into_operand(), &logits.into_operand())
}

/// The softmax's cross entropy under a name of its own.
#[track_caller]
pub(crate) fn named_softmax_loss(name: &str, labels: &Operand, logits: &Operand) -> Tensor {
    let graph = graph_of(&[logits, labels]);
    build(graph, || softmax_loss(&Scope::open(graph, name), labels, logits))
}

/// As TensorFlow builds it: rows from whatever rank there is, and the outer axes back afterwards.
fn softmax_loss(scope: &Scope, labels: &Operand, logits: &Operand) -> Result<Tensor> {
    let logits = logits.tensor(scope, "logits", None)?;
    let labels = labels.tensor(scope, "labels", Some(logits.dtype()))?;
    let attrs = typed("T", logits.dtype());
    let plain = scope.graph.data().eager && matches!(logits.shape().rank(), Some(2));
    if plain || logits.shape().rank().is_none() {
        return Ok(scope.op(&SOFTMAX_CROSS_ENTROPY, &[logits, labels], attrs)?.output(0));
    }
    scope.enter(|| {
        let (rank, sizes) = (rank(logits), shape(logits));
        let rows = [with_rows(logits)?, with_rows(labels)?];
        let losses = scope.op(&SOFTMAX_CROSS_ENTROPY, &rows, attrs)?.output(0);
        let outer = subtract(rank, 1);
        let scope = Scope::open(scope.graph, "Slice");
        let begin = scope.constant("begin", Array::new(vec![0], &[1]))?;
        let count = stack_as(&scope, "size", &[outer])?;
        Ok(reshape(losses, slice_in(&scope, sizes, begin, count)?))
    })
}

/// All axes but the last one as one, by the sizes of the run.
fn with_rows(x: Tensor) -> Result<Tensor> {
    let (rank, sizes) = (rank(x), shape(x));
    let last = subtract(rank, 1);
    let scope = Scope::open(x.graph(), "Slice");
    let begin = stack_as(&scope, "begin", &[last])?;
    let count = scope.constant("size", Array::new(vec![1], &[1]))?;
    let width = slice_in(&scope, sizes, begin, count)?;
    let scope = Scope::open(x.graph(), "concat");
    let any = scope.constant("values_0", Array::new(vec![-1], &[1]))?;
    let sizes = concat_in(&scope, &[any, width], 0)?;
    Ok(reshape(x, sizes))
}

fn logits_type(logits: &Operand) -> Option<DType> {
    if let Operand::Tensor(t) = logits { Some(t.dtype()) } else { None }
}

/// All axes but the last one as one.
fn as_rows(x: Tensor) -> Tensor {
    let last = match x.shape().dims() {
        Some([.., Some(last)]) => *last as i32,
        _ => Error::Value(format!("a cross entropy needs a known number of classes, not {x}")).raise(),
    };
    reshape(x, [-1, last])
}

/// The sizes of all axes but the last one, as a vector.
fn outer_sizes(x: Tensor) -> Tensor {
    let rank = x.shape().rank().unwrap_or(1) as i32;
    slice(shape(x), [0], [rank - 1])
}

/// As [`SOFTMAX_CROSS_ENTROPY`], for labels that are class numbers.
pub(crate) static SPARSE_SOFTMAX_CROSS_ENTROPY: OpDef = OpDef::new(
    "SparseSoftmaxCrossEntropyWithLogits",
    |infer| {
        infer.allow(0, "features", Types::Floats)?;
        if !matches!(infer.dtype(1), DType::Int32 | DType::Int64) {
            return Err(Error::Type(format!(
                "Value passed to parameter 'labels' has DataType {} not in list of allowed values: int32, int64",
                infer.dtype(1).name()
            )));
        }
        for (i, rank, name) in [(0, 2, "logits"), (1, 1, "labels")] {
            if let Some(found) = infer.shape(i).rank().filter(|r| *r != rank) {
                return infer.fail(
                    format!("Shape must be rank {rank} but is rank {found}"),
                    format!("{name} must be {rank}-D, but got shape {}", infer.shape(i).to_proto()),
                );
            }
        }
        let rows = match (infer.shape(0).dims(), infer.shape(1).dims()) {
            (Some([m, _]), Some([n])) => {
                if let (Some(m), Some(n)) = (m, n)
                    && m != n
                {
                    return infer.fail(
                        format!("Dimensions must be equal, but are {m} and {n}"),
                        format!(
                            "logits and labels must have the same first dimension, got logits shape {} and labels shape {}",
                            infer.shape(0).to_proto(),
                            infer.shape(1).to_proto()
                        ),
                    );
                }
                m.or(*n)
            }
            _ => None,
        };
        Ok(vec![(infer.dtype(0), Shape::from([rows])), infer.inputs[0].clone()])
    },
    Kernel::Call(|call| match call.output().dtype {
        DType::Float64 => sparse_f64(call),
        _ => sparse_f32(call),
    }),
)
.cuda(|call| {
    let (logits, labels) = (call.input(0), call.input(1));
    let [rows, width] = logits.shape[..] else { return None };
    let places = [logits.address, labels.address, call.outputs[0].address, call.outputs[1].address];
    Some(kernels::sparse_cross_entropy(logits.device_type()?, labels.device_type()?, [rows, width], places, 0))
})
.gradient(|g| vec![Some(expand_dims(g.dy(), -1) * g.output_at(1)), None])
.samples(&[Sample {
    inputs: &[(&[2, 3], -2.0, 2.0)],
    build: |x| sparse_softmax_cross_entropy_with_logits([2, 0], x[0]),
}]);

macro_rules! sparse_cross_entropy {
    ($name:ident, $exponentials:ident, $t:ty) => {
        fn $name(call: &Call) -> Result<()> {
            let width = call.input(0).shape.last().copied().unwrap_or(1).max(1);
            let labels = call.input(1).ints();
            if let Some(label) = labels.iter().find(|label| !(0..width as i64).contains(label)) {
                let all = labels.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                return Err(Error::InvalidArgument(format!(
                    "Received a label value of {label} which is outside the valid range of [0, {width}).  Label values: {all}"
                )));
            }
            let logits = call.input(0).slice::<$t>();
            let (losses, backprop) = (call.outputs[0].slice_mut::<$t>(), call.outputs[1].slice_mut::<$t>());
            $exponentials(logits, backprop, width);
            let whole = <$t>::whole(backprop.len());
            let rows = logits.chunks_exact(width).zip(labels);
            for (i, ((row, class), out)) in rows.zip(backprop.chunks_exact_mut(width)).enumerate() {
                let (max, class) = (greatest(row), class as usize);
                let sum = sum_of_exponentials(out, row, max);
                losses[i] = sum.ln_alone() - (row[class] - max);
                for k in whole.saturating_sub(i * width)..width {
                    out[k] = (row[k] - max).exp_alone();
                }
                out.iter_mut().for_each(|o| *o /= sum);
                out[class] -= 1.0;
            }
            Ok(())
        }
    };
}
sparse_cross_entropy!(sparse_f32, exponentials_f32, f32);
sparse_cross_entropy!(sparse_f64, exponentials_f64, f64);

/// The cross entropy of each row's softmax with the class of that number:
/// `tf.nn.sparse_softmax_cross_entropy_with_logits`.
///
/// # Panics
/// `ValueError` when there are not as many labels as rows.
#[track_caller]
pub fn sparse_softmax_cross_entropy_with_logits(labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (labels, logits) = (labels.into_operand(), logits.into_operand());
    let graph = graph_of(&[&logits, &labels]);
    build(graph, || {
        let scope = Scope::open(graph, "SparseSoftmaxCrossEntropyWithLogits");
        sparse_loss(&scope, "SparseSoftmaxCrossEntropyWithLogits", &labels, &logits)
    })
}

/// The sparse cross entropy as an op `name` under a scope.
pub(crate) fn sparse_loss(scope: &Scope, name: &str, labels: &Operand, logits: &Operand) -> Result<Tensor> {
    scope.enter(|| {
        let labels = labels.tensor(scope, "Const", None)?;
        let logits = logits.tensor(scope, "logits", None)?;
        if !scope.graph.data().eager {
            shape(labels);
            check_labels(labels, logits)?;
        }
        let mut attrs = typed("T", logits.dtype());
        attrs.insert("Tlabels", Attr::Type(labels.dtype()));
        if matches!(logits.shape().rank(), None | Some(2)) {
            return Ok(scope.child(&SPARSE_SOFTMAX_CROSS_ENTROPY, name, &[logits, labels], attrs)?.output(0));
        }
        let rows = [as_rows(logits), reshape(labels, [-1])];
        let losses = scope.child(&SPARSE_SOFTMAX_CROSS_ENTROPY, name, &rows, attrs)?.output(0);
        Ok(reshape(losses, outer_sizes(logits)))
    })
}

/// An error when there cannot be one label for each row.
fn check_labels(labels: Tensor, logits: Tensor) -> Result<()> {
    let (of_labels, of_logits) = (labels.shape(), logits.shape());
    let (Some(m), Some([n @ .., _])) = (of_labels.dims(), of_logits.dims()) else { return Ok(()) };
    if m.len() != n.len() {
        return Err(Error::Value(format!(
            "`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape={of_labels} of rank {} and \
             logits.shape={of_logits} of rank {}",
            m.len(),
            n.len() + 1
        )));
    }
    if m.len() == n.len() && m.iter().zip(n).any(|(m, n)| m.zip(*n).is_some_and(|(m, n)| m != n)) {
        return Err(Error::Value(format!(
            "`labels.shape` must equal `logits.shape` except for the last dimension. Received: labels.shape={of_labels} \
             and logits.shape={of_logits}"
        )));
    }
    Ok(())
}

/// `max(x, 0) - x * z + log(1 + exp(-|x|))`, the cross entropy of `sigmoid(x)` with the label `z`, in the form that
/// neither over- nor underflows: `tf.nn.sigmoid_cross_entropy_with_logits`.
///
/// # Panics
/// `ValueError` when the shapes differ.
#[track_caller]
pub fn sigmoid_cross_entropy_with_logits(labels: impl IntoTensor, logits: impl IntoTensor) -> Tensor {
    let (logits, labels) = (super::array::convert_to_tensor(logits), labels.into_operand());
    logistic_loss("logistic_loss", logits, labels)
}

/// The sigmoid's cross entropy under a name of its own.
#[track_caller]
pub(crate) fn logistic_loss(name: &str, logits: Tensor, labels: Operand) -> Tensor {
    composed_as(logits, name, |scope| {
        let labels = labels.tensor(scope, "labels", Some(logits.dtype()))?;
        let (m, n) = (logits.shape(), labels.shape());
        let same_rank = m.rank().zip(n.rank()).is_none_or(|(m, n)| m == n);
        let sizes = m.dims().into_iter().flatten().zip(n.dims().into_iter().flatten());
        if !same_rank || sizes.filter_map(|(m, n)| m.zip(*n)).any(|(m, n)| m != n) {
            let text = format!("`logits` and `labels` must have the same shape, received ({m} vs {n}).");
            return Err(Error::Value(text));
        }
        let zeros = super::array::zeros_of(logits);
        let positive = greater_equal(logits, zeros);
        let relu = select(positive, logits, zeros);
        let below = select(positive, negative(logits), logits);
        let linear = relu - logits * labels;
        Ok(scope.op(&ADD, &[linear, log1p(exp(below))], typed("T", logits.dtype()))?.output(0))
    })
}

/// Half the sum of squares.
pub(crate) static L2_LOSS: OpDef = OpDef::new(
    "L2Loss",
    |infer: &Infer| -> Result<Vec<Signature>> {
        infer.allow(0, "t", Types::Floats)?;
        Ok(vec![(infer.dtype(0), Shape::scalar())])
    },
    Kernel::Call(|call| {
        match call.output().dtype {
            DType::Float64 => {
                call.output().slice_mut::<f64>()[0] =
                    (0.0 + call.input(0).slice::<f64>().iter().map(|x| x * x).sum::<f64>()) / 2.0;
            }
            _ => {
                call.output().slice_mut::<f32>()[0] =
                    (0.0 + call.input(0).slice::<f32>().iter().map(|x| x * x).sum::<f32>()) / 2.0;
            }
        }
        Ok(())
    }),
)
.cuda(|call| {
    let (input, output) = (call.input(0), call.output());
    let shape = [input.len()];
    let scratch = match kernels::reduce_scratch(&shape, &[true]) {
        0 => 0,
        bytes => call.scratch(bytes),
    };
    let places = [input.address, output.address, scratch];
    Some(kernels::reduce(kernels::Reduction::HalfSumOfSquares, input.device_type()?, &shape, &[true], places))
})
.gradient(|g| vec![Some(g.input(0) * g.dy())])
.samples(&[Sample { inputs: &[(&[2, 3], -1.0, 1.0)], build: |x| l2_loss(x[0]) }]);

/// Half the sum of the squares of all elements: `tf.nn.l2_loss`.
#[track_caller]
pub fn l2_loss(t: impl IntoTensor) -> Tensor {
    unary(&L2_LOSS, "L2Loss", "t", t.into_operand())
}
