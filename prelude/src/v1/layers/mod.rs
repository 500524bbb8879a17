//! `tf.layers`: layers as functions, whose variables stand in a variable scope of their own. The optional arguments are setters
//! of the result; each builds the layer anew. What a layer computes is in `compute`.

mod compute;

use std::sync::Arc;

use super::regularizers::Regularizer;
use crate::error::{Error, collect};
use crate::graph::{Built, IntoTensor, Rebuild, Tensor, VariableInitializer, build, initializer, variable_scope};
use crate::ops::array::convert_to_tensor;

/// An activation: a function of a tensor.
type Activation = Arc<dyn Fn(Tensor) -> Tensor + Send + Sync>;

/// Which layer it is, with the arguments it cannot do without.
#[derive(Clone, Copy)]
enum Kind {
    Dense { units: usize },
    Conv1d { filters: usize, kernel_size: usize },
    Conv2d { filters: usize, kernel_size: [usize; 2] },
    MaxPooling2d { pool_size: [usize; 2] },
    AveragePooling2d { pool_size: [usize; 2] },
    Dropout { rate: f64 },
    Flatten,
    BatchNormalization,
}

impl Kind {
    /// The name of a layer that has none of its own.
    fn name(self) -> &'static str {
        match self {
            Kind::Dense { .. } => "dense",
            Kind::Conv1d { .. } => "conv1d",
            Kind::Conv2d { .. } => "conv2d",
            Kind::MaxPooling2d { .. } => "max_pooling2d",
            Kind::AveragePooling2d { .. } => "average_pooling2d",
            Kind::Dropout { .. } => "dropout",
            Kind::Flatten => "flatten",
            Kind::BatchNormalization => "batch_normalization",
        }
    }
}

/// Whether a layer works as in training: known now, or in the run.
#[derive(Clone, Copy)]
pub enum Training {
    /// Known now.
    Known(bool),
    /// A scalar of `bool`, such as a placeholder.
    Fed(Tensor),
}

impl From<bool> for Training {
    fn from(yes: bool) -> Training {
        Training::Known(yes)
    }
}

impl From<Tensor> for Training {
    fn from(fed: Tensor) -> Training {
        Training::Fed(fed)
    }
}

impl<K> From<Built<K>> for Training {
    fn from(fed: Built<K>) -> Training {
        Training::Fed(*fed)
    }
}

/// A height and a width: `5`, `[5, 3]` or `(5, 3)`.
pub trait IntoPair {
    #[doc(hidden)]
    fn into_pair(self) -> [usize; 2];
}

impl IntoPair for usize {
    fn into_pair(self) -> [usize; 2] {
        [self, self]
    }
}

impl IntoPair for [usize; 2] {
    fn into_pair(self) -> [usize; 2] {
        self
    }
}

impl IntoPair for (usize, usize) {
    fn into_pair(self) -> [usize; 2] {
        self.into()
    }
}

/// The arguments of a layer.
#[derive(Clone)]
struct Arguments {
    kind: Kind,
    name: Option<String>,
    reuse: bool,
    activation: Option<Activation>,
    use_bias: bool,
    kernel_initializer: Option<VariableInitializer>,
    bias_initializer: VariableInitializer,
    kernel_regularizer: Option<Regularizer>,
    trainable: bool,
    strides: [usize; 2],
    padding: &'static str,
    training: Training,
    momentum: f64,
    epsilon: f64,
    center: bool,
    scale: bool,
}

/// A layer of a graph. A program has few of them: their arguments stay, so that handles onto them are `Copy`.
#[derive(Clone, Copy)]
pub struct Layer {
    input: Tensor,
    arguments: &'static Arguments,
}

impl Layer {
    fn with(self, change: impl FnOnce(&mut Arguments)) -> Layer {
        let mut arguments = self.arguments.clone();
        change(&mut arguments);
        Layer { arguments: Box::leak(Box::new(arguments)), ..self }
    }
}

impl Rebuild for Layer {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        let graph = self.input.graph();
        let arguments = self.arguments;
        let scope = match &arguments.name {
            Some(name) if arguments.reuse => variable_scope(name).reuse(true),
            Some(name) => variable_scope(name),
            // Its variables are new ones also where others are shared: a name may be given yet.
            None => variable_scope("").default_name(arguments.kind.name()).unshared(),
        };
        let compute = || scope.run(|| compute::layer(self.input, arguments));
        build(graph, || collect(|| graph.as_default(compute)))
    }

    fn named(self, name: &str) -> Option<Layer> {
        Some(self.with(|arguments| arguments.name = Some(name.into())))
    }
}

