//! The examples of a training: arrays or datasets brought into one form, checked, weighted, split, and gathered row by row
//! into the memory of a compiled step.

use std::collections::BTreeMap;

use super::nested::Columns;
use crate::array::with_data;
use crate::error::{Error, Result};
use crate::ops::{View, cast_array};
use crate::v2::data::{Dataset, Elements};
use crate::v2::{Tensor, rows};
use crate::{Array, DType};

/// Inputs with their labels, and weights if there are any.
#[derive(Clone)]
pub struct Samples {
    pub(super) x: Vec<Array>,
    pub(super) y: Vec<Array>,
    pub(super) weight: Option<Array>,
}

/// What `fit` and `evaluate` take as inputs: arrays with labels beside them, tuples of both for models of several inputs or
/// outputs, or a batched dataset of inputs, labels and perhaps weights, and `()`.
pub trait Examples<Y> {
    #[doc(hidden)]
    fn samples(self, y: Y) -> Result<Given>;
}

/// Examples, and the size of their batches where the examples say so.
#[doc(hidden)]
pub struct Given {
    samples: Found,
    pub(super) batch_size: Option<usize>,
}

/// All examples, or those of so many batches where there is no end of them.
enum Found {
    All(Samples),
    Endless(Box<dyn Fn(usize) -> Result<Given>>),
}

impl Given {
    fn all(samples: Samples, batch_size: Option<usize>) -> Given {
        Given { samples: Found::All(samples), batch_size }
    }

    fn endless(first: impl Fn(usize) -> Result<Given> + 'static) -> Given {
        Given { samples: Found::Endless(Box::new(first)), batch_size: None }
    }

    /// The examples.
    ///
    /// # Errors
    /// `ValueError` when there is no end of them.
    pub(super) fn samples(self) -> Result<Samples> {
        match self.samples {
            Found::All(samples) => Ok(samples),
            Found::Endless(_) => Err(Error::Value(
                "When using an infinitely repeating dataset, say how many batches to take, by `steps_per_epoch` and \
                 `validation_steps` in `fit`, or take them: dataset.take(steps)"
                    .into(),
            )),
        }
    }

    /// As they are where there is an end of them, else those of so many batches, if that is known.
    pub(super) fn limited(self, batches: Option<usize>) -> Result<Given> {
        match (&self.samples, batches) {
            (Found::Endless(first), Some(batches)) => first(batches),
            _ => Ok(self),
        }
    }

    /// Whether there is no end of them.
    pub(super) fn is_endless(&self) -> bool {
        matches!(self.samples, Found::Endless(_))
    }
}

impl<X: Columns, Y: Columns> Examples<Y> for X {
    fn samples(self, y: Y) -> Result<Given> {
        Ok(Given::all(Samples::new(&self.columns(), &y.columns())?, None))
    }
}

impl Examples<()> for &Dataset<(Tensor, Tensor)> {
    /// All batches of the dataset, one after the other; `fit` shuffles the examples anew in each epoch.
    fn samples(self, _: ()) -> Result<Given> {
        batches_of(self, |(x, y)| [x, y])
    }
}

impl Examples<()> for &Dataset<(Tensor, Tensor, Tensor)> {
    /// As of inputs and labels; the third of each element weighs its examples.
    fn samples(self, _: ()) -> Result<Given> {
        batches_of(self, |(x, y, weight)| [x, y, weight])
    }
}

/// The batches of a dataset, whose elements `columns` takes apart.
fn batches_of<E: Elements, const N: usize>(dataset: &Dataset<E>, columns: fn(E) -> [Tensor; N]) -> Result<Given> {
    if dataset.known_len().is_some() {
        return gathered(dataset.into_iter().map(columns));
    }
    let dataset = dataset.clone();
    Ok(Given::endless(move |count| gathered(dataset.take(count).into_iter().map(columns))))
}

