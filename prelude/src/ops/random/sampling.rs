//! Random ops of a tensor: its rows in another order, and classes drawn by their logits.

use super::{Philox, Singles, generator, unit_f64};
use crate::error::{Error, Result};
use crate::graph::{Attr, Built, IntoDType, IntoTensor, Operand, Optional, Options, Scope, Tensor, build, graph_of};
use crate::ops::view::with_any;
use crate::ops::{Call, Kernel, OpDef, Types, typed};
use crate::{DType, Shape};

/// The rows in another order, by the exchanges of Fisher and Yates.
pub(crate) static RANDOM_SHUFFLE: OpDef = OpDef::new(
    "RandomShuffle",
    |infer| Ok(vec![infer.inputs[0].clone()]),
    Kernel::Call(|call| {
        let (from, to) = (call.input(0), call.output());
        let count = from.shape.first().copied().unwrap_or(0);
        if count <= 1 || from.len() <= 1 {
            to.copy_from(from);
            return Ok(());
        }
        let mut state = generator(call)?.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let order = shuffled(count, &mut state);
        drop(state);
        let width = from.len() / count;
        with_any!(to.dtype, T => {
            let from = from.slice::<T>();
            for (row, out) in order.iter().zip(to.slice_mut::<T>().chunks_mut(width)) {
                out.clone_from_slice(&from[row * width..][..width]);
            }
            Ok(())
        })
    }),
)
.stateful();

/// An order of so many rows.
fn shuffled(count: usize, generator: &mut Philox) -> Vec<usize> {
    let mut singles = Singles::new(generator.clone());
    generator.skip((count as u64 - 1).div_ceil(4));
    let mut order: Vec<usize> = (0..count).collect();
    for i in 0..count - 1 {
        order.swap(i, i + (singles.next() % (count - i) as u32) as usize);
    }
    order
}

/// Classes drawn by their logits, a row of them for each row. Inputs: the logits, how many.
pub(crate) static MULTINOMIAL: OpDef = OpDef::new(
    "Multinomial",
    |infer| {
        infer.allow(0, "logits", Types::Numbers)?;
        let rows = match infer.shape(0).dims() {
            None => None,
            Some([rows, _]) => *rows,
            Some(dims) => {
                return infer.fail(
                    format!("Shape must be rank 2 but is rank {}", dims.len()),
                    format!("logits should be a matrix, got shape {}", infer.shape(0).to_proto()),
                );
            }
        };
        let count = infer.scalar(1, "num_samples")?;
        if let Some(count) = count.filter(|count| *count < 0) {
            let text = format!("num_samples should be nonnegative, got {count}");
            return infer.fail(text.clone(), text);
        }
        let classes = infer.shape(0).dims().and_then(|dims| dims[1]);
        if infer.running && classes == Some(0) {
            return Err(Error::InvalidArgument("num_classes should be positive, got 0".into()));
        }
        let dtype = infer.attr_type("output_dtype").unwrap_or(DType::Int64);
        Ok(vec![(dtype, Shape::from([rows, count.map(|count| count as usize)]))])
    },
    Kernel::Call(draw_classes),
)
.stateful();

fn draw_classes(call: &Call) -> Result<()> {
    let (logits, output) = (call.input(0), call.output());
    let ([rows, classes], [_, count]) = (&logits.shape[..], &output.shape[..]) else { return Ok(()) };
    let logits = crate::ops::cast_array(&logits.to_array(), DType::Float64);
    let logits = logits.as_slice::<f64>().unwrap_or_default();
    let mut state = generator(call)?.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // Each sample is a double, which takes two numbers.
    let mut singles = Singles::new(state.reserve(rows * count.div_ceil(4) * 4 * 2));
    drop(state);
    let mut drawn = Vec::with_capacity(output.len());
    for row in logits.chunks((*classes).max(1)) {
        let sums = running_shares(row);
        let total = sums.last().copied().unwrap_or(0.0);
        for _ in 0..*count {
            let (high, low) = (singles.next(), singles.next());
            let wanted = unit_f64(high, low) * total;
            drawn.push(sums.partition_point(|sum| *sum <= wanted) as i64);
        }
    }
    match output.dtype {
        DType::Int32 => output.slice_mut::<i32>().iter_mut().zip(drawn).for_each(|(out, class)| *out = class as i32),
        _ => output.slice_mut::<i64>().copy_from_slice(&drawn),
    }
    Ok(())
}

