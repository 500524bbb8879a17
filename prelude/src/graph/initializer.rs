//! How a variable starts: TensorFlow's initializers, which build the nodes of the initial value.

use super::attr::Literal;
use super::{Graph, Tensor, get_default_graph, scope::build};
use crate::error::{Error, Result};
use crate::ops::random::{Distribution, Random};
use crate::ops::{array, cast_array};
use crate::v2::rows;
use crate::{Array, ArrayLike, DType, Shape};

/// How a variable made by `get_variable` starts: `tf.initializers`.
///
/// ```
/// use flowbook::v1 as tf;
/// let w = tf::get_variable("doc_init/W").initializer(tf::initializers::he_normal()).shape([4, 3]);
/// assert_eq!(w.initial_value().op().name(), "doc_init/W/Initializer/truncated_normal");
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct VariableInitializer {
    kind: Kind,
    seed: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Zeros,
    Ones,
    Constant(f64),
    /// The elements, in order. A program has few such initializers.
    Values(&'static Literal),
    /// Mean and standard deviation, or the bounds.
    Random(Distribution, f64, f64),
    /// A variance of `scale / fan`.
    VarianceScaling(f64, Fan, Distribution),
}

/// What the variance of a scaled initializer is divided by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fan {
    /// The number of inputs, `mode="fan_in"`.
    In,
    /// The number of outputs, `mode="fan_out"`.
    Out,
    /// The mean of both, `mode="fan_avg"`.
    Average,
}

/// The standard deviation of a standard normal number that is kept within two standard deviations.
const TRUNCATED_STDDEV: f64 = 0.879_625_661_034_239_8;

macro_rules! initializers {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $t:ty),*) = $kind:expr;)*) => { $(
        $(#[$doc])*
        pub fn $name($($argument: $t),*) -> VariableInitializer {
            VariableInitializer { kind: $kind, seed: None }
        }
    )* };
}
initializers! {
    /// Zeros: `tf.zeros_initializer()`.
    zeros() = Kind::Zeros;
    /// Ones: `tf.ones_initializer()`.
    ones() = Kind::Ones;
    /// Normally distributed: `tf.random_normal_initializer()`, with `.mean(...)` and `.stddev(...)`.
    random_normal() = Kind::Random(Distribution::Normal, 0.0, 1.0);
    /// Normally distributed within two standard deviations: `tf.truncated_normal_initializer()`.
    truncated_normal() = Kind::Random(Distribution::Truncated, 0.0, 1.0);
    /// Evenly distributed between the bounds: `tf.random_uniform_initializer(minval, maxval)`.
    random_uniform(minval: f64, maxval: f64) = Kind::Random(Distribution::Uniform, minval, maxval);
    /// Glorot's uniform distribution, the default of `get_variable`: the variance is 2 / (inputs + outputs).
    glorot_uniform() = Kind::VarianceScaling(1.0, Fan::Average, Distribution::Uniform);
    /// Glorot's normal distribution.
    glorot_normal() = Kind::VarianceScaling(1.0, Fan::Average, Distribution::Truncated);
    /// He's uniform distribution, for relu: the variance is 2 / inputs.
    he_uniform() = Kind::VarianceScaling(2.0, Fan::In, Distribution::Uniform);
    /// He's normal distribution.
    he_normal() = Kind::VarianceScaling(2.0, Fan::In, Distribution::Truncated);
    /// LeCun's uniform distribution: the variance is 1 / inputs.
    lecun_uniform() = Kind::VarianceScaling(1.0, Fan::In, Distribution::Uniform);
    /// LeCun's normal distribution.
    lecun_normal() = Kind::VarianceScaling(1.0, Fan::In, Distribution::Truncated);
    /// A variance of 1 / inputs, `tf.variance_scaling_initializer()`, with `.scale(...)`, `.mode(...)`.
    variance_scaling() = Kind::VarianceScaling(1.0, Fan::In, Distribution::Truncated);
}

/// One value everywhere, or the elements of an array in order: `tf.constant_initializer(value)`.
///
/// ```
/// use flowbook::v1 as tf;
/// # tf::Graph::new().as_default(|| -> tf::Result<()> {
/// let w = tf::get_variable("w").initializer(tf::constant_initializer([[1.0, 2.0], [3.0, 4.0]])).shape([2, 2]);
/// let sess = tf::Session::new();
/// sess.run(w.initializer_op())?;
/// assert_eq!(sess.run(w)?.to_string(), "[[1. 2.]\n [3. 4.]]");
/// # Ok(())
/// # })?;
/// # Ok::<(), flowbook::Error>(())
/// ```
pub fn constant(value: impl ArrayLike) -> VariableInitializer {
    let value = value.to_array();
    let one = value.ndim() == 0;
    let kind = match cast_array(&value, DType::Float64).as_slice::<f64>() {
        Some([value]) if one => Kind::Constant(*value),
        _ => Kind::Values(Box::leak(Box::new(Literal(value)))),
    };
    VariableInitializer { kind, seed: None }
}

