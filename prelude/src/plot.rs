//! How arrays are plotted: `Array` as a series and as a picture for `flowbook_plot`. Drawing is that crate's.

use flowbook_plot::{Image, Images, Pixels, Series, Sizes};

use crate::array::{Array, Data};

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
}
