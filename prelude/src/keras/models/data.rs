//! The examples of a training: arrays or datasets brought into one form, checked, weighted, split, and gathered row by row
//! into the memory of a compiled step.

use std::collections::BTreeMap;

use crate::array::with_data;
use crate::error::{Error, Result};
use crate::ops::{View, cast_array};
use crate::v2::data::Dataset;
use crate::v2::{IntoTensor, Tensor, rows};
use crate::{Array, DType};

/// Inputs with their labels, and weights if there are any.
#[derive(Clone)]
pub struct Samples {
    pub(super) x: Array,
    pub(super) y: Array,
    pub(super) weight: Option<Array>,
}

/// What `fit` and `evaluate` take as inputs: arrays with labels beside them, or a batched dataset of both and `()`.
pub trait Examples<Y> {
    #[doc(hidden)]
    fn samples(self, y: Y) -> Result<Given>;
}

/// Examples, and the size of their batches where the examples say so.
#[doc(hidden)]
pub struct Given {
    pub(super) samples: Samples,
    pub(super) batch_size: Option<usize>,
}

impl<X: IntoTensor, Y: IntoTensor> Examples<Y> for X {
    fn samples(self, y: Y) -> Result<Given> {
        let samples = Samples::new(&self.into_operand().tensor(), &y.into_operand().tensor())?;
        Ok(Given { samples, batch_size: None })
    }
}

impl Examples<()> for &Dataset<(Tensor, Tensor)> {
    /// All batches of the dataset, one after the other; `fit` shuffles the examples anew in each epoch.
    fn samples(self, _: ()) -> Result<Given> {
        if self.known_len().is_none() {
            return Err(Error::Value(
                "When using an infinitely repeating dataset, take as many batches as an epoch is to have: \
                 dataset.take(steps)"
                    .into(),
            ));
        }
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for (x, y) in self {
            xs.push(x.numpy());
            ys.push(y.numpy());
        }
        let Some(first) = xs.first() else {
            return Err(Error::Value("The dataset is empty: there is nothing to learn from.".into()));
        };
        let batch_size = first.shape().first().copied();
        let samples = Samples::new(&Tensor::eager(joined(&xs)), &Tensor::eager(joined(&ys)))?;
        Ok(Given { samples, batch_size })
    }
}

fn joined(parts: &[Array]) -> Array {
    let count = parts.iter().map(|p| p.shape()[0]).sum();
    let mut shape = parts[0].shape().to_vec();
    shape[0] = count;
    macro_rules! join {
        ($t:ty) => {
            Array::new(parts.iter().filter_map(|p| p.as_slice::<$t>()).flatten().cloned().collect(), &shape)
        };
    }
    match parts[0].dtype() {
        DType::Float32 => join!(f32),
        DType::Float64 => join!(f64),
        DType::Int32 => join!(i32),
        DType::Int64 => join!(i64),
        DType::UInt8 => join!(u8),
        DType::Bool => join!(bool),
        DType::String => join!(String),
    }
}

/// Inputs as the layers take them.
pub(super) fn input(x: &Tensor) -> Result<Array> {
    let x = x.numpy();
    if x.ndim() == 0 {
        return Err(Error::Value("Inputs need an axis for the examples, and a scalar has none.".into()));
    }
    Ok(cast_array(&x, DType::Float32))
}

impl Samples {
    fn new(x: &Tensor, y: &Tensor) -> Result<Samples> {
        let (x, y) = (input(x)?, y.numpy());
        let y = if y.dtype() == DType::Float64 { cast_array(&y, DType::Float32) } else { y };
        let count = |a: &Array| a.shape().first().copied().unwrap_or(1);
        if count(&x) != count(&y) || y.ndim() == 0 {
            return Err(Error::Value(format!(
                "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples.'x' sizes: {}\n'y' \
                 sizes: {}\n",
                count(&x),
                count(&y)
            )));
        }
        if count(&x) == 0 {
            return Err(Error::Value("There is no example: 'x' and 'y' have 0 rows.".into()));
        }
        Ok(Samples { x, y, weight: None })
    }

    pub(super) fn len(&self) -> usize {
        self.x.shape()[0]
    }

    /// Weighs each example.
    pub(super) fn weigh(&mut self, weight: &Array) -> Result<()> {
        let weight = cast_array(weight, DType::Float32);
        if weight.shape() != [self.len()] {
            return Err(Error::Value(format!(
                "`sample_weight` must have one number for each of the {} examples, not shape {}",
                self.len(),
                crate::format::shape_text(weight.shape())
            )));
        }
        self.weight = Some(weight);
        Ok(())
    }

    /// Weighs each example by its class.
    pub(super) fn weigh_classes(&mut self, weights: &BTreeMap<i64, f64>) -> Result<()> {
        let classes: Vec<i64> = match self.y.shape() {
            [_, n] if *n > 1 => crate::np::argmax(&self.y).axis(1).to_vec(),
            _ => self.y.to_vec(),
        };
        let of = |class: &i64| weights.get(class).map_or(1.0, |w| *w) as f32;
        let weight: Vec<f32> = classes.iter().map(of).collect();
        self.weigh(&Array::new(weight, &[classes.len()]))
    }

    /// The last `share` of the examples apart from the others, as `validation_split=` asks.
    pub(super) fn split(&self, share: f64) -> Result<(Samples, Samples)> {
        let at = (self.len() as f64 * (1.0 - share)).floor() as usize;
        if !(0.0..1.0).contains(&share) || at == 0 || at == self.len() {
            return Err(Error::Value(format!(
                "Training data contains {} samples, which is not sufficient to split it into a validation and training set \
                 as specified by `validation_split={share}`. Either provide more data, or a different value for the \
                 `validation_split` argument.",
                self.len()
            )));
        }
        Ok((self.part(0..at), self.part(at..self.len())))
    }

    fn part(&self, range: std::ops::Range<usize>) -> Samples {
        let places: Vec<usize> = range.collect();
        let of = |array: &Array| {
            let mut shape = array.shape().to_vec();
            shape[0] = places.len();
            rows(array, &places, &shape)
        };
        Samples { x: of(&self.x), y: of(&self.y), weight: self.weight.as_ref().map(of) }
    }

    /// Inputs, labels and weights, in the order a compiled step takes them.
    pub(super) fn columns(&self) -> Vec<&Array> {
        [&self.x, &self.y].into_iter().chain(&self.weight).collect()
    }
}

/// Copies rows of an array to where a compiled step looks for them.
pub(super) fn gather(array: &Array, places: &[usize], to: &View) {
    let width: usize = array.shape()[1..].iter().product();
    with_data!(array, v => copy_rows(v, places, width, to));
}

fn copy_rows<T: crate::dtype::Element>(from: &[T], places: &[usize], width: usize, to: &View) {
    let out = to.slice_mut::<T>();
    if width == 1 {
        places.iter().zip(out).for_each(|(i, cell)| cell.clone_from(&from[*i]));
        return;
    }
    for (i, row) in places.iter().zip(out.chunks_exact_mut(width.max(1))) {
        row.clone_from_slice(&from[i * width..(i + 1) * width]);
    }
}