impl Default for VariableInitializer {
    fn default() -> VariableInitializer {
        glorot_uniform()
    }
}

impl VariableInitializer {
    fn with(self, change: impl FnOnce(&mut Kind)) -> VariableInitializer {
        let mut kind = self.kind;
        change(&mut kind);
        VariableInitializer { kind, ..self }
    }

    /// The mean of a normal distribution, `mean=`.
    #[must_use]
    pub fn mean(self, mean: f64) -> VariableInitializer {
        self.with(|kind| {
            if let Kind::Random(Distribution::Normal | Distribution::Truncated, a, _) = kind {
                *a = mean;
            }
        })
    }

    /// The standard deviation of a normal distribution, `stddev=`.
    #[must_use]
    pub fn stddev(self, stddev: f64) -> VariableInitializer {
        self.with(|kind| {
            if let Kind::Random(Distribution::Normal | Distribution::Truncated, _, b) = kind {
                *b = stddev;
            }
        })
    }

    /// The factor of a scaled initializer's variance, `scale=`.
    #[must_use]
    pub fn scale(self, scale: f64) -> VariableInitializer {
        self.with(|kind| {
            if let Kind::VarianceScaling(s, ..) = kind {
                *s = scale;
            }
        })
    }

    /// What a scaled initializer's variance is divided by, `mode=`.
    #[must_use]
    pub fn mode(self, mode: Fan) -> VariableInitializer {
        self.with(|kind| {
            if let Kind::VarianceScaling(_, fan, _) = kind {
                *fan = mode;
            }
        })
    }

    /// The op's own seed, `seed=`.
    #[must_use]
    pub fn seed(self, seed: i64) -> VariableInitializer {
        VariableInitializer { seed: Some(seed), ..self }
    }

    /// A `float32` tensor of that shape, as Python's `initializer(shape)` gives: `tf.random_normal_initializer()([8, 1])`.
    ///
    /// # Panics
    /// `ValueError` when the shape is not fully known.
    #[track_caller]
    pub fn call(self, shape: impl Into<Shape>) -> Tensor {
        let (graph, shape) = (get_default_graph(), shape.into());
        build(graph, || self.build(graph, &shape, DType::Float32))
    }

    pub(super) fn build(self, graph: Graph, shape: &Shape, dtype: DType) -> Result<Tensor> {
        let sizes = shape.sizes().unwrap_or_default();
        let random = |distribution, a, b| {
            let mut random = Random::new(distribution, shape, dtype);
            (random.a, random.b, random.explicit, random.seed) = (a, b, true, self.seed);
            random.in_graph(graph)
        };
        match self.kind {
            Kind::Zeros => array::filled_tensor(graph, 0, &sizes, dtype),
            Kind::Ones => array::filled_tensor(graph, 1, &sizes, dtype),
            Kind::Constant(value) => {
                let one = cast_array(&Array::scalar(value), dtype);
                array::new_constant(graph, "Const", array::filled(&one, &sizes))
            }
            Kind::Values(Literal(values)) => {
                let (found, wanted) = (values.len(), sizes.iter().product());
                if found > wanted || found == 0 {
                    let text = format!("Too many elements provided. Takes at most {wanted}, but got {found}.");
                    return Err(Error::Value(text));
                }
                // The last one stands for those that are not there.
                let places: Vec<usize> = (0..wanted).map(|i| i.min(found - 1)).collect();
                let filled = rows(&values.reshaped(&[found])?, &places, &sizes);
                array::new_constant(graph, "Const", cast_array(&filled, dtype))
            }
            Kind::Random(distribution, a, b) => random(distribution, a, b),
            Kind::VarianceScaling(scale, mode, distribution) => {
                let (inputs, outputs) = fans(&sizes);
                let fan = match mode {
                    Fan::In => inputs,
                    Fan::Out => outputs,
                    Fan::Average => (inputs + outputs) / 2.0,
                };
                let variance = scale / fan.max(1.0);
                match distribution {
                    Distribution::Uniform => {
                        let limit = (3.0 * variance).sqrt();
                        random(distribution, -limit, limit)
                    }
                    Distribution::Truncated => random(distribution, 0.0, variance.sqrt() / TRUNCATED_STDDEV),
                    Distribution::Normal => random(distribution, 0.0, variance.sqrt()),
                }
            }
        }
    }
}

/// How many inputs and outputs a weight of these sizes connects.
fn fans(sizes: &[usize]) -> (f64, f64) {
    match sizes {
        [] => (1.0, 1.0),
        [n] => (*n as f64, *n as f64),
        [field @ .., i, o] => {
            let field: usize = field.iter().product();
            ((i * field) as f64, (o * field) as f64)
        }
    }
}
