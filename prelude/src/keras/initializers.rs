//! `keras.initializers`: how weights start, as functions of their shape.

use crate::error::{Error, Result};
use crate::v2::random::Draw;
use crate::v2::{Built, Tensor, random};
use crate::{Array, Shape};

/// A function from a shape to a layer's first weights.
pub trait Initializer: Send + Sync {
    /// The class name, `"GlorotUniform"`.
    fn class_name(&self) -> &'static str;

    /// Weights of that shape.
    fn sample(&self, sizes: &[usize]) -> Tensor;

    /// A further one of the same kind.
    fn boxed(&self) -> Box<dyn Initializer>;

    /// The arguments as JSON, for models that are saved.
    fn config(&self) -> serde_json::Value;
}

/// What stands for an initializer: an object of this module, or its name.
pub trait IntoInitializer {
    /// The initializer.
    ///
    /// # Errors
    /// `ValueError` for a name that Keras does not know.
    fn into_initializer(self) -> Result<Box<dyn Initializer>>;
}

impl<T: Initializer + 'static> IntoInitializer for T {
    fn into_initializer(self) -> Result<Box<dyn Initializer>> {
        Ok(Box::new(self))
    }
}

impl IntoInitializer for &str {
    fn into_initializer(self) -> Result<Box<dyn Initializer>> {
        by_name(self).ok_or_else(|| Error::Value(format!("Could not interpret initializer identifier: {self}")))
    }
}

impl IntoInitializer for Box<dyn Initializer> {
    fn into_initializer(self) -> Result<Box<dyn Initializer>> {
        Ok(self)
    }
}

/// How many inputs and outputs weights of these sizes connect.
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

/// The standard deviation of a normal distribution cut off at two standard deviations.
const CUT: f64 = 0.879_625_661_034_239_8;

/// The numbers drawn: with a seed the same ones every time, as Keras draws them.
fn seeded(drawn: Built<Draw>, seed: Option<i64>) -> Tensor {
    seed.map_or_else(|| drawn.clone().into(), |seed| drawn.clone().stateless(seed).into())
}

fn uniform(sizes: &[usize], limit: f64, seed: Option<i64>) -> Tensor {
    seeded(random::uniform(sizes.to_vec()).minval(-limit).maxval(limit), seed)
}

fn truncated(sizes: &[usize], stddev: f64, seed: Option<i64>) -> Tensor {
    seeded(random::truncated_normal(sizes.to_vec()).stddev(stddev), seed)
}

macro_rules! scaled {
    ($($(#[$doc:meta])* $name:ident($snake:literal): |$sizes:ident, $seed:ident, $fan_in:ident, $fan_out:ident| $sample:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name {
            seed: Option<i64>,
        }

        impl $name {
            /// With Keras' defaults.
            pub fn new() -> $name {
                $name::default()
            }

            /// The seed of the numbers, `seed=`.
            pub fn seed(self, seed: i64) -> $name {
                $name { seed: Some(seed) }
            }

            /// Weights of that shape.
            pub fn call(&self, shape: impl Into<Shape>) -> Tensor {
                self.sample(&shape.into().sizes().unwrap_or_default())
            }
        }

        impl Initializer for $name {
            fn class_name(&self) -> &'static str {
                stringify!($name)
            }
            fn sample(&self, $sizes: &[usize]) -> Tensor {
                let ($fan_in, $fan_out) = fans($sizes);
                let _ = ($fan_in, $fan_out);
                let $seed = self.seed;
                $sample
            }
            fn boxed(&self) -> Box<dyn Initializer> {
                Box::new(*self)
            }
            fn config(&self) -> serde_json::Value {
                serde_json::json!({ "seed": self.seed })
            }
        }
    )*

        /// The initializer of that name, in either of Keras' spellings.
        fn scaled_by_name(name: &str) -> Option<Box<dyn Initializer>> {
            match name {
                $($snake | stringify!($name) => Some(Box::new($name::new())),)*
                _ => None,
            }
        }
    };
}
scaled! {
    /// Evenly distributed with a variance that fits both sides of the layer, the default: Glorot and Bengio's.
    GlorotUniform("glorot_uniform"): |sizes, seed, i, o| uniform(sizes, (6.0 / (i + o)).sqrt(), seed);
    /// Normally distributed with a variance that fits both sides of the layer.
    GlorotNormal("glorot_normal"): |sizes, seed, i, o| truncated(sizes, (2.0 / (i + o)).sqrt() / CUT, seed);
    /// Evenly distributed with a variance for layers of rectified units: He's.
    HeUniform("he_uniform"): |sizes, seed, i, o| uniform(sizes, (6.0 / i).sqrt(), seed);
    /// Normally distributed with a variance for layers of rectified units.
    HeNormal("he_normal"): |sizes, seed, i, o| truncated(sizes, (2.0 / i).sqrt() / CUT, seed);
    /// Evenly distributed with a variance for layers of scaled exponential units: LeCun's.
    LecunUniform("lecun_uniform"): |sizes, seed, i, o| uniform(sizes, (3.0 / i).sqrt(), seed);
    /// Normally distributed with a variance for layers of scaled exponential units.
    LecunNormal("lecun_normal"): |sizes, seed, i, o| truncated(sizes, (1.0 / i).sqrt() / CUT, seed);
    /// Rows, or columns, that are orthogonal to each other and of length 1.
    Orthogonal("orthogonal"): |sizes, seed, i, o| orthogonal(sizes, seed);
    /// Zeros.
    Zeros("zeros"): |sizes, seed, i, o| { let _ = seed; crate::v2::zeros(sizes.to_vec()).into() };
    /// Ones.
    Ones("ones"): |sizes, seed, i, o| { let _ = seed; crate::v2::ones(sizes.to_vec()).into() };
}