/// The running sums of what the logits' exponentials are to each other. What is not finite counts nothing.
fn running_shares(logits: &[f64]) -> Vec<f64> {
    let finite = || logits.iter().filter(|v| v.is_finite());
    let most = finite().copied().fold(f64::MIN, f64::max);
    let mut total = 0.0;
    let sum = |v: &f64| {
        total += if v.is_finite() { (v - most).exp() } else { 0.0 };
        total
    };
    logits.iter().map(sum).collect()
}

/// Which of the functions it is, and its optional arguments.
#[derive(Clone, Copy)]
pub struct Sampling {
    /// The number of samples of each row; none when rows change places.
    count: Option<i32>,
    dtype: DType,
    pub(crate) seed: Option<i64>,
}

impl Sampling {
    pub(crate) const SHUFFLE: Sampling = Sampling { count: None, dtype: DType::Int64, seed: None };

    pub(crate) fn classes(count: i32) -> Sampling {
        Sampling { count: Some(count), ..Sampling::SHUFFLE }
    }

    #[track_caller]
    pub(crate) fn set_dtype(&mut self, dtype: impl IntoDType) {
        self.dtype = dtype.into_dtype().unwrap_or_else(|error| error.raise());
    }
}

impl Options for Sampling {
    #[track_caller]
    fn build(self, operands: &[Operand]) -> Tensor {
        let graph = graph_of(&[&operands[0]]);
        build(graph, || {
            let name = if self.count.is_some() { "categorical" } else { RANDOM_SHUFFLE.name };
            let outer = Scope::open(graph, name);
            let (seed, seed2) = graph.next_seeds(self.seed);
            let Some(count) = self.count else {
                let value = operands[0].tensor(&outer, "value", None)?;
                let mut attrs = typed("T", value.dtype());
                attrs.insert("seed", Attr::Int(seed));
                attrs.insert("seed2", Attr::Int(seed2));
                return Ok(outer.op(&RANDOM_SHUFFLE, &[value], attrs)?.output(0));
            };
            outer.enter(|| {
                let scope = Scope::open(graph, MULTINOMIAL.name);
                let logits = operands[0].tensor(&scope, "logits", None)?;
                let count = scope.constant("num_samples", crate::Array::scalar(count))?;
                let mut attrs = typed("T", logits.dtype());
                attrs.insert("seed", Attr::Int(seed));
                attrs.insert("seed2", Attr::Int(seed2));
                attrs.insert("output_dtype", Attr::Type(self.dtype));
                Ok(scope.op(&MULTINOMIAL, &[logits, count], attrs)?.output(0))
            })
        })
    }
}

impl Built<Optional<Sampling>> {
    /// The op's own seed, `seed=`.
    #[track_caller]
    pub fn seed(self, seed: i64) -> Self {
        self.with(|call| call.options.seed = Some(seed))
    }

    /// The element type of classes, `output_dtype=`: `int64` unless given, or `int32`.
    #[track_caller]
    pub fn with_dtype(self, dtype: impl IntoDType) -> Self {
        self.with(|call| call.options.set_dtype(dtype))
    }
}

/// The tensor with its rows in another order: `tf.random_shuffle`, with `.seed(...)`.
#[track_caller]
pub fn random_shuffle(value: impl IntoTensor) -> Built<Optional<Sampling>> {
    Built::call(&[value.into_operand()], Sampling::SHUFFLE)
}

/// `num_samples` classes for each row of logits, drawn by their softmax: `tf.multinomial`, with `.seed(...)`.
///
/// ```
/// use flowbook::v1 as tf;
/// let never_others = tf::multinomial([[0.0, 100.0, 0.0]], 3);
/// assert_eq!(tf::Session::new().run(never_others)?.to_string(), "[[1 1 1]]");
/// # Ok::<(), flowbook::Error>(())
/// ```
#[track_caller]
pub fn multinomial(logits: impl IntoTensor, num_samples: i32) -> Built<Optional<Sampling>> {
    Built::call(&[logits.into_operand()], Sampling::classes(num_samples))
}