/// The batches of inputs, labels and perhaps weights in one piece each.
fn gathered<const N: usize>(batches: impl Iterator<Item = [Tensor; N]>) -> Result<Given> {
    let mut parts: [Vec<Array>; N] = [const { Vec::new() }; N];
    for batch in batches {
        parts.iter_mut().zip(batch).for_each(|(part, tensor)| part.push(tensor.numpy()));
    }
    let Some(first) = parts[0].first() else {
        return Err(Error::Value("The dataset is empty: there is nothing to learn from.".into()));
    };
    let batch_size = first.shape().first().copied();
    let whole = parts.each_ref().map(|part| Tensor::eager(joined(part)));
    let mut samples = Samples::new(&whole[..1], &whole[1..2])?;
    if let Some(weight) = whole.get(2) {
        samples.weigh(&weight.numpy())?;
    }
    Ok(Given::all(samples, batch_size))
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

/// Inputs as the layers take them, all of the same number of examples.
pub(super) fn inputs(x: &[Tensor]) -> Result<Vec<Array>> {
    let x: Vec<Array> = x.iter().map(input).collect::<Result<_>>()?;
    same_count(&[("x", &x)])?;
    Ok(x)
}

/// # Errors
/// `ValueError` unless all arrays have as many examples.
fn same_count(named: &[(&str, &[Array])]) -> Result<()> {
    let count = |a: &Array| a.shape().first().copied().unwrap_or(1);
    let mut counts = named.iter().flat_map(|(_, arrays)| arrays.iter().map(count));
    let first = counts.next();
    if counts.all(|other| Some(other) == first) {
        return Ok(());
    }
    let line = |(name, arrays): &(&str, &[Array])| {
        let sizes: Vec<String> = arrays.iter().map(|a| count(a).to_string()).collect();
        format!("'{name}' sizes: {}\n", sizes.join(", "))
    };
    let lines: String = named.iter().map(line).collect();
    Err(Error::Value(format!(
        "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples.{lines}"
    )))
}

fn input(x: &Tensor) -> Result<Array> {
    let x = x.numpy();
    if x.ndim() == 0 {
        return Err(Error::Value("Inputs need an axis for the examples, and a scalar has none.".into()));
    }
    Ok(cast_array(&x, DType::Float32))
}

impl Samples {
    fn new(x: &[Tensor], y: &[Tensor]) -> Result<Samples> {
        let label = |y: &Tensor| {
            let y = y.numpy();
            if y.dtype() == DType::Float64 { cast_array(&y, DType::Float32) } else { y }
        };
        let (x, y): (Vec<Array>, Vec<Array>) =
            (x.iter().map(input).collect::<Result<_>>()?, y.iter().map(label).collect());
        same_count(&[("x", &x), ("y", &y)])?;
        if let Some(scalar) = y.iter().position(|y| y.ndim() == 0) {
            return Err(Error::Value(format!("Labels need an axis for the examples, and 'y' {scalar} is a scalar.")));
        }
        if x[0].shape()[0] == 0 {
            return Err(Error::Value("There is no example: 'x' and 'y' have 0 rows.".into()));
        }
        Ok(Samples { x, y, weight: None })
    }

    pub(super) fn len(&self) -> usize {
        self.x[0].shape()[0]
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
        let [y] = &self.y[..] else {
            return Err(Error::Value(
                "`class_weight` is only supported for Models with a single output: weigh the examples with `sample_weight`"
                    .into(),
            ));
        };
        let classes: Vec<i64> = match y.shape() {
            [_, n] if *n > 1 => crate::np::argmax(y).axis(1).to_vec(),
            _ => y.to_vec(),
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
        let each = |arrays: &[Array]| arrays.iter().map(of).collect();
        Samples { x: each(&self.x), y: each(&self.y), weight: self.weight.as_ref().map(of) }
    }

    /// Inputs, labels and weights, in the order a compiled step takes them.
    pub(super) fn columns(&self) -> Vec<&Array> {
        self.x.iter().chain(&self.y).chain(&self.weight).collect()
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