#[track_caller]
fn layer(inputs: impl IntoTensor, kind: Kind, strides: [usize; 2]) -> Built<Layer> {
    let arguments = Arguments {
        kind,
        name: None,
        reuse: false,
        activation: None,
        use_bias: true,
        kernel_initializer: None,
        bias_initializer: initializer::zeros(),
        kernel_regularizer: None,
        trainable: true,
        strides,
        padding: "VALID",
        training: Training::Known(false),
        momentum: 0.99,
        epsilon: 1e-3,
        center: true,
        scale: true,
    };
    let input = convert_to_tensor(inputs);
    Built::new(Layer { input, arguments: Box::leak(Box::new(arguments)) })
}

impl Built<Layer> {
    #[track_caller]
    fn set(self, change: impl FnOnce(&mut Arguments)) -> Built<Layer> {
        self.with(|layer| *layer = layer.with(change))
    }

    /// The activation, `activation=`: a function such as `tf::nn::relu`; none unless given.
    #[track_caller]
    pub fn activation<R: Into<Tensor>>(self, f: impl Fn(Tensor) -> R + Send + Sync + 'static) -> Built<Layer> {
        self.set(|arguments| arguments.activation = Some(Arc::new(move |x| f(x).into())))
    }

    /// Whether there is a bias, `use_bias=`.
    #[track_caller]
    pub fn use_bias(self, yes: bool) -> Built<Layer> {
        self.set(|arguments| arguments.use_bias = yes)
    }

    /// How the weights start, `kernel_initializer=`; by Glorot's uniform distribution unless given.
    #[track_caller]
    pub fn kernel_initializer(self, initializer: VariableInitializer) -> Built<Layer> {
        self.set(|arguments| arguments.kernel_initializer = Some(initializer))
    }

    /// How the bias starts, `bias_initializer=`; as zeros unless given.
    #[track_caller]
    pub fn bias_initializer(self, initializer: VariableInitializer) -> Built<Layer> {
        self.set(|arguments| arguments.bias_initializer = initializer)
    }

    /// The penalty on the weights, which joins the regularization losses, `kernel_regularizer=`.
    #[track_caller]
    pub fn kernel_regularizer(self, regularizer: Regularizer) -> Built<Layer> {
        self.set(|arguments| arguments.kernel_regularizer = Some(regularizer))
    }

    /// Whether optimizers change the variables, `trainable=`.
    #[track_caller]
    pub fn trainable(self, yes: bool) -> Built<Layer> {
        self.set(|arguments| arguments.trainable = yes)
    }

    /// Whether the variables are those of the layer that has the name already, `reuse=`. It comes before the name:
    /// `tf::layers::dense(x, 4).reuse(true).named("d")`.
    #[track_caller]
    pub fn reuse(self, yes: bool) -> Built<Layer> {
        self.set(|arguments| arguments.reuse = yes)
    }

    /// How far windows are apart, `strides=`.
    #[track_caller]
    pub fn strides(self, strides: impl IntoPair) -> Built<Layer> {
        self.set(|arguments| arguments.strides = strides.into_pair())
    }

    /// `"valid"`, only whole windows, which it is unless given, or `"same"`: `padding=`.
    ///
    /// # Panics
    /// `ValueError` for another word.
    #[track_caller]
    pub fn padding(self, padding: &str) -> Built<Layer> {
        let padding = match padding.to_ascii_lowercase().as_str() {
            "valid" => "VALID",
            "same" => "SAME",
            _ => Error::Value(format!(
                "The `padding` argument must be a list/tuple or one of \"valid\", \"same\" (or \"causal\", only for \
                 `Conv1D). Received: {padding}"
            ))
            .raise(),
        };
        self.set(|arguments| arguments.padding = padding)
    }

    /// Whether the layer works as in training, `training=`: `true`, or a placeholder of `bool` that was made before.
    #[track_caller]
    pub fn training(self, training: impl Into<Training>) -> Built<Layer> {
        self.set(|arguments| arguments.training = training.into())
    }

    /// How much of the running mean and variance is kept in a step, `momentum=`.
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Built<Layer> {
        self.set(|arguments| arguments.momentum = momentum)
    }

    /// What is added to the variance, `epsilon=`.
    #[track_caller]
    pub fn epsilon(self, epsilon: f64) -> Built<Layer> {
        self.set(|arguments| arguments.epsilon = epsilon)
    }

