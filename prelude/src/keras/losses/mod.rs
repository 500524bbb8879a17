//! `keras.losses`: what training makes small. The functions, in `functions`, give one value for each example; a [`Loss`]
//! makes one number of them.

mod arguments;
mod functions;

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::v2::{self, Built, Evaluate, IntoTensor, Tensor, attempt};
use arguments::{Each, Takes, setters};

pub(super) use arguments::Arguments;
pub use arguments::Call;
pub use functions::*;
pub(super) use functions::{binary, categorical, last, same_rank, sparse};

/// One of the losses of this module, or one of the user's.
#[derive(Clone)]
enum Kind {
    Known(Each, Takes),
    Custom(Arc<dyn Fn(&Tensor, &Tensor) -> Tensor + Send + Sync>),
}

/// How the values of the examples become one number: `reduction=`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reduction {
    SumOverBatchSize,
    Sum,
    MeanWithSampleWeight,
    None,
}

const REDUCTIONS: [(&str, Reduction); 5] = [
    ("sum_over_batch_size", Reduction::SumOverBatchSize),
    ("sum", Reduction::Sum),
    ("mean", Reduction::SumOverBatchSize),
    ("mean_with_sample_weight", Reduction::MeanWithSampleWeight),
    ("none", Reduction::None),
];

/// A loss as an object, by default the mean over the examples. Made by the classes of this module, by name, or from a
/// function.
///
/// ```
/// use flowbook::keras::losses::MeanSquaredError;
/// let (y_true, y_pred) = ([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]);
/// let mse = MeanSquaredError::new();
/// assert_eq!(mse.call(y_true, y_pred).numpy().to_string(), "0.5");
/// assert_eq!(mse.call(y_true, y_pred).sample_weight([0.7, 0.3]).numpy().to_string(), "0.25");
/// assert_eq!(mse.reduction("none").call(y_true, y_pred).numpy().to_string(), "[0.5 0.5]");
/// ```
#[derive(Clone)]
pub struct Loss {
    name: String,
    class: &'static str,
    kind: Kind,
    arguments: Arguments,
    reduction: Reduction,
    weight: f64,
}

impl fmt::Debug for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<LossFunctionWrapper({})>", self.name)
    }
}

impl Loss {
    fn of(name: &str, class: &'static str, kind: Kind) -> Loss {
        let arguments = Arguments::default();
        Loss { name: name.into(), class, kind, arguments, reduction: Reduction::SumOverBatchSize, weight: 1.0 }
    }

    #[track_caller]
    fn set(mut self, argument: &str, change: impl FnOnce(&mut Arguments)) -> Loss {
        let takes = match self.kind {
            Kind::Known(_, takes) => takes,
            Kind::Custom(_) => Takes::NOTHING,
        };
        takes.check(&format!("{}.__init__", self.class), argument).unwrap_or_else(|error| error.raise());
        change(&mut self.arguments);
        self
    }

    setters!(self => self.set);

    /// Where the square ends: `delta=`; 1 unless said otherwise. Huber's loss takes it.
    ///
    /// # Panics
    /// `TypeError` when the loss takes no such argument.
    #[must_use]
    #[track_caller]
    pub fn delta(self, delta: f64) -> Loss {
        self.set("delta", |a| a.delta = delta)
    }

    /// How the values of the examples become one number: `"sum_over_batch_size"`, their mean and the default, `"sum"`,
    /// `"mean_with_sample_weight"`, divided by the weights' sum, or `"none"`, as they are: `reduction=`.
    ///
    /// # Panics
    /// `ValueError` for another word.
    #[must_use]
    #[track_caller]
    pub fn reduction(self, reduction: &str) -> Loss {
        let Some((_, reduction)) = REDUCTIONS.iter().find(|(name, _)| *name == reduction) else {
            let allowed: Vec<String> = REDUCTIONS.iter().map(|(name, _)| format!("'{name}'")).collect();
            Error::Value(format!(
                "Invalid value for argument `reduction`. Expected one of {{{}}}. Received: reduction={reduction}",
                allowed.join(", ")
            ))
            .raise()
        };
        Loss { reduction: *reduction, ..self }
    }

    /// How much it counts among the losses of a model's outputs: `loss_weights=` of `compile`; 1 unless said otherwise.
    #[must_use]
    pub fn loss_weight(self, weight: f64) -> Loss {
        Loss { weight, ..self }
    }

    pub(super) fn weight(&self) -> f64 {
        self.weight
    }

