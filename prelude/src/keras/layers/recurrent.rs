//! Recurrent layers over sequences `[batch, steps, features]`. The steps are written out one after the other, so that a
//! sequence of known length is one plan.

use std::sync::Arc;

use serde_json::{Value, json};

use super::arguments::arguments;
use super::core::{Config, saved};
use super::{Base, Layer, Weight, common, identity, incompatible};
use crate::error::Result;
use crate::keras::activations::{Function, IntoActivation};
use crate::keras::initializers::{GlorotUniform, Initializer, Orthogonal};
use crate::v2::{self, Tensor, shape_v2};
use crate::{Array, Shape};

/// One step: what was, and the input, give what is and the rest of the state.
type Step = fn(&Cell, &[Tensor], &Tensor, &[Tensor]) -> Vec<Tensor>;

fn named(activation: &str) -> Function {
    activation.into_activation().unwrap_or_else(|error| error.raise())
}

/// What the recurrent layers share.
#[derive(Clone)]
struct Cell {
    units: usize,
    activation: Function,
    recurrent_activation: Function,
    use_bias: bool,
    return_sequences: bool,
    kernel_initializer: Arc<dyn Initializer>,
    recurrent_initializer: Arc<dyn Initializer>,
}

impl Cell {
    fn new(units: usize) -> Cell {
        Cell {
            units,
            activation: named("tanh"),
            recurrent_activation: named("sigmoid"),
            use_bias: true,
            return_sequences: false,
            kernel_initializer: Arc::new(GlorotUniform::new()),
            recurrent_initializer: Arc::new(Orthogonal::new()),
        }
    }

    fn build(&self, layer: &dyn Layer, input: &Shape, gates: usize, bias: &Array) -> Result<Vec<Weight>> {
        let Some([_, _, Some(features)]) = input.dims() else {
            return Err(incompatible(layer, "expected a known number of features".into()));
        };
        let kernel = self.kernel_initializer.sample(&[*features, gates * self.units]);
        let recurrent = self.recurrent_initializer.sample(&[self.units, gates * self.units]);
        let mut weights = vec![Weight::new("kernel", &kernel, true), Weight::new("recurrent_kernel", &recurrent, true)];
        if self.use_bias {
            weights.push(Weight::new("bias", &Tensor::eager(bias.clone()), true));
        }
        Ok(weights)
    }

    fn output_shape(&self, layer: &dyn Layer, input: &Shape) -> Result<Shape> {
        let Some([batch, steps, _]) = input.dims() else {
            let rank = input.rank().unwrap_or(0);
            let what = format!("expected ndim=3, found ndim={rank}. Full shape received: {}", shape_v2(input));
            return Err(incompatible(layer, what));
        };
        Ok(match self.return_sequences {
            true => Shape::from([*batch, *steps, Some(self.units)]),
            false => Shape::from([*batch, Some(self.units)]),
        })
    }

    /// Every step from a state of zeros.
    fn run(&self, weights: &[Weight], x: &Tensor, states: usize, step: Step) -> Tensor {
        let sizes = x.shape().sizes().unwrap_or_default();
        let values: Vec<Tensor> = weights.iter().map(|w| w.variable.value()).collect();
        let mut state: Vec<Tensor> = vec![v2::zeros([sizes[0], self.units]).tensor(); states];
        let mut outputs = Vec::new();
        for now in v2::unstack(v2::cast(x, v2::float32), 1) {
            state = step(self, &values, &now, &state);
            outputs.push(state[0].clone());
        }
        match self.return_sequences {
            true => v2::stack(&outputs).axis(1).into(),
            false => state.swap_remove(0),
        }
    }

    fn config(&self) -> Value {
        json!({
            "units": self.units,
            "activation": self.activation.name(),
            "recurrent_activation": self.recurrent_activation.name(),
            "use_bias": self.use_bias,
            "return_sequences": self.return_sequences,
            "kernel_initializer": saved(&*self.kernel_initializer),
            "recurrent_initializer": saved(&*self.recurrent_initializer),
        })
    }

    fn from_config(c: &Config) -> Result<Cell> {
        Ok(Cell {
            units: c.size("units"),
            activation: c.text("activation").into_activation()?,
            recurrent_activation: c.text("recurrent_activation").into_activation()?,
            use_bias: c.yes("use_bias"),
            return_sequences: c.yes("return_sequences"),
            kernel_initializer: c.initializer("kernel_initializer")?.into(),
            recurrent_initializer: c.initializer("recurrent_initializer")?.into(),
        })
    }

    fn matmul(a: &Tensor, b: &Tensor) -> Tensor {
        v2::matmul(a, b).into()
    }
}

