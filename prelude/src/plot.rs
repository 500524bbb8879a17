//! How arrays and tensors are plotted: each as a series and as a picture for `flowbook_plot`. Drawing is that crate's.

use flowbook_plot::{Image, Images, Pixels, Series, Sizes};

use crate::array::{Array, Data};
use crate::{graph, np, v2};

/// Numbers as they are, truth values as 0 and 1; texts have no number.
fn numbers(array: &Array) -> Vec<f64> {
    match array.data() {
        Data::Float32(v) => v.iter().map(|&x| f64::from(x)).collect(),
        Data::Float64(v) => v.to_vec(),
        Data::Int32(v) => v.iter().map(|&x| f64::from(x)).collect(),
        Data::Int64(v) => v.iter().map(|&x| x as f64).collect(),
        Data::UInt8(v) => v.iter().map(|&x| f64::from(x)).collect(),
        Data::Bool(v) => v.iter().map(|&x| f64::from(u8::from(x))).collect(),
        Data::String(v) => vec![f64::NAN; v.len()],
    }
}

impl Series for Array {
    fn values(&self) -> Vec<f64> {
        numbers(self)
    }

    /// An array of texts is one of categories.
    fn categories(&self) -> Option<Vec<String>> {
        match self.data() {
            Data::String(v) if !v.is_empty() => Some(v.to_vec()),
            _ => None,
        }
    }

    fn shape(&self) -> Vec<usize> {
        Array::shape(self).to_vec()
    }
}

impl Image for Array {
    fn pixels(&self) -> Pixels {
        let integers = !matches!(self.data(), Data::Float32(_) | Data::Float64(_));
        Pixels::new(numbers(self), Array::shape(self), integers)
    }
}

/// Sizes of points, levels of areas: an array by value, too.
impl Sizes for Array {
    fn sizes(&self) -> Vec<f64> {
        numbers(self)
    }
}

impl Images for Array {
    fn images(&self, most: usize) -> Vec<Pixels> {
        let integers = !matches!(self.data(), Data::Float32(_) | Data::Float64(_));
        flowbook_plot::stack(numbers(self).into_iter(), Array::shape(self), integers, most)
    }
}

/// Plots a tensor by its value. A tensor of TensorFlow 1 is evaluated in the default session, a panic with
/// TensorFlow's text when there is none.
macro_rules! by_value {
    ($([$($k:tt)*] $t:ty: |$x:ident| $value:expr;)*) => { $(
        impl<$($k)*> Series for $t {
            #[track_caller]
            fn values(&self) -> Vec<f64> {
                let $x = self;
                numbers(&$value)
            }
            #[track_caller]
            fn categories(&self) -> Option<Vec<String>> {
                let $x = self;
                $value.categories()
            }
            #[track_caller]
            fn shape(&self) -> Vec<usize> {
                let $x = self;
                $value.shape().to_vec()
            }
        }

        impl<$($k)*> Image for $t {
            #[track_caller]
            fn pixels(&self) -> Pixels {
                let $x = self;
                $value.pixels()
            }
        }

        impl<$($k)*> Sizes for $t {
            fn sizes(&self) -> Vec<f64> {
                let $x = self;
                numbers(&$value)
            }
        }

        impl<$($k)*> Images for $t {
            fn images(&self, most: usize) -> Vec<Pixels> {
                let $x = self;
                $value.images(most)
            }
        }
    )* };
}

by_value! {
    [] np::Reduced: |x| (**x).clone();
    [] np::Along: |x| (**x).clone();
    [] np::Diagonal: |x| (**x).clone();
    [C: np::Compute] np::Computed<C>: |x| (**x).clone();
    [] v2::Tensor: |x| x.numpy();
    [] v2::Variable: |x| x.numpy();
    [K] v2::Built<K>: |x| x.numpy();
    [] graph::Tensor: |x| evaluated(*x);
    [] graph::Variable: |x| evaluated(x.value());
    [K] graph::Built<K>: |x| evaluated(**x);
}

#[track_caller]
fn evaluated(tensor: graph::Tensor) -> Array {
    tensor.eval().unwrap_or_else(|error| error.raise())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_series_and_pictures() {
        let a = Array::new(vec![1u8, 2, 3, 4, 5, 6], &[2, 3]);
        assert_eq!(a.values(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let pixels = a.pixels();
        assert_eq!((pixels.height, pixels.width, pixels.channels, pixels.integers), (2, 3, 1, true));
        assert_eq!(Array::new(vec!["a".to_owned()], &[1]).categories(), Some(vec!["a".to_owned()]));
    }

    #[test]
    fn tensors_of_both_generations_are_plotted_by_their_value() {
        let eager = v2::constant([[1, 2], [3, 4]]);
        assert_eq!(Series::values(&eager), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(Series::shape(&eager.tensor()), [2, 2]);
        assert_eq!(v2::Variable::new([0.5, 1.5]).values(), [0.5, 1.5]);
        assert_eq!(eager.pixels().height, 2);
        let symbolic = crate::v1::constant([1, 2]) * 3;
        let value = crate::v1::Session::new().as_default(|| symbolic.values());
        assert_eq!(value, [3.0, 6.0]);
    }
}