    /// Gives it a name: `name=`.
    #[must_use]
    pub fn named(self, name: &str) -> Loss {
        Loss { name: name.into(), ..self }
    }

    /// The name, `"mean_squared_error"`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The loss of a batch: `loss(y_true, y_pred)`, with the setter `sample_weight`.
    ///
    /// # Panics
    /// As the functions.
    #[track_caller]
    pub fn call(&self, y_true: impl IntoTensor, y_pred: impl IntoTensor) -> Built<Weighted> {
        let (y_true, y_pred) = (y_true.into_operand().tensor(), y_pred.into_operand().tensor());
        Built::new(Weighted { loss: self.clone(), y_true, y_pred, weight: None })
    }

    /// The loss of each example.
    pub(super) fn each(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        match &self.kind {
            Kind::Known(each, _) => each(y_true, y_pred, &self.arguments),
            Kind::Custom(f) => f(y_true, y_pred),
        }
    }

    /// The loss of a batch whose examples count as the weights say.
    pub(super) fn reduced(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Tensor {
        let each = self.each(y_true, y_pred);
        let Some(weight) = weight else {
            return match self.reduction {
                Reduction::None => each,
                Reduction::Sum => v2::reduce_sum(each).into(),
                _ => v2::reduce_mean(each).into(),
            };
        };
        let (each, weight) = same_rank(each, v2::cast(weight, v2::float32));
        let each = &each * widened(&weight, each.ndim());
        match self.reduction {
            Reduction::None => each,
            Reduction::Sum => v2::reduce_sum(each).into(),
            Reduction::SumOverBatchSize => v2::reduce_mean(each).into(),
            Reduction::MeanWithSampleWeight => divide_no_nan(v2::reduce_sum(each), v2::reduce_sum(weight)),
        }
    }

    /// # Errors
    /// `UnimplementedError` for a reduction that is not the mean of what replicas with a share of the batch each find.
    pub(super) fn check_shared(&self) -> Result<()> {
        if self.reduction == Reduction::SumOverBatchSize {
            return Ok(());
        }
        Err(Error::Unimplemented(format!(
            "the loss '{}' on several replicas: give it the reduction 'sum_over_batch_size'",
            self.name
        )))
    }

    /// The class and the arguments as JSON, for models that are saved.
    pub(crate) fn config(&self) -> Value {
        let reduction = REDUCTIONS.iter().find(|(_, r)| *r == self.reduction).map_or("none", |(name, _)| name);
        json!({
            "class_name": self.class,
            "name": self.name,
            "reduction": reduction,
            "loss_weight": self.weight,
            "arguments": self.arguments.config(),
        })
    }

    /// The loss that [`config`](Self::config) describes.
    ///
    /// # Errors
    /// `ValueError` for a class that there is not.
    pub(crate) fn from_config(config: &Value) -> Result<Loss> {
        let loss = by_name(config["class_name"].as_str().unwrap_or_default())?;
        let reduction = REDUCTIONS.iter().find(|(name, _)| config["reduction"] == *name);
        Ok(Loss {
            name: config["name"].as_str().unwrap_or(&loss.name).into(),
            arguments: Arguments::from_config(&config["arguments"]),
            reduction: reduction.map_or(loss.reduction, |(_, r)| *r),
            weight: config["loss_weight"].as_f64().unwrap_or(1.0),
            ..loss
        })
    }
}

/// Weights with further axes of size 1 behind their own, up to a rank.
pub(super) fn widened(weight: &Tensor, rank: usize) -> Tensor {
    (weight.ndim()..rank).fold(weight.clone(), |weight, _| match weight.ndim() {
        0 => weight,
        _ => v2::expand_dims(weight, -1),
    })
}

/// The quotient, 0 where the divisor is 0.
fn divide_no_nan(x: impl IntoTensor, y: impl IntoTensor) -> Tensor {
    let y = y.into_operand().tensor();
    let none = y.equal(0.0);
    v2::where_(&none, 0.0, v2::divide(x, v2::where_(&none, 1.0, &y)))
}

/// A call of a loss whose weights are a setter.
#[derive(Clone)]
pub struct Weighted {
    loss: Loss,
    y_true: Tensor,
    y_pred: Tensor,
    weight: Option<Tensor>,
}

impl Evaluate for Weighted {
    fn evaluate(&self) -> Result<Tensor> {
        attempt(|| self.loss.reduced(&self.y_true, &self.y_pred, self.weight.as_ref()))
    }
}

impl Built<Weighted> {
    /// How much each example counts: `sample_weight=`.
    ///
    /// # Panics
    /// `InvalidArgumentError` when there are not as many weights as examples.
    #[must_use]
    #[track_caller]
    pub fn sample_weight(self, weight: impl IntoTensor) -> Built<Weighted> {
        let weight = weight.into_operand().tensor();
        self.with(|call| call.weight = Some(weight))
    }
}

macro_rules! classes {
    ($($class:ident, $name:literal $(| $alias:literal)* => $each:expr, $takes:ident;)*) => {
        $(
            #[doc = concat!("The loss `", $name, "`: `keras.losses.", stringify!($class), "`.")]
            #[derive(Clone, Copy, Debug)]
            pub struct $class;

            impl $class {
                /// The loss, with Keras' defaults.
                #[expect(clippy::new_ret_no_self, reason = "all losses are of one type")]
                pub fn new() -> Loss {
                    Loss::of($name, stringify!($class), Kind::Known($each, Takes::$takes))
                }
            }
        )*

        pub(super) fn by_name(name: &str) -> Result<Loss> {
            match name {
                $($name $(| $alias)* | stringify!($class) => Ok($class::new()),)*
                other => Err(Error::Value(format!("Could not interpret loss identifier: {other}"))),
            }
        }
    };
}
classes! {
    MeanSquaredError, "mean_squared_error" | "mse" | "MSE" => |t, p, _| mse(t, p), NOTHING;
    MeanAbsoluteError, "mean_absolute_error" | "mae" | "MAE" => |t, p, _| mae(t, p), NOTHING;
    MeanAbsolutePercentageError, "mean_absolute_percentage_error" | "mape" | "MAPE" => |t, p, _| mape(t, p), NOTHING;
    MeanSquaredLogarithmicError, "mean_squared_logarithmic_error" | "msle" | "MSLE" => |t, p, _| msle(t, p), NOTHING;
    Hinge, "hinge" => |t, p, _| hinge(t, p), NOTHING;
    SquaredHinge, "squared_hinge" => |t, p, _| squared_hinge(t, p), NOTHING;
    CategoricalHinge, "categorical_hinge" => |t, p, _| categorical_hinge(t, p), NOTHING;
    Poisson, "poisson" => |t, p, _| poisson(t, p), NOTHING;
    KLDivergence, "kl_divergence" => |t, p, _| kl_divergence(t, p), NOTHING;
    LogCosh, "log_cosh" => |t, p, _| log_cosh(t, p), NOTHING;
    CosineSimilarity, "cosine_similarity" => |t, p, _| cosine_similarity(t, p), NOTHING;
    Dice, "dice" => |t, p, _| dice(t, p), NOTHING;
    Huber, "huber_loss" | "huber" => |t, p, a| huber(t, p, a.delta), DELTA;
    BinaryCrossentropy, "binary_crossentropy" => functions::binary, LABELS;
    BinaryFocalCrossentropy, "binary_focal_crossentropy" => functions::binary_focal, BINARY_FOCUS;
    CategoricalCrossentropy, "categorical_crossentropy" => functions::categorical, LABELS;
    CategoricalFocalCrossentropy, "categorical_focal_crossentropy" => functions::categorical_focal, FOCUS;
    SparseCategoricalCrossentropy, "sparse_categorical_crossentropy" => functions::sparse, LOGITS;
}

/// What stands for a loss: an object, its name, or a function of labels and predictions that gives one value for each
/// example.
pub trait IntoLoss {
    /// The loss.
    ///
    /// # Errors
    /// `ValueError` for a name that Keras does not know.
    fn into_loss(self) -> Result<Loss>;
}

impl IntoLoss for Loss {
    fn into_loss(self) -> Result<Loss> {
        Ok(self)
    }
}

impl IntoLoss for &Loss {
    fn into_loss(self) -> Result<Loss> {
        Ok(self.clone())
    }
}

impl IntoLoss for &str {
    fn into_loss(self) -> Result<Loss> {
        by_name(self)
    }
}

impl<F, T> IntoLoss for F
where
    F: Fn(&Tensor, &Tensor) -> T + Send + Sync + 'static,
    T: Into<Tensor>,
{
    fn into_loss(self) -> Result<Loss> {
        Ok(Loss::of("function", "function", Kind::Custom(Arc::new(move |t, p| self(t, p).into()))))
    }
}