fn simple(cell: &Cell, weights: &[Tensor], x: &Tensor, state: &[Tensor]) -> Vec<Tensor> {
    let sum = Cell::matmul(x, &weights[0]) + Cell::matmul(&state[0], &weights[1]);
    let sum = weights.get(2).map_or_else(|| sum.clone(), |bias| &sum + bias);
    vec![cell.activation.apply(&sum)]
}

/// Input, forget, cell and output gates; the state is the output and the cell.
fn lstm(cell: &Cell, weights: &[Tensor], x: &Tensor, state: &[Tensor]) -> Vec<Tensor> {
    let sum = Cell::matmul(x, &weights[0]) + Cell::matmul(&state[0], &weights[1]);
    let sum = weights.get(2).map_or_else(|| sum.clone(), |bias| &sum + bias);
    let gates = v2::split(sum, 4, 1);
    let gate = |i: usize| cell.recurrent_activation.apply(&gates[i]);
    let kept = gate(1) * &state[1] + gate(0) * cell.activation.apply(&gates[2]);
    vec![gate(3) * cell.activation.apply(&kept), kept]
}

/// Update and reset gates and the candidate, the reset coming after the product, as Keras has it by default.
fn gru(cell: &Cell, weights: &[Tensor], x: &Tensor, state: &[Tensor]) -> Vec<Tensor> {
    let (mut now, mut before) = (Cell::matmul(x, &weights[0]), Cell::matmul(&state[0], &weights[1]));
    if let Some(bias) = weights.get(2) {
        let rows = v2::unstack(bias, 0);
        (now, before) = (now + &rows[0], before + &rows[1]);
    }
    let (now, before) = (v2::split(now, 3, 1), v2::split(before, 3, 1));
    let gate = |i: usize| cell.recurrent_activation.apply(&(&now[i] + &before[i]));
    let (update, reset) = (gate(0), gate(1));
    let candidate = cell.activation.apply(&(&now[2] + reset * &before[2]));
    vec![&update * &state[0] + (1.0 - &update) * candidate]
}

macro_rules! layers {
    ($($(#[$doc:meta])* $name:ident($gates:literal gates, $states:literal states, $step:ident, |$units:ident| $bias:expr);)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone)]
            pub struct $name {
                base: Base,
                cell: Cell,
            }
            common!($name);

            impl $name {
                /// With that many units.
                pub fn new(units: usize) -> $name {
                    $name { base: Base::new(stringify!($name)), cell: Cell::new(units) }
                }
            }

            arguments! { $name:
                activation activation = cell.activation r#"The activation, by name; `"tanh"` unless said otherwise"#;
                flag return_sequences = cell.return_sequences "Whether the result has every step, not only the last";
                flag use_bias = cell.use_bias "Whether there is a bias";
                initializer kernel_initializer = cell.kernel_initializer "How the weights on the inputs start";
                initializer recurrent_initializer = cell.recurrent_initializer "How the weights on the state start";
            }

            impl Layer for $name {
                identity!($name);

                fn build(&self, inputs: &[Shape]) -> Result<Vec<Weight>> {
                    let $units = self.cell.units;
                    self.cell.build(self, &inputs[0], $gates, &$bias)
                }

                fn output_shape(&self, inputs: &[Shape]) -> Result<Shape> {
                    self.cell.output_shape(self, &inputs[0])
                }

                fn forward(&self, weights: &[Weight], inputs: &[Tensor], _: bool) -> Tensor {
                    self.cell.run(weights, &inputs[0], $states, $step)
                }

                fn config(&self) -> Value {
                    self.cell.config()
                }
            }
        )*

        pub(super) fn from_config(class: &str, c: &Config) -> Result<Option<Arc<dyn Layer>>> {
            Ok(Some(match class {
                $(stringify!($name) => $name { base: Base::new(stringify!($name)), cell: Cell::from_config(c)? }.handle(),)*
                _ => return Ok(None),
            }))
        }
    };
}
layers! {
    /// `tanh(x @ kernel + h @ recurrent_kernel + bias)`, step by step: `keras.layers.SimpleRNN(units)`.
    SimpleRNN(1 gates, 1 states, simple, |units| zeros(&[units]));
    /// Long short-term memory of Hochreiter and Schmidhuber: `keras.layers.LSTM(units)`. It starts by forgetting little.
    LSTM(4 gates, 2 states, lstm, |units| {
        let ones = (0..4 * units).map(|i| f32::from(u8::from((units..2 * units).contains(&i)))).collect();
        Array::new(ones, &[4 * units])
    });
    /// Gated recurrent units of Cho and others: `keras.layers.GRU(units)`.
    GRU(3 gates, 1 states, gru, |units| zeros(&[2, 3 * units]));
}

fn zeros(sizes: &[usize]) -> Array {
    Array::zeros(crate::DType::Float32, sizes)
}