macro_rules! parametric {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident = $default:expr),+ }: |$self:ident, $sizes:ident| $sample:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            $($field: f64,)+
            seed: Option<i64>,
        }

        impl Default for $name {
            fn default() -> $name {
                $name { $($field: $default,)+ seed: None }
            }
        }

        impl $name {
            /// With Keras' defaults.
            pub fn new() -> $name {
                $name::default()
            }

            $($(#[$field_doc])*
            pub fn $field(self, $field: f64) -> $name {
                $name { $field, ..self }
            })+

            /// The seed of the numbers, `seed=`.
            pub fn seed(self, seed: i64) -> $name {
                $name { seed: Some(seed), ..self }
            }

            /// Weights of that shape.
            pub fn call(&self, shape: impl Into<Shape>) -> Tensor {
                self.sample(&shape.into().sizes().unwrap_or_default())
            }
        }

        impl Initializer for $name {
            fn class_name(&self) -> &'static str {
                stringify!($name)
            }
            fn sample(&$self, $sizes: &[usize]) -> Tensor {
                $sample
            }
            fn boxed(&self) -> Box<dyn Initializer> {
                Box::new(*self)
            }
            fn config(&self) -> serde_json::Value {
                serde_json::json!({ $(stringify!($field): self.$field,)+ "seed": self.seed })
            }
        }
    )* };
}
parametric! {
    /// Normally distributed.
    RandomNormal {
        /// The mean, `mean=`; 0 unless said otherwise.
        mean = 0.0,
        /// The standard deviation, `stddev=`; 0.05 unless said otherwise.
        stddev = 0.05
    }: |self, sizes| {
        seeded(random::normal(sizes.to_vec()).mean(self.mean).stddev(self.stddev), self.seed)
    };
    /// Normally distributed within two standard deviations of the mean.
    TruncatedNormal {
        /// The mean, `mean=`; 0 unless said otherwise.
        mean = 0.0,
        /// The standard deviation, `stddev=`; 0.05 unless said otherwise.
        stddev = 0.05
    }: |self, sizes| {
        seeded(random::truncated_normal(sizes.to_vec()).mean(self.mean).stddev(self.stddev), self.seed)
    };
    /// Evenly distributed.
    RandomUniform {
        /// The least number, `minval=`; -0.05 unless said otherwise.
        minval = -0.05,
        /// The bound the numbers stay below, `maxval=`; 0.05 unless said otherwise.
        maxval = 0.05
    }: |self, sizes| {
        seeded(random::uniform(sizes.to_vec()).minval(self.minval).maxval(self.maxval), self.seed)
    };
    /// One value everywhere.
    Constant {
        /// The value, `value=`; 0 unless said otherwise.
        value = 0.0
    }: |self, sizes| crate::v2::constant(self.value).with_shape(sizes.to_vec()).into();
}

/// The initializer of that name, in either of Keras' spellings.
pub(crate) fn by_name(name: &str) -> Option<Box<dyn Initializer>> {
    Some(match name {
        "random_normal" | "normal" | "RandomNormal" => Box::new(RandomNormal::new()),
        "truncated_normal" | "TruncatedNormal" => Box::new(TruncatedNormal::new()),
        "random_uniform" | "uniform" | "RandomUniform" => Box::new(RandomUniform::new()),
        "constant" | "Constant" => Box::new(Constant::new()),
        "zero" => Box::new(Zeros::new()),
        "one" => Box::new(Ones::new()),
        other => return scaled_by_name(other),
    })
}

/// The initializer that [`Initializer::class_name`] and [`Initializer::config`] describe.
pub(crate) fn from_config(class: &str, config: &serde_json::Value) -> Result<Box<dyn Initializer>> {
    let number = |key: &str, default: f64| config.get(key).and_then(serde_json::Value::as_f64).unwrap_or(default);
    Ok(match class {
        "RandomNormal" => Box::new(RandomNormal::new().mean(number("mean", 0.0)).stddev(number("stddev", 0.05))),
        "TruncatedNormal" => Box::new(TruncatedNormal::new().mean(number("mean", 0.0)).stddev(number("stddev", 0.05))),
        "RandomUniform" => {
            Box::new(RandomUniform::new().minval(number("minval", -0.05)).maxval(number("maxval", 0.05)))
        }
        "Constant" => Box::new(Constant::new().value(number("value", 0.0))),
        other => return other.into_initializer(),
    })
}

/// Gram and Schmidt's way over the columns of normal numbers, in double precision: the factor Q of their QR decomposition
/// with the signs that Keras gives it.
fn orthogonal(sizes: &[usize], seed: Option<i64>) -> Tensor {
    let columns = sizes.last().copied().unwrap_or(1);
    let rows: usize = sizes.iter().product::<usize>() / columns.max(1);
    let (long, short) = (rows.max(columns), rows.min(columns));
    let values: Vec<f64> = seeded(random::normal([long, short]), seed).numpy().to_vec();
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(short);
    for column in 0..short {
        let mut vector: Vec<f64> = values.iter().skip(column).step_by(short).copied().collect();
        for other in &basis {
            let along: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
            vector.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let length = vector.iter().map(|a| a * a).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|a| *a /= length);
        basis.push(vector);
    }
    let at = |r: usize, c: usize| if rows >= columns { basis[c][r] } else { basis[r][c] };
    let elements = (0..rows * columns).map(|i| at(i / columns, i % columns) as f32).collect();
    Tensor::eager(Array::new(elements, sizes))
}
