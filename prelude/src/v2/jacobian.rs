//! Derivatives of tensors by tensors: `tape.jacobian` and `tape.batch_jacobian`, one gradient for each element of the target.

use super::operand::IntoTensor;
use super::tape::Gradient;
use super::tape::{Source, Sources};
use super::{GradientTape, Tensor, reshape, stack};
use crate::Array;
use crate::error::{Error, Result};
use crate::ops::cast_array;

/// Sizes as the shape that a tensor takes.
fn shaped(tensor: Tensor, sizes: &[usize]) -> Tensor {
    let sizes: Vec<i32> = sizes.iter().map(|n| *n as i32).collect();
    reshape(tensor, Array::new(sizes.clone(), &[sizes.len()]))
}

fn sizes_of(tensor: &Tensor) -> Result<Vec<usize>> {
    tensor.shape().sizes().ok_or_else(|| Error::Unimplemented("a jacobian needs known sizes".into()))
}

/// Zeros with ones in these places, of the type of the target.
fn ones_at(sizes: &[usize], target: &Tensor, places: impl Iterator<Item = usize>) -> Tensor {
    let mut ones = vec![0.0f32; sizes.iter().product()];
    places.for_each(|i| ones[i] = 1.0);
    Tensor::eager(cast_array(&Array::new(ones, sizes), target.dtype()))
}

/// The gradients by one source, or zeros where there is none, along a new axis; nothing where there is none at all.
fn side_by_side(rows: Vec<Gradient>, axis: i32) -> Option<Tensor> {
    let rows: Vec<Tensor> = rows.into_iter().filter_map(|row| row.0).collect();
    (!rows.is_empty()).then(|| stack(&rows).axis(axis).into())
}

impl GradientTape {
    /// The derivative of each element of `target` by each element of each of `sources`: `tape.jacobian(y, x)`. Its shape is
    /// that of the target, then that of the source.
    ///
    /// ```
    /// use flowbook::v2 as tf;
    /// let x = tf::Variable::new([1.0, 2.0]);
    /// let tape = tf::GradientTape::new();
    /// let y = &x * &x;
    /// let slopes = tape.jacobian(&y, &x); // 2x on the diagonal
    /// assert_eq!(slopes.numpy().to_string(), "[[2. 0.]\n [0. 4.]]");
    /// ```
    ///
    /// # Panics
    /// As [`gradient`](Self::gradient).
    #[track_caller]
    pub fn jacobian<S: Sources>(&self, target: impl IntoTensor, sources: S) -> S::Gradients {
        self.derive(target.into_operand().tensor(), sources, |target, list| {
            let sizes = sizes_of(target)?;
            let count: usize = sizes.iter().product();
            let each = |i: usize| self.differentiate(target, list, Some(&ones_at(&sizes, target, [i].into_iter())));
            let rows = (0..count).map(each).collect::<Result<Vec<_>>>()?;
            gathered(
                rows,
                list,
                |whole, source| {
                    let of_source = &sizes_of(source)?;
                    Ok(shaped(whole, &[&sizes[..], of_source].concat()))
                },
                0,
            )
        })
    }

    /// As [`jacobian`](Self::jacobian) where the first axis counts examples that do not depend on each other:
    /// `tape.batch_jacobian(y, x)`. Its shape is that of the target, then that of an example of the source.
    ///
    /// # Panics
    /// As [`gradient`](Self::gradient), and `ValueError` when there are no examples to count.
    #[track_caller]
    pub fn batch_jacobian(&self, target: impl IntoTensor, source: impl Sources<Gradients = Gradient>) -> Gradient {
        self.derive(target.into_operand().tensor(), source, |target, list| {
            let sizes = sizes_of(target)?;
            let Some((batch, rest)) = sizes.split_first() else {
                return Err(Error::Value(
                    "Need first dimension of target shape (()) and source shape to match.".into(),
                ));
            };
            let width: usize = rest.iter().product();
            let each = |i: usize| {
                let places = (0..*batch).map(|row| row * width + i);
                self.differentiate(target, list, Some(&ones_at(&sizes, target, places)))
            };
            let rows = (0..width).map(each).collect::<Result<Vec<_>>>()?;
            gathered(
                rows,
                list,
                |whole, source| {
                    let of_source = &sizes_of(source)?;
                    Ok(shaped(whole, &[&sizes[..], of_source.get(1..).unwrap_or(&[])].concat()))
                },
                1,
            )
        })
    }
}

/// For each source what the rows have for it.
fn gathered(
    rows: Vec<Vec<Gradient>>,
    list: &[Source],
    shape: impl Fn(Tensor, &Tensor) -> Result<Tensor>,
    axis: i32,
) -> Result<Vec<Gradient>> {
    let of = |(k, source): (usize, &Source)| {
        let found = side_by_side(rows.iter().map(|row| row[k].clone()).collect(), axis);
        let source = match source {
            Source::Tensor(tensor) => tensor.clone(),
            Source::Variable(variable) => Tensor::eager(variable.numpy()),
        };
        Ok(Gradient(found.map(|whole| shape(whole, &source)).transpose()?))
    };
    list.iter().enumerate().map(of).collect()
}