    /// Whether an offset is learned, `center=`.
    #[track_caller]
    pub fn center(self, yes: bool) -> Built<Layer> {
        self.set(|arguments| arguments.center = yes)
    }

    /// Whether a scale is learned, `scale=`.
    #[track_caller]
    pub fn scale(self, yes: bool) -> Built<Layer> {
        self.set(|arguments| arguments.scale = yes)
    }
}

/// `activation(inputs @ kernel + bias)`: `tf.layers.dense(inputs, units)`.
///
/// ```
/// use flowbook::{shape, v1 as tf};
/// # tf::Graph::new().as_default(|| {
/// let x = tf::placeholder(tf::float32, shape![None, 784]);
/// let hidden = tf::layers::dense(x, 256).activation(tf::nn::relu).named("hidden");
/// assert_eq!(hidden.to_string(), r#"Tensor("hidden/Relu:0", shape=(?, 256), dtype=float32)"#);
/// assert_eq!(tf::trainable_variables()[0].name(), "hidden/kernel:0");
/// # });
/// ```
///
/// # Panics
/// `ValueError` when the size of the last axis is not known.
#[track_caller]
pub fn dense(inputs: impl IntoTensor, units: usize) -> Built<Layer> {
    layer(inputs, Kind::Dense { units }, [1, 1])
}

/// Filters slid along sequences `[batch, steps, channels]`: `tf.layers.conv1d(inputs, filters, kernel_size)`.
///
/// # Panics
/// `ValueError` for inputs of another rank.
#[track_caller]
pub fn conv1d(inputs: impl IntoTensor, filters: usize, kernel_size: usize) -> Built<Layer> {
    layer(inputs, Kind::Conv1d { filters, kernel_size }, [1, 1])
}

/// Filters slid over images `[batch, height, width, channels]`: `tf.layers.conv2d(inputs, filters, kernel_size)`.
///
/// # Panics
/// `ValueError` for inputs of another rank.
#[track_caller]
pub fn conv2d(inputs: impl IntoTensor, filters: usize, kernel_size: impl IntoPair) -> Built<Layer> {
    layer(inputs, Kind::Conv2d { filters, kernel_size: kernel_size.into_pair() }, [1, 1])
}

/// The largest value of each window of images: `tf.layers.max_pooling2d(inputs, pool_size, strides)`.
///
/// # Panics
/// `ValueError` for inputs that are no images.
#[track_caller]
pub fn max_pooling2d(inputs: impl IntoTensor, pool_size: impl IntoPair, strides: impl IntoPair) -> Built<Layer> {
    layer(inputs, Kind::MaxPooling2d { pool_size: pool_size.into_pair() }, strides.into_pair())
}

/// The mean of each window of images: `tf.layers.average_pooling2d(inputs, pool_size, strides)`.
///
/// # Panics
/// `ValueError` for inputs that are no images.
#[track_caller]
pub fn average_pooling2d(inputs: impl IntoTensor, pool_size: impl IntoPair, strides: impl IntoPair) -> Built<Layer> {
    layer(inputs, Kind::AveragePooling2d { pool_size: pool_size.into_pair() }, strides.into_pair())
}

/// With `.training(true)` each element with probability `1 - rate`, scaled up by its reciprocal, else 0; without, what was
/// put in: `tf.layers.dropout(inputs, rate)`.
///
/// # Panics
/// `ValueError` for a rate outside `[0, 1)`.
#[track_caller]
pub fn dropout(inputs: impl IntoTensor, rate: f64) -> Built<Layer> {
    layer(inputs, Kind::Dropout { rate }, [1, 1])
}

/// Each example as a vector: `tf.layers.flatten(inputs)`.
///
/// # Panics
/// `ValueError` when more than one size is open.
#[track_caller]
pub fn flatten(inputs: impl IntoTensor) -> Built<Layer> {
    layer(inputs, Kind::Flatten, [1, 1])
}

/// The inputs with mean 0 and variance 1 along all axes but the last, then scaled and moved by what is learned: with
/// `.training(true)` those of the batch, else the running ones: `tf.layers.batch_normalization(inputs)`.
///
/// What changes the running ones is in the collection `tf::GraphKeys::UPDATE_OPS`.
///
/// # Panics
/// `ValueError` when the size of the last axis is not known.
#[track_caller]
pub fn batch_normalization(inputs: impl IntoTensor) -> Built<Layer> {
    layer(inputs, Kind::BatchNormalization, [1, 1])
}
